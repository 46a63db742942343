"""``walesi verify``: are the published numbers found again, and if not, why?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from walesi_research.cli import reporting
from walesi_research.cli.app import app
from walesi_research.cli.ending import DUE, REFUSED, tell
from walesi_research.cli.given import must_exist, tables_of
from walesi_research.cli.options import Engine, Engines, Folder, Jobs, Out, Parameters, Spoken, Table, help_of
from walesi_research.errands import about, speech
from walesi_research.errands import verify as verifying
from walesi_research.language import say
from walesi_research.pipeline import assignments

if TYPE_CHECKING:
    from walesi_research.errands.verify import Published, Verification
    from walesi_research.pipeline import Outcome
    from walesi_research.study import Study

Against = Annotated[Path | None, typer.Option("--against", metavar="FILE", help=help_of("against", "verify"))]
Save = Annotated[Path | None, typer.Option("--save", metavar="FILE", help=help_of("save", "verify"))]


@app.command(help=help_of("verb", "verify"))
def verify(
    study: Folder,
    against: Against = None,
    save: Save = None,
    parameter: Parameters = None,
    jobs: Jobs = None,
    out: Out = None,
    engine: Engines = Engine.auto,
    table: Table = None,
    language: Spoken = None,
) -> None:
    """Run a study and compare every finding with the published one."""
    must_exist(study)
    if save is not None:
        verifying.refuse_foreign(save)
    published = None if save else verifying.read_published(against or study / verifying.FILE)
    given = {"tables": tables_of(table), "parameters": assignments(parameter or ()), "jobs": jobs}
    out, spoken = out or about.default_out(study), speech.spoken(about.language_of(study))

    def publish(opened: Study, outcome: Outcome, folder: Path) -> None:
        reporting.publish(opened, outcome, folder)
        if published is not None:
            _write(published, opened, outcome, folder)

    pages_of = {} if published is None else {"published": published.digest}
    outcome = reporting.run_and_tell(study, out, publish=publish, pages_of=pages_of, engine=engine, **given)
    if save is not None:
        _save(outcome, save, spoken)
        return
    found = _verified(published, outcome)
    tell("\n" + verifying.told(found, spoken))
    if outcome.published:
        print((out / spoken / "verification.html").resolve())
    if not found.ok:
        raise typer.Exit(DUE if outcome.ok else REFUSED)


def _save(outcome: Outcome, file: Path, language: str) -> None:
    """Write the record to publish, where every notebook ended well."""
    if not outcome.ok:
        raise typer.Exit(REFUSED)
    from walesi_research.pipeline.files import write_whole

    write_whole(file, verifying.dumps_published(outcome.findings, outcome.parts))
    tell(say(language, "verify.saved", n=len(outcome.findings), file=str(file)))


def _verified(published: Published, outcome: Outcome) -> Verification:
    needs = {notebook.name: notebook.needs for notebook in outcome.every}
    ended = {name: done.state for name, done in outcome.notebooks.items()}
    return verifying.verified(published, outcome.findings, outcome.parts, needs, ended)


def _write(published: Published, study: Study, outcome: Outcome, folder: Path) -> None:
    from walesi_research.publish.verification import build_verification

    build_verification(_verified(published, outcome), reporting.facts_of(study, outcome), folder)
