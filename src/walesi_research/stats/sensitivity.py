"""How strong an unmeasured confounder would have to be to undo a regression coefficient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

__all__ = ["Sensitivity", "adjusted_estimate", "robustness"]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Robustness of one coefficient.

    Attributes
    ----------
    partial_r2 : float
        Share of the response's remaining variance that the exposure explains. A confounder that explained all
        of what is left of the response would have to explain this share of the exposure to bring it to zero.
    robustness : float
        Share of what is left of the exposure, and of the response, that a confounder would have to explain to
        take the fraction `share` of the coefficient away.
    robustness_interval : float
        The same to make the interval at `level` reach that point; zero where it reaches it already.
    share, level : float
    """

    partial_r2: float
    robustness: float
    robustness_interval: float
    share: float
    level: float


def robustness(t: float, df: float, *, share: float = 1.0, level: float = 0.95) -> Sensitivity:
    """Return robustness values of a coefficient with statistic `t` on `df` residual degrees of freedom.

    Parameters
    ----------
    t : float
        Coefficient over standard error.
    df : float
        Residual degrees of freedom.
    share : float
        The fraction of the coefficient that is to be explained away, one by default.
    level : float
        Level of the interval.

    Returns
    -------
    Sensitivity

    Raises
    ------
    ValueError
        If `df` is not above one, `share` not in (0, 1], or `level` not between zero and one.

    Notes
    -----
    With ``f = share |t| / sqrt(df)`` the value is ``(sqrt(f⁴ + 4 f²) - f²) / 2``; for the interval f is
    lessened by the t quantile on ``df - 1`` over ``sqrt(df - 1)``: Cinelli and Hazlett (2020), Journal of the
    Royal Statistical Society B 82, 39–67, eq. 18 and 19. Where that f would need less of the exposure than of
    the response (``1 / f`` below the quantile's own f) the extreme case ``(f² - q²) / (1 + f²)`` counts.
    """
    if not df > 1:
        raise ValueError(f"sensitivity needs more than one degree of freedom, not {df}")
    if not 0 < share <= 1:
        raise ValueError(f"share must lie above zero and not above one, not {share}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between zero and one, not {level}")
    f = abs(t) / np.sqrt(df)
    critical = stats.t.ppf((1 + level) / 2, df - 1) / np.sqrt(df - 1)
    return Sensitivity(
        partial_r2=float(t**2 / (t**2 + df)),
        robustness=_value(share * f, 0.0),
        robustness_interval=_value(share * f, float(critical)),
        share=share,
        level=level,
    )


def _value(f: float, critical: float) -> float:
    left = f - critical
    if left <= 0:
        return 0.0
    if critical > 0 and f > 1 / critical:
        return float((f**2 - critical**2) / (1 + f**2))
    return float((np.sqrt(left**4 + 4 * left**2) - left**2) / 2)


def adjusted_estimate(
    estimate: float, se: float, df: float, exposure: float, response: float
) -> tuple[float, float]:
    """Return coefficient and standard error, had a confounder of this strength been held fixed.

    Parameters
    ----------
    estimate, se, df : float
        As found without the confounder; `df` are residual degrees of freedom.
    exposure, response : float
        Shares of what is left of the exposure and of the response that the confounder explains, below one.
        The confounder is taken to work in the direction of the estimate.

    Notes
    -----
    ``bias = se sqrt(df) sqrt(response exposure / (1 - exposure))`` and the error's factor is
    ``sqrt((1 - response) / (1 - exposure) df / (df - 1))`` (eq. 13 and 14 of the article above).
    """
    if not (0 <= exposure < 1 and 0 <= response <= 1):
        raise ValueError("shares of variance lie between zero and one, that of the exposure below one")
    bias = se * np.sqrt(df) * np.sqrt(response * exposure / (1 - exposure))
    error = se * np.sqrt((1 - response) / (1 - exposure) * df / (df - 1))
    return float(estimate - np.sign(estimate) * bias), float(error)
