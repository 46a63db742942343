"""What a notebook's outputs depend on, then and now: what has changed, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from walesi_research.language import Message
from walesi_research.pipeline.reach import module_of

__all__ = ["changes"]

NAMED = 4
"""Changed things that are named; where there are more, the others are counted."""


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Message]:
    """Yield what is other in the parts of a notebook's key than in those before, a message a part."""
    if old["code"] != new["code"]:
        yield Message.of("pipeline.due_code")
    yield from _named("sources", dict.fromkeys(map(module_of, _differing("sources", old, new))))
    yield from _named("data", _differing("data", old, new))
    was, now = old["parameters"], new["parameters"]
    names = _differing("parameters", old, new)
    yield from _named("parameters", [f"{n} {was.get(n, '?')} → {now.get(n, '?')}" for n in names])
    if old["seed"] != new["seed"]:
        yield Message.of("pipeline.due_seed", old=str(old["seed"]), new=str(new["seed"]))
    yield from _named("versions", _differing("versions", old, new))
    yield from _named("needs", _differing("needs", old, new))


def _differing(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the names in a part of the key under which the two have not the same."""
    was, now = old[what], new[what]
    return sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))


def _named(what: str, changed: Iterable[str]) -> Iterator[Message]:
    """Yield the message that names what changed, if anything did: the first, and how many more."""
    names = list(changed)
    told = ", ".join(names[:NAMED])
    if len(names) > NAMED:
        told = Message.of("pipeline.due_others", first=told, others=len(names) - NAMED)
    if names:
        yield Message.of(f"pipeline.due_{what}", names=told)
