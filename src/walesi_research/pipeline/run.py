"""One run: a study folder goes in, outputs come out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from walesi_research.findings import Finding, dumps_findings
from walesi_research.pipeline import cache, graph, holm, outbox, own
from walesi_research.pipeline import notebook as document
from walesi_research.pipeline.engine import Failure, NotebookFailed, execute
from walesi_research.pipeline.handing import hand_findings
from walesi_research.pipeline.manifest import now, write_manifest
from walesi_research.pipeline.outcome import Outcome
from walesi_research.pipeline.plan import SNAPSHOT, OpenedStudy, OpenStudy, Plan, Task, make_plan, sources_of
from walesi_research.pipeline.quick_nbformat import NotebookNode
from walesi_research.pipeline.reach import MEMORY, Package
from walesi_research.pipeline.schedule import Done, Step, run_in_order
from walesi_research.pipeline.warm.client import supported

__all__ = ["Engine", "Outcome", "run_study"]

Engine = Literal["auto", "warm", "stock"]
Publish = Callable[[OpenedStudy, Outcome, Path], Any]


def run_study(
    folder: Path,
    out: Path,
    *,
    open_study: OpenStudy,
    publish: Publish | None,
    pages_of: Mapping[str, str] = MappingProxyType({}),
    tables: Mapping[str, Path] | None = None,
    only: Iterable[str] = (),
    parameters: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    force: bool = False,
    engine: Engine = "auto",
    notebooks: Path | None = None,
    every: Sequence[graph.Notebook] = graph.NOTEBOOKS,
    progress: Callable[[Step], None] = lambda step: None,
) -> Outcome:
    """Run notebooks on a study and put what readers get into `out`, whole or not at all.

    Where nothing has changed and all that was written still stands as it was, nothing is written.

    Parameters
    ----------
    folder : Path
        The study folder.
    out : Path
        The output folder; new, empty, or of an earlier run.
    open_study : callable
        Opens, checks and pseudonymises the study: ``open_study(folder, tables)``.
    publish : callable or None
        Writes the pages into a folder: ``publish(study, outcome, folder)``; None for findings only.
    pages_of : mapping of str to str
        What else `publish` makes them of, by name: digests.
    tables : mapping of str to Path, optional
        Tables kept outside the study folder.
    only : iterable of str
        Notebooks to run, with those they need; all where empty.
    parameters : mapping of str to object, optional
        Values by parameter name, typed or as text.
    jobs : int, optional
        How many notebooks run at once; as many as there are processors by default.
    force : bool
        Run notebooks again although nothing they depend on has changed.
    engine : {"auto", "warm", "stock"}
        Fork kernels from a server that has imported the libraries, or start each anew as papermill does. By
        default the first where the system can and more than one notebook is due.
    notebooks : Path, optional
        Folder of the notebooks.
    every : sequence of Notebook
        The notebooks there are.
    progress : callable
        Told of every step, from the threads that take it.

    Raises
    ------
    UserError
        If the study, a parameter, a notebook's name or the output folder is refused.
    """
    outbox.refuse_foreign(out, folder)
    started = now()
    outbox.settle(out)
    plan = make_plan(
        folder, out, open_study=open_study, tables=tables, only=only, parameters=parameters,
        notebooks=notebooks, every=every,
    )  # fmt: skip
    with outbox.claim(out) as room:
        plan.package.remember(room / MEMORY)
        done = _run(plan, room, jobs or _processors(), force, engine, progress)
        parts = {name: task.parts for name, task in plan.tasks.items()}
        found = _findings(plan, done)
        outcome = Outcome(out=out, notebooks=done, findings=found, every=plan.every, parts=parts)
        pages = {} if publish is None else {**cache.versions(cache.OF_PAGES), **pages_of}
        made_of = _made_of(plan, pages) | {"whole": {name: end.ok for name, end in done.items()}}
        if outcome.published and not (outcome.unchanged and outbox.stands(out, made_of)):
            _put_out(plan, outcome, publish, made_of, started)
    return outcome


def _run(
    plan: Plan, room: Path, jobs: int, force: bool, engine: Engine, progress: Callable[[Step], None]
) -> dict[str, Done]:
    """Take from the cache what is there and execute the rest on a snapshot of the study."""
    kept, work = room / cache.FOLDER, room / "work"
    done = {} if force else _kept(plan, kept)
    for name in done:
        progress(Step(notebook=name, state="cached"))
    needs = {name: task.needs for name, task in plan.tasks.items() if name not in done}
    ended = {name: end.executed for name, end in done.items()}
    warm = _warmed(engine, len(needs))

    def execute_one(name: str) -> NotebookNode:
        hand_findings(name, plan.tasks[name], ended, work)
        ended[name] = _execute(name, plan.tasks[name], work, kept, warm, progress)
        return ended[name]

    if needs:
        _clear_kernels()
        try:
            plan.study.save(work / SNAPSHOT)
            _lay_out_own(plan, work)
            done |= run_in_order(
                needs,
                execute_one,
                jobs,
                lambda name, end: progress(Step(notebook=name, state=end.state)),
                _kill_kernels,
            )
        finally:  # people's answers do not stay behind, not even under pseudonyms
            shutil.rmtree(work, ignore_errors=True)
    return {name: done[name] for name in plan.tasks}


def _warmed(engine: Engine, due: int) -> bool:
    """Tell whether kernels are forked, and have their server begin with its imports."""
    warm = supported() and (engine == "warm" or (engine == "auto" and due > 1))
    if warm and due:
        from walesi_research.pipeline.kernel import start_server

        start_server()
    return warm


def _lay_out_own(plan: Plan, work: Path) -> None:
    for task in plan.tasks.values():
        if task.notebook.own:
            own.lay_out(task.beside, work / task.notebook.room)


def _kept(plan: Plan, folder: Path) -> dict[str, Done]:
    """Return the notebooks that need not run again: outputs kept, prose as it is now."""
    kept = {name: cache.load(folder, name, task.key) for name, task in plan.tasks.items()}
    return {
        name: Done(state="cached", executed=document.with_outputs(plan.tasks[name].document, executed))
        for name, executed in kept.items()
        if executed is not None
    }


def _execute(
    name: str, task: Task, work: Path, kept: Path, warm: bool, progress: Callable[[Step], None]
) -> NotebookNode:
    """Execute one notebook and keep it as soon as it is done."""
    cells = len(document.code_cells(task.document))

    def tell(cell: int) -> None:
        progress(Step(notebook=name, state="running", cell=cell, cells=cells))

    tell(0)
    executed = execute(name, task.document, work / task.notebook.room, tell, warm=warm)
    try:
        found = document.findings_of(executed)
        if task.notebook.own:
            own.check_findings(name, found)
    except (TypeError, ValueError) as error:
        failure = Failure(notebook=name, error=type(error).__name__, message=str(error))
        raise NotebookFailed(failure) from error
    if _sources_are_as_they_were(task, kept.parent):
        cache.store(kept, name, task.parts, executed)
        cache.prune(kept, name)
    return executed


def _sources_are_as_they_were(task: Task, room: Path) -> bool:
    """Tell whether nobody has edited code that the notebook reaches since its key was made."""
    return sources_of(Package(memory=room / MEMORY), task.document, task.beside) == task.parts["sources"]


def _processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _clear_kernels() -> None:
    from walesi_research.pipeline.kernel import clear_abandoned

    clear_abandoned()


def _kill_kernels() -> None:
    from walesi_research.pipeline.kernel import kill_all

    kill_all()


def _findings(plan: Plan, done: Mapping[str, Done]) -> tuple[Finding, ...]:
    """Return all findings, adjusted together once every notebook but a researcher's own has ended well."""
    found = [f for end in done.values() if end.executed for f in document.findings_of(end.executed)]
    whole = plan.complete and all(end.ok for name, end in done.items() if not plan.tasks[name].notebook.own)
    return tuple(holm.adjust(found) if whole else found)


def _put_out(
    plan: Plan, outcome: Outcome, publish: Publish | None, made_of: Mapping[str, Any], started: str
) -> None:
    """Make everything a reader gets on the stage, then move it into place."""
    stage = outbox.fresh_stage(outcome.out)
    text = dumps_findings(outcome.findings)
    (stage / "findings.json").write_text(text, encoding="utf-8", newline="\n")
    if publish is not None:
        publish(plan.study, outcome, stage)
    write_manifest(stage, facts={**made_of, "notebooks": _states(plan, outcome)}, started=started)
    outbox.commit(outcome.out)


def _made_of(plan: Plan, pages: Mapping[str, str]) -> dict[str, Any]:
    """Return what the manifest says of all that the outputs depend on, `pages` being what only pages do."""
    return {
        "study": {"id": plan.study.id, "seed": plan.study.seed},
        "data": plan.data,
        "code": {
            "package": plan.package.digest,
            "notebooks": {n: t.parts["code"] for n, t in plan.tasks.items()},
            "texts": {n: document.text_digest(t.document) for n, t in plan.tasks.items()},
        },
        "parameters": {name: dict(task.parameters) for name, task in plan.tasks.items()},
        "versions": dict(cache.versions()),
        "pages": dict(pages),
    }


def _states(plan: Plan, outcome: Outcome) -> dict[str, Any]:
    """Return what the manifest says of how each notebook ended."""
    return {
        name: {"state": done.state, "seconds": done.seconds, "key": plan.tasks[name].key}
        for name, done in outcome.notebooks.items()
    }
