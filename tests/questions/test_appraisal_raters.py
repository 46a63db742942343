"""Raters: known severities, halo and drift are found again; signs by hand; nobody can be told from it."""

import numpy as np
import pandas as pd
import pytest

from tests.questions.appraised import LATEST, TIES, appraisals, of_chance
from tests.questions.small import people, study
from walesi_research.exhibits import Gap
from walesi_research.questions.appraisal import rater_signs as signs
from walesi_research.questions.appraisal.estimate import rater_share
from walesi_research.questions.appraisal.frame import Rows, rows_of_scores
from walesi_research.questions.appraisal.raters import raters
from walesi_research.stats.regression import dependent_columns
from walesi_research.study.calendar import Calendar
from walesi_research.study.synthetic import World, simulate

LANGUAGES = ("id", "en")
IDS = ("appraisal.rater_sd", "appraisal.halo", "appraisal.range_restriction_share")


def of_world(change=None, **world):
    """Return the study of a synthetic world; `change` may alter its appraisals."""
    tables = simulate(World(**world), population=0).tables
    employees = tables["employees"].sort_values(["unit", "employee_id"], ignore_index=True)
    employees = employees[["employee_id", "unit"]].astype({"unit": "category"})
    rows = tables["appraisals"].copy()
    rows["period"] = rows["period"].map(Calendar("quarter").parse)
    for name in ("score", "work_result", "behaviour", "achievement"):
        rows[name] = pd.to_numeric(rows[name], errors="coerce").astype(float)
    rows["tie"] = pd.Categorical(rows["tie"].replace("", None), categories=TIES)
    return study({"employees": employees, "appraisals": rows if change is None else change(rows)})


@pytest.fixture(scope="module")
def ordinary():
    return of_world(employees=140, seed=3)


def by_hand(each, rater_of, **columns):
    """Return a study of `each` appraisals, in periods one after the other, of one employee a rater entry."""
    employees = people(len(rater_of), 2)
    many = pd.concat([employees] * each, ignore_index=True)
    ago = np.repeat(np.arange(each), len(rater_of))
    rows = appraisals(many, rater_id=list(rater_of) * each, **columns)
    rows["period"] = LATEST - ago
    return study({"employees": employees, "appraisals": rows})


def page(result, language):
    shown = [*result.sentence(language), *result.heading(language)]
    for made in (result.table(language), result.plot(language)):
        shown += made if isinstance(made, list) else [made]
    return " ".join(exhibit.html() for exhibit in shown)


def found(result):
    return {f.id: f for f in result.findings}


def told(result, language="en"):
    """Return the table's rows by label: the value, or the reason of a gap."""
    rows = result.table(language).rows
    return {
        (r.label if isinstance(r, Gap) else r[0].text): r.small if isinstance(r, Gap) else r[1] for r in rows
    }


# ── severity ─────────────────────────────────────────────────────────────────────────────────────────────


def test_severity_is_that_of_the_worlds():
    """Thirty worlds of 140 employees and 13 raters; the true sd is 3, a variance of 9.

    One world's variance has a standard deviation of about 9 √(2/12) = 3.7, so the mean of thirty has 0.7.
    """
    made = [signs.severity(rows_of_scores(of_world(employees=140, seed=s)), 0.95) for s in range(30)]
    assert np.mean([s.sd**2 for s in made]) == pytest.approx(9, abs=2)
    assert sum(s.low <= 3 <= s.high for s in made) >= 26  # fewer has a chance of 1 % at 95 %


def test_severity_is_of_the_model_behind_the_raters_share(ordinary):
    result = raters(ordinary, draws=20)
    fit = rater_share(rows_of_scores(ordinary), 0.95).fit
    finding = found(result)["appraisal.rater_sd"]
    assert finding.estimate**2 == pytest.approx(fit.variances["rater"], rel=1e-9)
    low, high = fit.variance_interval("rater", 0.95)
    assert (finding.low**2, finding.high**2) == pytest.approx((low, high), rel=1e-9)
    assert finding.claim == "association"
    assert finding.groups % 5 == finding.n % 5 == 0


def test_raters_who_are_alike_are_not_told_apart():
    result = raters(of_world(employees=140, seed=1, rater_sd=0.0), draws=20)
    assert found(result)["appraisal.rater_sd"].low == 0
    assert result.sentence("en")[0].text.startswith("**We cannot tell yet.**")
    assert result.clear_pairs == 0
    assert "Hardly any pair" in result.sentence("en")[1].text


def test_clear_pairs_counted_pair_by_pair(ordinary):
    severity = signs.severity(rows_of_scores(ordinary), 0.95)
    share, count = signs.clear_pairs(severity, 0.95)
    place, se = severity.raters.estimate, severity.raters.se
    n = len(place)
    limit = severity.quantile(0.025 / (n * (n - 1) / 2))
    clear = [
        abs(place[i] - place[j]) > limit * np.hypot(se[i], se[j])
        for i in range(n)
        for j in range(n)
        if i != j
    ]
    assert share == pytest.approx(np.mean(clear))
    assert count.sum() == sum(clear)


def test_raters_without_a_difference_seldom_make_a_clear_pair():
    some = 0
    for seed in range(30):
        world = of_world(employees=60, units=5, seed=seed, rater_sd=0.0)
        some += signs.clear_pairs(signs.severity(rows_of_scores(world), 0.95), 0.95)[0] > 0
    assert some <= 5  # 5 % each would give more than five in thirty with a chance of 1 in 300


# ── signs by hand ────────────────────────────────────────────────────────────────────────────────────────


def test_one_rating_by_hand():
    """Of 20 raters with ten appraisals each, 5 give one rating always, 5 in nine of ten, 10 in eight."""
    always, nine, eight = [2.0] * 10, [2.0] * 9 + [3.0], [2.0] * 8 + [3.0] * 2
    ratings = np.array([always] * 5 + [nine] * 5 + [eight] * 10)
    rater_of = [f"r{i:02d}" for i in range(20)]
    result = raters(by_hand(10, rater_of, work_result=ratings.T.ravel()))
    finding = found(result)["appraisal.range_restriction_share"]
    assert (finding.estimate, finding.low, finding.high, finding.n) == (0.5, 0.5, 0.5, 20)
    assert finding.claim == "description"
    assert result.standing == 2.13  # (5 × 2 + 5 × 2.1 + 10 × 2.2) / 20 = 2.125, halves up
    assert result.top["work_result"] == 0.13  # (5 + 20) of 200


def test_raters_of_few_appraisals_are_not_judged():
    result = raters(by_hand(9, [f"r{i}" for i in range(12)], work_result=2.0))
    finding = found(result)["appraisal.range_restriction_share"]
    assert (finding.status, finding.reason) == ("not_estimable", "No rater made at least 10 appraisals.")


@pytest.mark.parametrize(
    ("same", "status"), [(0, "estimated"), (1, "suppressed"), (4, "suppressed"), (5, "estimated")]
)
def test_a_few_raters_with_a_sign_are_hidden_and_so_are_a_few_without(same, status):
    for alike in (same, 12 - same):
        ratings = np.array([[2.0] * 10] * alike + [[2.0, 3.0] * 5] * (12 - alike))
        made = raters(by_hand(10, [f"r{i:02d}" for i in range(12)], work_result=ratings.T.ravel()))
        assert found(made)["appraisal.range_restriction_share"].status == status


def test_scores_that_keep_to_the_middle_by_hand():
    """Ten people a rater, achievement 90 to 110 for all; scores spread 20 points, or 4, or 12."""
    step = np.linspace(-1, 1, 10)
    spread = {"wide": 10.0, "narrow": 2.0, "fair": 6.0}
    frame = pd.concat(
        pd.DataFrame({"rater": name, "score": 80 + s * step, "achievement": 10 + step, "period": 1})
        for name, s in spread.items()
    )
    shows = signs.central_tendency(Rows(frame.reset_index(drop=True)))
    # pooled: √((100 + 4 + 36) / 3) = 6.8 in the same unit; half of it is 3.4
    assert shows.to_dict() == {"fair": False, "narrow": True, "wide": False}


def test_people_who_work_alike_ask_for_no_spread():
    step = np.linspace(-1, 1, 10)
    achieved = {"a": 1.0, "b": 1.0, "alike": 0.2, "same": 0.0}
    frame = pd.concat(
        pd.DataFrame({"rater": r, "score": 80 + 6 * a * step, "achievement": 10 + a * step, "period": 1})
        for r, a in achieved.items()
    )
    shows = signs.central_tendency(Rows(frame.reset_index(drop=True)))
    assert shows.to_dict() == {"a": False, "alike": False, "b": False}  # of 'same' nothing can be asked


# ── halo ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_halo_is_the_partial_correlation(ordinary):
    rows = ordinary.appraisals.dropna(subset=["achievement"])
    deserved = np.digitize(rows["achievement"], [90, 110.0000001])
    # the figure of an employee in a period is the mean of its rows; here they agree
    X = np.column_stack(
        [
            rows["achievement"],
            *(
                pd.get_dummies(c, dtype=float).to_numpy()
                for c in (deserved, rows["period"], rows["rater_id"])
            ),
        ]
    )
    X = np.delete(X, dependent_columns(X), axis=1)
    Y = rows[["work_result", "behaviour"]].to_numpy()
    x, y = (Y - X @ np.linalg.lstsq(X, Y, rcond=None)[0]).T
    finding = found(raters(ordinary, draws=99))["appraisal.halo"]
    assert finding.estimate == pytest.approx(np.corrcoef(x, y)[0, 1], abs=0.005)  # blanks filled by the mean
    assert finding.low < finding.estimate < finding.high
    assert finding.claim == "association"


def two_ratings(rho, seed, n=60, quarters=8):
    """Return a study whose ratings follow achievement and share an impression of correlation `rho`."""
    rng = np.random.default_rng(seed)
    k = n * quarters
    figure = 100 + 10 * rng.normal(size=k)
    common = rng.normal(size=k)
    ratings = [
        np.clip(np.round(2 + 0.05 * (figure - 100) + np.sqrt(rho) * common + np.sqrt(1 - rho) * e), 1, 3)
        for e in rng.normal(size=(2, k))
    ]
    rater_of = [f"r{i % 6}" for i in range(n)]
    return by_hand(quarters, rater_of, work_result=ratings[0], behaviour=ratings[1], achievement=figure)


def test_halo_is_found_where_it_is_and_not_where_both_follow_achievement():
    clear = found(raters(two_ratings(0.5, 1), draws=199))["appraisal.halo"]
    assert clear.low > 0.2  # the impression's .5, less what the three steps lose
    crossing = sum(
        f.low <= 0 <= f.high
        for f in (found(raters(two_ratings(0.0, seed), draws=199))["appraisal.halo"] for seed in range(30))
    )
    assert crossing >= 25  # fewer has a chance of 1 in 300 at 95 %; the steps leave a hundredth


def test_a_halo_that_hangs_on_one_employee_is_hidden():
    ratings = np.full((10, 30), 2.0)
    ratings[::2, 0] = 3.0
    one = by_hand(
        10,
        [f"r{i % 6}" for i in range(30)],
        work_result=ratings.ravel(),
        behaviour=ratings.ravel(),
        achievement=100.0,
    )
    finding = found(raters(one, draws=99))["appraisal.halo"]
    assert (finding.status, finding.estimate) == ("suppressed", None)


def test_a_rating_that_is_the_same_for_all_has_no_halo():
    rows = two_ratings(0.5, 1).appraisals.assign(behaviour=2.0)
    finding = found(raters(study({"employees": people(60), "appraisals": rows}), draws=99))["appraisal.halo"]
    assert finding.status == "not_estimable" and "does not vary" in finding.reason


def test_without_achievement_halo_cannot_be_told(ordinary):
    bare = of_world(lambda rows: rows.drop(columns="achievement"), employees=140, seed=3)
    result = raters(bare)
    halo = found(result)["appraisal.halo"]
    assert halo.status == "not_estimable" and "Without achievement" in halo.reason
    severity = found(result)["appraisal.rater_sd"]
    assert severity.status == "estimated" and "net of tie, period" in severity.method
    notes = [s.text for s in result.sentence("id") if s.role == "note"]
    assert any("Tanpa angka capaian" in text for text in notes)
    assert "Tidak dapat dihitung" in result.table("id").html()
    assert result.sentence("id")[0].text.count("Pada hubungan dan periode yang sama") == 1


# ── drift ────────────────────────────────────────────────────────────────────────────────────────────────


def moved(sd, seed):
    rng = np.random.default_rng(seed)

    def change(rows):
        slopes = {r: sd * rng.normal() for r in sorted(rows["rater_id"].unique())}
        years = (rows["period"] - rows["period"].mean()) / 4
        return rows.assign(score=rows["score"] + rows["rater_id"].map(slopes) * years)

    return signs.drift(rows_of_scores(of_world(change, employees=140, seed=seed)), 4)


def test_drift_is_found_where_it_is():
    made = [moved(1.5, seed) for seed in range(12)]
    assert all(d.p < 0.01 for d in made)
    # the variance of a dozen slopes, 2.25, has a standard deviation of 1; the mean of twelve, 0.3
    assert np.mean([d.sd**2 for d in made]) == pytest.approx(2.25, abs=0.9)


def test_drift_is_not_found_where_it_is_not():
    made = [moved(0.0, seed) for seed in range(40)]
    assert sum(d.p < 0.05 for d in made) <= 6  # more has a chance of 1 in 100 at 5 %


def test_drift_is_the_f_test_of_the_full_regression():
    rows = rows_of_scores(of_world(employees=40, units=4, quarters=6, seed=2))
    frame = rows.frame
    label = frame["employee"].astype(str) + " " + frame["rater"].astype(str)
    pair = pd.get_dummies(label, dtype=float).to_numpy()
    base = np.column_stack([pair, frame[["tie", "achievement"]], rows.periods()])
    time = (frame["period"].to_numpy() - frame["period"].mean()) / 4
    more = np.column_stack([base, pd.get_dummies(frame["rater"], dtype=float).to_numpy() * time[:, None]])
    y = frame["score"].to_numpy()
    rank, rss = zip(*((np.linalg.matrix_rank(X), _rss(X, y)) for X in (base, more)), strict=True)
    df, left = rank[1] - rank[0], len(y) - rank[1]
    f = (rss[0] - rss[1]) / df / (rss[1] / left)
    assert signs.drift(rows, 4).p == pytest.approx(signs.stats.f.sf(f, df, left), rel=1e-6)


def _rss(X, y):
    return float(np.sum((y - X @ np.linalg.lstsq(X, y, rcond=None)[0]) ** 2))


# ── studies that lack something ──────────────────────────────────────────────────────────────────────────


def test_one_rater_a_unit_says_that_rater_and_unit_cannot_be_told_apart():
    result = raters(of_world(employees=140, seed=5, one_rater_a_unit=True), draws=20)
    finding = found(result)["appraisal.rater_sd"]
    assert finding.status == "estimated" and "rater and unit cannot be told apart" in finding.reason
    assert any("cannot be told apart" in s.text for s in result.sentence("en") if s.role == "note")


def test_three_raters_are_too_few_to_be_told_of():
    result = raters(of_world(employees=40, units=3, raters=3, seed=4), draws=20)
    assert [f.status for f in result.findings] == ["suppressed"] * 3
    for language in LANGUAGES:
        assert result.plot(language) == result.heading(language) == result.table(language) == []
        assert [s.role for s in result.sentence(language)] == ["note"]


def test_forty_employees():
    result = raters(of_world(employees=40, units=4, raters=6, seed=4), draws=99)
    assert tuple(found(result)) == IDS
    assert found(result)["appraisal.rater_sd"].status == "estimated"
    assert all(page(result, language) for language in LANGUAGES)


@pytest.mark.parametrize(
    "absent",
    [("tie",), ("achievement",), ("tie", "achievement"), ("score",), ("work_result",), ("behaviour",),
     ("score", "work_result", "behaviour", "achievement", "tie")],
    ids="-".join,
)  # fmt: skip
def test_a_column_less_takes_away_what_needs_it_and_says_so(absent):
    result = raters(
        of_world(lambda rows: rows.drop(columns=list(absent)), employees=60, units=5, raters=8, seed=6),
        draws=50,
    )
    by_id = found(result)
    assert (by_id["appraisal.rater_sd"].status == "estimated") == ("score" not in absent)
    halo = {"achievement", "work_result", "behaviour"}
    assert (by_id["appraisal.halo"].status == "estimated") == halo.isdisjoint(absent)
    for finding in result.findings:
        assert finding.status == "estimated" or finding.reason
    for language in LANGUAGES:
        assert result.sentence(language) and "{" not in page(result, language)


def test_without_appraisals():
    employees = people(20)
    for tables in (
        {"employees": employees},
        {"employees": employees, "appraisals": appraisals(employees)[:0]},
    ):
        result = raters(study(tables))
        assert {f.status for f in result.findings} == {"not_estimable"}
        assert [s.role for s in result.sentence("id")] == ["note"]
        assert result.plot("id") == result.table("id") == result.heading("id") == []


def test_each_employee_appraised_once():
    rng = np.random.default_rng(1)
    n = 60
    rater_of = [f"r{i % 6}" for i in range(n)]
    severity = np.array([-5.0, -3, -1, 1, 3, 5])[np.arange(n) % 6]
    result = raters(by_hand(1, rater_of, score=80 + severity + rng.normal(size=n)))
    finding = found(result)["appraisal.rater_sd"]
    assert finding.low < np.std([-5, -3, -1, 1, 3, 5], ddof=1) < finding.high
    assert result.drift is None


def test_scores_without_spread():
    result = raters(by_hand(4, [f"r{i % 6}" for i in range(30)], score=80.0))
    assert found(result)["appraisal.rater_sd"].status == "not_estimable"


# ── nobody can be told from it ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_rater_or_employee_is_named(ordinary, language):
    text = page(raters(ordinary, draws=20), language)
    ids = {*ordinary.employees["employee_id"], *ordinary.appraisals["rater_id"]}
    assert not any(i in text for i in ids)
    assert "{" not in text.replace("data:", "")


def test_no_line_of_the_figure_is_a_rater(ordinary):
    result = raters(ordinary, draws=20)
    places, reach = result.places
    effects = result.severity.raters
    assert len(places) % 5 == 0 and len(places) <= len(effects.levels)
    own = np.abs(places[:, None] - effects.estimate[None]).min(axis=1)
    assert (own > 1e-6).all()
    assert effects.estimate.min() < places[0] and places[-1] < effects.estimate.max()
    # one width for all, no narrower than that of any rater: it does not tell who appraised most
    assert reach >= 1.96 * effects.se.max()


def test_an_odd_rater_in_the_middle_has_no_line():
    """Five raters, five lines: the third is not the third rater's place."""
    rng = np.random.default_rng(8)
    severity = np.array([-6.0, -5, 0, 1, 6])[np.arange(40) % 5]
    score = 80 + np.tile(severity, 4) + rng.normal(size=160)
    result = raters(by_hand(4, [f"r{i % 5}" for i in range(40)], score=score))
    own = np.sort(result.severity.raters.estimate)
    assert len(result.places[0]) == len(own) == 5
    assert abs(result.places[0][2] - own[2]) > 0.1


def test_raters_of_few_employees_are_not_drawn():
    """Five raters of eight people each, one of two people who stands far out."""
    rng = np.random.default_rng(3)
    rater_of = [f"r{i % 5}" for i in range(40)] + ["far"] * 2
    severity = np.array([30.0 if r == "far" else float(r[-1]) for r in rater_of])
    score = 60 + np.tile(severity, 4) + rng.normal(size=4 * 42)
    result = raters(by_hand(4, rater_of, score=score))
    assert result.places[0].max() < 15
    four = raters(by_hand(4, ["r0", "r1", "r2", "r3"] * 10 + ["far"] * 2, score=score))
    assert four.severity is not None and four.places is None and four.plot("id") == []


@pytest.mark.parametrize("seed", range(8))
def test_studies_of_chance_keep_the_rule(seed):
    result = raters(of_chance(seed, n=50), draws=20)  # two raters: nothing of raters may be told
    assert {f.status for f in result.findings} <= {"suppressed", "not_estimable"}
    assert result.table("en") == [] and result.plot("en") == []


def test_the_same_study_gives_the_same_answer(ordinary):
    one, two = (raters(ordinary, draws=20) for _ in range(2))
    assert one.findings == two.findings
    assert one.plot("id").html() == two.plot("id").html()
