"""``walesi report``: the report on the bundled study."""

from __future__ import annotations

from pathlib import Path

from walesi_research.cli.app import app
from walesi_research.cli.options import Engine, Engines, Force, Jobs, Out, Spoken, help_of
from walesi_research.cli.reporting import report_on
from walesi_research.pipeline import resources

BUNDLED = "walesi"


@app.command(help=help_of("report"))
def report(
    jobs: Jobs = None,
    out: Out = None,
    force: Force = False,
    engine: Engines = Engine.auto,
    language: Spoken = None,
) -> None:
    """Make the report on the bundled study."""
    report_on(resources("data") / BUNDLED, out or Path("report"), jobs=jobs, force=force, engine=engine)
