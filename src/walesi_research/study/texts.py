"""Cells as text: what a person would type for a typed value, and columns of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["as_text", "categorical", "texts_of"]


def as_text(value: Any) -> str:
    """Return a typed cell as the text a person would type: 3 for 3.0, ISO dates, nothing for nothing."""
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, (float, np.floating)):
        if np.isnan(value):
            return ""
        whole = float(value).is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else str(value)
    if isinstance(value, dt.datetime):
        return str(value.date()) if value.time() == dt.time() else value.isoformat()
    return str(value)


def categorical(codes: np.ndarray, distinct: Sequence[str]) -> pd.Categorical:
    """Return texts by code (-1 where missing) as a categorical of stripped texts; empty ones are missing."""
    stripped = np.array(["", *(text.strip() for text in distinct)], dtype=object)
    places, texts = pd.factorize(stripped)  # the empty text, being first, is 0
    return pd.Categorical.from_codes(places[codes + 1] - 1, categories=pd.Index(texts[1:], dtype="str"))


def texts_of(column: pd.Series) -> pd.Series:
    """Return a column of whatever type as a categorical of texts over the same index."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    codes, distinct = pd.factorize(column)
    return pd.Series(categorical(codes, [as_text(x) for x in distinct]), index=column.index, name=column.name)
