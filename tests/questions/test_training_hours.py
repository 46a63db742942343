"""Hours of training: windows counted by hand, exact panels, invariances, words that follow the numbers."""

import numpy as np
import pandas as pd
import pytest

from tests.questions.small import codebook, people, study
from walesi_research import open_study
from walesi_research.language import LANGUAGES
from walesi_research.questions.effect import Effect
from walesi_research.questions.training.dose import Dose, bands_of, dose
from walesi_research.questions.training.hours import Hours, Slope, hours
from walesi_research.questions.training.hours_model import Rows, rows_of, within_employee
from walesi_research.questions.training.leadership import leadership
from walesi_research.questions.training.panel import panel_of
from walesi_research.questions.training.windows import hours_in
from walesi_research.study.calendar import Calendar

QUARTER = Calendar("quarter")
FIRST = QUARTER.parse("2023-Q1")
SLOPE = 0.8
LEAST = 5  # the default minimum_cell


def opened(achievement, courses, first=FIRST):
    """Return a study of achievement (n, T) from `first` on and of courses (employee, kind, JP, day)."""
    employees = people(len(achievement))
    who, at = np.nonzero(np.isfinite(achievement))
    ids = employees["employee_id"].to_numpy()
    rows = {"employee_id": ids[who], "period": first + at, "achievement": achievement[who, at]}
    table = pd.DataFrame(courses, columns=["who", "kind", "hours", "completed_on"])
    training = pd.DataFrame(
        {
            "employee_id": ids[table["who"]],
            "programme": "x",
            "kind": pd.Categorical(table["kind"]),
            "hours": table["hours"].astype(float),
            "completed_on": pd.to_datetime(table["completed_on"]),
        }
    )
    tables = {
        "employees": employees,
        "appraisals": pd.DataFrame(rows).assign(rater_id="r"),
        "training": training,
    }
    return study(tables, codebook(()))


def drawn(seed=1, n=60, periods=8, noise=0.5, slope=SLOPE, effect=None, rate=0.4, jp=(4, 8, 12, 20, 30)):
    """Return a study of chance whose achievement follows hours by `slope`, or by `effect` of hours."""
    rng = np.random.default_rng(seed)
    # courses by quarter from two years before the first period to a year after the last
    taken = rng.random((n, periods + 12)) < rate * rng.gamma(2.5, 0.4, n)[:, None]
    jp = np.where(taken, rng.choice(jp, taken.shape), 0)
    y = (
        95
        + 6 * rng.normal(size=n)[:, None]
        + rng.normal(size=periods)
        + noise * rng.normal(size=(n, periods))
    )
    y += (effect or (lambda h: slope * h / 10))(before(jp, periods))
    return opened(y, courses_of(jp))


def before(jp, periods):
    """Return JP of the four quarters before each period; the panel begins in column 8 of `jp`."""
    return np.stack([jp[:, t + 4 : t + 8].sum(axis=1) for t in range(periods)], axis=1).astype(float)


def courses_of(jp, day=15):
    """Return a course a cell with JP, completed in its first month; the table begins two years early."""
    who, at = np.nonzero(jp)
    start = QUARTER.first_day(FIRST - 8)
    days = [QUARTER.first_day(FIRST - 8 + int(q)).replace(day=day) for q in at]
    rows = [(int(i), "technical", float(jp[i, q]), d) for i, q, d in zip(who, at, days, strict=True)]
    return [(0, "technical", 0.0, start), *rows]


def changed(before, **columns):
    return study(dict(before.tables) | {"training": before.training.assign(**columns)}, before.codebook)


def by_id(result):
    return {f.id.removeprefix("training.hours_"): f for f in result.findings}


def numbers(result):
    return [(f.id, f.status, f.estimate, f.se, f.low, f.high, f.p, f.n) for f in result.findings]


def rows_before(s):
    return rows_of(s, panel_of(s), "before")


# ── windows ──────────────────────────────────────────────────────────────────────────────────────

LONG_AGO = (0, "technical", 1.0, "2020-01-01")
LATER = (0, "technical", 1.0, "2026-12-31")


def window(day, when="before", jp=10.0, kind="technical"):
    """Return the periods, by label, whose window holds a course that one employee completed on `day`."""
    s = opened(np.full((3, 8), 90.0), [LONG_AGO, LATER, (1, kind, jp, day)])
    table = hours_in(s, panel_of(s), when)
    assert not table[2].any()  # an employee without a row has 0, not nothing
    assert set(table[1]) <= {0.0, jp}
    return [QUARTER.label(FIRST + t) for t in np.flatnonzero(table[1])]


def test_the_current_quarter_is_never_inside_and_the_quarters_end_decides():
    assert window("2023-06-30") == ["2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2"]
    # one day later the course belongs to the third quarter: its own window is lost, that of a year later won
    assert window("2023-07-01") == ["2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3"]


def test_the_year_before_and_the_year_after_are_other_windows():
    assert window("2022-06-30", "before") == ["2023-Q1", "2023-Q2"]
    assert window("2022-06-30", "earlier") == ["2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2"]
    # the year after begins when the period has ended
    assert window("2024-05-10", "after") == ["2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1"]
    assert window("2024-04-01", "after") == ["2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1"]
    assert window("2024-03-31", "after") == ["2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4"]


def test_leadership_programmes_are_in_no_window():
    assert window("2023-06-30", kind="leadership") == []


@pytest.mark.parametrize(
    ("begins", "ends", "when", "known"),
    [
        ("2022-01-01", "2024-12-31", "before", range(8)),
        ("2022-01-02", "2024-12-31", "before", range(1, 8)),  # a day too late for 2023-Q1
        ("2022-01-01", "2024-12-31", "earlier", range(4, 8)),
        ("2022-01-01", "2024-12-31", "after", range(4)),  # 2023-Q4 needs all of 2024
        ("2022-01-01", "2024-12-30", "after", range(3)),
        ("2024-06-01", "2024-12-31", "before", []),
    ],
)
def test_windows_not_wholly_inside_the_table_are_left_out(begins, ends, when, known):
    s = opened(np.full((3, 8), 90.0), [(0, "technical", 1.0, begins), (1, "technical", 1.0, ends)])
    table = hours_in(s, panel_of(s), when)
    assert np.flatnonzero(np.isfinite(table).all(axis=0)).tolist() == list(known)
    assert np.isnan(table[:, [t for t in range(8) if t not in known]]).all()


# ── the slope ────────────────────────────────────────────────────────────────────────────────────


def test_a_panel_almost_without_noise_returns_the_truth():
    found = by_id(hours(drawn(noise=1e-4)))
    assert found["slope"].estimate == pytest.approx(SLOPE, abs=1e-4)  # about ten standard errors
    assert found["lag"].estimate == pytest.approx(0, abs=1e-4)
    assert found["lead"].estimate == pytest.approx(0, abs=1e-4)
    assert found["slope"].low < SLOPE < found["slope"].high


def test_the_slope_is_that_of_least_squares_with_every_dummy_written_out():
    s = drawn(noise=3.0)
    rows = rows_before(s)
    dummies = [rows.employee[:, None] == np.arange(60), rows.period[:, None] == np.arange(1, 8)]
    X = np.column_stack([rows.hours["before"] / 10, *dummies, rows.leadership])
    by_hand = np.linalg.lstsq(X, rows.y, rcond=None)[0][0]
    assert hours(s).slope.effect.estimate == pytest.approx(by_hand, abs=1e-9)


def test_periods_whose_window_begins_before_the_table_do_not_enter():
    s = drawn(noise=2.0)
    late = s.training["completed_on"] >= pd.Timestamp(QUARTER.first_day(FIRST - 3))
    s = study(dict(s.tables) | {"training": s.training[late].reset_index(drop=True)}, s.codebook)
    rows = rows_before(s)
    assert rows.period.min() == 2  # the table's first course is of 15 April 2022
    result = hours(s)
    assert result.slope.periods == 6
    assert "2 periode tidak dihitung" in result.details("id")[0].alt


def with_leadership(s, onset, effect, extra=()):
    """Return the study with a leadership programme completed the quarter before `onset` and its `effect`."""
    wide = np.array(s.appraisals["achievement"]).reshape(len(onset), -1) + effect
    rows = [
        (i, "leadership", 120.0, QUARTER.last_day(FIRST + int(t) - 1))
        for i, t in enumerate(onset)
        if t < wide.shape[1]
    ]
    table = s.training
    own = table["employee_id"].str[1:].astype(int)
    courses = zip(own, table["kind"], table["hours"], table["completed_on"], strict=True)
    return opened(wide, [*courses, *rows, *extra])


def test_leadership_hours_times_ten_change_nothing():
    rng = np.random.default_rng(3)
    s = with_leadership(drawn(noise=2.0), rng.integers(1, 12, 60), 0.0)
    led = s.training["kind"] == "leadership"
    more = changed(s, hours=s.training["hours"].where(~led, 10 * s.training["hours"]))
    assert led.sum() > 10
    for ask in (hours, dose):
        assert numbers(ask(s)) == numbers(ask(more))


def test_growing_effects_of_leadership_programmes_do_not_leak_into_hours():
    """Those who completed one take more courses afterwards, and what it adds grows: both are held fixed."""
    rng = np.random.default_rng(4)
    n, periods = 120, 8
    onset = rng.integers(1, 14, n)
    since = np.arange(periods) - onset[:, None]
    jp = np.where(rng.random((n, periods + 12)) < 0.3, rng.choice([4, 8, 12], (n, periods + 12)), 0)
    jp[:, 8:-4] += np.where((since >= 0) & (rng.random((n, periods)) < 0.1 + 0.1 * since.clip(0)), 16, 0)
    y = (
        95
        + 6 * rng.normal(size=(n, 1))
        + 1e-3 * rng.normal(size=(n, periods))
        + SLOPE * before(jp, periods) / 10
    )
    growing = np.where(since >= 0, 2 + 1.0 * since + 0.3 * (4 - onset[:, None]), 0.0)
    s = with_leadership(opened(y, courses_of(jp)), onset, growing)
    assert hours(s).slope.effect.estimate == pytest.approx(SLOPE, abs=0.01)
    rows, panel = rows_before(s), panel_of(s)
    indicator = panel.treated[rows.employee, rows.period][:, None].astype(float)
    plain = Rows(rows.y, rows.hours, rows.employee, rows.period, indicator)
    leaked = within_employee(plain, rows.hours["before"][:, None] / 10, 0.95)[0].estimate
    assert leaked > SLOPE + 0.2  # what a single indicator would have made of it


def test_nothing_depends_on_the_key_of_the_pseudonyms(root):
    first, second = (open_study(root / "data" / "walesi") for _ in range(2))
    assert set(first.training["employee_id"]).isdisjoint(second.training["employee_id"])
    for ask in (hours, dose):
        assert numbers(ask(first)) == numbers(ask(second))


def test_the_bundled_studys_truth_lies_in_the_interval(root):
    found = by_id(hours(open_study(root / "data" / "walesi")))["slope"]
    assert found.low < SLOPE < found.high
    assert found.claim == "effect_if"
    assert "if nothing else" in found.method


def test_being_sent_when_achievement_falls_is_flagged():
    rng = np.random.default_rng(5)
    n, periods = 100, 8
    y = 95 + 3 * rng.normal(size=(n, periods))
    jp = np.where(rng.random((n, periods + 12)) < 0.2, 10, 0)
    jp[:, 9:-3] += np.where(y < 94, 20, 0)  # sent in the quarter after a bad one
    result = hours(opened(y, courses_of(jp)))
    assert result.slopes["lead"].state == "down"
    assert any(s.alt.startswith("Hati-hati:") for s in result.sentence("id"))
    assert any(s.alt.startswith("Caution:") for s in result.sentence("en"))


# ── what cannot be known ─────────────────────────────────────────────────────────────────────────


def trained_at_once():
    """Everyone takes the same courses at the same time."""
    rng = np.random.default_rng(6)
    jp = np.tile(rng.choice([0, 8, 16], 20), (40, 1))
    return opened(95 + rng.normal(size=(40, 8)), courses_of(jp))


def four_trained():
    jp = np.zeros((40, 20))
    jp[:4, 10] = 20
    return opened(95 + np.random.default_rng(7).normal(size=(40, 8)), courses_of(jp))


def begun_late():
    s = drawn()
    late = s.training["completed_on"] >= "2024-06-01"
    return study(dict(s.tables) | {"training": s.training[late].reset_index(drop=True)}, s.codebook)


def constant():
    s = drawn()
    return study(dict(s.tables) | {"appraisals": s.appraisals.assign(achievement=100.0)}, s.codebook)


def once():
    s = drawn()
    return study(dict(s.tables) | {"appraisals": s.appraisals.drop_duplicates("employee_id")}, s.codebook)


def without(table):
    s = drawn()
    return study({k: t for k, t in s.tables.items() if k != table}, s.codebook)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (trained_at_once, "at the same time"),
        (four_trained, "Fewer than 5 employees"),
        (begun_late, "less than a year before"),
        (constant, "changes over time"),
        (once, "Fewer than 5 employees"),
        (lambda: drawn(n=4), "Fewer than 5 employees"),
        (lambda: drawn(noise=0.0), "formula"),
        (lambda: without("training"), ""),
        (lambda: without("appraisals"), ""),
    ],
)
def test_what_cannot_be_known_is_said_with_what_would_make_it_known(made, reason):
    s = made()
    result, along = hours(s), dose(s)
    for f in result.findings + along.findings:
        assert (f.status, f.estimate) == ("not_estimable", None)
    assert reason in by_id(result)["slope"].reason
    for language in LANGUAGES:
        lead = result.sentence(language)[0]
        if reason:
            assert lead.role == "lead"
            assert lead.alt.startswith({"id": "Tidak dapat dijawab", "en": "These data cannot"}[language])
            assert {"id": "Yang diperlukan:", "en": "Needed:"}[language] in lead.alt
        else:  # a reason that the page's first answer gives: it is the same note, and shown once
            assert (lead.role, lead.text) == ("note", leadership(s).reason.in_(language))
        assert result.heading(language) == along.heading(language) == []
        assert [result.plot(language), result.table(language), result.details(language)] == [[], [], []]
        assert along.plot(language) == along.table(language) == []


def test_a_table_too_short_for_the_year_after_leaves_the_slope_and_says_so():
    s = drawn(noise=1.0)
    early = s.training["completed_on"] < "2023-12-31"
    s = study(dict(s.tables) | {"training": s.training[early].reset_index(drop=True)}, s.codebook)
    found, result = by_id(hours(s)), hours(s)
    assert found["slope"].status == "estimated"
    assert "ends less than a year after" in found["lead"].reason
    assert any("tidak dapat diperiksa" in x.alt for x in result.sentence("id"))
    assert "Cannot be computed" in result.table("en").html()
    assert any("on record was completed in October 2023" in x.alt for x in result.details("en"))
    assert not any("on record" in x.alt for x in hours(drawn(noise=1.0)).details("en"))


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def told(low, high, reach=50.0, language="id", **others):
    def slope(low, high):
        return Slope(Effect((low + high) / 2, 0.1, 50, low, high, 0.01), 60, 8, reach)

    slopes = {"slope": slope(low, high)} | {name: slope(*ends) for name, ends in others.items()}
    result = Hours(drawn(n=6), 0.95, {}, slopes, 8)
    return [s.alt for s in result.sentence(language)], result.heading(language)[0].alt


def test_the_answer_is_told_for_a_years_right():
    (lead, size, cause, check), heading = told(0.4, 1.2, lead=(-0.3, 0.2))
    assert lead.startswith("Ya.") and "20 jam pelajaran (JP) pelatihan, yaitu hak setahun," in lead
    assert "capaian 1,6 poin lebih tinggi" in lead
    assert "antara 0,8 dan 2,4 poin" in size
    assert cause.startswith("Bila tidak ada hal lain") and check.startswith("Pemeriksaan:")
    assert heading == "Lebih banyak pelatihan sejalan dengan capaian yang lebih tinggi"


def test_a_check_that_could_hold_the_whole_slope_does_not_speak_for_it():
    (*_, quiet), _ = told(0.4, 1.2, language="en", lead=(-0.3, 0.79))
    (*_, wide), _ = told(0.4, 1.2, language="en", lead=(-0.3, 0.81))
    assert "speaks for the figure" in quiet and "too wide to speak" in wide
    texts, _ = told(-0.4, 1.2, language="en", lead=(-0.3, 0.81))
    assert len(texts) == 3  # where nothing is claimed nothing needs a check


def test_where_the_data_speak_of_less_the_answer_is_told_for_less():
    (lead, size, *_), _ = told(0.4, 1.2, reach=10.0, lead=(-0.3, 0.2))
    assert "10 jam pelajaran (JP) pelatihan sejalan dengan capaian 0,8 poin" in lead
    assert "hak setahun" not in lead and "Untuk 10 JP" in size


def test_lower_and_cannot_tell_are_answers():
    (lead, size, *_), heading = told(-1.2, -0.4, language="en", lead=(-0.3, 0.2))
    assert lead.startswith("No, the other way round.") and "1.6 points lower" in lead
    assert "−2.4 to −0.8" in size and "lower" in heading
    (lead, size, second), heading = told(-0.4, 1.2, language="en", lead=(-0.3, 0.2))
    assert lead.startswith("We cannot tell yet.") and "−0.8 to 2.4" in size
    assert "effect" not in second and "cannot tell" in heading


# ── along the hours ──────────────────────────────────────────────────────────────────────────────


def test_bands_are_means_within_employee_and_period():
    def steps(h):
        return np.where(
            h >= 40, 4.0, np.where(h >= 20, 3.0, np.where(h >= 10, 1.0, np.where(h > 0, 0.5, 0.0)))
        )

    found = bands_of(rows_before(drawn(n=150, noise=1e-4, effect=steps)), LEAST, 0.95)
    assert [b.label("en") for b in found] == ["0 JP", "1–9 JP", "10–19 JP", "20–39 JP", "40 JP or more"]
    assert found[0].effect is None
    assert [b.effect.estimate for b in found[1:]] == pytest.approx([0.5, 1.0, 3.0, 4.0], abs=1e-3)


def test_a_straight_line_is_told_apart_from_one_that_bends():
    straight = dose(drawn(n=150, noise=0.5))
    flat = dose(drawn(n=150, noise=0.5, effect=lambda h: SLOPE * np.minimum(h, 20) / 10))
    steep = dose(drawn(n=150, noise=0.5, effect=lambda h: SLOPE * np.maximum(h - 20, 0) / 10))
    assert straight.bend.low < 0 < straight.bend.high
    assert flat.bend.estimate == pytest.approx(-SLOPE, abs=0.1)
    assert steep.bend.estimate == pytest.approx(SLOPE, abs=0.1)
    assert "lebih kecil" in flat.heading("id")[0].alt and "greater" in steep.heading("en")[0].alt
    for b in straight.bands[1:]:  # the twin in the figure is the line's own value at the band's mean
        assert b.line[0] == pytest.approx(SLOPE * (b.mean - straight.bands[0].mean) / 10, rel=0.1)


@pytest.mark.parametrize(
    ("seed", "rate", "jp"), [(1, 0.05, (4, 8, 30)), (2, 0.15, (4, 30, 45)), (3, 0.9, (12, 20))]
)
def test_thin_bands_are_joined_with_their_neighbours(seed, rate, jp):
    rows = rows_before(drawn(seed, n=25, rate=rate, jp=jp))
    found = bands_of(rows, LEAST, 0.95)
    assert 2 <= len(found) < 5
    h = rows.hours["before"]
    for b in found:
        inside = (h >= (b.low if b.low > 1 else b.low and 1e-9)) & (h < (b.high or np.inf))
        if b.high == 1:
            inside = h == 0
        here = np.unique(rows.employee[inside])
        there = np.unique(rows.employee[~inside])
        assert b.people == len(np.intersect1d(here, there)) >= LEAST
        assert b.mean == pytest.approx(h[inside].mean())
    slope = within_employee(rows, h[:, None] / 10, 0.95)[0].estimate
    expected = [slope * (b.mean - found[0].mean) / 10 for b in found[1:]]
    assert [b.line[0] for b in found[1:]] == pytest.approx(expected)


def test_the_data_speak_up_to_what_five_employees_reach():
    s = drawn(n=40, rate=0.3, jp=(10,))
    rows = rows_before(s)
    reach = rows.reach(LEAST)
    assert reach % 5 == 0
    assert reach <= np.quantile(rows.hours["before"], 0.95)
    # four people's 900 JP are more than a twentieth of all periods, and still do not carry the page
    four = s.training["employee_id"].isin(["p000", "p001", "p002", "p003"])
    moved = rows_before(changed(s, hours=s.training["hours"].mask(four & (s.training["hours"] > 0), 900.0)))
    assert np.quantile(moved.hours["before"], 0.95) >= 900
    assert moved.reach(LEAST) < 100


def test_pages_show_everything_in_both_languages(root):
    s = open_study(root / "data" / "walesi")
    for result in (hours(s), dose(s)):
        for language in LANGUAGES:
            assert result.heading(language) and result.sentence(language)
            assert result.plot(language).alt and result.table(language).rows
    assert isinstance(dose(s), Dose)
    assert {f.n % 5 for f in hours(s).findings} == {0}
