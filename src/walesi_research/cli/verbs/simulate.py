"""``walesi simulate``: a synthetic study with a known truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from walesi_research.cli.app import app
from walesi_research.cli.ending import tell
from walesi_research.cli.options import Knobs, Spoken, help_of
from walesi_research.errands import speech
from walesi_research.language import say


@app.command(help=help_of("simulate"))
def simulate(
    out: Annotated[Path, typer.Argument(help=help_of("destination"), metavar="OUT")],
    employees: Annotated[int | None, typer.Option("--employees", help=help_of("employees"))] = None,
    units: Annotated[int | None, typer.Option("--units", help=help_of("units"))] = None,
    quarters: Annotated[int | None, typer.Option("--quarters", help=help_of("quarters"))] = None,
    seed: Annotated[int | None, typer.Option("--seed", help=help_of("seed"))] = None,
    knob: Knobs = None,
    language: Spoken = None,
) -> None:
    """Write a synthetic study."""
    from walesi_research.errands.knobs import read_knobs
    from walesi_research.study.synthetic import simulate_folder

    sizes = {"employees": employees, "units": units, "quarters": quarters, "seed": seed}
    given = {name: value for name, value in sizes.items() if value is not None}
    simulate_folder(out, **(read_knobs(knob or ()) | given))
    tell(say(speech.spoken(), "cli.simulated", folder=str(out)))
