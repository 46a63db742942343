"""Worlds drawn and estimated in parallel, results kept a line a world, and the table of what they say."""

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[2] / "build" / "calibration"
BIAS, COVER, WIDTH, SIZE = 0.05, (0.92, 0.975), 1.25, 0.065


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
    return report(name, lines)


def read(path: Path) -> Iterator[dict]:
    """Yield the lines on record; one that a kill cut short is left out."""
    if not path.exists():
        return
    for text in path.read_text().splitlines():
        try:
            yield json.loads(text)
        except json.JSONDecodeError:
            continue


def report(name: str, lines: list[dict]) -> bool:
    """Print a row a scenario and estimate, and return whether every row holds its bounds."""
    print(f"{name}: bias < {BIAS:.0%} of the truth, coverage {COVER[0]:.1%}–{COVER[1]:.1%}, median width")
    print(f"at most {WIDTH} × 3.92 standard deviations of the estimates, size at most {SIZE:.1%}")
    print(
        f"{'scenario':<12}{'estimate':<22}{'worlds':>7}{'missed':>7}{'truth':>8}{'bias':>8}{'cover':>8}{'width':>7}"
    )
    held = True
    for scenario in dict.fromkeys(line["scenario"] for line in lines):
        mine = [line for line in lines if line["scenario"] == scenario]
        for key in mine[0]["estimates"]:
            held &= row(scenario, key, [line["estimates"][key] for line in mine])
    return held


def row(scenario: str, key: str, found: list[dict | None]) -> bool:
    kept = [f for f in found if f["estimate"] is not None]
    values = np.array([[f["estimate"], f["low"], f["high"], f["truth"]] for f in kept], float)
    estimate, low, high, truth = values.T
    covered = np.sum((low <= truth + 1e-12) & (truth <= high)) / len(found)
    bias, target = np.mean(estimate - truth), float(np.mean(truth))
    width = np.median(high - low) / (3.92 * np.std(estimate - truth, ddof=1))
    faults = []
    if target and abs(bias) > BIAS * abs(target):
        faults.append("bias")
    highest = (
        1 if target == 0 and (low >= 0).all() else COVER[1]
    )  # at zero a variance is missed from above only
    if not COVER[0] <= covered <= highest:
        faults.append("coverage")
    if target and width > WIDTH:
        faults.append("width")
    if target == 0 and np.mean((low > 0) | (high < 0)) > SIZE:
        faults.append("size")
    shown = f"{bias / target:>8.2%}" if target else f"{bias:>8.3f}"
    print(
        f"{scenario:<12}{key:<22}{len(found):>7}{len(found) - len(kept):>7}{target:>8.3f}{shown}"
        f"{covered:>8.1%}{width:>7.2f}  {'MISSED: ' + ', '.join(faults) if faults else ''}".rstrip()
    )
    return not faults
