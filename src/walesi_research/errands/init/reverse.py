"""Which items of a construct run against the others: by their answers, and by words that deny."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from walesi_research.errands.init.names import plain

__all__ = ["Reversed", "denies", "item_rest", "reversed_items"]

AGAINST = -0.1
"""Correlation with the rest of the construct under which an item runs against it."""

CLEARLY = -0.3
"""Correlation under which the answers alone tell."""

FEWEST = 20
"""Respondents under whom correlations say nothing."""

_DENIES = re.compile(
    r"\b(tidak(?! (hanya|saja|ditoleransi|memihak|membeda|pilih|pandang|diskrimin))|bukan|tanpa|jarang|"
    r"sulit|enggan|malas|"
    r"belum|kurang|sia sia|terpaksa|not(?! (only|tolerated))|never|hardly|rarely|lack|unfair|without|"
    r"cannot|can t|don t|"
    r"doesn t|difficult|would leave|ingin (pindah|keluar|berhenti)|hanya (karena|formalitas)|bosan|"
    r"merasa terbebani)\b"
)


@dataclass(frozen=True)
class Reversed:
    """The items taken as reverse-keyed, those doubtful, and each one's correlation with the rest."""

    items: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    correlations: Mapping[str, float] = None  # type: ignore[assignment]


def denies(words: str) -> bool:
    """Tell whether a statement is worded against what it is about."""
    return bool(_DENIES.search(plain(words)))


def reversed_items(answers: pd.DataFrame, words: Mapping[str, str]) -> Reversed:
    """Return the items that run against the rest of their construct.

    Parameters
    ----------
    answers : DataFrame
        Shape (respondents, items): numbers, NaN where missing.
    words : mapping of str to str
        The statement of each item.

    Notes
    -----
    An item is reverse-keyed where its corrected item-rest correlation is under `AGAINST`, the others turned
    to one side by the first principal component of their correlations; with fewer than `FEWEST` respondents,
    or a correlation near zero, where its words deny. Words that deny beside a clear positive correlation are
    doubtful.
    """
    worded = {item for item in answers if denies(words.get(item, ""))}
    if len(answers.columns) < 3 or len(answers.dropna(thresh=2)) < FEWEST:
        few = worded if len(worded) < len(answers.columns) else set()
        return Reversed(_in_order(answers, few), _in_order(answers, few), {})
    rest = item_rest(answers, worded)
    against = {item for item, r in rest.items() if r < AGAINST}
    unclear = {item for item in worded if abs(rest[item]) <= -AGAINST}
    clear = {item for item in against if item in worded or rest[item] < CLEARLY}
    doubtful = (unclear | against | worded) - clear
    return Reversed(_in_order(answers, against | unclear), _in_order(answers, doubtful), rest)


def _in_order(answers: pd.DataFrame, items: set[str]) -> tuple[str, ...]:
    return tuple(item for item in answers if item in items)


def item_rest(answers: pd.DataFrame, worded: set[str] = frozenset()) -> dict[str, float]:
    """Return each item's correlation with the mean of the others, which are turned to one side.

    The side of the construct is that of the items whose words do not deny, else of most items.
    """
    z = (answers - answers.mean()) / answers.std(ddof=1).replace(0, np.nan)
    signs = _signs(z.corr().fillna(0).to_numpy(), np.array([item in worded for item in answers]))
    turned = z * signs
    found = {}
    for i, item in enumerate(answers):
        others = turned.drop(columns=item).mean(axis=1)
        r = turned[item].corr(others)
        found[item] = 0.0 if np.isnan(r) else float(r * signs[i])
    return found


def _signs(correlations: np.ndarray, worded: np.ndarray) -> np.ndarray:
    """Return the side of each item: the sign of its weight in the first principal component."""
    _, vectors = np.linalg.eigh(correlations)
    signs = np.where(vectors[:, -1] < 0, -1.0, 1.0)
    judges = signs[~worded] if (~worded).any() else signs
    total = judges.sum() or signs.sum()
    return -signs if total < 0 else signs
