"""Our templates, filled in: everything is escaped unless it is `Markup`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2

__all__ = ["FOLDER", "render"]

FOLDER = files("walesi_research.publish")


def render(template: str, values: Mapping[str, Any]) -> str:
    """Return a page; the template knows `values` as ``page``."""
    return _environment().get_template(template).render(page=values)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(FOLDER / "templates" / "walesi")),
        autoescape=True, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
