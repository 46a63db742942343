"""Do appraisals reflect results, or relations? Questions of the notebook ``03_appraisal``."""

from walesi_research.questions.appraisal.counterfactual import counterfactual
from walesi_research.questions.appraisal.indicators import indicators
from walesi_research.questions.appraisal.kinds import kinds
from walesi_research.questions.appraisal.perception import perception
from walesi_research.questions.appraisal.raters import raters
from walesi_research.questions.appraisal.record import distribution, record
from walesi_research.questions.appraisal.scores import scores
from walesi_research.questions.appraisal.specification import checks

__all__ = [
    "checks",
    "counterfactual",
    "distribution",
    "indicators",
    "kinds",
    "perception",
    "raters",
    "record",
    "scores",
]
