"""The appraisal model on one synthetic study: what must not matter, and that means hold selection off."""

import pytest

from tests.calibration.appraisal import appraisal, estimate
from walesi_research.study.synthetic import World, simulate


@pytest.fixture(scope="module")
def table():
    return simulate(World(employees=140, seed=5), population=0).tables["appraisals"]


@pytest.fixture(scope="module")
def found(table):
    return appraisal(table)


def test_points_for_every_tie_move_the_tie_effect_by_them_and_the_share_not_at_all(table, found):
    moved = appraisal(table.assign(score=table.score + 6 * ((table.tie != "none") & (table.tie != ""))))
    assert moved["tie_effect"][0] == pytest.approx(found["tie_effect"][0] + 6, abs=1e-5)
    assert moved["rater_share"] == pytest.approx(found["rater_share"], abs=1e-6)


def test_a_constant_for_one_employee_hardly_moves_the_tie_effect(table, found):
    busiest = table.employee_id.value_counts().index[0]
    moved = appraisal(table.assign(score=table.score + 10 * (table.employee_id == busiest)))
    assert abs(moved["tie_effect"][0] - found["tie_effect"][0]) < 0.1


def test_one_world_as_the_calibration_keeps_it():
    line = estimate("no tie", 3)
    assert line["estimates"]["tie_effect"]["truth"] == 0
    for values in line["estimates"].values():
        assert values["low"] < values["estimate"] < values["high"]
