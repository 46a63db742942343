"""Mediation by linear models: how much of an association runs through what lies between."""

from .interaction import Counterfactual, counterfactual
from .observed import Mediation, mediation
from .sensitivity import adjusted_indirect, vanishing_rho

__all__ = [
    "Counterfactual",
    "Mediation",
    "adjusted_indirect",
    "counterfactual",
    "mediation",
    "vanishing_rho",
]
