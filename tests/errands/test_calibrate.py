"""A calibration: worlds like the study, their truths, what is made of them, going on where it stopped."""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, replace
from html import unescape

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, norm

from tests.calibration import appraisal as appraisal_worlds
from tests.calibration import hours as hours_worlds
from tests.calibration import training as training_worlds
from tests.errands import tiny_worlds
from walesi_research import open_study
from walesi_research.cli.verbs.export import question
from walesi_research.errands.calibrate import run, told, world
from walesi_research.errands.calibrate.contract import ASKED, EFFECTS, PARTS, findings_of
from walesi_research.errands.calibrate.few import few
from walesi_research.errands.calibrate.ledger import Ledger
from walesi_research.errands.calibrate.likeness import MATCHED, likeness
from walesi_research.errands.calibrate.measures import measures, score_spreads
from walesi_research.errands.calibrate.self_rated import self_rated_truths
from walesi_research.errands.calibrate.summary import bounds_of, summarise
from walesi_research.errands.calibrate.unlike import unlike
from walesi_research.errands.calibrate.world import Errand, ask, opened, population_truths, world_of
from walesi_research.language import LANGUAGES, say
from walesi_research.problems import UserError
from walesi_research.publish.calibration import build_calibration
from walesi_research.publish.facts import StudyFacts
from walesi_research.questions import pathways, performance
from walesi_research.study.synthetic import World, simulate, simulate_folder

FEW = {"level": 0.95, "draws": 99}


@pytest.fixture(scope="module")
def walesi(root):
    return open_study(root / "data" / "walesi")


@pytest.fixture(scope="module")
def like(walesi):
    return likeness(walesi)


def errand(like, number=0, kind="ordinary", part="quick", seed=1):
    return Errand(like, kind, number, seed, part, FEW)


# ── what studies and worlds are compared on ──────────────────────────────────────────────────────────────


def test_measures_are_counted_by_hand():
    """Four people of two units; A is appraised by B of the same unit, C and D by Z from elsewhere."""
    employees = pd.DataFrame({"employee_id": [*"ABCD"], "unit": [*"uuvv"], "status": ["pns"] * 3 + ["pppk"]})
    appraisals = pd.DataFrame(
        [
            ("A", 1, "B", "clan", 90.0), ("A", 1, "C", "none", 90.0), ("A", 2, "B", None, np.nan),
            ("C", 1, "Z", "none", 100.0), ("C", 2, "Z", "none", 104.0), ("D", 2, "Z", "", 98.0),
        ],
        columns=["employee_id", "period", "rater_id", "tie", "achievement"],
    )  # fmt: skip
    training = pd.DataFrame(
        {
            "employee_id": [*"AAB"], "kind": ["technical", "leadership", "technical"],
            "hours": [8.0, 120.0, 16.0],
            "completed_on": pd.to_datetime(["2024-01-01", "2024-06-01", "2024-12-31"]),
        }
    )  # fmt: skip
    events = pd.DataFrame(
        {"kind": ["award", "team_building"], "employee_id": ["A", None], "unit": [None, "v"]}
    )
    survey = pd.DataFrame({"employee_id": [*"AB"], "q1": [1.0, np.nan], "q2": [2.0, 4.0]})
    tables = {
        "employees": employees, "appraisals": appraisals, "training": training, "events": events,
        "survey": survey,
    }  # fmt: skip
    found = measures(tables, [("q1", "q2")])
    hand = {
        "pppk_share": 1 / 4, "second_rater_share": 1 / 5, "home_rater_share": 2 / 3,
        "external_rater_share": 1 / 3, "entrants": 1 / 3, "leavers": 0.0,
        "missing_tie": 2 / 6, "tie_share": 1 / 4,
        "missing_achievement": 1 / 5, "hours_per_year": 24 / 4 / (365 / 365.25), "leadership_share": 1 / 4,
        "award_rate": 1 / 4, "team_building_share": 1 / 2, "nonresponse": 1 / 2, "missing_items": 1 / 4,
    }  # fmt: skip
    assert {name: found[name] for name in hand} == pytest.approx(hand)


def test_spreads_of_a_large_draw_are_those_of_its_world():
    """Achievement without any effect, and scores; 2,000 people leave errors of a few percent."""
    made = World.null(
        employees=2000, units=100, raters=150, seed=4, ability_sd=3.0, unit_sd=1.5, noise_sd=6.0
    )
    tables = simulate(made, population=0).tables
    found = measures(tables, []) | score_spreads(tables)
    for name, slack in {"ability_sd": 0.1, "noise_sd": 0.05, "unit_sd": 0.25, "score_noise_sd": 0.05,
                        "employee_score_sd": 0.1, "rater_sd": 0.2}.items():  # fmt: skip
        assert found[name] == pytest.approx(getattr(made, name), rel=slack), name


def test_a_world_measures_as_the_study_does(walesi, like):
    """Averages of wide worlds against the study; the bounds are the worlds' own sampling errors."""
    items = [tuple(c.items) for c in walesi.codebook.constructs.values()]
    aims = measures(walesi.tables, items)
    wide = replace(like.world, employees=like.world.employees * 12, units=120, raters=180, seed=9)
    found = measures(simulate(wide, population=0).tables, items)
    assert set(aims) == set(found) and len(aims) > 20
    for name, aim in aims.items():
        slack = 0.06 * aim if name.endswith("sd") or name in ("respondents", "hours_per_year") else 0.035
        if name == "unit_sd":  # of ten units in the study; of 120 in the wide world
            slack = 0.5
        assert found[name] == pytest.approx(aim, abs=max(slack, 0.02)), name


def test_the_likeness_of_a_synthetic_study_is_near_the_world_it_came_from(root, like):
    made = json.loads((root / "data" / "walesi" / "truth.json").read_text())["world"]
    for name in ("employees", "units", "quarters", "last_year"):
        assert getattr(like.world, name) == made[name]
    for name in ("noise_sd", "score_noise_sd", "rater_sd", "respondents", "tie_share", "second_rater_share"):
        assert getattr(like.world, name) == pytest.approx(made[name], rel=0.15), name
    assert like.combined and not like.one_unit and len(like.roles) == 10


def test_counts_of_people_are_rounded_and_few_are_not_told(walesi, like):
    odd = replace(walesi, tables={**walesi.tables, "employees": walesi.employees.iloc[:-3]})
    assert likeness(odd).world.employees % walesi.settings.privacy.round_counts == 0
    three_of_160 = replace(like, world=replace(like.world, pppk_share=3 / 160, nonresponse=1 - 3 / 160))
    settings = told.settings_of(three_of_160)
    assert settings["pppk_share"] is None and settings["nonresponse"] is None
    assert settings["tie_share"] == round(like.world.tie_share, 2)


def test_shares_of_few_people_are_not_copied_and_that_is_told(walesi, like):
    """Ties and awards of three employees: a world has what every synthetic world has."""
    assert few(walesi) == ()
    three = [*walesi.employees["employee_id"][:3]]
    rows = walesi.appraisals
    ties = rows["tie"].astype(object).where(rows["employee_id"].isin(three) | rows["tie"].isna(), "none")
    ties = ties.where(~rows["employee_id"].isin(three), "clan")
    awards = walesi.events["kind"].astype(object) == "award"
    events = walesi.events[~awards | walesi.events["employee_id"].isin(three)]
    one = walesi.events[awards].head(1).assign(employee_id=three[0])
    tables = {**walesi.tables, "appraisals": rows.assign(tie=ties), "events": pd.concat([events, one])}
    odd = replace(walesi, tables=tables)
    assert few(odd) == ("tie_share", "award_rate")
    made = likeness(odd).world
    assert (made.tie_share, made.award_rate) == (World().tie_share, World().award_rate)
    words = " ".join(m.in_("en") for m in unlike(odd))
    assert "fewer than 5 people" in words and "Pairs with a tie" in words and "Awards a quarter" in words


def test_the_likeness_does_not_depend_on_pseudonyms_or_the_order_of_rows(walesi, like):
    """Other pseudonyms, which sort otherwise, and rows in another order."""
    people = sorted({*walesi.employees["employee_id"], *walesi.appraisals["rater_id"]})
    rng = np.random.default_rng(2)
    other = dict(zip(people, rng.permutation([f"x{i:04}" for i in range(len(people))]), strict=True))
    tables = {}
    for name, table in walesi.tables.items():
        named = {c: table[c].map(other) for c in ("employee_id", "rater_id") if c in table}
        shuffled = table.assign(**named).iloc[rng.permutation(len(table))]
        tables[name] = shuffled.reset_index(drop=True)
    assert likeness(replace(walesi, tables=tables)) == like


def test_a_unit_with_a_rater_of_its_own_keeps_it(walesi):
    """Then rater and unit cannot be told apart, in the worlds as in the study."""
    unit = walesi.appraisals["employee_id"].map(walesi.employees.set_index("employee_id")["unit"].astype(str))
    rows = walesi.appraisals.assign(rater_id="rater of " + unit).drop_duplicates(["employee_id", "period"])
    like = likeness(replace(walesi, tables={**walesi.tables, "appraisals": rows}))
    assert like.world.one_rater_a_unit and like.world.second_rater_share == 0
    made = simulate(world_of(errand(like)), population=0).tables
    home = made["employees"].set_index("employee_id")["unit"]
    pairs = {*zip(made["appraisals"]["employee_id"].map(home), made["appraisals"]["rater_id"], strict=True)}
    assert len(pairs) == like.world.units == 10


# ── a world and its truths ───────────────────────────────────────────────────────────────────────────────


def test_a_worlds_seed_depends_on_the_studys_seed_and_its_number_alone(like):
    seeds = [
        world_of(errand(like, n, kind, seed=s)).seed
        for n in (0, 1) for kind in ("ordinary", "null") for s in (1, 2)
    ]  # fmt: skip
    assert len(set(seeds)) == 8
    assert world_of(errand(like, 1, part="quick")) == world_of(errand(like, 1, part="refits"))
    assert all(
        getattr(world_of(errand(like, kind="null")), name) == 0 for name in ("tie_effect", "hours_slope")
    )


@pytest.mark.parametrize(
    ("part", "names"),
    [
        (appraisal_worlds, ("appraisal.tie_effect", "appraisal.achievement_slope", "appraisal.rater_share")),
        (hours_worlds, ("training.hours_slope",)),
        (training_worlds, ("training.leadership_att",)),
    ],
)
def test_a_world_says_what_it_says_in_the_calibration_of_its_question(part, names, like, monkeypatch):
    """The same world by way of its files: truth and estimate to the digits that findings keep.

    So are intervals, but for leadership's: its draws are of rows in another order, and the half width of a
    bootstrapped interval of 399 has a Monte Carlo error of 3.5 % with either.
    """
    slack = {"training.leadership_att": 0.15}
    for seed in (0, 3):
        line = part.estimate("ordinary", seed)["estimates"]
        made = World(employees=140, seed=len(part.SCENARIOS) * seed)
        monkeypatch.setattr(world, "world_of", lambda errand, made=made: made)
        monkeypatch.setattr(world, "ASKED", [a for a in ASKED if set(names) & set(a.findings)])
        sent = replace(errand(like), parameters={"level": 0.95, "draws": training_worlds.DRAWS})
        found = ask(question, sent)["findings"]
        for name in names:
            there, here = line.get(name) or line[name.partition(".")[2]], found[name]
            half = (there["high"] - there["low"]) / 2
            for end in ("truth", "estimate"):
                assert here[end] == pytest.approx(there[end], rel=1e-6, abs=1e-8), name
            for end in ("low", "high"):
                assert here[end] == pytest.approx(there[end], rel=1e-6, abs=slack.get(name, 0) * half), name


def test_truths_are_zero_in_a_null_world_and_of_the_population_elsewhere(like, monkeypatch):
    monkeypatch.setattr(world, "POPULATION", 20_000)
    ordinary, null = population_truths(like, "ordinary"), population_truths(like, "null")
    assert {"joint.culture", "importance.training", "measurement.skill.alpha"} <= set(ordinary)
    assert not set(null) & set(EFFECTS) and "measurement.skill.alpha" in null
    line = ask(tiny_worlds.question, errand(like, kind="null"))["findings"]
    assert all(line[name]["truth"] == 0 for name in EFFECTS if name in line)


def test_no_truth_is_told_where_the_studys_finding_means_something_else(walesi, like, monkeypatch):
    """Without records of training `joint.training` is of answers; without appraisals performance is."""
    monkeypatch.setattr(world, "POPULATION", 20_000)
    without = replace(like, columns={k: v for k, v in like.columns.items() if k != "training"})
    assert not any(name.startswith("joint.") for name in population_truths(without, "ordinary"))
    assert "perception.transparency_gap" in population_truths(without, "ordinary")


def test_self_rated_truths_are_what_large_worlds_find(walesi, like):
    """Joint, corrected and pathway estimates of three worlds of 4,000 without appraisals.

    Standard errors of their means are about .012 (joint, total), .018 (corrected) and .009 (indirect); three
    of them are allowed, of shares four hundredths.
    """
    columns = {k: v for k, v in like.columns.items() if k != "appraisals"}
    without = replace(like, columns=columns)
    truths = self_rated_truths(like.world, like.roles, 200_000)
    found = {name: [] for name in truths}
    for seed in (1, 2, 3):
        large = replace(like.world, employees=4000, units=40, raters=200, seed=seed)
        study = opened(simulate(large, population=0), without)
        answers = (
            performance.joint(study), performance.joint_latent(study, draws=49),
            performance.importance(study, draws=49), pathways.pathways(study, draws=19),
        )  # fmt: skip
        for f in (f for answer in answers for f in answer.findings):
            found[f.id].append(f.estimate)
    assert len(truths) == 16
    for name, values in found.items():
        slack = 0.027 if "indirect" in name else 0.12 if "importance" in name else 0.054
        assert np.mean(values) == pytest.approx(truths[name], abs=slack), name
    assert (
        truths["pathway.culture_indirect"] > 0.1 and truths["joint.culture_latent"] > truths["joint.culture"]
    )
    assert not self_rated_truths(like.world, ("culture",), 1_000)


def test_a_study_without_appraisals_gets_self_rated_truths(like, monkeypatch):
    monkeypatch.setattr(world, "POPULATION", 20_000)
    without = replace(like, columns={k: like.columns[k] for k in ("employees", "survey")})
    truths = population_truths(without, "ordinary")
    assert {"joint.training", "importance.culture", "pathway.culture_total"} <= set(truths)
    assert "perception.transparency_gap" not in truths
    assert "pathway.culture_total" not in population_truths(like, "ordinary")


@pytest.mark.parametrize("missing", ["survey", "appraisals", "training", "service", "events"])
def test_a_world_lacks_what_the_study_lacks(like, missing):
    columns = {k: v for k, v in like.columns.items() if k != missing}
    study = opened(simulate(world_of(errand(like)), population=0), replace(like, columns=columns))
    assert not study.has(missing) and set(study.tables) == set(columns)


def test_columns_units_roles_and_privacy_are_the_studys(like):
    columns = {**like.columns, "appraisals": tuple(c for c in like.columns["appraisals"] if c != "tie")}
    other = replace(like, columns=columns, one_unit=True, roles=("culture",), minimum_cell=7, combined=False)
    study = opened(simulate(world_of(errand(like)), population=0), other)
    assert "tie" not in study.appraisals and study.employees["unit"].nunique() == 1
    assert list(study.codebook.constructs) == ["work_culture"]
    assert study.settings.privacy.minimum_cell == 7 and not study.settings.policy.scenarios


def test_a_question_that_fails_is_told_of_and_stops_nothing(like):
    found = ask(tiny_worlds.question, errand(like))["findings"]
    assert found["training.norm_share"]["status"] == "failed"
    assert found["training.norm_share"]["reason"] == "ZeroDivisionError"
    assert found["appraisal.tie_effect"]["status"] == "estimated"
    assert found["appraisal.rater_share"]["status"] == "missing"


def test_every_finding_of_the_contract_is_asked_for(shared):
    """The ids of the contract's table, those of constructs and the names in brackets written out."""
    contract = (
        (shared / "CONTRACT.md").read_text(encoding="utf-8").partition("## 2.")[2].partition("## 3.")[0]
    )
    rows = [line.split("|")[1] for line in contract.splitlines() if line.startswith("| `")]
    ids = {i for row in rows for i in re.findall(r"`([a-z_]+\.[a-z_]+)`", row)}
    asked = {i for a in ASKED for i in findings_of(a.question, {"x": "culture"})}
    assert len(ids) > 20 and not ids - asked
    assert {"measurement.x.alpha", "measurement.x.omega", "joint.fairness_latent"} <= asked


# ── what is made of the worlds ───────────────────────────────────────────────────────────────────────────


def lines_of(estimates, half, truth, name="training.hours_slope", kind="ordinary"):
    return [
        {
            "kind": kind, "number": n, "part": "quick",
            "findings": {name: {"estimate": e, "low": e - half, "high": e + half, "p": None,
                                "status": "estimated", "truth": truth}},
        }
        for n, e in enumerate(estimates)
    ]  # fmt: skip


def judged(lines, limits=None, truths=None, level=0.95):
    return {row.id: row for row in summarise(lines, truths or {}, limits or {}, 140, 12, level)}


def test_bias_coverage_and_power_are_counted():
    """Truth 1, half widths of 1: 0.5 holds it and not zero's side; 1.5 tells; 2.5 misses; −1.5 misses."""
    row = judged(lines_of([0.5, 1.5, 2.5, -1.5] * 25, 1.0, 1.0))["training.hours_slope"]
    assert (row.bias, row.coverage, row.power, row.width) == (-0.25, 0.5, 0.5, 2.0)
    assert row.spread == pytest.approx(np.std([0.5, 1.5, 2.5, -1.5] * 25, ddof=1))
    assert row.bias_error == pytest.approx(row.spread / 10)
    assert row.verdict == "misleads"


def test_monte_carlo_intervals_are_wilsons():
    row = judged(lines_of([0.0] * 93 + [9.0] * 7, 1.0, 0.5))["training.hours_slope"]
    ends = binomtest(93, 100).proportion_ci(0.95, "wilson")
    assert (row.coverage_low, row.coverage_high) == pytest.approx((ends.low, ends.high), abs=1e-6)


def test_false_alarms_are_of_null_worlds():
    null = lines_of([0.0] * 17 + [2.0, -2.0, 3.0], 1.0, 0.0, kind="null")
    row = judged([*lines_of([1.0] * 100, 0.5, 1.0), *null])["training.hours_slope"]
    assert (row.alarms, row.null_worlds, row.verdict) == (
        0.15,
        20,
        "trust",
    )  # 3 of 20 are not surely above 10 %
    many = lines_of([0.0] * 70 + [2.0] * 30, 1.0, 0.0, kind="null")
    assert judged([*lines_of([1.0] * 100, 0.5, 1.0), *many])["training.hours_slope"].verdict == "misleads"


def test_a_limit_is_asked_of_on_the_truths_side():
    """A truth of 3 over a limit of 2: one from 2.5 tells, one from 1.5 does not; under it likewise."""
    above = judged(lines_of([3.5, 2.5], 1.0, 3.0), {"training.hours_slope": 2.0})["training.hours_slope"]
    below = judged(lines_of([0.5, 1.5], 1.0, 1.0), {"training.hours_slope": 2.0})["training.hours_slope"]
    assert (above.power, below.power, above.limit) == (0.5, 0.5, 2.0)


@pytest.mark.parametrize("away", [1.0, 1.6, 2.3])
def test_what_is_said_to_be_enough_gives_a_power_of_eighty_percent(away):
    """Normal estimates whose error shrinks with the root of the data; 20,000 worlds err by .003."""
    rng = np.random.default_rng(3)
    row = judged(lines_of(away + rng.normal(size=400), 1.959964, away))["training.hours_slope"]
    error = 1 / np.sqrt(row.times)
    told_of = (away + error * rng.normal(size=20_000) - 1.959964 * error > 0).mean()
    assert row.power < 0.8 and told_of == pytest.approx(0.80, abs=0.02)
    assert row.employees == np.ceil(row.times * 14) * 10
    assert row.quarters == (np.ceil(row.times * 12) if row.times * 12 <= 40 else None)


def test_verdicts():
    """Some sixty worlds are needed to trust, forty to say anything; what nobody can estimate is absent."""
    assert judged(lines_of([1.0] * 39, 0.5, 1.0))["training.hours_slope"].verdict == "cannot_tell"
    assert judged(lines_of([1.0] * 100, 0.5, 1.0))["training.hours_slope"].verdict == "trust"
    doubtful = lines_of([1.0] * 35 + [9.0] * 5, 0.5, 1.0)
    assert judged(doubtful)["training.hours_slope"].verdict == "cannot_tell"  # 35 of 40: perhaps 90 %
    assert judged(lines_of([1.0] * 100, 2.5, 1.0))["training.hours_slope"].verdict == "too_little"
    assert judged(lines_of([1.0] * 100, 0.5, None))["training.hours_slope"].verdict == "cannot_tell"
    absent = lines_of([1.0] * 100, 0.5, 1.0)
    for line in absent:
        line["findings"]["training.hours_slope"] |= {"status": "not_estimable", "estimate": None, "low": None}
    assert judged(absent)["training.hours_slope"].verdict == "absent"


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_an_exact_interval_of_any_level_does_not_mislead(level):
    """Estimates that are normal with an error of .2; coverage is the level but for 400 worlds' error."""
    rng, half = np.random.default_rng(1), 0.2 * norm.ppf((1 + level) / 2)
    lines = lines_of(1 + 0.2 * rng.normal(size=400), half, 1.0)
    lines += lines_of(0.2 * rng.normal(size=200), half, 0.0, kind="null")
    row = judged(lines, level=level)["training.hours_slope"]
    assert abs(row.coverage - level) < 3 * np.sqrt(level * (1 - level) / 400) and row.verdict == "trust"
    narrow = judged(lines_of(1 + 0.2 * rng.normal(size=400), half / 3, 1.0), level=level)
    assert narrow["training.hours_slope"].verdict == "misleads"


def test_bounds_follow_from_the_level():
    assert asdict(bounds_of(0.95)) == pytest.approx(
        {"misses": 0.05, "least_covered": 0.9, "most_alarmed": 0.1, "sure_covered": 0.85}
    )
    assert bounds_of(0.8).least_covered == pytest.approx(0.6)


def test_a_few_worlds_without_an_estimate_do_not_say_that_there_is_none():
    for status in ("failed", "not_estimable"):
        for worlds, verdict in ((2, "cannot_tell"), (40, "absent")):
            lines = lines_of([1.0] * worlds, 0.5, 1.0)
            for line in lines:
                line["findings"]["training.hours_slope"] |= {"status": status, "estimate": None, "low": None}
            assert judged(lines)["training.hours_slope"].verdict == verdict


def test_shares_that_describe_have_no_power_and_hold_to_two_decimals():
    row = judged(lines_of([0.43] * 100, 0.0, 0.4312, "training.norm_share"), {"training.norm_share": 0.5})
    row = row["training.norm_share"]
    assert (row.power, row.coverage, row.verdict) == (None, 1.0, "trust")


def test_truths_of_a_population_reach_ordinary_worlds_only():
    name = "joint.culture"
    lines = [*lines_of([0.1] * 100, 0.2, None, name), *lines_of([0.0] * 50, 0.2, 0.0, name, "null")]
    row = judged(lines, truths={name: 0.1})[name]
    assert (row.truth, row.coverage, row.alarms) == (pytest.approx(0.1), 1.0, 0.0)


# ── going on where it stopped ────────────────────────────────────────────────────────────────────────────


def test_a_ledger_passes_over_other_keys_and_lines_cut_short(tmp_path):
    path = tmp_path / "worlds.jsonl"
    line = {"kind": "null", "number": 3, "part": "quick", "findings": {}}
    Ledger(path, "other").add(line)
    Ledger(path, "mine").add(line | {"number": 4})
    with path.open("a") as file:
        file.write('{"key": "mine", "kind": "nu')
    again = Ledger(path, "mine")
    assert list(again.lines) == [("null", 4, "quick")]
    again.add(line | {"number": 5})
    assert len(Ledger(path, "mine").lines) == 2 and ("null", 3, "quick") not in again


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A calibration of 20 people that costs nothing; it returns its records and how often it asked what."""
    folder = simulate_folder(tmp_path / "s", employees=20, units=2, quarters=4, seed=2, population=0)
    study = open_study(folder)
    monkeypatch.setattr(world, "POPULATION", 2_000)
    monkeypatch.setenv(tiny_worlds.PROCESSES, str(tmp_path / "log"))

    def calibrate(name, **options):
        (tmp_path / "log").write_text("")
        records = []

        def publish(made, folder):
            records.append(told.record_of(made, study.id))
            (folder / "calibration.json").write_text(json.dumps(records[-1]))

        run.calibrate(
            study, tmp_path / name, question=tiny_worlds.question, publish=publish, limits={}, parameters=FEW,
            **options,
        )  # fmt: skip
        return records, Counter((tmp_path / "log").read_text().split())

    return calibrate


def test_the_cheap_part_comes_first_and_what_was_asked_is_kept(tiny, tmp_path):
    records, log = tiny("out", worlds=2)
    quick = [i for a in ASKED if a.part == "quick" for i in findings_of(a.question, {})]
    assert [r["complete"] for r in records] == [False, True]
    assert not {r["id"] for r in records[0]["findings"]} & {"pathway.culture_total", "policy.combined_gain"}
    assert {r["id"] for r in records[0]["findings"]} >= set(quick)
    assert log["appraisal.scores"] == log["pathways.pathways"] == 3  # two worlds and a null one
    assert (tmp_path / "out" / "calibration.json").exists() and (tmp_path / "out" / "manifest.json").exists()
    again, log = tiny("out", worlds=2)
    assert not log and again[-1] == records[-1]
    ledger = tmp_path / "out" / ".walesi" / run.LEDGER
    lines = ledger.read_text().splitlines(keepends=True)
    ledger.write_text("".join(lines[:-1]) + lines[-1][:30])  # as a kill leaves it
    more, log = tiny("out", worlds=2)
    assert sum(log.values()) == 2 and more[-1] == records[-1]  # the two questions of the last part
    _, log = tiny("out", worlds=4)
    assert log["appraisal.scores"] == 3


def test_a_dead_worker_is_told_of_and_nothing_is_lost(tiny, tmp_path, monkeypatch):
    tiny("out", worlds=2, parts=("refits",))
    fatal = tmp_path / "fatal"
    fatal.touch()
    monkeypatch.setenv(tiny_worlds.FATAL, str(fatal))
    with pytest.raises(UserError) as refused:
        tiny("out", worlds=2)
    assert refused.value.problems[0].what.key == "calibrate.worker_died"
    fatal.unlink()
    records, log = tiny("out", worlds=2)
    assert records[-1]["complete"] and log["pathways.pathways"] == 0 and log["appraisal.scores"] == 3


def test_results_do_not_depend_on_the_number_of_processes(tiny):
    one, two = tiny("one", worlds=3, jobs=1)[0], tiny("two", worlds=3, jobs=2)[0]
    assert one == two


def test_a_change_of_draws_asks_anew(like):
    keys = {run._key(like, seed, FEW | {"draws": draws}) for seed in (1, 2) for draws in (99, 199)}
    assert len(keys) == 4 and run._key(like, 1, FEW) in keys
    other = replace(like, world=replace(like.world, tie_share=0.5))
    assert run._key(other, 1, FEW) not in keys


def test_null_worlds_come_after_every_second_one(like):
    sent = list(run.errands(like, 1, 4, PARTS, FEW))
    assert [(e.kind, e.number) for e in sent if e.part == "quick"] == [
        ("ordinary", 0), ("ordinary", 1), ("null", 0), ("ordinary", 2), ("ordinary", 3), ("null", 1)
    ]  # fmt: skip
    assert [e.part for e in sent] == sorted((e.part for e in sent), key=PARTS.index)


# ── what readers are told ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def record(walesi, like):
    """A calibration of every finding, with numbers made up so that every verdict occurs."""
    rng, lines = np.random.default_rng(1), []
    names = [i for a in ASKED for i in findings_of(a.question, walesi.codebook.constructs)]
    for number, name in enumerate(names):
        half, truth = (0.5, 1.2, 0.3)[number % 3], 1.0 if number % 5 else None
        lines += lines_of(1 + 0.25 * rng.normal(size=100), half, truth, name)
        lines += lines_of(0.25 * rng.normal(size=50), half, 0.0, name, "null")
    rows = list(judged(lines, {"appraisal.tie_effect": 1.0}).values())
    rows[-1] = replace(rows[-1], verdict="absent", estimable=0.0)
    made = run.Calibrated(
        likeness=like, not_copied=tuple(unlike(walesi)), findings=tuple(rows), worlds=100, null_worlds=50,
        complete=False, parameters={"level": 0.95, "draws": 999},
    )  # fmt: skip
    return made, told.record_of(made, "walesi")


def facts(study):
    import datetime as dt

    return StudyFacts(
        id=study.id, title=dict(study.title), synthetic=True, seed=1, version="1", minimum_cell=5,
        created=dt.date(2026, 11, 24),
    )  # fmt: skip


def test_the_page_is_small_has_no_script_and_names_every_finding(walesi, record, tmp_path):
    made, written = record
    assert {row.verdict for row in made.findings} == {*told.VERDICTS}
    build_calibration(written, facts(walesi), tmp_path)
    assert json.loads((tmp_path / "calibration.json").read_text()) == written
    pages = {"id": tmp_path / "index.html", "en": tmp_path / "en" / "index.html"}
    for language, page in pages.items():
        text = unescape(page.read_text(encoding="utf-8"))
        assert page.stat().st_size < 80_000 and "<script" not in text and "calibrate." not in text
        for row in made.findings:
            assert told.name_of(row.id, language) in text
        assert say(language, "calibrate.lead_partly") in text and f'lang="{language}"' in text
    assert (
        'href="en/index.html"' in pages["id"].read_text()
        and 'href="../index.html"' in pages["en"].read_text()
    )


def test_a_page_of_few_worlds_says_so_once(walesi, record, tmp_path):
    made, _ = record
    few = replace(
        made, worlds=6, findings=tuple(replace(row, verdict="cannot_tell") for row in made.findings)
    )
    build_calibration(told.record_of(few, "walesi"), facts(walesi), tmp_path)
    text = (tmp_path / "en" / "index.html").read_text()
    assert text.count("nothing can be told yet") == 1 and "Needs about" not in text


def test_the_page_tells_what_its_level_promises_and_what_is_copied(walesi, record, tmp_path):
    made, _ = record
    for level, promised in ((0.8, ("about 80%", "about 20%", "less than 60%")),
                            (0.999, ("about 99.9%", "about 0.1%", "less than 99.8%"))):  # fmt: skip
        other = replace(made, parameters={"level": level, "draws": 999})
        build_calibration(told.record_of(other, "walesi"), facts(walesi), tmp_path)
        text = unescape((tmp_path / "en" / "index.html").read_text(encoding="utf-8"))
        assert all(words in text for words in promised) and "about 95%" not in text
    assert "all of it is made up" not in text and "fewer than 5 people are not shown or not copied" in text


def test_the_terminal_is_told_the_same(record):
    made, written = record
    for language in LANGUAGES:
        text = told.table(made, language)
        assert all(row["name"][language] in text for row in written["findings"])
        assert max(map(len, text.splitlines())) <= 110


def test_what_is_not_copied_is_named(walesi):
    plain = [m.key for m in unlike(walesi)]
    assert plain == ["calibrate.not_effects", "calibrate.not_units"]
    two_waves = walesi.survey.assign(wave=[1, 2] * (len(walesi.survey) // 2) + [1] * (len(walesi.survey) % 2))
    few_raters = walesi.appraisals.assign(rater_id="one")
    other = replace(walesi, tables={**walesi.tables, "survey": two_waves, "appraisals": few_raters})
    keys = {m.key for m in unlike(other)} - {*plain}
    assert keys == {"calibrate.not_waves", "calibrate.not_raters"}
    for language in LANGUAGES:
        assert all(m.in_(language) for m in unlike(other))


def test_settings_are_copied_of_what_the_study_records_only(record, walesi, like):
    assert len(record[1]["settings"]) == len(told.SHOWN)
    lacking = replace(
        like, columns={"employees": ("employee_id", "unit"), "appraisals": ("employee_id", "tie")}
    )
    assert told.copied(lacking) == ["employees", "units", "tie_share", "missing_tie"]


def test_settings_have_names_and_matched_ones_are_of_the_world():
    assert set(MATCHED) <= set(asdict(World()))
    for language in LANGUAGES:
        assert all(say(language, f"calibrate.setting_{name}") for name in told.SHOWN)


# ── the verb ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_verb_writes_the_page_and_goes_on_where_it_was_stopped(tmp_path):
    """A study of thirty people, two worlds and a null one, in two processes; then nothing is left to ask."""
    study = simulate_folder(tmp_path / "s", employees=30, units=4, quarters=6, seed=3, population=0)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "walesi_research", "calibrate", str(study), "--worlds", "2", "-j", "2"]
    command += ["-p", "draws=99", "-o", str(out), "--language", "en"]
    first, second = (subprocess.run(command, capture_output=True, text=True) for _ in range(2))
    assert first.returncode == second.returncode == 0, first.stderr
    assert first.stdout.strip() == str(out / "index.html") and "Points that a tie adds" in first.stderr
    assert "100% done" in first.stderr and "done" not in second.stderr
    written = json.loads((out / "calibration.json").read_text())
    assert written["worlds"] == {"ordinary": 2, "null": 1} and written["complete"]
    assert written["parameters"] == {"level": 0.95, "draws": 99} and written["world"]["employees"] == 30
    by_id = {row["id"]: row for row in written["findings"]}
    assert by_id["appraisal.tie_effect"]["truth"] == 5.0 and by_id["joint.culture"]["truth"] is not None
    assert not any(row["failed"] for row in by_id.values())


def test_the_verb_refuses_a_folder_that_is_not_its_own(tmp_path, root):
    (tmp_path / "mine.txt").write_text("")
    command = [sys.executable, "-m", "walesi_research", "calibrate", str(root / "data" / "walesi")]
    done = subprocess.run([*command, "-o", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 1 and not done.stdout and [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
