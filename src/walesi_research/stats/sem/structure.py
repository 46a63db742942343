"""Means and covariances that a model implies, and their derivatives, for one group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .parameters import Parameter, Table

__all__ = ["Implied", "Structure", "structures"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]
_PATHS = ("=~", "~")


@dataclass(frozen=True, slots=True)
class Implied:
    """What a model implies at given parameters, for v variables of which the first p are observed.

    Attributes
    ----------
    total : ndarray, shape (v, v)
        Total effects ``B = (I - A)^-1``.
    covariance : ndarray, shape (v, v)
        ``C = B S B'``, of latent variables too.
    mean : ndarray, shape (v,)
        ``B m``.
    paths, disturbances, intercepts : ndarray
        A, S, and m.
    p : int
    """

    total: Array
    covariance: Array
    mean: Array
    paths: Array
    disturbances: Array
    intercepts: Array
    p: int

    @property
    def sigma(self) -> Array:
        """Covariances of the observed variables, shape (p, p)."""
        return self.covariance[: self.p, : self.p]

    @property
    def mu(self) -> Array:
        """Means of the observed variables, shape (p,)."""
        return self.mean[: self.p]


@dataclass(frozen=True, slots=True)
class Structure:
    """The reticular action model of one group: ``v = A v + e``, ``e`` with means m and covariances S.

    Attributes
    ----------
    names : tuple of str
        The p observed variables, then the latent ones.
    p : int
    paths, disturbances, intercepts : ndarray
        A, S and m with the fixed values, zero where free.
    a_row, a_column, s_row, s_column, m_row : ndarray of int
        Where the free entries of A, S and m are; K of them in all, in that order.
    free : ndarray of int, shape (K,)
        Which free parameter of the model each is.
    size : int
        Free parameters of the model, those of other groups included.
    exogenous : ndarray of int
        Observed variables whose block of S and entries of m are the sample's.

    Notes
    -----
    McArdle and McDonald (1984), British Journal of Mathematical and Statistical Psychology 37, 234–251. Each
    entry changes Sigma in rank two, ``u v' + v u'``: with columns of B and C in the rows of the observed
    variables, an entry ij of A has ``u = B_i, v = C_j``; one of S ``u = B_i, v = B_j``, halved on its
    diagonal.
    """

    names: tuple[str, ...]
    p: int
    paths: Array
    disturbances: Array
    intercepts: Array
    a_row: Index
    a_column: Index
    s_row: Index
    s_column: Index
    m_row: Index
    free: Index
    size: int
    exogenous: Index

    def implied(self, theta: Array) -> Implied:
        """Return what the model implies at the free parameters, shape (size,)."""
        entries = theta[self.free]
        a, s = len(self.a_row), len(self.s_row)
        paths, disturbances, intercepts = self.paths.copy(), self.disturbances.copy(), self.intercepts.copy()
        paths[self.a_row, self.a_column] = entries[:a]
        disturbances[self.s_row, self.s_column] = entries[a : a + s]
        disturbances[self.s_column, self.s_row] = entries[a : a + s]
        intercepts[self.m_row] = entries[a + s :]
        total = np.linalg.inv(np.eye(len(paths)) - paths)
        covariance = total @ disturbances @ total.T
        return Implied(total, covariance, total @ intercepts, paths, disturbances, intercepts, self.p)

    def directions(self, at: Implied) -> tuple[Array, Array, Array]:
        """Return U, V and D, each of shape (p, K).

        The derivative of Sigma in entry k is ``u_k v_k' + v_k u_k'``, that of mu is ``d_k``.
        """
        b, c = at.total[: self.p], at.covariance[: self.p]
        half = np.where(self.s_row == self.s_column, 0.5, 1.0)
        still = np.zeros((self.p, len(self.m_row)))
        u = np.hstack([b[:, self.a_row], b[:, self.s_row], still])
        v = np.hstack([c[:, self.a_column], b[:, self.s_column] * half, still])
        d = np.hstack(
            [
                b[:, self.a_row] * at.mean[self.a_column],
                np.zeros((self.p, len(self.s_row))),
                b[:, self.m_row],
            ]
        )
        return u, v, d

    def curvature(self, at: Implied, weight: Array, tilt: Array) -> Array:
        """Return the second derivatives of ``tr(W Sigma) + t' mu`` in the entries, shape (K, K).

        Parameters
        ----------
        at : Implied
        weight : ndarray, shape (p, p)
            W, symmetric.
        tilt : ndarray, shape (p,)
            t.

        Notes
        -----
        With ``M = B'WB``, ``N = B'WC`` and ``h = B't``, between entries ij and kl of A it is
        ``2 (B_li N_kj + M_ik C_lj + N_il B_jk) + B_li h_k mean_j + h_i B_jk mean_l``; between ij of S and kl
        of A ``2 (B_li M_kj + M_ik B_lj)``, halved on the diagonal of S; between i of m and kl of A
        ``B_li h_k``; and zero elsewhere.
        """
        b, c, mean = at.total, at.covariance, at.mean
        bw = b[: self.p].T @ weight
        m, n, h = bw @ b[: self.p], bw @ c[: self.p], b[: self.p].T @ tilt
        k, el = self.a_row, self.a_column
        i, j = k[:, None], el[:, None]
        aa = 2 * (b[el, i] * n[k, j] + m[i, k] * c[el, j] + n[i, el] * b[j, k])
        aa += b[el, i] * h[k] * mean[j] + h[i] * b[j, k] * mean[el]
        i, j = self.s_row[:, None], self.s_column[:, None]
        sa = np.where(i == j, 1.0, 2.0) * (b[el, i] * m[k, j] + m[i, k] * b[el, j])
        ma = b[el, self.m_row[:, None]] * h[k]
        out = np.zeros((len(self.free), len(self.free)))
        end = len(k)
        out[:end, :end] = aa
        out[end:, :end] = np.vstack([sa, ma])
        out[:end, end:] = out[end:, :end].T
        return out

    def gathered(self, values: Array) -> Array:
        """Sum what belongs to entries by free parameters: (K,) to (size,), (K, K) to (size, size)."""
        if values.ndim == 1:
            return np.bincount(self.free, values, self.size)
        if len(self.free) == self.size and (self.free[1:] > self.free[:-1]).all():
            return values
        rows = np.zeros((self.size, values.shape[1]))
        np.add.at(rows, self.free, values)
        out = np.zeros((self.size, self.size))
        np.add.at(out.T, self.free, rows.T)
        return out

    def by_parameter(self, values: Array) -> Array:
        """Sum the columns of an array of shape (n, K) by free parameters, to (n, size)."""
        out = np.zeros((self.size, len(values)))
        np.add.at(out, self.free, values.T)
        return out.T

    def at_sample(self, mean: Array | None, covariance: Array) -> Structure:
        """Return the structure with the exogenous variables' moments set to those given, of all observed.

        Without means these are taken to be zero.
        """
        if not len(self.exogenous):
            return self
        disturbances, intercepts = self.disturbances.copy(), self.intercepts.copy()
        x = np.ix_(self.exogenous, self.exogenous)
        disturbances[x] = covariance[x]
        intercepts[self.exogenous] = 0.0 if mean is None else mean[self.exogenous]
        return replace(self, disturbances=disturbances, intercepts=intercepts)


def structures(table: Table) -> tuple[Structure, ...]:
    """Return the structure of each group; moments of exogenous variables are zero until set."""
    return tuple(_structure(table, group) for group in range(table.groups))


def _structure(table: Table, group: int) -> Structure:
    names = (*table.observed, *table.latent)
    where = {name: i for i, name in enumerate(names)}
    own = [(p, f) for p, f in zip(table.parameters, table.free, strict=True) if p.group == group]
    v = len(names)
    paths, disturbances, intercepts = np.zeros((v, v)), np.zeros((v, v)), np.zeros(v)
    for p, _ in own:
        value = 0.0 if p.fixed is None or np.isnan(p.fixed) else p.fixed
        i, j = cell(p, where)
        if p.op == "~1":
            intercepts[i] = value
        elif p.op == "~~":
            disturbances[i, j] = disturbances[j, i] = value
        else:
            paths[i, j] = value
    free = [(p, f) for p, f in own if f >= 0]
    a = [(*cell(p, where), f) for p, f in free if p.op in _PATHS]
    s = [(*cell(p, where), f) for p, f in free if p.op == "~~"]
    m = [(*cell(p, where), f) for p, f in free if p.op == "~1"]
    return Structure(
        names=names,
        p=len(table.observed),
        paths=paths,
        disturbances=disturbances,
        intercepts=intercepts,
        a_row=_column(a, 0),
        a_column=_column(a, 1),
        s_row=_column(s, 0),
        s_column=_column(s, 1),
        m_row=_column(m, 0),
        free=_column([*a, *s, *m], 2),
        size=table.size,
        exogenous=np.array([where[name] for name in table.exogenous], int),
    )


def cell(p: Parameter, where: dict[str, int]) -> tuple[int, int]:
    """Return the row and column of a parameter in A or S; its row, twice, for an intercept."""
    if p.op == "=~":
        return where[p.rhs], where[p.lhs]
    return where[p.lhs], where[p.rhs or p.lhs]


def _column(cells: Sequence[tuple[int, int, int]], k: int) -> Index:
    return np.array([c[k] for c in cells], int)
