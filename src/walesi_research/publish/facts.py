"""What a page must say of the study it is about, whatever the notebook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Failure", "Scale", "StudyFacts"]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A notebook without a page.

    Parameters
    ----------
    kind : {"failed", "not_run"}
        It stopped with an error, or was not run.
    title : mapping of str to str
        Its question, by language.
    """

    kind: Literal["failed", "not_run"]
    title: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A construct of the questionnaire, as the data dictionary tells it.

    Parameters
    ----------
    label : mapping of str to str
        Its name, by language.
    items : mapping of str to mapping
        Statements by code and language.
    reverse : tuple of str
        Codes of those that say the opposite.
    ends : tuple of int
        Lowest and highest answer.
    source : str
        The instrument's citation; may be empty.
    """

    label: Mapping[str, str]
    items: Mapping[str, Mapping[str, str]]
    reverse: tuple[str, ...]
    ends: tuple[int, int]
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class StudyFacts:
    """Facts about a study and a run that readers are told.

    Parameters
    ----------
    id : str
        The study's short name.
    title : mapping of str to str
        Its title, by language.
    synthetic : bool
        Labels every page and figure.
    seed : int
        Seed of every random draw.
    version : str
        Version of the toolkit.
    created : datetime.date
        Day of the run.
    minimum_cell : int
        Fewest people that a published number rests on.
    unread : mapping of str to int
        Number of columns left unread, by table.
    missing : tuple of str
        Tables that the study does not have.
    failures : mapping of str to Failure
        Notebooks without a page, by name.
    level : float
        Confidence level of intervals.
    tables : mapping of str to tuple of str
        The columns that the study has, by table; items of the questionnaire are not among them.
    scales : tuple of Scale
        The questionnaire's constructs.
    """

    id: str
    title: Mapping[str, str]
    synthetic: bool
    seed: int
    version: str
    created: dt.date
    minimum_cell: int
    unread: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    failures: Mapping[str, Failure] = field(default_factory=dict)
    level: float = 0.95
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scales: tuple[Scale, ...] = ()
