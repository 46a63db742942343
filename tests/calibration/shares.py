"""Intervals of a rater's share of variance with 12 and 18 raters, 140 employees and 12 quarters."""

import numpy as np

from walesi_research.stats import crossed

SCENARIOS = {f"{raters}, {share}": (raters, share) for raters in (12, 18) for share in (0.37, 0.05, 0.0)}
"""Raters, and their share."""
EMPLOYEE, RESIDUAL = 4.84, 10.24


def estimate(scenario: str, seed: int) -> dict:
    """Return the shares and variances of one panel beside their truths."""
    raters, share = SCENARIOS[scenario]
    rng = np.random.default_rng([seed, list(SCENARIOS).index(scenario)])
    variance = share / (1 - share) * (EMPLOYEE + RESIDUAL)
    y, X, factors = panel(rng, raters, variance)
    fit = crossed(y, X, factors)
    total = variance + EMPLOYEE + RESIDUAL
    found = {
        "rater share": (share, fit.shares["rater"], *fit.share_interval("rater")),
        "employee share": (EMPLOYEE / total, fit.shares["employee"], *fit.share_interval("employee")),
        "rater variance": (variance, fit.variances["rater"], *fit.variance_interval("rater")),
        "residual variance": (RESIDUAL, fit.residual, *fit.residual_interval()),
    }
    names = ("truth", "estimate", "low", "high")
    return {
        "scenario": scenario,
        "seed": seed,
        "estimates": {k: dict(zip(names, map(float, v), strict=True)) for k, v in found.items()},
    }


def panel(rng: np.random.Generator, raters: int, variance: float) -> tuple:
    """Return response, design and factors; half of the ratings are by an employee's own rater."""
    employee, quarter = np.repeat(np.arange(140), 12), np.tile(np.arange(12), 140)
    own = rng.integers(0, raters, 140)[employee]
    rater = np.where(rng.random(len(own)) < 0.5, own, rng.integers(0, raters, len(own)))
    tie = rng.random(len(own)) < 0.25
    X = np.column_stack([np.ones(len(own)), tie, *(quarter == k for k in range(1, 12))]).astype(float)
    random = np.sqrt(EMPLOYEE) * rng.normal(size=140)[employee]
    random += np.sqrt(variance) * rng.normal(size=raters)[rater]
    y = 5 * tie + random + np.sqrt(RESIDUAL) * rng.normal(size=len(own))
    return y, X, {"employee": employee, "rater": rater}
