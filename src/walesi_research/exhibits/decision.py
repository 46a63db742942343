"""What can be decided now: what, why, who, when, and which claim it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from walesi_research.exhibits.exhibit import wrapped
from walesi_research.exhibits.text import clean, safe

__all__ = ["Decision", "Decisions"]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision in one language.

    Parameters
    ----------
    what : str
        The decision, as an order.
    why : str
        How, or why, in a sentence.
    about : str
        Who, when, and the claims it rests on.
    """

    what: str
    why: str
    about: str

    def html(self) -> str:
        """Return the decision as an item of a list."""
        about = f'<span class="mute">{safe(self.about)}</span>'
        return f"<li><h3>{safe(self.what)}</h3><p>{safe(self.why)} {about}</p></li>"


@dataclass(frozen=True)
class Decisions:
    """Decisions in the order of how well they are founded.

    Raises
    ------
    ValueError
        If there is none.
    """

    items: Sequence[Decision]
    kind = "decisions"

    def __post_init__(self) -> None:
        if not self.items:
            raise ValueError("a list of decisions needs decisions")

    @property
    def alt(self) -> str:
        """Each decision on a line."""
        return "\n".join(clean(f"{d.what}. {d.why} {d.about}") for d in self.items)

    def html(self) -> str:
        """Return the list."""
        return f'<ol class="decide">{"".join(item.html() for item in self.items)}</ol>'

    def _repr_html_(self) -> str:
        return wrapped(self)
