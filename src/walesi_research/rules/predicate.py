"""The predicate of an employee: results and behaviour through the matrix of PermenPANRB 6/2022."""

from __future__ import annotations

from typing import Any

import numpy as np

from walesi_research.rules.elementwise import Shape, band
from walesi_research.rules.regulation import Regulation, under

__all__ = [
    "MATRIX",
    "PREDICATES",
    "RATINGS",
    "compare_stored",
    "from_bkn_predicate",
    "from_bkn_rating",
    "max_of_codes",
    "predicate_of",
    "rating_of_achievement",
    "to_bkn_predicate",
    "to_bkn_rating",
]

REGULATION = Regulation(
    name="PermenPANRB 6/2022",
    article="matriks hasil kerja dan perilaku kerja; SE MenPANRB 3/2023",
    in_force_from=2022,
    in_force_to=None,
    verified="secondary",
    source="ainamulyana.com/2023/02/edaran-menpan-nomor-3-tahun-2023.html",
)
BKN_CODES = Regulation(
    name="SIASN BKN",
    article="daftar kode perilakuDanKinerja, kuadranNilai",
    in_force_from=2022,
    in_force_to=None,
    verified="primary",
    source="SIASN reference lists as kept by an MIT-licensed client (black-coffee04/ws-siasn-php)",
)

RATINGS = (1, 2, 3)
"""Below, meets and above expectation: the toolkit's codes. BKN's own run the other way."""

PREDICATES = ("sangat_baik", "baik", "butuh_perbaikan", "kurang", "sangat_kurang")
"""Best first; BKN's codes are 1 to 5 in this order."""

MATRIX = {
    (3, 1): "kurang",
    (3, 2): "baik",
    (3, 3): "sangat_baik",
    (2, 1): "kurang",
    (2, 2): "baik",
    (2, 3): "baik",
    (1, 1): "sangat_kurang",
    (1, 2): "butuh_perbaikan",
    (1, 3): "butuh_perbaikan",
}
"""Predicate by (results, behaviour). Not symmetric: good results do not make up for poor behaviour."""

_TABLE = np.array([[PREDICATES.index(MATRIX[w, b]) for b in RATINGS] for w in RATINGS])


@under(REGULATION)
def predicate_of(work_result: Any, behaviour: Any) -> Any:
    """Return the predicate that the matrix gives to a pair of ratings.

    Parameters
    ----------
    work_result, behaviour : int or Series
        1 below, 2 meets, 3 above expectation.

    Returns
    -------
    str or None, or Series
        One of `PREDICATES`; missing where either rating is.

    Raises
    ------
    ValueError
        If a rating is not 1, 2 or 3.
    """
    shape = Shape.of(work_result, behaviour)
    results, manners = shape.codes(work_result, RATINGS), shape.codes(behaviour, RATINGS)
    known = (results >= 0) & (manners >= 0)
    return shape.give_codes(np.where(known, _TABLE[results, manners], -1), PREDICATES)


def max_of_codes(work_result: Any, behaviour: Any) -> Any:
    """Return the predicate as one known faulty programme stores it; for audits, never for appraising.

    A government personnel application takes, for two *unequal* ratings, the larger of BKN's codes
    (1 above, 2 meets, 3 below) and reads it as a predicate code. It is wrong wherever behaviour is below
    expectation and results are not: it stores ``butuh_perbaikan`` where the matrix says ``kurang``. For equal
    ratings only the matrix is known, and used here. A reconstruction from a reading of that code.

    Parameters and returns are those of `predicate_of`.
    """
    shape = Shape.of(work_result, behaviour)
    results, manners = shape.codes(work_result, RATINGS), shape.codes(behaviour, RATINGS)
    known = (results >= 0) & (manners >= 0)
    larger_code = 3 - np.minimum(results, manners)  # position 0 is BKN's 3, position 2 is BKN's 1
    codes = np.where(results == manners, _TABLE[results, manners], larger_code - 1)
    return shape.give_codes(np.where(known, codes, -1), PREDICATES)


COMPARISONS = ("agrees", "as_max_of_codes", "differs")


@under(REGULATION)
def compare_stored(stored: Any, work_result: Any, behaviour: Any) -> Any:
    """Compare a recorded predicate with the matrix, and say where a known fault explains the difference.

    Parameters
    ----------
    stored : str or Series
        The predicate as recorded, one of `PREDICATES`.
    work_result, behaviour : int or Series
        The ratings as recorded.

    Returns
    -------
    str or None, or Series
        ``agrees`` with the matrix; ``as_max_of_codes``: what `max_of_codes` stores; ``differs`` otherwise.

    Raises
    ------
    ValueError
        If a rating or a predicate is not allowed.
    """
    shape = Shape.of(stored, work_result, behaviour)
    recorded = shape.codes(stored, PREDICATES)
    right = shape.codes(predicate_of(work_result, behaviour), PREDICATES)
    faulty = shape.codes(max_of_codes(work_result, behaviour), PREDICATES)
    verdict = np.select([recorded == right, recorded == faulty], [0, 1], 2)
    return shape.give_codes(np.where((recorded < 0) | (right < 0), -1, verdict), COMPARISONS)


def rating_of_achievement(achievement: Any, below: float = 90.0, above: float = 110.0) -> Any:
    """Return the results rating that a realised achievement deserves, by the study's own limits.

    Parameters
    ----------
    achievement : float or Series
        Percent of the target.
    below, above : float
        Under `below` the rating is 1, over `above` it is 3, between them (both ends included) 2. The
        regulation leaves the limits to the appraiser; these are the study's ``[appraisal]`` settings.

    Returns
    -------
    float or Series
        1, 2 or 3; NaN where missing.

    Raises
    ------
    ValueError
        If `below` is more than `above`.
    """
    if below > above:
        raise ValueError(f"the lower limit {below:g} is above the upper limit {above:g}")
    shape = Shape.of(achievement)
    values = shape.numbers(achievement)
    rating = band(values, (below, np.nextafter(above, np.inf))) + 1.0
    return shape.give(np.where(np.isnan(values), np.nan, rating))


@under(BKN_CODES)
def from_bkn_rating(code: Any) -> Any:
    """Return the toolkit's rating (1 below … 3 above) for BKN's code (1 above … 3 below), as a float."""
    shape = Shape.of(code)
    positions = shape.codes(code, RATINGS)
    return shape.give(np.where(positions < 0, np.nan, 3.0 - positions))


@under(BKN_CODES)
def to_bkn_rating(rating: Any) -> Any:
    """Return BKN's code (1 above … 3 below) for the toolkit's rating (1 below … 3 above), as a float."""
    return from_bkn_rating(rating)  # the two scales mirror each other


@under(BKN_CODES)
def from_bkn_predicate(code: Any) -> Any:
    """Return the predicate that BKN's code 1 to 5 stands for."""
    shape = Shape.of(code)
    return shape.give_codes(shape.codes(code, range(1, 6)), PREDICATES)


@under(BKN_CODES)
def to_bkn_predicate(predicate: Any) -> Any:
    """Return BKN's code 1 to 5 for a predicate, as a float."""
    shape = Shape.of(predicate)
    positions = shape.codes(predicate, PREDICATES)
    return shape.give(np.where(positions < 0, np.nan, positions + 1.0))
