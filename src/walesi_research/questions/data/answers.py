"""The answers that the data questions look at: items of the latest wave, as answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.questions.variables import latest_wave

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["answers", "longest_run", "repeated_patterns", "respondents", "straight_lined"]


def answers(study: Study) -> pd.DataFrame:
    """Return the items of the latest wave by employee (index), unreversed, items in the codebook's order."""
    wave = latest_wave(study)
    items = [i for c in study.codebook.constructs.values() for i in c.items if i in wave]
    return wave[items].set_axis(wave["employee_id"].to_numpy(), axis=0)


def respondents(study: Study) -> pd.Index:
    """Return the employees who answered at least one item of the latest wave."""
    given = answers(study)
    return given.index[given.notna().any(axis=1)]


def longest_run(X: np.ndarray) -> np.ndarray:
    """Return, for each row, the longest run of the same answer to items side by side; a blank ends a run.

    Parameters
    ----------
    X : ndarray, shape (n, k)
        Answers in the order of the questionnaire, NaN where blank.

    Returns
    -------
    ndarray of int, shape (n,)

    References
    ----------
    Johnson (2005), Journal of Research in Personality 39, 103–129 ('long-string' index).
    """
    run = np.where(np.isnan(X[:, 0]), 0, 1)
    longest = run.copy()
    for left, right in zip(X.T[:-1], X.T[1:], strict=True):
        run = np.where(np.isnan(right), 0, np.where(left == right, run + 1, 1))
        longest = np.maximum(longest, run)
    return longest


def straight_lined(X: np.ndarray) -> np.ndarray:
    """Tell which rows give one and the same answer to every item answered (at least half of them).

    Parameters
    ----------
    X : ndarray, shape (n, k)
        Answers as given: with reverse-keyed items among them such a row contradicts itself.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    answered = (~np.isnan(X)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        same = np.fmax.reduce(X, axis=1) == np.fmin.reduce(X, axis=1)
    return same & (answered >= X.shape[1] / 2) & (answered > 1)


def repeated_patterns(X: np.ndarray) -> np.ndarray:
    """Tell which rows repeat, answer for answer, the row of another employee.

    Straight-lined rows are left out (they are counted as such), and so are rows with blanks in more than
    half of the items.

    Parameters
    ----------
    X : ndarray, shape (n, k)

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    filled = (~np.isnan(X)).sum(axis=1) >= X.shape[1] / 2
    candidates = filled & ~straight_lined(X)
    twice = np.zeros(len(X), dtype=bool)
    twice[candidates] = pd.DataFrame(X[candidates]).duplicated(keep=False)
    return twice
