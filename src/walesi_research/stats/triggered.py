"""The effect of something given for a good outcome: an award follows a good quarter.

A row whose last outcome before it was good by chance falls back afterwards, whatever is given to it
(regression to the mean), and rows not yet chosen have been a little worse than usual by chance, for else they
would have been chosen. `triggered` takes both out, as `staggered.imputation` does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .staggered import Average, Imputation, imputation, t_interval

__all__ = ["Triggered", "triggered"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Triggered:
    """Effects after the event, cell by cell, net of the choice of who got it.

    Attributes
    ----------
    fit : Imputation
        Levels of rows and columns from the cells that choice cannot have touched but in one way; its `onset`
        is the first of the columns left out.
    lags : int
        Columns left out, the event's own the last of them.
    shift : ndarray, shape (T,)
        By column, how much better rows still waiting for the event are than those of them not about to get
        it: what the imputed level is too low by.
    shifts : ndarray, shape (B, T)
        The same from every replicate.
    """

    fit: Imputation
    lags: int
    shift: Array
    shifts: Array = field(repr=False)

    @property
    def since(self) -> NDArray[np.int64]:
        """Columns since the first one after the event, by onset of `fit` and column, shape (T, T)."""
        return self.fit.since - self.lags

    @property
    def overall(self) -> Average:
        """The mean effect over all cells after the event that can be imputed."""
        return self.average(self.since >= 0)

    @property
    def at_event(self) -> Average:
        """How far the columns left out stand above the level imputed for rows like them."""
        return self.average((self.since >= -self.lags) & (self.since < 0))

    @property
    def people(self) -> int:
        """Rows that the estimate rests on."""
        return self.fit.people

    @property
    def unused(self) -> int:
        """Cells after the event that cannot be imputed: no level of the row's own, or nobody waiting."""
        return self.fit.unused

    def average(self, where: Mask) -> Average:
        """Return the mean effect over the cells `where` tells by onset of `fit` and column, shape (T, T).

        Raises
        ------
        ValueError
            If no cell that can be imputed is among them.
        """
        fit, plain = self.fit, self.fit.average(where)
        column = np.nonzero(fit.used & where[fit.onset.clip(0, len(where) - 1)])[1]
        estimate = plain.estimate - float(self.shift[column].mean())
        sizes = (fit.sizes * where).sum(axis=1)
        totals = (fit.totals * where).sum(axis=(1, 2)) - (sizes * self.shifts).sum(axis=1)
        with np.errstate(invalid="ignore"):
            drawn = totals / sizes.sum(axis=1)
        known = np.isfinite(drawn)
        se = float(np.std(drawn[known], ddof=1)) if known.sum() > 1 else np.nan
        ends = t_interval(estimate, se, plain.df, fit.level)
        return Average(estimate, se, *ends, plain.df, plain.cells, plain.people, int((~known).sum()))


def triggered(
    y: ArrayLike, event: ArrayLike, lags: int = 1, counts: Iterable[ArrayLike] = (), level: float = 0.95
) -> Triggered:
    """Estimate what an event adds from the first column after it, where good outcomes bring it about.

    Parameters
    ----------
    y : array_like, shape (n, T)
        NaN where there is none.
    event : array_like of int, shape (n,)
        Column of each row's first event; T or more for none, negative where it came before the first column.
    lags : int
        How many columns up to the event may have brought it about, at least 1: they are left out.
    counts : iterable of array_like, each of shape (b, n)
        How often each row is drawn in bootstrap replicates.
    level : float
        Level of the intervals.

    Returns
    -------
    Triggered

    Raises
    ------
    ValueError
        If `lags` is less than 1, or no cell after an event can be imputed.

    Notes
    -----
    ``y_it = a_i + l_t + effect + e_it``; the event falls on row i at t by a chance that depends on ``e_it``
    (or on those of the `lags` columns up to t). Levels are fitted to the cells with no event in their own and
    the next ``lags - 1`` columns. There ``E e = -m_t``: what was left by those chosen, the same whenever the
    row's own event comes, so that fitted levels are ``a_i + l_t - m_t`` without bias given the events. Cells
    after the event have ``E e = 0``, and so have all cells of rows still waiting, those about to be chosen
    among them (nothing that comes later decides who waits). So ``m_t`` is the mean, over the rows waiting in
    column t, of y less the fitted level, and is subtracted from the effects. Exact where e is independent
    over time and chances do not differ between rows. Where they do, better rows being chosen more often
    throughout, it errs upwards by a little (140 rows, 12 columns, simulated: .02 standard deviations of e
    where a standard deviation of rows makes the event three times as likely, .04 where seven times). An e
    that lasts biases upwards by more (.03 to .08 where it is correlated by .5); `staggered.leads` on the
    columns before those left out may tell.

    Imputation: Borusyak, Jaravel and Spiess (2024), Review of Economic Studies 91, 3253–3285. Choice on
    passing outcomes: Ashenfelter (1978), Review of Economics and Statistics 60, 47–57; Heckman and Robb
    (1985), Journal of Econometrics 30, 239–267.
    """
    if lags < 1:
        raise ValueError("at least the event's own column is left out")
    y, event = np.asarray(y, float), np.asarray(event, np.int64)
    columns = y.shape[1]
    start = np.where(event >= columns, columns, event - lags + 1)
    blocks = [np.asarray(block, float) for block in counts]
    fit = imputation(y, start, blocks, level)
    waiting = (fit.untreated | fit.used) & (np.arange(columns) <= event[:, None])
    left_out = fit.used & waiting
    total = np.where(left_out, fit.difference, 0.0).sum(axis=0)
    drawn = (fit.totals * ((fit.since >= 0) & (fit.since < lags))).sum(axis=1)
    sizes = [block @ waiting.astype(float) for block in blocks] or [np.zeros((0, columns))]
    shifts = _share(drawn, np.concatenate(sizes))
    found = Triggered(fit, lags, _share(total, waiting.sum(axis=0)), shifts)
    if not (fit.used & ~waiting).any():
        raise ValueError("no cell after an event can be imputed")
    return found


def _share(total: Array, size: Array) -> Array:
    return np.where(size > 0, total / np.maximum(size, 1.0), 0.0)
