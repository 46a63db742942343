"""Headings as survey programs write them: which program, its own columns, groups, questions and codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

__all__ = ["TIMES", "Heading", "is_technical", "layout_of", "plain", "read_heading"]

KOBO = frozenset(
    [
        "_id",
        "_uuid",
        "_submission_time",
        "_validation_status",
        "_status",
        "_submitted_by",
        "__version__",
        "_tags",
        "_notes",
        "_index",
        "_parent_table_name",
        "_parent_index",
        "_attachments",
        "_geolocation",
        "_xform_id_string",
        "meta/instanceid",
        "meta/rootuuid",
        "formhub/uuid",
        "meta/instancename",
    ]
)
ODK = frozenset(
    [
        "submissiondate",
        "key",
        "submitterid",
        "submittername",
        "attachmentspresent",
        "attachmentsexpected",
        "reviewstate",
        "deviceid",
        "edits",
        "formversion",
        "meta-instanceid",
        "meta-instancename",
        "parent_key",
        "instanceid",
        "instancename",
    ]
)
DEVICE = frozenset(
    [
        "start",
        "end",
        "today",
        "username",
        "deviceid",
        "phonenumber",
        "subscriberid",
        "simserial",
        "audit",
        "email",
    ]
)
LIMESURVEY = frozenset(
    {
        *[
            "submitdate",
            "lastpage",
            "startlanguage",
            "seed",
            "startdate",
            "datestamp",
            "ipaddr",
            "refurl",
            "token",
            "interviewtime",
        ],
        *("response id", "date submitted", "last page", "start language", "date started", "date last action"),
        *("ip address", "referrer url", "total time"),
        *("id respon", "id respons", "tanggal dikirim", "halaman terakhir", "bahasa awal", "tanggal mulai"),
    }
)
GOOGLE = frozenset(
    {"timestamp", "stempel waktu", "cap waktu", "email address", "alamat email", "nama pengguna"}
)

TIMES = frozenset(
    [
        "timestamp",
        "stempelwaktu",
        "capwaktu",
        "submissiontime",
        "submissiondate",
        "submitdate",
        "datesubmitted",
        "tanggaldikirim",
        "today",
    ]
)
"""The programs' own columns, without blanks, that say when an answer was given."""

LAYOUTS = {"kobo": KOBO, "odk": ODK, "limesurvey": LIMESURVEY, "google": GOOGLE}
ENOUGH = {"kobo": 2, "odk": 2, "limesurvey": 2, "google": 1}
"""Names of its own that a file must have to be one of a program."""

_SIASN = frozenset(
    [
        "pnsdinilaiid",
        "nipnrppenilai",
        "penilainipnrp",
        "hasilkinerjanilai",
        "perilakukerjanilai",
        "kuadrankinerjanilai",
    ]
)


def plain(text: str) -> str:
    """Return a text in lower case without accents, its words with one blank between them."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare)
    return re.sub(r"[^a-z0-9]+", " ", spaced.casefold()).strip()


def layout_of(names: Collection[str]) -> str:
    """Return the program that wrote a file, by its own columns: one of `LAYOUTS`, ``siasn``, or nothing."""
    folded = {name.strip().casefold() for name in names}
    if folded & _SIASN:
        return "siasn"
    found = {layout: len(folded & own) for layout, own in LAYOUTS.items()}
    best = max(found, key=lambda layout: found[layout])
    return best if found[best] >= ENOUGH[best] else ""


def is_technical(name: str, layout: str) -> bool:
    """Tell whether a column is the program's own and not an answer."""
    folded = name.strip().casefold()
    if layout == "kobo" and (
        folded.startswith("_") or folded.rpartition("/")[2] in ("instanceid", "rootuuid")
    ):
        return True
    own = LAYOUTS.get(layout, frozenset())
    if layout == "limesurvey" and (
        folded == "id" or re.match(r"(grouptime|question time|group time)", folded)
    ):
        return True
    return folded in own or (layout in ("kobo", "odk") and folded in DEVICE)


@dataclass(frozen=True)
class Heading:
    """A column's heading taken apart.

    Parameters
    ----------
    name : str
        The column, as in the file.
    group : str
        What holds it with others: group path, grid question, array code, or prefix of its code.
    code : str
        Short name within the group; empty where the heading is only words.
    words : str
        The question.
    stem : str
        The words of the group, where the file has them.
    """

    name: str
    group: str
    code: str
    words: str
    stem: str = ""


_CODED = re.compile(r"(?P<code>[A-Za-z]\w{0,30}(?:\[\w+\])?)\.\s+(?P<text>\S.*)", re.DOTALL)
_WITHIN = re.compile(r"(?P<stem>.*?)\s*\[(?P<sub>[^\[\]]+)\]\s*", re.DOTALL)
_NUMBERED = re.compile(
    r"\(?(?P<code>[A-Za-z]{0,3}\d{0,2}(?:[.\-]\d{1,3})?)\s*[.)]\s+(?P<text>\S.*)", re.DOTALL
)
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,23}")
_PREFIX = (
    re.compile(r"(?P<prefix>[A-Za-z]+\d+)[._\-]\d+[a-z]?"),  # X1.1, G1Q1_2
    re.compile(r"(?P<prefix>[A-Za-z_]*[A-Za-z])[._\-]?\d+[a-z]?"),  # bk1, BK_01, q12a
)


def read_heading(name: str, layout: str, question: str = "") -> Heading:
    """Take a heading apart.

    Parameters
    ----------
    name : str
        The column, as in the file.
    layout : str
        The program that wrote it, as `layout_of` says.
    question : str
        The words of its question, where the file has them elsewhere.
    """
    if layout == "kobo" and "/" in name:
        group, _, last = name.rpartition("/")
        return _named(name, group, last, question, group.rpartition("/")[2])
    if layout == "odk" and "-" in name:
        group, _, last = name.rpartition("-")
        return _named(name, group, last, question, group.rpartition("-")[2])
    if match := _CODED.fullmatch(name):
        code, text = match["code"], match["text"]
        array, _, sub = code.partition("[")
        inner = _WITHIN.fullmatch(text)
        group = array if sub else prefix_of(array)
        return Heading(
            name, group, _clean(code), inner["sub"] if inner else text, inner["stem"] if inner else ""
        )
    if match := _WITHIN.fullmatch(name):
        stem, sub = match["stem"], match["sub"]
        if _CODE.fullmatch(stem) and re.fullmatch(r"\w*\d\w*", sub):
            return Heading(name, stem, _clean(name), question or name)
        return Heading(name, stem, "", sub, stem)
    return _named(name, "", name, question, "")


def _named(name: str, group: str, last: str, question: str, stem: str) -> Heading:
    words = question or last
    if match := _NUMBERED.fullmatch(words):
        code = match["code"]
        group = group or (prefix_of(code) if re.match("[A-Za-z]", code) else "")
        words = match["text"]
    code = last if _CODE.fullmatch(last) else ""
    return Heading(name, group or (prefix_of(code) if code else ""), code, words, stem)


def prefix_of(code: str) -> str:
    """Return what a code has before its number: ``X1`` of X1.2, ``bk`` of bk3; nothing of a bare word."""
    for pattern in _PREFIX:
        if match := pattern.fullmatch(code):
            return match["prefix"]
    return ""


def _clean(code: str) -> str:
    return re.sub(r"\W+", "_", code).strip("_")
