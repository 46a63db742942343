"""The simulator's page: what is written, and what a browser makes of it."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import nbformat.v4 as v4
import numpy as np
import pytest

from tests.exhibits.simulator_plans import one_lever, simulator, with_lever
from tests.publish import sample_site as sample
from walesi_research.exhibits import show
from walesi_research.exhibits.simulator_page import COVERAGES, budgets, script_hash
from walesi_research.exhibits.simulator_words import told
from walesi_research.publish import build_site

BREAKING = "</script><script>alert(1)</script>"
MADE = {
    "plan": simulator,
    "unpriced": lambda code: with_lever(simulator(code), "culture", cost=None),
    "free": lambda code: replace(
        simulator(code), levers=tuple(replace(x, cost=None) for x in simulator(code).levers)
    ),
    "loss": lambda code: with_lever(
        simulator(code), "hours", effect=-0.6, draws=[-0.6 - x for x in simulator(code).levers[0].draws]
    ),
    "ties": one_lever,
    "breaking": lambda code: with_lever(simulator(code), "hours", label=BREAKING, note=BREAKING),
}
"""Simulators of one notebook, each on a page of its own."""


def file_of(name):
    place = list(MADE).index(name) + 1
    return f"07_policy-simulator{f'-{place}' if place > 1 else ''}.html"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Folder of a site whose one notebook shows every simulator."""
    cells = [sample.prose("# Bagaimana kalau?", "id"), sample.prose("# What if?", "en")]
    cells += [sample.code("show(plan)", partial(show, plan)) for plan in MADE.values()]
    folder = tmp_path_factory.mktemp("simulators")
    facts = replace(sample.FACTS, failures={})
    build_site({"07_policy": v4.new_notebook(cells=cells)}, [], facts, folder)
    return folder


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_notebooks_page_leads_to_each(pages, language):
    html = (pages / language / "07_policy.html").read_text(encoding="utf-8")
    addresses = re.findall(r'href="(07_policy-simulator[^"]*)"', html)
    assert addresses == [file_of(name) for name in MADE]
    assert all((pages / language / address).is_file() for address in addresses)
    assert "<script" not in html and "halaman interaktif" not in html and html.count("<table") == len(MADE)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("name", MADE)
def test_a_page_is_small_and_names_its_one_script(pages, language, name):
    html = (pages / language / file_of(name)).read_text(encoding="utf-8")
    assert len(html.encode()) < 60_000
    assert "content=\"default-src 'none';style-src 'unsafe-inline';img-src data:;script-src '" in html
    assert html.count(script_hash()) == 1 and html.count("<script") == 2
    assert not re.search(r"https?://|url\(|@import|srcset| on\w+=", html)
    assert f'href="../{"en" if language == "id" else "id"}/{file_of(name)}"' in html


@pytest.fixture
def visit(visit_file, pages):
    def open_page(name, language="id", width=390, **options):
        return visit_file(pages / language / file_of(name), width, **options)

    return open_page


READ = """() => ({
  numbers: {...document.getElementById('plan').dataset},
  texts: Object.fromEntries(['gain', 'sure', 'reach', 'cost', 'point', 'beyond'].map(
    name => [name, document.getElementById('said-' + name).textContent])),
  at: Object.fromEntries([...document.querySelectorAll('input')].map(x => [x.name, +x.value])),
})"""
LAST = "() => Object.fromEntries([...document.querySelectorAll('input')].map(x => [x.name, +x.max]))"
MOVE = """places => {
  for (const [name, place] of Object.entries(places)) document.getElementById('s-' + name).value = place;
  document.getElementById('plan').dispatchEvent(new Event('input'));
}"""


def expected(plan, at):
    """What Python says of the plan that sliders stand at."""
    coverage = COVERAGES[at["coverage"]]
    steps = {lever.name: lever.steps[at[f"lever{k}"]] for k, lever in enumerate(plan.levers)}
    budget = budgets(plan)[at["budget"]] if "budget" in at else None
    outcome = plan.outcome(coverage, steps, budget)
    return outcome, told(plan, outcome, coverage)


def hold(page, plan):
    """Hold the page's numbers and words against Python's; return where the sliders stand."""
    read = page.evaluate(READ)
    outcome, words = expected(plan, read["at"])
    for name in ("estimate", "low", "high", "above", "reached"):
        # both add the same doubles in the same order; the percentile's last step may differ in one bit
        assert float(read["numbers"][name]) == pytest.approx(getattr(outcome, name), rel=1e-12, abs=1e-15)
    cost = read["numbers"]["cost"]
    assert cost == "null" if outcome.cost is None else float(cost) == pytest.approx(outcome.cost, rel=1e-12)
    assert read["texts"] == words
    return read["at"]


@pytest.mark.browser
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_keyboard_moves_the_sliders_and_numbers_are_pythons(visit, language):
    page, plan = visit("plan", language), simulator(language)
    start = hold(page, plan)
    for name, keys, place in (
        ("coverage", ["ArrowLeft"] * 3, 17),
        ("lever0", ["End"], 5),
        ("lever1", ["Home", "ArrowRight"], 1),
        ("lever2", ["ArrowRight"], start["lever2"] + 1),
        ("budget", ["End"], len(budgets(plan)) - 1),
    ):
        page.keyboard.press("Tab")
        while page.evaluate("document.activeElement.tagName") != "INPUT":
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == name
        for key in keys:
            page.keyboard.press(key)
        assert hold(page, plan)[name] == place
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # back to the first plan
    page.wait_for_timeout(50)
    assert hold(page, plan) == start
    assert page.faults == []


@pytest.mark.browser
@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("name", ["plan", "unpriced", "free", "loss", "ties"])
def test_any_plan_is_told_as_python_tells_it(visit, language, name):
    page, plan, rng = visit(name, language), MADE[name](language), np.random.default_rng(1)
    last = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('input')].map(x => [x.name, +x.max]))"
    )
    seen = set()
    for _ in range(40):
        page.evaluate(MOVE, {slider: int(rng.integers(end + 1)) for slider, end in last.items()})
        hold(page, plan)
        seen.add(page.evaluate("document.getElementById('mark').getAttribute('class')"))
    assert len(seen) > 1 and page.faults == []


@pytest.mark.browser
def test_nothing_is_asked_of_a_network(visit, pages):
    page = visit("breaking")
    page.evaluate(MOVE, {"coverage": 3})
    assert [url for url in page.requests if not url.startswith("data:")] == [page.url]
    assert page.faults == [] and page.locator("label span").nth(1).inner_text() == BREAKING
    page.evaluate(MOVE, {"lever0": 5})
    assert BREAKING in page.locator("#said-beyond").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["id", "en"])
def test_without_javascript_the_table_stays(visit, language):
    page = visit("plan", language, java_script_enabled=False)
    assert not page.locator("input, button, #drawing").first.is_visible()
    assert page.locator("table").is_visible() and "JavaScript" in page.locator("main").inner_text()
    plan = simulator(language)
    gain = plan.outcome(1, {"hours": 12}).estimate
    row = page.locator("tr", has_text="12\N{NO-BREAK SPACE}JP").first.inner_text()
    assert f"{gain:.1f}".replace(".", {"id": ",", "en": "."}[language]) in row


@pytest.mark.browser
def test_what_is_seen_is_said_once_the_sliders_rest(visit):
    page = visit("plan")
    slider, spoken = page.locator("#s-lever0"), page.locator("#spoken")
    page.evaluate(
        """() => { window.changes = [];
        new MutationObserver(() => window.changes.push(document.getElementById('spoken').textContent))
          .observe(document.getElementById('spoken'), {childList: true}); }"""
    )
    assert page.locator("[aria-live]").count() == 1 and spoken.inner_text() == ""
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("End")
    assert slider.get_attribute("aria-valuetext") == "20\N{NO-BREAK SPACE}JP, di luar data"
    page.wait_for_timeout(1000)  # it speaks 0.7 s after the last step
    changes = page.evaluate("window.changes")
    assert len(changes) == 1 and changes[0].startswith(page.locator("#said-gain").inner_text())
    assert "Di luar data: Jam pelatihan" in changes[0]
    drawn = page.locator("#drawing").get_attribute("aria-label")
    assert drawn == f"{page.locator('#said-gain').inner_text()} Angka rekaan."


@pytest.mark.browser
@pytest.mark.parametrize("name", ["plan", "breaking"])
def test_it_fits_every_width(visit, name):
    page = visit(name)
    for width in (320, 360, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        tall = page.evaluate("[...document.querySelectorAll('input,button')].map(x => x.offsetHeight)")
        assert min(tall) >= 40  # a finger


LAID = """() => {
  const box = id => document.querySelector(id).getBoundingClientRect();
  const ends = id => [box(id).left, box(id).right];
  return {all: ends('#drawing'), zero: box('.lim').left, marks: ['#low', '#gain', '#high', '#bar'].map(ends)};
}"""


@pytest.mark.browser
@pytest.mark.parametrize("name", ["plan", "loss"])
def test_marks_stay_within_the_drawing_and_labels_off_zero(visit, name):
    page, rng = visit(name), np.random.default_rng(2)
    for _ in range(40):
        page.evaluate(MOVE, {f"lever{k}": int(rng.integers(1, 6)) for k in range(3)} | {"budget": 99})
        laid = page.evaluate(LAID)
        for left, right in laid["marks"]:
            assert laid["all"][0] - 1 <= left <= right <= laid["all"][1] + 1
        for left, right in laid["marks"][:3]:
            assert not left < laid["zero"] < right
        low, _, high, _ = laid["marks"]
        assert low[1] < high[0]


@pytest.mark.browser
def test_a_focused_slider_is_in_sight(visit):
    page = visit("plan")
    page.locator("#s-budget").focus()
    page.locator("#s-lever0").focus()  # upwards: must not stop beneath the drawing that stays in sight
    slider, drawing = (page.locator(x).bounding_box() for x in ("#s-lever0", "form figure"))
    assert slider["y"] >= drawing["y"] + drawing["height"]


@pytest.mark.browser
def test_paper_keeps_the_plan_and_drops_what_moves(visit):
    page = visit("plan")
    page.emulate_media(media="print")
    assert not page.locator("#s-lever0").is_visible() and not page.locator("button").is_visible()
    assert page.locator("#s-lever0-text").is_visible() and page.locator("#drawing").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(visit, scheme, width):
    axe = pytest.importorskip("axe_playwright_python")
    source = next(Path(axe.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
    for name, language in (("plan", "id"), ("unpriced", "en")):
        page = visit(name, language, width, color_scheme=scheme, bypass_csp=True)
        page.evaluate(MOVE, {"lever0": 5, "lever2": 6})  # beyond the data
        page.evaluate(source)
        found = page.evaluate("axe.run()")
        assert [(x["id"], len(x["nodes"])) for x in found["violations"]] == []
        assert len(found["passes"]) > 20
