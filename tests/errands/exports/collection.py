"""A collection with a questionnaire of ``walesi instrument``, CONSTRUCTED as KoboToolbox exports one."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pandas as pd
from pyxform.xls2xform import convert

AFTER = {
    "_id": "1", "_uuid": "uuid-1", "_submission_time": "2026-11-24T02:11:03", "_validation_status": "",
    "_notes": "", "_status": "submitted_via_web", "_submitted_by": "", "__version__": "v1", "_tags": "",
    "_index": "1",
}  # fmt: skip
"""What KoboToolbox adds to an export, in its order."""


def questions(node: dict, path: tuple[str, ...] = ()) -> dict[str, dict]:
    """Return the questions of a converted form by the path that exports name them by."""
    found = {}
    for child in node.get("children", ()):
        here = (*path, child["name"])
        if child["type"] == "group" and child["name"] != "meta":
            found |= questions(child, here)
        elif child["type"] != "group":
            found["/".join(here)] = child
    return found


def collected(form: Path, answers: pd.DataFrame, refused: int) -> tuple[list[str], list[list]]:
    """Return header and rows of a collection with `form` as KoboToolbox exports it, groups in the names.

    Constructed to the documented layout of an export ('XML values and headers'); nobody was asked.
    """
    asked = list(questions(convert(form, validate=False)._pyxform))
    given = [answer | {"consent": "yes"} for answer in answers.to_dict("records")]
    given += [{"consent": "no"}] * refused
    rows = [
        [*(answer.get(name.rpartition("/")[2], "") for name in asked), *AFTER.values()] for answer in given
    ]
    return [*asked, *AFTER], rows


def as_xlsx(header: list[str], rows: list[list], path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Studi"
    for row in [header, *rows]:
        book.active.append([None if value == "" else value for value in row])
    book.save(path)
    return path


def as_csv(header: list[str], rows: list[list], path: Path) -> Path:
    """Write as KoboToolbox does: semicolons, everything in quotation marks, a byte order mark."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return path
