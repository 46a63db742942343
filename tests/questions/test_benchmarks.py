"""Cited figures of other civil services: true to their files, and never beside numbers of few people."""

import csv
import re
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from tests.questions.small import codebook, people, study, survey
from walesi_research import open_study
from walesi_research.language import LANGUAGES, has, say
from walesi_research.questions.benchmarks import benchmarks
from walesi_research.questions.benchmarks.compare import CLOSE, Row
from walesi_research.questions.benchmarks.lines import lines, roles
from walesi_research.questions.benchmarks.positive import Positive, positive
from walesi_research.study.codebook import Codebook, Role
from walesi_research.study.study import Study

BUDGET = 8_192
"""Bytes of all of it in one language."""


def cited(source):
    return [line for line in lines() if line.source.name == source]


def plain(text):
    return re.sub(r"\W+", " ", text).strip().casefold()


def answered(answers, n=40, book=None, staff=None, **changes):
    """Return a study of `n` employees of whom those with an answer in `answers` took part."""
    employees = people(staff or n, 2)
    rows = survey(employees.iloc[:n], answers)
    return study({"employees": employees, "survey": rows}, book or codebook(("culture",)), **changes)


def mixed(positives, n=40):
    """Return answers of `n` people, the first of whom are positive."""
    return np.where(np.arange(n) < positives, 5, 2)


def html(made, language):
    shown = [made.heading, made.sentence, made.plot, made.table, made.details]
    parts = [p if isinstance(p, list) else [p] for p in (show(language) for show in shown)]
    return "".join(exhibit.html() for part in parts for exhibit in part)


# ── the cited figures ────────────────────────────────────────────────────────────────────────────────


def test_every_line_has_a_role_a_reason_and_words():
    assert set(roles()) <= set(get_args(Role))
    for line in lines():
        assert line.why and line.question and 0 < line.share < 1
        for name in (f"role_{line.role}", f"country_{line.source.country}", f"who_{line.source.name}"):
            assert has(f"benchmarks.{name}")


def test_indonesia_comes_first():
    for role in roles():
        countries = [line.source.country for line in lines() if line.role == role]
        assert countries == sorted(countries, key=["indonesia", "uk", "us"].index)


@pytest.mark.shared
def test_gsps_figures_are_those_of_the_file(shared):
    """Shares to the three decimals shipped; `n`, from the interval, to one percent."""
    table = pd.read_csv(shared / "studies" / cited("gsps2012")[0].source.file)
    everyone = table[table["respondent_group"] == "All"].set_index("indicator")
    for line in cited("gsps2012"):
        row = everyone.loc[line.item]
        assert line.share == pytest.approx(row["mean"], abs=5e-4)
        assert plain(line.question) in plain(row["question_text"])
        assert (row["economy"], row["year"], row["scale"]) == ("Indonesia", line.source.year, "1--5")
        half = (row["upper_ci"] - row["lower_ci"]) / 2
        assert line.source.n == pytest.approx(row["mean"] * (1 - row["mean"]) * (1.96 / half) ** 2, rel=0.01)
        assert half < CLOSE


@pytest.mark.shared
def test_csps_figures_are_those_of_the_file(shared):
    """Medians are published to one point."""
    with (shared / "studies" / cited("csps2018")[0].source.file).open(encoding="utf-8-sig") as file:
        table = {row["Measure"]: row for row in csv.DictReader(file)}
    for line in cited("csps2018"):
        row = table[line.item]
        assert line.share == float(row[str(line.source.year)])
        assert plain(line.question) in plain(row["Label"])
        assert "% strongly agree or agree" in row["Label"]


@pytest.mark.shared
def test_fevs_figures_are_the_weighted_shares_of_the_file(shared):
    names = [line.item for line in cited("fevs2018")]
    path = shared / "studies" / cited("fevs2018")[0].source.file
    table = pd.read_csv(path, usecols=[*names, "POSTWT"])
    texts = pd.read_csv(shared / "studies" / "fevs2018_items.csv").set_index("item")["text"]
    for line in cited("fevs2018"):
        share = np.average(table[line.item] >= 4, weights=table["POSTWT"])
        assert line.share == pytest.approx(share, abs=5e-4)
        asked = re.sub(r"\s*\(for example[^)]*\)", "", texts[line.item])
        assert plain(line.question) == plain(asked)
        assert line.source.n == len(table)


# ── our own share ────────────────────────────────────────────────────────────────────────────────────


def test_a_share_counts_answers_above_the_middle_once_turned():
    answers = {"culture1": mixed(20), "culture2": np.where(np.arange(40) < 30, 1.0, np.nan)}
    book = codebook(("culture",), reverse=("culture2",))
    made = positive(answered(answers, book=book), "culture")
    assert (made.n, made.share) == (40, 0.71)  # (20 + 30) / (40 + 30)


def test_the_middle_itself_is_not_positive_on_any_scale():
    four = {"role": "culture", "scale": [1, 4], "label": {"id": "a", "en": "a"}}
    book = Codebook.model_validate({"constructs": {"c": four | {"items": {"c1": {"id": "b", "en": "b"}}}}})
    three = answered({"culture1": np.where(np.arange(40) < 10, 4, 3), "culture2": np.full(40, 3)})
    assert positive(three, "culture").share == 0.13  # 10 of 80
    assert positive(answered({"c1": np.where(np.arange(40) < 10, 3, 2)}, book=book), "c").share == 0.25


def test_the_interval_of_respondents_is_the_textbook_one():
    """Cochran (1977), theorem 3.2, on the logit scale; t with 39 degrees of freedom is 2.0227."""
    made = positive(
        answered({"culture1": mixed(28)}, book=codebook(("culture",), items=1), staff=100), "culture"
    )
    share = 28 / 40
    se = np.sqrt((1 - 40 / 100) * share * (1 - share) / 39)
    ends = np.log(share / (1 - share)) + np.array([-1, 1]) * 2.0227 * se / (share * (1 - share))
    assert (made.low, made.high) == pytest.approx(1 / (1 + np.exp(-ends)), abs=0.005)  # rounded to 0.01
    assert made.se == pytest.approx(se, abs=0.0005)


def test_a_census_has_no_interval():
    made = positive(answered({"culture1": mixed(28), "culture2": mixed(28)}), "culture")
    assert (made.low, made.se, made.high) == (0.7, 0, 0.7)


def test_a_large_sample_is_no_census():
    """Its error rounds to nothing, yet not everyone answered."""
    answers = {"culture1": mixed(8_000, 19_000), "culture2": mixed(8_000, 19_000)}
    made = benchmarks(answered(answers, n=19_000, staff=20_000))
    assert made.findings[0].se == 0.001 and "95% range" in made.plot("en").caption
    everyone = benchmarks(answered(answers, n=19_000))
    assert everyone.findings[0].se == 0 and "all of whom answered" in everyone.plot("en").caption


def test_answers_all_alike_still_have_an_interval():
    """Clopper and Pearson: the lower end solves p^40 = .025."""
    made = positive(answered({"culture1": np.full(40, 5), "culture2": np.full(40, 4)}, staff=50), "culture")
    assert (made.share, made.high) == (1, 1) and made.low == pytest.approx(0.025 ** (1 / 40), abs=0.005)


@pytest.mark.parametrize(("positives", "hidden"), [(4, True), (5, False), (35, False), (36, True)])
def test_neither_the_positive_nor_the_others_may_be_few(positives, hidden):
    made = benchmarks(answered({"culture1": mixed(positives), "culture2": mixed(positives)}))
    assert made.findings[0].status == ("suppressed" if hidden else "estimated")
    assert ("too few people" in made.sentence("en")[0].alt) == hidden
    assert (made.plot("en") == []) == hidden


def test_weights_that_vary_are_told_beside():
    plain_ = answered({"culture1": mixed(20), "culture2": mixed(20)})
    rows = plain_.survey.assign(weight=np.where(np.arange(40) < 20, 3.0, 1.0))
    made = benchmarks(
        Study(plain_.settings, plain_.codebook, {"employees": plain_.employees, "survey": rows})
    )
    assert made.findings[0].estimate == 0.5
    assert "culture 75%" in made.details("en")[0].alt
    assert benchmarks(plain_).details("en") == []


# ── the comparison ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("low", "high", "place"),
    [
        (0.5, 0.65 - CLOSE - 0.01, "below"),
        (0.5, 0.65 - CLOSE + 0.01, "among"),
        (0.7, 0.8, "among"),
        (0.891 + CLOSE + 0.01, 0.99, "above"),
        (0.5, 0.99, "among"),
    ],
)
def test_only_an_interval_beyond_every_cited_figure_differs(low, high, place):
    of_commitment = tuple(line for line in lines() if line.role == "commitment")
    ours = Positive(100, False, (low + high) / 2, 0.02, low, high, sampled=True)
    assert Row("commitment", {"id": "a", "en": "a"}, ours, of_commitment).place == place


@pytest.mark.parametrize(
    ("positives", "answer"), [(8, "Lower"), (34, "Not clearly different")], ids=["low", "high"]
)
def test_the_lead_says_where_answers_lie(positives, answer):
    made = benchmarks(
        answered({"culture1": mixed(positives, 40), "culture2": mixed(positives, 40)}, staff=60)
    )
    assert made.sentence("en")[0].alt.startswith(answer)


def test_a_studys_own_survey_is_not_beside_itself():
    answers = {"culture1": mixed(20), "culture2": mixed(20)}
    ours, theirs = (benchmarks(answered(answers, id=name)) for name in ("small", "fevs2018"))
    assert "US 2018" in html(ours, "en")
    assert "US 2018" not in html(theirs, "en") and "UK 2018" in html(theirs, "en")


def test_where_only_its_own_survey_was_asked_nothing_is_compared():
    answers = {"transparency1": mixed(20), "transparency2": mixed(20)}
    made = benchmarks(answered(answers, book=codebook(("transparency",)), id="fevs2018"))
    assert [s.kind for s in made.sentence("en")] == ["note"] and made.table("en") == []
    shares = {f.id: f.estimate for f in made.findings}
    assert shares["benchmark.transparency"] == 0.5 and shares["benchmark.culture"] is None


def test_without_a_survey_it_says_so():
    made = benchmarks(study({"employees": people(40)}))
    assert {f.status for f in made.findings} == {"not_estimable"} and len(made.findings) == len(roles())
    assert "survei" in html(made, "id").casefold()


@pytest.mark.parametrize(("n", "units"), [(30, 5), (30, 1), (3, 1)])
def test_small_studies_get_words(random_study, n, units):
    made = benchmarks(random_study(n=n, units=units))
    assert len(made.findings) == len(roles())
    assert all(html(made, language) for language in LANGUAGES)


def test_neither_pseudonyms_nor_the_order_of_rows_matter(random_study):
    study_ = random_study()
    names = {name: f"x{i}" for i, name in enumerate(reversed(study_.employees["employee_id"].tolist()))}
    tables = {
        name: table.assign(employee_id=table["employee_id"].map(names)).sample(frac=1, random_state=3)
        for name, table in (("employees", study_.employees), ("survey", study_.survey))
    }
    other = benchmarks(Study(study_.settings, study_.codebook, tables))
    assert other.findings == benchmarks(study_).findings


def test_of_walesi_it_is_small_and_marks_english_as_english(root):
    made = benchmarks(open_study(root / "data" / "walesi"))
    assert [f.status for f in made.findings] == ["estimated"] * len(roles())
    for language in LANGUAGES:
        page = html(made, language)
        assert len(page.encode()) < BUDGET
        assert page.count("<q lang=en>") == (len(lines()) if language == "id" else 0)
        assert ("bukan target" if language == "id" else "not a target") in page


def test_topics_that_differ_are_not_told_as_one():
    """Below every cited figure on one topic and among them on another: neither is the answer."""
    answers = {"culture1": mixed(6), "culture2": mixed(6), "skill1": mixed(34), "skill2": mixed(34)}
    made = benchmarks(answered(answers, book=codebook(("culture", "skill")), staff=60))
    assert len({row.place for row in made.rows}) == 2
    assert made.heading("en")[0].alt == say("en", "benchmarks.heading_mixed")
