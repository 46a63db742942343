"""What can be given to verbs, and how help tells of it."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from walesi_research import __version__
from walesi_research.errands import speech
from walesi_research.language import say
from walesi_research.pipeline import NOTEBOOKS


class Language(StrEnum):
    """Languages of messages."""

    id = "id"
    en = "en"


class Format(StrEnum):
    """What an export is written as."""

    docx = "docx"
    xlsx = "xlsx"
    latex = "latex"


class Engine(StrEnum):
    """How kernels are started."""

    auto = "auto"
    warm = "warm"
    stock = "stock"


def help_of(key: str, domain: str = "cli", **values: Any) -> str:
    """Return help in the language of the system."""
    return say(speech.spoken(speech.system_language()), f"{domain}.help_{key}", **values)


def known_parameters() -> str:
    """Return what help says of the parameters of the notebooks."""
    language = speech.spoken(speech.system_language())
    known = {p.name: p for n in NOTEBOOKS for p in n.parameters if not p.injected}
    return " ".join(
        f"{name}={p.default} ({p.allowed.in_(language)}): {say(language, p.help_key)}"
        for name, p in known.items()
    )


def speak(language: Language | None) -> None:
    """Let messages be in a language."""
    if language is not None:
        speech.choose(language.value)


def debug_on(debug: bool) -> None:
    """Let a fault of this program be told whole."""
    if debug:
        os.environ["WALESI_DEBUG"] = "1"


def tell_version(asked: bool) -> None:
    """Print the version and end."""
    if asked:
        print(f"walesi {__version__}")
        raise typer.Exit


Folder = Annotated[Path, typer.Argument(help=help_of("study"), metavar="STUDY")]
Table = Annotated[list[str] | None, typer.Option("--table", help=help_of("table"), metavar="NAME=FILE")]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", min=1, help=help_of("jobs"))]
Engines = Annotated[Engine, typer.Option("--engine", help=help_of("engine"))]
Force = Annotated[bool, typer.Option("--force", help=help_of("force"))]
Out = Annotated[Path | None, typer.Option("--out", "-o", help=help_of("out"), metavar="DIR")]
File = Annotated[Path | None, typer.Option("--out", "-o", help=help_of("out", "export"), metavar="FILE")]
Spoken = Annotated[
    Language | None, typer.Option("--language", callback=speak, is_eager=True, help=help_of("language"))
]
Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "-p", "--parameter", metavar="NAME=VALUE", help=help_of("parameter", known=known_parameters())
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="NAME", help=help_of("only", known=", ".join(n.name for n in NOTEBOOKS))),
]
Knobs = Annotated[
    list[str] | None, typer.Option("-p", "--parameter", metavar="NAME=VALUE", help=help_of("knob"))
]
Notebooks = Annotated[Path | None, typer.Option("--notebooks", hidden=True, help=help_of("notebooks"))]
Debug = Annotated[bool, typer.Option("--debug", callback=debug_on, is_eager=True, help=help_of("debug"))]
Version = Annotated[
    bool, typer.Option("--version", callback=tell_version, is_eager=True, help=help_of("version"))
]
