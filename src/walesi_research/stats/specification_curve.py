"""The specification curve: every reasonable model of one question, and whether chance alone would draw it.

Simonsohn, Simmons and Nelson (2020), Specification curve analysis, Nature Human Behaviour 4, 1208–1214: all
estimates are looked at together, and the whole curve is computed anew on data in which nothing is associated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from .shuffles import induced
from .specification_model import SpecificationModel

__all__ = ["Curve", "JointTest", "curve", "joint_test", "shuffled_curves"]

Array = NDArray[np.float64]

COUNTED = 199
"""With fewer shuffles the test of the median reads its tail from t, not from how many lie beyond."""


@dataclass(frozen=True)
class Curve:
    """Estimates of S specifications, or of as many on each of B shuffles.

    Attributes
    ----------
    estimate : ndarray, shape (..., S)
    clear : ndarray of bool, shape (..., S)
        Whether the interval leaves zero out.
    """

    estimate: Array
    clear: NDArray[np.bool_]

    @property
    def median(self) -> Array:
        """Median of the estimates, shape (...)."""
        return np.median(self.estimate, axis=-1)

    @property
    def dominant(self) -> Array:
        """Share of the estimates that have the more frequent sign, shape (...)."""
        above = np.mean(self.estimate > 0, axis=-1)
        return np.maximum(above, 1 - above)

    @property
    def clear_share(self) -> Array:
        """Share of the estimates with an interval off zero on the more frequent of its two sides."""
        above = np.mean(self.clear & (self.estimate > 0), axis=-1)
        return np.maximum(above, np.mean(self.clear, axis=-1) - above)

    def agreeing(self, with_: int) -> float:
        """Share of the estimates with the sign of the estimate at `with_`."""
        return float(np.mean(np.sign(self.estimate) == np.sign(self.estimate[with_])))


@dataclass(frozen=True)
class JointTest:
    """How often shuffled data give a curve as far from nothing: by median, dominant sign and clear share."""

    median: float
    dominant: float
    clear: float


def curve(models: Sequence[SpecificationModel], column: int, level: float = 0.95) -> Curve:
    """Return the observed curve of one predictor.

    Parameters
    ----------
    models : sequence of SpecificationModel
    column : int
        Position of the predictor among the columns of each model.
    level : float
    """
    found = [model.at(column).fit(model.y[:, None], level) for model in models]
    return Curve(np.array([e[0] for e, _ in found]), np.array([c[0] for _, c in found]))


def shuffled_curves(
    models: Sequence[SpecificationModel],
    column: int,
    shuffles: NDArray[np.int64],
    groups: NDArray,
    level: float = 0.95,
) -> Curve:
    """Return the curve of one predictor on shuffled data, whose coefficient is zero in every model.

    Parameters
    ----------
    models : sequence of SpecificationModel
    column : int
    shuffles : ndarray of int, shape (N, B)
        Permutations of all N people, such as `shuffles.within`; people of one model are shuffled by the
        permutation that it induces among them, so that all models see the same shuffle.
    groups : ndarray, shape (N,)
        Whom the shuffles leave among each other.
    level : float

    Returns
    -------
    Curve
        Shapes (B, S).

    Notes
    -----
    Freedman and Lane (1983), Journal of Business & Economic Statistics 1, 292–298: residuals of the model
    without the predictor are permuted and added to its fitted values. Predictor and controls stay as they
    are, so their relations do. The estimators are regression equivariant, so nothing need be added.
    """
    found: list[tuple[Array, Array]] = []
    places: dict[bytes, NDArray[np.int64]] = {}
    for model in models:
        key = model.rows.tobytes()
        if key not in places:
            places[key] = induced(shuffles, model.rows)
        focus = model.at(column)
        found.append(focus.fit(focus.reduced_residual(groups[model.rows])[places[key]], level))
    return Curve(np.column_stack([e for e, _ in found]), np.column_stack([c for _, c in found]))


def joint_test(observed: Curve, shuffled: Curve) -> JointTest:
    """Ask how often shuffled data give a curve at least as far from nothing as the observed one.

    Returns
    -------
    JointTest
        Two-sided for the median, about the mean of the shuffled medians (shuffles within units keep what
        lies between units); the shares are far where they are large. ``(1 + beyond) / (1 + B)``: Phipson and
        Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9, 39. With fewer than 199
        shuffles the test of the median takes the shuffled medians for draws of a normal distribution.
    """
    return JointTest(
        _two_sided(float(observed.median), shuffled.median),
        _at_least(float(observed.dominant), shuffled.dominant),
        _at_least(float(observed.clear_share), shuffled.clear_share),
    )


def _two_sided(value: float, drawn: Array) -> float:
    centre = drawn.mean()
    if len(drawn) >= COUNTED:
        return _at_least(abs(value - centre), abs(drawn - centre))
    spread = drawn.std(ddof=1) * np.sqrt(1 + 1 / len(drawn))
    if spread == 0:
        return 1.0
    return float(2 * stats.t.sf(abs(value - centre) / spread, len(drawn) - 1))


def _at_least(value: float, drawn: Array) -> float:
    return float((1 + np.sum(drawn >= value - 1e-12)) / (1 + len(drawn)))
