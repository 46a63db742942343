"""A coefficient as questions tell it: an estimate with an interval that holds in small samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from walesi_research.stats.robust import RobustFit
    from walesi_research.stats.two_way import TwoWayFit

__all__ = ["UNFIT", "Effect", "effects_of"]

UNFIT = (ValueError, np.linalg.LinAlgError)
"""What estimators raise where nothing is left of an exposure, or of the residuals."""


@dataclass(frozen=True)
class Effect:
    """A coefficient with its CR2 interval."""

    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float


def effects_of(fit: RobustFit | TwoWayFit) -> list[Effect]:
    """Return the coefficients that a fit reports."""
    columns = zip(fit.coef, fit.se, fit.df, fit.low, fit.high, fit.pvalue, strict=True)
    return [Effect(*map(float, column)) for column in columns]
