"""The measurement model that a codebook states: every construct a factor, every question on its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.questions.measurement.scales import scales_in
from walesi_research.stats import sem

if TYPE_CHECKING:
    from walesi_research.study import Study
    from walesi_research.study.codebook import Construct

__all__ = ["Answers", "answers", "best", "fitted", "label", "quoted", "syntax"]

FEWEST_ANSWERS = 0.5
"""Share of respondents who must have answered a question for it to be in the model."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Keyed answers under names that any model can be written with.

    Parameters
    ----------
    X : DataFrame, shape (n, items)
        Columns ``x1, x2, ...``; rows of people who answered at least one question.
    scales : dict of str to tuple of str
        Columns by construct; constructs with fewer than two usable questions are absent.
    items : dict of str to str
        The codebook's item by column.
    left_out : tuple of str
        Items that everyone answered alike, or that few answered.
    categories : int
        Answers that a question can have at most.
    """

    X: pd.DataFrame
    scales: dict[str, tuple[str, ...]]
    items: dict[str, str]
    left_out: tuple[str, ...]
    categories: int

    @property
    def columns(self) -> list[str]:
        """All columns in scales."""
        return [column for columns in self.scales.values() for column in columns]


def answers(study: Study, rows: pd.DataFrame) -> Answers:
    """Return the keyed answers of survey `rows`; see `Answers`."""
    parts, scales, items, widest = [], {}, {}, 0
    read = scales_in(study, rows)
    usable = {scale.name: [i for i in scale.items if _usable(scale.items[i])] for scale in read}
    for scale in read:
        own = usable[scale.name]
        if len(own) < 2:
            continue
        columns = tuple(f"x{len(items) + k}" for k in range(1, len(own) + 1))
        items |= dict(zip(columns, own, strict=True))
        scales[scale.name] = columns
        parts.append(scale.items[own].set_axis(list(columns), axis=1))
        widest = max(widest, scale.categories)
    kept = {item for own in usable.values() for item in own}
    left_out = tuple(item for item in study.codebook.items if item not in kept)
    X = pd.concat(parts, axis=1).dropna(how="all") if parts else pd.DataFrame(index=rows.index)
    return Answers(X, scales, items, left_out, widest)


def _usable(column: pd.Series) -> bool:
    return column.nunique() > 1 and column.notna().mean() >= FEWEST_ANSWERS


def syntax(scales: Mapping[str, Collection[str]], *, standardised: bool = False) -> str:
    """Return the model in lavaan's syntax: factors ``f1, f2, ...`` in the order of `scales`.

    Parameters
    ----------
    scales : mapping of str to collection of str
        Columns by construct.
    standardised : bool
        Define ``s_x1 = loading / sqrt(loading² + residual variance)`` and so on, for factors of variance one:
        the standardised loading, whose standard error then follows by the delta method.
    """
    if not standardised:
        return "\n".join(f"f{k} =~ " + " + ".join(c) for k, c in enumerate(scales.values(), start=1))
    lines = []
    for k, columns in enumerate(scales.values(), start=1):
        lines.append(f"f{k} =~ " + " + ".join(f"l_{c}*{c}" for c in columns))
        lines += [f"{c} ~~ e_{c}*{c}\ns_{c} := l_{c} / sqrt(l_{c}^2 + e_{c})" for c in columns]
    return "\n".join(lines)


def fitted(model: str, X: pd.DataFrame, items: Mapping[str, str], **options) -> sem.SemFit | Message:
    """Return a proper fit, or why there is none: no solution, no convergence, a variance below zero.

    Parameters
    ----------
    model : str
    X : DataFrame
    items : mapping of str to str
        What the columns are called in words.
    **options
        Of `stats.sem.fit`.
    """
    try:
        fit = sem.fit(model, X, **options)
    except (ValueError, np.linalg.LinAlgError):
        return Message.of("measurement_model.unfit")
    if not fit.converged:
        return Message.of("measurement_model.not_converged")
    p = fit.parameters
    negative = p[(p.op == "~~") & (p.lhs == p.rhs) & (p.estimate < 0)].lhs.unique()
    if named := [items[c] for c in negative if c in items]:
        return Message.of("measurement_model.heywood", items=", ".join(named))
    return Message.of("measurement_model.improper") if fit.warnings else fit


def best(fit: sem.SemFit, name: str) -> float | tuple[float, float]:
    """Return a fit index in its robust version, else scaled, else as it is."""
    versions = (getattr(fit, f"{name}{suffix}") for suffix in ("_robust", "_scaled", ""))
    return next(v for v in versions if np.isfinite(v).all())


def label(study: Study, construct: str, language: str) -> str:
    """Return the name of a construct in words."""
    return study.codebook.constructs[construct].label[language]


def item_text(study: Study, item: str, language: str) -> str:
    """Return the wording of a question."""
    return _home(study, item).items[item][language]


def quoted(study: Study, item: str, language: str) -> str:
    """Return the wording of a question in quotation marks, without its full stop."""
    return f"“{item_text(study, item, language).rstrip('.')}”"


def _home(study: Study, item: str) -> Construct:
    return next(c for c in study.codebook.constructs.values() if item in c.items)
