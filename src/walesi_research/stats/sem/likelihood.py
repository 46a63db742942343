"""The normal likelihood by pattern of missing answers, with its exact derivatives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .sample import Moments, Rows
from .structure import Implied, Structure

__all__ = ["Likelihood", "rows_scores"]

Array = NDArray[np.float64]

_LARGEST = 4_000_000
"""Numbers held at a time where patterns are gone through together (32 MB)."""


@dataclass(frozen=True)
class Likelihood:
    """Minus twice the mean log-likelihood, its constant left out.

    Attributes
    ----------
    structures : sequence of Structure
        One a group.
    moments : sequence of Moments
        One a group.

    Notes
    -----
    ``sum_j w_j (log|Sigma_j| + tr(Sigma_j^-1 T_j)) / N`` over groups and patterns, with
    ``T_j = S_j + (m_j - mu_j)(m_j - mu_j)'``; with complete data this is Jöreskog's discrepancy but for what
    does not depend on the parameters.
    """

    structures: Sequence[Structure]
    moments: Sequence[Moments]

    @property
    def n(self) -> float:
        """Rows of all groups, or the sum of their weights."""
        return sum(m.n for m in self.moments)

    def value(self, theta: Array) -> float:
        """Return the objective; infinite where a covariance matrix is not positive definite."""
        total = 0.0
        for s, m in zip(self.structures, self.moments, strict=True):
            fitted = _fitted(s.implied(theta), m)
            if fitted is None:
                return np.inf
            total += fitted.value
        return total / self.n

    def slope(self, theta: Array) -> tuple[float, Array]:
        """Return objective and gradient; the objective is infinite where it is not defined."""
        value, gradient = 0.0, np.zeros(len(theta))
        for s, m in zip(self.structures, self.moments, strict=True):
            at = s.implied(theta)
            fitted = _fitted(at, m)
            if fitted is None:
                return np.inf, gradient
            value += fitted.value
            gradient += s.gathered(fitted.gradient(*s.directions(at)))
        return value / self.n, gradient / self.n

    def derivatives(self, theta: Array, *, expected: bool = False) -> tuple[float, Array, Array]:
        """Return objective, gradient, and Hessian or its expectation.

        Raises
        ------
        numpy.linalg.LinAlgError
            If a covariance matrix is not positive definite.
        """
        value, gradient, hessian = 0.0, np.zeros(len(theta)), np.zeros((len(theta), len(theta)))
        for s, m in zip(self.structures, self.moments, strict=True):
            at = s.implied(theta)
            fitted = _fitted(at, m)
            if fitted is None:
                raise np.linalg.LinAlgError("the implied covariance matrix is not positive definite")
            u, v, d = s.directions(at)
            value += fitted.value
            gradient += s.gathered(fitted.gradient(u, v, d))
            own = fitted.expected(u, v, d) if expected else fitted.hessian(u, v, d)
            if not expected:
                own += s.curvature(at, *fitted.slopes)
            hessian += s.gathered(own)
        return value / self.n, gradient / self.n, hessian / self.n

    def log_likelihood(self, theta: Array) -> float:
        """Return the log-likelihood of all rows, constants included."""
        answers = sum(float(m.weight @ m.seen.sum(axis=1)) for m in self.moments)
        return -(self.n * self.value(theta) + answers * np.log(2 * np.pi)) / 2


@dataclass(frozen=True)
class _Fitted:
    """One group's moments beside what the model implies, pattern by pattern.

    Attributes
    ----------
    value : float
    weight : ndarray, shape (J,)
    inverse : ndarray, shape (J, p, p)
        P, zero where not seen.
    product : ndarray, shape (J, p, p)
        ``Q = P T P``.
    pull : ndarray, shape (J, p)
        ``P (m - mu)``.
    """

    value: float
    weight: Array
    inverse: Array
    product: Array
    pull: Array

    @cached_property
    def slopes(self) -> tuple[Array, Array]:
        """The derivatives of the objective in Sigma and mu."""
        weight = np.tensordot(self.weight, self.inverse - self.product, 1)
        return weight, -2 * self.weight @ self.pull

    def gradient(self, u: Array, v: Array, d: Array) -> Array:
        """Return the derivatives of the objective in the entries, shape (K,)."""
        weight, tilt = self.slopes
        return 2 * np.einsum("pk,pk->k", u, weight @ v) + tilt @ d

    def hessian(self, u: Array, v: Array, d: Array) -> Array:
        """Return second derivatives in the entries, by their first derivatives of Sigma and mu only.

        ``2 tr(dSigma_k P dSigma_l Q) - tr(dSigma_k P dSigma_l P) + 2 d_k'P d_l`` and twice
        ``d_k' P dSigma_l P (m - mu)`` both ways.
        """
        used = np.flatnonzero(u.any(axis=0))  # entries of m do not move Sigma
        k = len(used)
        x = np.hstack([u[:, used], v[:, used]])
        within, bent = np.zeros((k, k)), np.zeros((len(x), k))
        for some in self._chunks(k):
            weight = self.weight[some, None, None]
            px = _times(weight * self.inverse[some], x)
            within += _traces(x.T @ px, x.T @ _times(2 * self.product[some] - self.inverse[some], x), k)
            pulled = self.pull[some] @ x
            bent += np.einsum("jpk,jk->pk", px[:, :, :k], pulled[:, k:])
            bent += np.einsum("jpk,jk->pk", px[:, :, k:], pulled[:, :k])
        out = self._between_means(d)
        out[np.ix_(used, used)] += within
        mixed = 2 * d.T @ bent
        out[:, used] += mixed
        out[used] += mixed.T
        return out

    def expected(self, u: Array, v: Array, d: Array) -> Array:
        """Return the Hessian's expectation under the model: ``tr(dSigma_k P dSigma_l P) + 2 d_k'P d_l``."""
        used = np.flatnonzero(u.any(axis=0))
        k = len(used)
        x = np.hstack([u[:, used], v[:, used]])
        out = self._between_means(d)
        for some in self._chunks(k):
            p = x.T @ _times(self.inverse[some], x)
            out[np.ix_(used, used)] += _traces(self.weight[some, None, None] * p, p, k)
        return out

    def _between_means(self, d: Array) -> Array:
        return 2 * d.T @ np.tensordot(self.weight, self.inverse, 1) @ d

    def _chunks(self, k: int) -> Iterator[slice]:
        step = max(1, _LARGEST // (8 * k * k + 1))
        for first in range(0, len(self.weight), step):
            yield slice(first, first + step)


def _times(inside: Array, x: Array) -> Array:
    """Return ``M_j x`` for each M_j, as one product."""
    p, m = x.shape
    return (inside.reshape(-1, p) @ x).reshape(-1, p, m)


def _traces(p: Array, r: Array, k: int) -> Array:
    """Return ``sum_j tr(dSigma_k P_j dSigma_l R_j)`` from ``x'P_j x`` and ``x'R_j x``, x all u and v."""
    crossed = np.einsum("jkl,jkl->kl", p[:, k:, :k], r[:, :k, k:])
    out = crossed + crossed.T
    out += np.einsum("jkl,jkl->kl", p[:, k:, k:], r[:, :k, :k])
    out += np.einsum("jkl,jkl->kl", p[:, :k, :k], r[:, k:, k:])
    return out


def _fitted(at: Implied, moments: Moments) -> _Fitted | None:
    """Return the patterns fitted, or None where a covariance matrix is not positive definite."""
    inverse, logdet = _inverses(at.sigma, moments.seen)
    if inverse is None:
        return None
    off = np.where(moments.seen, moments.mean - at.mu, 0.0)
    pull = (inverse @ off[:, :, None])[:, :, 0]
    product = inverse @ moments.covariance @ inverse + pull[:, :, None] * pull[:, None, :]
    distance = np.einsum("jpq,jpq->j", inverse, moments.covariance) + (pull * off).sum(axis=1)
    return _Fitted(float(moments.weight @ (logdet + distance)), moments.weight, inverse, product, pull)


def _inverses(sigma: Array, seen: NDArray[np.bool_]) -> tuple[Array | None, Array | None]:
    """Return inverses of the seen parts of Sigma, zero elsewhere, and their log determinants.

    With ``P = Sigma^-1`` and M what is not seen, they are ``P - P_:M (P_MM)^-1 P_M:`` and
    ``log|Sigma| + log|P_MM|``: what has to be inverted is small where little is missing.
    """
    try:
        root = np.linalg.cholesky(sigma)
    except np.linalg.LinAlgError:
        return None, None
    whole = np.linalg.inv(sigma)
    whole = (whole + whole.T) / 2
    logdet = np.full(len(seen), 2 * np.log(np.diag(root)).sum())
    most = int((~seen).sum(axis=1).max())
    if most == 0:
        return np.broadcast_to(whole, (len(seen), *whole.shape)), logdet
    gaps = np.argsort(seen, axis=1, kind="stable")[:, :most]
    real = ~np.take_along_axis(seen, gaps, axis=1)
    columns = np.where(real[:, None, :], whole[:, gaps].swapaxes(0, 1), 0.0)  # (J, p, most)
    both = real[:, :, None] & real[:, None, :]
    corner = np.where(both, whole[gaps[:, :, None], gaps[:, None, :]], np.eye(most))
    inverse = whole - columns @ np.linalg.inv(corner) @ columns.swapaxes(1, 2)
    return inverse * (seen[:, :, None] & seen[:, None, :]), logdet + np.linalg.slogdet(corner)[1]


def rows_scores(structure: Structure, theta: Array, rows: Rows, *, means: bool) -> Array:
    """Return the derivative of each row's log-likelihood in the free parameters, shape (n, size).

    Parameters
    ----------
    structure : Structure
    theta : ndarray, shape (size,)
    rows : Rows
    means : bool
        Where means are not modelled they are taken to be those of the sample.
    """
    at = structure.implied(theta)
    u, v, d = structure.directions(at)
    inverse, _ = _inverses(at.sigma, rows.seen)
    if inverse is None:
        raise np.linalg.LinAlgError("the implied covariance matrix is not positive definite")
    centre = at.mu if means else np.average(rows.y, axis=0, weights=rows.weight)
    off = np.nan_to_num(rows.y - centre)
    pull = np.empty_like(off)
    for j in range(len(rows.seen)):
        mine = rows.pattern == j
        pull[mine] = off[mine] @ inverse[j]
    constant = np.einsum("pk,jpq,qk->jk", u, inverse, v, optimize=True)
    return structure.by_parameter((pull @ u) * (pull @ v) - constant[rows.pattern] + pull @ d)
