"""How to read the report, and the data dictionary: complete in both languages, no word of a study loose."""

import re
from dataclasses import replace

import pytest

from tests.publish.sample_site import FACTS
from walesi_research.language import LANGUAGES, say
from walesi_research.publish.facts import Scale
from walesi_research.publish.guide import TERMS, guides
from walesi_research.study.columns import TABLES

HOSTILE = "</td></table><script>alert(1)</script>\"'&‮=cmd|" + "x" * 300
SCALE = Scale(
    label={"id": "Budaya kerja", "en": "Work culture"},
    items={
        "bk1": {"id": "Warga didahulukan.", "en": "People come first."},
        "bk2": {"id": "Kami bekerja sendiri-sendiri.", "en": "Everybody works alone."},
    },
    reverse=("bk2",),
    ends=(1, 5),
    source="written for this project",
)
EVERYTHING = {name: tuple(table.columns) for name, table in TABLES.items()}


def page(name, language, **changes):
    facts = replace(FACTS, **({"tables": EVERYTHING, "scales": (SCALE,)} | changes))
    (found,) = (guide for guide in guides(facts, language) if guide.name == name)
    return str.join("\n", found.blocks)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_that_a_study_may_have_is_explained(language):
    html = page("dictionary", language)
    for table, columns in EVERYTHING.items():
        for column in columns:
            assert column in html and say(language, f"dictionary.{table}_{column}") in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_study_is_told_its_own_columns_only(language):
    html = page("dictionary", language, tables={"employees": ("employee_id", "unit")}, scales=())
    assert "gender" not in html and "rater_id" not in html
    assert say(language, "guide.no_survey") in html


def test_a_reversed_statement_is_marked():
    rows = re.findall(r"<tr>.*?</tr>", page("dictionary", "id"), re.DOTALL)
    marked = [row for row in rows if "berlawanan arah" in row]
    assert len(marked) == 1 and "bk2" in marked[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_terms_are_explained_and_can_be_linked(language):
    html = page("reading", language)
    assert re.findall(r'<dt id="(\w+)">', html) == list(TERMS)
    assert str(FACTS.minimum_cell) in html


def test_a_real_study_is_not_told_what_synthetic_data_are():
    assert 'id="synthetic"' not in page("reading", "en", synthetic=False)


def test_words_of_a_study_cannot_break_the_page():
    words = dict.fromkeys(LANGUAGES, HOSTILE)
    scale = replace(SCALE, label=words, items={"bk1": words}, reverse=("bk1",), source=HOSTILE)
    html = page("dictionary", "id", scales=(scale,))
    assert "<script" not in html and "</td></table><" not in html
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["reading", "dictionary"])
def test_the_site_has_them_in_every_language(site, name, language):
    other = next(code for code in LANGUAGES if code != language)
    html = (site / language / f"{name}.html").read_text(encoding="utf-8")
    assert f"../{other}/{name}.html" in html and html.count("<h1>") == 1
    assert len(html.encode()) < 60_000
    index = site / ("index.html" if language == LANGUAGES[0] else f"{language}/index.html")
    assert f"{name}.html" in index.read_text(encoding="utf-8")
