"""What whoever asks must still do or know of a questionnaire that was written."""

from __future__ import annotations

from collections.abc import Iterator

from walesi_research.errands.instrument.answers import answers_of
from walesi_research.errands.instrument.form import Consent
from walesi_research.errands.instrument.source import Source
from walesi_research.language import Message

__all__ = ["notes"]


def notes(source: Source, consent: Consent) -> Iterator[Message]:
    """Yield what is to be filled in, what could not be known, and how the answers come back."""
    if consent.missing:
        parts = tuple(Message.of(f"instrument.part_{name}") for name in consent.missing)
        yield Message.of("instrument.to_fill", parts=parts)
    if source.untranslated:
        yield Message.of("instrument.one_language", items=source.untranslated)
    if numbers := tuple(name for name, c in source.codebook.constructs.items() if not answers_of(c).agree):
        yield Message.of("instrument.numbers_only", names=numbers)
    if not source.units:
        yield Message.of("instrument.no_units")
    yield Message.of("instrument.ask_lawyer")
