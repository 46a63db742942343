"""Stacked bars, and the strip that stands for one in a table."""

import re
import xml.etree.ElementTree as ET

import pytest

from walesi_research.exhibits import Cell, Column, Group, Shares, Table, stacked
from walesi_research.exhibits.strip import pieces, strip


def drawn(rows, **how):
    return stacked(rows, language="en", alt="Answers", caption="c", **how)


def test_parts_lie_side_by_side_and_fill_the_bar():
    found = pieces((0.2, 0.3, 0.5), 100)
    assert [(look, left) for look, left, _ in found] == [("no", 0), ("mid", 20), ("yes", 50)]
    assert [wide for *_, wide in found] == [18, 28, 50]  # two units of air after all but the last


def test_a_part_without_answers_is_not_drawn():
    assert [look for look, *_ in pieces((0.0, 0.4, 0.6), 100)] == ["mid", "yes"]
    last = pieces((0.5, 0.5, 0.0), 100)[-1]
    assert last[1] + last[2] == 100


def test_the_figure_gives_its_numbers_in_words_and_as_a_file():
    figure = drawn([Shares("Culture", (0.16, 0.36, 0.48)), Shares("Skill", note="too few")], synthetic=True)
    assert figure.alt == "Answers: Culture 16% / 36% / 48%; Skill too few."
    tree = ET.fromstring(figure.svg)
    told = [node.text for node in tree.iter("text")]
    assert {"Culture", "16%", "48%", "Skill", "too few", "invented numbers"} <= set(told)
    assert figure.data["above"][0] == 0.48 and figure.data["above"].isna()[1]


@pytest.mark.parametrize("row", [{"label": "A"}, {"label": "A", "parts": (0.5, 0.2, 0.1)}])
def test_rows_that_say_nothing_or_do_not_sum_to_one_are_refused(row):
    with pytest.raises(ValueError, match="row 'A'"):
        Shares(**row)


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="need rows"):
        drawn([])


def test_a_table_groups_its_rows_and_draws_shares_in_a_cell():
    rows = [
        Group("Culture", "1 to 5"),
        ["bk1", Cell("20 · 30 · 50%", "few", (0.2, 0.3, 0.5))],
        Group("Skill"),
    ]
    html = Table(["x", Column("y", numeric=True)], rows, "c", "en").html().replace("<!--n-->", "")
    bodies = ET.fromstring(html).findall(".//tbody")
    assert [b.find("tr/th").get("scope") for b in bodies] == ["rowgroup", "rowgroup"]
    assert bodies[0].find("tr/th").get("colspan") == "2"
    cell = bodies[0].findall("tr")[1].find("td")
    assert cell.find("svg").get("aria-hidden") == "true" and cell.find("small").text == "few"
    assert len(re.findall("<path", strip((0.2, 0.3, 0.5)))) == 3
