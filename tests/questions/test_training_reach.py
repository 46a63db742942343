"""Does training reach the public: hand counts of windows, exact slopes, few units, and the words."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tests.questions.small import codebook, people, study
from walesi_research import open_study
from walesi_research.language import LANGUAGES, Message
from walesi_research.questions.training.reach import EXPOSURES, Reach, Slope, _slopes, reach, unit_periods
from walesi_research.study.calendar import Calendar

QUARTERS = Calendar("quarter")
FIRST = QUARTERS.parse("2023-Q1")
KINDS = ("leadership", "technical", "functional", "sociocultural")
METHODS = ("sentence", "heading", "plot", "table", "details")
HOURS, LEADERSHIP = 1.5, 0.4  # index points for 10 JP a head, and for a tenth more with a programme


def courses(rows):
    """Return a training table of (employee, hours, day, kind) between two courses of no hours."""
    ends = [("p000", 0.0, "2021-12-01", "technical"), ("p000", 0.0, "2026-01-20", "technical")]
    table = pd.DataFrame([*ends, *rows], columns=["employee_id", "hours", "completed_on", "kind"])
    table["completed_on"] = pd.to_datetime(table["completed_on"])
    return table.assign(programme="Kursus", kind=pd.Categorical(table["kind"], categories=KINDS))


def answers(index, respondents=8):
    """Return a service table in which every unit-period of `index` (units, periods) has that index."""
    rows = [
        (str(u), FIRST + t, value / 25)
        for (u, t), value in np.ndenumerate(index)
        for _ in range(np.broadcast_to(respondents, index.shape)[u, t])
    ]
    table = pd.DataFrame(rows, columns=["unit", "period", "u1"])
    for element in ("u2", "u3"):
        table[element] = table["u1"]
    return table.assign(unit=table["unit"].astype("category"))


def district(units=9, periods=8, noise=0.2, hours=HOURS, leadership=LEADERSHIP, seed=1, **tables):
    """Return a study whose index follows hours and leadership programmes by these slopes."""
    rng = np.random.default_rng(seed)
    employees = people(6 * units, units)
    names = employees["employee_id"].to_numpy()
    days = pd.date_range("2022-01-01", "2025-12-31")
    rows = [(e, float(rng.integers(2, 30)), rng.choice(days), "technical") for e in names for _ in range(6)]
    rows += [(e, 120.0, rng.choice(days), "leadership") for e in names[rng.random(len(names)) < 0.5]]
    made = {"employees": employees, "training": courses(rows)}
    blank = study(made | {"service": answers(np.full((units, periods), 75.0))}, codebook(()))
    cells = unit_periods(blank)
    level = cells["unit"].astype(int) + 0.3 * (cells["period"] - FIRST)
    index = 65 + level + hours * cells["hours"] + leadership * cells["leadership"]
    index += noise * rng.normal(size=len(cells))
    wide = np.asarray(index).reshape(units, periods)
    return study(made | {"service": answers(wide, rng.integers(6, 12, wide.shape))} | tables, codebook(()))


def shown(result, language):
    for name in METHODS:
        exhibits = getattr(result, name)(language)
        yield from exhibits if isinstance(exhibits, list) else [exhibits]


def by_id(result):
    return {f.id: f for f in result.findings}


# ── unit-periods ─────────────────────────────────────────────────────────────────────────────────


def counted(rows, units=1, index=80.0, periods=1, employees=None, **more):
    made = people(10 * units, units) if employees is None else employees
    table = answers(np.full((units, periods), index), **more)
    return unit_periods(study({"employees": made, "training": courses(rows), "service": table}, codebook(())))


def test_hours_are_of_the_twelve_months_before_and_leadership_is_apart():
    cells = counted(
        [
            ("p001", 10.0, "2022-01-01", "technical"),  # the window's first day
            ("p002", 20.0, "2022-12-31", "functional"),  # and its last
            ("p003", 40.0, "2021-12-31", "technical"),  # before it
            ("p004", 80.0, "2023-01-01", "technical"),  # of the period itself
            ("p005", 120.0, "2022-06-01", "leadership"),
            ("p006", 120.0, "2023-01-01", "leadership"),  # completed on the period's first day: not before it
        ]
    )
    assert cells["hours"].tolist() == pytest.approx([(10 + 20) / 10 / 10])  # tens of JP of ten employees
    assert cells["leadership"].tolist() == [1.0]  # one of ten, in tenths
    assert cells["index"].tolist() == pytest.approx([80.0])


def test_who_had_left_or_not_begun_is_not_counted():
    employees = people(10, 1).assign(start_year=2010.0, left_on=pd.NaT)
    employees["left_on"] = pd.to_datetime(employees["left_on"])
    employees.loc[1, "left_on"], employees.loc[2, "start_year"] = pd.Timestamp("2022-12-31"), 2024.0
    rows = [(f"p00{k}", 10.0, "2022-06-01", "technical") for k in (1, 2, 3)]
    assert counted(rows, employees=employees)["hours"].tolist() == pytest.approx([10 / 8 / 10])


def test_leadership_hours_times_ten_change_nothing():
    opened = district()
    table = opened.training
    more = table.assign(hours=table["hours"] * np.where(table["kind"] == "leadership", 10, 1))
    other = study(dict(opened.tables) | {"training": more}, opened.codebook)
    assert [f.as_record() for f in reach(other).findings] == [f.as_record() for f in reach(opened).findings]


def test_unit_periods_of_few_answers_or_few_employees_are_left_out():
    assert len(counted([], units=2, periods=3, respondents=np.array([[4, 5, 6], [5, 5, 5]]))) == 5
    assert isinstance(counted([], employees=people(4, 1)), Message)


def test_periods_whose_window_the_table_does_not_cover_are_left_out():
    opened = district(periods=8)
    days = opened.training["completed_on"]
    late = study(dict(opened.tables) | {"training": opened.training[days >= "2022-06-15"]}, opened.codebook)
    early = study(dict(opened.tables) | {"training": opened.training[days < "2024-03-05"]}, opened.codebook)
    # 2023-Q3 is the first whose window begins after mid-June 2022; 2024-Q2 the last that ends by 5 April 2024
    assert unit_periods(late)["period"].min() == QUARTERS.parse("2023-Q3")
    assert unit_periods(early)["period"].max() == QUARTERS.parse("2024-Q2")


# ── slopes ───────────────────────────────────────────────────────────────────────────────────────


def test_slopes_are_those_that_made_the_answers():
    found = by_id(reach(district(noise=0.02)))
    assert found["training.service_slope"].estimate == pytest.approx(HOURS, abs=0.05)
    assert found["training.service_leadership_slope"].estimate == pytest.approx(LEADERSHIP, abs=0.05)
    assert {f.claim for f in found.values()} == {"association"}
    assert found["training.service_slope"].groups == 9


def test_slopes_are_those_of_weighted_least_squares():
    result = reach(district(noise=1.0))
    cells = result.cells
    dummies = pd.get_dummies(cells[["unit", "period"]].astype(str), drop_first=True, dtype=float)
    X = sm.add_constant(cells[list(EXPOSURES)].join(dummies))
    fit = sm.WLS(cells["index"], X, weights=cells["respondents"]).fit()
    for name in EXPOSURES:
        assert result.slopes[name].estimate == pytest.approx(fit.params[name], abs=1e-8)


def test_a_null_of_nine_units_is_rejected_in_eight_of_a_hundred_at_most():
    rng, cells = np.random.default_rng(1), unit_periods(district(periods=12))
    units, periods = 9, cells["period"].nunique()

    def draw():
        noise = rng.normal(size=(units, periods))
        for t in range(1, periods):  # what moves a unit's service stays for a while
            noise[:, t] += 0.5 * noise[:, t - 1]
        return _slopes(cells.assign(index=75 + noise.ravel()), list(EXPOSURES), 0.95)

    slopes = [draw() for _ in range(300)]
    assert np.mean([s["hours"].p < 0.05 for s in slopes]) <= 0.08
    assert np.mean([s["hours"].clear or s["leadership"].clear for s in slopes]) <= 0.08


def test_the_smallest_visible_slope_is_found_in_four_of_five():
    rng, cells = np.random.default_rng(2), unit_periods(district(periods=12))

    def slope(size):
        index = 75 + size * cells["hours"] + rng.normal(size=len(cells))
        return _slopes(cells.assign(index=index), ["hours"], 0.95)["hours"]

    visible = np.median([slope(0.0).visible for _ in range(100)])
    # 200 draws: three Monte Carlo errors of .028; the t with estimated degrees of freedom is an approximation
    assert np.mean([slope(visible).low > 0 for _ in range(200)]) == pytest.approx(0.8, abs=0.09)


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def told(**slopes):
    """Return the answer in words for slopes as (estimate, low, high, clear)."""
    made = {
        name: Slope(e, 0.1, 5.0, low, high, p=0.01, visible=1.0, clear=clear)
        for name, (e, low, high, clear) in slopes.items()
    }
    opened = district(noise=1.0)
    reasons = {name: Message.of("training_reach.no_kind") for name in EXPOSURES if name not in made}
    return Reach(opened, 0.95, reasons, made, unit_periods(opened))


OPEN, MORE, LESS = (0.3, -1.0, 1.6, False), (1.0, 0.5, 1.5, True), (-1.0, -1.5, -0.5, True)
ALMOST = (1.0, 0.1, 1.9, False)


@pytest.mark.parametrize(
    ("hours", "leadership", "lead"),
    [
        (OPEN, OPEN, "Cannot tell."),
        (MORE, OPEN, "It seems so."),
        (LESS, OPEN, "The other way round."),
        (OPEN, MORE, "For leadership programmes, it seems so."),
        (OPEN, LESS, "The other way round."),
        (MORE, MORE, "It seems so."),
        (MORE, LESS, "The answer is divided."),
        (ALMOST, OPEN, "Cannot tell."),
    ],
)
def test_the_lead_follows_the_numbers(hours, leadership, lead):
    result = told(hours=hours, leadership=leadership)
    words = [s.alt for s in result.sentence("en")]
    assert words[0].startswith(lead)
    assert ("not necessarily a cause" in " ".join(words)) == (not lead.startswith("Cannot"))
    assert ("more units" in " ".join(words)) == lead.startswith("Cannot")
    assert ("may well be chance" in " ".join(words)) == (hours is ALMOST)
    assert ("Minus means lower" in " ".join(words)) == any(x[1] < 0 for x in (hours, leadership))


def test_cannot_tell_does_not_say_that_there_is_nothing():
    words = " ".join(s.alt for s in told(hours=OPEN, leadership=OPEN).sentence("en"))
    assert "does not mean that training fails to reach the public" in words


# ── what is not there ────────────────────────────────────────────────────────────────────────────


def without(opened, *names, **tables):
    kept = {name: t for name, t in opened.tables.items() if name not in names}
    return study(kept | tables, opened.codebook)


@pytest.mark.parametrize(
    ("fault", "silent", "why"),
    [
        ("no service", 2, "no survey of service users"),
        ("no training", 2, "no training records"),
        ("no kind", 1, "Kinds of training are not recorded"),
        ("five units", 2, "Fewer than 6 units"),
        ("one period", 2, "one period only"),
        ("training ended", 2, "do not cover the 12 months"),
        ("nobody trained", 2, "changes alike"),
        ("nobody led", 1, "changes alike"),
        ("few answers", 2, "at least 5 employees"),
        ("no elements", 2, "at least 5 employees"),
        ("index follows exactly", 2, "follows training exactly"),
    ],
)
def test_what_cannot_be_estimated_says_why_in_both_languages(fault, silent, why):
    opened = district(
        noise=0.0 if fault == "index follows exactly" else 1.0, units=5 if fault == "five units" else 9
    )
    training, service = opened.training, opened.service
    cases = {
        "no service": lambda: without(opened, "service"),
        "no training": lambda: without(opened, "training"),
        "no kind": lambda: without(opened, training=training.drop(columns="kind")),
        "one period": lambda: without(opened, service=service[service["period"] == FIRST]),
        "training ended": lambda: without(opened, training=training[training["completed_on"] < "2022-06-01"]),
        "nobody trained": lambda: without(opened, training=courses([])),
        "nobody led": lambda: without(opened, training=training[training["kind"] != "leadership"]),
        "few answers": lambda: without(
            opened, service=service.groupby(["unit", "period"], observed=True).head(4)
        ),
        "no elements": lambda: without(opened, service=service[["unit", "period"]]),
    }
    result = reach(cases.get(fault, lambda: opened)())
    lacking = [f for f in result.findings if f.status == "not_estimable"]
    assert len(lacking) == silent and all(why in f.reason for f in lacking)
    for language in LANGUAGES:
        assert all(e.html() for e in shown(result, language))
        assert result.reasons["leadership"].in_(language) in " ".join(
            s.alt for s in result.sentence(language)
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bundled_study_cannot_tell_and_shows_itself(root, language):
    result = reach(open_study(root / "data" / "walesi"))
    hours = by_id(result)["training.service_slope"]
    # in truth .8 points of achievement for 10 JP, and half an index point for each of them
    assert hours.low < 0.4 < hours.high and hours.low < 0
    assert result.sentence(language)[0].alt.startswith(
        {"id": "Belum dapat disimpulkan", "en": "Cannot tell"}[language]
    )
    page = " ".join(e.html() for e in shown(result, language))
    assert len(page) > 1000 and not any("{" in s.text for s in result.sentence(language))


def test_neither_pseudonyms_nor_the_order_of_rows_change_anything():
    opened = district(noise=1.0)
    renamed = {
        "employees": opened.employees.assign(employee_id="x" + opened.employees["employee_id"]),
        "training": opened.training.assign(employee_id="x" + opened.training["employee_id"]).iloc[::-1],
        "service": opened.service.iloc[::-1],
    }
    other = reach(study(renamed, codebook(())))
    assert [f.as_record() for f in other.findings] == [f.as_record() for f in reach(opened).findings]
