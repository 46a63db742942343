"""Awards and team building on studies whose events, and what they do, are written by hand."""

import numpy as np
import pandas as pd
import pytest

from tests.questions.staged import FIRST, middle, staged
from walesi_research.language import Message
from walesi_research.questions.pathways.awards import award, award_panel
from walesi_research.questions.pathways.events import IDS, events
from walesi_research.questions.pathways.team_building import team_building
from walesi_research.stats.triggered import triggered
from walesi_research.study.study import Study

N, T, UNITS = 90, 10, 9
UNIT_ONSET = np.array([2, 3, 4, 5, 6, 7, 4, 6, T])


def event_table(study, awarded=(), teams=()):
    """Return the table of events: pairs of an employee's, or a unit's, position and the event's column."""
    names, units = study.employees["employee_id"], study.employees["unit"].cat.categories
    rows = [("award", middle(FIRST + k), names[i], None) for i, k in awarded]
    rows += [("team_building", middle(FIRST + k), None, units[u]) for u, k in teams]
    table = pd.DataFrame(rows, columns=["kind", "date", "employee_id", "unit"])
    table["kind"] = pd.Categorical(table["kind"], categories=["award", "team_building"])
    return table.astype({"date": "datetime64[ns]", "employee_id": object, "unit": object})


def world(award_effect=0.0, team_effect=0.0, noise=1.0, seed=1, awards=True, teams=True, y=None, prior=0.0):
    """Awards in columns 3 to 7 for every second employee, team building by `UNIT_ONSET`.

    `prior` is what those awarded are above their own level two to four columns before the award.
    """
    rng = np.random.default_rng(seed)
    unit = np.sort(np.arange(N) % UNITS)
    event = np.where(np.arange(N) % 2, 3 + np.arange(N) % 5, T)
    column = np.arange(T)
    made = 95 + 3 * rng.normal(size=(N, 1)) + rng.normal(size=T) + noise * rng.normal(size=(N, T))
    made = made + award_effect * (column > event[:, None])
    made = made + team_effect * (column >= UNIT_ONSET[unit][:, None])
    away = event[:, None] - column
    made = made + prior * ((away >= 2) & (away <= 3) & (event[:, None] < T))
    plain = staged(made if y is None else y, np.full(N, T), units=UNITS)
    awarded = [(i, int(k)) for i, k in enumerate(event) if k < T] if awards else []
    dates = [(u, int(k) - 1) for u, k in enumerate(UNIT_ONSET) if k < T] if teams else []
    return with_events(plain, event_table(plain, awarded, dates))


def with_events(study, table):
    tables = {name: t for name, t in study.tables.items() if name != "events"}
    return Study(study.settings, study.codebook, tables | ({} if table is None else {"events": table}))


def words(result, language="id"):
    parts = [*result.heading(language), *result.sentence(language), *result.details(language)]
    return " ".join(x.alt for x in parts)


def ask(study, draws=99):
    return events(study, draws=draws)


def test_awards_are_as_the_estimator_has_them_by_hand():
    """Columns of the events, the lags and the effect of the bare arrays, to 1e-9."""
    study = world(award_effect=2.0)
    panel = award_panel(study)
    assert set(panel.event) == {3, 4, 5, 6, 7, T} and panel.event.shape == (N,)
    assert (panel.onset == np.where(panel.event < T, panel.event + 1, T)).all()
    found = award(study, draws=50)
    assert found.estimate == pytest.approx(triggered(panel.y, panel.event, 2).overall.estimate, abs=1e-9)
    assert found.touched == 45 and found.low < 2.0 < found.high


def test_an_award_of_the_last_period_leaves_that_period_out():
    """It has nothing after it, but a good period that brought it about is not usual for the person."""
    study = world(awards=False)
    table = pd.concat([study.events, event_table(study, [(i, T - 1) for i in range(0, 12)])])
    table = pd.concat([table, event_table(study, [(i, 4) for i in range(20, 32)])])
    panel = award_panel(with_events(study, table))
    assert (panel.event[:12] == T - 1).all() and (panel.onset[:12] == T).all()


def test_both_effects_are_found_and_told_with_their_conditions():
    result = ask(world(award_effect=3.0, team_effect=4.0, noise=0.5))
    by = {f.id: f for f in result.findings}
    assert by["culture.award_att"].low > 0 and by["culture.team_building_att"].low > 0
    assert result.answer == "up" and result.sentence("id")[0].alt.startswith("Ya, dengan syarat.")
    assert "bila tanggalnya sama saja" in words(result) and "provided that" in words(result, "en")
    assert by["culture.award_att"].claim == by["culture.team_building_att"].claim == "effect_if"
    assert by["culture.award_colleagues"].claim == "association"
    assert by["culture.team_building_att"].groups == UNITS


def test_nothing_to_find_is_cannot_tell():
    result = ask(world())
    assert result.answer == "open"
    assert result.sentence("en")[0].alt.startswith("We cannot tell yet.")


def test_a_loss_is_said():
    result = ask(world(award_effect=-4.0, teams=False, noise=0.5))
    assert result.answer == "down" and "turun sekitar" in words(result)


def test_people_who_stood_out_long_before_make_it_doubtful():
    result = ask(world(award_effect=0.0, prior=4.0, teams=False))
    finding = result.findings[0]
    assert result.found["award"].doubtful and result.found["award"].state == "doubtful"
    assert "departed" in finding.reason and "diragukan" in words(result)
    assert not ask(world(teams=False)).found["award"].doubtful


def test_team_building_of_few_units_is_not_told():
    """Two units share out two dates in two ways: nothing could be rejected at 95 %."""
    study = world(awards=False, teams=False)
    unit = pd.Categorical(np.where(np.arange(N) < 45, "a", "b"))
    tables = study.tables | {"employees": study.employees.assign(unit=unit)}
    two = Study(study.settings, study.codebook, tables)
    found = team_building(with_events(two, event_table(two, teams=[(0, 4)])))
    assert isinstance(found, Message) and found.key == "pathways_events.team_units"
    assert found.values == {"units": 2} and all("(2)" in found.in_(language) for language in ("id", "en"))


def test_units_of_few_people_are_left_out():
    study = world(team_effect=3.0)
    unit = study.employees["unit"].astype(str).to_numpy(copy=True)
    unit[:7] = "0z"  # leaves three in the first unit
    tables = study.tables | {"employees": study.employees.assign(unit=pd.Categorical(unit))}
    found = team_building(Study(study.settings, study.codebook, tables))
    assert found.people == N - 3 and found.groups == UNITS


def silent(study):
    return {name: found.key.partition(".")[2] for name, found in ask(study).found.items()}


def test_each_thing_that_is_missing_is_named():
    study = world()
    names = study.events[study.events["kind"] == "award"]
    late = study.events.assign(date=middle(FIRST + T + 3))
    no_achievement = study.tables | {"appraisals": study.appraisals.drop(columns="achievement")}
    cases = {
        "no_events": with_events(study, None),
        "no_achievement": Study(study.settings, study.codebook, no_achievement),
    }
    for key, case in cases.items():
        assert set(silent(case).values()) == {key}
    assert silent(with_events(study, late)) == {
        "award": "award_outside", "team": "team_outside", "colleagues": "award_outside",
    }  # fmt: skip
    assert silent(with_events(study, names.head(3)))["award"] == "award_few"
    assert silent(with_events(study, names.head(3)))["team"] == "no_team_building"
    assert ask(with_events(study, names.drop(columns="unit"))).found["team"].key.endswith("no_team_building")


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_study_without_events_says_so_once(language):
    result = ask(with_events(world(), None))
    assert [f.status for f in result.findings] == ["not_estimable"] * 3
    assert all(f.reason and f.estimate is None for f in result.findings)
    text = words(result, language)
    assert text.count("events") == 1 and result.table(language) == [] and len(result.heading(language)) == 1


def test_every_finding_has_its_words_in_both_languages():
    result = ask(world(award_effect=2.0, team_effect=2.0))
    assert [f.id for f in result.findings] == list(IDS.values())
    for language in ("id", "en"):
        table = result.table(language)
        assert len(table.rows) == 3 and len(table.html()) < 3_000
        assert all(f.question[language] for f in result.findings)
    assert "n = " not in words(result) + words(result, "en")


def test_counts_are_rounded():
    study = world()
    few = study.events[study.events["employee_id"].isna() | (np.arange(len(study.events)) < 37)]
    award, team, _ = ask(with_events(study, few)).findings
    assert (award.n, award.groups, team.n) == (90, 35, 90)


def test_names_and_the_order_of_events_change_nothing():
    """To the last bit but for sums in another order: 1e-12."""
    study = world(award_effect=1.0, team_effect=1.0)
    rename = {name: f"x{i:03d}" for i, name in enumerate(study.employees["employee_id"][::-1])}
    tables = {}
    for name, table in (study.tables | {"events": study.events[::-1].reset_index(drop=True)}).items():
        ids = table.get("employee_id")
        tables[name] = table if ids is None else table.assign(employee_id=ids.map(rename).where(ids.notna()))
    a, b = (ask(s, 50).findings for s in (study, Study(study.settings, study.codebook, tables)))
    for one, other in zip(a, b, strict=True):
        assert one.estimate == pytest.approx(other.estimate, abs=1e-12)
        assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-9)


def test_colleagues_are_compared_with_themselves_before_anyone_was_awarded():
    """Without noise, 2 points more for everybody in a unit once someone there has been awarded."""
    column, unit = np.arange(T), np.sort(np.arange(N) % UNITS)
    first = np.array([2, 3, 4, 5, 6, 7, 3, 5, T])[unit]
    level = np.random.default_rng(2).normal(size=(N, 1))
    y = 90 + level + np.sin(column) + 2.0 * (column > first[:, None])
    study = world(y=y, awards=False, teams=False)
    heads = np.flatnonzero(np.r_[True, np.diff(unit) > 0])
    table = event_table(study, [(int(i), int(first[i])) for i in heads if first[i] < T])
    found = ask(with_events(study, table)).found["colleagues"]
    assert found.estimate == pytest.approx(2.0, abs=1e-9) and found.touched == 72 and found.groups == 9
