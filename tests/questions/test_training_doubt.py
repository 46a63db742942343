"""What could undo the answer, and what a study could have seen: words that follow the numbers."""

import numpy as np
import pytest

from tests.calibration.worlds import opened
from tests.questions.staged import staged, stages
from tests.questions.test_training_beside import headline
from walesi_research import open_study
from walesi_research.language import LANGUAGES
from walesi_research.questions.training.doubt import Trend, doubt
from walesi_research.questions.training.leadership import leadership
from walesi_research.questions.training.panel import panel_of
from walesi_research.questions.training.power import Design, design_of, power
from walesi_research.stats.power import minimum_effect
from walesi_research.stats.sensitivity import Sensitivity
from walesi_research.stats.trend_bounds import block_study
from walesi_research.study.synthetic import World, simulate

METHODS = ("heading", "sentence", "plot", "table", "details")


def words(result, language="en"):
    return " ".join(s.alt for s in result.sentence(language))


def shown(result):
    for language in LANGUAGES:
        for name in METHODS:
            getattr(result, name)(language)
        assert result.sentence(language)


@pytest.fixture(scope="module")
def walesi(root):
    return open_study(root / "data" / "walesi")


def drifting(drift, n=200, effect=3.0, noise=1.0):
    """Return a study whose trained move apart from the others by `drift` points a year, before and after."""
    y, onset = stages(n=n, periods=12, effect=effect, noise=noise)
    return staged(y + drift * np.floor((np.arange(12) - onset[:, None]) / 4) * (onset < 12)[:, None], onset)


def test_a_drift_before_training_takes_the_answer():
    """An effect of 3 stands a multiple of what little was seen; a drift of 2 a year is no effect."""
    calm, moved = doubt(drifting(0.0), headline()), doubt(drifting(2.0, effect=0.0), headline())
    assert calm.ratio > 2 > 1 > moved.ratio
    assert moved.trend.change == pytest.approx(2.0, abs=0.7)
    assert "withstands a small drift only" in words(moved)
    assert "withstands a drift of up to" in words(calm)
    assert calm.trend.change < calm.trend.usual and "chance alone makes" in words(calm)
    assert moved.trend.change > moved.trend.usual and "seem to have drifted" in words(moved)
    assert moved.findings[0].estimate == pytest.approx(moved.ratio, abs=1e-4)


def test_the_breakdown_is_where_the_interval_meets_the_limit(walesi):
    result = doubt(walesi, headline(3.1, 0.8))
    assert result.limit == 1.0
    assert result.trend.bounds(result.ratio).low == pytest.approx(1.0, abs=1e-6)
    # an answer that only lies above zero is lost at zero
    assert doubt(walesi, headline(1.9, 0.8)).limit == 0.0
    assert doubt(walesi, headline(-3.0, 0.8)).limit == 0.0
    assert "still open" in words(doubt(walesi, headline(0.5, 0.8)))


def test_blocks_of_few_people_are_left_out(walesi):
    trend = doubt(walesi, headline()).trend
    assert isinstance(trend, Trend)
    assert trend.blocks.units.min() >= walesi.settings.privacy.minimum_cell
    assert trend.blocks.block.tolist() == [*range(-1 - trend.before, -1), 0]


def test_the_robustness_value_follows_the_size_of_the_effect():
    weak, strong = (doubt(drifting(0.0, effect=e, noise=3.0), headline()).unseen for e in (0.0, 4.0))
    assert isinstance(strong, Sensitivity)
    assert weak.robustness < 0.1 < strong.robustness
    assert weak.robustness_interval == 0 < strong.robustness_interval


@pytest.mark.parametrize(
    "make", ["first quarter only", "nobody", "all at once", "two periods", "four people"]
)
def test_what_cannot_be_doubted_says_why(make):
    y, onset = stages(n=40, periods=8)
    if make == "first quarter only":
        onset = np.where(onset < 8, 1, 8)
    if make == "all at once":
        onset = np.full(40, 4)
    if make == "two periods":
        y, onset = y[:, :2], np.where(np.arange(40) % 2, 1, 2)
    if make == "four people":
        onset = np.where(np.arange(40) < 4, 5, 8)
    if make == "nobody":
        onset = np.where(np.arange(40) < 1, 7, 8)
    opened = staged(y, onset)
    result = doubt(opened)
    shown(result)
    assert result.findings[0].status == "not_estimable"
    shown(power(opened))


def test_another_key_of_the_pseudonyms_changes_no_digit(root):
    first, second = (open_study(root / "data" / "walesi") for _ in range(2))
    for ask in (lambda s: doubt(s, headline()), lambda s: power(s, 0.8)):
        numbers = [[(f.id, f.estimate) for f in ask(s).findings] for s in (first, second)]
        assert numbers[0] == numbers[1]


def test_the_smallest_effect_is_2_8_errors_of_the_main_estimate(walesi):
    result = power(walesi, 0.8)
    assert result.here == pytest.approx(2.8016 * 0.8, rel=1e-4)
    assert [f.estimate for f in result.findings] == [pytest.approx(result.here, abs=1e-4)]
    # without a main estimate the study's own variation tells much the same; 0.35: twice the relative error
    # of a standard error that rests on some twenty trained employees, 1 / sqrt(2 × 20)
    main = leadership(walesi, draws=199).headline
    assert power(walesi).here == pytest.approx(power(walesi, main.se).here, rel=0.35)


def test_more_people_and_more_periods_show_smaller_effects(walesi):
    result = power(walesi, 0.8)
    assert result.effect(320, 12) == pytest.approx(result.effect(80, 12) / 2, rel=1e-9)
    assert result.effect(80, 6) > result.effect(80, 12) > result.effect(80, 24)
    assert result.effect(result.needed, 12) == pytest.approx(result.target, rel=1e-9)


def test_the_error_of_the_design_is_the_spread_over_worlds():
    """Of the imputation estimator in 60 worlds of 140 employees; a spread is known to 9 % from so many."""
    errors, designed = [], []
    for seed in range(60):
        world = simulate(World(employees=140, seed=seed), population=0)
        study = opened(world, "training")
        panel = panel_of(study)
        truth = world.truth["findings"]["training.leadership_att"]["value"]
        errors.append(block_study(panel.y, panel.onset, 12).estimate[0] - truth)
        designed.append(power(study).here)
    assert np.median(designed) == pytest.approx(minimum_effect(np.std(errors, ddof=1)), rel=0.15)


def test_four_trained_people_get_a_plan():
    """Of a quarter of 60 employees trained in stages, with the study's own variation."""
    y, _ = stages(n=60, periods=8, effect=0.0)
    onset = np.where(np.arange(60) < 4, 4, 8)
    result = power(staged(y, onset))
    assert not result.design.own
    assert [f.status for f in result.findings] == ["not_estimable"]
    assert "25% of the employees were trained in stages" in words(result)
    assert result.design.trained == pytest.approx(0.25)
    shown(result)


@pytest.mark.parametrize("every", [1, 2])
def test_everybody_trained_at_once_gets_a_plan_unless_some_are_not(every):
    y, _ = stages(n=60, periods=8, effect=0.0)
    opened = staged(y, np.where(np.arange(60) % every, 8, 4))
    design = design_of(opened, panel_of(opened))
    assert isinstance(design, Design)
    assert design.own == (every == 2)
