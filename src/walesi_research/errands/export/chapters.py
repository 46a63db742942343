"""What a customary 'Bab IV' shows, in its customary order, and which question each table comes from."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SECTIONS", "TAKEN", "Entry", "Section"]


@dataclass(frozen=True)
class Entry:
    """Tables that one question makes.

    Parameters
    ----------
    question : str
        Room and function: ``measurement.validity``.
    table : str
        The result's method that returns them.
    caption : str
        Key of a caption in place of the question's own, where that speaks of its page.
    note : str
        Key of what the customary set lacks: an interval, an effect size, what to use instead.
    graded : bool
        Whether means of items get their customary category beside them.
    most : int or None
        How many of the tables are taken, the first of them; None takes all.
    """

    question: str
    table: str = "table"
    caption: str = ""
    note: str = ""
    graded: bool = False
    most: int | None = None


@dataclass(frozen=True)
class Section:
    """A heading, ``export.section_<name>``, and what stands under it.

    Parameters
    ----------
    name : str
    entries : tuple of Entry
    asked : str
        Name of the parameter that must be true for the section to appear.
    """

    name: str
    entries: tuple[Entry, ...]
    asked: str = ""


SECTIONS = (
    Section("respondents", (Entry("data.profile", note="rounded"), Entry("data.missing"))),
    Section("items", (Entry("measurement.items", graded=True, note="category"),)),
    Section("validity", (Entry("measurement.validity", caption="validity", note="validity"),)),
    Section("reliability", (Entry("measurement.reliability", note="reliability"),)),
    Section("assumptions", (Entry("performance.classical", "checks", note="assumptions"),)),
    Section(
        "regression",
        (
            Entry("performance.classical", note="regression"),
            Entry("performance.joint", caption="joint", note="joint"),
        ),
    ),
    Section(
        "paths",
        (
            Entry("pathways.pathways", "paths"),
            Entry("pathways.pathways", note="paths"),
            Entry("pathways.pathways", "ways", note="ways"),
            Entry("pathways.mediation", note="mediation"),
        ),
    ),
    Section(
        "pls",
        (
            Entry("pathways.pls", "outer", note="outer"),
            Entry("pathways.pls", "distinct", note="distinct"),
            Entry("pathways.pls", "paths", note="pls"),
            Entry("pathways.pls", "map"),
        ),
        asked="pls",
    ),
    Section(
        "appraisal",
        (
            Entry("appraisal.distribution", note="distribution", most=1),
            Entry("appraisal.scores", caption="scores", note="scores"),
            Entry("appraisal.raters"),
            Entry("appraisal.counterfactual"),
        ),
    ),
    Section(
        "training",
        (
            Entry("training.norm", note="norm"),
            Entry("training.programmes"),
            Entry("training.hours", note="hours"),
            Entry("training.leadership", note="leadership"),
        ),
    ),
    Section(
        "service",
        (
            Entry("performance.service", note="service"),
            Entry("performance.service_slope", caption="service_slope", note="service_slope"),
            Entry("performance.citizens", caption="citizens"),
        ),
    ),
)
"""The customary order: respondents, items, validity, reliability, assumptions, regression, paths, PLS; then
what this study adds to it."""

TAKEN = {
    "pathways.mediation": {"answer": "pathways.pathways"},
    "pathways.pls": {"asked": "pls"},
}
"""What questions take besides ``level`` and ``draws``: another question's answer, or a parameter."""
