"""Cronbach's alpha by hand: reversed items first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.exercises.tables import items_of, published_alpha, scale_of
from walesi_research.exercises.target import Target
from walesi_research.language import Message
from walesi_research.questions import variables

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["alpha", "reversed_items"]

TOLERANCE = 0.004
"""Two decimals are not enough: ways to treat missing answers differ in the third."""


def reversed_items(study: Study) -> tuple[list[str], tuple[int, int]]:
    """Return the reversed items of the scale that is asked for, and its lowest and highest answer."""
    name = scale_of(study)
    if isinstance(name, Message):
        return [], (1, 5)
    about = study.codebook.constructs[name]
    return [i for i in about.items if i in about.reverse], about.scale


def alpha(study: Study) -> Target | Message:
    """Return alpha of the keyed items of those who answered all of them: the published finding."""
    raw = items_of(study)
    if isinstance(raw, Message):
        return raw
    name = scale_of(study)
    keyed = study.codebook.keyed(variables.latest_wave(study), name)[list(raw)].reset_index(drop=True)
    known = {e.id: e for e in published_alpha(study).findings}
    finding = known[f"measurement.{name}.alpha"]
    k = keyed.shape[1]
    complete = keyed.dropna()
    mistakes = {
        "not_reversed": (_alpha(raw.dropna().cov()), _alpha(raw.cov())),
        "filled": (_alpha(keyed.fillna(keyed.mean()).cov()), _alpha(keyed.fillna(0).cov())),
        "pairwise": _alpha(keyed.cov()),
        "factor": finding.estimate * (k - 1) / k,
        "correlation": float(complete.corr().to_numpy()[np.triu_indices(k, 1)].mean()),
    }
    told = {"finding": finding.estimate, "low": finding.low, "high": finding.high}
    return Target(finding.estimate, TOLERANCE, mistakes, told)


def _alpha(covariance: pd.DataFrame) -> float:
    """Return alpha of a covariance matrix of k items: ``k/(k-1) (1 - trace/sum)`` (Cronbach 1951)."""
    S = covariance.to_numpy()
    return float(len(S) / (len(S) - 1) * (1 - np.trace(S) / S.sum()))
