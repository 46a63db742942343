"""Design-based estimates: formulas written out, simulated finite populations, and R's survey package."""

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import expit

from walesi_research.stats.design import jackknife, survey_design
from walesi_research.stats.raking import calibrate, indicators, rake
from walesi_research.stats.survey_estimates import (
    design_effect,
    domain_means,
    survey_logit,
    survey_mean,
    survey_quantile,
    survey_ratio,
    survey_regression,
    survey_total,
)


def data(seed=1, n=60):
    rng = np.random.default_rng(seed)
    return rng.uniform(1, 4, n), rng.normal(5, 2, n), np.sort(rng.integers(0, 4, n)), np.arange(n) // 3


def test_a_simple_random_sample():
    _, y, _, _ = data()
    design = survey_design(np.full(60, 5.0), population=np.full(60, 300))
    found = survey_mean(design, y)
    assert found.estimate[0] == pytest.approx(y.mean())
    assert found.se[0] == pytest.approx(np.sqrt(y.var(ddof=1) / 60 * (1 - 60 / 300)), rel=1e-12)
    assert found.df == 59
    assert design_effect(design, y) == pytest.approx(1, rel=1e-12)


def test_strata_by_hand():
    _, y, stratum, _ = data()
    sizes = np.array([100, 50, 80, 40])
    count = np.bincount(stratum)
    design = survey_design(sizes[stratum] / count[stratum], strata=stratum, population=sizes[stratum])
    parts = [y[stratum == h] for h in range(4)]
    share = sizes / sizes.sum()
    mean = sum(s * p.mean() for s, p in zip(share, parts, strict=True))
    variance = sum(
        s**2 * (1 - len(p) / size) * p.var(ddof=1) / len(p)
        for s, p, size in zip(share, parts, sizes, strict=True)
    )
    found = survey_mean(design, y)
    assert found.estimate[0] == pytest.approx(mean, rel=1e-12)
    assert found.se[0] == pytest.approx(np.sqrt(variance), rel=1e-12)
    assert found.df == 56


def test_everybody_was_asked_and_answered():
    _, y, stratum, _ = data()
    found = survey_mean(
        survey_design(np.ones(60), strata=stratum, population=np.bincount(stratum)[stratum]), y
    )
    assert found.se[0] == pytest.approx(0, abs=1e-12)


def test_regression_is_clustered_least_squares():
    w, y, _, cluster = data()
    X = np.column_stack([np.ones(60), np.random.default_rng(2).normal(size=60)])
    found = survey_regression(survey_design(w, cluster), y, X)
    peer = sm.WLS(y, X, w).fit(cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False})
    assert found.estimate == pytest.approx(peer.params, rel=1e-10)
    assert found.se == pytest.approx(peer.bse * np.sqrt(20 / 19), rel=1e-10)  # n_h / (n_h - 1) of 20 clusters
    assert found.df == 20 - 1 + 1 - 2


def test_logit_is_the_weighted_likelihood():
    w, y, _, cluster = data()
    X = np.column_stack([np.ones(60), np.random.default_rng(2).normal(size=60)])
    found = survey_logit(survey_design(w, cluster), y > 5, X)
    peer = sm.GLM((y > 5).astype(float), X, sm.families.Binomial(), freq_weights=w).fit(tol=1e-14)
    assert found.estimate == pytest.approx(peer.params, rel=1e-8)
    with pytest.raises(ValueError, match="no finite solution"):
        survey_logit(survey_design(w), X[:, 1] > 0, X)
    with pytest.raises(ValueError, match="0 or 1"):
        survey_logit(survey_design(w), y, X)


def test_a_domain_keeps_the_whole_design():
    """The mean of a domain is the ratio of the total of y in it to its size, over all clusters."""
    w, y, _, cluster = data()
    design, inside = survey_design(w, cluster), y > 4
    ratio = survey_ratio(design, np.where(inside, y, 0), inside.astype(float))
    found = survey_mean(design, y, within=inside)
    assert found.estimate == pytest.approx(ratio.estimate, rel=1e-12)
    assert found.se == pytest.approx(ratio.se, rel=1e-12)
    assert found.n[0] == inside.sum()
    missing = survey_mean(design, np.where(inside, y, np.nan))
    assert (missing.estimate, missing.se) == (pytest.approx(found.estimate), pytest.approx(found.se))
    with pytest.raises(ValueError, match="nobody"):
        survey_mean(design, y, within=np.zeros(60, bool))


def test_several_columns_are_as_one_by_one():
    w, y, stratum, _ = data()
    design = survey_design(w, strata=stratum)
    both = np.column_stack([np.where(y > 4, y, np.nan), y**2])
    together = survey_mean(design, both)
    for k in range(2):
        alone = survey_mean(design, both[:, k])
        assert together.estimate[k] == pytest.approx(alone.estimate[0])
        assert together.se[k] == pytest.approx(alone.se[0])


def test_order_of_rows_and_scale_of_weights_do_not_matter():
    w, y, stratum, _ = data()
    order = np.random.default_rng(4).permutation(60)
    first = survey_mean(survey_design(w, strata=stratum), y)
    other = survey_mean(survey_design(7 * w[order], strata=stratum[order]), y[order])
    assert other.se == pytest.approx(first.se, rel=1e-12)


def test_a_stratum_of_one_cluster_is_told_and_counts():
    w, y, stratum, _ = data()
    stratum = np.where(np.arange(60) == 0, 9, stratum)
    design = survey_design(w, strata=stratum)
    assert design.lonely == 1
    # its deviation is taken from the mean of all, as R's "adjust" does
    z = w * (y - np.average(y, weights=w)) / w.sum()
    variance = (z[0] - z.mean()) ** 2
    for h in range(4):
        part = z[stratum == h]
        variance += len(part) * part.var(ddof=1)
    assert survey_mean(design, y).se[0] == pytest.approx(np.sqrt(variance), rel=1e-12)
    with pytest.raises(ValueError, match="one cluster"):
        jackknife(design)


def test_intervals_cover_the_population_mean():
    """Unequal chances in strata of clusters: 400 samples, coverage of 95 % within four standard errors."""
    rng = np.random.default_rng(11)
    stratum = np.repeat([0, 1, 2], [40, 30, 20])
    members = rng.normal(size=(90, 8)) + rng.normal(size=(90, 1)) + stratum[:, None]
    truth, take = members.mean(), np.array([10, 10, 10])
    hit = 0
    for _ in range(400):
        chosen = np.concatenate(
            [rng.choice(np.flatnonzero(stratum == h), take[h], replace=False) for h in range(3)]
        )
        home = np.repeat(stratum[chosen], 8)
        size = np.bincount(stratum)[home]
        design = survey_design(size / take[home], np.repeat(chosen, 8), home, size)
        low, high = survey_mean(design, members[chosen].ravel()).interval()
        hit += low[0] < truth < high[0]
    assert hit / 400 == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 400))


def test_raking_takes_out_what_the_margins_explain():
    """Nonresponse by unit: raked means are unbiased and their intervals cover, unweighted ones are not."""
    rng = np.random.default_rng(7)
    errors, plain, hit = [], [], 0
    for _ in range(300):
        unit, gender = rng.integers(0, 4, 240), rng.integers(0, 2, 240)
        y = unit + 0.5 * gender + rng.normal(size=240)
        asked = rng.random(240) < np.array([0.3, 0.5, 0.7, 0.9])[unit]
        u, g, answers = unit[asked], gender[asked], y[asked]
        margins = [(u, dict(enumerate(np.bincount(unit)))), (g, dict(enumerate(np.bincount(gender))))]
        raked = rake(np.full(asked.sum(), 240 / asked.sum()), margins)
        design = survey_design(np.full(asked.sum(), 240 / asked.sum()), population=np.full(asked.sum(), 240))
        found = survey_mean(design.calibrated(raked.weights, raked.auxiliary), answers)
        low, high = found.interval()
        hit += low[0] < y.mean() < high[0]
        errors.append(found.estimate[0] - y.mean())
        plain.append(answers.mean() - y.mean())
    assert np.mean(errors) == pytest.approx(0, abs=4 * np.std(errors) / np.sqrt(300))
    assert np.mean(plain) > 0.2
    assert 0.9 < hit / 300 <= 0.99  # residuals are not equal in size where few answered: a little under 95 %


def test_jackknife_and_linearisation_agree_on_raked_means():
    """They differ by terms of order 1/n: within a tenth for 61 clusters."""
    rng = np.random.default_rng(8)
    unit, y = rng.integers(0, 3, 61), rng.normal(size=61)
    y = y + unit
    margin = {0: 100.0, 1: 60.0, 2: 200.0}
    base = survey_design(np.full(61, 360 / 61))
    raked = rake(base.weights, [(unit, margin)])
    linear = survey_mean(base.calibrated(raked.weights, raked.auxiliary), y).se[0]

    def again(w):
        kept = w > 0
        return np.average(y[kept], weights=rake(w[kept], [(unit[kept], margin)]).weights)

    assert np.sqrt(jackknife(base).covariance(again)[0, 0]) == pytest.approx(linear, rel=0.1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weights": [1, 0, 1, 1]}, "positive"),
        ({"clusters": [1, 1, 2]}, "does not go"),
        ({"clusters": [1, 1, 2, 2], "strata": [1, 2, 1, 2]}, "two strata"),
        ({"population": [3, 3, 3, 3]}, "more was sampled"),
        ({"population": [9, 9, 9, 8]}, "two sizes"),
        ({"population": np.ones((4, 2))}, "more stages"),
        ({"strata": [1, 1, None, 2]}, "label is missing"),
    ],
)
def test_refusals(change, words):
    with pytest.raises(ValueError, match=words):
        survey_design(**({"weights": np.ones(4)} | change))


@pytest.fixture(scope="module")
def values(shared):
    return json.loads((shared / "reference/values/survey_api.json").read_text())["results"]


@pytest.fixture(scope="module")
def schools(shared):
    """The samples and their designs."""
    strat, one, two = (
        pd.read_csv(shared / f"reference/data/{name}.csv") for name in ("apistrat", "apiclus1", "apiclus2")
    )
    return {
        "strat_fpc": (strat, survey_design(strat.pw, None, strat.stype, strat.fpc)),
        "strat_nofpc": (strat, survey_design(strat.pw, None, strat.stype)),
        "clus1_fpc": (one, survey_design(one.pw, one.dnum, None, one.fpc)),
        "clus1_nofpc": (one, survey_design(one.pw, one.dnum)),
        "clus2": (two, survey_design(two.pw, two[["dnum", "snum"]], None, two[["fpc1", "fpc2"]])),
    }


DESIGNS = ["strat_fpc", "strat_nofpc", "clus1_fpc", "clus1_nofpc", "clus2"]


def agrees(found, estimate, se):
    """All closed form: to the twelve digits that R's values were written with."""
    assert found.estimate == pytest.approx(np.atleast_1d(estimate), rel=1e-11)
    assert found.se == pytest.approx(np.atleast_1d(se), rel=1e-11, abs=1e-12)


@pytest.mark.shared
@pytest.mark.parametrize("name", DESIGNS)
def test_equals_survey(values, schools, name):
    expected, (d, design) = values[name], schools[name]
    mean = survey_mean(design, d[["api00", "api99"]])
    agrees(mean, list(expected["mean"]["est"].values()), list(expected["mean"]["se"].values()))
    low, high = mean.interval()
    assert (low[0], high[0]) == pytest.approx(expected["ci"]["values"][0], rel=1e-11)
    assert design.df() == expected["degf"]
    assert design_effect(design, d.api00) == pytest.approx(expected["mean_deff"], rel=1e-11)
    agrees(survey_total(design, d.enroll), expected["total"]["est"]["enroll"], expected["total"]["se"])
    shares = survey_mean(design, pd.get_dummies(d.stype).astype(float))
    agrees(shares, list(expected["prop"]["est"].values()), list(expected["prop"]["se"].values()))
    for label, found in domain_means(design, d.api00, d.stype).items():
        (row,) = (row for row in expected["by"] if row["stype"] == label)
        agrees(found, row["api00"], row["se"])
    assert survey_quantile(design, d.api00, [0.25, 0.5, 0.75]).tolist() == expected["quantile"]
    if (
        expected["ratio"]["est"] is None
    ):  # R refuses as enrolment is missing; ours is of the schools that have it
        has = d.enroll.notna()
        theirs = np.sum((d.pw * d["api.stu"])[has]) / np.sum((d.pw * d.enroll)[has])
        assert survey_ratio(design, d["api.stu"], d.enroll).estimate[0] == pytest.approx(theirs, rel=1e-12)
    else:
        ratio = survey_ratio(design, d["api.stu"], d.enroll)
        agrees(ratio, expected["ratio"]["est"], expected["ratio"]["se"])


@pytest.mark.shared
@pytest.mark.parametrize("name", DESIGNS)
def test_regressions_equal_survey(values, schools, name):
    expected, (d, design) = values[name], schools[name]
    X = np.column_stack([np.ones(len(d)), d[["ell", "meals", "mobility"]]])
    linear = survey_regression(design, d.api00, X)
    agrees(linear, *(told(expected["glm"], what) for what in ("Estimate", "Std. Error")))
    assert linear.df == expected["df_resid"]
    assert linear.pvalue == pytest.approx(told(expected["glm"], "Pr(>|t|)"), rel=1e-10)
    difference = survey_regression(design, d.api00, np.column_stack([X[:, 0], d["comp.imp"] == "Yes"]))
    assert difference.estimate[1] / difference.se[1] == pytest.approx(expected["ttest"], rel=1e-11)
    logit = survey_logit(design, d["sch.wide"] == "Yes", X)
    assert logit.estimate == pytest.approx(told(expected["logit"], "Estimate"), rel=1e-7)
    # R's errors weigh rows as in the iteration before its last: 1e-4 away here, equal below
    assert logit.se == pytest.approx(told(expected["logit"], "Std. Error"), rel=1e-4)
    coef, influence = stopped_early((d["sch.wide"] == "Yes").to_numpy(float), X, design.weights)
    assert coef == pytest.approx(told(expected["logit"], "Estimate"), rel=1e-10)
    se = np.sqrt(np.diag(design.covariance(influence)))
    assert se == pytest.approx(told(expected["logit"], "Std. Error"), rel=1e-10)


def told(rows, what):
    return np.array([row[what] for row in rows])


def stopped_early(y, X, weights):
    """Return coefficients and linearised variables of a logit, iterated and ended as R's glm does."""
    w = weights / weights.mean()
    mu, before = (w * y + 0.5) / (w + 1), np.inf
    eta = np.log(mu / (1 - mu))
    while True:
        weigh = w * mu * (1 - mu)
        information = X.T @ (weigh[:, None] * X)
        coef = np.linalg.solve(information, X.T @ (weigh * (eta + (y - mu) / (mu * (1 - mu)))))
        eta = X @ coef
        mu = expit(eta)
        deviance = -2 * np.sum(w * np.log(np.where(y == 1, mu, 1 - mu)))
        if abs(deviance - before) / (abs(deviance) + 0.1) < 1e-8:
            score = (weigh * (y - mu) / (mu * (1 - mu)))[:, None] * X
            return coef, score @ np.linalg.inv(information) / weights[:, None]
        before = deviance


@pytest.mark.shared
def test_calibrated_errors_equal_survey(values, schools):
    d, design = schools["clus1_fpc"]
    types = {"E": 4421.0, "H": 755.0, "M": 1018.0}
    dummies = pd.get_dummies(d.stype).astype(float)
    linear = design.calibrated(calibrate(d.pw, dummies, list(types.values())).weights, dummies)
    stratified = design.calibrated(rake(d.pw, [(d.stype, types)]).weights, indicators([d.stype]))
    for found, name in ((linear, "calibrate_clus1"), (stratified, "poststrat_clus1")):
        expected = values[name]
        agrees(survey_mean(found, d.api00), expected["mean"]["est"]["api00"], expected["mean"]["se"])
        agrees(survey_total(found, d.enroll), expected["total"]["est"]["enroll"], expected["total"]["se"])


@pytest.mark.shared
def test_raked_errors_equal_survey(values, schools):
    d, design = schools["clus1_nofpc"]
    margins = [
        (d.stype, {"E": 4421.0, "H": 755.0, "M": 1018.0}),
        (d["sch.wide"], {"No": 1072.0, "Yes": 5122.0}),
    ]
    expected = values["rake_clus1"]
    stopped = rake(d.pw, margins, cycles=4)  # where R's own raking ends
    found = survey_mean(design.calibrated(stopped.weights, stopped.auxiliary), d.api00)
    assert found.estimate[0] == pytest.approx(expected["mean"]["est"]["api00"], rel=1e-11)
    # R takes residuals by ten alternations between the margins, not by their least squares
    assert found.se[0] == pytest.approx(expected["mean"]["se"][0], rel=1e-6)


@pytest.mark.shared
def test_jackknife_equals_survey(values, schools):
    for name, sample in (("jk1_clus1", "clus1_nofpc"), ("jkn_strat", "strat_nofpc")):
        d, design = schools[sample]
        found = jackknife(design).covariance(lambda w, d=d: np.average(d.api00, weights=w))
        assert np.sqrt(found[0, 0]) == pytest.approx(values[name]["se"][0], rel=1e-11)
