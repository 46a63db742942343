"""Scores before 2022: PP 30/2019 with its innovation clause, and PP 46/2011.

All scores are rounded to two decimals, halves up, before they are graded: records carry two.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from walesi_research.rules.elementwise import Shape, band, two_decimals
from walesi_research.rules.regulation import Regulation, under

__all__ = [
    "DP3_GRADES",
    "PP30_GRADES",
    "PP46_GRADES",
    "grade_dp3",
    "grade_pp30",
    "grade_pp46",
    "score_pp30",
    "score_pp46",
]

PP30_WEIGHTS = Regulation(
    name="PP 30/2019",
    article="Pasal 41(2)",
    in_force_from=2021,
    in_force_to=2021,
    verified="primary",
    source="pasal.id/peraturan/pp/pp-no-30-tahun-2019",
)
PP30_UPPER = Regulation(
    name="PP 30/2019",
    article="Pasal 41(5): sangat baik, baik, cukup",
    in_force_from=2021,
    in_force_to=2021,
    verified="primary",
    source="pasal.id/peraturan/pp/pp-no-30-tahun-2019",
)
PP30_LOWER = Regulation(
    name="PP 30/2019",
    article="Pasal 41(5): kurang, sangat kurang",
    in_force_from=2021,
    in_force_to=2021,
    verified="unverified",
    source="from memory",
)
PP46 = Regulation(
    name="PP 46/2011",
    article="bobot dan rentang nilai prestasi kerja",
    in_force_from=2014,
    in_force_to=2021,
    verified="secondary",
    source="id.scribd.com/presentation/376874092",
)
PP46_NAMES = Regulation(
    name="PP 46/2011",
    article="sebutan nilai prestasi kerja; nilai di atas 100",
    in_force_from=2014,
    in_force_to=2021,
    verified="unverified",
    source="from memory",
)
DP3 = Regulation(
    name="PP 10/1979",
    article="DP3, rentang nilai",
    in_force_from=1979,
    in_force_to=2013,
    verified="secondary",
    source="dangderia.blogspot.com/2013/05",
)

PP30_GRADES = ("sangat_kurang", "kurang", "cukup", "baik", "sangat_baik")
PP46_GRADES = ("buruk", "kurang", "cukup", "baik", "sangat_baik")
DP3_GRADES = ("kurang", "sedang", "cukup", "baik", "amat_baik")
"""Grades, lowest first."""

HIGHEST_PP30 = 120.0
PP30_STARTS = (50.0, 70.0, 90.0)
PP30_INNOVATION = 110.0
INTEGER_STARTS = tuple(np.nextafter(top, np.inf) for top in (50.0, 60.0, 75.0, 90.0))
"""Where the bands <=50, 51-60, 61-75, 76-90, 91 and more begin: just above the band below, so that 90.5,
which the text leaves in no band, is in the upper one."""


@under(PP30_WEIGHTS)
def score_pp30(skp: Any, behaviour: Any, *, views_of_others: bool = False) -> Any:
    """Return the performance score of PP 30/2019.

    Parameters
    ----------
    skp, behaviour : float or Series
        Scores of the work plan and of behaviour, 0 to 120.
    views_of_others : bool
        True where peers and subordinates were asked: the weights are then 60 and 40 percent, else 70 and 30.

    Returns
    -------
    float or Series
        0 to 120, unrounded; NaN where either part is missing.

    Raises
    ------
    ValueError
        If a score is outside 0 to 120.
    """
    share = 0.6 if views_of_others else 0.7
    return _weighted(skp, behaviour, share)


@under(PP46)
def score_pp46(skp: Any, behaviour: Any) -> Any:
    """Return the performance score of PP 46/2011: 60 percent work plan, 40 percent behaviour."""
    return _weighted(skp, behaviour, 0.6)


def _weighted(skp: Any, behaviour: Any, share: float) -> Any:
    shape = Shape.of(skp, behaviour)
    parts = (shape.numbers(part, 0, HIGHEST_PP30) for part in (skp, behaviour))
    return shape.give(share * next(parts) + (1 - share) * next(parts))


@under(PP30_UPPER, PP30_LOWER)
def grade_pp30(score: Any, innovation: Any) -> Any:
    """Return the grade of PP 30/2019, article 41(5).

    Sangat Baik needs 110 or more *and* a new idea or way of working that benefits the organisation; without
    one, 110 to 120 is Baik, as 90 to 110 is. Cukup is 70 to 90, Kurang 50 to 70, Sangat Kurang under 50.

    Parameters
    ----------
    score : float or Series
        0 to 120.
    innovation : bool or Series
        Whether there was such an idea. Missing matters only from 110 on, where the grade is then missing.

    Returns
    -------
    str or None, or Series
        One of `PP30_GRADES`.

    Raises
    ------
    ValueError
        If a score is outside 0 to 120 or an innovation is not yes or no.
    """
    shape = Shape.of(score, innovation)
    values = two_decimals(shape.numbers(score, 0, HIGHEST_PP30))
    idea = shape.codes(innovation, (False, True))
    grades = band(values, PP30_STARTS)
    high = values >= PP30_INNOVATION
    grades = np.where(high & (idea == 1), len(PP30_GRADES) - 1, grades)
    return shape.give_codes(np.where(high & (idea < 0), -1, grades), PP30_GRADES)


@under(PP46, PP46_NAMES)
def grade_pp46(score: Any) -> Any:
    """Return the grade of PP 46/2011: up to 50, 60, 75, 90, and above; fractions belong to the upper band.

    Parameters
    ----------
    score : float or Series
        0 to 120; scores above 100 occur where the work plan was exceeded.

    Returns
    -------
    str or None, or Series
        One of `PP46_GRADES`.

    Raises
    ------
    ValueError
        If a score is outside 0 to 120.
    """
    return _integer_bands(score, HIGHEST_PP30, PP46_GRADES)


@under(DP3)
def grade_dp3(score: Any) -> Any:
    """Return the grade of the DP3 lists used before 2014; bands as `grade_pp46`, scores 0 to 100."""
    return _integer_bands(score, 100.0, DP3_GRADES)


def _integer_bands(score: Any, highest: float, grades: tuple[str, ...]) -> Any:
    shape = Shape.of(score)
    values = two_decimals(shape.numbers(score, 0, highest))
    return shape.give_codes(band(values, INTEGER_STARTS), grades)
