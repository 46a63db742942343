"""Units and employees: who they are, and when they are in service."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from walesi_research.study.synthetic.world import World, stream

__all__ = ["People", "draw_people", "employee_numbers", "unit_names"]

OFFICES = (
    # kind of unit, staff relative to an average unit, share of functional positions
    ("Kantor Distrik", 1.5, 0.10),
    ("Puskesmas", 1.8, 0.75),
    ("SD Lembah", 0.9, 0.80),
    ("SMP Lembah", 1.1, 0.80),
    ("Kantor Kampung", 0.5, 0.05),
    ("SD Bukit", 0.9, 0.80),
    ("Puskesmas Pembantu", 0.6, 0.70),
    ("Balai Penyuluhan Pertanian", 0.9, 0.60),
    ("Kantor Kelurahan", 0.7, 0.05),
    ("UPT Pasar dan Kebersihan", 1.1, 0.05),
)
EDUCATION = ("sma", "d3", "d4_s1", "s2", "s3")
EDUCATION_SHARES = (0.28, 0.17, 0.47, 0.075, 0.005)
PNS_FIRST_STEP = (4, 6, 8, 9, 10)  # II/a, II/c, III/a, III/b, III/c among the steps below
PNS_STEPS = tuple(f"{rank}/{step}" for rank in ("I", "II", "III", "IV") for step in "abcd")
PPPK_GRADES = ("V", "VII", "IX", "X", "XI")
FIRST_SERIAL, SERIALS = 900, 100


@dataclass(frozen=True, slots=True)
class People:
    """Employees, in arrays of shape (employees,).

    Parameters
    ----------
    unit : ndarray of int
        Position of the unit.
    head : ndarray of bool
        Whether the employee holds a managerial position.
    ability, unit_level : ndarray of float
        Stable ability, and the achievement level of the employee's unit; points of achievement.
    gender, education : ndarray of int
        0 woman, 1 man; position in `EDUCATION`.
    pppk, functional : ndarray of bool
        Contract employee; functional position.
    birth, left : ndarray of datetime64[D]
        Day of birth; day of leaving, or NaT.
    start : ndarray of datetime64[M]
        Month of appointment.
    present : ndarray of bool, shape (employees, quarters)
        In service throughout the quarter.
    """

    unit: np.ndarray
    head: np.ndarray
    ability: np.ndarray
    unit_level: np.ndarray
    gender: np.ndarray
    education: np.ndarray
    pppk: np.ndarray
    functional: np.ndarray
    birth: np.ndarray
    start: np.ndarray
    left: np.ndarray
    present: np.ndarray

    @property
    def start_year(self) -> np.ndarray:
        """Year of appointment."""
        return self.start.astype("datetime64[Y]").astype(int) + 1970

    @property
    def birth_year(self) -> np.ndarray:
        """Year of birth."""
        return self.birth.astype("datetime64[Y]").astype(int) + 1970

    def in_service_on(self, day: np.datetime64) -> np.ndarray:
        """Tell who is in service on `day`."""
        return (self.start.astype("datetime64[D]") <= day) & (np.isnat(self.left) | (self.left > day))


def unit_names(units: int) -> list[str]:
    """Return the names of `units` units: generic offices, numbered where a kind occurs more than once."""
    kinds = len(OFFICES)
    width = len(str((units - 1) // kinds + 1))
    names = (OFFICES[u % kinds][0] for u in range(units))
    return [f"{name} {u // kinds + 1:0{width}d}" if units > kinds else name for u, name in enumerate(names)]


def draw_people(world: World, chunk: int = 0) -> People:
    """Draw the units and employees of `world`."""
    rng = stream(world, "people", chunk)
    n = world.employees
    unit = _units_of_employees(world, rng)
    head = _heads(world, unit)
    start, pppk = _starts(world, rng, n)
    start = np.where(head & (start >= world.first_quarter), world.first_quarter - 30, start)
    left = _leaving(world, rng, start, head)
    functional_share = np.array([office[2] for office in OFFICES])[unit % len(OFFICES)]
    return People(
        unit=unit,
        head=head,
        ability=rng.normal(0, world.ability_sd, n),
        unit_level=rng.normal(0, world.unit_sd, world.units)[unit],
        gender=(rng.random(n) < 0.52).astype(int),
        education=rng.choice(len(EDUCATION), n, p=EDUCATION_SHARES),
        pppk=pppk & ~head,
        functional=rng.random(n) < functional_share,
        birth=_births(world, rng, start, pppk & ~head),
        start=start,
        left=left,
        present=_present(world, start, left),
    )


def _units_of_employees(world: World, rng: np.random.Generator) -> np.ndarray:
    """Fill the units in proportion to their kind's size, each with at least two, in random order."""
    size = np.array([office[1] for office in OFFICES])[np.arange(world.units) % len(OFFICES)]
    spare = world.employees - 2 * world.units
    ends = np.round(np.cumsum(size) / size.sum() * spare).astype(int)
    count = 2 + np.diff(ends, prepend=0)
    return rng.permutation(np.repeat(np.arange(world.units), count))


def _heads(world: World, unit: np.ndarray) -> np.ndarray:
    """Mark as many managerial positions as there are raters: the first employees of each unit in turn."""
    order = np.argsort(unit, kind="stable")
    first = np.searchsorted(unit[order], np.arange(world.units))
    rank = np.empty(len(unit), int)
    rank[order] = np.arange(len(unit)) - first[unit[order]]
    wanted = np.bincount(np.arange(world.raters_count) % world.units, minlength=world.units)
    return rank < np.maximum(1, wanted)[unit]


def _starts(world: World, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw months of appointment and who is on a contract; nobody starts in the last year."""
    pppk = rng.random(n) < world.pppk_share
    years_before = np.where(pppk, rng.integers(1, 4, n), rng.integers(1, 31, n))
    start = (world.first_quarter.astype("datetime64[Y]") - years_before).astype("datetime64[M]")
    start = start + rng.integers(0, 12, n)
    months = 3 * world.quarters - 12
    entrant = (rng.random(n) < world.entrants) & (months > 0)
    late = world.first_quarter + rng.integers(0, max(1, months), n)
    return np.where(entrant, late, start), pppk


def _births(world: World, rng: np.random.Generator, start: np.ndarray, pppk: np.ndarray) -> np.ndarray:
    """Draw days of birth so that nobody starts before 20 or is older than 57 in the last year."""
    n = len(start)
    start_year = start.astype("datetime64[Y]").astype(int) + 1970
    oldest = np.minimum(np.where(pppk, 44, 34), 57 - (world.last_year - start_year))
    age = 20 + rng.integers(0, np.maximum(oldest - 20, 0) + 1)
    year = np.datetime64("1970", "Y") + (start_year - age - 1970)
    return year.astype("datetime64[D]") + rng.integers(0, 365, n)


def _leaving(world: World, rng: np.random.Generator, start: np.ndarray, head: np.ndarray) -> np.ndarray:
    """Draw days of leaving in the second half of the panel, within months; raters stay."""
    n = len(start)
    middle = world.quarter_starts[world.quarters // 2]
    months = 3 * (world.quarters - world.quarters // 2)
    day = (middle + rng.integers(0, months, n)).astype("datetime64[D]") + rng.integers(1, 25, n)
    leaves = (rng.random(n) < world.leavers) & ~head & (start < middle)
    return np.where(leaves, day, np.datetime64("NaT", "D"))


def _present(world: World, start: np.ndarray, left: np.ndarray) -> np.ndarray:
    begin, end = world.quarter_starts[:-1], world.quarter_starts[1:].astype("datetime64[D]")
    stays = np.isnat(left)[:, None] | (left[:, None] >= end)
    return (start[:, None] <= begin) & stays


def employee_numbers(
    birth: np.ndarray, start: np.ndarray, gender: np.ndarray, pppk: np.ndarray
) -> np.ndarray:
    """Return 18-digit numbers valid in structure and fictitious: serials run from 900 to 999.

    PNS: birth YYYYMMDD, appointment YYYYMM, sex (1 man, 2 woman), serial of three digits. PPPK: birth,
    year of first appointment, 21, sex, serial (regulation of the head of BKN 22/2007; see the rules).

    Parameters
    ----------
    birth : ndarray of datetime64[D], shape (n,)
    start : ndarray of datetime64[M], shape (n,)
    gender : ndarray of int, shape (n,)
        0 woman, 1 man.
    pppk : ndarray of bool, shape (n,)

    Returns
    -------
    ndarray of int64, shape (n,)

    Raises
    ------
    ValueError
        If more than a hundred people share birth, appointment and sex.
    """
    months = birth.astype("datetime64[M]").astype(int)
    day = (birth - birth.astype("datetime64[M]").astype("datetime64[D]")).astype(int) + 1
    born = (1970 + months // 12) * 10_000 + (months % 12 + 1) * 100 + day
    appointed = start.astype("datetime64[M]").astype(int)
    month = np.where(pppk, 21, appointed % 12 + 1)
    stem = ((born * 10_000 + 1970 + appointed // 12) * 100 + month) * 10 + np.where(gender == 1, 1, 2)
    order = np.argsort(stem, kind="stable")
    sorted_stem = stem[order]
    serial = np.empty(len(stem), np.int64)
    serial[order] = np.arange(len(stem)) - np.searchsorted(sorted_stem, sorted_stem)
    if serial.size and serial.max() >= SERIALS:
        raise ValueError("more than a hundred people share birth, appointment and sex")
    return stem * 1000 + FIRST_SERIAL + serial


def grades(people: People, last_year: int) -> np.ndarray:
    """Return pay grades: PNS by education and years of service, PPPK by education."""
    years = last_year - people.start_year
    step = np.array(PNS_FIRST_STEP)[people.education] + years // 4
    pns = np.array(PNS_STEPS)[np.minimum(step, PNS_STEPS.index("IV/c"))]
    return np.where(people.pppk, np.array(PPPK_GRADES)[people.education], pns)
