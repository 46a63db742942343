"""What was answered to each question of the questionnaire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from walesi_research.exhibits import Bar, Cell, Column, Figure, Sentence, Table, bars
from walesi_research.findings import Finding
from walesi_research.language import Message, number, say, share
from walesi_research.questions.measurement.scales import Scale, scales_of
from walesi_research.questions.result import few, people

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
    below, middle, above : int
        People who answered below, at and above the middle of the scale.
    lowest, highest : int
        People who chose its ends.
    """

    name: str
    n: int
    missing: int
    mean: float
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
    return Items(study, tuple((scale, tuple(_item(scale, i) for i in scale.items)) for scale in scales))


def _item(scale: Scale, name: str) -> Item:
    x = scale.items[name].dropna().to_numpy()
    low, high = scale.ends
    middle = (low + high) / 2
    parts = (x < middle, x == middle, x > middle, x == low, x == high)
    return Item(name, len(x), len(scale.items) - len(x), float(x.mean()), *(int(p.sum()) for p in parts))


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
        """Return, for each scale, the share that answered above the middle, all shares in a fold."""
        return [self._figure(scale, listed, language) for scale, listed in self.scales if listed]

    def _figure(self, scale: Scale, listed: tuple[Item, ...], language: str) -> Figure:
        name, (low, high) = scale.label[language], scale.ends
        caption = say(language, "measurement_items.items_caption", scale=name, low=low, high=high)
        return bars(
            [self._bar(scale, item, language) for item in listed],
            language=language,
            alt=say(language, "measurement_items.items_alt", scale=name),
            caption=caption,
            axis_label=say(language, "measurement_items.above"),
            synthetic=self.study.synthetic,
            table=self._table(scale, listed, caption, language),
        )

    def _bar(self, scale: Scale, item: Item, language: str) -> Bar:
        label = scale.text(item.name, language)
        if self._tells(item.n, item.above):
            return Bar(label, note=say(language, "measurement_items.few"))
        return Bar(label, _rounded(item.above / item.n))

    def _table(self, scale: Scale, listed: tuple[Item, ...], caption: str, language: str) -> Table:
        first = say(language, "measurement_items.item")
        keys = ("below", "middle", "above", "mean", "missing")
        columns = [first, *(Column(say(language, f"measurement_items.{key}"), numeric=True) for key in keys)]
        rows = [self._row(scale, item, language) for item in listed]
        return Table(columns, rows, caption, language, show_caption=False)

    def _row(self, scale: Scale, item: Item, language: str) -> list[str | Cell]:
        hidden = say(language, "measurement_items.few")
        crowded = self._crowded(item)
        note = say(language, f"measurement_items.{crowded}") if crowded else ""
        mean = number(item.mean, language, 2) if item.n >= self._minimum else hidden
        return [
            Cell(scale.text(item.name, language), note),
            *self._shares(item, language),
            Cell(mean, say(language, "measurement_items.of_people", people=people(self.study, item.n)))
            if item.n >= self._minimum
            else mean,
            hidden
            if self._tells(len(scale.items), item.missing)
            else share(_rounded(item.missing / len(scale.items)), language),
        ]

    def _shares(self, item: Item, language: str) -> list[str]:
        """Return the three shares; the first two only where neither they nor the third speak of few."""
        parts = np.array([item.below, item.middle, item.above])
        shown = ~np.array([self._tells(item.n, part) for part in parts])
        shown[:2] &= shown.all()
        hidden = say(language, "measurement_items.few")
        return [
            share(_rounded(p / item.n), language) if s else hidden for p, s in zip(parts, shown, strict=True)
        ]


def _rounded(x: float) -> float:
    return round(float(x), 2)
