"""A study written down: a study folder of Parquet files with pseudonyms in place of identifiers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from walesi_research.language import Message
from walesi_research.problems import Problem, UserError
from walesi_research.study.calendar import Calendar
from walesi_research.study.staging import holds_something, staged
from walesi_research.study.toml import dumps_toml

if TYPE_CHECKING:
    from walesi_research.study.study import Study

__all__ = ["write_snapshot"]


def write_snapshot(study: Study, folder: Path) -> Path:
    """Write `study` into `folder`, whole or not at all; see `Study.save`."""
    if holds_something(folder):
        raise UserError(
            (Problem(what=Message.of("check.snapshot_exists"), file=str(folder)),), study.language
        )
    with staged(folder) as staging:
        _write_files(study, staging)
    return folder


def _write_files(study: Study, folder: Path) -> None:
    for name, table in study.tables.items():
        pq.write_table(_arrow(table, study.calendar), folder / f"{name}.parquet", compression="zstd")
    settings = study.settings.model_dump(exclude_none=True, exclude={"columns", "values", "snapshot"})
    settings["tables"] = {name: f"{name}.parquet" for name in study.tables}
    settings["snapshot"] = {"pseudonymised": True, "unread": dict(study.unread)}
    (folder / "study.toml").write_text(dumps_toml(settings), encoding="utf-8")
    (folder / "codebook.toml").write_text(dumps_toml(study.codebook.model_dump()), encoding="utf-8")


def _arrow(table: pd.DataFrame, calendar: Calendar) -> pa.Table:
    """Return a table as a file holds it: periods as labels, categories and ids as text, dates as dates."""
    columns = {}
    for name, values in table.items():
        if name == "period":
            columns[name] = pa.array([calendar.label(period) for period in values], pa.string())
        elif values.dtype.kind == "M":
            columns[name] = pa.array(values.dt.date, pa.date32())
        elif values.dtype == "float64" or values.dtype == "int64":
            columns[name] = pa.array(values, from_pandas=True)
        else:
            columns[name] = pa.array(values.astype("str"), pa.string(), from_pandas=True)
    return pa.table(columns)
