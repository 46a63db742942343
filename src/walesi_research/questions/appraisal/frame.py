"""The rows that models of a score rest on: one appraisal each, and what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.questions import variables

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["EXPOSURES", "NOTEBOOK", "POINTS", "Rows", "labelled", "no_column", "recorded", "rows_of_scores"]

NOTEBOOK = "03_appraisal"
EXPOSURES = ("tie", "achievement")
"""What a score may go with, within employee."""
POINTS = 10.0
"""Achievement is counted in tens of percentage points of the target."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Complete appraisals of a study.

    Parameters
    ----------
    frame : DataFrame
        One row an appraisal, in canonical order: ``employee``, ``rater``, ``period``, ``unit``, ``score``,
        ``tie`` (1 for a tie of any kind, 0 for none), ``kind`` (of tie) and ``achievement`` (tens of
        percentage points; the employee-period's mean). A study that records no ties has neither ``tie`` nor
        ``kind``.
    """

    frame: pd.DataFrame

    @property
    def factors(self) -> dict[str, np.ndarray]:
        """The crossed factors: who was rated, and by whom."""
        return {name: self.frame[name].to_numpy() for name in ("employee", "rater")}

    @property
    def exposures(self) -> list[str]:
        """Which of ``tie`` and ``achievement`` the study records."""
        return [name for name in EXPOSURES if name in self.frame]

    @property
    def raters_linked(self) -> bool:
        """Whether employees of different units share raters, so that rater and unit can be told apart.

        They do where some rater rates in two units, or some employee is rated by raters who do.
        """
        return bool((self.frame.groupby("rater")["unit"].nunique() > 1).any())

    def varying(self, name: str) -> int:
        """Return the number of employees whose appraisals differ in column `name`."""
        return int((self.frame.groupby("employee")[name].nunique() > 1).sum())

    def exact(self) -> bool:
        """Tell whether scores follow from person, tie, achievement and period almost without error.

        Scores made by a formula leave nothing to estimate an error from.
        """
        frame, X = self.frame, np.column_stack([self.frame[self.exposures], self.periods()])
        y, *columns = (
            z - pd.Series(z).groupby(frame["employee"]).transform("mean").to_numpy()
            for z in (frame["score"].to_numpy(), *X.T)
        )
        inside = np.column_stack(columns)
        rest = y - inside @ np.linalg.lstsq(inside, y, rcond=None)[0]
        return bool(rest @ rest <= 1e-6 * frame["score"].var() * len(frame))

    def periods(self) -> np.ndarray:
        """Return indicators of all periods but the first, shape (n, periods - 1)."""
        return pd.get_dummies(self.frame["period"], drop_first=True, dtype=float).to_numpy()


def rows_of_scores(study: Study, needed: Sequence[str] = ("score", "achievement")) -> Rows | Message:
    """Return the appraisals complete in all that the study records, or why there are none.

    Parameters
    ----------
    study : Study
    needed : sequence of str
        Columns without which there are no rows; tie and achievement are left out where not recorded at all.
    """
    if not study.has("appraisals"):
        return Message.of("appraisal.no_appraisals")
    table = study.appraisals
    absent = [c for c in ("score", *EXPOSURES) if c not in table or table[c].isna().all()]
    if set(needed) & set(absent):
        return no_column(*absent)
    frame = labelled(study).assign(score=table["score"])
    if "achievement" not in absent:
        frame = frame.assign(achievement=recorded(study))
    if "tie" not in absent:
        tie = np.where(table["tie"].isna(), np.nan, table["tie"] != "none")
        frame = frame.assign(tie=tie, kind=table["tie"])
    return Rows(frame.dropna().reset_index(drop=True))


def no_column(*names: str) -> Message:
    """Say that appraisals lack these columns."""
    return Message.of(
        "appraisal.no_column", columns=tuple(Message.of(f"appraisal.column_{n}") for n in names)
    )


def labelled(study: Study) -> pd.DataFrame:
    """Return who was appraised, by whom, when and in which unit; one row an appraisal, as in the table.

    Employees and raters are numbered in the study's canonical order: pseudonyms, which may differ from run to
    run, would order the sums of an estimator, and with them its last digits.
    """
    table = study.appraisals
    units = study.employees.set_index("employee_id")["unit"].astype(str)
    return pd.DataFrame(
        {
            "employee": pd.factorize(table["employee_id"])[0],
            "rater": pd.factorize(table["rater_id"])[0],
            "period": table["period"],
            "unit": table["employee_id"].map(units),
        }
    )


def recorded(study: Study) -> np.ndarray:
    """Return the employee-period's achievement of each appraisal, in tens of percentage points."""
    figure = variables.achievement(study).stack().rename("achievement") / POINTS
    keys = ["employee_id", "period"]
    return study.appraisals[keys].join(figure, on=keys)["achievement"].to_numpy()
