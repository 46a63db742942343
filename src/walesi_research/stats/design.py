"""Sampling designs: what weights, strata, clusters and finite populations do to the errors of an estimate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .regression import codes

__all__ = ["Design", "Replicates", "Stage", "jackknife", "survey_design"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of sampling.

    Attributes
    ----------
    cluster, stratum : ndarray of int, shape (n,)
        What was sampled, and the stratum it was sampled from, of each row; numbered over the whole sample.
    fraction : ndarray, shape (H,)
        Share of each stratum's clusters that was sampled; zero for an endless population.
    home : ndarray of int, shape (G,)
        Stratum of each cluster.
    """

    cluster: NDArray[np.int64]
    stratum: NDArray[np.int64]
    fraction: Array
    home: NDArray[np.int64] = field(repr=False)

    @property
    def size(self) -> NDArray[np.int64]:
        """Sampled clusters of each stratum, shape (H,)."""
        return np.bincount(self.home, minlength=len(self.fraction))

    def covariance(self, z: Array, share: Array) -> Array:
        """Return the part of the covariance of ``sum z`` that this stage brings, shape (k, k).

        Parameters
        ----------
        z : ndarray, shape (n, k)
        share : ndarray, shape (n,)
            Product of the fractions of the stages before.
        """
        size = self.size
        total = np.zeros((len(self.home), z.shape[1]))
        np.add.at(total, self.cluster, z)
        mean = np.zeros((len(size), z.shape[1]))
        np.add.at(mean, self.home, total / size[self.home][:, None])
        mean[size == 1] = total.mean(axis=0)
        before = np.zeros(len(size))
        before[self.stratum] = share
        factor = before * (1 - self.fraction) * np.where(size > 1, size / np.maximum(size - 1, 1), 1)
        off = total - mean[self.home]
        return off.T @ (factor[self.home][:, None] * off)


@dataclass(frozen=True, slots=True)
class Design:
    """How a sample was drawn, and what its weights were adjusted to.

    Attributes
    ----------
    weights : ndarray, shape (n,)
    stages : tuple of Stage
        Outermost first.
    base : ndarray, shape (n,)
        Weights before calibration.
    auxiliary : ndarray, shape (n, q), optional
        What the weights were calibrated on.
    """

    weights: Array
    stages: tuple[Stage, ...]
    base: Array = field(repr=False)
    auxiliary: Array | None = field(repr=False, default=None)

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.weights)

    @property
    def lonely(self) -> int:
        """Strata of the first stage of which one cluster of several was sampled.

        They are compared with the mean of all clusters, which overstates the errors rather than understates.
        """
        first = self.stages[0]
        return int(np.sum((first.size == 1) & (first.fraction < 1)))

    def df(self, rows: NDArray[np.bool_] | None = None) -> int:
        """Return clusters less strata of the first stage, of all rows or of those of a domain."""
        first, rows = self.stages[0], slice(None) if rows is None else rows
        return len(np.unique(first.cluster[rows])) - len(np.unique(first.stratum[rows]))

    def calibrated(self, weights: ArrayLike, auxiliary: ArrayLike) -> Design:
        """Return the design with weights calibrated, raked or post-stratified from these.

        Parameters
        ----------
        weights : array_like, shape (n,)
            As `raking.rake` or `raking.calibrate` return them.
        auxiliary : array_like, shape (n, q)
            The variables whose totals are now known: `Raked.auxiliary`, or the X of `calibrate`.

        Returns
        -------
        Design
            Its errors are those of the residuals on `auxiliary`: Deville and Särndal (1992), Journal of the
            American Statistical Association 87, 376–382, eq. 3.4.
        """
        w, auxiliary = np.asarray(weights, float), np.asarray(auxiliary, float)
        if w.shape != self.weights.shape or auxiliary.shape[:1] != w.shape:
            raise ValueError(f"{self.n} weights and rows are needed")
        return replace(self, weights=w, base=self.weights, auxiliary=auxiliary)

    def covariance(self, influence: ArrayLike) -> Array:
        """Return the covariance of weighted sums ``sum_i w_i u_i`` over the design.

        Parameters
        ----------
        influence : array_like, shape (n, k)
            Linearised variables u; zero outside a domain.

        Returns
        -------
        ndarray, shape (k, k)
            ``sum_h (1 - f_h) n_h / (n_h - 1) sum_g (z_hg - z_h)(z_hg - z_h)'`` over strata h and clusters g,
            plus the same within clusters times the fractions of the stages before: Särndal, Swensson and
            Wretman (1992), Model Assisted Survey Sampling, results 4.3.1 and 5.5.
        """
        z = self.weights[:, None] * self._unexplained(np.asarray(influence, float))
        total, share = np.zeros((z.shape[1], z.shape[1])), np.ones(self.n)
        for stage in self.stages:
            total += stage.covariance(z, share)
            share = share * stage.fraction[stage.stratum]
        return total

    def _unexplained(self, u: Array) -> Array:
        if self.auxiliary is None:
            return u
        root = np.sqrt(self.base)[:, None]
        return u - self.auxiliary @ np.linalg.lstsq(root * self.auxiliary, root * u, rcond=None)[0]


def survey_design(
    weights: ArrayLike,
    clusters: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    population: ArrayLike | None = None,
) -> Design:
    """Describe how a sample was drawn.

    Parameters
    ----------
    weights : array_like, shape (n,)
        Positive: how many of the population a row stands for.
    clusters : array_like, shape (n,) or (n, stages), optional
        What was sampled at each stage; the rows themselves by default. Labels are read within the stage
        before.
    strata : array_like, shape (n,), optional
        Strata of the first stage.
    population : array_like, shape (n,) or (n, stages), optional
        How many clusters (or rows) the row's stratum has in the population, at each stage. Without it the
        population is endless.

    Returns
    -------
    Design

    Raises
    ------
    ValueError
        If shapes do not agree, a label is missing, a weight is not positive, a cluster is in two strata, or
        the sample is larger than the population.
    """
    w = np.asarray(weights, float)
    if w.ndim != 1 or not np.isfinite(w).all() or not (w > 0).all():
        raise ValueError("weights must be positive numbers")
    n = len(w)
    sampled = _columns(np.arange(n) if clusters is None else clusters, n)
    sizes = [] if population is None else _columns(population, n)
    if len(sizes) > len(sampled):
        raise ValueError("there are population sizes of more stages than clusters")
    stages, outer = [], np.zeros(n, int) if strata is None else codes(strata, n)[0]
    for k, labels in enumerate(sampled):
        own = codes(labels, n)[0]
        cluster = own if k == 0 else codes(outer * (own.max() + 1) + own)[0]
        stages.append(_stage(cluster, outer, sizes[k] if k < len(sizes) else None))
        outer = cluster
    return Design(w, tuple(stages), w)


def _columns(x: ArrayLike, n: int) -> list[NDArray]:
    array = np.asarray(x)
    if array.ndim not in (1, 2) or len(array) != n:
        raise ValueError(f"an array of shape {array.shape} does not go with {n} weights")
    return [array] if array.ndim == 1 else list(array.T)


def _stage(cluster: NDArray[np.int64], stratum: NDArray[np.int64], population: NDArray | None) -> Stage:
    home = np.zeros(cluster.max() + 1, np.int64)
    home[cluster] = stratum
    if (home[cluster] != stratum).any():
        raise ValueError("a cluster is in two strata: its labels must differ between strata")
    size = np.bincount(home)
    if population is None:
        return Stage(cluster, stratum, np.zeros(len(size)), home)
    whole = np.zeros(len(size))
    whole[stratum] = np.asarray(population, float)
    if not np.isfinite(whole).all() or (whole[stratum] != np.asarray(population, float)).any():
        raise ValueError("a stratum has two sizes of its population, or none")
    if (size > whole).any():
        raise ValueError("more was sampled from a stratum than the population has")
    return Stage(cluster, stratum, size / whole, home)


@dataclass(frozen=True, slots=True)
class Replicates:
    """Weights of samples with one cluster left out each.

    Attributes
    ----------
    weights : ndarray, shape (R, n)
    scale : ndarray, shape (R,)
    """

    weights: Array
    scale: Array

    def covariance(self, statistic: Callable[[Array], ArrayLike]) -> Array:
        """Return the covariance of a statistic of weights, about the mean of the replicates.

        Parameters
        ----------
        statistic : callable
            From weights (n,) to estimates (k,). One that rakes the weights anew has the raking's errors too.

        Returns
        -------
        ndarray, shape (k, k)
        """
        values = np.array([np.atleast_1d(statistic(w)) for w in self.weights], float)
        off = values - values.mean(axis=0)
        return off.T @ (self.scale[:, None] * off)


def jackknife(design: Design) -> Replicates:
    """Return jackknife replicates of a design: clusters left out in turn, within strata (JK1, JKn).

    Parameters
    ----------
    design : Design
        Only its first stage counts.

    Returns
    -------
    Replicates

    Raises
    ------
    ValueError
        If a stratum has only one cluster.

    Notes
    -----
    Without cluster g of stratum h the weights of the others there are multiplied by ``n_h / (n_h - 1)``, and
    the replicate counts ``(1 - f_h)(n_h - 1) / n_h``: Wolter (2007), Introduction to Variance Estimation,
    section 4.5.
    """
    first = design.stages[0]
    if (first.size < 2).any():
        raise ValueError("a stratum with one cluster cannot be jackknifed")
    ratio = first.size / (first.size - 1)
    weights = np.repeat(design.weights[None], len(first.home), axis=0)
    weights *= np.where(first.stratum == first.home[:, None], ratio[first.home][:, None], 1)
    weights[first.cluster, np.arange(design.n)] = 0
    return Replicates(weights, ((1 - first.fraction) / ratio)[first.home])
