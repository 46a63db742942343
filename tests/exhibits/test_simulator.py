import base64
import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from tests.exhibits.simulator_plans import one_lever, simulator, with_lever
from walesi_research.exhibits import SIMULATOR_MIME, Exhibit, Lever, Simulator, show
from walesi_research.exhibits.simulator_page import budgets, payload, script, script_hash, sliders
from walesi_research.exhibits.simulator_words import rupiah, told

STEPS = {"hours": 12, "leadership": 0.3, "culture": 0.75}


def say(plan, coverage=1.0, steps=None, budget=None):
    return told(plan, plan.outcome(coverage, plan.start if steps is None else steps, budget), coverage)


def test_an_outcome_is_the_formula_on_the_draws():
    plan = simulator()
    response = np.array([11, 0.21, 0.75])
    gains = 0.6 * np.array([x.draws for x in plan.levers]).T @ response
    outcome = plan.outcome(0.6, STEPS)
    # another order of addition: equal to rounding error
    assert outcome.estimate == pytest.approx(0.6 * (11 * 0.08 + 0.21 * 3.1 + 0.75 * 0.8), rel=1e-12)
    assert (outcome.low, outcome.high) == pytest.approx(np.percentile(gains, [2.5, 97.5]), rel=1e-12)
    assert outcome.above == np.mean(gains > 0)
    price = 11 * 150_000 + 0.21 * 4e6 + 0.75 * 5e5
    assert outcome.cost == pytest.approx(140 * 0.6 * price, rel=1e-12)
    assert outcome.point == pytest.approx(
        [outcome.cost / x for x in (outcome.estimate, outcome.high, outcome.low)]
    )


def test_effects_drawn_together_do_not_add_as_if_apart():
    plan = simulator(draws=4000)
    both = plan.outcome(1, {"hours": 12, "leadership": 1.0})
    alone = [plan.outcome(1, {name: step}) for name, step in (("hours", 12), ("leadership", 1.0))]
    apart = np.hypot(*(x.high - x.low for x in alone))
    assert both.high - both.low > 1.05 * apart  # their correlation, .58, widens it by a tenth


def test_a_budget_holds_the_share_reached():
    plan = simulator()
    full = plan.outcome(1, STEPS)
    held = plan.outcome(1, STEPS, full.cost / 4)
    assert held.reached == pytest.approx(0.25) and held.cost == pytest.approx(full.cost / 4)
    assert held.estimate == pytest.approx(full.estimate / 4)
    assert held.point == pytest.approx(full.point)  # a point costs the same
    assert plan.outcome(0.2, STEPS, full.cost / 4).reached == 0.2
    assert plan.outcome(1, {}, 0).reached == 1  # what costs nothing needs no budget
    assert "25 dari 100 ASN, bukan 100 dari 100" in say(plan, steps=STEPS, budget=full.cost / 4)["reach"]
    assert say(plan, 0.2, STEPS, full.cost / 4)["reach"] == ""


@pytest.mark.parametrize(
    ("language", "gain", "point"),
    [
        ("id", "Belum dapat disimpulkan", "belum dapat disimpulkan"),
        ("en", "Cannot tell yet", "cannot tell yet"),
    ],
)
def test_what_reaches_zero_is_not_told_as_a_gain(language, gain, point):
    plan = simulator(language)
    outcome = plan.outcome(1, {"culture": 0.75})
    words = told(plan, outcome)
    assert outcome.low < 0 < outcome.high and outcome.point is None
    assert words["gain"].startswith(gain) and point in words["point"]


def test_a_loss_is_told_as_one():
    plan = simulator()
    worse = with_lever(plan, "hours", effect=-0.08, draws=[-x for x in plan.levers[0].draws])
    words = say(worse, steps={"hours": 12})
    assert "0,9 poin lebih rendah, kemungkinan besar antara 0,5 dan 1,3" in words["gain"]
    assert "tidak naik" in words["point"] and worse.outcome(1, {"hours": 12}).point is None


def test_an_unknown_cost_is_not_taken_for_nothing():
    plan = with_lever(simulator(), "culture", cost=None)
    assert plan.outcome(1, {"hours": 12}).cost > 0
    outcome = plan.outcome(1, {"hours": 12, "culture": 0.5})
    assert outcome.cost is None and outcome.point is None
    assert "“Budaya kerja lebih baik”" in told(plan, outcome)["cost"]
    free = replace(plan, levers=tuple(replace(x, cost=None) for x in plan.levers))
    assert budgets(free) == () and say(free)["cost"] == "" and "Biaya" not in free.html()


def test_what_lies_beyond_the_data_is_told():
    plan = simulator("en")
    assert plan.outcome(1, {"culture": 1.0}).beyond == ()
    words = say(plan, steps={"hours": 20, "culture": 1.25})
    assert words["beyond"].startswith("Beyond the data: More hours of training, A better work culture.")
    assert sliders(plan)[1].texts[-1] == "20\N{NO-BREAK SPACE}JP, beyond the data"


def test_never_all_or_none_of_a_hundred_where_it_is_not_so():
    draws = np.r_[-1, np.ones(999)]
    plan = Simulator(
        levers=(Lever("x", "x", "", (0, 1), 1, (0, 1), 1, draws),), people=10, level=0.95, language="en"
    )
    assert "more than 99 of them" in say(plan)["sure"]
    assert "fewer than 1 of them" in say(with_lever(plan, "x", draws=-draws, effect=-1))["sure"]
    assert "in 100 of them" in say(with_lever(plan, "x", draws=draws**2))["sure"]


def test_a_small_gain_beside_zero_is_not_written_as_zero():
    gain = say(simulator(), steps={"hours": 4}, budget=1e6)["gain"]
    assert "0,0 " not in gain and "antara 0,00" in gain


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "Rp0"),
        (150_000, "Rp150.000"),
        (25_240_000, "Rp25,2\xa0juta"),
        (50e6, "Rp50\xa0juta"),
        (159_600_000, "Rp160\xa0juta"),
        (1.25e9, "Rp1,2\xa0miliar"),
    ],
)
def test_rupiah(amount, text):
    assert rupiah(amount, "id") == text


def test_nothing_moved_changes_nothing():
    words = say(simulator(), steps={})
    assert words == dict.fromkeys(words, "") | {"gain": "Rencana ini tidak mengubah apa pun."}


def test_the_scale_holds_every_plan():
    plan, rng = simulator(), np.random.default_rng(1)
    low, high = plan.ends
    room = 0.02 * (high - low)  # a percentile of a sum need not lie between those of the corners
    for _ in range(200):
        outcome = plan.outcome(rng.random(), {x.name: rng.choice(x.steps) for x in plan.levers})
        assert low - room <= outcome.low <= outcome.high <= high + room


def test_packed_draws_are_those_of_the_lever():
    raw = np.random.default_rng(1).normal(3, 1, 500)
    lever = Lever("x", "x", "", (0, 1), 1, (0, 1), 3, raw)
    whole = np.frombuffer(base64.b64decode(lever.packed()), "<i2")
    assert np.array_equal(whole * lever.grain, lever.draws)
    assert np.abs(raw - lever.draws).max() <= lever.grain / 2 <= np.abs(raw).max() / 32_766
    assert replace(lever) == lever  # rounding again changes nothing


def test_a_notebook_carries_all_that_the_page_needs(monkeypatch):
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: seen.append(data))
    show(simulator)
    carried = [json.loads(json.dumps(data[SIMULATOR_MIME])) for data in seen]
    assert [Simulator.from_record(record) for record in carried] == [simulator("id"), simulator("en")]
    assert isinstance(simulator(), Exhibit) and "halaman interaktif" in seen[0]["text/html"]
    assert seen[0]["text/html"].count("<tr>") == 1 + 4 + 3 + 4 + 3 + 1  # head, groups, steps, plan


def test_no_label_breaks_out():
    label = "</script><script>alert(1)</script>&amp;"
    plan = with_lever(simulator(), "hours", label=label)
    assert "<script" not in plan.html() and not set("<>&") & set(payload(plan))
    assert json.loads(payload(plan))["levers"][0]["label"] == label


def test_the_script_is_what_the_policy_names():
    digest = base64.b64encode(hashlib.sha256(script().encode("utf-8")).digest()).decode()
    assert script_hash() == f"sha256-{digest}"
    for word in ("fetch", "XMLHttp", "import", "eval", "innerHTML", "http", "</", "Storage", "cookie"):
        assert word not in script()


def test_budgets_reach_what_the_dearest_plan_costs():
    plan = simulator(budget=33_333_333)
    dearest = plan.outcome(1, {x.name: x.steps[-1] for x in plan.levers}).cost
    assert budgets(plan)[0] == 0 and budgets(plan)[-1] >= dearest and 15 <= len(budgets(plan)) <= 42
    assert sliders(plan)[-1].texts[sliders(plan)[-1].start] == "Rp33,3\xa0juta"
    assert sliders(replace(plan, budget=None))[-1].start == len(budgets(replace(plan, budget=None))) - 1


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"steps": (0, 2, 1)}, "rise"),
        ({"start": 3}, "not a step"),
        ({"response": (0, 1)}, "one response"),
        ({"response": (1, 1, 1)}, "changes nothing"),
        ({"draws": (1, float("nan"))}, "finite"),
        ({"cost": -1}, "cost"),
    ],
)
def test_a_lever_that_cannot_be_is_refused(changes, fault):
    about = {"steps": (0, 1, 2), "start": 1, "response": (0, 1, 2), "effect": 1, "draws": (1, 2)} | changes
    with pytest.raises(ValueError, match=fault):
        Lever("x", "x", "", **about)


def test_a_simulator_or_plan_that_cannot_be_is_refused():
    plan = simulator()
    with pytest.raises(ValueError, match="same name"):
        replace(plan, levers=plan.levers[:1] * 2)
    with pytest.raises(ValueError, match="number of draws"):
        with_lever(plan, "hours", draws=(1, 2))
    with pytest.raises(ValueError, match="people"):
        replace(plan, people=0)
    with pytest.raises(ValueError, match="claim"):
        replace(plan, claim="proof")
    with pytest.raises(ValueError, match="no step"):
        plan.outcome(1, {"hours": 5})
    with pytest.raises(ValueError, match="no lever"):
        plan.outcome(1, {"hour": 4})
    with pytest.raises(ValueError, match="no plan reaches"):
        plan.outcome(1.2, {})


def test_ties_are_there_to_be_rounded():
    outcome = one_lever().outcome(1, {"x": 1})
    assert (outcome.estimate, outcome.cost) == (0.25, 12.25e6)
    assert say(one_lever())["cost"] == "Biaya: sekitar Rp12,2\xa0juta."
