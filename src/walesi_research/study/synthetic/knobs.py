"""The settings of a world beyond its size: which there are, and which were changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields

from walesi_research.language import Message
from walesi_research.problems import Problem, nearest
from walesi_research.study.synthetic.world import World

__all__ = ["KNOBS", "changed_knobs", "knob_faults"]

SIZES = ("employees", "units", "quarters", "seed")
KNOBS = tuple(field.name for field in fields(World) if field.name not in SIZES)
"""Every setting of `World` but its size and seed."""


def knob_faults(names: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for every name that is no knob, with the nearest one."""
    for name in names:
        if name not in KNOBS:
            guess = nearest(name, KNOBS)
            what = Message.of("synthetic.unknown_knob", name=name, guess=guess or "–")
            yield Problem(what=what, column=name, allowed=", ".join(KNOBS), guess=guess)


def changed_knobs(world: World) -> list[str]:
    """Return the settings that are not the defaults, as the command line takes them: ``name=value``."""
    default = World()
    settings = ((name, getattr(world, name), getattr(default, name)) for name in KNOBS)
    return [f"{name}={str(value).lower()}" for name, value, usual in settings if value != usual]
