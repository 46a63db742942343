"""What the brief's page says, as plain data for paper: the same words, in the same order."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

from walesi_research.exhibits.verdict import SHADES
from walesi_research.language import say
from walesi_research.publish.pdf.drawing import drawing
from walesi_research.publish.pdf.tree import classes, first, of_class, page_tree, runs, words

__all__ = ["content", "is_brief_page"]

_MAIN = 'class="wrap brief"'
_ELSEWHERE = {"head", "cols", "ends", "other"}
"""What is told apart from the body, or, as the names of columns, has no place on paper."""


def is_brief_page(html: str) -> bool:
    """Tell whether a page is a brief's."""
    return _MAIN in html


def content(html: str) -> dict[str, Any]:
    """Return what a brief's page says, without any markup.

    Parameters
    ----------
    html : str
        The page as the site has it.

    Returns
    -------
    dict
        Strings, lists and dicts only. Words that are set in more than one way are lists of
        `tree.Run`; drawings are `drawing.Drawing`.

    Raises
    ------
    ValueError
        If it is not the page of a brief as the site writes it.
    """
    if not is_brief_page(html):
        raise ValueError("not the page of a brief")
    try:
        return _content(page_tree(html))
    except (ET.ParseError, AttributeError, LookupError, StopIteration, RuntimeError) as error:
        raise ValueError("not the page of a brief as it was written") from error


def _content(page: ET.Element) -> dict[str, Any]:
    main = first(page, "brief")
    language = page.get("lang")
    return {
        "language": language,
        "title": words(main.find(".//h1")),
        "study": words(first(page, "site")),
        "label": _words_if(first(page, "banner")),
        "sheet": say(language, "page.sheet").split("#"),
        "head": [_paragraph(p) for p in first(main, "head").findall("p")],
        "body": list(_body(main)),
        "ends": [_end(section) for section in first(main, "ends").findall("section")],
        "others": [_other(section) for section in of_class(main, "other")],
        "foot": words(first(page, "foot")),
    }


def _words_if(element: ET.Element | None) -> str:
    return "" if element is None else words(element)


def _paragraph(element: ET.Element) -> dict[str, Any]:
    return {"kind": next(iter(classes(element)), ""), "runs": runs(element)}


def _body(main: ET.Element) -> Iterator[dict[str, Any]]:
    for element in main:
        kinds = classes(element)
        if element.tag == "h2":
            yield {"kind": "heading", "text": words(element)}
        elif "decide" in kinds:
            yield {"kind": "decisions", "items": [_decision(item) for item in element]}
        elif "read" in kinds:
            yield _reading(element)
        elif "tally" in kinds:
            yield {"kind": "tally", "items": [_verdict(item) for item in element]}
        elif "claims" in kinds:
            yield {"kind": "claims", "items": [_claim(item) for item in element]}
        elif not kinds & _ELSEWHERE:
            yield {"kind": "paragraph", "runs": runs(element)}


def _decision(item: ET.Element) -> dict[str, Any]:
    paragraph = item.find("p")
    about = first(paragraph, "mute")
    return {"what": words(item.find("h3")), "why": (paragraph.text or "").strip(), "about": words(about)}


def _reading(element: ET.Element) -> dict[str, Any]:
    names, told = element.findall("dl/dt"), element.findall("dl/dd")
    rows = [{"drawing": drawing(dt), "runs": runs(dd)} for dt, dd in zip(names, told, strict=True)]
    return {"kind": "reading", "drawing": drawing(element.find("figure")), "items": rows}


def _verdict(element: ET.Element) -> dict[str, Any]:
    span = element.find("span")
    shade = next(shade for shade in SHADES.values() if shade in classes(element))
    word = (span.text or "").strip()
    return {"drawing": drawing(element), "shade": shade, "word": word, "note": _words_if(span.find("small"))}


def _claim(item: ET.Element) -> dict[str, Any]:
    heading, evidence = item.find("h3"), first(item, "ev")
    figure, base = evidence.find("figure"), first(evidence, "base")
    number = heading.find("span")
    return {
        "number": words(number),
        "title": (number.tail or "").strip(),
        "verdict": _verdict(first(item, "v")),
        "drawing": None if figure is None else drawing(figure),
        "evidence": runs(evidence.find("p")),
        "base": _words_if(base),
        "action": (first(item, "do").find("b").tail or "").strip(),
    }


def _end(section: ET.Element) -> dict[str, Any]:
    listed = [runs(item) for item in section.findall("ul/li")]
    return {
        "heading": words(section.find("h2")),
        "items": listed,
        "paragraphs": [runs(p) for p in section.findall("p")],
    }


def _other(section: ET.Element) -> dict[str, Any]:
    told = [words(p) for p in section.findall("p")]
    return {"language": section.get("lang"), "heading": words(section.find("h2")), "text": " ".join(told)}
