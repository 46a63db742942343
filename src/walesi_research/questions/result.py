"""What the question modules share in making findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from walesi_research.findings import Finding
from walesi_research.language import LANGUAGES, Message, say
from walesi_research.study.privacy import round_count

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["in_both", "not_estimable", "people", "weakest"]


def in_both(key: str, /, **values: Any) -> dict[str, str]:
    """Return message `key` in both languages, by language."""
    return {language: say(language, key, **values) for language in LANGUAGES}


def people(study: Study, n: int) -> int:
    """Return a number of people as it may be published."""
    return int(round_count(n, study.settings.privacy.round_counts))


def not_estimable(reason: Message, **parts: Any) -> Finding:
    """Return a finding without a number that says why."""
    return Finding(status="not_estimable", reason=reason.in_("en"), **parts)


def weakest(size: pd.Series, part: pd.Series, minimum: int) -> np.ndarray:
    """Return the counts that the disclosure rule judges a group's share by.

    A share rests on the group and on those of it who are counted; where the latter are fewer than
    `minimum`, they decide, else the size of the group does (and which other group is hidden with it).
    """
    return np.where(part < minimum, np.minimum(part, size), size)
