"""What the question modules share in making findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from walesi_research.findings import Finding
from walesi_research.language import LANGUAGES, Message, say
from walesi_research.study.privacy import round_count

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["estimated", "few", "hidden_shares", "in_both", "not_estimable", "people", "suppressed"]


class Inferred(Protocol):
    """What has an estimate and its uncertainty."""

    estimate: float
    se: float
    low: float
    high: float
    p: float


def in_both(key: str, /, **values: Any) -> dict[str, str]:
    """Return message `key` in both languages, by language."""
    return {language: say(language, key, **values) for language in LANGUAGES}


def people(study: Study, n: int) -> int:
    """Return a number of people as it may be published."""
    return int(round_count(n, study.settings.privacy.round_counts))


def estimated(e: Inferred, **parts: Any) -> Finding:
    """Return a finding of an effect with its standard error, interval and p-value."""
    return Finding(estimate=e.estimate, se=e.se, low=e.low, high=e.high, p=e.p, **parts)


def not_estimable(reason: Message, **parts: Any) -> Finding:
    """Return a finding without a number that says why."""
    return Finding(status="not_estimable", reason=reason.in_("en"), **parts)


def suppressed(study: Study, **parts: Any) -> Finding:
    """Return a finding whose number would rest on too few people."""
    reason = f"It rests on fewer than {study.settings.privacy.minimum_cell} people."
    return Finding(status="suppressed", reason=reason, **parts)


def few(n: int | np.ndarray, minimum: int) -> bool | np.ndarray:
    """Tell whether there are people, but fewer than a published number may rest on."""
    return (np.asarray(n) > 0) & (np.asarray(n) < minimum)


def hidden_shares(size: np.ndarray, part: np.ndarray, minimum: int) -> np.ndarray:
    """Say which groups' shares may not be shown, the share over all groups being known.

    A share tells of those who count towards it and of those who do not; neither may be few, nor may the
    group. What is hidden is hidden together with the smallest other groups, until it cannot be found by
    subtraction: at least two groups, which together could be shown.

    Parameters
    ----------
    size, part : ndarray of int, shape (k,)
        People in each group, and those of them who count towards its share.
    minimum : int
        Fewest people that a published number may rest on.

    Returns
    -------
    ndarray of bool, shape (k,)
    """
    size, part = np.asarray(size), np.asarray(part)
    hidden = (size < minimum) | few(part, minimum) | few(size - part, minimum)
    for k in np.argsort(size, kind="stable"):
        if not hidden.any() or (
            hidden.sum() > 1 and not _tells(size[hidden].sum(), part[hidden].sum(), minimum)
        ):
            break
        hidden[k] = True
    return hidden


def _tells(size: int, part: int, minimum: int) -> bool:
    return bool(size < minimum or few(part, minimum) or few(size - part, minimum))
