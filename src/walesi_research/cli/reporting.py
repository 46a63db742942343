"""A study run, told of and published."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from walesi_research import __version__
from walesi_research.cli.ending import INTERRUPTED, REFUSED, tell
from walesi_research.cli.given import must_exist
from walesi_research.errands import about, progress, speech
from walesi_research.language import LANGUAGES, say

if TYPE_CHECKING:
    from walesi_research.pipeline import Outcome
    from walesi_research.publish import StudyFacts
    from walesi_research.study import Study

__all__ = ["facts_of", "publish", "report_on", "run_and_tell"]


def report_on(study: Path, out: Path, **options: Any) -> None:
    """Run a study, tell of it, and print the path of the index page as the last line."""
    outcome = run_and_tell(study, out, publish=publish, **options)
    if outcome.published:
        print((out / "index.html").resolve())
    if not outcome.ok:
        raise typer.Exit(REFUSED)


def run_and_tell(study: Path, out: Path, **options: Any) -> Outcome:
    """Run a study, telling of its steps and of what failed."""
    must_exist(study)
    from walesi_research.pipeline import run_study
    from walesi_research.study import open_study

    language = speech.spoken(about.language_of(study))
    try:
        with progress.shown(language) as show:
            outcome = run_study(study, out, open_study=open_study, progress=show, **options)
    except KeyboardInterrupt:
        tell(say(language, "cli.interrupted"))
        raise typer.Exit(INTERRUPTED) from None
    for failure in outcome.failures:
        tell("\n" + speech.tell_failure(failure, language))
    if not outcome.ok:
        key = "cli.partly_published" if outcome.published else "cli.nothing_published"
        tell("\n" + say(language, key, out=str(out)))
    return outcome


def publish(study: Study, outcome: Outcome, folder: Path) -> None:
    """Write the pages of a run."""
    from walesi_research.publish import build_site

    build_site(outcome.executed, outcome.findings, facts_of(study, outcome), folder)


def facts_of(study: Study, outcome: Outcome) -> StudyFacts:
    """Return what pages say of the study and of notebooks without a page."""
    from walesi_research.publish import Failure, Scale, StudyFacts
    from walesi_research.study.columns import TABLE_NAMES

    state = {name: "failed" if done.failure else "not_run" for name, done in outcome.notebooks.items()}
    failures = {
        n.name: Failure(kind=state.get(n.name, "not_run"), title={c: n.title_in(c) for c in LANGUAGES})
        for n in outcome.every
        if n.name not in outcome.executed
    }
    return StudyFacts(
        id=study.id,
        title=dict(study.title),
        synthetic=study.synthetic,
        seed=study.seed,
        version=__version__,
        created=dt.date.today(),
        minimum_cell=study.settings.privacy.minimum_cell,
        unread=dict(study.unread),
        missing=tuple(table for table in TABLE_NAMES if not study.has(table)),
        failures=failures,
        level=Counter(f.level for f in outcome.findings).most_common(1)[0][0] if outcome.findings else 0.95,
        tables={
            table: tuple(c for c in getattr(study, table).columns if c not in study.codebook.items)
            for table in TABLE_NAMES
            if study.has(table)
        },
        scales=tuple(
            Scale(label=c.label, items=c.items, reverse=c.reverse, ends=c.scale, source=c.source)
            for c in study.codebook.constructs.values()
        ),
    )
