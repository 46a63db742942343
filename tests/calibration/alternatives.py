"""The joint model, raked and imputed, where a third do not answer: by chance, and the motivated rather.

Nothing that raking knows (unit, gender, status) tells the motivated from the others, and imputing knows only
what goes with motivation in the records; so this asks what both cost, and whether either does harm. The world
has no interactions: theirs is zero.
"""

from functools import cache

from tests.calibration.record import Bounds
from tests.calibration.worlds import through_files
from walesi_research.questions.performance.alternatives import alternatives
from walesi_research.questions.performance.interactions import interactions
from walesi_research.questions.variables import PREDICTORS
from walesi_research.study.synthetic import World, simulate

SCENARIOS = {
    "ordinary": {"nonresponse": 0.15},
    "a third": {"nonresponse": 0.35},
    "motivated": {"nonresponse": 0.35, "nonresponse_of_motivation": 1.5},
}
BOUNDS = Bounds(bias=float("inf"), cover=(0.90, 0.99), width=1.4, size=0.10)
"""Those of 100 worlds: the standard error of a coverage of 95 % is 2 %. No bound on bias as a share of the
truth, for the true coefficients are as small as .004 with standard errors of .09."""
POPULATION = 400_000
TRUE_NAMES = [f"joint.{name}" for name in PREDICTORS]


@cache
def truths() -> dict[str, float]:
    """Return the true coefficients, the same in all these worlds: who answers is no part of them."""
    found = simulate(World(employees=140, seed=0), population=POPULATION).truth["findings"]
    return {name: found[name]["value"] for name in TRUE_NAMES}


def estimate(scenario: str, seed: int) -> dict:
    """Return the coefficients of one world by three models, and its interactions, beside their truths."""
    own = len(SCENARIOS) * seed + list(SCENARIOS).index(scenario)
    world = simulate(World(employees=140, seed=own, **SCENARIOS[scenario]), population=0)
    study = through_files(world)
    answer, estimates = alternatives(study), {}
    for name in PREDICTORS:
        truth, c = truths()[f"joint.{name}"], answer.main[name]
        estimates[name] = {"truth": truth, "estimate": c.estimate, "low": c.low, "high": c.high}
    for f in (*answer.findings, *interactions(study).findings):
        short = f.id.removeprefix("joint.")
        truth = 0.0 if "_by_" in short else truths()[f.id.rsplit("_", 1)[0]]
        estimates[short] = {"truth": truth, "estimate": f.estimate, "low": f.low, "high": f.high}
    return {"scenario": scenario, "seed": seed, "estimates": estimates}
