"""Names of fields: those that the study reads its survey's columns by, where a form can have them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from walesi_research.language import Message
from walesi_research.problems import Problem, UserError
from walesi_research.study.codebook import Codebook
from walesi_research.study.fields import in_form, may_be_field
from walesi_research.study.places import SETTINGS_FILE
from walesi_research.study.settings import Settings

__all__ = ["field_names", "free"]

FIXED = ("employee_id", "date", "wave")


def field_names(settings: Settings, codebook: Codebook) -> dict[str, str]:
    """Return the name of the field of each column of the survey that the form fills.

    Parameters
    ----------
    settings : Settings
        ``[columns.survey]`` says under which name a column is looked for (see `study.fields`); groups before
        it, as exports of forms write them, are left to the form.
    codebook : Codebook

    Raises
    ------
    UserError
        With every name of the codebook that no field may have (see `study.fields`), and every one that two
        columns have.
    """
    looked_for = {c: in_form(c, settings.columns.survey.get(c, c)) for c in (*FIXED, *codebook.items)}
    names = {column: name.rpartition("/")[2] for column, name in looked_for.items()}
    wrong = [name for name in names.values() if not may_be_field(name)]
    times = Counter(name.casefold() for name in names.values())
    twice = [name for name in dict.fromkeys(names.values()) if times[name.casefold()] > 1]
    if wrong or twice:
        problems = [_problem("instrument.bad_name", name, _like(name)) for name in wrong]
        problems += [_problem("instrument.name_twice", name, None) for name in twice]
        raise UserError(problems, settings.study.language)
    return names


def _problem(key: str, name: str, guess: str | None) -> Problem:
    return Problem(what=Message.of(key, name=name), file=SETTINGS_FILE, value=name, guess=guess)


def _like(name: str) -> str | None:
    """Return a name that a field may have, made of one that it may not."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:32].rstrip("_")
    return (words if may_be_field(words) else f"q_{words}") if words else None


def free(name: str, taken: Iterable[str]) -> str:
    """Return `name`, lengthened until no other field has it."""
    others = {other.casefold() for other in taken}
    while name.casefold() in others:
        name += "_"
    return name
