"""How the command ends: in order, with a status, and a user's mistake told in words."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from walesi_research.cli.app import app
from walesi_research.errands import speech
from walesi_research.language import say
from walesi_research.problems import UserError, covered

__all__ = ["DUE", "INTERRUPTED", "REFUSED", "main", "tell"]

REFUSED, DUE, INTERNAL, INTERRUPTED, TERMINATED = 1, 3, 70, 130, 143


def tell(text: str) -> None:
    """Write to the terminal, beside what a script reads."""
    print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Status 0: all went well; 1: something was refused or a notebook failed; 2: misuse of the command line;
    3: something would run (``status --exit-code``); 70: a fault of this program; 130 or 143: stopped.
    """
    stop_in_order()
    _print_what_cannot_be_printed()
    try:
        sys.exit(_ended(arguments))
    except Exception as error:
        _tell_fault(error)
        sys.exit(REFUSED if isinstance(error, OSError) else INTERNAL)


def _ended(arguments: Sequence[str] | None) -> int:
    """Run the command line and return its status; a user's mistake is told in words."""
    try:
        app(arguments, prog_name="walesi")
    except UserError as error:
        tell(speech.tell_problems(error.problems, speech.spoken(error.language)))
        return REFUSED
    return 0


def _print_what_cannot_be_printed() -> None:
    """Write a sign that the terminal or the file does not know as its number, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def stop_in_order() -> None:
    """Let a request to end stop the kernels first, as an interrupt from the keyboard does."""

    def stop(number: int, frame: Any) -> None:
        raise SystemExit(TERMINATED)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        with contextlib.suppress(ValueError):  # not in the main thread
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, stop)


def _tell_fault(error: Exception) -> None:
    """Tell of an error that is no user's without any value in it; with ``--debug``, all but long numbers."""
    if os.environ.get("WALESI_DEBUG"):
        tell(covered("".join(traceback.format_exception(error))))
        return
    if isinstance(error, OSError):
        file, why = error.filename or _where(error), error.strerror or type(error).__name__
        tell(say(speech.spoken(), "cli.file_trouble", file=str(file), why=why))
        return
    tell(say(speech.spoken(), "cli.internal", error=type(error).__name__, where=_where(error)))


def _where(error: Exception) -> str:
    """Return the innermost line of this package that the error passed through."""
    package = Path(__file__).resolve().parents[1]
    frames = [
        f"{Path(frame.filename).relative_to(package.parent).as_posix()}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(package)
    ]
    return frames[-1] if frames else package.name
