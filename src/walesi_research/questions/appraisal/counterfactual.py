"""What if the results rating followed achievement? Predicates that would change, up and down, and by tie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from walesi_research.exhibits import Bar, Column, Figure, Gap, Heading, Sentence, Table, bars
from walesi_research.findings import Finding
from walesi_research.language import Message, count, number, say, share
from walesi_research.questions.appraisal.frame import NOTEBOOK
from walesi_research.questions.appraisal.record import under_matrix
from walesi_research.questions.result import few, in_both, not_estimable, people
from walesi_research.rules.predicate import PREDICATES, predicate_of, rating_of_achievement
from walesi_research.study.privacy import round_count, round_share, suppress

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Counterfactual", "counterfactual"]

VARIED = ((85.0, 115.0), (90.0, 110.0), (95.0, 105.0), (80.0, 120.0))
"""Limits that the study's own are held against."""
MOVES = ("up", "same", "down")
Groups = tuple[tuple[str, ...], ...]
TIES: tuple[Groups, ...] = ((("any",), ("none",), ("missing",)), (("any",), ("none", "missing")))
"""What is told apart, the finest first; a blank tie is 'not recorded', never 'none'."""
CHANGES: tuple[Groups, ...] = ((("up",), ("same",), ("down",)), (("up", "down"), ("same",)))


def counterfactual(
    study: Study, below: float | None = None, above: float | None = None, level: float = 0.95
) -> Counterfactual:
    """Ask whose predicate would be another if the results rating followed achievement.

    For each appraisal of the latest period: the matrix's predicate for the recorded ratings, and the one with
    the results rating 1, 2, 3 for an achievement under `below`, between, over `above`; behaviour stays as
    recorded. An employee's achievement in a period is the mean of its rows. Appraisals without both ratings
    or without achievement are left out; where there are any, the share has an interval.

    Parameters
    ----------
    study : Study
    below, above : float, optional
        Limits of achievement (% of target), both inside the middle; the study's own by default.
    level : float
        Confidence level.

    Returns
    -------
    Counterfactual
        Finding ``appraisal.changed_share``.
    """
    limits = study.settings.appraisal
    own = (limits.below if below is None else below, limits.above if above is None else above)
    rows = under_matrix(study, "work_result", "behaviour", latest=True)
    if isinstance(rows, Message):
        return Counterfactual(study, own, level, reason=rows)
    latest = study.appraisals[study.appraisals["period"] == rows["period"].iloc[0]]
    if "achievement" not in latest or latest["achievement"].isna().all():
        return Counterfactual(
            study, own, level, reason=Message.of("appraisal_record.counterfactual_no_figure")
        )
    figure = latest.groupby("employee_id", observed=True)["achievement"].mean()
    rows = rows.assign(achievement=figure.reindex(rows["employee_id"]).to_numpy()).dropna(
        subset="achievement"
    )
    if rows.empty:
        return Counterfactual(study, own, level, reason=Message.of("appraisal_record.record_none_complete"))
    left = latest.loc[latest.index.difference(rows.index), "employee_id"].nunique()
    return Counterfactual(study, own, level, rows, len(latest), int(left))


def moves(rows: pd.DataFrame, below: float, above: float) -> pd.Series:
    """Return for each appraisal whether its predicate would go ``up``, stay the ``same`` or go ``down``."""
    deserved = rating_of_achievement(rows["achievement"], below, above)
    then = _steps(predicate_of(deserved, rows["behaviour"]))
    now = _steps(predicate_of(rows["work_result"], rows["behaviour"]))
    return pd.Series(np.select([then < now, then > now], ["up", "down"], "same"), index=rows.index)


def _steps(predicate: pd.Series) -> np.ndarray:
    """Return predicates as steps from the best."""
    return pd.Categorical(predicate, categories=PREDICATES).codes


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """Answer: predicates that would change.

    Parameters
    ----------
    study : Study
    limits : tuple of float
        Achievement under which the results rating is 1, and over which it is 3.
    level : float
    rows : DataFrame
        Appraisals of the latest period with both ratings and ``achievement``.
    total : int
        Appraisals of the latest period, those left out included.
    left_out : int
        Employees with an appraisal left out.
    reason : Message or None
        Why nothing could be judged.
    """

    study: Study
    limits: tuple[float, float]
    level: float
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    total: int = 0
    left_out: int = 0
    reason: Message | None = None

    @property
    def _least(self) -> int:
        return self.study.settings.privacy.minimum_cell

    @cached_property
    def _moves(self) -> pd.Series:
        return moves(self.rows, *self.limits)

    def _changed(self, move: pd.Series) -> float | None:
        """Return the share that changes; None where those who change, or the others, are too few people."""
        numbers = [self.rows.loc[part, "employee_id"].nunique() for part in (move != "same", move == "same")]
        return None if any(few(n, self._least) for n in numbers) else float((move != "same").mean())

    @cached_property
    def share(self) -> float | None:
        """Share of appraisals whose predicate would change; None where hidden."""
        return self._changed(self._moves)

    @property
    def findings(self) -> list[Finding]:
        """The share of appraisals whose predicate would change."""
        below, above = self.limits
        parts = {
            "id": "appraisal.changed_share",
            "unit": "share",
            "claim": "description",
            "method": "share of the latest period's appraisals whose matrix predicate differs when "
            f"work_result is 1, 2, 3 for achievement under {below:g}, between, over {above:g}, "
            f"behaviour as recorded; {self._interval_method}",
            "question": in_both("appraisal_record.counterfactual_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if self.reason is not None:
            return [not_estimable(self.reason, **parts)]
        if self.share is None:
            reason = Message.of("appraisal_record.record_hidden", minimum=self._least).in_("en")
            return [Finding(status="suppressed", reason=reason, **parts)]
        n = people(self.study, self.rows["employee_id"].nunique())
        reason = None if self._left is None else self._left.in_("en")
        return [Finding(n=n, reason=reason, **self._numbers(), **parts)]

    @property
    def _interval_method(self) -> str:
        if len(self.rows) == self.total:
            return "all are observed"
        return (
            "appraisals without both ratings or achievement are left out as if at random: linearised "
            "standard error of the share, employees as clusters, finite population correction"
        )

    def _numbers(self) -> dict[str, float]:
        """Return estimate, error and interval, rounded as descriptive shares are, the ends outwards."""
        estimate, se = self.share, self._error()
        df = max(self.rows["employee_id"].nunique() - 1, 1)
        reach = stats.t.ppf((1 + self.level) / 2, df) * se
        value = float(round_share(estimate))
        if se == 0:
            return {"estimate": value, "se": 0.0, "low": value, "high": value}
        low = min(value, max(0.0, np.floor(100 * (estimate - reach)) / 100))
        high = max(value, min(1.0, np.ceil(100 * (estimate + reach)) / 100))
        return {"estimate": value, "se": round(se, 4), "low": float(low), "high": float(high)}

    def _error(self) -> float:
        r"""Return the standard error of the share among all appraisals of the period, from those observed.

        :math:`\sqrt{(1 - f)\,\frac{m}{m-1} \sum_i e_i^2}\,/\,n` with :math:`e_i` the sum of an employee's
        deviations from the share, m employees, n of N appraisals observed and f = n / N: the linearised ratio
        of two sums over employees, zero where all are observed.
        """
        n, f = len(self.rows), len(self.rows) / self.total
        deviation = (self._moves != "same") - self.share
        sums = deviation.groupby(self.rows["employee_id"]).sum()
        m = len(sums)
        return float(np.sqrt((1 - f) * m / max(m - 1, 1) * (sums**2).sum()) / n)

    @property
    def _left(self) -> Message | None:
        """Return how many people's appraisals were left out, None where nobody's."""
        if not self.left_out:
            return None
        if self.left_out < self._least:
            return Message.of("appraisal_record.counterfactual_left_few", minimum=self._least)
        n = int(round_count(self.left_out, self.study.settings.privacy.round_counts))
        return Message.of("appraisal_record.counterfactual_left", people=n)

    @cached_property
    def _once(self) -> pd.DataFrame:
        """Return tie and move of each employee's first appraisal: people, whom suppression adds up."""
        tie = _tie(self.rows)
        frame = pd.DataFrame({"employee": self.rows["employee_id"], "tie": tie, "move": self._moves})
        return frame.drop_duplicates("employee")

    @cached_property
    def groups(self) -> tuple[Groups, Groups] | None:
        """The ties and moves that may be told apart, the finest without a cell of too few people, or None."""
        people_in = pd.crosstab(self._once["tie"], self._once["move"])
        people_in = people_in.reindex(index=["any", "none", "missing"], columns=list(MOVES), fill_value=0)
        for ties, changes in product(TIES, CHANGES):
            held = tuple(g for g in ties if people_in.loc[list(g)].to_numpy().sum())
            cells = np.array(
                [[people_in.loc[list(t), list(c)].to_numpy().sum() for c in changes] for t in held]
            )
            if len(held) > 1 and not suppress(cells, self._least).any():
                return held, changes
        return None

    @cached_property
    def overall(self) -> dict[tuple[str, ...], float]:
        """Share of appraisals by move; empty where that is hidden."""
        numbers = self._once["move"].value_counts().reindex(list(MOVES), fill_value=0).to_numpy()
        if suppress(numbers, self._least).any():
            return {}
        return {(move,): float(round_share((self._moves == move).mean())) for move in MOVES}

    def sentence(self, language: str) -> list[Sentence]:
        """Return how many predicates would change, which way, and who moves."""
        if self.reason is not None:
            return [Sentence(self.reason.in_(language), "note")]
        if self.share is None:
            hidden = say(language, "appraisal_record.counterfactual_hidden", minimum=self._least)
            return [Sentence(hidden, "note")]
        key = "some" if self.share else "nobody"
        values = {"share": float(round_share(self.share)), **self._limits_in_words(language)}
        told = [Sentence(say(language, f"appraisal_record.counterfactual_{key}", **values), "lead")]
        told += [Sentence(text) for text in self._directions(language)]
        return told + ([Sentence(self._left.in_(language), "note")] if self._left else [])

    def _limits_in_words(self, language: str) -> dict[str, str]:
        below, above = self.limits
        return {"below": _limit(below, language), "above": _limit(above, language)}

    def _directions(self, language: str) -> list[str]:
        if not self.share:
            return []
        texts = []
        if self.overall:
            values = {"up": self.overall["up",], "down": self.overall["down",]}
            texts.append(say(language, "appraisal_record.counterfactual_ways", **values))
        if self.groups is not None:
            texts += self._compared(language)
        else:
            key = "no_tie" if "tie" not in self.rows or self.rows["tie"].isna().all() else "tie_hidden"
            texts.append(say(language, f"appraisal_record.counterfactual_{key}", minimum=self._least))
        return texts

    def _compared(self, language: str) -> list[str]:
        """Return in words how many of the tied would move down (or change), and of the others."""
        held = [tie for group in self.groups[0] for tie in group]
        others = [tie for tie in held if tie != "any"]
        if len(self.groups[0]) == len(TIES[0]):
            others.remove("missing")
        if "any" not in held or others in ([], ["missing"]):
            return []
        key, change = self._told_change
        values = {"tied": self._cell(["any"], change), "others": self._cell(others, change)}
        return [say(language, f"appraisal_record.counterfactual_compared_{key}", **values)]

    @property
    def _told_change(self) -> tuple[str, tuple[str, ...]]:
        """The move that words and figure tell by tie: down where that may be shown, else any change."""
        changes = self.groups[1]
        change = changes[-1] if len(changes) == len(MOVES) else changes[0]
        return _name(change), change

    def heading(self, language: str) -> list[Heading]:
        """Return what the figure shows."""
        if self.reason is not None or self.share is None or self.groups is None:
            return []
        return [Heading(say(language, f"appraisal_record.counterfactual_heading_{self._told_change[0]}"))]

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the share that would change or move down, by tie."""
        if self.reason is not None or self.share is None or self.groups is None:
            return []
        key, change = self._told_change
        rows = [Bar(_tie_label(tie, language), self._cell(tie, change)) for tie in self.groups[0]]
        caption = say(language, f"appraisal_record.counterfactual_plot_{key}")
        return bars(
            rows, language=language, alt=caption, caption=caption,
            axis_label=say(language, "appraisal_record.counterfactual_axis"), synthetic=self.study.synthetic,
        )  # fmt: skip

    def _cell(self, tie: Sequence[str], change: Sequence[str]) -> float:
        """Return the share of a tie's appraisals that move so."""
        return float(round_share(self._moves[_tie(self.rows).isin(tie)].isin(change).mean()))

    def table(self, language: str) -> list[Table]:
        """Return who moves up and down by tie, and the share that changes with other limits."""
        if self.reason is not None or self.share is None:
            return []
        return [*self._by_tie(language), self._varied(language)]

    def _by_tie(self, language: str) -> list[Table]:
        if self.groups is None:
            return []
        ties, changes = self.groups
        columns = [
            say(language, "appraisal_record.counterfactual_tie"),
            *(
                Column(say(language, f"appraisal_record.counterfactual_move_{_name(c)}"), numeric=True)
                for c in changes
            ),
            Column(say(language, "appraisal_record.counterfactual_people"), numeric=True),
        ]
        rows = [self._tie_row(tie, changes, language) for tie in ties]
        caption = say(language, "appraisal_record.counterfactual_tie_caption")
        return [Table(columns, rows, caption, language)]

    def _tie_row(self, tie: tuple[str, ...], changes: Groups, language: str) -> list[str]:
        shares = [share(self._cell(tie, change), language) for change in changes]
        n = people(self.study, int(self._once["tie"].isin(tie).sum()))
        return [_tie_label(tie, language), *shares, count(n, language)]

    def _varied(self, language: str) -> Table:
        """Return the share that changes by pair of limits, the study's own first."""
        columns = [
            say(language, "appraisal_record.counterfactual_limits"),
            Column(say(language, "appraisal_record.counterfactual_changed"), numeric=True),
        ]
        pairs = dict.fromkeys([self.limits, *VARIED])
        rows = [self._varied_row(below, above, language) for below, above in pairs]
        caption = say(language, "appraisal_record.counterfactual_varied_caption")
        return Table(columns, rows, caption, language)

    def _varied_row(self, below: float, above: float, language: str) -> list[str] | Gap:
        pair = {"below": _limit(below, language), "above": _limit(above, language)}
        label = say(language, "appraisal_record.counterfactual_pair", **pair)
        value = self._changed(moves(self.rows, below, above))
        if value is None:
            return Gap(label, say(language, "data.not_shown"), say(language, "data.too_few_people"))
        return [label, share(float(round_share(value)), language)]


def _tie(rows: pd.DataFrame) -> pd.Series:
    """Return ``any``, ``none`` or ``missing`` for each appraisal."""
    if "tie" not in rows:
        return pd.Series("missing", index=rows.index)
    tie = rows["tie"].astype(object)
    return pd.Series(np.select([tie.isna(), tie == "none"], ["missing", "none"], "any"), index=rows.index)


def _tie_label(tie: Sequence[str], language: str) -> str:
    return say(language, f"appraisal_record.counterfactual_tie_{_name(tie)}")


def _name(group: Sequence[str]) -> str:
    return "_or_".join(group)


def _limit(value: float, language: str) -> str:
    return number(value, language, int(value % 1 > 0))
