"""Questions asked of a study, each once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from walesi_research.errands.export.chapters import TAKEN

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Interview"]


class Interview:
    """Answers of a study, asked for when they are needed and kept.

    Parameters
    ----------
    study : Study
    find : callable
        Returns a question's function by its name, ``measurement.validity``.
    parameters : mapping of str to object
        ``level``, ``draws``, ``pls``: a question is given those that it takes.
    """

    def __init__(
        self, study: Study, find: Callable[[str], Callable[..., Any]], parameters: Mapping[str, Any]
    ) -> None:
        self.study, self.find, self.parameters = study, find, dict(parameters)
        self._answers: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return the answer to the question `name`."""
        if name not in self._answers:
            question = self.find(name)
            self._answers[name] = question(self.study, **self._given(name, question))
        return self._answers[name]

    def _given(self, name: str, question: Callable[..., Any]) -> dict[str, Any]:
        common = {
            n: self.parameters[n] for n in ("level", "draws") if n in inspect.signature(question).parameters
        }
        own = TAKEN.get(name, {})
        return common | {n: self[s] if "." in s else self.parameters[s] for n, s in own.items()}
