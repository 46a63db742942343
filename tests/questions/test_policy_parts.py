"""The parts of scenarios are the findings themselves, and these again in every replicate."""

from dataclasses import replace

import numpy as np
import pytest

from tests.questions.planned import DRAWS
from walesi_research import open_study
from walesi_research.language import Message
from walesi_research.questions.pathways import pathways
from walesi_research.questions.pathways.events import events
from walesi_research.questions.performance import joint
from walesi_research.questions.policy import parts as policy_parts
from walesi_research.questions.policy import scenarios
from walesi_research.questions.policy.exposures import Already, Levels, Move
from walesi_research.questions.policy.makers import MAKERS
from walesi_research.questions.policy.parts import Part, Sample, parts_of
from walesi_research.questions.training import hours, leadership
from walesi_research.study.references import EXPOSURES


@pytest.fixture(scope="module")
def walesi(root):
    return open_study(root / "data" / "walesi")


@pytest.fixture(scope="module")
def answer(walesi):
    return scenarios(walesi, draws=DRAWS)


@pytest.fixture(scope="module")
def parts(walesi):
    return parts_of(walesi, MAKERS, 0.95, DRAWS)


# ── parts ────────────────────────────────────────────────────────────────────────────────────────


def test_every_exposure_that_a_study_may_name_has_a_part():
    assert set(MAKERS) == set(EXPOSURES)


def test_estimates_are_those_of_the_findings(walesi, parts):
    found = {
        f.id: f.estimate
        for result in (
            hours(walesi), leadership(walesi, draws=DRAWS), pathways(walesi, draws=DRAWS), joint(walesi),
            events(walesi, draws=DRAWS),
        )
        for f in result.findings
    }  # fmt: skip
    spread = joint(walesi).cases.frame["performance"].std()
    outcome = pathways(walesi, draws=2).model.chain.outcome.values.std()
    units = {"training.hours_slope": 0.1, "joint.fairness": spread}
    units |= {f"pathway.{role}_total": outcome for role in ("culture", "recognition")}
    for name, part in parts.items():
        assert part.effect[0] == pytest.approx(found[name] * units.get(name, 1.0), rel=1e-12), name


@pytest.mark.parametrize("name", ["training.hours_slope", "joint.fairness"])
def test_replicates_at_counts_of_one_are_the_estimate(walesi, monkeypatch, name):
    """The closed forms of the replicates are the questions' estimators, to rounding."""
    from walesi_research.study.resampling import Resampling

    def ones(plan, draws, rows=None):
        yield np.ones((draws, len(plan.start) if rows is None else len(rows)))

    monkeypatch.setattr(Resampling, "counts", ones)
    part = MAKERS[name](Sample(walesi, 0.95, 3), name)
    assert part.effect[1:] == pytest.approx(part.effect[0], rel=1e-8)


def test_replicates_spread_as_far_as_the_errors_of_the_findings(walesi, parts):
    """Within a third: 99 draws have a Monte Carlo error of 7 %, and analytic errors are another estimator."""
    errors = {
        "training.hours_slope": hours(walesi).slope.effect.se / 10,
        "training.leadership_att": leadership(walesi, draws=DRAWS).effect.se,
        "joint.fairness": joint(walesi).coefficients["fairness"].se
        * joint(walesi).cases.frame["performance"].std(),
    }
    for name, se in errors.items():
        assert np.std(parts[name].effect[1:], ddof=1) == pytest.approx(se, rel=1 / 3), name


def test_no_part_is_surer_than_its_finding(parts):
    for name, part in parts.items():
        drawn = part.effect[1:][np.isfinite(part.effect[1:])]
        low, high = np.quantile(drawn, [0.025, 0.975])
        assert high - low >= (part.own[1] - part.own[0]) * (1 - 1e-9), name
    tight = Part("x", np.r_[2.0, np.linspace(0, 1, 101)], None, "association", 50, (0.0, 1.9))
    wider = tight.no_surer(0.95).effect
    assert wider[0] == 2.0 and np.median(wider[1:]) == pytest.approx(0.5)
    assert np.diff(np.quantile(wider[1:], [0.025, 0.975])) == pytest.approx(1.9)


def test_parts_are_drawn_jointly(walesi, parts, answer):
    """A gain is the sum of its parts in every replicate, not an interval of intervals."""
    gain, moves = answer.combined, walesi.settings.policy.scenarios["combined"].changes
    by_hand = sum(
        parts[name].exposure.response(Move(amount)) * parts[name].effect for name, amount in moves.items()
    )
    assert gain.points == pytest.approx(by_hand, rel=1e-12)
    assert [gain.spread.low, gain.spread.high] == pytest.approx(np.quantile(by_hand[1:], [0.025, 0.975]))


def test_where_people_are_so_many_that_fewer_are_drawn_all_parts_are_drawn_alike(walesi, parts, monkeypatch):
    """A place of thirty thousand once had 999 replicates of one part and fewer of the others."""
    monkeypatch.setattr(policy_parts, "_CELLS", 0)
    monkeypatch.setattr(policy_parts, "_FEWEST", 40)
    for name in parts:
        few, alone = (MAKERS[name](Sample(walesi, 0.95, draws), name) for draws in (DRAWS, 40))
        assert len(few.effect) == 41
        np.testing.assert_array_equal(few.effect, alone.effect)


def test_no_number_depends_on_names_or_row_order(walesi, answer):
    from walesi_research.study.study import Study

    names = {e: f"x{i:04d}" for i, e in enumerate(reversed(list(walesi.employees["employee_id"])))}
    tables = {
        name: table.assign(employee_id=table["employee_id"].map(names)) if "employee_id" in table else table
        for name, table in walesi.tables.items()
    }
    other = scenarios(Study(walesi.settings, walesi.codebook, tables), draws=DRAWS)
    for ours, theirs in zip(answer.findings, other.findings, strict=True):
        assert [theirs.estimate, theirs.low, theirs.high] == pytest.approx(
            [ours.estimate, ours.low, ours.high]
        )


# ── exposures ────────────────────────────────────────────────────────────────────────────────────


def test_nobody_passes_the_95th_percentile():
    x = np.arange(101.0)  # cap 95
    levels = Levels(x, np.ones((1, 101)))
    # 10 more each: 86 people (0-85) get all, 86-94 get 95 - x, the rest nothing
    assert levels.response(Move(10))[0] == round((86 * 10 + sum(range(1, 10))) / 101, 2)
    assert levels.held(Move(10)) == 15
    # raised to 20: 20 people below, by 20 + 19 + … + 1
    assert levels.response(Move(20, target=True))[0] == round(210 / 101, 2)
    assert levels.held(Move(20, target=True)) == 0
    # a target beyond the cap: all below it come to the cap, none above loses
    assert levels.response(Move(99, target=True))[0] == round(sum(range(1, 96)) / 101, 2)


def test_replicates_have_their_own_cap_and_standard_deviation():
    rng = np.random.default_rng(1)
    x, counts = rng.normal(3, 2, 40), rng.multinomial(40, np.full(40, 1 / 40), size=5).astype(float)
    got = Levels(x, np.vstack([np.ones(40), counts]), standardised=True).response(Move(0.5))[1:]
    for b in range(5):
        y = np.repeat(x, counts[b].astype(int))
        raised = np.maximum(np.minimum(y + 0.5 * y.std(ddof=1), np.quantile(y, 0.95)), y)
        assert got[b] == pytest.approx((raised - y).mean() / y.std(ddof=1), rel=1e-10)


def test_shares_are_of_those_without():
    has = np.arange(40) < 10
    already = Already(has, np.ones((1, 40)), least=5)
    assert already.response(Move(0.2))[0] == pytest.approx(0.2 * 0.75)
    assert already.response(Move(7.0))[0] == pytest.approx(0.75)
    assert already.response(Move(0.5, target=True))[0] == pytest.approx(0.25)
    assert already.response(Move(0.1, target=True))[0] == 0


def test_a_gain_over_its_slope_does_not_tell_how_many_people_there_are():
    """A mean of whole hours, told in full, has the number of people as its denominator."""
    for n in (153, 154, 155):
        levels = Levels(np.r_[np.zeros(n - 40), np.full(40, 30.0)], np.ones((1, n)))
        got = levels.response(Move(7, target=True))[0]
        assert got == round(got, 2) and got * n != pytest.approx(round(got * n), abs=1e-9)


def test_no_answer_where_replicates_cannot_vary(walesi):
    """Where nobody shares a unit, drawing within units draws the study again."""
    alone = walesi.employees.assign(unit=[f"u{i}" for i in range(len(walesi.employees))])
    study = replace(walesi, tables={**walesi.tables, "employees": alone})
    found = parts_of(study, ["training.hours_slope"], 0.95, 19)["training.hours_slope"]
    assert found == Message.of("policy.unsteady")


def test_a_gain_does_not_tell_how_many_have_something():
    """The study's own share enters rounded; where it would tell of few, as none."""
    for n in (101, 102, 103):
        share = 1 - Already(np.arange(1000) < n, np.ones((1, 1000)), least=5).response(Move(1.0))[0]
        assert share == pytest.approx(0.10)
    assert Already(np.arange(40) < 3, np.ones((1, 40)), least=5).response(Move(1.0))[0] == 1.0
