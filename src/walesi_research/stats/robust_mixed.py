"""CR2 errors for the fixed effects of a model with crossed random intercepts.

Clusters (employees) do not nest in the other factors (raters), so that no grouping of rows makes V
block-diagonal. The estimator takes the two apart. With ``V = F + Z G Z'``, F block-diagonal by cluster
(residual and the clusters' own intercept) and Z the other factors, generalised least squares is a penalised
regression on [X, Z] and ::

    b - beta = M X~'F^-1 u + M X'V^-1 Z g,    X~ = X - Z (Z'F^-1 Z + G^-1)^-1 Z'F^-1 X,    M = (X'V^-1 X)^-1

u being what cluster and residual add, g the other factors' effects. The variance of the first part is
estimated from the clusters' residuals, whatever their covariance within a cluster is, and adjusted as CR2
does, with the fitted model as working model: ``A_g = B_g^(-1/2)``, ``s B_g`` the covariance of cluster g's
whitened residuals. The second part is taken as modelled; with the raters' means among the columns of X it
is next to nothing for what varies within raters. Degrees of freedom: Satterthwaite, of each part and of
their sum.

Bell and McCaffrey (2002), Survey Methodology 28, 169–181; Pustejovsky and Tipton (2018), Journal of
Business & Economic Statistics 36, 672–683.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from .crossed_likelihood import Errors, Factorised, System, errors, factorise, reduce
from .mixed import MixedFit
from .regression import check_design, codes
from .robust import RobustFit

__all__ = ["cr2_mixed"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

_ABSORBED = 1e-9
"""Eigenvalues of a cluster's residual covariance below it are directions that the fit takes up wholly."""
_CHUNK = 4_000_000
"""Numbers held at a time in a batch of small matrices (32 MB)."""
_WHOLE = 30_000_000
"""Clusters times columns (250 MB), and"""
_COSTLY = 2_000_000_000
"""clusters times squared columns (a second or so), up to which what clusters share through the other factors
enters the degrees of freedom; with more of both these are in the hundreds, and what is left out does not
show."""


def cr2_mixed(
    fit: MixedFit,
    y: ArrayLike,
    X: ArrayLike,
    factors: Mapping[str, ArrayLike],
    by: str,
    *,
    columns: Sequence[int] | None = None,
    level: float = 0.95,
) -> RobustFit:
    """Return the fixed effects of a fitted model with CR2 errors by the levels of one of its factors.

    Parameters
    ----------
    fit : MixedFit
        What `crossed` returned for `y`, `X` and `factors`.
    y : array_like, shape (n,)
    X : array_like, shape (n, p)
    factors : mapping of str to array_like, each of shape (n,)
    by : str
        The factor whose levels are the clusters.
    columns : sequence of int, optional
        The columns of `X` to report, all by default.
    level : float
        Level of the intervals.

    Returns
    -------
    RobustFit
        `captured` is the share of the model's variance that the errors can see, one unless the fit follows a
        cluster wholly.

    Raises
    ------
    ValueError
        If `by` is none of the factors, or the fit is of other data.
    """
    if by not in factors or set(factors) != set(fit.variances):
        raise ValueError(
            f"the model has the factors {', '.join(fit.variances)}; clusters must be one of them"
        )
    y, X = check_design(y, X)
    if len(y) != fit.n:
        raise ValueError(f"the model was fitted to {fit.n} rows, not {len(y)}")
    system = reduce(y, X, factors, fit.reml, first=by)
    f = factorise(system, np.sqrt([fit.variances[k] / fit.residual for k in system.order]))
    among = errors(system, f, fixed=True)
    chosen = np.arange(X.shape[1]) if columns is None else np.asarray(columns)
    wanted = among.root.T @ system.whiten[chosen].T
    batches = _parts(system, f, among, y, X, factors, wanted)
    score, own, seen, through = (np.concatenate(part) for part in zip(*batches, strict=True))
    other, other_df = _as_modelled(fit, system, f, among, wanted)
    covariance = score.T @ score + fit.residual * np.einsum("kic,kid->cd", other, other)
    first, second = np.sum(score**2, axis=0), fit.residual * np.einsum("kic,kic->kc", other, other)
    df1 = _satterthwaite(seen, through)
    df = (first + second.sum(axis=0)) ** 2 / (first**2 / df1 + np.sum(second**2 / other_df[:, None], axis=0))
    coef = fit.coef[chosen]
    se = np.sqrt(np.diag(covariance))
    half = stats.t.ppf((1 + level) / 2, df) * se
    pvalue = 2 * stats.t.sf(np.abs(coef / se), df)
    captured = seen.sum(axis=0) / own.sum(axis=0)
    return RobustFit(
        coef, se, df, coef - half, coef + half, pvalue, captured, covariance, level, len(y), len(score)
    )


def _parts(
    system: System, f: Factorised, among: Errors, y: Array, X: Array, factors: Mapping, wanted: Array
) -> Iterator[tuple[Array, Array, Array, Array]]:
    """Yield, for batches of clusters: scores, variances wanted and seen, and what is shared with others.

    Shapes (G, c), (G, c), (G, c) and (G, shared, c).
    """
    cluster, _ = codes(factors[system.order[0]])
    place = np.concatenate([[0], np.cumsum([len(system.levels[k]) for k in system.order[1:]])]).astype(int)
    column = [codes(factors[k])[0] + at for k, at in zip(system.order[1:], place, strict=False)]
    column = np.column_stack(column) if column else np.empty((len(y), 0), np.int64)
    white = X @ system.whiten
    residual = y - X @ system.start - white @ f.fixed - f.modes[column].sum(axis=1)
    tilde = white @ among.root - among.gain[column].sum(axis=1)
    look = _Lookup(system, among)
    columns = system.q + system.p
    whole = len(system.counts) * columns <= _WHOLE and len(system.counts) * columns**2 <= _COSTLY
    size = system.counts.astype(int)[cluster]
    rows = np.argsort(cluster, kind="stable")
    for m in np.unique(size):
        members = rows[size[rows] == m].reshape(-1, m)
        step = max(1, _CHUNK // (m * (m + system.p) + (system.q if whole else 0)))
        shrink = (1 - (1 + f.theta[0] ** 2 * m) ** -0.5) / m
        for chunk in (members[i : i + step] for i in range(0, len(members), step)):
            yield _clusters(
                system, f, residual[chunk], tilde[chunk], column[chunk], look, shrink, wanted, whole
            )


def _clusters(
    system: System, f: Factorised, residual: Array, tilde: Array, column: Index, look: _Lookup,
    shrink: float, wanted: Array, whole: bool,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    def whitened(a: Array) -> Array:
        return a - shrink * a.sum(axis=1, keepdims=True)

    through = whitened(tilde)
    inner = whitened(whitened(look.blocks(column)).swapaxes(1, 2))
    covariance = np.eye(residual.shape[1]) - inner - through @ through.swapaxes(1, 2)
    value, vector = np.linalg.eigh(covariance)
    power = np.where(value > _ABSORBED, value.clip(_ABSORBED) ** -0.5, 0.0)
    target = through @ wanted
    turned = (vector * power[:, None, :]) @ (vector.swapaxes(1, 2) @ target)
    score = np.einsum("gmc,gm->gc", turned, whitened(residual[:, :, None])[:, :, 0])
    own = np.einsum("gmc,gmc->gc", target, target)
    seen = np.einsum("gmc,gmc->gc", turned, covariance @ turned)
    shared = through.swapaxes(1, 2) @ turned
    if whole and system.q:
        shared = np.concatenate([shared, _by_factor(system, f, column, whitened(turned))], axis=1)
    return score, own, seen, shared


def _by_factor(system: System, f: Factorised, column: Index, values: Array) -> Array:
    """Return ``L^-1 T Z_g' values`` for each cluster, shape (G, q, c)."""
    g, m, c = values.shape
    sums = np.zeros((g, system.q, c))
    for k in range(column.shape[2]):
        np.add.at(sums, (np.repeat(np.arange(g), m), column[:, :, k].ravel()), values.reshape(-1, c))
    scaled = (f.scale[:, None, None] * sums.transpose(1, 0, 2)).reshape(system.q, -1)
    return f.factor.forward(scaled).reshape(system.q, g, c).transpose(1, 0, 2)


class _Lookup:
    """Entries of the covariance of the modes' errors, given the fixed effects, by pairs of rows."""

    def __init__(self, system: System, among: Errors) -> None:
        cells = system.cells
        self._key = cells.first * max(system.q, 1) + cells.second
        self._value = among.inner
        self._q = system.q

    def blocks(self, column: Index) -> Array:
        """Return ``Z_g C Z_g'``, shape (G, m, m), for columns of shape (G, m, factors)."""
        g, m, factors = column.shape
        out = np.zeros((g, m, m))
        for k in range(factors):
            for j in range(factors):
                a, b = column[:, :, None, k], column[:, None, :, j]
                key = np.minimum(a, b) * self._q + np.maximum(a, b)
                out += self._value[np.searchsorted(self._key, key)]
        return out


def _satterthwaite(seen: Array, through: Array) -> Array:
    """Return ``tr(P)² / tr(P²)`` with ``P_gg = seen`` and ``P_gh = -through_g'through_h``, shape (c,)."""
    across = through.transpose(2, 0, 1)
    gram = across.swapaxes(1, 2) @ across
    cross = np.einsum("cij,cij->c", gram, gram) - np.sum(np.sum(across**2, axis=2) ** 2, axis=1)
    return seen.sum(axis=0) ** 2 / (np.sum(seen**2, axis=0) + cross)


def _as_modelled(
    fit: MixedFit, system: System, f: Factorised, among: Errors, wanted: Array
) -> tuple[Array, Array]:
    """Return square roots of the other factors' part of the covariance over s, and its degrees of freedom.

    The part of factor k is ``v_k |Z_k'V^-1 X M c|²`` and ``Z_k'V^-1 X M`` is its gain over its variance
    ratio. Shapes (factors, q, c), zero but for each factor's own rows, and (factors,).
    """
    moved = among.gain @ wanted
    parts, df = [np.zeros_like(moved)], [1.0]
    for k in range(1, len(system.order)):
        if f.theta[k] > 0:
            parts.append(np.where((system.owner == k)[:, None], moved / f.theta[k], 0.0))
            df.append(fit.variance_df(system.order[k]))
    return np.stack(parts), np.array(df)
