"""The page that puts findings beside published ones, and its badge."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from markupsafe import Markup

from walesi_research.exhibits import Cell, Column, Gap, Group, Table
from walesi_research.exhibits.text import bold, safe
from walesi_research.findings import Finding
from walesi_research.language import LANGUAGES, Message, number, say
from walesi_research.language.numbers import interval
from walesi_research.publish.facts import StudyFacts
from walesi_research.publish.guide import Guide
from walesi_research.publish.page import common_values, home
from walesi_research.publish.rendering import render

__all__ = ["NAME", "build_verification"]

NAME = "verification"
"""The page's file name without ending."""
_BADGE = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img"
aria-label="{text}"><title>{text}</title><rect width="{left}" height="20" fill="#3b4650"/>
<rect x="{left}" width="{right}" height="20" fill="{colour}"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"><text x="6" y="14">{head}</text>
<text x="{at}" y="14">{told}</text></g></svg>
"""
_LETTER = 7
"""Width of a letter of the badge, generously."""
GREEN, AMBER, RED = "#1b6e3c", "#8a5a00", "#a32020"


class Check(Protocol):
    """What the page asks of one finding beside the published one."""

    id: str
    notebook: str
    verdict: str
    published: Finding | None
    found: Finding | None
    reasons: Sequence[Message]

    def apart(self, language: str) -> tuple[str, str]: ...


class Verification(Protocol):
    """What the page asks of a run beside what was published."""

    checks: Sequence[Check]
    changes: Sequence[Message]
    counts: Mapping[str, int]
    published: int
    agreed: bool
    ok: bool
    told: str
    version: str


def build_verification(verification: Verification, facts: StudyFacts, destination: Path) -> None:
    """Write ``<language>/verification.html``, ``badge-<language>.svg`` and ``verification.json``.

    Parameters
    ----------
    verification : Verification
    facts : StudyFacts
    destination : Path
        Folder of the run's pages.
    """
    for language in LANGUAGES:
        (destination / language).mkdir(parents=True, exist_ok=True)
        page = destination / language / f"{NAME}.html"
        page.write_text(_page(verification, facts, language), encoding="utf-8")
        badge = destination / f"badge-{language}.svg"
        badge.write_text(_badge(verification, language), encoding="utf-8", newline="\n")
    text = json.dumps(_record(verification), ensure_ascii=False, indent=1) + "\n"
    (destination / f"{NAME}.json").write_text(text, encoding="utf-8", newline="\n")


def _say(language: str, key: str, **values: object) -> str:
    return say(language, f"verify.{key}", **values)


def _page(verification: Verification, facts: StudyFacts, language: str) -> str:
    guide = Guide(
        NAME,
        _say(language, "title"),
        bold(_lead(verification, language)),
        tuple(_blocks(verification, language)),
    )
    values = common_values(facts, language) | {
        "guide": guide,
        "home": home(language),
        "switch": {code: f"../{code}/{NAME}.html" for code in LANGUAGES if code != language},
        "description": _say(language, "title"),
    }
    return render("guide.html.j2", values)


def _lead(v: Verification, language: str) -> str:
    key = "lead_all" if v.agreed else "lead_some" if v.counts.get("agrees") else "lead_none"
    told = _say(language, key, agreed=v.counts.get("agrees", 0), published=v.published)
    but = "lead_untold" if v.told == "nothing" else "lead_other"
    return told if v.ok or not v.agreed else f"{told} {_say(language, but)}"


def _blocks(v: Verification, language: str) -> Iterator[Markup]:
    others = [check for check in v.checks if check.verdict in ("differs", "missing")]
    if others:
        yield _heading(_say(language, "differing"))
        rows = [row for check in others for row in _rows(check, language)]
        yield _table(("finding", "published", "found"), rows, language)
    yield _heading(_say(language, "made_of"))
    if v.changes:
        told = [message.in_(language) for message in v.changes]
        told += [_say(language, "modules_not_told")] if v.told == "most" else []
        items = "".join(f"<li>{safe(_capital(text))}</li>" for text in told)
        yield Markup(f"<ul>{items}</ul>")
    else:
        yield Markup(f"<p>{safe(_say(language, f'made_of_{v.told}'))}</p>")
    agreed = [check for check in v.checks if check.verdict == "agrees"]
    if agreed:
        rows = [[_breakable(check.id), _told(check.found, language)] for check in agreed]
        inner = _table(("finding", "found"), rows, language)
        yield _details(_say(language, "agreeing", n=len(agreed)), inner)
    if new := [check.id for check in v.checks if check.verdict == "new"]:
        yield _details(_say(language, "new", n=len(new)), Markup(f"<p>{safe(', '.join(new))}</p>"))
    method = Markup(f"<p>{safe(_say(language, 'method'))}</p>")
    yield _details(_say(language, "method_title"), method)
    links = f'<li><a href="../{NAME}.json">{safe(_say(language, "record"))}<span>JSON</span></a></li>'
    links += f'<li><a href="../badge-{language}.svg">{safe(_say(language, "badge"))}<span>SVG</span></a></li>'
    yield Markup(f'<ul class="files noprint">{links}</ul>')


def _heading(text: str) -> Markup:
    return Markup(f"<h2>{safe(text)}</h2>")


def _details(summary: str, inner: Markup) -> Markup:
    return Markup(f"<details><summary>{safe(summary)}</summary>{inner}</details>")


def _table(columns: Sequence[str], rows: Sequence[Any], language: str) -> Markup:
    heads = [Column(_say(language, f"column_{name}"), numeric=name != "finding") for name in columns]
    return Markup(Table(heads, rows, _say(language, "caption"), language).html())


def _rows(check: Check, language: str) -> Iterator[Any]:
    """Yield a finding's two values, then in a line of its own what may be the reason."""
    if check.found is None:
        yield Gap(_breakable(check.id), _say(language, "missing"))
    else:
        published, found = _told(check.published, language), _told(check.found, language)
        if published == found:
            published, found = (Cell(published.text, part) for part in check.apart(language))
        yield [_breakable(check.id), published, found]
    yield Group(_say(language, "reason"), "; ".join(message.in_(language) for message in check.reasons))


def _breakable(name: str) -> Markup:
    """Return the id of a finding that a narrow screen may break after a dot or a low line."""
    return Markup(re.sub(r"([._])", r"\1<wbr>", str(safe(name))))


def _told(finding: Finding, language: str) -> Cell:
    """Return the estimate, its interval below."""
    if finding.status != "estimated":
        return Cell(_say(language, f"status_{finding.status}"))
    told = number(finding.estimate, language, 3)
    if finding.low is None or finding.low == finding.high:
        return Cell(told)
    return Cell(told, interval(finding.low, finding.high, language, 3))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _badge(v: Verification, language: str) -> str:
    told = _say(language, "badge_told", agreed=v.counts.get("agrees", 0), published=v.published)
    head, colour = _say(language, "badge_head"), GREEN if v.ok else AMBER if v.agreed else RED
    left, right = (_LETTER * len(text) + 12 for text in (head, told))
    return _BADGE.format(
        text=safe(f"{head}: {told}"), head=safe(head), told=safe(told), left=left, right=right,
        width=left + right, at=left + 6, colour=colour,
    )  # fmt: skip


def _record(v: Verification) -> dict[str, Any]:
    return {
        "ok": v.ok,
        "told": v.told,
        "published_by": v.version,
        "counts": {name: v.counts.get(name, 0) for name in ("agrees", "differs", "missing", "new")},
        "changes": [message.in_("en") for message in v.changes],
        "findings": [
            {
                "id": check.id,
                "verdict": check.verdict,
                "published": check.published and check.published.estimate,
                "found": check.found and check.found.estimate,
                "reasons": [message.in_("en") for message in check.reasons],
            }
            for check in v.checks
        ],
    }
