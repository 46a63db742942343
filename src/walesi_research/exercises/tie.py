"""A tie's effect by hand: a difference of means, its standard error, the model, the verdict."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from walesi_research.exercises.reply import Reply
from walesi_research.exercises.tables import appraisals_of
from walesi_research.exercises.target import Target, not_yet
from walesi_research.exhibits import judge
from walesi_research.language import Message
from walesi_research.questions import appraisal
from walesi_research.questions.claims import Claim, claim_of
from walesi_research.stats.robust import cr2
from walesi_research.stats.two_way import two_way

if TYPE_CHECKING:
    from walesi_research.findings import Finding
    from walesi_research.study import Study

__all__ = ["claims_table", "no_claims", "tie_difference", "tie_effect", "tie_error", "verdicts"]

CLAIMS = ("relations", "results")
"""The two claims to be judged: what a tie goes with, and what achievement goes with."""
HUNDREDTH = 0.01
"""An answer may be rounded to two decimals."""
SHOWN = 0.05
"""Half of the last place that words about an answer show: less is told as no difference."""
SAME_ERROR = 0.01
"""Share of itself by which a standard error may be off: conventions differ by less among many people."""


@lru_cache(maxsize=1)
def _published(study: Study) -> dict[str, Finding]:
    return {finding.id: finding for finding in appraisal.scores(study).findings}


def tie_difference(study: Study) -> Target | Message:
    """Return the difference of mean scores with and without a tie."""
    rows = appraisals_of(study)
    if isinstance(rows, Message):
        return rows
    score, tie = rows["score"], rows["tie"] == 1
    mistakes = {
        "overall": score[tie].mean() - score.mean(),
        "median": score[tie].median() - score[~tie].median(),
        "percent": 100 * (score[tie].mean() / score[~tie].mean() - 1),
    }
    right = score[tie].mean() - score[~tie].mean()
    words = "right_equal" if abs(right) < SHOWN else "right" if right > 0 else "right_lower"
    return Target(right, HUNDREDTH, mistakes, {"points": abs(right)}, words)


def tie_error(study: Study) -> Target | Message:
    """Return the standard error of that difference, by employee; CR0, CR1 and CR2 all count as right."""
    rows = appraisals_of(study)
    if isinstance(rows, Message):
        return rows
    y, tie = rows["score"].to_numpy(), rows["tie"].to_numpy()
    X = np.column_stack([np.ones(len(y)), tie])
    error = float(cr2(y, X, rows["employee"]).se[1])
    plain = _plain_errors(y, tie)
    mistakes = {
        "sd": (y.std(ddof=1), y[tie == 1].std(ddof=1), y[tie == 0].std(ddof=1)),
        "plain": plain,
        "rater": _clustered(y, X, rows["rater"]),
    }
    right, times = (error, *_clustered(y, X, rows["employee"])), error / plain[0]
    words = "right" if times >= 1 + SHOWN else "right_no_larger"
    return Target(right, SAME_ERROR * error, mistakes, {"plain": plain[0], "times": times}, words)


def _plain_errors(y: np.ndarray, tie: np.ndarray) -> tuple[float, ...]:
    """Return errors of a difference of means as if rows were independent: pooled variance, or one a group."""
    parts = [y[tie == 1], y[tie == 0]]
    spread = sum(((part - part.mean()) ** 2).sum() for part in parts) / (len(y) - 2)
    pooled = np.sqrt(spread * sum(1 / len(part) for part in parts))
    apart = np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts))
    return float(pooled), float(apart)


def _clustered(y: np.ndarray, X: np.ndarray, groups: pd.Series) -> tuple[float, float]:
    """Return the errors CR0 and CR1 of the second coefficient."""
    bread = np.linalg.inv(X.T @ X)
    scores = X * (y - X @ bread @ X.T @ y)[:, None]
    sums = pd.DataFrame(scores).groupby(groups.to_numpy()).sum().to_numpy()
    raw = np.sqrt((bread @ sums.T @ sums @ bread)[1, 1])
    n, p, G = len(y), X.shape[1], len(sums)
    return float(raw), float(raw * np.sqrt(G / (G - 1) * (n - 1) / (n - p)))


def tie_effect(study: Study) -> Target | Message:
    """Return what a tie goes with in the same employee, the same rater, at equal achievement.

    With an effect of every employee, rater and period; the published finding's model, which has random
    effects and means instead, counts as right too.
    """
    rows = appraisals_of(study)
    if isinstance(rows, Message):
        return rows
    finding = _published(study)["appraisal.tie_effect"]
    if finding.estimate is None:
        return appraisal.scores(study).reasons["tie"]
    periods = pd.get_dummies(rows["period"], drop_first=True, dtype=float).to_numpy()
    exposures = rows[["tie", "achievement"]].to_numpy(dtype=float)
    y, X = rows["score"].to_numpy(), np.column_stack([exposures, periods])
    fit = two_way(y, X, rows["employee"], rows["rater"], columns=[0, 1])
    rest = two_way(y, np.column_stack([X[:, :1], periods]), rows["employee"], rows["rater"], columns=[0])
    plain = np.linalg.lstsq(np.column_stack([np.ones(len(y)), exposures]), y, rcond=None)[0]
    mistakes = {
        "slope": fit.coef[1],
        "raw": tie_difference(study).right,
        "people": plain[1],
        "achievement": rest.coef[0],
    }
    told = {"finding": finding.estimate, "low": finding.low, "high": finding.high}
    return Target((float(fit.coef[0]), finding.estimate), HUNDREDTH, mistakes, told)


def _claimed(study: Study) -> list[tuple[Claim, Finding]]:
    ids = ("appraisal.tie_effect", "appraisal.achievement_slope")
    return [(claim_of(study, i), _published(study)[i]) for i in ids]


def claims_table(study: Study) -> pd.DataFrame:
    """Return estimate, interval, limit and supporting side of the two claims; empty where one has none."""
    if any(finding.estimate is None for _, finding in _claimed(study)):
        return pd.DataFrame()
    rows = {
        name: {
            "estimate": finding.estimate,
            "low": finding.low,
            "high": finding.high,
            "limit": claim.limit,
            "supports": claim.supports,
        }
        for name, (claim, finding) in zip(CLAIMS, _claimed(study), strict=True)
    }
    return pd.DataFrame(rows).T


def no_claims(study: Study) -> Message | None:
    """Say that the two claims cannot be judged in this study, or None where they can."""
    return Message.of("exercises.no_claims") if claims_table(study).empty else None


WORDS = {
    "supported": ("supported", "didukung"),
    "not_supported": ("not supported", "tidak didukung"),
    "cannot_tell": ("cannot tell", "cannot tell yet", "belum dapat disimpulkan"),
}
"""How each verdict may be written."""


def _verdict(answer: Any) -> str | None:
    written = " ".join(str(answer).replace("_", " ").lower().split())
    return next((name for name, words in WORDS.items() if written in words), None)


def verdicts(study: Study, answer: Any, language: str) -> Reply:
    """Judge the two verdicts: where each interval lies, beside its limit and not beside nought."""
    table = claims_table(study)
    pair = list(answer) if isinstance(answer, (tuple, list)) else []
    given = [_verdict(part) for part in pair]
    if len(given) != len(CLAIMS) or None in given:
        return not_yet("verdicts", language, Message.of("exercises.not_verdicts"))
    for name, said in zip(CLAIMS, given, strict=True):
        row = table.loc[name]
        if said == judge(row.low, row.high, row.limit, row.supports):
            continue
        which = Message.of(f"exercises.claim_{name}")
        for mistake, told in _misjudged(row).items():
            if said == told:
                return not_yet(
                    "verdicts", language, Message.of(f"exercises.verdicts_{mistake}", claim=which), mistake
                )
        return not_yet("verdicts", language, Message.of("exercises.verdicts_other", claim=which))
    return Reply("right", language, (Message.of("exercises.verdicts_right"),))


def _misjudged(row: pd.Series) -> dict[str, str]:
    """Return what one says who overlooks the side, takes nought for the limit, or the estimate alone."""
    other = "below" if row.supports == "above" else "above"
    nought = "cannot_tell" if row.low < 0 < row.high else "supported"
    return {
        "side": judge(row.low, row.high, row.limit, other),
        "nought": nought,
        "estimate": judge(row.estimate, row.estimate, row.limit, row.supports),
    }
