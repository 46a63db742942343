"""What if: gains, budgets and levers say what the draws say, and no more than the findings do."""

from dataclasses import replace

import numpy as np
import pytest

from tests.questions.planned import DRAWS, scenario, with_policy
from tests.questions.staged import staged, stages
from walesi_research import open_study
from walesi_research.language import Message, say
from walesi_research.questions.policy import budget, combined, scenarios, simulator
from walesi_research.questions.policy.exposures import Already, Levels, Move
from walesi_research.questions.policy.gain import Gain
from walesi_research.questions.policy.makers import MAKERS
from walesi_research.questions.policy.parts import Part


@pytest.fixture(scope="module")
def walesi(root):
    return open_study(root / "data" / "walesi")


@pytest.fixture(scope="module")
def answer(walesi):
    return scenarios(walesi, draws=DRAWS)


# ── scenarios ────────────────────────────────────────────────────────────────────────────────────


def test_the_bundled_study_declares_what_the_brief_asks_for(answer):
    found = {f.id: f for f in answer.findings}
    assert list(found) == [
        f"policy.{name}_gain"
        for name in ("combined", "right_to_training", "results_based", "awards", "culture")
    ]
    assert all(f.status == "estimated" for f in found.values())
    assert found["policy.combined_gain"].claim == "association"  # its weakest part is
    assert found["policy.right_to_training_gain"].claim == "effect_if"


def test_the_known_truth_is_covered(walesi, answer, root):
    import json

    truth = json.loads((root / "data/walesi/truth.json").read_text())["findings"]["policy.combined_gain"]
    f = answer.findings[0]
    assert f.low <= truth["value"] <= f.high


def test_coverage_scales_gain_and_cost(walesi):
    one = {"changes": {"training.hours_slope": 10.0}, "cost": {"training.hours_slope": 1000.0}}
    study = with_policy(walesi, all=scenario(**one), half=scenario(**one, coverage=0.5))
    whole, half = scenarios(study, draws=DRAWS).gains.values()
    assert half.points == pytest.approx(whole.points / 2, rel=1e-12)
    assert half.cost == pytest.approx(whole.cost / 2, rel=1e-12)
    assert (half.price.low, half.price.high) == pytest.approx((whole.price.low, whole.price.high))


def test_without_a_combined_scenario_the_finding_says_how_to_declare_one(walesi):
    answer = scenarios(with_policy(walesi), draws=DRAWS)
    (f,) = answer.findings
    assert (f.id, f.status) == ("policy.combined_gain", "not_estimable")
    assert "[policy.scenarios.combined]" in f.reason
    assert not answer.plot("id") and not answer.table("id") and not combined(answer).plot("id")
    assert answer.sentence("id")[0].kind == "note"


def test_a_missing_part_gives_its_own_reason(walesi):
    study = replace(walesi, tables={k: t for k, t in walesi.tables.items() if k != "survey"})
    answer = scenarios(study, draws=DRAWS)
    found = {f.id: f for f in answer.findings}
    assert found["policy.combined_gain"].reason == say("en", "pathways.no_survey")
    assert found["policy.right_to_training_gain"].status == "estimated"
    assert not combined(answer).heading("id")
    assert budget(answer).table("id").rows


def test_effects_the_data_do_not_support_stay_in(answer):
    shares = combined(answer).shares
    assert shares["pathway.culture_total"].state == "open"
    total = sum(s.estimate for s in shares.values())
    assert total == pytest.approx(answer.combined.spread.estimate, rel=1e-12)
    assert list(shares) == sorted(shares, key=lambda name: -abs(shares[name].estimate))


@pytest.mark.parametrize("without", ["appraisals", "training", "events", "survey"])
def test_studies_that_lack_a_table_get_words(walesi, without):
    study = replace(walesi, tables={k: t for k, t in walesi.tables.items() if k != without})
    answer = scenarios(study, draws=DRAWS)
    for language in ("id", "en"):
        for result in (answer, combined(answer), budget(answer)):
            for method in ("sentence", "heading", "plot", "table", "details"):
                if hasattr(result, method):
                    getattr(result, method)(language)
        assert answer.sentence(language)
        simulator(answer).exhibit(language)
    assert answer.findings[0].status == ("estimated" if without == "events" else "not_estimable")


def test_few_people_get_words():
    y, onset = stages(n=4, periods=6)
    study = with_policy(staged(y, onset), combined=scenario(changes={"training.leadership_att": 0.2}))
    answer = scenarios(study, draws=DRAWS)
    assert answer.findings[0].status == "not_estimable"
    assert simulator(answer).exhibit("id") == []


# ── budget ───────────────────────────────────────────────────────────────────────────────────────


def test_a_price_without_a_clear_gain_has_no_upper_limit(answer):
    gains = answer.gains
    assert gains["right_to_training"].price.high > gains["right_to_training"].price.estimate
    assert gains["culture"].spread.low < 0 and gains["culture"].price.high is None
    assert gains["culture"].price.low > 0


def test_the_ends_of_a_price_are_those_of_the_gain_turned_over():
    """Half of 100 people for Rp1,000 each: Rp50,000 for half the effect, 41 draws of it being 1 to 41."""
    name, drawn = "training.leadership_att", np.random.default_rng(1).permutation(np.arange(1.0, 42.0))
    nobody = Already(np.zeros(40, dtype=bool), np.ones((42, 40)))
    part = Part(name, np.r_[20.0, drawn], nobody, "effect_if", 40, (2.0, 40.0))
    plan = scenario(changes={name: 0.5}, cost={name: 1000.0})
    price = Gain("half", plan, 0.95, {}, {name: part}, employees=100).price
    # 95 % of 41 draws leave out the least and the greatest: 2 and 40 are the ends
    assert (price.estimate, price.low, price.high) == pytest.approx((100_000 / 20, 100_000 / 40, 100_000 / 2))


def test_a_loss_has_no_price(walesi):
    """Settings refuse a change below nought; a slope below nought gives the same."""
    change = {"changes": {"training.hours_slope": 5.0}, "cost": {"training.hours_slope": 10.0}}
    plan = scenario(**change)
    gain = scenarios(with_policy(walesi, less=plan), draws=DRAWS).gains["less"]
    part = gain.parts["training.hours_slope"]
    gain = replace(gain, parts={part.name: replace(part, effect=-part.effect)})
    assert gain.spread.estimate < 0 and gain.price is None


def test_the_best_use_of_a_budget_is_counted_in_the_replicates(walesi, answer):
    b = budget(answer)
    paid = {name: min(1.0, b.rupiah / gain.cost[0]) for name, gain in b.priced.items()}
    points = np.array([paid[name] * gain.points[1:] for name, gain in b.priced.items()])
    wins = np.bincount(np.nanargmax(points, axis=0), minlength=len(points)) / DRAWS
    assert [x.best for x in b.bought.values()] == pytest.approx(wins, abs=0.011)  # one draw without a value
    assert sum(x.best for x in b.bought.values()) == pytest.approx(1)
    assert b.best == "right_to_training"


def test_costs_that_are_not_whole_are_not_told(walesi):
    both = {"training.hours_slope": 10.0, "training.leadership_att": 0.1}
    plan = scenario(changes=both, cost={"training.hours_slope": 1000.0})
    answer = scenarios(with_policy(walesi, budget=1e6, part=plan), draws=DRAWS)
    assert answer.gains["part"].cost is None and not budget(answer).bought
    assert [s.kind for s in budget(answer).sentence("id")] == ["note"]


# ── simulator ────────────────────────────────────────────────────────────────────────────────────


def test_the_simulator_tells_what_the_finding_tells(walesi):
    """Within 3 % of the width: responses are rounded to a hundredth, and 400 draws are published of 499."""
    answer = scenarios(walesi, draws=499)
    page = simulator(answer).exhibit("en")
    got, spread = page.outcome(1.0, page.start), answer.combined.spread
    width = spread.high - spread.low
    assert got.estimate == pytest.approx(spread.estimate, abs=0.03 * width)
    assert got.low == pytest.approx(spread.low, abs=0.1 * width)
    assert got.high == pytest.approx(spread.high, abs=0.1 * width)
    assert got.cost == pytest.approx(answer.combined.cost[0], rel=0.01)


def test_published_draws_are_few_coarse_and_in_no_telling_order(walesi):
    answer = scenarios(walesi, draws=499)
    levers = simulator(answer).exhibit("id").levers
    assert {len(lever.draws) for lever in levers} == {400}
    assert list(levers[0].draws) == sorted(levers[0].draws)
    for lever, part in zip(levers, simulator(answer).parts.values(), strict=True):
        se = np.nanstd(part.effect[1:])
        step = np.diff(np.unique(np.round(lever.draws, 6)))
        assert step.min() > 0.01 * se
        assert np.hypot(se, step.min() / 12**0.5) < 1.02 * se


def test_steps_that_would_tell_of_few_are_left_out(walesi, answer):
    """In a study of thirty fewer than five people are above the cap: no step may show them."""
    least = walesi.settings.privacy.minimum_cell
    for lever, part in zip(
        simulator(answer).exhibit("id").levers, simulator(answer).parts.values(), strict=True
    ):
        held = [part.exposure.held(Move(x)) for x in lever.steps[1:]]
        assert all(h == 0 or least <= h <= part.exposure.size - least for h in held)
    x = np.arange(30.0)
    small = Part(
        "training.hours_slope", np.ones(100), Levels(x, np.ones((1, 30))), "effect_if", 30, (0.0, 2.0)
    )
    one = replace(answer, parts={"training.hours_slope": small})
    lever = simulator(one)._lever(small, np.arange(1, 50), "id")
    assert all(small.exposure.held(Move(s)) >= least for s in lever.steps[1:])


def test_reasons_and_labels_exist_for_every_exposure():
    for name in MAKERS:
        key = name.replace(".", "_")
        for prefix in ("label", "change", "target", "assumes", "lever"):
            assert say("id", f"policy.{prefix}_{key}", amount=0.5)
    assert Message.of("policy.unknown", exposure="x").in_("en")
