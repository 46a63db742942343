"""What a brief says first: the finding as title, the count of verdicts, the simulation in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from walesi_research.exhibits.verdict import SHADES
from walesi_research.language import say
from walesi_research.questions.brief.evidence import difference, evidence, likely
from walesi_research.questions.brief.verdicts import Ruling
from walesi_research.questions.brief.wanting import SCENARIO, listed
from walesi_research.questions.policy.names import steps

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["counted", "lead", "simulation", "summary", "title"]

DECIDED = ("supported", "not_supported")
TITLED = ("training", "leadership", "raters", "service", "culture", "recognition")
"""Claims that make a title where those on scores are undecided, in order."""
TOLD = 2
"""Claims that the summary for readers of the other language tells of, besides the counts."""


def title(rulings: Sequence[Ruling], language: str) -> str:
    """Return the finding that matters most: what scores follow, else the first claim that is decided."""
    judged = {r.words: r.judgement for r in rulings}
    results, relations = (judged.get(words, "cannot_tell") for words in ("results", "relations"))
    if results in DECIDED or relations in DECIDED:
        return _say(language, f"title_{results}_{relations}")
    for words in TITLED:
        if judged.get(words) in DECIDED:
            return _say(language, f"title_{words}_{judged[words]}")
    return _say(language, "title_open" if any(r.estimated for r in rulings) else "title_none")


def counted(n: int, language: str) -> str:
    """Return a small count as a word, a larger one in digits."""
    words = _say(language, "numbers").split()
    return words[n] if n < len(words) else str(n)


def lead(rulings: Sequence[Ruling], language: str) -> str:
    """Return how many claims the data support, in bold, then the other verdicts, then what has no number."""
    total = len(rulings)
    counts = {state: sum(r.judgement == state for r in rulings) for state in SHADES}
    some = counts.pop("supported")
    key = "lead_supported" if some else "lead_none"
    if counts["cannot_tell"] == total:
        key, counts = "lead_open", {}
    first = _say(language, key, n=total, some=counted(some, language), count=counted(total, language))
    rest = [_counted(f"lead_{state}", n, language) for state, n in counts.items() if n]
    parts = [first, f"{listed(rest, language)}." if rest else "", _without(rulings, language)]
    return " ".join(_begun(part) for part in parts if part)


def _without(rulings: Sequence[Ruling], language: str) -> str:
    """Return how many claims have no number; empty where all have one."""
    n = sum(not r.estimated for r in rulings)
    if n in (0, len(rulings)):
        return _say(language, "lead_all_missing") if n else ""
    return _counted("lead_missing", n, language)


def _counted(key: str, n: int, language: str) -> str:
    return _say(language, key, n=n, count=counted(n, language))


def _begun(text: str) -> str:
    """Return a sentence with its first letter as a capital, also where it is bold."""
    at = 2 if text.startswith("**") else 0
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]


def simulation(study: Study, rulings: Sequence[Ruling], language: str) -> str:
    """Return what the combined programme would change; empty where that was not simulated."""
    found = next((r for r in rulings if r.words == "together" and r.estimated), None)
    if found is None:
        return ""
    scenario = study.settings.policy.scenarios.get(SCENARIO)
    name = scenario.label[language] if scenario else _say(language, "programme")
    told = {"difference": difference(found, language), "likely": likely(found, language)}
    texts = [_say(language, "simulated", name=name, **told)]
    if found.finding.claim == "association":
        texts.append(_say(language, "simulated_association"))
    if scenario:
        texts.append(_say(language, "parts", steps=steps(scenario, language)))
    return " ".join(texts)


def summary(study: Study, rulings: Sequence[Ruling], language: str) -> str:
    """Return the brief in a few sentences, for the page of the other language."""
    decided = [r for r in rulings if r.judgement in DECIDED and r.words != "together"]
    told = [evidence(study, r, language).replace("**", "") for r in decided[:TOLD]]
    return " ".join([lead(rulings, language).replace("**", ""), *told])


def _say(language: str, key: str, **values: object) -> str:
    return say(language, f"brief.{key}", **values)
