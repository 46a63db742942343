"""Predicates if results decided: counts by hand, the census and what is left out of it, ties apart."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from tests.questions.appraised import LATEST, LEAST, appraisals, appraised, of_chance
from tests.questions.small import people, study
from walesi_research.questions.appraisal import counterfactual
from walesi_research.questions.appraisal.counterfactual import MOVES, moves
from walesi_research.rules.predicate import MATRIX, PREDICATES

NAN = np.nan
STEADY = (2.0, 2.0, 100.0, "none")  # baik, and stays so
DOWN = (2.0, 2.0, 80.0, "family")  # baik, then butuh_perbaikan
UP = (1.0, 2.0, 100.0, "none")  # butuh_perbaikan, then baik


def judged(*kinds, **changes):
    """Return a study of one appraisal an employee, `kinds` being ((results, behaviour, figure, tie), n)."""
    rows = [kind for kind, n in kinds for _ in range(n)]
    columns = dict(
        zip(("work_result", "behaviour", "achievement", "tie"), zip(*rows, strict=True), strict=True)
    )
    return appraised(len(rows), **(columns | changes))


def test_every_pair_of_ratings_moves_as_the_matrix_says():
    grid = list(product((1, 2, 3), (1, 2, 3), (89.9, 90.0, 110.0, 110.1)))
    rows = pd.DataFrame(grid, columns=["work_result", "behaviour", "achievement"])
    step = PREDICATES.index
    expected = []
    for work_result, behaviour, achievement in grid:
        deserved = 1 if achievement < 90 else 3 if achievement > 110 else 2
        then, now = step(MATRIX[deserved, behaviour]), step(MATRIX[work_result, behaviour])
        expected.append("up" if then < now else "down" if then > now else "same")
    assert moves(rows, 90, 110).tolist() == expected


def test_a_census_has_no_error():
    result = counterfactual(judged((STEADY, 24), (DOWN, 10), (UP, 6)))
    (finding,) = result.findings
    assert (finding.id, finding.estimate, finding.n) == ("appraisal.changed_share", 0.4, 40)
    assert (finding.se, finding.low, finding.high, finding.reason) == (0.0, 0.4, 0.4, None)
    assert result.overall == {("up",): 0.15, ("same",): 0.6, ("down",): 0.25}
    assert "15% would go up and 25% would go down" in result.sentence("en")[1].text


def test_what_is_left_out_is_counted_and_makes_the_share_uncertain():
    blank = (2.0, 2.0, NAN, "none")
    (finding,) = counterfactual(judged((STEADY, 24), (DOWN, 16), (blank, 10))).findings
    # 16 of 40 seen of 50: sqrt((1 - 40/50) * 40/39 * (16 * .6² + 24 * .4²)) / 40 = 0.0351
    assert finding.estimate == 0.4
    assert finding.se == pytest.approx(0.0351, abs=5e-5)  # it is published to four decimals
    assert (finding.low, finding.high) == (0.32, 0.48)  # .4 ± 2.023 · .0351, rounded outwards
    assert finding.reason.startswith("Appraisals of about 10 people are left out")
    few = counterfactual(judged((STEADY, 24), (DOWN, 16), (blank, 2))).findings[0]
    assert "fewer than 5 people are left out" in few.reason


def test_an_employees_achievement_is_the_mean_of_its_rows_in_the_period():
    employees = people(20, 1)
    twice = pd.concat([employees, employees])
    columns = {"work_result": 2.0, "behaviour": 2.0, "rater_id": ["r1"] * 20 + ["r2"] * 20}
    rows = appraisals(twice, achievement=[80.0] * 20 + [110.0] * 20, **columns)  # mean 95: meets
    assert counterfactual(study({"employees": employees, "appraisals": rows})).share == 0.0
    one = appraisals(twice, achievement=[80.0] * 20 + [NAN] * 20, **columns)  # 80 holds for both rows
    result = counterfactual(study({"employees": employees, "appraisals": one}))
    assert (result.share, len(result.rows), result.left_out) == (1.0, 40, 0)


def test_only_the_latest_period_counts():
    employees = people(20, 1)
    now = appraisals(employees, work_result=2.0, behaviour=2.0, achievement=100.0)
    then = now.assign(period=LATEST - 1, achievement=80.0)
    rows = pd.concat([then, now], ignore_index=True)
    assert counterfactual(study({"employees": employees, "appraisals": rows})).share == 0.0


def test_limits_are_the_studys_and_can_be_varied():
    at_93 = judged((STEADY, 20), ((2.0, 2.0, 93.0, "none"), 20))
    assert counterfactual(at_93).share == 0.0
    assert counterfactual(at_93, below=95, above=105).share == 0.5
    table = counterfactual(at_93).table("en")[-1]
    assert [list(row) for row in table.rows] == [
        ["under 90% and over 110%", "0%"],
        ["under 85% and over 115%", "0%"],
        ["under 95% and over 105%", "50%"],
        ["under 80% and over 120%", "0%"],
    ]


def test_who_moves_by_tie():
    kinds = [(STEADY, 12), (UP, 6), ((2.0, 2.0, 80.0, "none"), 6)]
    kinds += [((2.0, 2.0, 100.0, "clan"), 8), (DOWN, 10), ((1.0, 2.0, 100.0, "other"), 6)]
    result = counterfactual(judged(*kinds))
    table = result.table("en")[0]
    # tied: 24, of whom 6 up, 8 unchanged, 10 down; not tied: 24, of whom 6, 12, 6
    assert [list(row) for row in table.rows] == [
        ["A tie", "25%", "33%", "42%", "25"],
        ["None", "25%", "50%", "25%", "25"],
    ]
    assert "42% would go down; elsewhere, 25%" in result.sentence("en")[2].text
    assert "A tie 42%; None 25%" in result.plot("en").alt


def test_few_with_a_blank_tie_are_never_counted_as_without_one_unmarked():
    blank = (2.0, 2.0, 100.0, None)
    kinds = [(STEADY, 12), (UP, 12), ((2.0, 2.0, 100.0, "clan"), 8), (DOWN, 10), (blank, 2)]
    table = counterfactual(judged(*kinds)).table("en")[0]
    assert [row[0] for row in table.rows] == ["A tie", "None or not recorded"]


def test_without_ties_the_share_stands_and_who_moves_is_not_told():
    whole = judged((STEADY, 24), (DOWN, 16))
    bare = study(dict(whole.tables) | {"appraisals": whole.appraisals.drop(columns="tie")})
    result = counterfactual(bare)
    assert result.findings[0].estimate == 0.4
    assert "Ties between rater and employee are not recorded" in result.sentence("en")[-1].text
    assert result.plot("en") == []


def test_few_changes_are_suppressed():
    (finding,) = counterfactual(judged((STEADY, 37), (DOWN, 3))).findings
    assert finding.status == "suppressed"
    assert counterfactual(judged((STEADY, 37), (DOWN, 3))).table("en") == []


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    ("drop", "told"),
    [
        (("appraisals",), "no appraisals"),
        (("achievement",), "no achievement figures"),
        (("work_result",), "rating of results"),
        (("behaviour",), "rating of behaviour"),
    ],
)
def test_what_is_missing_is_said(drop, told, language):
    result = counterfactual(of_chance(1, drop=drop))
    assert result.findings[0].status == "not_estimable"
    assert told in result.findings[0].reason
    assert [s.kind for s in result.sentence(language)] == ["note"]
    assert (result.table(language), result.plot(language)) == ([], [])


@pytest.mark.parametrize("seed", range(60))
def test_no_share_by_tie_rests_on_too_few_people(seed):
    result = counterfactual(of_chance(seed, n=20 + 5 * (seed % 20)))
    rows, move = result.rows, result._moves

    def number(part):
        return rows.loc[part, "employee_id"].nunique()

    if result.share is not None:
        assert all(n == 0 or n >= LEAST for n in (number(move != "same"), number(move == "same")))
    if result.overall:
        assert all(number(move == m) >= LEAST for m in MOVES)
    if result.groups is not None:
        tie = np.select([rows["tie"].isna(), rows["tie"] == "none"], ["missing", "none"], "any")
        for ties, changes in product(*result.groups):
            assert number(np.isin(tie, ties) & move.isin(changes)) >= LEAST
        # no further group is left that the rows of the table leave out
        assert set(tie) == set().union(*result.groups[0]) & set(tie)
