"""Items, customary validity, convergent and discriminant validity, and incomplete answers."""

import numpy as np
import pandas as pd
import pytest

from tests.questions.small import codebook, people, study, survey
from walesi_research.questions.measurement.convergent import Coefficient, Pair, convergent
from walesi_research.questions.measurement.items import items
from walesi_research.questions.measurement.reliability import reliability
from walesi_research.questions.measurement.scales import counts_of, scales_of
from walesi_research.questions.measurement.validity import validity
from walesi_research.stats.critical_correlation import critical_correlation
from walesi_research.stats.reliability import alpha, omega
from walesi_research.stats.validity import htmt
from walesi_research.study.study import Study

TWO = ("culture", "fairness")


def answered(n=120, seed=3, same=False, missing=0.0, noise=0.7, reverse=()):
    rng = np.random.default_rng(seed)
    employees, book = people(n, 4), codebook(TWO, items=4, reverse=reverse)
    latent = {role: rng.normal(size=n) for role in TWO}
    if same:
        latent["fairness"] = latent["culture"]
    answers = {}
    for role, construct in book.constructs.items():
        for item in construct.items:
            x = np.clip(np.round(3 + latent[role] + noise * rng.normal(size=n)), 1, 5)
            x[rng.random(n) < missing] = np.nan
            answers[item] = 6 - x if item in reverse else x
    return study({"employees": employees, "survey": survey(employees, answers)}, book)


def texts(exhibits):
    return " ".join(e.alt for e in exhibits)


def shown(result):
    for name in (
        "sentence",
        "plot",
        "table",
        "structure_sentence",
        "structure_table",
        "pairs_table",
        "details",
    ):
        for language in ("id", "en"):
            made = getattr(result, name, lambda _: [])(language)
            yield from made if isinstance(made, list) else [made]


def test_scales_are_keyed_and_marked():
    plain, turned = scales_of(answered()), scales_of(answered(reverse=("culture2",)))
    pd.testing.assert_frame_equal(plain[0].items, turned[0].items)
    assert turned[0].text("culture2", "en").endswith("(R)") and plain[0].categories == 5


def test_shares_are_counted_and_few_are_hidden():
    n = 20
    book, employees = codebook(("culture",), items=2), people(n)
    answers = {"culture1": [5] * 11 + [3] * 7 + [1] * 2, "culture2": [5] * 10 + [1] * 10}
    made = items(study({"employees": employees, "survey": survey(employees, answers)}, book))
    first = made.scales[0][1][0]
    assert (first.above, first.middle, first.below, first.highest) == (11, 7, 2, 11)
    first, second = (row[1] for row in made.table("en").rows[1:])
    assert first == "above the middle 55%"  # two people may not be found by subtraction
    assert (second.text.split()[0].startswith("50"), second.shares) == (True, (0.5, 0.0, 0.5))
    assert "30% / 18% / 52%" in made.plot("en")[0].alt
    answers["culture2"] = [5] * 20  # two people only have answered anything below the middle
    made = items(study({"employees": employees, "survey": survey(employees, answers)}, book))
    assert "too few" in made.plot("en")[0].alt
    assert "2 of 2 questions" in texts(made.sentence("en"))


def test_where_weights_vary_a_weighted_mean_stands_beside_each():
    world = answered(n=30)
    weights = np.linspace(0.5, 2, 30)
    own = {"employees": world.employees, "survey": world.survey.assign(weight=weights)}
    made = items(Study(world.settings, world.codebook, own))
    first = made.scales[0][1][0]
    assert first.weighted == pytest.approx(np.average(world.survey["culture1"], weights=weights))
    assert f"weighted {first.weighted:.2f}" in made.table("en").html()
    assert items(world).scales[0][1][0].weighted is None and "weighted" not in items(world).table("en").html()


def test_an_item_that_has_nothing_to_do_with_its_scale_fails():
    world = answered()
    noise = np.random.default_rng(8).integers(1, 6, 120).astype(float)
    own = world.survey.assign(culture4=noise, fairness1=6 - world.survey["fairness1"])
    made = validity(Study(world.settings, world.codebook, {"employees": world.employees, "survey": own}))
    culture, fairness = made.known["culture"], made.known["fairness"]
    x = own[[f"culture{i}" for i in range(1, 5)]]
    by_hand = np.corrcoef(x["culture4"], x.iloc[:, :3].sum(axis=1))[0, 1]
    assert culture.items.rest_correlation[3] == pytest.approx(by_hand)
    assert culture.critical == pytest.approx(critical_correlation(120)) == pytest.approx(0.179, abs=5e-4)
    assert culture.states == ("passes", "passes", "passes", "fails") and fairness.states[0] == "against"
    text = texts(made.sentence("id"))
    assert text.startswith("2 dari 8 pertanyaan") and "Berlawanan arah" in text


def test_one_dimension_and_two():
    assert {b.structure.components for b in validity(answered()).known.values()} == {1}
    world = answered(n=300)
    two = codebook(("culture",), items=8)
    names = {f"fairness{i}": f"culture{i + 4}" for i in range(1, 5)}
    mixed = Study(
        world.settings, two, {"employees": world.employees, "survey": world.survey.rename(columns=names)}
    )
    made = validity(mixed)
    assert made.known["culture"].structure.components == 2
    assert "More than one" in texts(made.structure_sentence("en"))


def test_scales_that_differ_and_one_thing_asked_twice():
    apart, same = convergent(answered(), draws=200), convergent(answered(same=True), draws=200)
    assert apart.pairs[0].state == "apart" and apart.pairs[0].fornell_larcker == "yes"
    assert same.pairs[0].state == "same" and same.pairs[0].fornell_larcker != "yes"
    assert "Tidak dapat dibedakan" in texts(same.sentence("id"))
    ids = {f.id for f in apart.findings}
    assert ids == {
        "measurement.culture.ave",
        "measurement.culture.cr",
        "measurement.fairness.ave",
        "measurement.fairness.cr",
        "measurement.culture.htmt_fairness",
    }
    assert all(f.low < f.estimate < f.high for f in apart.findings)


def test_a_pair_rests_on_those_who_answered_both_of_its_scales():
    world = answered(n=120)
    book = codebook(("culture", "fairness", "training"), items=4)
    own = world.survey.assign(**{f"training{i}": world.survey[f"culture{i}"] for i in range(1, 5)})
    own.loc[:59, "training1"] = np.nan  # half of the people, in the third scale only
    own.loc[115:, "fairness2"] = np.nan
    made = convergent(Study(world.settings, book, {"employees": world.employees, "survey": own}), draws=50)
    assert {(p.first, p.second): p.htmt.n for p in made.pairs} == {
        ("culture", "fairness"): 115,
        ("culture", "training"): 60,
        ("fairness", "training"): 55,
    }
    alone = convergent(
        Study(
            world.settings,
            codebook(TWO, items=4),
            {"employees": world.employees, "survey": own.drop(columns=[f"training{i}" for i in range(1, 5)])},
        ),
        draws=50,
    )
    assert made.pairs[0] == alone.pairs[0]  # a third scale, however thinly answered, moves nothing


def test_a_pair_that_too_few_answered_has_no_number_and_a_reason():
    world = answered(n=120)
    own = world.survey.copy()
    own.loc[:59, "culture1"] = np.nan
    own.loc[60:, "fairness1"] = np.nan  # each scale has its sixty people, the pair has nobody
    made = convergent(
        Study(world.settings, world.codebook, {"employees": world.employees, "survey": own}), 0.95, 50
    )
    found = {f.id: f for f in made.findings}["measurement.culture.htmt_fairness"]
    assert made.own and found.status == "not_estimable" and "both scales" in found.reason
    assert "both scales" in texts(made.sentence("en")) and made.pairs_table("en") == []


def test_many_pairs_are_told_by_a_triangle_and_those_in_doubt():
    roles, n, rng = (
        ("culture", "fairness", "training", "recognition", "performance"),
        150,
        np.random.default_rng(1),
    )
    latent = dict(zip(roles, rng.normal(size=(5, n)), strict=True))
    latent["training"] = latent["culture"]
    given = {
        f"{role}{i}": np.clip(np.round(3 + latent[role] + 0.7 * rng.normal(size=n)), 1, 5)
        for role in roles
        for i in range(1, 5)
    }
    who = people(n, 4)
    made = convergent(
        study({"employees": who, "survey": survey(who, given)}, codebook(roles, items=4)), draws=100
    )
    doubtful, triangle = made.pairs_table("en")
    assert [row[0] for row in doubtful.rows] == ["culture and training"]
    cells = [[c for c in row[1:] if c] for row in triangle.rows]
    assert list(map(len, cells)) == [0, 1, 2, 3, 4]  # every pair once
    assert [c.endswith("*") for row in cells for c in row].count(True) == 1 and cells[2][0].endswith("*")


def test_ratios_are_those_of_the_people_who_answered_both_scales():
    world = answered(missing=0.1)
    x = world.survey[[f"{role}{i}" for role in TWO for i in range(1, 5)]]
    counts = next(counts_of(world, 50))
    by_hand = htmt(x.to_numpy(), [range(4), range(4, 8)], counts=[counts])
    pair = convergent(world, draws=50).pairs[0]
    assert pair.htmt.n == by_hand.n == len(x.dropna())
    expected = (by_hand.estimate[0, 1], by_hand.low[0, 1], by_hand.high[0, 1])
    assert (pair.htmt.estimate, pair.htmt.low, pair.htmt.high) == pytest.approx(expected)


def test_reliability_findings_are_alpha_and_omega_of_complete_answers():
    world = answered(missing=0.1)
    x = world.survey[[f"culture{i}" for i in range(1, 5)]].dropna().to_numpy()
    found = {f.id: f for f in reliability(world).findings}
    for name, coefficient in (("alpha", alpha), ("omega", omega)):
        fit, f = coefficient(x), found[f"measurement.culture.{name}"]
        assert (f.estimate, f.low, f.high) == pytest.approx((fit.estimate, fit.low, fit.high))
    assert found["measurement.culture.alpha"].estimate != found["measurement.culture.omega"].estimate


def test_shares_of_a_scale_are_of_the_answers_given():
    world = answered(missing=0.3)
    x = world.survey[[f"culture{i}" for i in range(1, 5)]].to_numpy()
    given = np.isfinite(x).sum()
    shares = items(world).plot("en")[0].data.iloc[0]
    expected = [(x < 3).sum() / given, (x == 3).sum() / given, (x > 3).sum() / given]
    assert shares[["below", "middle", "above"]].to_list() == pytest.approx(expected)


def test_the_verdict_is_of_the_interval():
    def state(low, high):
        return Pair("a", "b", Coefficient(0.87, 0.1, low, high, 99), None).state

    assert [state(0.7, 0.84), state(0.8, 0.89), state(0.8, 0.95), state(0.9, 1.0)] == [
        "apart",
        "lenient",
        "open",
        "same",
    ]


def test_names_of_people_move_nothing():
    world = answered()
    renamed = {f"p{i:03d}": f"q{(37 * i) % 120:03d}" for i in range(120)}
    tables = {"employees": world.employees, "survey": world.survey}
    other = {k: t.assign(employee_id=t["employee_id"].map(renamed)) for k, t in tables.items()}
    again = Study(world.settings, world.codebook, other)
    assert convergent(world, draws=50).findings == convergent(again, draws=50).findings


def test_incomplete_answers_are_told_beside_complete_ones():
    whole, holed = reliability(answered()), reliability(answered(missing=0.1))
    assert whole.details("id") == [] and whole.estimates["culture", "alpha"].fiml is None
    assert {f.notebook for f in holed.findings} == {"02_measurement"}
    estimate = holed.estimates["culture", "alpha"]
    truth = whole.estimates["culture", "alpha"].value
    assert estimate.n < 120 and estimate.fiml == pytest.approx(truth, abs=0.03)
    assert "FIML" in texts(holed.details("en")) and "alpha FIML" in holed.table("id").html()


@pytest.mark.parametrize("ask", [items, validity, convergent])
@pytest.mark.parametrize("n", [3, 8, 60])
def test_every_size_has_an_honest_page(ask, n):
    made = ask(answered(n=n))
    assert texts(made.sentence("id")) and texts(made.sentence("en"))
    assert sum(len(e._repr_html_()) for e in shown(made)) < 2 * 40_000
    if n == 3:
        assert all(f.estimate is None for f in made.findings)


@pytest.mark.parametrize("ask", [items, validity, convergent])
def test_without_a_survey_it_says_so(ask):
    world = answered()
    bare = Study(world.settings, world.codebook, {"employees": world.employees})
    made = ask(bare)
    assert made.findings == [] and "survei" in texts(made.sentence("id"))
