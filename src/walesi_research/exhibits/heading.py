"""Headings that state a finding: computed, for nobody can type them before the data are seen."""

from __future__ import annotations

from dataclasses import dataclass

from walesi_research.exhibits.exhibit import wrapped
from walesi_research.exhibits.text import clean, safe

__all__ = ["Heading"]


@dataclass(frozen=True)
class Heading:
    """The heading of a section in one language.

    Parameters
    ----------
    text : str
        Plain text, escaped; no full stop at its end.

    Raises
    ------
    ValueError
        If the text is empty.
    """

    text: str
    kind = "heading"

    def __post_init__(self) -> None:
        if not clean(self.text).strip():
            raise ValueError("a heading needs words")

    @property
    def alt(self) -> str:
        """The words."""
        return clean(self.text)

    def html(self) -> str:
        """Return the heading, one level below the page's title."""
        return f"<h2>{safe(self.text)}</h2>"

    def _repr_html_(self) -> str:
        return wrapped(self)
