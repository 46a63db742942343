"""A study: checked, pseudonymised tables in one order, and what is known about them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from walesi_research.problems import Problem
from walesi_research.study.calendar import Calendar
from walesi_research.study.codebook import Codebook
from walesi_research.study.columns import TABLES
from walesi_research.study.crosscheck import known_units
from walesi_research.study.order import canonical_order
from walesi_research.study.pseudonyms import pseudonymise
from walesi_research.study.settings import Settings
from walesi_research.study.strict import Words
from walesi_research.study.tables import Loaded

__all__ = ["Study", "assemble"]


@dataclass(frozen=True, eq=False)
class Study:
    """A study folder, opened: immutable, without identifiers.

    Parameters
    ----------
    settings : Settings
        ``study.toml``.
    codebook : Codebook
        The questionnaire; empty where there is no survey.
    tables : mapping of str to DataFrame
        The tables that there are, with canonical columns in canonical order (see `order`).
    warnings : tuple of Problem
        What is doubtful but does not stop a run.
    unread : mapping of str to int
        Number of columns left unread, by table; those of a sheet that serves two tables count with the first.
    hashes : mapping of str to str
        SHA-256 of the bytes of each table's file.
    """

    settings: Settings
    codebook: Codebook
    tables: Mapping[str, pd.DataFrame]
    warnings: tuple[Problem, ...] = ()
    unread: Mapping[str, int] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Short name of the study."""
        return self.settings.study.id

    @property
    def title(self) -> Words:
        """Title in both languages."""
        return self.settings.study.title

    @property
    def language(self) -> str:
        """Language of the reports on checks: ``id`` or ``en``."""
        return self.settings.study.language

    @property
    def seed(self) -> int:
        """Seed from which every random draw derives."""
        return self.settings.study.seed

    @property
    def period(self) -> str:
        """Rhythm of the appraisals."""
        return self.settings.study.period

    @property
    def synthetic(self) -> bool:
        """Whether the data were simulated."""
        return self.settings.study.synthetic

    @property
    def calendar(self) -> Calendar:
        """The periods of the study's rhythm."""
        return Calendar(self.settings.study.period)

    @property
    def employees(self) -> pd.DataFrame:
        """One row an employee."""
        return self.tables["employees"]

    @property
    def survey(self) -> pd.DataFrame | None:
        """One row an employee in one wave, items as answered (not reversed)."""
        return self.tables.get("survey")

    @property
    def appraisals(self) -> pd.DataFrame | None:
        """One row an employee appraised by one rater for one period."""
        return self.tables.get("appraisals")

    @property
    def training(self) -> pd.DataFrame | None:
        """One row a course completed by an employee."""
        return self.tables.get("training")

    @property
    def service(self) -> pd.DataFrame | None:
        """One row a service user's answers on a unit's service."""
        return self.tables.get("service")

    @property
    def events(self) -> pd.DataFrame | None:
        """One row an act of recognition or team building."""
        return self.tables.get("events")

    def has(self, table: str) -> bool:
        """Tell whether the study has a table."""
        return table in self.tables

    def rng(self, *names: str) -> np.random.Generator:
        """Return a generator seeded by the study's seed and what the draws are for.

        Parameters
        ----------
        *names : str
            Purpose of the draws; other names give an independent stream.
        """
        digest = hashlib.sha256("\0".join(names).encode()).digest()
        return np.random.default_rng([self.seed, *np.frombuffer(digest, dtype="<u4").tolist()])

    def equals(self, other: Study) -> bool:
        """Tell whether two studies hold the same: settings, questionnaire and tables, ids included."""
        same = _essence(self.settings) == _essence(other.settings) and self.codebook == other.codebook
        same = same and set(self.tables) == set(other.tables) and dict(self.unread) == dict(other.unread)
        return same and all(table.equals(other.tables[name]) for name, table in self.tables.items())

    def save(self, folder: str | Path) -> Path:
        """Write the study as a study folder of Parquet files that `open_study` opens as an equal study.

        Parameters
        ----------
        folder : path
            A folder that does not exist yet, or an empty one.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        UserError
            If the folder holds files already.
        """
        from walesi_research.study.snapshot import write_snapshot

        return write_snapshot(self, Path(folder))


def _essence(settings: Settings) -> dict:
    """Return the settings without where and how the files were."""
    return settings.model_dump(exclude={"tables", "columns", "values", "snapshot"})


def assemble(
    settings: Settings,
    codebook: Codebook,
    loaded: Mapping[str, Loaded],
    key: bytes,
    warnings: tuple[Problem, ...],
    hashes: Mapping[str, str],
) -> Study:
    """Make a study of checked tables: final types, pseudonyms, canonical order.

    Parameters
    ----------
    settings, codebook
        The study's files.
    loaded : mapping of str to Loaded
        Tables without any error, still with identifiers.
    key : bytes
        Secret key of the pseudonyms; empty where the ids are pseudonyms already.
    warnings, hashes
        See `Study`.
    """
    frames = {name: table.frame for name, table in loaded.items()}
    units = known_units(frames)
    tables = {name: _finished(frame, name, units, key, settings) for name, frame in frames.items()}
    unread = {name: len(table.unread) for name, table in loaded.items()}
    if settings.snapshot:
        unread = dict(settings.snapshot.unread)
    return Study(
        settings,
        codebook,
        MappingProxyType(canonical_order(tables)),
        warnings,
        MappingProxyType({name: n for name, n in unread.items() if n}),
        MappingProxyType(dict(hashes)),
    )


def _finished(
    frame: pd.DataFrame, name: str, units: pd.Index, key: bytes, settings: Settings
) -> pd.DataFrame:
    """Give a table its defaults and final types, in the contract's order of columns."""
    columns = {str(column): frame[column] for column in frame}
    if name == "survey":
        columns |= _survey_defaults(frame, settings)
    known = [column for column in TABLES[name].columns if column in columns]
    order = known + [column for column in columns if column not in known]
    return pd.DataFrame({c: _final(columns[c], c, name, units, key) for c in order}, index=frame.index)


def _survey_defaults(frame: pd.DataFrame, settings: Settings) -> dict[str, pd.Series]:
    """Return what a survey has even where its file does not: wave 1, weight 1, the study's survey date."""

    def column(name: str, default: float) -> pd.Series:
        return frame[name].fillna(default) if name in frame else pd.Series(default, index=frame.index)

    filled = {"wave": column("wave", 1.0), "weight": column("weight", 1.0)}
    if settings.study.survey_date is not None:
        day = pd.Timestamp(settings.study.survey_date).as_unit("ns")
        blank = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns]")
        filled["date"] = frame.get("date", blank).fillna(day)
    return filled


def _final(values: pd.Series, column: str, table: str, units: pd.Index, key: bytes) -> pd.Series:
    about = TABLES[table].columns.get(column)
    if column in ("employee_id", "rater_id"):
        return pseudonymise(values, key) if key else values.astype("str")
    if column == "unit":
        return values.cat.set_categories(units)
    if column in ("period", "wave"):
        return values.astype("int64")
    if about is not None and about.choices:
        return values.cat.set_categories(pd.Index(about.choices, dtype="str"))
    return values
