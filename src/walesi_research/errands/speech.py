"""The language in which the command line speaks, and how it tells problems and failures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from walesi_research.language import LANGUAGES, say
from walesi_research.problems import Problem

if TYPE_CHECKING:
    from walesi_research.pipeline.engine import Failure
    from walesi_research.pipeline.status import Standing

__all__ = ["choose", "spoken", "system_language", "tell_failure", "tell_problems", "tell_standings"]

_chosen: list[str] = [code for code in (os.environ.get("WALESI_LANGUAGE"),) if code in LANGUAGES]


def choose(language: str) -> None:
    """Speak `language` from now on, whatever the study's."""
    _chosen[:] = [language]


def spoken(default: str = LANGUAGES[0]) -> str:
    """Return the language that the user chose (``--language``, WALESI_LANGUAGE), else `default`."""
    return _chosen[0] if _chosen else default


def system_language() -> str:
    """Return the language of the user's system where it is one of ours, else Indonesian."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if (code := os.environ.get(variable, "")[:2]) in LANGUAGES:
            return code
    return LANGUAGES[0]


def tell_problems(problems: Sequence[Problem], language: str) -> str:
    """Return problems in words: those of a study by file, those of the command line one a line."""
    if any(problem.file for problem in problems):
        from walesi_research.study import tell

        return "\n".join(tell(list(problems), language)).rstrip("\n")
    return "\n".join(_line(problem, language) for problem in problems)


def _line(problem: Problem, language: str) -> str:
    words = [problem.what.in_(language)]
    if problem.allowed is not None and problem.allowed not in words[0]:
        words.append(say(language, "cli.allowed", allowed=problem.allowed))
    if problem.guess is not None and problem.guess not in words[0]:
        words.append(say(language, "cli.guess", guess=problem.guess))
    return " ".join(words)


def tell_failure(failure: Failure, language: str) -> str:
    """Return a notebook's failure in words: notebook, cell, line, error; never more than one screen."""
    if failure.line is not None:
        key = "cli.failed_at"
    else:
        key = "cli.failed_in" if failure.cell is not None else "cli.failed"
    head = say(language, key, notebook=failure.notebook, cell=failure.cell, line=failure.line)
    where = f" ({failure.where})" if failure.where else ""
    lines = [
        head,
        f"    {failure.source}" if failure.source else "",
        f"{failure.error}: {failure.message}{where}",
    ]
    return "\n".join(line for line in lines if line)


def tell_standings(standings: Sequence[Standing], language: str) -> str:
    """Return how notebooks stand, one a line, and how many would run."""
    width = max(len(standing.notebook) for standing in standings)
    lines = [f"{standing.notebook:<{width}}  {_standing(standing, language)}" for standing in standings]
    due = sum(standing.due for standing in standings)
    stale = sum(standing.stale for standing in standings)
    key = "cli.status_some" if due else "cli.status_stale" if stale else "cli.status_none"
    return "\n".join([*lines, "", say(language, key, due=due, all=len(standings))])


def _standing(standing: Standing, language: str) -> str:
    if not standing.due:
        return say(language, "cli.status_current_stale" if standing.stale else "cli.status_current")
    reasons = "; ".join(reason.in_(language) for reason in standing.reasons)
    return say(language, "cli.status_due", reasons=reasons)
