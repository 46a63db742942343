"""``walesi init``: from exports as they are to a study folder, every guess marked.

`read_exports` reads the files, `plan.plan` guesses, `write_study` writes ``study.toml`` and
``codebook.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from walesi_research.errands.init.draft import Draft
from walesi_research.errands.init.plan import plan
from walesi_research.errands.init.questions import with_questions
from walesi_research.errands.init.sheets import Sorted, sort_sheet
from walesi_research.errands.init.source import read_sources
from walesi_research.errands.init.toml import Mark
from walesi_research.errands.init.write import refuse_existing, write_study
from walesi_research.language import Message
from walesi_research.problems import Problem, UserError, covered
from walesi_research.study.columns import TABLE_NAMES
from walesi_research.study.sheets import Unreadable

__all__ = ["Made", "init", "read_exports"]


@dataclass(frozen=True)
class Made:
    """What was written: the draft, and the marks of its files in their order."""

    draft: Draft
    marks: tuple[Mark, ...]
    sheets: tuple[Sorted, ...]


def init(
    folder: Path,
    files: Sequence[Path],
    tables: Mapping[Path, str] | None = None,
    *,
    language: str = "id",
    force: bool = False,
) -> Made:
    """Write a study folder from exports.

    Parameters
    ----------
    folder : Path
        The study, made where it is not there.
    files : sequence of Path
        The exports.
    tables : mapping of Path to str, optional
        The table that a file is, where the user says so.
    language : {"id", "en"}
        Language of comments and of the study.
    force : bool
        Whether ``study.toml``, ``codebook.toml`` and ``tables/*.csv`` of the folder may be overwritten.

    Raises
    ------
    UserError
        If a file cannot be read, no table is found, or the folder has a study or its tables already.
    """
    refuse_existing(folder, language, force)
    sheets = read_exports(files, tables or {}, language)
    draft = plan(folder, sheets, language)
    marks = write_study(folder, draft, force)
    return Made(draft, tuple(marks), tuple(sheets))


def read_exports(files: Sequence[Path], tables: Mapping[Path, str], language: str = "id") -> list[Sorted]:
    """Read exports and tell what each sheet is; every file that cannot be read is told at once."""
    sources, said, problems = [], {}, []
    for path in files:
        name = covered(str(path))
        if (table := tables.get(path)) is not None and table not in TABLE_NAMES:
            what = Message.of("check.table_unknown")
            problems.append(Problem(what=what, file=name, value=table, allowed=", ".join(TABLE_NAMES)))
            continue
        if not path.is_file():
            key = "init.file_is_folder" if path.is_dir() else "init.no_file"
            problems.append(Problem(what=Message.of(key), file=name))
            continue
        try:
            found = read_sources(path)
        except Unreadable as why:
            problems.append(why.problem(name))
            continue
        sources += found
        said |= dict.fromkeys((source.path for source in found), table)
        if not found:
            problems.append(Problem(what=Message.of("init.no_rows"), file=name))
    if problems:
        raise UserError(problems, language)
    answered, lists = with_questions(sources)
    forms = {source.path for source in lists}
    found = [sort_sheet(source, said[source.path]) for source in answered]
    return [sheet for sheet in found if sheet.table or sheet.source.path not in forms]
