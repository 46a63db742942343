"""Which answers were given without reading the questions?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from walesi_research.exhibits import Column, Gap, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, say, share
from walesi_research.questions.data.answers import (
    answers,
    longest_run,
    repeated_patterns,
    respondents,
    straight_lined,
)
from walesi_research.questions.result import few, in_both, not_estimable, people, suppressed
from walesi_research.study.privacy import round_share

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Careless", "careless"]

NOTEBOOK = "01_data"
FEW_ITEMS = 8
"""Below it the same answer to all questions, or to those of somebody else, is no sign of anything."""
SIGNS = {
    "straight": ("data.straightlined_share", "same answer to every item answered"),
    "run": (
        "data.long_run_share",
        "same answer in a row through at least half of the items (long-string index)",
    ),
    "repeated": (
        "data.repeated_share",
        "all answers equal to those of another respondent, straight-lining apart",
    ),
}


def careless(study: Study) -> Careless:
    """Ask how many respondents show signs of careless answering.

    Straight-lining, long strings of one answer, and answer patterns that occur twice, among the items of the
    latest wave as they were answered (not reversed).

    Returns
    -------
    Careless
        Findings ``data.straightlined_share``, ``data.long_run_share`` and ``data.repeated_share``.
    """
    if not study.has("survey"):
        return Careless(study, 0, None, Message.of("data.no_survey"))
    X = answers(study).loc[respondents(study)].to_numpy(dtype=float)
    if X.shape[1] < FEW_ITEMS or not len(X):
        reason = Message.of("data.few_items", items=FEW_ITEMS) if len(X) else Message.of("data.nobody")
        return Careless(study, len(X), None, reason)
    return Careless(study, len(X), _count(X))


def _count(X: np.ndarray) -> dict[str, int]:
    run = longest_run(X) >= X.shape[1] / 2
    return {
        "straight": int(straight_lined(X).sum()),
        "run": int(run.sum()),
        "repeated": int(repeated_patterns(X).sum()),
    }


@dataclass(frozen=True, eq=False)
class Careless:
    """Answer: respondents with each sign.

    Parameters
    ----------
    study : Study
    n : int
        Respondents.
    counts : dict of str to int or None
        Respondents by sign (not for publication: see `findings`).
    reason : Message or None
        Why nothing was counted.
    """

    study: Study
    n: int
    counts: dict[str, int] | None
    reason: Message | None = None

    @property
    def findings(self) -> list[Finding]:
        """A share a sign, suppressed where it rests on too few people."""
        return [self._finding(sign) for sign in SIGNS]

    def _finding(self, sign: str) -> Finding:
        name, how = SIGNS[sign]
        parts = {
            "id": name,
            "unit": "share",
            "claim": "description",
            "method": f"share of respondents of the latest wave with the {how}",
            "question": in_both(f"data.{sign}_question"),
            "notebook": NOTEBOOK,
            "n": people(self.study, self.n),
        }
        if self.counts is None:
            return not_estimable(self.reason, **parts)
        if self._hidden(sign):
            return suppressed(self.study, **parts)
        value = self._share(sign)
        return Finding(estimate=value, se=0.0, low=value, high=value, **parts)

    @property
    def _least(self) -> int:
        return self.study.settings.privacy.minimum_cell

    def _hidden(self, sign: str) -> bool:
        """Whether the share would tell of few people, alone or held against straight-lining."""
        count, least = self.counts[sign], self._least
        beyond = count - self.counts["straight"] if sign == "run" else 0
        return bool(self.n < least or few(count, least) or few(self.n - count, least) or few(beyond, least))

    def _share(self, sign: str) -> float:
        return float(round_share(self.counts[sign] / self.n))

    def sentence(self, language: str) -> list[Sentence]:
        """Return how many gave one and the same answer throughout."""
        if not self.study.has("survey"):
            return []  # said already where it is asked who answered
        if self.counts is None:
            return [Sentence(self.reason.in_(language), "note")]
        if self.counts["straight"] == 0:
            return [Sentence(say(language, "data.careless_none"))]
        key = "few" if self._hidden("straight") else "some"
        values = {"minimum": self._least} if key == "few" else {"share": self._share("straight")}
        reverse = any(c.reverse for c in self.study.codebook.constructs.values())
        texts = (
            say(language, f"data.careless_{key}", **values),
            say(language, f"data.careless_{'reversed' if reverse else 'straight'}"),
            say(language, "data.careless_kept"),
        )
        return [Sentence(" ".join(texts))]

    def table(self, language: str) -> Table | list[Table]:
        """Return the share of respondents with each sign."""
        if self.counts is None:
            return []
        columns = [
            say(language, "data.sign"),
            Column(say(language, "data.share_of_respondents"), numeric=True),
        ]
        rows = [self._row(sign, language) for sign in SIGNS]
        caption = say(language, "data.careless_caption", people=people(self.study, self.n))
        return Table(columns, rows, caption, language)

    def _row(self, sign: str, language: str) -> list[str] | Gap:
        label = say(language, f"data.sign_{sign}")
        if self._hidden(sign):
            return Gap(
                label, say(language, "data.not_shown"), say(language, "data.fewer_than", n=self._least)
            )
        return [label, share(self._share(sign), language)]
