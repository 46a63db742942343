"""Is the record right? Predicates against the matrix, and their distribution against the pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.exhibits import Cell, Column, Gap, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, count, say, share
from walesi_research.questions.appraisal.frame import NOTEBOOK
from walesi_research.questions.result import few, in_both, not_estimable, people
from walesi_research.rules.distribution import (
    ORGANISATION_PREDICATES,
    PATTERNS,
    Bound,
    judge_counts,
    nearest_counts,
)
from walesi_research.rules.predicate import COMPARISONS, PREDICATES, compare_stored
from walesi_research.rules.regime import regime_of
from walesi_research.study.privacy import round_share, suppress

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Distribution", "Record", "distribution", "record", "regimes", "under_matrix"]

MATRIX_REGIME = "permenpanrb6_2022"
"""The regime under which two ratings give a predicate."""

Groups = tuple[tuple[str, ...], ...]
CAUSES: tuple[Groups, ...] = (
    (("agrees",), ("as_max_of_codes",), ("differs",)),
    (("agrees",), ("as_max_of_codes", "differs")),
)
"""What is told apart, the finest first; the next one where a group would rest on too few people."""
STEPS: tuple[Groups, ...] = (
    tuple((p,) for p in PREDICATES),
    (*((p,) for p in PREDICATES[:3]), PREDICATES[3:]),
    (*((p,) for p in PREDICATES[:2]), PREDICATES[2:]),
    (PREDICATES[:2], PREDICATES[2:]),
)
"""Likewise for predicates."""
MANY_UNITS = 4
"""Fewest units among which 'so many of them' says nothing of a single one."""


def regimes(study: Study) -> pd.Series:
    """Return the regime of each period in which somebody was appraised: code by period, in order of time."""
    periods = np.sort(study.appraisals["period"].unique())
    days = ((study.calendar.first_day(p), study.calendar.last_day(p)) for p in periods)
    return pd.Series([regime_of(*span) for span in days], index=periods, dtype="str")


def under_matrix(study: Study, *columns: str, latest: bool = False) -> pd.DataFrame | Message:
    """Return the appraisals that the matrix governs and whose `columns` are filled, or why there are none.

    Parameters
    ----------
    study : Study
    *columns : str
        Columns that a row must have filled.
    latest : bool
        Only those of the latest period of all appraisals.
    """
    if not study.has("appraisals") or study.appraisals.empty:
        return Message.of("appraisal_record.record_no_appraisals")
    rows, regime = study.appraisals, regimes(study)
    if latest:
        regime = regime.iloc[-1:]
    governed = regime.index[regime == MATRIX_REGIME]
    if governed.empty:
        return Message.of("appraisal_record.record_no_matrix", **_span(study, regime))
    rows = rows[rows["period"].isin(governed)]
    for column in columns:
        if column not in rows or rows[column].isna().all():
            named = Message.of(f"appraisal_record.record_column_{column}")
            return Message.of("appraisal_record.record_no_column", column=named)
    complete = rows.dropna(subset=list(columns))
    return complete if len(complete) else Message.of("appraisal_record.record_none_complete")


def _span(study: Study, regime: pd.Series) -> dict[str, object]:
    named = tuple(Message.of(f"rules.regime_{code}") for code in dict.fromkeys(regime))
    first, last = (study.calendar.label(p) for p in (regime.index[0], regime.index[-1]))
    period = first if first == last else Message.of("appraisal_record.record_span", first=first, last=last)
    return {"period": period, "regimes": named}


def finest(counts: pd.DataFrame, partitions: Sequence[Groups], least: int) -> Groups:
    """Return the finest partition of the columns of `counts` with no total of too few people, or ()."""
    totals = counts.sum()
    for groups in partitions:
        sums = [int(totals[list(group)].sum()) for group in groups]
        if not any(few(n, least) for n in sums):
            return groups
    return ()


def _grouped(counts: pd.DataFrame, groups: Groups) -> pd.DataFrame:
    """Return the sums of the columns of each group, groups without anybody left out."""
    sums = pd.concat([counts[list(group)].sum(axis=1) for group in groups], axis=1)
    sums.columns = pd.Index(groups, tupleize_cols=False)
    return sums.loc[:, sums.sum() > 0]


def _by_unit(study: Study, category: pd.Series, choices: Sequence[str]) -> pd.DataFrame:
    """Return people by unit (index) and category (columns); `category` has one value an employee."""
    unit = study.employees.set_index("employee_id")["unit"].astype(str).reindex(category.index)
    counts = pd.crosstab(unit.to_numpy(), category.to_numpy())
    return counts.reindex(columns=list(choices), fill_value=0)


def _worst(rows: pd.DataFrame, column: str, order: Sequence[str]) -> pd.Series:
    """Return by employee the value of `column` that comes last in `order`."""
    position = rows[column].astype(str).map({name: i for i, name in enumerate(order)})
    return position.groupby(rows["employee_id"]).max().map(dict(enumerate(order)))


def record(study: Study) -> Record:
    """Ask whether the recorded predicates are those that the matrix gives for the recorded ratings.

    Periods before 2022 have no matrix: they are named and left out. Appraisals without both ratings and a
    predicate are left out too.

    Returns
    -------
    Record
        Finding ``appraisal.record_disagreement_share``.
    """
    rows = under_matrix(study, "work_result", "behaviour", "predicate")
    if isinstance(rows, Message):
        return Record(study, reason=rows)
    cause = compare_stored(rows["predicate"], rows["work_result"], rows["behaviour"])
    return Record(study, rows[["employee_id", "period"]].assign(cause=cause))


@dataclass(frozen=True, eq=False)
class Record:
    """Answer: recorded predicates against the matrix.

    Parameters
    ----------
    study : Study
    rows : DataFrame
        ``employee_id``, ``period`` and ``cause`` (of `COMPARISONS`) of each appraisal checked.
    reason : Message or None
        Why nothing was checked.
    """

    study: Study
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    reason: Message | None = None

    @property
    def _least(self) -> int:
        return self.study.settings.privacy.minimum_cell

    @cached_property
    def _worst_cause(self) -> pd.DataFrame:
        """Return employees by unit and by the worst of their records."""
        return _by_unit(self.study, _worst(self.rows, "cause", COMPARISONS), COMPARISONS)

    @cached_property
    def groups(self) -> Groups:
        """The causes that may be told apart; empty where nothing may be shown."""
        groups = finest(self._worst_cause, CAUSES, self._least)
        if groups and not self._enough(self.rows, groups):
            groups = CAUSES[-1] if groups != CAUSES[-1] and self._enough(self.rows, CAUSES[-1]) else ()
        return groups

    def _enough(self, rows: pd.DataFrame, groups: Groups) -> bool:
        """Tell whether each group's appraisals are nobody's or those of enough people."""
        numbers = [rows.loc[rows["cause"].isin(group), "employee_id"].nunique() for group in groups]
        return not any(few(n, self._least) for n in numbers)

    @cached_property
    def _latest(self) -> pd.DataFrame | None:
        """Return the latest period's rows, or None where they or the others are of too few people."""
        last = self.rows["period"] == self.rows["period"].max()
        parts = self.rows[last], self.rows[~last]
        if parts[1].empty or not all(self._enough(part, self.groups) for part in parts):
            return None
        return parts[0]

    @staticmethod
    def _share(rows: pd.DataFrame, causes: Sequence[str]) -> float:
        return float(round_share(rows["cause"].isin(causes).mean()))

    @property
    def findings(self) -> list[Finding]:
        """The share of appraisals whose recorded predicate is not the matrix's."""
        parts = {
            "id": "appraisal.record_disagreement_share",
            "unit": "share",
            "claim": "description",
            "method": "share of appraisals of all periods under PermenPANRB 6/2022 whose recorded predicate "
            "differs from the matrix's; those without both ratings and a predicate are left out",
            "question": in_both("appraisal_record.record_question"),
            "notebook": NOTEBOOK,
        }
        if self.reason is not None:
            return [not_estimable(self.reason, **parts)]
        if not self.groups:
            reason = Message.of("appraisal_record.record_hidden", minimum=self._least).in_("en")
            return [Finding(status="suppressed", reason=reason, **parts)]
        value = self._share(self.rows, COMPARISONS[1:])
        n = people(self.study, self.rows["employee_id"].nunique())
        return [Finding(estimate=value, se=0.0, low=value, high=value, n=n, **parts)]

    def sentence(self, language: str) -> list[Sentence]:
        """Return how many predicates are not the matrix's, and what explains them."""
        if self.reason is not None:
            return [Sentence(self.reason.in_(language), "note")]
        told = [Sentence(self._hidden(language), "note")] if not self.groups else self._told(language)
        return [*told, *self._other_regimes(language)]

    def _hidden(self, language: str) -> str:
        return say(language, "appraisal_record.record_wrong_hidden", minimum=self._least)

    def _told(self, language: str) -> list[Sentence]:
        wrong = self.rows[self.rows["cause"] != "agrees"]
        if wrong.empty:
            return [Sentence(say(language, "appraisal_record.record_all_agree"), "lead")]
        value = self._share(self.rows, COMPARISONS[1:])
        text = say(language, f"appraisal_record.record_{'some' if value else 'hardly'}", share=value)
        told = [Sentence(text, "lead")]
        if len(self.groups) == len(COMPARISONS):
            known = self._share(wrong, ["as_max_of_codes"])
            key = "record_cause_all" if known == 1 else "record_cause"
            told.append(Sentence(say(language, f"appraisal_record.{key}", share=known)))
        return told

    def _other_regimes(self, language: str) -> list[Sentence]:
        codes = regimes(self.study)
        others = codes[codes != MATRIX_REGIME]
        if others.empty:
            return []
        text = say(language, "appraisal_record.record_other_regimes", **_span(self.study, others))
        return [Sentence(text, "note")]

    def table(self, language: str) -> list[Table]:
        """Return shares by cause, and people by unit and cause."""
        if self.reason is not None or not self.groups:
            return []
        return [self._causes(language), *self._units(language)]

    def _causes(self, language: str) -> Table:
        keys = ["record_all_periods", *(["record_latest"] if self._latest is not None else [])]
        columns = [
            say(language, "appraisal_record.record_predicate_is"),
            *(Column(say(language, f"appraisal_record.{key}"), numeric=True) for key in keys),
        ]
        parts = [self.rows, *([self._latest] if self._latest is not None else [])]
        rows = [
            [_cause(g, language), *(self._written(part, g, language) for part in parts)] for g in self.groups
        ]
        return Table(columns, rows, say(language, "appraisal_record.record_causes_caption"), language)

    def _written(self, rows: pd.DataFrame, causes: Sequence[str], language: str) -> str:
        value = self._share(rows, causes)
        if value == 0 and rows["cause"].isin(causes).any():
            return say(language, "appraisal_record.record_under_one")
        return share(value, language)

    def _units(self, language: str) -> list[Table]:
        counts = _grouped(self._worst_cause, self.groups)
        names = [_cause(group, language) for group in counts]
        caption = say(language, "appraisal_record.record_units_caption", **_rounding(self.study))
        return _table_by_unit(self.study, counts, names, caption, language)


def _cause(group: tuple[str, ...], language: str) -> str:
    if len(group) > 1:
        return say(language, "appraisal_record.record_merged")
    return say(language, f"rules.comparison_{group[0]}")


def _rounding(study: Study) -> dict[str, int]:
    return {"base": study.settings.privacy.round_counts, "minimum": study.settings.privacy.minimum_cell}


def _table_by_unit(
    study: Study, counts: pd.DataFrame, names: Sequence[str], caption: str, language: str
) -> list[Table]:
    """Return people by unit, what must be hidden as a dash; nothing where one column or no cell is left."""
    least = study.settings.privacy.minimum_cell
    hidden = suppress(counts.to_numpy(), least)
    if counts.shape[1] < 2 or hidden.all():
        return []
    columns = [say(language, "appraisal_record.record_unit"), *(Column(name, numeric=True) for name in names)]
    rows = [
        _unit_row(study, unit, values, mask, language)
        for unit, values, mask in zip(counts.index, counts.to_numpy(), hidden, strict=True)
    ]
    totals = [count(people(study, n), language) for n in counts.sum()]
    return [
        Table(columns, [*rows, [say(language, "appraisal_record.record_all"), *totals]], caption, language)
    ]


def _unit_row(
    study: Study, unit: str, values: np.ndarray, mask: np.ndarray, language: str
) -> list[str] | Gap:
    if mask.all():
        reason = say(language, "appraisal_record.record_groups_too_small")
        return Gap(unit, say(language, "data.not_shown"), reason)
    return [
        unit,
        *("–" if m else count(people(study, n), language) for n, m in zip(values, mask, strict=True)),
    ]


def distribution(study: Study) -> Distribution:
    """Ask how the predicates of the latest period are distributed, and which pattern they fit.

    The circular (SE MenPANRB 3/2023) asks for a pattern by the organisation's own predicate, which a study
    does not hold: each is shown, and how many units fit it. An employee with two different predicates in the
    period counts with the lower.

    Returns
    -------
    Distribution
        Has no findings: it describes groups under the disclosure rule.
    """
    rows = under_matrix(study, "predicate", latest=True)
    if isinstance(rows, Message):
        return Distribution(study, reason=rows)
    return Distribution(study, _by_unit(study, _worst(rows, "predicate", PREDICATES), PREDICATES))


@dataclass(frozen=True, eq=False)
class Distribution:
    """Answer: employees by unit and predicate, latest period.

    Parameters
    ----------
    study : Study
    counts : DataFrame
        Employees by unit (index) and predicate (columns); not for publication as it is.
    reason : Message or None
        Why nothing was counted.
    """

    study: Study
    counts: pd.DataFrame = field(default_factory=pd.DataFrame)
    reason: Message | None = None
    findings = ()

    @cached_property
    def groups(self) -> Groups:
        """The predicates that may be told apart; empty where nothing may be shown."""
        least = self.study.settings.privacy.minimum_cell
        return finest(self.counts, STEPS, least) if self.counts.to_numpy().sum() >= least else ()

    @cached_property
    def _offices(self) -> pd.DataFrame:
        """Return the units with enough people."""
        return self.counts[self.counts.sum(axis=1) >= self.study.settings.privacy.minimum_cell]

    @cached_property
    def fitting(self) -> dict[str, int]:
        """Number of units whose counts fit the pattern, by organisation predicate."""
        offices = [dict(zip(PREDICATES, map(int, row), strict=True)) for row in self._offices.to_numpy()]
        return {
            name: sum(judge_counts(name, office).fits for office in offices)
            for name in ORGANISATION_PREDICATES
        }

    def sentence(self, language: str) -> list[Sentence]:
        """Return the commonest predicate, and what the pattern is."""
        if self.reason is not None:
            return [Sentence(self.reason.in_(language), "note")]
        if not self.groups:
            minimum = self.study.settings.privacy.minimum_cell
            return [
                Sentence(say(language, "appraisal_record.record_pattern_hidden", minimum=minimum), "note")
            ]
        shares = _grouped(self.counts, self.groups).sum() / self.counts.to_numpy().sum()
        text = say(
            language,
            "appraisal_record.record_commonest",
            share=float(round_share(shares.max())),
            predicates=_predicates(shares.index[shares.argmax()], language),
        )
        return [Sentence(text, "lead"), Sentence(say(language, "appraisal_record.record_pattern"))]

    def table(self, language: str) -> list[Table]:
        """Return people by unit and predicate, units that fit a pattern, and patterns in whole people."""
        if self.reason is not None or not self.groups:
            return []
        counts = _grouped(self.counts, self.groups)
        names = [_predicates(group, language) for group in counts]
        caption = say(language, "appraisal_record.record_distribution_caption", **_rounding(self.study))
        return [
            *_table_by_unit(self.study, counts, names, caption, language),
            *([self._patterns(language), self._whole(language)] if len(self._offices) else []),
        ]

    def _patterns(self, language: str) -> Table:
        columns = [
            say(language, "appraisal_record.record_organisation"),
            say(language, "appraisal_record.record_units_fit"),
        ]
        rows = [
            [
                Cell(say(language, f"rules.organisation_{name}"), _asked(name, language)),
                self._fits(name, language),
            ]
            for name in ORGANISATION_PREDICATES
        ]
        return Table(columns, rows, say(language, "appraisal_record.record_patterns_caption"), language)

    def _fits(self, name: str, language: str) -> str:
        """Return how many units fit, never 'none' or 'all', which would speak of each of them."""
        n, units = self.fitting[name], len(self._offices)
        if units < MANY_UNITS:
            return say(language, "data.not_shown")
        if n <= 1:
            return say(language, "appraisal_record.record_at_most_one", units=units)
        key = "record_all_or_all_but_one" if n >= units - 1 else "record_so_many"
        return say(language, f"appraisal_record.{key}", fitting=n, units=units)

    def _whole(self, language: str) -> Table:
        columns = [
            say(language, "appraisal_record.record_organisation"),
            *(say(language, "appraisal_record.record_office", size=size) for size in self._sizes),
        ]
        rows = [
            [
                say(language, f"rules.organisation_{name}"),
                *(_in_people(name, size, language) for size in self._sizes),
            ]
            for name in ORGANISATION_PREDICATES
        ]
        return Table(columns, rows, say(language, "appraisal_record.record_whole_caption"), language)

    @property
    def _sizes(self) -> list[int]:
        """Smallest, middle and largest unit, rounded."""
        least = self.study.settings.privacy.minimum_cell
        rounded = np.sort([max(least, people(self.study, int(n))) for n in self._offices.sum(axis=1)])
        return list(dict.fromkeys(int(rounded[i]) for i in (0, len(rounded) // 2, -1)))


def _predicates(group: tuple[str, ...], language: str) -> str:
    return " / ".join(say(language, f"rules.predicate_{name}") for name in group)


def _asked(organisation: str, language: str) -> str:
    return "; ".join(_bound(bound, language) for bound in PATTERNS[organisation])


def _bound(bound: Bound, language: str) -> str:
    named = [say(language, f"rules.predicate_{name}") for name in bound.predicates]
    text = (
        named[0]
        if len(named) == 1
        else say(language, "rules.predicate_either", first=named[0], second=named[1])
    )
    return say(language, f"rules.bound_{bound.kind}", predicates=text, share=(bound.percent or 0) / 100)


def _in_people(organisation: str, size: int, language: str) -> str:
    counts = nearest_counts(organisation, size).counts
    parts = [f"{n} {say(language, f'rules.predicate_{name}')}" for name, n in counts.items() if n]
    return ", ".join(parts)
