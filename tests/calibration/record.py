"""Worlds drawn and estimated in parallel, results kept a line a world, and the table of what they say."""

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[2] / "build" / "calibration"


@dataclass(frozen=True)
class Bounds:
    """What the rows of a part are held to; a part with a constant ``BOUNDS`` sets its own.

    Parameters
    ----------
    bias : float
        Largest share of the truth.
    cover : tuple of float
        Least and greatest share of intervals that hold the truth.
    width : float
        Largest median width, in 3.92 standard deviations of the estimates.
    size : float
        Largest share of intervals without zero where the truth is zero.
    shares : dict of (scenario, name) to tuple of float
        Least and greatest share of worlds of which something is so; an estimate that is true or false instead
        of a number with its interval.
    """

    bias: float = 0.05
    cover: tuple[float, float] = (0.92, 0.975)
    width: float = 1.25
    size: float = 0.065
    shares: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)


def calibrate(name, part, worlds: int, jobs: int) -> bool:
    """Estimate the worlds not yet on record, print the table, and return whether all bounds are held."""
    path = FOLDER / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    done = {(line["scenario"], line["seed"]) for line in read(path)}
    todo = [
        (scenario, seed)
        for seed in range(worlds)
        for scenario in part.SCENARIOS
        if (scenario, seed) not in done
    ]
    with path.open("a") as file, ProcessPoolExecutor(jobs) as pool:
        for line in pool.map(part.estimate, *zip(*todo, strict=True), chunksize=4) if todo else ():
            file.write(json.dumps(line) + "\n")
            file.flush()
    lines = [line for line in read(path) if line["seed"] < worlds]
    held = report(name, lines, getattr(part, "BOUNDS", Bounds()))
    return part.overall(lines) and held if hasattr(part, "overall") else held


def read(path: Path) -> Iterator[dict]:
    """Yield the lines on record; one that a kill cut short is left out."""
    if not path.exists():
        return
    for text in path.read_text().splitlines():
        try:
            yield json.loads(text)
        except json.JSONDecodeError:
            continue


def report(name: str, lines: list[dict], bounds: Bounds) -> bool:
    """Print a row a scenario and estimate, and return whether every row holds its bounds."""
    least, greatest = bounds.cover
    print(f"{name}: bias < {bounds.bias:.0%} of the truth, coverage {least:.1%}–{greatest:.1%}, median width")
    print(
        f"at most {bounds.width} × 3.92 standard deviations of the estimates, size at most {bounds.size:.1%}"
    )
    print(
        f"{'scenario':<12}{'estimate':<22}{'worlds':>7}{'missed':>7}{'truth':>8}{'bias':>8}{'cover':>8}{'width':>7}"
    )
    held = True
    for scenario in dict.fromkeys(line["scenario"] for line in lines):
        mine = [line for line in lines if line["scenario"] == scenario]
        for key in mine[0]["estimates"]:
            found = [line["estimates"][key] for line in mine]
            judge = share if isinstance(found[0], bool) else row
            held &= judge(scenario, key, found, bounds)
    return held


def share(scenario: str, key: str, found: list[bool], bounds: Bounds) -> bool:
    least, greatest = bounds.shares[scenario, key]
    held = least <= np.mean(found) <= greatest
    told = f"so in {np.mean(found):.1%} ({least:.0%}–{greatest:.0%})"
    print(f"{scenario:<12}{key:<22}{len(found):>7}  {told}{'' if held else '  MISSED'}")
    return held


def row(scenario: str, key: str, found: list[dict], bounds: Bounds) -> bool:
    kept = [f for f in found if f["estimate"] is not None]
    values = np.array([[f["estimate"], f["low"], f["high"], f["truth"]] for f in kept], float)
    estimate, low, high, truth = values.T
    covered = np.sum((low <= truth + 1e-12) & (truth <= high)) / len(found)
    bias, target = np.mean(estimate - truth), float(np.mean(truth))
    width = np.median(high - low) / (3.92 * np.std(estimate - truth, ddof=1))
    faults = []
    if target and abs(bias) > bounds.bias * abs(target):
        faults.append("bias")
    highest = (
        1 if target == 0 and (low >= 0).all() else bounds.cover[1]
    )  # at zero a variance is missed from above only
    if not bounds.cover[0] <= covered <= highest:
        faults.append("coverage")
    if target and width > bounds.width:
        faults.append("width")
    if target == 0 and np.mean((low > 0) | (high < 0)) > bounds.size:
        faults.append("size")
    shown = f"{bias / target:>8.2%}" if target else f"{bias:>8.3f}"
    print(
        f"{scenario:<12}{key:<22}{len(found):>7}{len(found) - len(kept):>7}{target:>8.3f}{shown}"
        f"{covered:>8.1%}{width:>7.2f}  {'MISSED: ' + ', '.join(faults) if faults else ''}".rstrip()
    )
    return not faults
