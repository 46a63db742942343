"""Shares as dots beside those of others: every dot named, nothing over anything else."""

import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walesi_research.exhibits import Dots, dot_plot

SHARE = st.floats(0, 1)
LABELS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60).filter(
    str.strip
)
OTHERS = st.lists(st.tuples(st.sampled_from(["Indonesia 2012", "UK 2018", "US 2018"]), SHARE), max_size=3)
KNOWN = st.tuples(LABELS, st.lists(SHARE, min_size=3, max_size=3).map(sorted), st.booleans(), OTHERS)
ROWS = st.lists(
    st.one_of(
        KNOWN.map(lambda k: Dots(k[0], k[1][1], (k[1][0], k[1][2]) if k[2] else None, others=tuple(k[3]))),
        st.builds(Dots, LABELS, note=st.just("too few people"), others=OTHERS.map(tuple)),
    ),
    min_size=1,
    max_size=5,
)


def draw(rows, language="en", **options):
    about = {"alt": "Share of positive answers", "caption": "Share of positive answers.", "own": "This study"}
    return dot_plot(rows, language=language, **(about | options))


@given(ROWS, st.booleans())
@settings(deadline=None, max_examples=150)
def test_no_text_meets_another_or_leaves_the_drawing(text_boxes, rows, synthetic):
    found = text_boxes(draw(rows, synthetic=synthetic).svg)
    for one, other in itertools.combinations(found, 2):
        assert not one.meets(other), (one, other)
    assert all(box.left >= -1 and box.right <= 341 and box.top >= 0 for box in found)


def test_dots_lie_in_proportion_and_squares_on_their_own_lines():
    svg = draw([Dots("A", 0.0, others=(("UK 2018", 0.5),)), Dots("B", 1.0, (0.5, 1.0))]).svg
    dots = [float(x) for x in re.findall(r'class="dot" cx="([\d.]+)"', svg)]
    (square,) = (float(x) + 4 for x in re.findall(r'class="ring" d="M([\d.]+)', svg))
    assert dots == [7, 333] and square == 170  # from 7 to 333, one half between them
    assert svg.count('class="bar"') == 1  # only the share that has an interval
    ET.fromstring(svg)


def test_the_alt_text_holds_every_number_and_a_gap_says_why():
    figure = draw([
        Dots("Work culture", 0.48, (0.44, 0.52), others=(("Indonesia 2012", 0.776),)),
        Dots("Skill", note="too few people", others=(("UK 2018", 0.89),)),
    ])  # fmt: skip
    assert figure.alt == (
        "Share of positive answers: Work culture: 48% (44%–52%), Indonesia 2012 78%; "
        "Skill: too few people, UK 2018 89%."
    )
    assert "This study: too few people" in figure.svg


def test_it_is_labelled_and_escaped():
    figure = draw([Dots("<b>A & B", 0.5)], "id", synthetic=True)
    assert "angka rekaan" in figure.svg and "&lt;b&gt;A &amp; B" in figure.svg


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="does not say why"):
        Dots("A")
    with pytest.raises(ValueError, match="no share"):
        Dots("A", 0.5, others=(("UK 2018", 77.0),))
    with pytest.raises(ValueError, match="rows"):
        draw([])
