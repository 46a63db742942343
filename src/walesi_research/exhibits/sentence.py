"""Sentences: what a page says in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from walesi_research.exhibits.exhibit import wrapped
from walesi_research.exhibits.text import bold, clean

__all__ = ["Sentence"]

_ANSWER = re.compile(r"[^.,;:!?]{1,24}[.,;:!?](?=\s|$)|\S+")
Role = Literal["lead", "range", "plain", "note"]
_ROLES = ("lead", "range", "plain", "note")


@dataclass(frozen=True)
class Sentence:
    """One paragraph in one language.

    Parameters
    ----------
    text : str
        Plain text; ``**words**`` are set in bold and everything else is escaped.
    role : {"lead", "range", "plain", "note"}
        ``lead`` answers the page's question, its first word (or first few, up to a stop) in bold;
        ``range`` says how sure that is; ``note`` says why something is not shown or cannot be estimated.

    Raises
    ------
    ValueError
        If the text is empty or the role unknown.
    """

    text: str
    role: Role = "plain"

    def __post_init__(self) -> None:
        if self.role not in _ROLES:
            raise ValueError(f"no role {self.role!r}; there are {', '.join(_ROLES)}")
        if not clean(self.text).strip():
            raise ValueError("a sentence needs words")

    @property
    def kind(self) -> str:
        """The role."""
        return self.role

    @property
    def alt(self) -> str:
        """The words without their markup."""
        return clean(self.text).replace("**", "")

    def html(self) -> str:
        """Return the paragraph."""
        text = _answer_first(self.text.strip()) if self.role == "lead" else self.text
        mark = "" if self.role == "plain" else f' class="{self.role}"'
        return f"<p{mark}>{bold(text)}</p>"

    def _repr_html_(self) -> str:
        return wrapped(self)


def _answer_first(text: str) -> str:
    if text.startswith("**"):
        return text
    answer = _ANSWER.match(text).group()
    return text if "**" in answer else f"**{answer}**{text[len(answer) :]}"
