"""A page of ours as a tree: its words and drawings taken back out of the HTML."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import TypedDict

__all__ = ["Run", "classes", "first", "of_class", "page_tree", "runs", "words"]

_LEFT_OUT = re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL)
_VOID = re.compile(r"<((?:meta|link|hr|br|img|input|col)\b[^>]*?)\s*/?>")
_HIDDEN = ("noprint", "skip")


class Run(TypedDict):
    """Words set in one way."""

    text: str
    bold: bool


def page_tree(html: str) -> ET.Element:
    """Return a page as a tree, without styles, scripts, and what is not for paper.

    Raises
    ------
    xml.etree.ElementTree.ParseError
        If tags are not closed in their turn; those of our pages are.
    """
    bare = _VOID.sub(r"<\1/>", _LEFT_OUT.sub("", html[html.index("<html") :]))
    tree = ET.fromstring(bare)
    for parent in list(tree.iter()):
        for child in [child for child in parent if classes(child) & set(_HIDDEN)]:
            parent.remove(child)
    return tree


def classes(element: ET.Element) -> set[str]:
    """Return an element's classes."""
    return set(element.get("class", "").split())


def of_class(element: ET.Element, name: str) -> Iterator[ET.Element]:
    """Yield what lies within an element and has a class, in order."""
    return (found for found in element.iter() if name in classes(found))


def first(element: ET.Element, name: str) -> ET.Element | None:
    """Return the first of a class within an element."""
    return next(of_class(element, name), None)


def words(element: ET.Element) -> str:
    """Return all words of an element on one line."""
    return _one_line("".join(element.itertext())).strip()


def runs(element: ET.Element) -> list[Run]:
    """Return the words of an element, bold ones apart."""
    found = [Run(text=_one_line(text), bold=bold) for text, bold in _pieces(element, False)]
    found = [run for run in found if run["text"]]
    if found:
        found[0]["text"], found[-1]["text"] = found[0]["text"].lstrip(), found[-1]["text"].rstrip()
    return found


def _pieces(element: ET.Element, bold: bool) -> Iterator[tuple[str, bool]]:
    bold = bold or element.tag in ("b", "strong")
    yield element.text or "", bold
    for child in element:
        yield from _pieces(child, bold)
        yield child.tail or "", bold


def _one_line(text: str) -> str:
    return re.sub("[ \n\t]+", " ", text)
