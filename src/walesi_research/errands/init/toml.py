"""``study.toml`` as text, every guess marked and numbered where it stands."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from walesi_research.errands.init.constructs import Group
from walesi_research.errands.init.draft import Draft, Note, TableDraft
from walesi_research.language import Message, say

__all__ = ["Mark", "Page", "quoted", "quoted_list", "short", "study_text", "worded"]

WIDTH = 110


@dataclass(frozen=True)
class Mark:
    """A guess, or something to check by hand: its number, the file and key it stands at, and why."""

    number: int
    kind: str
    place: str
    why: Message
    others: tuple[str, ...] = ()


@dataclass
class Page:
    """Lines of one file, and the marks of all."""

    file: str
    language: str
    marks: list[Mark]
    lines: list[str] = field(default_factory=list)

    def blank(self) -> None:
        """Leave a line free."""
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def section(self, name: str) -> None:
        """Begin a table of the file."""
        self.blank()
        self.lines.append(f"[{name}]")

    def comment(self, text: str) -> None:
        """Write words."""
        self.lines += [f"# {line}" for line in textwrap.wrap(text, WIDTH - 2, break_long_words=False)]

    def notes(self, place: str, notes: Iterable[Note]) -> None:
        """Write why something is as it is; what is no fact gets a number."""
        for note in notes:
            text = note.why.in_(self.language)
            if note.others:
                text += " " + say(self.language, "init.or_else", others=", ".join(map(short, note.others)))
            if note.kind != "fact":
                mark = Mark(len(self.marks) + 1, note.kind, f"{self.file} {place}", note.why, note.others)
                self.marks.append(mark)
                text = f"{say(self.language, f'init.mark_{note.kind}')} {mark.number}: {text}"
            self.comment(text)

    def key(self, name: str, value: str, place: str = "", notes: Iterable[Note] = ()) -> None:
        """Write a key below its notes."""
        self.notes(place or name, notes)
        self.lines.append(f"{_key(name)} = {value}")

    def text(self) -> str:
        """Return the file."""
        return "\n".join(self.lines).strip() + "\n"


def short(text: str) -> str:
    """Return a text short enough for a comment."""
    return text if len(text) <= 60 else text[:59] + "…"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)


def quoted(text: str) -> str:
    """Return a text as TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def quoted_list(texts: Iterable[str]) -> str:
    """Return texts as an array of TOML."""
    return f"[{', '.join(map(quoted, texts))}]"


def worded(both: tuple[str, str]) -> str:
    """Return words in both languages as TOML."""
    return f"{{ id = {quoted(both[0])}, en = {quoted(both[1])} }}"


def study_text(draft: Draft, files: Sequence[str], marks: list[Mark]) -> str:
    """Return ``study.toml``; its marks are added to `marks`."""
    page = Page("study.toml", draft.language, marks)
    page.comment(say(draft.language, "init.head_study", files=", ".join(files)))
    page.comment(say(draft.language, "init.head_marks"))
    _study(page, draft)
    page.section("tables")
    page.notes("[tables]", draft.notes.get("tables", ()))
    for name, table in draft.tables.items():
        page.key(name, quoted(draft.files[name]), f"tables.{name}", table.notes.get("", ()))
        _left_out(page, table)
    for table in draft.tables.values():
        _columns(page, draft, table)
    for table in draft.tables.values():
        _values(page, draft, table)
    page.section("privacy")
    page.key("minimum_cell", "5")
    page.key("round_counts", "5")
    return page.text()


def _study(page: Page, draft: Draft) -> None:
    title = draft.id.replace("-", " ").capitalize()
    page.section("study")
    page.key("id", quoted(draft.id))
    page.key("title", worded((title, title)), "title", [Note("check", Message.of("init.title_of_folder"))])
    page.key("language", quoted(draft.language))
    page.key("seed", str(draft.seed))
    page.key("period", quoted(draft.period), "period", draft.notes.get("period", ()))
    page.key("synthetic", "false")
    if draft.survey_date is not None:
        page.key("survey_date", draft.survey_date.isoformat(), "survey_date", draft.notes["survey_date"])
    elif "survey_date" in draft.notes:
        page.notes("survey_date", draft.notes["survey_date"])
        page.lines.append("# survey_date = 2024-11-15")


def _left_out(page: Page, table: TableDraft) -> None:
    for why, names in table.left_out.items():
        listed = ", ".join(quoted(short(name)) for name in names[:12]) + (", …" if len(names) > 12 else "")
        note = Note(
            "check" if why == "unknown" else "guess",
            Message.of(f"init.left_{why}", n=len(names), names=listed),
        )
        page.notes(f"tables.{table.name}", [note])


def _columns(page: Page, draft: Draft, table: TableDraft) -> None:
    """Write which column is which; one whose name in the file is the canonical one needs no line."""
    lost = [name for name in table.notes if name and name not in table.columns]
    items = [item for group in draft.groups for item in group.items] if table.name == "survey" else []
    renamed = [item for item in items if item.name != item.column]
    named = {
        c: n for c, n in table.columns.items() if n.casefold() != c or not _is_plain(table.notes.get(c, ()))
    }
    if not (named or lost or renamed):
        return
    page.section(f"columns.{table.name}")
    for canonical, name in named.items():
        page.key(canonical, quoted(name), f"columns.{table.name}.{canonical}", table.notes.get(canonical, ()))
    for canonical in lost:
        page.notes(f"columns.{table.name}.{canonical}", table.notes[canonical])
        page.lines.append(f'# {canonical} = "…"')
    if renamed:
        page.comment(say(draft.language, "init.items_named"))
    for item in renamed:
        page.key(item.name, quoted(item.column))


def _is_plain(notes: Sequence[Note]) -> bool:
    """Tell whether a column needs no word: it has its canonical name, and nothing was done to it."""
    return not notes or (len(notes) == 1 and notes[0].why.key == "init.by_name")


def _values(page: Page, draft: Draft, table: TableDraft) -> None:
    for canonical, found in table.values.items():
        page.section(f"values.{table.name}.{canonical}")
        note = Note("guess", Message.of("init.values_guessed", named=table.columns[canonical]))
        page.notes(f"values.{table.name}.{canonical}", [note])
        meanings = {name: list(texts) for name, texts in found.meanings.items()}
        if found.unknown:
            meanings["missing"] = [*meanings.get("missing", ()), *found.unknown]
        for value, texts in meanings.items():
            page.key(value, quoted_list(texts))
    if table.name == "survey" and draft.groups:
        _answers(page, draft)


def _answers(page: Page, draft: Draft) -> None:
    """Write which answer is which point: once where all items agree, else item by item."""
    maps = {item.name: _meanings(group, item) for group in draft.groups for item in group.items}
    if not any(maps.values()):
        return
    note = Note("guess", Message.of("init.answers_numbered"))
    shared = _shared(maps) if len({group.scaled.scale for group in draft.groups}) == 1 else None
    if shared is not None:
        page.section("values.survey.items")
        page.notes("values.survey.items", [note])
        for point, texts in shared.items():
            page.key(point, quoted_list(texts))
        return
    page.section("values.survey")
    page.notes("values.survey", [note])
    for name, meanings in maps.items():
        if meanings:
            inner = ", ".join(f"{_key(point)} = {quoted_list(texts)}" for point, texts in meanings.items())
            page.key(name, f"{{ {inner} }}")


def _meanings(group: Group, item: object) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    points = group.scaled.maps.get(item.column, {})
    for text, point in sorted(points.items(), key=lambda pair: (pair[1], pair[0])):
        found.setdefault(str(point), []).append(text)
    if item.answers.missing:
        found["missing"] = list(item.answers.missing)
    return found


def _shared(maps: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, list[str]] | None:
    """Return the one map of all items, or None where an answer means two things."""
    points: dict[str, str] = {}
    spelled: dict[str, set[str]] = {}
    for meanings in maps.values():
        for point, texts in meanings.items():
            for text in texts:
                if points.setdefault(text.casefold(), point) != point:
                    return None
                spelled.setdefault(point, set()).add(text)
    order = sorted(
        spelled, key=lambda point: (point == "missing", int(point) if point.lstrip("-").isdigit() else 0)
    )
    return {point: _one_spelling_each(spelled[point]) for point in order}


def _one_spelling_each(texts: Iterable[str]) -> list[str]:
    """Leave out spellings that differ only in letter case: the reader does not mind it."""
    return list({text.casefold(): text for text in sorted(texts, reverse=True)}.values())[::-1]
