"""Effect of leadership training in worlds of 140 employees, and the flag of a dip before it."""

from tests.calibration.record import Bounds
from tests.calibration.worlds import opened
from walesi_research.questions.training.leadership import leadership
from walesi_research.study.synthetic import World, simulate

SCENARIOS = {
    "ordinary": {},
    "cohorts": {"leadership_cohort": 0.4},
    "growing": {"leadership_growth": 0.4},
    "selected": {"leadership_selection": 1.25},
    "no effect": {"leadership_effect": 0.0},
    "dip": {"leadership_dip": 3.5},
    "smaller dip": {"leadership_dip": 3.0},
}
"""Settings of the worlds, each with seeds of its own: effects that differ by cohort, or grow; training that
goes to better people; none; and a quarter of training that costs as much as training gains. There the
estimate errs, and what counts is that the page says so."""
BOUNDS = Bounds(
    cover=(0.90, 0.99),
    size=0.09,
    shares={(name, "flagged"): (0.8, 1.0) if "dip" in name else (0.0, 0.09) for name in SCENARIOS},
)
"""Those of 200 worlds with bootstrapped intervals."""
ID, DRAWS = "training.leadership_att", 399


def estimate(scenario: str, seed: int) -> dict:
    """Return the effect in one world beside its truth, and whether a lead was flagged."""
    own = len(SCENARIOS) * seed + list(SCENARIOS).index(scenario)
    world = simulate(World(employees=140, seed=own, **SCENARIOS[scenario]), population=0)
    result = leadership(opened(world, "training"), draws=DRAWS)
    found = {"flagged": result.leads is not None and bool(result.leads.flagged)}
    if "dip" not in scenario:
        finding = next(f for f in result.findings if f.id == ID)
        truth = world.truth["findings"][ID]["value"]
        ends = {"estimate": finding.estimate, "low": finding.low, "high": finding.high}
        found = {"leadership_att": {"truth": truth, **ends}} | found
    return {"scenario": scenario, "seed": seed, "estimates": found}
