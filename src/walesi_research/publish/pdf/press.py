"""The press: typst with faces that come along, asking nothing of the system or of a network."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import typst

__all__ = ["FACES", "compiler"]

FACES = ("Libertinus Serif", "DejaVu Sans", "Last Resort High-Efficiency")
"""What words are set in: the first that has the letter. It comes with typst, the others with matplotlib;
the last has a sign for every letter, for a PDF/UA may hold none that cannot be drawn."""
FOLDER = Path(__file__).parent


def compiler(name: str, **inputs: str) -> typst.Compiler:
    """Return a compiler of a file of this folder that is given `inputs` as data.

    Parameters
    ----------
    name : str
        Such as ``brief.typ``.
    **inputs : str
        What the file finds in ``sys.inputs``; never read as typst's own language.
    """
    return typst.Compiler(
        FOLDER / name, root=FOLDER, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs
    )


@cache
def _fonts() -> typst.Fonts:
    folders = [str(folder) for folder in _with_more_letters()]
    return typst.Fonts(include_system_fonts=False, font_paths=folders)


def _with_more_letters() -> list[Path]:
    """Return the folder of matplotlib's faces, found without importing it."""
    found = find_spec("matplotlib")
    folder = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" if found and found.origin else None
    return [folder] if folder and folder.is_dir() else []
