"""One order of rows for a study, whatever order its files and pseudonyms have.

Every row has a fingerprint: a 64-bit hash of its content without ids. An employee's fingerprint adds up those
of all rows about the employee; two further rounds mix in whom the employee appraised and by whom the employee
was appraised. Employees are sorted by unit and fingerprint, other tables by employee, time and content. Rows
that still tie are alike in all that the study holds of them, so that their order (by pseudonym, to be
definite) matters to no result.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

__all__ = ["canonical_order"]

IDS = ("employee_id", "rater_id")
TIME = ("wave", "date", "period", "completed_on")
ROUNDS = 2
_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


def canonical_order(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables of a study in canonical order, with a fresh index from 0.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Typed tables with pseudonyms, ``employees`` among them.
    """
    people = pd.Index(tables["employees"]["employee_id"])
    content = {name: _row_hashes(table, name) for name, table in tables.items()}
    prints = _fingerprints(tables, content, people)
    rank = _rank(tables["employees"], prints)
    return {name: _sorted(table, content[name], people, prints, rank) for name, table in tables.items()}


def _row_hashes(table: pd.DataFrame, name: str) -> np.ndarray:
    """Hash each row's content without ids; columns count by name, not by place."""
    columns = sorted(set(table.columns) - set(IDS))
    salt = _hash_text(name)
    if not columns:
        return np.full(len(table), salt)
    return _mixed(pd.util.hash_pandas_object(table[columns], index=False).to_numpy() ^ salt)


def _hash_text(text: str) -> np.uint64:
    return pd.util.hash_array(np.array([text], dtype=object))[0]


def _mixed(x: np.ndarray) -> np.ndarray:
    """Scramble hashes (the finaliser of splitmix64), so that sums of them do not cancel."""
    x = (x ^ (x >> np.uint64(30))) * _MIX
    return x ^ (x >> np.uint64(27))


def _fingerprints(
    tables: Mapping[str, pd.DataFrame], content: Mapping[str, np.ndarray], people: pd.Index
) -> np.ndarray:
    prints = np.zeros(len(people) + 1, dtype="uint64")  # the last place is for ids that are no employee's
    for name, table in tables.items():
        if "employee_id" in table:
            np.add.at(prints, people.get_indexer(table["employee_id"]), content[name])
    prints[-1] = 0
    appraisals = tables.get("appraisals")
    if appraisals is None:
        return prints
    return _with_raters(prints, appraisals, content["appraisals"], people)


def _with_raters(
    prints: np.ndarray, appraisals: pd.DataFrame, hashes: np.ndarray, people: pd.Index
) -> np.ndarray:
    """Mix in, twice, the fingerprints of those whom one appraised and by whom one was appraised."""
    employee, rater = people.get_indexer(appraisals["employee_id"]), appraisals["rater_id"]
    everyone = people.append(pd.Index(rater.unique()).difference(people))
    rater = everyone.get_indexer(rater)
    prints = np.concatenate([prints[:-1], np.zeros(len(everyone) - len(people), dtype="uint64")])
    for _ in range(ROUNDS):
        given, received = np.zeros_like(prints), np.zeros_like(prints)
        np.add.at(given, rater, _mixed(prints[employee] * _ODD + hashes))
        np.add.at(received, employee, _mixed(prints[rater] + hashes * _ODD))
        prints = _mixed(prints) + given * _ODD + received
    return np.concatenate([prints, np.zeros(1, dtype="uint64")])


def _rank(employees: pd.DataFrame, prints: np.ndarray) -> np.ndarray:
    order = np.lexsort(
        (employees["employee_id"].to_numpy(dtype=str), prints[: len(employees)], employees["unit"].cat.codes)
    )
    rank = np.empty(len(order) + 1, dtype="int64")
    rank[order], rank[-1] = np.arange(len(order)), len(order)
    return rank


def _sorted(
    table: pd.DataFrame, hashes: np.ndarray, people: pd.Index, prints: np.ndarray, rank: np.ndarray
) -> pd.DataFrame:
    keys: list[np.ndarray] = []
    if "employee_id" in table:
        keys.append(rank[people.get_indexer(table["employee_id"])])
    if "unit" in table:
        keys.append(table["unit"].cat.codes.to_numpy())
    keys += [_numbers(table[column]) for column in TIME if column in table]
    keys.append(hashes)
    if "rater_id" in table:
        keys.append(_rater_prints(table["rater_id"], people, prints))
        keys.append(table["rater_id"].to_numpy(dtype=str))
    return table.iloc[np.lexsort(keys[::-1])].reset_index(drop=True)


def _rater_prints(raters: pd.Series, people: pd.Index, prints: np.ndarray) -> np.ndarray:
    everyone = people.append(pd.Index(raters.unique()).difference(people))
    return prints[everyone.get_indexer(raters)]


def _numbers(column: pd.Series) -> np.ndarray:
    return column.astype("int64").to_numpy() if column.dtype.kind == "M" else column.to_numpy(dtype="float64")
