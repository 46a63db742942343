"""``walesi sweep``: many places, and what they say together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from walesi_research import __version__
from walesi_research.cli.app import app
from walesi_research.cli.ending import INTERRUPTED, REFUSED, tell
from walesi_research.cli.given import must_exist, tables_of
from walesi_research.cli.options import Engine, Engines, Parameters, Spoken, Table, help_of
from walesi_research.cli.reporting import publish
from walesi_research.errands import about, speech
from walesi_research.language import Message, say
from walesi_research.pipeline import assignments
from walesi_research.problems import Problem, UserError

if TYPE_CHECKING:
    from walesi_research.errands.sweep import Swept


@app.command(help=say(speech.spoken(speech.system_language()), "sweep.help"))
def sweep(
    studies: Annotated[list[Path], typer.Argument(help=help_of("studies", "sweep"), metavar="STUDIES...")],
    out: Annotated[Path, typer.Option("--out", "-o", help=help_of("out"), metavar="DIR")],
    by: Annotated[str | None, typer.Option("--by", metavar="COLUMN", help=help_of("by", "sweep"))] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help=help_of("jobs", "sweep"))] = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="ADDRESS", help=help_of("scheduler", "sweep"))
    ] = None,
    pages: Annotated[bool, typer.Option("--pages", help=help_of("pages", "sweep"))] = False,
    parameter: Parameters = None,
    engine: Engines = Engine.auto,
    table: Table = None,
    language: Spoken = None,
) -> None:
    """Run many places and compare them."""
    if by is not None and len(studies) != 1:
        raise UserError([Problem(what=Message.of("sweep.one_study", n=len(studies)))])
    if table and by is None:
        raise UserError([Problem(what=Message.of("sweep.table_by"))])
    for study in studies:
        must_exist(study)
    from walesi_research.errands import sweep as swept

    given = {"tables": tables_of(table), "parameters": assignments(parameter or ()), "by": by}
    spoken = speech.spoken(about.language_of(studies[0]))
    try:
        with _workers(scheduler, jobs) as workers:
            done = swept.sweep(
                studies, out, compare=_compare, pages=publish if pages else None, engine=engine.value,
                language=spoken, tell=lambda end: tell(swept.line(end, spoken)), **workers, **given,
            )  # fmt: skip
    except KeyboardInterrupt:
        tell(say(spoken, "cli.interrupted"))
        raise typer.Exit(INTERRUPTED) from None
    if not done.ok:
        key = "sweep.partly_published" if done.published else "sweep.nothing_published"
        tell("\n" + say(spoken, key, out=str(out)))
    if done.withheld:
        tell(say(spoken, "sweep.withheld", names=", ".join(sorted(done.withheld))))
    if done.published:
        print((out / "index.html").resolve())
    if not (done.ok and done.published):
        raise typer.Exit(REFUSED)


@contextmanager
def _workers(scheduler: str | None, jobs: int | None) -> Iterator[dict[str, Any]]:
    """Give who runs the places, as options of a sweep: processes of this machine or a cluster."""
    if scheduler is None:
        yield {"jobs": jobs or 1}
        return
    from walesi_research.errands.sweep.cluster import connected

    with connected(scheduler) as cluster:
        yield {"jobs": jobs or cluster.width, "start": cluster.start, "look": cluster.refuse_blind}


def _compare(swept: Swept, folder: Path) -> frozenset[str]:
    """Write the pages that put the places of a sweep side by side."""
    from walesi_research.publish.comparison import Place, build_comparison
    from walesi_research.questions.claims import CLAIMS

    places = [
        Place(
            name=site.name, title=site.title, state="done" if end.state == "kept" else end.state,
            findings={f.id: f for f in end.findings}, synthetic=site.synthetic, minimum=site.minimum,
        )
        for site, end in ((site, swept.ended[site.name]) for site in swept.sites)
    ]  # fmt: skip
    return build_comparison(places, CLAIMS, __version__, dt.date.today(), folder)
