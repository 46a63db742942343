"""Checks know right answers, common mistakes and nonsense; answers follow from the study and its seed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from tests.exercises.notebook import TABLES, solved
from tests.exercises.solutions import SOLUTIONS
from walesi_research import open_study
from walesi_research.exercises import Lesson, clusters, tie, worlds
from walesi_research.exercises import target as target_module
from walesi_research.exercises.clusters import cluster_worlds
from walesi_research.exercises.lesson import EXERCISES, NUMBERS
from walesi_research.language import LANGUAGES, has, say
from walesi_research.stats.robust import cr2
from walesi_research.study.synthetic import simulate_folder

MISTAKES = {
    ("tie_difference", "overall"): """
x = appraisals.query("tie == 1")["score"].mean() - appraisals["score"].mean()""",
    ("tie_difference", "median"): """
m = appraisals.groupby("tie")["score"].median(); x = m[1] - m[0]""",
    ("tie_difference", "sign"): """
m = appraisals.groupby("tie")["score"].mean(); x = m[0] - m[1]""",
    ("tie_error", "sd"): "x = appraisals['score'].std()",
    ("tie_error", "plain"): "x = smf.ols('score ~ tie', appraisals).fit().bse['tie']",
    ("tie_error", "rater"): """
by = {"groups": appraisals["rater"]}
x = smf.ols("score ~ tie", appraisals).fit(cov_type="cluster", cov_kwds=by).bse["tie"]
""",
    ("tie_effect", "raw"): "x = smf.ols('score ~ tie', appraisals).fit().params['tie']",
    ("tie_effect", "people"): "x = smf.ols('score ~ tie + achievement', appraisals).fit().params['tie']",
    ("tie_effect", "achievement"): """
x = smf.ols("score ~ tie + C(employee) + C(rater) + C(period)", appraisals).fit().params["tie"]""",
    ("tie_effect", "slope"): """
model = "score ~ tie + achievement + C(employee) + C(rater) + C(period)"
x = smf.ols(model, appraisals).fit().params["achievement"]""",
    ("hours_slope", "everyone"): "x = smf.ols('achievement ~ hours', panel).fit().params['hours']",
    ("hours_slope", "periods"): """
x = smf.ols("achievement ~ hours + leadership + C(employee)", panel).fit().params["hours"]""",
    ("hours_slope", "people"): """
x = smf.ols("achievement ~ hours + leadership + C(period)", panel).fit().params["hours"]""",
    ("hours_slope", "leadership"): """
x = smf.ols("achievement ~ hours + C(employee) + C(period)", panel).fit().params["hours"]""",
    ("hours_slope", "leadership_hours"): """
model = "achievement ~ hours_with_leadership + leadership + C(employee) + C(period)"
x = smf.ols(model, panel).fit().params["hours_with_leadership"]""",
    ("hours_slope", "unit"): f"{SOLUTIONS['hours_slope']}\nx = hours_slope / 10",
    ("alpha", "not_reversed"): SOLUTIONS["alpha"].replace("sum(lesson.scale) - keyed[item]", "keyed[item]")
    + "\nx = alpha",
    ("alpha", "filled"): SOLUTIONS["alpha"].replace("keyed.dropna()", "keyed.fillna(keyed.mean())")
    + "\nx = alpha",
    ("alpha", "factor"): SOLUTIONS["alpha"].replace("k / (k - 1) *", "") + "\nx = alpha",
    ("attenuation", "naive"): "x = smf.ols('motivation ~ culture_1', world).fit().params['culture_1']",
    ("attenuation", "multiplied"): """
x = smf.ols("motivation ~ culture_1", world).fit().params["culture_1"] * world.corr().iloc[0, 1]""",
    ("attenuation", "root"): """
x = smf.ols("motivation ~ culture_1", world).fit().params["culture_1"] / world.corr().iloc[0, 1] ** 0.5""",
    ("attenuation", "truth"): "x = lesson.world('attenuation').truth",
    ("selection", "naive"): "x = smf.ols('after ~ joined', world).fit().params['joined']",
    ("selection", "held"): "x = smf.ols('after ~ joined + before', world).fit().params['joined']",
    ("selection", "gain"): "x = (world['after'] - world['before'])[world['joined'] == 1].mean()",
    ("selection", "before"): "x = smf.ols('before ~ joined', world).fit().params['joined']",
    ("common_method", "naive"): "x = world.corr().loc['culture', 'performance']",
    ("common_method", "undivided"): """
x = world.corr().loc["culture", "performance"] - world.corr().loc["culture", "marker"]""",
    ("common_method", "partial"): """
a, b = (smf.ols(f"{name} ~ marker", world).fit().resid for name in ("culture", "performance"))
x = a.corr(b)""",
    ("common_method", "record"): "x = world['culture'].corr(world['achievement'])",
}  # fmt: skip
"""Code a student might write, by exercise and the mistake it is: pandas and statsmodels, nothing of ours."""


@pytest.fixture(scope="module")
def study(root):
    return open_study(root / "data" / "walesi")


@pytest.fixture(scope="module")
def lesson(study):
    return Lesson(study, "en")


def run(code, lesson, world=None):
    """Run a student's code and return what it defined."""
    names = {"lesson": lesson, "smf": smf, "pd": pd, "np": np}
    names |= {name: getattr(lesson, name) for name in TABLES}
    if world is not None:
        names["world"] = lesson.world(world).data
    exec(code, names)
    return names


@pytest.mark.parametrize(("name", "mistake"), list(MISTAKES))
def test_a_common_mistake_is_called_by_its_name(lesson, name, mistake):
    world = name if name in ("attenuation", "selection", "common_method") else None
    reply = lesson.check(name, run(MISTAKES[name, mistake], lesson, world)["x"])
    assert (reply.state, reply.mistake) == ("not_yet", mistake)
    key = f"exercises.{mistake}" if mistake in ("sign", "unit") else f"exercises.{name}_{mistake}"
    assert say("en", key) in reply.alt


def test_every_mistake_that_is_looked_for_has_words_and_every_exercise_has_its_own(study):
    for name in EXERCISES:
        assert has(f"exercises.{name}_title")
        assert say("id", f"exercises.{name}_hint") != say("en", f"exercises.{name}_hint")
    for name, target in NUMBERS.items():
        assert [m for m in target(study).mistakes if not has_words(name, m)] == []


def has_words(name, mistake):
    return all(say(language, f"exercises.{name}_{mistake}") for language in LANGUAGES)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (..., "..."),
        (None, "..."),
        ("five", "single number"),
        ([1, 2], "single number"),
        (float("nan"), "single number"),
        (10**400, "single number"),
        (5.9, "too high"),
        (1.0, "too low"),
        (0.0, "too low"),
    ],
)
def test_nonsense_is_told_why(lesson, answer, word):
    reply = lesson.check("tie_difference", answer)
    assert not reply.right
    assert word in reply.alt


@pytest.mark.parametrize("wrap", [float, np.float64, lambda x: pd.Series([x]), lambda x: round(x, 2), str])
def test_a_right_number_may_come_in_any_form_and_be_rounded(lesson, wrap):
    means = lesson.appraisals.groupby("tie")["score"].mean()
    assert lesson.check("tie_difference", wrap(means[1] - means[0])).right


def test_the_tolerance_is_kept(lesson):
    means = lesson.appraisals.groupby("tie")["score"].mean()
    right = means[1] - means[0]
    assert lesson.check("tie_difference", right + 0.009).right
    assert not lesson.check("tie_difference", right + 0.011).right


def fitted(data, **options):
    return smf.ols("achievement ~ programme", data).fit(**options).conf_int().loc["programme"]


def clustered(data, **options):
    return fitted(data, cov_type="cluster", cov_kwds={"groups": data["unit"]}, **options)


def satterthwaite(data):
    fit = cr2(data["achievement"], np.column_stack([np.ones(len(data)), data["programme"]]), data["unit"])
    return fit.low[1], fit.high[1]


@pytest.mark.parametrize(
    ("interval", "mistake"),
    [
        (fitted, "plain"),
        (clustered, "normal"),
        (lambda data: clustered(data, use_t=True), "nearly"),
        (lambda data: (-99, 99), "wide"),
        (lambda data: (-1, 1), "short"),
        (lambda data: 1 / 0, None),
        (lambda data: 3, None),
        (7, None),
        (satterthwaite, "right"),
    ],
)
def test_an_interval_of_few_units(lesson, interval, mistake):
    reply = lesson.check("clusters", interval)
    assert (reply.right, reply.mistake) == ((True, None) if mistake == "right" else (False, mistake))
    assert reply.right or say("en", "exercises.clusters_hint") in reply.alt


def test_a_function_that_alters_its_data_alters_its_own(study):
    """Standardised in place, the effect is in other units: wrong then, and nothing is left of it after."""

    def standardised(data):
        data["achievement"] = (data["achievement"] - data["achievement"].mean()) / data["achievement"].std()
        return satterthwaite(data)

    lesson, before = Lesson(study, "en"), cluster_worlds(study)[0].data.copy()
    assert not lesson.check("clusters", standardised).right
    lesson.coverage(standardised)
    pd.testing.assert_frame_equal(cluster_worlds(study)[0].data, before)
    assert lesson.check("clusters", satterthwaite).right


def test_a_right_interval_of_unlucky_worlds_is_not_said_to_hold_as_promised(lesson, monkeypatch):
    """Nor is one as wide about another middle right."""
    monkeypatch.setattr(clusters, "ENOUGH", 1.01)
    reply = lesson.check("clusters", satterthwaite)
    assert reply.right and "luck of the draw" in reply.alt and "as it promises" not in reply.alt
    moved = lesson.check("clusters", lambda data: tuple(np.array(satterthwaite(data)) + 3))
    assert not moved.right and moved.mistake == "short"


@pytest.mark.parametrize(("effect", "word"), [(-9.0, "points lower"), (9.0, "points higher")])
def test_a_difference_is_told_with_its_direction(effect, word, tmp_path):
    made = simulate_folder(
        tmp_path / "w", seed=4, population=0, employees=60, units=6, quarters=8, tie_effect=effect
    )
    lesson = Lesson(open_study(made), "en")
    reply = lesson.check("tie_difference", solved(lesson, "tie_difference"))
    assert reply.right and word in reply.alt and "-" not in reply.alt.partition(word)[0]


@pytest.mark.parametrize(("times", "sure"), [(0.8, False), (1.0, False), (1.4, True)])
def test_a_warning_of_being_too_sure_is_given_where_the_error_grew(times, sure, lesson, monkeypatch):
    """The ordinary error set so that the one by employee is so many times it."""
    right = tie.tie_error(lesson.study).right[0]
    monkeypatch.setattr(tie, "_plain_errors", lambda y, held: (right / times, right / times + 1))
    target = tie.tie_error(lesson.study)
    reply = target_module.graded("tie_error", right, replace(target, mistakes={}), "en")
    assert reply.right and ("too sure" in reply.alt) == sure and ("no larger" in reply.alt) != sure


def test_coverage_is_what_it_should_be(lesson):
    """95% by theory for t on means of units; 500 worlds have an error of 1 point, three are allowed.

    Rows as if independent: the error is ``sqrt((4 + 9 / 20) / (13 / 20)) = 2.6`` times too small, which with
    t on 4 degrees of freedom leaves ``P(|t| < 1.98 / 2.6) = 0.51``.
    """
    assert abs(lesson.coverage(satterthwaite) - 0.95) < 0.03
    assert abs(lesson.coverage(fitted) - 0.51) < 0.07


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (("didukung", "tidak didukung"), None),
        (("supported", "not_supported"), None),
        (("supported", "supported"), "side"),
        (("cannot tell", "not supported"), None),
        (("not supported", "not supported"), "side"),
        (("yes", "no"), None),
        ("supported", None),
    ],
)
def test_verdicts(lesson, answer, mistake):
    """In Walesi a tie adds about 5 (limit 1, above), achievement about 3 (limit 0.5, below)."""
    reply = lesson.check("verdicts", answer)
    assert reply.right == (answer in [("didukung", "tidak didukung"), ("supported", "not_supported")])
    assert reply.mistake == mistake


def test_a_question_of_ones_own(lesson):
    people = lesson.people
    model = smf.ols("motivation ~ recognition + C(unit)", people).fit()
    slope = model.params["recognition"]
    right = lesson.check("own", ("motivation", "recognition", slope))
    assert right.right and "associated with a higher motivation" in right.alt
    plain = smf.ols("motivation ~ recognition", people).fit().params["recognition"]
    correlation = people["motivation"].corr(people["recognition"])
    for answer, mistake in ((plain, "units"), (correlation, "correlation")):
        assert lesson.check("own", ("motivation", "recognition", answer)).mistake == mistake
    assert lesson.check("own", ("recognition", "motivation", slope)).mistake == "swapped"
    assert "Perhaps motivation?" in lesson.check("own", ("motivatoin", "recognition", slope)).alt
    assert "different" in lesson.check("own", ("motivation", "motivation", 1.0)).alt
    for answer in (slope, ("motivation", "recognition"), ("motivation", "recognition", "much")):
        assert "three things" in lesson.check("own", answer).alt


def test_a_wrong_name_is_an_error_with_the_nearest(study):
    with pytest.raises(KeyError, match="tie_effect"):
        Lesson(study).check("tie_efect", 1)
    with pytest.raises(KeyError, match="language"):
        Lesson(study, "fr")


def test_progress_counts_what_is_right_now(study):
    lesson = Lesson(study, "en")
    means = lesson.appraisals.groupby("tie")["score"].mean()
    lesson.check("tie_difference", means[1] - means[0])
    assert lesson.progress().caption == "1 of 11 exercises right"
    lesson.check("tie_difference", 0)
    assert lesson.progress().caption == "0 of 11 exercises right"


def test_answers_follow_the_seed_and_not_the_order_of_rows_or_pseudonyms(root, study, tmp_path):
    folder = tmp_path / "walesi"
    folder.mkdir()
    for path in (root / "data" / "walesi").glob("*.toml"):
        (folder / path.name).write_bytes(path.read_bytes())
    for path in (root / "data" / "walesi").glob("*.csv"):
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        rows.sample(frac=1, random_state=1).to_csv(folder / path.name, index=False)
    again = open_study(folder)
    changed = study.settings.model_copy(update={"study": study.settings.study.model_copy(update={"seed": 1})})
    other = replace(study, settings=changed)
    for name, target in NUMBERS.items():
        right = np.atleast_1d(target(study).right)
        np.testing.assert_allclose(np.atleast_1d(target(again).right), right, rtol=1e-9, err_msg=name)
        drawn = name in ("attenuation", "selection", "common_method")
        assert drawn != np.allclose(np.atleast_1d(target(other).right), right, rtol=1e-9), name


def test_each_world_breaks_what_it_says_and_no_more():
    """Among 200,000 people what is seen is off as theory says, and what mends it finds the truth."""
    rng, many = np.random.default_rng(5), 200_000
    world = worlds.attenuation(rng, many)
    seen = world.data["motivation"].cov(world.data["culture_1"]) / world.data["culture_1"].var()
    assert abs(seen - 0.6 * world.truth) < 0.01  # four errors of a slope among so many
    assert abs(seen / world.data["culture_1"].corr(world.data["culture_2"]) - world.truth) < 0.015
    world = worlds.selection(rng, many)
    means = world.data.groupby("joined")[["before", "after"]].mean().diff().iloc[1]
    assert means["before"] > 3
    assert abs(means["after"] - means["before"] - world.truth) < 0.08  # four errors
    R = worlds.common_method(rng, many).data.corr()
    assert abs(R.loc["culture", "performance"] - 0.49 / 1.49) < 0.01
    assert abs(R.loc["culture", "achievement"]) < 0.01


@pytest.mark.parametrize(
    "sizes",
    [
        {"employees": 30, "units": 3, "quarters": 8},
        {"employees": 60, "units": 6, "quarters": 8, "tie_effect": 0.0, "hours_slope": 0.0},
    ],
    ids=["thirty", "nothing"],
)
def test_a_students_code_is_right_in_another_study_too(sizes, tmp_path):
    """Statsmodels and pandas find what the package's own estimators do, however small the study."""
    study = open_study(simulate_folder(tmp_path / "world", seed=4, population=0, **sizes))
    lesson = Lesson(study, "id")
    replies = {name: lesson.check(name, solved(lesson, name)) for name in EXERCISES if name != "clusters"}
    assert [(name, reply.alt) for name, reply in replies.items() if not reply.right] == []
