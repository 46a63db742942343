"""Whether members of a group answer alike: agreement within groups, and how far groups differ.

Agreement (r_wg) compares the variance of answers within one group with that of answers given at random;
reliability (intraclass correlations) compares groups with each other. Groups may differ in size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from .intraclass import Intraclass
from .regression import codes

__all__ = [
    "SLIGHT_SKEW_OF_FIVE",
    "GroupCorrelations",
    "group_correlations",
    "uniform_variance",
    "within_agreement",
    "within_agreements",
]

Array = NDArray[np.float64]

SLIGHT_SKEW_OF_FIVE = 1.34
"""Variance of answers at random that lean a little to one side, five categories: James, Demaree and Wolf
(1984); LeBreton and Senter (2008), Organizational Research Methods 11, 815–852, table 2."""


def uniform_variance(categories: int) -> float:
    """Return the variance of answers spread evenly over `categories` whole numbers, ``(A² - 1) / 12``."""
    return (categories**2 - 1) / 12


def within_agreement(x: ArrayLike, error: float) -> float:
    """Return the agreement of one group, r_wg of one item or r_wg(J) of several parallel ones.

    Parameters
    ----------
    x : array_like, shape (n,) or (n, J)
        Answers of n members to J items, NaN where there is none.
    error : float
        Variance of answers given at random, such as `uniform_variance`.

    Returns
    -------
    float
        Between 0 and 1; NaN where no item has two answers, or `x` has no item.

    Raises
    ------
    ValueError
        If `error` is not positive.

    Notes
    -----
    With s² the mean over items of their variances (divisor n - 1) and ``q = s² / error`` ::

        r_wg(J) = J (1 - q) / (J (1 - q) + q),

    0 where q exceeds 1: James, Demaree and Wolf (1984), Journal of Applied Psychology 69, 85–98, and (1993)
    78, 306–309.
    """
    if not error > 0:
        raise ValueError(f"answers at random have a positive variance, not {error}")
    x = np.asarray(x, float)
    x = x[:, None] if x.ndim == 1 else x
    x = x[:, np.sum(~np.isnan(x), axis=0) > 1]
    if not x.size:
        return float("nan")
    q = float(np.nanvar(x, axis=0, ddof=1).mean()) / error
    shared = x.shape[1] * max(1 - q, 0.0)
    return shared / (shared + q)


def within_agreements(x: ArrayLike, groups: ArrayLike, error: float) -> Array:
    """Return `within_agreement` of each group, shape (groups,), in the order of their sorted labels.

    Parameters
    ----------
    x : array_like, shape (n,) or (n, J)
    groups : array_like, shape (n,)
    error : float
    """
    x = np.asarray(x, float)
    group, labels = codes(groups, len(x))
    return np.array([within_agreement(x[group == g], error) for g in range(len(labels))])


@dataclass(frozen=True, slots=True)
class GroupCorrelations:
    """How far groups differ in one variable.

    Attributes
    ----------
    single : Intraclass
        ICC(1): the share of the variance that lies between groups; how well one member tells of the group.
    mean : Intraclass
        ICC(2): how well the mean of a group of average size does.
    size : float
        That average size, ``(N - sum n² / N) / (G - 1)``.
    n, groups : int
        Members and groups.
    """

    single: Intraclass
    mean: Intraclass
    size: float
    n: int
    groups: int


def group_correlations(y: ArrayLike, groups: ArrayLike, *, level: float = 0.95) -> GroupCorrelations:
    """Return ICC(1) and ICC(2) of groups that may differ in size.

    Parameters
    ----------
    y : array_like, shape (n,)
        One value a member; those without (NaN) are left out.
    groups : array_like, shape (n,)
        Labels of the groups.
    level : float

    Returns
    -------
    GroupCorrelations

    Raises
    ------
    ValueError
        If there are fewer than two groups, no group has two members, or the members of a group do not differ.

    Notes
    -----
    From the mean squares of a one-way analysis of variance, ``ICC(1) = (B - W) / (B + (k - 1) W)`` and
    ``ICC(2) = (B - W) / B``, k being the average `size`: Bliese (2000), in Klein and Kozlowski, Multilevel
    Theory, Research, and Methods, 349–381. Neither is let below zero. The interval is exact for normal
    values and any sizes: with the ratio t of the variances, group means weighted by ``n / (1 + n t)`` have a
    variance over W that is F with (G - 1, N - G) degrees of freedom (Wald 1940, Annals of Mathematical
    Statistics 11, 96–100; Searle, Casella and McCulloch 1992, section 3.6); ICC(1) is ``t / (1 + t)``, ICC(2)
    ``k t / (1 + k t)``. Groups of one size give Searle's interval, that of ICC(1,1) in `intraclass`.
    """
    y = np.asarray(y, float)
    group, labels = codes(np.asarray(groups)[~np.isnan(y)])
    y = y[~np.isnan(y)]
    n, g = len(y), len(labels)
    if g < 2 or n <= g:
        raise ValueError(f"{n} members of {g} groups do not tell groups from members")
    size = np.bincount(group).astype(float)
    mean = np.bincount(group, y) / size
    within = float(np.sum((y - mean[group]) ** 2)) / (n - g)
    if not within > 1e-12 * float(y.var()):
        raise ValueError("the members of a group do not differ")

    def ratio(t: float) -> float:
        return _between(mean, size / (1 + size * t)) / within

    average = (n - float(size @ size) / n) / (g - 1)
    f, df1, df2 = ratio(0.0), g - 1, n - g
    tail = (1 - level) / 2
    ends = (_where(ratio, float(stats.f.isf(p, df1, df2))) for p in (tail, 1 - tail))
    ratios = np.array([max(f - 1, 0.0) / average, *ends])
    test = (f, df1, df2, float(stats.f.sf(f, df1, df2)))
    single, of_mean = (Intraclass(*map(float, k * ratios / (1 + k * ratios)), *test) for k in (1.0, average))
    return GroupCorrelations(single, of_mean, average, n, g)


def _between(mean: Array, weight: Array) -> float:
    centre = weight @ mean / weight.sum()
    return float(weight @ (mean - centre) ** 2) / (len(mean) - 1)


def _where(falling: Callable[[float], float], value: float) -> float:
    """Return where a function that falls towards zero takes `value`, 0 if it never lies above."""
    if falling(0.0) <= value:
        return 0.0
    high = 1.0
    while falling(high) > value:
        high *= 2
    return float(optimize.brentq(lambda t: falling(t) - value, 0.0, high, xtol=1e-12, rtol=1e-12))
