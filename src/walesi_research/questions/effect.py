"""A coefficient as questions tell it: an estimate with an interval that holds in small samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from walesi_research.exhibits import Cell
from walesi_research.exhibits.verdict import Judgement
from walesi_research.language import interval, number
from walesi_research.stats.multiplicity import holm

if TYPE_CHECKING:
    from walesi_research.stats.pooling import Pooled
    from walesi_research.stats.raked_mixed import RakedFit
    from walesi_research.stats.robust import RobustFit
    from walesi_research.stats.two_way import TwoWayFit

__all__ = ["UNFIT", "Effect", "effects_of", "judged", "written"]

UNFIT = (ValueError, np.linalg.LinAlgError)
"""What estimators raise where nothing is left of an exposure, or of the residuals."""


@dataclass(frozen=True)
class Effect:
    """A coefficient with its interval."""

    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float


def effects_of(fit: RobustFit | TwoWayFit | RakedFit | Pooled) -> list[Effect]:
    """Return the coefficients that a fit reports."""
    columns = zip(fit.coef, fit.se, fit.df, fit.low, fit.high, fit.pvalue, strict=True)
    return [Effect(*map(float, column)) for column in columns]


def judged(effects: Mapping[str, Effect], level: float) -> dict[str, Judgement]:
    """Return what may be said of each: clear only where its test stands among all of them (Holm)."""
    adjusted = holm([e.p for e in effects.values()])
    return {
        name: "cannot_tell" if p >= 1 - level else "supported" if e.estimate > 0 else "not_supported"
        for (name, e), p in zip(effects.items(), adjusted, strict=True)
    }


def written(effect: Effect, language: str, digits: int) -> Cell:
    """Return an estimate with its interval below, as a table has it."""
    return Cell(
        number(effect.estimate, language, digits), interval(effect.low, effect.high, language, digits)
    )
