import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walesi_research.exhibits.text import bold, clean, safe, width, wrap

ASCII = [chr(code) for code in range(32, 127)]


@pytest.mark.parametrize("mark", ["\u202e", "\u2067", "\u200f", "\ufeff", "\x00", "\x1b"])
def test_characters_that_turn_text_around_are_dropped(mark):
    assert clean(f"a{mark}b") == "ab"


def test_lines_become_one():
    assert clean("a\nb\tc\r\u2028d") == "a b c  d"


def test_everything_but_bold_is_escaped():
    assert bold("**4,2** <script>&\"'") == "<b>4,2</b> &lt;script&gt;&amp;&#34;&#39;"
    assert "<" not in safe("<b>")


@pytest.mark.parametrize("character", ASCII)
def test_estimated_width_is_on_the_safe_side(arial_width, character):
    # No letter is estimated narrower than Arial's by more than a twentieth; words balance the rest.
    assert width(character, 13) >= 0.95 * arial_width(character, 13)
    assert width(character, 15, True) >= 0.95 * arial_width(character, 15, True)


@pytest.mark.parametrize("text", ["4,2", "−1.234,5", "Tidak ditampilkan: kurang dari lima orang", "+0.12"])
def test_estimated_width_is_not_wasteful(arial_width, text):
    assert arial_width(text, 13) <= width(text, 13) <= 1.15 * arial_width(text, 13)


@given(st.text(max_size=300), st.integers(40, 340))
@settings(deadline=None)
def test_wrapped_lines_fit_and_lose_nothing_unsaid(text, room):
    lines = wrap(text, room, 13, most=3)
    assert 1 <= len(lines) <= 3
    assert all(width(line, 13) <= room or len(line) <= 1 for line in lines)
    kept = "".join(lines).replace(" ", "")
    whole = "".join(clean(text).split())
    assert kept == whole or (kept.endswith("…") and whole.startswith(kept[:-1]))
