"""The share of positive answers to a construct's questions, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats

from walesi_research.questions.result import few
from walesi_research.questions.variables import latest_wave, listed_at_survey
from walesi_research.stats.design import survey_design
from walesi_research.stats.survey_estimates import survey_ratio
from walesi_research.study.privacy import round_share

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Positive", "positive"]


@dataclass(frozen=True)
class Positive:
    """A share of positive answers, rounded for publication.

    Parameters
    ----------
    n : int
        People who answered any of the questions (exact, not for publication).
    hidden : bool
        It would tell of few people; the numbers are then None.
    share, se, low, high : float or None
        `se` is 0, and the ends are the share, where everyone employed at the time answered.
    sampled : bool
        Not everyone did.
    weighted : float or None
        The same by the survey's weights, where these vary.
    """

    n: int
    hidden: bool = True
    share: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    sampled: bool = False
    weighted: float | None = None


def positive(study: Study, construct: str, level: float = 0.95) -> Positive:
    """Return the share of answers above the middle of a construct's scale in the latest wave.

    Answers are turned where reverse-keyed, all that were given count alike, and people are taken for a random
    sample of those employed at the time. Interval on the logit scale from t with one degree of freedom less
    than people (``survey::svyciprop``); Clopper and Pearson's where all answers are alike.

    Parameters
    ----------
    study : Study
        With a survey.
    construct : str
    level : float
        Confidence level of the interval.
    """
    wave = latest_wave(study)
    answers = study.codebook.keyed(wave, construct).to_numpy()
    given, above = np.isfinite(answers).sum(axis=1), (answers > _middle(study, construct)).sum(axis=1)
    weights = wave["weight"].to_numpy()[given > 0] if "weight" in wave else np.ones(int((given > 0).sum()))
    given, above = given[given > 0], above[given > 0]
    n = len(given)
    if _tells(given, above, study.settings.privacy.minimum_cell):
        return Positive(n)
    people = max(len(listed_at_survey(study)), n)
    share, se = _ratio(above, given, people)
    low, high = map(round_share, _interval(share, se, n, level) if n < people else (share, share))
    twin = round_share(float(weights @ above / (weights @ given))) if np.ptp(weights) > 0 else None
    return Positive(n, False, round_share(share), round(se, 3), low, high, n < people, twin)


def _middle(study: Study, construct: str) -> float:
    return sum(study.codebook.constructs[construct].scale) / 2


def _tells(given: np.ndarray, above: np.ndarray, minimum: int) -> bool:
    """Tell whether a share would speak of few people: those with a positive, or with another answer."""
    parts = ((above > 0).sum(), (above < given).sum())
    return bool(len(given) < minimum or any(few(part, minimum) for part in parts))


def _ratio(above: np.ndarray, given: np.ndarray, people: int) -> tuple[float, float]:
    n = len(given)
    design = survey_design(np.full(n, people / n), population=np.full(n, people))
    made = survey_ratio(design, above, given)
    return float(made.estimate[0]), float(made.se[0])


def _interval(share: float, se: float, n: int, level: float) -> tuple[float, float]:
    alpha = 1 - level
    if share in (0.0, 1.0):
        least = float((alpha / 2) ** (1 / n))
        return (least, 1.0) if share == 1.0 else (0.0, 1 - least)
    half = stats.t.ppf(1 - alpha / 2, n - 1) * se / (share * (1 - share))
    middle = special.logit(share)
    return float(special.expit(middle - half)), float(special.expit(middle + half))
