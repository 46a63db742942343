"""``walesi run``: a study folder goes in, a report comes out."""

from __future__ import annotations

from walesi_research.cli.app import app
from walesi_research.cli.given import names_of, tables_of
from walesi_research.cli.options import (
    Engine,
    Engines,
    Folder,
    Force,
    Jobs,
    Notebooks,
    Only,
    Out,
    Parameters,
    Spoken,
    Table,
    help_of,
)
from walesi_research.cli.reporting import report_on
from walesi_research.errands import about
from walesi_research.pipeline import assignments


@app.command(help=help_of("run"))
def run(
    study: Folder,
    parameter: Parameters = None,
    only: Only = None,
    jobs: Jobs = None,
    out: Out = None,
    force: Force = False,
    engine: Engines = Engine.auto,
    table: Table = None,
    notebooks: Notebooks = None,
    language: Spoken = None,
) -> None:
    """Run notebooks on a study and write the report."""
    given = {"tables": tables_of(table), "parameters": assignments(parameter or ()), "only": names_of(only)}
    out = out or about.default_out(study)
    report_on(study, out, **given, jobs=jobs, force=force, engine=engine, notebooks=notebooks)
