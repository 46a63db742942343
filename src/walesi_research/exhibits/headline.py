"""What a brief says first, and what it tells readers of the other language."""

from __future__ import annotations

from dataclasses import dataclass

from walesi_research.exhibits.exhibit import wrapped
from walesi_research.exhibits.text import clean, safe

__all__ = ["Headline", "Summary"]


@dataclass(frozen=True)
class Headline:
    """The finding as the title of a page.

    Raises
    ------
    ValueError
        If the text is empty.
    """

    text: str
    kind = "headline"

    def __post_init__(self) -> None:
        if not clean(self.text).strip():
            raise ValueError("a headline needs words")

    @property
    def alt(self) -> str:
        """The words."""
        return clean(self.text)

    def html(self) -> str:
        """Return the words; the page sets them as its title."""
        return f"<b>{safe(self.text)}</b>"

    def _repr_html_(self) -> str:
        return wrapped(self)


@dataclass(frozen=True)
class Summary:
    """The page in a few sentences, shown on the page of the other language."""

    text: str
    kind = "summary"

    @property
    def alt(self) -> str:
        """The words."""
        return clean(self.text)

    def html(self) -> str:
        """Return one paragraph."""
        return f"<p>{safe(self.text)}</p>"

    def _repr_html_(self) -> str:
        return wrapped(self)
