import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walesi_research.exhibits import Bar, bars

LABELS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60).filter(
    str.strip
)
ROWS = st.lists(
    st.one_of(
        st.builds(Bar, LABELS, st.floats(0, 1), bold=st.booleans()), st.builds(Bar, LABELS, st.none(), LABELS)
    ),
    min_size=1,
    max_size=6,
)


def draw(rows, **options):
    about = {"language": "en", "alt": "Share who answered", "caption": "Share who answered, by unit."}
    return bars(rows, **(about | options))


@given(ROWS, st.booleans(), st.sampled_from(["", "Share of employees who answered the survey of the year"]))
@settings(deadline=None, max_examples=150)
def test_no_text_meets_another_or_leaves_the_drawing(text_boxes, rows, synthetic, name):
    figure = draw(rows, synthetic=synthetic, axis_label=name)
    found = text_boxes(figure.svg)
    for one, other in itertools.combinations(found, 2):
        assert not one.meets(other), (one, other)
    assert all(box.left >= -1 and box.right <= 341 and box.top >= 0 for box in found)


def test_bars_begin_at_zero_and_are_in_proportion():
    drawing = draw([Bar("A", 0.8), Bar("B", 0.4), Bar("C", 0.0)]).svg
    wide = [float(w) for w in re.findall(r'class="fill"[^>]*width="([\d.]+)"', drawing)]
    assert wide[0] == pytest.approx(2 * wide[1], abs=0.15)  # coordinates have one decimal
    assert wide[2] == 0


def test_a_suppressed_row_keeps_its_place_and_says_why():
    drawing = draw([Bar("A", 0.8), Bar("B", note="Not shown: fewer than five"), Bar("C", 0.5)]).svg
    shown = [node.text for node in ET.fromstring(drawing).iter("text")]
    assert [shown.index("A"), shown.index("B"), shown.index("C")] == sorted(map(shown.index, "ABC"))
    assert "fewer than five" in " ".join(shown)
    assert drawing.count('class="fill"') == 2


def test_counts_are_written_in_the_language():
    figure = draw([Bar("A", 1342)], percent=False, language="id")
    assert "1.342" in figure.svg and figure.alt.endswith("A 1.342.")


@pytest.mark.parametrize(("value", "note"), [(None, ""), (-0.1, ""), (float("nan"), "")])
def test_a_row_says_something_that_a_bar_can_show(value, note):
    with pytest.raises(ValueError, match="A"):
        Bar("A", value, note)


def test_values_beyond_the_maximum_are_refused():
    with pytest.raises(ValueError, match="beyond"):
        draw([Bar("A", 1.2)])
    with pytest.raises(ValueError, match="rows"):
        draw([])
