"""The customary regression: the people of the joint model, verdicts computed, nobody's number told."""

import numpy as np
import pytest

from tests.questions.small import codebook, people, study, survey
from walesi_research.questions.performance.classical import Check, checks_of, classical
from walesi_research.questions.performance.joint import joint
from walesi_research.stats.assumptions import assumptions

ROLES = ("training", "culture", "recognition", "fairness", "performance")


def world(n=83, bend=0.0):
    rng = np.random.default_rng(11)
    employees, book = people(n, 4), codebook(ROLES, items=2)
    latent = {role: rng.normal(size=n) for role in ROLES[:-1]}
    latent["performance"] = latent["culture"] + bend * latent["culture"] ** 2 + 0.5 * rng.normal(size=n)
    answers = {
        item: np.clip(np.round(3 + latent[role] + 0.3 * rng.normal(size=n)), 1, 5)
        for role, construct in book.constructs.items()
        for item in construct.items
    }
    return study({"employees": employees, "survey": survey(employees, answers)}, book)


def texts(exhibits):
    return " ".join(e.alt for e in exhibits)


def test_the_same_people_and_predictors_as_the_joint_model():
    study_ = world()
    made, other = classical(study_), joint(study_)
    assert made.cases.frame.equals(other.cases.frame)
    X = made.cases.frame[made.cases.predictors].to_numpy()
    by_hand = np.linalg.lstsq(
        np.column_stack([np.ones(len(X)), X]), made.cases.frame["performance"], rcond=None
    )
    assert made.fit.coef == pytest.approx(by_hand[0])
    assert [row[0] for row in made.table("en").rows][1:] == [
        "Training",
        "Work culture",
        "Recognition",
        "Fairness of appraisal",
    ]


def test_a_bent_relation_is_told_and_a_straight_one_is_not():
    bent, straight = classical(world(bend=0.6)), classical(world())
    assert next(c for c in checks_of(bent.fit) if c.name == "linearity").violated
    assert "straight relation" in texts(bent.sentence("en"))
    assert "straight relation" not in texts(straight.sentence("en"))
    verdicts = {row[0].text: row[1] for row in bent.checks("en").rows[:-1]}
    assert verdicts["straight relation"] == "rejected" and verdicts["no collinearity"] == "not rejected"


def test_the_smallest_of_several_tests_is_adjusted():
    fit = assumptions(*_noise())
    glejser = next(c for c in checks_of(fit) if c.name == "glejser")
    assert glejser == Check("glejser", pytest.approx(min(1, 3 * fit.glejser.min())), glejser.value < 0.05)


def _noise():
    rng = np.random.default_rng(2)
    return rng.normal(size=60), rng.normal(size=(60, 3))


def test_the_number_of_people_is_rounded_in_the_degrees_of_freedom_too():
    made = classical(world(83))
    assert made.fit.df == 78
    assert "F(4; 80)" in made.table("en").alt and "85 employees" in made.table("en").alt


def test_without_data_it_says_why():
    made = classical(world(12))
    assert made.table("id") == [] and made.checks("id") == [] and made.heading("id") == []
    assert texts(made.sentence("id"))
