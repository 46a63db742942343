"""What the combined programme is made of: the contribution of each part, the largest first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from walesi_research.exhibits import Figure, Heading, Interval, Sentence, interval_plot
from walesi_research.language import decimals, say
from walesi_research.questions.policy.gain import Gain, Spread, State, spread_of
from walesi_research.questions.policy.names import label
from walesi_research.questions.policy.scenarios import COMBINED, Scenarios

__all__ = ["Combined", "combined"]


def combined(answer: Scenarios) -> Combined:
    """Ask what each part of the combined programme contributes.

    Parameters
    ----------
    answer : Scenarios
        As `scenarios` returns it.

    Returns
    -------
    Combined
        Without findings of its own: contributions sum to ``policy.combined_gain`` in every replicate.
    """
    return Combined(answer)


@dataclass(frozen=True, eq=False)
class Combined:
    """Answer: contributions; empty where the combined programme has no gain or a single part."""

    answer: Scenarios

    @property
    def gain(self) -> Gain | None:
        """The combined programme, where it has several parts."""
        gain = self.answer.combined
        return gain if gain is not None and len(gain.parts) > 1 else None

    @cached_property
    def shares(self) -> dict[str, Spread]:
        """Contribution of each part in points, the largest first."""
        found = {name: spread_of(points, self.answer.level) for name, points in self.gain.shares.items()}
        return dict(sorted(found.items(), key=lambda pair: -abs(pair[1].estimate)))

    def _in(self, state: State, language: str) -> list[str]:
        return [label(name, language) for name, share in self.shares.items() if share.state == state]

    def heading(self, language: str) -> list[Heading]:
        """Return the largest part that is clear."""
        if self.gain is None:
            return []
        up, name = self._in("up", language), self.answer.label(COMBINED, language)
        if not up:
            return [Heading(say(language, "policy.parts_heading_none", label=name))]
        return [Heading(say(language, "policy.parts_heading_one", label=name, name=_inside(up[0])))]

    def sentence(self, language: str) -> list[Sentence]:
        """Return which parts are clear, and which are not."""
        if self.gain is None:
            return []
        found = {
            "clear": self._in("up", language),
            "down": self._in("down", language),
            "open": self._in("open", language),
        }
        texts = [
            say(language, f"policy.parts_{key}", names=tuple(_inside(name) for name in names))
            for key, names in found.items()
            if names
        ]
        return [Sentence(" ".join(texts))]

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return a tornado: the contribution of each part with its interval, and their sum."""
        if self.gain is None:
            return []
        total = self.gain.spread
        rows = [_row(say(language, "policy.parts_total"), total, bold=True)]
        rows += [_row(label(name, language), share) for name, share in self.shares.items()]
        return interval_plot(
            rows,
            language=language,
            alt=say(language, "policy.parts_alt", label=self.answer.label(COMBINED, language)),
            caption=say(language, "policy.parts_caption", level=self.answer.level),
            axis_label=say(language, "policy.axis"),
            digits=decimals((s.low, s.high) for s in [total, *self.shares.values()]),
            synthetic=self.answer.study.synthetic,
        )


def _row(name: str, s: Spread, bold: bool = False) -> Interval:
    verdict = {"up": "supported", "down": "not_supported", "open": "cannot_tell"}[s.state]
    return Interval(name, s.estimate, s.low, s.high, verdict, bold=bold)


def _inside(name: str) -> str:
    """Return a label as it stands within a sentence."""
    return name[:1].lower() + name[1:]
