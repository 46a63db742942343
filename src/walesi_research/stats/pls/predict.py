"""PLSpredict: does the model predict people it has not seen, and better than plain regressions?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from walesi_research.stats.moment_bootstrap import correlation_of
from walesi_research.stats.resampling import covariances, moments

from .fit import PlsFit
from .solution import Solution, solved

__all__ = ["predict"]

Array = NDArray[np.float64]


def predict(fit: PlsFit, rng: np.random.Generator, *, folds: int = 10, repetitions: int = 10) -> pd.DataFrame:
    """Return PLSpredict of a fitted model.

    Parameters
    ----------
    fit : PlsFit
    rng : numpy.random.Generator
        Deals people to folds.
    folds : int
        Parts, of which each is predicted from the others.
    repetitions : int
        Deals; errors are means over them.

    Returns
    -------
    DataFrame
        ``q2, rmse, mae, linear_rmse, linear_mae`` by item of an endogenous construct: Q²_predict against the
        training sample's mean, and errors of the model and of the linear benchmark in the item's own unit.

    Raises
    ------
    ValueError
        If the rows are too few for the folds or for the benchmark's regressions.

    Notes
    -----
    Shmueli, Ray, Velasquez Estrada and Chatla (2016), Journal of Business Research 69, 4552–4564. From the
    items of exogenous constructs, by weights, total effects and loadings, to those of endogenous ones; the
    benchmark regresses each of these on all those. ``Q²_predict = 1 - SSE / SSE of the training mean``.
    """
    z, given, n = fit.data, fit.model.exogenous_items, fit.n
    wanted = np.setdiff1d(np.arange(z.shape[1]), given)
    if folds < 2 or n < 2 * folds or n - -(-n // folds) < len(given) + 2:
        raise ValueError(f"{n} rows are too few for {folds} folds")
    held = _dealt(n, folds, repetitions, rng)
    errors = np.stack([_errors(fit, fold, given, wanted) for fold in held])  # repetition, kind, row, item
    square = (errors**2).mean(axis=2)
    rmse, mae = np.sqrt(square).mean(axis=0), np.abs(errors).mean(axis=(0, 2))
    parts = {
        "q2": (1 - square[:, 0] / square[:, 2]).mean(axis=0),
        "rmse": rmse[0],
        "mae": mae[0],
        "linear_rmse": rmse[1],
        "linear_mae": mae[1],
    }
    return pd.DataFrame(parts, index=[fit.model.items[i] for i in wanted])


def _dealt(n: int, folds: int, repetitions: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the fold of each row, shape (repetitions, n)."""
    return np.stack([rng.permutation(n) % folds for _ in range(repetitions)])


def _errors(fit: PlsFit, fold: NDArray, given: NDArray, wanted: NDArray) -> Array:
    """Return errors of model, benchmark and mean, rows predicted from other folds, shape (3, n, q)."""
    z, training = fit.data, np.arange(fold.max() + 1)[:, None] != fold
    centre = z.mean(axis=0)
    raw = moments(np.column_stack([np.ones(len(z)), z - centre]), [training.astype(float)])
    mean, covariance = centre + raw[:, 0, 1:] / raw[:, 0, :1], covariances(raw)
    found = solved(correlation_of(covariance), fit.model, fit.scheme, fit.consistent)
    slopes = (_by_model(found, covariance, given, wanted), _by_regression(covariance, given, wanted))
    away = z[:, given] - mean[fold][:, given]
    off = z[:, wanted] - mean[fold][:, wanted]
    told = [off - np.einsum("ni,nij->nj", away, slope[fold]) for slope in slopes]
    return np.stack([*told, off])


def _by_model(found: Solution, covariance: Array, given: NDArray, wanted: NDArray) -> Array:
    sd = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    through = found.weights[:, given] @ found.totals @ found.loadings[:, wanted].swapaxes(1, 2)
    return through * sd[:, None, wanted] / sd[:, given, None]


def _by_regression(covariance: Array, given: NDArray, wanted: NDArray) -> Array:
    return np.linalg.solve(covariance[:, given[:, None], given], covariance[:, given[:, None], wanted])
