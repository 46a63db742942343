"""Credit points (angka kredit) that a predicate earns: PermenPANRB 1/2023."""

from __future__ import annotations

from typing import Any

import numpy as np

from walesi_research.rules.elementwise import Shape
from walesi_research.rules.predicate import PREDICATES
from walesi_research.rules.regulation import Regulation, under

__all__ = ["COEFFICIENTS", "SHARES", "coefficient_of", "credit_points", "share_of_predicate"]

SHARES_REGULATION = Regulation(
    name="PermenPANRB 1/2023",
    article="konversi predikat kinerja ke angka kredit",
    in_force_from=2023,
    in_force_to=None,
    verified="secondary",
    source="id.scribd.com/presentation/694983391; id.scribd.com/presentation/704543330",
)
COEFFICIENTS_REGULATION = Regulation(
    name="PermenPANRB 1/2023",
    article="koefisien per tahun (SIASN, daftar koefisien)",
    in_force_from=2023,
    in_force_to=None,
    verified="primary",
    source="SIASN reference lists as kept by an MIT-licensed client (black-coffee04/ws-siasn-php)",
)

SHARES = dict(zip(PREDICATES, (1.50, 1.00, 0.75, 0.50, 0.25), strict=True))
"""Share of the yearly coefficient by predicate: an ordinal scale made metric with a legal basis."""

COEFFICIENTS = {
    "ahli_pertama": 12.5,
    "ahli_muda": 25.0,
    "ahli_madya": 37.5,
    "ahli_utama": 50.0,
    "pemula": 3.75,
    "terampil": 5.0,
    "mahir": 12.5,
    "penyelia": 25.0,
}
"""Points a year by level of the functional post."""


@under(SHARES_REGULATION)
def share_of_predicate(predicate: Any) -> Any:
    """Return the share of the yearly coefficient that a predicate earns, 0.25 to 1.5; NaN where missing."""
    return _looked_up(predicate, SHARES)


@under(COEFFICIENTS_REGULATION)
def coefficient_of(level: Any) -> Any:
    """Return the points a year of a level of functional post (a key of `COEFFICIENTS`)."""
    return _looked_up(level, COEFFICIENTS)


@under(SHARES_REGULATION, COEFFICIENTS_REGULATION)
def credit_points(predicate: Any, coefficient: Any, months: Any = 12) -> Any:
    """Return the credit points of a period: share × coefficient × months / 12.

    Parameters
    ----------
    predicate : str or Series
        One of `PREDICATES`.
    coefficient : float or Series
        Points a year, see `coefficient_of`.
    months : float or Series
        Length of the period, more than 0 up to 12.

    Returns
    -------
    float or Series
        Points, unrounded; NaN where anything is missing.

    Raises
    ------
    ValueError
        If a predicate is unknown, a coefficient negative, or months are not in (0, 12].
    """
    shape = Shape.of(predicate, coefficient, months)
    duration = shape.numbers(months, high=12)
    if (duration <= 0).any():
        raise ValueError(f"{duration[duration <= 0][0]:g} months: a period is longer than 0 and up to 12")
    share = shape.numbers(share_of_predicate(predicate))
    return shape.give(share * shape.numbers(coefficient, low=0) * duration / 12)


def _looked_up(argument: Any, table: dict[str, float]) -> Any:
    shape = Shape.of(argument)
    positions = shape.codes(argument, tuple(table))
    return shape.give(np.array([*table.values(), np.nan])[positions])  # -1 is the last: missing
