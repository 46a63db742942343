"""Lists of questions beside the answers: a codebook of item and text, or the form a survey was made with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from walesi_research.errands.init.bilingual import language_in
from walesi_research.errands.init.source import Source

__all__ = ["with_questions"]

NAMED = 0.6
"""Share of a sheet's columns that a list names at least, or of the list that are columns."""

FEWEST = 3


def with_questions(sources: Sequence[Source]) -> tuple[list[Source], list[Source]]:
    """Give sheets the words of their questions; return them, and the lists that the words came from.

    Parameters
    ----------
    sources : sequence of Source
        All sheets; a list has a column with names of another sheet's columns (``item``, an XLSForm's
        ``name``) and one, or one a language, of words.
    """
    lists, found = [], list(sources)
    for source in sources:
        for i, other in enumerate(found):
            if other.path == source.path and other.sheet == source.sheet:
                continue
            if (words := _words_for(source.frame, other)) is not None:
                found[i] = replace(other, questions={**other.questions, **words})
                lists.append(source)
    kept = [s for s in found if not any(s.path == x.path and s.sheet == x.sheet for x in lists)]
    return kept, lists


def _words_for(items: pd.DataFrame, other: Source) -> dict[str, str] | None:
    """Return the words of a sheet's columns, where a list has their names; else None."""
    short = {name.rpartition("/")[2].casefold(): name for name in other.frame}
    for column in items:
        names = items[column].astype("object").astype("str").str.strip().str.casefold()
        hits = names.isin(list(short))
        if hits.sum() >= FEWEST and hits.sum() >= NAMED * min(len(short), len(names)):
            texts = _texts(items[hits].drop(columns=column))
            if texts is not None:
                return {short[n]: t for n, t in zip(names[hits], texts, strict=True) if t}
    return None


def _texts(words: pd.DataFrame) -> list[str] | None:
    """Return the words of each row: of the wordiest column, and of the wordiest in the other language."""
    length = {c: words[c].astype("object").fillna("").str.split().str.len().mean() for c in words}
    spoken = [c for c in sorted(length, key=lambda c: -length[c]) if length[c] >= 2]
    if not spoken:
        return None
    language = {c: language_in(" ".join(words[c].dropna().astype("str"))) for c in spoken}
    first = spoken[0]
    other = next((c for c in spoken[1:] if {language[c], language[first]} == {"id", "en"}), None)
    one = words[first].astype("object").fillna("")
    if other is None:
        return list(one)
    two = words[other].astype("object").fillna("")
    return [f"{a} / {b}" if a and b else a or b for a, b in zip(one, two, strict=True)]
