"""Text that may hold anything, made safe to show and measured well enough to be laid out.

Names of units and labels come from users' files. They are cleaned of characters that change how the
text around them is read, escaped, and wrapped by an estimate of their width.
"""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup, escape

__all__ = ["bold", "clean", "safe", "width", "wrap"]

_BIDI = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
_SPACES = dict.fromkeys(map(ord, "\n\r\t\f\v\u2028\u2029"), " ")
_BOLD = re.compile(r"\*\*(.+?)\*\*")

# Advance widths of Arial in thousandths of the size; wider than most faces of the page's font stack.
_NARROW = dict.fromkeys("iljtfrI.,:;!|'()[]/ \xa0-", 280) | {"r": 333, "-": 333, "(": 333, ")": 333}
_WIDE = {"m": 833, "w": 722, "M": 833, "W": 944, "@": 1015, "&": 667, "%": 889} | dict.fromkeys("→←…", 1000)
_SLENDER = dict.fromkeys("ckJsvxyz", 500)
_ADVANCE = _NARROW | _WIDE | _SLENDER | {"−": 584, "+": 584, "=": 584, "<": 584, ">": 584, "≥": 549, "≤": 549}
_BOLDER = 1.08
_SAFETY = 1.05


def clean(text: object) -> str:
    """Return `text` on one line, without control and direction-changing characters."""
    line = str(text).translate(_BIDI).translate(_SPACES)
    return "".join(c for c in line if unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn"})


def safe(text: object) -> Markup:
    """Return `text` escaped for HTML and SVG; what is `Markup` already stays as it is."""
    return text if isinstance(text, Markup) else escape(clean(text))


def bold(text: object) -> Markup:
    """Return `text` escaped, with ``**words**`` in bold: the only markup a sentence knows."""
    return text if isinstance(text, Markup) else Markup(_BOLD.sub(r"<b>\1</b>", str(safe(text))))


def width(text: str, size: float, strong: bool = False) -> float:
    """Estimate how wide `text` is drawn at `size`, in the same unit, a little on the safe side."""
    em = sum(_advance(c) for c in text) / 1000
    return em * size * _SAFETY * (_BOLDER if strong else 1)


def _advance(character: str) -> int:
    if character in _ADVANCE:
        return _ADVANCE[character]
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1000
    return 720 if character.isupper() else 556


def wrap(text: object, room: float, size: float, *, most: int = 3, strong: bool = False) -> list[str]:
    """Break `text` into lines no wider than `room`.

    Breaks at spaces, and inside a word only where the word alone is too wide. After `most` lines the
    rest is dropped and an ellipsis says so.
    """
    lines = [""]
    for word in clean(text).split():
        for piece in _pieces(word, room, size, strong):
            longer = f"{lines[-1]} {piece}".strip()
            if width(longer, size, strong) <= room:
                lines[-1] = longer
            else:
                lines.append(piece)
    if len(lines) > most:
        lines = [*lines[: most - 1], _shorten(lines[most - 1], room, size, strong)]
    return lines


def _pieces(word: str, room: float, size: float, strong: bool) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and width(pieces[-1] + character, size, strong) > room:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _shorten(line: str, room: float, size: float, strong: bool) -> str:
    while line and width(line + "…", size, strong) > room:
        line = line[:-1]
    return line.rstrip() + "…"
