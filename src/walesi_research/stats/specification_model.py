"""One specification as least squares or Huber's M-estimator, fitted to many responses at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from .regression import codes
from .whitening import whitened_by_group

__all__ = ["SpecificationModel", "centred", "fixed_effects", "huber", "least_squares", "random_intercepts"]

Array = NDArray[np.float64]

TUNING = 1.345
"""Residuals beyond so many scales are pulled in: 95 % efficient where errors are normal."""
_MAD = stats.norm.ppf(0.75)
_STEPS, _CLOSE = 30, 1e-7
_FREE = 1e-9
"""Who is fitted exactly, as one alone in a class of a control, has no residual to say anything with."""


@dataclass(frozen=True, eq=False)
class SpecificationModel:
    """A response and columns, transformed so that least squares or Huber's estimator can fit them.

    Attributes
    ----------
    y : ndarray, shape (n,)
    basis : ndarray, shape (n, p)
        Orthonormal columns Q that span those of ``X = QR``.
    turn : ndarray, shape (p, p)
        ``R^-1``.
    rows : ndarray of int, shape (n,)
        Who they are, as positions among all people.
    absorbed : ndarray, shape (n,)
        Leverage that means taken out have had.
    lost : int
        Degrees of freedom that they took.
    robust : bool
        Fit by Huber's estimator.
    """

    y: Array
    basis: Array
    turn: Array
    rows: NDArray[np.int64]
    absorbed: Array
    lost: int = 0
    robust: bool = False

    @classmethod
    def of(cls, y: Array, X: Array, rows: NDArray[np.int64], **how: Any) -> SpecificationModel:
        """Return the model of columns `X`, shape (n, p)."""
        Q, R = np.linalg.qr(X)
        return cls(y, Q, np.linalg.inv(R), rows, **({"absorbed": np.zeros(len(y))} | how))

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return len(self.y) - self.basis.shape[1] - self.lost

    def at(self, column: int) -> Focus:
        """Return the model with its eye on one column."""
        return Focus(self, self.basis @ self.turn[column], float(self.turn[column] @ self.turn[column]))


@dataclass(frozen=True, eq=False)
class Focus:
    """A model and the row of its pseudo-inverse that gives one coefficient.

    Attributes
    ----------
    model : SpecificationModel
    row : ndarray, shape (n,)
        The least-squares coefficient is ``row @ y``.
    inverse : float
        The coefficient's element of ``(X'X)^-1``.
    """

    model: SpecificationModel
    row: Array
    inverse: float

    def reduced_residual(self, groups: ArrayLike) -> Array:
        """Return the residuals of the model without the column, for shuffles within groups.

        Their deviations from the groups' means are scaled up for the degrees of freedom that the fit took
        within groups, by ``sqrt((n - G) / (n - G - tr W H))``: W takes out the means of the G groups and H is
        the projection of the model without the column. Without it shuffled estimates spread too little.

        Parameters
        ----------
        groups : array_like, shape (n,)
        """
        y, basis, code = self.model.y, self.model.basis, codes(groups)[0]
        residual = self._residuals(y) + (self.row @ y) / self.inverse * self.row
        taken = (
            np.sum(centred(basis, code) ** 2) - np.sum(centred(self.row[:, None], code) ** 2) / self.inverse
        )
        free = len(y) - len(np.unique(code))
        within = centred(residual[:, None], code)[:, 0]
        scale = np.sqrt(free / (free - taken)) if free - taken >= 1 else 1.0
        return residual + (scale - 1) * within

    def _residuals(self, Y: Array) -> Array:
        basis = self.model.basis
        return Y - basis @ (basis.T @ Y)

    def fit(self, Y: Array, level: float = 0.95) -> tuple[Array, NDArray[np.bool_]]:
        """Return the coefficient for each response, and whether its interval leaves zero out.

        Parameters
        ----------
        Y : ndarray, shape (n, B)
        level : float

        Notes
        -----
        Least squares: HC2 errors; Huber's estimator: `_huber`. Both with t of the residual degrees of
        freedom.
        """
        estimate, se = self.errors(Y)
        return estimate, np.abs(estimate) > stats.t.ppf((1 + level) / 2, self.model.df) * se

    def errors(self, Y: Array) -> tuple[Array, Array]:
        """Return the coefficient for each response and its standard error, both of shape (B,)."""
        estimate, E = self.row @ Y, self._residuals(Y)
        if self.model.robust:
            return self._huber(estimate, E)
        free = 1 - np.sum(self.model.basis**2, axis=1) - self.model.absorbed
        weight = np.where(free > _FREE, self.row**2 / np.maximum(free, _FREE), 0)
        return estimate, np.sqrt(weight @ (E * E))

    def _huber(self, estimate: Array, E: Array) -> tuple[Array, Array]:
        """Return Huber's estimate from that of least squares and its residuals, and its standard error.

        The scale is the median absolute residual of least squares over 0.6745. Steps are
        ``b + (X'X)^-1 X'psi(e) / mean(psi')``; errors are Huber's, ``K² s² [sum psi² / (n - p)] / mean(psi')²
        (X'X)^-1`` with ``K = 1 + p/n (1 - m)/m``: Huber (1981), Robust Statistics, sections 7.6 to 7.8.
        """
        basis, (n, p) = self.model.basis, self.model.basis.shape
        scale = np.median(np.abs(E), axis=0) / _MAD
        bound = TUNING * scale
        for _ in range(_STEPS):
            psi = np.clip(E, -bound, bound)
            inside = np.mean(np.abs(E) <= bound, axis=0)
            score = (basis.T @ psi) / inside
            estimate = estimate + (self.row @ psi) / inside
            E = E - basis @ score
            if (np.sqrt(np.sum(score**2, axis=0)) <= _CLOSE * np.sqrt(n) * scale).all():
                break
        psi = np.clip(E, -bound, bound)
        inside = np.mean(np.abs(E) <= bound, axis=0)
        factor = (1 + p / n * (1 - inside) / inside) / inside
        return estimate, factor * np.sqrt(np.sum(psi**2, axis=0) / (n - p) * self.inverse)


def least_squares(y: Array, X: Array, rows: NDArray[np.int64]) -> SpecificationModel:
    """Return ordinary least squares; `X` has the constant among its columns."""
    return SpecificationModel.of(y, X, rows)


def huber(y: Array, X: Array, rows: NDArray[np.int64]) -> SpecificationModel:
    """Return Huber's estimator, in which the far away count less; `X` has the constant among its columns."""
    return SpecificationModel.of(y, X, rows, robust=True)


def random_intercepts(
    y: Array, X: Array, rows: NDArray[np.int64], groups: ArrayLike, between: float, residual: float
) -> SpecificationModel:
    """Return generalised least squares with random intercepts of groups, whose variances are given.

    Shuffles within groups change the rows' part of the variance hardly and the groups' not at all, so they
    are given the variances of the data.
    """
    return least_squares(*whitened_by_group(y, X, groups, between, residual), rows)


def fixed_effects(y: Array, X: Array, rows: NDArray[np.int64], groups: ArrayLike) -> SpecificationModel:
    """Return least squares within groups; groups of one person say nothing and are left out.

    Parameters
    ----------
    y : ndarray, shape (n,)
    X : ndarray, shape (n, p)
        Without the constant; each column must vary within groups.
    rows : ndarray of int, shape (n,)
    groups : array_like, shape (n,)
    """
    code, _ = codes(groups)
    keep = np.bincount(code)[code] > 1
    y, X, code = y[keep], X[keep], code[keep]
    size = np.bincount(code)[code]
    return SpecificationModel.of(
        centred(y[:, None], code)[:, 0], centred(X, code), rows[keep],
        absorbed=1 / size, lost=len(np.unique(code)),
    )  # fmt: skip


def centred(X: Array, groups: ArrayLike) -> Array:
    """Take the means of groups out of the columns of `X`, shape (n, p)."""
    code, labels = codes(groups)
    size = np.bincount(code, minlength=len(labels))
    return np.column_stack([x - (np.bincount(code, x) / size)[code] for x in X.T])
