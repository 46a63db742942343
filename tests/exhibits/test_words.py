import pytest

from walesi_research.exhibits import Exhibit, Heading, Sentence, Verdict, fragment, judge
from walesi_research.exhibits.exhibit import wrapped


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Keduanya. Nilai naik.", '<p class="lead"><b>Keduanya.</b> Nilai naik.</p>'),
        ("Ya, sebagian. Nilai naik.", '<p class="lead"><b>Ya,</b> sebagian. Nilai naik.</p>'),
        ("Tiga dari empat. 76% menjawab.", '<p class="lead"><b>Tiga dari empat.</b> 76% menjawab.</p>'),
        ("Belum dapat dikatakan apakah naik", '<p class="lead"><b>Belum</b> dapat dikatakan apakah naik</p>'),
        ("Naik 4.2 poin untuk semua orang", '<p class="lead"><b>Naik</b> 4.2 poin untuk semua orang</p>'),
        ("**Ya.** Nilai <naik>.", '<p class="lead"><b>Ya.</b> Nilai &lt;naik&gt;.</p>'),
    ],
)  # fmt: skip
def test_a_lead_begins_with_the_answer_in_bold(text, html):
    assert Sentence(text, "lead").html() == html


def test_roles():
    assert Sentence("Naik **4,2** poin.").html() == "<p>Naik <b>4,2</b> poin.</p>"
    assert Sentence("Antara 2 dan 5.", "range").html() == '<p class="range">Antara 2 dan 5.</p>'
    assert Sentence("Naik **4,2** poin.").alt == "Naik 4,2 poin."
    with pytest.raises(ValueError, match="title"):
        Sentence("a", "title")
    with pytest.raises(ValueError, match="words"):
        Sentence("\u200f ")


@pytest.mark.parametrize(
    ("low", "high", "side", "judgement"),
    [
        (1.1, 2, "above", "supported"),
        (0, 0.9, "above", "not_supported"),
        (0.5, 1.5, "above", "cannot_tell"),
        (1, 2, "above", "cannot_tell"),  # an end on the limit is not beyond it
        (0, 0.9, "below", "supported"),
        (1.1, 2, "below", "not_supported"),
        (0, 1, "below", "cannot_tell"),
    ],
)
def test_judgement(low, high, side, judgement):
    assert judge(low, high, 1, side) == judgement


def test_a_verdict_has_a_shape_and_a_word():
    shapes = {j: Verdict(j, "id", "Klaim 1").html() for j in ("supported", "not_supported", "cannot_tell")}
    assert 'class="dot"' in shapes["supported"] and "Klaim 1: didukung" in shapes["supported"]
    assert 'class="ring"' in shapes["not_supported"] and "tidak didukung" in shapes["not_supported"]
    assert 'class="half"' in shapes["cannot_tell"] and "belum dapat disimpulkan" in shapes["cannot_tell"]
    assert Verdict("supported", "en", note="as an association").alt == "Supported (as an association)"
    with pytest.raises(ValueError, match="judgement"):
        Verdict("yes", "id")


def test_a_heading_states_a_finding_in_plain_text():
    heading = Heading("Nilai <naik>")
    assert (heading.kind, heading.html()) == ("heading", "<h2>Nilai &lt;naik&gt;</h2>")
    assert isinstance(heading, Exhibit) and fragment(heading._repr_html_()) == heading.html()
    with pytest.raises(ValueError, match="words"):
        Heading("\u200f ")


def test_a_notebook_gets_the_fragment_with_a_style_of_its_own():
    sentence = Sentence("Naik.")
    html = sentence._repr_html_()
    assert isinstance(sentence, Exhibit) and html == wrapped(sentence)
    assert "<style>" in html and fragment(html) == sentence.html()
    assert fragment("<p>other</p>") == "<p>other</p>"
