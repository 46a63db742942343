"""The service index of every unit-period that enough members of the public rated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from walesi_research.rules.service_index import ELEMENTS, POINTS_PER_STEP, service_index

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["rated_periods"]


def rated_periods(study: Study) -> pd.DataFrame:
    """Return the index of every unit-period with enough respondents; empty where there is none.

    Parameters
    ----------
    study : Study
        Has a service table.

    Returns
    -------
    DataFrame
        By unit and period: ``unit``, ``period``, ``index`` (IKM, 25 to 100), ``respondents``, ``spread`` (the
        standard deviation of what one respondent adds, so that ``spread / sqrt(respondents)`` is the index's
        standard error). An element that nobody answered, such as the tariff of a free service, is left out.
    """
    answers = study.service.assign(unit=study.service["unit"].astype(str))
    elements = [u for u in ELEMENTS if u in answers and answers[u].notna().any()]
    answers = answers.dropna(subset=elements, how="all") if elements else answers.iloc[:0]
    grouped = answers.groupby(["unit", "period"])[elements]
    size = grouped.size()
    enough = size[size >= max(study.settings.privacy.minimum_cell, 2)]
    if enough.empty:
        return pd.DataFrame(columns=["unit", "period", "index", "respondents", "spread"])
    means = grouped.mean().loc[enough.index]
    spread = _added(answers, elements).groupby([answers["unit"], answers["period"]]).std().loc[enough.index]
    index = service_index(means, missing="omit")
    return pd.DataFrame({"index": index, "respondents": enough, "spread": spread}).reset_index()


def _added(answers: pd.DataFrame, elements: list[str]) -> pd.Series:
    """Return what each respondent adds to the index of the unit-period, about it.

    The mean of an element over those who answered it moves by ``(x - mean) / share answered`` a respondent.
    """
    keys = [answers["unit"], answers["period"]]
    x = answers[elements]
    share = x.notna().groupby(keys).transform("mean")
    moved = ((x - x.groupby(keys).transform("mean")) / share).fillna(0.0)
    return POINTS_PER_STEP * moved.sum(axis=1) / (share > 0).sum(axis=1)
