"""The data of each group: rows, patterns of missing answers, and their moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

__all__ = ["Moments", "Rows", "read_rows"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """Means and covariances by pattern of missing answers; complete data have one pattern.

    Attributes
    ----------
    weight : ndarray, shape (J,)
        Rows of each pattern, or the sum of their weights.
    seen : ndarray of bool, shape (J, p)
    mean : ndarray, shape (J, p)
        Zero where not seen.
    covariance : ndarray, shape (J, p, p)
        About the pattern's mean, divided by its weight; zero where not seen.
    """

    weight: Array
    seen: NDArray[np.bool_]
    mean: Array
    covariance: Array

    @property
    def n(self) -> float:
        """Rows, or the sum of their weights."""
        return float(self.weight.sum())

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return bool(self.seen.all())

    def centred(self) -> Moments:
        """Return the moments of complete data about their means, as if these were zero."""
        return Moments(self.weight, self.seen, np.zeros_like(self.mean), self.covariance)

    def of_variables(self, chosen: NDArray[np.int64]) -> Moments:
        """Return the moments of some variables; patterns in which none of them is seen are left out."""
        seen = self.seen[:, chosen]
        kept = seen.any(axis=1)
        covariance = self.covariance[np.ix_(kept, chosen, chosen)]
        return Moments(self.weight[kept], seen[kept], self.mean[np.ix_(kept, chosen)], covariance)

    @classmethod
    def of(cls, mean: Array, covariance: Array, n: float) -> Moments:
        """Return the moments of complete data from their mean and covariance, divisor n."""
        seen = np.ones((1, len(covariance)), bool)
        return cls(np.array([float(n)]), seen, mean[None], covariance[None])


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one group.

    Attributes
    ----------
    label : object
    y : ndarray, shape (n, p)
        NaN where missing.
    weight : ndarray, shape (n,)
    cluster : ndarray of int, shape (n,)
        Its own number for each row where there are no clusters.
    position : ndarray of int, shape (n,)
        Position of each row in the data given.
    pattern : ndarray of int, shape (n,)
    seen : ndarray of bool, shape (J, p)
    members : tuple of ndarray of int
        The rows of each pattern.
    """

    label: object
    y: Array
    weight: Array
    cluster: NDArray[np.int64]
    position: NDArray[np.int64]
    pattern: NDArray[np.int64]
    seen: NDArray[np.bool_]
    members: tuple[NDArray[np.int64], ...]

    def moments(self, weight: ArrayLike | None = None) -> Moments:
        """Return the moments by pattern, with other weights of the rows if given, shape (n,)."""
        w = self.weight if weight is None else np.asarray(weight, float)
        filled = np.where(np.isnan(self.y), 0.0, self.y)
        total = np.array([w[rows].sum() for rows in self.members])
        kept = np.flatnonzero(total > 0)
        mean = np.zeros((len(kept), self.y.shape[1]))
        covariance = np.zeros((len(kept), *mean.shape[1:] * 2))
        for k, j in enumerate(kept):
            rows = self.members[j]
            if len(rows) == 1:
                mean[k] = filled[rows[0]]
                continue
            share = w[rows] / total[j]
            mean[k] = share @ filled[rows]
            deviation = (filled[rows] - mean[k]) * self.seen[j]
            covariance[k] = deviation.T @ (share[:, None] * deviation)
        return Moments(total[kept], self.seen[kept], mean, covariance)


def read_rows(
    data: pd.DataFrame,
    names: Sequence[str],
    *,
    missing: str = "listwise",
    group: str | None = None,
    cluster: str | None = None,
    weights: str | ArrayLike | None = None,
) -> list[Rows]:
    """Read the variables of a model from a table.

    Parameters
    ----------
    data : DataFrame, shape (n, ...)
    names : sequence of str
    missing : {"listwise", "fiml", "pairwise"}
        Leave out rows with any missing value, or only those with all missing.
    group, cluster : str, optional
        Columns; groups are in the order of their labels, or of the categories.
    weights : str or array_like, shape (n,), optional
        Column or values; they are scaled to a mean of one over the rows used.

    Returns
    -------
    list of Rows
        One a group.

    Raises
    ------
    ValueError
        If a column is absent or not numeric, a weight is negative or missing, or a group is missing its label
        or has too few rows.
    """
    columns = [*names, *(c for c in (group, cluster) if c is not None)]
    if isinstance(weights, str):
        columns.append(weights)
    if absent := [c for c in columns if c not in data.columns]:
        raise ValueError(f"not in the data: {', '.join(map(str, absent))}")
    y = _numbers(data, names)
    keep = ~np.isnan(y).any(axis=1) if missing == "listwise" else ~np.isnan(y).all(axis=1)
    w = _weights(data, weights)
    keep &= w > 0
    for column in (group, cluster):
        if column is not None and data[column].isna().any():
            raise ValueError(f"{column!r} is missing in {int(data[column].isna().sum())} row(s)")
    clusters = np.arange(len(data)) if cluster is None else pd.factorize(data[cluster])[0]
    if keep.any():
        w = w / w[keep].mean()
    labels = [None] if group is None else _labels(data[group])
    out = []
    for label in labels:
        rows = np.flatnonzero(keep if label is None else keep & (data[group] == label).to_numpy())
        out.append(_rows(label, y[rows], w[rows], clusters[rows], rows, names))
    return out


def _numbers(data: pd.DataFrame, names: Sequence[str]) -> Array:
    for name in names:
        if not pd.api.types.is_numeric_dtype(data[name]) and not pd.api.types.is_bool_dtype(data[name]):
            raise ValueError(f"{name!r} is not numeric")
    y = data[list(names)].to_numpy(float, na_value=np.nan)
    if np.isinf(y).any():
        raise ValueError(f"{names[int(np.isinf(y).any(axis=0).argmax())]!r} has infinite values")
    return y


def _weights(data: pd.DataFrame, weights: str | ArrayLike | None) -> Array:
    if weights is None:
        return np.ones(len(data))
    w = np.asarray(data[weights] if isinstance(weights, str) else weights, float)
    if w.shape != (len(data),):
        raise ValueError(f"{w.size} weights for {len(data)} rows")
    if not (w >= 0).all():
        raise ValueError("weights must be zero or more, and none missing")
    return w


def _labels(column: pd.Series) -> list:
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = set(column.unique())
        labels = [c for c in column.cat.categories if c in present]
    else:
        labels = sorted(column.unique())
    if len(labels) < 2:
        raise ValueError(f"{column.name!r} has one group only")
    return labels


def _rows(
    label: object, y: Array, w: Array, cluster: NDArray, position: NDArray, names: Sequence[str]
) -> Rows:
    where = "" if label is None else f" in group {label!r}"
    if len(y) < 2:
        raise ValueError(f"{len(y)} usable row(s){where} are too few")
    with np.errstate(invalid="ignore"):
        spread = np.nanmax(np.vstack([y, np.full(len(names), -np.inf)]), axis=0) - np.nanmin(
            np.vstack([y, np.full(len(names), np.inf)]), axis=0
        )
    if not (spread > 0).all():
        raise ValueError(f"{names[int(np.argmin(spread > 0))]!r} does not vary{where}")
    seen, pattern = np.unique(~np.isnan(y), axis=0, return_inverse=True)
    pattern = pattern.ravel()
    ends = np.cumsum(np.bincount(pattern))[:-1]
    members = tuple(np.split(np.argsort(pattern, kind="stable"), ends))
    return Rows(label, y, w, cluster, position, pattern, seen, members)
