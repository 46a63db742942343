"""The brief on paper, two tagged A4 pages that say what its page says; drawings as pictures."""

import io
import re
import unicodedata
import zlib
from dataclasses import replace

import pytest
from PIL import Image

from tests.publish import sample_site as sample
from tests.publish.test_brief import LANGUAGES, NAME, PATTERNS, notebook
from tests.questions.claimed import patterned
from walesi_research import cli
from walesi_research.language import say
from walesi_research.problems import UserError
from walesi_research.publish.pdf import SIZE, brief_pdf, picture, render_report, sheets
from walesi_research.publish.pdf.content import content
from walesi_research.publish.pdf.tree import classes, first, of_class, page_tree

EVIL = (
    '#panic("x") $a$ `raw` *b* _i_ \\u{41} "q" \'q\' </script><b>x</b> @ref <lbl> // c /* {{x}} {%x%} '
    "#sys.inputs \u202eabc\u200f \u0639 \u65e5\u672c \U0001f600 " * 4
)[:300]


class Paper:
    """A PDF as typst writes it, whose objects lie open: what is on it, read without its maker's help."""

    def __init__(self, data):
        self.data = data
        found = re.findall(rb"(?s)\n(\d+) 0 obj\n(.*?)\nendobj", data)
        self.objects = {int(number): body for number, body in found}
        self.pages = [body for body in self.objects.values() if b"/Type/Page/" in body]

    def fonts(self):
        return [body for body in self.objects.values() if b"/Type/FontDescriptor" in body]

    def stream(self, number):
        head, _, rest = self.objects[number].partition(b"stream\n")
        body = rest.rpartition(b"\nendstream")[0]
        return zlib.decompress(body) if b"FlateDecode" in head else body

    def text(self, page):
        """Return the letters of a page, without spaces: lines end where paper does."""
        resources = self.objects[int(re.search(rb"/Resources (\d+)", page)[1])]
        letters = {
            name: self._letters(int(number))
            for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", resources.partition(b"/Font<<")[2])
        }
        told, face = [], {}
        for name, codes in _shown(self.stream(int(re.search(rb"/Contents (\d+)", page)[1]))):
            face = letters[name] if name else face
            told += [face[codes[i : i + 2]] for i in range(0, len(codes), 2)]
        return _bare("".join(told))

    def _letters(self, font):
        table = self.stream(int(re.search(rb"/ToUnicode (\d+)", self.objects[font])[1]))
        return {
            bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be")
            for code, text in re.findall(rb"<([0-9A-Fa-f]{4})> ?<([0-9A-Fa-f]+)>\n", table)
        }


def _shown(drawn):
    """Yield each face that is taken up and each string that is shown, of two bytes a letter."""
    token = re.compile(rb"/(f\d+) [\d.]+ Tf|<<.*?>>\s*BDC|(\()", re.DOTALL)
    at = 0
    while found := token.search(drawn, at):
        at, codes = found.end(), b""
        if found[2]:
            at, codes = _string(drawn, at)
        if found[1] or codes:
            yield found[1], codes


def _string(drawn, at):
    """Read a string to its end: brackets in pairs, and signs behind a backslash, are part of it."""
    plain, codes, depth = dict(zip(b"nrtbf", b"\n\r\t\b\f", strict=True)), bytearray(), 1
    while True:
        one = drawn[at]
        if one == ord("\\"):
            octal = re.compile(rb"[0-7]{1,3}").match(drawn, at + 1)
            codes.append(int(octal[0], 8) if octal else plain.get(drawn[at + 1], drawn[at + 1]))
            at = octal.end() if octal else at + 2
            continue
        depth += (one == ord("(")) - (one == ord(")"))
        at += 1
        if not depth:
            return at, bytes(codes)
        codes.append(one)


def _bare(text):
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def _strings(told):
    """Yield every sentence of what is told, bold words and others together, but not drawings."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, list):
        if told and all(isinstance(run, dict) and "bold" in run for run in told):
            yield "".join(run["text"] for run in told)
        else:
            for part in told:
                yield from _strings(part)
    elif isinstance(told, dict):
        for key, part in told.items():
            if key not in ("kind", "shade", "drawing", "language"):
                yield from _strings(part)


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """A folder with a report for each pattern of verdicts, and one whose study bears a hostile title."""
    folder = tmp_path_factory.mktemp("reports")
    for name, states in PATTERNS.items():
        sample.build(folder / name, {NAME: notebook(patterned(states))}, [])
    facts = replace(sample.FACTS, title=dict.fromkeys(LANGUAGES, EVIL))
    sample.build(folder / "hostile", {NAME: notebook(patterned(PATTERNS["mixed"]))}, [], facts)
    return folder


def html_of(reports, pattern, language):
    return (reports / pattern / language / f"{NAME}.html").read_text(encoding="utf-8")


def paper_of(reports, pattern, language):
    return Paper((reports / pattern / language / f"{NAME}.pdf").read_bytes())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pattern", [*PATTERNS, "hostile"])
def test_a_brief_is_two_pages_of_a4_with_the_pages_words(reports, pattern, language):
    paper = paper_of(reports, pattern, language)
    assert len(paper.pages) == 2
    sizes = [re.search(rb"/MediaBox\[0 0 ([\d.]+) ([\d.]+)\]", page).groups() for page in paper.pages]
    assert all((round(float(w)), round(float(h))) == (595, 842) for w, h in sizes)  # points of A4
    first, second = (paper.text(page) for page in paper.pages)
    label = _bare(say(language, "page.synthetic_banner"))
    counts = [_bare(say(language, "page.sheet").replace("#", str(i), 1).replace("#", "2")) for i in (1, 2)]
    assert label in first and label in second and counts[0] in first and counts[1] in second
    told = content(html_of(reports, pattern, language))
    about = told.pop("sheet"), told.pop("study"), told.pop("foot")
    missing = [text for text in _strings(told) if _bare(text) not in first + second]
    assert not missing and all(about)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_nothing_that_the_page_says_is_left_out(reports, pattern):
    """All words of the page, but names of columns and what stands in drawings, are in the content."""
    html = html_of(reports, pattern, "id")
    main = first(page_tree(html), "brief")
    for parent in list(main.iter()):
        for child in [c for c in parent if c.tag == "svg" or "cols" in classes(c)]:
            parent.remove(child)
    for action in of_class(main, "do"):
        action.find("b").text = ""
    told = _bare("".join(_strings(content(html))))
    pieces = [_bare(piece) for piece in main.itertext() if piece.strip()]
    assert pieces and not [piece for piece in pieces if piece not in told]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_made_for_those_who_listen(reports, language):
    paper, html = paper_of(reports, "mixed", language), html_of(reports, "mixed", language)
    data = paper.data
    assert b"/MarkInfo<</Marked true" in data and b"/StructTreeRoot" in data
    assert f"/Lang({language})".encode() in data and b"/DisplayDocTitle true" in data
    assert b"<pdfuaid:part>1</pdfuaid:part>" in data
    assert [len(re.findall(rb"/S/%s\b" % kind, data)) for kind in (b"H1", b"H3")] == [1, 3 + 9]
    title = re.search("<h1>(.*?)</h1>", html)[1]
    assert (
        f'<rdf:Alt><rdf:li xml:lang="{language}">{title}</rdf:li>'.encode() in data or title.encode() in data
    )
    told = re.findall(r'<svg role="img" aria-label="', html)
    figures = [body for body in paper.objects.values() if b"/S/Figure" in body]
    assert len(figures) == len(told) == 10 and all(b"/Alt" in figure for figure in figures)


def test_its_faces_come_along(reports):
    for pattern in ("mixed", "hostile"):
        faces = paper_of(reports, pattern, "id").fonts()
        assert len(faces) >= 3 and all(b"/FontFile" in face for face in faces)
        names = {re.search(rb"\+([A-Za-z]+)", face)[1] for face in faces}
        known = {b"LibertinusSerif"} | ({b"DejaVuSans", b"LastResortHE"} if pattern == "hostile" else set())
        assert names == known


def test_the_same_page_makes_the_same_bytes(reports):
    html = html_of(reports, "mixed", "id")
    assert brief_pdf(html) == brief_pdf(html) == paper_of(reports, "mixed", "id").data
    assert b"CreationDate" not in brief_pdf(html)


def test_hostile_words_are_only_words(reports):
    """What typst would obey stands on paper letter by letter, and what it cannot draw breaks nothing."""
    paper = paper_of(reports, "hostile", "id")
    text = "".join(paper.text(page) for page in paper.pages)
    for words in (
        '#panic("x")',
        "$a$`raw`*b*_i_",
        "@ref<lbl>//c/*{{x}}{%x%}#sys.inputs",
        "</script><b>x</b>",
    ):
        assert words in text
    assert "\u202e" not in text and "\u200f" not in text and "\u0639\u65e5" in text


def test_a_long_brief_is_set_smaller(reports, monkeypatch):
    html = html_of(reports, "mixed", "en")
    line = "<li>Where rules change, nothing here need hold.</li>"
    at = html.index("</ul></section>")
    sizes = sheets.SCALES
    monkeypatch.setattr(sheets, "SCALES", (1.0,))
    longer = (html[:at] + line * n + html[at:] for n in range(40))
    long = next(page for page in longer if len(Paper(brief_pdf(page)).pages) == 3)
    monkeypatch.setattr(sheets, "SCALES", sizes)
    assert len(Paper(brief_pdf(long)).pages) == 2


def test_the_page_links_its_pdf_and_says_how_large_it_is(reports):
    for language in LANGUAGES:
        html, data = html_of(reports, "mixed", language), paper_of(reports, "mixed", language).data
        assert f'<a href="{NAME}.pdf">PDF ({round(len(data) / 1000)} kB)</a>' in html and SIZE not in html
        assert 20_000 < len(data) < 200_000


# ── made again from a report ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def report(tmp_path):
    sample.build(tmp_path, {NAME: notebook(patterned(PATTERNS["mixed"]))}, [])
    return tmp_path


def test_a_report_makes_its_pdf_again(report, capsys):
    files = [report / language / f"{NAME}.pdf" for language in LANGUAGES]
    before = [file.read_bytes() for file in files]
    for file in files:
        file.unlink()
    with pytest.raises(SystemExit) as ended:
        cli.main(["render", str(report), "--pdf"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.split() == [str(file) for file in files]
    assert [file.read_bytes() for file in files] == before
    assert not list(report.rglob("*.part"))


def test_what_is_no_report_is_told_in_words(report, tmp_path_factory, capsys):
    def refusal(out):
        with pytest.raises(UserError) as told:
            render_report(out)
        return told.value.problems[0].what.key

    empty = tmp_path_factory.mktemp("empty")
    assert refusal(empty / "nowhere") == "pdf.no_folder"
    assert refusal(empty) == "pdf.not_report"
    (empty / "manifest.json").write_text("{}")
    assert refusal(empty) == "pdf.no_brief"
    with pytest.raises(SystemExit) as ended:
        cli.main(["render", str(report)])
    assert ended.value.code == 1 and "--pdf" in capsys.readouterr().err


@pytest.mark.parametrize("cut", ["</ol>", '<div class="ends">', "<h1>", 'class="site"'])
def test_a_page_that_was_changed_is_refused_and_the_pdf_stays(report, cut):
    page = report / "en" / f"{NAME}.html"
    before = [(report / code / f"{NAME}.pdf").read_bytes() for code in LANGUAGES]
    page.write_text(page.read_text(encoding="utf-8").replace(cut, "", 1), encoding="utf-8")
    with pytest.raises(UserError) as told:
        render_report(report)
    assert told.value.problems[0].what.key == "pdf.page_changed"
    assert [(report / code / f"{NAME}.pdf").read_bytes() for code in LANGUAGES] == before


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────────


def test_each_drawing_has_its_picture(site):
    """Two pixels for each unit of the drawing, on white, linked beside the drawing."""
    drawings = sorted(site.glob("*/*.svg"))
    assert len(drawings) >= 4
    for file in drawings:
        svg = file.read_text(encoding="utf-8")
        shown = Image.open(file.with_suffix(".png")).convert("RGB")
        wide, high = (float(x) for x in re.search(r'width="([\d.]+)" height="([\d.]+)"', svg).groups())
        assert abs(shown.width - wide) <= 1 and abs(shown.height - high) <= 1  # rounded to whole pixels
        assert shown.getpixel((0, 0)) == (255, 255, 255) and len(shown.getcolors(1 << 20)) > 1
        page = next(p for p in file.parent.glob("*.html") if file.name.startswith(p.stem))
        assert f'href="{file.stem}.png"' in page.read_text(encoding="utf-8")
        assert picture(svg) == file.with_suffix(".png").read_bytes()


def test_a_picture_has_its_words_drawn():
    """A drawing of one word is blank without it: the faces are found."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="80" height="40">'
    style = "<style>svg text{font-family:sans-serif;font-size:13px}</style>"
    sizes = [
        len(Image.open(io.BytesIO(picture(f"{head}{style}{body}</svg>"))).convert("L").getcolors())
        for body in ("", '<text x="2" y="15">kerja</text>')
    ]
    assert sizes[0] == 1 and sizes[1] > 4
