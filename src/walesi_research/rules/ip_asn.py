"""The professionality index of civil servants (IP-ASN): PermenPANRB 38/2018, Peraturan BKN 8/2019.

Four dimensions: qualification 25, competence 40, performance 30, discipline 5. The regulation's bands are
whole numbers and leave gaps (81-90, 91-100: where is 90.5?). Here a band begins just above the one below:
90.5 is in the upper band, in the index as in the performance score, after rounding to two decimals.

A revision has been announced since 2023 and no final text was found: points are kept in a `PointTable` a
version, so that a later one stands beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from walesi_research.rules.elementwise import Shape, band, two_decimals
from walesi_research.rules.predicate import PREDICATES
from walesi_research.rules.regulation import Regulation, under

__all__ = [
    "CATEGORIES",
    "TABLE_2019",
    "PointTable",
    "category",
    "competence",
    "discipline",
    "ip_asn",
    "performance",
    "performance_of_predicate",
    "qualification",
]

WEIGHTS = Regulation(
    name="PermenPANRB 38/2018",
    article="dimensi dan bobot",
    in_force_from=2018,
    in_force_to=None,
    verified="secondary",
    source="lelemuku.com/2019/06",
)
COMPETENCE = Regulation(
    name="Peraturan BKN 8/2019",
    article="Pasal 8",
    in_force_from=2019,
    in_force_to=None,
    verified="primary",
    source="pasal.id, Peraturan BKN 8/2019",
)
POINTS = Regulation(
    name="Peraturan BKN 8/2019",
    article="tabel nilai",
    in_force_from=2019,
    in_force_to=None,
    verified="secondary",
    source="point table as programmed by a regency's personnel agency",
)
CATEGORY = Regulation(
    name="PermenPANRB 38/2018",
    article="kategori",
    in_force_from=2018,
    in_force_to=None,
    verified="secondary",
    source="nasional.kontan.co.id, berikut rumus pengukuran indeks profesionalitas ASN",
)
PREDICATE_MAPPING = Regulation(
    name="Peraturan BKN 8/2019",
    article="dimensi kinerja untuk predikat PermenPANRB 6/2022",
    in_force_from=2022,
    in_force_to=None,
    verified="unverified",
    source="agencies' practice, from memory",
)

POSITIONS = ("managerial", "functional", "executor")
CATEGORIES = ("sangat_rendah", "rendah", "sedang", "tinggi", "sangat_tinggi")
"""Lowest first: to 60, 70, 80, 90, and above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTable:
    """The points of one version of the rules.

    Parameters
    ----------
    qualification, discipline : mapping of str to float
        Points by education, and by the heaviest sanction of five years.
    role_training, technical, seminar : mapping of str to float
        Competence points by kind of position. Role training is leadership training for managers and
        functional training for functional posts; executors have none.
    technical_hours : float
        JP of technical training that count as having had it.
    performance_tops, performance : tuple of float
        Upper ends of the score bands but the last, and the points of each band, lowest first.
    category_tops : tuple of float
        Upper ends of the categories but the last, lowest first.
    """

    qualification: Mapping[str, float]
    discipline: Mapping[str, float]
    role_training: Mapping[str, float]
    technical: Mapping[str, float]
    seminar: Mapping[str, float]
    technical_hours: float
    performance_tops: tuple[float, ...]
    performance: tuple[float, ...]
    category_tops: tuple[float, ...]


def _by_position(*points: float) -> Mapping[str, float]:
    return MappingProxyType(dict(zip(POSITIONS, points, strict=True)))


TABLE_2019 = PointTable(
    qualification=MappingProxyType(
        {"below_sma": 1, "sma": 5, "d1": 5, "d2": 5, "d3": 10, "d4_s1": 15, "s2": 20, "s3": 25}
    ),
    discipline=MappingProxyType({"none": 5, "light": 3, "medium": 2, "heavy": 1}),
    role_training=_by_position(15, 15, 0),
    technical=_by_position(15, 15, 22.5),
    seminar=_by_position(10, 10, 17.5),
    technical_hours=20,
    performance_tops=(50, 60, 75, 90),
    performance=(1, 5, 15, 25, 30),
    category_tops=(60, 70, 80, 90),
)
"""Peraturan BKN 8/2019."""


@under(POINTS)
def qualification(education: Any, table: PointTable = TABLE_2019) -> Any:
    """Return the points, up to 25, of an education (a key of ``table.qualification``)."""
    shape = Shape.of(education)
    return shape.give(_points(shape, education, table.qualification))


@under(COMPETENCE, POINTS)
def competence(
    position: Any, role_training: Any, technical_hours: Any, seminar: Any, table: PointTable = TABLE_2019
) -> Any:
    """Return the competence points, up to 40.

    Parameters
    ----------
    position : str or Series
        ``managerial``, ``functional`` or ``executor``.
    role_training : bool or Series
        Leadership training (managers) or functional training (functional posts) completed. Without effect,
        and free to be missing, for executors.
    technical_hours : float or Series
        JP of technical training; for executors, of the last year.
    seminar : bool or Series
        A seminar, workshop or the like within two years.

    Returns
    -------
    float or Series
        NaN where anything that counts is missing.

    Raises
    ------
    ValueError
        If a position is unknown, an answer is not yes or no, or hours are negative.
    """
    shape = Shape.of(position, role_training, technical_hours, seminar)
    role_points = _points(shape, position, table.role_training)
    role = np.where(role_points == 0, 0.0, role_points * _yes(shape, role_training))
    hours = shape.numbers(technical_hours, low=0)
    had_technical = np.where(np.isnan(hours), np.nan, hours >= table.technical_hours)
    technical = _points(shape, position, table.technical) * had_technical
    return shape.give(role + technical + _points(shape, position, table.seminar) * _yes(shape, seminar))


@under(POINTS)
def performance(score: Any, table: PointTable = TABLE_2019) -> Any:
    """Return the points, up to 30, of last year's score (0 to 120, rounded to two decimals first).

    To 50, 60, 75, 90, and above: 1, 5, 15, 25, 30. One agency's programme gives no point between 50 and 51;
    here such a score is in the upper band.

    Raises
    ------
    ValueError
        If a score is outside 0 to 120.
    """
    shape = Shape.of(score)
    positions = _above(two_decimals(shape.numbers(score, 0, 120)), table.performance_tops)
    return shape.give(np.array([*table.performance, np.nan], dtype=float)[positions])


@under(PREDICATE_MAPPING)
def performance_of_predicate(predicate: Any, table: PointTable = TABLE_2019) -> Any:
    """Return the performance points of a predicate of 2022: the five predicates on the five steps.

    The dimension was written for scores; this mapping is agencies' practice and unverified.
    """
    shape = Shape.of(predicate)
    best_first = dict(zip(PREDICATES, reversed(table.performance), strict=True))
    return shape.give(_points(shape, predicate, best_first))


@under(POINTS)
def discipline(sanction: Any, table: PointTable = TABLE_2019) -> Any:
    """Return the points, up to 5, of the heaviest sanction of five years: none, light, medium, heavy."""
    shape = Shape.of(sanction)
    return shape.give(_points(shape, sanction, table.discipline))


@under(WEIGHTS)
def ip_asn(qualification: Any, competence: Any, performance: Any, discipline: Any) -> Any:
    """Return the index, 0 to 100: the sum of the four dimensions' points; NaN where one is missing.

    Raises
    ------
    ValueError
        If a dimension has more points than it can: 25, 40, 30 and 5.
    """
    shape = Shape.of(qualification, competence, performance, discipline)
    dimensions = zip((qualification, competence, performance, discipline), (25, 40, 30, 5), strict=True)
    return shape.give(sum(shape.numbers(points, 0, most) for points, most in dimensions))


@under(CATEGORY)
def category(index: Any, table: PointTable = TABLE_2019) -> Any:
    """Return the category of an index (0 to 100), one of `CATEGORIES`; rounded to two decimals first.

    Raises
    ------
    ValueError
        If an index is outside 0 to 100.
    """
    shape = Shape.of(index)
    return shape.give_codes(
        _above(two_decimals(shape.numbers(index, 0, 100)), table.category_tops), CATEGORIES
    )


def _points(shape: Shape, argument: Any, table: Mapping[str, float]) -> np.ndarray:
    positions = shape.codes(argument, tuple(table))
    return np.array([*table.values(), np.nan], dtype=float)[positions]  # -1 is the last: missing


def _yes(shape: Shape, argument: Any) -> np.ndarray:
    return np.array([0.0, 1.0, np.nan])[shape.codes(argument, (False, True))]


def _above(values: np.ndarray, tops: tuple[float, ...]) -> np.ndarray:
    return band(values, [np.nextafter(top, np.inf) for top in tops])
