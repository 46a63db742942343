"""Knobs do what they say, are off by default, and every effect can be set to zero."""

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from walesi_research.errands.knobs import read_knobs
from walesi_research.study.synthetic import World, simulate
from walesi_research.study.synthetic.performance import leadership_effects
from walesi_research.study.synthetic.process import draw
from walesi_research.study.synthetic.texts import readme_md
from walesi_research.study.synthetic.world import EFFECTS

SIZE = {"employees": 4_000, "units": 250, "quarters": 12, "seed": 2}
OFF = {
    "leadership_growth": 0.0, "leadership_cohort": 0.0, "leadership_dip": 0.0, "ties_follow_ability": 0.0,
    "record_error": 0.0, "record_ceiling": None, "serial_correlation": 0.0, "one_rater_a_unit": False,
    "nonresponse_of_motivation": 0.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def plain():
    return draw(World(**SIZE))


def truth_of(**settings) -> dict:
    study = simulate(World(**(SIZE | settings)), population=0)
    return {name: record["value"] for name, record in study.truth["findings"].items()}


def test_the_readme_tells_the_command_that_makes_the_study():
    """What it prints, read as the command line reads it, is the same world."""
    world = World(**SIZE, record_ceiling=105.0, one_rater_a_unit=True, raters=14, tie_effect=0.0)
    line = next(x for x in readme_md(world, "x").splitlines() if x.strip().startswith("walesi simulate"))
    words = line.split()
    given = {name[2:]: int(value) for name, value in pairwise(words) if name.startswith("--")}
    knobs = read_knobs(value for name, value in pairwise(words) if name == "-p")
    assert World(**given, **knobs) == world


def test_knobs_are_off_by_default():
    defaults = {field.name: field.default for field in fields(World)}
    assert {name: defaults[name] for name in OFF} == OFF


def test_effects_that_grow_with_exposure(plain):
    grown = draw(World(**SIZE, leadership_growth=0.5))
    more = np.nan_to_num(grown.performance.achievement - plain.performance.achievement)
    exposure = np.arange(12) - plain.training.onset[:, None]
    expected = np.where(exposure > 0, 0.5 * exposure, 0) * plain.people.present
    np.testing.assert_allclose(more, expected, atol=1e-9)
    assert truth_of(leadership_growth=0.5)["training.leadership_att"] > 4.5


def test_effects_that_differ_by_cohort():
    drawn = draw(World(**SIZE, leadership_cohort=0.3))
    effect = leadership_effects(drawn.world, drawn.training)
    early, late = (effect[drawn.training.onset == onset, -1].mean() for onset in (2, 10))
    assert early - late == pytest.approx(0.3 * 8)


def test_dip_in_the_quarter_of_training_only(plain):
    dipped = draw(World(**SIZE, leadership_dip=2.0))
    less = plain.performance.achievement - dipped.performance.achievement
    in_training = plain.training.completed_in[:, None] == np.arange(12)
    assert np.nanmean(less[in_training]) == pytest.approx(2.0)
    assert np.nanmax(np.abs(less[~in_training])) < 1e-9
    assert truth_of(leadership_dip=2.0)["training.leadership_att"] == pytest.approx(3.5)


def test_ties_that_go_to_better_people(plain):
    biased = draw(World(**SIZE, ties_follow_ability=0.8))
    rows = plain.appraisals
    flat = np.corrcoef(rows.tie > 0, plain.people.ability[rows.employee])[0, 1]
    rows = biased.appraisals
    steep = np.corrcoef(rows.tie > 0, biased.people.ability[rows.employee])[0, 1]
    assert abs(flat) < 0.03 < 0.2 < steep
    assert truth_of(ties_follow_ability=0.8)["appraisal.tie_effect"] == 5.0


def test_error_in_the_record_weakens_the_slope_on_it():
    study = simulate(World(**SIZE, record_error=5.0), population=0)
    drawn = draw(study.world)
    error = (drawn.performance.recorded - drawn.performance.achievement)[drawn.people.present]
    assert np.nanstd(error) == pytest.approx(5.0, abs=0.1)
    rows = study.tables["appraisals"].dropna(subset="achievement")
    person, period = pd.factorize(rows["employee_id"])[0], pd.factorize(rows["period"])[0]
    y, x = (_within(rows[name].to_numpy(float), person, period) for name in ("score", "achievement"))
    truth = study.truth["findings"]
    slope = 10 * (x @ y) / (x @ x)
    assert truth["appraisal.achievement_slope"]["value"] < 2
    assert slope == pytest.approx(truth["appraisal.achievement_slope"]["value"], abs=0.1)
    share, plain_share = truth["appraisal.rater_share"]["value"], 9 / (9 + 2.2**2 + 3.2**2)
    assert plain_share - 0.1 < share < plain_share


def _within(values: np.ndarray, *groups: np.ndarray) -> np.ndarray:
    for _ in range(20):
        for group in groups:
            values = values - (np.bincount(group, values) / np.bincount(group))[group]
    return values


def test_ceiling_in_the_record_hides_part_of_the_effects():
    study = simulate(World(**SIZE, record_ceiling=105.0), population=0)
    assert study.tables["appraisals"]["achievement"].max() == 105.0
    truth = {name: record["value"] for name, record in study.truth["findings"].items()}
    free = truth_of()
    for name in ("training.leadership_att", "training.hours_slope", "pathway.culture_total"):
        assert 0.5 * free[name] < truth[name] < 0.97 * free[name], name


def test_serial_correlation(plain):
    persistent = draw(World.null(**SIZE, serial_correlation=0.6, ability_sd=0.0, unit_sd=0.0, trend=0.0))

    def lag(drawn):
        a = drawn.performance.achievement - np.nanmean(drawn.performance.achievement, axis=0)
        pair = np.column_stack([a[:, :-1].ravel(), a[:, 1:].ravel()])
        return np.corrcoef(pair[~np.isnan(pair).any(1)].T)[0, 1]

    assert lag(persistent) == pytest.approx(0.6, abs=0.02)
    assert np.nanstd(persistent.performance.achievement[:, 5]) == pytest.approx(5, abs=0.3)


def test_one_rater_a_unit(plain):
    def units_a_rater(drawn):
        pairs = pd.DataFrame({"r": drawn.appraisals.rater, "u": drawn.people.unit[drawn.appraisals.employee]})
        return pairs.groupby("r")["u"].nunique()

    nested = draw(World(**SIZE, one_rater_a_unit=True))
    assert units_a_rater(nested).eq(1).all() and len(units_a_rater(nested)) == 250
    assert units_a_rater(plain).mean() > 4
    assert truth_of(one_rater_a_unit=True)["appraisal.rater_share"] == pytest.approx(0.3737542, abs=1e-6)


def test_nonresponse_that_depends_on_motivation(plain):
    def gap(drawn):
        motivation = drawn.latent["motivation"]
        answered = np.isin(np.arange(len(motivation)), drawn.survey.employee)
        return motivation[answered].mean() - motivation[~answered].mean()

    assert abs(gap(plain)) < 0.12 < 0.5 < gap(draw(World(**SIZE, nonresponse_of_motivation=1.0)))


@pytest.mark.parametrize("effect", EFFECTS)
def test_every_effect_can_be_set_to_zero(effect):
    assert getattr(World(**{effect: 0.0}), effect) == 0.0


def test_null_world_has_null_truths():
    study = simulate(World.null(employees=160, units=10, seed=3), population=50_000)
    truth = {name: record["value"] for name, record in study.truth["findings"].items()}
    null = [
        "appraisal.tie_effect", "appraisal.achievement_slope", "training.leadership_att",
        "training.hours_slope",
        "pathway.culture_indirect", "pathway.recognition_indirect", "pathway.culture_total",
        "pathway.recognition_total", "culture.award_att", "culture.team_building_att",
        "service.performance_slope", "policy.combined_gain",
    ]  # fmt: skip
    assert {name: truth[name] for name in null} == dict.fromkeys(null, 0.0)
    for name in ("joint.training", "joint.culture", "joint.fairness_latent", "perception.transparency_gap"):
        assert truth[name] == pytest.approx(0, abs=0.015), name  # error .0045
    assert all(truth[f"importance.{x}"] is None for x in ("training", "culture", "recognition", "fairness"))
    assert truth["appraisal.rater_share"] > 0.3 and truth["measurement.work_culture.alpha"] > 0.7


def test_short_and_odd_panels():
    for quarters in (4, 7, 24):
        study = simulate(World(employees=80, units=6, quarters=quarters, seed=1), population=3000)
        periods = study.tables["appraisals"]["period"]
        assert periods.nunique() == quarters and periods.max() == "2024-Q4"
        assert np.isfinite(study.truth["findings"]["joint.culture"]["value"])


def test_the_order_of_stages_leaves_other_stages_alone(plain):
    """A change of one effect moves nothing but what depends on it."""
    other = draw(World(**SIZE, tie_effect=0.0))
    np.testing.assert_array_equal(other.performance.recorded, plain.performance.recorded)
    np.testing.assert_array_equal(other.appraisals.tie, plain.appraisals.tie)
    np.testing.assert_array_equal(other.survey.employee, plain.survey.employee)
