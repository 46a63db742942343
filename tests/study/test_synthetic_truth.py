"""The truths of a synthetic study against simple computations on its tables, done another way."""

import numpy as np
import pandas as pd
import pytest

from walesi_research.study.synthetic import World, simulate
from walesi_research.study.synthetic.process import draw
from walesi_research.study.synthetic.projection import (
    UnitMoments,
    alpha,
    lmg_shares,
    omega,
    random_intercept_projection,
)
from walesi_research.study.synthetic.truth import pathways


@pytest.fixture(scope="module")
def big():
    """A large study, and population truths from another draw of the same size."""
    return simulate(World(employees=20_000, units=1_250, quarters=12, seed=5), population=60_000)


@pytest.fixture(scope="module")
def value(big):
    return lambda name: big.truth["findings"][name]["value"]


def quarter_of(dates: pd.Series) -> pd.Series:
    days = pd.to_datetime(dates)
    return days.dt.year * 4 + days.dt.quarter - 1


def number_of(periods: pd.Series) -> pd.Series:
    return periods.str[:4].astype(int) * 4 + periods.str[-1].astype(int) - 1


def within(values: np.ndarray, *groups: np.ndarray) -> np.ndarray:
    """Remove the means of groups in turn until both are gone."""
    values = np.array(values, float)
    for _ in range(1 if len(groups) == 1 else 30):
        for group in groups:
            values -= (np.bincount(group, values) / np.maximum(np.bincount(group), 1))[group]
    return values


def codes(column: pd.Series) -> np.ndarray:
    return pd.factorize(column)[0]


def slopes(y: np.ndarray, *x: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(np.column_stack(x), y, rcond=None)[0]


# ── appraisal ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def appraisals(big):
    rows = big.tables["appraisals"]
    return rows[rows["tie"].ne("") & rows["achievement"].notna()].reset_index(drop=True)


def test_tie_effect_is_the_contrast_of_two_raters_of_one_employee_in_one_quarter(appraisals, value):
    rows = appraisals[appraisals.duplicated(["employee_id", "period"], keep=False)]
    rows = rows.sort_values(["employee_id", "period"])
    score, tied = rows["score"].to_numpy(), rows["tie"].ne("none").to_numpy().astype(float)
    contrast = (score[::2] - score[1::2]) @ (tied[::2] - tied[1::2]) / ((tied[::2] - tied[1::2]) ** 2).sum()
    # 58,000 pairs whose difference has a standard deviation of 6.2, a third of them unlike: error .045
    assert contrast == pytest.approx(value("appraisal.tie_effect"), abs=0.15)


def test_achievement_slope_within_employee_and_period(appraisals, value):
    groups = codes(appraisals["employee_id"]), codes(appraisals["period"])
    tied = appraisals["tie"].ne("none")
    y, a, t = (within(x, *groups) for x in (appraisals["score"], appraisals["achievement"] / 10, tied))
    assert slopes(y, a, t)[0] == pytest.approx(value("appraisal.achievement_slope"), abs=0.06)


def test_rater_share_by_moments(appraisals, value):
    """Rater variance from the raters' means, employee and residual variance from the employees'."""
    tied = appraisals["tie"].ne("none")
    net = within(
        appraisals["score"] - 0.3 * appraisals["achievement"] - 5 * tied, codes(appraisals["period"])
    )
    rater, person = codes(appraisals["rater_id"]), codes(appraisals["employee_id"])
    rater_variance = (np.bincount(rater, net) / np.bincount(rater)).var()  # 160 appraisals a rater
    rest = within(net, rater)
    n = np.bincount(person)
    residual = within(rest, person).var() * len(rest) / (len(rest) - len(n))
    between = (np.bincount(person, rest) / n).var() - residual * (1 / n).mean()
    share = rater_variance / (rater_variance + between + residual)
    assert share == pytest.approx(value("appraisal.rater_share"), abs=0.03)  # 1,800 raters: error .012


def test_changed_share_by_hand(big, value):
    rows = big.tables["appraisals"].query("period == '2024-Q4'").dropna(subset="achievement").head(2000)
    part = simulate_share(rows)
    # the first 2,000 of some 24,000 appraisals: error .01
    assert part == pytest.approx(value("appraisal.changed_share"), abs=0.04)


def simulate_share(rows: pd.DataFrame) -> float:
    predicate = {
        (1, 1): "sangat kurang", (1, 2): "butuh perbaikan", (1, 3): "butuh perbaikan", (2, 1): "kurang",
        (2, 2): "baik", (2, 3): "baik", (3, 1): "kurang", (3, 2): "baik", (3, 3): "sangat baik",
    }  # fmt: skip
    changed = 0
    for row in rows.itertuples():
        deserved = 1 if row.achievement < 90 else 3 if row.achievement > 110 else 2
        changed += predicate[deserved, row.behaviour] != predicate[row.work_result, row.behaviour]
    return changed / len(rows)


def test_changed_share_of_a_small_study_exactly():
    study = simulate(World(employees=60, units=5, seed=3), population=0)
    rows = study.tables["appraisals"].query("period == '2024-Q4'").dropna(subset="achievement")
    assert simulate_share(rows) == pytest.approx(study.truth["findings"]["appraisal.changed_share"]["value"])


# ── training ─────────────────────────────────────────────────────────────────────────────────────


def test_norm_share_by_hand(big, value):
    courses = big.tables["training"]
    hours = courses[courses["completed_on"].str.startswith("2024")].groupby("employee_id")["hours"].sum()
    people = big.tables["employees"]
    served = people[
        (people["start_year"] < 2024) & ~people["left_on"].str.startswith(("2022", "2023", "2024"))
    ]
    enough = served["employee_id"].map(hours).fillna(0) >= 20
    assert enough.mean() == pytest.approx(value("training.norm_share"), abs=1e-7)


@pytest.fixture(scope="module")
def quiet():
    """A panel without noise: what one thing adds can be read off the differences."""
    world = World(
        employees=400, units=20, seed=9, noise_sd=0.0, hours_slope=0.0, award_effect=0.0,
        team_building_effect=0.0, leadership_growth=0.4, leadership_cohort=0.2,
    )  # fmt: skip
    return simulate(world, population=0)


def panel_of(study, **columns) -> pd.DataFrame:
    rows = study.tables["appraisals"].dropna(subset="achievement")
    rows = rows.drop_duplicates(["employee_id", "period"])[["employee_id", "period", "achievement"]]
    return rows.assign(quarter=number_of(rows["period"]), **columns)


def onsets(study, rows: pd.DataFrame) -> pd.Series:
    leaders = study.tables["training"].query("kind == 'leadership'")
    first = quarter_of(leaders["completed_on"]).groupby(leaders["employee_id"]).min() + 1
    return rows["employee_id"].map(first).fillna(10**6)


def test_leadership_att_is_the_difference_to_those_not_yet_trained(quiet):
    panel = panel_of(quiet)
    panel["onset"] = onsets(quiet, panel)
    panel = panel[panel["onset"] > 2022 * 4]  # those treated in the first quarter are left out
    before = panel[panel["quarter"] < panel["onset"]]
    period = before["achievement"] - before.groupby("employee_id")["achievement"].transform("mean")
    by_quarter = panel["quarter"].map(before.assign(d=period).groupby("quarter")["d"].mean())
    person = (before["achievement"] - by_quarter.loc[before.index]).groupby(before["employee_id"]).mean()
    effect = panel["achievement"] - by_quarter - panel["employee_id"].map(person)
    treated = panel["quarter"] >= panel["onset"]
    truth = quiet.truth["findings"]["training.leadership_att"]["value"]
    assert truth > 3.9  # growth counts
    # period effects from unequal spells of exact data: a few hundredths
    assert effect[treated].mean() == pytest.approx(truth, abs=0.1)


def test_hours_slope_is_exact_without_noise():
    """The window is counted from the dates of the table, leadership programmes left out."""
    study = simulate(World.null(employees=200, units=8, seed=4, noise_sd=0.0, hours_slope=0.8), population=0)
    panel = panel_of(study)
    courses = study.tables["training"].query("kind != 'leadership'")
    courses = courses.assign(quarter=quarter_of(courses["completed_on"]))
    table = courses.pivot_table(index="employee_id", columns="quarter", values="hours", aggfunc="sum")
    window = table.reindex(columns=range(2020 * 4, 2025 * 4), fill_value=0).fillna(0)
    window = window.T.rolling(4).sum().shift(1).T.stack()
    index = pd.MultiIndex.from_frame(panel[["employee_id", "quarter"]])
    hours = window.reindex(index).fillna(0).to_numpy()
    groups = codes(panel["employee_id"]), codes(panel["period"])
    slope = slopes(within(panel["achievement"], *groups), within(hours / 10, *groups))[0]
    assert slope == pytest.approx(0.8, abs=0.005)  # achievement has one decimal


def test_awards_follow_good_quarters_and_have_their_effect(big, value):
    """Against the quarter before the good one the gain is the effect; against the good one it is not."""
    panel = panel_of(big).set_index(["employee_id", "quarter"])["achievement"]
    awards = big.tables["events"].query("kind == 'award'")
    first = quarter_of(awards["date"]).groupby(awards["employee_id"]).min()

    def change(later: int, earlier: int) -> pd.Series:
        at = [list(zip(first.index, first + shift, strict=True)) for shift in (later, earlier)]
        return pd.Series(panel.reindex(at[0]).to_numpy() - panel.reindex(at[1]).to_numpy()).dropna()

    assert change(1, 0).mean() < -2
    # trend, season and training add a little in two quarters; 4,000 pairs, standard deviation 7.4: error .12
    expected = value("culture.award_att") + change_without_award(big, panel, first)
    assert change(1, -1).mean() == pytest.approx(expected, abs=0.5)


def change_without_award(big, panel: pd.Series, first: pd.Series) -> float:
    wide = panel.unstack()
    never = wide[~wide.index.isin(first.index)]
    steps = (never.shift(-1, axis=1) - never.shift(1, axis=1)).mean()
    return float(first.map(steps).mean())


def test_team_building_att(big, value):
    panel = panel_of(big)
    unit = big.tables["employees"].set_index("employee_id")["unit"]
    teams = big.tables["events"].query("kind == 'team_building'")
    onset = panel["employee_id"].map(unit).map(quarter_of(teams["date"]).groupby(teams["unit"]).min() + 1)
    never = onset.isna()
    by_quarter = panel[never].groupby("quarter")["achievement"].mean()
    net = panel["achievement"] - panel["quarter"].map(by_quarter)
    after = panel["quarter"] >= onset
    change = net[~never & after].groupby(panel["employee_id"]).mean()
    change = change - net[~never & ~after].groupby(panel["employee_id"]).mean()
    assert change.mean() == pytest.approx(value("culture.team_building_att"), abs=0.2)


# ── attitudes ────────────────────────────────────────────────────────────────────────────────────


def test_pathways_are_products_of_regressions_on_the_latent_variables():
    drawn = draw(World(employees=30_000, units=1_900, seed=6))
    truth = pathways(drawn)
    p = drawn.performance.yearly()
    here = ~np.isnan(p) & np.isnat(drawn.people.left)
    unit = codes(pd.Series(drawn.people.unit[here]))
    raw = {
        n: getattr(drawn.attitudes, n)[here] for n in ("culture", "recognition", "motivation", "commitment")
    }
    c, r, m, k = (within(x, unit) for x in raw.values())
    a, b, d = slopes(m, c, r), slopes(k, m, c, r), slopes(within(p[here], unit), k, m, c, r)
    for j, name in enumerate(("culture", "recognition")):
        scale = raw[name].std() / p[here].std()
        indirect = (a[j] * d[1] + b[1 + j] * d[0] + a[j] * b[0] * d[0]) * scale
        assert truth[f"pathway.{name}_indirect"].value == pytest.approx(indirect, abs=0.01)
        assert truth[f"pathway.{name}_total"].value == pytest.approx(indirect + d[2 + j] * scale, abs=0.02)


@pytest.fixture(scope="module")
def scales(big):
    """Scale means from the table by the codebook, performance, hours, units: one row a respondent."""
    import tomllib

    from walesi_research.study.synthetic.texts import codebook_toml

    survey = big.tables["survey"].set_index("employee_id")
    columns = {}
    for name, construct in tomllib.loads(codebook_toml())["constructs"].items():
        items = survey[list(construct["items"])].astype("Float64").astype(float)
        for item in construct.get("reverse", []):
            items[item] = 6 - items[item]
        columns[name] = items
    return columns


def test_reliabilities_by_formula(scales, value):
    for name, items in scales.items():
        complete = items.dropna()
        k = complete.shape[1]
        direct = k / (k - 1) * (1 - complete.var().sum() / complete.sum(axis=1).var())
        # 16,000 respondents and 60,000 in the population: error .004
        assert value(f"measurement.{name}.alpha") == pytest.approx(direct, abs=0.015), name
        assert value(f"measurement.{name}.alpha") <= value(f"measurement.{name}.omega") + 0.002, name
        assert 0.7 < value(f"measurement.{name}.omega") < 0.95, name


def test_omega_of_known_loadings():
    loading, unique = np.array([0.9, 0.6, 1.2, 0.4]), np.array([0.5, 1.0, 0.8, 0.3])
    covariance = np.outer(loading, loading) + np.diag(unique)
    expected = loading.sum() ** 2 / (loading.sum() ** 2 + unique.sum())
    assert omega(covariance) == pytest.approx(expected, abs=1e-5)  # to the optimiser's tolerance
    assert alpha(np.full((5, 5), 0.5) + 0.5 * np.eye(5)) == pytest.approx(5 * 0.5 / (1 + 4 * 0.5))


def test_lmg_of_independent_predictors_are_their_squared_correlations():
    covariance = np.eye(4)
    covariance[3, :3] = covariance[:3, 3] = [0.5, 0.3, 0.1]
    shares, whole = lmg_shares(covariance)
    assert whole == pytest.approx(0.35)
    np.testing.assert_allclose(shares, np.array([0.25, 0.09, 0.01]) / 0.35, atol=1e-12)


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_random_intercepts_from_moments_are_generalised_least_squares(seed):
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(60), rng.integers(2, 9, 60))
    x = rng.normal(size=len(unit)) + rng.normal(size=60)[unit]
    y = 1 + 0.5 * x + rng.normal(size=60)[unit] + rng.normal(size=len(unit))
    moments = UnitMoments(["constant", "y", "x"])
    moments.add(np.column_stack([np.ones(len(y)), y, x]), unit)
    fitted = random_intercept_projection(moments, "y", ["x"])["x"]
    z = np.column_stack([np.ones(len(y)), x])
    same = unit[:, None] == unit

    def profile(rho):
        v = np.eye(len(y)) + rho * same
        inverse = np.linalg.inv(v)
        beta = np.linalg.solve(z.T @ inverse @ z, z.T @ inverse @ y)
        rest = y - z @ beta
        return len(y) * np.log(rest @ inverse @ rest) + np.linalg.slogdet(v)[1], beta[1]

    best = min(profile(rho) for rho in np.linspace(0.2, 2, 61))
    assert fitted == pytest.approx(best[1], abs=2e-3)  # grid of .03 in rho


@pytest.fixture(scope="module")
def respondents(big, scales):
    achieved = panel_of(big)
    mean = achieved.groupby(["employee_id", achieved["period"].str[:4]])["achievement"].mean().unstack()
    window = big.tables["training"].query("kind != 'leadership'")
    quarter = quarter_of(window["completed_on"])
    hours = sum(
        window["hours"].where(quarter.between(last - 4, last - 1), 0).groupby(window["employee_id"]).sum()
        for last in range(2024 * 4, 2025 * 4)
    )
    people = big.tables["employees"].set_index("employee_id")
    data = pd.DataFrame({"performance": mean["2024"], "before": mean["2023"], "unit": people["unit"]})
    data["training"] = (hours / 4).reindex(data.index).fillna(0)
    for name, role in (("work_culture", "culture"), ("recognition", "recognition"), ("fairness", "fairness")):
        data[role] = scales[name].mean(axis=1).where(scales[name].notna().mean(axis=1) >= 0.5)
    return data.dropna()


@pytest.mark.parametrize("suffix", ["", "_latent"])
def test_joint_projection(big, respondents, value, suffix):
    """Least squares with unit means removed; random intercepts differ from it by less than the tolerance."""
    unit = codes(respondents["unit"])
    data = respondents.copy()
    if suffix:
        latent = pd.DataFrame(draw(big.world).latent, index=big.tables["employees"]["employee_id"])
        data[["culture", "recognition", "fairness"]] = latent[["culture", "recognition", "fairness"]]
    names = ["training", "culture", "recognition", "fairness"]
    beta = slopes(within(data["performance"], unit), *(within(data[n], unit) for n in [*names, "before"]))
    spread = data["performance"].std()
    for name, b in zip(names, beta, strict=False):
        expected = value(f"joint.{name}{suffix}")
        # 16,000 respondents: error .005 to .006
        assert b * data[name].std() / spread == pytest.approx(expected, abs=0.015), name


def test_importance_from_the_tables(respondents, value):
    unit = codes(respondents["unit"])
    names = ["training", "culture", "recognition", "fairness", "performance"]
    covariance = np.cov([within(respondents[n], unit) for n in names])
    shares = lmg_shares(covariance)[0]
    truths = [value(f"importance.{n}") for n in names[:4]]
    np.testing.assert_allclose(shares, truths, atol=0.03)
    assert sum(truths) == pytest.approx(1, abs=1e-6)


def test_transparency_gap_from_the_tables(appraisals, respondents, value):
    net = (
        appraisals["score"]
        - slopes(
            within(appraisals["score"], codes(appraisals["period"])),
            within(appraisals["achievement"], codes(appraisals["period"])),
        )[0]
        * appraisals["achievement"]
    )
    net = pd.Series(within(net, codes(appraisals["period"])))
    own = net.groupby(appraisals["employee_id"]).mean().reindex(respondents.index)
    unit = codes(respondents["unit"])
    gap = np.corrcoef(within(respondents["fairness"], unit), within(own, unit))[0, 1]
    assert gap == pytest.approx(value("perception.transparency_gap"), abs=0.03)


# ── service and policy ───────────────────────────────────────────────────────────────────────────


def test_service_slope_with_unit_and_period_effects(big, value):
    service = big.tables["service"]
    ikm = service[[f"u{k}" for k in range(1, 10)]].astype("Float64").mean(axis=1).astype(float) * 25
    cells = ikm.groupby([service["unit"], service["period"]]).agg(["mean", "size"]).query("size >= 5")
    panel = panel_of(big)
    unit = big.tables["employees"].set_index("employee_id")["unit"]
    mean = panel.groupby([panel["employee_id"].map(unit), "period"])["achievement"].mean()
    cells["achievement"] = mean.reindex(cells.index)
    cells = cells.dropna().reset_index()
    groups = codes(cells["unit"]), codes(cells["period"])
    slope = slopes(within(cells["mean"], *groups), within(cells["achievement"] / 10, *groups))[0]
    # 15,000 cells, residual 2.7 IKM points, achievement 1.6: error .14
    assert slope == pytest.approx(value("service.performance_slope"), abs=0.5)


def test_combined_gain_by_hand(big, value):
    """From the tables for hours and the trained share; culture, being latent, from the draw."""
    drawn = draw(big.world)
    rows = panel_of(big)
    last = big.tables["appraisals"].query("period == '2024-Q4'")["employee_id"].drop_duplicates()
    courses = big.tables["training"].query("kind != 'leadership'")
    inside = quarter_of(courses["completed_on"]).between(2024 * 4 - 1, 2024 * 4 + 2)
    hours = courses[inside].groupby("employee_id")["hours"].sum()
    hours = last.map(hours).fillna(0).to_numpy()
    more = np.clip(np.minimum(hours + 12, np.quantile(hours, 0.95)) - hours, 0, None).mean()
    leaders = big.tables["training"].query("kind == 'leadership'")["employee_id"]
    untrained = 1 - last.isin(leaders).mean()
    culture = drawn.attitudes.culture
    z = (culture - culture.mean()) / culture.std()
    shift = np.clip(np.minimum(z + 0.5, np.quantile(z, 0.95)) - z, 0, None).mean()
    spread = rows[rows["period"].str[:4] == "2024"].groupby("employee_id")["achievement"].mean().std()
    gain = more / 10 * value("training.hours_slope") + 0.2 * untrained * value("training.leadership_att")
    gain += shift * value("pathway.culture_total") * spread
    assert value("policy.combined_gain") == pytest.approx(gain, abs=0.02)  # leavers' performance counts here
    assert more < 12 and shift < 0.5  # the cap binds
