"""Words of rating scales, in Indonesian and English and in mixed spellings, as places on a scale.

An answer is taken apart into how strong it is (very, rather), whether it denies, and what it says (agree,
good, often). Its place runs from −2 (very much not) over 0 (neutral) to 2 (very much). The scale is the
smallest one in use that has all the places seen; an answer nobody chose cannot be seen, so a scale of words
is always a guess.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from walesi_research.errands.init.names import plain

__all__ = ["MISSING_WORDS", "Place", "is_missing", "place_of", "scale_of", "scales_with"]

MISSING_WORDS = frozenset(
    {
        *(
            "tidak tahu",
            "tidak berlaku",
            "tidak relevan",
            "tidak menjawab",
            "tidak ada jawaban",
            "menolak menjawab",
        ),
        *("tidak bersedia menjawab", "tt", "tidak ada pendapat", "belum pernah", "kosong", "lewati"),
        *(
            "do not know",
            "don t know",
            "dont know",
            "dk",
            "not applicable",
            "no basis to judge",
            "prefer not to say",
        ),
        *("prefer not to answer", "refused", "no answer", "not sure", "no opinion", "x", "na", "n a", "skip"),
        *("other missing", "missing", "no response", "declined"),
    }
)
"""Answers that are none."""

_VERY = [
    "sangat",
    "amat",
    "sekali",
    "sungguh",
    "benar2",
    "very",
    "strongly",
    "extremely",
    "completely",
    "totally",
    "fully",
    "highly",
]
_RATHER = [
    "agak",
    "cukup",
    "cenderung",
    "lumayan",
    "somewhat",
    "slightly",
    "fairly",
    "rather",
    "moderately",
    "partly",
]
_NOT = ["tidak", "tdk", "tak", "bukan", "not", "dis", "un", "in", "belum"]

_STEMS = {
    "setuju": ("agreement", 1),
    "agree": ("agreement", 1),
    "disagree": ("agreement", -1),
    "sepakat": ("agreement", 1),
    "puas": ("satisfaction", 1),
    "memuaskan": ("satisfaction", 1),
    "satisfied": ("satisfaction", 1),
    "dissatisfied": ("satisfaction", -1),
    "unsatisfied": ("satisfaction", -1),
    "baik": ("quality", 1),
    "bagus": ("quality", 1),
    "good": ("quality", 1),
    "buruk": ("quality", -1),
    "jelek": ("quality", -1),
    "poor": ("quality", -1),
    "bad": ("quality", -1),
    "penting": ("importance", 1),
    "important": ("importance", 1),
    "unimportant": ("importance", -1),
    "sesuai": ("fit", 1),
    "tinggi": ("degree", 1),
    "high": ("degree", 1),
    "rendah": ("degree", -1),
    "low": ("degree", -1),
    "mudah": ("ease", 1),
    "easy": ("ease", 1),
    "sulit": ("ease", -1),
    "difficult": ("ease", -1),
    "adil": ("fairness", 1),
    "fair": ("fairness", 1),
    "unfair": ("fairness", -1),
    "yakin": ("confidence", 1),
    "jelas": ("clarity", 1),
    "clear": ("clarity", 1),
    "mampu": ("ability", 1),
    "benar": ("truth", 1),
    "true": ("truth", 1),
    "likely": ("likelihood", 1),
    "unlikely": ("likelihood", -1),
    "cepat": ("speed", 1),
    "kompeten": ("competence", 1),
    "sopan": ("courtesy", 1),
}

_ABBREVIATIONS = {
    "sts": -2.0, "stj": -2.0, "ts": -1.0, "ks": -0.5, "ats": -0.5, "n": 0.0, "r": 0.0, "rr": 0.0, "rg": 0.0,
    "ragu": 0.0, "as": 0.5, "cs": 0.5, "s": 1.0, "st": 1.0, "ss": 2.0,
    "sd": -2.0, "d": -1.0, "a": 1.0, "sa": 2.0,
}  # fmt: skip

_NEUTRAL = frozenset(
    {
        *(
            "netral",
            "neutral",
            "ragu ragu",
            "ragu",
            "ragu2",
            "biasa saja",
            "biasa",
            "undecided",
            "sedang",
            "cukup",
        ),
        *(
            "neither agree nor disagree",
            "neither satisfied nor dissatisfied",
            "neither",
            "neither good nor bad",
        ),
        *("kadang kadang setuju", "antara setuju dan tidak setuju", "fair", "average", "moderate", "so so"),
    }
)

_FREQUENCY = {
    "tidak pernah": -2.0, "never": -2.0, "hampir tidak pernah": -1.5, "almost never": -1.5, "jarang": -1.0,
    "jarang sekali": -1.5, "sangat jarang": -1.5, "rarely": -1.0, "seldom": -1.0, "kadang kadang": 0.0,
    "kadang": 0.0, "sometimes": 0.0, "occasionally": 0.0, "sering": 1.0, "often": 1.0, "sering sekali": 1.5,
    "sangat sering": 1.5, "very often": 1.5, "hampir selalu": 1.5, "almost always": 1.5, "selalu": 2.0,
    "always": 2.0,
}  # fmt: skip

SCALES = (
    (-2.0, -1.0, 1.0, 2.0),
    (-1.0, -0.5, 1.0, 2.0),
    (-2.0, -0.5, 1.0, 2.0),
    (-2.0, 0.0, 1.0, 2.0),
    (-2.0, -1.0, 0.0, 1.0, 2.0),
    (-2.0, -1.0, -0.5, 1.0, 2.0),
    (-2.0, -1.0, 0.5, 1.0, 2.0),
    (-1.0, -0.5, 0.5, 1.0, 2.0),
    (-1.0, -0.5, 0.0, 1.0, 2.0),
    (-2.0, -0.5, 0.0, 0.5, 2.0),
    (-2.0, -0.5, 0.0, 0.5, 1.0),
    (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0),
    (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0),
    (-2.0, -1.5, -1.0, 0.0, 1.0, 1.5, 2.0),
)
"""The scales in use, as places of their answers, shorter ones first."""


@dataclass(frozen=True, slots=True)
class Place:
    """What an answer says and how much of it; `number` where the answer has one written with it."""

    family: str
    value: float | None
    number: int | None = None


_BEFORE = re.compile(r"[(\[]?(?P<number>-?\d{1,2})[)\]]?\s*(?:[-–—=.:)]\s*|\s+)?(?P<word>\D.*)")
_AFTER = re.compile(r"(?P<word>\D*?[^\d\s(=\-–—:])\s*[-–—=:(\[]\s*(?P<number>\d{1,2})\s*[)\]]?")


def place_of(text: str) -> Place | None:
    """Return the place of an answer, or None where it is none of a rating scale.

    Parameters
    ----------
    text : str
        One answer: words, a number, or both (``1 - Sangat Tidak Setuju``).
    """
    text = text.strip()
    if re.fullmatch(r"-?\d{1,2}", text):
        return Place("", None, int(text))
    for pattern in (_BEFORE, _AFTER):
        if match := pattern.fullmatch(text):
            inner = place_of(match["word"])
            if inner is not None:
                return Place(inner.family, inner.value, int(match["number"]))
    return _worded(plain(text))


def _worded(words: str) -> Place | None:
    if words in _NEUTRAL:
        return Place("", 0.0)
    if words in _FREQUENCY:
        return Place("frequency", _FREQUENCY[words])
    if words.replace(" ", "") in _ABBREVIATIONS:
        return Place("agreement", _ABBREVIATIONS[words.replace(" ", "")])
    return _composed(words.split())


def _composed(words: list[str]) -> Place | None:
    """Return the place of an answer that is made of how much, whether not, and what."""
    stems = [word for word in words if word in _STEMS and word not in ("benar",)] or [
        word for word in words if word in _STEMS
    ]
    known = {*_VERY, *_RATHER, *_NOT, "kurang", *_STEMS}
    if len(stems) != 1 or not known.issuperset(words) or len(words) > 4:
        return None
    family, sign = _STEMS[stems[0]]
    others = [word for word in words if word != stems[0]]
    if "kurang" in others:
        return Place(family, -0.5 * sign)
    sign = -sign if any(word in _NOT for word in others) else sign
    strong, weak = any(w in _VERY for w in others), any(w in _RATHER for w in others)
    return Place(family, sign * (2.0 if strong else 0.5 if weak else 1.0))


def is_missing(text: str) -> bool:
    """Tell whether an answer says that there is none."""
    return plain(text) in MISSING_WORDS


def scales_with(values: Collection[float]) -> list[tuple[float, ...]]:
    """Return the scales in use that have all places seen, the shortest first."""
    return [scale for scale in SCALES if set(values) <= set(scale)]


def scale_of(values: Collection[float]) -> tuple[float, ...]:
    """Return the shortest scale in use that has all places seen, else the places seen."""
    return next(iter(scales_with(values)), tuple(sorted(values)))
