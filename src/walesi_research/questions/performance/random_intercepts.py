"""Performance on any columns, units as random intercepts: what the joint model and its kin share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from walesi_research.stats.mixed import crossed
from walesi_research.stats.robust import RobustFit, cr2
from walesi_research.stats.whitening import whitened_by_group

__all__ = ["random_intercepts", "variances"]


def variances(y: np.ndarray, X: np.ndarray, unit: np.ndarray) -> tuple[float, float]:
    """Return the REML variances of units and of errors; none of units where these cannot be told apart.

    Parameters
    ----------
    y : ndarray, shape (n,)
    X : ndarray, shape (n, p)
        The constant included.
    unit : ndarray, shape (n,)
    """
    if not 1 < len(np.unique(unit)) < len(y):
        return 0.0, 1.0
    mixed = crossed(y, X, {"unit": unit})
    return float(mixed.variances["unit"]), float(mixed.residual)


def random_intercepts(
    y: np.ndarray,
    X: np.ndarray,
    unit: np.ndarray,
    level: float,
    columns: Sequence[int] | None = None,
    known: tuple[float, float] | None = None,
) -> RobustFit:
    """Fit as the joint model is fitted: units as random intercepts, CR2 errors by employee.

    Parameters
    ----------
    y, X, unit
        As for `variances`.
    level : float
    columns : sequence of int, optional
        Those of `X` to report, all by default.
    known : tuple of two floats, optional
        The variances, where they are known from a fit to columns of the same span.
    """
    rows = whitened_by_group(y, X, unit, *(known or variances(y, X, unit)))
    return cr2(*rows, np.arange(len(y)), level=level, columns=columns)
