"""Tie effect, achievement slope and rater share in worlds of 140 employees."""

import pandas as pd

from walesi_research.questions.appraisal.estimate import rater_share, within_employee
from walesi_research.questions.appraisal.frame import POINTS, Rows
from walesi_research.study.synthetic import World, simulate

SCENARIOS = {
    "ordinary": {},
    "tie 6": {"tie_effect": 6.0},
    "no tie": {"tie_effect": 0.0},
    "selected": {"ties_follow_ability": 0.8},
}
"""Settings of the worlds; in the last one ties go to better people. Each has seeds of its own: with the
same draws a larger tie effect would give the same errors."""


def estimate(scenario: str, seed: int) -> dict:
    """Return the estimates of one world beside their truths."""
    own = len(SCENARIOS) * seed + list(SCENARIOS).index(scenario)
    study = simulate(World(employees=140, seed=own, **SCENARIOS[scenario]), population=0)
    truth = {k: study.truth["findings"][f"appraisal.{k}"]["value"] for k in NAMES}
    found = appraisal(study.tables["appraisals"])
    return {
        "scenario": scenario,
        "seed": seed,
        "estimates": {k: {"truth": truth[k], **dict(zip(ENDS, found[k], strict=True))} for k in NAMES},
    }


LEVEL = 0.95
NAMES = ("tie_effect", "achievement_slope", "rater_share")
ENDS = ("estimate", "low", "high")


def appraisal(table: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Return the three estimates with their intervals, as the questions make them."""
    frame = table.rename(columns={"employee_id": "employee", "rater_id": "rater"}).replace(
        {"tie": {"": None}}
    )
    frame = frame.dropna(subset=["score", "tie", "achievement"]).reset_index(drop=True)
    frame = frame.assign(
        tie=(frame["tie"] != "none").astype(float), achievement=frame["achievement"] / POINTS
    )
    rows = Rows(frame)
    found, share = within_employee(rows, LEVEL), rater_share(rows, LEVEL)
    effects = zip(("tie_effect", "achievement_slope"), (found["tie"], found["achievement"]), strict=True)
    return {name: (e.estimate, e.low, e.high) for name, e in effects} | {
        "rater_share": (share.estimate, share.low, share.high)
    }
