"""Numbers and words follow the language; the catalogues are complete in both."""

import datetime as dt
import re
import string

import pytest
from babel.messages.pofile import read_po

from walesi_research.language import (
    DOMAINS,
    LANGUAGES,
    Message,
    count,
    date,
    decimals,
    interval,
    interval_words,
    number,
    probability,
    say,
    share,
    signed,
)

LOCALE = "src/walesi_research/language/locale"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (number(4.25, "id"), "4,2"),
        (number(4.2, "en"), "4.2"),
        (number(-0.03, "id", 2), "−0,03"),
        (number(-0.001, "id", 2), "0,00"),
        (count(1342, "id"), "1.342"),
        (count(1342, "en"), "1,342"),
        (share(0.27, "id"), "27%"),
        (signed(4.2, "id"), "+4,2"),
        (signed(0.0, "id"), "0,0"),
        (interval(2.6, 5.8, "id"), "2,6–5,8"),
        (interval(-1.4, 4, "id"), "−1,4 sampai 4,0"),
        (interval_words(2.6, 5.8, "id"), "antara 2,6 dan 5,8"),
        (interval_words(-1.4, 4, "en"), "−1.4 to 4.0"),
        (interval_words(0.22, 0.78, "id", 0, percent=True), "antara 22% dan 78%"),
        (interval(0.223, 0.781, "en", 1, percent=True), "22.3%–78.1%"),
        (probability(0.0004, "id"), "<\N{NO-BREAK SPACE}0,001"),
        (probability(0.0316, "en"), "0.032"),
        (date(dt.date(2026, 11, 24), "id"), "24 November 2026"),
        (date(dt.date(2026, 8, 17), "id"), "17 Agustus 2026"),
    ],
)
def test_numbers_are_written_as_the_language_does(written, expected):
    assert written == expected


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [
        ([(0.1, 0.9)], 2),
        ([(0.1, 0.9), (0.141, 0.144)], 3),
        ([(0.1411, 0.1412)], 4),
        ([(0.5, 0.5)], 4),
        ([(-0.91, -0.004)], 3),
        ([(0.0, 0.9)], 2),
        ([], 2),
    ],
)
def test_decimals_tell_the_ends_of_intervals_apart(intervals, expected):
    assert decimals(intervals, 2) == expected


def catalogue(root, language, domain):
    with (root / LOCALE / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return {m.id: m for m in read_po(file, locale=language) if m.id}


def placeholders(message):
    texts = message.string if isinstance(message.string, tuple) else (message.string,)
    return [{(name, spec) for _, name, spec, _ in string.Formatter().parse(t) if name} for t in texts]


@pytest.mark.parametrize("domain", DOMAINS)
def test_catalogues_are_complete_and_agree_on_placeholders(root, domain):
    by_language = {language: catalogue(root, language, domain) for language in LANGUAGES}
    assert set(by_language["id"]) == set(by_language["en"])
    for key, message in by_language["en"].items():
        twin = by_language["id"][key]
        assert all(
            text.strip()
            for m in (message, twin)
            for text in ((m.string,) if isinstance(m.string, str) else m.string)
        ), key
        assert {n for n, _ in placeholders(message)[-1]} == {n for n, _ in placeholders(twin)[-1]}, key
        assert not message.fuzzy, key
        assert not twin.fuzzy, key


def test_both_languages_have_the_same_domains(root):
    names = [
        sorted(p.name for p in (root / LOCALE / language / "LC_MESSAGES").glob("*.po"))
        for language in LANGUAGES
    ]
    assert names[0] == names[1]


def test_a_message_is_said_in_either_language():
    message = Message.of("common.synthetic_short")
    assert message.in_("id") == "data sintetis"
    assert message.in_("en") == "synthetic data"


@pytest.mark.parametrize("key", ["common.no_such_message", "nowhere.synthetic_short"])
def test_a_missing_message_is_an_error(key):
    with pytest.raises(KeyError, match="no message"):
        say("id", key)


READERS = tuple(d for d in DOMAINS if d not in {"check", "cli", "pipeline", "rules", "synthetic"})
TOO_MUCH = {
    "id": r"signifikan|terbukti|membuktikan|mengakibatkan|berdampak|tidak ada pengaruh|p-value|\bnilai p\b",
    "en": r"significant|proven|proves|impact|p-value|no effect",
}
"""Words that say more than an interval can bear (readers take 'significant' for 'important')."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("domain", READERS)
def test_no_message_says_more_than_its_evidence(root, language, domain):
    for key, message in catalogue(root, language, domain).items():
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not re.search(TOO_MUCH[language], " ".join(texts), re.IGNORECASE), key
