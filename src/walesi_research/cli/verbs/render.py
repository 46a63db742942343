"""``walesi render``: a finished report as files for paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from walesi_research.cli.app import app
from walesi_research.cli.options import Spoken, help_of
from walesi_research.language import Message
from walesi_research.problems import Problem, UserError


@app.command(help=help_of("render", "pdf"))
def render(
    out: Annotated[Path, typer.Argument(help=help_of("out", "pdf"), metavar="OUT")],
    pdf: Annotated[bool, typer.Option("--pdf", help=help_of("pdf", "pdf"))] = False,
    language: Spoken = None,
) -> None:
    """Make files for paper from a finished report."""
    if not pdf:
        raise UserError([Problem(what=Message.of("pdf.nothing_asked", out=str(out)))])
    from walesi_research.publish.pdf import render_report

    for file in render_report(out):
        print(file.resolve())
