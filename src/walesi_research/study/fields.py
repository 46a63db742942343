"""What a field of a form may be called, and under which name an export of a form has a column."""

from __future__ import annotations

import re

__all__ = ["in_form", "may_be_field"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def may_be_field(name: str) -> bool:
    """Tell whether a form can have a field of a name.

    It begins with a letter or ``_`` and goes on with letters without accents, digits, ``_``, ``-`` and ``.``.
    """
    return bool(_NAME.fullmatch(name))


def in_form(column: str, name: str) -> str:
    """Return the name, groups before it, under which an export of a form has what the study calls `name`.

    Where that is a whole question, as in Google Forms, no field can have it: the field has our own name.
    """
    return name if may_be_field(name.rpartition("/")[2]) else column
