"""The service satisfaction index (IKM) of PermenPANRB 14/2017.

Nine elements are answered from 1 to 4; the index is 25 times their weighted mean. With exact weights 1/n a
perfect score is 100. Many published reports round the weight to 0.111 or 0.11, and their perfect score is
99.9 or 99.0: give that weight to reproduce them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from walesi_research.rules.elementwise import Shape, band, two_decimals
from walesi_research.rules.regulation import Regulation, under

__all__ = ["ELEMENTS", "GRADES", "grade_of_index", "service_index"]

REGULATION = Regulation(
    name="PermenPANRB 14/2017",
    article="lampiran: pengolahan data survei kepuasan masyarakat",
    in_force_from=2017,
    in_force_to=None,
    verified="secondary",
    source="e-smile.tubaba.go.id; data.penajamkab.go.id/metadata/indikator/57",
)

ELEMENTS = tuple(f"u{i}" for i in range(1, 10))
"""The nine elements of the survey. Agencies differ in the order of the last two."""

GRADES = ("D", "C", "B", "A")
"""Quality of service, lowest first: tidak baik, kurang baik, baik, sangat baik."""

GRADE_STARTS = (65.00, 76.61, 88.31)
"""Index, to two decimals, at which C, B and A begin."""

POINTS_PER_STEP = 25.0


@under(REGULATION)
def service_index(
    elements: Mapping[str, Any] | Sequence[Any] | pd.Series | pd.DataFrame,
    *,
    weight: float | None = None,
    missing: Literal["propagate", "omit"] = "propagate",
) -> Any:
    r"""Return the index of one unit or respondent, or of one a row.

    .. math:: IKM = 25 \sum_{u=1}^{n} w\, x_u, \qquad w = 1/n

    Parameters
    ----------
    elements : DataFrame, or mapping or sequence of scalars or Series
        Answers or mean answers, 1 to 4, one an element; any number n of elements, nine by the regulation.
        A DataFrame has an element a column and gives an index a row; ``frame.mean()`` (a Series with an
        element a row) gives the one index of the unit, as the regulation computes it: each element's mean
        over those who answered it, then the index.
    weight : float, optional
        Weight of each element; exactly 1/n by default. 0.111 and 0.11 reproduce older reports.
    missing : {"propagate", "omit"}
        ``propagate``: an index with any element missing is missing. ``omit``: the elements present share
        the weight of all, as for a service without a tariff: with weight w and m of n elements present each
        counts w n / m. Missing where none is present.

    Returns
    -------
    float or Series
        Unrounded; 25 to 100 with exact weights. Round by `grade_of_index`, not before.

    Raises
    ------
    ValueError
        If there is no element, an answer is outside 1 to 4, or `missing` is unknown.
    """
    if missing not in ("propagate", "omit"):
        raise ValueError(f"missing is {missing!r}; allowed: propagate, omit")
    columns = _columns(elements)
    shape = Shape.of(*columns)
    answers = np.column_stack([shape.numbers(column, 1, 4) for column in columns])
    present = ~np.isnan(answers)
    n, m = answers.shape[1], present.sum(axis=1)
    enough = m > 0 if missing == "omit" else m == n
    mean = np.where(present, answers, 0).sum(axis=1) / np.where(enough, m, 1)
    total_weight = 1.0 if weight is None else n * weight
    return shape.give(np.where(enough, POINTS_PER_STEP * total_weight * mean, np.nan))


def _columns(elements: Any) -> list[Any]:
    if isinstance(elements, pd.DataFrame):
        columns = [elements.iloc[:, i] for i in range(elements.shape[1])]
    else:
        columns = list(elements.values()) if isinstance(elements, Mapping) else list(elements)
    if not columns:
        raise ValueError("an index needs at least one element")
    return columns


@under(REGULATION)
def grade_of_index(index: Any) -> Any:
    """Return the grade of an index: round to two decimals (halves up), then grade.

    D to 64.99, C from 65.00, B from 76.61, A from 88.31. The printed table leaves gaps (76.60 to 76.61 in
    the index, 3.064 to 3.0644 in the mean); rounding first closes them.

    Parameters
    ----------
    index : float or Series
        0 to 100; less than 25 occurs only with rounded weights.

    Returns
    -------
    str or None, or Series
        One of `GRADES`.

    Raises
    ------
    ValueError
        If an index is outside 0 to 100.
    """
    shape = Shape.of(index)
    values = shape.numbers(index)
    if (outside := (values < -1e-9) | (values > 100 + 1e-9)).any():
        raise ValueError(f"{values[outside][0]:g} is outside 0 to 100")
    return shape.give_codes(band(two_decimals(values), GRADE_STARTS), GRADES)
