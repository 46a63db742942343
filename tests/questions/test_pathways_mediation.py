"""Hidden causes of the way through motivation and commitment, on studies whose causes are known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tests.questions.small import codebook, people, study, survey
from walesi_research.questions.pathways.mediation import Value, _made, mediation
from walesi_research.study.study import Study

ROLES = ("culture", "recognition", "motivation", "commitment", "fairness", "performance")


def world(n=400, b=0.5, hidden=0.0, seed=5, mark=0.0):
    """Culture and recognition move motivation, motivation performance by `b`; a hidden cause makes the errors
    of motivation and performance correlate by `hidden`, and shows in fairness as far as `mark` says."""
    rng = np.random.default_rng(seed)
    employees, book = people(n, 8), codebook(ROLES, items=1)
    u, x, r = rng.normal(size=(3, n))
    share = np.sqrt(hidden)
    own = np.sqrt(1 - hidden)
    m = 0.6 * x + 0.5 * r + share * u + own * rng.normal(size=n)
    c = 0.3 * m + rng.normal(size=n)
    y = b * m + share * u + own * rng.normal(size=n)
    fairness = mark * u + rng.normal(size=n)
    level = rng.normal(size=8)[np.arange(n) * 8 // n]
    columns = dict(zip(ROLES, (x, r, m, c, fairness, y), strict=True))
    answers = {f"{role}1": 3 + level + values for role, values in columns.items()}
    return study({"employees": employees, "survey": survey(employees, answers)}, book)


def texts(exhibits):
    return " ".join(e.alt for e in exhibits)


def test_the_indirect_association_is_least_squares_within_units():
    opened = world()
    way = mediation(opened, draws=200).ways["culture"]
    z = opened.survey[[f"{role}1" for role in ROLES]].set_axis(ROLES, axis=1)
    unit = pd.get_dummies(opened.employees["unit"]).to_numpy(float)

    def slopes(of, on):
        return np.linalg.lstsq(np.column_stack([z[list(on)], unit]), z[of], rcond=None)[0][: len(on)]

    a = [slopes(m, ("culture", "recognition"))[0] for m in ("motivation", "commitment")]
    b = slopes("performance", ("culture", "recognition", "motivation", "commitment"))[2:]
    by_hand = np.dot(a, b) * z["culture"].std() / z["performance"].std()
    assert way.indirect.estimate == pytest.approx(by_hand, rel=1e-9)
    assert way.indirect.low < by_hand < way.indirect.high and way.sobel > 2


def test_sobels_z_is_that_of_the_delta_method():
    """Of least squares with unit dummies; 2 %: degrees of freedom count otherwise here and there."""
    opened = world()
    z = opened.survey[[f"{role}1" for role in ROLES]].set_axis(ROLES, axis=1)
    unit = pd.get_dummies(opened.employees["unit"]).to_numpy(float)

    def fit(of, on):
        return sm.OLS(z[of].to_numpy(), np.column_stack([z[list(on)], unit])).fit()

    first = [fit(m, ("culture", "recognition")) for m in ("motivation", "commitment")]
    last = fit("performance", ("culture", "recognition", "motivation", "commitment"))
    a, b = np.array([f.params[0] for f in first]), last.params[2:4]
    together = np.cov([f.resid for f in first]) * first[0].normalized_cov_params[0, 0]
    variance = b @ together @ b + a @ last.cov_params()[2:4, 2:4] @ a
    assert mediation(opened, draws=100).ways["culture"].sobel == pytest.approx(
        a @ b / variance**0.5, rel=0.02
    )


def test_a_wholly_hidden_cause_is_undone_by_its_own_correlation():
    """Motivation does nothing here; the errors correlate by .5; its sampling error is .012 at 4,000."""
    rho = mediation(world(n=4_000, b=0.0, hidden=0.5), draws=200).ways["culture"].rho
    assert rho.clear and rho.estimate == pytest.approx(0.5, abs=0.03)


def test_a_recorded_cause_that_would_have_hidden_it_is_named():
    weak = mediation(world(hidden=0.3), draws=200)
    strong = mediation(world(b=-0.3, hidden=0.8, mark=9.0), draws=200)
    assert weak.firm and "which is less" in texts(weak.sentence("en"))
    assert not strong.firm and strong.known["culture"].name == "fairness"
    assert "fragile" in texts(strong.sentence("en"))


def test_what_a_left_out_variable_makes_is_what_holding_it_fixed_undoes():
    """Of one mediator exactly: its coefficient moves by t s / sigma."""
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(2, 300))
    m = x + w + rng.normal(size=300)
    y = 0.4 * m + 0.8 * w + rng.normal(size=300)
    z = np.column_stack([x, m, y, w]) - np.mean([x, m, y, w], axis=1)
    without, residual = np.linalg.lstsq(z[:, :2], z[:, 2], rcond=None)[:2]
    with_it = np.linalg.lstsq(z[:, [0, 1, 3]], z[:, 2], rcond=None)[0]
    sigma = np.linalg.lstsq(z[:, :1], z[:, 1], rcond=None)[1]
    t = (without[1] - with_it[1]) * np.sqrt(sigma[0] / residual[0])
    assert _made(z, 1, 1) == pytest.approx(t / np.sqrt(1 + t**2), rel=1e-9)


def test_no_way_needs_no_hidden_cause():
    made = mediation(world(b=0.0), draws=200)
    assert not made.ways["culture"].rho.clear
    assert "may be nil even without" in texts(made.sentence("en"))


def test_a_link_that_depends_on_culture_is_seen():
    opened = world()
    answers = opened.survey
    bent = answers["performance1"] + 0.4 * (answers["culture1"] - 3) * (answers["motivation1"] - 3)
    tables = {"employees": opened.employees, "survey": answers.assign(performance1=bent)}
    made = mediation(Study(opened.settings, opened.codebook, tables), draws=200)
    assert made.ways["culture"].change.clear and made.ways["culture"].change.estimate > 0
    assert "seems to change" in texts(made.sentence("en"))
    assert "cannot tell yet" in texts(mediation(world(seed=6), draws=200).sentence("en"))


def test_an_unclear_answer_is_not_called_firm():
    class Unclear:
        def clear(self, role):
            return role == "recognition"

    made = mediation(world(hidden=0.3), draws=200, answer=Unclear())
    assert made.firm and "If there is an association" in texts(made.heading("en"))
    text = texts(made.sentence("en"))
    assert made.unclear == ("culture",) and text.startswith(
        "For work culture the model above does not establish"
    )


def test_where_commitment_was_not_answered_there_is_no_way_through_it():
    """What is said to go through motivation and commitment does not rest on one of them."""
    opened = world()
    answers = opened.survey.assign(commitment1=np.nan)
    tables = {"employees": opened.employees, "survey": answers}
    made = mediation(Study(opened.settings, opened.codebook, tables), draws=100)
    assert {f.status for f in made.findings} == {"not_estimable"}
    assert "both motivation and commitment" in texts(made.sentence("en"))


def test_a_clear_link_with_performance_alone_is_no_way():
    """rho may be clear although the exposure moves no mediator; nothing is then there to do away with."""
    made = mediation(world(), draws=100)
    still = Value(0.02, -0.05, 0.09)
    ways = {role: replace(way, indirect=still) for role, way in made.ways.items()}
    assert all(way.rho.clear and not way.clear for way in ways.values())
    idle = replace(made, ways=ways)
    assert not idle.firm and "vanishes" not in texts(idle.sentence("en"))


def test_without_data_it_says_why():
    few = mediation(world(n=24), draws=50)
    assert "kurang dari 40" in texts(few.sentence("id")) and few.table("id") == []
    assert {f.status for f in few.findings} == {"not_estimable"}
    opened = world(n=60)
    bare = mediation(Study(opened.settings, opened.codebook, {"employees": opened.employees}))
    assert {f.status for f in bare.findings} == {"not_estimable"} and texts(bare.sentence("en"))
