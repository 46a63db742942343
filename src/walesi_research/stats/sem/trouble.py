"""What makes a solution doubtful, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .parameters import Table
from .search import Search
from .structure import Implied

__all__ = ["troubles"]

Array = NDArray[np.float64]


def troubles(table: Table, search: Search, implied: Sequence[Implied], covariance: Array) -> tuple[str, ...]:
    """Return warnings about a solution; none if it is proper.

    Parameters
    ----------
    table : Table
    search : Search
    implied : sequence of Implied
        One a group.
    covariance : ndarray, shape (size, size)
        Of the estimates.
    """
    out = []
    if not search.converged:
        out.append(f"the search did not converge in {search.steps} steps: do not use the estimates")
    for group, at in enumerate(implied, start=1):
        where = f" in group {group}" if len(implied) > 1 else ""
        out += [text + where for text in _improper(table, at)]
    if np.isnan(covariance).any():
        out.append("the information matrix is not positive definite: there are no standard errors")
    return tuple(out)


def _improper(table: Table, at: Implied) -> list[str]:
    """Return Heywood cases, and latent variables whose covariances are impossible."""
    names = (*table.observed, *table.latent)
    variance, p = np.diag(at.disturbances), len(table.observed)
    out = [
        f"the variance of {names[i]} is negative ({variance[i]:.3g})" for i in np.flatnonzero(variance < 0)
    ]
    latent = at.covariance[p:, p:]
    size = np.sqrt(np.abs(np.diag(latent)))
    if len(latent) > 1 and (size > 0).all() and not out:
        value, vector = np.linalg.eigh(latent / size / size[:, None])
        if value[0] < -1e-8:
            involved = [names[p + i] for i in np.flatnonzero(np.abs(vector[:, 0]) > 0.1)]
            out.append(f"the latent variables {', '.join(involved)} correlate beyond what is possible")
    return out
