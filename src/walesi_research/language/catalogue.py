"""Message catalogues: symbolic keys in code, words in ``.po`` files.

The files are read as text with Babel (no compiled copies to forget) and served by gettext, so that
plural forms work as translators expect.
"""

from __future__ import annotations

import io
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import Any

from walesi_research.language import numbers

__all__ = ["DOMAINS", "LANGUAGES", "Message", "has", "say"]

LANGUAGES = ("id", "en")
"""The languages of every page; the first is the one a reader meets first."""

_LOCALE = files("walesi_research.language") / "locale"
DOMAINS = tuple(
    sorted(
        entry.name.removesuffix(".po")
        for entry in (_LOCALE / "en" / "LC_MESSAGES").iterdir()
        if entry.name.endswith(".po")
    )
)
"""The catalogues, one a room or question; the first part of every key."""


@cache
def _catalogue(language: str, domain: str) -> GNUTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    source = (_LOCALE / language / "LC_MESSAGES" / f"{domain}.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source), locale=language, domain=domain))
    catalogue = GNUTranslations(io.BytesIO(compiled.getvalue()))
    catalogue.add_fallback(_NoMessage())
    return catalogue


class _NoMessage(NullTranslations):
    """What a catalogue falls back on: a missing message is an error, not its own key."""

    def gettext(self, message: str) -> str:
        raise LookupError(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        raise LookupError(msgid1)


def _lookup(language: str, key: str, n: int | None) -> str:
    if language not in LANGUAGES:
        raise KeyError(f"no language {language!r}; there are {', '.join(LANGUAGES)}")
    domain, _, name = key.partition(".")
    if domain not in DOMAINS:
        raise KeyError(f"no message catalogue {domain!r}; there are {', '.join(DOMAINS)}")
    catalogue = _catalogue(language, domain)
    try:
        return catalogue.gettext(name) if n is None else _counted(catalogue, name, n)
    except LookupError:
        raise KeyError(f"no message {key!r} in {language!r}") from None


def _counted(catalogue: GNUTranslations, name: str, n: int) -> str:
    try:
        return catalogue.ngettext(name, name, n)
    except LookupError:  # the message has no plural forms
        return catalogue.gettext(name)


class _Localised(string.Formatter):
    """`str.format` whose numbers follow the language: ``{x:.1f} {x:+.1f} {x:.0%} {n:d}``."""

    def __init__(self, language: str) -> None:
        self.language = language

    def format_field(self, value: Any, spec: str) -> str:
        if isinstance(value, Message):
            return value.in_(self.language)
        if isinstance(value, (tuple, list)):
            return ", ".join(self.format_field(part, spec) for part in value)
        if not hasattr(value, "__float__") or isinstance(value, (bool, str)):
            return format(value, spec)
        if spec in ("", "d"):
            return numbers.count(value, self.language) if float(value).is_integer() else format(value, spec)
        digits = int(spec.lstrip("+")[1:-1])
        if spec.endswith("%"):
            return numbers.share(value, self.language, digits)
        write = numbers.signed if spec.startswith("+") else numbers.number
        return write(value, self.language, digits)


def say(language: str, key: str, /, **values: Any) -> str:
    """Return message `key` in `language` with its placeholders filled.

    Parameters
    ----------
    language : {"id", "en"}
        Language of the text.
    key : str
        ``<domain>.<name>``. Where the catalogue has plural forms, ``n`` in `values` chooses among them.
    **values
        What the placeholders stand for. Numbers are written as the language does: ``{x:.1f}``,
        ``{x:+.1f}``, ``{x:.0%}``, ``{n:d}``. A `Message` is said in the same
        language, a tuple with commas between its parts.

    Raises
    ------
    KeyError
        If there is no such message, or a placeholder has no value.
    """
    n = values.get("n")
    text = _lookup(language, key, int(n) if isinstance(n, int) else None)
    return _Localised(language).vformat(text, (), values)


def has(key: str) -> bool:
    """Tell whether every language has message `key`."""
    try:
        return all(_lookup(language, key, 2) for language in LANGUAGES)
    except KeyError:
        return False


@dataclass(frozen=True)
class Message:
    """A message not yet said: key and values, to be worded in any language later."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, key: str, /, **values: Any) -> Message:
        """Return the message `key` with `values` for its placeholders."""
        return cls(key, values)

    def in_(self, language: str) -> str:
        """Return the words in `language`."""
        return say(language, self.key, **self.values)
