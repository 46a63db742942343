"""A run's site: an index in each language and a page a notebook, complete and without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from markupsafe import Markup
from nbformat import NotebookNode

from walesi_research.exhibits.text import bold
from walesi_research.findings import Finding, dumps_findings
from walesi_research.language import LANGUAGES, say
from walesi_research.publish.brief import is_brief
from walesi_research.publish.facts import StudyFacts
from walesi_research.publish.guide import GUIDES, Guide, guides
from walesi_research.publish.page import Entry, common_values, home, page_values, render_page
from walesi_research.publish.parts import Parts, take_apart
from walesi_research.publish.pdf import picture, write_beside
from walesi_research.publish.rendering import render
from walesi_research.publish.simulator import write_simulators
from walesi_research.publish.styles import sheet

__all__ = ["build_site"]


def build_site(
    executed: Mapping[str, NotebookNode],
    findings: Sequence[Finding],
    facts: StudyFacts,
    destination: Path,
) -> Path:
    """Write the pages of a run, in every language.

    The first language's index is ``index.html``, the others' ``<language>/index.html``; pages are
    ``<language>/<notebook>.html``, each drawing and the brief's PDF beside its page. Links are relative and
    hold when files are opened from a folder.

    Parameters
    ----------
    executed : mapping of str to NotebookNode
        Executed notebooks by name, such as ``03_appraisal``.
    findings : sequence of Finding
        All findings of the run; each page links its own, ``findings/<notebook>.json``.
    facts : StudyFacts
        What readers are told of the study and the run.
    destination : Path
        Folder to write to; made if missing. ``findings.json`` and ``manifest.json`` are linked
        from the index and written there by the run.

    Returns
    -------
    Path
        The index of the first language.
    """
    apart = {code: {n: take_apart(executed[n], code, n) for n in sorted(executed)} for code in LANGUAGES}
    for language, parts in apart.items():
        entries = _entries(parts, facts, language)
        (destination / language).mkdir(parents=True, exist_ok=True)
        for entry in entries:
            if not entry.failure:
                others = {code: apart[code][entry.name] for code in LANGUAGES if code != language}
                values = page_values(parts[entry.name], others, facts, language, entry, entries, findings)
                html = render_page(executed[entry.name], values)
                file = destination / language / f"{entry.name}.html"
                file.write_text(write_beside(html, file) if entry.brief else html, encoding="utf-8")
                _write_drawings(parts[entry.name], destination / language, entry.name)
                write_simulators(parts[entry.name].simulators, entry, facts, language, destination / language)
        for guide in guides(facts, language):
            html = _render_guide(guide, facts, language)
            (destination / language / f"{guide.name}.html").write_text(html, encoding="utf-8")
        index = _render_index(entries, findings, facts, language)
        _index_path(destination, language).write_text(index, encoding="utf-8")
    _write_findings(executed, findings, destination / "findings")
    return _index_path(destination, LANGUAGES[0])


def _write_drawings(parts: Parts, folder: Path, name: str) -> None:
    """Write each figure's drawing beside the page, which links it, and as a picture."""
    for download in parts.downloads:
        if download.drawing:
            file = folder / f"{name}-{download.number}.svg"
            file.write_text(download.drawing, encoding="utf-8")
            file.with_suffix(".png").write_bytes(picture(download.drawing))


def _write_findings(executed: Mapping[str, NotebookNode], findings: Sequence[Finding], folder: Path) -> None:
    """Write each page's own findings beside the pages, which link them."""
    for name in executed:
        if mine := [f for f in findings if f.notebook == name]:
            folder.mkdir(exist_ok=True)
            (folder / f"{name}.json").write_text(dumps_findings(mine), encoding="utf-8")


def _index_path(destination: Path, language: str) -> Path:
    return (destination if language == LANGUAGES[0] else destination / language) / "index.html"


def _entries(parts: Mapping[str, Parts], facts: StudyFacts, language: str) -> list[Entry]:
    entries = []
    for number, name in enumerate(sorted({*parts, *facts.failures}), start=1):
        if name in facts.failures:
            failure = facts.failures[name]
            told = [say(language, f"page.{failure.kind}{form}") for form in ("", "_short")]
            entries.append(Entry(number, name, failure.title[language], Markup(), *told))
        else:
            told = parts[name].title or name, parts[name].answer
            entries.append(Entry(number, name, *told, brief=is_brief(parts[name])))
    return entries


def _render_index(
    entries: Sequence[Entry], findings: Sequence[Finding], facts: StudyFacts, language: str
) -> str:
    first, others = language == LANGUAGES[0], [code for code in LANGUAGES if code != language]
    published = sum(not entry.failure for entry in entries)
    values = common_values(facts, language) | {
        "entries": entries,
        "brief": next((e for e in entries if e.brief), None),
        "published": published,
        "findings": len(findings),
        "about": list(_about(facts, language)),
        "limits": list(_limits(facts, language)),
        "home": "index.html",
        "folder": f"{language}/" if first else "",
        "up": "" if first else "../",
        "switch": {code: f"{code}/index.html" if first else "../index.html" for code in others},
        "description": say(language, "page.index_lead", n=published),
        "guides": [(name, say(language, f"guide.{name}_title")) for name in GUIDES],
    }
    return render("index.html.j2", values)


def _render_guide(guide: Guide, facts: StudyFacts, language: str) -> str:
    common = common_values(facts, language)
    values = common | {
        "style": Markup(f"{common['style']}\n{sheet('reading')}"),
        "guide": guide,
        "home": home(language),
        "switch": {code: f"../{code}/{guide.name}.html" for code in LANGUAGES if code != language},
        "description": guide.lead,
    }
    return render("guide.html.j2", values)


def _about(facts: StudyFacts, language: str) -> Iterator[Markup]:
    """Say for whom the report is, what for, and how it is read."""
    use = "use_synthetic" if facts.synthetic else "use"
    for key in ("for", use, "read"):
        yield bold(say(language, f"page.index_{key}"))


def _limits(facts: StudyFacts, language: str) -> Iterator[str]:
    for table in facts.missing:
        yield say(language, "page.missing_table", table=say(language, f"page.table_{table}"))
    unread = sum(facts.unread.values())
    if unread:
        yield say(language, "page.unread", n=unread)
