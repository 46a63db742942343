"""Time and memory of the appraisal model over 10^3 … 10^6 ratings."""

import multiprocessing
import resource
import time

import numpy as np

from walesi_research.stats import cr2_mixed, crossed

SECONDS, GIGABYTES = 120, 8
"""Bounds for a million ratings."""


def panel(rows: int, seed: int = 0, crossing: float = 0.001) -> tuple:
    """Return response, design and factors: ten ratings an employee, 8 raters for 100 employees.

    Raters rate in districts of their own, eighty a district; a share `crossing` of the ratings is by a rater
    of anywhere, which links the districts.
    """
    rng = np.random.default_rng(seed)
    people = rows // 10
    raters = max(6, people * 8 // 100)
    districts = max(1, raters // 80)
    own = raters // districts
    employee, period = np.repeat(np.arange(people), 10), np.tile(np.arange(10), people)
    rater = rng.integers(0, districts, people)[employee] * own + rng.integers(0, own, rows)
    away = rng.random(rows) < crossing
    rater[away] = rng.integers(0, raters, away.sum())
    tie, achievement = rng.random(rows) < 0.25, rng.normal(size=rows)
    X = np.column_stack([np.ones(rows), tie, achievement, *(period == k for k in range(1, 10))]).astype(float)
    random = 2.2 * rng.normal(size=people)[employee] + 3 * rng.normal(size=raters)[rater]
    y = 80 + X[:, 1:3] @ [5, 3] + random + 3.2 * rng.normal(size=rows)
    return y, X, {"employee": employee, "rater": rater}


def measure(rows: int) -> dict:
    y, X, factors = panel(rows)
    start = time.perf_counter()
    fit = crossed(y, X, factors)
    fitted = time.perf_counter()
    cr2_mixed(fit, y, X, factors, "employee", columns=[1, 2])
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"rows": rows, "crossed": fitted - start, "cr2_mixed": done - fitted, "gigabytes": peak}


def curve(largest: int = 1_000_000) -> bool:
    """Print the curve, each size in a process of its own; return whether the largest is within bounds."""
    print("crossed and cr2_mixed, ten ratings an employee, a rater for 12 employees, a thousandth crossing")
    print(f"  {'rows':>9} {'raters':>7} {'crossed s':>10} {'cr2 s':>8} {'peak GB':>8}")
    held = True
    for rows in (r for r in (1_000, 10_000, 100_000, 1_000_000) if r <= largest):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found = pool.apply(measure, (rows,))
        raters = max(6, rows // 10 * 8 // 100)
        print(
            f"  {rows:>9,} {raters:>7,} {found['crossed']:>10.2f} {found['cr2_mixed']:>8.2f}"
            f" {found['gigabytes']:>8.2f}",
            flush=True,
        )
        held &= found["crossed"] + found["cr2_mixed"] <= SECONDS and found["gigabytes"] <= GIGABYTES
    return held
