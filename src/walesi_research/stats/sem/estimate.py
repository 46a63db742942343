"""Structural equation models: the one door through which they are fitted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .maximum_likelihood import maximum_likelihood
from .ordinal import least_squares
from .parameters import Table, build
from .result import SemFit
from .sample import Moments, Rows, read_rows

__all__ = ["fit", "fit_moments"]


def fit(
    model: str,
    data: pd.DataFrame,
    *,
    estimator: Literal["ml", "mlr", "dwls"] = "ml",
    missing: Literal["listwise", "fiml", "pairwise"] = "listwise",
    group: str | None = None,
    equal: Collection[str] = (),
    ordered: Collection[str] = (),
    cluster: str | None = None,
    weights: str | ArrayLike | None = None,
    means: bool = False,
    fixed_x: bool = True,
    std_lv: bool = False,
    level: float = 0.95,
) -> SemFit:
    """Fit a structural equation model.

    Parameters
    ----------
    model : str
        In the syntax of lavaan; see `syntax.parse` for what is understood, `parameters.build` for defaults,
        which are those of lavaan's ``cfa`` and ``sem``.
    data : DataFrame, shape (n, ...)
    estimator : {"ml", "mlr", "dwls"}
        Normal maximum likelihood; the same with standard errors and chi-square that do not take the data for
        normal (sandwich; Yuan–Bentler); diagonally weighted least squares on polychoric correlations, for
        items with ordered answers, with robust standard errors and a scaled and shifted chi-square (lavaan's
        WLSMV).
    missing : {"listwise", "fiml", "pairwise"}
        Leave out incomplete rows; or use all that was answered: by the likelihood of each row (missing at
        random, not for ``dwls``), or for ``dwls`` only by all answers to each pair of items (missing
        completely at random).
    group : str, optional
        Column whose values make groups, in sorted order or that of its categories.
    equal : collection of str
        What is the same in all groups; see `parameters.FAMILIES`.
    ordered : collection of str
        Observed variables with ordered answers: all of the model, or none named to the same effect. Needs
        ``dwls``.
    cluster : str, optional
        Column of clusters within which rows may depend on each other; needs ``mlr``.
    weights : str or array_like, shape (n,), optional
        Sampling weights; need ``mlr``.
    means : bool
        Model means; also so with several groups, with clusters, with ``fiml``, and if the model has ``~ 1``.
    fixed_x, std_lv : bool
        See `parameters.build`.
    level : float
        Of the intervals.

    Returns
    -------
    SemFit

    Raises
    ------
    ValueError
        If the model cannot be read, is not identified, does not suit the data or the options, or the data are
        too few or collinear. A search that does not converge and improper solutions are no errors: see
        `SemFit.converged` and `SemFit.warnings`.

    Notes
    -----
    Newton's method with exact derivatives (`structure`, `likelihood`). Standard errors are from the expected
    information for complete data under ``ml``, from the observed one otherwise, as in lavaan.
    """
    _check_options(estimator, missing, cluster, weights, ordered)
    if estimator == "dwls":
        return least_squares(
            model,
            data,
            group=group,
            equal=equal,
            ordered=ordered,
            missing=missing,
            std_lv=std_lv,
            level=level,
        )
    table = build(
        model,
        fixed_x=fixed_x,
        means=means or missing == "fiml" or group is not None or cluster is not None,
        std_lv=std_lv,
    )
    rows = read_rows(data, table.observed, missing=missing, group=group, cluster=cluster, weights=weights)
    table = build(model, groups=len(rows), equal=equal, means=table.means, fixed_x=fixed_x, std_lv=std_lv)
    _check_exogenous(table, rows)
    moments = [r.moments() for r in rows]
    return maximum_likelihood(table, moments, rows, robust=estimator == "mlr", level=level)


def fit_moments(
    model: str,
    covariance: pd.DataFrame | Sequence[pd.DataFrame],
    n: int | Sequence[int],
    *,
    mean: pd.Series | Sequence[pd.Series] | None = None,
    equal: Collection[str] = (),
    means: bool = False,
    fixed_x: bool = True,
    std_lv: bool = False,
    level: float = 0.95,
) -> SemFit:
    """Fit a structural equation model to covariances, by maximum likelihood.

    Parameters
    ----------
    model : str
    covariance : DataFrame, shape (k, k), or sequence of them
        With divisor n - 1, of variables that include the model's; one a group.
    n : int or sequence of int
        Rows behind each.
    mean : Series, shape (k,), or sequence of them, optional
    equal, means, fixed_x, std_lv, level
        As in `fit`.

    Returns
    -------
    SemFit

    Raises
    ------
    ValueError
        As in `fit`, or if the model has means and none are given.
    """
    covariances = [covariance] if isinstance(covariance, pd.DataFrame) else list(covariance)
    sizes = [n] * len(covariances) if isinstance(n, int | np.integer) else list(n)
    several = len(covariances) > 1
    table = build(
        model,
        groups=len(covariances),
        equal=equal,
        means=means or (several and mean is not None),
        fixed_x=fixed_x,
        std_lv=std_lv,
    )
    if table.means and mean is None:
        raise ValueError("the model has means: give those of the sample")
    centres = [mean] if isinstance(mean, pd.Series) else mean
    names = list(table.observed)
    moments = []
    for k, (c, size) in enumerate(zip(covariances, sizes, strict=True)):
        if absent := [name for name in names if name not in c.columns]:
            raise ValueError(f"not in the covariances: {', '.join(absent)}")
        centre = np.zeros(len(names)) if centres is None else centres[k].loc[names].to_numpy(float)
        moments.append(Moments.of(centre, c.loc[names, names].to_numpy(float) * (size - 1) / size, size))
    return maximum_likelihood(table, moments, [], robust=False, level=level)


def _check_options(
    estimator: str, missing: str, cluster: str | None, weights: object, ordered: Collection[str]
) -> None:
    if estimator not in ("ml", "mlr", "dwls"):
        raise ValueError(f"unknown estimator {estimator!r}; there are 'ml', 'mlr' and 'dwls'")
    if missing not in ("listwise", "fiml", "pairwise"):
        raise ValueError(f"unknown in missing: {missing!r}; there are 'listwise', 'fiml' and 'pairwise'")
    if missing == ("fiml" if estimator == "dwls" else "pairwise"):
        raise ValueError(f"missing={missing!r} does not go with estimator={estimator!r}")
    if estimator != "dwls" and ordered:
        raise ValueError("ordered items need estimator='dwls'")
    if estimator == "dwls" and (cluster is not None or weights is not None):
        raise ValueError("'dwls' takes neither clusters nor weights")
    if estimator == "ml" and (cluster is not None or weights is not None):
        raise ValueError("clusters and weights need estimator='mlr': standard errors of 'ml' would be wrong")


def _check_exogenous(table: Table, rows: Sequence[Rows]) -> None:
    for i, name in enumerate(table.observed):
        if name in table.exogenous and any(np.isnan(r.y[:, i]).any() for r in rows):
            raise ValueError(
                f"{name!r} has missing values and is not modelled: use fixed_x=False, which does"
            )
