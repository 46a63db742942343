"""Other comparisons of the leadership effect: which are fooled by what, and what the page says of it."""

import json

import numpy as np
import pytest

from tests.questions.staged import staged, stages
from walesi_research import open_study
from walesi_research.findings import Finding
from walesi_research.language import LANGUAGES
from walesi_research.questions.training.beside import beside
from walesi_research.questions.training.comparisons import COMPARISONS, Comparison, compared, lead_before
from walesi_research.questions.training.leadership import leadership
from walesi_research.questions.training.panel import panel_of
from walesi_research.stats.trend_bounds import block_study

METHODS = ("heading", "sentence", "plot", "table", "details")
EFFECT = 3.0


def headline(estimate=3.0, se=0.5):
    ends = {"low": estimate - 2 * se, "high": estimate + 2 * se}
    return Finding(
        id="training.leadership_att", estimate=estimate, se=se, **ends, unit="points of achievement",
        claim="effect_if", method="imputation", question=dict.fromkeys(LANGUAGES, "?"),
        notebook="04_training",
    )  # fmt: skip


def words(result, language="en"):
    return " ".join(s.alt for s in result.sentence(language))


@pytest.fixture(scope="module")
def selected():
    """Those trained are 6 points better from the start."""
    y, onset = stages(n=80, periods=12, effect=EFFECT, noise=0.01)
    return staged(y + 6.0 * (onset < 12)[:, None], onset)


@pytest.fixture(scope="module")
def walesi(root):
    return open_study(root / "data" / "walesi")


def test_hands_that_look_within_people_are_not_fooled_by_who_goes(selected):
    found = compared(selected, panel_of(selected), 0.95)
    assert set(found) == set(COMPARISONS)
    for name in ("twfe", "group_time"):
        assert found[name].estimate == pytest.approx(EFFECT, abs=0.02)
    assert found["naive"].estimate > EFFECT + 4
    before = lead_before(selected, panel_of(selected), 0.95)
    # three in ten of those trained were not yet for a part of the last year
    assert before.estimate == pytest.approx(found["naive"].estimate - EFFECT, abs=0.6)


def test_after_and_before_counts_what_everybody_gained():
    y, onset = stages(n=80, periods=12, noise=0.01)
    opened = staged(y + 0.5 * np.arange(12), onset)
    found = compared(opened, panel_of(opened), 0.95)
    assert found["before_after"].estimate > EFFECT + 1.5
    assert found["twfe"].estimate == pytest.approx(EFFECT, abs=0.02)


def test_two_way_effects_are_fooled_by_effects_that_grow():
    y, onset = stages(n=60, periods=10, never=False, growth=1.0, noise=0.01)
    opened = staged(y, onset)
    two_way = compared(opened, panel_of(opened), 0.95)["twfe"].estimate
    imputed = block_study(y, onset, 10).estimate[0]
    since = np.arange(10) - onset[:, None]
    truth = (EFFECT + since)[(since >= 0) & (onset[:, None] > np.arange(10)).any(axis=0)].mean()
    assert imputed == pytest.approx(truth, abs=0.05)
    assert two_way < truth - 0.5


def test_adjusting_twice_takes_out_what_was_recorded():
    """Selection on achievement at the beginning alone, without noise of its own."""
    rng = np.random.default_rng(6)
    ability = 5 * rng.normal(size=300)
    goes = rng.random(300) < 1 / (1 + np.exp(-ability / 5))
    onset = np.where(goes, 4 + rng.integers(0, 5, size=300), 12)
    y = 90 + ability[:, None] + rng.normal(size=12) + EFFECT * (np.arange(12) >= onset[:, None])
    opened = staged(y + 0.3 * rng.normal(size=y.shape), onset)
    found = compared(opened, panel_of(opened), 0.95)
    assert found["doubly_robust"].estimate == pytest.approx(EFFECT, abs=0.15)
    assert found["naive"].estimate > EFFECT + 2
    assert 0 <= found["doubly_robust"].outside < 0.5
    # whoever was trained before the beginning ended, or in the last year, is left out
    assert found["doubly_robust"].trained == np.sum((onset >= 4) & (onset <= 8))


def test_the_naive_comparison_by_hand(walesi):
    panel = panel_of(walesi)
    last = np.nanmean(np.where(np.isnan(panel.y[:, -4:]).all(axis=1)[:, None], 0, panel.y[:, -4:]), axis=1)
    known = ~np.isnan(panel.y[:, -4:]).all(axis=1)
    groups = last[known & ~panel.never], last[known & panel.never]
    naive = compared(walesi, panel, 0.95)["naive"]
    assert naive.estimate == pytest.approx(groups[0].mean() - groups[1].mean(), abs=1e-10)
    assert naive.se == pytest.approx(np.sqrt(sum(g.var(ddof=1) / len(g) for g in groups)), rel=1e-9)


def test_the_naive_estimate_is_visibly_wrong_in_walesi(walesi, root):
    """Those who go were better before: what they were ahead by is counted as if training had made it."""
    told = json.loads((root / "data" / "walesi" / "truth.json").read_text(encoding="utf-8"))
    truth = told["findings"]["training.leadership_att"]["value"]
    found, main = compared(walesi, panel_of(walesi), 0.95), leadership(walesi, draws=199).headline
    assert main.low < truth < main.high
    assert found["naive"].estimate - truth > 1.0 > 2 * abs(main.estimate - truth)
    before = lead_before(walesi, panel_of(walesi), 0.95)
    assert before.estimate > 1.0
    # less what they were ahead by, the naive comparison says what the main one says, to half its error
    assert found["naive"].estimate - before.estimate == pytest.approx(main.estimate, abs=main.se / 2)
    page = beside(walesi, main)
    assert not page.agree
    assert len(page.sentence("id")) == 2
    assert "1,9 poin lebih tinggi sebelum dilatih" in words(page, "id")
    assert "counted as if training had made it" in words(page)


def test_the_page_says_why_or_that_both_agree(selected):
    naive = beside(selected).comparisons["naive"]
    assert "counted as if training had made it" in words(beside(selected, headline(naive.estimate - 2, 0.2)))
    assert "nearly the same number" in words(beside(selected, headline(naive.estimate, naive.se)))
    # a lead cannot be why the naive estimate is smaller
    told = words(beside(selected, headline(naive.estimate + 2, 0.2)))
    assert "can mislead" in told and "counted" not in told and "just comparing mixes" in told
    assert "cannot be made" in words(beside(selected, None))


def test_findings_are_associations(walesi):
    found = {f.id: f for f in beside(walesi, headline()).findings}
    assert set(found) == {f"training.leadership_{x}" for x in ("naive", "twfe", "doubly_robust")}
    assert {f.claim for f in found.values()} == {"association"}
    assert all(f.n % 5 == 0 and f.low < f.estimate < f.high for f in found.values())


@pytest.mark.parametrize("trained", [0, 4])
def test_few_trained_people_are_compared_by_nobody(trained):
    y, onset = stages(n=40, periods=8)
    onset = np.where(np.arange(40) < trained, 4, 8)
    courses = None if trained else stages_of_one_course()
    result = beside(staged(y, onset, courses=courses))
    assert not result.known
    for language in LANGUAGES:
        for name in METHODS:
            getattr(result, name)(language)
        assert result.sentence(language)
    assert {f.status for f in result.findings} == {"not_estimable"}


def stages_of_one_course():
    from tests.questions.staged import course

    return course(3, "2022-05-10", 8)


@pytest.mark.parametrize("make", ["small", "gone early", "all at once", "all in the end", "two periods"])
def test_odd_panels_are_said_to_be_so(make):
    y, onset = stages(n=40, periods=8, never=make != "all in the end")
    if make == "small":
        y, onset = y[:12], onset[:12]
    if make == "gone early":
        y = np.where(np.arange(8) > onset[:, None] - 1, np.nan, y)
    if make == "all at once":
        onset = np.full(40, 4)
    if make == "two periods":
        y, onset = y[:, :2], np.where(np.arange(40) % 2, 1, 2)
    result = beside(staged(y, onset), headline())
    for language in LANGUAGES:
        for name in METHODS:
            getattr(result, name)(language)
        assert result.sentence(language)
    assert all(isinstance(h, Comparison) == (name in result.known) for name, h in result.comparisons.items())


def test_another_key_of_the_pseudonyms_changes_no_digit(root):
    first, second = (open_study(root / "data" / "walesi") for _ in range(2))
    numbers = [
        [(f.id, f.estimate, f.se, f.low, f.p) for f in beside(s, headline()).findings]
        for s in (first, second)
    ]
    assert numbers[0] == numbers[1]
