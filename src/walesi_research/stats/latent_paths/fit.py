"""A latent path model fitted by maximum likelihood with all answers, and refitted to many samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .effects import Effects, effects
from .layout import Parameters
from .likelihood import Likelihood
from .sample import read_sample
from .search import minimise_all

__all__ = ["PathFit", "Refits", "fit_paths"]

Array = NDArray[np.float64]
_NEAR, _LAST = 1e-9, 1e-12
"""What the last step promises, first from a crude Hessian, then from the exact one."""
_STEPS, _AGAIN = 400, 40
_REFIT_LAST = 1e-7
"""What the last step of a refit promises: what is left is below a hundredth of a standard error."""
REFIT_STEPS = 12
"""Most steps of a refit; what they leave is far below its standard error, but for samples on a ridge."""
_ROUNDS = 5
_FLAT = 1e-9
"""Curvature, parameters scaled to a curvature of one, under which a direction counts as flat."""
_LEAST_UNIQUE = 1e-4
"""Share of an item's variance under which its unique variance counts as vanished."""
_DIFFERENCE = 1e-4
_STEPPED = 20
"""Samples that take a step together."""
ONE_STEP = 2_000
"""Rows above which a refit takes one step."""


def fit_paths(
    items: ArrayLike,
    factor: ArrayLike,
    unit: ArrayLike,
    *,
    mediators: Iterable[int],
    outcome: ArrayLike | None = None,
) -> PathFit:
    """Fit a path model of latent variables, every unit with levels of its own.

    Latent variables ``eta_1 … eta_k`` in causal order, each measured by its own items; each depends on all
    before it, the first ones (the exogenous) correlate; the outcome depends on all::

        item_ij = nu_j + lambda_j eta_if + error        eta_i = A eta_i + unit + disturbance
        outcome_i = gamma' eta_i + unit + residual

    Parameters
    ----------
    items : array_like, shape (n, p)
        NaN where missing; keyed so that the items of a latent variable go together.
    factor : array_like of int, shape (p,)
        Latent variable of each item, from 0 in causal order.
    unit : array_like, shape (n,)
    mediators : iterable of int
        Latent variables between the exogenous ones and the outcome.
    outcome : array_like, shape (n,), optional
        Measured outcome, NaN where missing; without it the last latent variable is the outcome.

    Returns
    -------
    PathFit

    Raises
    ------
    ValueError
        If shapes do not agree, a column does not vary, or a row has nothing.

    Notes
    -----
    Equals a structural equation model with dummies of the units as predictors of every latent variable and of
    the outcome, fitted with full information (missing at random): unit effects on disturbances and levels of
    units are the same model, told differently. Standardising data and disturbances beforehand makes the
    estimates the same in whatever units items and outcome come.
    """
    sample = read_sample(items, factor, unit, outcome)
    likelihood = Likelihood(sample)
    theta, hessian, converged = _searched(likelihood)
    sign = _upward(likelihood, theta)
    return PathFit(likelihood, theta * sign, converged, tuple(mediators), hessian * sign * sign[:, None])


def _searched(likelihood: Likelihood) -> tuple[Array, Array, bool]:
    """Search from a start that favours nothing, then with the exact Hessian, which is returned too."""
    ones = np.ones((1, likelihood.sample.n))

    def slope(at: Array, _: NDArray[np.int64]) -> tuple[Array, Array]:
        return likelihood.slope(at, ones)

    search = minimise_all(slope, _start(likelihood), _crude(likelihood), steps=_STEPS, last=_NEAR)
    for _ in range(_ROUNDS):
        hessian = _hessian(likelihood, search.theta[0])
        search = minimise_all(slope, search.theta, inverted(hessian), steps=_AGAIN, last=_LAST)
        if search.converged[0]:
            break
    return search.theta[0], hessian, bool(search.converged[0])


def _start(likelihood: Likelihood) -> Array:
    layout = likelihood.layout
    theta = np.zeros((1, layout.size))
    theta[:, : layout.p] = 0.7
    theta[:, 2 * layout.p : 3 * layout.p] = np.log(0.5)
    return theta


def _crude(likelihood: Likelihood) -> Array:
    """Return the inverse of a diagonal Hessian: twice the share of the rows that a parameter rests on."""
    layout, sample = likelihood.layout, likelihood.sample
    size = np.bincount(sample.unit, minlength=layout.units) / sample.n
    owner = layout.owner()
    return np.diag(0.5 / np.where(owner < 0, 1.0, size[owner]))


def _hessian(likelihood: Likelihood, theta: Array) -> Array:
    """Return the Hessian of the objective by central differences of the gradient, shape (size, size).

    Parameters of different units have no second derivative, so one difference serves all units at once.
    """
    layout = likelihood.layout
    colour, owner = layout.colour(), layout.owner()
    out = np.zeros((layout.size, layout.size))
    for c, turn in enumerate(_turns(likelihood, theta, colour)):
        mine = np.flatnonzero(colour == c)
        if owner[mine[0]] < 0:
            out[mine[0]] = turn
            continue
        column = np.full(layout.units, -1)
        column[owner[mine]] = mine
        own = np.flatnonzero((owner >= 0) & (column[owner] >= 0))
        out[column[owner[own]], own] = turn[own]
    out[layout.common :, : layout.common] = out[: layout.common, layout.common :].T
    return (out + out.T) / 2


def _turns(likelihood: Likelihood, theta: Array, colour: NDArray[np.int64]) -> Array:
    """Return how the gradient changes with all parameters of each colour, shape (colours, size)."""
    shifts = _DIFFERENCE * (colour == np.arange(colour.max() + 1)[:, None])
    points = np.concatenate([theta + shifts, theta - shifts])
    slopes = np.concatenate(
        [
            likelihood.slope(at, np.ones((len(at), likelihood.sample.n)))[1]
            for at in np.array_split(points, -(-len(points) // likelihood.block))
        ]
    )
    up, down = np.split(slopes, 2)
    return (up - down) / (2 * _DIFFERENCE)


def inverted(hessian: Array) -> Array:
    """Return the inverse; directions that are flat or bend down are left out."""
    size = np.sqrt(np.maximum(np.abs(np.diag(hessian)), 1e-12))
    value, vector = np.linalg.eigh(hessian / size / size[:, None])
    value = np.where(value > _FLAT, 1 / np.maximum(value, _FLAT), 0.0)
    return (vector * value) @ vector.T / size / size[:, None]


def _upward(likelihood: Likelihood, theta: Array) -> Array:
    """Return the signs, shape (size,), that make items go up with their latent variables."""
    layout, factor = likelihood.layout, likelihood.sample.factor
    q = layout.unpacked(theta[None])
    sign = np.where(np.bincount(factor, q.loading[0], layout.k) < 0, -1.0, 1.0)
    ones = layout.unpacked(np.ones((1, layout.size)))
    turned = replace(
        ones,
        loading=ones.loading * sign[factor],
        paths=ones.paths * sign[:, None] * sign,
        level=ones.level * sign,
        on=None if q.on is None else ones.on * sign,
    )
    return layout.packed(turned)[0]


@dataclass(frozen=True, slots=True)
class Refits:
    """Effects in B samples.

    Attributes
    ----------
    effects : Effects
    converged : ndarray of bool, shape (B,)
        Whether the search ended; the effects are those of where it stood.
    """

    effects: Effects
    converged: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PathFit:
    """A fitted latent path model.

    Attributes
    ----------
    likelihood : Likelihood
    theta : ndarray, shape (size,)
        All parameters; see `layout.Layout`.
    converged : bool
    mediators : tuple of int
    hessian : ndarray, shape (size, size)
        Of the objective, at the estimates.
    """

    likelihood: Likelihood = field(repr=False)
    theta: Array = field(repr=False)
    converged: bool
    mediators: tuple[int, ...]
    hessian: Array = field(repr=False)

    @property
    def n(self) -> int:
        """Rows."""
        return self.likelihood.sample.n

    @property
    def parameters(self) -> Parameters:
        """Estimates by name, with one leading axis of length one."""
        return self.likelihood.layout.unpacked(self.theta[None])

    @cached_property
    def covariance(self) -> Array:
        """Of the estimates: the inverse of the observed information, shape (size, size)."""
        return 2 / self.n * self._inverse

    @cached_property
    def _inverse(self) -> Array:
        return inverted(self.hessian)

    @property
    def proper(self) -> bool:
        """Whether the search ended where the information is definite and no unique variance vanishes."""
        size = np.sqrt(np.abs(np.diag(self.hessian)))
        if not self.converged or not (size > 0).all():
            return False
        definite = np.linalg.eigvalsh(self.hessian / size / size[:, None])[0] > _FLAT
        return bool(definite and (self.parameters.log_unique > np.log(_LEAST_UNIQUE)).all())

    @cached_property
    def effects(self) -> Effects:
        """Standardised effects."""
        return self._effects(self.theta[None], np.ones((1, self.n))).at(0)

    def log_likelihood(self) -> float:
        """Return the log-likelihood of standardised data, constants included."""
        s = self.likelihood.sample
        answers = s.seen.sum() + (0 if s.z_seen is None else s.z_seen.sum())
        value = self.likelihood.value(self.theta[None], np.ones((1, self.n)))[0]
        return float(-(self.n * value + answers * np.log(2 * np.pi)) / 2)

    def delta_errors(self) -> Effects:
        """Return standard errors of the effects by the delta method, first-order (Sobel 1982)."""
        h = 1e-5 * np.eye(len(self.theta))
        points = np.concatenate([self.theta + h, self.theta - h])
        at = self._effects(points, np.ones((len(points), 1)) * np.ones(self.n))
        return Effects(*(self._error(getattr(at, f.name)) for f in fields(Effects)))

    def _error(self, values: Array) -> Array:
        up, down = np.split(values, 2)
        slope = (up - down) / 2e-5
        return np.sqrt(np.einsum("i...,ij,j...->...", slope, self.covariance, slope, optimize=True))

    def refit(self, counts: Iterable[ArrayLike], steps: int = REFIT_STEPS) -> Refits:
        """Refit to samples given by how often each row is drawn, from where the first search ended.

        Parameters
        ----------
        counts : iterable of array_like, each of shape (b, n)
            Columns in the order of the rows given to `fit_paths`.
        steps : int
            The most steps of a search.

        Returns
        -------
        Refits

        Notes
        -----
        In small samples some draws lie on a ridge, where two latent variables are nearly one and their
        coefficients grow against each other without end. They are not left out, for that would make intervals
        too short, nor followed to the end, for that makes intervals of indirect effects cover too often: the
        k-step bootstrap of Andrews (2002, Econometrica 70, 119–162), which is as good as the full one in
        large samples.

        With more than `ONE_STEP` rows by one step of Newton's with the fixed Hessian, which then differs from
        the maximum in the order of 1 / n (Davidson and MacKinnon 1999, International Economic Review 40,
        487–508); the effects of the step are not taken for linear.
        """
        found, good = [], []
        for w in self._blocks(counts):
            theta, converged = self._stepped(w) if self.n > ONE_STEP else self._refitted(w, steps)
            found.append(self._effects(theta, w))
            good.append(converged)
        converged = np.concatenate(good)
        parts = [np.concatenate([getattr(e, f.name) for e in found]) for f in fields(Effects)]
        return Refits(Effects(*parts), converged)

    def jackknife(self) -> Effects:
        """Return the effects without one row each, by one step; leading axis n, in rows sorted by unit.

        With more than `ONE_STEP` rows those of all rows, once: one row tells nothing then.
        """
        left_out = 1.0 - np.eye(self.n) if self.n <= ONE_STEP else np.ones((1, self.n))
        parts = [
            self._effects(self._stepped(w)[0], w) for w in np.array_split(left_out, -(-len(left_out) // 200))
        ]
        return Effects(*(np.concatenate([getattr(e, f.name) for e in parts]) for f in fields(Effects)))

    def _blocks(self, counts: Iterable[ArrayLike]) -> Iterator[Array]:
        size = _STEPPED if self.n > ONE_STEP else self.likelihood.block
        for chunk in counts:
            weight = np.asarray(chunk, float)[:, self.likelihood.sample.order]
            yield from np.array_split(weight, -(-len(weight) // size))

    def _stepped(self, weight: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Take Newton's step from the estimates, the gradient being linear in the weights."""
        layout, starts = self.likelihood.layout, self.likelihood.sample.starts
        common, own = self._scores
        units = [np.add.reduceat(weight * column, starts, axis=1) for column in own.T]
        level = np.stack(units[: layout.k], axis=2)[:, 1:].reshape(len(weight), -1)
        score = np.hstack([weight @ common, level, *units[layout.k :]])
        step = score @ self._inverse * (2 / self.n)
        return self.theta + step, np.ones(len(weight), bool)

    @cached_property
    def _scores(self) -> tuple[Array, Array]:
        return self.likelihood.scores(self.theta)

    def _refitted(self, weight: Array, steps: int) -> tuple[Array, NDArray[np.bool_]]:
        def slope(at: Array, number: NDArray[np.int64]) -> tuple[Array, Array]:
            return self.likelihood.slope(at, weight[number])

        start = np.repeat(self.theta[None], len(weight), axis=0)
        search = minimise_all(slope, start, self._inverse, steps=steps, last=_REFIT_LAST)
        return search.theta, search.converged

    def _effects(self, theta: Array, weight: Array) -> Effects:
        share = np.add.reduceat(weight, self.likelihood.sample.starts, axis=1)
        share = share / share.sum(axis=1, keepdims=True)
        return effects(self.likelihood.layout, theta, share, self.mediators)
