"""Have the scales' means changed since the first wave, among those who answered both?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from walesi_research.exhibits import Cell, Column, Gap, Heading, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, number, say
from walesi_research.questions.measurement.invariance import Invariance
from walesi_research.questions.measurement.scales import NOTEBOOK
from walesi_research.questions.result import estimated, in_both, not_estimable, people
from walesi_research.stats.multiplicity import holm

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Change", "Waves", "waves"]

FEWEST = 10
"""Employees in both waves from whom on a change is told; a rule of this project."""
METHOD = (
    "mean paired difference of scale means, last wave less first, of employees who answered both; "
    "t interval, each employee one observation"
)


@dataclass(frozen=True)
class Change:
    """Change of one scale's mean.

    Parameters
    ----------
    n : int
        Employees in both waves.
    estimate, se, low, high, p : float
        In points of the scale.
    standardised : float
        The estimate in standard deviations of the first wave.
    stability : float
        Correlation of both waves.
    """

    n: int
    estimate: float
    se: float
    low: float
    high: float
    p: float
    standardised: float
    stability: float


def waves(study: Study, comparable: Invariance, level: float = 0.95) -> Waves:
    """Ask how the means of the scales have changed between the first and the last wave.

    Parameters
    ----------
    study : Study
    comparable : Invariance
        Whether scales measure alike in all waves: otherwise a change of means may be one of meaning.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Waves
        Findings ``measurement.<construct>.change`` where there are two waves.

    Notes
    -----
    Those who answered one wave only tell nothing of anybody's change and are left out; a change among them
    would be mixed with who came and went.
    """
    if not study.has("survey") or "wave" not in study.survey or study.survey["wave"].nunique() < 2:
        return Waves(study, level)
    ends = study.survey["wave"].min(), study.survey["wave"].max()
    first, last = (_scores(study, wave) for wave in ends)
    verdicts = comparable.verdicts("wave") if "wave" in comparable.scales else {}
    least = max(FEWEST, study.settings.privacy.minimum_cell)
    changes = {name: _change(first[name], last[name], level, least) for name in first}
    return Waves(study, level, (int(ends[0]), int(ends[1])), changes, verdicts)


def _scores(study: Study, wave: float) -> pd.DataFrame:
    rows = study.survey[study.survey["wave"] == wave]
    return study.codebook.scores(rows).set_axis(rows["employee_id"].to_numpy(), axis=0)


def _change(first: pd.Series, last: pd.Series, level: float, least: int) -> Change | Message:
    both = pd.DataFrame({"first": first, "last": last}).dropna()
    if len(both) < least:
        return Message.of("measurement_waves.too_few", n=least)
    step = (both["last"] - both["first"]).to_numpy()
    if min(both.std()) == 0 or step.std() == 0:
        return Message.of("measurement_waves.constant")
    se, df = float(step.std(ddof=1) / np.sqrt(len(step))), len(step) - 1
    half = float(stats.t.ppf((1 + level) / 2, df)) * se
    p = float(2 * stats.t.sf(abs(step.mean()) / se, df))
    mean, stability = float(step.mean()), float(both.corr().iloc[0, 1])
    return Change(
        len(both), mean, se, mean - half, mean + half, p, mean / float(both["first"].std()), stability
    )


@dataclass(frozen=True, eq=False)
class Waves:
    """Answer: the change of each scale between two waves.

    Parameters
    ----------
    study : Study
    level : float
    ends : tuple of int or None
        The first and the last wave; None where there is one only.
    changes : dict of str to Change or Message
        By construct; why there is none.
    verdicts : dict of str to str
        Whether each scale measures alike in all waves: yes, no, open; absent where that was not tested.
    """

    study: Study
    level: float
    ends: tuple[int, int] | None = None
    changes: dict[str, Change | Message] = field(default_factory=dict)
    verdicts: dict[str, str] = field(default_factory=dict)

    @property
    def findings(self) -> list[Finding]:
        """One finding a scale, where there are two waves."""
        return [self._finding(name, c) for name, c in self.changes.items()]

    def _finding(self, name: str, c: Change | Message) -> Finding:
        question = {
            language: in_both("measurement_waves.question", scale=self._label(name, language))[language]
            for language in ("id", "en")
        }
        parts = {
            "id": f"measurement.{name}.change",
            "unit": "points of the scale",
            "claim": "description",
            "method": METHOD,
            "question": question,
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if isinstance(c, Message):
            return not_estimable(c, **parts)
        n = people(self.study, c.n)
        return estimated(c, n=n, **parts)

    def _label(self, name: str, language: str) -> str:
        return self.study.codebook.constructs[name].label[language]

    @property
    def _known(self) -> dict[str, Change]:
        return {name: c for name, c in self.changes.items() if isinstance(c, Change)}

    @property
    def _clear(self) -> dict[str, Change]:
        """Changes that stand among all scales tested (Holm)."""
        adjusted = holm([c.p for c in self._known.values()])
        return {
            name: c for (name, c), p in zip(self._known.items(), adjusted, strict=True) if p < 1 - self.level
        }

    def heading(self, language: str) -> list[Heading]:
        """Return whether anything clearly changed; nothing where there is one wave."""
        if self.ends is None:
            return []
        key = "none" if not self._known else "some" if self._clear else "open"
        return [Heading(say(language, f"measurement_waves.heading_{key}"))]

    def sentence(self, language: str) -> list[Sentence]:
        """Return what rose and what fell, and whether that may be read as a change."""
        if self.ends is None:
            return []
        if not self._known:
            return [Sentence(next(iter(self.changes.values())).in_(language), "note")]
        told = [self._moved(sign, language) for sign in (1, -1)]
        texts = [text for text in told if text] or [say(language, "measurement_waves.unclear")]
        doubtful = [name for name in self._clear if self.verdicts.get(name) != "yes"]
        if doubtful:
            names = ", ".join(self._label(name, language) for name in doubtful)
            texts.append(say(language, "measurement_waves.meaning", names=names))
        return [Sentence(" ".join(texts))]

    def _moved(self, sign: int, language: str) -> str:
        names = [self._label(n, language) for n, c in self._clear.items() if c.estimate * sign > 0]
        key = "rose" if sign > 0 else "fell"
        return say(language, f"measurement_waves.{key}", names=", ".join(names)) if names else ""

    def details(self, language: str) -> list[Sentence]:
        """Return whose answers are compared."""
        return [Sentence(say(language, "measurement_waves.method"))] if self._known else []

    def table(self, language: str) -> Table | list[Table]:
        """Return each scale's change, in points and in standard deviations, and its stability."""
        if not self._known:
            return []
        columns = [
            say(language, "measurement_waves.scale"),
            *(Column(say(language, f"measurement_waves.{k}"), numeric=True) for k in ("change", "retest")),
            say(language, "measurement_waves.alike"),
        ]
        first, last = self.ends
        caption = say(language, "measurement_waves.caption", first=first, last=last, level=self.level)
        return Table(columns, [self._row(n, c, language) for n, c in self.changes.items()], caption, language)

    def _row(self, name: str, c: Change | Message, language: str) -> list[str | Cell] | Gap:
        label = self._label(name, language)
        if isinstance(c, Message):
            return Gap(label, say(language, "common.not_computed"), c.in_(language))
        digits = decimals([(c.low, c.high)], 2)
        about = say(
            language, "measurement_waves.basis",
            people=people(self.study, c.n), sd=number(c.standardised, language, 2),
        )  # fmt: skip
        return [
            Cell(label, about),
            Cell(number(c.estimate, language, digits), interval(c.low, c.high, language, digits)),
            number(c.stability, language, 2),
            say(language, f"measurement_waves.alike_{self.verdicts.get(name, 'untested')}"),
        ]
