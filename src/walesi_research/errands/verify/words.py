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
    published, found = _short(check.published, language), _short(check.found, language)
    if published == found:
        published, found = (f"{published}, {part}" for part in check.apart(language))
    return say(
        language, "verify.line_differs", id=check.id, reasons=reasons, published=published, found=found
    )


def _short(finding: Finding, language: str) -> str:
    if finding.status != "estimated":
        return say(language, f"verify.status_{finding.status}")
    return number(finding.estimate, language, 4)
