"""What a field of a form may be called, and what a form calls a column of the survey."""

from __future__ import annotations

import re

__all__ = ["field_of", "may_be_field"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def may_be_field(name: str) -> bool:
    """Tell whether a form can have a field of a name.

    It begins with a letter or ``_`` and goes on with letters without accents, digits, ``_``, ``-`` and ``.``.
    """
    return bool(_NAME.fullmatch(name))


def field_of(column: str, name: str) -> str:
    """Return the field of a column that is called `name` in the study's file; groups are left to the form.

    Where `name` is a whole question, as in Google Forms, no field can have it: the field has our own name.
    """
    last = name.rpartition("/")[2]
    return last if may_be_field(last) else column
