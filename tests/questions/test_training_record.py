"""Who is trained: hand counts, the rule of disclosure, and what people say they lack."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.questions.small import codebook, people, study, survey
from walesi_research import open_study
from walesi_research.language import LANGUAGES
from walesi_research.questions.training.gaps import gaps
from walesi_research.questions.training.norm import norm
from walesi_research.questions.training.programmes import MOST, OTHERS, programmes
from walesi_research.questions.training.record import covered_years

KINDS = ("leadership", "technical", "functional", "sociocultural")
METHODS = ("sentence", "heading", "left_out", "plot", "table", "details")


def courses(rows, first="2023-01-15", last="2024-12-20"):
    """Return a training table of (employee, hours, day, kind) between two courses of 1 JP."""
    ends = [("p000", 1.0, first, "technical"), ("p000", 1.0, last, "technical")]
    table = pd.DataFrame([*ends, *rows], columns=["employee_id", "hours", "completed_on", "kind"])
    table["completed_on"] = pd.to_datetime(table["completed_on"])
    table["kind"] = pd.Categorical(table["kind"], categories=KINDS)
    return table.assign(programme=table["kind"].astype(str), hours=table["hours"].astype(float))


def listed(n=40, units=2, **columns):
    return people(n, units).assign(start_year=2010.0, **columns)


def trained(reaching, n=40, day="2024-06-01", **columns):
    """Return a study in which employees `reaching` (positions) have 20 JP in 2024."""
    rows = [(f"p{k:03d}", 20.0, day, "technical") for k in reaching]
    return study({"employees": listed(n, **columns), "training": courses(rows)}, codebook(()))


def shown(result, language):
    """Return all that a result shows."""
    for name in METHODS:
        exhibits = getattr(result, name)(language) if hasattr(result, name) else []
        yield from exhibits if isinstance(exhibits, list) else [exhibits]


@pytest.fixture(scope="module")
def walesi(root):
    return open_study(root / "data" / "walesi")


# ── the 20 JP a year ─────────────────────────────────────────────────────────────────────────────


def test_the_share_of_the_bundled_study_is_the_true_one_rounded(root, walesi):
    truth = json.loads((root / "data" / "walesi" / "truth.json").read_text(encoding="utf-8"))
    true = truth["findings"]["training.norm_share"]["value"]
    (finding,) = norm(walesi).findings
    assert finding.estimate == round(true, 2)
    assert (finding.se, finding.low, finding.high) == (0.0, finding.estimate, finding.estimate)
    assert finding.n == 155 and finding.claim == "description"
    assert norm(walesi).year == 2024


def test_the_share_counts_all_kinds_within_the_year_among_those_in_service_all_of_it():
    rows = [(f"p{k:03d}", 20.0, "2024-06-01", "technical") for k in range(8)]
    rows += [("p008", 12.0, "2024-01-01", "functional"), ("p008", 8.0, "2024-12-31", "leadership")]
    rows += [("p009", 19.0, "2024-06-01", "technical"), ("p010", 20.0, "2023-12-31", "technical")]
    rows += [(f"p{k:03d}", 40.0, "2024-06-01", "technical") for k in (30, 31, 32, 33)]  # none of these count
    employees = listed(left_on=pd.NaT)
    employees.loc[30, "start_year"], employees.loc[31, "start_year"] = 2024.0, np.nan
    employees["left_on"] = pd.to_datetime(employees["left_on"])
    employees.loc[[32, 33], "left_on"] = pd.to_datetime(["2024-12-31", "2024-03-01"])
    employees.loc[34, "left_on"] = pd.Timestamp("2025-01-01")
    result = norm(study({"employees": employees, "training": courses(rows)}, codebook(())))
    assert (result.served, result.met) == (36, 9)
    assert result.findings[0].estimate == 0.25


@pytest.mark.parametrize(
    ("first", "last", "years"),
    [
        ("2022-07-05", "2025-01-29", [2023, 2024]),
        ("2022-01-31", "2024-12-01", [2022, 2023, 2024]),
        ("2022-02-01", "2024-11-30", [2023]),
        ("2024-02-01", "2024-12-31", []),
    ],
)
def test_a_year_counts_that_the_table_covers_from_january_to_december(first, last, years):
    opened = study({"employees": listed(), "training": courses([], first, last)}, codebook(()))
    assert covered_years(opened) == years
    assert norm(opened).year == (years[-1] if years else None)


@pytest.mark.parametrize(
    ("reached", "word"), [(19, "Less than half"), (20, "About half"), (21, "More than half")]
)
def test_the_lead_says_on_which_side_of_the_limit_the_share_lies(reached, word):
    assert norm(trained(range(reached))).sentence("en")[0].alt.startswith(word)


@pytest.mark.parametrize(
    ("reached", "n", "word"),
    [(3, 40, "Hardly anyone"), (37, 40, "Nearly everyone"), (2, 4, "Not shown")],
)
def test_a_share_that_would_tell_of_few_people_is_suppressed(reached, n, word):
    result = norm(trained(range(reached), n))
    assert result.findings[0].status == "suppressed"
    assert result.sentence("en")[0].alt.startswith(word)
    table = result.table("en")
    assert not table or not any(isinstance(row, list) for row in table.rows)


def test_groups_of_few_people_are_hidden_and_cannot_be_found_by_subtraction():
    gender = pd.Categorical(["f"] * 38 + ["m"] * 2)
    result = norm(trained(range(20), gender=gender))
    assert result.groups["gender"]["hidden"].all()
    gender = pd.Categorical(["f"] * 20 + ["m"] * 20)
    assert not norm(trained(range(10, 30), gender=gender)).groups["gender"]["hidden"].any()


def test_a_group_is_said_to_be_left_out_only_where_it_clearly_is():
    gender = pd.Categorical(["f"] * 20 + ["m"] * 20)
    groups = {"gender": gender, "unit": pd.Categorical(["a"] * 40)}
    clear = norm(trained([*range(14), *range(20, 25)], **groups))  # 14 of 20 women, 5 of 20 men
    slight = norm(trained([*range(11), *range(20, 28)], **groups))  # 11 and 8
    assert clear.lagging == [("gender", "m")]
    assert "Men (25%)" in clear.left_out("en")[0].alt
    assert slight.lagging == [] and "No group" in slight.left_out("en")[0].alt
    p = stats.fisher_exact([[5, 15], [14, 6]]).pvalue
    assert norm(clear.study, level=1 - 1.01 * p).lagging == [("gender", "m")]
    assert norm(clear.study, level=1 - 0.99 * p).lagging == []


def test_chance_alone_names_a_group_in_one_study_of_twenty_at_most():
    rng = np.random.default_rng(3)
    groups = {
        "status": pd.Categorical(rng.choice(["pns", "pppk"], 120)),
        "position": pd.Categorical(rng.choice(["executor", "functional", "managerial"], 120)),
        "gender": pd.Categorical(rng.choice(["f", "m"], 120)),
        "unit": pd.Categorical(np.sort(rng.choice(list("abcdef"), 120))),
    }
    found = [
        bool(norm(trained(np.flatnonzero(rng.random(120) < 0.4), 120, **groups)).lagging) for _ in range(100)
    ]
    assert np.mean(found) <= 0.08  # Fisher and Holm hold 5 %; one lagging group is half of that or less


def test_neither_pseudonyms_nor_the_order_of_rows_change_anything():
    first = trained([*range(14), *range(20, 25)], gender=pd.Categorical(["f"] * 20 + ["m"] * 20))
    other = study(
        {
            "employees": first.employees.assign(employee_id="x" + first.employees["employee_id"]),
            "training": first.training.assign(employee_id="x" + first.training["employee_id"]).iloc[::-1],
        },
        codebook(()),
    )
    for question in (norm, programmes):
        assert [f.as_record() for f in question(first).findings] == [
            f.as_record() for f in question(other).findings
        ]
        assert [e.alt for e in shown(question(first), "id")] == [e.alt for e in shown(question(other), "id")]


# ── programmes ───────────────────────────────────────────────────────────────────────────────────


def named(rows):
    table = courses([(e, h, "2024-06-01", k) for e, _, h, k in rows])
    return table.assign(programme=["Pembuka", "Penutup", *(name for _, name, *_ in rows)])


def test_programmes_that_few_took_are_shown_together_with_the_next_smallest():
    rows = [(f"p{k:03d}", "Besar", 10.0, "technical") for k in range(12)]
    rows += [(f"p{k:03d}", "Sedang", 10.0, "functional") for k in range(10, 16)]
    rows += [(f"p{k:03d}", "Kecil", 120.0, "leadership") for k in (20, 21)]
    listing = programmes(study({"employees": listed(), "training": named(rows)}, codebook(()))).listed
    # p000 (opening and closing), p020 and p021 are three people: the six of Sedang join them
    assert listing["name"].tolist() == ["Besar", OTHERS]
    assert listing["people"].tolist() == [12, 9]
    assert listing["programmes"].tolist() == [1, 4]
    assert listing["share"].tolist() == [round(120 / 422, 2), round(302 / 422, 2)]


def test_of_many_programmes_the_most_taken_are_listed():
    rows = [(f"p{k:03d}", f"Kursus {c:02d}", 2.0, "technical") for c in range(30) for k in range(6 + c // 10)]
    listing = programmes(study({"employees": listed(), "training": named(rows)}, codebook(()))).listed
    assert len(listing) == MOST + 1 and listing["programmes"].iloc[-1] == 7
    assert listing["people"].iloc[:MOST].min() >= listing["people"].iloc[-1] - 6


def test_leadership_programmes_of_few_are_said_to_be_few():
    def with_leaders(k):
        rows = [(f"p{i:03d}", "Kepemimpinan", 120.0, "leadership") for i in range(k)]
        return programmes(study({"employees": listed(), "training": named(rows)}, codebook(())))

    assert "fewer than 5" in with_leaders(4).sentence("en")[0].alt.lower()
    assert with_leaders(4).findings[1].status == "suppressed"
    assert "No employee" in with_leaders(0).sentence("en")[0].alt
    assert "about 10 of 40" in with_leaders(9).sentence("en")[0].alt
    assert with_leaders(9).findings[1].estimate == 0.23  # 9 of 40, halves up


def test_who_completed_nothing_is_counted_in_the_last_covered_year():
    result = programmes(trained(range(1, 25)))  # and p000, who opens and closes the table
    assert result.findings[0].estimate == round(15 / 40, 2)
    assert result.years.set_index("year")["hours"].to_dict() == {2023: 1 / 40, 2024: (1 + 24 * 20) / 40}


# ── gaps ─────────────────────────────────────────────────────────────────────────────────────────


def asked(n=60, slope=0.0, seed=1, roles=("skill", "training"), reverse=(), **columns):
    """Return a study whose skill follows JP by `slope`."""
    rng = np.random.default_rng(seed)
    employees, hours = listed(n, 4, **columns), rng.choice([0, 5, 10, 20, 40], n)
    book = codebook(roles, reverse=reverse)
    latent = slope * (hours - hours.mean()) / hours.std() + rng.normal(size=n)
    answers = {item: np.clip(np.round(3 + latent + 0.5 * rng.normal(size=n)), 1, 5) for item in book.items}
    rows = [(f"p{k:03d}", float(h), "2024-06-01", "technical") for k, h in enumerate(hours) if h]
    tables = {"employees": employees, "survey": survey(employees, answers), "training": courses(rows)}
    return study(tables, book)


def test_shares_of_items_are_of_the_lower_half_of_the_scale_turned_the_same_way():
    opened = asked(reverse=("skill2",))
    items = gaps(opened).items.set_index("item")["share"]
    assert items["skill1"] == pytest.approx((opened.survey["skill1"] < 3).mean(), abs=0.005)
    assert items["skill2"] == pytest.approx((opened.survey["skill2"] > 3).mean(), abs=0.005)


def test_an_item_that_few_answer_unfavourably_is_hidden():
    opened = asked()
    few = opened.survey.assign(skill1=[1.0] * 4 + [5.0] * 56, skill2=[1.0] * 5 + [5.0] * 55)
    items = gaps(study(dict(opened.tables) | {"survey": few}, opened.codebook)).items.set_index("item")[
        "share"
    ]
    assert np.isnan(items["skill1"]) and items["skill2"] == 0.08


def test_means_by_position_hide_few_people():
    position = pd.Categorical(
        ["managerial"] * 3 + ["functional"] * 7 + ["executor"] * 50, ["managerial", "functional", "executor"]
    )
    means = gaps(asked(position=position)).means
    assert means.loc["managerial"].isna().all()  # three people
    assert means.loc["functional"].isna().all()  # or they could be found by subtraction
    assert means.loc["executor"].notna().all()


def test_skill_that_follows_hours_is_found_and_said_as_an_association():
    found = gaps(asked(n=120, slope=1.0))
    (finding,) = found.findings
    assert finding.low > 0 and finding.claim == "association"
    assert "not necessarily a cause" in found.sentence("en")[-1].alt
    assert "cannot tell" in gaps(asked()).sentence("en")[-1].alt


def test_the_correlation_is_of_ranks_within_units():
    opened = asked(n=80, slope=0.5)
    hours = opened.training[opened.training["completed_on"] < "2024-11-15"]
    hours = hours[hours["completed_on"] >= "2023-11-15"].groupby("employee_id")["hours"].sum()
    frame = pd.DataFrame(
        {
            "hours": opened.employees["employee_id"].map(hours).fillna(0.0).rank(),
            "skill": opened.survey[["skill1", "skill2"]].mean(axis=1).rank(),
        }
    )
    left = frame - frame.groupby(opened.employees["unit"].astype(str)).transform("mean")
    assert gaps(opened).findings[0].estimate == pytest.approx(left.corr().iloc[0, 1], abs=1e-12)


# ── what is not there ────────────────────────────────────────────────────────────────────────────

FAULTS = {
    "no training table": lambda t: {k: v for k, v in t.items() if k != "training"},
    "empty training table": lambda t: t | {"training": t["training"].iloc[:0]},
    "no kind": lambda t: t | {"training": t["training"].drop(columns="kind")},
    "no survey": lambda t: {k: v for k, v in t.items() if k != "survey"},
    "no dates": lambda t: t | {"survey": t["survey"].assign(date=pd.NaT)},
    "short table": lambda t: t | {"training": t["training"][t["training"]["completed_on"] >= "2024-01-01"]},
    "nothing of the employees": lambda t: t | {"employees": t["employees"][["employee_id", "unit"]]},
    "nobody in service": lambda t: t | {"employees": t["employees"].assign(start_year=2025.0)},
    "a blank position": lambda t: (
        t | {"employees": t["employees"].assign(position=pd.Categorical([None] * 60))}
    ),
    "no answers": lambda t: t | {"survey": t["survey"].assign(skill1=np.nan, skill2=np.nan)},
    "same answers": lambda t: t | {"survey": t["survey"].assign(skill1=3.0, skill2=3.0)},
}


@pytest.mark.parametrize("roles", [("skill", "training"), ("training",), ()])
@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_missing_is_said_in_words_and_breaks_nothing(fault, roles):
    opened = asked(roles=("skill", "training"), position=pd.Categorical(["executor", "functional"] * 30))
    lacking = study(FAULTS[fault](dict(opened.tables)), codebook(roles))
    for question in (norm, programmes, gaps):
        result = question(lacking)
        assert all(f.status == "estimated" or f.reason for f in result.findings)
        for language in LANGUAGES:
            assert result.sentence(language)
            assert all(e.html() for e in shown(result, language))
            assert not any("{" in s.text or "nan" in s.text.split() for s in result.sentence(language))


def test_a_questionnaire_without_skill_says_so():
    result = gaps(asked(roles=("training",)))
    assert "does not ask about skill" in result.findings[0].reason
    assert "does not ask about skill" in result.sentence("en")[-1].alt


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("question", [norm, programmes, gaps])
def test_every_answer_of_the_bundled_study_shows_itself_without_an_id(walesi, question, language):
    page = " ".join(e.html() for e in shown(question(walesi), language))
    assert not any("{" in s.text for s in question(walesi).sentence(language))
    assert not any(i in page for i in walesi.employees["employee_id"])
