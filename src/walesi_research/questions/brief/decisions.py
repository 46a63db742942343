"""The decisions that can be taken now, chosen by rule from the verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from walesi_research.exhibits.decision import Decision
from walesi_research.language import say
from walesi_research.questions.brief.verdicts import Ruling
from walesi_research.questions.brief.wanting import listed

__all__ = ["AREAS", "chosen", "decision"]

AREAS = {
    "appraisal": ("relations", "results", "raters"),
    "training": ("training", "leadership"),
    "service": ("service",),
    "climate": ("recognition", "culture"),
}
"""Who decides on what: claims by area, in the order in which they are looked at."""
STATES = ("supported", "not_supported", "cannot_tell", "missing")
"""What is known comes before what is not."""
MOST = 3


def chosen(rulings: Sequence[Ruling]) -> list[tuple[str, list[Ruling]]]:
    """Return at most three areas with the claims that their decision rests on.

    Each area has one decision: on its first claim that is supported, else not supported, else open; where all
    its numbers are missing, on what has to be recorded. Areas are ordered by that
    verdict, then as in `AREAS`.
    """
    found = []
    for area, names in AREAS.items():
        mine = [r for name in names for r in rulings if r.words == name]
        if mine:
            best = min(mine, key=lambda r: STATES.index(r.state))
            found.append((area, mine if best.state == "missing" else [best]))
    return sorted(found, key=lambda pair: STATES.index(pair[1][0].state))[:MOST]


def decision(area: str, rulings: Sequence[Ruling], language: str) -> Decision:
    """Return a decision in words, with who takes it, when, and on which claims it rests."""
    first = rulings[0]
    key = f"missing_{area}" if first.state == "missing" else f"{first.words}_{first.state}"
    numbers = [str(number) for number in sorted(r.number for r in rulings)]
    claims = _say(language, "founded", n=len(numbers), claims=listed(numbers, language))
    return Decision(
        what=_say(language, f"decide_{key}"),
        why=_say(language, f"decide_{key}_how"),
        about=f"{_say(language, f'who_{area}')} {claims}",
    )


def _say(language: str, key: str, **values: object) -> str:
    return say(language, f"brief.{key}", **values)
