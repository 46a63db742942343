"""The normal likelihood of a latent path model and its gradient, for many vectors and weights at once.

All matrices that are inverted are of the size of the latent variables, not of the items: given the latent
variables the items are independent. The gradient is that of the complete data (items and latent variables),
averaged over what is known of the latent variables given a row's answers (Fisher's identity).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .layout import Layout, Parameters
from .sample import Sample

__all__ = ["Likelihood"]

Array = NDArray[np.float64]
_HELD = 80_000
"""Items of all vectors that are looked at side by side: so many stay in a processor's cache."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the latent variables given the answers.

    Attributes
    ----------
    off : ndarray, shape (B, n, p)
        Items less their unit's expectation, zero where not seen.
    off_z : ndarray, shape (B, n) or None
    mean : ndarray, shape (B, n, k)
        Of the latent variables' deviations from their unit's level.
    spread : ndarray, shape (B, J, k, k)
        Their covariance in each pattern.
    value : ndarray, shape (B, n)
        Minus twice the log-likelihood of each row, constants left out.
    """

    off: Array
    off_z: Array | None
    mean: Array
    spread: Array
    value: Array


class Likelihood:
    """Minus twice the log-likelihood over the number of rows, constants left out, and its gradient.

    Parameters
    ----------
    sample : Sample

    Notes
    -----
    With deviations e from a unit's expectations, unique variances Theta, loadings L and latent covariance
    ``Phi = (I - A)^-1 (I - A)^-T``, rows with the answers seen have
    ``log|Sigma| = log|Theta| + log|Phi| + log|M|`` and ``e'Sigma^-1 e = e'Theta^-1 e - u'M^-1 u`` with
    ``M = Phi^-1 + L'Theta^-1 L`` and ``u = L'Theta^-1 e``; M^-1 u and M^-1 are mean and covariance of the
    latent deviations given the answers. A measured outcome counts as one more item that loads on all.
    """

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self.layout = Layout.of(sample)
        self._of_factor = (sample.factor[:, None] == np.arange(self.layout.k)).astype(float)
        self._by_pattern = np.argsort(sample.pattern, kind="stable")
        self._pattern_starts = np.searchsorted(
            sample.pattern[self._by_pattern], np.arange(len(sample.seen_of))
        )
        self._starts = sample.starts
        self.block = max(1, _HELD // (sample.n * self.layout.p))

    def value(self, theta: Array, weight: Array) -> Array:
        """Return the objective of vectors (B, size) with weights (B, n) of the rows, shape (B,)."""
        known = self._known(self.layout.unpacked(theta))
        return np.einsum("bn,bn->b", weight, known.value) / self.sample.n

    def slope(self, theta: Array, weight: Array) -> tuple[Array, Array]:
        """Return the objective, shape (B,), and its gradient, shape (B, size)."""
        q = self.layout.unpacked(theta)
        known = self._known(q)
        value = np.einsum("bn,bn->b", weight, known.value) / self.sample.n
        return value, self.layout.packed(self._gradient(q, known, weight)) * (-2 / self.sample.n)

    # ── what is known of the latent variables ────────────────────────────────────────────────────────────

    def _known(self, q: Parameters) -> _Known:
        s = self.sample
        precision = np.exp(-q.log_unique)
        off = s.y - (q.intercept[:, None] + q.loading[:, None] * q.level[:, :, s.factor][:, s.unit])
        off *= s.seen
        pull = (off * (q.loading * precision)[:, None]) @ self._of_factor
        known = (s.seen_of * (q.loading**2 * precision)[:, None]) @ self._of_factor
        inner = np.eye(self.layout.k) - q.paths
        m = (inner.swapaxes(1, 2) @ inner)[:, None] + known[..., None] * np.eye(self.layout.k)
        value = ((off**2) @ precision[..., None])[..., 0] + q.log_unique @ s.seen.T
        off_z = None
        if s.z is not None:
            off_z = s.z - (q.outcome_level + np.einsum("bgk,bk->bg", q.level, q.on))[:, s.unit]
            off_z *= s.z_seen
            weight = np.exp(-q.log_residual)
            pull = pull + (off_z * weight[:, None])[..., None] * q.on[:, None]
            outer = q.on[:, :, None] * q.on[:, None] * weight[:, None, None]
            m = m + s.z_seen_of[:, None, None] * outer[:, None]
            value += off_z**2 * weight[:, None] + q.log_residual[:, None] * s.z_seen
        spread = np.linalg.inv(m)
        mean = np.einsum("bnkl,bnl->bnk", spread[:, s.pattern], pull)
        value += np.linalg.slogdet(m)[1][:, s.pattern] - np.einsum("bnk,bnk->bn", pull, mean)
        return _Known(off, off_z, mean, spread, value)

    def scores(self, theta: Array) -> tuple[Array, Array]:
        """Return the gradient of each row's log-likelihood at one vector, shape (size,).

        Returns
        -------
        common : ndarray, shape (n, common)
            In what units share.
        own : ndarray, shape (n, k) or (n, k + 1)
            In the levels of the row's own unit, and its outcome's.
        """
        s, q = self.sample, self.layout.unpacked(theta[None])
        known, inner = self._known(q), np.eye(self.layout.k) - q.paths[0]
        mean, spread = known.mean[0], known.spread[0][s.pattern]
        whole = (mean + q.level[0, s.unit])[:, s.factor]
        precision = np.exp(-q.log_unique[0])
        left = known.off[0] - s.seen * (q.loading[0] * mean[:, s.factor])
        doubt = s.seen * spread[:, s.factor, s.factor] * q.loading[0]
        square = (left**2 + doubt * q.loading[0]) * precision
        second = inner @ (mean[:, :, None] * mean[:, None] + spread)
        parts = [(left * whole - doubt) * precision, left * precision, (square - s.seen) / 2]
        parts.append(second[:, *self.layout.below])
        own = mean @ (inner.T @ inner)
        if s.z is None:
            return np.hstack(parts), own
        on, weight = q.on[0], np.exp(-q.log_residual[0])
        left_z = known.off_z[0] - s.z_seen * (mean @ on)
        doubt_z = s.z_seen[:, None] * (spread @ on)
        level = mean + q.level[0, s.unit]
        parts.append((left_z[:, None] * level - doubt_z) * weight)
        parts.append(((left_z**2 + doubt_z @ on) * weight - s.z_seen)[:, None] / 2)
        return np.hstack(parts), np.column_stack([own, left_z * weight])

    # ── the gradient of the log-likelihood ───────────────────────────────────────────────────────────────

    def _gradient(self, q: Parameters, known: _Known, weight: Array) -> Parameters:
        s, k = self.sample, self.layout.k
        rows = np.add.reduceat(weight[:, self._by_pattern], self._pattern_starts, axis=1)  # (B, J)
        spread = known.spread
        whole = known.mean + q.level[:, s.unit]
        items = self._of_items(q, known, weight, rows, whole)
        second = np.einsum("bnk,bnl->bkl", known.mean * weight[..., None], known.mean)
        second += np.einsum("bj,bjkl->bkl", rows, spread)
        inner = np.eye(k) - q.paths
        level = self._by_unit(known.mean * weight[..., None]) @ (inner.swapaxes(1, 2) @ inner)
        out = Parameters(*items, inner @ second, level)
        if s.z is None:
            return out
        return Parameters(*items, inner @ second, level, *self._of_outcome(q, known, weight, rows, whole))

    def _of_items(
        self, q: Parameters, known: _Known, weight: Array, rows: Array, whole: Array
    ) -> tuple[Array, Array, Array]:
        """Return the gradient in loadings, intercepts and log unique variances, each of shape (B, p)."""
        s = self.sample
        precision = np.exp(-q.log_unique)
        left = known.off - s.seen * (q.loading[:, None] * known.mean[..., s.factor])
        weighted = left * weight[..., None]
        doubt = np.einsum("bjkk->bjk", known.spread) * rows[..., None]
        doubt = np.einsum("bjp,jp->bp", doubt[..., s.factor], s.seen_of)
        loading = (np.einsum("bnp,bnp->bp", weighted, whole[..., s.factor]) - q.loading * doubt) * precision
        square = np.einsum("bnp,bnp->bp", weighted, left) + q.loading**2 * doubt
        return loading, weighted.sum(axis=1) * precision, (square * precision - rows @ s.seen_of) / 2

    def _of_outcome(
        self, q: Parameters, known: _Known, weight: Array, rows: Array, whole: Array
    ) -> tuple[Array, Array, Array]:
        """Return the gradient in the outcome's coefficients, log residual variance and unit levels."""
        s = self.sample
        precision = np.exp(-q.log_residual)
        left = known.off_z - s.z_seen * np.einsum("bnk,bk->bn", known.mean, q.on)
        weighted = left * weight
        seen = rows * s.z_seen_of
        doubt = np.einsum("bj,bjkl,bl->bk", seen, known.spread, q.on, optimize=True)
        on = (np.einsum("bn,bnk->bk", weighted, whole) - doubt) * precision[:, None]
        square = np.einsum("bn,bn->b", weighted, left) + np.einsum("bk,bk->b", doubt, q.on)
        residual = (square * precision - seen.sum(axis=1)) / 2
        return on, residual, self._by_unit(weighted) * precision[:, None]

    def _by_unit(self, values: Array) -> Array:
        """Sum the rows of each unit: (B, n, ...) to (B, G, ...)."""
        return np.add.reduceat(values, self._starts, axis=1)
