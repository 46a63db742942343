import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walesi_research.exhibits import Interval, interval_plot

REASON = "Not shown: fewer than five people"


def plot(rows, **options):
    about = {"language": "en", "alt": "Points added", "caption": "Points added.", "axis_label": "Points"}
    return interval_plot(rows, **(about | options))


def texts(figure):
    return [node.text for node in ET.fromstring(figure.svg).iter("text")]


LABELS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60).filter(
    str.strip
)
NUMBERS = st.floats(-9999, 9999, allow_nan=False).map(lambda x: round(x, 1))


@st.composite
def rows(draw):
    made = []
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["interval", "interval", "point", "gap", "twin"]))
        label, bold = draw(LABELS), draw(st.booleans())
        low, middle, high = sorted(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)))
        if kind == "gap":
            made.append(Interval(label, note=draw(LABELS), bold=bold))
        elif kind == "point":
            made.append(Interval(label, middle, bold=bold))
        else:
            twin = tuple(sorted(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)))) if kind == "twin" else None
            twin = (twin[1], twin[0], twin[2]) if twin else None
            made.append(Interval(label, middle, low, high, bold=bold, alternative=twin))
    return made


@given(
    rows(),
    st.one_of(st.none(), NUMBERS),
    st.sampled_from(["above", "below"]),
    st.booleans(),
    st.sampled_from(["id", "en"]),
    st.sampled_from([0.0, None]),
)
@settings(deadline=None, max_examples=200)
def test_no_text_meets_another_or_leaves_the_drawing(
    text_boxes, rows, limit, side, synthetic, language, origin
):
    figure = plot(
        rows, limit=limit, supports=side, synthetic=synthetic, language=language, origin=origin,
        alternative_label="with survey weights",
    )  # fmt: skip
    found = text_boxes(figure.svg)
    for one, other in itertools.combinations(found, 2):
        assert not one.meets(other), (one, other)
    height = float(re.search(r'viewBox="0 0 340 ([\d.]+)"', figure.svg).group(1))
    for box in found:
        assert box.left >= -1 and box.right <= 341 and box.top >= 0 and box.bottom <= height


@given(rows(), NUMBERS)
@settings(deadline=None, max_examples=100)
def test_no_number_of_a_row_sits_on_the_limit(text_boxes, rows, limit):
    figure = plot(rows, limit=limit)
    lines = re.findall(r'class="lim" d="M([\d.]+) ([\d.]+)V([\d.]+)"', figure.svg)
    for x, top, bottom in (map(float, line) for line in lines):
        for box in text_boxes(figure.svg):
            crosses = box.left + 0.5 < x < box.right - 0.5 and box.top < bottom and top < box.bottom
            assert not crosses, box


def test_both_ends_estimate_limit_and_zone_are_labelled():
    shown = texts(plot([Interval("All ties", 4.2, 2.6, 5.8)], limit=1))
    assert {"2.6", "5.8", "+4.2", "All ties", "supports the claim: above 1.0 →", "Points"} <= set(shown)


def test_numbers_are_written_in_the_language():
    shown = texts(plot([Interval("Semua", -0.03, -1234.5, 0.5)], language="id"))
    assert {"−1.234,5", "0,5"} <= set(shown)


def test_shares_are_percentages_with_few_ticks():
    shown = texts(plot([Interval("x", 0.271, 0.19, 0.36)], percent=True, digits=0, sign=False))
    assert {"27%", "19%", "36%", "20%"} <= set(shown)
    assert not [text for text in shown if "." in text]


def test_suppressed_rows_keep_their_place_and_say_why():
    shown = texts(plot([Interval("A", 1, 0, 2), Interval("B", note=REASON), Interval("C", 3, 2, 4)]))
    assert shown.index("A") < shown.index("B") < shown.index("C")
    assert REASON in " ".join(shown)


def test_all_rows_suppressed_has_no_axis():
    figure = plot([Interval("A", note=REASON), Interval("B", note=REASON)], limit=1)
    assert "zone" not in figure.svg and "axis" not in figure.svg and "supports" not in figure.svg


@pytest.mark.parametrize(
    ("low", "high", "side", "shade"),
    [(2, 3, "above", "yes"), (-1, 0, "above", "no"), (0, 2, "above", "open"), (-1, 0, "below", "yes")],
)
def test_shape_follows_the_verdict(low, high, side, shade):
    drawing = plot([Interval("A", (low + high) / 2, low, high)], limit=1, supports=side).svg
    assert re.findall(r'<g class="(\w+)">', drawing) == [shade]
    assert ('class="dot"' in drawing, 'class="half"' in drawing) == (shade == "yes", shade == "open")


def test_a_verdict_that_is_given_is_kept():
    drawing = plot([Interval("A", 2, 1.5, 3, verdict="cannot_tell")], limit=1).svg
    assert 'class="open"' in drawing


def test_the_second_series_has_another_shape_and_is_named():
    figure = plot([Interval("A", 2, 1, 3, alternative=(2.2, 1.1, 3.3))], alternative_label="weighted")
    assert {"weighted", "+2.2"} <= set(texts(figure)) and "h8v8h-8z" in figure.svg


def test_alt_text_holds_the_numbers_and_download_too():
    figure = plot([Interval("A", 4.2, 2.6, 5.8), Interval("B", note=REASON)])
    assert figure.alt == f"Points added: A 4.2 (2.6 to 5.8); B: {REASON}."
    assert list(figure.data["estimate"].dropna()) == [4.2]


def test_colours_come_from_the_page():
    drawing = plot([Interval("A", 4.2, 2.6, 5.8)], limit=1, synthetic=True).svg
    assert "#" not in drawing and "style" not in drawing and "invented numbers" in drawing


def test_a_figure_is_small():
    assert len(plot([Interval(f"Row {i}", i, i - 1, i + 1) for i in range(4)], limit=1).svg) < 4000


@pytest.mark.parametrize(
    "row", [{"label": "A"}, {"label": "A", "estimate": 1, "low": 0}, {"label": "A", "note": ""}]
)
def test_a_row_says_something(row):
    with pytest.raises(ValueError, match="A"):
        Interval(**row)


def test_a_plot_needs_rows_and_a_side():
    with pytest.raises(ValueError, match="rows"):
        plot([])
    with pytest.raises(ValueError, match="side"):
        plot([Interval("A", 1)], supports="left")
