"""Courses and leadership programmes: who completes which, when, and the hours that count in a quarter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from walesi_research.study.synthetic.people import People
from walesi_research.study.synthetic.world import World, stream

__all__ = ["QUARTERS_BEFORE", "Training", "draw_training"]

QUARTERS_BEFORE = 6
"""The training table begins so many quarters before the panel, and ends a month after it."""

LEADERSHIP_HOURS = 120
NEVER = 10_000

LEADERSHIP_PROGRAMMES = (
    "Pelatihan Kepemimpinan Pengawas",
    "Pelatihan Kepemimpinan Administrator",
    "Pelatihan Kepemimpinan Distrik dan Kampung",
)
COURSES = (
    # programme, kind, hours (JP), relative frequency
    ("Administrasi Perkantoran", "technical", 8, 3.0),
    ("Pelayanan Publik Prima", "technical", 12, 3.0),
    ("Pengelolaan Keuangan Kampung", "technical", 16, 1.5),
    ("Komputer Dasar", "technical", 10, 2.5),
    ("Pengadaan Barang dan Jasa", "technical", 30, 0.8),
    ("Kurikulum dan Asesmen", "functional", 20, 1.2),
    ("Kegawatdaruratan Dasar", "functional", 24, 1.0),
    ("Penyuluhan Lapangan", "functional", 16, 0.8),
    ("Kader Posyandu", "functional", 6, 1.5),
    ("Etika ASN dan Antikorupsi", "sociocultural", 4, 2.5),
    ("Keberagaman dan Kerukunan", "sociocultural", 6, 1.5),
    ("Komunikasi Lintas Budaya", "sociocultural", 10, 1.2),
)


@dataclass(frozen=True, slots=True)
class Training:
    """Courses completed.

    Parameters
    ----------
    employee, course : ndarray of int, shape (courses,)
        Position of the employee; position in `COURSES`.
    day : ndarray of datetime64[D], shape (courses,)
        Day of completion; never the first day of a quarter.
    leadership_day : ndarray of datetime64[D], shape (employees,)
        Completion of the first leadership programme, or NaT.
    onset : ndarray of int, shape (employees,)
        First quarter of the panel that starts after it, 0 at least; `NEVER` without one.
    completed_in : ndarray of int, shape (employees,)
        Quarter of the panel in which it is completed, negative before the panel.
    second_day : ndarray of datetime64[D], shape (employees,)
        Completion of a second leadership programme, or NaT.
    window : ndarray of float, shape (employees, quarters)
        JP of ordinary courses in the four quarters before the quarter.
    """

    employee: np.ndarray
    course: np.ndarray
    day: np.ndarray
    leadership_day: np.ndarray
    onset: np.ndarray
    completed_in: np.ndarray
    second_day: np.ndarray
    window: np.ndarray


def draw_training(world: World, people: People, chunk: int = 0) -> Training:
    """Draw the training of `people`."""
    rng = stream(world, "training", chunk)
    employee, quarter, course = _draw_courses(world, rng, people)
    day = _days(world, rng, quarter)
    kept = _served(people, employee, day)
    employee, quarter, course, day = employee[kept], quarter[kept], course[kept], day[kept]
    completed, leadership_day, second_day = _draw_leadership(world, rng, people)
    never = np.isnat(leadership_day)
    return Training(
        employee=employee,
        course=course,
        day=day,
        leadership_day=leadership_day,
        onset=np.where(never, NEVER, np.maximum(completed + 1, 0)),
        completed_in=np.where(never, NEVER, completed),
        second_day=second_day,
        window=_window_hours(world, employee, quarter, course),
    )


def _draw_courses(
    world: World, rng: np.random.Generator, people: People
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw courses by employee and quarter, none twice in a quarter.

    Quarters count from the panel's first, negative before it.
    """
    frequency = np.array([row[3] for row in COURSES])
    frequency /= frequency.sum()
    mean_hours = frequency @ np.array([row[2] for row in COURSES])
    eager = rng.gamma(2.5, 1 / 2.5, world.employees)
    quarters = QUARTERS_BEFORE + world.quarters + 1
    share_of_quarter = np.r_[np.ones(quarters - 1), 1 / 3]
    rate = world.hours_per_year / 4 / mean_hours * eager[:, None] * share_of_quarter
    count = rng.poisson(rate)
    cell = np.repeat(np.arange(count.size), count.ravel())
    course = rng.choice(len(COURSES), len(cell), p=frequency)
    cell, course = np.divmod(np.unique(cell * len(COURSES) + course), len(COURSES))
    return cell // quarters, cell % quarters - QUARTERS_BEFORE, course


def _days(world: World, rng: np.random.Generator, quarter: np.ndarray) -> np.ndarray:
    """Draw days within quarters, from the second on; the quarter after the panel has only its first month."""
    ends = world.first_quarter + 3 * np.arange(-QUARTERS_BEFORE, world.quarters + 2)
    ends[-1] = ends[-2] + 1
    first = ends[:-1].astype("datetime64[D]")
    length = (ends[1:].astype("datetime64[D]") - first).astype(int)
    at = quarter + QUARTERS_BEFORE
    offset = 1 + (rng.random(len(quarter)) * (length[at] - 1)).astype(int)
    return first[at] + offset


def _served(people: People, employee: np.ndarray, day: np.ndarray) -> np.ndarray:
    start, left = people.start[employee].astype("datetime64[D]"), people.left[employee]
    return (day >= start) & (np.isnat(left) | (day < left))


def _draw_leadership(
    world: World, rng: np.random.Generator, people: People
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw the quarter and days of leadership programmes; the able go earlier and more often.

    Completion has an exponential hazard that starts two quarters before the panel, with log hazard
    linear in standardised ability, scaled so that about `leadership_share` have completed by the end.
    """
    n, spell = world.employees, world.quarters + 2
    ability = people.ability / world.ability_sd if world.ability_sd > 0 else np.zeros(n)
    hazard = -np.log1p(-world.leadership_share) / spell
    hazard = hazard * np.exp(world.leadership_selection * ability - world.leadership_selection**2 / 2)
    with np.errstate(divide="ignore"):
        waiting = rng.exponential(1, n) / hazard
    completed = np.floor(np.minimum(waiting, spell + 1)).astype(int) - 2
    within = completed < world.quarters
    day = _days(world, rng, np.minimum(completed, world.quarters - 1))
    within &= _served(people, np.arange(n), day)
    day = np.where(within, day, np.datetime64("NaT", "D"))
    again = within & (rng.random(n) < 0.1) & (completed + 4 < world.quarters)
    later = _days(world, rng, np.minimum(completed + 4, world.quarters - 1))
    again &= _served(people, np.arange(n), later)
    return completed, day, np.where(again, later, np.datetime64("NaT", "D"))


def _window_hours(world: World, employee: np.ndarray, quarter: np.ndarray, course: np.ndarray) -> np.ndarray:
    """Return JP in the four quarters before each quarter of the panel, shape (employees, quarters)."""
    hours = np.array([row[2] for row in COURSES], float)[course]
    quarters = QUARTERS_BEFORE + world.quarters + 1
    cell = employee * quarters + quarter + QUARTERS_BEFORE
    by_quarter = np.bincount(cell, hours, world.employees * quarters).reshape(-1, quarters)
    total = np.cumsum(by_quarter, axis=1)
    total = np.concatenate([np.zeros((len(total), 1)), total], axis=1)
    at = QUARTERS_BEFORE + np.arange(world.quarters)
    return total[:, at] - total[:, at - 4]
