"""What was made, in the terminal: what must be checked first, then every guess with its number."""

from __future__ import annotations

from collections.abc import Iterator

from walesi_research.errands.init import Made
from walesi_research.errands.init.draft import Draft
from walesi_research.errands.init.toml import Mark
from walesi_research.language import say
from walesi_research.study.report import CheckReport

__all__ = ["told"]

MOST = 14
"""Places that one line names."""

DIFFERING = {
    "init.by_name": "named",
    "init.by_words": "named",
    "init.values_guessed": "named",
    "init.role_words": "role",
    "init.role_code": "role",
    "init.together_group": "group",
    "init.together_order": "n",
    "init.reverse_clear": "items",
}
"""Reasons that differ only in what they name; said once, the names with their places."""


def told(made: Made, folder: str, checked: CheckReport, language: str) -> str:
    """Return what was written, its guesses, and how the study stands."""
    return "\n".join(_lines(made, folder, checked, language))


def _lines(made: Made, folder: str, checked: CheckReport, language: str) -> Iterator[str]:
    draft = made.draft
    tables = ", ".join(
        say(language, "init.told_table", table=name, rows=len(table.current))
        for name, table in draft.tables.items()
    )
    files = ", ".join(dict.fromkeys(sheet.source.path.name for sheet in made.sheets))
    yield say(language, "init.told", files=files, folder=folder, tables=tables)
    if draft.groups:
        items = sum(len(group.items) for group in draft.groups)
        yield say(language, "init.told_constructs", constructs=len(draft.groups), items=items)
    for sheet in made.sheets:
        yield from (f"{sheet.source.name}: {note.in_(language)}" for note in sheet.source.notes)
    for kind in ("check", "guess"):
        marks = [mark for mark in made.marks if mark.kind == kind]
        if marks:
            yield ""
            yield say(
                language, f"init.told_{kind}es" if kind == "guess" else "init.told_checks", n=len(marks)
            )
            yield from _together(marks, language)
    if personal := _still_personal(draft):
        yield ""
        yield say(language, "init.told_personal", files=", ".join(personal), folder=folder)
    yield ""
    if checked.ok:
        yield say(language, "init.told_sound")
    else:
        yield say(language, "init.told_unsound", n=len(checked.errors))
    yield say(language, "init.told_next", folder=folder)


def _still_personal(draft: Draft) -> list[str]:
    """Return the files that serve as they are and hold columns of persons or free words."""
    tables = draft.tables.values()
    personal = {t.source.path for t in tables if {"personal", "free"} & set(t.left_out)}
    as_they_are = dict.fromkeys(t.source.path for t in tables if not t.anew)
    return [path.name for path in as_they_are if path in personal]


def _together(marks: list[Mark], language: str) -> Iterator[str]:
    """Yield marks, those with one reason on one line: the number, the place, why."""
    alike: dict[str, list[Mark]] = {}
    for mark in marks:
        alike.setdefault(_reason(mark, language), []).append(mark)
    for why, same in alike.items():
        file, _, _ = same[0].place.partition(" ")
        places = [_what(mark) for mark in same]
        shown = ", ".join(places[:MOST]) + (f", … ({len(places)})" if len(places) > MOST else "")
        yield f"{_spans([mark.number for mark in same]):>4}  {file} {shown}: {why}"


def _reason(mark: Mark, language: str) -> str:
    """Return why; what differs from place to place is told with the place."""
    return say(language, f"{mark.why.key}_all") if mark.why.key in DIFFERING else mark.why.in_(language)


def _what(mark: Mark) -> str:
    place = mark.place.partition(" ")[2].removeprefix("constructs.").removeprefix("columns.")
    differing = DIFFERING.get(mark.why.key)
    return f"{place} = {mark.why.values[differing]}" if differing else place


def _spans(numbers: list[int]) -> str:
    """Return numbers as spans: ``5–7, 9``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in spans)
