"""The cited figures of other civil services: what was asked there, of whom, and what it stands for."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Line", "Source", "lines", "roles"]


@dataclass(frozen=True)
class Source:
    """A survey that figures are cited from.

    Parameters
    ----------
    name : str
        Its name in ``benchmarks.toml``; who was asked is said by ``benchmarks.who_<name>``.
    country : str
        Said by ``benchmarks.country_<country>``.
    year, n : int
        When, and how many people answered.
    title, address : str
        As one cites it, and where it is found.
    file : str
        The published file that figures were computed from.
    study : str
        Id of the study that has this survey for its own data; empty for none.
    """

    name: str
    country: str
    year: int
    n: int
    title: str
    address: str
    file: str
    study: str = ""


@dataclass(frozen=True)
class Line:
    """One cited figure.

    Parameters
    ----------
    role : str
        Role of the codebook that it stands beside.
    source : Source
    item : str
        The source's own name of the question.
    share : float
        Share of positive answers.
    question : str
        Its original wording.
    why : str
        Why it stands for the role.
    """

    role: str
    source: Source
    item: str
    share: float
    question: str
    why: str


@cache
def lines() -> tuple[Line, ...]:
    """Return the cited figures, by role, those of our own country first."""
    path = files("walesi_research.questions.benchmarks") / "benchmarks.toml"
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    sources = {name: Source(name, **facts) for name, facts in held["sources"].items()}
    return tuple(Line(**line | {"source": sources[line["source"]]}) for line in held["lines"])


def roles() -> tuple[str, ...]:
    """Return the roles that have a cited figure, in the order of the file."""
    return tuple(dict.fromkeys(line.role for line in lines()))
