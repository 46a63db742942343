"""What was answered to each question of the questionnaire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from walesi_research.exhibits import Cell, Column, Figure, Group, Sentence, Shares, Table, stacked
from walesi_research.findings import Finding
from walesi_research.language import Message, number, say, share
from walesi_research.questions.measurement.scales import Scale, scales_of
from walesi_research.questions.result import few
from walesi_research.questions.variables import latest_wave

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Item", "Items", "items"]

CROWDED = 0.5
"""Share of those who answered from which an end of the scale is called crowded."""


@dataclass(frozen=True)
class Item:
    """Answers to one question, turned where reverse-keyed.

    Parameters
    ----------
    name : str
    n, missing : int
        People who answered the question, and who answered others of the wave but not this one.
    mean : float
    weighted : float or None
        The mean by the survey's weights, where these vary.
    below, middle, above : int
        People who answered below, at and above the middle of the scale.
    lowest, highest : int
        People who chose its ends.
    """

    name: str
    n: int
    missing: int
    mean: float
    weighted: float | None
    below: int
    middle: int
    above: int
    lowest: int
    highest: int


def items(study: Study) -> Items:
    """Describe the answers to each question of the latest wave.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Items
        Without findings: thirty means of single questions answer no question of their own.
    """
    scales = scales_of(study)
    if isinstance(scales, Message):
        return Items(study, reason=scales)
    weight = _weights(study)
    return Items(study, tuple((s, tuple(_item(s, name, weight) for name in s.items)) for s in scales))


def _weights(study: Study) -> np.ndarray | None:
    wave = latest_wave(study)
    return wave["weight"].to_numpy() if "weight" in wave and wave["weight"].nunique() > 1 else None


def _item(scale: Scale, name: str, weight: np.ndarray | None) -> Item:
    given = scale.items[name].notna().to_numpy()
    x = scale.items[name].to_numpy()[given]
    weighted = None if weight is None else float(np.average(x, weights=weight[given]))
    low, high = scale.ends
    middle = (low + high) / 2
    parts = (x < middle, x == middle, x > middle, x == low, x == high)
    counts = (int(p.sum()) for p in parts)
    return Item(name, len(x), len(scale.items) - len(x), float(x.mean()), weighted, *counts)


@dataclass(frozen=True, eq=False)
class Items:
    """Answer: the answers to each question, by scale.

    Parameters
    ----------
    study : Study
    scales : tuple of (Scale, tuple of Item)
    reason : Message or None
        Why there are none.
    """

    study: Study
    scales: tuple[tuple[Scale, tuple[Item, ...]], ...] = ()
    reason: Message | None = None

    @property
    def findings(self) -> list[Finding]:
        """None."""
        return []

    @property
    def _minimum(self) -> int:
        return self.study.settings.privacy.minimum_cell

    def sentence(self, language: str) -> list[Sentence]:
        """Return at which questions answers crowd at an end of the scale."""
        if self.reason is not None:
            return [Sentence(self.reason.in_(language), "note")]
        known = [(s, i) for s, listed in self.scales for i in listed if i.n >= self._minimum]
        if not known:
            return [Sentence(say(language, "measurement_items.items_few"), "note")]
        crowded = [s.text(i.name, language) for s, i in known if self._crowded(i)]
        key = "items_crowded" if crowded else "items_spread"
        quoted = "; ".join(f"“{text.rstrip('.')}”" for text in crowded[:5])
        count, all_ = len(crowded), len(known)
        return [Sentence(say(language, f"measurement_items.{key}", count=count, all=all_, names=quoted))]

    def _crowded(self, item: Item) -> str | None:
        for end, chosen in (("ceiling", item.highest), ("floor", item.lowest)):
            if chosen >= CROWDED * item.n and not self._tells(item.n, chosen):
                return end
        return None

    def _tells(self, n: int, part: int) -> bool:
        """Tell whether a share would speak of few people."""
        return bool(n < self._minimum or few(part, self._minimum) or few(n - part, self._minimum))

    def plot(self, language: str) -> list[Figure]:
        """Return, by scale, the shares of answers below, at and above the middle."""
        if not self._shown:
            return []
        return [
            stacked(
                [self._bar(scale, language) for scale in self._shown],
                language=language,
                alt=say(language, "measurement_items.items_alt"),
                caption=say(language, "measurement_items.items_caption"),
                synthetic=self.study.synthetic,
            )
        ]

    @property
    def _shown(self) -> list[Scale]:
        return [scale for scale, listed in self.scales if listed]

    def _bar(self, scale: Scale, language: str) -> Shares:
        """Return the shares of a scale's answers, unless a part or the rest of them comes from few people."""
        x, middle = scale.answered.to_numpy(), sum(scale.ends) / 2
        parts = [x < middle, x == middle, x > middle]
        people_in = [int(part.any(axis=1).sum()) for part in parts]
        if len(x) < self._minimum or any(few(n, self._minimum) for n in people_in):
            return Shares(scale.label[language], note=say(language, "measurement_items.few"))
        answers = np.isfinite(x).sum()
        return Shares(scale.label[language], tuple(float(part.sum() / answers) for part in parts))

    def table(self, language: str) -> Table | list[Table]:
        """Return the wording of every question with its shares and mean, by scale."""
        if not self._shown:
            return []
        columns = [
            say(language, "measurement_items.item"),
            Column(say(language, "measurement_items.parts"), numeric=True),
            Column(say(language, "measurement_items.mean"), numeric=True),
        ]
        rows: list[Any] = []
        for scale, listed in self.scales:
            low, high = scale.ends
            ends = say(language, "measurement_items.ends", low=low, high=high)
            rows += [Group(scale.label[language], ends)] if listed else []
            rows += [self._row(scale, item, language) for item in listed]
        return Table(columns, rows, say(language, "measurement_items.items_table"), language)

    def _row(self, scale: Scale, item: Item, language: str) -> list[str | Cell]:
        hidden = say(language, "measurement_items.few")
        crowded = self._crowded(item)
        notes = [item.name, *([say(language, f"measurement_items.{crowded}")] if crowded else [])]
        first = Cell(scale.text(item.name, language), "; ".join(notes))
        if item.n < self._minimum:
            return [first, hidden, hidden]
        notes = (self._weighted(item, language), self._missing(scale, item, language))
        mean = Cell(number(item.mean, language, 2), "; ".join(filter(None, notes)))
        return [first, self._shares(item, language), mean]

    def _weighted(self, item: Item, language: str) -> str:
        if item.weighted is None:
            return ""
        return say(language, "measurement_items.weighted", mean=number(item.weighted, language, 2))

    def _missing(self, scale: Scale, item: Item, language: str) -> str:
        if not item.missing or self._tells(len(scale.items), item.missing):
            return ""
        part = share(_rounded(item.missing / len(scale.items)), language)
        return say(language, "measurement_items.missing", share=part)

    def _shares(self, item: Item, language: str) -> Cell | str:
        """Return the three shares, or those above the middle alone where the others speak of few."""
        parts = (item.below, item.middle, item.above)
        hidden = [self._tells(item.n, part) for part in parts]
        shares = tuple(_rounded(part / item.n) for part in parts)
        if not any(hidden):
            text = "\N{THIN SPACE}·\N{THIN SPACE}".join(share(part, language) for part in shares)
            return Cell(text.replace("%", "", 2), shares=shares)
        if hidden[2]:
            return say(language, "measurement_items.few")
        return say(language, "measurement_items.only_above", share=share(shares[2], language))


def _rounded(x: float) -> float:
    return round(float(x), 2)
