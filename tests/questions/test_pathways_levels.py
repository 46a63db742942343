"""Culture of the unit or of the person, on studies whose units differ as much as we let them."""

import numpy as np
import pandas as pd
import pytest

from tests.questions.small import codebook, people, study, survey
from walesi_research.language import Message
from walesi_research.questions.pathways.levels import Context, Levels, _fitted, levels
from walesi_research.study.study import Study

ROLES = ("culture", "recognition", "performance")
JARGON = ("ICC", "r_WG", "simpangan baku", "standard deviation", "median", "CR2")


def world(units=40, size=15, *, share=0.3, own=0.4, added=0.0, seed=3, roles=ROLES):
    """A study whose culture and recognition lie between units by `share`; performance follows the employee's
    own by `own` and the unit's mean by `added` on top. Answers are continuous, two items a scale."""
    rng = np.random.default_rng(seed)
    employees = people(units * size, units)
    unit = np.arange(units * size) // size
    true = {
        role: 3
        + np.sqrt(share) * rng.normal(size=units)[unit]
        + np.sqrt(1 - share) * rng.normal(size=len(unit))
        for role in ("culture", "recognition")
    }
    of_unit = (np.bincount(unit, true["culture"]) / size)[unit]
    noise = 0.3 * rng.normal(size=units)[unit] + rng.normal(size=len(unit))
    true["performance"] = own * true["culture"] + added * of_unit + noise
    answers = {f"{role}{i}": true[role] for role in roles for i in (1, 2)}
    return study({"employees": employees, "survey": survey(employees, answers)}, codebook(roles))


def texts(exhibits):
    return " ".join(e.alt for e in exhibits)


def told(result):
    return {language: texts(result.sentence(language)) for language in ("id", "en")}


def test_what_lies_between_units_is_found():
    """ICC(1) of 60 units of 20 has a standard error of about .04."""
    result = levels(world(60, 20, share=0.3))
    icc = result.shared["culture"].correlations
    assert icc.single.estimate == pytest.approx(0.3, abs=0.12)
    assert icc.mean.estimate == pytest.approx(20 * 0.3 / (1 + 19 * 0.3), abs=0.06)
    assert result.states() == {"culture": "unit", "recognition": "unit"}
    assert "sebagian milik unit" in told(result)["id"] and "partly of the unit" in told(result)["en"]
    assert texts(
        result.heading("en")
    ) == "Culture is partly of the unit, partly a personal view" or result.heading("en")


def test_what_does_not_is_of_the_person():
    result = levels(world(60, 20, share=0.0))
    assert set(result.states().values()) == {"person"}
    assert told(result)["en"].count("mostly each employee's own view") == 1
    assert told(result)["id"].startswith("Budaya kerja dan penghargaan: terutama penilaian masing-masing")


def test_too_few_to_tell_is_said():
    result = levels(world(6, 8, share=0.1, seed=8))
    assert result.states()["culture"] == "open"
    assert "belum dapat disimpulkan" in told(result)["id"] and "cannot be told" in told(result)["en"]
    assert "6 unit terlalu sedikit, diperlukan paling sedikit 10" in told(result)["id"]
    assert isinstance(result.contexts["culture"], Message)


def test_the_context_is_told_apart_from_ones_own_answer():
    """Standard error of the difference about .1 total standard deviations with 80 units."""
    more, less, none = (levels(world(80, 15, added=added)) for added in (1.0, -1.0, 0.0))
    assert more.contexts["culture"].difference.low > 0 and less.contexts["culture"].difference.high < 0
    assert "rate work culture better, performance is higher" in told(more)["en"]
    assert "kinerja lebih rendah" in told(less)["id"]
    assert none.contexts["culture"].within.low > 0
    assert none.contexts["culture"].difference.low < 0 < none.contexts["culture"].difference.high
    assert "rekan seunit atas budaya kerja" in told(none)["id"]


def test_the_link_within_units_is_least_squares_with_a_level_for_each():
    opened = world(12, 10, added=0.5)
    context = levels(opened).contexts["culture"]
    x, y = (opened.survey[f"{name}1"].to_numpy() for name in ("culture", "performance"))
    unit = opened.employees["unit"].to_numpy()
    scale = x.std(ddof=1) / y.std(ddof=1)
    dummies = pd.get_dummies(unit).to_numpy(float)
    within = np.linalg.lstsq(np.column_stack([x, dummies]), y, rcond=None)[0][0] * scale
    means = pd.DataFrame({"x": x, "y": y}).groupby(unit).mean()
    between = np.polyfit(means["x"], means["y"], 1)[0] * scale  # units are of one size
    assert context.within.estimate == pytest.approx(within, abs=1e-9)
    assert context.between.estimate == pytest.approx(between, abs=1e-9)
    assert context.difference.estimate == pytest.approx(between - within, abs=1e-9)


def test_units_without_a_context_seldom_seem_to_have_one():
    """400 worlds of twelve uneven units, level .05: at most 8 %, two Monte Carlo errors above it."""
    sizes = np.array([5, 6, 6, 8, 8, 10, 10, 12, 14, 16, 20, 30])
    unit, rng, found = np.repeat(np.arange(12), sizes), np.random.default_rng(4), []
    for _ in range(400):
        x = 0.5 * rng.normal(size=12)[unit] + rng.normal(size=len(unit))
        y = 0.4 * x + 0.4 * rng.normal(size=12)[unit] + rng.normal(size=len(unit))
        found.append(_fitted(pd.DataFrame({"x": x, "y": y, "unit": unit}), 0.95).difference.p < 0.05)
    assert np.mean(found) <= 0.08


def test_how_many_units_would_do():
    """Standard error .5 with ten units, a link of .5: ten times (1.96 + .84)² is 78.5, in tens 80."""
    fit = levels(world(12, 10)).contexts["culture"]
    part = type(fit.within)
    clear, vague = part(0.5, 0.1, 20, 0.3, 0.7, 0.001), part(0.5, 0.4, 20, -0.3, 1.3, 0.2)
    wide = part(0.0, 0.5, 6, -1.2, 1.2, 1.0)
    assert Context(clear, wide, wide, 10).needed(0.95) == 80
    assert Context(vague, wide, wide, 10).needed(0.95) is None
    assert Context(clear, wide, clear, 10).needed(0.95) is None  # ten do
    assert Context(part(0.05, 0.01, 20, 0.03, 0.07, 0.001), wide, wide, 10).needed(0.95) is None  # thousands


# ── studies that cannot tell ─────────────────────────────────────────────────────────────────────────────


def without_survey():
    return study({"employees": people(20)})


def without_unit_differences():
    opened = world(12, 10)
    answers = {name: opened.survey[name].to_numpy() for name in opened.codebook.items}
    unit = opened.employees["unit"].cat.codes.to_numpy()
    answers |= {f"culture{i}": 1.0 + unit % 5 for i in (1, 2)}
    return study(
        {"employees": opened.employees, "survey": survey(opened.employees, answers)}, opened.codebook
    )


@pytest.mark.parametrize(
    ("opened", "words", "status"),
    [
        (without_survey(), {"id": "tidak memuat survei", "en": "no survey"}, "not_estimable"),
        (world(12, 10, roles=("performance",)), {"id": "tidak menanyakan", "en": "neither"}, "not_estimable"),
        (world(1, 60), {"id": "hanya 1 unit", "en": "who answered is 1,"}, "not_estimable"),
        (world(20, 3), {"id": "hanya 0 unit", "en": "who answered is 0,"}, "not_estimable"),
        (world(2, 30), {"id": "diperlukan 3", "en": "3 are needed"}, "not_estimable"),
        (without_unit_differences(), {"id": "tidak berbeda", "en": "do not differ"}, "not_estimable"),
        (world(12, 10, roles=("culture",)), {"id": "Tanpa ukuran", "en": "Without a measure"}, "estimated"),
    ],
    ids=["no survey", "not asked", "one unit", "tiny units", "two units", "all alike", "no performance"],
)  # fmt: skip
def test_odd_studies_get_words(opened, words, status):
    result = levels(opened)
    for language, part in words.items():
        assert part in texts(result.sentence(language))
        if status == "not_estimable" and not result.states():
            assert [result.heading(language), result.table(language), result.details(language)] == [
                [],
                [],
                [],
            ]
    assert [f.status for f in result.findings] == [status] * 2
    assert all((f.reason is None) == (status == "estimated") for f in result.findings)


def test_units_of_one_mean_have_no_context():
    """Units whose answers have the same mean: a coefficient of nothing is not made up."""
    employees = people(60, 12)
    answers = {f"{role}{i}": np.tile([1.0, 2, 3, 4, 5], 12) for role in ROLES for i in (1, 2)}
    noise = np.random.default_rng(1).normal(size=60)
    answers |= {f"performance{i}": 3 + noise for i in (1, 2)}
    result = levels(study({"employees": employees, "survey": survey(employees, answers)}, codebook(ROLES)))
    assert isinstance(result.contexts["culture"], Message)
    assert "tidak cukup berbeda" in told(result)["id"] and "do not differ enough" in told(result)["en"]


def test_one_scale_is_enough():
    result = levels(world(12, 10, roles=("recognition", "performance")))
    assert "Penghargaan" in texts(result.heading("id")) + told(result)["id"]
    assert len(result.table("id").columns) == 2
    assert [f.status for f in result.findings] == ["not_estimable"] * 2


def test_questions_may_be_named_as_they_like():
    opened = world(12, 10)
    constructs = opened.codebook.model_dump(mode="json")["constructs"]
    renamed = {"culture1": "score", "culture2": "unit"}
    items = constructs["culture"]["items"]
    constructs["culture"]["items"] = {renamed[name]: text for name, text in items.items()}
    book = type(opened.codebook).model_validate({"constructs": constructs})
    rows = opened.survey.rename(columns=renamed)
    other = study({"employees": opened.employees, "survey": rows}, book)
    assert numbers(levels(other)) == numbers(levels(opened))


# ── what a page may show ─────────────────────────────────────────────────────────────────────────────────


def test_small_units_are_left_out():
    large = world(12, 10)
    employees = people(123, 1)
    employees["unit"] = pd.Categorical([*large.employees["unit"].astype(str), *["z"] * 3])
    rows = large.survey.drop(columns=["employee_id", "date", "wave", "weight"])
    answers = pd.concat([rows, rows.head(3)])
    both = study({"employees": employees, "survey": survey(employees, answers)}, large.codebook)
    assert numbers(levels(both)) == pytest.approx(numbers(levels(large)), abs=1e-12)


def numbers(result: Levels) -> list[float]:
    fits = [
        c for role in result.shared for c in (result.contexts[role].within, result.contexts[role].difference)
    ]
    agreed = [found.agreement for found in result.shared.values()]
    return [*agreed, *(x for f in result.findings for x in (f.estimate, f.low, f.high)),
            *(x for c in fits for x in (c.estimate, c.low, c.high))]  # fmt: skip


def test_neither_pseudonyms_nor_the_order_of_rows_nor_units_of_measurement_matter():
    opened = world(12, 10)
    order = np.random.default_rng(1).permutation(len(opened.survey))
    renamed = {
        e: f"q{i:03d}" for i, e in enumerate(opened.employees["employee_id"].sample(frac=1, random_state=2))
    }
    employees = opened.employees.assign(employee_id=opened.employees["employee_id"].map(renamed))
    rows = opened.survey.assign(employee_id=opened.survey["employee_id"].map(renamed)).iloc[order]
    rows[["performance1", "performance2"]] = 10 * rows[["performance1", "performance2"]] - 4
    other = Study(opened.settings, opened.codebook, {"employees": employees, "survey": rows})
    assert numbers(levels(other)) == pytest.approx(numbers(levels(opened)), abs=1e-9)


@pytest.mark.parametrize("language", ["id", "en"])
def test_sentences_are_without_jargon_and_the_section_is_short(language):
    for opened in (world(60, 20), world(6, 8, share=0.1), world(80, 15, added=1.0)):
        result = levels(opened)
        shown = [*result.heading(language), *result.sentence(language)]
        assert not any(word in texts(shown) for word in JARGON)
        everything = [*shown, result.table(language), *result.details(language)]
        assert sum(len(e.html()) for e in everything) < 6_000
        assert "ICC(1)" in result.table(language).html()


def test_the_bundled_study_is_answered(root):
    from walesi_research.study import open_study

    result = levels(open_study(root / "data/walesi"))
    culture = result.shared["culture"].correlations.single
    truth = 0.12  # `latent_icc` of its maker, less what scale means add of error
    assert culture.low <= truth <= culture.high
    assert [f.status for f in result.findings] == ["estimated"] * 2
    assert all(result.sentence(language) for language in ("id", "en"))
