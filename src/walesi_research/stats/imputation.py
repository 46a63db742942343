"""Multiple imputation by chained equations, every missing value filled with one that somebody gave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg

__all__ = ["Imputed", "impute"]

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

_RIDGE = 1e-5
"""Share of its own sum of squares added to each predictor's, so that collinear ones do no harm."""
_CONSTANT = 1e-12
"""A column that varies by less than this share of its mean tells nothing."""


@dataclass(frozen=True, slots=True)
class Imputed:
    """Several completed copies of a table.

    Attributes
    ----------
    data : DataFrame, shape (n, k)
        As it was given.
    donors : ndarray of int, shape (m, n, k)
        The row that each value was taken from: its own where it was there.
    """

    data: pd.DataFrame = field(repr=False)
    donors: Rows = field(repr=False)

    def __len__(self) -> int:
        return len(self.donors)

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield the completed tables, with the columns, types and index of the data."""
        return (self.table(i) for i in range(len(self)))

    def table(self, i: int) -> pd.DataFrame:
        """Return completed table `i`."""
        index = self.data.index
        taken = {
            name: pd.Series(column.array.take(self.donors[i, :, k]), index, column.dtype)
            for k, (name, column) in enumerate(self.data.items())
        }
        return pd.DataFrame(taken, index)

    @property
    def missing(self) -> pd.Series:
        """Share of each column that was missing."""
        return self.data.isna().mean()


def impute(
    data: pd.DataFrame, rng: np.random.Generator, *, m: int = 20, cycles: int = 10, donors: int = 5
) -> Imputed:
    """Impute by chained equations with predictive mean matching.

    Parameters
    ----------
    data : DataFrame, shape (n, k)
        Numbers, or categories (also texts and truth values). All that the later model holds belongs in it,
        the response included. The index plays no part; the order of rows does, through `rng`.
    rng : numpy.random.Generator
    m : int
        Completed tables; the first ones do not depend on how many there are.
    cycles : int
        Rounds over all incomplete columns.
    donors : int
        Rows with the nearest prediction, one of which gives its value.

    Returns
    -------
    Imputed

    Raises
    ------
    ValueError
        If a column has no value at all, is neither numbers nor categories, or has infinite values, or if
        fewer rows have a value than there are donors.

    Notes
    -----
    Columns are visited from the least to the most incomplete. Each is regressed on all others in the rows
    that have it; coefficients b* are drawn from their posterior, and a missing value is taken from one of the
    rows whose prediction ``x'b`` is nearest to ``x'b*`` (matching of type 1): van Buuren (2018), Flexible
    Imputation of Missing Data, algorithms 3.1 and 3.3. An unordered category enters the regression as the
    score of its first canonical variate with the predictors.

    No value goes beyond what was seen: where nearly all high values are missing, slopes come out too flat.
    Give units as a category, so that what is imputed keeps their differences.
    """
    columns = [_Column.of(name, data[name], donors) for name in data.columns]
    holes = sorted((k for k, c in enumerate(columns) if c.absent.size), key=lambda k: columns[k].absent.size)
    chains = [_chain(columns, holes, generator, cycles, donors) for generator in rng.spawn(m)]
    return Imputed(data, np.array(chains, np.int64).reshape(m, len(columns), len(data)).swapaxes(1, 2))


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as the equations see it.

    Attributes
    ----------
    y : ndarray, shape (n,)
        Standardised numbers, or codes of categories.
    levels : int
        Zero for numbers.
    present, absent : ndarray of int
        Rows that have a value, and that have none.
    """

    y: Array
    levels: int
    present: Rows
    absent: Rows

    @classmethod
    def of(cls, name: object, column: pd.Series, donors: int) -> _Column:
        missing = column.isna().to_numpy()
        present, absent = np.flatnonzero(~missing), np.flatnonzero(missing)
        if len(present) < max(donors, 2):
            raise ValueError(f"column {name!r} has {len(present)} values: too few to impute from or with")
        return cls(*_coded(name, column), present, absent)

    def block(self, donors: Rows) -> Array:
        """Return predictors made of the column, shape (n, q)."""
        y = self.y[donors]
        return y[:, None] if not self.levels else (y[:, None] == np.arange(1, self.levels)).astype(float)


def _coded(name: object, column: pd.Series) -> tuple[Array, int]:
    """Return standardised numbers (or ranks of ordered categories) and 0, or codes and their number."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype) and kind.ordered:
        y = np.where(column.isna(), np.nan, column.cat.codes.to_numpy(float))
    elif pd.api.types.is_bool_dtype(kind) or isinstance(kind, pd.CategoricalDtype | pd.StringDtype):
        codes, levels = pd.factorize(column, sort=True)
        return codes.astype(float), len(levels)
    elif pd.api.types.is_numeric_dtype(kind):
        y = column.to_numpy(float, na_value=np.nan)
    elif pd.api.types.is_object_dtype(kind):
        return _coded(name, column.astype("category"))
    else:
        raise ValueError(f"column {name!r} is neither numbers nor categories")
    if np.isinf(y).any():
        raise ValueError(f"column {name!r} has infinite values")
    mean, spread = np.nanmean(y), np.nanstd(y)
    return (y - mean) / (spread if spread > _CONSTANT * abs(mean) else np.inf), 0


def _chain(
    columns: list[_Column], holes: list[int], rng: np.random.Generator, cycles: int, donors: int
) -> list[Rows]:
    """Return the donor rows of each column after some cycles."""
    n = len(columns[0].y) if columns else 0
    taken = [np.arange(n) for _ in columns]
    for k in holes:
        taken[k][columns[k].absent] = rng.choice(columns[k].present, columns[k].absent.size)
    blocks = [c.block(rows) for c, rows in zip(columns, taken, strict=True)]
    for _ in range(cycles):
        for k in holes:
            others = [b for j, b in enumerate(blocks) if j != k]
            taken[k][columns[k].absent] = _matched(
                columns[k], np.column_stack([np.ones(n), *others]), rng, donors
            )
            blocks[k] = columns[k].block(taken[k])
    return taken


def _matched(column: _Column, X: Array, rng: np.random.Generator, donors: int) -> Rows:
    """Return a donor row for each row without a value."""
    seen, unseen = X[column.present], X[column.absent]
    varying = np.einsum("ij,ij->j", seen, seen) > 0
    seen, unseen = seen[:, varying], unseen[:, varying]
    gram = seen.T @ seen
    root = linalg.cholesky(gram + _RIDGE * np.diag(np.diag(gram)), lower=True)
    y = column.y[column.present]
    if column.levels:
        y = _scores(y.astype(np.int64), column.levels, seen, root)[y.astype(np.int64)]
    b = linalg.cho_solve((root, True), seen.T @ y)
    fitted = seen @ b
    df = max(len(y) - len(b), 1)
    sigma = np.sqrt(np.sum((y - fitted) ** 2) / rng.chisquare(df))
    drawn = b + sigma * linalg.solve_triangular(root, rng.standard_normal(len(b)), lower=True, trans="T")
    return column.present[_nearest(fitted, unseen @ drawn, rng, donors)]


def _scores(code: Rows, levels: int, X: Array, root: Array) -> Array:
    """Return the scores of categories that X predicts best: the first canonical variate."""
    count = np.bincount(code, minlength=levels)
    used = np.flatnonzero(count)
    size = np.sqrt(count[used])
    mean = np.stack([np.bincount(code, x, levels)[used] for x in X.T], axis=1) / size[:, None]
    half = linalg.solve_triangular(root, mean.T, lower=True)
    constant = size / np.sqrt(len(code))
    between = half.T @ half
    without = np.eye(len(used)) - np.outer(constant, constant)
    vector = np.linalg.eigh(without @ between @ without)[1][:, -1]
    vector = vector * np.sign(vector[np.argmax(np.abs(vector))])
    scores = np.zeros(levels)
    scores[used] = vector / size * np.sqrt(len(code))
    return scores


def _nearest(fitted: Array, wanted: Array, rng: np.random.Generator, donors: int) -> Rows:
    """Return, for each wanted prediction, the position of one of the nearest, equal ones in random order."""
    order = np.lexsort((rng.random(len(fitted)), fitted))
    width = min(2 * donors, len(fitted))
    first = np.searchsorted(fitted[order], wanted) - donors
    near = np.clip(first, 0, len(fitted) - width)[:, None] + np.arange(width)
    apart = np.abs(fitted[order[near]] - wanted[:, None])
    chosen = np.argsort(apart, axis=1, kind="stable")[
        np.arange(len(wanted)), rng.integers(0, donors, len(wanted))
    ]
    return order[near[np.arange(len(wanted)), chosen]]
