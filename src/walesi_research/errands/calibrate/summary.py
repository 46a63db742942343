"""What the worlds say of each finding: bias, coverage, power, false alarms, and whether it deserves trust."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy.stats import norm

from walesi_research.errands.calibrate.contract import CENSUS, EFFECTS

__all__ = ["FEWEST", "Bounds", "Judged", "bounds_of", "summarise"]

Verdict = Literal["trust", "too_little", "misleads", "cannot_tell", "absent"]

POWER, OFTEN = 0.80, 0.80
"""Power and share of worlds with an estimate that are asked for."""
FEWEST = 40
"""Worlds without which nothing can be told."""
MISLEADS, SURE = 2, 3
"""An interval misleads that surely misses this many times as often as it says; it deserves trust only where
it surely misses less than the second: at a level of 95 %, some sixty worlds at least."""
ROUNDED = 0.005
"""Half of the last place of a share that describes and is published to 0.01."""
MOST_QUARTERS = 40
"""Nobody waits for more than ten years."""
NORMAL, MORE = 1.959964, 0.841621
"""Normal quantiles of 97.5 %, for intervals of what worlds say, and of a power of 80 %."""
SPELLS = (
    "appraisal.tie_effect", "appraisal.achievement_slope", "training.leadership_att", "training.hours_slope",
    "culture.award_att", "culture.team_building_att", "service.performance_slope",
)  # fmt: skip
"""Findings of change over time: more quarters help them as more employees do."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What is asked of intervals of a level.

    Parameters
    ----------
    misses : float
        One less the level: the share of false alarms that is promised.
    least_covered, most_alarmed : float
        A finding misleads where its coverage is surely below the first, or false alarms above the second.
    sure_covered : float
        It deserves trust only where coverage is surely above this.
    """

    misses: float
    least_covered: float
    most_alarmed: float
    sure_covered: float


def bounds_of(level: float) -> Bounds:
    """Return what is asked of intervals of a level; 90 %, 10 % and 85 % at one of 95 %."""
    misses = round(1 - level, 10)
    least, sure = (round(1 - times * misses, 10) for times in (MISLEADS, SURE))
    return Bounds(misses=misses, least_covered=least, most_alarmed=MISLEADS * misses, sure_covered=sure)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One finding over all worlds; None where it cannot be told.

    Parameters
    ----------
    id : str
    worlds, null_worlds : int
        Ordinary worlds asked, and null ones.
    estimable : float
        Share of ordinary worlds with an estimate.
    failed : int
        Worlds, null ones too, in which the question failed.
    truth : float
        Mean over the worlds.
    bias, bias_error : float
        Mean of estimate minus truth, and its Monte-Carlo standard error.
    spread, width : float
        Standard deviation of estimate minus truth; median width of the interval.
    coverage, coverage_low, coverage_high : float
        Share of intervals that hold the truth, with Wilson's interval of 95 %.
    limit : float
        What the power is asked of.
    power, power_low, power_high : float
        Share of ordinary worlds whose interval lies wholly on the truth's side of the limit.
    alarms, alarms_low, alarms_high : float
        Share of null worlds whose interval leaves out the true zero; for importance, that tell of it at all.
    times : float
        So many times the data would give a power of 80 %; 1 where they are enough.
    employees, quarters : int
        That many employees, or quarters instead, by the same rule of thumb.
    verdict : {"trust", "too_little", "misleads", "cannot_tell", "absent"}
        Absent where not one of `FEWEST` ordinary worlds or more has an estimate.
    """

    id: str
    worlds: int
    null_worlds: int
    estimable: float | None = None
    failed: int = 0
    truth: float | None = None
    bias: float | None = None
    bias_error: float | None = None
    spread: float | None = None
    width: float | None = None
    coverage: float | None = None
    coverage_low: float | None = None
    coverage_high: float | None = None
    limit: float | None = None
    power: float | None = None
    power_low: float | None = None
    power_high: float | None = None
    alarms: float | None = None
    alarms_low: float | None = None
    alarms_high: float | None = None
    times: float | None = None
    employees: int | None = None
    quarters: int | None = None
    verdict: Verdict = "cannot_tell"

    def as_record(self) -> dict[str, Any]:
        """Return the row as values of JSON, numbers to six significant digits."""
        return {k: float(f"{v:.6g}") if isinstance(v, float) else v for k, v in asdict(self).items()}


def summarise(
    lines: Iterable[Mapping[str, Any]],
    truths: Mapping[str, float],
    limits: Mapping[str, float],
    employees: int,
    quarters: int,
    level: float,
) -> list[Judged]:
    """Judge every finding that the worlds were asked for.

    Parameters
    ----------
    lines : iterable of mappings
        Of `world.ask`.
    truths : mapping of str to float
        Those of `world.population_truths`, the same in all ordinary worlds.
    limits : mapping of str to float
        Limits of claims by finding; other effects are asked whether they differ from zero.
    employees, quarters : int
        Size of a world.
    level : float
        Of the intervals.
    """
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for line in sorted(lines, key=lambda one: (one["kind"], one["number"])):
        for name, record in line["findings"].items():
            record = record | (
                {"truth": truths[name]} if name in truths and line["kind"] == "ordinary" else {}
            )
            found.setdefault(name, {"ordinary": [], "null": []})[line["kind"]].append(record)
    asked = dict.fromkeys(EFFECTS, 0.0) | dict(limits)
    return [
        _judged(name, kinds["ordinary"], kinds["null"], asked.get(name), (employees, quarters), level)
        for name, kinds in found.items()
    ]


def _judged(
    name: str,
    ordinary: Sequence[dict],
    null: Sequence[dict],
    limit: float | None,
    size: tuple[int, int],
    level: float,
) -> Judged:
    row = Judged(id=name, worlds=len(ordinary), null_worlds=len(null))
    row = replace(row, failed=sum(r["status"] == "failed" for r in (*ordinary, *null)), **_alarms(name, null))
    kept = [r for r in ordinary if r["status"] == "estimated"]
    if not ordinary:
        return row
    row = replace(row, estimable=len(kept) / len(ordinary))
    known = [r for r in kept if r["truth"] is not None]
    row = replace(row, **_errors(known, name in CENSUS))
    if limit is not None and known and name not in CENSUS:
        row = replace(row, **_power(known, len(ordinary), limit, size, name in SPELLS, level))
    return replace(row, verdict=_verdict(row, bounds_of(level)))


def _alarms(name: str, null: Sequence[dict]) -> dict[str, float]:
    """Return how often something is told where there is nothing."""
    if name.startswith("importance."):
        told = [r["status"] == "estimated" for r in null]
    elif name in EFFECTS:
        told = [
            r["low"] > 0 or r["high"] < 0 for r in null if r["status"] == "estimated" and r["low"] is not None
        ]
    else:
        return {}
    return _share("alarms", sum(told), len(told))


def _errors(known: Sequence[dict], described: bool) -> dict[str, float | None]:
    """Return bias, spread, width and coverage over worlds whose truth is known."""
    rows = [r for r in known if r["low"] is not None]
    if len(rows) < 2:
        return {}
    estimate, low, high, truth = (np.array([r[k] for r in rows], float) for k in _ENDS)
    error, slack = estimate - truth, ROUNDED if described else 1e-9
    covered = (low - slack <= truth) & (truth <= high + slack)
    return {
        "truth": float(truth.mean()),
        "bias": float(error.mean()),
        "bias_error": float(error.std(ddof=1) / np.sqrt(len(rows))),
        "spread": float(error.std(ddof=1)),
        "width": float(np.median(high - low)),
        **_share("coverage", int(covered.sum()), len(rows)),
    }


_ENDS = ("estimate", "low", "high", "truth")


def _power(
    known: Sequence[dict], worlds: int, limit: float, size: tuple[int, int], spells: bool, level: float
) -> dict[str, float | int | None]:
    """Return the share of worlds that tell on which side of the limit the truth lies, and what is enough.

    Half the interval on the limit's side is taken to shrink as one over the root of the data: a power of 80 %
    needs a truth 1 + 0.84 / 1.96 of them away from the limit, at a level of 95 %.
    """
    employees, quarters = size
    rows = [r for r in known if r["low"] is not None]
    if not rows:
        return {}
    estimate, low, high, truth = (np.array([r[k] for r in rows], float) for k in _ENDS)
    above = truth > limit
    right = np.where(above, low > limit, high < limit)
    side = np.where(above, estimate - low, high - estimate)
    power = _share("power", int(right.sum()), worlds)
    away = float(np.mean(np.abs(truth - limit)))
    times = (
        None
        if away <= 0
        else max(1.0, ((1 + MORE / norm.ppf((1 + level) / 2)) * float(np.median(side)) / away) ** 2)
    )
    if power["power"] >= POWER:
        times = 1.0
    needed = {} if times is None or times == 1 else {"employees": _ceil(times * employees)}
    if needed and spells and times * quarters <= MOST_QUARTERS:
        needed |= {"quarters": int(np.ceil(times * quarters))}
    return power | {"limit": limit, "times": times} | needed


def _ceil(people: float) -> int:
    """Return a number of people, up to the next ten."""
    return int(np.ceil(people / 10) * 10)


def _share(name: str, k: int, n: int) -> dict[str, float]:
    """Return a share with Wilson's interval (1927); empty where there is nothing."""
    if n == 0:
        return {}
    z2 = NORMAL**2
    middle, half = (k + z2 / 2) / (n + z2), NORMAL / (n + z2) * np.sqrt(k * (n - k) / n + z2 / 4)
    ends = {f"{name}_low": max(0.0, float(middle - half)), f"{name}_high": min(1.0, float(middle + half))}
    return {name: k / n} | ends


def _verdict(row: Judged, bounds: Bounds) -> Verdict:
    """Say whether a finding deserves trust at this size; the worlds must be sure of it."""
    if row.worlds < FEWEST:
        return "cannot_tell"
    if row.estimable == 0:
        return "absent"
    if row.coverage is not None and row.coverage_high < bounds.least_covered:
        return "misleads"
    if row.alarms is not None and row.alarms_low > bounds.most_alarmed:
        return "misleads"
    if row.estimable < OFTEN:
        return "too_little"
    if row.coverage is None or row.coverage_low < bounds.sure_covered:
        return "cannot_tell"
    return "too_little" if row.power is not None and row.power < POWER else "trust"
