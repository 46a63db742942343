"""The joint model and the importance shares against independent computations and worlds with known truth."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.stats.weightstats import DescrStatsW

from tests.questions.small import codebook, study
from walesi_research import open_study
from walesi_research.findings import dumps_findings
from walesi_research.questions import performance
from walesi_research.questions.performance.cases import complete_cases
from walesi_research.questions.performance.estimate import importance_shares, joint_test
from walesi_research.questions.variables import PREDICTORS
from walesi_research.stats import standardise
from walesi_research.study.study import Study


def standardised(cases):
    names = ["performance", *cases.predictors, *cases.controls]
    return pd.DataFrame({n: standardise(cases.frame[n]) for n in names}).assign(
        unit=cases.frame["unit"].to_numpy()
    )


def whitened(frame, peer):
    """Return response and design with V^(-1/2) of the peer's variances, made densely."""
    same = frame["unit"].to_numpy()[:, None] == frame["unit"].to_numpy()
    values, vectors = np.linalg.eigh(peer.scale * np.eye(len(frame)) + float(peer.cov_re.iloc[0, 0]) * same)
    root = vectors / np.sqrt(values) @ vectors.T
    return root @ peer.model.endog, root @ peer.model.exog


@pytest.mark.parametrize("bundled", [False, True])
def test_the_joint_model_equals_statsmodels_mixed_model(random_study, root, bundled):
    """Coefficients against MixedLM; errors against HC2 of least squares on densely whitened rows."""
    opened = open_study(root / "data" / "walesi") if bundled else random_study(n=150, units=8)
    cases = complete_cases(opened)
    assert cases.controls == (["prior"] if bundled else [])
    frame = standardised(cases)
    formula = "performance ~ " + " + ".join([*PREDICTORS, *cases.controls])
    peer = smf.mixedlm(formula, frame, groups="unit").fit(reml=True)
    robust = sm.OLS(*whitened(frame, peer)).fit(cov_type="HC2")
    errors = dict(zip(peer.model.exog_names, robust.bse, strict=True))
    found = performance.joint(opened).coefficients
    for name in PREDICTORS:
        # both optimise the same criterion; statsmodels stops at about 1e-5 of a variance
        assert found[name].estimate == pytest.approx(peer.params[name], abs=1e-4)
        assert found[name].se == pytest.approx(errors[name], rel=1e-3)


def test_the_share_between_units_equals_statsmodels_mixed_model(random_study):
    opened = random_study(n=150, units=8)
    formula = "performance ~ " + " + ".join(PREDICTORS)
    peer = smf.mixedlm(formula, standardised(complete_cases(opened)), groups="unit").fit(reml=True)
    between = float(peer.cov_re.iloc[0, 0])
    # both optimise the same criterion; statsmodels stops at about 1e-5 of a variance
    found = performance.joint(opened).model.unit_share
    assert found == pytest.approx(between / (between + peer.scale), abs=1e-3)
    assert 0.2 < found < 0.8  # neither nothing nor all, where any quotient would do


def test_a_single_unit_is_fitted_without_random_intercepts(random_study):
    opened = random_study(n=80, units=1)
    frame = standardised(complete_cases(opened))
    peer = sm.OLS(frame["performance"], sm.add_constant(frame[list(PREDICTORS)])).fit(cov_type="HC2")
    found = performance.joint(opened)
    for name in PREDICTORS:
        assert found.coefficients[name].estimate == pytest.approx(peer.params[name], abs=1e-10)
        assert found.coefficients[name].se == pytest.approx(peer.bse[name], rel=1e-8)


def brute_lmg(Z):
    """Return LMG shares by adding predictors in every order, R² by least squares."""

    def r2(columns):
        X = np.column_stack([np.ones(len(Z)), Z[:, list(columns)]])
        residual = Z[:, -1] - X @ np.linalg.lstsq(X, Z[:, -1], rcond=None)[0]
        return 1 - residual @ residual / ((Z[:, -1] - Z[:, -1].mean()) ** 2).sum()

    p, gains = Z.shape[1] - 1, []
    for order in permutations(range(p)):
        gain = np.empty(p)
        for k, column in enumerate(order):
            gain[column] = r2(order[: k + 1]) - r2(order[:k])
        gains.append(gain)
    mean = np.mean(gains, axis=0)
    return mean / mean.sum()


def test_importance_equals_the_average_over_all_orders(random_study):
    result = performance.importance(random_study(n=200, slope=0.8), draws=99)
    Z = result.cases.frame[[*PREDICTORS, "performance"]].to_numpy()
    found = [result.shares.estimate[name] for name in PREDICTORS]
    assert found == pytest.approx(brute_lmg(Z), abs=1e-10)
    assert sum(found) == pytest.approx(1, abs=1e-12)
    assert result.shares.estimate["culture"] == max(found)


def test_importance_of_appraised_performance_is_within_units(root):
    result = performance.importance(open_study(root / "data" / "walesi"), draws=99)
    frame = result.cases.frame
    within = frame[[*PREDICTORS, "performance"]] - frame.groupby("unit", observed=True)[
        [*PREDICTORS, "performance"]
    ].transform("mean")
    assert [result.shares.estimate[n] for n in PREDICTORS] == pytest.approx(
        brute_lmg(within.to_numpy()), abs=1e-9
    )


def test_nobody_is_left_out_for_want_of_a_year_before(root):
    opened = open_study(root / "data" / "walesi")
    early = opened.appraisals["period"] < opened.calendar.parse("2024-Q1")
    newcomers = set(opened.employees["employee_id"][::3])
    kept = opened.appraisals[~(early & opened.appraisals["employee_id"].isin(newcomers))]
    cases = complete_cases(
        study(dict(opened.tables) | {"appraisals": kept}, opened.codebook, survey_date=None)
    )
    assert len(cases.frame) == len(complete_cases(opened).frame)
    assert cases.controls == ["prior", "no_prior"]
    without = cases.frame["no_prior"] == 1
    assert set(cases.frame.index[without]) <= newcomers and without.any()
    assert cases.frame.loc[without, "prior"].nunique() == 1


def test_importance_intervals_are_those_of_a_plain_bootstrap(random_study):
    opened = random_study(n=60, slope=1.5)
    cases = complete_cases(opened)
    counts = np.stack(
        [np.random.default_rng(b).multinomial(60, np.full(60, 1 / 60)) for b in range(99)]
    ).astype(float)
    shares = importance_shares(cases, [counts[:40], counts[40:]], 0.9)
    Z = cases.frame[[*PREDICTORS, "performance"]].to_numpy()
    plain = np.array([brute_lmg(np.repeat(Z, c.astype(int), axis=0)) for c in counts])
    low, high = np.quantile(plain, [0.05, 0.95], axis=0)
    assert [shares.low[n] for n in PREDICTORS] == pytest.approx(low, abs=1e-9)
    assert [shares.high[n] for n in PREDICTORS] == pytest.approx(high, abs=1e-9)


def test_the_joint_test_equals_the_f_test_of_least_squares(random_study):
    cases = complete_cases(random_study(n=90))
    frame = standardised(cases)
    peer = sm.OLS(frame["performance"], sm.add_constant(frame[list(PREDICTORS)])).fit()
    assert joint_test(cases) == pytest.approx(peer.f_pvalue, rel=1e-8)


def test_nothing_is_shared_out_where_there_is_nothing(random_study):
    silent = sum(
        performance.importance(random_study(n=60, slope=0, seed=s), draws=99).shares is None
        for s in range(40)
    )
    # an F test at 5 %: 38 of 40 expected; fewer than 34 once in 2,000 runs
    assert silent >= 34
    told = performance.importance(random_study(n=60, slope=1.5), draws=99)
    assert told.shares is not None


def test_a_missing_measure_is_named_and_the_others_are_estimated(random_study):
    opened = random_study(book=codebook(("culture", "recognition", "training", "performance")))
    findings = {f.id: f for f in performance.joint(opened).findings}
    assert findings["joint.fairness"].status == "not_estimable"
    assert "fairness" in findings["joint.fairness"].reason
    assert findings["joint.culture"].status == "estimated"
    assert all(f.status == "not_estimable" for f in performance.importance(opened).findings)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("n", [3, 12])
def test_a_tiny_study_gets_an_answer_in_words(random_study, n, language):
    opened = random_study(n=n, units=2)
    for result in (performance.joint(opened), performance.importance(opened)):
        assert all(f.status == "not_estimable" and f.reason for f in result.findings)
        assert result.sentence(language)[0].kind == "note"
        assert result.plot(language) == []


@pytest.mark.parametrize("units", [6, 1])
def test_weights_bring_a_twin_equal_to_weighted_least_squares(random_study, units):
    opened = random_study(n=100, units=units)
    weight = 1.0 + np.arange(100) % 3
    weighted = study(dict(opened.tables) | {"survey": opened.survey.assign(weight=weight)}, opened.codebook)
    result = performance.joint(weighted)
    values = result.cases.frame[["performance", *PREDICTORS]]
    about = DescrStatsW(values, weight)
    frame = ((values - about.mean) / about.std).reset_index(drop=True)
    peer = sm.WLS(frame["performance"], sm.add_constant(frame[list(PREDICTORS)]), weights=weight).fit()
    for name in PREDICTORS:
        assert result.twin.coefficients[name].estimate == pytest.approx(peer.params[name], abs=1e-10)
    assert "bobot survei" in result.plot("id").html()


@pytest.mark.parametrize("fault", ["same scale twice", "no error"])
def test_what_cannot_be_told_apart_is_not_estimated(random_study, fault):
    opened = random_study(n=60)
    answers = opened.survey.copy()
    source, target = ("culture", "recognition") if fault == "same scale twice" else ("culture", "performance")
    for i in (1, 2):
        answers[f"{target}{i}"] = answers[f"{source}{i}"]
    result = performance.joint(study(dict(opened.tables) | {"survey": answers}, opened.codebook))
    assert {f.status for f in result.findings} == {"not_estimable"}


def test_the_minimum_cell_holds_for_models_too(random_study):
    opened = random_study(n=45)
    strict = Study(
        opened.settings.model_copy(
            update={"privacy": opened.settings.privacy.model_copy(update={"minimum_cell": 50})}
        ),
        opened.codebook,
        opened.tables,
    )
    for result in (performance.joint(strict), performance.importance(strict)):
        assert {f.status for f in result.findings} == {"not_estimable"}


def test_affine_changes_of_scales_change_nothing(random_study):
    opened = random_study(n=100)
    plain = {name: c.estimate for name, c in performance.joint(opened).coefficients.items()}
    cases = complete_cases(opened)
    stretched = cases.frame.assign(
        performance=10 * cases.frame["performance"] - 3, culture=cases.frame["culture"] / 7
    )
    from walesi_research.questions.performance.cases import Cases
    from walesi_research.questions.performance.estimate import fit_joint

    moved = fit_joint(Cases(stretched, cases.source, cases.trained_by, cases.missing), 0.95)
    assert {n: c.estimate for n, c in moved.coefficients.items()} == pytest.approx(plain, abs=1e-8)


def test_the_same_study_gives_the_same_findings_to_the_byte(random_study):
    def text():
        opened = random_study(slope=1.0)
        return dumps_findings(
            [*performance.joint(opened).findings, *performance.importance(opened, draws=199).findings]
        )

    assert text() == text()


def test_no_sentence_claims_a_cause(random_study):
    result = performance.joint(random_study(n=300, slope=1.0))
    told = " ".join(s.alt for s in result.sentence("en")).lower()
    assert "not proof of cause" in told
    assert not any(word in told for word in ("raises", "increases", "improves", "leads to", "effect"))
    assert {f.claim for f in result.findings} == {"association"}
