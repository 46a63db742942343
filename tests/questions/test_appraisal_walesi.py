"""The bundled study: what the questions of the record find is what is true of it."""

import json

import pytest

from walesi_research import open_study
from walesi_research.questions import appraisal


@pytest.fixture(scope="module")
def walesi(root):
    return open_study(root / "data" / "walesi")


@pytest.fixture(scope="module")
def truth(root):
    written = json.loads((root / "data" / "walesi" / "truth.json").read_text(encoding="utf-8"))
    return {name: about["value"] for name, about in written["findings"].items()}


def test_the_share_that_would_change_is_the_true_one(walesi, truth):
    (finding,) = appraisal.counterfactual(walesi).findings
    assert finding.estimate == pytest.approx(truth[finding.id], abs=0.005)  # published to 0.01
    assert finding.low <= truth[finding.id] <= finding.high


def test_the_gap_is_within_its_interval(walesi, truth):
    finding = appraisal.perception(walesi).findings[-1]
    assert finding.low <= truth[finding.id] <= finding.high


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("name", ["record", "distribution", "indicators", "counterfactual", "perception"])
def test_every_answer_shows_itself_without_an_id(walesi, name, language):
    result = getattr(appraisal, name)(walesi)
    shown = list(result.sentence(language))
    for method in ("heading", "table", "plot"):
        exhibits = getattr(result, method, lambda _: [])(language)
        shown += exhibits if isinstance(exhibits, list) else [exhibits]
    page = " ".join(exhibit.html() for exhibit in shown)
    assert bool(getattr(result, "heading", lambda _: [])(language)) == hasattr(result, "plot")
    ids = {*walesi.employees["employee_id"], *walesi.appraisals["rater_id"]}
    assert not any(i in page for i in ids)
    assert not any("{" in s.text for s in result.sentence(language))
