from itertools import pairwise

import pytest

pytestmark = pytest.mark.browser

PAGES = ["index.html", "en/index.html", "id/01_data.html", "id/03_appraisal.html", "en/03_appraisal.html"]
SIZES = [320, 360, 390, 768, 1280]

OVERLAPS = """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
  const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBBox()]);
  const met = [];
  boxes.forEach(([a, p], i) => boxes.slice(i + 1).forEach(([b, q]) => {
    // line boxes are taller than letters: a fifth of each is leading
    const across = Math.min(p.x + p.width, q.x + q.width) - Math.max(p.x, q.x);
    const down = Math.min(p.y + p.height, q.y + q.height) - Math.max(p.y, q.y);
    if (across > 0.5 && down > 0.2 * Math.min(p.height, q.height)) met.push([a, b, across, down]);
  }));
  return met;
})"""
SMALLEST = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let least = [99, ''];
  while (walker.nextNode()) {
    const text = walker.currentNode, box = text.parentElement;
    if (!text.textContent.trim() || !box.getClientRects().length) continue;
    const svg = box.closest('svg');
    const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
    const size = parseFloat(getComputedStyle(box).fontSize) * scale + (svg ? 1.6 : 0);
    if (size < least[0]) least = [size, text.textContent];
  }
  return least;
}"""


@pytest.fixture
def visit(visit_file, site):
    return lambda name, width=390, **options: visit_file(site / name, width, **options)


@pytest.mark.parametrize("name", PAGES)
def test_no_request_leaves_a_page(visit, site, name):
    page = visit(name)
    for fold in page.query_selector_all("summary"):
        fold.click()
    assert [url for url in page.requests if not url.startswith("data:")] == [(site / name).as_uri()]
    assert page.faults == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways(visit, name):
    page = visit(name)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    for width in SIZES:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_no_text_of_a_figure_meets_another_in_real_type(visit, name):
    page = visit(name)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(OVERLAPS) == []


@pytest.mark.parametrize("name", PAGES)
def test_no_text_is_small(visit, name):
    # 14 px, and 12.4 px in figures (to which 1.6 is added above) at 360 px
    size, text = visit(name, 360).evaluate(SMALLEST)
    assert size >= 13.99, text


@pytest.mark.parametrize("name", PAGES)
def test_what_is_seen_is_also_said(visit, name):
    page = visit(name)
    silent = page.evaluate(
        """() => [...document.querySelectorAll('img, svg')].filter(
             x => x.ariaHidden !== 'true' && !(x.alt || x.ariaLabel || '').trim()).length"""
    )
    headings = page.evaluate("() => [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert silent == 0
    assert headings.count(1) == 1 and headings[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(headings))


def test_the_keyboard_reaches_the_content_first(visit):
    page = visit("id/03_appraisal.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "isi"


def test_dark_pages_are_dark(visit):
    page = visit("id/03_appraisal.html", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 22, 27)"


def test_the_banner_stays_in_sight(visit):
    page = visit("id/03_appraisal.html")
    page.evaluate("window.scrollTo({top: 2000, behavior: 'instant'})")
    assert page.locator(".banner").bounding_box()["y"] == 0


def test_links_lead_from_the_index_to_a_page_and_its_other_language(visit):
    page = visit("index.html")
    page.click("text=Apakah penilaian mencerminkan")
    page.click("text=English")
    assert page.url.endswith("/en/03_appraisal.html")
    page.click(".site")
    assert page.locator("h1").inner_text() == "Civil service performance in Walesi"


FILLS = """() => {
  const ink = getComputedStyle(document.body).color;
  const fills = [...document.querySelectorAll('figure svg text')].map(t => getComputedStyle(t).fill);
  return fills.filter(fill => fill !== ink);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_reach_the_drawings(visit, scheme):
    page = visit("id/03_appraisal.html", forced_colors="active", color_scheme=scheme)
    assert page.evaluate(FILLS) == []


SPACED = """*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}
p{margin-bottom:2em!important}"""


@pytest.mark.parametrize("name", PAGES)
def test_text_may_be_spaced_out(visit, name):
    page = visit(name, width=320, bypass_csp=True)
    page.add_style_tag(content=SPACED)  # WCAG 1.4.12
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
