"""The right to training: 20 hours of instruction (JP) a year."""

from __future__ import annotations

from typing import Any

import numpy as np

from walesi_research.rules.elementwise import Shape
from walesi_research.rules.regulation import Regulation, under

__all__ = ["NORM_HOURS", "PPPK_CEILING_HOURS", "meets_norm", "within_pppk_ceiling"]

NORM = Regulation(
    name="PP 11/2017",
    article="Pasal 203(4)",
    in_force_from=2017,
    in_force_to=None,
    verified="secondary",
    source="kebijakanpublikpengadaanbarangjasapemerintah.com; sipadusultra.com",
)
PPPK_CEILING = Regulation(
    name="PP 49/2018",
    article="pengembangan kompetensi PPPK, paling lama 24 JP setahun",
    in_force_from=2018,
    in_force_to=None,
    verified="unverified",
    source="from memory",
)

NORM_HOURS = 20.0
"""JP a year, at least, that a civil servant (PNS) has a right to."""

PPPK_CEILING_HOURS = 24.0
"""JP a contract year, at most, for contract staff (PPPK)."""


@under(NORM)
def meets_norm(hours: Any, norm: float = NORM_HOURS) -> Any:
    """Tell whether the hours of training in a year reach the norm.

    Parameters
    ----------
    hours : float or Series
        JP completed in one calendar year, courses of every kind together. Missing stays missing: 0 must be
        written as 0.
    norm : float
        JP a year.

    Returns
    -------
    bool or None, or Series
        A Series is of pandas' nullable boolean type.

    Raises
    ------
    ValueError
        If hours are negative.
    """
    shape = Shape.of(hours)
    values = shape.numbers(hours, low=0)
    return shape.give_flags(values >= norm, ~np.isnan(values))


@under(PPPK_CEILING)
def within_pppk_ceiling(hours: Any) -> Any:
    """Tell whether a contract employee's hours in a year stay within the ceiling; as `meets_norm`."""
    shape = Shape.of(hours)
    values = shape.numbers(hours, low=0)
    return shape.give_flags(values <= PPPK_CEILING_HOURS, ~np.isnan(values))
