"""Does the public notice: the slope of the service index on achievement in worlds of nine units."""

from tests.calibration.record import Bounds
from tests.calibration.worlds import opened
from walesi_research.questions.performance.service_slope import ID, service_slope
from walesi_research.study.synthetic import World, simulate

SCENARIOS = {
    "ordinary": {},
    "no slope": {"service_slope": 0.0},
    "few answers": {"respondents": 15.0},
    "serial": {"serial_correlation": 0.5},
    "noisy null": {"service_slope": 0.0, "service_noise_sd": 3.0},
}
"""Settings of the worlds, each with seeds of its own. In the last but one, a good quarter follows a good
quarter; in the last, a unit's service changes for other reasons more than for its employees' work."""
BOUNDS = Bounds(bias=0.10, cover=(0.90, 0.99), width=1.4, size=0.08)
"""Those of 200 worlds: the mean of 200 slopes has a Monte Carlo error of 2 % of the truth. With nine units an
interval needs t with some six degrees of freedom, 1.24 times as wide as a normal one, and the standard error,
itself uncertain, is a little too large rather than too small."""
UNITS = 9


def estimate(scenario: str, seed: int) -> dict:
    """Return the slope of one world beside its truth, with both intervals."""
    own = len(SCENARIOS) * seed + list(SCENARIOS).index(scenario)
    world = simulate(World(employees=140, units=UNITS, seed=own, **SCENARIOS[scenario]), population=0)
    result = service_slope(opened(world, "service"))
    found, truth = result.findings[0], world.truth["findings"][ID]["value"]
    ends = {"performance_slope": (found.low, found.high), "wild bootstrap": result.wild or (None, None)}
    estimates = {
        name: {"truth": truth, "estimate": found.estimate, "low": low, "high": high}
        for name, (low, high) in ends.items()
    }
    return {"scenario": scenario, "seed": seed, "estimates": estimates}
