"""Achievement figures: heaps and ceilings by hand, and no bar or share that rests on too few people."""

import numpy as np
import pandas as pd
import pytest

from tests.questions.appraised import LATEST, LEAST, appraisals, appraised, of_chance
from tests.questions.small import people, study
from walesi_research.questions.appraisal import indicators
from walesi_research.study.calendar import Calendar

NAN = np.nan


def figures(*values, **columns):
    """Return a study of one appraisal an employee, `values` being (figure, n)."""
    achievement = np.concatenate([np.full(n, float(value)) for value, n in values])
    return appraised(len(achievement), achievement=achievement, **columns)


def rows_of(result):
    return {getattr(row, "label", None) or row[0]: row for row in result.table("en").rows}


def test_heap_ceiling_and_coverage_by_hand():
    result = indicators(figures((NAN, 10), (90, 10), (100, 12), (108, 6), (120, 12)))
    share, heap = result.findings
    assert (share.id, share.estimate, share.n) == ("appraisal.indicator_share", 0.8, 50)  # 40 of 50
    assert (heap.id, heap.estimate, heap.n) == ("appraisal.heaping_share", 0.3, 40)  # 12 of 40
    assert (heap.se, heap.low, heap.high) == (0.0, 0.3, 0.3)
    assert result.reached == 0.75  # 30 of 40
    assert result.ceiling == (120.0, 0.3)
    assert result.middle == (97.5, 120.0)  # at places 9.75 and 29.25 of 0 … 39: between 90 and 100, 120
    assert "30% (at 120)" in rows_of(result)["Figures at the highest value recorded"]


def test_a_figure_is_of_an_employee_in_a_period_the_mean_of_its_rows():
    employees = people(20, 1)
    twice = pd.concat([employees, employees])
    rows = appraisals(twice, achievement=[90.0] * 20 + [110.0] * 20, rater_id=["r1"] * 20 + ["r2"] * 20)
    result = indicators(study({"employees": employees, "appraisals": rows}))
    assert result.heaped == 1.0  # every mean is 100
    assert result.findings[0].estimate == 1.0


def test_ratings_that_agree_with_achievement():
    # limits 90 and 110, both inside the middle: 89.9 is 1, 90 and 110 are 2, 110.1 is 3
    achieved = (89.9, 10), (90, 10), (110, 10), (110.1, 10)
    result = indicators(figures(*achieved, work_result=[1.0] * 10 + [2.0] * 10 + [2.0] * 10 + [2.0] * 10))
    assert result.consistent == 0.75
    before = figures(*achieved, work_result=2.0)
    before.appraisals["period"] = Calendar("quarter").parse("2019-Q1")
    assert indicators(before).consistent is None  # ratings of three steps came with the matrix


def test_a_single_highest_figure_is_not_published():
    result = indicators(figures((95, 20), (104, 19), (140, 1)))
    assert result.ceiling is None
    assert "no sign of a ceiling" in rows_of(result)["Figures at the highest value recorded"].small
    assert "140" not in result.table("en").html()
    assert all("140" not in s.text for s in result.sentence("en"))


def test_without_any_figure_the_share_is_zero_and_the_rest_silent():
    for bare in (appraised(40, score=80.0), appraised(40, achievement=NAN)):
        result = indicators(bare)
        share, heap = result.findings
        assert (share.estimate, share.n) == (0.0, 40)
        assert heap.status == "not_estimable"
        (told,) = result.sentence("en")
        assert told.kind == "note"
        assert "whether scores follow results" in told.text
        assert (result.table("en"), result.plot("en")) == ([], [])


def test_without_appraisals_both_are_silent():
    result = indicators(of_chance(1, drop=("appraisals",)))
    assert [f.status for f in result.findings] == ["not_estimable"] * 2
    assert [s.kind for s in result.sentence("id")] == ["note"]


def test_figures_of_few_people_are_suppressed():
    result = indicators(figures((NAN, 40), (100, 4)))
    assert [f.status for f in result.findings] == ["suppressed"] * 2
    assert [s.kind for s in result.sentence("en")] == ["note"]
    assert result.plot("en") == []


def test_figures_of_several_regimes_are_marked():
    here = of_chance(2)
    old = here.appraisals.assign(period=LATEST - 16)  # 2020
    both = study({"employees": here.employees, "appraisals": pd.concat([old, here.appraisals])})
    assert "different appraisal rules" in indicators(both).sentence("en")[-1].text
    assert all(s.kind != "note" for s in indicators(here).sentence("en"))


@pytest.mark.parametrize("seed", range(40))
def test_no_bar_and_no_share_rests_on_too_few_people(seed):
    result = indicators(of_chance(seed, n=12 + 4 * (seed % 15), periods=1 + seed % 3))
    who, x = result.figures["employee_id"], result.values

    def enough(*parts):
        assert all(not part.any() or who[part].nunique() >= LEAST for part in parts)

    if result.heaped is not None:
        enough(x == 100, x != 100)
    if result.reached is not None:
        enough(x < 100, x == 100, x > 100)
    if result.ceiling is not None:
        top = x == result.ceiling[0]
        enough(top, (x > 100) & ~top, (x == 100) & ~top)
    if result.bars is not None:
        edges, shares = result.bars
        at = np.clip(np.digitize(x, edges) - 1, 0, len(edges) - 2)
        enough(*(pd.Series(at, index=x.index) == bar for bar in range(len(edges) - 1)))
        assert shares.sum() == pytest.approx(1)  # sums of counts over their number
    for finding in result.findings:
        assert finding.n is None or finding.n % 5 == 0


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_figure_tells_its_numbers(language):
    drawn = indicators(of_chance(5, n=120)).plot(language)
    assert "%" in drawn.alt
    assert drawn.alt.startswith("Histogram")
    assert len(drawn.image) < 40_000
