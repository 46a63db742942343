"""The record of the contract cannot contradict itself and survives a round trip."""

import json

import pytest

from walesi_research import open_study
from walesi_research.findings import Finding, dumps_findings, read_findings
from walesi_research.questions import performance, training

QUESTION = {"id": "Apakah?", "en": "Does it?"}


def finding(**changes) -> Finding:
    parts = {
        "id": "training.leadership_att", "estimate": 3.1, "se": 0.9, "low": 1.3, "high": 4.9, "p": 0.001,
        "unit": "points of achievement", "n": 118, "groups": 9, "claim": "effect_if", "method": "imputation",
        "question": QUESTION, "notebook": "04_training",
    }  # fmt: skip
    return Finding(**(parts | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"estimate": None},
        {"estimate": float("nan")},
        {"low": 5.0, "high": 1.0},
        {"low": None},
        {"status": "suppressed", "reason": "few people"},
        {"status": "not_estimable", "estimate": None, "se": None, "low": None, "high": None, "p": None},
        {"question": {"id": "Apakah?"}},
        {"level": 2},
        {"p": 7},
        {"p_adjusted": -0.1},
        {"se": -1.0},
        {"n": -3},
        {"groups": -1},
        {"claim": "cause"},
        {"status": "fine"},
    ],
)
def test_a_finding_that_contradicts_itself_cannot_be_made(changes):
    with pytest.raises(ValueError, match=r"training\.leadership_att"):
        finding(**changes)


def test_taking_the_estimate_away_takes_every_number():
    record = finding().without_estimate("suppressed", "fewer than five people").as_record()
    assert record["status"] == "suppressed"
    assert [record[k] for k in ("estimate", "se", "low", "high", "p", "p_adjusted")] == [None] * 6


def test_findings_are_written_sorted_with_the_fields_of_the_contract():
    text = dumps_findings([finding(id="b.x"), finding(id="a.x", estimate=1 / 3, low=0, high=1)])
    records = json.loads(text)
    assert [r["id"] for r in records] == ["a.x", "b.x"]
    assert records[0]["estimate"] == 0.33333333
    assert list(records[0]) == [
        "id", "estimate", "se", "low", "high", "level", "p", "p_adjusted", "unit", "n", "groups", "claim",
        "method", "status", "reason", "question", "notebook",
    ]  # fmt: skip


def test_an_id_made_twice_is_refused():
    with pytest.raises(ValueError, match=r"twice: b\.x"):
        dumps_findings([finding(id="b.x"), finding(id="b.x")])


def test_a_round_trip_keeps_findings_and_drops_fields_of_later_versions(tmp_path):
    path = tmp_path / "findings.json"
    records = json.loads(dumps_findings([finding()]))
    path.write_text(json.dumps([records[0] | {"colour": "blue"}]), encoding="utf-8")
    assert read_findings(path) == [finding()]


@pytest.fixture(scope="module")
def walesi(root):
    return open_study(root / "data" / "walesi")


@pytest.mark.parametrize(
    "question", [performance.joint, performance.interactions, training.hours, training.reach]
)
def test_intervals_hold_their_estimates_and_agree_with_p(walesi, question):
    found = [f for f in question(walesi).findings if f.p is not None]
    assert len(found) >= 2
    for f in found:
        assert f.low < f.estimate < f.high
        assert (f.p < 1 - f.level) == (f.low > 0 or f.high < 0)
