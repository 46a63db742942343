"""Taken together, what goes with performance, and does the public notice? Questions of ``06_performance``."""

from walesi_research.questions.performance.alternatives import alternatives
from walesi_research.questions.performance.citizens import citizens
from walesi_research.questions.performance.classical import classical
from walesi_research.questions.performance.importance import importance
from walesi_research.questions.performance.interactions import interactions
from walesi_research.questions.performance.joint import joint
from walesi_research.questions.performance.joint_latent import joint_latent
from walesi_research.questions.performance.service import service
from walesi_research.questions.performance.service_slope import service_slope
from walesi_research.questions.performance.specification_curve import specification_curve

__all__ = [
    "alternatives",
    "citizens",
    "classical",
    "importance",
    "interactions",
    "joint",
    "joint_latent",
    "service",
    "service_slope",
    "specification_curve",
]
