"""Change of scale means between two waves."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.questions.small import codebook, people, study, survey
from walesi_research.questions.measurement.invariance import invariance
from walesi_research.questions.measurement.waves import waves

ROLES = ("culture", "motivation")


def two_waves(n=80, rise=0.6, both=70):
    """Motivation rises by `rise` points before rounding; some people answered one wave only."""
    rng = np.random.default_rng(6)
    employees, book = people(n, 4), codebook(ROLES, items=4)
    latent = {role: rng.normal(size=n) for role in ROLES}
    rows = []
    for wave, shift in ((1, 0.0), (2, rise)):
        answers = {
            item: np.clip(
                np.round(3 + latent[r] + (shift if r == "motivation" else 0) + 0.5 * rng.normal(size=n)), 1, 5
            )
            for r, construct in book.constructs.items()
            for item in construct.items
        }
        kept = np.arange(n) < both if wave == 1 else np.arange(n) >= n - both
        rows.append(survey(employees, answers).assign(wave=wave)[kept])
    return study({"employees": employees, "survey": pd.concat(rows, ignore_index=True)}, book)


def asked(world):
    return waves(world, invariance(world))


def texts(exhibits):
    return " ".join(e.alt for e in exhibits)


def test_a_rise_is_found_and_equals_the_paired_test():
    world = two_waves()
    made = asked(world)
    scores = {
        w: world.codebook.scores(rows).set_axis(rows["employee_id"], axis=0)["motivation"]
        for w, rows in world.survey.groupby("wave")
    }
    pair = pd.DataFrame(scores).dropna()
    change = made.changes["motivation"]
    assert change.n == len(pair) == 60
    t = stats.ttest_rel(pair[2], pair[1])
    assert change.p == pytest.approx(t.pvalue) and change.stability == pytest.approx(pair.corr().iloc[0, 1])
    assert (change.low, change.high) == pytest.approx(tuple(t.confidence_interval(0.95)))
    assert change.standardised == pytest.approx(change.estimate / pair[1].std())
    assert "motivation" in texts(made.sentence("en")) and "culture" not in texts(made.sentence("en"))
    assert {f.id for f in made.findings} == {"measurement.culture.change", "measurement.motivation.change"}
    assert all(f.n == 60 for f in made.findings)


def test_without_a_rise_nothing_is_claimed():
    made = asked(two_waves(rise=0.0))
    assert texts(made.heading("en")).startswith("We cannot tell")
    assert "In no scale" in texts(made.sentence("en"))


def test_an_untested_meaning_is_doubted():
    """Fifty a wave are needed for invariance: with fewer it is not tested, and the sentence says so."""
    made = asked(two_waves(n=50, both=40, rise=1.0))
    assert made.verdicts == {} and "not shown" in texts(made.sentence("en"))


def test_one_wave_says_nothing_and_few_people_why():
    world = two_waves()
    one = study(
        {"employees": world.employees, "survey": world.survey[lambda d: d["wave"] == 1]}, world.codebook
    )
    made = asked(one)
    assert made.findings == [] and made.sentence("id") == [] and made.table("id") == []
    made = asked(two_waves(n=20, both=12))
    assert {f.status for f in made.findings} == {"not_estimable"}
    assert "kurang dari 10" in texts(made.sentence("id"))
