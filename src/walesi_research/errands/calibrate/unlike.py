"""What worlds cannot copy of a study: their readers are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from walesi_research.errands.calibrate.few import few
from walesi_research.errands.calibrate.likeness import FEWEST_RATERS, LEAST, MOST, QUARTERS
from walesi_research.language import Message
from walesi_research.study.synthetic.questionnaire import CONSTRUCTS, SCALE
from walesi_research.study.synthetic.scenario import SCENARIO

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["unlike"]


def unlike(study: Study) -> Iterator[Message]:
    """Yield what a world cannot copy of a study."""
    yield Message.of("calibrate.not_effects")
    yield Message.of("calibrate.not_units")
    if told := few(study):
        names = tuple(Message.of(f"calibrate.setting_{name}") for name in told)
        yield Message.of("calibrate.not_few", minimum=study.settings.privacy.minimum_cell, names=names)
    people = len(study.employees)
    if people > MOST:
        yield Message.of("calibrate.not_size", most=MOST)
    if people < LEAST:
        yield Message.of("calibrate.not_small", least=LEAST)
    if study.has("appraisals"):
        yield from _of_appraisals(study)
    if study.has("survey"):
        yield from _of_survey(study)
    combined = study.settings.policy.scenarios.get("combined")
    if combined is not None and dict(combined.changes) != SCENARIO:
        yield Message.of("calibrate.not_scenario")


def _of_appraisals(study: Study) -> Iterator[Message]:
    periods = study.appraisals["period"].nunique()
    if study.period != "quarter":
        yield Message.of("calibrate.not_rhythm")
    if not QUARTERS[0] <= periods <= QUARTERS[1]:
        yield Message.of("calibrate.not_periods", least=QUARTERS[0], most=QUARTERS[1])
    if study.appraisals["rater_id"].nunique() < FEWEST_RATERS:
        yield Message.of("calibrate.not_raters", least=FEWEST_RATERS)


def _of_survey(study: Study) -> Iterator[Message]:
    constructs = study.codebook.constructs.values()
    own = {c.role: len(c.items) for c in CONSTRUCTS}
    if any(tuple(c.scale) != SCALE or own.get(c.role) != len(c.items) for c in constructs):
        yield Message.of("calibrate.not_questionnaire")
    if study.survey["wave"].nunique() > 1:
        yield Message.of("calibrate.not_waves")
    if study.survey["weight"].nunique() > 1:
        yield Message.of("calibrate.not_weights")
