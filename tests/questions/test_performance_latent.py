"""The corrected joint model: against worlds with known truth, and what it says without the data."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from tests.questions.small import ROLES, codebook, people, study, survey
from walesi_research import open_study
from walesi_research.findings import dumps_findings
from walesi_research.questions.performance.cases import complete_cases
from walesi_research.questions.performance.joint import joint
from walesi_research.questions.performance.joint_latent import joint_latent
from walesi_research.questions.performance.latent_estimate import fit_latent
from walesi_research.questions.variables import PREDICTORS
from walesi_research.stats import standardise

DRAWS = 199


@pytest.fixture(scope="module")
def walesi(root):
    return joint_latent(open_study(root / "data" / "walesi"), draws=DRAWS)


def test_the_bundled_study_is_within_its_truth(walesi, root):
    truth = pd.read_json(root / "data" / "walesi" / "truth.json")["findings"]
    for f in walesi.findings:
        # one study of 160: five standard errors, an alarm for a wrong scale or sign only
        assert abs(f.estimate - truth[f.id]["value"]) < 5 * f.se
        assert f.low < f.estimate < f.high and (f.groups, f.claim) == (10, "association")
        assert f.n % 5 == 0


@pytest.mark.parametrize("language", ["id", "en"])
def test_it_shows_itself(walesi, language):
    told = " ".join(s.alt for s in [*walesi.heading(language), *walesi.sentence(language)])
    assert "87%" in told and "n =" not in told
    assert walesi.table(language).html().count("<tr") == 5
    assert len(walesi.details(language)) == 3


def test_the_correction_takes_attenuation_away(random_study):
    """Two items with noise of 0.6 a step apart: culture, which performance follows, is hidden in part."""
    opened = random_study(n=400, units=8, slope=1.0, seed=5)
    plain = joint(opened).coefficients["culture"].estimate
    found = joint_latent(opened, draws=DRAWS)
    culture, scale = found.coefficients["culture"], found.model.reliability
    assert plain < culture.estimate
    assert 0.75 < scale["culture"] < 0.95 and "performance" in scale and "training" in scale
    # slope 1 on a variance of one, over the standard deviation of culture + unit + residual, clipped to 1-5
    assert culture.low < 1 / np.sqrt(3) < culture.high


def exact_answers(n=96, units=24, seed=2):
    """Return a study of scales without error, small units far apart, and culture better in better units."""
    rng = np.random.default_rng(seed)
    employees = people(n, units)
    of_unit = rng.normal(size=units)[employees["unit"].cat.codes]
    latent = {role: rng.normal(size=n) for role in ROLES}
    latent["culture"] += of_unit
    latent["performance"] = 0.3 * latent["culture"] + 0.2 * of_unit + 0.3 * rng.normal(size=n)
    answers = {f"{role}{i}": 3 + latent[role] for role in ROLES for i in (1, 2)}
    return study({"employees": employees, "survey": survey(employees, answers)}, codebook())


def test_without_error_the_slopes_are_those_of_statsmodels_mixed_model():
    """Two questions answered alike leave no error: what remains is the mixed model, its variances by REML."""
    cases = complete_cases(opened := exact_answers())
    frame = pd.DataFrame({name: standardise(cases.frame[name]) for name in ("performance", *PREDICTORS)})
    peer = smf.mixedlm(
        f"performance ~ {' + '.join(PREDICTORS)}",
        frame.assign(unit=cases.frame["unit"].astype(str).to_numpy()), groups="unit",
    ).fit(reml=True)  # fmt: skip
    assert peer.scale < 0.3  # far from one: the units' variance is not its ratio to this one
    found = fit_latent(opened, cases, 0.95, DRAWS)
    assert found.reliability == pytest.approx(dict.fromkeys(found.reliability, 1.0), abs=1e-12)
    for name in PREDICTORS:
        # both optimise the same criterion; statsmodels stops at about 1e-5 of a variance
        assert found.coefficients[name].estimate == pytest.approx(peer.params[name], abs=1e-4)


def test_p_is_the_level_at_which_the_interval_ends_at_zero(random_study):
    cases = complete_cases(opened := random_study(n=90, slope=0.2))
    usual = fit_latent(opened, cases, 0.95, 999).coefficients
    seen = {name: c for name, c in usual.items() if 0.05 < c.p < 0.8}
    assert len(seen) >= 2
    for name, c in seen.items():
        same = fit_latent(opened, cases, 1 - c.p, 999).coefficients[name]
        assert (same.estimate, same.p) == (c.estimate, c.p)
        # p is a count of 999 draws, the end a point between two of them: hundredths of a standard error
        assert (same.low if c.estimate > 0 else same.high) == pytest.approx(0, abs=0.1 * c.se)


def test_questionnaires_that_contradict_themselves_are_left_out(random_study):
    opened = random_study(book=codebook(items=3, reverse=("culture2",)))
    answers = opened.survey.copy()
    answers.loc[:9, list(opened.codebook.items)] = 4.0
    found = joint_latent(study(dict(opened.tables) | {"survey": answers}, opened.codebook), draws=DRAWS)
    assert found.model.n == len(answers) - 10


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_cannot_be_estimated_says_why(random_study, language):
    opened = random_study(n=120)
    without = study({k: t for k, t in opened.tables.items() if k != "survey"}, opened.codebook)
    for fault in (without, random_study(n=30), random_study(n=5), random_study(book=codebook(items=1))):
        found = joint_latent(fault, draws=DRAWS)
        assert {f.status for f in found.findings} == {"not_estimable"} and all(
            f.reason for f in found.findings
        )
        assert found.sentence(language)[0].kind == "note"
        assert found.heading(language) == found.table(language) == found.details(language) == []


def test_a_missing_measure_is_named_and_the_others_are_estimated(random_study):
    opened = random_study(n=120)
    book = codebook(("culture", "recognition", "training", "performance"))
    found = {f.id: f for f in joint_latent(study(dict(opened.tables), book), draws=DRAWS).findings}
    assert "fairness" in found["joint.fairness_latent"].reason
    assert found["joint.culture_latent"].status == "estimated"


@pytest.mark.parametrize("units", [1, 6])
def test_neither_pseudonyms_nor_repetition_change_anything(random_study, units):
    opened = random_study(n=90, units=units)
    names = {e: f"q{i * 37 % 101:03d}" for i, e in enumerate(opened.employees["employee_id"])}
    tables = {k: t.assign(employee_id=t["employee_id"].map(names)) for k, t in opened.tables.items()}
    texts = [
        dumps_findings(joint_latent(s, draws=DRAWS).findings)
        for s in (opened, opened, study(tables, opened.codebook))
    ]
    assert texts[0] == texts[1] == texts[2]


@pytest.mark.parametrize(("seed", "status"), [(4, "estimated"), (5, "not_estimable")])
def test_what_is_measured_twice_gets_no_number_or_a_wide_range(random_study, seed, status):
    """Eight noisy questions on one thing, called culture and recognition, of 60 people."""
    rng = np.random.default_rng(seed)
    opened = random_study(n=60, book=codebook(items=4))
    one = rng.normal(size=60)
    noisy = {
        f"{role}{i}": np.round(3 + one + 1.5 * rng.normal(size=60)).clip(1, 5)
        for role in ("culture", "recognition")
        for i in range(1, 5)
    }
    twice = study(dict(opened.tables) | {"survey": opened.survey.assign(**noisy)}, opened.codebook)
    culture = joint_latent(twice, draws=DRAWS).findings[PREDICTORS.index("culture")]
    assert culture.status == status
    if status == "estimated":
        assert culture.low < 0 < culture.high and culture.high - culture.low > 1
    else:
        assert "nearly one and the same" in culture.reason


def test_no_sentence_claims_a_cause(random_study):
    found = joint_latent(random_study(n=300, slope=1.0), draws=DRAWS)
    told = " ".join(s.alt for s in [*found.sentence("en"), *found.details("en")]).lower()
    assert not any(word in told for word in ("raises", "increases", "improves", "leads to", "effect"))
    assert [f.id for f in found.findings] == [f"joint.{name}_latent" for name in PREDICTORS]


@pytest.mark.parametrize("people", [1, 2])
def test_units_too_small_for_a_range_get_none(root, people):
    """The expanded tail lies beyond the draws, or no degrees of freedom are left."""
    study = open_study(root / "data" / "walesi")
    units = [f"u{i // people:03d}" for i in range(len(study.employees))]
    thin = replace(study, tables={**study.tables, "employees": study.employees.assign(unit=units)})
    assert {f.status for f in joint_latent(thin, draws=DRAWS).findings} == {"not_estimable"}


def test_a_weight_of_nought_is_not_of_the_sample(root):
    study = open_study(root / "data" / "walesi")
    weights = np.where(np.arange(len(study.survey)) < 10, 0.0, 1.5)
    weighted = replace(study, tables={**study.tables, "survey": study.survey.assign(weight=weights)})
    assert joint(weighted).twin is None  # those who are left weigh alike
    assert joint(weighted).model.n < joint(study).model.n
