"""Parquet, SPSS and Stata: columns that know their types."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from walesi_research.study.sheets import Sheet, Unreadable
from walesi_research.study.texts import as_text, categorical, texts_of

__all__ = ["read_dta", "read_parquet", "read_sav"]


def read_parquet(content: bytes, path: Path, wanted: frozenset[str]) -> list[Sheet]:
    """Read a Parquet file. Parameters and errors are those of `text_files.read_text`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(content))
        names = [n for n in file.schema_arrow.names if not re.fullmatch(r"__index_level_\d+__", n)]
        if doubles := {n for n in names if names.count(n) > 1 and n.strip().casefold() in wanted}:
            raise Unreadable("check.column_twice", column=min(doubles))
        table = file.read(columns=[n for n in names if n.strip().casefold() in wanted])
    except (pa.ArrowException, OSError) as error:
        raise Unreadable("check.file_broken", {"ending": ".parquet"}) from error
    columns = {name: _from_arrow(table.column(name)) for name in table.column_names}
    return [_typed_sheet(names, columns, table.num_rows)]


def _from_arrow(column: Any) -> pd.Categorical | pd.Series:
    import pyarrow as pa

    if pa.types.is_float64(column.type):
        return column.to_pandas()
    if not len(column):
        return categorical(np.array([], dtype="int64"), [])
    if not pa.types.is_dictionary(column.type):
        try:
            column = column.dictionary_encode()
        except pa.ArrowNotImplementedError:  # lists and records: shown as they are, and refused later
            column = pa.chunked_array([pa.array(map(str, column.to_pylist()))]).dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    whole = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("int64")
    return categorical(codes, [as_text(x) for x in _values(whole.dictionary)])


def _as_column(values: pd.Series) -> pd.Series:
    return values if values.dtype == "float64" else texts_of(values)


def _values(dictionary: Any) -> list[Any]:
    import pyarrow as pa

    return list(dictionary.to_numpy()) if pa.types.is_float32(dictionary.type) else dictionary.to_pylist()


def _statistics(read: Callable[..., Any], ending: str) -> Callable[..., list[Sheet]]:
    def reader(content: bytes, path: Path, wanted: frozenset[str]) -> list[Sheet]:
        try:
            _, about = read(path, metadataonly=True)
            keep = [n for n in about.column_names if n.strip().casefold() in wanted]
            frame, about = read(path, usecols=keep) if keep else (pd.DataFrame(), about)
        except Exception as error:  # pyreadstat raises its own errors and those of the text decoder
            raise Unreadable("check.file_broken", {"ending": ending}) from error
        columns = {name: _as_column(frame[name]) for name in keep}
        labels = {
            name.strip(): {as_text(code): str(label).strip() for code, label in codes.items()}
            for name, codes in about.variable_value_labels.items()
            if name in keep
        }
        return [_typed_sheet(about.column_names, columns, len(frame), labels)]

    return reader


def _typed_sheet(
    names: Sequence[str],
    columns: Mapping[str, pd.Categorical | pd.Series],
    n: int,
    labels: Mapping[str, Mapping[str, str]] | None = None,
) -> Sheet:
    frame = pd.DataFrame({name.strip(): column for name, column in columns.items()}, index=range(n))
    frame.index = pd.RangeIndex(2, n + 2, name="row")
    kept = frame[frame.notna().any(axis=1)] if len(frame.columns) else frame
    return Sheet("", tuple(n.strip() for n in names), kept, labels=labels or {})


def _sav(path: Path, **options: Any) -> Any:
    import pyreadstat

    return pyreadstat.read_sav(str(path), **options)


def _dta(path: Path, **options: Any) -> Any:
    import pyreadstat

    return pyreadstat.read_dta(str(path), **options)


read_sav = _statistics(_sav, ".sav")
read_dta = _statistics(_dta, ".dta")
