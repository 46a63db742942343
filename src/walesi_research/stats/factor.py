"""Exploratory factor analysis: how many factors, and which items load on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from .factor_rotation import Rotated, oblimin, promax, varimax
from .factor_search import LeastSquares, Likelihood, search, squared_multiple_start

__all__ = ["Extraction", "FactorAnalysis", "exploratory", "extract"]

Array = NDArray[np.float64]
Method = Literal["minres", "ml"]
Rotation = Literal["oblimin", "varimax", "promax"]

_FLOOR = np.log(0.005)
"""Unique variances are held at 0.005 or above, as in R's factanal and psych."""
_CRITERIA = {"minres": LeastSquares, "ml": Likelihood}


@dataclass(frozen=True, slots=True)
class Extraction:
    """Unrotated factors; the batch shape ... is that of the correlation matrices given.

    Attributes
    ----------
    loadings : ndarray, shape (..., k, q)
        The factor that explains most first, each with a positive sum of loadings.
    uniquenesses : ndarray, shape (..., k)
    heywood : ndarray of bool, shape (..., k)
        Items whose unique variance ran into its lower bound, 0.005.
    converged : ndarray of bool, shape (...)
    """

    loadings: Array
    uniquenesses: Array
    heywood: NDArray[np.bool_]
    converged: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FactorAnalysis:
    """A rotated factor solution of k items and q factors.

    Attributes
    ----------
    loadings : ndarray, shape (k, q)
        Pattern coefficients; factors in the order of the variance they explain, each with a positive sum.
    phi : ndarray, shape (q, q)
        Correlations of the factors, the identity where rotation is orthogonal.
    communalities, uniquenesses : ndarray, shape (k,)
    explained : ndarray, shape (q,)
        Variance that each factor explains, in items: ``diag(Phi L'L)``.
    rms : float
        Root mean square of the residual correlations.
    chi2, pvalue : float
        Test that q factors are enough, with Bartlett's correction; NaN without n.
    df : int
    rmsea, tli : float
        NaN without n.
    heywood : tuple of int
        Items whose unique variance ran into its lower bound.
    converged : bool
        Extraction and rotation.
    """

    loadings: Array
    phi: Array = field(repr=False)
    communalities: Array = field(repr=False)
    uniquenesses: Array = field(repr=False)
    explained: Array
    rms: float
    chi2: float
    df: int
    pvalue: float
    rmsea: float
    tli: float
    heywood: tuple[int, ...]
    converged: bool


def extract(correlation: ArrayLike, factors: int, *, method: Method = "minres") -> Extraction:
    """Extract common factors, unrotated.

    Parameters
    ----------
    correlation : array_like, shape (..., k, k)
        Positive definite if `method` is ``"ml"``.
    factors : int
    method : {"minres", "ml"}
        Unweighted least squares, which asks nothing of the distribution, or maximum likelihood.

    Returns
    -------
    Extraction

    Raises
    ------
    ValueError
        If there are too many factors for the items, or the matrices are not of correlations, or (by maximum
        likelihood) not positive definite.

    Notes
    -----
    See `factor_search`. Minres and iterated principal axes have the same solution (Harman and Jones 1966,
    Psychometrika 31, 351–368).
    """
    correlation = _correlations(correlation)
    k = correlation.shape[-1]
    if not 1 <= factors <= (2 * k + 1 - np.sqrt(8 * k + 1)) / 2:
        raise ValueError(f"{k} items cannot tell {factors} factors")
    flat = correlation.reshape(-1, k, k)
    criterion = _CRITERIA[method](factors)
    x, converged = search(flat, _start(flat, factors, method), criterion, _FLOOR)
    value, vector = criterion.eigen(flat, x)
    loadings = criterion.loadings(value, vector, x)
    loadings = loadings * np.where(loadings.sum(axis=1, keepdims=True) < 0, -1, 1)
    shape = correlation.shape[:-2]
    return Extraction(
        loadings=loadings.reshape(*shape, k, factors),
        uniquenesses=np.exp(x).reshape(*shape, k),
        heywood=(x <= _FLOOR).reshape(*shape, k),
        converged=converged.reshape(shape),
    )


def exploratory(
    correlation: ArrayLike,
    factors: int,
    *,
    n: int | None = None,
    method: Method = "minres",
    rotation: Rotation | None = "oblimin",
) -> FactorAnalysis:
    """Return an exploratory factor analysis.

    Parameters
    ----------
    correlation : array_like, shape (k, k)
        Product-moment or polychoric.
    factors : int
    n : int, optional
        Rows behind the correlations; needed for the test and the indices of fit.
    method : {"minres", "ml"}
    rotation : {"oblimin", "varimax", "promax"} or None
        Oblimin (gamma 0) without Kaiser's normalisation, varimax and promax with it: the defaults of R.

    Returns
    -------
    FactorAnalysis

    Raises
    ------
    ValueError
        As `extract`.

    Notes
    -----
    ``chi2 = c F`` with F the likelihood's discrepancy and Bartlett's ``c = n - 1 - (2k + 5)/6 - 2q/3`` (1951,
    Biometrika 38, 337–344). For minres F is evaluated at its solution; exact tests need maximum likelihood
    and normal items. ``TLI = (F0/df0 - F/df) / (F0/df0 - 1/c)`` with F0 of no common factor (Tucker and Lewis
    1973, Psychometrika 38, 1–10), ``RMSEA² = chi2/(n df) - 1/(n - 1)``, both as in psych.
    """
    correlation = _correlations(correlation)
    unrotated = extract(correlation, factors, method=method)
    rotated = _rotated(unrotated.loadings, rotation)
    loadings, phi, explained = _in_order(rotated.pattern, rotated.phi)
    k = len(correlation)
    implied = loadings @ phi @ loadings.T
    residual = (correlation - implied)[np.triu_indices(k, 1)]
    df = ((k - factors) ** 2 - k - factors) // 2
    implied[np.diag_indices(k)] = np.diag(implied) + unrotated.uniquenesses
    chi2, rmsea, tli = _fit(correlation, implied, factors, df, n)
    return FactorAnalysis(
        loadings=loadings,
        phi=phi,
        communalities=(unrotated.loadings**2).sum(axis=1),
        uniquenesses=unrotated.uniquenesses,
        explained=explained,
        rms=float(np.sqrt(np.mean(residual**2))),
        chi2=chi2,
        df=df,
        pvalue=float(stats.chi2.sf(chi2, df)) if df > 0 else np.nan,
        rmsea=rmsea,
        tli=tli,
        heywood=tuple(np.flatnonzero(unrotated.heywood).tolist()),
        converged=bool(unrotated.converged and rotated.converged),
    )


def _correlations(correlation: ArrayLike) -> Array:
    correlation = np.asarray(correlation, float)
    if correlation.ndim < 2 or correlation.shape[-1] != correlation.shape[-2]:
        raise ValueError(f"a square matrix of correlations is needed, not shape {correlation.shape}")
    if not np.allclose(np.diagonal(correlation, axis1=-2, axis2=-1), 1, atol=1e-8):
        raise ValueError("the matrix is not one of correlations: its diagonal is not one everywhere")
    return correlation


def _start(flat: Array, factors: int, method: Method) -> Array:
    """Return logs of unique variances to start from; a half each where squared multiple correlations fail."""
    definite = np.linalg.eigvalsh(flat)[:, 0] > 1e-8
    if method == "ml" and not definite.all():
        raise ValueError("the correlations are not positive definite; use minres")
    start = np.full(flat.shape[:2], np.log(0.5))
    start[definite] = squared_multiple_start(flat[definite], factors, _FLOOR)
    return start


def _rotated(loadings: Array, rotation: Rotation | None) -> Rotated:
    q = loadings.shape[1]
    if rotation is None or q == 1:
        return Rotated(loadings, np.eye(q), np.eye(q), np.array(True))
    return {"oblimin": oblimin, "promax": promax, "varimax": varimax}[rotation](loadings)


def _in_order(loadings: Array, phi: Array) -> tuple[Array, Array, Array]:
    """Return the factors with positive sums, by the variance that they explain, and that variance."""
    sign = np.where(loadings.sum(axis=0) < 0, -1, 1)
    loadings, phi = loadings * sign, phi * np.outer(sign, sign)
    explained = np.diag(phi @ loadings.T @ loadings)
    order = np.argsort(-explained, kind="stable")
    return loadings[:, order], phi[np.ix_(order, order)], explained[order]


def _fit(correlation: Array, implied: Array, factors: int, df: int, n: int | None) -> tuple[float, ...]:
    """Return chi-square, RMSEA and TLI, NaN where there are none."""
    if n is None or df <= 0:
        return np.nan, np.nan, np.nan
    k = len(correlation)
    ratio = np.linalg.solve(implied, correlation)
    discrepancy = np.trace(ratio) - np.linalg.slogdet(ratio)[1] - k
    null = -np.linalg.slogdet(correlation)[1] / (k * (k - 1) / 2)
    scale = n - 1 - (2 * k + 5) / 6 - 2 * factors / 3
    chi2 = scale * discrepancy
    rmsea = np.sqrt(max(chi2 / (n * df) - 1 / (n - 1), 0))
    return float(chi2), float(rmsea), float((null - discrepancy / df) / (null - 1 / scale))
