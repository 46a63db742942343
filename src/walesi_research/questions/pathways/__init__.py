"""Do culture and recognition motivate, commit and perform? Questions of the notebook ``05_pathways``."""

from walesi_research.questions.pathways.latent import pathways
from walesi_research.questions.pathways.richer import richer

__all__ = ["pathways", "richer"]
