"""A synthetic study as a study folder: settings, codebook, tables, truth, and what a reader should know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from walesi_research.study.synthetic.texts import codebook_toml, dictionary_md, readme_md, study_toml

if TYPE_CHECKING:
    from walesi_research.study.synthetic import SyntheticStudy

__all__ = ["write_csv", "write_study"]


def write_study(synthetic: SyntheticStudy, folder: Path) -> None:
    """Write a synthetic study as a study folder; the same study gives the same bytes.

    Parameters
    ----------
    synthetic : SyntheticStudy
    folder : Path
        Made if it does not exist; files of the same names are replaced.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in synthetic.tables.items():
        write_csv(table, folder / f"{name}.csv")
    truth = json.dumps(synthetic.truth, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    texts = {
        "study.toml": study_toml(synthetic.world, synthetic.id),
        "codebook.toml": codebook_toml(),
        "truth.json": truth,
        "README.md": readme_md(synthetic.world, synthetic.id),
        "dictionary.md": dictionary_md(),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8 CSV, comma separated, blank for missing."""
    import pyarrow as pa
    from pyarrow import csv

    arrow = pa.Table.from_pandas(table, preserve_index=False)
    options = csv.WriteOptions(include_header=False, quoting_style="none")
    with path.open("wb") as out:
        out.write((",".join(table.columns) + "\n").encode())
        csv.write_csv(_blanks_as_null(arrow), out, options)


def _blanks_as_null(table: Any) -> Any:
    """Return the Arrow table with empty texts and NaN as nulls, which are written as nothing."""
    import pyarrow as pa
    from pyarrow import compute

    for at, name in enumerate(table.column_names):
        column = table.column(at)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = compute.if_else(compute.equal(column, ""), None, column)
        elif pa.types.is_floating(column.type):
            column = compute.if_else(compute.is_nan(column), None, column)
        table = table.set_column(at, name, column)
    return table
