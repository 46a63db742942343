import csv
import io
import re
from urllib.parse import unquote

import matplotlib
import pandas as pd
import pytest

from walesi_research.exhibits import Figure, Table, from_matplotlib, numbered, plot_style
from walesi_research.exhibits.figure import csv_text

matplotlib.use("Agg")
SVG = '<svg viewBox="0 0 340 20"><path d="M0 0H9"/></svg>'
PNG = bytes.fromhex("89504e470d0a1a0a")


def figure(**options):
    about = {"svg": SVG, "alt": "A line", "caption": "A line", "language": "en"}
    return Figure(**(about | options))


@pytest.mark.parametrize("missing", ["alt", "caption"])
@pytest.mark.parametrize("empty", ["", "  ", "\u200f"])
def test_alt_and_caption_are_required(missing, empty):
    with pytest.raises(ValueError, match=missing):
        figure(**{missing: empty})


def test_a_figure_is_a_drawing_or_a_picture():
    with pytest.raises(ValueError, match="drawing"):
        figure(image=PNG)
    with pytest.raises(ValueError, match="drawing"):
        figure(svg=None)
    with pytest.raises(ValueError, match="WebP"):
        figure(svg=None, image=b"GIF89a")


def test_alt_text_is_what_the_drawing_says():
    html = figure(svg=SVG.replace("<svg", '<svg role="img" aria-label="old"'), alt='5 > "4"').html()
    assert html.count("aria-label") == 1 and html.count('role="img"') == 1
    assert 'aria-label="5 &gt; &#34;4&#34;"' in html


def test_the_synthetic_label_is_within_the_figure():
    html = figure(synthetic=True, language="id").html()
    assert re.search(r"<figure>.*angka rekaan.*</figure>", html)
    assert "A line Angka rekaan." in html and "Data sintetis." in html
    assert "rekaan" not in figure(language="id").html()


def test_a_number_is_put_wherever_the_figure_is_named():
    table = Table(["a"], [["1"]], "Numbers", "en")
    html = numbered(figure(data=pd.DataFrame({"a": [1]}), table=table).html(), 7)
    assert re.findall(r"(?:Figure|figure)\xa07", html) == ["Figure\xa07", "figure\xa07", "Figure\xa07"]
    assert 'download="figure-7.csv"' in html and "<!--" not in html


FORMULAS = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\u200f=1", " =1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_or_heading_is_run_as_a_formula(text):
    rows = list(csv.reader(io.StringIO(csv_text(pd.DataFrame({text: [text], "n": [-1.5]})))))
    for cell in (rows[0][0], rows[1][0]):
        assert cell.lstrip()[0] not in "=+-@\t\r"
    assert rows[1][1] == "-1.5"


def test_the_download_holds_the_data():
    html = figure(data=pd.DataFrame({"unit": ["A, B"], "x": [0.123456789]})).html()
    address = re.search(r'href="data:text/csv;charset=utf-8,([^"]*)"', html).group(1)
    assert unquote(address) == 'unit,x\n"A, B",0.123457\n'


def drawn():
    import matplotlib.pyplot as plt

    with plot_style():
        fig, axes = plt.subplots()
        axes.plot([1, 2, 3], [1, 4, 9])
    return fig


@pytest.mark.parametrize("form", ["webp", "svg"])
def test_matplotlib_gives_the_same_bytes_twice(form):
    about = {"alt": "A curve", "caption": "A curve", "language": "id", "form": form, "synthetic": True}
    one, two = (from_matplotlib(drawn(), **about) for _ in range(2))
    assert one == two and one.html() == two.html()
    assert 'alt="A curve Angka rekaan."' in one.html() or 'aria-label="A curve Angka rekaan."' in one.html()
    assert "<script" not in one.html() and "<?xml" not in one.html() and 'class="stamp"' not in one.html()


def test_a_matplotlib_picture_is_small():
    about = {"alt": "A curve", "caption": "A curve", "language": "id"}
    assert len(from_matplotlib(drawn(), **about).image) < 25_000
    with pytest.raises(ValueError, match="webp"):
        from_matplotlib(drawn(), form="gif", **about)
