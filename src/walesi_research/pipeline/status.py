"""What a run would do and why, with nothing executed and nothing written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from walesi_research.language import Message
from walesi_research.pipeline import cache, outbox
from walesi_research.pipeline.changes import changes
from walesi_research.pipeline.plan import OpenStudy, Task, make_plan

__all__ = ["Standing", "standings"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a notebook stands.

    Parameters
    ----------
    notebook : str
        Its name.
    reasons : tuple of Message
        Why it would run again; none where what is kept of it is up to date.
    stale : bool
        Whether it is up to date, while the report in the output folder was made of something else.
    """

    notebook: str
    reasons: tuple[Message, ...] = ()
    stale: bool = False

    @property
    def due(self) -> bool:
        """Whether a run would execute it."""
        return bool(self.reasons)


def standings(folder: Path, out: Path, *, open_study: OpenStudy, **options: Any) -> tuple[Standing, ...]:
    """Return how each notebook stands against what earlier runs kept in `out`.

    Parameters
    ----------
    folder, out : Path
        The study folder and the output folder.
    open_study : callable
        Opens, checks and pseudonymises the study.
    **options
        ``tables``, ``only``, ``parameters``, ``notebooks`` and ``every``, as `run_study` takes them.

    Raises
    ------
    UserError
        If a run would be refused.
    """
    outbox.refuse_foreign(out, folder)
    plan = make_plan(folder, out, open_study=open_study, **options)
    before = outbox.manifest_of(out).get("notebooks", {})
    kept = out / outbox.ROOM / cache.FOLDER
    return tuple(_standing(name, task, kept, before.get(name, {})) for name, task in plan.tasks.items())


def _standing(name: str, task: Task, kept: Path, before: Mapping[str, Any]) -> Standing:
    reasons = tuple(_reasons(name, task, kept, before))
    return Standing(name, reasons, stale=not reasons and before.get("key", task.key) != task.key)


def _reasons(name: str, task: Task, kept: Path, before: Mapping[str, Any]) -> Iterator[Message]:
    """Yield why a notebook would run; `before` is what the last run recorded of it."""
    if cache.load(kept, name, task.key):
        return
    if cache.there(kept, name, task.key):
        yield Message.of("pipeline.due_damaged")
    elif before.get("state") == "failed" and before.get("key") == task.key:
        yield Message.of("pipeline.due_failed")
    elif old := cache.parts_kept(kept, name, before.get("key")):
        yield from changes(old, task.parts)
    else:
        yield Message.of("pipeline.due_damaged" if cache.kept(kept, name) else "pipeline.due_new")
