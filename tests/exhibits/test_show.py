import json

import pytest

from walesi_research.exhibits import Sentence, fragment, record, show
from walesi_research.findings import FINDINGS_MIME, Finding


@pytest.fixture
def displayed(monkeypatch):
    shown = []
    monkeypatch.setattr(
        "IPython.display.display", lambda data, metadata=None, raw=False: shown.append((data, metadata, raw))
    )
    return shown


def sentences(language):
    return [Sentence({"id": "Ya.", "en": "Yes."}[language], "lead"), Sentence(f"({language})", "range")]


FINDING = Finding(
    id="data.response_share", estimate=0.75, se=0.0, low=0.75, high=0.75, unit="share", n=160,
    claim="description", method="count", question={"id": "Berapa?", "en": "How many?"}, notebook="01_data",
)  # fmt: skip


class Result:
    findings = (FINDING,)


def test_every_language_is_shown_in_one_execution(displayed):
    show(sentences, lambda language: Sentence(language))
    about = [metadata["walesi"] for _, metadata, _ in displayed]
    assert [a["language"] for a in about] == ["id", "id", "en", "en", "id", "en"]
    assert [a["kind"] for a in about] == ["lead", "range", "lead", "range", "plain", "plain"]
    assert about[0]["alt"] == "Ya." == displayed[0][0]["text/plain"]
    assert fragment(displayed[2][0]["text/html"]) == '<p class="lead"><b>Yes.</b></p>'
    assert all(raw for *_, raw in displayed)


@pytest.mark.parametrize("thing", [None, "text", 3, ["text"]])
def test_only_exhibits_are_shown(displayed, thing):
    with pytest.raises(TypeError, match="exhibits"):
        show(lambda language: thing)


def test_findings_are_recorded_as_the_contract_says(displayed):
    record(Result(), FINDING)
    data = displayed[0][0]
    assert data[FINDINGS_MIME] == [FINDING.as_record()] * 2
    assert data["text/plain"] == "2 temuan dicatat."
    json.dumps(data[FINDINGS_MIME], allow_nan=False)


@pytest.mark.parametrize("thing", [None, 3, object()])
def test_only_findings_are_recorded(displayed, thing):
    with pytest.raises(TypeError, match="findings"):
        record(thing)
