"""The effect of something that starts for different people at different times.

Every function takes an outcome ``y`` of shape (n, T), NaN where none stands, and ``onset`` of shape (n,): the
column from which each row counts as treated, T or more for never, 0 or less for those treated all along.
It has no default: when a treatment begins to count is a decision, not a detail.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from .multiplicity import holm
from .two_way import TwoWayFit, two_way

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Average",
    "GroupTime",
    "Imputation",
    "Leads",
    "group_time",
    "imputation",
    "leads",
    "mean_effect",
    "t_interval",
    "two_way_effect",
]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_NOTHING = 1e-9
"""An eigenvalue below this share of the largest is zero: the period hangs on no other."""
_LAST = 0.8
"""Share of the level that the test of the last column before onset has."""
_HELD = 8_000_000
"""Numbers held at a time where products over employees are formed (64 MB)."""


@dataclass(frozen=True, slots=True)
class Average:
    """A mean effect over some treated cells, in units of y.

    Attributes
    ----------
    estimate, se, low, high, pvalue : float
        Interval at the fit's level, and two-sided p-value of zero; se and what follows are NaN where fewer
        than two replicates have such cells.
    df : float
        Degrees of freedom of both: see `imputation`.
    cells, people : int
        Treated cells averaged, and the rows they are of.
    lost : int
        Replicates without any such cell, which the error leaves out.
    """

    estimate: float
    se: float
    low: float
    high: float
    pvalue: float
    df: float
    cells: int
    people: int
    lost: int = 0


@dataclass(frozen=True, eq=False)
class Imputation:
    """Effects by imputation, cell by cell, and the same from every replicate.

    Attributes
    ----------
    estimate : float
        Mean effect over all treated cells that can be imputed, by the package.
    difference : ndarray, shape (n, T)
        y less what it would be untreated; NaN where that cannot be said. Untreated cells: residuals.
    untreated, used : ndarray of bool, shape (n, T)
        Cells the untreated level is learnt from, and treated cells whose effect is averaged.
    unused : int
        Treated cells with a y that cannot be imputed: treated all along, or no one untreated at the time.
    onset : ndarray of int, shape (n,)
    sizes, totals : ndarray, shape (B, T, T)
        By replicate, onset and column: how many cells, and the sum of their effects.
    level : float
    """

    estimate: float
    difference: Array
    untreated: Mask
    used: Mask
    unused: int
    onset: NDArray[np.int64]
    sizes: Array = field(repr=False)
    totals: Array = field(repr=False)
    level: float

    @property
    def since(self) -> NDArray[np.int64]:
        """Columns since onset, by onset and column, shape (T, T): 0 is the first treated one."""
        columns = np.arange(self.used.shape[1])
        return columns - columns[:, None]

    @property
    def overall(self) -> Average:
        """The mean effect over all treated cells that can be imputed."""
        return replace(self.average(self.since >= 0), estimate=self.estimate)

    @property
    def people(self) -> int:
        """Rows that the estimate rests on: with an untreated cell, or one averaged."""
        return int((self.untreated | self.used).any(axis=1).sum())

    def average(self, where: Mask) -> Average:
        """Return the mean effect over the cells `where` tells by onset and column, shape (T, T).

        Raises
        ------
        ValueError
            If no treated cell that can be imputed is among them.
        """
        chosen = self.used & where[self.onset.clip(0, len(where) - 1)]
        if not chosen.any():
            raise ValueError("none of these cells can be imputed")
        with np.errstate(invalid="ignore"):
            drawn = (self.totals * where).sum(axis=(1, 2)) / (self.sizes * where).sum(axis=(1, 2))
        known, people = np.isfinite(drawn), int(chosen.any(axis=1).sum())
        se = float(np.std(drawn[known], ddof=1)) if known.sum() > 1 else np.nan
        estimate, df = float(self.difference[chosen].mean()), self._effective(chosen) - 1
        return Average(
            estimate, se, *t_interval(estimate, se, df, self.level), df, int(chosen.sum()), people,
            int((~known).sum()),
        )  # fmt: skip

    def _effective(self, chosen: Mask) -> float:
        """Return the effective number of rows: few where few of them carry most of the variance."""
        after, before = chosen.sum(axis=1), self.untreated.sum(axis=1)
        variance = after + after**2 / np.maximum(before, 1)
        return float(variance.sum() ** 2 / np.sum(variance**2))


def imputation(
    y: ArrayLike, onset: ArrayLike, counts: Iterable[ArrayLike] = (), level: float = 0.95
) -> Imputation:
    """Estimate effects as what was seen less what the untreated cells say would have been.

    Parameters
    ----------
    y : array_like, shape (n, T)
    onset : array_like of int, shape (n,)
    counts : iterable of array_like, each of shape (b, n)
        How often each row is drawn in bootstrap replicates, as `resampling.bootstrap_counts` yields them.
    level : float
        Level of the intervals.

    Returns
    -------
    Imputation

    Raises
    ------
    ValueError
        If no treated cell can be imputed.

    Notes
    -----
    ``y_it = a_i + l_t`` is fitted to the untreated cells by least squares; the effect of a treated cell is
    ``y_it - a_i - l_t``, and effects are averaged with equal weights: Borusyak, Jaravel and Spiess (2024),
    Review of Economic Studies 91, 3253–3285. A treated cell can be imputed where its row has an untreated
    cell and untreated cells connect its column with those of the row; the others are left out. In a replicate
    whose columns lose all untreated rows, the cells that can then not be imputed are left out of that one.

    The estimate itself is that of ``diff_diff.ImputationDiD``, which the mean of our differences equals but
    for rounding (a test); replicates, and means over parts of the cells, are ours, all replicates at once.

    The error is the standard deviation over replicates. A row treated early has many effects that rest on few
    untreated cells of its own, so that a handful of rows may carry most of the variance; intervals are
    Student's t with one degree of freedom less than the effective number of rows ``(sum v)² / sum v²``, where
    ``v = k + k² / m`` is the variance of the sum of a row's k effects given m untreated cells and equal,
    independent errors: Carter, Schnepel and Steigerwald (2017), Review of Economics and Statistics 99, 698.
    """
    panel = _Panel.of(y, onset)
    columns = panel.y.shape[1]
    same, difference = panel.differences()
    used = panel.treated & same
    if not used.any():
        raise ValueError("no treated cell can be imputed")
    drawn = [panel.sums(np.asarray(c, float)) for c in counts] or [np.zeros((2, 0, columns, columns))]
    sizes, totals = (np.concatenate(part) for part in zip(*drawn, strict=True))
    unused = int((~np.isnan(panel.y) & ~panel.untreated & ~used).sum())
    cells = panel.untreated | used
    return Imputation(
        _by_package(panel.y, panel.onset, cells), np.where(cells, difference, np.nan), panel.untreated, used,
        unused, panel.onset, sizes, totals, level,
    )  # fmt: skip


def mean_effect(y: ArrayLike, onset: ArrayLike) -> float:
    """Return the estimate of `imputation` by our own arithmetic, NaN where no treated cell can be imputed.

    Linear in y, and quick: for tests that draw onsets anew.
    """
    panel = _Panel.of(y, onset)
    same, difference = panel.differences()
    used = panel.treated & same
    return float(difference[used].mean()) if used.any() else float("nan")


def levels_of(left: Array, right: Array) -> tuple[Array, Mask]:
    """Solve normal equations for the columns' levels, singular by one dimension for every connected part.

    Parameters
    ----------
    left : ndarray, shape (b, T, T)
    right : ndarray, shape (b, k, T)

    Returns
    -------
    levels : ndarray, shape (b, k, T)
    same : ndarray of bool, shape (b, T, T)
        Whether untreated cells connect two columns.
    """
    value, vector = np.linalg.eigh(left)
    zero = value <= _NOTHING * np.maximum(value[:, -1:], 1.0)
    inverse = np.where(zero, 0.0, 1.0 / np.where(zero, 1.0, value))
    turned = (right @ vector) * inverse[:, None]
    free = vector * zero[:, None, :]
    parts = free @ free.swapaxes(1, 2)  # 1 over the part's size within a part, 0 across parts
    return turned @ vector.swapaxes(1, 2), parts > 0.5 / left.shape[-1]


@dataclass(frozen=True, slots=True)
class _Panel:
    """Cells, centred at the mean of each row's untreated ones.

    Attributes
    ----------
    y, centred, share : ndarray, shape (n, T)
        `centred` is 0 where there is no y or no untreated cell in the row; `share` is one over the number of
        the row's untreated cells, in these.
    untreated, treated : ndarray of bool, shape (n, T)
        Of the treated cells those whose row has an untreated one.
    onset, first : ndarray of int, shape (n,)
        `first` is the first untreated column.
    """

    y: Array
    centred: Array
    share: Array
    untreated: Mask
    treated: Mask
    onset: NDArray[np.int64]
    first: NDArray[np.int64]

    @classmethod
    def of(cls, y: ArrayLike, onset: ArrayLike) -> _Panel:
        y, onset = np.asarray(y, float), np.asarray(onset, np.int64)
        if y.ndim != 2 or onset.shape != y.shape[:1]:
            raise ValueError(f"y of shape {y.shape} needs an onset a row, not {onset.shape}")
        seen, before = ~np.isnan(y), np.arange(y.shape[1]) < onset[:, None]
        untreated = seen & before
        size = untreated.sum(axis=1, keepdims=True)
        share = untreated / np.maximum(size, 1)
        usual = np.sum(share * np.where(seen, y, 0.0), axis=1, keepdims=True)
        centred = np.where(seen & (size > 0), y - usual, 0.0)
        treated = seen & ~before & (size > 0)
        return cls(y, centred, share, untreated, treated, onset, untreated.argmax(axis=1))

    def differences(self) -> tuple[Mask, Array]:
        """Return where the untreated level is known, and y less it, both (n, T), every row counted once."""
        level, same = self._levels(np.ones((1, len(self.y))))
        known = same[0][self.first] & self.untreated.any(axis=1, keepdims=True)
        return known, self.centred - level[0] + self.share @ level[0][:, None]

    def sums(self, weights: Array) -> tuple[Array, Array]:
        """Return, by replicate, onset and column, the number of effects and their sum; weights (b, n)."""
        level, same = self._levels(weights)
        own = level @ self.share.T
        columns = self.y.shape[1]
        sizes, totals = np.zeros((2, len(weights), columns, columns))
        for onset, first, rows in self._cohorts():
            w, cells = weights[:, rows], self.treated[rows].astype(float)
            size = w @ cells
            total = w @ (cells * self.centred[rows]) - size * level + (w * own[:, rows]) @ cells
            sizes[:, onset] += same[:, first] * size
            totals[:, onset] += same[:, first] * total
        return sizes, totals

    def _cohorts(self) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
        """Yield rows with treated cells by onset and first untreated column."""
        rows = np.flatnonzero(self.treated.any(axis=1))
        keys = np.column_stack([self.onset[rows], self.first[rows]])
        for onset, first in np.unique(keys, axis=0):
            yield int(onset), int(first), rows[(keys == (onset, first)).all(axis=1)]

    def _levels(self, weights: Array) -> tuple[Array, Array]:
        """Return the columns' levels (b, T) and which columns untreated cells connect (b, T, T).

        Row effects are taken out by centring, which weights that are alike within a row do not enter: what is
        left are normal equations in T levels.
        """
        columns = self.y.shape[1]
        right = weights @ (self.untreated * self.centred)
        left = -self._crossed(weights)
        left[:, np.arange(columns), np.arange(columns)] += weights @ self.untreated.astype(float)
        level, same = levels_of(left, right[:, None])
        return level[:, 0], same

    def _crossed(self, weights: Array) -> Array:
        """Return the weighted sums over rows of ``untreated_t share_s``, shape (b, T, T)."""
        n, columns = self.y.shape
        total, step = np.zeros((len(weights), columns**2)), max(1, _HELD // columns**2)
        for rows in (slice(i, i + step) for i in range(0, n, step)):
            pairs = self.untreated[rows, :, None] * self.share[rows, None, :]
            total += weights[:, rows] @ pairs.reshape(-1, columns**2)
        return total.reshape(-1, columns, columns)


@dataclass(frozen=True, slots=True)
class Leads:
    """How treated rows stood in the columns just before onset, against what was usual for them.

    Attributes
    ----------
    before : ndarray of int, shape (k,)
        Columns before onset, from the farthest to 1.
    estimate, se, low, high, pvalue : ndarray, shape (k,)
        In units of y; all leads in one model, each with an interval of its own.
    people : ndarray of int, shape (k,)
    last : TwoWayFit or None
        The last column before onset in a model without the other leads: more power to tell a dip there.
    joint : float
        p-value of no departure, neither of any lead (Holm) nor of the last by itself.
    level : float
    """

    before: NDArray[np.int64]
    estimate: Array
    se: Array
    low: Array
    high: Array
    pvalue: Array
    people: NDArray[np.int64]
    last: TwoWayFit | None
    joint: float
    level: float

    @property
    def flagged(self) -> bool:
        """Whether a lead departs from zero: in at most ``1 - level`` of panels where none does."""
        return self.joint < 1 - self.level


def leads(y: ArrayLike, onset: ArrayLike, *, most: int, least: int = 2, level: float = 0.95) -> Leads | None:
    """Test parallel trends on the untreated cells alone, with an indicator for each column before onset.

    Parameters
    ----------
    y : array_like, shape (n, T)
    onset : array_like of int, shape (n,)
    most : int
        Columns before onset to test; fewer where the data cannot tell so many from the rows' own level.
    least : int
        Fewest rows a lead may rest on.
    level : float

    Returns
    -------
    Leads or None
        None where no lead can be told.

    Notes
    -----
    ``y_it = a_i + l_t + sum_k b_k 1[onset_i - t = k]`` on untreated cells, whose estimates are independent of
    those of the effects when errors are alike (Borusyak, Jaravel and Spiess 2024, section 4.4); CR2 errors by
    row with Satterthwaite degrees of freedom. What is usual are the columns farther before onset, and rows
    never treated. Two tests share the level: the last lead by itself has four fifths of it, as a dip just
    before a programme is what is most to be feared (Ashenfelter 1978); the smallest of Holm's p-values over
    all leads has the rest. Together they hold the level under any dependence.
    """
    y, onset = np.asarray(y, float), np.asarray(onset, np.int64)
    columns = y.shape[1]
    row, column = np.nonzero(~np.isnan(y) & (np.arange(columns) < onset[:, None]))
    ahead = np.where(onset < columns, onset, 2 * columns + most)[row] - column
    enough = [k for k in range(1, most + 1) if (ahead == k).sum() >= least]

    def fitted(before: list[int]) -> TwoWayFit | None:
        X = (ahead[:, None] == before).astype(float)
        try:
            return two_way(y[row, column], X, row, column, columns=range(len(before)), level=level)
        except ValueError:  # they cannot be told from the rows' own levels
            return None

    for k in range(len(enough), 0, -1):
        before = enough[:k][::-1]
        if fit := fitted(before):
            break
    else:
        return None
    last = fitted([1]) if 1 in before else None
    every = min(holm(list(fit.pvalue)))
    joint = min(float(last.pvalue[0]) / _LAST, every / (1 - _LAST), 1.0) if last else every
    return Leads(
        np.array(before), fit.coef, fit.se, fit.low, fit.high, fit.pvalue,
        np.array([(ahead == k).sum() for k in before]), last, joint, level,
    )  # fmt: skip


def two_way_effect(y: ArrayLike, onset: ArrayLike, level: float = 0.95) -> TwoWayFit:
    """Fit y on an indicator of being treated with row and column effects, for comparison only.

    Where effects grow or differ, this weighs some of them negatively: Goodman-Bacon (2021), Journal of
    Econometrics 225, 254–277.

    Raises
    ------
    ValueError
        If row and column effects leave nothing of the indicator.
    """
    y, onset = np.asarray(y, float), np.asarray(onset, np.int64)
    row, column = np.nonzero(~np.isnan(y))
    return two_way(y[row, column], column >= onset[row], row, column, level=level)


@dataclass(frozen=True, slots=True)
class GroupTime:
    """Effects by onset and column, and their means.

    Attributes
    ----------
    onset, column : ndarray of int, shape (m,)
    estimate, se : ndarray, shape (m,)
        ATT(g, t), with the column before onset as base after it, and the column before as base before it.
    overall : Average
        Mean over treated rows and columns; errors are analytic, its interval Student's t.
    since : ndarray of int, shape (k,)
        Columns since onset; negative ones are leads.
    by_since, by_since_se : ndarray, shape (k,)
    cohort : ndarray of int, shape (c,)
    by_cohort, by_cohort_se : ndarray, shape (c,)
    """

    onset: NDArray[np.int64]
    column: NDArray[np.int64]
    estimate: Array
    se: Array
    overall: Average
    since: NDArray[np.int64]
    by_since: Array
    by_since_se: Array
    cohort: NDArray[np.int64]
    by_cohort: Array
    by_cohort_se: Array


def group_time(
    y: ArrayLike,
    onset: ArrayLike,
    *,
    control: Literal["not_yet_treated", "never_treated"] = "not_yet_treated",
    level: float = 0.95,
) -> GroupTime:
    """Estimate effects by onset and column against rows not yet treated, after Callaway and Sant'Anna.

    Parameters
    ----------
    y : array_like, shape (n, T)
    onset : array_like of int, shape (n,)
        Rows treated all along are left out.
    control : {"not_yet_treated", "never_treated"}
    level : float

    Returns
    -------
    GroupTime

    Raises
    ------
    ValueError
        If there is no treated row with a column before and a control.

    Notes
    -----
    Through ``diff_diff.CallawaySantAnna``: Callaway and Sant'Anna (2021), Journal of Econometrics 225,
    200–230.
    """
    from diff_diff import CallawaySantAnna

    y, onset = np.asarray(y, float), np.asarray(onset, np.int64)
    estimator = CallawaySantAnna(control_group=control, base_period="varying")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of small cohorts: they are averaged over here, and never shown
        fit = estimator.fit(_long(y, onset), **_COLUMNS)
        since, cohort = fit.aggregate("event_study"), fit.aggregate("group")
    cells = sorted(fit.group_time_effects.items())
    treated = (onset > 0) & (onset < y.shape[1]) & ~np.isnan(y).all(axis=1)
    estimate, se = float(fit.overall_att), float(fit.overall_se)
    if not np.isfinite(estimate):
        raise ValueError("no treated row has a column before and a control")
    after, df = sum(int(t >= g) for (g, t), _ in cells), int(treated.sum()) - 1
    return GroupTime(
        onset=np.array([g - 1 for (g, _), _ in cells]),
        column=np.array([t - 1 for (_, t), _ in cells]),
        estimate=np.array([e["effect"] for _, e in cells]),
        se=np.array([e["se"] for _, e in cells]),
        overall=Average(estimate, se, *t_interval(estimate, se, df, level), df, after, df + 1),
        since=np.asarray(since.event_time, int),
        by_since=np.asarray(since.att, float),
        by_since_se=np.asarray(since.se, float),
        cohort=np.array([g - 1 for g in cohort.to_dict()["label"]]),
        by_cohort=np.asarray(cohort.to_dict()["att"], float),
        by_cohort_se=np.asarray(cohort.to_dict()["se"], float),
    )


def _by_package(y: Array, onset: NDArray[np.int64], cells: Mask) -> float:
    from diff_diff import ImputationDiD

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own errors, which are not used
        return float(ImputationDiD().fit(_long(y, onset, cells), **_COLUMNS).overall_att)


_COLUMNS = {"outcome": "y", "unit": "row", "time": "column", "first_treat": "onset"}


def _long(y: Array, onset: NDArray[np.int64], cells: Mask | None = None) -> pd.DataFrame:
    """Return the panel as the package takes it: columns from 1 on, 0 for never, none treated all along."""
    import pandas as pd

    cells = ~np.isnan(y) if cells is None else cells
    row, column = np.nonzero(cells & (onset > 0)[:, None])
    first = np.where(onset < y.shape[1], onset + 1, 0)
    frame: dict[str, Any] = {"y": y[row, column], "row": row, "column": column + 1, "onset": first[row]}
    return pd.DataFrame(frame)


def t_interval(estimate: float, se: float, df: float, level: float) -> tuple[float, float, float]:
    """Return the ends of the t interval and the p-value of zero."""
    if not np.isfinite(se) or df <= 0:
        return np.nan, np.nan, np.nan
    half = float(stats.t.ppf((1 + level) / 2, df) * se)
    with np.errstate(divide="ignore", invalid="ignore"):
        pvalue = float(2 * stats.t.sf(abs(np.float64(estimate) / se), df))
    return estimate - half, estimate + half, pvalue
