"""Which column of a sheet is which column of a table, and how surely."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from walesi_research.errands.init.aliases import NAMES, PATTERNS
from walesi_research.errands.init.dates import day_of, month_of, span_of
from walesi_research.errands.init.names import plain
from walesi_research.errands.init.source import Source
from walesi_research.study.columns import TABLES, Column

__all__ = ["Match", "match_table"]

EXACT, WITHIN = 2.0, 1.0
SAMPLE = 60
"""Values of a column that are looked at."""


@dataclass(frozen=True)
class Match:
    """The column of a file taken for a canonical one, and others that might be it."""

    column: str
    name: str
    surely: bool
    others: tuple[str, ...] = ()


def match_table(source: Source, table: str, taken: frozenset[str] = frozenset()) -> dict[str, Match]:
    """Return, by canonical column, the column of a sheet that is taken for it.

    Parameters
    ----------
    source : Source
        The sheet.
    table : str
        The contract's table.
    taken : frozenset of str
        Columns that are something else.
    """
    scores: dict[str, dict[str, float]] = {}
    for column in TABLES[table].columns.values():
        rated = {name: _rating(source, table, column, name) for name in source.frame if name not in taken}
        scores[column.name] = {name: score for name, score in rated.items() if score > 0}
    return _assigned(scores)


def _assigned(scores: Mapping[str, Mapping[str, float]]) -> dict[str, Match]:
    """Give each column of the file to the canonical column that it fits best."""
    pairs = sorted(
        ((score, column, name) for column, rated in scores.items() for name, score in rated.items()),
        key=lambda pair: -pair[0],
    )
    found: dict[str, Match] = {}
    used: set[str] = set()
    for score, column, name in pairs:
        if column in found or name in used:
            continue
        used.add(name)
        others = tuple(other for other in scores[column] if other != name)
        found[column] = Match(column, name, score >= EXACT, others)
    return found


def _rating(source: Source, table: str, column: Column, name: str) -> float:
    """Return how well a column's name, question and values fit; 0 where they do not."""
    spoken = [name, name.rpartition("/")[2], source.questions.get(name, "")]
    score = max(_by_words(table, column, plain(words)) for words in spoken if words)
    return score + 0.5 * _share(source.frame[name], column) if score and _fits(source, column, name) else 0.0


def _by_words(table: str, column: Column, words: str) -> float:
    names = NAMES[table].get(column.name, "") or NAMES["employees"].get(column.name, "")
    if column.name in ("employee_id", "unit"):
        names += " " + NAMES["employees"][column.name]
    if words.replace(" ", "") in (*names.split(), plain(column.name).replace(" ", "")):
        return EXACT
    pattern = PATTERNS[table].get(column.name) or ""
    if column.name in ("employee_id", "unit"):
        pattern = "|".join(filter(None, (pattern, PATTERNS["employees"][column.name])))
    return WITHIN if pattern and re.search(pattern, words) else 0.0


def _fits(source: Source, column: Column, name: str) -> bool:
    """Tell whether a column's values can be of a kind; one without any cannot."""
    if not source.frame[name].notna().any():
        return False
    floor = {"number": 0.5, "date": 0.5, "period": 0.5}.get(column.kind, 0.0)
    if column.kind == "integer" and column.name not in ("work_result", "behaviour"):
        floor = 0.5
    return _share(source.frame[name], column) >= floor


def _share(values: pd.Series, column: Column) -> float:
    """Return the share of a column's different values that are of a kind."""
    texts = [str(text) for text in values.cat.categories[:SAMPLE]]
    good = [text for text in texts if _is(text, column)]
    return len(good) / len(texts) if texts else 0.0


def _is(text: str, column: Column) -> bool:
    match column.kind:
        case "date":
            return day_of(text) is not None
        case "period":
            return span_of(text) is not None or month_of(text) is not None or day_of(text) is not None
        case "number":
            return re.fullmatch(r"-?\d+(?:[.,]\d+)?\s*(%|jp|jam|hours?)?", text.casefold()) is not None
        case "integer":
            day = day_of(text) if column.name in ("start_year", "birth_year") else None
            return day is not None or _within(text, column)
        case "id":
            return re.search(r"\d", text) is not None and len(text) < 40
        case _:
            return True


def _within(text: str, column: Column) -> bool:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return False
    return number.is_integer() and (column.low or 0) <= number <= (column.high or float("inf"))
