"""What the terminal says of a verification."""

from __future__ import annotations

from collections.abc import Iterator

from walesi_research.errands.verify.compare import Check, Verification
from walesi_research.findings import Finding
from walesi_research.language import number, say

__all__ = ["told"]


def told(verification: Verification, language: str) -> str:
    """Return in a few lines what differs, what it was made of, and how many agree."""
    return "\n".join(_lines(verification, language))


def _lines(v: Verification, language: str) -> Iterator[str]:
    for check in v.checks:
        if check.verdict in ("differs", "missing"):
            yield _line(check, language)
    if v.changes:
        changes = "; ".join(message.in_(language) for message in v.changes)
        yield say(language, "verify.line_changes", changes=changes)
    if v.counts["new"]:
        yield say(language, "verify.line_new", n=v.counts["new"])
    key = "lead_all" if v.agreed else "lead_some" if v.counts["agrees"] else "lead_none"
    lead = say(language, f"verify.{key}", agreed=v.counts["agrees"], published=v.published)
    yield lead.replace("**", "")
    if v.agreed and not v.ok:
        yield say(language, f"verify.lead_{'untold' if v.told == 'nothing' else 'other'}")


def _line(check: Check, language: str) -> str:
    reasons = "; ".join(message.in_(language) for message in check.reasons)
    if check.found is None:
        return say(language, "verify.line_missing", id=check.id, reasons=reasons)
    values = dict(zip(("published", "found"), _apart(check, language), strict=True))
    return say(language, "verify.line_differs", id=check.id, reasons=reasons, **values)


def _apart(check: Check, language: str) -> tuple[str, str]:
    """Return both in words; where their estimates read the same, with the part that does not."""
    published, found = _short(check.published, language), _short(check.found, language)
    if published != found:
        return published, found
    for name in ("low", "high", "se", "p", "n", "estimate"):
        pair = [getattr(finding, name) for finding in (check.published, check.found)]
        if None not in pair and pair[0] != pair[1]:
            digits = next((d for d in (4, 6, 8) if round(pair[0], d) != round(pair[1], d)), 12)
            first, second = (f"{name} {number(value, language, digits)}" for value in pair)
            return f"{published}, {first}", f"{found}, {second}"
    return published, found


def _short(finding: Finding, language: str) -> str:
    if finding.status != "estimated":
        return say(language, f"verify.status_{finding.status}")
    return number(finding.estimate, language, 4)
