"""One place of a sweep, run in whatever process: a job that can be sent, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from walesi_research.findings import Finding
from walesi_research.problems import UserError

__all__ = ["Ended", "Job", "attempt", "run_place"]

if TYPE_CHECKING:
    from walesi_research.pipeline import Outcome

BUSY = "pipeline.out_busy"
PATIENCE = 900.0
"""Seconds to wait for whoever is at work on a place: a worker of a sweep that was stopped, or one that the
cluster believes dead. What it finishes is kept."""
PAUSE = 0.5

Engine = Literal["auto", "warm", "stock"]
State = Literal["done", "kept", "partly", "failed", "few"]


@dataclass(frozen=True, kw_only=True)
class Job:
    """All that a process needs to run a place; it can be pickled.

    Parameters
    ----------
    name : str
        The place's name.
    folder, out : Path
        Its study folder, and where its results are kept.
    publish : callable or None
        Writes its pages, ``publish(study, outcome, folder)``, a function of a module; None for findings only.
    parameters : dict
        Parameters of the notebooks.
    engine : {"auto", "warm", "stock"}
    language : str
        Language of what is told of failures.
    """

    name: str
    folder: Path
    out: Path
    publish: Callable[..., Any] | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    engine: Engine = "auto"
    language: str = "id"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a place ended.

    Parameters
    ----------
    name : str
    state : {"done", "kept", "partly", "failed", "few"}
        All notebooks well, now or in an earlier sweep; some; none; not looked at, for too few people.
    findings : tuple of Finding
    told : str
        What went wrong, in words for the terminal.
    """

    name: str
    state: State
    findings: tuple[Finding, ...] = ()
    told: str = ""


def run_place(job: Job) -> Ended:
    """Run the notebooks of one place, one after another, and return what they found.

    The same `run_study` as ``walesi run``: a notebook that an earlier sweep finished is not run again unless
    something that it depends on has changed.
    """
    from walesi_research.pipeline import run_study
    from walesi_research.study import open_study

    return attempt(job, partial(run_study, open_study=open_study))


def attempt(job: Job, run: Callable[..., Outcome]) -> Ended:
    """Run a place by ``run(folder, out, publish=, parameters=, jobs=, engine=)``, and say how it ended."""
    from walesi_research.errands import speech

    given = {"publish": job.publish, "parameters": job.parameters, "jobs": 1, "engine": job.engine}
    try:
        outcome = _when_free(lambda: run(job.folder, job.out, **given))
    except UserError as error:
        return Ended(name=job.name, state="failed", told=speech.tell_problems(error.problems, job.language))
    told = "\n".join(speech.tell_failure(failure, job.language) for failure in outcome.failures)
    return Ended(name=job.name, state=_state(outcome), findings=outcome.findings, told=told)


def _when_free(run: Callable[[], Outcome]) -> Outcome:
    """Run a place once nobody else is at work on it; never beside another, or both would write."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return run()
        except UserError as error:
            busy = any(problem.what.key == BUSY for problem in error.problems)
            if not busy or time.monotonic() > until:
                raise
        time.sleep(PAUSE)


def _state(outcome: Outcome) -> State:
    if not outcome.ok:
        return "partly" if outcome.findings else "failed"
    cached = all(done.state == "cached" for done in outcome.notebooks.values())
    return "kept" if cached else "done"
