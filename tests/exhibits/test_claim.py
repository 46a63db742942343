import pytest

from walesi_research.exhibits import Exhibit, Verdict, fragment
from walesi_research.exhibits.claim import ClaimRow, Claims, Tally
from walesi_research.exhibits.decision import Decision, Decisions
from walesi_research.exhibits.headline import Headline, Summary
from walesi_research.exhibits.reading import Reading

DRAWING = '<svg viewBox="0 0 340 30"></svg>'


def row(**changes):
    about = {
        "number": 3,
        "title": "Nilai <naik>",
        "verdict": Verdict("supported", "id", note="sebagai kaitan"),
        "evidence": "Selisihnya **4,2 poin**; kemungkinan besar antara 2,6 dan 5,8.",
        "action": "Catat & periksa.",
        "basis": "185 pegawai.",
        "page": ("03_appraisal.html", "Halaman 3"),
        "drawing": DRAWING,
        "alt": 'Perkiraan "4,2"',
    }
    return ClaimRow(**(about | changes))


def test_a_row_holds_claim_verdict_evidence_and_action_in_that_order():
    html = row().html()
    order = [
        "Klaim 3",
        "Nilai &lt;naik&gt;",
        "Didukung",
        'role="img"',
        "<b>4,2 poin</b>",
        "185 pegawai. <a",
        "Catat &amp;",
    ]
    places = [html.index(part) for part in order]
    assert places == sorted(places) and html.startswith('<li class="claim" id="k3">')
    assert 'aria-label="Perkiraan &#34;4,2&#34;"' in html and 'href="03_appraisal.html"' in html


def test_a_row_without_a_number_has_no_figure():
    html = row(drawing="", alt="", basis="", page=None).html()
    assert "<figure" not in html and 'class="base"' not in html


@pytest.mark.parametrize("wrong", [{"alt": " "}, {"title": "\u200f"}])
def test_a_drawing_needs_words_and_a_claim_too(wrong):
    with pytest.raises(ValueError, match="needs"):
        row(**wrong)


def test_claims_tell_themselves_in_words():
    claims = Claims([row()], "id")
    evidence = "Selisihnya 4,2 poin; kemungkinan besar antara 2,6 dan 5,8."
    assert claims.alt == f"3. Nilai <naik>: Didukung (sebagai kaitan). {evidence}"
    assert claims.html().count('<li class="claim"') == 1
    with pytest.raises(ValueError, match="claims"):
        Claims([], "id")


def test_a_tally_leaves_out_what_no_claim_got():
    tally = Tally(["supported", "cannot_tell", "supported"], "en")
    assert tally.alt == "2 supported, 1 cannot tell yet"
    assert tally.html().count("<li") == 2 and 'class="half"' in tally.html()


def test_decisions_escape_their_words():
    decisions = Decisions([Decision(what="Catat <b>", why="Lalu periksa.", about="Pimpinan.")])
    assert "Catat &lt;b&gt;" in decisions.html() and decisions.alt == "Catat <b>. Lalu periksa. Pimpinan."
    with pytest.raises(ValueError, match="decisions"):
        Decisions([])


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_key_names_every_part_and_every_verdict(language):
    reading = Reading(language, 0.9)
    html = reading.html()
    assert "90%" in reading.alt and "90%" in html
    assert html.count("<dt>") == html.count("<dd>") == 3 and html.count("<svg") == 4


@pytest.mark.parametrize(
    "exhibit",
    [
        Claims([row()], "id"),
        Tally(["supported"], "id"),
        Headline("Nilai & hasil"),
        Summary("Teks."),
        Reading("id", 0.95),
    ],
)
def test_each_shows_itself_in_a_notebook(exhibit):
    assert isinstance(exhibit, Exhibit) and fragment(exhibit._repr_html_()) == exhibit.html()


def test_a_headline_needs_words():
    with pytest.raises(ValueError, match="words"):
        Headline(" ")
