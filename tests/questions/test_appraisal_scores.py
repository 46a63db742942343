"""What moves a score: exact panels, invariances, hand counts, and words that follow the numbers."""

import numpy as np
import pandas as pd
import pytest

from tests.questions.small import codebook, people, study
from walesi_research import open_study
from walesi_research.language import LANGUAGES
from walesi_research.questions.appraisal.bands import by_band
from walesi_research.questions.appraisal.estimate import fitted, rater_share, within_employee
from walesi_research.questions.appraisal.frame import Rows, rows_of_scores
from walesi_research.questions.appraisal.kinds import kinds
from walesi_research.questions.appraisal.raters import raters
from walesi_research.questions.appraisal.scores import scores
from walesi_research.questions.claims import CLAIMS, claim_of

TIE, SLOPE = 6.0, 2.5
METHODS = ("sentence", "heading", "plot", "results", "share_heading", "share_sentence", "share_plot", "table")


def panel(n=40, raters=8, periods=6, noise=0.05, units=4, nested=False, seed=1, spread=8.0):
    """Return a study whose score is ``TIE * tie + SLOPE * achievement / 10`` plus person, rater, period.

    Ties go to better people, so that only a comparison within employee finds their effect.
    """
    rng = np.random.default_rng(seed)
    employees = people(n, units)
    who = np.repeat(np.arange(n), 2 * periods)
    period = np.tile(np.repeat(np.arange(periods), 2), n)
    unit = employees["unit"].cat.codes.to_numpy()[who]
    by = (
        unit * (raters // units) + rng.integers(0, raters // units, len(who))
        if nested
        else rng.integers(0, raters, len(who))
    )
    ability = rng.normal(size=n)
    tie = (rng.random(len(who)) < 0.2 + 0.3 * (ability[who] > 0)).astype(int)
    achievement = np.round(100 + 5 * ability[who] + 8 * rng.normal(size=(n, periods))[who, period], 1)
    score = (
        60 + TIE * tie + SLOPE * achievement / 10 + spread * ability[who] + 3 * rng.normal(size=raters)[by]
    )
    score += 2 * rng.normal(size=periods)[period] + noise * rng.normal(size=len(who))
    table = pd.DataFrame(
        {
            "employee_id": employees["employee_id"].to_numpy()[who],
            "period": 2024 * 4 + period,
            "rater_id": np.char.add("r", by.astype(str)),
            "score": score,
            "achievement": achievement,
            "tie": pd.Categorical(
                np.where(tie, "clan", "none"), ["none", "family", "clan", "political", "other"]
            ),
        }
    ).drop_duplicates(["employee_id", "period", "rater_id"])
    return study({"employees": employees, "appraisals": table.reset_index(drop=True)}, codebook(()))


def changed(opened, **columns):
    table = opened.appraisals.assign(**columns)
    return study(dict(opened.tables) | {"appraisals": table}, opened.codebook)


def by_id(result):
    return {f.id.split(".")[1]: f for f in result.findings}


def test_a_panel_almost_without_noise_returns_the_truth_though_ties_go_to_better_people():
    found = by_id(scores(panel()))
    # noise of 0.05 score points in some 400 rows: standard errors of about 0.007 and 0.004
    assert found["tie_effect"].estimate == pytest.approx(TIE, abs=0.03)
    assert found["achievement_slope"].estimate == pytest.approx(SLOPE, abs=0.02)


def test_the_coefficients_are_those_within_employee_though_better_people_have_ties():
    rows = rows_of_scores(panel(n=200, noise=4.0, spread=3.0))
    exposures = rows.frame[["tie", "achievement"]].to_numpy(dtype=float)
    (absorbed, _), (random, _) = (
        fitted(rows.frame, exposures, rows.periods(), people, 0.95) for people in ("fixed", "random")
    )
    found = within_employee(rows, 0.95)["tie"].estimate
    # random effects alone are off by more than 0.2 points here; the means take nearly all of that up
    assert abs(random.estimate - absorbed.estimate) > 0.2
    assert abs(found - absorbed.estimate) < 0.03


@pytest.mark.parametrize("constant", ["tie", "achievement"])
def test_what_never_varies_at_all_leaves_the_other_effect_as_it_is(constant):
    opened = panel()
    table = opened.appraisals
    tied = table["tie"] != "none"
    if constant == "tie":
        moved = {"tie": pd.Categorical(["none"] * len(table), table["tie"].cat.categories)}
        moved["score"] = table["score"] - TIE * tied
    else:
        moved = {"achievement": 100.0, "score": table["score"] - SLOPE * table["achievement"] / 10}
    result = scores(changed(opened, **moved))
    name, truth = {"tie": ("achievement_slope", SLOPE), "achievement": ("tie_effect", TIE)}[constant]
    assert by_id(result)[name].estimate == pytest.approx(truth, abs=0.03)
    assert [f.status for f in result.findings].count("not_estimable") == 1


def test_scores_made_by_a_formula_are_said_to_be_so():
    for made in (panel(noise=0.0, raters=1, units=1), panel(noise=0.0)):
        assert all("formula" in f.reason for f in scores(made).findings)


def test_a_constant_added_to_one_employees_scores_hardly_moves_the_tie_effect(root):
    opened = open_study(root / "data" / "walesi")
    before = scores(opened).tie.estimate
    table = opened.appraisals
    tied = table.loc[table["tie"] == "family", "employee_id"].iloc[0]
    moved = changed(opened, score=table["score"] + 20.0 * (table["employee_id"] == tied))
    assert abs(scores(moved).tie.estimate - before) < 0.1


def test_points_added_for_every_tie_leave_the_raters_share_unchanged(root):
    rows = rows_of_scores(open_study(root / "data" / "walesi"))
    favoured = Rows(rows.frame.assign(score=rows.frame["score"] + 6 * rows.frame["tie"]))
    assert rater_share(favoured, 0.95).estimate == pytest.approx(rater_share(rows, 0.95).estimate, abs=1e-6)


def test_blank_ties_are_missing_and_not_none(root):
    opened = open_study(root / "data" / "walesi")
    table = opened.appraisals
    blank = np.random.default_rng(1).random(len(table)) < 0.1
    known = table.groupby(["employee_id", "period"])["achievement"].transform("count") > 0
    usable = table["tie"].notna() & table["score"].notna() & known
    before = rows_of_scores(opened).frame
    after = rows_of_scores(changed(opened, tie=table["tie"].mask(blank))).frame
    assert len(before) == usable.sum()
    assert len(before) - len(after) == (blank & usable).sum() > 100


def test_achievement_of_an_employee_period_is_the_mean_of_its_rows():
    opened = panel()
    table = opened.appraisals.copy()
    pair = table.duplicated(["employee_id", "period"], keep=False)
    first = table.index[pair][0]
    same = (table["employee_id"] == table.at[first, "employee_id"]) & (
        table["period"] == table.at[first, "period"]
    )
    table.loc[first, "achievement"] += 4
    frame = rows_of_scores(changed(opened, achievement=table["achievement"])).frame
    assert frame.loc[same, "achievement"].tolist() == pytest.approx(
        [table.loc[same, "achievement"].mean() / 10] * same.sum()
    )


def test_raters_of_one_unit_only_are_said_not_to_be_told_from_it():
    nested, crossed = scores(panel(nested=True, noise=2.0)), scores(panel(noise=2.0))
    assert "cannot be told apart" in by_id(nested)["rater_share"].reason
    assert by_id(nested)["rater_share"].status == "estimated"
    assert by_id(crossed)["rater_share"].reason is None
    assert "penilai dan unit tidak dapat dipisahkan" in nested.share_sentence("id")[0].alt


def test_without_recorded_ties_results_and_raters_are_still_compared():
    """Ties fall on people by chance in this panel, so the slope is about the same with and without them."""
    opened = panel(noise=2.0)
    bare = study(
        {"employees": opened.employees, "appraisals": opened.appraisals.drop(columns="tie")}, opened.codebook
    )
    with_ties, without = scores(opened), scores(bare)
    slope, other = (by_id(s)["achievement_slope"] for s in (with_ties, without))
    assert abs(other.estimate - slope.estimate) < other.se  # wider: the tie's effect is noise now
    assert "ties are not recorded" in other.method and "ties are not recorded" not in slope.method
    assert "Ties are not recorded" in by_id(without)["rater_share"].reason
    assert "hubungan, yang tidak tercatat" in without.share_sentence("id")[0].alt
    assert with_ties.plot("en").data.columns.tolist() == ["achievement", "with_tie", "without_tie"]
    assert without.plot("en").data.columns.tolist() == ["achievement", "score"]
    assert "tie" not in without.plot("en").alt


@pytest.mark.parametrize(
    ("fault", "silent"),
    [
        ("no tie column", {"tie_effect"}),
        ("no achievement", {"tie_effect", "achievement_slope", "rater_share"}),
        ("no appraisals", {"tie_effect", "achievement_slope", "rater_share"}),
        ("nobody's tie varies", {"tie_effect"}),
        ("achievement never changes", {"achievement_slope"}),
        ("one rater", {"tie_effect", "achievement_slope", "rater_share"}),
        ("four raters", {"rater_share"}),
        ("six appraisals", {"tie_effect", "achievement_slope", "rater_share"}),
    ],
)
def test_what_cannot_be_estimated_says_why_in_both_languages(fault, silent):
    opened = panel(noise=2.0)
    table = opened.appraisals
    cases = {
        "no tie column": lambda: table.drop(columns="tie"),
        "no achievement": lambda: table.drop(columns="achievement"),
        "nobody's tie varies": lambda: table.assign(
            tie=table.groupby("employee_id")["tie"].transform("first").astype(table["tie"].dtype)
        ),
        "achievement never changes": lambda: table.assign(
            achievement=table.groupby("employee_id")["achievement"].transform("first")
        ),
        "one rater": lambda: table.assign(rater_id="r0").drop_duplicates(["employee_id", "period"]),
        "four raters": lambda: table.assign(
            rater_id="r" + (table["rater_id"].str[1:].astype(int) % 4).astype(str)
        ),
        "six appraisals": lambda: table.iloc[:6],
    }
    tables = {"employees": opened.employees} | (
        {} if fault == "no appraisals" else {"appraisals": cases[fault]()}
    )
    result = scores(study(tables, opened.codebook))
    found = by_id(result)
    assert {name for name, f in found.items() if f.status == "not_estimable"} == silent
    assert all(f.reason for name, f in found.items() if name in silent)
    for language in LANGUAGES:
        for name in METHODS:
            getattr(result, name)(language)
        assert result.sentence(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bundled_page_answers_both(root, language):
    result = scores(open_study(root / "data" / "walesi"))
    lead = result.sentence(language)[0].alt
    assert lead.startswith({"id": "Keduanya.", "en": "Both."}[language])
    assert not any(word in lead.lower() for word in ("terbukti", "menyebabkan", "causes", "proves"))


def test_bands_rest_on_enough_people():
    opened = panel(noise=2.0)
    rows = rows_of_scores(opened)
    for band in by_band(rows, opened):
        low, high = band.low or -np.inf, band.high or np.inf
        inside = rows.frame["achievement"].between(low / 10, high / 10, inclusive="left")
        for tied, value in ((1, band.tie), (0, band.none)):
            cell = rows.frame[inside & (rows.frame["tie"] == tied)]
            if value is None:
                assert cell["employee"].nunique() < 5
            else:
                assert value == pytest.approx(cell["score"].mean())


def test_estimates_do_not_depend_on_the_order_of_rows(root):
    rows = rows_of_scores(open_study(root / "data" / "walesi"))
    shuffled = Rows(rows.frame.sample(frac=1, random_state=1).reset_index(drop=True))
    first, second = within_employee(rows, 0.95), within_employee(shuffled, 0.95)
    assert second["tie"].estimate == pytest.approx(first["tie"].estimate, abs=1e-8)
    assert second["tie"].se == pytest.approx(first["tie"].se, rel=1e-6)


def test_another_key_of_the_pseudonyms_changes_no_digit(root):
    """To the last bit: any difference left decides the eighth digit of a finding sooner or later."""
    first, second = (open_study(root / "data" / "walesi") for _ in range(2))
    assert set(first.appraisals["employee_id"]).isdisjoint(second.appraisals["employee_id"])
    for ask in (scores, kinds, raters):
        numbers = [
            [(f.id, f.estimate, f.se, f.low, f.high, f.p) for f in ask(s).findings] for s in (first, second)
        ]
        assert numbers[0] == numbers[1]


def test_default_limits_are_the_contracts_and_a_study_may_set_its_own(root):
    assert {c.name: (c.finding, c.supports, c.limit) for c in CLAIMS}["results"] == (
        "appraisal.achievement_slope",
        "below",
        0.5,
    )
    assert len(CLAIMS) == 9
    opened = panel()
    assert claim_of(opened, "appraisal.tie_effect").limit == 1.0
    own = {"claims": {"mine": {"finding": "appraisal.tie_effect", "supports": "above", "limit": 3.0}}}
    settings = type(opened.settings).model_validate({"study": opened.settings.study.model_dump()} | own)
    assert (
        claim_of(type(opened)(settings, opened.codebook, opened.tables), "appraisal.tie_effect").limit == 3.0
    )
    with pytest.raises(KeyError):
        claim_of(opened, "data.response_rate")
