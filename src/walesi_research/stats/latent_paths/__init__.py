"""Paths between latent variables, every unit with levels of its own: full information, fast refits."""

from .effects import Effects
from .fit import PathFit, Refits, fit_paths

__all__ = ["Effects", "PathFit", "Refits", "fit_paths"]
