"""TOML files checked strictly: every fault named by key, value and what is allowed."""

from __future__ import annotations

import re
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from walesi_research.language import Message
from walesi_research.problems import Problem, nearest
from walesi_research.study.drafts import draft
from walesi_research.study.mask import shown

__all__ = ["Fault", "Strict", "Words", "load", "read_toml", "validated"]

DEEPEST = 20
"""Parts within parts that a TOML file may have; ours need six."""

Text = Annotated[str, Field(min_length=1)]
Model = TypeVar("Model", bound="Strict")


class Strict(BaseModel):
    """A part of a TOML file: types as written, unknown keys refused, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Words(Strict):
    """The same words in both languages."""

    id: Text
    en: Text

    def in_(self, language: str) -> str:
        """Return the words in `language`."""
        return {"id": self.id, "en": self.en}[language]

    __getitem__ = in_


class Fault(ValueError):
    """What a validator of several keys found wrong: message, key within the part, value, what is allowed."""

    def __init__(
        self,
        message: str,
        *,
        key: str = "",
        value: Any = None,
        allowed: str | None = None,
        choices: tuple[str, ...] = (),
        **values: Any,
    ) -> None:
        super().__init__(message)
        self.key, self.value = key, value
        self.allowed = allowed or ", ".join(choices) or None
        self.guess = nearest(value, choices) if choices else None
        self.message = Message.of(message, **{k: _listed(v) for k, v in values.items()})


def load(
    path: Path, name: str, model: type[Model], placeholders: Mapping[str, Any] | None = None
) -> tuple[Model | None, list[Problem]]:
    """Read a TOML file as `model`.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        Its name in problems.
    model : type of Strict
        What the file must hold.
    placeholders : mapping, optional
        Values of required keys, for a draft.

    Returns
    -------
    value : Strict or None
        The content. Where there are faults it is a draft without the faulty keys, good only to look for
        further faults; None where not even that can be made.
    problems : list of Problem
        Every fault of the file.
    """
    data, problems = read_toml(path, name)
    return (None, problems) if data is None else validated(data, name, model, placeholders)


def validated(
    data: dict[str, Any], name: str, model: type[Model], placeholders: Mapping[str, Any] | None = None
) -> tuple[Model | None, list[Problem]]:
    """Return the content of a TOML file as `model`, and every fault of it; see `load`."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        problems = list(_problems(error, name, model))
        return draft(data, error, model, placeholders or {}), problems


def read_toml(path: Path, name: str) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Read a TOML file (with or without a byte order mark) as a dictionary, or say why it is none."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = tomllib.loads(text)
        if _depth(data) <= DEEPEST:
            return data, []
        fault, row, value = "check.toml_extreme", None, None
    except FileNotFoundError:
        fault, row, value = "check.file_missing", None, None
    except OSError:
        fault, row, value = "check.file_unreadable", None, None
    except UnicodeDecodeError:
        fault, row, value = "check.toml_encoding", None, None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        lines = text.splitlines()
        row = int(line[1]) if line else len(lines)
        fault = "check.toml_twice" if str(error).startswith("Cannot") else "check.toml_syntax"
        value = shown(lines[row - 1].strip()) if row else None
    except (ValueError, RecursionError):  # a number of thousands of digits, parts within parts
        fault, row, value = "check.toml_extreme", None, None
    return None, [Problem(what=Message.of(fault), file=name, row=row, value=value)]


def _depth(value: Any) -> int:
    """Return how many parts of TOML stand within one another, and no more than is asked for."""
    depth, parts = 0, [value]
    while parts and depth <= DEEPEST:
        inner = [p.values() if isinstance(p, dict) else p for p in parts if isinstance(p, (dict, list))]
        depth, parts = depth + 1, [part for group in inner for part in group]
    return depth


_ALLOWED = {
    "string_type": '"…"',
    "int_type": "0, 1, 2, …",
    "int_from_float": "0, 1, 2, …",
    "float_type": "1, 2.5, …",
    "bool_type": "true, false",
    "date_type": "2024-11-15",
    "list_type": "[ … ]",
    "tuple_type": "[ … ]",
    "too_long": "[1, 5]",
    "finite_number": "1, 2.5, …",
    "dict_type": "key = …",
    "model_type": "key = …",
    "too_short": "≥ 1",
    "string_too_short": '"…"',
}


def _problems(error: ValidationError, name: str, model: type[Strict]) -> Iterator[Problem]:
    seen = set()
    for fault in error.errors():
        path = [part for part in fault["loc"] if part != "[key]"]
        if isinstance(found := fault.get("ctx", {}).get("error"), Fault):
            path += [found.key] if found.key else []
            problem = _named(name, path, found.message, found.value, found.allowed, found.guess)
        else:
            problem = _problem(fault, path, name, model)
        if (problem.column, problem.what.key) not in seen:  # one key, one complaint of a kind
            seen.add((problem.column, problem.what.key))
            yield problem


def _problem(fault: Mapping[str, Any], path: list[Any], name: str, model: type[Strict]) -> Problem:
    kind, given, ctx = fault["type"], fault["input"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        known = _keys_at(model, path[:-1])
        return _named(
            name, path, Message.of("check.key_unknown"), path[-1], ", ".join(known), nearest(path[-1], known)
        )
    if kind == "missing":
        return _named(name, path, Message.of("check.key_missing"), None, None, None)
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", ctx["expected"]) or [ctx["expected"].lower()]
        return _named(
            name, path, Message.of("check.not_one_of"), given, ", ".join(choices), nearest(given, choices)
        )
    if kind == "string_pattern_mismatch":
        return _named(name, path, Message.of("check.key_pattern"), given, _spelled(ctx["pattern"]), None)
    if kind in _LIMITS:
        sign, limit = _LIMITS[kind]
        return _named(
            name, path, Message.of("check.out_of_range"), given, f"{sign} {_limit(ctx[limit])}", None
        )
    if kind == "too_short":
        return _named(name, path, Message.of("check.key_empty"), None, None, None)
    return _named(name, path, Message.of("check.key_type"), given, _ALLOWED.get(kind), None)


_LIMITS = {"greater_than_equal": ("≥", "ge"), "greater_than": (">", "gt"), "less_than_equal": ("≤", "le")}


def _limit(limit: Any) -> str:
    return f"{limit:g}" if isinstance(limit, (int, float)) else str(limit)


def _named(
    name: str, path: list[Any], what: Message, value: Any, allowed: str | None, guess: str | None
) -> Problem:
    key = ".".join(str(part) for part in path)
    return Problem(what=what, file=name, column=key, value=_toml_value(value), allowed=allowed, guess=guess)


def _toml_value(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{ … }"
    if isinstance(value, (list, tuple)):
        return shown(f"[{', '.join(map(str, value))}]")
    return shown(str(value))


def _spelled(pattern: str) -> str:
    return (
        pattern.removeprefix("^")
        .removesuffix("$")
        .replace("[a-z0-9_-]+", "a-z 0-9 - _")
        .replace("[a-z][a-z0-9_]*", "a-z 0-9 _")
        .replace(r"[a-z_]+(\.[a-z0-9_]+)+", "a-z 0-9 _ .")
    )


def _keys_at(model: type[Strict], path: list[Any]) -> list[str]:
    """Return the keys that the part of `model` at `path` knows."""
    here: Any = model
    for part in path:
        here = _inside(here.model_fields[part].annotation if _is_model(here) else typing.get_args(here)[1])
    return list(here.model_fields) if _is_model(here) else []


def _inside(annotation: Any) -> Any:
    """Strip ``X | None`` and ``Annotated[X, …]`` to X."""
    if typing.get_origin(annotation) is Annotated:
        return _inside(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return _inside(typing.get_args(annotation)[0])
    return annotation


def _is_model(x: Any) -> bool:
    return isinstance(x, type) and issubclass(x, BaseModel)


def _listed(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
