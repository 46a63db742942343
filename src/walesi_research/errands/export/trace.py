"""Which cells of a table are findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from walesi_research.errands.export.values import Range, Value, range_of, value_of
from walesi_research.exhibits import Cell, Gap, Group, Table
from walesi_research.findings import Finding

__all__ = ["Place", "findings_in", "listed"]

Place = tuple[int, int]
"""Row and column of a cell, from 0."""


def findings_in(table: Table, findings: Iterable[Finding]) -> dict[Place, str]:
    """Return the ids of the findings that stand in a table, by the cell they stand in.

    A cell is a finding's when estimate and interval are written in it, in no other cell, and no other finding
    is written so: what could be either is left open rather than guessed.
    """
    known = [f for f in findings if f.status == "estimated" and f.low is not None and f.low < f.high]
    pairs = [(place, f.id) for place, *written in _written(table) for f in known if _is(f, *written)]
    cells, ids = Counter(place for place, _ in pairs), Counter(id for _, id in pairs)
    return {place: id for place, id in pairs if cells[place] == ids[id] == 1}


def _written(table: Table) -> Iterator[tuple[Place, Value, Range]]:
    """Yield the cells that hold a number and its interval."""
    for i, row in enumerate(table.rows):
        for j, cell in enumerate(() if isinstance(row, Gap | Group) else row):
            if not isinstance(cell, Cell):
                continue
            value, ends = value_of(cell.text, table.language), range_of(cell.small, table.language)
            if value and ends:
                yield (i, j), value, ends


def _is(finding: Finding, value: Value, ends: Range) -> bool:
    written = ((finding.estimate, value), (finding.low, ends.low), (finding.high, ends.high))
    return all(v.may_be(x) for x, v in written)


def listed(ids: Iterable[str]) -> str:
    """Return ids in few words: those that differ in the middle alone as one, ``measurement.*.alpha``."""
    groups: Mapping[tuple[str, str], list[str]] = {}
    for id in dict.fromkeys(ids):
        first, *middle, last = id.split(".")
        groups.setdefault((first, last if middle else id), []).append(id)
    return ", ".join(f"{a}.*.{b}" if len(g) > 1 else g[0] for (a, b), g in groups.items())
