"""A faulty file without its faulty keys, so that the rest of a study can be looked at in the same go."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

__all__ = ["draft"]

Model = TypeVar("Model", bound=BaseModel)

ROUNDS = 5
"""Rounds of taking faulty keys away: taking one away may leave another incomplete."""


def draft(
    data: dict[str, Any], error: ValidationError, model: type[Model], placeholders: Mapping[str, Any]
) -> Model | None:
    """Return `data` as a `model` without its faulty keys, or None where that does not help.

    Parameters
    ----------
    data : dict
        Content of a TOML file.
    error : ValidationError
        What is wrong with it.
    model : type of BaseModel
        What the file must hold.
    placeholders : mapping
        Values of required keys that are missing.
    """
    data = copy.deepcopy(data)
    for _ in range(ROUNDS):
        for fault in error.errors():
            keys = [part for part in fault["loc"] if part != "[key]"]
            _mend(data, keys, fault["type"], placeholders)
        try:
            return model.model_validate(data)
        except ValidationError as next_error:
            error = next_error
    return None


def _mend(data: dict[str, Any], keys: list[Any], kind: str, placeholders: Mapping[str, Any]) -> None:
    """Take a faulty key away; put a placeholder where one is missing, or take its part away."""
    if kind == "missing":
        value: Any = placeholders
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None:
            _part(data, keys[:-1])[keys[-1]] = copy.deepcopy(value)
            return
        keys = keys[:-1]
    if not keys:
        data.clear()
        return
    part = _part(data, keys[:-1])
    if isinstance(part, dict):
        part.pop(keys[-1], None)
    elif len(keys) > 1:  # a fault within a list: the whole list goes
        _mend(data, keys[:-1], "", placeholders)


def _part(data: Any, keys: list[Any]) -> Any:
    for key in keys:
        data = data.get(key, {}) if isinstance(data, dict) else None
    return data
