"""The slope of achievement on hours of training in worlds of 140 employees."""

from tests.calibration.worlds import opened
from walesi_research.questions.training.hours import hours
from walesi_research.study.synthetic import World, simulate

SCENARIOS = {
    "ordinary": {},
    "no slope": {"hours_slope": 0.0},
    "growing": {"leadership_growth": 0.4, "leadership_cohort": 0.3},
    "serial": {"serial_correlation": 0.5},
}
"""Settings of the worlds, each with seeds of its own. In the third, leadership programmes add more with every
quarter and more to those who went early; in the last, a good quarter follows a good quarter."""
ID = "training.hours_slope"


def estimate(scenario: str, seed: int) -> dict:
    """Return the slope of one world beside its truth."""
    own = len(SCENARIOS) * seed + list(SCENARIOS).index(scenario)
    world = simulate(World(employees=140, seed=own, **SCENARIOS[scenario]), population=0)
    found = next(f for f in hours(opened(world, "training")).findings if f.id == ID)
    truth = world.truth["findings"][ID]["value"]
    ends = {"estimate": found.estimate, "low": found.low, "high": found.high}
    return {"scenario": scenario, "seed": seed, "estimates": {ID: {"truth": truth, **ends}}}
