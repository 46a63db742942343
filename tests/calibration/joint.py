"""The joint model of scale means and the one corrected for their error, in worlds of 60 to 400 employees.

Their truths are projections over a population, the same for all seeds, and made once a scenario.
"""

from collections.abc import Iterable
from functools import cache

import numpy as np

from tests.calibration.record import Bounds
from tests.calibration.worlds import through_files
from walesi_research.questions.performance.joint import joint
from walesi_research.questions.performance.joint_latent import joint_latent
from walesi_research.questions.variables import PREDICTORS
from walesi_research.study.synthetic import World, simulate
from walesi_research.study.synthetic.population import POPULATION
from walesi_research.study.synthetic.world import EFFECTS

STRONG = {"quarters": 4, "culture_to_achievement": 3.0, "recognition_to_achievement": 1.5}
SCENARIOS = {
    "140": {"employees": 140, "units": 9},
    "140 strong": {"employees": 140, "units": 9} | STRONG,
    "140 null": {"employees": 140, "units": 9} | dict.fromkeys(EFFECTS, 0.0),
    "60": {"employees": 60, "units": 6},
    "400": {"employees": 400, "units": 10},
}
"""In an ordinary world last year's achievement leaves culture and recognition little to be associated with;
where they matter and there is no year before, attenuation shows. In the null world all truths are nought."""
BOUNDS = Bounds(bias=np.inf, cover=(0.90, 0.99), width=1.5, size=0.09)
"""Intervals that hold for 60 people in nine units are up to 1.45 times as wide as normal ones would be.
Bias is held by `overall`, for truths near zero have no share. Of 200 worlds a tenth may miss; a size of
5 % has a Monte Carlo error of 1.5 %, and there are eight."""
LEAST_TRUTH, BIAS = 0.05, 0.15
"""A bias is held for truths from the first on: the mean of 200 estimates has a Monte Carlo error of .006."""
DRAWS = 299
FRESH = 3_000
"""Seeds begin here, far from those (50,000 on) whose worlds served to choose how wide intervals are."""
KINDS = ("", "_latent")


def estimate(scenario: str, seed: int) -> dict:
    """Return all coefficients of one world beside their truths."""
    own = len(SCENARIOS) * (FRESH + seed) + list(SCENARIOS).index(scenario)
    world = simulate(World(seed=own, **SCENARIOS[scenario]), population=0)
    study = through_files(world)
    findings = [*joint(study).findings, *joint_latent(study, draws=DRAWS).findings]
    truth, found = truths(scenario), {f.id.removeprefix("joint."): f for f in findings}
    estimates = {
        name: {
            "truth": value,
            "estimate": found[name].estimate,
            "low": found[name].low,
            "high": found[name].high,
        }
        for name, value in truth.items()
    }
    return {"scenario": scenario, "seed": seed, "estimates": estimates}


@cache
def truths(scenario: str) -> dict[str, float]:
    """Return the true coefficients, nought where nothing has an effect on anything."""
    names = [f"{name}{kind}" for kind in KINDS for name in PREDICTORS]
    if "null" in scenario:
        return dict.fromkeys(names, 0.0)
    world = simulate(World(seed=FRESH, **SCENARIOS[scenario]), population=POPULATION)
    return {name: float(world.truth["findings"][f"joint.{name}"]["value"]) for name in names}


def overall(lines: Iterable[dict]) -> bool:
    """Print both biases against the latent truth; hold that of the corrected one, and that it is the smaller.

    The smaller only where the strong world makes attenuation larger than its Monte Carlo error.
    """
    held, lines = True, list(lines)
    for scenario in dict.fromkeys(line["scenario"] for line in lines):
        mine = [line["estimates"] for line in lines if line["scenario"] == scenario]
        for name in PREDICTORS:
            truth = mine[0][f"{name}_latent"]["truth"]
            bias = {kind: mean(mine, name + kind) - truth for kind in KINDS}
            faults = []
            if abs(truth) > LEAST_TRUTH and abs(bias["_latent"]) > BIAS * abs(truth):
                faults.append("bias")
            if "strong" in scenario and name in ("culture", "recognition"):
                faults += ["no smaller than of scale means"] * (2 * abs(bias["_latent"]) > abs(bias[""]))
            told = f"latent truth {truth:.3f}: corrected {bias['_latent']:+.3f}, scale means {bias['']:+.3f}"
            print(f"{scenario:<12}{name:<22}{told}{'  MISSED: ' + ', '.join(faults) if faults else ''}")
            held &= not faults
    return held


def mean(estimates: list[dict], name: str) -> float:
    """Return the mean of the estimates that there are."""
    values = [e[name]["estimate"] for e in estimates if e[name]["estimate"] is not None]
    return float(np.mean(values)) if values else np.nan
