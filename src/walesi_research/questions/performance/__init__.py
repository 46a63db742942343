"""Taken together, what goes with performance? Questions of the notebook ``06_performance``."""

from walesi_research.questions.performance.classical import classical
from walesi_research.questions.performance.importance import importance
from walesi_research.questions.performance.joint import joint

__all__ = ["classical", "importance", "joint"]
