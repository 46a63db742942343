"""The specification curve: the joint model among others, no two the same, and what is said of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tests.questions.small import codebook, people, study, survey
from walesi_research import open_study
from walesi_research.exhibits import Sentence
from walesi_research.findings import dumps_findings
from walesi_research.questions import performance, variables
from walesi_research.questions.performance.specification_curve import SpecificationCurve, specification_curve
from walesi_research.questions.performance.specification_data import AXES, Choice, Measures
from walesi_research.questions.performance.specification_moves import farthest, moves
from walesi_research.questions.performance.specifications import Specifications, draws_for, specifications
from walesi_research.questions.variables import PREDICTORS
from walesi_research.stats.specification_curve import Curve, JointTest
from walesi_research.study.study import Study

DRAWS = 199
FIRM = "Work culture: the direction does not depend on the analyst. Of 100 reasonable models, "


@pytest.fixture(scope="module")
def walesi(root):
    return open_study(root / "data" / "walesi")


@pytest.fixture(scope="module")
def measures(walesi):
    return Measures(walesi, variables.performance(walesi))


@pytest.fixture(scope="module")
def found(measures):
    return specifications(measures, 5, 0.95)


def estimate(found, choice, name):
    return found.curves[name].estimate[found.choices.index(choice)]


def test_the_first_model_is_the_joint_model(walesi, found):
    assert found.choices[0] == Choice("year", "mean", "answered", "prior", "random")
    joint = performance.joint(walesi).coefficients
    for name in PREDICTORS:
        assert found.curves[name].estimate[0] == pytest.approx(joint[name].estimate, abs=1e-10)
        errors = found.models[0].at(found.predictors.index(name)).errors(found.models[0].y[:, None])[1]
        assert errors[0] == pytest.approx(joint[name].se, rel=1e-10)  # HC2: each employee a cluster


def test_there_are_hundreds_and_each_is_another(found):
    estimates = np.column_stack([found.curves[name].estimate for name in PREDICTORS])
    assert len(estimates) > 500
    for i, row in enumerate(estimates):
        assert not (np.abs(estimates[i + 1 :] - row) < 1e-9).all(axis=1).any()


@pytest.mark.parametrize("axis", AXES)
def test_every_choice_changes_an_estimate(found, axis):
    """Of two choices on an axis, all else equal, some pair of models differs by more than rounding."""
    places = {choice: i for i, choice in enumerate(found.choices)}
    assert found.idle[axis] == ()
    for one in AXES[axis]:
        for other in AXES[axis]:
            pairs = [
                (i, places[twin])
                for choice, i in places.items()
                if getattr(choice, axis) == one and (twin := replace(choice, **{axis: other})) in places
            ]
            moved = [abs(c.estimate[i] - c.estimate[j]) for c in found.curves.values() for i, j in pairs]
            assert one == other or max(moved) > 1e-3, (one, other)


def test_a_model_far_from_the_main_one_by_hand(walesi, found):
    """Self-rated performance, all items answered, weighted, background held fixed, within units."""
    wave = variables.latest_wave(walesi).set_index("employee_id")

    def weighted(role):
        items = walesi.codebook.keyed(wave, variables.construct_of_role(walesi, role))
        z = (items - items.mean()) / items.std()
        vector = np.linalg.svd(items.corr().to_numpy())[0][:, 0]
        return (z * np.abs(vector)).sum(axis=1, skipna=False)

    hours = variables.training_hours(walesi, variables.performance(walesi).periods)
    about = walesi.employees.set_index("employee_id").reindex(wave.index)
    frame = pd.DataFrame({"y": weighted("performance"), "training": hours.reindex(wave.index)})
    frame = frame.assign(**{role: weighted(role) for role in PREDICTORS[1:]}).dropna()
    about = about.loc[frame.index]
    dummies = pd.get_dummies(about[["unit", "status", "gender", "position"]].astype(str), dtype=float)
    dummies = dummies.loc[:, [c for c in dummies if not c.endswith(("pppk", "_m", "executor"))]]
    X = np.column_stack([((frame - frame.mean()) / frame.std()).iloc[:, 1:], dummies, about["start_year"]])
    peer = sm.OLS((frame["y"] - frame["y"].mean()) / frame["y"].std(), X).fit()
    choice = Choice("self", "weighted", "complete", "background", "fixed")
    for k, name in enumerate(PREDICTORS):
        assert estimate(found, choice, name) == pytest.approx(peer.params.iloc[k], abs=1e-8)


def test_ranks_and_filled_items_by_hand(walesi, measures):
    choice = Choice("year", "mean", "filled", "none", "least_squares")
    name = variables.construct_of_role(walesi, "culture")
    items = walesi.codebook.keyed(measures.wave, name).to_numpy()
    i, j = np.argwhere(np.isnan(items) & ~np.isnan(items).all(axis=1, keepdims=True))[0]
    row, column, overall = np.nanmean(items[i]), np.nanmean(items[:, j]), np.nanmean(items)
    filled = items[i].copy()
    gaps = np.isnan(filled)
    filled[gaps] = (row + np.nanmean(items, axis=0) - overall)[gaps]
    assert filled[j] == pytest.approx(row + column - overall)
    assert measures.predictors(choice)["culture"].iloc[i] == pytest.approx(filled.mean())


def test_choices_that_change_nothing_are_dropped_and_said(random_study):
    """Nobody left an item out, two items weigh the same, no record: a handful of choices is left."""
    result = specification_curve(random_study(n=80), draws=DRAWS)
    idle = result.found.idle
    assert set(idle["missing"]) >= {"complete", "filled"}
    assert {c.outcome for c in result.found.choices} == {"self"}
    told = " ".join(s.alt for s in result.details("en") if isinstance(s, Sentence))
    assert "all answered" in told and "gaps filled in" in told and "changes no estimate" in told


def test_a_single_unit_and_thirty_people_have_an_answer(random_study):
    one = specification_curve(random_study(n=60, units=1), draws=DRAWS)
    assert {c.estimator for c in one.found.choices} == {"least_squares", "huber"}
    small = specification_curve(random_study(n=30, units=3), draws=DRAWS)
    assert all(f.status == "estimated" for f in small.findings)
    for result in (one, small):
        for language in ("id", "en"):
            assert result.sentence(language) and result.plot(language).svg and result.details(language)


def test_without_a_survey_it_says_so(walesi):
    tables = {name: table for name, table in walesi.tables.items() if name != "survey"}
    result = specification_curve(Study(walesi.settings, walesi.codebook, tables))
    assert {f.status for f in result.findings} == {"not_estimable"}
    assert "tidak memuat survei" in result.sentence("id")[0].alt
    assert (result.plot("id"), result.table("id"), result.details("id"), result.heading("id")) == (
        [],
        [],
        [],
        [],
    )


def test_without_appraisals_performance_is_self_rated(walesi):
    tables = {name: table for name, table in walesi.tables.items() if name != "appraisals"}
    result = specification_curve(Study(walesi.settings, walesi.codebook, tables), draws=DRAWS)
    assert {c.outcome for c in result.found.choices} == {"self"}
    assert {c.controls for c in result.found.choices} == {"none", "background"}


def test_a_model_of_too_few_people_is_not_run(walesi, measures, found):
    """With a least cell between those who answered all items and those who answered half, the former go."""
    size: dict[str, list[int]] = {}
    for choice, model in zip(found.choices, found.models, strict=True):
        size.setdefault(choice.missing, []).append(len(model.y))
    least = max(size["complete"]) + 1
    assert least <= min(size["answered"])
    strict = specifications(measures, least, 0.95)
    assert strict.idle["missing"] == ("complete",)
    assert min(len(m.y) for m in strict.models) >= least


def test_pseudonyms_and_units_names_change_nothing(random_study):
    opened = random_study(n=90)
    names = {old: f"q{k * 7 % 90:03d}" for k, old in enumerate(opened.employees["employee_id"])}
    tables = {n: t.assign(employee_id=t["employee_id"].map(names)) for n, t in opened.tables.items()}
    renamed = Study(opened.settings, opened.codebook, tables)
    one, other = (dumps_findings(specification_curve(s, draws=DRAWS).findings) for s in (opened, renamed))
    assert one == other


def test_affine_changes_of_items_change_only_what_they_must():
    """Items all times two and plus one, on a scale moved as they are: no standardised estimate moves."""
    rng = np.random.default_rng(2)
    staff, book = people(80, 4), codebook(items=3)
    answers = {item: rng.integers(1, 6, 80).astype(float) for item in book.items}
    moved = {item: 2 * x + 1 for item, x in answers.items()}
    both = [study({"employees": staff, "survey": survey(staff, a)}, book) for a in (answers, moved)]
    one, other = (specification_curve(s, draws=DRAWS).found.curves for s in both)
    for name in PREDICTORS:
        assert other[name].estimate == pytest.approx(one[name].estimate, abs=1e-8)


def test_where_culture_matters_it_does_not_depend_on_the_analyst(random_study):
    result = specification_curve(random_study(n=300, slope=1.0), draws=DRAWS)
    assert result.judged["culture"] == "firm"
    assert result.sentence("id")[0].alt.startswith(
        "Budaya kerja: arahnya tidak bergantung pada pilihan peneliti."
    )
    assert result.heading("en")[0].alt.startswith("Whichever model is chosen, work culture goes with")
    culture = next(f for f in result.findings if f.id == "joint.culture_specifications")
    assert (culture.estimate, culture.claim, culture.unit) == (1.0, "association", "share of models")
    assert culture.p == 0.005 and culture.low is None  # none of 199 shuffles as far out


def made(agree, p, spread=0.1):
    """An answer for one predictor: of 100 models a share agrees with the main one."""
    estimate = np.where(np.arange(100) < round(100 * agree), 0.2, -0.2) + spread * np.arange(100) / 100
    curves = {"culture": Curve(estimate, np.arange(100) < 40)}
    choices = [Choice("year", "mean", "answered", "none", e) for e in ("random", "huber") for _ in range(50)]
    units, model = np.array(["a"] * 9), type("Model", (), {"rows": np.arange(9)})()
    found = Specifications(["culture"], choices, [model] * 100, curves, {"outcome": ()}, units)
    return SpecificationCurve(False, 0.95, {}, 135, 499, found, {"culture": JointTest(p, p, p)})


@pytest.mark.parametrize(
    ("agree", "p", "verdict", "lead"),
    [
        (1.0, 0.01, "firm", FIRM + "all agree"),
        (0.96, 0.01, "firm", FIRM + "96% agree"),
        (0.96, 0.2, "faint", "Yes, it does."),
        (0.8, 0.001, "divided", "Yes, it does."),
    ],
)  # fmt: skip
def test_what_is_said_follows_from_the_numbers(agree, p, verdict, lead):
    result = made(agree, p, spread=0.0)
    assert result.judged == {"culture": verdict}
    assert result.sentence("en")[0].alt.startswith(lead)
    assert result.heading("en") and result.heading("id")


def test_the_choice_that_moves_most_is_told():
    result = made(0.5, 0.5, spread=0.0)
    name, move = farthest(moves(result.found))
    assert (name, move.axis, move.size) == ("culture", "estimator", pytest.approx(0.4))
    told = result.sentence("en")[1].alt
    assert "the estimator" in told and "−0.20 (outliers held in) to 0.20 (units random)" in told


def test_all_models_are_said_only_of_all():
    """997 of 1,000 are not 100%."""
    result = made(1.0, 0.01)
    result.agreement["culture"] = 0.997
    assert result.table("en").rows[0][2] == "99%"


def test_pages_stay_small_and_claim_no_cause(walesi):
    result = specification_curve(walesi, draws=DRAWS)
    for language in ("id", "en"):
        figure = result.plot(language)
        parts = [*result.heading(language), *result.sentence(language), figure, result.table(language)]
        assert len(figure.svg) < 8_000
        assert sum(len(e.html()) for e in [*parts, *result.details(language)]) < 16_000
    told = " ".join(s.alt for s in result.sentence("en")).lower()
    assert "not proof of cause" in told
    assert not any(word in told for word in ("raises", "increases", "improves", "leads to", "effect"))


def test_many_people_are_shuffled_fewer_times():
    assert (draws_for(140, 499), draws_for(100_000, 499), draws_for(20_000, 499)) == (499, 39, 50)
    assert draws_for(10_000_000, 499) == 39
