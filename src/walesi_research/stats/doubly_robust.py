"""Doubly robust effect of a treatment: right if either the outcome or the treatment is modelled well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from .regression import check_design

__all__ = ["OVERLAP", "DoublyRobust", "doubly_robust"]

Array = NDArray[np.float64]

OVERLAP = (0.05, 0.95)
"""Chances of treatment between which treated and untreated can be compared."""
_CERTAIN = 1e-6
"""A fitted chance nearer than this to zero or one: the covariates give the treatment away."""


@dataclass(frozen=True, slots=True)
class DoublyRobust:
    """An effect of treatment, adjusted twice.

    Attributes
    ----------
    estimate, se, low, high, pvalue : float
        Effect, standard error of its influence function, interval at `level`, and p-value of zero.
    propensity : ndarray, shape (n,)
        Fitted chance of treatment.
    outside : float
        Share of rows whose chance lies outside `OVERLAP`, where few others can be compared with them.
    target : {"all", "treated"}
    level : float
    n, treated, groups : int
        Rows, treated rows, clusters.
    """

    estimate: float
    se: float
    low: float
    high: float
    pvalue: float
    propensity: Array
    outside: float
    target: str
    level: float
    n: int
    treated: int
    groups: int


def doubly_robust(
    y: ArrayLike,
    treated: ArrayLike,
    X: ArrayLike,
    *,
    target: Literal["all", "treated"] = "treated",
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> DoublyRobust:
    """Estimate the effect of `treated` by augmented inverse probability weighting.

    Parameters
    ----------
    y : array_like, shape (n,)
        Outcome.
    treated : array_like of bool, shape (n,)
    X : array_like, shape (n, p)
        Covariates of both models, the constant included.
    target : {"all", "treated"}
        Whom the effect is averaged over.
    groups : array_like, shape (n,), optional
        Cluster labels; every row is its own without.
    level : float
        Level of the interval, of t with the number of clusters less one.

    Returns
    -------
    DoublyRobust

    Raises
    ------
    ValueError
        If a design is collinear or has as many columns as rows among the untreated (or, for all, among the
        treated); if nobody or everybody is treated; or if `X` gives the treatment away.

    Notes
    -----
    With propensity e (logit) and outcomes m1, m0 (least squares among treated and untreated):

    * all: mean of ``m1 - m0 + D (y - m1) / e - (1 - D) (y - m0) / (1 - e)``;
    * treated: ``sum[D (y - m0) - (1 - D) e / (1 - e) (y - m0)] / sum D``, which needs no m1.

    Errors are of the influence function with the models taken as known. Robins, Rotnitzky and Zhao (1994),
    Journal of the American Statistical Association 89, 846–866; Glynn and Quinn (2010), Political Analysis
    18, 36–56. statsmodels' ``TreatmentEffect.aipw`` gives the same for all, and has none for the treated.
    """
    if target not in ("all", "treated"):
        raise ValueError(f"target is 'all' or 'treated', not {target!r}")
    y, X = check_design(y, X)
    d = np.asarray(treated, dtype=float)
    if d.shape != y.shape or not np.isin(d, (0, 1)).all() or d.min() == d.max():
        raise ValueError("`treated` must say for every row whether it is, and some must be and some not")
    e = _propensity(d, X)
    bare = y - _fitted(y, X, d == 0)
    if target == "all":
        m1 = y - _fitted(y, X, d == 1)
        parts = bare - m1 + d * m1 / e - (1 - d) * bare / (1 - e)
        weight = np.ones_like(d)
    else:
        parts = d * bare - (1 - d) * e / (1 - e) * bare
        weight = d
    estimate = parts.sum() / weight.sum()
    influence = (parts - weight * estimate) / weight.mean()
    return _result(float(estimate), influence, e, d, target, groups, level)


def _result(
    estimate: float, influence: Array, e: Array, d: Array, target: str, groups: ArrayLike | None, level: float
) -> DoublyRobust:
    n = len(d)
    labels = np.arange(n) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    sums = np.bincount(labels, influence)
    g = len(sums)
    se = float(np.sqrt(g / (g - 1) * np.sum(sums**2)) / n)
    margin = stats.t.ppf((1 + level) / 2, g - 1) * se
    return DoublyRobust(
        estimate=estimate,
        se=se,
        low=float(estimate - margin),
        high=float(estimate + margin),
        pvalue=float(2 * stats.t.sf(abs(estimate) / se, g - 1)),
        propensity=e,
        outside=float(np.mean((e < OVERLAP[0]) | (e > OVERLAP[1]))),
        target=target,
        level=level,
        n=n,
        treated=int(d.sum()),
        groups=g,
    )


def _fitted(y: Array, X: Array, kept: Array) -> Array:
    """Return for all rows what least squares among those kept says of them."""
    if kept.sum() <= X.shape[1] or np.linalg.matrix_rank(X[kept]) < X.shape[1]:
        raise ValueError("too few rows, or too much alike, to model their outcome")
    return X @ np.linalg.lstsq(X[kept], y[kept], rcond=None)[0]


def _propensity(d: Array, X: Array) -> Array:
    import warnings

    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.simplefilter("error", PerfectSeparationWarning)
        try:
            e = sm.Logit(d, X).fit(disp=0).predict()
        except (ConvergenceWarning, PerfectSeparationWarning, np.linalg.LinAlgError):
            raise ValueError("the covariates give the treatment away") from None
    if e.min() < _CERTAIN or e.max() > 1 - _CERTAIN:
        raise ValueError("the covariates give the treatment away")
    return e
