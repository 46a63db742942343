"""Does the public notice: hand counts of indices, exact slopes, few units, and the words."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tests.questions.small import codebook, people, study, survey
from walesi_research import open_study
from walesi_research.language import LANGUAGES, Message
from walesi_research.questions.performance.citizens import Citizens, citizens, units_compared
from walesi_research.questions.performance.service import _beyond_chance, rated_or_why_not, service
from walesi_research.questions.performance.service_slope import (
    ServiceSlope,
    Slope,
    _slope,
    compared,
    rated_achievement,
    service_slope,
)
from walesi_research.rules.service_index import service_index
from walesi_research.stats.exact_correlation import ExactCorrelation
from walesi_research.study.calendar import Calendar
from walesi_research.study.settings import Settings
from walesi_research.study.study import Study

QUARTERS = Calendar("quarter")
FIRST = QUARTERS.parse("2023-Q1")
ELEMENTS = ["u1", "u2", "u3"]
METHODS = ("sentence", "heading", "plot", "table", "details")
SLOPE = 6.0  # index points for 10 points of achievement
ANSWERED = ("service", "slope", "citizens")


def shown(result, language):
    for name in METHODS:
        if hasattr(result, name):
            exhibits = getattr(result, name)(language)
            yield from exhibits if isinstance(exhibits, list) else [exhibits]


def words(result, language="en"):
    return [s.alt for s in result.sentence(language)]


def answers(cells):
    """Return a service table of (unit, period, answers of one respondent to three elements)."""
    table = pd.DataFrame([(u, p, *a) for u, p, a in cells], columns=["unit", "period", *ELEMENTS])
    return table.assign(unit=table["unit"].astype("category")).astype(dict.fromkeys(ELEMENTS, float))


def served(cells, employees=None, **more):
    return study(
        {"employees": people(18, 2) if employees is None else employees, "service": answers(cells)} | more
    )


def district(units=9, periods=8, noise=0.2, slope=SLOPE, seed=1, each=6, **tables):
    """Return a study whose index follows the units' mean achievement by `slope`."""
    rng = np.random.default_rng(seed)
    employees = people(each * units, units)
    unit = employees["unit"].cat.codes.to_numpy()
    achieved = 100 + rng.normal(0, 5, size=(len(employees), periods))
    rows = [
        (e, FIRST + t, "r1", achieved[i, t])
        for i, e in enumerate(employees["employee_id"])
        for t in range(periods)
    ]
    appraisals = pd.DataFrame(rows, columns=["employee_id", "period", "rater_id", "achievement"])
    means = np.array([achieved[unit == u].mean(axis=0) for u in range(units)])
    index = 60 + np.arange(units)[:, None] + 0.3 * np.arange(periods) + slope * means / 10 - slope * 10
    index = index + 15 + noise * rng.normal(size=index.shape)
    size = rng.integers(6, 12, index.shape)
    cells = [
        (str(u), FIRST + t, [value / 25 + d] * 3)
        for (u, t), value in np.ndenumerate(index)
        for d in np.linspace(-0.2, 0.2, size[u, t])
    ]
    made = {"employees": employees, "appraisals": appraisals, "service": answers(cells)}
    made["survey"] = survey(employees, {f"performance{k}": 1 + 4 * rng.random(len(unit)) for k in (1, 2)})
    made["survey"]["date"] = pd.Timestamp(QUARTERS.first_day(FIRST + periods - 1))
    return study(made | tables, codebook(("performance",)))


def without(opened, *names, **tables):
    kept = {name: t for name, t in opened.tables.items() if name not in names}
    return study(kept | tables, opened.codebook)


# ── the index ────────────────────────────────────────────────────────────────────────────────────


def test_the_index_is_that_of_the_regulation_and_blanks_are_left_out():
    rows = [[4, 3, 2], [3, 3, np.nan], [2, 3, 4], [3, np.nan, 3], [1, 3, 3], [np.nan] * 3]
    cells = rated_or_why_not(served([("A", FIRST, a) for a in rows]))
    hand = 25 * ((4 + 3 + 2 + 3 + 1) / 5 + 3 + (2 + 4 + 3 + 3) / 4) / 3
    assert cells["index"].tolist() == pytest.approx([hand]) and cells["respondents"].tolist() == [5]


def test_the_standard_error_is_that_of_a_mean_where_nothing_is_missing():
    a = np.random.default_rng(1).integers(1, 5, size=(40, 3))
    cells = rated_or_why_not(served([("A", FIRST, row) for row in a]))
    assert cells["spread"].tolist() == pytest.approx([service_index(pd.DataFrame(a)).std()])


def test_the_standard_error_is_that_of_the_bootstrap_where_answers_are_missing():
    rng = np.random.default_rng(2)
    a = rng.integers(1, 5, size=(60, 3)).astype(float)
    a[rng.random(a.shape) < 0.2] = np.nan
    a[0] = 1, 2, 3
    cells = rated_or_why_not(served([("A", FIRST, row) for row in a]))
    drawn = a[rng.integers(0, len(a), size=(4000, len(a)))]
    index = 25 * np.nanmean(drawn, axis=1).mean(axis=1)
    error = float((cells["spread"] / np.sqrt(cells["respondents"])).iloc[0])
    assert error == pytest.approx(index.std(), rel=0.05)  # Monte Carlo error of 4,000 draws: 1.1 %


def test_a_service_without_a_tariff_has_an_index_of_the_other_elements():
    rows = [("A", FIRST, [3, np.nan, 4])] * 6 + [("B", FIRST, [3, 1, 4])] * 6
    cells = rated_or_why_not(served(rows)).set_index("unit")
    assert cells["index"].to_dict() == pytest.approx({"A": 25 * 3.5, "B": 25 * 8 / 3})


def test_units_with_few_answers_are_named_but_not_counted_or_shown():
    rows = [("A", FIRST, [3, 3, 3])] * 12 + [("B", FIRST, [1, 1, 1])] * 4 + [("C", FIRST - 1, [2, 2, 2])] * 6
    result = service(served(rows))
    assert result.findings[0].estimate == 75.0 and result.findings[0].n == 10  # twelve, in fives
    page = result.table("en").html()
    assert page.count("Too few") == 2 and "Fewer than 5 answers" in page and "25.0" not in page
    assert "12" not in page


def test_units_stand_in_the_order_of_their_names():
    rows = [(u, FIRST, [a, a, a]) for u, a in (("C", 4), ("A", 2), ("B", 3)) for _ in range(6)]
    assert [row[0] for row in service(served(rows)).table("en").rows] == ["A", "B", "C"]


def test_all_units_together_weigh_as_their_respondents():
    rng = np.random.default_rng(3)
    rows = [(u, FIRST, rng.integers(1, 5, 3)) for u, n in (("A", 30), ("B", 10)) for _ in range(n)]
    result = service(served(rows))
    each = [25 * np.mean(a) for _, _, a in rows]
    error = np.sqrt(30 * np.var(each[:30], ddof=1) + 10 * np.var(each[30:], ddof=1)) / 40
    finding = result.findings[0]
    assert (finding.estimate, finding.se) == pytest.approx((np.mean(each), error))
    assert finding.claim == "description" and finding.groups == 2


def test_units_that_are_alike_are_rarely_told_apart():
    rng = np.random.default_rng(4)

    def differing():
        drawn = rng.normal(80, 15, size=(9, 20))
        latest = pd.DataFrame({"index": drawn.mean(1), "spread": drawn.std(1, ddof=1), "respondents": 20})
        return _beyond_chance(latest, 0.95)

    assert np.mean([differing() > 0 for _ in range(400)]) <= 0.08  # 5 % and three Monte Carlo errors


@pytest.mark.parametrize(("second", "told"), [(75, "none differs"), (50, "All pairs"), (76, "none differs")])
def test_pairs_are_told(second, told):
    spread = np.linspace(-0.4, 0.4, 20)
    rows = [(u, FIRST, [x / 25 + d] * 3) for u, x in (("A", 75), ("B", second)) for d in spread]
    result = service(served(rows))
    assert told in words(result)[2]


def test_a_range_across_the_limit_of_a_grade_is_told():
    def lead(index, spread):
        rows = [("A", FIRST, [index / 25 + d] * 3) for d in np.linspace(-spread, spread, 20)]
        return words(service(served(rows)))

    sure, unsure = lead(80, 0.05), lead(76.7, 0.4)
    assert sure[0].startswith("B (good).") and "crosses" not in sure[1]
    assert unsure[0].startswith("B (good).") and "crosses the limit of a grade" in unsure[1]
    assert lead(76.6, 0.05)[0].startswith("C")  # B begins at 76.61


# ── the slope ────────────────────────────────────────────────────────────────────────────────────


def test_achievement_is_the_mean_of_the_employees_periods():
    employees = people(10, 1)
    rows = [(f"p00{i}", FIRST, r, 100 + i) for i in range(5) for r in "ab"]
    rows += [("p000", FIRST, "c", np.nan), ("p005", FIRST, "a", np.nan), ("p004", FIRST, "c", 110)]
    appraisals = pd.DataFrame(rows, columns=["employee_id", "period", "rater_id", "achievement"])
    cells = rated_achievement(
        served([("0", FIRST, [3, 3, 3])] * 5, employees=employees, appraisals=appraisals)
    )
    hand = (100 + 101 + 102 + 103 + (104 + 104 + 110) / 3) / 5 / 10
    assert cells["achievement"].tolist() == pytest.approx([hand]) and cells["employees"].tolist() == [5]


def test_unit_periods_of_few_employees_or_few_answers_are_left_out():
    opened = district()
    appraisals, answered = opened.appraisals.copy(), opened.service
    first = (appraisals["period"] == FIRST) & appraisals["employee_id"].isin(["p000", "p001"])
    appraisals.loc[first, "achievement"] = np.nan
    own = answered[(answered["unit"] == "8") & (answered["period"] == FIRST + 1)].index[4:]
    cells = rated_achievement(without(opened, appraisals=appraisals, service=answered.drop(own)))
    gone = {("0", FIRST), ("8", FIRST + 1)}
    every = {(str(u), FIRST + t) for u in range(9) for t in range(8)}
    assert set(zip(cells["unit"], cells["period"], strict=True)) == every - gone


def test_unit_periods_that_tell_nothing_of_change_are_left_out():
    cells = pd.DataFrame({"unit": list("aabbcd"), "period": [1, 2, 1, 2, 3, 1], "index": 0.0})
    assert compared(cells)["unit"].tolist() == list("aabb")


def test_the_slope_is_the_one_that_made_the_answers():
    finding = service_slope(district(noise=0.02)).findings[0]
    assert finding.estimate == pytest.approx(SLOPE, abs=0.1)
    assert (finding.id, finding.claim, finding.groups) == ("service.performance_slope", "association", 9)
    assert finding.n % 5 == 0


def test_the_slope_is_that_of_weighted_least_squares():
    result = service_slope(district(noise=1.0))
    cells = result.cells
    dummies = pd.get_dummies(cells[["unit", "period"]].astype(str), drop_first=True, dtype=float)
    X = sm.add_constant(cells[["achievement"]].join(dummies))
    fit = sm.WLS(cells["index"], X, weights=cells["respondents"]).fit()
    assert result.slope.estimate == pytest.approx(fit.params["achievement"], abs=1e-8)
    low, high = result.wild  # another test of the same: its interval holds the estimate
    assert low < result.slope.estimate < high


def test_what_is_alike_in_a_unit_or_a_period_changes_nothing():
    opened = district(noise=1.0)
    shift = opened.service["unit"].astype(str).astype(int) / 50 + (opened.service["period"] - FIRST) / 40
    moved = opened.service.assign(**{u: opened.service[u] - 1.5 + shift for u in ELEMENTS})
    one, other = (service_slope(s).slope for s in (opened, without(opened, service=moved)))
    assert (other.estimate, other.se) == pytest.approx((one.estimate, one.se), abs=1e-8)


def test_a_null_of_nine_units_is_rejected_in_eight_of_a_hundred_at_most():
    rng, cells = np.random.default_rng(1), rated_achievement(district(periods=12))

    def draw():
        noise = rng.normal(size=(9, 12))
        for t in range(1, 12):  # what moves a unit's service stays for a while
            noise[:, t] += 0.5 * noise[:, t - 1]
        return _slope(cells.assign(index=75 + noise.ravel()), 0.95)

    assert np.mean([draw().p < 0.05 for _ in range(300)]) <= 0.08


def test_the_smallest_visible_slope_is_found_in_four_of_five():
    rng, cells = np.random.default_rng(2), rated_achievement(district(periods=12))

    def slope(size):
        return _slope(
            cells.assign(index=75 + size * cells["achievement"] + rng.normal(size=len(cells))), 0.95
        )

    visible = np.median([slope(0.0).visible for _ in range(100)])
    # 200 draws: three Monte Carlo errors of .028; the t with estimated degrees of freedom is an approximation
    assert np.mean([slope(visible).low > 0 for _ in range(200)]) == pytest.approx(0.8, abs=0.09)


# ── self-rating and the public ───────────────────────────────────────────────────────────────────


def test_unit_means_of_both_ratings_are_correlated():
    opened = district(units=7, noise=1.0)
    result = citizens(opened)
    own = (
        opened.codebook.scores(opened.survey)["performance"]
        .groupby(opened.employees["unit"].to_numpy())
        .mean()
    )
    cells = rated_or_why_not(opened)
    now = cells[cells["period"] == FIRST + 7].set_index("unit")["index"]
    expected = np.corrcoef(own.to_numpy(), now.loc[own.index].to_numpy())[0, 1]
    finding = result.findings[0]
    assert finding.estimate == pytest.approx(expected)
    assert finding.groups == 7 and finding.claim == "association" and result.found.enumerated


def test_units_with_few_answers_of_employees_are_left_out_and_another_hidden_with_them():
    opened = district(noise=1.0)
    few = opened.survey.copy()
    few.loc[few["employee_id"].isin(["p000", "p001"]), ["performance1", "performance2"]] = np.nan
    result = citizens(without(opened, survey=few))
    assert "0" not in result.units.index and len(result.units) == 8
    assert result.table("en").html().count("Too few") == 1  # one of six, so that four cannot be subtracted


def linked(estimate, low, high, p):
    opened = district(noise=1.0)
    found = ExactCorrelation(estimate, low, high, 0.95, p, True, 9)
    return Citizens(opened, 0.95, None, units_compared(opened), found)


@pytest.mark.parametrize(
    ("numbers", "lead"),
    [
        ((0.9, 0.6, 0.98, 0.001), "Yes, both agree."),
        ((0.2, -0.5, 0.7, 0.5), "Cannot tell."),
        ((0.7, 0.1, 0.9, 0.06), "Cannot tell."),  # the test does not agree
        ((-0.9, -0.98, -0.6, 0.001), "No, they disagree."),
    ],
)
def test_the_answer_on_self_rating_follows_the_numbers(numbers, lead):
    assert words(linked(*numbers))[0].startswith(lead)


# ── words of the slope ───────────────────────────────────────────────────────────────────────────


def told(low, high, limit=0.0):
    opened = district(noise=1.0)
    about = opened.settings.model_dump(exclude_none=True)
    about["claims"] = {
        "service": {"finding": "service.performance_slope", "supports": "above", "limit": limit}
    }
    claiming = Study(Settings.model_validate(about), opened.codebook, dict(opened.tables))
    made = Slope((low + high) / 2, (high - low) / 5, 6.0, low, high, 0.01, 0.95)
    return ServiceSlope(claiming, 0.95, None, rated_achievement(opened), made, (low, high))


@pytest.mark.parametrize(
    ("low", "high", "limit", "lead"),
    [
        (1, 9, 0, "It seems so."),
        (-1, 9, 0, "Cannot tell."),
        (-9, -1, 0, "The other way round."),
        (1, 9, 2, "A little, it seems."),
        (3, 9, 2, "It seems so."),
        (0.5, 1.5, 2, "Not that much."),
        (-0.5, 1.5, 2, "Not that much."),
        (-9, -1, 2, "The other way round."),
        (-1, 9, 2, "Cannot tell."),
    ],
)
def test_the_lead_follows_the_interval_and_the_limit(low, high, limit, lead):
    result = told(low, high, limit)
    text = words(result)
    assert text[0].startswith(lead)
    assert ("not yet proof of cause" in text[2]) == (not lead.startswith("Cannot"))
    assert ("more units are needed" in text[2]) == lead.startswith("Cannot")
    assert ("Minus means lower" in text[1]) == (low < 0)
    for language in LANGUAGES:
        assert all(e.html() for e in shown(result, language))


def test_cannot_tell_does_not_say_that_there_is_nothing():
    text = " ".join(words(told(-1, 9)))
    assert "does not mean that the public does not notice" in text
    assert f"smaller than about {told(-1, 9).slope.visible:.1f} points" in text


# ── what is not there ────────────────────────────────────────────────────────────────────────────


def answer(name, opened):
    return {"service": service, "slope": service_slope, "citizens": citizens}[name](opened)


@pytest.mark.parametrize(
    ("fault", "silent", "why"),
    [
        ("no service", ANSWERED, "no survey of service users"),
        ("few answers", ANSWERED, "at least 5 answers"),
        ("no elements", ANSWERED, "at least 5 answers"),
        ("no appraisals", ("slope",), "no appraisals"),
        ("no achievement", ("slope",), "no achievement"),
        ("few employees", ("slope",), "achievement of 5 employees"),
        ("five units", ("slope",), "Fewer than 6 units"),
        ("five units", ("citizens",), "Fewer than 6 units"),
        ("one period", ("slope",), "one period only"),
        ("achievement alike", ("slope",), "changes alike"),
        ("computed", ("slope",), "follows achievement exactly"),
        ("no survey", ("citizens",), "does not ask about performance"),
        ("no date", ("citizens",), "date of the employees' survey"),
        ("earlier survey", ("citizens",), "no unit has enough answers"),
        ("self-rating alike", ("citizens",), "rated alike"),
    ],
)
def test_what_cannot_be_estimated_says_why_in_both_languages(fault, silent, why):
    opened = district(
        noise=0.0 if fault == "computed" else 1.0,
        units=5 if fault == "five units" else 9,
        each=4 if fault == "few employees" else 6,
    )
    answered, rated, asked = opened.service, opened.appraisals, opened.survey
    grouped = answered.groupby(["unit", "period"], observed=True)
    cases = {
        "no service": lambda: without(opened, "service"),
        "few answers": lambda: without(opened, service=grouped.head(4)),
        "no elements": lambda: without(opened, service=answered[["unit", "period"]]),
        "no appraisals": lambda: without(opened, "appraisals"),
        "no achievement": lambda: without(opened, appraisals=rated.drop(columns="achievement")),
        "one period": lambda: without(opened, service=answered[answered["period"] == FIRST]),
        "achievement alike": lambda: without(opened, appraisals=rated.assign(achievement=100.0)),
        "no survey": lambda: without(opened, "survey"),
        "no date": lambda: without(opened, survey=asked.drop(columns="date")),
        "earlier survey": lambda: without(opened, survey=asked.assign(date=pd.Timestamp("2020-11-15"))),
        "self-rating alike": lambda: without(opened, survey=asked.assign(performance1=3.0, performance2=3.0)),
    }
    made = cases.get(fault, lambda: opened)()
    for name in silent:
        result = answer(name, made)
        assert [f.status for f in result.findings] == ["not_estimable"]
        assert why in result.findings[0].reason
        for language in LANGUAGES:
            assert result.reason.in_(language) in " ".join(words(result, language))
            assert len(list(shown(result, language))) == 1  # the words, and nothing empty beside them
    for name in set(ANSWERED) - set(silent):
        assert list(shown(answer(name, made), "id"))


def test_without_a_survey_of_service_users_the_reason_is_given_in_the_same_words():
    opened = without(district(), "service")
    for language in LANGUAGES:
        told = [sentence for name in ANSWERED for sentence in answer(name, opened).sentence(language)]
        assert len({s.html() for s in told}) == 1 and told[0].kind == "note"


def test_one_unit_and_one_period_have_an_index_all_the_same():
    result = service(served([("A", FIRST, [3, 3, 4])] * 8))
    assert result.plot("id") == [] and len(result.sentence("id")) == 2
    assert isinstance(rated_achievement(served([("A", FIRST, [3, 3, 4])] * 8)), Message)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bundled_study_shows_itself(root, language):
    opened = open_study(root / "data" / "walesi")
    results = [answer(name, opened) for name in ANSWERED]
    assert [f.status for r in results for f in r.findings] == ["estimated"] * 3
    page = " ".join(e.html() for r in results for e in shown(r, language))
    assert len(page) < 20_000 and not any("{" in s.text for r in results for s in r.sentence(language))
    slope = results[1].findings[0]
    # five points in truth; one world in twenty lies outside its interval, and this one may do so by a little
    assert abs(slope.estimate - 5.0) < 4 * slope.se


def test_neither_pseudonyms_nor_the_order_of_rows_change_anything():
    opened = district(noise=1.0)
    renamed = {
        name: opened.tables[name].assign(employee_id="x" + opened.tables[name]["employee_id"])
        for name in ("employees", "appraisals", "survey")
    }
    tables = renamed | {"service": opened.service.iloc[::-1], "appraisals": renamed["appraisals"].iloc[::-1]}
    other = study(tables, opened.codebook)
    for name in ANSWERED:
        one, two = (answer(name, s).findings[0].as_record() for s in (opened, other))
        assert one == two
