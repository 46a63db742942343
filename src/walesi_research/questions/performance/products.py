"""Interactions in the joint model: products, and slopes where the other measure is low or high."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from walesi_research.language import Message
from walesi_research.questions import variables
from walesi_research.questions.effect import Effect, effects_of
from walesi_research.questions.performance.cases import Cases
from walesi_research.questions.performance.estimate import SPARE
from walesi_research.questions.performance.random_intercepts import random_intercepts, variances
from walesi_research.stats.product_terms import product_reliability, visible_effect
from walesi_research.stats.regression import dependent_columns, standardise
from walesi_research.stats.reliability import alpha

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["PAIRS", "Product", "products", "shrinkage"]

PAIRS = {
    "training_by_culture": ("training", "culture"),
    "recognition_by_fairness": ("recognition", "fairness"),
}
"""Decided before any data were seen: training where culture supports, recognition where appraisal is fair."""


@dataclass(frozen=True)
class Product:
    """One interaction.

    Parameters
    ----------
    term : Effect
        Coefficient of the product of the two measures, both in standard deviations.
    at_low, at_high : Effect
        Slope of the first measure where the second is one standard deviation below and above its mean.
    visible : float
        Smallest coefficient found in four of five such studies, at the level that always stands after Holm.
    """

    term: Effect
    at_low: Effect
    at_high: Effect
    visible: float


def products(cases: Cases, level: float) -> dict[str, Product] | Message:
    """Fit the joint model with the products of all pairs that are measured, by name of the pair.

    Parameters
    ----------
    cases : Cases
    level : float

    Returns
    -------
    dict of str to Product, or Message
        Empty without a pair; the message says why the model cannot be fitted.
    """
    pairs = {name: pair for name, pair in PAIRS.items() if set(pair) <= set(cases.predictors)}
    if not pairs:
        return {}
    names = [*cases.predictors, *cases.controls]
    needed = len(names) + len(pairs) + 1 + SPARE
    if len(cases.frame) < needed:
        return Message.of("performance.too_few", n=needed, k=len(names) + len(pairs) + 1)
    y, *columns = (standardise(cases.frame[name]) for name in ["performance", *names])
    z, unit = dict(zip(names, columns, strict=True)), cases.frame["unit"].astype(str).to_numpy()
    X = _design(z, pairs)
    if dependent_columns(X):
        return Message.of("performance.no_variation")
    known = variances(y, X, unit)

    def fitted(at: float, columns: list[int]) -> list[Effect]:
        """Return effects where slopes are those of second measures `at` standard deviations from the mean."""
        return effects_of(random_intercepts(y, _design(z, pairs, at), unit, level, columns, known))

    firsts = [names.index(first) for first, _ in pairs.values()]
    terms = fitted(0.0, [len(names) + k for k in range(len(pairs))])
    strict = 1 - (1 - level) / max(len(pairs), 1)
    seen = [float(visible_effect(term.se, term.df, level=strict)) for term in terms]
    return dict(zip(pairs, map(Product, terms, fitted(-1.0, firsts), fitted(1.0, firsts), seen), strict=True))


def _design(z: dict[str, np.ndarray], pairs: dict[str, tuple[str, str]], at: float = 0.0) -> np.ndarray:
    """Return measures, products with second measures `at` standard deviations as their zero, and a constant.

    All choices of `at` span the same columns.
    """
    terms = [z[first] * (z[second] - at) for first, second in pairs.values()]
    return np.column_stack([*z.values(), *terms, np.ones(len(next(iter(z.values()))))])


def shrinkage(study: Study, cases: Cases, pair: tuple[str, str]) -> float | None:
    """Return the share of a product's true coefficient that is left by the measures' unreliability.

    The square root of the product's reliability; recorded hours count as free of error, scales by their
    alpha. None where an alpha is not to be had.
    """
    each = [_reliability(study, cases, name) for name in pair]
    if None in each:
        return None
    r = float(np.corrcoef(cases.frame[pair[0]], cases.frame[pair[1]])[0, 1])
    return float(np.sqrt(product_reliability(*each, r)))


def _reliability(study: Study, cases: Cases, role: str) -> float | None:
    if role == "training" and cases.trained_by == "hours":
        return 1.0
    name = variables.construct_of_role(study, role)
    items = study.codebook.keyed(variables.latest_wave(study), name).dropna()
    try:
        found = alpha(items.to_numpy(float)).estimate
    except ValueError:  # one item, or nothing that varies
        return None
    return found if found > 0 else None
