"""Mediation by linear models: how much of an association runs through what lies between."""

from .observed import Mediation, mediation
from .sensitivity import adjusted_indirect, vanishing_rho

__all__ = ["Mediation", "adjusted_indirect", "mediation", "vanishing_rho"]
