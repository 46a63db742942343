"""``walesi init``: a study folder from exports, every guess marked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from walesi_research.cli.app import app
from walesi_research.cli.ending import tell
from walesi_research.cli.options import Spoken, help_of
from walesi_research.errands import speech
from walesi_research.language import Message, say
from walesi_research.problems import Problem, UserError


@app.command(help=say(speech.spoken(speech.system_language()), "init.help"))
def init(
    folder: Annotated[Path, typer.Argument(help=help_of("folder", "init"), metavar="FOLDER")],
    more: Annotated[
        list[str] | None, typer.Argument(help=help_of("more", "init"), metavar="[FILE]...")
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option("--from", metavar="[TABLE=]FILE", help=help_of("from", "init"))
    ] = None,
    force: Annotated[bool, typer.Option("--force", help=help_of("force", "init"))] = False,
    language: Spoken = None,
) -> None:
    """Make a study folder from exports."""
    files = [*(given or ()), *(more or ())]
    if not files:
        raise UserError([Problem(what=Message.of("init.no_files"))])
    from walesi_research.errands.init import init as make
    from walesi_research.errands.init.tell import told
    from walesi_research.study import check_study

    spoken = speech.spoken(speech.system_language())
    paths, tables = _with_tables(files)
    made = make(folder, paths, tables, language=spoken, force=force)
    tell(told(made, str(folder), check_study(folder), spoken))
    print((folder / "study.toml").resolve())


def _with_tables(files: list[str]) -> tuple[list[Path], dict[Path, str]]:
    """Return the files, and the table of those given as ``table=FILE``."""
    paths, tables = [], {}
    for text in files:
        table, sign, file = text.partition("=")
        path = Path(file) if sign and not Path(text).exists() else Path(text)
        paths.append(path)
        if sign and path == Path(file):
            tables[path] = table
    return paths, tables
