"""``walesi new-notebook``: a researcher's own question, beside those of every study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from walesi_research.cli.app import app
from walesi_research.cli.ending import tell
from walesi_research.cli.options import Spoken, help_of
from walesi_research.errands import about, speech
from walesi_research.language import say

DOMAIN = "scaffold"


@app.command(name="new-notebook", help=help_of("new_notebook", DOMAIN))
def new_notebook(
    name: Annotated[str, typer.Argument(help=help_of("name", DOMAIN), metavar="NAME")],
    study: Annotated[
        Path, typer.Option("--study", "-s", help=help_of("study", DOMAIN), metavar="STUDY")
    ] = Path(),
    language: Spoken = None,
) -> None:
    """Put a notebook that already runs into a study."""
    from walesi_research.errands.new_notebook import write_scaffold

    spoken = speech.spoken(about.language_of(study))
    made = write_scaffold(study, name, spoken)
    for key in ("edit", "try", "run"):
        tell(say(spoken, f"scaffold.{key}", name=name, study=str(study), module=str(made.module)))
    print(made.notebook.resolve())
