"""Small studies with appraisals written by hand."""

import numpy as np
import pandas as pd

from tests.questions.small import codebook, people, study, survey
from walesi_research.rules.predicate import PREDICATES
from walesi_research.study.calendar import Calendar

TIES = ("none", "family", "clan", "political", "other")
LATEST = Calendar("quarter").parse("2024-Q4")
LEAST = 5  # the default minimum_cell


def appraisals(employees, **columns):
    """Return appraisals, one row an entry of `columns` (spread where scalar); employee ids by position."""
    frame = pd.DataFrame({"employee_id": np.asarray(employees["employee_id"]), "period": LATEST} | columns)
    frame["rater_id"] = columns.get("rater_id", "r1")
    if "predicate" in frame:
        frame["predicate"] = pd.Categorical(frame["predicate"], categories=PREDICATES)
    if "tie" in frame:
        frame["tie"] = pd.Categorical(frame["tie"], categories=TIES)
    return frame


def appraised(n=40, units=2, book=None, **columns):
    """Return a study in which each of `n` employees has one appraisal of the latest period."""
    employees = people(n, units)
    return study({"employees": employees, "appraisals": appraisals(employees, **columns)}, book)


def of_chance(seed, n=60, units=4, periods=3, drop=(), book=None, **changes):
    """Return a study of chance: two raters, several periods, some blanks, figures heaped at 100.

    `drop` names columns of the appraisals, or tables, that it is without.
    """
    rng = np.random.default_rng(seed)
    employees = people(n, units)
    employees["unit"] = pd.Categorical(np.sort(rng.integers(0, units, n)).astype(str))
    rows = pd.DataFrame(
        [(i, p, r) for i in range(n) for p in range(periods) for r in range(1 + (rng.random() < 0.3))],
        columns=["who", "ago", "rater"],
    )
    k = len(rows)
    figure = np.where(
        rng.random((n, periods)) < 0.2, 100.0, 100 + np.round(12 * rng.normal(size=(n, periods)))
    )
    achievement = np.where(rng.random(k) < 0.1, np.nan, figure[rows["who"], rows["ago"]])
    frame = pd.DataFrame(
        {
            "employee_id": employees["employee_id"].to_numpy()[rows["who"]],
            "period": LATEST - rows["ago"],
            "rater_id": "r" + rows["rater"].astype(str),
            "score": 85 + 0.3 * (np.nan_to_num(achievement, nan=100) - 100) + 4 * rng.normal(size=k),
            "work_result": rng.choice([1.0, 2.0, 3.0, np.nan], k, p=[0.2, 0.5, 0.25, 0.05]),
            "behaviour": rng.choice([1.0, 2.0, 3.0], k, p=[0.1, 0.6, 0.3]),
            "predicate": pd.Categorical(rng.choice(PREDICATES, k, p=[0.2, 0.6, 0.1, 0.06, 0.04])),
            "achievement": achievement,
            "tie": pd.Categorical(rng.choice([*TIES, None], k, p=[0.6, 0.1, 0.1, 0.05, 0.05, 0.1])),
        }
    )
    frame = frame.drop(columns=[name for name in drop if name in frame])
    frame = frame.sort_values(["employee_id", "period"], kind="stable", ignore_index=True)
    book = book or codebook(("fairness", "transparency", "favouritism"))
    answers = {item: rng.integers(1, 6, n) for item in book.items}
    tables = {"employees": employees, "appraisals": frame, "survey": survey(employees, answers)}
    return study({name: t for name, t in tables.items() if name not in drop}, book, **changes)
