"""Structural equation models as lavaan fits them: maximum likelihood, and least squares for ordered items."""

from .compare import Difference, difference
from .estimate import fit, fit_moments
from .refits import Refits
from .result import SemFit

__all__ = ["Difference", "Refits", "SemFit", "difference", "fit", "fit_moments"]
