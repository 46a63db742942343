"""``walesi check``: everything that is wrong with a study."""

from __future__ import annotations

import typer

from walesi_research.cli.app import app
from walesi_research.cli.ending import REFUSED
from walesi_research.cli.given import must_exist, tables_of
from walesi_research.cli.options import Folder, Spoken, Table, help_of
from walesi_research.errands import speech


@app.command(help=help_of("check"))
def check(study: Folder, table: Table = None, language: Spoken = None) -> None:
    """Print everything that is wrong with a study."""
    must_exist(study)
    from walesi_research.study import check_study

    checked = check_study(study, tables_of(table))
    print(checked.text(speech.spoken(checked.language)).rstrip("\n"))
    if not checked.ok:
        raise typer.Exit(REFUSED)
