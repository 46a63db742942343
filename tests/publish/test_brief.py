"""The brief as a page: two sheets of paper, small, whole, and readable by everyone."""

import re
from itertools import pairwise

import nbformat.v4 as v4
import pytest

from tests.publish import sample_site as sample
from tests.publish.test_site import Reader
from tests.questions.claimed import STATES, patterned
from walesi_research.exhibits import show
from walesi_research.publish.parts import take_apart

NAME = "08_brief"
MIXED = ["supported", "not_supported", "supported", "supported", "supported", "cannot_tell", "cannot_tell"]
PATTERNS = {state: [state] * 9 for state in STATES} | {"mixed": [*MIXED, "supported", "supported"]}
LANGUAGES = ("id", "en")


def notebook(told):
    cells = [
        sample.prose("# Apa yang didukung data, dan apa yang dapat diputuskan?", "id"),
        sample.prose("# What do the data support, and what can be decided?", "en"),
        sample.code("show(told.title)", lambda: show(told.title, told.sentence)),
        sample.code("show(told.decisions)", lambda: show(told.decisions, told.reading, told.claims)),
        sample.code("show(told.limits)", lambda: show(told.limits), tags=["limits"]),
        sample.code("show(told.sources)", lambda: show(told.sources), tags=["method"]),
        sample.code("show(told.summary)", lambda: show(told.summary)),
    ]
    return v4.new_notebook(cells=cells)


@pytest.fixture(scope="module")
def briefs(tmp_path_factory):
    """A folder with a site for each pattern of verdicts."""
    folder = tmp_path_factory.mktemp("briefs")
    for name, states in PATTERNS.items():
        sample.build(folder / name, {NAME: notebook(patterned(states))}, [])
    return folder


def read(briefs, pattern, language):
    return (briefs / pattern / language / f"{NAME}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_brief_is_whole_and_small(briefs, pattern, language):
    html = read(briefs, pattern, language)
    reader = Reader(html)
    assert reader.headings.count(1) == 1 and all(b - a <= 1 for a, b in pairwise(reader.headings))
    assert len(reader.ids) == len(set(reader.ids)) and {f"k{i}" for i in range(1, 10)} <= set(reader.ids)
    assert len(html.encode()) < 60_000
    assert "<script" not in html and 'class="synth"' in html


def test_headline_and_summary_are_the_pages_own(briefs):
    parts = take_apart(notebook(patterned(PATTERNS["mixed"])), "id")
    assert parts.headline == "Nilai kinerja pegawai mengikuti hasil kerja, tetapi juga hubungan pribadi"
    assert parts.title.startswith("Apa yang didukung") and parts.answer.startswith("<b>Enam dari sembilan")
    html = read(briefs, "mixed", "id")
    assert html.count(f"<h1>{parts.headline}</h1>") == 1 and parts.summary not in html
    english = html[html.index('<section class="other" lang="en"') :]
    assert "Appraisal scores follow results" in english and "five" not in english and "six" in english


def test_other_pages_do_not_carry_the_briefs_style(site):
    assert ".decide" not in (site / "id" / "03_appraisal.html").read_text(encoding="utf-8")


# ── in a browser ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def visit(browser, briefs):
    contexts = []

    def open_page(pattern, language, width=390, **options):
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.requests = []
        page.on("request", lambda request: page.requests.append(request.url))
        page.goto((briefs / pattern / language / f"{NAME}.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_brief_is_two_sheets_of_paper(visit, pattern, language):
    pdf = visit(pattern, language).pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == 2


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pattern", ["mixed", "missing"])
def test_a_brief_fits_every_screen_and_asks_nothing_of_a_network(visit, pattern, language):
    page = visit(pattern, language)
    for width in (320, 360, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in page.requests if not url.startswith(("data:", "file:"))] == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("pattern", "language", "width"), [("mixed", "id", 360), ("mixed", "en", 1280), ("missing", "id", 1280)]
)
def test_no_rule_of_accessibility_is_broken(visit, pattern, language, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(pattern, language, width, color_scheme=scheme, bypass_csp=True)
    found = axe.run(page).response["violations"]
    assert [(v["id"], len(v["nodes"])) for v in found] == []
