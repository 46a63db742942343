"""Sparse Cholesky factors by dense fronts, and the entries of the inverse on the pattern of the matrix.

Connected components are apart from the start. Within one, nodes are eliminated by minimum degree; those with
the same neighbours go together (a front: pivots and the border they leave behind); once what remains is
nearly full it is one dense front. Fronts of equal shape at equal height are worked on together. So LAPACK
factorises a full matrix as it is, thousands of small blocks in a few calls, and districts that a few people
link by their blocks and a small border.

Duff and Reid (1983), ACM Transactions on Mathematical Software 9, 302–325; Liu (1992), SIAM Review 34,
82–109; the inverse on the pattern after Takahashi as in Erisman and Tinney (1975), Communications of the ACM
18, 177–179.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from scipy.sparse import csgraph

__all__ = ["Factor", "Plan", "plan"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

_FULL = 0.6
"""Nodes each joined to this share of those left are eliminated as one dense front."""
_SMALL = 24
"""A component of no more nodes is one dense front."""
_PASSING, _CALLS = 400, 1e6
"""What a number passed from border to parent, and a front's calls, cost in multiplications of LAPACK's."""


# ── the plan: which nodes are eliminated together, and where everything lies ─────────────────────────────


@dataclass(frozen=True, slots=True)
class Batch:
    """Fronts of one shape: k of them, each with s pivots and a border of b.

    Attributes
    ----------
    start : int
        Where the fronts, k matrices of order s + b, lie in the workspace.
    pivots : ndarray of int, shape (k, s)
    border : ndarray of int, shape (k, b)
    target : ndarray of int, shape (k, b, b)
        Where in the workspace the border's matrix is passed on to.
    """

    start: int
    pivots: Index
    border: Index
    target: Index

    @property
    def order(self) -> int:
        """Rows of each front."""
        return self.pivots.shape[1] + self.border.shape[1]

    def view(self, work: Array) -> Array:
        """Return the fronts in a workspace, shape (k, order, order)."""
        k, m = len(self.pivots), self.order
        return work[self.start : self.start + k * m * m].reshape(k, m, m)


@dataclass(frozen=True, slots=True)
class Plan:
    """How matrices of one pattern are factorised.

    Attributes
    ----------
    size : int
        Order of the matrix.
    entry : ndarray of int, shape (entries,)
        Where each given entry lies in the workspace.
    batches : tuple of Batch
        In order of elimination.
    length : int
        Of the workspace.
    """

    size: int
    entry: Index
    batches: tuple[Batch, ...]
    length: int

    def factor(self, values: Array) -> Factor:
        """Factorise the matrix with these entries, shape (entries,); LinAlgError if not positive definite."""
        work = np.zeros(self.length)
        work[self.entry] = values
        for batch in self.batches:
            front, s = batch.view(work), batch.pivots.shape[1]
            _factor_in_place(front[:, :s, :s])
            if batch.border.size:
                below = _divide(front[:, :s, :s], front[:, s:, :s])
                front[:, s:, :s] = below
                passed = front[:, s:, s:] - below @ below.swapaxes(1, 2)
                if len(front) == 1:
                    work[batch.target] += passed
                else:  # two fronts may pass on to one place
                    np.add.at(work, batch.target, passed)
        return Factor(self, work)


def plan(size: int, rows: Index, columns: Index) -> Plan:
    """Plan the factorisation of a symmetric matrix.

    Parameters
    ----------
    size : int
    rows, columns : ndarray of int, shape (entries,)
        Places of the entries, one of each mirrored pair, the diagonal among them.
    """
    fronts = list(_fronts(size, rows, columns))
    rank = np.empty(size, np.int64)
    rank[np.concatenate([p for p, _ in fronts] or [np.empty(0, np.int64)])] = np.arange(size)
    fronts = [(p, b[np.argsort(rank[b])]) for p, b in fronts]
    home = np.empty(size, np.int64)
    for i, (pivots, _) in enumerate(fronts):
        home[pivots] = i
    groups = _grouped(fronts, home)
    start, order = np.empty(len(fronts), np.int64), np.array([len(p) + len(b) for p, b in fronts], np.int64)
    length = 0
    for i in (i for group in groups for i in group):
        start[i], length = length, length + int(order[i]) ** 2
    where = _places(fronts, size)
    first = np.where(rank[rows] < rank[columns], rows, columns)
    at = home[first]
    a, b = where(at, rows), where(at, columns)
    entry = start[at] + np.maximum(a, b) * order[at] + np.minimum(a, b)
    return Plan(
        size, entry, tuple(_batch(group, fronts, home, start, order, where) for group in groups), length
    )


def _fronts(size: int, rows: Index, columns: Index) -> Iterator[tuple[Index, Index]]:
    """Yield pivots and border of each front, children before parents."""
    if size == 0:
        return
    graph = sparse.csr_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(size, size))
    graph = sparse.csr_array(graph + graph.T)
    count, label = csgraph.connected_components(graph, directed=False)
    nodes = np.argsort(label, kind="stable")
    links = np.bincount(label, np.diff(graph.indptr), count)
    parts = np.split(nodes, np.cumsum(np.bincount(label, minlength=count))[:-1])
    for part, inside in zip(parts, links, strict=True):
        if len(part) <= _SMALL or inside >= _FULL * len(part) ** 2:
            yield part, part[:0]
        else:
            parted = list(_eliminated(graph, part))
            yield from parted if _cost(parted) < _cost([(part, part[:0])]) else [(part, part[:0])]


def _cost(fronts: list[tuple[Index, Index]]) -> float:
    """Return about how many operations fronts cost, theirs and what passing on their borders takes."""
    shape = np.array([(len(pivots), len(border)) for pivots, border in fronts], float)
    own, below = shape.T
    work = own**3 / 3 + own**2 * below + own * below**2
    return float((work + _PASSING * below**2).sum() + _CALLS * len(fronts))


def _eliminated(graph: sparse.csr_array, part: Index) -> Iterator[tuple[Index, Index]]:
    """Yield the fronts of one component; neighbours are kept as the bits of whole numbers."""
    beside = _bits(graph[part][:, part])
    queue = [(n.bit_count(), i) for i, n in enumerate(beside)]
    heapq.heapify(queue)
    left = set(range(len(part)))
    while left:
        degree, pivot = heapq.heappop(queue)
        if pivot not in left or degree != beside[pivot].bit_count():
            continue
        if degree >= _FULL * len(left) or len(left) <= _SMALL:
            yield part[sorted(left)], part[:0]
            return
        near = _members(beside[pivot])
        together, shared = [pivot], beside[pivot] | 1 << pivot
        for i in near:  # all neighbours of the pivot become neighbours of each other
            beside[i] |= shared
            if beside[i] == shared:
                together.append(i)
        gone = sum(1 << i for i in together)
        border = [i for i in near if not gone >> i & 1]
        for i in border:
            beside[i] &= ~(gone | 1 << i)
            heapq.heappush(queue, (beside[i].bit_count(), i))
        left.difference_update(together)
        yield part[together], part[border]


def _bits(graph: sparse.csr_array) -> list[int]:
    """Return the neighbours of each node, itself left out, as bits."""
    packed = np.packbits(graph.toarray() != 0, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") & ~(1 << i) for i, row in enumerate(packed)]


def _members(bits: int) -> list[int]:
    packed = np.frombuffer(bits.to_bytes((bits.bit_length() + 7) // 8, "little"), np.uint8)
    return np.flatnonzero(np.unpackbits(packed, bitorder="little")).tolist()


def _grouped(fronts: list[tuple[Index, Index]], home: Index) -> list[list[int]]:
    """Return positions of fronts of one height and shape, lowest first."""
    height = [0] * len(fronts)
    for i, (_, border) in enumerate(fronts):
        if len(border):
            parent = home[border[0]]
            height[parent] = max(height[parent], height[i] + 1)
    groups: dict[tuple[int, int, int], list[int]] = {}
    for i, (pivots, border) in enumerate(fronts):
        groups.setdefault((height[i], len(pivots), len(border)), []).append(i)
    return [groups[key] for key in sorted(groups)]


def _places(fronts: list[tuple[Index, Index]], size: int):
    """Return the function that finds nodes' places within given fronts."""
    members = [np.empty(0, np.int64)] if not fronts else [np.concatenate(front) for front in fronts]
    length = np.array([len(m) for m in members])
    key = np.repeat(np.arange(len(members)), length) * size + np.concatenate(members)
    place = np.arange(len(key)) - np.repeat(np.cumsum(length) - length, length)
    order = np.argsort(key)
    key, place = key[order], place[order]
    return lambda front, node: place[np.searchsorted(key, front * size + node)]


def _batch(group: list[int], fronts, home: Index, start: Index, order: Index, where) -> Batch:
    pivots, border = (np.stack([fronts[i][side] for i in group]) for side in (0, 1))
    target = np.empty((*border.shape, border.shape[1]), np.int64)
    if border.size:
        parent = np.broadcast_to(home[border[:, :1]], border.shape)
        at = where(parent, border)
        base, width = start[parent[:, 0]][:, None, None], order[parent[:, 0]][:, None, None]
        target = base + at[:, :, None] * width + at[:, None, :]
    return Batch(int(start[group[0]]), pivots, border, target)


# ── the factor ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Factor:
    """L of ``L L'``, each front holding its pivots' columns."""

    plan: Plan
    work: Array

    def logdet(self) -> float:
        """Return the logarithm of the determinant of the matrix."""
        return 2 * sum(float(np.log(np.einsum("kii->ki", own)).sum()) for _, own, _ in self._columns())

    def forward(self, b: Array) -> Array:
        """Return ``L^-1 b``, b of shape (size, c)."""
        x = np.array(b, float)
        for batch, own, below in self._columns():
            x[batch.pivots] = solved = _solve(own, x[batch.pivots])
            if batch.border.size:
                np.subtract.at(x, batch.border, below @ solved)
        return x

    def backward(self, b: Array) -> Array:
        """Return ``L'^-1 b``, b of shape (size, c)."""
        x = np.array(b, float)
        for batch, own, below in reversed(list(self._columns())):
            right = x[batch.pivots]
            if batch.border.size:
                right -= below.swapaxes(1, 2) @ x[batch.border]
            x[batch.pivots] = _solve(own, right, transposed=True)
        return x

    def inverse_entries(self) -> Array:
        """Return the entries of the inverse at the places of the matrix's own, shape (entries,)."""
        out = np.empty_like(self.work)
        for batch, own, below in reversed(list(self._columns())):
            front, s = batch.view(out), batch.pivots.shape[1]
            if not batch.border.size:
                _inverse_into(front, own)
                continue
            outer = _mirrored(out[batch.target])
            root = _inverse_lower(own)
            passed = below @ root
            cross = -outer @ passed
            front[:, s:, s:], front[:, s:, :s] = outer, cross
            front[:, :s, :s] = root.swapaxes(1, 2) @ root - passed.swapaxes(1, 2) @ cross
        return out[self.plan.entry]

    def _columns(self) -> Iterator[tuple[Batch, Array, Array]]:
        for batch in self.plan.batches:
            front, s = batch.view(self.work), batch.pivots.shape[1]
            yield batch, front[:, :s, :s], front[:, s:, :s]


# Of a symmetric matrix only the lower triangle counts; a lone one is worked on in place by LAPACK, which sees
# rows as columns and so the lower triangle as the upper.


def _factor_in_place(a: Array) -> None:
    if len(a) > 1:
        a[...] = np.linalg.cholesky(a)
        return
    upper, info = linalg.lapack.dpotrf(a[0].T, lower=0, clean=1, overwrite_a=1)
    if info:
        raise np.linalg.LinAlgError("the matrix is not positive definite")
    if not np.shares_memory(upper, a):
        a[0] = upper.T


def _solve(lower: Array, b: Array, *, transposed: bool = False) -> Array:
    if len(lower) == 1:
        return linalg.solve_triangular(lower[0].T, b[0], trans=int(not transposed), check_finite=False)[None]
    return np.linalg.solve(lower.swapaxes(1, 2) if transposed else lower, b)


def _divide(lower: Array, b: Array) -> Array:
    """Return ``b lower'^-1``."""
    return _solve(lower, b.swapaxes(1, 2)).swapaxes(1, 2)


def _inverse_lower(lower: Array) -> Array:
    if len(lower) == 1:
        return linalg.lapack.dtrtri(lower[0], lower=1)[0][None]
    return np.linalg.inv(lower)


def _inverse_into(out: Array, lower: Array) -> None:
    if len(lower) == 1:
        out[0] = lower[0]
        found, _ = linalg.lapack.dpotri(out[0].T, lower=0, overwrite_c=1)
        if not np.shares_memory(found, out):
            out[0] = found.T
        return
    root = np.linalg.inv(lower)
    out[...] = root.swapaxes(1, 2) @ root


def _mirrored(a: Array) -> Array:
    low = np.tril(a)
    return low + np.tril(a, -1).swapaxes(1, 2)
