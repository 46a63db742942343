"""The appraisal as felt and as recorded: against plain least squares, and silent where it must be."""

import numpy as np
import pandas as pd
import pytest

from tests.questions.appraised import LATEST, LEAST, of_chance
from tests.questions.small import codebook, study
from walesi_research.questions.appraisal import perception
from walesi_research.questions.appraisal.perception import own_residuals, within_correlation
from walesi_research.study.resampling import Resampling

GAP = "perception.transparency_gap"


def gap_of(result):
    return next(f for f in result.findings if f.id == GAP)


def replaced(here, **tables):
    return study(dict(here.tables) | tables, here.codebook)


def residuals_by_least_squares(appraisals):
    """Return mean residuals by employee from a design with a dummy for every period."""
    rows = appraisals.assign(
        x=appraisals.groupby(["employee_id", "period"])["achievement"].transform("mean")
    ).dropna(subset=["x", "score"])
    X = np.column_stack([rows["x"], pd.get_dummies(rows["period"]).to_numpy(dtype=float)])
    y = rows["score"].to_numpy()
    residual = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    return pd.Series(residual, index=rows["employee_id"]).groupby(level=0).mean()


def test_residuals_are_those_of_least_squares_with_period_dummies():
    here = of_chance(4)
    expected = residuals_by_least_squares(here.appraisals)
    found = own_residuals(here)
    # both solve the same equations; 1e-9 is rounding
    np.testing.assert_allclose(found.loc[expected.index], expected, atol=1e-9)


def test_the_gap_is_the_correlation_of_deviations_from_unit_means():
    here = of_chance(4)
    frame = pd.DataFrame(
        {
            "fairness": here.codebook.scores(here.survey)["fairness"].to_numpy(),
            "residual": residuals_by_least_squares(here.appraisals)
            .reindex(here.employees["employee_id"])
            .array,
        }
    )
    unit = here.employees["unit"].astype(str)
    within = frame - frame.groupby(unit).transform("mean")
    finding = gap_of(perception(here))
    assert finding.estimate == pytest.approx(within.corr().iloc[0, 1], abs=1e-9)  # rounding only
    assert (finding.n, finding.groups, finding.claim) == (60, 4, "association")
    assert finding.low < finding.estimate < finding.high


def test_draws_are_resamples_of_employees_within_units():
    rng = np.random.default_rng(1)
    x, y, unit = rng.normal(size=30), rng.normal(size=30), np.repeat(["a", "b", "c"], 10)
    (counts,) = Resampling.within(unit, 7).counts(5)
    found = within_correlation(x, y, unit, [counts])
    for c, r in zip(counts.astype(int), found, strict=True):
        drawn = pd.DataFrame({"x": np.repeat(x, c), "y": np.repeat(y, c)})
        within = drawn - drawn.groupby(np.repeat(unit, c)).transform("mean")
        assert r == pytest.approx(within.corr().iloc[0, 1], abs=1e-12)  # rounding only


def test_units_that_differ_as_wholes_change_nothing():
    here = of_chance(6)
    unit = here.employees.set_index("employee_id")["unit"].cat.codes
    scores = here.appraisals["score"] * 3 + 5
    shifted = replaced(here, appraisals=here.appraisals.assign(score=scores))
    # an affine map of the scores is none of the correlation; 1e-9 is rounding
    assert gap_of(perception(shifted)).estimate == pytest.approx(gap_of(perception(here)).estimate, abs=1e-9)
    x, y = np.random.default_rng(2).normal(size=(2, len(unit)))
    whole = [np.ones((1, len(unit)))]
    groups = unit.to_numpy()
    plain = within_correlation(x, y, groups, whole)
    np.testing.assert_allclose(
        within_correlation(x + 9 * groups, y - groups, groups, whole), plain, atol=1e-12
    )


def test_each_regime_has_its_own_slope():
    here = of_chance(7)
    rows = here.appraisals
    old = rows.assign(period=rows["period"] - 16, score=120 - rows["score"])  # 2020: a slope turned round
    both = replaced(here, appraisals=pd.concat([old, rows], ignore_index=True))
    # turned round, old residuals cancel the new ones employee by employee
    np.testing.assert_allclose(own_residuals(both), 0, atol=1e-9)


def test_means_are_those_of_the_scale_with_a_t_interval():
    here = of_chance(8)
    x = here.codebook.scores(here.survey)["favouritism"].dropna()
    finding = next(f for f in perception(here).findings if f.id == "perception.favouritism_mean")
    se = x.std(ddof=1) / np.sqrt(len(x))
    assert finding.estimate == pytest.approx(x.mean())
    assert finding.se == pytest.approx(se)  # HC2 of a mean is the textbook's
    assert finding.high - finding.estimate == pytest.approx(2.001 * se, rel=1e-3)  # t, 59 degrees of freedom


def test_a_weighted_twin_stands_beside_where_weights_vary():
    here = of_chance(8)
    weight = np.where(np.arange(60) < 30, 1.0, 3.0)
    weighted = replaced(here, survey=here.survey.assign(weight=weight))
    x = here.codebook.scores(here.survey)["fairness"].to_numpy()
    mean = perception(weighted).means["fairness"]
    assert mean.twin[0] == pytest.approx(np.average(x, weights=weight))
    assert mean.estimate == pytest.approx(x.mean())
    assert "With survey weights" in perception(weighted).table("en")[0].html()
    assert perception(here).means["fairness"].twin is None


def test_a_true_link_is_told_with_its_sign_and_no_cause():
    here = of_chance(9, n=120)
    fair = own_residuals(here).reindex(here.survey["employee_id"]).fillna(0).to_numpy()
    answers = {item: np.clip(np.round(3 + fair / 2), 1, 5) for item in ("fairness1", "fairness2")}
    result = perception(replaced(here, survey=here.survey.assign(**answers)))
    lead = next(s for s in result.sentence("en") if s.kind == "lead")
    assert "go together" in lead.text
    assert "not yet proof of cause" in lead.text
    turned = {name: 6 - x for name, x in answers.items()}
    other = perception(replaced(here, survey=here.survey.assign(**turned)))
    assert "opposite ways" in next(s for s in other.sentence("en") if s.kind == "lead").text


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    ("drop", "told"),
    [
        (("survey",), "no survey"),
        (("appraisals",), "no appraisals"),
        (("achievement",), "achievement figure"),
        (("score",), "score"),
    ],
)
def test_what_is_missing_is_said(drop, told, language):
    result = perception(of_chance(1, drop=drop))
    assert gap_of(result).status == "not_estimable"
    assert told in gap_of(result).reason
    assert result.sentence(language)[-1].kind == "note"
    result.table(language), result.plot(language)


def test_what_is_not_asked_is_said():
    result = perception(of_chance(1, book=codebook(("culture",))))
    assert [f.status for f in result.findings] == ["not_estimable"] * 4
    assert "does not ask about favouritism" in result.findings[2].reason
    assert [s.kind for s in result.sentence("en")] == ["note"]


def test_what_does_not_vary_is_said():
    here = of_chance(1)
    flat = replaced(here, appraisals=here.appraisals.assign(achievement=100.0))
    assert "nothing to compare" in gap_of(perception(flat)).reason


def test_a_few_employees_in_many_units_are_too_few():
    finding = gap_of(perception(of_chance(1, n=16, units=9)))
    assert (finding.status, finding.n) == ("not_estimable", None)


@pytest.mark.parametrize("seed", range(30))
def test_no_unit_is_shown_by_too_few_people(seed):
    result = perception(of_chance(seed, n=30 + 3 * seed, units=2 + seed % 6), draws=20)
    if result.gap is None:
        return
    size = result.cases.groupby("unit", sort=False).size()
    shown = result.units["shown"]
    assert (size[shown] >= LEAST).all()
    assert shown.all() or size[~shown].sum() >= LEAST
    assert all(f.n is None or f.n % 5 == 0 for f in result.findings)


def test_order_of_rows_changes_nothing():
    here = of_chance(3)
    mixed = here.appraisals.sample(frac=1, random_state=1, ignore_index=True)
    first, second = (gap_of(perception(s)) for s in (here, replaced(here, appraisals=mixed)))
    for name in ("estimate", "low", "high"):
        assert getattr(first, name) == pytest.approx(getattr(second, name), abs=1e-12)  # sums in other order
    assert here.appraisals["period"].max() == LATEST
