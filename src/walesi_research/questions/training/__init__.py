"""Does training raise performance? Questions of the notebook ``04_training``."""

from walesi_research.questions.training.beside import beside
from walesi_research.questions.training.dose import dose
from walesi_research.questions.training.doubt import doubt
from walesi_research.questions.training.gaps import gaps
from walesi_research.questions.training.hours import hours
from walesi_research.questions.training.leadership import leadership
from walesi_research.questions.training.norm import norm
from walesi_research.questions.training.power import power
from walesi_research.questions.training.programmes import programmes
from walesi_research.questions.training.reach import reach

__all__ = [
    "beside",
    "dose",
    "doubt",
    "gaps",
    "hours",
    "leadership",
    "norm",
    "power",
    "programmes",
    "reach",
]
