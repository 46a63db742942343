"""The iteration of partial least squares, on batches of correlation matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .model import PathModel
from .structure import coefficients

__all__ = ["Scheme", "Weights", "composite_correlations", "outer_weights"]

Array = NDArray[np.float64]
Scheme = Literal["path", "factor", "centroid"]


@dataclass(frozen=True, slots=True)
class Weights:
    """Outer weights of b samples.

    Attributes
    ----------
    values : ndarray, shape (b, p, k)
        For composites of variance one; zero where an item does not belong to a construct.
    iterations : ndarray of int, shape (b,)
        Changes of the weights until they stood still.
    converged : ndarray of bool, shape (b,)
    """

    values: Array
    iterations: NDArray[np.int64]
    converged: NDArray[np.bool_]


def outer_weights(
    r: Array, model: PathModel, scheme: Scheme = "path", *, tolerance: float = 1e-7, most: int = 300
) -> Weights:
    """Return the outer weights of partial least squares.

    Parameters
    ----------
    r : ndarray, shape (b, p, p)
        Correlations of the items, in the order of `model.items`.
    model : PathModel
    scheme : {"path", "factor", "centroid"}
        Inner weights: those who lead to a construct by their regression coefficients and those it leads to
        by their correlations (default); all by correlations; all by their signs.
    tolerance : float
        Sum of the absolute changes of all weights at which a sample is done.
    most : int
        Iterations after which a sample counts as not converged.

    Returns
    -------
    Weights

    Notes
    -----
    Wold (1982); Lohmöller (1989), Latent Variable Path Modeling with Partial Least Squares. From weights of
    one, and no sign is turned afterwards, as in seminr: a composite points where most of its items point.
    """
    member = model.member
    w = _scaled(np.broadcast_to(member.astype(float), (len(r), *member.shape)), r)
    values, iterations = w.copy(), np.full(len(r), most)
    converged, active = np.zeros(len(r), dtype=bool), np.arange(len(r))
    inverses = {k: np.linalg.inv(r[:, b, b]) for k, b in enumerate(model.blocks) if model.modes[k] == "B"}
    for step in range(1, most + 1):
        new = _next(w, r, model, member, inverses, scheme)
        still = np.abs(new - w).sum(axis=(1, 2)) < tolerance
        values[active] = w = new
        if still.any():
            iterations[active[still]], converged[active[still]] = step, True
            go = ~still
            active, w, r = active[go], w[go], r[go]
            inverses = {k: m[go] for k, m in inverses.items()}
        if not len(active):
            break
    return Weights(values, iterations, converged)


def composite_correlations(w: Array, r: Array) -> Array:
    """Return the correlations of composites, ``w' r w``, shape (b, k, k)."""
    return w.swapaxes(1, 2) @ (r @ w)


def _next(
    w: Array, r: Array, model: PathModel, member: NDArray, inverses: dict[int, Array], scheme: Scheme
) -> Array:
    with_composites = r @ w
    c = w.swapaxes(1, 2) @ with_composites
    new = with_composites @ _inner(c, model, scheme) * member
    for k, inverse in inverses.items():
        block = model.blocks[k]
        new[:, block, k] = (inverse @ new[:, block, k, None])[:, :, 0]
    return _scaled(new, r)


def _inner(c: Array, model: PathModel, scheme: Scheme) -> Array:
    """Return the inner weights: column k weighs the neighbours of construct k, shape (b, k, k)."""
    if scheme == "path":
        return c * model.paths.T + coefficients(c, model)
    neighbours = model.paths | model.paths.T
    return (c if scheme == "factor" else np.sign(c)) * neighbours


def _scaled(w: Array, r: Array) -> Array:
    variance = np.einsum("bpk,bpk->bk", w, r @ w)
    return w / np.sqrt(variance)[:, None, :]
