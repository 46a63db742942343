"""Parameters of notebooks: declared once, checked before anything runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from walesi_research.language import Message
from walesi_research.problems import Problem, UserError, nearest

__all__ = ["Parameter", "assignments", "resolve"]

Kind = Literal["int", "float", "bool", "text"]

_WORDS = {
    "true": True,
    "yes": True,
    "ya": True,
    "1": True,
    "false": False,
    "no": False,
    "tidak": False,
    "0": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a notebook.

    Parameters
    ----------
    name : str
        Name in the notebook's parameters cell and on the command line.
    kind : {"int", "float", "bool", "text"}
        Type of the value, or of each value where `many`.
    default : int, float, bool, str or tuple of them
        Value when nobody says otherwise; equal to the one in the parameters cell.
    low, high : float or None
        Smallest and largest value allowed.
    choices : tuple of str
        Words allowed; any where empty.
    many : bool
        Whether it is a list, separated by commas on the command line.
    injected : bool
        Set by the pipeline, not by users.
    """

    name: str
    kind: Kind
    default: Any
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    many: bool = False
    injected: bool = False

    @property
    def help_key(self) -> str:
        """Key of the sentence that explains the parameter."""
        return f"pipeline.parameter_{self.name}"

    @property
    def allowed(self) -> Message:
        """What a value may be, in words."""
        limits = {"choices": ", ".join(self.choices), "low": _plain(self.low), "high": _plain(self.high)}
        shape = "choices" if self.choices else self.kind if self.low is None else f"{self.kind}_range"
        one = Message.of(f"pipeline.allowed_{shape}", **limits)
        return Message.of("pipeline.allowed_many", one=one) if self.many else one

    def read(self, value: Any) -> Any:
        """Return `value`, as text from the command line or already typed, as the parameter's type.

        Raises
        ------
        ValueError
            If it is of another type or out of range.
        """
        if not self.many:
            return self._one(value)
        items = value.strip("[] ").split(",") if isinstance(value, str) else value
        return [self._one(item) for item in items if item != ""]

    def _one(self, value: Any) -> Any:
        read = _READERS[self.kind](value.strip() if isinstance(value, str) else value)
        if self.low is not None and not self.low <= read <= self.high:
            raise ValueError(f"{read} is not between {self.low} and {self.high}")
        if self.choices and read not in self.choices:
            raise ValueError(f"{read!r} is none of {self.choices}")
        return read


def _read_int(value: Any) -> int:
    if isinstance(value, bool) or (not isinstance(value, str) and value != int(value)):
        raise ValueError(f"{value!r} is not a whole number")
    return int(value)


def _read_float(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is not a number")
    number = float(value.replace(",", ".") if isinstance(value, str) else value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is not a finite number")
    return number


def _read_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).casefold() not in _WORDS:
        raise ValueError(f"{value!r} is neither yes nor no")
    return _WORDS[str(value).casefold()]


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text")
    return value


_READERS = {"int": _read_int, "float": _read_float, "bool": _read_bool, "text": _read_text}


def _plain(x: float | None) -> str:
    return "" if x is None else f"{x:g}"


def assignments(texts: Iterable[str]) -> dict[str, str]:
    """Return ``name=value`` texts as a mapping; a value may hold ``=`` itself.

    Raises
    ------
    UserError
        If a text has no ``=`` or no name, or a name is given twice.
    """
    given: dict[str, str] = {}
    problems = []
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not (equals and name):
            problems.append(Problem(what=Message.of("pipeline.not_an_assignment", text=text), value=text))
        elif name in given:
            problems.append(Problem(what=Message.of("pipeline.given_twice", name=name), value=text))
        given[name] = value
    if problems:
        raise UserError(problems)
    return given


def resolve(
    declared: Mapping[str, Iterable[Parameter]], given: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return every notebook's parameters: what was given where it declares it, else the default.

    Parameters
    ----------
    declared : mapping of str to iterable of Parameter
        Parameters by notebook. A parameter of one name may serve several notebooks.
    given : mapping of str to object
        Values by name, as text or typed.

    Raises
    ------
    UserError
        With every unknown name (and the nearest known) and every value that is not allowed.
    """
    by_name = {p.name: p for parameters in declared.values() for p in parameters if not p.injected}
    problems, values = [], {}
    for name, value in given.items():
        if name not in by_name:
            problems.append(_unknown(name, by_name))
            continue
        try:
            values[name] = by_name[name].read(value)
        except (ValueError, TypeError, OverflowError):
            problems.append(_not_allowed(by_name[name], value))
    if problems:
        raise UserError(problems)
    return {
        notebook: {p.name: values.get(p.name, _default(p)) for p in parameters if not p.injected}
        for notebook, parameters in declared.items()
    }


def _default(parameter: Parameter) -> Any:
    return list(parameter.default) if parameter.many else parameter.default


def _unknown(name: str, known: Iterable[str]) -> Problem:
    names = ", ".join(sorted(known))
    what = Message.of("pipeline.unknown_parameter", name=name)
    return Problem(what=what, value=name, allowed=names, guess=nearest(name, known))


def _not_allowed(parameter: Parameter, value: Any) -> Problem:
    what = Message.of(
        "pipeline.bad_parameter", name=parameter.name, value=str(value), allowed=parameter.allowed
    )
    return Problem(what=what, value=f"{parameter.name}={value}")
