"""The chain by partial least squares: only where asked, plain weaker than consistent, privacy kept."""

import numpy as np
import pytest

from tests.questions.small import codebook, people, study, survey
from walesi_research.questions.pathways.pls import KINDS, pls
from walesi_research.study.study import Study

ROLES = ("culture", "recognition", "motivation", "commitment", "performance")
PARTS = ("heading", "sentence", "details", "paths", "outer", "distinct", "map")


def world(n=300, seed=4):
    rng = np.random.default_rng(seed)
    employees, book = people(n, 6), codebook(ROLES, items=4)
    culture = rng.normal(size=n)
    latent = {"culture": culture, "recognition": 0.5 * culture + np.sqrt(0.75) * rng.normal(size=n)}
    latent["motivation"] = 0.5 * culture + 0.3 * latent["recognition"] + 0.7 * rng.normal(size=n)
    latent["commitment"] = 0.6 * latent["motivation"] + 0.8 * rng.normal(size=n)
    latent["performance"] = 0.6 * latent["commitment"] + 0.8 * rng.normal(size=n)
    answers = {
        item: np.clip(np.round(3 + latent[role] + 0.9 * rng.normal(size=n)), 1, 5)
        for role, construct in book.constructs.items()
        for item in construct.items
    }
    return study({"employees": employees, "survey": survey(employees, answers)}, book)


def shown(made, language):
    for name in PARTS:
        found = getattr(made, name)(language)
        yield from found if isinstance(found, list) else [found]


def test_nothing_is_shown_unless_it_is_asked_for():
    made = pls(world())
    assert [list(shown(made, language)) for language in ("id", "en")] == [[], []] and made.findings == []


def test_plain_coefficients_are_weaker_than_consistent_ones():
    made = pls(world(), True, draws=100)
    plain, consistent = (made.fits[kind].paths for kind in KINDS)
    chain = [("culture", "motivation"), ("motivation", "commitment"), ("commitment", "performance")]
    assert all(plain.loc[s, t] < consistent.loc[s, t] for s, t in chain)
    truth = 0.5 / np.sqrt(0.25 + 0.09 + 0.15 + 0.49)
    assert consistent.loc["culture", "motivation"] == pytest.approx(truth, abs=0.15)  # two standard errors
    text = " ".join(e.alt for e in shown(made, "en"))
    assert "look weaker than they are" in text and "300 employees" in text


@pytest.mark.parametrize("language", ["id", "en"])
def test_all_tables_are_there_and_small(language):
    made = pls(world(), True, draws=100)
    tables = [e for e in shown(made, language) if hasattr(e, "rows")]
    assert len(tables) == 4 and sum(len(e.html()) for e in tables) < 12_000
    paths = made.paths(language)
    assert len(paths.rows) == 3 + 2 + 3 + 4  # a heading for each of three targets, and their paths


def test_importance_stands_in_points_of_a_hundred():
    made = pls(world(), True, draws=50)
    found = made._map
    assert found["importance"].idxmax() == "commitment"
    mean = made.fits["plain"].data[:, :4].mean()
    assert found["performance"]["culture"] == pytest.approx((mean - 1) * 25, abs=2)


def test_too_few_and_no_survey_are_told():
    assert "50 pegawai" in pls(world(n=40), True).sentence("id")[0].alt
    opened = world(n=60)
    bare = pls(Study(opened.settings, opened.codebook, {"employees": opened.employees}), True)
    assert bare.sentence("id")[0].alt and bare.paths("id") == []
