"""Identifiers as files hold them: repaired where that is safe, refused where a spreadsheet damaged them.

Any text may be an identifier. One of 17 to 19 digits, once what people put between digits is taken away, is
meant to be the number of a civil servant (NIP, NI PPPK) and must be a valid one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from walesi_research.rules.identity import Reason, check_nips, contradictions, repair, rounded_column

__all__ = ["NIP_PATTERN", "Identifiers", "check_identifiers", "holds_nip", "nip_contradictions", "rounded"]

NIP_PATTERN = "YYYYMMDD YYYYMM 1/2 001–999"
"""What a NIP is made of, as messages show it."""

_NIP_LIKE = re.compile(r"\d{17,19}")
_NIP_WITHIN = re.compile(r"(?<!\d)\d(?:[\s.,'’`_/-]?\d){17}(?!\d)")
_SCIENTIFIC = re.compile(r"\W*\d(?:[.,]\d+)?\s*[eE]\s*\+?1\d\s*")


@dataclass(frozen=True)
class Identifiers:
    """What was found of all identifiers of a study, each looked at once.

    Parameters
    ----------
    repaired : mapping of str to str
        Identifier by text as in the file, for those that are sound.
    faults : mapping of str to str
        Key of the message by text, for the others.
    """

    repaired: Mapping[str, str]
    faults: Mapping[str, str]


def check_identifiers(texts: Iterable[str]) -> Identifiers:
    """Repair identifiers and check those that are meant to be a NIP.

    Parameters
    ----------
    texts : iterable of str
        Distinct identifiers as the files have them.
    """
    texts = sorted(set(texts))
    candidates = [text for text in texts if _may_be_nip(text)]
    series = pd.Series(candidates, dtype="str")
    scientific = series.str.fullmatch(_SCIENTIFIC.pattern).to_numpy(dtype=bool)
    meant = repair(series).str.fullmatch(_NIP_LIKE.pattern).to_numpy(dtype=bool) | scientific
    checked = check_nips(series[meant])
    repaired, faults = {}, {}
    for text, reason, number, damaged in zip(
        series[meant], checked["reason"], checked["number"], scientific[meant], strict=True
    ):
        if reason == Reason.OK:
            repaired[text] = number
        else:
            faults[text] = "check.nip_scientific" if damaged else f"check.nip_{reason}"
    for text in texts:
        if text not in repaired and text not in faults:
            repaired[text] = " ".join(text.lstrip("'’`").split())
    return Identifiers(repaired, faults)


def _may_be_nip(text: str) -> bool:
    """Tell cheaply whether a text is worth a look at: many digits, or a number with an exponent."""
    return len(text) >= 4 and (sum(map(str.isdigit, text)) >= 17 or _SCIENTIFIC.fullmatch(text) is not None)


def holds_nip(text: str) -> bool:
    """Tell whether a valid number of a civil servant stands within a text."""
    found = pd.Series(_NIP_WITHIN.findall(text), dtype="str")
    return bool(len(found) and (check_nips(found)["reason"] == Reason.OK).any())


def rounded(texts: Iterable[str]) -> bool:
    """Tell whether a column of NIPs lost its last digits in a program's floating point without showing it."""
    return rounded_column(pd.Series([text for text in texts if _may_be_nip(text)], dtype="str"))


def nip_contradictions(employees: pd.DataFrame) -> dict[str, pd.Series]:
    """Compare what valid NIPs say with the columns beside them.

    Parameters
    ----------
    employees : DataFrame
        The employees table; only values that a column may hold.

    Returns
    -------
    dict of str to Series
        For each of birth_year, gender, status and start_year that there is: what the NIP says instead, over
        the rows that differ.
    """
    are_nips = np.array([isinstance(x, str) and _may_be_nip(x) for x in employees["employee_id"]], dtype=bool)
    numbered = employees[are_nips]
    checked = check_nips(numbered["employee_id"].astype("str"))
    beside = {name: _plain(numbered[name]) for name in _SAID if name in numbered}
    differ = contradictions(checked, **beside)
    return {name: _SAID[name](checked)[differ[name]] for name in beside}


_SAID = {
    "birth_year": lambda checked: checked["birth_date"].dt.year.astype("Int64"),
    "gender": lambda checked: checked["sex"],
    "status": lambda checked: checked["kind"],
    "start_year": lambda checked: checked["start_year"],
}


def _plain(column: pd.Series) -> pd.Series:
    return column.astype("Int64") if column.dtype == "float64" else column.astype("str")
