"""A world in which nothing has an effect on anything: does a whole study claim something all the same?

Held over 100 worlds of 140 employees in ten units, three years and a questionnaire: the importance of the
four is not told in at least 90, and Holm over the contract's confirmatory family claims something in 8 or
fewer. Where a family claims with 5 % exactly, more than 8 of 100 worlds are seen in 6 %.
"""

from collections import Counter
from collections.abc import Iterable

from tests.calibration.record import Bounds
from tests.calibration.worlds import through_files
from walesi_research.findings import CONFIRMATORY, Finding
from walesi_research.pipeline.holm import adjust
from walesi_research.questions.appraisal import scores
from walesi_research.questions.pathways import pathways
from walesi_research.questions.performance import importance, service_slope
from walesi_research.questions.training import hours, leadership
from walesi_research.study import Study
from walesi_research.study.synthetic import World, simulate

SCENARIOS = ("null",)
ALPHA = 0.05
DRAWS = 999
"""As the notebooks draw: the smallest p of 999 refits, .002, stays under .05 / 6 = .0083. With 239 or fewer
it could not, and the family would be quiet for want of draws."""
FRESH = 7_000
"""Seeds begin here, apart from those of the other parts."""
SILENT, CLAIMS = "importance silent", "Holm claims"
BOUNDS = Bounds(shares={("null", SILENT): (0.90, 1.0), ("null", CLAIMS): (0.0, 0.08)})


def estimate(scenario: str, seed: int) -> dict:
    """Return what one null world's study tells of importance, and what its confirmatory family claims."""
    world = simulate(World.null(employees=140, units=10, quarters=12, seed=FRESH + seed), population=0)
    study = through_files(world)
    family = adjust(confirmatory(study))
    claimed = [f.id for f in family if f.p_adjusted is not None and f.p_adjusted < ALPHA]
    silent = all(f.status == "not_estimable" for f in importance(study, draws=2).findings)
    return {
        "scenario": scenario,
        "seed": seed,
        "estimates": {SILENT: silent, CLAIMS: bool(claimed)},
        "beside": {"claimed": claimed, "p": {f.id: f.p for f in family}},
    }


def confirmatory(study: Study) -> list[Finding]:
    """Return the confirmatory findings of a study as its notebooks make them."""
    answers = (
        scores(study),
        leadership(study, draws=DRAWS),
        hours(study),
        pathways(study, draws=DRAWS),
        service_slope(study),
    )
    return [f for answer in answers for f in answer.findings if f.id in CONFIRMATORY]


def overall(lines: Iterable[dict]) -> bool:
    """Print, by finding, in how many worlds it was tested, lay under 5 % unadjusted, and was claimed."""
    lines = [line["beside"] for line in lines]
    claimed = Counter(name for line in lines for name in line["claimed"])
    for name in CONFIRMATORY:
        p = [line["p"][name] for line in lines if line["p"].get(name) is not None]
        alone = sum(x < ALPHA for x in p)
        print(f"{'null':<12}{name:<30} tested in {len(p)}, p < .05 in {alone}, claimed in {claimed[name]}")
    return True
