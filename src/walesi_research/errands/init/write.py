"""The folder: files that serve as they are, tables written anew, and the two TOML files."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from walesi_research.errands.init.codebook import codebook_text
from walesi_research.errands.init.draft import Draft, TableDraft
from walesi_research.errands.init.toml import Mark, study_text
from walesi_research.language import Message
from walesi_research.problems import Problem, UserError

__all__ = ["refuse_existing", "write_study"]

WRITTEN = ("study.toml", "codebook.toml")
MADE = "tables"
"""Folder, within the study's, of the tables that were written anew."""


def refuse_existing(folder: Path, language: str, force: bool) -> None:
    """Refuse a folder that has a study already, unless told to overwrite it."""
    there = [name for name in WRITTEN if (folder / name).exists()]
    if there and not force:
        raise _exists(folder, there, language)
    if folder.exists() and not folder.is_dir():
        raise UserError(
            [Problem(what=Message.of("init.no_folder", folder=str(folder)), value=str(folder))], language
        )


def _exists(folder: Path, files: Sequence[str], language: str) -> UserError:
    what = Message.of("init.exists", files=", ".join(files), folder=str(folder))
    return UserError([Problem(what=what, value=str(folder))], language)


def write_study(folder: Path, draft: Draft, force: bool = False) -> list[Mark]:
    """Write a study folder; return the marks of its files.

    Raises
    ------
    UserError
        If a table of the folder would be overwritten without `force`; nothing is written then.
    """
    targets = {name: _target(folder, draft, table) for name, table in draft.tables.items() if table.anew}
    there = [target.relative_to(folder).as_posix() for target in targets.values() if target.exists()]
    if there and not force:
        raise _exists(folder, there, draft.language)
    folder.mkdir(parents=True, exist_ok=True)
    draft.files = {
        name: _written(folder, targets[name], table) if name in targets else _kept(folder, table.source.path)
        for name, table in draft.tables.items()
    }
    marks: list[Mark] = []
    files = dict.fromkeys(table.source.path.name for table in draft.tables.values())
    (folder / "study.toml").write_text(study_text(draft, list(files), marks), encoding="utf-8")
    if draft.groups:
        (folder / "codebook.toml").write_text(codebook_text(draft, marks), encoding="utf-8")
    else:  # one of another study is no part of this one
        (folder / "codebook.toml").unlink(missing_ok=True)
    return marks


def _target(folder: Path, draft: Draft, table: TableDraft) -> Path:
    """Return where a table is written anew: never over a file that it is made of."""
    target = folder / MADE / f"{table.name}.csv"
    if any(_same(target, other.source.path) for other in draft.tables.values()):
        target = target.with_stem(f"{table.name}-init")
    return target


def _written(folder: Path, target: Path, table: TableDraft) -> str:
    """Write a table anew; return its path within the folder."""
    target.parent.mkdir(exist_ok=True)
    table.current.to_csv(target, index=False)
    table.note("", "fact", "written_anew", file=table.source.name)
    return target.relative_to(folder).as_posix()


def _same(one: Path, other: Path) -> bool:
    return one.exists() and one.samefile(other)


def _kept(folder: Path, path: Path) -> str:
    """Leave a file that is in the folder where it is; copy another one into it, over none of its files."""
    if path.resolve().is_relative_to(folder.resolve()):
        return path.resolve().relative_to(folder.resolve()).as_posix()
    target, number = folder / path.name, 1
    while target.exists() and target.read_bytes() != path.read_bytes():
        number += 1
        target = folder / f"{number}-{path.name}"
    if not target.exists():
        shutil.copyfile(path, target)
    return target.name
