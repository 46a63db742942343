"""Which table a sheet is, and which columns are answers, the program's own, personal, or free words."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from walesi_research.errands.init.aliases import FREE, IDENTIFYING
from walesi_research.errands.init.items import Answers, answers_of
from walesi_research.errands.init.match import Match, match_table
from walesi_research.errands.init.names import TIMES, Heading, is_technical, layout_of, plain, read_heading
from walesi_research.errands.init.source import Source

__all__ = ["Sorted", "sort_sheet"]

FEWEST_ITEMS = 3
LONG_WORDS = 8
"""Different words per hundred rows, and words in an answer, from which answers are free text."""


@dataclass(frozen=True)
class Sorted:
    """A sheet whose columns were sorted.

    Parameters
    ----------
    source : Source
        The sheet.
    layout : str
        The program that wrote it.
    table : str
        The contract's table that it is; empty where it is none.
    headings : mapping of str to Heading
        Headings taken apart, by column.
    answers : tuple of Answers
        Columns with answers on a rating scale.
    choices : mapping of str to list of str
        Columns of questions with several answers, by the question.
    technical : tuple of str
        The program's own columns.
    """

    source: Source
    layout: str
    table: str
    headings: Mapping[str, Heading]
    answers: tuple[Answers, ...]
    choices: Mapping[str, list[str]]
    technical: tuple[str, ...]

    @property
    def taken(self) -> frozenset[str]:
        """Columns that are no canonical ones."""
        several = [name for names in self.choices.values() for name in names]
        own = [name for name in self.technical if plain(name).replace(" ", "") not in TIMES]
        return frozenset([*(a.heading.name for a in self.answers), *several, *own])

    def match(self, table: str) -> dict[str, Match]:
        """Return the columns of the sheet that are a table's."""
        return match_table(self.source, table, self.taken)

    @property
    def is_repeat(self) -> bool:
        """Whether the sheet holds the repeated groups of another one."""
        return any(c.casefold() in ("_parent_index", "parent_key") for c in self.source.frame)


def sort_sheet(source: Source, table: str | None = None) -> Sorted:
    """Sort the columns of a sheet and tell which table it is.

    Parameters
    ----------
    source : Source
        The sheet.
    table : str, optional
        The table that the user says it is.
    """
    names = list(source.frame)
    layout = layout_of(names)
    headings = {name: read_heading(name, layout, source.questions.get(name, "")) for name in names}
    technical = tuple(name for name in names if is_technical(name, layout))
    choices = _several_answers(source, layout, headings)
    several = {name for columns in choices.values() for name in columns}
    free = [name for name in names if name not in technical and name not in several]
    table = table or _other_table(source, technical)
    answers = _answers(source, headings, free) if table in (None, "survey") else ()
    table = table or ("survey" if len(answers) >= FEWEST_ITEMS else _people(source, technical))
    return Sorted(source, layout, table, headings, answers if table == "survey" else (), choices, technical)


def _several_answers(source: Source, layout: str, headings: Mapping[str, Heading]) -> dict[str, list[str]]:
    """Return columns of questions with several answers: ``q/choice``, ``q[SQ1]`` with yes or no."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, heading in headings.items():
        texts = {str(t).casefold() for t in source.frame[name].cat.categories}
        marks = texts and texts <= {
            "0",
            "1",
            "0.0",
            "1.0",
            "true",
            "false",
            "y",
            "n",
            "yes",
            "no",
            "ya",
            "tidak",
        }
        path = name.rpartition("/")[0] if layout == "kobo" else heading.group
        if path and (marks or (not texts and path in headings)):
            groups[path].append(name)
    return {
        path: names + ([path] if path in headings else [])
        for path, names in groups.items()
        if len(names) >= 2
    }


def _answers(source: Source, headings: Mapping[str, Heading], names: list[str]) -> tuple[Answers, ...]:
    """Return the columns with answers on a rating scale; numbers count only in company."""
    known = {
        m.name for table in ("employees", "survey") for m in match_table(source, table).values() if m.surely
    }
    found = [
        a
        for name in names
        if not (name in known and not _in_series(headings[name], headings))
        and (a := answers_of(headings[name], source.frame[name], source.labels.get(name, {}))) is not None
    ]
    company = Counter(a.heading.group for a in found)
    worded = {a.heading.name for a in found if a.kind in ("words", "numbered", "codes")}
    numbers = [a for a in found if a.kind == "numbers"]
    spoken = [a for a in numbers if len(a.heading.words.split()) >= 4]
    kept = worded | {a.heading.name for a in numbers if a.heading.group and company[a.heading.group] >= 2}
    kept |= {a.heading.name for a in spoken} if len(spoken) >= FEWEST_ITEMS else set()
    return tuple(a for a in found if a.heading.name in kept)


def _in_series(heading: Heading, headings: Mapping[str, Heading]) -> bool:
    return bool(heading.group) and sum(h.group == heading.group for h in headings.values()) >= FEWEST_ITEMS


def _other_table(source: Source, technical: tuple[str, ...]) -> str | None:
    """Return the table of records that a sheet is; None where it may be a survey or a list of people."""
    taken = frozenset(technical)
    service = match_table(source, "service", taken)
    if (
        sum(column.startswith("u") and column[1:].isdigit() and m.surely for column, m in service.items())
        >= 5
    ):
        return "service"
    appraisals = match_table(source, "appraisals", taken)
    results = {"score", "work_result", "behaviour", "predicate", "achievement"} & set(appraisals)
    if "employee_id" in appraisals and (
        ("rater_id" in appraisals and results) or ("period" in appraisals and len(results) >= 2)
    ):
        return "appraisals"
    training = match_table(source, "training", taken)
    if {"employee_id", "hours"} <= set(training) and {"programme", "completed_on"} & set(training):
        return "training"
    return _events(source, taken)


def _events(source: Source, taken: frozenset[str]) -> str | None:
    events = match_table(source, "events", taken)
    if not {"kind", "date"} <= set(events) or not {"employee_id", "unit"} & set(events):
        return None
    texts = [plain(str(t)) for t in source.frame[events["kind"].name].cat.categories]
    telling = [
        t
        for t in texts
        if re.search(r"award|penghargaan|outbound|team ?building|satya ?lancana|kebersamaan", t)
    ]
    return "events" if 2 * len(telling) >= len(texts) else None


def _people(source: Source, technical: tuple[str, ...]) -> str:
    found = match_table(source, "employees", frozenset(technical))
    return "employees" if "employee_id" in found and len(found) >= 2 else ""


def left_out(sheet: Sorted, used: frozenset[str]) -> dict[str, list[str]]:
    """Return the columns that are not read, by the reason."""
    several = {name for names in sheet.choices.values() for name in names}
    found: dict[str, list[str]] = defaultdict(list)
    for name in sheet.source.frame:
        if name in used:
            continue
        words = plain(f"{name} {sheet.source.questions.get(name, '')}")
        if name in sheet.technical or _numbers_rows(sheet.source, name):
            found["technical"].append(name)
        elif name in several:
            found["several"].append(name)
        elif re.search(IDENTIFYING, words):
            found["personal"].append(name)
        elif re.search(FREE, words) or _is_prose(sheet.source, name):
            found["free"].append(name)
        else:
            found["unknown"].append(name)
    return dict(found)


def _numbers_rows(source: Source, name: str) -> bool:
    """Tell whether a column only numbers the rows."""
    texts = list(source.frame[name].astype("object").astype("str"))
    return (
        plain(name) in ("no", "nomor", "number", "id", "index", "row") and len(set(texts)) == len(texts) > 1
    )


def _is_prose(source: Source, name: str) -> bool:
    texts = [str(text) for text in source.frame[name].cat.categories]
    return bool(texts) and sum(len(text.split()) for text in texts) / len(texts) >= LONG_WORDS
