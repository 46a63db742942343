"""Effects of first awards and of units' first team building (worlds of 140 employees), and colleagues."""

from tests.calibration.record import Bounds
from tests.calibration.worlds import opened
from walesi_research.language import Message
from walesi_research.questions.pathways.awards import award
from walesi_research.questions.pathways.colleagues import colleagues
from walesi_research.questions.pathways.team_building import team_building
from walesi_research.study.synthetic import SyntheticStudy, World, simulate

SCENARIOS = {
    "ordinary": {},
    "no effect": {"award_effect": 0.0, "team_building_effect": 0.0},
    "selected": {"award_selection": 2.5},
    "six units": {"units": 6},
}
"""Settings of the worlds, each with seeds of its own. In the third, a quarter that is good by one standard
deviation makes an award twelve times as likely."""
BOUNDS = Bounds(
    bias=0.10,
    cover=(0.90, 0.99),
    width=1.35,
    size=0.09,
    shares={(name, "flagged"): (0.0, 0.09) for name in SCENARIOS},
)
"""Of 200 worlds with bootstrapped intervals; those of exchanged dates are wide, for few units allow no
others."""
DRAWS, EXCHANGED = 399, 399


def estimate(scenario: str, seed: int) -> dict:
    """Return both effects in one world beside their truths, and whether the award was foretold."""
    own = len(SCENARIOS) * seed + list(SCENARIOS).index(scenario)
    world = simulate(World(employees=140, seed=own, **SCENARIOS[scenario]), population=0)
    study = opened(world, "events")
    found = {
        "award_att": award(study, draws=DRAWS),
        "team_building_att": team_building(study, draws=EXCHANGED),
        "award_colleagues": colleagues(study),
    }
    flagged = not isinstance(found["award_att"], Message) and found["award_att"].doubtful
    estimates = {name: _ends(change) | {"truth": _truth(world, name)} for name, change in found.items()}
    return {"scenario": scenario, "seed": seed, "estimates": estimates | {"flagged": bool(flagged)}}


def _truth(world: SyntheticStudy, name: str) -> float:
    """Return the effect; zero for colleagues, whom no award moves here, and where nobody got one."""
    known = world.truth["findings"].get(f"culture.{name}")
    return (known and known["value"]) or 0.0


def _ends(change) -> dict:
    kept = not isinstance(change, Message)
    return {name: getattr(change, name) if kept else None for name in ("estimate", "low", "high")}
