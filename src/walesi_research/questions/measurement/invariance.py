"""May means of two groups be compared? Measurement invariance of each scale."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pandas as pd

from walesi_research.exhibits import Cell, Column, Gap, Heading, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, number, probability, say
from walesi_research.questions.measurement.factor_model import answers, fitted, label, syntax
from walesi_research.questions.result import people
from walesi_research.questions.variables import latest_wave
from walesi_research.stats.sem import Difference, SemFit, difference

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Invariance", "invariance"]

GROUPINGS = ("gender", "status", "wave")
FEWEST = 50
"""People that each group needs; a rule of this project, for scales of a few questions."""
MODERATE = 300
"""People in all below which a moderate difference is easily overlooked (Chen 2007)."""
DROP = -0.010
"""Fall of the CFI that is customarily let pass (Cheung and Rensvold 2002; Chen 2007)."""
ERROR = 0.05
STEPS = {"metric": ("loadings",), "scalar": ("loadings", "intercepts")}
Verdict = Literal["yes", "no", "open"]


@dataclass(frozen=True)
class Steps:
    """One scale in one grouping: how much worse each step fits than the one before it.

    Parameters
    ----------
    metric, scalar : Difference or None
    n : int
        People.
    reason : Message or None
        Why there is none.
    """

    metric: Difference | None = None
    scalar: Difference | None = None
    n: int = 0
    reason: Message | None = None


def invariance(study: Study) -> Invariance:
    """Ask whether each scale measures alike in women and men, PNS and PPPK, and all waves.

    Each scale of at least three questions is fitted alone by robust maximum likelihood with all answers:
    loadings and intercepts free (configural), loadings equal (metric), intercepts equal too (scalar). A group
    counts with at least 50 people who answered; groups with fewer are left out and named. Waves are
    clustered by employee.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Invariance
        Without findings: all of it is description.

    Notes
    -----
    A step holds if the CFI falls by at most .010, fails if it falls by more and the scaled difference test
    (Satorra and Bentler 2001) tells at 5 % shared over all tests of the grouping (Bonferroni), and is open
    otherwise.
    """
    if not study.has("survey"):
        return Invariance(study, reason=Message.of("measurement_model.no_survey"))
    found, small = {}, {}
    for name in GROUPINGS:
        rows = _grouped(study, name)
        if rows is None:
            continue
        sizes = rows.groupby("group", observed=True)["employee_id"].nunique()
        small[name] = tuple(str(g) for g in sizes.index[sizes < FEWEST])
        large = sizes.index[sizes >= FEWEST]
        if len(large) > 1:
            found[name] = _scales(study, rows[rows["group"].isin(large)], name)
    return Invariance(study, found, small)


def _grouped(study: Study, name: str) -> pd.DataFrame | None:
    """Return survey rows with their group as text in column ``group``; None where there is one group only."""
    if name == "wave":
        rows = (
            study.survey.assign(group=study.survey["wave"].astype(int).astype(str))
            if _has_waves(study)
            else None
        )
    elif name in study.employees:
        of = study.employees.set_index("employee_id")[name].astype("string")
        wave = latest_wave(study)
        rows = wave.assign(group=wave["employee_id"].map(of)).dropna(subset=["group"])
    else:
        rows = None
    return None if rows is None or rows["group"].nunique() < 2 else rows.reset_index(drop=True)


def _has_waves(study: Study) -> bool:
    return "wave" in study.survey and study.survey["wave"].nunique() > 1


def _scales(study: Study, rows: pd.DataFrame, grouping: str) -> dict[str, Steps]:
    data = answers(study, rows)
    who = rows.loc[data.X.index, ["employee_id", "group"]]
    frame = data.X.assign(group=who["group"].astype(str), employee=who["employee_id"].astype(str))
    cluster = {"cluster": "employee"} if grouping == "wave" else {}
    return {
        name: _steps(frame, columns, data.items, cluster)
        for name, columns in data.scales.items()
        if len(columns) > 2
    }


def _steps(
    frame: pd.DataFrame, columns: tuple[str, ...], items: dict[str, str], cluster: dict[str, str]
) -> Steps:
    answered = frame[frame[list(columns)].notna().any(axis=1)]
    sizes = answered.groupby("group")["employee"].nunique()
    if len(sizes) < 2 or sizes.min() < FEWEST:
        return Steps(reason=Message.of("measurement_model.too_few", needed=FEWEST))
    if (answered.groupby("group")[list(columns)].nunique() < 2).any(axis=None):
        return Steps(reason=Message.of("measurement_model.constant_in_group"))
    model = syntax({"scale": columns})
    options = {"estimator": "mlr", "missing": "fiml", "group": "group", "std_lv": True} | cluster
    fits = {
        step: fitted(model, answered, items, equal=equal, **options)
        for step, equal in {"configural": (), **STEPS}.items()
    }
    if failed := [fit for fit in fits.values() if not isinstance(fit, SemFit)]:
        return Steps(reason=failed[0])
    metric, scalar = (
        difference(fits[a], fits[b]) for a, b in (("metric", "configural"), ("scalar", "metric"))
    )
    return Steps(metric, scalar, int(answered["employee"].nunique()))


def judged(step: Difference, tests: int) -> Verdict:
    """Return whether a step holds, given how many are tested together."""
    if step.cfi >= DROP:
        return "yes"
    return "no" if step.pvalue < ERROR / tests else "open"


@dataclass(frozen=True, eq=False)
class Invariance:
    """Answer: which scales may be compared between which groups.

    Parameters
    ----------
    study : Study
    scales : dict of (grouping) to dict of (construct) to Steps
    small : dict of (grouping) to tuple of str
        Groups that are too small.
    reason : Message or None
        Why nothing could be asked.
    """

    study: Study
    scales: dict[str, dict[str, Steps]] = field(default_factory=dict)
    small: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reason: Message | None = None

    @property
    def findings(self) -> list[Finding]:
        """None: verdicts on scales, not numbers."""
        return []

    def verdicts(self, grouping: str) -> dict[str, Verdict]:
        """Return by scale whether means may be compared: both steps must hold; one that fails is enough."""
        known = {name: s for name, s in self.scales[grouping].items() if s.metric is not None}
        tests = 2 * max(len(known), 1)
        each = {name: {judged(s.metric, tests), judged(s.scalar, tests)} for name, s in known.items()}
        return {n: "no" if "no" in v else "open" if "open" in v else "yes" for n, v in each.items()}

    def heading(self, language: str) -> list[Heading]:
        """Return whether comparisons are defensible at all."""
        every = [v for grouping in self.scales for v in self.verdicts(grouping).values()]
        if not every:
            return [Heading(say(language, "measurement_model.invariance_heading_none"))]
        key = "no" if "no" in every else "yes" if set(every) == {"yes"} else "open"
        return [Heading(say(language, f"measurement_model.invariance_heading_{key}"))]

    def sentence(self, language: str) -> list[Sentence]:
        """Return a sentence a grouping, and which groups are too small."""
        if self.reason is not None:
            return [Sentence(self.reason.in_(language), "note")]
        told = [Sentence(self._grouping(g, language)) for g in self.scales]
        notes = [self._too_small(g, language) for g in GROUPINGS if self.small.get(g) or g not in self.small]
        return [*told, *(Sentence(text, "note") for text in notes)]

    def _grouping(self, grouping: str, language: str) -> str:
        verdicts = self.verdicts(grouping)
        groups = say(language, f"measurement_model.groups_{grouping}")
        if not verdicts:
            return say(language, "measurement_model.invariance_nothing", groups=groups)
        texts = [
            say(
                language,
                f"measurement_model.invariance_{key}",
                groups=groups,
                scales=self._named(names, language),
            )
            for key in ("yes", "no", "open")
            if (names := [n for n, v in verdicts.items() if v == key])
        ]
        if "yes" in verdicts.values() and min(s.n for s in self.scales[grouping].values() if s.n) < MODERATE:
            texts.append(say(language, "measurement_model.invariance_small"))
        return " ".join(texts)

    def _named(self, names: list[str], language: str) -> str:
        return ", ".join(label(self.study, n, language) for n in names)

    def _too_small(self, grouping: str, language: str) -> str:
        groups = say(language, f"measurement_model.groups_{grouping}")
        if grouping not in self.small:
            return say(language, "measurement_model.invariance_absent", groups=groups)
        names = ", ".join(self._group(grouping, g, language) for g in self.small[grouping])
        return say(language, "measurement_model.invariance_few", groups=groups, names=names, needed=FEWEST)

    def _group(self, grouping: str, group: str, language: str) -> str:
        if grouping == "wave":
            return say(language, "measurement_model.group_wave", wave=group)
        return say(language, f"measurement_model.group_{group}")

    def details(self, language: str) -> list[Sentence]:
        """Return how it was computed."""
        return (
            [Sentence(say(language, "measurement_model.invariance_method", needed=FEWEST))]
            if self.scales
            else []
        )

    def table(self, language: str) -> list[Table]:
        """Return one table a grouping: what equality costs, by scale and step."""
        return [self._table(grouping, language) for grouping in self.scales]

    def _table(self, grouping: str, language: str) -> Table:
        columns = [
            say(language, "measurement_model.scale"),
            Column(say(language, "measurement_model.metric"), numeric=True),
            Column(say(language, "measurement_model.scalar"), numeric=True),
            say(language, "measurement_model.comparable"),
        ]
        verdicts = self.verdicts(grouping)
        rows = [self._row(n, s, verdicts.get(n), language) for n, s in self.scales[grouping].items()]
        largest = max((s.n for s in self.scales[grouping].values()), default=0)
        caption = say(
            language, "measurement_model.invariance_caption",
            groups=say(language, f"measurement_model.groups_{grouping}"), people=people(self.study, largest),
        )  # fmt: skip
        return Table(columns, rows, caption, language)

    def _row(self, name: str, s: Steps, verdict: Verdict | None, language: str) -> list[str | Cell] | Gap:
        words = label(self.study, name, language)
        if verdict is None:
            return Gap(words, say(language, "common.not_computed"), s.reason.in_(language))
        cells = [self._cell(step, language) for step in (s.metric, s.scalar)]
        return [words, *cells, say(language, f"measurement_model.comparable_{verdict}")]

    def _cell(self, step: Difference, language: str) -> Cell:
        p = probability(step.pvalue, language)
        small = say(language, "measurement_model.step", chi2=step.chi2, df=step.df, p=p)
        return Cell(number(step.cfi, language, 3), small)
