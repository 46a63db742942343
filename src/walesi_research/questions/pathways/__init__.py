"""Do culture and recognition motivate, commit and perform? Questions of the notebook ``05_pathways``."""

from walesi_research.questions.pathways.events import events
from walesi_research.questions.pathways.latent import pathways
from walesi_research.questions.pathways.levels import levels
from walesi_research.questions.pathways.mediation import mediation
from walesi_research.questions.pathways.pls import pls
from walesi_research.questions.pathways.richer import richer

__all__ = ["events", "levels", "mediation", "pathways", "pls", "richer"]
