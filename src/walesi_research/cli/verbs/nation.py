"""``walesi nation``: a synthetic nation, to try a sweep on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from walesi_research.cli.app import app
from walesi_research.cli.ending import tell
from walesi_research.cli.options import Spoken, help_of
from walesi_research.errands import speech
from walesi_research.language import say


@app.command(help=say(speech.spoken(speech.system_language()), "nation.help"))
def nation(
    out: Annotated[Path, typer.Argument(help=help_of("destination"), metavar="OUT")],
    places: Annotated[int, typer.Option("--places", min=1, help=help_of("places", "nation"))] = 514,
    employees: Annotated[int, typer.Option("--employees", help=help_of("employees", "nation"))] = 4_700_000,
    quarters: Annotated[int, typer.Option("--quarters", help=help_of("quarters"))] = 12,
    seed: Annotated[int, typer.Option("--seed", min=0, help=help_of("seed"))] = 20261124,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help=help_of("jobs", "nation"))] = 1,
    language: Spoken = None,
) -> None:
    """Write a synthetic nation."""
    from walesi_research.study.synthetic.nation import Nation, write_nation

    size = Nation(places=places, employees=employees, quarters=quarters, seed=seed)
    tell(say(speech.spoken(), "nation.made", folder=str(write_nation(size, out, jobs))))
