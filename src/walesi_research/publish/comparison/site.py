"""The pages of a comparison of places, and all their findings in one table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from walesi_research.exhibits.figure import csv_text
from walesi_research.exhibits.text import bold, safe
from walesi_research.language import LANGUAGES, say
from walesi_research.publish.comparison.blocks import MOST, answer, forest, title, told_apart
from walesi_research.publish.comparison.compare import Claim, Comparison, compare
from walesi_research.publish.comparison.places import Place, guarded, withheld
from walesi_research.publish.facts import StudyFacts
from walesi_research.publish.page import common_values, home
from walesi_research.publish.rendering import render

__all__ = ["build_comparison"]

FIELDS = (
    "estimate",
    "se",
    "low",
    "high",
    "level",
    "p",
    "p_adjusted",
    "unit",
    "n",
    "groups",
    "claim",
    "status",
)
TOLD = ("reason", "notebook", "method")


def build_comparison(
    places: Sequence[Place], claims: Sequence[Claim], version: str, created: dt.date, destination: Path
) -> frozenset[str]:
    """Write what several places say together: an index, a page a claim, ``findings.csv``.

    Parameters
    ----------
    places : sequence of Place
    claims : sequence of Claim
        Whose findings are compared.
    version : str
        Version of the toolkit.
    created : datetime.date
        Day of the sweep.
    destination : Path
        Folder to write to; made if missing.

    Returns
    -------
    frozenset of str
        Names of places of which a number is hidden for another's sake: their own pages must not go out.
    """
    places = guarded(places)
    comparisons = [compare(claim, places, len(claims)) for claim in claims]
    for language in LANGUAGES:
        common = _common(places, version, created, language)
        (destination / language).mkdir(parents=True, exist_ok=True)
        index = destination / ("index.html" if language == LANGUAGES[0] else f"{language}/index.html")
        index.write_text(_index(common, places, comparisons, language), encoding="utf-8")
        for comparison in comparisons:
            if comparison.shown:
                file = destination / language / f"{comparison.claim.name}.html"
                file.write_text(_claim(common, comparison, language), encoding="utf-8")
    (destination / "findings.csv").write_text(_long(places, comparisons), encoding="utf-8", newline="\n")
    return withheld(places)


def _common(places: Sequence[Place], version: str, created: dt.date, language: str) -> dict[str, Any]:
    heads = {code: say(code, "sweep.title", n=len(places)) for code in LANGUAGES}
    facts = StudyFacts(
        id="sweep", title=heads, synthetic=any(p.synthetic for p in places), seed=0, version=version,
        created=created, minimum_cell=max((p.minimum for p in places), default=5),
    )  # fmt: skip
    told = {"told": lambda key, **given: say(language, f"sweep.{key}", **given)}
    return common_values(facts, language) | told


def _index(
    common: dict[str, Any], places: Sequence[Place], comparisons: Sequence[Comparison], language: str
) -> str:
    first = language == LANGUAGES[0]
    folder = f"{language}/" if first else ""
    entries = [
        (title(c, language), f"{folder}{c.claim.name}.html" if c.shown else "", answer(c, language))
        for c in comparisons
    ]
    values = common | {
        "head": common["site"],
        "lead": bold(_lead(comparisons, language)),
        "entries": entries,
        "limits": _limits(places, language),
        "home": "index.html",
        "up": "" if first else "../",
        "switch": {c: f"{c}/index.html" if first else "../index.html" for c in LANGUAGES if c != language},
        "description": common["site"],
    }
    return render("comparison.html.j2", values)


def _claim(common: dict[str, Any], comparison: Comparison, language: str) -> str:
    name, many = comparison.claim.name, len(comparison.places) > MOST
    values = common | {
        "head": title(comparison, language),
        "lead": answer(comparison, language),
        "forest": forest(comparison, language),
        "limits": [safe(say(language, "sweep.many", n=MOST))] if many else [],
        "home": home(language),
        "up": "../",
        "switch": {c: f"../{c}/{name}.html" for c in LANGUAGES if c != language},
        "description": title(comparison, language),
    }
    return render("comparison.html.j2", values)


def _lead(comparisons: Sequence[Comparison], language: str) -> str:
    """Answer the page's question: on how many claims the places can be told apart."""
    several = [c for c in comparisons if c.ranks is not None]
    if not several:
        return say(language, "sweep.lead_none")
    apart = sum(told_apart(c) > 0 for c in several)
    return say(language, "sweep.lead" if apart else "sweep.lead_same", n=apart, claims=len(several))


def _limits(places: Sequence[Place], language: str) -> list[Markup]:
    """Say which places have no number at all or only some."""
    told = []
    for state in ("failed", "partly"):
        names = [p.title[language] for p in places if p.state == state]
        if names:
            listed = ", ".join(names[:MOST]) + (" …" if len(names) > MOST else "")
            told.append(safe(say(language, f"sweep.places_{state}", n=len(names), names=listed)))
    if few := sum(p.state == "few" for p in places):
        told.append(safe(say(language, "sweep.places_few", n=few)))
    return told


def _long(places: Sequence[Place], comparisons: Sequence[Comparison]) -> str:
    """Return all places' findings, a row each, as CSV."""
    import pandas as pd

    by_finding = {c.claim.finding: c for c in comparisons}
    extra = ["shrunken", "shrunken_low", "shrunken_high", "rank_best", "rank_worst"]
    rows = []
    for place in places:
        for i in sorted(place.findings):
            record, c = place.findings[i].as_record(), by_finding.get(i)
            more = [None] * 5
            if c is not None:
                towards, rank = c.drawn_towards(place.name), c.rank(place.name)
                more = [*(towards or (None,) * 3), *(rank or (None,) * 2)]
            rows.append([place.name, i, *(record[f] for f in FIELDS), *more, *(record[f] for f in TOLD)])
    frame = pd.DataFrame(rows, columns=["place", "id", *FIELDS, *extra, *TOLD])
    counts = dict.fromkeys(["n", "groups", "rank_best", "rank_worst"], "Int64")
    return csv_text(frame.astype(counts))
