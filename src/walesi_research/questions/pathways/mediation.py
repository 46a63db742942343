"""How firmly does the way through motivation and commitment stand? Hidden causes, and a changing link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.exhibits import Cell, Column, Gap, Heading, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, number, say
from walesi_research.questions import variables
from walesi_research.questions.pathways.chain import EXOGENOUS, MEDIATORS, NOTEBOOK
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.stats.mediation import mediation as fitted
from walesi_research.stats.mediation import vanishing_rho
from walesi_research.stats.mediation.paths import paths, regression
from walesi_research.stats.mediation.within import centred, resampled, within
from walesi_research.stats.resampling import percentile_interval
from walesi_research.study.resampling import Resampling

if TYPE_CHECKING:
    from walesi_research.questions.pathways.latent import Pathways
    from walesi_research.study import Study

__all__ = ["Robustness", "Way", "mediation"]

FEWEST_ANSWERS = 0.5
"""Share of respondents who must have answered a scale for it to be in the chain."""
FEWEST = 40
"""Complete cases from whom on it is asked; a rule of this project."""
METHOD = (
    "correlation of the errors of the mediators and of performance at which the indirect association is "
    "zero (Imai, Keele and Yamamoto 2010; the smallest multiple correlation that suffices), linear models of "
    "scale means within units; percentile interval of a bootstrap of employees within units"
)


@dataclass(frozen=True)
class Value:
    """An estimate with its percentile interval."""

    estimate: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Way:
    """The association of one end of the chain with the other through the mediators, by scale means.

    Parameters
    ----------
    indirect : Value
        In total standard deviations.
    sobel : float
        Its z by the delta method.
    rho : Value
        Correlation of errors at which it is zero.
    change : Value
        Indirect association at one standard deviation above the mean of the exposure less that at one below;
        its level is shared between the exposures (Bonferroni).
    """

    indirect: Value
    sobel: float
    rho: Value
    change: Value

    @property
    def clear(self) -> bool:
        """Whether there is an association that a hidden cause could do away with, and rho tells of it."""
        return self.indirect.clear and self.rho.clear


@dataclass(frozen=True)
class Known:
    """The recorded variable that would have hidden most, had it not been recorded.

    Parameters
    ----------
    name : str
        A construct, or ``prior`` for last year's achievement.
    rho : float
        Correlation of errors that leaving it out makes.
    """

    name: str
    rho: float


def mediation(
    study: Study, level: float = 0.95, draws: int = 999, answer: Pathways | None = None
) -> Robustness:
    """Ask how strong a hidden common cause would have to be, and whether links depend on the exposure.

    Performance, the mediators and culture (recognition held fixed, and the reverse) as scale means within
    units, complete cases.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.
    draws : int
        Bootstrap samples of employees within units.
    answer : Pathways or None
        What the page answers; where that is unclear, no heading says how firmly it stands.

    Returns
    -------
    Robustness
        Findings ``pathway.culture_rho`` and ``pathway.recognition_rho``.
    """
    frame = _frame(study)
    if isinstance(frame, Message):
        return Robustness(study, level, reason=frame)
    if len(frame) < max(FEWEST, study.settings.privacy.minimum_cell):
        return Robustness(study, level, reason=Message.of("pathways_mediation.too_few", n=FEWEST))
    if (frame.drop(columns="unit").nunique() < 2).any():
        return Robustness(study, level, reason=Message.of("pathways_mediation.constant"))
    place = pd.Index(study.employees["employee_id"]).get_indexer(frame.index)
    counts = list(Resampling.within(study.employees["unit"], study.seed).counts(draws, rows=place))
    roles = [role for role in EXOGENOUS if role in frame]
    try:
        ways = {role: _way(frame, role, counts, level, len(roles)) for role in roles}
    except (ValueError, np.linalg.LinAlgError):
        return Robustness(study, level, reason=Message.of("pathways_mediation.collinear"))
    known = {role: _strongest(study, frame, role) for role in roles}
    unclear = () if answer is None else tuple(r for r in roles if not answer.clear(r) and ways[r].clear)
    return Robustness(study, level, len(frame), ways, known, unclear=unclear)


def _frame(study: Study) -> pd.DataFrame | Message:
    """Return complete cases of the chain by employee, with their unit."""
    outcome = variables.performance(study) if study.has("survey") else None
    if outcome is None:
        return Message.of("pathways_mediation.no_chain")
    scores = variables.scores(study)
    names = {role: variables.construct_of_role(study, role) for role in (*EXOGENOUS, *MEDIATORS)}
    columns = {role: scores[name] for role, name in names.items() if name and _usable(scores[name])}
    if not set(columns) & set(EXOGENOUS) or not set(columns) >= set(MEDIATORS):
        return Message.of("pathways_mediation.no_chain")
    frame = pd.DataFrame(columns | {"performance": outcome.values}, index=scores.index)
    frame["unit"] = study.employees.set_index("employee_id")["unit"].reindex(frame.index).astype(str)
    return frame.dropna()


def _usable(values: pd.Series) -> bool:
    """Tell whether a scale varies and was answered by half of the respondents."""
    return bool(values.notna().mean() >= FEWEST_ANSWERS and values.nunique() > 1)


def _held_fixed(frame: pd.DataFrame, role: str) -> list[str]:
    return [other for other in EXOGENOUS if other in frame and other != role]


def _way(frame: pd.DataFrame, role: str, counts: list[np.ndarray], level: float, tests: int) -> Way:
    k = len(MEDIATORS)
    unit = np.unique(frame["unit"], return_inverse=True)[1]
    z = frame[[role, *MEDIATORS, "performance", *_held_fixed(frame, role)]].to_numpy(float)
    scale = z[:, 0].std(ddof=1) / z[:, k + 1].std(ddof=1)
    fit = fitted(z[:, k + 1], z[:, 1 : k + 1], z[:, 0], z[:, k + 2 :], groups=unit)
    drawn = paths(resampled(z, unit, counts), k)
    bent, bent_draws = _changes(z, k, unit, counts)
    return Way(
        indirect=_value(fit.paths.indirect * scale, drawn.indirect * scale, level),
        sobel=float(fit.z[k]),  # after those of each mediator
        rho=_value(vanishing_rho(fit.paths), vanishing_rho(drawn), level),
        change=_value(bent * scale, bent_draws * scale, 1 - (1 - level) / tests),
    )


def _value(estimate: float, draws: np.ndarray, level: float) -> Value:
    low, high = percentile_interval(draws[np.isfinite(draws)], level)
    return Value(float(estimate), float(low), float(high))


def _changes(z: np.ndarray, k: int, unit: np.ndarray, counts: list[np.ndarray]) -> tuple[float, np.ndarray]:
    """Return how much the indirect association changes over two standard deviations of x, and its draws.

    ``2 sd(x) a'h``, h being the coefficients of x times each mediator in the equation of performance.
    """
    x, m = z[:, 0] - z[:, 0].mean(), z[:, 1 : k + 1] - z[:, 1 : k + 1].mean(axis=0)
    wide = np.column_stack([z, x[:, None] * m])
    products = list(range(z.shape[1], wide.shape[1]))
    step = 2 * x.std(ddof=1)

    def change(cross: np.ndarray) -> np.ndarray:
        fixed = [0, *range(k + 2, z.shape[1])]
        a = regression(cross, fixed, list(range(1, k + 1)))[0][..., 0, :]
        final = regression(cross, [*fixed, *range(1, k + 1), *products], [k + 1])[0]
        return step * (a * final[..., -k:, 0]).sum(axis=-1)

    return float(change(within(wide, unit))), change(resampled(wide, unit, counts))


def _strongest(study: Study, frame: pd.DataFrame, role: str) -> Known | None:
    """Return the recorded variable outside the chain that goes most with both errors."""
    found = [Known(name, rho) for name, rho in _recorded(study, frame, role)]
    return max(found, key=lambda k: k.rho, default=None)


def _recorded(study: Study, frame: pd.DataFrame, role: str) -> Iterator[tuple[str, float]]:
    fixed = _held_fixed(frame, role)
    for name, values in _others(study, frame).items():
        rows = frame.assign(other=values).dropna()
        if len(rows) < FEWEST or rows["other"].nunique() < 2:
            continue
        unit = np.unique(rows["unit"], return_inverse=True)[1]
        names = [role, *fixed, *MEDIATORS, "performance", "other"]
        z = centred(rows[names].to_numpy(float), unit)
        yield name, _made(z, 1 + len(fixed), len(MEDIATORS))


def _made(z: np.ndarray, base: int, k: int) -> float:
    """Return the correlation of errors that a variable makes where the model leaves it out.

    Parameters
    ----------
    z : ndarray, shape (n, base + k + 2)
        The exposure and what is held fixed, k mediators, performance, the variable; unit means removed.

    Notes
    -----
    Left out, it moves the mediator's coefficient by ``t s / sigma`` with
    ``t = r_y r_m / sqrt(1 - r_m²)``, its partial correlations with performance and mediator (Cinelli and
    Hazlett 2020); a correlation of errors ``t / sqrt(1 + t²)`` does the same. Of several mediators the
    combination counts that carries the indirect association.
    """
    x, all_but = z[:, :base], z[:, : base + k]
    errors = _left(z[:, base : base + k], x)
    reached = np.linalg.lstsq(x, z[:, base : base + k], rcond=None)[0][0]
    carried = errors @ np.linalg.solve(errors.T @ errors, reached)
    r_m = np.corrcoef(carried, _left(z[:, [-1]], x)[:, 0])[0, 1]
    r_y = np.corrcoef(*_left(z[:, [base + k, -1]], all_but).T)[0, 1]
    t = abs(r_y * r_m) / np.sqrt(max(1 - r_m**2, 1e-12))
    return float(t / np.sqrt(1 + t**2))


def _left(of: np.ndarray, on: np.ndarray) -> np.ndarray:
    return of - on @ np.linalg.lstsq(on, of, rcond=None)[0]


def _others(study: Study, frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Return recorded variables outside the chain by name, other scales and last year's achievement."""
    chain = {variables.construct_of_role(study, r) for r in (*EXOGENOUS, *MEDIATORS, "performance")}
    scores = variables.scores(study)
    found = {name: scores[name].reindex(frame.index) for name in scores if name not in chain}
    prior = variables.prior_achievement(study) if study.has("appraisals") else None
    return found if prior is None else found | {"prior": prior.reindex(frame.index)}


@dataclass(frozen=True, eq=False)
class Robustness:
    """Answer: how much hidden common cause the way through the mediators withstands.

    Parameters
    ----------
    study : Study
    level : float
    n : int
        Complete cases.
    ways : dict of role to Way
    known : dict of role to Known or None
    reason : Message or None
        Why there is none.
    unclear : tuple of str
        Roles whose way is clear here, while the page's own answer leaves it open.
    """

    study: Study
    level: float
    n: int = 0
    ways: dict[str, Way] = field(default_factory=dict)
    known: dict[str, Known | None] = field(default_factory=dict)
    reason: Message | None = None
    unclear: tuple[str, ...] = ()

    @property
    def findings(self) -> list[Finding]:
        """One finding an end of the chain."""
        return [self._finding(role) for role in EXOGENOUS]

    def _finding(self, role: str) -> Finding:
        parts = {
            "id": f"pathway.{role}_rho",
            "unit": "correlation",
            "claim": "description",
            "method": METHOD,
            "question": in_both("pathways_mediation.question", role=Message.of(f"pathways.role_{role}")),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if role not in self.ways:
            return not_estimable(self.reason or Message.of("pathways_mediation.no_chain"), **parts)
        rho, n = self.ways[role].rho, people(self.study, self.n)
        return Finding(estimate=rho.estimate, low=rho.low, high=rho.high, n=n, **parts)

    @property
    def _clear(self) -> dict[str, Way]:
        return {role: way for role, way in self.ways.items() if way.clear}

    @property
    def _nearest(self) -> Known | None:
        """The strongest recorded variable outside the chain."""
        return max(filter(None, self.known.values()), key=lambda k: k.rho, default=None)

    @property
    def firm(self) -> bool:
        """Whether every way is clear, and no recorded variable would have done away with one."""
        least = min((abs(way.rho.estimate) for way in self.ways.values()), default=0.0)
        known = self._nearest
        return len(self._clear) == len(self.ways) and (known is None or known.rho < least)

    def heading(self, language: str) -> list[Heading]:
        """Return whether a hidden cause of ordinary size could do away with it."""
        if not self.ways:
            return []
        key = "if" if self.unclear else "firm" if self.firm else "open"
        return [Heading(say(language, f"pathways_mediation.heading_{key}"))]

    def sentence(self, language: str) -> list[Sentence]:
        """Return how strong a hidden cause would have to be, a known one beside it, and changing links."""
        if not self.ways:
            return [Sentence(self.reason.in_(language), "note")]
        names = ", ".join(say(language, f"pathways.role_{role}") for role in self.unclear)
        told = [say(language, "pathways_mediation.if", names=names)] if names else []
        told += [self._one(role, way, language) for role, way in self.ways.items()]
        if self._clear and self._nearest is not None:
            told.append(self._beside(self._nearest, language))
        return [Sentence(" ".join(told)), Sentence(self._bent(language))]

    def _one(self, role: str, way: Way, language: str) -> str:
        name, rho = say(language, f"pathways.role_{role}"), abs(way.rho.estimate)
        if not way.clear:
            return say(language, "pathways_mediation.nothing", name=name)
        return say(language, "pathways_mediation.vanishes", name=name, each=number(rho**0.5, language, 2))

    def _beside(self, known: Known, language: str) -> str:
        least = min(abs(way.rho.estimate) for way in self._clear.values())
        key = "beside_weaker" if known.rho < least else "beside_stronger"
        label = self._label(known.name, language)
        each = number(known.rho**0.5, language, 2)
        return say(language, f"pathways_mediation.{key}", known=label, each=each)

    def _label(self, name: str, language: str) -> str:
        if name == "prior":
            return say(language, "pathways_mediation.prior")
        return self.study.codebook.constructs[name].label[language]

    def _bent(self, language: str) -> str:
        clear = [role for role, way in self.ways.items() if way.change.clear]
        names = ", ".join(say(language, f"pathways.role_{role}") for role in clear)
        return say(language, f"pathways_mediation.{'changes' if clear else 'steady'}", names=names)

    def assumption(self, language: str) -> list[Sentence]:
        """Return what would have to hold for more than an association."""
        return [Sentence(say(language, "pathways_mediation.assumption"))] if self.ways else []

    def details(self, language: str) -> list[Sentence]:
        """Return how it was computed."""
        return [Sentence(say(language, "pathways_mediation.method"))] if self.ways else []

    def table(self, language: str) -> Table | list[Table]:
        """Return the indirect association by scale means, its Sobel z, rho, and the change of the link."""
        if not self.ways:
            return []
        columns = [
            say(language, "pathways.what"),
            *(
                Column(say(language, f"pathways_mediation.{key}"), numeric=True)
                for key in ("indirect", "rho", "change")
            ),
        ]
        rows = [self._row(role, language) for role in EXOGENOUS]
        caption = say(
            language, "pathways_mediation.caption", people=people(self.study, self.n), level=self.level
        )
        return Table(columns, rows, caption, language)

    def _row(self, role: str, language: str) -> list[str | Cell] | Gap:
        label = say(language, f"pathways.label_{role}")
        if role not in self.ways:
            why = say(language, "pathways_mediation.absent")
            return Gap(label, say(language, "common.not_computed"), why)
        way = self.ways[role]
        z = say(language, "pathways.sobel_z", z=number(way.sobel, language, 2))
        first = Cell(label, f"Sobel {z}")
        return [first, *(_cell(v, language) for v in (way.indirect, way.rho, way.change))]


def _cell(v: Value, language: str) -> Cell:
    digits = decimals([(v.low, v.high)], 2)
    return Cell(number(v.estimate, language, digits), interval(v.low, v.high, language, digits))
