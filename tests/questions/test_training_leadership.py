"""Leadership training: exact panels, hand counts, what cannot be known, and words that follow the numbers."""

import json

import numpy as np
import pandas as pd
import pytest

from tests.questions.small import study
from tests.questions.staged import FIRST, course, middle, staged, stages
from walesi_research import open_study
from walesi_research.language import LANGUAGES
from walesi_research.questions.training.leadership import leadership
from walesi_research.questions.training.panel import panel_of
from walesi_research.study.calendar import Calendar

PARTS = ("sentence", "heading", "plot", "table", "basis", "checks", "details")


def by_id(result):
    return {f.id.removeprefix("training."): f for f in result.findings}


def ask(y, onset, draws=99, **changes):
    return leadership(staged(y, onset, **changes), draws=draws)


def every_part(result):
    """Return what the result shows, by language, having made all of it."""
    return {k: {name: getattr(result, name)(k) for name in PARTS} for k in LANGUAGES}


@pytest.mark.parametrize("never", [True, False])
def test_a_study_without_noise_returns_the_weighted_truth(never):
    """Growing effects, better people first: the mean over treated records while someone is untreated."""
    y, onset = stages(60, 8, never=never, growth=0.5, noise=0.0)
    since = np.arange(8) - onset[:, None]
    free = (since < 0).any(axis=0)
    truth = (3 + 0.5 * since)[(since >= 0) & free].mean()
    assert by_id(ask(y, onset))["leadership_att"].estimate == pytest.approx(truth, abs=1e-8)


def test_training_counts_from_the_first_quarter_that_starts_after_completion():
    """Finished on the first or the last day of a quarter: the next one in both cases."""
    y, onset = stages(40, 8, noise=0.0)
    before = by_id(ask(y, onset))["leadership_att"].estimate
    opened = staged(y, onset)
    period = opened.training["completed_on"].map(opened.calendar.of)
    for day in (opened.calendar.first_day, opened.calendar.last_day):
        moved = opened.training.assign(completed_on=pd.to_datetime([day(int(p)) for p in period]))
        result = leadership(study(dict(opened.tables) | {"training": moved}), draws=9)
        assert by_id(result)["leadership_att"].estimate == pytest.approx(before, abs=1e-8)
    early = opened.training.assign(completed_on=opened.training["completed_on"] - pd.DateOffset(months=3))
    result = leadership(study(dict(opened.tables) | {"training": early}), draws=9)
    assert abs(by_id(result)["leadership_att"].estimate - before) > 0.1


def test_only_the_first_leadership_programme_counts_and_no_other_course():
    y, onset = stages(40, 8)
    before = by_id(ask(y, onset))["leadership_att"]
    first = int(np.flatnonzero(onset < 8)[0])
    more = [course(first, middle(FIRST + 7), 500, "leadership")]
    more += [course(k, middle(FIRST + 1), 40) for k in range(40)]
    assert by_id(ask(y, onset, courses=pd.concat(more)))["leadership_att"] == before


def test_counts_are_those_of_the_contract():
    """60 employees, 30 treated in stages; 5 more, trained before the first quarter, are only counted."""
    y, onset = stages(60, 8)
    y, onset = np.vstack([y, y[:5]]), np.r_[onset, np.zeros(5, int)]
    finding = by_id(ask(y, onset))["leadership_att"]
    assert (finding.n, finding.groups) == (60, 30)
    assert "About 40 treated" in finding.reason  # 5 people, 8 quarters
    assert "parallel trends" in finding.method
    assert "no anticipation" in finding.method
    assert finding.claim == "effect_if"


def test_a_quarter_nobody_was_appraised_in_leaves_time_as_it_is():
    y, onset = stages(60, 9, growth=1.0, noise=0.0)
    y[:, 5] = np.nan
    result = ask(y, onset)
    for span in result.spans():
        assert span.effect.estimate == pytest.approx(3 + span.first, abs=1e-8)


def test_parts_of_too_few_people_join_their_neighbour():
    y, onset = stages(60, 9, noise=0.5)
    result = ask(y, onset)
    spans = result.spans()
    assert min(s.effect.people for s in spans) >= 5
    assert [s.first for s in spans[1:]] == [s.last + 1 for s in spans[:-1]]
    assert sum(s.effect.cells for s in spans) == result.effect.cells
    lone = onset.copy()
    lone[onset == 2] = 9
    lone[np.flatnonzero(onset == 2)[:2]] = 2  # only two people are seen for longest
    longest = max(s.last for s in ask(y, lone).spans())
    assert longest == 6
    assert ask(y, lone).spans()[-1].first < 6


CASES = (
    "no_appraisals", "no_achievement", "no_training", "no_kind", "nobody", "few", "at_once", "before",
    "one_period", "no_before", "few_compared",
)  # fmt: skip


def impossible(name):
    """Return a study whose effect cannot be known for the reason called `name`."""
    y, onset = stages(40, 8)
    who, columns = np.arange(40), np.arange(8)
    if name.startswith("no_") and name != "no_before":
        opened = staged(y, onset)
        tables = dict(opened.tables)
        if name in ("no_appraisals", "no_training"):
            del tables[name.removeprefix("no_")]
        else:
            table = {"no_achievement": "appraisals", "no_kind": "training"}[name]
            tables[table] = tables[table].drop(columns=name.removeprefix("no_"))
        return study(tables)
    after_only = np.where((columns < onset[:, None]) & (onset < 8)[:, None], np.nan, y)
    one_before = after_only.copy()
    one_before[np.flatnonzero(onset < 8)[0], 0] = 95.0
    return {
        "nobody": lambda: staged(y, np.full(40, 8), courses=course(0, middle(FIRST), 20)),
        "few": lambda: staged(y, np.where(who < 4, 3, 8)),
        "at_once": lambda: staged(y, np.full(40, 3)),
        "before": lambda: staged(y, np.zeros(40, int)),
        "one_period": lambda: staged(y[:, :1], np.where(who < 20, 0, 1)),
        "no_before": lambda: staged(after_only, onset),
        "few_compared": lambda: staged(one_before, onset),
    }[name]()


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_known_is_said_with_the_data_that_would_tell(name):
    result = leadership(impossible(name), draws=19)
    assert result.reason.key.endswith(f".{name}")
    assert all(f.status == "not_estimable" and f.reason for f in result.findings)
    shown = every_part(result)
    for language in LANGUAGES:
        lead, need = shown[language]["sentence"]
        assert (lead.role, need.role) == ("lead", "note")
        assert not any(shown[language][part] for part in PARTS if part != "sentence")
        assert lead.text.startswith({"id": "**Tidak dapat dijawab", "en": "**These data cannot"}[language])


def with_dip(size, seed=1):
    y, onset = stages(100, 10, noise=2.0, seed=seed)
    return np.where(np.arange(10) == onset[:, None] - 1, y - size, y), onset


def test_a_dip_before_training_puts_the_answer_in_doubt_in_words():
    dipped, quiet = ask(*with_dip(4.0)), ask(*with_dip(0.0))
    assert dipped.leads.flagged
    assert not quiet.leads.flagged
    assert (dipped.state, quiet.state) == ("doubtful", "yes")
    assert "Achievement departed" in by_id(dipped)["leadership_att"].reason
    assert by_id(dipped)["leadership_lead"].high < 0
    assert "lebih besar daripada yang sebenarnya" in dipped.sentence("id")[-1].text
    assert "look larger than it is" in dipped.sentence("en")[-1].text
    assert [s.role for s in quiet.sentence("en")] == ["lead", "range"]
    every_part(dipped)


@pytest.mark.parametrize(
    ("effect", "noise", "state"),
    [(3.0, 1.0, "yes"), (1.0, 0.8, "some"), (0.0, 9.0, "open"), (0.0, 0.3, "small"), (-3.0, 1.0, "lower")],
)
def test_words_follow_the_interval_against_the_claims_limit(effect, noise, state):
    y, onset = stages(80, 9, effect=effect, noise=noise, seed=2)
    result = ask(y, onset)
    assert result.state == state
    shown = every_part(result)
    for language in LANGUAGES:
        lead = shown[language]["sentence"][0].text
        condition = {"id": "dengan syarat", "en": "provided that"}[language]
        assert (condition in lead) == (state != "open")
        assert shown[language]["plot"].alt
        assert len(shown[language]["table"].rows) >= 3


def test_without_a_record_just_before_training_the_headline_stands_alone():
    """Callaway and Sant'Anna start from the last quarter before; imputation from all of them."""
    y, onset = stages(60, 8)
    since = np.arange(8) - onset[:, None]
    result = ask(np.where(since == -1, np.nan, y), onset)
    found = by_id(result)
    assert found["leadership_att"].estimate == pytest.approx(3, abs=0.5)
    for name in ("leadership_att_group_time", "leadership_lead"):
        assert found[name].status == "not_estimable"
        assert "too few" in found[name].reason
    shown = every_part(result)
    assert "too few" in shown["en"]["table"].rows[-1].small


@pytest.mark.parametrize(("rhythm", "word"), [("year", "tahun"), ("half", "semester"), ("month", "bulan")])
def test_every_rhythm_has_its_words(rhythm, word):
    """The same panel by years, half-years or months: the same numbers, and words of its own."""
    y, onset = stages(60, 8)
    opened, calendar = staged(y, onset), Calendar(rhythm)
    first = calendar.parse({"year": "2015", "half": "2020-H1", "month": "2022-01"}[rhythm])
    period = first + opened.appraisals["period"] - FIRST
    ended = first + opened.training["completed_on"].map(opened.calendar.of) - FIRST
    days = [pd.Timestamp(calendar.first_day(int(p))) for p in ended]
    tables = dict(opened.tables) | {
        "appraisals": opened.appraisals.assign(period=period),
        "training": opened.training.assign(completed_on=days),
    }
    result = leadership(study(tables, period=rhythm), draws=19)
    assert result.effect.estimate == leadership(opened, draws=19).effect.estimate
    shown = every_part(result)
    assert word in shown["id"]["details"][0].text
    told = [s.text for part in ("sentence", "basis", "checks", "details") for s in shown["id"][part]]
    assert "triwulan" not in " ".join(told)


def test_the_bundled_study_is_answered_and_its_interval_holds_the_truth(root):
    folder = root / "data" / "walesi"
    truths = json.loads((folder / "truth.json").read_text())["findings"]
    truth = truths["training.leadership_att"]["value"]
    result = leadership(open_study(folder))
    found = by_id(result)
    for name in ("leadership_att", "leadership_att_group_time"):
        assert found[name].low < truth < found[name].high
    assert found["leadership_att"].se < found["leadership_att_group_time"].se
    assert not result.leads.flagged


def test_another_key_of_the_pseudonyms_changes_no_digit(root):
    first, second = (leadership(open_study(root / "data" / "walesi")) for _ in range(2))
    assert first.findings == second.findings


def test_the_panel_says_when_a_programme_counts():
    y, onset = stages(30, 8)
    panel = panel_of(staged(y, onset))
    np.testing.assert_array_equal(panel.onset, onset)
    np.testing.assert_allclose(panel.y, y)
