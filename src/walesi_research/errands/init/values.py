"""Values of files as the contract's: who is PNS, what is a leadership programme, which rating is 3."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from walesi_research.errands.init.likert import is_missing
from walesi_research.errands.init.names import plain
from walesi_research.study.coerce import MISSING, normal

__all__ = ["ValueMap", "map_values"]

WORDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "status": (
        ("pppk", r"pppk|p3k|perjanjian kerja|contract"),
        ("pns", r"\bc?pns\b|pegawai negeri|civil servant|permanent"),
    ),
    "gender": (
        ("f", r"^(pr|w|f|perempuan|wanita|female|woman|women)$"),
        ("m", r"^(l|lk|m|laki laki|laki|pria|male|man|men)$"),
    ),
    "position": (
        ("executor", r"pelaksana|\bjfu\b|fungsional umum|\bstaf(f)?\b|executor"),
        ("functional", r"fungsional|\bjft?\b|functional|guru|perawat|bidan|dokter|auditor|analis|penyuluh"),
        (
            "managerial",
            r"struktural|pimpinan|administrator|pengawas|\bjpt\b|eselon|esselon|manaj|manager|kepala|"
            r"camat|sekretaris|"
            r"^(i|ii|iii|iv) ?[ab]?$",
        ),
    ),
    "education": (
        ("s3", r"\bs ?3\b|doktor|doctor|ph ?d"),
        ("s2", r"\bs ?2\b|magister|master|profesi"),
        ("d4_s1", r"\bs ?1\b|sarjana|\bd ?(4|iv)\b|diploma (4|iv)|bachelor"),
        ("d3", r"\bd ?(1|2|3|i|ii|iii)\b|diploma"),
        ("sma", r"sma|smk|slta|smu|sltp|smp|\bsd\b|ma sederajat|high school|aliyah|\bma\b"),
    ),
    "predicate": (
        ("sangat_kurang", r"sangat kurang|^5$"),
        ("butuh_perbaikan", r"butuh perbaikan|cukup|^3$"),
        ("sangat_baik", r"sangat baik|istimewa|amat baik|^1$"),
        ("kurang", r"kurang|misconduct|^4$"),
        ("baik", r"baik|^2$"),
    ),
    "tie": (
        ("family", r"keluarga|saudara|kerabat|sepupu|ipar|family|relative|suami|istri"),
        ("clan", r"marga|suku|klan|clan|sekampung|tribe|se ?klan"),
        ("political", r"politi|tim sukses|partai|party|pendukung"),
        ("none", r"^(none|nihil|0)$"),
        ("other", r"lain|teman|sahabat|other|alumni|gereja|friend"),
    ),
    "kind:training": (
        ("leadership", r"pim\b|kepemimpinan|leadership|\bpka\b|\bpkp\b|\bpkn\b|struktural|lemhan|sespa"),
        ("functional", r"fungsional|functional"),
        ("sociocultural", r"sosi[oa]l? ?kultural|sociocultural|kebinekaan|keberagaman"),
        ("technical", r"teknis|technical|kursus|sertifik|workshop|bimtek|seminar"),
    ),
    "kind:events": (
        ("team_building", r"outbound|team ?building|kebersamaan|gathering|rekreasi|pembinaan tim"),
        ("award", r"penghargaan|award|satyalancana|teladan|satya lencana|piagam|pegawai terbaik"),
    ),
    "rating": (
        ("3", r"di ?atas|above|melebihi|exceed"),
        ("1", r"di ?bawah|below|kurang"),
        ("2", r"sesuai|meets?|memenuhi"),
    ),
}

DENIAL = r"(?:tidak|tdk|tak|bukan|belum|blm|tanpa|without|not|no|non(?!a\b)\w*)"
"""Words that deny what follows them; what they deny is no meaning of a value."""

_OF_TIES = (
    r"ada|punya|memiliki|mempunyai|hubungan|ikatan|relasi|kedekatan|keluarga|saudara|kerabat|kekerabatan|"
    r"marga|suku|klan|politik|pribadi|apa|apapun|pun|khusus|atau|maupun|dan|dengan|penilai|atasan|"
    r"family|clan|political|personal|any|tie|ties|relation|relationship|related|relative|to|or|with|rater"
)
_UNTIED = rf"(?:tidak|tdk|tak|bukan|tanpa|without|not|no|non)(?: (?:{_OF_TIES}))*"
DENIED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "tie": (("none", rf"{_UNTIED}|(?:(?:{_OF_TIES}) )+(?:(?:tidak|tdk|tak) ada|tidak|tdk|bukan|no|none)"),),
    "rating": (
        (
            "1",
            r"(?:(?:hasil|kinerja|perilaku) )*(?:tidak|tdk|tak|belum|blm|(?:does |did |do )?not) "
            r"(?:memenuhi|sesuai|mencapai|meet|meets|met|meeting) (?:\w+ )?"
            r"(?:ekspektasi|harapan|expectations?)",
        ),
    ),
}
"""Whole values whose denial is itself a meaning: no tie, below expectation."""

_GRADE = re.compile(
    r"(?<![a-z])(?P<roman>xvi{0,2}|xi[iv]?|xiv|xv|xi{0,3}|ix|iv|vi{0,3}|v|i{1,3}|"
    r"x)(?:[\s/.]*(?P<letter>[a-e]))?(?![a-z])"
)
_SIASN_GRADE = re.compile(r"([1-4])([1-5])")
BKN_RATING = {"1": "3", "2": "2", "3": "1"}
"""BKN numbers its ratings the other way: 1 above, 3 below expectation."""


@dataclass(frozen=True)
class ValueMap:
    """The file's values by canonical value, and those that were not understood."""

    meanings: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...] = ()
    turned: bool = False

    @property
    def needed(self) -> bool:
        """Whether any value differs from the canonical one."""
        return any(
            normal(text) != normal(canonical) for canonical, texts in self.meanings.items() for text in texts
        )


def map_values(
    table: str,
    column: str,
    texts: Iterable[str],
    labels: Mapping[str, str],
    choices: tuple[str, ...],
    siasn: bool,
) -> ValueMap:
    """Return the canonical value of each text of a column.

    Parameters
    ----------
    table, column : str
        The contract's names.
    texts : iterable of str
        The column's values.
    labels : mapping of str to str
        Their labels, where the file has any.
    choices : tuple of str
        The canonical values.
    siasn : bool
        Whether the file comes from SIASN or e-Kinerja, whose codes run the other way.
    """
    known = {normal(choice): choice for choice in choices}
    meanings: dict[str, list[str]] = {}
    unknown, turned = [], False
    texts = list(texts)
    letter_p = _letter_p(labels.get(text, text) for text in texts) if column == "gender" else None
    for text in texts:
        word = labels.get(text, text)
        found = known.get(normal(text)) or known.get(normal(word))
        if found is None and (text.casefold() in MISSING or is_missing(word)):
            meanings.setdefault("missing", []).append(text)
            continue
        found = found or (letter_p if plain(word) == "p" else _found(table, column, word))
        if column in ("work_result", "behaviour") and text in BKN_RATING and word == text:
            found, turned = (BKN_RATING[text] if siasn else text), siasn
        if found is None:
            unknown.append(text)
        else:
            meanings.setdefault(found, []).append(text)
    order = {choice: i for i, choice in enumerate((*choices, "missing"))}
    ordered = sorted(meanings.items(), key=lambda pair: order.get(pair[0], -1))
    return ValueMap({name: tuple(sorted(texts)) for name, texts in ordered}, tuple(sorted(unknown)), turned)


def _found(table: str, column: str, text: str) -> str | None:
    if column == "grade":
        return _grade(text)
    key = "rating" if column in ("work_result", "behaviour") else column
    patterns = WORDS.get(f"{key}:{table}") or WORDS.get(key, ())
    words = plain(text)
    for canonical, pattern in DENIED.get(key, ()):
        if re.fullmatch(pattern, words):
            return canonical
    said = _said(words)
    return next((canonical for canonical, pattern in patterns if re.search(pattern, said)), None)


def _said(words: str) -> str:
    """Return the words before a denial: ``pppk`` of 'pppk bukan pns'; nothing where it may deny them all."""
    if re.search(rf"\b{DENIAL}(?: ada)?$", words):
        return ""
    return re.split(rf"\b{DENIAL}\b", words)[0].strip()


def _letter_p(words: Iterable[str]) -> str | None:
    """Return who P is: Perempuan beside L, Pria beside W; None where the other values do not tell."""
    known = [word for word in map(plain, words) if word and _found("", "gender", word)]
    return {"l": "f", "w": "m"}.get("".join(sorted({word[0] for word in known} & {"l", "w"})))


def _grade(text: str) -> str | None:
    """Return the grade in a text: ``III/c`` of 'Penata (III/c)' and of SIASN's 33; IX of 'Gol. IX'."""
    if match := _SIASN_GRADE.fullmatch(text.strip()):
        roman, letter = ("I", "II", "III", "IV")[int(match[1]) - 1], "abcde"[int(match[2]) - 1]
        return f"{roman}/{letter}" if letter != "e" or roman == "IV" else None
    for match in _GRADE.finditer(text.casefold()):
        roman, letter = match["roman"].upper(), match["letter"]
        if letter and roman in ("I", "II", "III", "IV") and (letter != "e" or roman == "IV"):
            return f"{roman}/{letter}"
        if not letter and (len(roman) > 1 or text.strip().upper() == roman):
            return roman
    return None
