"""Do the answers fall into the scales that the questionnaire claims? Confirmatory factor analysis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import stats

from walesi_research.exhibits import Cell, Column, Gap, Group, Heading, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, interval, number, say
from walesi_research.questions.measurement.factor_model import (
    Answers,
    answers,
    best,
    fitted,
    label,
    quoted,
    syntax,
)
from walesi_research.questions.measurement.scales import NOTEBOOK
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.questions.variables import latest_wave
from walesi_research.stats.sem import SemFit

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["ConfirmatoryFactors", "cfa"]

WHOLE = (100, 3)
"""People, and people a question, from which on the whole model is fitted; a rule of this project."""
ORDINAL = (200, 5)
"""The same for polychoric correlations, which need more."""
SCALE = 30
"""People from which on one scale is fitted alone."""
FEW_CATEGORIES = 5
GOOD = {"cfi": 0.95, "rmsea": 0.06, "srmr": 0.08}
"""Hu and Bentler 1999, Structural Equation Modeling 6, 1–55."""
ROUGH = {"cfi": 0.90, "rmsea": 0.08, "srmr": 0.10}
"""Browne and Cudeck 1992 for the RMSEA; what is customarily let pass for the others."""
WEAK = 0.40
"""Standardised loading below which an item is named."""
ALIKE = 0.10
"""Residual correlation from which on two items are named, if chance alone does not make it."""
MOST_NAMED = 3
RMSEA_LEVEL = 0.90
METHODS = {
    "dwls": "diagonally weighted least squares on polychoric correlations, pairwise answers; scaled and "
    "shifted chi-square; all constructs correlated; latest wave",
    "mlr": "robust maximum likelihood with all answers (FIML), scaled chi-square; all constructs correlated; "
    "latest wave",
}
Reading = Literal["good", "rough", "bad"]


@dataclass(frozen=True, eq=False)
class Scale:
    """One factor fitted alone: its fit, or why there is none."""

    fit: SemFit | None = None
    loadings: pd.DataFrame | None = None
    reason: Message | None = None


def cfa(study: Study, level: float = 0.95) -> ConfirmatoryFactors:
    """Ask whether the answers fall into the codebook's constructs.

    Every construct is a factor and all correlate. With at most five answers a question, 200 people and five
    people a question, diagonally weighted least squares on polychoric correlations; else robust maximum
    likelihood with all answers. With fewer than 100 people, or than three a question, or where the whole
    model has no proper solution, each scale is fitted alone.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the loadings' intervals; that of the RMSEA is 90 %, as is the custom.

    Returns
    -------
    ConfirmatoryFactors
        Findings ``measurement.cfi``, ``measurement.rmsea``, ``measurement.srmr``.
    """
    if not study.has("survey"):
        return ConfirmatoryFactors(study, level, reason=Message.of("measurement_model.no_survey"))
    data = answers(study, latest_wave(study))
    if not data.scales:
        return ConfirmatoryFactors(study, level, reason=Message.of("measurement_model.no_scales"))
    whole, estimator = _whole(data, study)
    if isinstance(whole, Message):
        scales = {name: _alone(data, name, level, study) for name in data.scales}
        return ConfirmatoryFactors(study, level, data, estimator, reason=whole, scales=scales)
    return ConfirmatoryFactors(study, level, data, estimator, whole, loadings(whole, data, level))


def enough(data: Answers, rule: tuple[int, int]) -> bool:
    """Tell whether there are as many people, and people a question, as `rule` asks for."""
    least, each = rule
    return len(data.X) >= max(least, each * len(data.columns))


def _whole(data: Answers, study: Study) -> tuple[SemFit | Message, str]:
    """Return the whole model and the estimator; least squares that fail give way to likelihood."""
    if not enough(data, WHOLE):
        least, each = WHOLE
        needed = max(least, each * len(data.columns))
        n = people(study, len(data.X))
        return Message.of("measurement_model.too_large", people=n, needed=needed), "mlr"
    if len(data.scales) == 1 and len(data.columns) < 4:
        return Message.of("measurement_model.saturated"), "mlr"
    if enough(data, ORDINAL) and data.categories <= FEW_CATEGORIES:
        model = syntax(data.scales)
        fit = fitted(model, data.X, data.items, estimator="dwls", missing="pairwise", std_lv=True)
        if isinstance(fit, SemFit):
            return fit, "dwls"
    return _likelihood(data, data.scales), "mlr"


def _likelihood(data: Answers, scales: dict[str, tuple[str, ...]]) -> SemFit | Message:
    model = syntax(scales, standardised=True)
    return fitted(model, data.X, data.items, estimator="mlr", missing="fiml", std_lv=True)


def _alone(data: Answers, name: str, level: float, study: Study) -> Scale:
    columns = data.scales[name]
    n = int(data.X[list(columns)].notna().any(axis=1).sum())
    if len(columns) < 3:
        return Scale(reason=Message.of("measurement_model.two_items"))
    if n < max(SCALE, study.settings.privacy.minimum_cell):
        return Scale(reason=Message.of("measurement_model.too_few", needed=SCALE))
    fit = _likelihood(data, {name: columns})
    return Scale(reason=fit) if isinstance(fit, Message) else Scale(fit, loadings(fit, data, level))


def loadings(fit: SemFit, data: Answers, level: float) -> pd.DataFrame:
    """Return standardised loadings: index is the item; ``estimate, low, high``."""
    p = fit.parameters
    columns = [c for c in data.columns if c in fit.observed]
    if fit.estimator == "dwls":
        found = p[p.op == "=~"].set_index("rhs").loc[columns]
    else:
        found = p[p.op == ":="].set_index("lhs").loc[[f"s_{c}" for c in columns]]
    half = stats.norm.ppf((1 + level) / 2) * found.std_error.to_numpy()
    estimate = found.estimate.to_numpy()
    parts = {"estimate": estimate, "low": estimate - half, "high": np.minimum(estimate + half, 1.0)}
    return pd.DataFrame(parts, index=[data.items[c] for c in columns])


def alike(fit: SemFit, data: Answers) -> list[tuple[str, str]]:
    """Return pairs of items that agree more than the model says, the strongest first.

    A residual correlation of at least .10, beyond what chance makes of the largest of so many (Bonferroni).
    """
    r = fit.residuals()
    r = r[(r.op == "~~") & (r.lhs != r.rhs)]
    limit = max(ALIKE, stats.norm.isf(0.025 / max(len(r), 1)) / np.sqrt(fit.n))
    strongest = r[r.correlation > limit].sort_values("correlation", ascending=False, kind="stable")
    pairs = zip(strongest.lhs, strongest.rhs, strict=True)
    return [(data.items[a], data.items[b]) for a, b in pairs][:MOST_NAMED]


def reading(name: str, value: float) -> Reading:
    """Return the customary reading of one index."""
    sign = 1 if name == "cfi" else -1
    return (
        "good"
        if sign * (value - GOOD[name]) >= 0
        else "rough"
        if sign * (value - ROUGH[name]) >= 0
        else "bad"
    )


def readings(fit: SemFit) -> dict[str, Reading]:
    """Return the reading of each index.

    With few degrees of freedom the RMSEA is mostly chance (Kenny, Kaniskan and McCoach 2015): it speaks
    against a model only where its whole interval does.
    """
    found = {name: reading(name, best(fit, name)) for name in ("cfi", "rmsea")}
    if found["rmsea"] == "bad" and best(fit, "rmsea_interval")[0] <= ROUGH["rmsea"]:
        found["rmsea"] = "rough"
    return found | {"tli": reading("cfi", best(fit, "tli")), "srmr": reading("srmr", fit.srmr)}


def verdict(fit: SemFit) -> Reading:
    """Return what CFI, RMSEA and SRMR say together: all good, at least two bad, or in between."""
    read = [readings(fit)[name] for name in GOOD]
    return "good" if set(read) == {"good"} else "bad" if read.count("bad") > 1 else "rough"


@dataclass(frozen=True, eq=False)
class ConfirmatoryFactors:
    """Answer: how the whole model fits and which questions are weak; or each scale alone.

    Parameters
    ----------
    study : Study
    level : float
    data : Answers or None
    estimator : {"dwls", "mlr"}
    fit : SemFit or None
        The whole model.
    items : DataFrame or None
        Its standardised loadings.
    reason : Message or None
        Why there is no whole model.
    scales : dict of str to Scale
        Each construct alone, where there is none.
    """

    study: Study
    level: float
    data: Answers | None = None
    estimator: str = "mlr"
    fit: SemFit | None = None
    items: pd.DataFrame | None = None
    reason: Message | None = None
    scales: dict[str, Scale] = field(default_factory=dict)

    @property
    def findings(self) -> list[Finding]:
        """The three fit indices of the whole model."""
        return [self._finding(name) for name in GOOD]

    def _finding(self, name: str) -> Finding:
        parts = {
            "id": f"measurement.{name}",
            "unit": "fit index",
            "claim": "description",
            "method": METHODS[self.estimator],
            "question": in_both(f"measurement_model.{name}_question"),
            "notebook": NOTEBOOK,
            "level": RMSEA_LEVEL,
        }
        if self.fit is None:
            return not_estimable(self.reason, **parts)
        n = people(self.study, self.fit.n)
        if name == "rmsea":
            low, high = best(self.fit, "rmsea_interval")
            return Finding(estimate=best(self.fit, name), low=low, high=high, n=n, **parts)
        value = self.fit.srmr if name == "srmr" else best(self.fit, name)
        return Finding(estimate=value, n=n, **parts)

    def _frames(self) -> list[pd.DataFrame]:
        own = [self.items, *(s.loadings for s in self.scales.values())]
        return [frame for frame in own if frame is not None]

    def _weak(self) -> list[str]:
        return [i for frame in self._frames() for i in frame.index[frame.estimate < WEAK]]

    def heading(self, language: str) -> list[Heading]:
        """Return the verdict."""
        if self.fit is None:
            key = "heading_scales" if any(s.fit for s in self.scales.values()) else "heading_none"
            return [Heading(say(language, f"measurement_model.{key}"))]
        return [Heading(say(language, f"measurement_model.heading_{verdict(self.fit)}"))]

    def lead(self, language: str) -> list[Sentence]:
        """Return the answer."""
        return [Sentence(self._lead(language), "lead" if self.fit or self.scales else "note")]

    def sentence(self, language: str) -> list[Sentence]:
        """Return why scales stand alone, weak items, items that say nearly the same, what was left out."""
        told = [Sentence(self.reason.in_(language), "note")] if self.fit is None and self.scales else []
        bad = [n for n in GOOD if readings(self.fit)[n] == "bad"] if self.fit is not None else []
        if len(bad) == 1:
            told.append(Sentence(say(language, "measurement_model.disagree", index=bad[0].upper())))
        told += [Sentence(text) for text in self._about_items(language)]
        if self.data is not None and self.data.left_out:
            names = ", ".join(self.data.left_out)
            told.append(Sentence(say(language, "measurement_model.left_out", items=names), "note"))
        return told

    def _lead(self, language: str) -> str:
        if self.fit is not None:
            return say(language, f"measurement_model.answer_{verdict(self.fit)}")
        if not self.scales:
            return self.reason.in_(language)
        known = [s for s in self.scales.values() if s.fit is not None]
        if not known:
            return say(language, "measurement_model.answer_nothing")
        judged = [s for s in known if s.fit.df > 0]
        if not judged:
            return say(language, "measurement_model.answer_alone", known=len(known))
        bad = sum(verdict(s.fit) == "bad" for s in judged)
        return say(
            language, "measurement_model.answer_scales",
            known=len(known), judged=len(judged), fitting=len(judged) - bad,
        )  # fmt: skip

    def _about_items(self, language: str) -> list[str]:
        if not self._frames():
            return []
        texts = []
        weak = self._weak()
        against = [i for frame in self._frames() for i in frame.index[frame.high < 0]]
        if named := [i for i in weak if i not in against]:
            words = "; ".join(quoted(self.study, i, language) for i in named)
            texts.append(say(language, "measurement_model.weak", items=words, limit=WEAK))
        if against:
            words = "; ".join(quoted(self.study, i, language) for i in against)
            texts.append(say(language, "measurement_model.against", items=words))
        if not weak:
            texts.append(say(language, "measurement_model.none_weak", limit=WEAK))
        return [*texts, *self._alike(language)]

    def _alike(self, language: str) -> list[str]:
        pairs = alike(self.fit, self.data) if self.fit is not None else []
        told = [
            say(
                language,
                "measurement_model.pair",
                first=quoted(self.study, a, language),
                second=quoted(self.study, b, language),
            )
            for a, b in pairs
        ]
        return [say(language, "measurement_model.alike", pairs="; ".join(told))] if told else []

    def details(self, language: str) -> list[Sentence]:
        """Return how it was computed, and what the customary limits are worth."""
        if self.data is None or not self._frames():
            return []
        texts = [say(language, f"measurement_model.method_{self._why()}")]
        texts.append(say(language, "measurement_model.limits"))
        if len(self.data.X) < ORDINAL[0]:
            texts.append(say(language, "measurement_model.small"))
        return [Sentence(" ".join(texts))]

    def _why(self) -> str:
        if self.estimator == "dwls":
            return "dwls"
        if self.data.categories > FEW_CATEGORIES:
            return "many_answers"
        return "failed" if enough(self.data, ORDINAL) else "few_people"

    def table(self, language: str) -> Table | list[Table]:
        """Return the fit indices with their customary readings, of the model or of each scale."""
        if self.fit is not None:
            return self._indices(language)
        return self._scales_table(language) if self.scales else []

    def _indices(self, language: str) -> Table:
        columns = [
            say(language, "measurement_model.index"),
            Column(say(language, "measurement_model.value"), numeric=True),
            say(language, "measurement_model.customary"),
        ]
        values = {name: best(self.fit, name) for name in ("cfi", "tli", "rmsea")} | {"srmr": self.fit.srmr}
        rows = [self._index(name, value, language) for name, value in values.items()]
        caption = say(
            language, "measurement_model.indices_caption",
            people=people(self.study, self.fit.n), items=len(self.data.columns), scales=len(self.data.scales),
        )  # fmt: skip
        return Table(columns, rows, caption, language)

    def _index(self, name: str, value: float, language: str) -> list[str | Cell]:
        of = "cfi" if name == "tli" else name
        small = interval(*best(self.fit, "rmsea_interval"), language, 3) if name == "rmsea" else ""
        told = say(language, f"measurement_model.reads_{readings(self.fit)[name]}")
        custom = say(language, f"measurement_model.custom_{name}", good=GOOD[of], rough=ROUGH[of])
        return [
            say(language, f"measurement_model.name_{name}"),
            Cell(number(value, language, 3), small),
            Cell(told, custom),
        ]

    def _scales_table(self, language: str) -> Table:
        columns = [
            say(language, "measurement_model.scale"),
            Column(say(language, "measurement_model.cfi_column"), numeric=True),
            Column(say(language, "measurement_model.srmr_column"), numeric=True),
            say(language, "measurement_model.reading"),
        ]
        rows = [self._scale_row(name, s, language) for name, s in self.scales.items()]
        return Table(columns, rows, say(language, "measurement_model.scales_caption"), language)

    def _scale_row(self, name: str, s: Scale, language: str) -> list[str | Cell] | Gap:
        words = label(self.study, name, language)
        if s.fit is None:
            return Gap(words, say(language, "common.not_computed"), s.reason.in_(language))
        if s.fit.df == 0:
            return Gap(
                words,
                say(language, "measurement_model.loadings_only"),
                say(language, "measurement_model.no_df"),
            )
        told = say(language, f"measurement_model.reads_{verdict(s.fit)}")
        return [words, number(best(s.fit, "cfi"), language, 3), number(s.fit.srmr, language, 3), told]

    def loadings(self, language: str) -> Table | list[Table]:
        """Return the standardised loading of every question by its name, with its interval."""
        if not self._frames():
            return []
        columns = [
            say(language, "measurement_model.question"),
            Column(say(language, "measurement_model.loading", level=self.level), numeric=True),
        ]
        found = pd.concat(self._frames())
        rows = [row for name in self.study.codebook.constructs for row in self._of(name, found, language)]
        return Table(columns, rows, say(language, "measurement_model.loadings_caption"), language)

    def _of(self, name: str, found: pd.DataFrame, language: str) -> list[Group | list[str | Cell]]:
        """Return the rows of one construct, under its name."""
        own = found.loc[[i for i in self.study.codebook.constructs[name].items if i in found.index]]
        rows = [
            [i, Cell(number(x.estimate, language, 2), interval(x.low, x.high, language, 2))]
            for i, x in own.iterrows()
        ]
        return [Group(label(self.study, name, language)), *rows] if rows else []
