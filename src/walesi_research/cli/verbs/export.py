"""``walesi export``: the tables of a chapter of results."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import typer

from walesi_research import __version__
from walesi_research.cli.app import app
from walesi_research.cli.ending import tell
from walesi_research.cli.given import must_exist, parameters_of_all, tables_of
from walesi_research.cli.options import File, Folder, Format, Parameters, Spoken, Table, help_of
from walesi_research.errands import speech


@app.command(help=help_of("export", "export"))
def export(
    study: Folder,
    format: Annotated[Format, typer.Option("--format", help=help_of("format", "export"))] = Format.docx,
    parameter: Parameters = None,
    out: File = None,
    table: Table = None,
    language: Spoken = None,
) -> None:
    """Write the tables of a chapter of results."""
    must_exist(study)
    from walesi_research.errands.export import FORMATS, destination, document_of, write_export
    from walesi_research.study import open_study

    written, parameters = FORMATS[format], parameters_of_all(parameter)
    file = destination(study, written, out)
    opened = open_study(study, tables_of(table))
    spoken = speech.spoken(opened.language)
    write_export(document_of(opened, question, spoken, parameters, __version__, tell), written, file)
    print(file.resolve())


def question(name: str) -> Callable[..., Any]:
    """Return a question's function by its room and name."""
    room, _, function = name.partition(".")
    return getattr(import_module(f"walesi_research.questions.{room}"), function)
