"""The settings of a synthetic world, read from the command line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from walesi_research.pipeline.parameters import Parameter, assignments, resolve

__all__ = ["read_knobs"]


def read_knobs(texts: Iterable[str]) -> dict[str, Any]:
    """Return ``name=value`` texts as settings of `walesi_research.study.synthetic.World`.

    Raises
    ------
    UserError
        With every name that the world does not know and every value of another type.
    """
    from walesi_research.study.synthetic import World

    given = assignments(texts)
    known = [Parameter(name=f.name, kind=f.type.split()[0], default=f.default) for f in fields(World)]
    values = resolve({"world": known}, given)["world"]
    return {name: values[name] for name in given}
