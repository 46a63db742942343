"""Records, one list of texts a row, become a sheet."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from walesi_research.study.header import DEPTH, find_header
from walesi_research.study.sheets import Sheet, Unreadable
from walesi_research.study.texts import categorical

__all__ = ["padded", "sheet_of_records", "squared"]

Square = Callable[[list[str], int], list[str] | None]


def squared(record: list[str], width: int) -> list[str] | None:
    """Return a record with the header's width where only empty cells are too many; None for a broken one."""
    if len(record) > width and not any(map(str.strip, record[width:])):
        return record[:width]
    return None if any(map(str.strip, record)) else [""] * width


def padded(record: list[str], width: int) -> list[str]:
    """Return a row of a workbook, which ends where its last cell is, with the header's width."""
    return (record + [""] * width)[:width]


def sheet_of_records(
    name: str, records: Iterator[list[str]], wanted: frozenset[str], square: Square = squared
) -> Sheet:
    """Find the header, keep the wanted columns and number the rows; rows without any value are left out.

    Of the export of a form, rows without any value that is wanted are left out too: who did not consent
    was asked nothing.
    """
    top = list(itertools.islice(records, DEPTH))
    header = find_header(top, wanted)
    if header is None:
        return Sheet(name, (), pd.DataFrame())
    keep = [i for i, column in enumerate(header.names) if column.casefold() in wanted]
    width, of_form, ragged = len(header.names), header.of_form, []
    rows, numbers = [], []
    body = itertools.chain(top[header.row + 1 :], records)
    for number, record in enumerate(body, start=header.row + 2):
        if len(record) != width:
            record = square(record, width)
            if record is None:
                ragged.append(number)
                continue
        kept = [record[i] for i in keep]
        if any(map(str.strip, kept if of_form else record)):
            rows.append(kept)
            numbers.append(number)
    faults = [*header.faults, *_doubles(header.names, header.row + 1, wanted)]
    faults += [Unreadable("check.row_width", {"width": width}, row=n, allowed=str(width)) for n in ragged]
    frame = _frame(
        [header.names[i] for i in keep], zip(*rows, strict=True) if rows else [()] * len(keep), numbers
    )
    return Sheet(name, tuple(n for n in header.names if n), frame, header.row + 1, tuple(faults))


def _doubles(names: Sequence[str], row: int, wanted: frozenset[str]) -> Iterator[Unreadable]:
    for name in sorted(n for n, times in Counter(names).items() if times > 1 and n.casefold() in wanted):
        yield Unreadable("check.column_twice", row=row, column=name)


def _frame(names: Sequence[str], columns: Iterable[Sequence[str]], numbers: Sequence[int]) -> pd.DataFrame:
    index = pd.Index(numbers, dtype="int64", name="row")
    texts = {}
    for name, column in zip(names, columns, strict=True):
        codes, distinct = pd.factorize(np.array(column, dtype=object))
        texts.setdefault(name, categorical(codes, [str(x) for x in distinct]))
    return pd.DataFrame(texts, index=index)
