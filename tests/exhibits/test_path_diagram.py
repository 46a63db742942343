"""Path diagrams: nothing covers anything, looks say what is certain, and a drawing stands alone."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from tests.exhibits.path_cases import CASES, arrow, case
from walesi_research.exhibits import Arrow, Figure, Node, path_diagram
from walesi_research.exhibits.path_chain import Chain
from walesi_research.exhibits.path_layout import arrange
from walesi_research.exhibits.standalone import standalone
from walesi_research.exhibits.svg import WIDTH

BOTH = [(name, language) for name in CASES for language in ("id", "en")]
LIMIT = 6000  # bytes: what one figure may take of a page


def drawn(nodes, arrows, language="id", **how):
    return path_diagram(nodes, arrows, language=language, alt="Jalur", caption="c", **how)


def route_points(route):
    """Points along a route, a turn taken as a corner: the curve itself lies inside."""
    down = [(route.x, route.top + k * (route.bottom - route.top) / 50) for k in range(51)]
    if route.into is None:
        return down
    return down + [(route.x + k * (route.into - route.x) / 50, route.bottom) for k in range(51)]


def within(point, box, air):
    x, y = point
    return box.left - air < x < box.right + air and box.top - air < y < box.bottom + air


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_no_text_meets_another_or_leaves_the_drawing(name, language, text_boxes):
    found = text_boxes(drawn(*case(name, language), language, synthetic=True).svg)
    meeting = [(a.text, b.text) for i, a in enumerate(found) for b in found[:i] if a.meets(b)]
    assert not meeting
    assert all(box.left >= 0 and box.right <= WIDTH for box in found)


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_no_arrow_or_box_crosses_the_number_of_another(name, language, text_boxes):
    chain = Chain(*case(name, language))
    layout, found = arrange(chain, 20), text_boxes(drawn(*case(name, language), language, synthetic=True).svg)
    for route in layout.routes:
        label = next(
            box for box in found
            if box.text == route.arrow.label and abs((box.left + box.right) / 2 - route.x) < 0.2
        )  # fmt: skip
        for other in layout.routes:  # a unit of air on each side of a line
            if other is not route:
                assert not any(within(p, label, 1) for p in route_points(other)), (route.arrow, other.arrow)
        assert not any(label.meets(_as_box(label, box)) for box in layout.boxes.values()), route.arrow


def _as_box(like, box):
    return replace(like, left=box.left, right=box.right, top=box.top, bottom=box.bottom)


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_arrows_pass_no_box_and_boxes_hold_their_text(name, language, arial_width):
    layout = arrange(Chain(*case(name, language)), 20)
    for route in layout.routes:
        for key, box in layout.boxes.items():
            ends = {route.arrow.source, route.arrow.target}
            if key not in ends:
                assert not any(within(p, box, 3) for p in route_points(route)), (route.arrow, key)
    for box in layout.boxes.values():
        assert 0 <= box.left < box.right <= WIDTH
        assert all(arial_width(line, 13, True) < box.right - box.left for line in box.lines)
        assert not any("…" in line for line in box.lines)
    rows = list(layout.boxes.values())
    assert not any(_as_box(a, a).top < b.bottom and b.top < a.bottom and a.left < b.right and b.left < a.right
                   for i, a in enumerate(rows) for b in rows[:i])  # fmt: skip


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_a_drawing_is_small_and_always_the_same(name, language):
    one, two = (drawn(*case(name, language), language, synthetic=True).svg for _ in range(2))
    assert one == two and len(one.encode()) < LIMIT
    assert "id=" not in one  # two drawings on a page share no name


def paths(figure):
    """Width and dash of every drawn line of arrows, by the shade of its group, without the key."""
    groups = [g for g in ET.fromstring(figure.svg).iter("g") if len(g) == 2]
    return [(g.get("class"), float(g[0].get("stroke-width")), g[0].get("stroke-dasharray")) for g in groups]


def test_looks_say_sign_strength_and_certainty():
    nodes = [Node("a", "A", 0), Node("b", "B", 0), Node("c", "C", 1)]
    strong, weak = arrow("a", "c", 0.6), arrow("b", "c", 0.2)
    (shade, wide, dash), (_, thin, _) = paths(drawn(nodes, [strong, weak]))
    assert shade == "yes" and dash is None and wide - thin == pytest.approx(2.0)  # 0.4 SD at 5 a SD
    (shade, _, dash), *_ = paths(drawn(nodes, [replace(strong, weight=-0.6)]))
    assert shade == "no" and dash is None
    (shade, _, dash), *_ = paths(drawn(nodes, [replace(strong, certain=False)]))
    assert shade == "open" and dash


def test_the_key_names_only_what_is_drawn():
    nodes = [Node("a", "A", 0), Node("b", "B", 1)]
    svg = drawn(nodes, [arrow("a", "b", 0.6)]).svg
    assert "garis penuh" in svg and "putus" not in svg and "minus" not in svg
    svg = drawn(nodes, [arrow("a", "b", 0.1, "en")], "en").svg
    assert "dashed: cannot tell yet" in svg and "solid" not in svg


def test_words_and_numbers_for_those_who_cannot_see_it():
    figure = drawn(*case("short"), synthetic=True)
    told = "Budaya kerja → Kinerja 0,31; Penghargaan dan pengakuan → Kinerja −0,04 (belum dapat disimpulkan)"
    assert figure.alt == f"Jalur: {told}."
    assert figure.data["estimate"].tolist() == [0.31, -0.04] and figure.data["certain"].tolist() == [
        True,
        False,
    ]
    assert 'role="img"' in figure.html() and "angka rekaan" in figure.svg
    assert "↔" in drawn(*case("chain")).alt


def test_labels_are_escaped_and_notes_are_written():
    nodes = [Node("a", "A <b> & co", 0), Node("b", "B", 1, "R² 0,35")]
    texts = [t.text for t in ET.fromstring(drawn(nodes, [arrow("a", "b", 0.3)]).svg).iter("text")]
    assert {"A <b> & co", "R² 0,35"} <= set(texts)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_chain_without_side_causes_draws_every_skip_beside_it(count, text_boxes):
    nodes = [Node(str(i), f"Langkah {i}", i) for i in range(count)]
    arrows = [
        arrow(str(i), str(j), 0.2 + 0.1 * i + 0.01 * j) for i in range(count) for j in range(i + 1, count)
    ]
    layout = arrange(Chain(nodes, arrows), 0)
    assert len(layout.routes) == len(arrows)
    for route in layout.routes:
        for key, box in layout.boxes.items():
            if key not in (route.arrow.source, route.arrow.target):
                assert not any(within(p, box, 1) for p in route_points(route)), (route.arrow, key)
    found = text_boxes(drawn(nodes, arrows).svg)
    assert not [(a.text, b.text) for i, a in enumerate(found) for b in found[:i] if a.meets(b)]


def test_three_causes_leave_a_place_empty():
    nodes, arrows = case("rich")
    nodes = [n for n in nodes if n.key != "training"]
    arrows = [a for a in arrows if a.source != "training"]
    layout = arrange(Chain(nodes, arrows), 0)
    assert layout.boxes["fairness"].right < WIDTH / 2 and len(layout.routes) == 12


A, B, C = Node("a", "A", 0), Node("b", "B", 0), Node("c", "C", 1)
FORTH = Arrow("a", "c", "0,3", 0.3, True)


@pytest.mark.parametrize(
    ("nodes", "arrows", "message"),
    [
        ([A, A, C], [], "keys"),
        ([A, B], [], "then 1 to 4"),
        ([], [], "then 1 to 4"),
        ([A, B, C, Node("d", "D", 1)], [], "one node"),
        ([A, *(Node(str(i), "x", 0) for i in range(4)), C], [], "at most 4"),
        ([A, B, C], [FORTH, FORTH], "twice"),
        ([A, B, C], [replace(FORTH, target="z")], "no such node"),
        ([A, B, C], [replace(FORTH, source="c", target="a")], "lower column"),
        ([A, B, C], [replace(FORTH, both=True)], "correlation"),
    ],
)
def test_what_cannot_be_drawn_is_refused(nodes, arrows, message):
    with pytest.raises(ValueError, match=message):
        drawn(nodes, arrows)


def test_a_drawing_stands_alone():
    file = standalone(drawn(*case("chain"), synthetic=True))
    tree = ET.fromstring(file)
    space = "{http://www.w3.org/2000/svg}"
    assert tree.tag == f"{space}svg" and tree.find(f"{space}title").text == "c"
    assert tree.find(f"{space}desc").text.startswith("Jalur: Budaya kerja ↔ ")
    style = tree.find(f"{space}style").text
    assert "var(" not in style and ".yes{color:#0a5570}" in style
    used = set(re.findall(r'class="([^"]+)"', file))
    assert {"yes", "open", "no"} <= used and "url(" not in file
    with pytest.raises(ValueError, match="picture"):
        standalone(Figure(image=b"\x89PNG", alt="a", caption="c", language="id"))
