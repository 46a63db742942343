"""The record against the matrix: counts by hand, one regime at a time, and nothing that rests on too few."""

import numpy as np
import pandas as pd
import pytest

from tests.questions.appraised import LATEST, LEAST, appraisals, appraised, of_chance
from tests.questions.small import people, study
from walesi_research.exhibits import Gap
from walesi_research.questions.appraisal import distribution, record
from walesi_research.rules.predicate import PREDICATES
from walesi_research.study.calendar import Calendar

RIGHT = (2.0, 2.0, "baik")
AS_MAX = (2.0, 1.0, "butuh_perbaikan")  # the matrix says kurang; the larger of BKN's codes 2 and 3 says this
WRONG = (3.0, 3.0, "baik")


def recorded(*kinds, units=2):
    """Return a study of one appraisal an employee, `kinds` being (work result, behaviour, predicate, n)."""
    rows = [kind for kind, n in kinds for _ in range(n)]
    work_result, behaviour, predicate = zip(*rows, strict=True)
    columns = {"work_result": work_result, "behaviour": behaviour, "predicate": predicate}
    return appraised(len(rows), units, **columns)


def test_disagreements_are_counted_by_cause():
    result = record(recorded((RIGHT, 24), (AS_MAX, 10), (WRONG, 6)))
    (finding,) = result.findings
    assert finding.estimate == finding.low == finding.high == 0.40  # 16 of 40
    assert (finding.se, finding.n, finding.claim) == (0.0, 40, "description")
    causes = result.table("en")[0]
    assert [row[1] for row in causes.rows] == ["60%", "25%", "15%"]
    assert "63%" in result.sentence("en")[1].alt  # 10 of 16, halves up


def test_a_rare_cause_is_merged_and_a_rare_disagreement_hidden():
    merged = record(recorded((RIGHT, 30), (AS_MAX, 8), (WRONG, 2)))
    assert [row[1] for row in merged.table("en")[0].rows] == ["75%", "25%"]
    hidden = record(recorded((RIGHT, 37), (WRONG, 3)))
    assert hidden.findings[0].status == "suppressed"
    assert "fewer than 5 people" in hidden.findings[0].reason
    assert (hidden.table("en"), [s.kind for s in hidden.sentence("en")]) == ([], ["note"])


def test_people_are_counted_by_unit_and_by_the_worst_of_their_records():
    employees = people(40, 2)  # the first twenty in unit 0
    first = [AS_MAX] * 6 + [RIGHT] * 14 + [AS_MAX] * 8 + [RIGHT] * 12
    rows = pd.concat([employees, employees.iloc[:6]])  # six have a second appraisal, a right one
    kinds = [*first, *[RIGHT] * 6]
    columns = dict(zip(("work_result", "behaviour", "predicate"), zip(*kinds, strict=True), strict=True))
    table = appraisals(rows, **columns, rater_id=["r1"] * 40 + ["r2"] * 6)
    result = record(study({"employees": employees, "appraisals": table}))
    assert result.findings[0].estimate == 0.30  # 14 of 46 appraisals
    units = result.table("en")[1]
    # 14 and 12 agree throughout, 6 and 8 do not; to multiples of five
    assert [list(row) for row in units.rows] == [["0", "15", "5"], ["1", "10", "10"], ["All", "25", "15"]]


def test_periods_before_the_matrix_are_named_and_left_out():
    old = Calendar("quarter").parse("2021-Q4")
    employees = people(40, 2)
    now = appraisals(employees, **dict(zip(("work_result", "behaviour", "predicate"), RIGHT, strict=True)))
    then = now.assign(period=old, predicate=pd.Categorical(["sangat_baik"] * 40, categories=PREDICATES))
    both = pd.concat([then, now], ignore_index=True)
    result = record(study({"employees": employees, "appraisals": both}))
    assert result.findings[0].estimate == 0.0
    lead, note = result.sentence("en")
    assert (lead.kind, note.kind) == ("lead", "note")
    assert "2021-Q4" in note.alt
    assert "30/2019" in note.alt
    earlier = record(study({"employees": employees, "appraisals": then}))
    assert earlier.findings[0].status == "not_estimable"
    assert "in force only from 2022" in earlier.findings[0].reason


def test_the_year_in_which_the_rules_changed_has_no_matrix():
    employees = people(40, 2)
    rows = appraisals(employees, work_result=2.0, behaviour=2.0, predicate="baik").assign(period=2021)
    result = record(study({"employees": employees, "appraisals": rows}, period="year"))
    assert result.findings[0].status == "not_estimable"


def test_the_latest_period_is_told_only_if_the_others_do_not_give_somebody_away():
    employees = people(40, 2)
    columns = {"work_result": 3.0, "behaviour": 3.0}

    def told(wrong_before, wrong_now):
        parts = [
            appraisals(
                employees, predicate=["baik"] * wrong + ["sangat_baik"] * (40 - wrong), **columns
            ).assign(period=LATEST - ago)
            for ago, wrong in ((1, wrong_before), (0, wrong_now))
        ]
        tables = {"employees": employees, "appraisals": pd.concat(parts, ignore_index=True)}
        return [len(row) for row in record(study(tables)).table("en")[0].rows]

    assert set(told(10, 8)) == {3}
    assert set(told(2, 8)) == {2}  # all less the latest would be two people


def test_predicates_of_the_latest_period_by_unit():
    predicate = ["sangat_baik"] * 8 + ["baik"] * 12 + ["sangat_baik"] * 5 + ["baik"] * 15
    result = distribution(appraised(40, 2, predicate=predicate))
    table, patterns, whole = result.table("en")
    assert [list(row) for row in table.rows] == [["0", "10", "10"], ["1", "5", "15"], ["All", "15", "25"]]
    assert "68%" in result.sentence("en")[0].alt  # 27 of 40
    assert {row[1] for row in patterns.rows} == {"Not shown"}  # of two units each would be known
    # the first is 60 percent baik, the second 75: one has the majority within 70 percent, none below baik
    assert result.fitting["baik"] == 0
    assert whole.rows[0][1] == "14 Very good, 6 Good"  # 70 percent of 20


def test_units_that_fit_are_told_without_speaking_of_all_or_none():
    fits = ["baik"] * 6 + ["butuh_perbaikan"] * 4  # majority, at most 70 percent, and somebody below
    not_so = ["baik"] * 10
    result = distribution(appraised(60, 6, predicate=fits * 3 + not_so * 3))
    assert result.fitting["baik"] == 3
    by_name = {row[0].text: row[1] for row in result.table("en")[-2].rows}
    assert by_name["Good"] == "3 of 6"
    assert by_name["Outstanding"] == "at most 1 of 6"


def test_two_predicates_in_a_period_count_as_the_lower():
    employees = people(20, 1)
    rows = appraisals(
        pd.concat([employees, employees]),
        predicate=["sangat_baik"] * 20 + ["baik"] * 12 + ["sangat_baik"] * 8,
        rater_id=["r1"] * 20 + ["r2"] * 20,
    )
    result = distribution(study({"employees": employees, "appraisals": rows}))
    assert result.counts.loc["0", ["sangat_baik", "baik"]].tolist() == [8, 12]


def shown_cells(table, counts, totals):
    """Yield what a table by unit shows: for each column, true counts of shown and of hidden cells."""
    rows = {row.label if isinstance(row, Gap) else row[0]: row for row in table.rows[:-1]}
    for j in range(1, len(table.columns)):
        column = counts.iloc[:, j - 1]
        visible = [u for u in column.index if not isinstance(rows[u], Gap) and rows[u][j] != "–"]
        yield column.loc[visible], column.drop(visible), totals.iloc[j - 1]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("ask", [record, distribution])
def test_no_cell_by_unit_rests_on_too_few_nor_is_given_away(ask, seed):
    result = ask(of_chance(seed, n=30 + 5 * (seed % 12), units=2 + seed % 5))
    tables = [t for t in result.table("en") if t.columns[0] == "Unit"]
    people_by_unit = result._worst_cause if ask is record else result.counts
    for table in tables:
        groups = [g for g in result.groups if people_by_unit[list(g)].to_numpy().sum()]
        counts = pd.concat([people_by_unit[list(g)].sum(axis=1) for g in groups], axis=1)
        for shown, hidden, total in shown_cells(table, counts, counts.sum()):
            assert (shown >= LEAST).all()
            assert total >= LEAST
            assert hidden.empty or hidden.sum() >= LEAST
            assert len(hidden) != 1


@pytest.mark.parametrize("seed", range(40))
def test_a_published_share_rests_on_enough_people_on_either_side(seed):
    result = record(of_chance(seed, n=15 + seed))
    rows, (finding,) = result.rows, result.findings
    if finding.status == "estimated":
        wrong = rows["cause"] != "agrees"
        for part in (rows[wrong], rows[~wrong]):
            assert part.empty or part["employee_id"].nunique() >= LEAST
        assert finding.n % 5 == 0
    else:
        assert result.table("en") == []


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    ("drop", "told"),
    [
        (("appraisals",), "no appraisals"),
        (("work_result", "behaviour"), "rating of results"),
        (("predicate",), "recorded predicate"),
    ],
)
def test_what_is_missing_is_said(drop, told, language):
    result = record(of_chance(1, drop=drop))
    assert result.findings[0].status == "not_estimable"
    assert told in result.findings[0].reason
    assert [s.kind for s in result.sentence(language)] == ["note"]
    assert result.table(language) == []
    assert distribution(of_chance(1, drop=("predicate",))).table(language) == []


def test_order_of_rows_and_ids_change_nothing():
    here = of_chance(3)
    mixed = here.appraisals.sample(frac=1, random_state=1, ignore_index=True)
    there = study({"employees": here.employees, "appraisals": mixed})
    assert record(here).findings == record(there).findings
    assert distribution(here).counts.equals(distribution(there).counts)
    assert np.array_equal(record(here)._worst_cause, record(there)._worst_cause)
