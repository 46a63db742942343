"""Permutations of people within groups, and what they are among some of the people."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .regression import codes

__all__ = ["induced", "within"]

Index = NDArray[np.int64]


def within(rng: np.random.Generator, groups: ArrayLike, draws: int) -> Index:
    """Return random permutations that leave everybody in the own group.

    Parameters
    ----------
    rng : numpy.random.Generator
    groups : array_like, shape (N,)
    draws : int

    Returns
    -------
    ndarray of int, shape (N, draws)
        Person i is given the residual of person ``[i, b]``.
    """
    code, _ = codes(groups)
    home = np.argsort(code, kind="stable")
    out = np.empty((len(code), draws), np.int64)
    for b in range(draws):
        out[home, b] = np.lexsort((rng.random(len(code)), code))
    return out


def induced(permutations: Index, rows: Index) -> Index:
    """Return the permutations that permutations of all induce among some: who leaves is passed over.

    Parameters
    ----------
    permutations : ndarray of int, shape (N, B)
    rows : ndarray of int, shape (n,)
        The people who stay.

    Returns
    -------
    ndarray of int, shape (n, B)
        Positions among `rows`. Each person takes the first of the people met on the way through the cycle
        who stays; a uniform permutation of all induces a uniform one, and two sets of nearly the same people
        are permuted nearly alike.
    """
    place = np.full(len(permutations), -1)
    place[rows] = np.arange(len(rows))
    at = permutations[rows]
    while (out := place[at] < 0).any():
        who, draw = np.nonzero(out)
        at[who, draw] = permutations[at[who, draw], draw]
    return place[at]
