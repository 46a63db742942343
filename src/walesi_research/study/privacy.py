"""The disclosure rule of every table and finding: no figure rests on fewer people than the study allows.

A count under the minimum is suppressed, and with it other cells wherever a total that is known would give it
away (complementary suppression). Counts are rounded to a base, shares to 0.01.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

__all__ = ["round_count", "round_share", "suppress"]

Cell = tuple[int, int]
Counts = tuple[tuple[int, ...], ...]


def round_count(n, base: int):
    """Return a count of people rounded to a multiple of `base`, halves up.

    Parameters
    ----------
    n : int or array of int
        One count or several.
    base : int
        ``round_counts`` of the study; 1 leaves counts as they are.
    """
    rounded = np.floor(np.asarray(n) / base + 0.5).astype(int) * base
    return int(rounded) if rounded.ndim == 0 else rounded


def round_share(x):
    """Return a descriptive share (between 0 and 1), or several, rounded to 0.01; NaN stays NaN."""
    rounded = np.floor(np.asarray(x, dtype=float) * 100 + 0.5) / 100
    return float(rounded) if rounded.ndim == 0 else rounded


def suppress(counts: np.ndarray, minimum: int) -> np.ndarray:
    """Say which cells of a table of counts may not be shown.

    Parameters
    ----------
    counts : array of int, shape (k,) or (r, c)
        People in each cell. The total of a one-way table and both margins of a two-way table are taken to be
        known to the reader.
    minimum : int
        Fewest people a shown cell may rest on.

    Returns
    -------
    array of bool, shape of `counts`
        True where the cell must be hidden.

    Notes
    -----
    Every count under `minimum` is hidden, zeros too. Further cells are hidden until (a) no hidden cell can be
    derived: there is another table of whole numbers, none negative, with the same shown cells and margins and
    another count in that cell; and (b) the hidden cells of a line (the table, or a row or column) that holds
    `minimum` people or more sum to at least `minimum`, for their sum is what a reader can derive.

    For two-way tables a hidden cell is safe if it lies on a cycle of hidden cells along which counts can be
    raised and lowered by one in turn; the cycle that needs the fewest further people hidden is found as a
    shortest path (network formulation of complementary suppression: Castro, 'Recent advances in optimization
    techniques for statistical tabular data protection', EJOR 216, 2012, section 3).

    What no choice of cells can hide is left to whoever shows the margins: a total under `minimum` must not be
    shown, and where all people are in one row or one column its margin gives every cell away.
    """
    counts = np.asarray(counts)
    if counts.ndim == 1:
        return _one_way(counts, minimum)
    if counts.ndim == 2 and not counts.size:
        return np.zeros(counts.shape, bool)
    if counts.ndim == 2:
        return _two_way(tuple(map(tuple, counts.tolist())), minimum).copy()
    raise ValueError(f"a table of counts has one or two dimensions, not {counts.ndim}")


def _one_way(counts: np.ndarray, minimum: int) -> np.ndarray:
    hidden = counts < minimum
    if not hidden.any():
        return hidden
    for i in np.argsort(counts, kind="stable"):  # the smallest lose the least; one alone is under the minimum
        if counts[hidden].sum() >= minimum:
            break
        hidden[i] = True
    return hidden


@lru_cache(maxsize=64)  # a table is shown in two languages
def _two_way(cells: Counts, minimum: int) -> np.ndarray:
    counts = np.array(cells)
    hidden = counts < minimum
    if min(counts.shape) == 1:
        return hidden  # each cell is a margin of its own
    before = -1
    while hidden.sum() != before:
        before = hidden.sum()
        _fill_lines(counts, hidden, minimum)
        for i, j in zip(*np.nonzero(hidden), strict=True):
            if not _protect(cells, hidden, int(i), int(j)):
                return np.ones_like(hidden)  # all people in one row or column: nothing of it can be shown
    return hidden


def _fill_lines(counts: np.ndarray, hidden: np.ndarray, minimum: int) -> None:
    """Hide further cells of a line until those hidden hold `minimum` people (rule b)."""
    for line, mask in [*zip(counts, hidden, strict=True), *zip(counts.T, hidden.T, strict=True)]:
        for j in np.argsort(line, kind="stable"):
            if not mask.any() or line[mask].sum() >= minimum:
                break
            mask[j] = True


def _protect(counts: Counts, hidden: np.ndarray, i: int, j: int) -> bool:
    """Hide the cells of the cheapest cycle through a hidden cell; False where there is none."""
    if sum(counts[i]) == 0 or sum(line[j] for line in counts) == 0:
        return True  # an empty line gives its zeros away whatever is hidden
    if _square(np.asarray(counts) > 0, hidden, i, j):
        return True
    free = hidden.tolist()
    ways = [_cycle(counts, free, i, j, raised) for raised in (True, False) if raised or counts[i][j] > 0]
    found = [way for way in ways if way is not None]
    if not found:
        return False
    for row, column in min(found)[1]:
        hidden[row, column] = True
    return True


def _square(people: np.ndarray, hidden: np.ndarray, i: int, j: int) -> bool:
    """Tell whether a cell lies on a cycle of four hidden cells: nothing further need be hidden for it."""
    corner = hidden & hidden[:, [j]] & hidden[[i], :]
    corner[i], corner[:, j] = False, False
    raised = corner & people[:, [j]] & people[[i], :]
    return bool(raised.any() or (people[i, j] and (corner & people).any()))


def _cycle(
    counts: Counts, hidden: list[list[bool]], i: int, j: int, raised: bool
) -> tuple[int, list[Cell]] | None:
    """Return the cost and the cells of the cheapest cycle that raises (or lowers) cell ``(i, j)`` by one.

    Nodes are rows (0 … r-1) and columns (r …). Going from a row to a column raises the cell between them,
    going back lowers it, which needs at least one person in it. Hidden cells cost nothing, others the people
    they hide and one.
    """
    r = len(counts)
    start, goal = (r + j, i) if raised else (i, r + j)
    queue, seen, came = [(0, start)], set(), {start: (0, -1)}
    while queue:
        cost, node = heapq.heappop(queue)
        if node == goal:
            return cost, list(_path(came, goal, r))
        if node in seen:
            continue
        seen.add(node)
        for other, (row, column) in _steps(counts, node, r):
            if (row, column) == (i, j):
                continue
            reached = cost + (0 if hidden[row][column] else counts[row][column] + 1)
            if other not in came or reached < came[other][0]:
                came[other] = (reached, node)
                heapq.heappush(queue, (reached, other))
    return None


def _steps(counts: Counts, node: int, r: int) -> Iterator[tuple[int, Cell]]:
    if node < r:
        yield from ((r + column, (node, column)) for column in range(len(counts[0])))
    else:
        column = node - r
        yield from ((row, (row, column)) for row in range(r) if counts[row][column] > 0)


def _path(came: dict[int, tuple[int, int]], goal: int, r: int) -> Iterator[Cell]:
    node = goal
    while (before := came[node][1]) >= 0:
        yield (min(node, before), max(node, before) - r)
        node = before
