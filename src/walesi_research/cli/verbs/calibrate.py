"""``walesi calibrate``: how far each finding can be trusted at this study's own size."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from walesi_research import __version__
from walesi_research.cli.app import app
from walesi_research.cli.ending import INTERRUPTED, tell
from walesi_research.cli.given import must_exist, parameters_of_all, tables_of
from walesi_research.cli.options import Folder, Parameters, Spoken, Table, help_of
from walesi_research.cli.verbs.export import question
from walesi_research.errands import about, speech
from walesi_research.language import say
from walesi_research.language.numbers import share

if TYPE_CHECKING:
    from walesi_research.errands.calibrate.run import Calibrated
    from walesi_research.study import Study

DOMAIN = "calibrate"
STEPS = 20


@app.command(help=help_of("calibrate", DOMAIN))
def calibrate(
    study: Folder,
    worlds: Annotated[int, typer.Option("--worlds", min=2, help=help_of("worlds", DOMAIN))] = 200,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help=help_of("jobs", DOMAIN))] = None,
    parameter: Parameters = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help=help_of("out", DOMAIN))
    ] = None,
    table: Table = None,
    language: Spoken = None,
) -> None:
    """Ask worlds like this study the study's own questions."""
    must_exist(study)
    from walesi_research.errands.calibrate import run, told
    from walesi_research.pipeline import outbox
    from walesi_research.study import open_study

    out = out or Path(about.default_out(study).name.replace("report-", "calibration-", 1))
    outbox.refuse_foreign(out, study)
    opened, given = open_study(study, tables_of(table)), parameters_of_all(parameter)
    spoken = speech.spoken(opened.language)
    try:
        run.calibrate(
            opened, out, question=question, limits=_limits(opened), worlds=worlds,
            jobs=jobs or os.cpu_count() or 1, parameters={name: given[name] for name in ("level", "draws")},
            publish=lambda made, folder: _publish(opened, made, folder), tell=_counted(spoken),
            show=lambda made: tell(f"\n{told.table(made, spoken)}\n"),
        )  # fmt: skip
    except KeyboardInterrupt:
        tell(say(spoken, "calibrate.interrupted"))
        raise typer.Exit(INTERRUPTED) from None
    print((out / "index.html").resolve())


def _counted(language: str) -> Callable[[int, int], None]:
    """Return what tells of every twentieth part that is done."""

    def told(done: int, whole: int) -> None:
        if done * STEPS // whole > (done - 1) * STEPS // whole:
            tell(say(language, "calibrate.progress", share=share(done / whole, language)))

    return told


def _limits(study: Study) -> dict[str, float]:
    """Return the limits of the study's claims, by finding."""
    from walesi_research.questions.claims import CLAIMS, claim_of

    return {claim.finding: claim_of(study, claim.finding).limit for claim in CLAIMS}


def _publish(study: Study, made: Calibrated, folder: Path) -> None:
    """Write the page in both languages, and the figures."""
    from walesi_research.errands.calibrate.told import record_of
    from walesi_research.publish.calibration import build_calibration
    from walesi_research.publish.facts import StudyFacts

    facts = StudyFacts(
        id=study.id, title=dict(study.title), synthetic=study.synthetic, seed=study.seed, version=__version__,
        created=dt.date.today(), minimum_cell=study.settings.privacy.minimum_cell,
    )  # fmt: skip
    build_calibration(record_of(made, study.id), facts, folder)
