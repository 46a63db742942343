"""Numbers behind 'do raters use one measure?': severity, ratings without spread, halo, drift.

Saal, Downey and Lahey (1980), Psychological Bulletin 88, 413–428, name and define the signs. None of them
proves a bad appraisal: a rater may have people who do work alike (Murphy and Balzer 1989, Journal of Applied
Psychology 74, 619–624).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from walesi_research.questions.appraisal.frame import Rows
from walesi_research.rules.predicate import rating_of_achievement
from walesi_research.stats.mixed import Effects, MixedFit, crossed
from walesi_research.stats.regression import independent_columns
from walesi_research.stats.resampling import percentile_interval

if TYPE_CHECKING:
    pass

__all__ = [
    "Drift",
    "Halo",
    "Severity",
    "central_tendency",
    "clear_pairs",
    "drift",
    "halo",
    "one_rating",
    "severity",
]

ENOUGH = 10
"""Appraisals that a rater must have made before the spread of them is judged."""
ONE = 0.9
"""Share of a rater's appraisals with one rating, from which on the rater is said to use one."""
HALF = 0.5
"""Share of the spread asked for, under which a rater is said to keep to the middle."""
SOUND = 0.95
"""Share of draws in which a correlation must exist."""
PERIODS = 3
"""Periods without which a movement is not looked for."""

# ── severity ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Severity:
    """How far raters lie apart, in score points, all that is held equal being equal."""

    sd: float
    se: float | None
    low: float
    high: float
    fit: MixedFit

    @property
    def raters(self) -> Effects:
        """Each rater's place (conditional mode: shrunk towards the middle) and its standard error."""
        return self.fit.effects["rater"]

    def quantile(self, tail: float) -> float:
        """Return the quantile of t beyond which `tail` lies, with the residual's degrees of freedom."""
        return float(stats.t.isf(tail, 2 / self.fit.log_covariance[-1, -1]))


def severity(rows: Rows, level: float) -> Severity | None:
    """Fit the crossed model net of what is held equal; None where the rows do not carry it.

    Employees are left out of the factors where each has one appraisal: then what they are is residual.
    """
    frame = rows.frame
    exposures = frame[rows.exposures].to_numpy(dtype=float)
    X = independent_columns(np.ones(len(frame)), exposures, rows.periods())
    factors = rows.factors
    if frame["employee"].nunique() == len(frame):
        factors = {"rater": factors["rater"]}
    try:
        fit = crossed(frame["score"].to_numpy(), X, factors)
        low, high = np.sqrt(fit.variance_interval("rater", level))
    except ValueError:  # one rater, one appraisal a rater, scores without spread
        return None
    if not np.isfinite(high):
        return None
    sd = float(np.sqrt(fit.variances["rater"]))
    return Severity(sd, _error(fit, sd), float(low), float(high), fit)


def _error(fit: MixedFit, sd: float) -> float | None:
    """Return the standard error of the raters' sd (delta method on the log variance), None at zero."""
    df = fit.variance_df("rater")
    return float(sd / np.sqrt(2 * df)) if sd > 0 and np.isfinite(df) else None


def clear_pairs(severity: Severity, level: float) -> tuple[float, np.ndarray]:
    """Return the share of pairs of raters that clearly differ, and the number of such pairs of each rater.

    A pair differs clearly where the difference of the two places passes t at `level`, allowing for the number
    of pairs (Bonferroni). The errors of two places are taken as independent: they share what is uncertain of
    the middle and of employees in common, so that their difference is, if anything, surer than that.
    Goldstein and Spiegelhalter (1996), Journal of the Royal Statistical Society A 159, 385–443.
    """
    place, se = severity.raters.estimate, severity.raters.se
    count = np.zeros(len(place), dtype=int)
    pairs = len(place) * (len(place) - 1) // 2
    if severity.sd == 0:
        return 0.0, count
    limit = severity.quantile((1 - level) / 2 / pairs)
    for i in range(len(place) - 1):
        clear = np.abs(place[i] - place[i + 1 :]) > limit * np.hypot(se[i], se[i + 1 :])
        count[i] += clear.sum()
        count[i + 1 :] += clear
    return float(count.sum() / 2 / pairs), count


# ── ratings and scores without spread ────────────────────────────────────────────────────────────────────


def one_rating(rows: pd.DataFrame, column: str) -> pd.Series:
    """Return by rater of at least `ENOUGH` appraisals whether `ONE` of them or more have the same rating."""
    counts = rows.groupby(["rater_id", column], observed=True).size().unstack(fill_value=0)
    total = counts.sum(axis=1)
    counts, total = counts[total >= ENOUGH], total[total >= ENOUGH]
    return counts.max(axis=1) >= ONE * total - 1e-9


def central_tendency(rows: Rows) -> pd.Series:
    """Return by rater of at least `ENOUGH` appraisals whether the scores keep to the middle.

    With s and a the standard deviations of a rater's scores and of the achievement of those rated, net of
    period, and S and A the same pooled over all raters: scores keep to the middle where ``s / S`` is less
    than `HALF` of ``a / A``. So raters are held against each other; that all of them keep to the middle
    cannot be seen. Raters whose people do not differ in achievement are left out.
    """
    frame = rows.frame
    net = frame[["score", "achievement"]] - frame.groupby("period")[["score", "achievement"]].transform(
        "mean"
    )
    by = net.groupby(frame["rater"])
    size, squares = by.size(), by.var(ddof=1).mul(by.size() - 1, axis=0)
    many = size > 1
    pooled = squares[many].sum() / (size[many] - 1).sum()
    own = squares[size >= ENOUGH].div(size[size >= ENOUGH] - 1, axis=0)
    own = own[own["achievement"] > 1e-9 * max(pooled["achievement"], 1e-300)]
    ratio = np.sqrt((own["score"] / pooled["score"]) / (own["achievement"] / pooled["achievement"]))
    return ratio < HALF


# ── halo ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Halo:
    """Correlation, within rater, of the two ratings beyond achievement and period."""

    estimate: float
    se: float
    low: float
    high: float


def halo(
    rows: pd.DataFrame, limits: tuple[float, float], counts: Iterable[np.ndarray], level: float
) -> Halo | None:
    """Return the correlation of the two ratings within rater beyond achievement and period.

    Both ratings are freed of rater, period, achievement and the rating that achievement deserves under the
    study's limits (a rating goes in steps, achievement does not).

    Parameters
    ----------
    rows : DataFrame
        ``rater_id``, ``period``, ``work_result``, ``behaviour``, ``achievement``, and ``place``: which of the
        drawn employees it is, from 0.
    limits : tuple of float
        Achievement under which results are rated 1, and over which 3.
    counts : iterable of ndarray, each of shape (b, employees)
        Bootstrap draws of employees.
    level : float

    Returns
    -------
    Halo or None
        None where a rating does not vary beyond these, or hangs on a few employees alone.
    """
    deserved = rating_of_achievement(rows["achievement"], *limits)
    X = np.column_stack([rows["achievement"], _dummies(deserved), _dummies(rows["period"])])
    ratings = rows[["work_result", "behaviour"]].to_numpy(dtype=float)
    rater = rows["rater_id"].factorize()[0]
    X, ratings = _centred(X, rater), _centred(ratings, rater)
    x, y = (ratings - X @ np.linalg.lstsq(X, ratings, rcond=None)[0]).T
    if min(x @ x, y @ y) < 1e-9 * len(rows):
        return None
    products = np.column_stack([x * x, y * y, x * y])
    place = rows["place"].to_numpy()
    sums = np.column_stack([np.bincount(place, column) for column in products.T])
    drawn = np.concatenate([_correlation(block @ sums) for block in counts])
    if np.isfinite(drawn).mean() < SOUND:
        return None
    drawn = drawn[np.isfinite(drawn)]
    low, high = percentile_interval(drawn, level)
    return Halo(float(_correlation(sums.sum(axis=0))), float(drawn.std(ddof=1)), float(low), float(high))


def _correlation(sums: np.ndarray) -> np.ndarray:
    """Return correlations from sums of squares of the one, of the other, and of products."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[..., 2] / np.sqrt(sums[..., 0] * sums[..., 1])


# ── drift ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Drift:
    """How differently raters move: standard deviation of their slopes, score points a year, and F test."""

    sd: float
    p: float
    raters: int


def drift(rows: Rows, per_year: int) -> Drift | None:
    r"""Ask whether raters' measures move apart over the years; None where the rows cannot tell.

    Score on pairs of employee and rater, what is held equal, periods, and a slope in time for each rater. The
    F test is of slopes that are all alike, against errors that are independent within pairs; the variance of
    the slopes is what their sum of squares has beyond its expectation under alike slopes, over the trace of
    their design (Henderson 1953, Biometrics 9, 226–252, method 3).
    """
    frame = rows.frame
    if frame["period"].nunique() < PERIODS:
        return None
    pair = frame.groupby(["employee", "rater"], sort=False, observed=True).ngroup().to_numpy()
    rater = frame["rater"].factorize()[0]
    exposures = frame[rows.exposures].to_numpy(dtype=float)
    time = frame["period"].to_numpy(dtype=float)[:, None] / per_year
    y, t = _centred(frame["score"].to_numpy()[:, None], pair)[:, 0], _centred(time, pair)[:, 0]
    X = _centred(np.column_stack([exposures, rows.periods()]), pair)
    weight = np.bincount(rater, t * t)
    moving = weight > 1e-9
    if moving.sum() < 2:
        return None
    cross = np.column_stack([np.bincount(rater, t * x) for x in X.T])[moving]
    weight = weight[moving]
    own = np.bincount(rater, t * y)[moving]
    gram, right = X.T @ X, X.T @ y
    alike = np.linalg.pinv(gram, rcond=1e-10, hermitian=True)
    apart = np.linalg.pinv(gram - cross.T @ (cross / weight[:, None]), rcond=1e-10, hermitian=True)
    gain_alike = right @ alike @ right
    rest = right - cross.T @ (own / weight)
    gain_apart = own @ (own / weight) + rest @ apart @ rest
    df = len(weight) + _rank(apart) - _rank(alike)
    left = len(y) - (pair.max() + 1) - len(weight) - _rank(apart)
    error = y @ y - gain_apart
    if df < 1 or left < 1 or error <= 1e-12 * max(y @ y, 1.0):
        return None
    between = gain_apart - gain_alike
    trace = weight.sum() - np.sum((cross @ alike) * cross)
    sd = np.sqrt(max(between - df * error / left, 0.0) / trace)
    p = stats.f.sf(max(between, 0.0) / df / (error / left), df, left)
    return Drift(float(sd), float(p), len(weight))


def _rank(symmetric: np.ndarray) -> int:
    return int(np.linalg.matrix_rank(symmetric, hermitian=True))


def _dummies(values: pd.Series) -> np.ndarray:
    return pd.get_dummies(values, drop_first=True, dtype=float).to_numpy()


def _centred(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the columns less the means of their groups (numbered from 0)."""
    size = np.bincount(group)
    return np.column_stack([v - (np.bincount(group, v) / size)[group] for v in values.T])
