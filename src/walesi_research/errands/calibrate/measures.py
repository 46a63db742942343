"""What a study and its worlds are compared on: shares and spreads, worked out alike from their tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

__all__ = ["known", "measures", "score_spreads"]

POINTS = 10.0
"""Points of achievement in the score's unit of slope."""
ENOUGH = 10
"""Fewest items of a respondent, and answers of a unit and period, that are told apart from chance."""

Tables = Mapping[str, pd.DataFrame]


def measures(tables: Tables, items: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return shares, rates and spreads of a study, those that its tables allow.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        With the contract's columns; periods in order as numbers or labels.
    items : sequence of sequences of str
        The survey's items by construct.

    Returns
    -------
    dict of str to float
        By the name of the setting of `World` that moves it. Shares are between 0 and 1; spreads of
        achievement are standard deviations in points.
    """
    found: dict[str, float] = {}
    for look in (_people, _appraisals, _achievement, _training, _events, _service):
        found |= look(tables)
    return {name: float(x) for name, x in (found | _survey(tables, items)).items() if np.isfinite(x)}


def _looks_at(*needed: str) -> Callable:
    """Let a measure be nothing where a table that it needs is missing or empty."""

    def wrap(look: Callable[[Tables], dict[str, float]]) -> Callable[[Tables], dict[str, float]]:
        def guarded(tables: Tables, *given) -> dict[str, float]:
            there = all(name in tables and len(tables[name]) for name in needed)
            return look(tables, *given) if there else {}

        return guarded

    return wrap


@_looks_at("employees")
def _people(tables: Tables) -> dict[str, float]:
    employees = tables["employees"]
    return {"pppk_share": (employees["status"] == "pppk").mean()} if "status" in employees else {}


@_looks_at("employees", "appraisals")
def _appraisals(tables: Tables) -> dict[str, float]:
    rows, unit = tables["appraisals"], tables["employees"].set_index("employee_id")["unit"].astype(str)
    spells = rows.groupby(["employee_id", "period"], observed=True).size()
    own, home = rows["rater_id"].map(unit), rows["employee_id"].map(unit)
    raters = pd.Series(rows["rater_id"].unique())
    found = {
        "second_rater_share": (spells > 1).mean(),
        "home_rater_share": (own == home)[own.notna()].mean() if own.notna().any() else np.nan,
        "external_rater_share": 1 - raters.isin(unit.index).mean(),
        **_comings(rows),
    }
    if "tie" in rows:
        tie = known(rows["tie"])
        tied = (tie != "none")[tie.notna()]
        found |= {"missing_tie": tie.isna().mean(), "tie_share": tied.mean() if len(tied) else np.nan}
    return found


def _comings(rows: pd.DataFrame) -> dict[str, float]:
    """Return the shares of employees first appraised after the first period, and last before the last."""
    at = rows["period"].rank(method="dense")
    spans = at.groupby(rows["employee_id"], observed=True).agg(["min", "max"])
    return {"entrants": (spans["min"] > 1).mean(), "leavers": (spans["max"] < at.max()).mean()}


def known(values: pd.Series) -> pd.Series:
    """Return values as text, blanks as missing."""
    return values.astype(object).where(values.notna() & (values.astype(object) != ""), None)


# ── achievement ──────────────────────────────────────────────────────────────────────────────────────────


@_looks_at("employees", "appraisals")
def _achievement(tables: Tables) -> dict[str, float]:
    """Return standard deviations of achievement: within employee, between employees of a unit, between units.

    Analysis of variance of employee-periods, net of period means; with unequal numbers the harmonic means
    stand for them. The correlation is of neighbouring deviations from the employee's mean.
    """
    rows = tables["appraisals"]
    if "achievement" not in rows:
        return {}
    cells = rows.groupby(["employee_id", "period"], observed=True)["achievement"].mean()
    found = {"missing_achievement": cells.isna().mean()}
    panel = cells.unstack().astype(float)
    panel = panel.sub(panel.mean())
    spells = panel.notna().sum(axis=1)
    panel = panel[spells > 1]
    if len(panel) < 3:
        return found
    spells, own = panel.notna().sum(axis=1), panel.mean(axis=1)
    deviations = panel.sub(own, axis=0)
    within = (deviations**2).sum().sum() / (spells - 1).sum()
    unit = tables["employees"].set_index("employee_id")["unit"].astype(str).reindex(own.index)
    people, units = _levels(own.to_numpy(), unit.to_numpy())
    before, after = deviations.iloc[:, :-1].to_numpy(), deviations.iloc[:, 1:].to_numpy()
    found["serial_correlation"] = _correlation(before.ravel(), after.ravel())
    found["noise_sd"] = np.sqrt(within)
    found["ability_sd"] = np.sqrt(max(people - within * (1 / spells).mean(), 0.0))
    return found | {"unit_sd": np.sqrt(max(units, 0.0))}


def _levels(values: np.ndarray, group: np.ndarray) -> tuple[float, float]:
    """Return the variance of `values` within groups and that between them, error removed."""
    frame = pd.Series(values).groupby(group)
    size, mean, var = frame.size(), frame.mean(), frame.var()
    several = size > 1
    if not several.any():
        return float(np.var(values, ddof=1)), 0.0
    within = (var[several] * (size[several] - 1)).sum() / (size[several] - 1).sum()
    between = mean.var() - within * (1 / size).mean() if len(size) > 1 else 0.0
    return float(within), float(between)


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    kept = ~np.isnan(x) & ~np.isnan(y)
    if kept.sum() < 10 or not x[kept].std() or not y[kept].std():
        return np.nan
    return float(np.corrcoef(x[kept], y[kept])[0, 1])


def score_spreads(tables: Tables) -> dict[str, float]:
    """Return standard deviations of the score between raters, employees and within, and its level.

    REML with employees and raters crossed, net of tie, achievement and period: the contract's model of
    `appraisal.rater_share`. Empty where it cannot be fitted.
    """
    from walesi_research.stats import crossed

    rows = tables.get("appraisals")
    if rows is None or not {"score", "achievement"} <= set(rows.columns):
        return {}
    tie = (known(rows["tie"]) if "tie" in rows else pd.Series("none", index=rows.index)).rename("tie")
    rows = rows.assign(tie=tie).dropna(subset=["score", "achievement", "tie"])
    period = pd.get_dummies(rows["period"], drop_first=True, dtype=float).to_numpy()
    achievement = (rows["achievement"] - 100) / POINTS
    fixed = [np.ones(len(rows)), achievement, *([rows["tie"] != "none"] if rows["tie"].nunique() > 1 else [])]
    X = np.column_stack([*fixed, period]).astype(float)
    try:
        fit = crossed(rows["score"].to_numpy(float), X, {n: rows[f"{n}_id"] for n in ("employee", "rater")})
    except (ValueError, np.linalg.LinAlgError):
        return {}
    variances = {"employee_score_sd": fit.variances["employee"], "rater_sd": fit.variances["rater"]}
    return {name: float(np.sqrt(v)) for name, v in (variances | {"score_noise_sd": fit.residual}).items()}


# ── training, events, service, survey ────────────────────────────────────────────────────────────────────


@_looks_at("employees", "training")
def _training(tables: Tables) -> dict[str, float]:
    """Return JP of ordinary courses a person and year, and the share with a leadership programme."""
    rows, people = tables["training"], len(tables["employees"])
    days = pd.to_datetime(rows["completed_on"])
    years = max((days.max() - days.min()).days / 365.25, 0.25)
    leaders = rows["kind"].astype(object) == "leadership" if "kind" in rows else pd.Series(False, rows.index)
    hours = rows["hours"][~leaders].sum() / people / years
    trained = rows["employee_id"][leaders].nunique() / people
    return {"hours_per_year": hours, **({"leadership_share": trained} if "kind" in rows else {})}


@_looks_at("employees", "events")
def _events(tables: Tables) -> dict[str, float]:
    """Return the share of employees with an award, and of units with a team building."""
    events, employees = tables["events"], tables["employees"]
    kind = events["kind"].astype(object)
    found = {}
    if "employee_id" in events:
        found["award_rate"] = known(events["employee_id"][kind == "award"]).nunique() / len(employees)
    if "unit" in events:
        teams = known(events["unit"][kind == "team_building"]).nunique()
        found["team_building_share"] = teams / employees["unit"].astype(str).nunique()
    return found


@_looks_at("service")
def _service(tables: Tables) -> dict[str, float]:
    """Return the mean number of answers a unit and period, and the noise of a unit's index, IKM points.

    The standard deviation, within unit and net of period, of the mean of all answers times 25, in
    unit-periods of at least `ENOUGH` answers.
    """
    rows = tables["service"]
    elements = [c for c in rows if c[0] == "u" and c[1:].isdigit()]
    answers = rows[elements].astype("Float64").astype(float)
    cells = (25 * answers.mean(axis=1)).groupby([rows["unit"].astype(str), rows["period"]], observed=True)
    index = cells.mean()[cells.size() >= ENOUGH].unstack()
    index = index.sub(index.mean())
    noise = index.sub(index.mean(axis=1), axis=0).stack().std()
    return {"respondents": len(rows) / cells.ngroups, "service_noise_sd": noise}


@_looks_at("employees", "survey")
def _survey(tables: Tables, items: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return shares of non-response, blanks and straight lines, and of scales' variance between units."""
    if not items:
        return {}
    survey, employees = tables["survey"], tables["employees"]
    if "wave" in survey:
        survey = survey[survey["wave"] == survey["wave"].max()]
    named = [c for group in items for c in group]
    answers = survey[named].astype("Float64").astype(float)
    found = {
        "nonresponse": 1 - survey["employee_id"].nunique() / len(employees),
        "missing_items": answers.isna().to_numpy().mean(),
    }
    full = answers[answers.notna().sum(axis=1) >= ENOUGH]
    if len(full):
        found["careless"] = (full.nunique(axis=1) == 1).mean()
    unit = survey["employee_id"].map(employees.set_index("employee_id")["unit"].astype(str)).to_numpy()
    shares = [s for group in items if np.isfinite(s := _unit_share(answers[list(group)], unit))]
    return found | ({"latent_icc": np.mean(shares)} if shares else {})


def _unit_share(answers: pd.DataFrame, unit: np.ndarray) -> float:
    means = answers.mean(axis=1)
    kept = means.notna().to_numpy()
    if kept.sum() < 10:
        return np.nan
    within, between = _levels(means[kept].to_numpy(), unit[kept])
    return max(between, 0.0) / total if (total := within + max(between, 0.0)) > 0 else np.nan
