"""Weights that make a sample agree with known totals: raking to margins, and linear calibration."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .regression import dependent_columns

__all__ = ["Calibrated", "EmptyCells", "Raked", "calibrate", "indicators", "rake", "trimmed"]

Array = NDArray[np.float64]
Margin = tuple[ArrayLike, Mapping[Hashable, float]]

_AGREE = 1e-6
"""Totals of two margins may differ by this share."""


class EmptyCells(ValueError):
    """Categories of a margin that nobody in the sample belongs to: no weight can stand for them.

    Attributes
    ----------
    cells : tuple of (int, label)
        Position of the margin and the category.
    """

    def __init__(self, cells: Sequence[tuple[int, Hashable]]) -> None:
        self.cells = tuple(cells)
        listed = ", ".join(f"{label!r} of margin {k}" for k, label in self.cells)
        super().__init__(f"nobody in the sample belongs to {listed}")


@dataclass(frozen=True, slots=True)
class Raked:
    """Raked weights.

    Attributes
    ----------
    weights : ndarray, shape (n,)
    factors : ndarray, shape (n,)
        By how much each weight was multiplied.
    auxiliary : ndarray of float, shape (n, q)
        Indicators of the margins' categories, for `Design.calibrated`.
    cycles : int
    error : float
        Largest difference of a margin from its target, as a share of the target.
    converged : bool
        Whether `error` is within the tolerance. If not, the margins contradict each other in this sample.
    """

    weights: Array
    factors: Array
    auxiliary: Array
    cycles: int
    error: float
    converged: bool

    @property
    def efficiency(self) -> float:
        """Share of the sample that unequal weights leave, ``(sum w)² / (n sum w²)`` (Kish 1965)."""
        return float(self.weights.sum() ** 2 / (len(self.weights) * np.sum(self.weights**2)))


def rake(
    weights: ArrayLike, margins: Sequence[Margin], *, tolerance: float = 1e-10, cycles: int = 1_000
) -> Raked:
    """Adjust weights until the sample has the population's margins (iterative proportional fitting).

    Parameters
    ----------
    weights : array_like, shape (n,)
        Positive design weights; ones where everybody was asked.
    margins : sequence of (labels, targets)
        Labels of shape (n,), one a row, and the population count of every category. One margin alone is
        post-stratification.
    tolerance : float
        Largest difference of a margin from its target, as a share of the target.
    cycles : int
        Passes over all margins at most.

    Returns
    -------
    Raked

    Raises
    ------
    EmptyCells
        If nobody in the sample is in a category of the population.
    ValueError
        If a label is missing or has no target, a weight or target is not positive, or the margins' totals
        differ.

    Notes
    -----
    Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427–444. Each weight is its design weight
    times a factor a margin; nothing is drawn, and the order of rows does not matter.
    """
    base = _positive(weights)
    coded = [_coded(k, labels, targets, len(base)) for k, (labels, targets) in enumerate(margins)]
    if not coded:
        raise ValueError("there is no margin to rake to")
    if empty := [cell for _, _, cells in coded for cell in cells]:
        raise EmptyCells(empty)
    totals = [target.sum() for _, target, _ in coded]
    if np.ptp(totals) > _AGREE * max(totals):
        raise ValueError(f"the margins count different populations: {', '.join(f'{t:g}' for t in totals)}")
    w, done, error = base.copy(), 0, np.inf
    while error > tolerance and done < cycles:
        for code, target, _ in coded:
            w *= (target / np.bincount(code, w, len(target)))[code]
        done += 1
        error = max(np.abs(np.bincount(c, w, len(t)) / t - 1).max() for c, t, _ in coded)
    return Raked(
        w, w / base, indicators([c for c, _, _ in coded]), done, float(error), bool(error <= tolerance)
    )


def indicators(labels: Sequence[ArrayLike]) -> Array:
    """Return a constant and the indicators of all categories of several groupings, those implied left out.

    Parameters
    ----------
    labels : sequence of array_like, each of shape (n,)

    Returns
    -------
    ndarray, shape (n, q)
    """
    codes = [pd.factorize(np.asarray(each), sort=True)[0] for each in labels]
    dummies = [np.eye(code.max() + 1)[code] for code in codes]
    X = np.column_stack([np.ones(len(codes[0])), *dummies])
    return np.delete(X, dependent_columns(X), axis=1)


def trimmed(weights: ArrayLike, most: float) -> Array:
    """Return weights of which none exceeds `most` times the median, the rest given to the others.

    Parameters
    ----------
    weights : array_like, shape (n,)
        Positive weights.
    most : float
        Above one. A bound that would leave less than the sum of the weights is not reached.

    Returns
    -------
    ndarray, shape (n,)
        The same sum. Margins that the weights were raked to hold only nearly.

    Notes
    -----
    Trading bias for variance: Potter (1990), Proceedings of the Section on Survey Research Methods, American
    Statistical Association, 225–230.

    Raises
    ------
    ValueError
        If a weight is not positive or `most` is not above one.
    """
    w = _positive(weights)
    if not most > 1:
        raise ValueError(f"a bound of {most} medians cannot be held")
    total, bound = w.sum(), most * np.median(w)
    if bound * len(w) <= total:
        return np.full(len(w), total / len(w))
    while (w > bound * (1 + _AGREE)).any():
        low = w < bound
        w = np.where(low, w * (total - bound * np.sum(~low)) / w[low].sum(), bound)
    return w


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Linearly calibrated weights.

    Attributes
    ----------
    weights : ndarray, shape (n,)
    factors : ndarray, shape (n,)
        By how much each weight was multiplied.
    negative : int
        Weights that came out negative: too much is asked of this sample. Raking gives none.
    """

    weights: Array
    factors: Array
    negative: int


def calibrate(weights: ArrayLike, X: ArrayLike, totals: ArrayLike) -> Calibrated:
    """Adjust weights, as little as can be, until the sample gives the known totals of some variables.

    Parameters
    ----------
    weights : array_like, shape (n,)
        Positive design weights d.
    X : array_like, shape (n, q)
        Variables whose population totals are known; a column of ones for the population's size.
    totals : array_like, shape (q,)

    Returns
    -------
    Calibrated
        ``w = d (1 + X l)`` with l such that ``X'w = totals``.

    Raises
    ------
    ValueError
        If shapes do not agree, a value is missing, a weight is not positive, or X is collinear.

    Notes
    -----
    The generalised regression estimator: Deville and Särndal (1992), Journal of the American Statistical
    Association 87, 376–382, case 1.
    """
    base = _positive(weights)
    X, totals = np.asarray(X, float), np.asarray(totals, float)
    if X.ndim != 2 or len(X) != len(base) or totals.shape != X.shape[1:]:
        raise ValueError(f"X of shape {X.shape} does not go with {len(base)} weights, {totals.size} totals")
    if not (np.isfinite(X).all() and np.isfinite(totals).all()):
        raise ValueError("X or the totals have missing values")
    if dependent_columns(X):
        raise ValueError("X is collinear")
    slope = np.linalg.solve(X.T @ (base[:, None] * X), totals - base @ X)
    factors = 1 + X @ slope
    return Calibrated(base * factors, factors, int(np.sum(factors < 0)))


def _positive(weights: ArrayLike) -> Array:
    w = np.asarray(weights, float)
    if w.ndim != 1 or not np.isfinite(w).all() or not (w > 0).all():
        raise ValueError("weights must be positive numbers")
    return w


def _coded(
    k: int, labels: ArrayLike, targets: Mapping[Hashable, float], n: int
) -> tuple[NDArray[np.int64], Array, list[tuple[int, Hashable]]]:
    """Return the category of each row, the targets, and the categories that nobody is in."""
    names, target = list(targets), np.array(list(targets.values()), float)
    if not np.isfinite(target).all() or not (target > 0).all():
        raise ValueError(f"a target of margin {k} is not a positive number")
    code = pd.Index(names).get_indexer(pd.Index(np.asarray(labels)))
    if len(code) != n:
        raise ValueError(f"margin {k} has {len(code)} labels for {n} rows")
    if (code < 0).any():
        unknown = sorted({str(label) for label in np.asarray(labels)[code < 0]})
        raise ValueError(f"margin {k} has no target for {', '.join(unknown)}")
    count = np.bincount(code, minlength=len(names))
    return code.astype(np.int64), target, [(k, names[i]) for i in np.flatnonzero(count == 0)]
