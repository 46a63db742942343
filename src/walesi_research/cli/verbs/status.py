"""``walesi status``: what would run again and why."""

from __future__ import annotations

from typing import Annotated

import typer

from walesi_research.cli.app import app
from walesi_research.cli.ending import DUE
from walesi_research.cli.given import must_exist, names_of, tables_of
from walesi_research.cli.options import Folder, Notebooks, Only, Out, Parameters, Spoken, Table, help_of
from walesi_research.errands import about, speech
from walesi_research.pipeline import assignments


@app.command(help=help_of("status"))
def status(
    study: Folder,
    parameter: Parameters = None,
    only: Only = None,
    out: Out = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help=help_of("exit_code"))] = False,
    table: Table = None,
    notebooks: Notebooks = None,
    language: Spoken = None,
) -> None:
    """Tell which notebooks would run again and why."""
    must_exist(study)
    from walesi_research.pipeline.status import standings
    from walesi_research.study import open_study

    given = {"tables": tables_of(table), "parameters": assignments(parameter or ()), "only": names_of(only)}
    out = out or about.default_out(study)
    found = standings(study, out, open_study=open_study, notebooks=notebooks, **given)
    print(speech.tell_standings(found, speech.spoken(about.language_of(study))))
    if exit_code and any(standing.due or standing.stale for standing in found):
        raise typer.Exit(DUE)
