"""Interactions of the joint model against statsmodels, and against effects that were put in."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from tests.questions.small import ROLES, codebook, people, study, survey
from walesi_research import open_study
from walesi_research.questions.performance.cases import complete_cases
from walesi_research.questions.performance.interactions import interactions
from walesi_research.questions.performance.products import PAIRS, products, shrinkage
from walesi_research.questions.variables import PREDICTORS
from walesi_research.stats import standardise
from walesi_research.stats.reliability import alpha

TERMS = "training:culture + recognition:fairness"


def standardised(cases):
    names = ["performance", *cases.predictors, *cases.controls]
    frame = pd.DataFrame({name: standardise(cases.frame[name]) for name in names})
    return frame.assign(unit=cases.frame["unit"].astype(str).to_numpy())


def strengthened(slope, n=240, units=6, seed=3):
    """Return a study in which training goes with more performance where culture is good, by `slope`."""
    rng = np.random.default_rng(seed)
    employees = people(n, units)
    latent = {role: rng.normal(size=n) for role in ROLES}
    latent["performance"] = slope * latent["training"] * latent["culture"] + 0.5 * rng.normal(size=n)
    answers = {f"{role}{i}": 3 + latent[role] + 0.2 * rng.normal(size=n) for role in ROLES for i in (1, 2)}
    return study({"employees": employees, "survey": survey(employees, answers)}, codebook())


@pytest.mark.parametrize("bundled", [False, True])
def test_products_equal_statsmodels_mixed_model(random_study, root, bundled):
    opened = open_study(root / "data/walesi") if bundled else random_study(n=150, units=8)
    cases = complete_cases(opened)
    formula = f"performance ~ {' + '.join([*PREDICTORS, *cases.controls])} + {TERMS}"
    peer = smf.mixedlm(formula, standardised(cases), groups="unit").fit(reml=True)
    found = products(cases, 0.95)
    for name, pair in PAIRS.items():
        # both optimise the same criterion; statsmodels stops at about 1e-5 of a variance
        assert found[name].term.estimate == pytest.approx(peer.params[":".join(pair)], abs=1e-4)


def test_errors_and_simple_slopes_equal_least_squares_of_one_unit(random_study):
    cases = complete_cases(random_study(n=100, units=1))
    formula = f"performance ~ {' + '.join(PREDICTORS)} + {TERMS}"
    peer = smf.ols(formula, standardised(cases)).fit(cov_type="HC2")
    found = products(cases, 0.95)
    for name, pair in PAIRS.items():
        term = ":".join(pair)
        assert found[name].term.estimate == pytest.approx(peer.params[term], abs=1e-9)
        assert found[name].term.se == pytest.approx(peer.bse[term], rel=1e-7)
        for at, slope in ((-1, found[name].at_low), (1, found[name].at_high)):
            contrast = pd.Series(0.0, peer.params.index)
            contrast[[pair[0], term]] = 1.0, at
            told = peer.t_test(contrast.to_numpy())
            assert slope.estimate == pytest.approx(float(told.effect[0]), abs=1e-9)
            assert slope.se == pytest.approx(float(np.squeeze(told.sd)), rel=1e-7)


def test_an_interaction_that_is_there_is_found_and_told():
    result = interactions(strengthened(1.0))
    assert result.judged == {"training_by_culture": "supported", "recognition_by_fairness": "cannot_tell"}
    product = result.found["training_by_culture"]
    assert product.at_low.high < 0 < product.at_high.low
    assert (
        result.heading("en")[0].alt == "The association of training with performance depends on work culture"
    )
    assert "Makin baik budaya kerja" in result.sentence("id")[0].alt
    assert "escapes" not in result.sentence("en")[0].alt and "escapes" in result.sentence("en")[1].alt
    other = interactions(strengthened(-1.0))
    assert other.judged["training_by_culture"] == "not_supported"


def test_holm_decides_what_is_clear(random_study):
    opened = random_study(n=150)
    result = interactions(opened)
    found = {f.id: f for f in result.findings}
    assert found["joint.training_by_culture"].p_adjusted is None  # that is the confirmatory family's
    p = sorted(f.p for f in found.values())
    clear = [verdict != "cannot_tell" for verdict in result.judged.values()]
    assert sum(clear) == (0 if 2 * p[0] >= 0.05 else 1 + (p[1] < 0.05))


def test_what_is_visible_is_stricter_than_one_test_and_grows_as_people_are_fewer():
    few, many = (
        products(complete_cases(strengthened(0.0, n=n)), 0.95)["training_by_culture"] for n in (60, 240)
    )
    for product in (few, many):
        assert product.visible > 2.8 * product.term.se
        assert product.visible < 3.6 * product.term.se  # z(.9875) + z(.8) = 3.08, t of few df beyond
    assert few.visible > many.visible


@pytest.mark.parametrize(("roles", "error"), [(ROLES, 0.025), (set(ROLES) - {"fairness"}, 0.05)])
def test_what_is_visible_is_found_in_four_of_five_studies_after_holm(roles, error):
    """Of two products each is tested at half of 5 % in the worst case, one alone at the whole."""
    opened = strengthened(0.0)
    book = codebook([role for role in ROLES if role in roles])
    found = products(complete_cases(study(dict(opened.tables), book)), 0.95)
    assert len(found) == round(0.05 / error)
    for product in found.values():
        limit = stats.t.ppf(1 - error / 2, product.term.df)
        power = stats.nct.sf(limit, product.term.df, product.visible / product.term.se)
        assert power == pytest.approx(0.8, abs=0.005)  # quantiles added, not the noncentral t inverted


def test_the_shrinkage_is_that_of_the_scales(random_study):
    opened = random_study(n=150)
    cases = complete_cases(opened)
    a = [alpha(opened.survey[[f"{r}1", f"{r}2"]]).estimate for r in ("training", "culture")]
    r = np.corrcoef(cases.frame["training"], cases.frame["culture"])[0, 1]
    expected = np.sqrt((r**2 + a[0] * a[1]) / (1 + r**2))
    assert shrinkage(opened, cases, ("training", "culture")) == pytest.approx(expected, rel=1e-12)


def test_recorded_hours_count_as_free_of_error(root):
    opened = open_study(root / "data/walesi")
    cases = complete_cases(opened)
    assert cases.trained_by == "hours"
    items = opened.codebook.keyed(opened.survey, "work_culture").dropna()
    r = np.corrcoef(cases.frame["training"], cases.frame["culture"])[0, 1]
    expected = np.sqrt((r**2 + alpha(items.to_numpy()).estimate) / (1 + r**2))
    assert shrinkage(opened, cases, ("training", "culture")) == pytest.approx(expected, rel=1e-12)


def test_a_scale_of_one_item_has_no_shrinkage(random_study):
    opened = random_study(n=100, book=codebook(items=1))
    assert shrinkage(opened, complete_cases(opened), ("training", "culture")) is None
    assert "–" in interactions(opened).table("id").html()


def test_a_missing_measure_leaves_the_other_pair(random_study):
    opened = random_study(book=codebook(("culture", "recognition", "training", "performance")))
    result = interactions(opened)
    found = {f.id: f for f in result.findings}
    assert found["joint.training_by_culture"].status == "estimated"
    assert "fairness" in found["joint.recognition_by_fairness"].reason
    assert "tidak mengukur keadilan" in result.table("id").html()


@pytest.mark.parametrize("fault", ["tiny", "no survey", "no performance", "same scale twice", "no pair"])
def test_without_a_model_there_are_reasons_and_nothing_else(random_study, fault):
    opened = random_study(n=12 if fault == "tiny" else 60)
    tables, book = dict(opened.tables), opened.codebook
    if fault == "no survey":
        tables = {"employees": opened.employees}
    elif fault == "no performance":
        book = codebook(("culture", "recognition", "training", "fairness"))
    elif fault == "no pair":
        book = codebook(("culture", "recognition", "performance"))
    elif fault == "same scale twice":
        same = {f"culture{i}": tables["survey"][f"recognition{i}"] for i in (1, 2)}
        tables["survey"] = tables["survey"].assign(**same)
    result = interactions(study(tables, book))
    assert all(f.status == "not_estimable" and f.reason for f in result.findings)
    for language in ("id", "en"):
        shown = (result.heading, result.sentence, result.plot, result.table, result.details)
        assert [part(language) for part in shown] == [[]] * 5


def test_the_plot_shows_four_slopes_and_says_what_its_marks_mean(random_study):
    html = interactions(random_study(n=100)).plot("en").html()
    assert html.count("where work culture is low") >= 1 and "the interval does not hold 0" in html
