"""Small studies with leadership programmes in stages, written by hand."""

import numpy as np
import pandas as pd

from tests.questions.small import codebook, people, study
from walesi_research.study.calendar import Calendar

QUARTERS = Calendar("quarter")
FIRST = QUARTERS.parse("2022-Q1")
KINDS = ("leadership", "technical", "functional", "sociocultural")


def staged(y, onset, *, courses=None, units=4, **changes):
    """Return a study whose employees achieve `y` (n, T; NaN is no record) from 2022-Q1 on.

    A leadership programme counts from column `onset` (n,) on: completed in the middle of the quarter before;
    T for none. `courses` are further rows of the training table, employees by position. `changes` are of
    the study's settings; a table handed in by name goes instead of the one made here, None for none.
    """
    y, onset = np.asarray(y, float), np.asarray(onset)
    employees = people(len(y), units)
    names = employees["employee_id"].to_numpy()
    row, column = np.nonzero(~np.isnan(y))
    appraisals = pd.DataFrame(
        {
            "employee_id": names[row],
            "period": FIRST + column,
            "rater_id": "r1",
            "achievement": y[row, column],
        }
    )
    tables = {
        "employees": employees,
        "appraisals": appraisals,
        "training": training(names, onset, y.shape[1], courses),
    }
    tables |= {name: changes.pop(name) for name in list(tables) if name in changes}
    return study({k: t for k, t in tables.items() if t is not None}, codebook(), **changes)


def training(names, onset, periods, courses=None):
    """Return the training table: leadership programmes by `onset`, and `courses`."""
    who = np.flatnonzero(onset < periods)
    leadership = pd.DataFrame(
        {
            "employee_id": names[who],
            "programme": "Pelatihan Kepemimpinan",
            "kind": "leadership",
            "hours": 120.0,
            "completed_on": [middle(FIRST + int(k) - 1) for k in onset[who]],
        }
    )
    table = pd.concat([leadership, courses]) if courses is not None else leadership
    table["employee_id"] = [names[e] if isinstance(e, (int, np.integer)) else e for e in table["employee_id"]]
    table["kind"] = pd.Categorical(table["kind"], categories=KINDS)
    return table.astype({"completed_on": "datetime64[ns]"}).reset_index(drop=True)


def course(employee, day, hours, kind="technical"):
    """Return a row of `courses`: one course completed by the employee at a position."""
    row = {"employee_id": employee, "programme": "Kursus", "kind": kind, "hours": float(hours)}
    return pd.DataFrame([row | {"completed_on": pd.Timestamp(day)}])


def middle(period):
    """Return the fortieth day of a quarter."""
    return pd.Timestamp(QUARTERS.first_day(period)) + pd.Timedelta(days=40)


def stages(n=60, periods=8, *, never=True, effect=3.0, growth=0.0, cohort=0.0, noise=1.0, seed=1):
    """Return achievement (n, T) and onset (n,) of a programme taken in stages, better people earlier.

    The effect is ``effect + growth * (periods since onset) + cohort * (middle - onset)``. Without `never`
    everybody is treated in the end.
    """
    rng = np.random.default_rng(seed)
    ability = np.sort(rng.normal(size=n))[::-1]
    latest = periods - 1
    onset = 2 + (np.arange(n) * (latest - 1)) // n
    if never:
        onset = np.where(np.arange(n) % 2, periods, onset)
    since = np.arange(periods) - onset[:, None]
    size = effect + growth * since + cohort * (periods / 2 - onset[:, None])
    y = 95 + 4 * ability[:, None] + rng.normal(size=periods) + np.where(since >= 0, size, 0.0)
    mixed = rng.permutation(n)
    return (y + noise * rng.normal(size=(n, periods)))[mixed], onset[mixed]
