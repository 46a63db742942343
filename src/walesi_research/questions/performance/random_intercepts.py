"""Performance on any columns, units as random intercepts: what the joint model's kin share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from walesi_research.exhibits.verdict import Judgement
from walesi_research.questions.performance.estimate import Coefficient
from walesi_research.stats.mixed import crossed
from walesi_research.stats.multiplicity import holm
from walesi_research.stats.robust import RobustFit, cr2
from walesi_research.stats.whitening import whitened_by_group

if TYPE_CHECKING:
    from walesi_research.stats.pooling import Pooled
    from walesi_research.stats.raked_mixed import RakedFit

__all__ = ["coefficients", "judged", "random_intercepts", "variances"]


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


def coefficients(names: Iterable[str], fit: RobustFit | RakedFit | Pooled) -> dict[str, Coefficient]:
    """Return the coefficients of a fit by name, those after the last name left out."""
    columns = zip(fit.coef, fit.se, fit.low, fit.high, fit.pvalue, strict=True)
    values = (Coefficient(*map(float, column)) for column in columns)
    return dict(zip(names, values, strict=False))


def judged(found: Mapping[str, Coefficient], level: float) -> dict[str, Judgement]:
    """Return what may be said of each: clear only where its test stands among all of them (Holm)."""
    adjusted = holm([c.p for c in found.values()])
    return {
        name: "cannot_tell" if p >= 1 - level else "supported" if c.estimate > 0 else "not_supported"
        for (name, c), p in zip(found.items(), adjusted, strict=True)
    }
