"""The output folder: outputs appear whole or not at all.

Everything that readers get is made in ``OUT/.walesi/stage/``. When it is complete, a journal names the
files to move into place and the old ones to delete; then they are moved, and the journal is removed. A
process that dies before the journal is written leaves the old outputs; one that dies after is completed
by the next, which rolls the journal forward before anything else.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from filelock import FileLock, Timeout

from walesi_research.language import Message
from walesi_research.pipeline import files
from walesi_research.problems import Problem, UserError

__all__ = ["MANIFEST", "claim", "commit", "fresh_stage", "manifest_of", "refuse_foreign", "settle", "stands"]

ROOM = ".walesi"
LOCK = "lock"
"""A file in the room that is locked for as long as the process that holds the folder lives."""
MANIFEST = "manifest.json"
TOOL = "walesi_research"


def refuse_foreign(out: Path, study: Path) -> None:
    """Refuse an output folder that is the study's, lies in it, or holds what is not ours.

    Raises
    ------
    UserError
        Saying which.
    """
    here, study = out.resolve(), study.resolve()
    if here.is_relative_to(study):
        raise _refusal("pipeline.out_in_study", out)
    if here.exists() and not here.is_dir():
        raise _refusal("pipeline.out_is_file", out)
    ours = (here / ROOM).is_dir() or manifest_of(here).get("tool") == TOOL
    if here.is_dir() and any(here.iterdir()) and not ours:
        raise _refusal("pipeline.out_not_ours", out)


def _refusal(key: str, out: Path) -> UserError:
    return UserError([Problem(what=Message.of(key, out=str(out)), value=str(out))])


@contextmanager
def claim(out: Path) -> Iterator[Path]:
    """Hold the output folder alone, with whatever an earlier run left half done completed or cleared.

    Yields
    ------
    Path
        The pipeline's own room in it, which only its owner can read.

    Raises
    ------
    UserError
        If another run holds it.
    """
    room, ours = out / ROOM, not out.exists()
    room.mkdir(parents=True, exist_ok=True)
    room.chmod(0o700)
    try:
        with FileLock(room / LOCK, timeout=0):
            _recover(out)
            try:
                yield room
            finally:
                if ours:
                    _leave_nothing(out)
    except Timeout:
        raise _refusal("pipeline.out_busy", out) from None


def _leave_nothing(out: Path) -> None:
    """Take a folder away again in which nothing was written; whoever opened its lock sees that it is gone."""
    room = out / ROOM
    if set(out.rglob("*")) == {room, room / LOCK}:
        with suppress(OSError):
            (room / LOCK).unlink()
            room.rmdir()
            out.rmdir()


def settle(out: Path) -> None:
    """Complete or clear what an earlier run left half done, where there was one; leave all else alone."""
    if (out / ROOM).is_dir():
        with claim(out):
            return


def _recover(out: Path) -> None:
    if (out / ROOM / "journal.json").exists():
        _roll_forward(out)
    for name in ("stage", "work", "parts"):
        shutil.rmtree(out / ROOM / name, ignore_errors=True)
    for part in [*(out / ROOM).glob("*.part"), *(out / ROOM).glob("*/*.part")]:
        part.unlink(missing_ok=True)  # not deeper: places of a sweep have rooms of their own


def fresh_stage(out: Path) -> Path:
    """Return an empty stage."""
    stage = out / ROOM / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    return stage


def commit(out: Path) -> None:
    """Move the staged files into place, and delete those of the run before that are no longer made."""
    stage = out / ROOM / "stage"
    staged = files.relative_files(stage)
    for path in (stage, *stage.rglob("*")):
        files.sync(path)
    staged.sort(key=lambda name: name == MANIFEST)  # the manifest last: it vouches for the others
    old = [name for name in manifest_of(out).get("outputs", {}) if name not in staged and _inside(name)]
    journal = json.dumps({"move": staged, "delete": old}, indent=1)
    files.write_whole(out / ROOM / "journal.json", journal)
    _roll_forward(out)


def _roll_forward(out: Path) -> None:
    stage, journal = out / ROOM / "stage", out / ROOM / "journal.json"
    steps = json.loads(journal.read_text(encoding="utf-8"))
    for name in steps["move"]:
        if (stage / name).exists():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(stage / name, out / name)  # noqa: PTH105 (tests stop the process here)
    for name in steps["delete"]:
        (out / name).unlink(missing_ok=True)
        _remove_empty((out / name).parent, out)
    for folder in {(out / name).parent for name in steps["move"]} | {out}:
        files.sync(folder)
    journal.unlink()
    files.sync(journal.parent)
    shutil.rmtree(stage, ignore_errors=True)


def _remove_empty(folder: Path, out: Path) -> None:
    """Remove `folder` and those above it, up to `out`, while they are empty."""
    while out in folder.parents:
        with suppress(OSError):
            folder.rmdir()
        folder = folder.parent


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and path.parts[0] != ROOM


def stands(out: Path, facts: Mapping[str, Any]) -> bool:
    """Tell whether what is in `out` was made of the same as `facts` say, and is as it was made."""
    manifest = manifest_of(out)
    outputs = manifest.get("outputs")
    if not isinstance(outputs, dict) or any(manifest.get(name) != fact for name, fact in facts.items()):
        return False
    there = [(out / name, digest) for name, digest in outputs.items()]
    return all(path.is_file() and files.digest_of(path) == digest for path, digest in there)


def manifest_of(out: Path) -> dict[str, Any]:
    """Return what an earlier run recorded in `out`; empty where there is no record that can be read."""
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}
