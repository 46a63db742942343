import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import nbformat.v4 as v4
import pytest

from tests.publish import sample_site as sample
from walesi_research.exhibits import Heading, Sentence, show
from walesi_research.findings import Finding
from walesi_research.publish.markdown import first_title, to_html
from walesi_research.publish.parts import take_apart

PAGES = [
    "index.html",
    "en/index.html",
    "id/01_data.html",
    "id/03_appraisal.html",
    "en/01_data.html",
    "en/03_appraisal.html",
]
VOID = {"meta", "link", "hr", "br", "img", "input", "col"}


class Reader(HTMLParser):
    """Reads a page strictly: every tag closed in its turn; gathers links, ids, headings and words."""

    def __init__(self, html):
        super().__init__()
        self.open, self.links, self.ids, self.headings, self.tags, self.words = [], [], [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        about = dict(attributes)
        self.tags.append((tag, about))
        assert not [name for name in about if name.startswith("on")], about
        if "href" in about:
            self.links.append(about["href"])
        if "id" in about:
            self.ids.append(about["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)


def read(site, name):
    return (site / name).read_text(encoding="utf-8")


def words(site, name):
    return " ".join(" ".join(Reader(read(site, name)).words).split())


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(site, name):
    html = read(site, name)
    reader = Reader(html)
    assert reader.headings.count(1) == 1 and reader.headings[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(reader.headings))
    assert len(reader.ids) == len(set(reader.ids))
    assert html.startswith("<!DOCTYPE html>")
    assert ("html", {"lang": "en" if name.startswith("en") else "id"}) in reader.tags
    assert [tag for tag, _ in reader.tags if tag in ("header", "main", "footer")] == [
        "header",
        "main",
        "footer",
    ]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_and_runs_nothing(site, name):
    html = read(site, name)
    assert "content=\"default-src 'none';style-src 'unsafe-inline';img-src data:\"" in html
    assert not re.search(r"<script|javascript:|https?://|url\(|@import|srcset", html)
    assert all(a.get("src", "data:").startswith("data:") for _, a in Reader(html).tags)


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(site, name):
    here = site / name
    ids = {path: Reader(path.read_text(encoding="utf-8")).ids for path in site.rglob("*.html")}
    for link in Reader(read(site, name)).links:
        if link.startswith("data:"):
            continue
        parts = urlsplit(link)
        target = (here.parent / unquote(parts.path)).resolve() if parts.path else here.resolve()
        assert target.is_file(), link
        assert not parts.fragment or parts.fragment in ids[target], link


@pytest.mark.parametrize("name", PAGES)
def test_budget(site, name):
    html = read(site, name)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL).group(1)
    assert len(html.encode()) < 80_000 and len(style) < 14_000
    assert all(len(svg) < 4_500 for svg in re.findall(r"<svg.*?</svg>", html))


@pytest.mark.parametrize(("language", "other"), [("id", "en"), ("en", "id")])
def test_a_page_speaks_one_language(site, language, other):
    said, unsaid = ({"id": "Keduanya.", "en": "Both."}[x] for x in (language, other))
    html = read(site, f"{language}/03_appraisal.html")
    section = re.search(f'<section [^>]*lang="{other}".*?</section>', html, re.DOTALL).group()
    assert unsaid in section and said not in section
    text = " ".join(Reader(html.replace(section, "")).words)
    assert said in text and unsaid not in text
    assert {"id": "4,2 poin", "en": "4.2 points"}[language] in text
    assert {"id": "4.2 points", "en": "4,2 poin"}[language] not in text


ORDER = [
    "Pertanyaan 2 dari 3",
    "Apakah penilaian mencerminkan",
    "Keduanya.",
    "Kemungkinan besar antara",
    "Klaim 1: didukung",
    "Semua orang, unit, dan angka",
    "Pada capaian yang sama, hubungan",
    "Gambar 1.",
    "Budaya kerja paling",
    "Gambar 2.",
    "Gambar 3.",
    "Tabel 1.",
    "Yang tidak dapat dijawab",
    "Siapa yang menilai",
    "Bagaimana kami tahu",
    "Kami memakai",
    "Kode di balik",
    "show(result.plot)",
    "Unduh Gambar 1 CSV",
    "Gambar 3 CSV",
    "Semua temuan",
    "In English Do appraisals reflect results, or relations? Both.",
    "← Sebelumnya",
    "Semua halaman",
    "Dibuat 24 November 2026 dengan walesi_research versi 0.1.0, benih acak 20261124",
    "sedikitnya 5 orang",
]


def test_the_order_of_a_page(site):
    text = words(site, "id/03_appraisal.html").replace("\xa0", " ")
    text = text[text.index("Pertanyaan 2 dari 3") :]
    places = [text.find(part) for part in ORDER]
    assert -1 not in places and places == sorted(places), [
        p for p, at in zip(ORDER, places, strict=True) if at < 0
    ]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_unmarked_reaches_a_page(site, name):
    assert "MARKER" not in read(site, name)


def test_code_is_shown_as_text(site):
    html = read(site, "en/03_appraisal.html")
    assert "record(result)  # &lt;b&gt;not bold&lt;/b&gt;" in html


def test_a_page_offers_its_own_findings(site, tmp_path):
    mine, other = sample.finding(), sample.finding("data.response_share", notebook="01_data")
    sample.build(tmp_path, findings=[mine, other])
    assert "../findings/03_appraisal.json" in Reader(read(tmp_path, "id/03_appraisal.html")).links
    assert json.loads(read(tmp_path, "findings/03_appraisal.json")) == [mine.as_record()]


def test_what_is_marked_as_detail_is_folded_away_where_it_stands(tmp_path):
    cells = [
        v4.new_markdown_cell("# Judul", metadata={"tags": ["id"]}),
        v4.new_markdown_cell("# Title", metadata={"tags": ["en"]}),
        v4.new_code_cell("x", outputs=[shown("<table><caption>Rinci</caption></table>", "table")]),
    ]
    cells[-1].metadata["tags"] = ["detail"]
    sample.build(tmp_path, executed={"02_more": v4.new_notebook(cells=cells)}, findings=[])
    html = read(tmp_path, "id/02_more.html")
    assert re.search(r'<details class="more"><summary>Rincian</summary>.*Rinci.*</details>', html, re.DOTALL)


def shown(html, kind):
    about = {"walesi": {"language": "id", "kind": kind, "alt": "x"}}
    return v4.new_output("display_data", {"text/html": html}, metadata=about)


def test_a_failed_notebook_keeps_its_place(site):
    for name in ("index.html", "id/01_data.html"):
        assert "3. Apakah pelatihan menaikkan kinerja?" in words(site, name)
        assert not [link for link in Reader(read(site, name)).links if "04_training" in link]
    assert "berhenti dengan galat" in words(site, "index.html")
    assert not (site / "id" / "04_training.html").exists()


def test_the_index_says_what_this_is(site):
    text = words(site, "index.html")
    for part in (
        "Laporan ini menjawab 2 pertanyaan",
        "Untuk siapa.",
        "Untuk apa. Sebagai contoh",
        "Cara membaca.",
        "Keduanya. Nilai naik bersama hasil kerja",
        "Survei layanan warga tidak ada",
        "3 kolom dalam berkas studi",
    ):
        assert part in text
    assert {"findings.json", "manifest.json", "en/index.html"} <= set(Reader(read(site, "index.html")).links)
    assert {"../findings.json", "../index.html"} <= set(Reader(read(site, "en/index.html")).links)


def test_the_other_language_is_the_same_page(site):
    assert "../en/03_appraisal.html" in Reader(read(site, "id/03_appraisal.html")).links
    assert "../id/03_appraisal.html" in Reader(read(site, "en/03_appraisal.html")).links


def test_the_synthetic_label_follows_the_study(site, tmp_path):
    one = v4.new_notebook(cells=[sample.prose("# Satu", "id"), sample.prose("# One", "en")])
    calm = {"01_data": one, "03_appraisal": one}
    sample.build(tmp_path, executed=calm, facts=replace(sample.FACTS, synthetic=False))
    for name in PAGES:
        assert 'class="banner"' in read(site, name)
        html = read(tmp_path, name)
        assert 'class="banner"' not in html and not re.search("sintetis|synthetic data", html, re.IGNORECASE)


def test_the_same_run_gives_the_same_bytes(site, tmp_path):
    sample.build(tmp_path)
    for name in PAGES:
        assert read(site, name) == read(tmp_path, name)


BAD = [
    '<script>alert("1")</script>',
    "\"';}</style></title></svg><img src=x onerror=alert(1)>",
    "\u202eright to left\u200f",
    "A" * 300,
    "{{ 7*7 }} {% raw %} ]]> <!--n--> <!--/exhibit-->",
    "**not** `code` & <b>bold</b>",
]


@pytest.mark.parametrize("bad", BAD)
def test_free_text_breaks_no_page(tmp_path, bad):
    def words_of(language):
        return [
            Sentence(bad, "lead"),
            Sentence(bad),
            hostile_plot(language, bad),
            hostile_table(language, bad),
        ]

    cells = [
        sample.prose("# Judul", "id"),
        sample.prose("# Title", "en"),
        sample.code(bad, lambda: show(words_of)),
    ]
    facts = replace(sample.FACTS, title={"id": bad, "en": bad})
    finding = sample.finding(notebook="02_bad", method=bad)
    sample.build(tmp_path, executed={"02_bad": v4.new_notebook(cells=cells)}, findings=[finding], facts=facts)
    for name in ("index.html", "id/02_bad.html", "en/02_bad.html"):
        html = read(tmp_path, name)
        reader = Reader(html)
        assert reader.headings.count(1) == 1
        assert not {"script"} & {tag for tag, _ in reader.tags}
        assert not [a for tag, a in reader.tags if tag == "img"]
        assert "\u202e" not in html and "49 " not in " ".join(reader.words)
        assert html.count("</style>") == 1


def hostile_plot(language, bad):
    from walesi_research.exhibits import Interval, interval_plot

    rows = [Interval(bad, 1, 0, 2), Interval(bad, note=bad)]
    return interval_plot(
        rows, language=language, alt=bad, caption=bad, axis_label=bad, limit=1, zone_label=bad, synthetic=True
    )


def hostile_table(language, bad):
    from walesi_research.exhibits import Cell, Gap, Table

    return Table([bad, bad], [[bad, Cell(bad, bad)], Gap(bad, bad, bad)], bad, language)


def test_a_title_is_told_from_what_follows():
    assert first_title("# A *b* & c #\n\nrest") == ("A b & c", "\nrest")
    assert first_title("## Not a title") == (None, "## Not a title")


def test_headings_keep_their_order_and_code_its_letters():
    html = to_html("# Again\n\n#### Deep\n\n```\n<b>\n```\n\n[x](javascript:alert(1))")
    assert "<h2>Again</h2>" in html and "<h4>Deep</h4>" in html and "&lt;b&gt;" in html
    assert "javascript:" not in html


def test_mathml_of_the_author_stays():
    assert "<math><mi>β</mi></math>" in to_html("Slope <math><mi>β</mi></math>.")


def test_headings_have_the_same_names_in_every_language():
    parts = [take_apart(sample.appraisal_notebook(), language) for language in ("id", "en")]
    names = [re.findall('<h2 id="(s[0-9]+)">', "".join(p.body)) for p in parts]
    assert names[0] == names[1] == ["s1", "s2", "s3"]


def test_headings_that_nothing_follows_are_dropped():
    cells = [
        sample.prose("# Judul", "id"),
        sample.prose("## Kosong", "id"),
        sample.code("show(result.plot)", lambda: show(lambda language: [])),
        sample.prose("## Ada\n\nIsi.", "id"),
        sample.prose("### Anak", "id"),
        sample.code("show(result.sentence)", lambda: show(lambda language: Sentence("Isi."))),
        sample.prose("## Akhir", "id"),
    ]
    body = "".join(take_apart(v4.new_notebook(cells=cells), "id").body)
    assert re.findall("<h.*?>(.*?)</h", body) == ["Ada", "Anak"]


def test_a_computed_heading_stands_with_what_follows_it():
    def heading(language):
        return Heading("Nilai naik & turun")

    cells = [
        sample.prose("# Judul", "id"),
        sample.code("show(a.heading, a.sentence)", lambda: show(heading, lambda language: Sentence("Isi."))),
        sample.code("show(b.heading, b.plot)", lambda: show(heading, lambda language: [])),
    ]
    body = take_apart(v4.new_notebook(cells=cells), "id").body
    assert body == ['<h2 id="s1">Nilai naik &amp; turun</h2>', "<p>Isi.</p>"]


def test_a_reason_is_told_once():
    def reason(language):
        return Sentence("Tidak ada survei.", "note")

    cells = [
        sample.prose("# Judul", "id"),
        sample.code("show(a.sentence)", lambda: show(reason)),
        sample.prose("## Bagian", "id"),
        sample.code("show(b.sentence)", lambda: show(reason)),
    ]
    parts = take_apart(v4.new_notebook(cells=cells), "id")
    assert parts.lead == ['<p class="note">Tidak ada survei.</p>'] and parts.body == []


def test_a_reason_within_the_answer_is_not_told_again():
    def answer(language):
        return Sentence("**Tidak dapat dijawab.** Tidak ada survei.", "lead")

    def reason(language):
        return Sentence("Tidak ada survei.", "note")

    cells = [
        sample.prose("# Judul", "id"),
        sample.code("show(a.sentence)", lambda: show(answer)),
        sample.code("show(b.sentence)", lambda: show(reason)),
    ]
    parts = take_apart(v4.new_notebook(cells=cells), "id")
    assert len(parts.lead) == 1 and parts.body == []


def test_a_title_that_says_synthetic_is_not_told_so_again(tmp_path):
    title = {"id": "Walesi (data sintetis)", "en": "Walesi (Synthetic data)"}
    sample.build(tmp_path, facts=replace(sample.FACTS, title=title))
    for name in PAGES:
        html = read(tmp_path, name)
        head = re.search("<title>(.*?)</title>", html).group(1)
        foot = html[html.index("<footer") :]
        assert [len(re.findall("sintetis|synthetic", t, re.IGNORECASE)) for t in (head, foot)] == [1, 1]


def test_a_report_on_real_data_is_for_use(tmp_path):
    sample.build(tmp_path, facts=replace(sample.FACTS, synthetic=False))
    assert "Untuk bahan rapat dan perencanaan" in words(tmp_path, "index.html")


def test_without_an_answer_the_index_says_why():
    def reason(language):
        return Sentence("Tidak ada survei.", "note")

    cells = [sample.prose("# Judul", "id"), sample.code("show(result.sentence)", lambda: show(reason))]
    assert take_apart(v4.new_notebook(cells=cells), "id").answer == "Tidak ada survei."


def test_the_sample_finding_is_one():
    assert isinstance(sample.finding(), Finding)


def test_drawings_stand_beside_their_page_as_files_of_their_own(site):
    """Each can be opened alone: well-formed, with a title, its words, and a style that knows no page."""
    files = sorted((site / "id").glob("03_appraisal-*.svg"))
    assert files
    for file in files:
        tree = ET.fromstring(file.read_text(encoding="utf-8"))
        words = {node.tag.rpartition("}")[2]: node.text for node in tree}
        assert words["title"] and words["desc"] and "var(" not in words["style"]
        assert f'href="{file.name}"' in read(site, "id/03_appraisal.html")
