"""Product terms of a regression: how unreliable they are, and the smallest that can be seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

__all__ = ["product_reliability", "visible_effect"]


def product_reliability(first: float, second: float, correlation: float) -> float:
    """Return the reliability of the product of two centred measures.

    Parameters
    ----------
    first, second : float
        Their reliabilities.
    correlation : float
        Between the measures as they are observed.

    Returns
    -------
    float
        ``(r² + first second) / (1 + r²)`` for normal measures with unrelated errors: Bohrnstedt and Marwell
        (1978), Sociological Methodology 9, 254–273. Without correlation the standardised coefficient of the
        product shrinks by its square root.
    """
    return (correlation**2 + first * second) / (1 + correlation**2)


def visible_effect(
    se: ArrayLike, df: ArrayLike, *, level: float = 0.95, power: float = 0.8
) -> NDArray[np.float64] | float:
    """Return the effect that would be found with chance `power`, given its standard error and its df.

    Parameters
    ----------
    se, df : array_like
    level : float
        One less the error of the two-sided test.
    power : float

    Returns
    -------
    float or ndarray
        ``(t((1 + level) / 2) + t(power)) se``, quantiles on `df`: Bloom (1995), Evaluation Review 19,
        547–556.
    """
    return (stats.t.ppf((1 + level) / 2, df) + stats.t.ppf(power, df)) * se
