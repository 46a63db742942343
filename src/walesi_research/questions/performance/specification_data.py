"""What analysts could reasonably choose, and the columns that each choice gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.questions import variables
from walesi_research.questions.data.answers import straight_lined

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["AXES", "Choice", "Measures"]

AXES = {
    "outcome": ("year", "latest", "self"),
    "scales": ("mean", "weighted", "ranks"),
    "missing": ("answered", "complete", "attentive", "filled"),
    "controls": ("prior", "none", "background", "both"),
    "estimator": ("random", "least_squares", "fixed", "huber"),
}
"""The choices by what is chosen; of those that a study allows, the first are the main model's."""


@dataclass(frozen=True)
class Choice:
    """One specification: what is chosen on each of `AXES`.

    Parameters
    ----------
    outcome : {"year", "latest", "self"}
        Mean achievement of the survey's year, achievement of its latest period, or the performance scale.
    scales : {"mean", "weighted", "ranks"}
        Scales are means of items, means weighted by the items' first principal component, or means; and then
        predictors and performance are replaced by their ranks.
    missing : {"answered", "complete", "attentive", "filled"}
        Scales of at least half of their items; of all; as the first, without those who gave one answer
        throughout; or items not answered filled in from the person's and the items' means.
    controls : {"prior", "none", "background", "both"}
        Achievement of the year before; status, gender, position and start of service.
    estimator : {"random", "least_squares", "fixed", "huber"}
        Units as random intercepts, none, units held fixed, or Huber's estimator.
    """

    outcome: str
    scales: str
    missing: str
    controls: str
    estimator: str


@dataclass(frozen=True, eq=False)
class Measures:
    """The columns of a study under each choice, one row a respondent of the latest wave.

    Parameters
    ----------
    study : Study
    main : variables.Outcome
        What the joint model takes for performance.
    """

    study: Study
    main: variables.Outcome
    _scores: dict[tuple, pd.Series] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def wave(self) -> pd.DataFrame:
        """The latest wave by employee."""
        wave = variables.latest_wave(self.study)
        return wave.set_axis(wave["employee_id"].to_numpy(), axis=0)

    @cached_property
    def units(self) -> pd.Series:
        """The unit of each respondent."""
        return self.study.employees.set_index("employee_id")["unit"].astype(str).reindex(self.wave.index)

    def allowed(self) -> dict[str, tuple[str, ...]]:
        """Return the choices that the study has the data for, by axis."""
        achieved = self.main.source == "achievement"
        has = {
            "year": achieved,
            "latest": achieved and len(self.main.periods) > 1,
            "self": variables.construct_of_role(self.study, "performance") is not None,
            "prior": self.prior is not None,
            "background": self.background.shape[1] > 0,
        }
        has["both"] = has["prior"] and has["background"]
        many = self.units.nunique() > 1
        has |= {"random": many, "fixed": many}
        return {axis: tuple(c for c in choices if has.get(c, True)) for axis, choices in AXES.items()}

    def outcome(self, choice: Choice) -> pd.Series:
        """Return performance."""
        if choice.outcome == "self":
            name = variables.construct_of_role(self.study, "performance")
            return self._score(name, _weighting(choice), choice.missing, True)
        if choice.outcome == "year":
            return self.main.values.reindex(self.wave.index)
        return variables.achievement(self.study)[self.main.periods[-1]].reindex(self.wave.index)

    def predictors(self, choice: Choice) -> pd.DataFrame:
        """Return those of the four that the study has."""
        whole, latest = self._hours
        columns = {} if whole is None else {"training": latest if choice.outcome == "latest" else whole}
        for role in variables.PREDICTORS:
            name = variables.construct_of_role(self.study, role)
            if role not in columns and name is not None:
                columns[role] = self._score(name, _weighting(choice), choice.missing, False)
        frame = pd.DataFrame(columns, index=self.wave.index)
        return frame[~self._inattentive] if choice.missing == "attentive" else frame

    def controls(self, choice: Choice) -> pd.DataFrame:
        """Return what is held fixed besides, without gaps."""
        parts = [pd.DataFrame(index=self.wave.index)]
        if choice.controls in ("prior", "both"):
            parts.append(self.prior)
        if choice.controls in ("background", "both"):
            parts.append(self.background)
        return pd.concat(parts, axis=1)

    @cached_property
    def _hours(self) -> tuple[pd.Series | None, pd.Series | None]:
        """Tens of JP before all periods and before the latest; None where training is asked for instead."""
        if not self.study.has("training") or not self.main.periods:
            return None, None
        found = (variables.training_hours(self.study, p) for p in (self.main.periods, self.main.periods[-1:]))
        return tuple(None if hours is None else hours.reindex(self.wave.index) for hours in found)

    @cached_property
    def prior(self) -> pd.DataFrame | None:
        """Return achievement of the year before (NaN where there is none), or None where nobody has one."""
        known = variables.prior_achievement(self.study) if self.main.source == "achievement" else None
        prior = None if known is None else known.reindex(self.wave.index)
        return None if prior is None or prior.isna().all() else prior.to_frame("prior")

    @cached_property
    def background(self) -> pd.DataFrame:
        """Return status, gender, position (dummies; not known is a class) and the year service began."""
        people = self.study.employees.set_index("employee_id").reindex(self.wave.index)
        classes = [name for name in ("status", "gender", "position") if name in people]
        columns = [pd.get_dummies(people[c].astype(object), c, dummy_na=True, dtype=float) for c in classes]
        columns += [people[["start_year"]].astype(float)] if "start_year" in people else []
        frame = pd.concat([pd.DataFrame(index=people.index), *columns], axis=1)
        return frame.loc[:, frame.nunique() > 1]

    @cached_property
    def _inattentive(self) -> pd.Series:
        answers = self.wave[list(self.study.codebook.items)].to_numpy(dtype=float)
        return pd.Series(straight_lined(answers), index=self.wave.index)

    def _score(self, *key: str | bool) -> pd.Series:
        if key not in self._scores:
            self._scores[key] = self._scored(*key)
        return self._scores[key]

    def _scored(self, name: str, weighting: str, missing: str, outcome: bool) -> pd.Series:
        """Return one scale; what is filled in never makes a performance of no answer at all."""
        items = self.study.codebook.keyed(self.wave, name)
        weights = np.ones(items.shape[1])
        if weighting == "weighted":
            weights, items = _first_component(items), (items - items.mean()) / items.std().replace(0, 1)
        answered = items.notna()
        count, k = answered.sum(axis=1), items.shape[1]
        if missing == "filled":
            enough = count > 0 if outcome else self.wave[list(self.study.codebook.items)].notna().any(axis=1)
            return (_filled(items) @ weights / weights.sum()).where(enough)
        enough = count == k if missing == "complete" else 2 * count >= k
        return (items.fillna(0) @ weights / (answered @ weights)).where(enough)


def _weighting(choice: Choice) -> str:
    return "weighted" if choice.scales == "weighted" else "mean"


def _first_component(items: pd.DataFrame) -> np.ndarray:
    """Return the first principal component of the items' correlations (pairwise), with a positive sum.

    An item that is not related to the others in the scale's own direction has no weight.
    """
    correlation = items.corr().fillna(0).to_numpy()
    vector = np.linalg.eigh(correlation)[1][:, -1]
    return np.clip(vector * (1 if vector.sum() >= 0 else -1), 0, None)


def _filled(items: pd.DataFrame) -> pd.DataFrame:
    """Fill items in with person mean + item mean - overall mean, of the observed answers.

    Two-way imputation without error: Bernaards and Sijtsma (2000), Multivariate Behavioral Research 35,
    321–364. Who answered none of the items stands at the items' means.
    """
    item, overall = items.mean(), np.nanmean(items.to_numpy())
    person = items.mean(axis=1).fillna(overall)
    guess = person.to_numpy()[:, None] + item.to_numpy() - overall
    return items.where(items.notna(), guess)
