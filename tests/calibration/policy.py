"""The gain of the combined programme in worlds of 140 employees, and where nothing has an effect."""

from dataclasses import replace

from tests.calibration.record import Bounds
from tests.calibration.worlds import through_files
from walesi_research.questions.policy import scenarios
from walesi_research.study import Study
from walesi_research.study.synthetic import World, simulate

SCENARIOS = {"140": World, "null": World.null}
DRAWS = 299
FRESH = 9_000
"""Seeds begin here, apart from those of the other parts."""
NAME = "policy.combined_gain"
BOUNDS = Bounds(bias=0.10, cover=(0.90, 0.99), width=1.35, size=0.10)
"""The truth is of the latent culture, capped at its own 95th percentile; the estimate caps scale means, of
which the study has a handful of values. Of 200 worlds; where nothing has an effect the gain is zero, and
not covered in at most a tenth."""


def estimate(scenario: str, seed: int) -> dict:
    """Return the gain in one world beside its truth, and what each part adds."""
    own = len(SCENARIOS) * (FRESH + seed) + list(SCENARIOS).index(scenario)
    world = simulate(SCENARIOS[scenario](employees=140, seed=own), population=0)
    study = only_combined(through_files(world))
    answer = scenarios(study, draws=DRAWS)
    found, truth = answer.findings[0], world.truth["findings"][NAME]["value"]
    ends = {"truth": truth, "estimate": found.estimate, "low": found.low, "high": found.high}
    shares = answer.combined.shares.items() if answer.combined else ()
    beside = {"se": found.se, "why": found.reason, "parts": {k: float(v[0]) for k, v in shares}}
    return {"scenario": scenario, "seed": seed, "estimates": {NAME: ends}, "beside": beside}


def only_combined(study: Study) -> Study:
    """Return the study with no scenario but the combined programme."""
    kept = study.settings.policy.model_copy(
        update={"scenarios": {"combined": study.settings.policy.scenarios["combined"]}}
    )
    return replace(study, settings=study.settings.model_copy(update={"policy": kept}))
