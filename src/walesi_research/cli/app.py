"""The command and the options that every verb shares."""

from __future__ import annotations

import typer

from walesi_research.cli.options import Debug, Spoken, Version, help_of

__all__ = ["app"]


app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(help=help_of("walesi"))
def _walesi(debug: Debug = False, version: Version = False, language: Spoken = None) -> None:
    """Take the options that every verb shares."""
