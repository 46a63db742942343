"""``walesi sweep``: many places, one after another or at once, then what they say together."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from walesi_research.errands.sweep.crew import local, work_through
from walesi_research.errands.sweep.places import Site, parts_of, sites_of
from walesi_research.errands.sweep.run import Ended, Engine, Job, run_place
from walesi_research.language import Message, say
from walesi_research.problems import Problem, UserError

__all__ = ["Ended", "Job", "Site", "Swept", "line", "sweep"]


@dataclass(frozen=True)
class Swept:
    """A sweep that has ended.

    Parameters
    ----------
    sites : tuple of Site
        Its places, by name.
    ended : mapping of str to Ended
        How each ended, by name, in the order of `sites`.
    withheld : frozenset of str
        Places whose own pages were asked for but would give away what another place hides.
    """

    sites: tuple[Site, ...]
    ended: Mapping[str, Ended]
    withheld: frozenset[str] = frozenset()

    @property
    def ok(self) -> bool:
        """Whether every place that has enough people ended well."""
        return all(end.state in ("done", "kept", "few") for end in self.ended.values())

    @property
    def published(self) -> bool:
        """Whether there was anything to compare."""
        return any(end.findings for end in self.ended.values())


def sweep(
    studies: Sequence[Path],
    out: Path,
    *,
    compare: Callable[[Swept, Path], frozenset[str]],
    pages: Callable[..., Any] | None = None,
    by: str | None = None,
    tables: Mapping[str, Path] | None = None,
    parameters: Mapping[str, Any] | None = None,
    jobs: int = 1,
    engine: Engine = "auto",
    language: str = "id",
    start: Callable[[int], Executor] = local,
    look: Callable[[Path, Sequence[Path]], None] = lambda room, folders: None,
    tell: Callable[[Ended], None] = lambda end: None,
) -> Swept:
    """Run many places and put what they say together into `out`, whole or not at all.

    Parameters
    ----------
    studies : sequence of Path
        Study folders; one with `by`.
    out : Path
        The output folder; new, empty, or of an earlier sweep, of which what is finished is kept.
    compare : callable
        Writes the comparison into a folder, ``compare(swept, folder)``, and returns the names of places whose
        own pages must not be given out.
    pages : callable or None
        Writes a place's own pages (see `Job`); None for findings only.
    by : str or None
        Column of employees by which the one study is split.
    tables : mapping of str to Path, optional
        Tables of the one study that is split, kept outside its folder.
    parameters : mapping of str to object, optional
        Values of the notebooks' parameters, by name.
    jobs : int
        Places at once.
    engine : {"auto", "warm", "stock"}
    language : str
        Language of what is told.
    start : callable
        Gives the executor, ``start(workers)``.
    look : callable
        Makes sure that workers see the sweep's own room and the study folders, ``look(room, folders)``.
    tell : callable
        Told of each place that ended.

    Raises
    ------
    UserError
        If a study's folder, the column or the output folder is refused.
    """
    from walesi_research.pipeline import NOTEBOOKS, outbox
    from walesi_research.pipeline.manifest import now
    from walesi_research.pipeline.own import own_notebooks
    from walesi_research.pipeline.parameters import resolve

    known = [*NOTEBOOKS, *(n for study in studies for n in own_notebooks(study, NOTEBOOKS))]
    resolve({notebook.name: notebook.parameters for notebook in known}, parameters or {})
    for study in studies:
        outbox.refuse_foreign(out, study)
    if "notebooks" in outbox.manifest_of(out):
        what = Message.of("sweep.alone", out=str(out))
        raise UserError([Problem(what=what, value=str(out))])
    started, given = now(), {"parameters": dict(parameters or {}), "engine": engine, "language": language}
    out = out.absolute()  # as workers elsewhere see it
    with outbox.claim(out) as room:
        look(room, () if by else [study.absolute() for study in studies])
        with _sites(studies, by, tables, room) as sites:
            few = {s.name: Ended(name=s.name, state="few") for s in sites if s.folder is None}
            for end in few.values():
                tell(end)
            work = [
                Job(name=s.name, folder=s.folder, out=room / "places" / s.name, publish=pages, **given)
                for s in sites
                if s.folder is not None
            ]
            ended = few | work_through(work, run_place, start, jobs, tell, language)
            swept = Swept(tuple(sites), {site.name: ended[site.name] for site in sites})
            if swept.published:
                withheld = _put_out(swept, out, room, compare, bool(pages), started)
                swept = replace(swept, withheld=withheld if pages else frozenset())
    return swept


def line(end: Ended, language: str) -> str:
    """Tell how a place ended, and below it what went wrong."""
    state = f"{end.name}: {say(language, f'sweep.state_{end.state}')}"
    return f"{state}\n{end.told}" if end.told else state


@contextmanager
def _sites(
    studies: Sequence[Path], by: str | None, tables: Mapping[str, Path] | None, room: Path
) -> Iterator[list[Site]]:
    """Give the places; parts of a split study do not stay behind, nor those of a sweep that was killed."""
    folder = room / "parts"
    shutil.rmtree(folder, ignore_errors=True)
    if by is None:
        yield sites_of(studies)
        return
    try:
        yield _parts(studies[0], tables, by, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _parts(study: Path, tables: Mapping[str, Path] | None, by: str, folder: Path) -> list[Site]:
    """Return the parts of a study: of Parquet tables without any whole in memory."""
    from walesi_research.errands.sweep.partition import split
    from walesi_research.errands.sweep.raw import described
    from walesi_research.study import open_study

    if parquet := described(study, tables):
        return split(parquet, by, folder)
    return parts_of(open_study(study, tables), by, folder)


def _put_out(
    swept: Swept,
    out: Path,
    room: Path,
    compare: Callable[[Swept, Path], frozenset[str]],
    pages: bool,
    started: str,
) -> frozenset[str]:
    """Make the comparison on the stage, places' own pages with it if asked for, and move all into place."""
    from walesi_research.pipeline import outbox
    from walesi_research.pipeline.manifest import write_manifest

    stage = outbox.fresh_stage(out)
    withheld = compare(swept, stage)
    for name, end in swept.ended.items():
        if pages and end.findings and name not in withheld:
            shutil.copytree(
                room / "places" / name, stage / "places" / name, ignore=shutil.ignore_patterns(".walesi")
            )
    states = {name: end.state for name, end in swept.ended.items()}
    write_manifest(stage, facts={"places": states}, started=started)
    outbox.commit(out)
    return withheld
