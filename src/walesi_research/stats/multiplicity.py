"""Several tests at once."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["holm"]


def holm(p: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values.

    Parameters
    ----------
    p : sequence of float, length m
        p-values of one family.

    Returns
    -------
    list of float, length m
        In the order of `p`.

    Notes
    -----
    With p-values sorted upwards, the i-th (from 1) becomes ``max over j <= i of min(1, (m - j + 1) p_j)``:
    Holm (1979), Scandinavian Journal of Statistics 6, 65–70.
    """
    adjusted = [0.0] * len(p)
    largest = 0.0
    for rank, i in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        largest = max(largest, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = largest
    return adjusted
