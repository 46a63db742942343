"""Worlds like a study asked its questions: in parallel, the cheap ones first, and never twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from walesi_research.errands.calibrate.contract import PARTS
from walesi_research.language import Message
from walesi_research.problems import Problem, UserError

if TYPE_CHECKING:
    from walesi_research.errands.calibrate.likeness import Likeness
    from walesi_research.errands.calibrate.summary import Judged
    from walesi_research.errands.calibrate.world import Errand
    from walesi_research.study import Study

__all__ = ["LEDGER", "Calibrated", "calibrate", "errands"]

LEDGER = "worlds.jsonl"
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
CODE = (
    "from walesi_research.errands.calibrate import world",
    "from walesi_research.questions import appraisal, measurement, pathways, performance, policy, training",
)
"""What a world's answers depend on."""


@dataclass(frozen=True, kw_only=True)
class Calibrated:
    """What the worlds say so far.

    Parameters
    ----------
    likeness : Likeness
    not_copied : tuple of Message
        What a world cannot copy of the study.
    findings : tuple of Judged
    worlds, null_worlds : int
        Ordinary worlds, and those in which nothing has an effect.
    complete : bool
        Whether all parts were asked of all worlds.
    parameters : mapping of str to object
        ``level`` and ``draws``.
    """

    likeness: Likeness
    not_copied: tuple[Message, ...]
    findings: tuple[Judged, ...]
    worlds: int
    null_worlds: int
    complete: bool
    parameters: Mapping[str, Any]


def errands(
    likeness: Likeness, seed: int, worlds: int, parts: Sequence[str], parameters: Mapping[str, Any]
) -> Iterator[Errand]:
    """Yield what is to be asked: the cheap part of all worlds first, a null world after every second one."""
    from walesi_research.errands.calibrate.world import Errand

    for part in parts:
        for number in range(worlds):
            yield Errand(likeness, "ordinary", number, seed, part, parameters)
            if number % 2:
                yield Errand(likeness, "null", number // 2, seed, part, parameters)


def calibrate(
    study: Study,
    out: Path,
    *,
    question: Callable[[str], Callable[..., Any]],
    publish: Callable[[Calibrated, Path], None],
    limits: Mapping[str, float],
    worlds: int = 200,
    jobs: int = 1,
    parts: tuple[str, ...] = PARTS,
    parameters: Mapping[str, Any],
    tell: Callable[[int, int], None] = lambda done, whole: None,
    show: Callable[[Calibrated], None] = lambda calibrated: None,
) -> Calibrated:
    """Ask worlds like a study the study's questions, and publish how far each finding can be trusted.

    Parameters
    ----------
    study : Study
    out : Path
        The output folder; what worlds said there before is kept where nothing that it depends on has changed.
    question : callable
        Gives a question's function by its room and name; a function of a module, so that it can be sent.
    publish : callable
        Writes pages and figures into a folder, ``publish(calibrated, folder)``.
    limits : mapping of str to float
        Limits of the study's claims, by finding.
    worlds : int
        Ordinary worlds; half as many null ones beside them.
    jobs : int
        Worlds at once.
    parts : sequence of str
        Which questions, see `contract.PARTS`.
    parameters : mapping of str to object
        ``level`` and ``draws``, as the notebooks take them.
    tell : callable
        Told how many errands are done, of how many.
    show : callable
        Shown what the worlds say, after each part.

    Raises
    ------
    UserError
        If the output folder is refused, or a worker died.
    """
    from walesi_research.errands.calibrate.ledger import Ledger
    from walesi_research.errands.calibrate.likeness import likeness
    from walesi_research.errands.calibrate.summary import summarise
    from walesi_research.errands.calibrate.unlike import unlike
    from walesi_research.errands.calibrate.world import population_truths
    from walesi_research.errands.sweep.crew import local
    from walesi_research.pipeline import outbox
    from walesi_research.pipeline.manifest import now

    started, like = now(), likeness(study)
    size = (like.world.employees, like.world.quarters)
    whole = list(errands(like, study.seed, worlds, parts, parameters))
    with outbox.claim(out) as room, _one_thread(), local(jobs) as pool:
        ledger = Ledger(room / LEDGER, _key(like, study.seed, parameters))
        truths = population_truths(like, "ordinary")
        for part in parts:
            missing = [e for e in whole if e.part == part and _place(e) not in ledger]
            with closing(_asked(missing, question, pool, jobs)) as answers:
                for line in answers:
                    ledger.add(line)
                    tell(sum(_place(e) in ledger for e in whole), len(whole))
            lines = [ledger.lines[_place(e)] for e in whole if _place(e) in ledger]
            calibrated = Calibrated(
                likeness=like, not_copied=tuple(unlike(study)), worlds=worlds, null_worlds=worlds // 2,
                findings=tuple(summarise(lines, truths, limits, *size, parameters["level"])),
                parameters=parameters, complete=part == parts[-1],
            )  # fmt: skip
            show(calibrated)
            _put_out(calibrated, out, publish, study, started)
    return calibrated


def _place(errand: Errand) -> tuple[str, int, str]:
    return errand.kind, errand.number, errand.part


def _key(like: Likeness, seed: int, parameters: Mapping[str, Any]) -> str:
    """Return the digest of all that a world's answers depend on: of the study, what worlds take from it."""
    from walesi_research.pipeline import cache
    from walesi_research.pipeline.reach import Package

    code = Package().digests_reached(CODE)
    parts = {"likeness": like.as_record(), "seed": seed, "parameters": dict(parameters)}
    return cache.digest(parts | {"code": code, "versions": dict(cache.versions())})


def _asked(
    missing: Sequence[Errand], question: Callable[[str], Callable[..., Any]], pool: Executor, jobs: int
) -> Generator[dict[str, Any], None, None]:
    """Yield what the worlds answer, in the order in which they end; few wait, so that an end is soon."""
    from walesi_research.errands.calibrate.world import ask

    flying: set[Future[dict[str, Any]]] = set()
    try:
        for errand in missing:
            flying.add(pool.submit(partial(ask, question), errand))
            if len(flying) >= 2 * jobs:
                yield from _ended(flying)
        while flying:
            yield from _ended(flying)
    except BrokenExecutor:
        raise UserError([Problem(what=Message.of("calibrate.worker_died"))]) from None
    finally:
        for future in flying:
            future.cancel()


def _ended(flying: set[Future[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    for future in wait(flying, return_when=FIRST_COMPLETED).done:
        flying.remove(future)
        yield future.result()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let processes that are started meanwhile work with one thread each."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _put_out(
    calibrated: Calibrated, out: Path, publish: Callable[[Calibrated, Path], None], study: Study, started: str
) -> None:
    from walesi_research.pipeline import outbox
    from walesi_research.pipeline.manifest import write_manifest

    stage = outbox.fresh_stage(out)
    publish(calibrated, stage)
    facts = {"study": study.id, "data": dict(study.hashes), "parameters": dict(calibrated.parameters)}
    write_manifest(stage, facts=facts, started=started)
    outbox.commit(out)
