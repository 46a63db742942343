"""Line plots: what is drawn, that names at the ends of lines do not meet, and what is refused."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walesi_research.exhibits import Line, line_plot
from walesi_research.exhibits.svg import LINE

GROUPS = ["< 70", "70–79", "≥ 80"]
WORDS = {"language": "id", "alt": "Nilai menurut capaian.", "caption": "Nilai rata-rata"}


def drawn(*values, **changes):
    lines = [Line(f"garis {k}", v) for k, v in enumerate(values)]
    return line_plot(GROUPS, lines, **(WORDS | changes)).html()


def test_every_value_has_its_mark_and_missing_ones_none():
    html = drawn([1.0, 2.0, 3.0], [None, 2.5, None])
    assert html.count("<circle") == 4
    assert "garis 0" in html and "garis 1" in html
    assert all(name.replace("<", "&lt;") in html for name in GROUPS)


def test_numbers_of_the_axis_follow_the_language():
    assert ">1,4<" in drawn([1.0, 1.5, 2.2])
    assert ">1.4<" in drawn([1.0, 1.5, 2.2], language="en")


def test_synthetic_numbers_are_labelled_once():
    assert drawn([1.0, 2.0, 3.0], synthetic=True).count("angka rekaan") == 1


@pytest.mark.parametrize("values", [[], [[None, None, None]], [[1.0, 2.0]], [[1.0, 2.0, 3.0]] * 4])
def test_what_cannot_be_drawn_is_refused(values):
    with pytest.raises(ValueError, match=r"one to three lines|nothing to draw"):
        line_plot(GROUPS, [Line("x", v) for v in values], **WORDS)


value = st.one_of(st.none(), st.floats(-500, 500))


@given(st.lists(st.lists(value, min_size=3, max_size=3), min_size=1, max_size=3))
def test_names_at_the_ends_of_lines_do_not_meet(values):
    if not any(v is not None for line in values for v in line):
        return
    html = drawn(*values)
    ends = re.findall(r'<text class="w hb" x="([-\d.]+)" y="([-\d.]+)"', html)
    baselines = sorted(float(y) for _, y in ends)
    assert all(b - a >= LINE - 0.2 for a, b in pairwise(baselines))
