"""The tables as a LaTeX document: booktabs, tables that run over pages, every word escaped."""

from __future__ import annotations

from typing import Any

from walesi_research.errands.export.document import CHAPTER, Document, Numbered
from walesi_research.errands.export.seal import sealed_text
from walesi_research.errands.export.values import range_of
from walesi_research.exhibits import Cell, Column, Gap, Group
from walesi_research.exhibits.text import clean
from walesi_research.language import say

__all__ = ["escaped", "latex_bytes"]

BABEL = {"id": "indonesian", "en": "british"}
ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}", "-": "-{}", "[": "{[}", "]": "{]}",
    "\N{MINUS SIGN}": r"\ensuremath{-}", "\N{NO-BREAK SPACE}": "~", "\N{THIN SPACE}": r"\,",
    "\N{EN DASH}": "--{}", "\N{MIDDLE DOT}": r"\textperiodcentered{}",
    "≤": r"\ensuremath{\leq}", "≥": r"\ensuremath{\geq}", "²": r"\textsuperscript{2}",
    "×": r"\ensuremath{\times}", "√": r"\ensuremath{\surd}",
}  # fmt: skip
"""What LaTeX would read as a command, a ligature or not at all, as it is written instead."""
_TABLE = str.maketrans(ESCAPES)
END = r" \tabularnewline"
PREAMBLE = r"""%% xelatex, lualatex; pdflatex where all text is Latin
\documentclass[12pt,a4paper]{report}
\usepackage{iftex}
\ifPDFTeX\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\usepackage{textcomp}\else\usepackage{fontspec}\fi
\usepackage[%(babel)s]{babel}
\usepackage[left=4cm,top=4cm,right=3cm,bottom=3cm,headheight=15pt]{geometry}
\usepackage{array,booktabs,longtable,fancyhdr}
\pagestyle{fancy}\fancyhf{}\fancyhead[C]{\textbf{%(banner)s}}\fancyfoot[C]{\thepage}
\fancypagestyle{plain}{}
\setcounter{chapter}{%(before)d}
\begin{document}
\section*{%(title)s}
\chapter{%(chapter)s}
%(opening)s

\listoftables
"""


def latex_bytes(document: Document) -> bytes:
    """Return the document as LaTeX in UTF-8; the same document gives the same bytes."""
    parts = {
        "babel": BABEL[document.language],
        "banner": escaped(document.banner),
        "before": CHAPTER - 1,
        "title": escaped(document.title),
        "chapter": escaped(document.say("chapter_title")),
        "opening": "\n\n".join(map(escaped, document.opening)),
    }
    lines = [PREAMBLE % parts]
    for part in document.parts:
        lines += [f"\\section{{{escaped(part.heading)}}}", *(f"{escaped(text)}\n" for text in part.missing)]
        lines += [_numbered(numbered) for numbered in part.tables]
    return sealed_text("\n".join([*lines, r"\end{document}", ""]))


def escaped(text: object) -> str:
    """Return any text as LaTeX that shows it and does nothing else."""
    return clean(text).translate(_TABLE)


def _numbered(numbered: Numbered) -> str:
    """Return a table with caption, notes and, as comments, where it and its cells come from."""
    table = numbered.table
    columns = [c if isinstance(c, Column) else Column(c) for c in table.columns]
    widths = _widths(columns, table.rows)
    head = " & ".join(rf"\textbf{{{escaped(c.label)}}}" for c in columns) + END
    comments = [_comment(numbered.source), *(_comment(f"{i}: {id}") for i, id in _places(numbered))]
    lines = [
        *comments,
        r"{\small",
        rf"\begin{{longtable}}{{{_specification(columns, widths)}}}",
        rf"\caption{{{escaped(table.caption)}}}\label{{tab:{numbered.number}}}\\",
        rf"\toprule {head} \midrule \endfirsthead",
        rf"\toprule {head} \midrule \endhead",
        r"\bottomrule \endfoot",
        *(_row(row, widths, table.language) for row in table.rows),
        r"\end{longtable}}",
        *(rf"{{\footnotesize {_note(note, table.language)}\par}}" for note in numbered.notes),
        rf"{{\footnotesize\itshape {escaped(numbered.source)}\par}}",
        "",
    ]
    return "\n".join(lines)


def _note(note: str, language: str) -> str:
    return escaped(f"{say(language, 'export.note')} {note}")


def _comment(text: str) -> str:
    """Return a comment: one line, whatever is in it."""
    return f"% {clean(text)}"


def _places(numbered: Numbered) -> list[tuple[str, str]]:
    """Return row and column, from 1, and id of every cell that is a finding."""
    return [(f"{row + 1},{column + 1}", id) for (row, column), id in sorted(numbered.cells.items())]


def _widths(columns: list[Column], rows: Any) -> list[float]:
    """Return the columns' shares of the line, by the longest text in each."""
    cells = [row for row in rows if not isinstance(row, Gap | Group)]
    longest = [
        min(40, max([8, len(c.label) / 2, *(len(_text(row[i])) for row in cells)]))
        for i, c in enumerate(columns)
    ]
    return [n / sum(longest) for n in longest]


def _specification(columns: list[Column], widths: list[float]) -> str:
    sides = ["left" if c.numeric and i else "right" for i, c in enumerate(columns)]
    return "".join(rf">{{\ragged{s}{{}}}}{_width(w)}" for s, w in zip(sides, widths, strict=True))


def _width(share: float) -> str:
    return rf"p{{\dimexpr {share:.3f}\linewidth-2\tabcolsep\relax}}"


def _text(cell: str | Cell) -> str:
    return max(cell.text, cell.small, key=len) if isinstance(cell, Cell) else cell


def _row(row: Any, widths: list[float], language: str) -> str:
    if isinstance(row, Group):
        label = rf"\textbf{{{escaped(row.label)}}} {_small(row.small)}"
        return rf"\multicolumn{{{len(widths)}}}{{{_width(1)}}}{{{label}}}{END}\nopagebreak"
    if isinstance(row, Gap):
        reason = rf"\raggedright {escaped(row.text)} {_small(row.small)}"
        rest = rf"\multicolumn{{{max(len(widths) - 1, 1)}}}{{{_width(sum(widths[1:]))}}}{{{reason}}}"
        return escaped(row.label) + (f" & {rest}" if widths[1:] else "") + END
    return " & ".join(_cell(cell, language) for cell in row) + END


def _cell(cell: str | Cell, language: str) -> str:
    if not isinstance(cell, Cell) or not cell.small:
        return escaped(cell.text if isinstance(cell, Cell) else cell)
    small = f"({cell.small})" if range_of(cell.small, language) else cell.small
    return rf"{escaped(cell.text)}\newline {_small(small)}"


def _small(text: str) -> str:
    return rf"{{\footnotesize {escaped(text)}}}" if text else ""
