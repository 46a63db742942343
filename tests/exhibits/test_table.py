import xml.etree.ElementTree as ET

import pandas as pd
import pytest

from walesi_research.exhibits import Cell, Column, Gap, Table, numbered


def parsed(table):
    return ET.fromstring(table.html().replace("<!--n-->", ""))


def test_headings_scope_alignment_and_second_lines():
    table = Table(["What", Column("n", numeric=True)], [["A", Cell("31", "raters")]], "Numbers", "en")
    tree = parsed(table)
    assert [(h.text, h.get("scope"), h.get("class")) for h in tree.iter("th")] == [
        ("What", "col", None),
        ("n", "col", "num"),
        ("A", "row", None),
    ]
    cell = tree.find(".//td")
    assert (cell.text, cell.get("class"), cell.find("small").text) == ("31", "num", "raters")
    assert tree.find(".//caption").text == "Table. Numbers"
    assert (tree.get("tabindex"), tree.get("role"), tree.get("aria-label")) == ("0", "region", "Numbers")


def test_a_gap_keeps_its_place_and_says_why_across_the_columns():
    rows = [["A", "1", "2"], Gap("B", "Not shown", "fewer than five"), ["C", "3", "4"]]
    tree = parsed(Table(["x", "y", "z"], rows, "Numbers", "en"))
    assert [r.find("th").text for r in tree.find(".//tbody")] == ["A", "B", "C"]
    cell = tree.findall(".//tbody/tr")[1].find("td")
    assert (cell.get("colspan"), cell.text, cell.find("small").text) == ("2", "Not shown", "fewer than five")


def test_all_text_is_escaped():
    bad = "<script>alert(1)</script>"
    rows = [[bad, Cell(bad, bad)], Gap(bad, bad, bad)]
    assert "<script" not in Table([bad, Column(bad)], rows, bad, "en").html()


def test_hidden_captions_have_no_number():
    table = Table(["x"], [["1"]], "Numbers", "id", show_caption=False)
    assert '<caption class="vh">Numbers</caption>' in numbered(table.html(), 3)
    assert "Tabel\xa03. Numbers" in numbered(Table(["x"], [["1"]], "Numbers", "id").html(), 3)


@pytest.mark.parametrize(
    "parts", [([], [], "c"), (["a"], [], ""), (["a"], [["1", "2"]], "c"), (["a", "b"], [["1"]], "c")]
)
def test_a_table_that_does_not_fit_is_refused(parts):
    with pytest.raises(ValueError, match="table"):
        Table(*parts, "en")


def test_a_frame_is_written_in_the_language():
    frame = pd.DataFrame({"unit": ["A", "B"], "mean": [1234.56, None], "share": [0.271, 0.5], "n": [1342, 7]})
    table = Table.from_frame(frame, language="id", caption="c", digits={"mean": 2}, percent=["share"])
    assert list(table.rows) == [["A", "1.234,56", "27%", "1.342"], ["B", "–", "50%", "7"]]
    assert [column.numeric for column in table.columns] == [False, True, True, True]


def test_a_short_range_is_not_broken():
    rows = [["a", Cell("0,87", "0,82–0,90")], ["b", Cell("0,1", "−0,1 sampai 0,3")]]
    html = Table(["x", "y"], rows, "T", "id").html()
    assert '<small class="nb">0,82–0,90</small>' in html and "<small>−0,1 sampai 0,3</small>" in html
