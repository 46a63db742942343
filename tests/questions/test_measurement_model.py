"""Whether the questionnaire's model fits, may be compared between groups, and is more than one impression."""

import numpy as np
import pandas as pd
import pytest

from tests.questions.small import codebook, people, study, survey
from walesi_research.language import LANGUAGES
from walesi_research.questions.measurement.cfa import alike, cfa, readings, verdict
from walesi_research.questions.measurement.common_method import common_method
from walesi_research.questions.measurement.factor_model import answers, best, syntax
from walesi_research.questions.measurement.invariance import invariance, judged
from walesi_research.questions.variables import latest_wave
from walesi_research.stats import sem

SCALES = ("culture", "recognition", "fairness")
METHODS = ("heading", "lead", "sentence", "details", "table", "loadings")


def asked(n=300, items=4, shared=0.3, seed=1, change=None, reverse=(), scales=SCALES, **employees):
    """Return a study whose items load .8 on their scale; scales share a part of their variance."""
    rng = np.random.default_rng(seed)
    book = codebook(scales, items=items, reverse=reverse)
    common, given = rng.normal(size=n), {}
    for construct in book.constructs.values():
        factor = np.sqrt(shared) * common + np.sqrt(1 - shared) * rng.normal(size=n)
        for item in construct.items:
            given[item] = 0.8 * factor + 0.6 * rng.normal(size=n)
    latent = pd.DataFrame(given)
    if change is not None:
        latent = change(latent, rng)
    table = latent.apply(lambda x: np.clip(np.round(3 + 1.2 * x), 1, 5))
    table[list(reverse)] = 6 - table[list(reverse)]
    who = people(n, 6).assign(**employees)
    return study({"employees": who, "survey": survey(who, table)}, book)


def genders(n):
    return pd.Categorical(np.where(np.arange(n) % 2, "f", "m"))


def words(result, language="en"):
    lead = getattr(result, "lead", lambda _: [])
    told = [*result.heading(language), *lead(language), *result.sentence(language)]
    return " ".join(s.alt for s in told)


def shown(result):
    for language in LANGUAGES:
        for name in (m for m in METHODS if hasattr(result, m)):
            made = getattr(result, name)(language)
            for exhibit in made if isinstance(made, list) else [made]:
                assert exhibit.html()


def test_findings_are_the_indices_of_the_model():
    result = cfa(asked())
    found = {f.id.partition(".")[2]: f for f in result.findings}
    fit = result.fit
    assert found["cfi"].estimate == pytest.approx(best(fit, "cfi"))
    assert found["srmr"].estimate == pytest.approx(fit.srmr)
    assert found["rmsea"].estimate == pytest.approx(best(fit, "rmsea"))
    assert (found["rmsea"].low, found["rmsea"].high) == pytest.approx(best(fit, "rmsea_interval"))
    assert len({f.estimate for f in found.values()}) == 3


def test_a_true_model_fits_by_ordinal_least_squares():
    result = cfa(asked(reverse=("culture2",)))
    shown(result)
    assert result.estimator == "dwls" and verdict(result.fit) == "good"
    assert "Yes, as far as can be tested" in words(result) and "No question is weak" in words(result)
    # .8 is the truth; five answers of 300 people leave errors of about .03
    assert np.abs(result.items.estimate - 0.8).max() < 0.1
    found = {f.id: f for f in result.findings}
    assert found["measurement.cfi"].estimate > 0.95 and found["measurement.rmsea"].high < 0.08
    assert found["measurement.srmr"].n == 300 and found["measurement.rmsea"].level == 0.90


def test_likelihood_is_used_where_people_are_too_few_and_says_so():
    result = cfa(asked(n=150))
    assert result.estimator == "mlr" and "FIML" in result.details("en")[0].alt
    data = answers(result.study, latest_wave(result.study))
    again = sem.fit(syntax(data.scales), data.X, estimator="mlr", missing="fiml", std_lv=True)
    own = again.parameters.query("op == '=~'").std_all.to_numpy()
    np.testing.assert_allclose(result.items.estimate, own, rtol=1e-5)
    assert result.fit.cfi_scaled == pytest.approx(again.cfi_scaled, abs=1e-5)


def test_a_scale_of_two_things_does_not_fit():
    def split(latent, rng):
        other = rng.normal(size=len(latent))
        own = {f"culture{k}": 0.8 * other + 0.6 * rng.normal(size=len(latent)) for k in (4, 5, 6)}
        return latent.assign(**own)

    result = cfa(asked(items=6, change=split))
    assert verdict(result.fit) == "bad" and "do not fit" in words(result)


def test_an_alien_item_is_named():
    def alien(latent, rng):
        return latent.assign(culture3=rng.normal(size=len(latent)))

    result = cfa(asked(change=alien))
    assert "“culture 3”" in words(result) and "culture 1" not in words(result)


def test_an_item_that_runs_against_its_scale_is_said_to():
    told = words(cfa(asked(change=lambda x, rng: x.assign(culture2=-x.culture2))))
    assert "Against the direction of its scale: “culture 2”" in told


def test_two_items_that_say_nearly_the_same_are_named():
    def twins(latent, rng):
        both = 0.8 * rng.normal(size=len(latent))
        return latent.assign(culture1=latent.culture1 + both, culture2=latent.culture2 + both)

    result = cfa(asked(n=600, items=6, change=twins))
    assert alike(result.fit, result.data) == [("culture1", "culture2")]
    assert "say nearly the same: “culture 1” and “culture 2”" in words(result)
    plain = cfa(asked(n=600, items=6))
    assert alike(plain.fit, plain.data) == []


def test_sixty_people_get_scale_by_scale():
    result = cfa(asked(n=60))
    shown(result)
    assert result.fit is None and set(result.scales) == set(SCALES)
    assert all(f.status == "not_estimable" and "60 employees" in f.reason for f in result.findings)
    assert "scale by scale" in words(result) and len(result.loadings("id").rows) == 3 + 12  # a name a scale


def test_twelve_people_get_words():
    result = cfa(asked(n=12))
    shown(result)
    assert "cannot tell" in words(result) and result.loadings("id") == []


def test_an_item_all_answer_alike_is_left_out_and_named():
    result = cfa(asked(change=lambda x, rng: x.assign(culture1=0.0)))
    assert result.fit is not None and "culture1" not in result.items.index
    assert "Left out" in words(result) and "culture1" in words(result)


def test_heywood_is_reported_with_the_item():
    def impossible(latent, rng):  # the first squared loading is .7 * .7 / .3 = 1.6
        wanted = np.array([[1, 0.7, 0.7], [0.7, 1, 0.3], [0.7, 0.3, 1]])
        z = rng.normal(size=(len(latent), 3)) @ np.linalg.cholesky(wanted).T
        return latent.assign(culture1=z[:, 0], culture2=z[:, 1], culture3=z[:, 2])

    result = cfa(asked(n=60, items=3, change=impossible))
    reason = result.scales["culture"].reason
    assert reason.key == "measurement_model.heywood" and "culture1" in reason.in_("id")
    shown(result)


def test_order_of_rows_and_names_change_nothing():
    first = asked(n=150)
    order = np.random.default_rng(4).permutation(150)
    mixed = study({"employees": first.employees, "survey": first.survey.iloc[order]}, first.codebook)
    for a, b in zip(cfa(first).findings, cfa(mixed).findings, strict=True):
        assert a.estimate == pytest.approx(b.estimate, abs=1e-6)


def test_groups_that_answer_alike_may_be_compared():
    result = invariance(asked(n=600, gender=genders(600)))
    shown(result)
    assert set(result.verdicts("gender").values()) == {"yes"}
    assert "Comparing means of women and men is defensible" in words(result)


def test_an_item_that_women_find_easier_bars_the_comparison():
    def easier(latent, rng):
        return latent.assign(culture1=latent.culture1 + 0.9 * (np.arange(len(latent)) % 2))

    result = invariance(asked(n=600, gender=genders(600), change=easier))
    verdicts = result.verdicts("gender")
    assert verdicts["culture"] == "no" and verdicts["fairness"] == "yes"
    assert judged(result.scales["gender"]["culture"].metric, 6) == "yes"  # loadings are the same
    assert "is not defensible for: culture" in words(result)


def test_small_groups_are_named():
    status = pd.Categorical(["pppk"] * 20 + ["pns"] * 130)
    result = invariance(asked(n=150, status=status))
    shown(result)
    assert result.scales == {} and "fewer than 50 employees): PPPK" in words(result)


def test_waves_are_compared_with_employees_as_clusters():
    opened = asked(n=120)
    again = opened.survey.assign(wave=2)
    both = pd.concat([opened.survey, again], ignore_index=True)
    result = invariance(study({"employees": opened.employees, "survey": both}, opened.codebook))
    shown(result)
    steps = result.scales["wave"]["culture"]
    assert steps.n == 120 and steps.metric.chi2 == pytest.approx(0, abs=1e-4)


def test_one_impression_is_told_from_several():
    several, one = common_method(asked(shared=0.2)), common_method(asked(shared=0.97))
    for result in (several, one):
        shown(result)
    assert words(several).startswith("One general impression does not explain")
    assert words(one).startswith("One general impression nearly explains")
    assert several.step.df == 3 and several.step.cfi < -0.05 and not several.close
    assert one.close and "can hardly be told apart" in words(one)


def test_few_people_still_get_advice():
    result = common_method(asked(n=60))
    shown(result)
    assert result.step is None and "add achievement from appraisals" in words(result)


def test_rmsea_speaks_against_a_model_only_with_its_whole_interval():
    class Fit:
        cfi = tli = 0.97
        rmsea, rmsea_interval, srmr = 0.12, (0.0, 0.25), 0.02
        cfi_robust = tli_robust = rmsea_robust = cfi_scaled = tli_scaled = rmsea_scaled = np.nan
        rmsea_interval_robust = rmsea_interval_scaled = (np.nan, np.nan)

    assert readings(Fit)["rmsea"] == "rough"
    Fit.rmsea_interval = (0.09, 0.25)
    assert readings(Fit)["rmsea"] == "bad" and verdict(Fit) == "rough"  # one of three
    Fit.srmr = 0.2
    assert verdict(Fit) == "bad"


def test_scales_too_short_to_be_tested_are_not_said_to_fit():
    """Three loadings of three items leave no degree of freedom."""
    result = cfa(asked(n=60, items=3))
    assert result.fit is None and {s.fit.df for s in result.scales.values()} == {0}
    lead = result.lead("en")[0].alt
    assert lead.startswith("We cannot tell. 3 scales") and "at least 4 questions" in lead
