"""Tie effect, achievement slope and rater share in worlds of 140 employees."""

import numpy as np
import pandas as pd

from walesi_research.stats import cr2_mixed, crossed
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


NAMES = ("tie_effect", "achievement_slope", "rater_share")
ENDS = ("estimate", "low", "high")


def appraisal(table: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Return the three estimates with their intervals."""
    rows = table.replace({"tie": {"": None}}).dropna(subset=["score", "tie", "achievement"])
    y = rows.score.to_numpy(float)
    exposure = np.column_stack([rows.tie != "none", rows.achievement / 10]).astype(float)
    factors = {"employee": rows.employee_id.to_numpy(), "rater": rows.rater_id.to_numpy()}
    means = np.column_stack([group_means(exposure, labels) for labels in factors.values()])
    periods = pd.get_dummies(rows.period).to_numpy(float)
    X = np.column_stack([exposure, means, periods])
    fit = cr2_mixed(crossed(y, X, factors), y, X, factors, "employee", columns=[0, 1])
    net = crossed(y, np.column_stack([exposure, periods]), factors)
    return {
        "tie_effect": (fit.coef[0], fit.low[0], fit.high[0]),
        "achievement_slope": (fit.coef[1], fit.low[1], fit.high[1]),
        "rater_share": (net.shares["rater"], *net.share_interval("rater")),
    }


def group_means(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return each row's group means, shape of `values`."""
    return pd.DataFrame(values).groupby(labels).transform("mean").to_numpy()
