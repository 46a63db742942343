"""Do the questionnaires measure what they claim?"""

from walesi_research.questions.measurement.cfa import cfa
from walesi_research.questions.measurement.common_method import common_method
from walesi_research.questions.measurement.convergent import convergent
from walesi_research.questions.measurement.invariance import invariance
from walesi_research.questions.measurement.items import items
from walesi_research.questions.measurement.reliability import reliability
from walesi_research.questions.measurement.validity import validity
from walesi_research.questions.measurement.waves import waves

__all__ = ["cfa", "common_method", "convergent", "invariance", "items", "reliability", "validity", "waves"]
