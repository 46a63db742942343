"""What a student is told of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from walesi_research.exhibits.exhibit import wrapped
from walesi_research.exhibits.text import bold, clean
from walesi_research.language import Message

__all__ = ["MARKS", "Reply", "State"]

State = Literal["right", "not_yet", "unanswered", "unavailable"]
MARKS: dict[State, str] = {"right": "✓", "not_yet": "✗", "unanswered": "…", "unavailable": "–"}


@dataclass(frozen=True)
class Reply:
    """Right, not yet, not answered, or not to be asked of this study; and why.

    Parameters
    ----------
    state : {"right", "not_yet", "unanswered", "unavailable"}
    language : {"id", "en"}
    told : tuple of Message
        Why, a sentence or two each.
    mistake : str, optional
        Name of the common mistake that the answer is.
    """

    kind: ClassVar[str] = "note"
    state: State
    language: str
    told: tuple[Message, ...]
    mistake: str | None = None

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.state == "right"

    @property
    def _text(self) -> str:
        verdict = Message.of(f"exercises.{self.state}").in_(self.language)
        return " ".join([f"**{MARKS[self.state]} {verdict}**", *(m.in_(self.language) for m in self.told)])

    @property
    def alt(self) -> str:
        """The words without their markup."""
        return clean(self._text).replace("**", "")

    def html(self) -> str:
        """Return the paragraph."""
        return f'<p data-state="{self.state}">{bold(self._text)}</p>'

    def _repr_html_(self) -> str:
        return wrapped(self)

    def __repr__(self) -> str:
        return self.alt
