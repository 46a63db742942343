"""The cells of a new notebook, in the shape of those that every study has."""

from __future__ import annotations

from typing import Any

from walesi_research.language import LANGUAGES, say

__all__ = ["notebook"]

PARAMETERS = 'study = ".."\nlevel = 0.95'
OPENED = """from walesi_research import open_study
from walesi_research.exhibits import record, show

import {module} as question

opened = open_study(study)"""
ASKED = """answer = question.ask(opened, level)
show(answer.sentence)"""
RECORDED = "record(answer)"


def notebook(module: str) -> dict[str, Any]:
    """Return a notebook that asks the question of `module`, as values of JSON."""
    cells = [
        *(_prose(f"# {say(code, 'scaffold.question')}", code) for code in LANGUAGES),
        _code(PARAMETERS, "parameters"),
        _code(OPENED.format(module=module)),
        _code(ASKED),
        *(
            _prose(say(code, f"scaffold.{part}"), code, part)
            for part in ("limits", "method")
            for code in LANGUAGES
        ),
        _code(RECORDED),
    ]
    return {
        "cells": [{"id": f"c{number:02d}"} | cell for number, cell in enumerate(cells, 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _prose(source: str, *tags: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)}, "source": _lines(source)}


def _code(source: str, *tags: str) -> dict[str, Any]:
    about = {"tags": list(tags)} if tags else {}
    content = {"execution_count": None, "outputs": [], "source": _lines(source)}
    return {"cell_type": "code", "metadata": about} | content


def _lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)
