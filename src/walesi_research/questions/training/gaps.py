"""Which skills and which training do people say they lack, and does more training go with more skill?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.exhibits import Bar, Column, Figure, Gap, Heading, Sentence, Table, bars
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval_words, number, say
from walesi_research.questions import variables
from walesi_research.questions.result import few, in_both, not_estimable, people
from walesi_research.questions.training.panel import NOTEBOOK
from walesi_research.stats.rank_correlation import RankCorrelation, rank_correlation
from walesi_research.study.privacy import round_share, suppress

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Gaps", "gaps"]

ROLES = ("skill", "training")
LEAST = 20
"""Fewest respondents for a correlation."""
MANY = 0.25
"""Share of unfavourable answers from which a heading counts a statement."""
SLACK = pd.DateOffset(months=1)
"""So long before the survey the training table's last completion may lie."""
METHOD = (
    "Spearman's rank correlation, within units, between the scale mean of skill in the latest wave and JP of "
    "all kinds completed in the 12 months before the survey; interval of Bonett and Wright (2000)"
)


def gaps(study: Study, level: float = 0.95) -> Gaps:
    """Ask which statements on skill and on training people answer unfavourably, and what JP go with skill.

    An answer is unfavourable on the lower half of the scale, items turned the same way. Shares of items and
    means by position are of the respondents of the latest wave, under the disclosure rule.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the correlation.

    Returns
    -------
    Gaps
        Finding ``training.skill_correlation``, an association.
    """
    if not study.has("survey"):
        return Gaps(study, level, Message.of("training_record.no_survey"))
    names = [name for role in ROLES for name in study.codebook.with_role(role)]
    found = _correlation(study, level)
    if not names:
        return Gaps(study, level, found)
    return Gaps(study, level, found, _items(study, names), _by_position(study, names))


def _items(study: Study, names: list[str]) -> pd.DataFrame:
    """Return one row an item: ``construct``, ``item``, ``reverse``, ``share`` (NaN where hidden)."""
    wave, least = variables.latest_wave(study), study.settings.privacy.minimum_cell
    rows = []
    for name in names:
        about, answers = study.codebook.constructs[name], study.codebook.keyed(wave, name)
        for item in about.items:
            given = answers[item].dropna()
            part, size = int((given < sum(about.scale) / 2).sum()), len(given)
            hidden = size < least or few(part, least) or few(size - part, least)
            share = np.nan if hidden else float(round_share(part / size))
            rows.append((name, item, item in about.reverse, share))
    return pd.DataFrame(rows, columns=["construct", "item", "reverse", "share"])


def _by_position(study: Study, names: list[str]) -> pd.DataFrame:
    """Return scale means by position (rows, in the contract's order) and construct; NaN where hidden."""
    if "position" not in study.employees:
        return pd.DataFrame()
    position = study.employees.set_index("employee_id")["position"]
    scores, least = variables.scores(study)[names], study.settings.privacy.minimum_cell
    group = pd.Series(position.reindex(scores.index).to_numpy(), index=scores.index)
    order = [str(c) for c in position.cat.categories]
    means = scores.groupby(group.astype(object)).mean().reindex(order)
    sizes = scores.notna().groupby(group.astype(object)).sum().reindex(order).fillna(0).astype(int)
    for name in names:
        means.loc[suppress(sizes[name].to_numpy(), least), name] = np.nan
    return means if means.notna().any(axis=None) else pd.DataFrame()


def _correlation(study: Study, level: float) -> RankCorrelation | Message:
    name = variables.construct_of_role(study, "skill")
    if name is None:
        return Message.of("training_record.no_skill")
    hours = _hours_before(study)
    if isinstance(hours, Message):
        return hours
    skill = variables.scores(study)[name].dropna()
    unit = study.employees.set_index("employee_id")["unit"].astype(str)
    if len(skill) < LEAST:
        return Message.of("training_record.few_answers", n=LEAST)
    try:
        return rank_correlation(
            hours.reindex(skill.index), skill, unit.reindex(skill.index).to_numpy(), level=level
        )
    except ValueError:
        return Message.of("training_record.no_variation")


def _hours_before(study: Study) -> pd.Series | Message:
    """Return JP in the 12 months before the survey by employee, or why there are none."""
    if not study.has("training"):
        return Message.of("training.no_training")
    day, courses = variables.survey_day(study), study.training
    if day is None:
        return Message.of("training_record.no_survey_day")
    days = courses["completed_on"]
    begin = day - pd.DateOffset(years=1)
    if not (days.min() <= begin and days.max() >= day - SLACK):
        return Message.of("training_record.short_table")
    total = courses[(days >= begin) & (days < day)].groupby("employee_id", observed=True)["hours"].sum()
    return total.reindex(study.employees["employee_id"]).fillna(0.0)


@dataclass(frozen=True, eq=False)
class Gaps:
    """Answer: what people say they lack, and what goes with skill.

    Parameters
    ----------
    study : Study
    level : float
    correlation : RankCorrelation or Message
        Of skill with JP, or why there is none.
    items : DataFrame
        See `_items`.
    means : DataFrame
        See `_by_position`.
    """

    study: Study
    level: float
    correlation: RankCorrelation | Message
    items: pd.DataFrame = field(default_factory=pd.DataFrame)
    means: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def findings(self) -> list[Finding]:
        """The rank correlation of skill with JP."""
        parts = {
            "id": "training.skill_correlation",
            "unit": "correlation",
            "claim": "association",
            "method": METHOD,
            "question": in_both("training_record.skill_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        c = self.correlation
        if isinstance(c, Message):
            return [not_estimable(c, **parts)]
        n, numbers = people(self.study, c.n), {"estimate": c.estimate, "se": c.se, "p": c.pvalue}
        return [Finding(low=c.low, high=c.high, n=n, groups=c.groups, **numbers, **parts)]

    @property
    def _shown(self) -> pd.DataFrame:
        return self.items.dropna(subset=["share"]) if len(self.items) else self.items

    def sentence(self, language: str) -> list[Sentence]:
        """Return what most people lack, and whether more training goes with more skill."""
        if not self.study.has("survey"):
            return [Sentence(self.correlation.in_(language), "note")]
        texts = [self._most(role, language) for role in ROLES]
        told = [Sentence(" ".join(filter(None, texts)))] if any(texts) else []
        return [*told, *self._absent(language), self._goes_with(language)]

    def _most(self, role: str, language: str) -> str:
        """Return the statement of a role that most people answered unfavourably."""
        of_role = self.study.codebook.with_role(role)
        rows = self._shown[self._shown["construct"].isin(of_role)] if len(self._shown) else self._shown
        if rows.empty:
            return ""
        top = rows.loc[rows["share"].idxmax()]
        key = "nothing_lacks" if top["share"] == 0 else "agree" if top["reverse"] else "disagree"
        statement = self._statement(top["construct"], top["item"], language)
        return say(
            language, f"training_record.{role}_{key}", hundred=round(100 * top["share"]), statement=statement
        )

    def _absent(self, language: str) -> list[Sentence]:
        if self.study.codebook.with_role("training"):
            return []
        return [Sentence(say(language, "training_record.no_access"), "note")]

    def _goes_with(self, language: str) -> Sentence:
        c = self.correlation
        if isinstance(c, Message):
            return Sentence(say(language, "training_record.skill_silent", why=c), "note")
        key = "more" if c.low > 0 else "less" if c.high < 0 else "open"
        between = interval_words(c.low, c.high, language, decimals([(c.low, c.high)], 2))
        return Sentence(say(language, f"training_record.skill_{key}", r=c.estimate, between=between))

    def _statement(self, construct: str, item: str, language: str) -> str:
        return self.study.codebook.constructs[construct].items[item][language].rstrip(".")

    def heading(self, language: str) -> list[Heading]:
        """Return how many statements at least a quarter of the respondents answered unfavourably."""
        if self._shown.empty:
            return []
        many, of = int((self._shown["share"] >= MANY).sum()), len(self._shown)
        key = "none" if many == 0 else "some"
        return [Heading(say(language, f"training_record.gaps_heading_{key}", many=many, statements=of))]

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the share that answered each statement unfavourably."""
        if self._shown.empty:
            return []
        n = people(self.study, len(variables.latest_wave(self.study)))
        return bars(
            [self._bar(row, language) for row in self.items.itertuples()],
            language=language,
            alt=say(language, "training_record.gaps_alt"),
            caption=say(language, "training_record.gaps_caption", people=n),
            axis_label=say(language, "training_record.gaps_axis"),
            synthetic=self.study.synthetic,
        )

    def _bar(self, row: object, language: str) -> Bar:
        label = self._statement(row.construct, row.item, language)
        if row.reverse:
            label = say(language, "training_record.turned", statement=label)
        if np.isnan(row.share):
            return Bar(label, note=say(language, "training_record.too_few_people"))
        return Bar(label, row.share)

    def table(self, language: str) -> Table | list[Table]:
        """Return scale means by position."""
        if self.means.empty:
            return []
        columns = [
            say(language, "training_record.position"),
            *(Column(self._label(name, language), numeric=True) for name in self.means),
        ]
        rows = [self._row(str(position), row, language) for position, row in self.means.iterrows()]
        return Table(columns, rows, say(language, "training_record.means_table"), language)

    def _label(self, name: str, language: str) -> str:
        about = self.study.codebook.constructs[name]
        low, high = about.scale
        return say(
            language, "training_record.scale", label=about.label[language], low=str(low), high=str(high)
        )

    def _row(self, position: str, row: pd.Series, language: str) -> list[str] | Gap:
        label = say(language, f"training_record.position_{position}")
        if row.isna().all():
            texts = (say(language, f"training_record.{key}") for key in ("not_shown", "too_few_people"))
            return Gap(label, *texts)
        return [label, *("–" if np.isnan(x) else number(x, language, 1) for x in row)]

    def details(self, language: str) -> list[Sentence]:
        """Return how the correlation is computed, and why it is no proof of cause."""
        if isinstance(self.correlation, Message):
            return []
        return [Sentence(say(language, "training_record.skill_method", level=self.level))]
