"""The evidence on a claim as one sentence: number, sign, range and hedging taken from the finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from walesi_research.language import decimals, interval_words, number, say, share
from walesi_research.questions.brief.verdicts import OTHER, Ruling
from walesi_research.questions.brief.wanting import why_missing

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = [
    "ASSUMED",
    "basis",
    "difference",
    "digits_of",
    "evidence",
    "is_share",
    "likely",
    "limit_words",
    "page_of",
]

SHARES = ("raters", "training")
"""Claims whose finding is a share."""
STANDARDISED = ("culture", "recognition")
ASSUMED = ("relations", "leadership")
"""Claims whose assumption is told beside the number, where it is an effect."""
MOST = 3
"""Most decimals that a number is written with."""


def is_share(ruling: Ruling) -> bool:
    """Tell whether the finding is a share, written as a percentage or as people of a hundred."""
    known = ruling.finding is not None and ruling.finding.unit.startswith("share")
    return ruling.words in SHARES or (ruling.words == OTHER and known)


def digits_of(ruling: Ruling) -> int:
    """Return the decimals that tell estimate, ends and limit as they are, and from each other."""
    finding, scale = ruling.finding, 100 if is_share(ruling) else 1
    least = 0 if is_share(ruling) else 2 if ruling.words in STANDARDISED else 1
    limit = round(scale * ruling.claim.limit, 9)
    whole = next((d for d in range(least, MOST) if round(limit, d) == limit), MOST)
    if finding.low is None:
        return whole
    ends = [round(scale * end, 9) for end in (finding.low, finding.high)]
    pairs = [(a, b) for a, b in (ends, (ends[0], limit), (ends[1], limit)) if a != b]
    return min(max(whole, decimals(pairs, least)), MOST)


def evidence(study: Study, ruling: Ruling, language: str) -> str:
    """Return the sentence, ``**words**`` in bold; without a number, why there is none."""
    if not ruling.estimated:
        return why_missing(study, ruling, language)
    if is_share(ruling):
        core = _share(ruling, language)
    elif ruling.words == OTHER:
        core = _say(
            language, "evidence_other", x=number(ruling.finding.estimate, language, digits_of(ruling))
        )
    else:
        core = _say(language, f"evidence_{ruling.words}", difference=difference(ruling, language))
    return f"{core}{likely(ruling, language)}."


def _share(ruling: Ruling, language: str) -> str:
    x, digits = ruling.finding.estimate, digits_of(ruling)
    if ruling.words == "training":
        return _say(language, "evidence_training", x=number(100 * x, language, digits))
    return _say(language, f"evidence_{ruling.words}", x=share(x, language, digits))


def difference(ruling: Ruling, language: str) -> str:
    """Return 'so much higher' or 'lower', or 'almost the same' where nothing is left of the estimate."""
    x, digits = ruling.finding.estimate, digits_of(ruling)
    if round(x, digits) == 0:
        return _say(language, "same")
    unit = "sd" if ruling.words in STANDARDISED else "points"
    return _say(language, f"{'lower' if x < 0 else 'higher'}_{unit}", x=number(abs(x), language, digits))


def likely(ruling: Ruling, language: str) -> str:
    """Return the range, in the direction that the sentence tells; nothing where there is no doubt."""
    finding, digits = ruling.finding, digits_of(ruling)
    if finding.low is None or finding.low == finding.high:
        return ""
    low, high = finding.low, finding.high
    if is_share(ruling):
        scale = 100 if ruling.words == "training" else 1
        between = interval_words(scale * low, scale * high, language, digits, percent=scale == 1)
        return _say(language, "likely", between=between)
    turned = ruling.words != OTHER and round(finding.estimate, digits) < 0
    low, high = (-high, -low) if turned else (low, high)
    both = round(low, digits) < 0 < round(high, digits) and ruling.words != OTHER
    between = interval_words(low, high, language, digits)
    return _say(language, "likely_both" if both else "likely", between=between)


def limit_words(ruling: Ruling, language: str) -> str:
    """Return the limit as the figure writes it."""
    write = share if is_share(ruling) else number
    return write(ruling.claim.limit, language, digits_of(ruling))


def basis(ruling: Ruling, language: str) -> str:
    """Return what the number rests on: people, appraisals, raters, units; empty where none is counted."""
    finding = ruling.finding
    if finding is None or not ruling.estimated or finding.n is None:
        return ""
    assumed = f"assumption_{ruling.words}"
    words = ruling.words if finding.groups is not None or ruling.words in ("training", "together") else OTHER
    text = _say(language, f"basis_{words}", n=finding.n, groups=finding.groups)
    caused = finding.claim == "effect_if" and ruling.words in ASSUMED
    told = caused or ruling.words == "together"
    return f"{text} {_say(language, assumed)}" if told else text


def page_of(ruling: Ruling, language: str) -> tuple[str, str] | None:
    """Return address and name of the page that made the finding."""
    if ruling.finding is None:
        return None
    name = ruling.finding.notebook
    return f"{name}.html", _say(language, "page", i=int(name[:2]))


def _say(language: str, key: str, **values: object) -> str:
    return say(language, f"brief.{key}", **values)
