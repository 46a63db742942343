"""Ties by kind, and whether the answer on ties stands when it is looked at in other ways."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tests.questions.appraised import LATEST, LEAST, TIES, of_chance
from tests.questions.small import people, study
from walesi_research.questions.appraisal import curve as curves
from walesi_research.questions.appraisal.curve import CHOICES, curve
from walesi_research.questions.appraisal.frame import rows_of_scores
from walesi_research.questions.appraisal.kinds import KINDS, kinds
from walesi_research.questions.appraisal.specification import checks
from walesi_research.stats.robust import cr2
from walesi_research.stats.two_way import two_way
from walesi_research.study.calendar import Calendar
from walesi_research.study.synthetic import World, simulate

EFFECTS = {"none": 0.0, "family": 5.0, "clan": 4.0, "political": 6.0, "other": 2.0}


def panel(seed=1, n=60, periods=8, raters=7, noise=0.0, tie=5.0, employee_sd=2.0, share=(0.6, *[0.1] * 4)):
    """Return a study with crossed raters; `tie` is what any tie adds, or what each kind does."""
    rng = np.random.default_rng(seed)
    employees = people(n, 4)
    who, when = (a.ravel() for a in np.meshgrid(np.arange(n), np.arange(periods), indexing="ij"))
    rater = (who + rng.integers(0, 3, len(who))) % raters
    kind = rng.choice(TIES, len(who), p=share)
    adds = tie if isinstance(tie, dict) else dict.fromkeys(TIES[1:], tie) | {"none": 0.0}
    figure = 100 + 10 * rng.normal(size=len(who))
    score = 70 + 0.3 * (figure - 100) + pd.Series(kind).map(adds).to_numpy()
    score += employee_sd * rng.normal(size=n)[who] + 3 * rng.normal(size=raters)[rater]
    score += rng.normal(size=periods)[when] + noise * rng.normal(size=len(who))
    frame = pd.DataFrame(
        {
            "employee_id": employees["employee_id"].to_numpy()[who],
            "period": LATEST - periods + 1 + when,
            "rater_id": [f"r{r}" for r in rater],
            "score": score,
            "achievement": figure,
            "tie": pd.Categorical(kind, categories=TIES),
        }
    )
    return study({"employees": employees, "appraisals": frame})


def changed(base, **columns):
    """Return a study with other columns of appraisals."""
    return study({"employees": base.employees, "appraisals": base.appraisals.assign(**columns)})


def world(seed, **knobs):
    """Return a simulated study of 140 employees."""
    tables = simulate(World(employees=140, seed=seed, **knobs), population=0).tables
    frame = tables["appraisals"].copy()
    frame["period"] = frame["period"].map(Calendar("quarter").parse)
    for name in ("score", "achievement", "work_result"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    frame["tie"] = pd.Categorical(frame["tie"].replace({"": None}), categories=TIES)
    employees = tables["employees"].assign(unit=pd.Categorical(tables["employees"]["unit"]))
    return study({"employees": employees, "appraisals": frame})


def by_id(answer):
    return {f.id.removeprefix("appraisal."): f for f in answer.findings}


def shown(answer, language):
    exhibits = []
    for method in ("heading", "sentence", "plot", "table"):
        part = getattr(answer, method)(language)
        exhibits += part if isinstance(part, list) else [part]
    return exhibits


@pytest.fixture(scope="module")
def noisy():
    return panel(seed=3, noise=2.0)


@pytest.fixture(scope="module")
def noisy_checks(noisy):
    return checks(noisy)


# ── two-way fixed effects ────────────────────────────────────────────────────────────────────────────────


def dummies(frame, *names):
    return pd.get_dummies(frame[list(names)].astype(str), drop_first=True, dtype=float).to_numpy()


def test_absorbed_effects_are_those_of_dummies(noisy):
    frame = rows_of_scores(noisy).frame
    X = np.column_stack([frame[["tie", "achievement"]], dummies(frame, "period")])
    fit = two_way(frame["score"], X, frame["employee"], frame["rater"], columns=(0, 1))
    full = np.column_stack([X, dummies(frame, "employee", "rater"), np.ones(len(frame))])
    plain = sm.OLS(frame["score"].to_numpy(), full).fit()
    assert fit.coef == pytest.approx(plain.params[:2], abs=1e-9)  # the same least squares
    assert fit.plain_se == pytest.approx(plain.bse[:2], rel=1e-9)
    assert fit.residual_df == plain.df_resid
    robust = cr2(frame["score"].to_numpy(), full, frame["employee"].to_numpy(), columns=[0, 1])
    assert fit.se == pytest.approx(robust.se, rel=1e-9)
    assert fit.df == pytest.approx(robust.df, rel=1e-7)  # sums of squares of many small numbers


def test_absorbed_effects_hold_where_raters_fall_apart():
    rng = np.random.default_rng(2)
    first = np.repeat(np.arange(30), 5)
    second = np.where(first < 15, rng.integers(0, 3, 150), 3 + rng.integers(0, 2, 150))  # two districts
    x, y = rng.normal(size=150), rng.normal(size=150)
    fit = two_way(y, x, first, second)
    labels = pd.DataFrame({"a": first, "b": second})
    full = np.column_stack([x, dummies(labels, "a"), np.ones(150), second == 1, second == 2, second == 4])
    plain = sm.OLS(y, full).fit()
    assert fit.coef[0] == pytest.approx(plain.params[0], abs=1e-10)
    assert fit.residual_df == plain.df_resid


def test_one_rater_is_no_effect():
    rng = np.random.default_rng(4)
    first, x, y = np.repeat(np.arange(20), 4), rng.normal(size=80), rng.normal(size=80)
    fit = two_way(y, x, first, np.zeros(80))
    assert fit.coef[0] == pytest.approx(
        sm.OLS(y, np.column_stack([x, dummies(pd.DataFrame({"a": first}), "a"), np.ones(80)])).fit().params[0]
    )


def test_a_column_that_the_effects_give_is_said_to_be_absorbed():
    first = np.repeat(np.arange(20), 4)
    with pytest.raises(ValueError, match="give column 0"):
        two_way(np.random.default_rng(1).normal(size=80), first % 2, first, np.tile([0, 1], 40))


def test_points_for_one_employee_move_neither_effect(noisy, noisy_checks):
    table = noisy.appraisals
    more = 10.0 * (table["employee_id"] == table["employee_id"].iloc[0])
    moved = checks(changed(noisy, score=table["score"] + more))
    assert moved.fixed.estimate == pytest.approx(noisy_checks.fixed.estimate, abs=1e-9)
    assert abs(moved.headline.estimate - noisy_checks.headline.estimate) < 0.1


# ── the curve ────────────────────────────────────────────────────────────────────────────────────────────


def test_without_noise_fixed_effects_are_exact_whatever_else_is_chosen():
    base = panel()
    found = curve(rows_of_scores(base), base, 0.95)
    fixed = [m.effect.estimate for m in found.models if m.choices["people"] == "fixed"]
    assert len(fixed) >= 8
    assert fixed == pytest.approx([5.0] * len(fixed), abs=1e-8)


@pytest.mark.parametrize("employee_sd", [2.0, 0.0])
def test_with_hardly_any_noise_so_is_every_model_that_should(employee_sd):
    base = panel(noise=0.02, employee_sd=employee_sd)
    found = curve(rows_of_scores(base), base, 0.95)
    right = {"random_means", "random", "fixed"} | ({"rater_means", "rater"} if not employee_sd else set())
    models = [m for m in found.models if m.choices["people"] in right]
    assert {m.choices["people"] for m in models} == right
    for model in models:  # standard error about 0.02 / sqrt(100 tied) = 0.002; five of them
        assert model.effect.estimate == pytest.approx(5.0, abs=0.01), model.choices


def test_every_choice_changes_the_estimate(noisy):
    rng = np.random.default_rng(1)
    table = noisy.appraisals
    table = pd.concat(
        [table, table.assign(rater_id="r9", score=table["score"] + rng.normal(size=len(table)))]
    )
    table["achievement"] += rng.normal(size=len(table))  # two raters who disagree
    table = table[~((table["employee_id"] < "p010") & (table["period"] == LATEST))]  # leavers
    base = study({"employees": noisy.employees, "appraisals": table.reset_index(drop=True)})
    found = curve(rows_of_scores(base), base, 0.95)
    assert found.choices == CHOICES
    assert len(found.models) == np.prod([len(options) for options in CHOICES.values()])
    estimate = {tuple(m.choices.values()): m.effect.estimate for m in found.models}
    for at, value in estimate.items():
        for k, options in enumerate(CHOICES.values()):
            others = [(*at[:k], option, *at[k + 1 :]) for option in options if option != at[k]]
            assert all(abs(estimate[other] - value) > 1e-9 for other in others), at


def test_what_changes_nothing_is_not_reckoned_twice(noisy, noisy_checks):
    assert ("achievement", "recorded") in noisy_checks.curve.idle
    assert ("sample", "throughout") in noisy_checks.curve.idle
    estimates = np.sort(noisy_checks.curve.estimates)
    assert np.diff(estimates).min() > 1e-9


def test_the_headline_is_the_first_model(noisy_checks):
    assert noisy_checks.curve.models[0].effect == noisy_checks.headline


def test_a_study_too_large_for_all_models_says_so(noisy, monkeypatch):
    monkeypatch.setattr(curves, "CELLS", 3.5 * 480 * 18)
    answer = checks(noisy)
    assert len(answer.curve.models) == 3
    assert answer.curve.large > 0
    assert any("too large" in s.text for s in answer.details("en"))


def test_shares_are_of_direction_and_of_whole_intervals():
    base = panel(seed=5, noise=2.0)
    answer = checks(base)
    assert answer.curve.agreeing(1) == answer.curve.clear(1) == 1.0
    assert answer.curve.agreeing(-1) == answer.curve.clear(-1) == 0.0
    null = checks(panel(seed=6, noise=2.0, tie=0.0))
    assert null.curve.clear(1) < 0.5
    assert not null.sentence("en")[0].text.startswith("**Yes")


def test_an_ordered_rating_gives_the_same_direction(noisy):
    levels = pd.cut(noisy.appraisals["score"], [-np.inf, 68, 76, np.inf], labels=False) + 1.0
    found = checks(changed(noisy, work_result=levels)).curve.ordered
    assert found.low > 0


# ── placebo and unseen causes ────────────────────────────────────────────────────────────────────────────


def test_a_tie_to_come_goes_with_nothing_today():
    effects = [by_id(_only_placebo(world(seed)))["tie_placebo"] for seed in range(30)]
    covered = sum(f.low <= 0 <= f.high for f in effects)
    assert covered >= 27  # 95 % intervals: 28.5 expected
    mean = np.mean([f.estimate for f in effects])
    assert abs(mean) < 3 * np.mean([f.se for f in effects]) / np.sqrt(30)


def _only_placebo(base):
    """Return the checks without the curve, which is not what is asked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curves, "CELLS", 0)
        patch.setattr(curves, "ORDERED_ROWS", 0)
        return checks(base)


def test_a_score_that_follows_the_tie_to_come_is_a_warning(noisy):
    table = noisy.appraisals
    coming = (table["tie"] != "none").groupby(table["employee_id"]).shift(-1).fillna(False).astype(float)
    answer = _only_placebo(changed(noisy, score=table["score"] + 4 * coming))
    assert answer.placebo.estimate == pytest.approx(4, abs=1.0)  # four standard errors
    assert any("a warning" in s.text for s in answer.sentence("en"))


def test_an_unseen_cause_of_that_strength_takes_the_effect_away(noisy):
    frame = rows_of_scores(noisy).frame
    answer = _only_placebo(noisy)
    full = np.column_stack(
        [frame[["tie", "achievement"]], dummies(frame, "period", "employee", "rater"), np.ones(len(frame))]
    )
    y, x = frame["score"].to_numpy(), full[:, 0]
    left_x = sm.OLS(x, full[:, 1:]).fit().resid
    left_y = sm.OLS(y, full).fit().resid
    r = answer.unseen.value.robustness
    rng = np.random.default_rng(1)
    noise = sm.OLS(rng.normal(size=len(x)), np.column_stack([full, y])).fit().resid
    z = left_x / np.std(left_x) * np.sqrt(r)  # explains r of the tie …
    z = z + (left_y / np.std(left_y) * np.sqrt(r) + noise / np.std(noise) * np.sqrt(1 - r)) * np.sqrt(1 - r)
    with_cause = sm.OLS(y, np.column_stack([full, z])).fit()
    assert with_cause.params[0] == pytest.approx(0, abs=1e-6)  # … and r of the score: nothing is left


def test_the_value_is_a_finding_without_an_interval(noisy_checks):
    found = by_id(noisy_checks)["tie_robustness_value"]
    assert 0 < found.estimate < 1
    assert found.low is None
    assert found.claim == "description"


# ── kinds ────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_kind_has_its_own_effect():
    base = panel(seed=8, noise=0.05, tie=EFFECTS)
    found = by_id(kinds(base))
    for kind in KINDS:  # standard error about 0.05 / sqrt(45 tied) = 0.008; five of them
        assert found[f"tie_effect_{kind}"].estimate == pytest.approx(EFFECTS[kind], abs=0.04)


def test_kinds_lie_about_the_effect_of_any():
    answer = kinds(panel(seed=9, noise=2.0))
    effects = [e.estimate for e in answer.effects.values()]
    assert min(effects) < answer.every.estimate < max(effects)


@pytest.mark.parametrize("few", range(1, LEAST))
def test_a_kind_of_few_is_hidden_and_another_with_it(few):
    base = panel(seed=10, noise=2.0)
    table = base.appraisals.copy()
    political = table["tie"] == "political"
    keep = table["employee_id"].isin(table.loc[political, "employee_id"].unique()[:few])
    table.loc[political & ~keep, "tie"] = "none"
    answer = kinds(changed(base, tie=table["tie"]))
    status = {kind: by_id(answer)[f"tie_effect_{kind}"].status for kind in KINDS}
    assert status["political"] == "suppressed"
    assert sum(s == "suppressed" for s in status.values()) == 2  # one alone could be worked out
    for language in ("id", "en"):
        figure, table_of = answer.plot(language), answer.table(language)
        assert figure.html().count(str(LEAST)) and table_of.html()
    assert "kurang dari 5 orang" in answer.plot("id").alt


def test_people_are_counted_who_were_appraised_with_and_without():
    base = panel(seed=11, noise=2.0)
    table = base.appraisals
    by_hand = 0
    for _, own in table.groupby("employee_id"):
        by_hand += {"family", "none"} <= set(own["tie"])
    assert kinds(base).counts["family"] == by_hand


def test_the_limit_is_the_studys_own():
    base = panel(seed=8, noise=0.5, tie=EFFECTS)
    own = {"relations": {"finding": "appraisal.tie_effect", "supports": "above", "limit": 5.5}}
    stricter = base.settings.model_copy(
        update={
            "claims": type(base.settings).model_validate(base.settings.model_dump() | {"claims": own}).claims
        }
    )
    strict = type(base)(stricter, base.codebook, {"employees": base.employees, "appraisals": base.appraisals})
    assert "5.5 points" in kinds(strict).sentence("en")[0].text
    assert "1.0 points" in kinds(base).sentence("en")[0].text


# ── thin studies, and what a reader gets ─────────────────────────────────────────────────────────────────


def without(base, *names):
    frame = base.appraisals.drop(columns=list(names))
    return study({"employees": base.employees, "appraisals": frame})


def thin_studies():
    base = panel(seed=12, noise=2.0)
    table = base.appraisals
    once = table[table["period"] == LATEST]
    again = once.assign(rater_id="x" + once["rater_id"], tie=once["tie"].to_numpy()[::-1])
    other = again.assign(score=once["score"] + 2 * np.sin(np.arange(len(once))))
    yield "one period", study({"employees": base.employees, "appraisals": pd.concat([once, other])})
    yield (
        "two raters of one mind",
        study({"employees": base.employees, "appraisals": pd.concat([once, again])}),
    )
    yield "no tie", without(base, "tie")
    yield "no achievement", without(base, "achievement")
    yield "no survey of appraisals", study({"employees": base.employees})
    yield "no variation", changed(base, tie=pd.Categorical(["none"] * len(table), categories=TIES))
    yield "all tied", changed(base, tie=pd.Categorical(["clan"] * len(table), categories=TIES))
    yield "one rater", changed(base, rater_id="r1")
    yield "one rater a unit", changed(base, rater_id=table["employee_id"].map(lambda i: f"r{int(i[1:]) % 4}"))
    yield "rated once", changed(base, employee_id=[f"p{i:03d}" for i in range(len(table))])
    yield "one score", changed(base, score=80.0)
    yield "no noise", panel(seed=13)
    yield "flat achievement", changed(base, achievement=100.0)
    yield (
        "tie by period",
        changed(base, tie=pd.Categorical(np.where(table["period"] % 2, "clan", "none"), categories=TIES)),
    )
    yield "forty", panel(seed=14, n=40, noise=2.0)
    yield "forty, two periods", panel(seed=15, n=40, periods=2, noise=2.0)
    yield "eight", panel(seed=16, n=8, noise=2.0)
    yield "blank", of_chance(3, n=40)


THIN = dict(thin_studies())


@pytest.mark.parametrize("name", THIN)
@pytest.mark.parametrize("question", [kinds, checks])
def test_thin_studies_get_an_answer_or_a_reason(question, name):
    answer = question(THIN[name])
    for finding in answer.findings:
        assert finding.status == "estimated" or finding.reason
    for language in ("id", "en"):
        exhibits = shown(answer, language)
        assert answer.sentence(language)
        assert all(e.html() for e in exhibits)
        told = [*answer.sentence(language), *(answer.details(language) if question is checks else [])]
        assert not any("{" in s.text for s in told)


@pytest.mark.parametrize("name", ["no tie", "no achievement", "no variation", "all tied", "one rater"])
def test_what_cannot_be_estimated_has_no_number(name):
    for question in (kinds, checks):
        assert {f.status for f in question(THIN[name]).findings} == {"not_estimable"}


def test_forty_employees_are_enough():
    assert {f.status for f in checks(THIN["forty"]).findings} == {"estimated"}


def test_one_period_has_no_next_but_the_rest():
    found = by_id(checks(THIN["one period"]))
    assert found["tie_placebo"].status == "not_estimable"
    assert found["tie_effect_two_way"].status == "estimated"


def test_a_tie_that_periods_give_is_not_told_from_them():
    assert by_id(checks(THIN["tie by period"]))["tie_effect_two_way"].status == "not_estimable"


@pytest.mark.parametrize("language", ["id", "en"])
def test_pages_name_nobody(noisy, noisy_checks, language):
    page = " ".join(e.html() for answer in (noisy_checks, kinds(noisy)) for e in shown(answer, language))
    ids = {*noisy.employees["employee_id"], *noisy.appraisals["rater_id"]}
    assert not any(f">{i}<" in page or f" {i} " in page for i in ids)


def test_no_claim_goes_beyond_association(noisy, noisy_checks):
    claims = {f.claim for answer in (noisy_checks, kinds(noisy)) for f in answer.findings}
    assert claims == {"association", "description"}
    assert any("not necessarily a cause" in s.text for s in noisy_checks.sentence("en"))


def test_counts_of_people_are_rounded(noisy_checks):
    assert all(f.n % 5 == 0 and f.groups % 5 == 0 for f in noisy_checks.findings)
