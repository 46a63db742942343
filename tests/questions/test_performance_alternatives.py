"""The joint model raked and imputed: against statsmodels and R's own steps, and what is said of it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.imputation.mice import MICEData
from statsmodels.stats.weightstats import DescrStatsW

from tests.questions.small import codebook, study
from walesi_research import open_study
from walesi_research.questions import performance
from walesi_research.questions.effect import Effect
from walesi_research.questions.performance.alternatives import KINDS, Alternatives, alternatives
from walesi_research.questions.performance.cases import complete_cases
from walesi_research.questions.performance.imputed import (
    imputed_model,
    incomplete_cases,
    pooled,
    tables_needed,
)
from walesi_research.questions.performance.raked import groupings, raked_model, raked_weights
from walesi_research.questions.variables import PREDICTORS


@pytest.fixture
def thinned(random_study):
    """Return a maker of studies of which the women answer less often and some leave scales blank."""

    def make(units=4, n=200, blanks=0.1, seed=1, answering=(0.9, 0.5)):
        opened = random_study(n=n, units=units, seed=seed)
        rng = np.random.default_rng(seed)
        employees = opened.employees.assign(
            gender=pd.Categorical(rng.choice(["f", "m"], n)),
            status=pd.Categorical(rng.choice(["pns", "pppk"], n)),
        )
        answer = rng.random(n) < np.where(employees["gender"] == "m", *answering)
        survey = opened.survey.copy()
        for role in ("culture", "fairness"):
            blank = rng.random(n) < blanks
            survey.loc[blank, [f"{role}1", f"{role}2"]] = np.nan
        return study(
            {"employees": employees, "survey": survey[answer].reset_index(drop=True)}, opened.codebook
        )

    return make


def test_raked_coefficients_of_one_unit_equal_weighted_least_squares(thinned):
    opened = thinned(units=1)
    cases = complete_cases(opened)
    listed = opened.employees.set_index("employee_id")
    found = raked_model(opened, cases, 0.95)
    # one unit and cells all large: raking is post-stratification to gender by status
    cell = listed["gender"].astype(str) + listed["status"].astype(str)
    mine = cell.reindex(cases.frame.index)
    w = (mine.map(cell.value_counts()) / mine.map(mine.value_counts())).to_numpy()
    values = cases.frame[["performance", *PREDICTORS]]
    about = DescrStatsW(values, w)
    z = (values - about.mean) / about.std
    peer = sm.WLS(z["performance"], sm.add_constant(z[list(PREDICTORS)]), weights=w).fit()
    for name in PREDICTORS:
        assert found.coefficients[name].estimate == pytest.approx(peer.params[name], abs=1e-9)
    assert found.design_effect == pytest.approx(len(w) * np.sum(w**2) / np.sum(w) ** 2, rel=1e-9)
    assert (found.n, found.listed) == (len(w), len(listed))


def test_raked_weights_meet_the_margins_of_the_list(thinned):
    opened = thinned()
    listed, frame = opened.employees.set_index("employee_id"), complete_cases(opened).frame
    weights = pd.Series(raked_weights(listed, frame, 5).weights, frame.index)
    for name in ("unit", "gender", "status"):
        told = weights.groupby(listed[name].reindex(frame.index), observed=True).sum()
        assert told.to_dict() == pytest.approx(listed[name].value_counts().to_dict(), rel=1e-8)


def people(units, answered):
    """Return 12 people a unit, genders and status evenly, and of whom `answered` of each unit answered."""
    n = 12 * units
    listed = pd.DataFrame({"unit": np.repeat(np.arange(units), 12).astype(str)})
    listed["gender"], listed["status"] = (
        np.tile(["f", "m"], n // 2),
        np.tile(["pns"] * 6 + ["pppk"] * 6, units),
    )
    return listed, np.tile(np.arange(12) < answered, units)


def test_groups_are_as_fine_as_the_answers_allow():
    listed, everyone = people(3, 12)
    assert [each.nunique() for each in groupings(listed, everyone, 3)] == [12]
    assert [each.nunique() for each in groupings(listed, everyone, 5)] == [3, 4]
    few, some = people(3, 7)  # of pppk one answered in each unit: three, fewer than five, in all
    assert [each.nunique() for each in groupings(few, some, 5)] == [3, 2]
    assert groupings(few, some, 5)[1].unique().tolist() == ["f", "m"]
    assert groupings(listed[["unit"]], everyone, 5) == []
    assert groupings(listed.assign(gender="f", status=None), everyone, 5) == []


def test_no_group_has_fewer_answers_than_may_be_told():
    for answered in range(3, 12):
        listed, who = people(5, answered)
        for each in groupings(listed, who, 5):
            assert pd.Series(who).groupby(each).sum().min() >= 5


def test_imputed_coefficients_agree_with_those_of_another_program(thinned):
    """statsmodels' chained equations draw other values: half a standard error apart at most."""
    opened = thinned(units=1, n=400, blanks=0.2, answering=(1.0, 1.0))
    cases = complete_cases(opened)
    found = imputed_model(opened, cases, 0.95)
    frame = incomplete_cases(opened, cases)[["performance", *PREDICTORS]].reset_index(drop=True)
    np.random.seed(1)  # noqa: NPY002 - its chains draw from the global generator
    chains, estimates = MICEData(frame), []
    for _ in range(30):
        chains.update_all(3)
        z = (chains.data - chains.data.mean()) / chains.data.std()
        estimates.append(sm.OLS(z["performance"], sm.add_constant(z[list(PREDICTORS)])).fit().params)
    peer = np.mean(estimates, axis=0)[1:]
    for name, value in zip(PREDICTORS, peer, strict=True):
        c = found.coefficients[name]
        assert c.estimate == pytest.approx(value, abs=0.5 * c.se)
    complete = performance.joint(opened).coefficients
    assert found.coefficients["culture"].se < complete["culture"].se  # who left one scale blank is in again
    assert found.n == 400


def test_tables_that_agree_have_the_freedom_of_complete_data(random_study):
    """Satterthwaite's, made densely from HC2, less Barnard and Rubin's (d + 1) / (d + 3) for the tables."""
    cases = complete_cases(random_study(n=40, units=1))
    found = pooled([cases.frame.drop(columns="unit")] * 3, cases.frame["unit"], cases, 0.95)
    z = cases.frame[["performance", *PREDICTORS]]
    peer = sm.OLS(z["performance"], sm.add_constant(z[list(PREDICTORS)])).fit(cov_type="HC2")
    leverage = peer.get_influence().hat_matrix_diag
    residuals = np.eye(len(z)) - peer.model.exog @ peer.model.pinv_wexog
    for k, name in enumerate(PREDICTORS, 1):
        form = residuals @ np.diag(peer.model.pinv_wexog[k] ** 2 / (1 - leverage)) @ residuals
        d = np.trace(form) ** 2 / np.trace(form @ form)
        assert d < len(z) - 1 - len(PREDICTORS)
        left = d * (d + 1) / (d + 3)
        assert found.df[k - 1] == pytest.approx(left, rel=1e-8)
        p = 2 * stats.t.sf(abs(peer.tvalues[name]), left)
        assert found.pvalue[k - 1] == pytest.approx(p, rel=1e-6)


def test_as_many_tables_as_per_cent_of_cases_are_incomplete():
    assert [tables_needed(share) for share in (0.01, 0.233, 0.9)] == [10, 24, 50]


def test_everyone_of_whom_something_is_known_is_imputed(root):
    opened = open_study(root / "data/walesi")
    cases = complete_cases(opened)
    frame = incomplete_cases(opened, cases)
    assert len(frame) > len(cases.frame) and set(cases.frame.index) <= set(frame.index)
    assert {"unit", "gender", "status", "motivation", "commitment", "prior"} <= set(frame)
    # what the complete cases hold is what the imputation starts from
    both = frame.loc[cases.frame.index, ["performance", *PREDICTORS]]
    pd.testing.assert_frame_equal(both, cases.frame[list(both)], check_dtype=False, check_names=False)


def test_findings_do_not_depend_on_pseudonyms_or_the_order_of_surveys(thinned):
    opened = thinned()
    renamed = {old: f"x{k * 7919 % 1000:03d}" for k, old in enumerate(opened.employees["employee_id"])}
    tables = {
        name: table.assign(employee_id=table["employee_id"].map(renamed))
        for name, table in opened.tables.items()
        if table is not None
    }
    again = alternatives(study(tables, opened.codebook))
    for f, g in zip(alternatives(opened).findings, again.findings, strict=True):
        assert (f.id, f.estimate, f.low) == (g.id, pytest.approx(g.estimate, abs=1e-12), pytest.approx(g.low))


def test_one_newcomer_without_a_year_before_does_no_harm(root):
    """The indicator of one person follows that person wholly: no residual, and no error of its own."""
    opened = open_study(root / "data/walesi")
    early = opened.appraisals["period"] < opened.calendar.parse("2024-Q1")
    newcomer = opened.appraisals["employee_id"] == complete_cases(opened).frame.index[3]
    tables = dict(opened.tables) | {"appraisals": opened.appraisals[~(early & newcomer)]}
    result = alternatives(study(tables, opened.codebook))
    assert result.cases.frame["no_prior"].sum() == 1
    usual = {f.id: f for f in alternatives(opened).findings}
    for f in result.findings:
        # one of 134 left without a control moves nothing by a third of an error
        assert f.estimate == pytest.approx(usual[f.id].estimate, abs=0.35 * usual[f.id].se)
        assert f.se == pytest.approx(usual[f.id].se, rel=0.15)


def test_all_answered_means_no_column(random_study):
    result = alternatives(random_study(n=100))
    assert {f.status for f in result.findings} == {"not_estimable"}
    assert result.table("id") == [] and result.details("id") == []
    (note,) = result.sentence("en")
    assert "nothing to weight" in note.alt and "to fill in" in note.alt


def test_fewer_missing_than_may_be_told_are_not_told(thinned):
    opened = thinned(blanks=0.0, answering=(1.0, 1.0))
    gone = opened.employees["employee_id"].iloc[:4]
    kept = opened.survey[~opened.survey["employee_id"].isin(gone)]
    result = alternatives(study({"employees": opened.employees, "survey": kept}, opened.codebook))
    assert result.models == {} and "nearly all" in result.sentence("en")[0].alt


def test_without_gender_and_status_blanks_are_filled_in_only(thinned):
    opened = thinned()
    bare = opened.employees.drop(columns=["gender", "status"])
    result = alternatives(study({"employees": bare, "survey": opened.survey}, opened.codebook))
    assert list(result.models) == ["imputed"]
    reasons = {f.id: f.reason for f in result.findings}
    assert "gender or status" in reasons["joint.culture_raked"] and not reasons["joint.culture_imputed"]


def test_a_missing_measure_keeps_its_row_and_its_reason(thinned):
    opened = thinned()
    book = codebook(("culture", "recognition", "training", "performance"))
    result = alternatives(study(dict(opened.tables), book))
    found = {f.id: f for f in result.findings}
    assert all("fairness" in found[f"joint.fairness_{kind}"].reason for kind in KINDS)
    assert "tidak mengukur keadilan" in result.table("id").html()


@pytest.mark.parametrize("fault", ["tiny", "no survey"])
def test_without_a_joint_model_there_are_reasons_and_nothing_else(thinned, fault):
    opened = thinned(n=20) if fault == "tiny" else thinned()
    tables = {"employees": opened.employees} if fault == "no survey" else dict(opened.tables)
    result = alternatives(study(tables, opened.codebook))
    assert all(f.status == "not_estimable" and f.reason for f in result.findings)
    assert [part("id") for part in (result.heading, result.sentence, result.table, result.details)] == [
        []
    ] * 4


CLEAR, OPEN = Effect(0.3, 0.05, 99, 0.2, 0.4, 1e-6), Effect(0.1, 0.1, 99, -0.1, 0.3, 0.3)
DOWN = Effect(-0.3, 0.05, 99, -0.4, -0.2, 1e-6)


def told(main, raked, language):
    fits = {"raked": SimpleNamespace(coefficients=raked)}
    result = Alternatives(SimpleNamespace(), 0.95, None, SimpleNamespace(missing={}), main, fits)
    return result.heading(language)[0].alt, result.sentence(language)[0].alt


def test_the_sentence_says_what_changes_and_into_what():
    main = {"training": CLEAR, "culture": OPEN, "fairness": OPEN}
    heading, same = told(main, main, "id")
    assert heading.endswith("kesimpulannya sama") and same.startswith("Untuk tiap ukuran kesimpulannya sama")
    heading, lost = told(main, main | {"training": OPEN}, "id")
    assert heading.endswith("berubah") and "untuk pelatihan belum dapat disimpulkan" in lost
    _, gained = told(main, main | {"culture": CLEAR, "fairness": DOWN}, "en")
    assert "higher performance becomes clear for work culture" in gained
    assert "lower performance becomes clear for fairness of appraisal" in gained
