"""Which columns hold answers on a rating scale, what numbers their answers become, and on which scale."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from walesi_research.errands.init.likert import Place, is_missing, place_of, scale_of, scales_with
from walesi_research.errands.init.names import Heading
from walesi_research.study.coerce import MISSING

__all__ = ["Answers", "answers_of", "scaled"]

MOST = 11
"""Points that a scale has at most."""

MOST_SPELLINGS = 60
"""Spellings of its answers that are looked at."""

FEWEST = 3
"""Different numbers that a column without words must have to be a scale."""

NUMBERS = ((1, 4), (1, 5), (0, 4), (1, 6), (1, 7), (0, 6), (1, 9), (1, 10), (0, 10))
"""Scales of numbers in use, shorter ones first."""

_LIME_CODE = re.compile(r"A[O0]?0*(\d{1,2})")


@dataclass(frozen=True)
class Answers:
    """The answers of one column, before its scale is known.

    Parameters
    ----------
    heading : Heading
        The column.
    kind : {"numbers", "words", "numbered", "codes"}
        What the file has: numbers, words, words with numbers, or LimeSurvey's answer codes.
    family : str
        What the words say: agreement, frequency, …
    places : mapping of str to float
        Place, or number, of each answer.
    missing : tuple of str
        Answers that are none.
    labels : mapping of str to str
        The file's words for its numbers.
    """

    heading: Heading
    kind: str
    family: str
    places: Mapping[str, float]
    missing: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scaled:
    """Answers on their scale: the numbers that words become, and other scales that would fit."""

    scale: tuple[int, int]
    maps: Mapping[str, Mapping[str, int]]
    others: tuple[str, ...] = ()
    turned: bool = False


def answers_of(heading: Heading, column: pd.Series, labels: Mapping[str, str]) -> Answers | None:
    """Return a column's answers where all of them are on a rating scale, else None."""
    texts = [text for text in _texts(column) if text.casefold() not in MISSING]
    words = {text: labels.get(text, text) for text in texts}
    missing = tuple(text for text in texts if is_missing(words[text]) or _out_of_labels(text, labels))
    texts = [text for text in texts if text not in missing]
    if not texts or len(texts) > MOST_SPELLINGS:
        return None
    if labels and all(re.fullmatch(r"-?\d{1,2}", text) for text in texts):
        return _labelled(heading, texts, missing, labels)
    if codes := _lime(texts):
        return Answers(heading, "codes", "", codes, missing)
    places = {text: place_of(words[text]) for text in texts}
    if any(place is None for place in places.values()):
        return None
    if all(place.number is not None for place in places.values()):
        return _numbered(heading, places, missing, words)
    return _worded(heading, places, missing)


def _numbered(
    heading: Heading, places: Mapping[str, Place], missing: tuple[str, ...], words: Mapping[str, str]
) -> Answers | None:
    """Return answers that are numbers, or all have one written with them."""
    numbers = {text: place.number for text, place in places.items()}
    worded = {text: words[text] for text, place in places.items() if place.value is not None}
    if not worded and not _looks_like_scale(list(numbers.values())):
        return None
    if len(set(numbers.values())) > MOST:
        return None
    return Answers(heading, "numbered" if worded else "numbers", "", numbers, missing, worded)


def _worded(heading: Heading, places: Mapping[str, Place], missing: tuple[str, ...]) -> Answers | None:
    """Return answers in words of one family; a number written with some of them is left aside."""
    if any(place.value is None for place in places.values()):
        return None
    families = {place.family for place in places.values() if place.family}
    if len(families) > 1 or (not families and len(places) < 2):
        return None
    values = {text: place.value for text, place in places.items()}
    return Answers(heading, "words", next(iter(families), ""), values, missing)


def _texts(column: pd.Series) -> list[str]:
    counts = column.value_counts()
    return sorted(str(text) for text, n in counts.items() if n)


def _out_of_labels(text: str, labels: Mapping[str, str]) -> bool:
    """Tell whether a number stands apart from the labelled scale: 9, 99, −99 for 'no answer'."""
    return text in ("-99", "-9", "-8", "-1", "98", "99", "999", "88", "-98", "-999")


def _labelled(
    heading: Heading, texts: Sequence[str], missing: tuple[str, ...], labels: Mapping[str, str]
) -> Answers | None:
    """Return the answers of a column of codes with labels, where the labels are words of a scale."""
    on_scale = {
        code: int(code)
        for code, word in labels.items()
        if re.fullmatch(r"-?\d{1,2}", code) and not is_missing(word) and place_of(word) is not None
    }
    if len(on_scale) < 2 or not set(texts) <= {*on_scale, *map(str, _between(on_scale.values()))}:
        return None
    return Answers(heading, "numbered", "", on_scale, missing, {code: labels[code] for code in on_scale})


def _between(numbers: Sequence[int]) -> range:
    return range(min(numbers), max(numbers) + 1)


def _lime(texts: Sequence[str]) -> dict[str, int]:
    found = {text: match for text in texts if (match := _LIME_CODE.fullmatch(text))}
    return {text: int(match[1]) for text, match in found.items()} if len(found) == len(texts) >= 2 else {}


def _looks_like_scale(numbers: Sequence[int]) -> bool:
    return len(set(numbers)) >= FEWEST and min(numbers) >= 0 and max(numbers) <= 10


def scaled(block: Sequence[Answers]) -> Scaled:
    """Return the scale that the columns of a block share.

    Parameters
    ----------
    block : sequence of Answers
        Columns of one kind and one family of words.
    """
    seen = {value for answers in block for value in answers.places.values()}
    if block[0].kind == "words":
        return _of_words(block, seen)
    low, high = int(min(seen)), int(max(seen))
    fitting = [scale for scale in NUMBERS if scale[0] <= low and high <= scale[1]] or [(low, high)]
    anchored = block[0].kind == "numbered" and bool(block[0].labels) and len(seen) >= 4
    scale = (low, high) if anchored and low < high else fitting[0]
    others = () if anchored else tuple(f"[{a}, {b}]" for a, b in fitting[1:3])
    turned = _turned(block)
    if turned:
        maps = {a.heading.name: {t: sum(scale) - int(v) for t, v in a.places.items()} for a in block}
    else:
        maps = {a.heading.name: {t: int(v) for t, v in a.places.items() if t != str(int(v))} for a in block}
    return Scaled(scale, maps, others, turned)


def _of_words(block: Sequence[Answers], seen: set[float]) -> Scaled:
    scale = scale_of(seen)
    points = {value: i for i, value in enumerate(scale, start=1)}
    maps = {a.heading.name: {text: points[value] for text, value in a.places.items()} for a in block}
    lengths = dict.fromkeys(len(other) for other in scales_with(seen) if len(other) != len(scale))
    return Scaled((1, len(scale)), maps, tuple(f"[1, {n}]" for n in lengths))


def _turned(block: Sequence[Answers]) -> bool:
    """Tell whether the file numbers its words the other way: 1 for 'strongly agree'."""
    pairs = [
        (number, place.value)
        for answers in block
        for text, number in answers.places.items()
        if (place := place_of(answers.labels.get(text, text))) is not None and place.value
    ]
    product = sum((number - sum(n for n, _ in pairs) / len(pairs)) * value for number, value in pairs)
    return bool(pairs) and product < 0
