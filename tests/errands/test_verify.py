"""Verifying: every alteration of what numbers are made of is noticed and rightly named."""

import datetime as dt
import json
from dataclasses import replace
from html import unescape

import pytest

from tests.pipeline import tiny
from walesi_research.cli.verbs import verify as verb
from walesi_research.errands.verify import dumps_published, read_published, refuse_foreign, told, verified
from walesi_research.findings import read_findings
from walesi_research.pipeline import cache
from walesi_research.pipeline.reach import Package
from walesi_research.problems import UserError
from walesi_research.publish.facts import StudyFacts
from walesi_research.publish.verification import build_verification

NEEDS = {notebook.name: notebook.needs for notebook in tiny.EVERY}


@pytest.fixture(autouse=True)
def reached(monkeypatch):
    """Two modules that every notebook reaches, so that one can be altered; no number depends on them."""
    sources = {"stats/mixed.py": "a" * 64, "questions/appraisal/scores.py": "b" * 64}
    monkeypatch.setattr(Package, "digests_reached", lambda package, cells: dict(sources))
    return sources


@pytest.fixture
def published(study, notebooks, tmp_path):
    outcome = tiny.run(study, tmp_path / "first", notebooks)
    file = tmp_path / "published.json"
    file.write_text(dumps_published(outcome.findings, outcome.parts))
    return file


@pytest.fixture
def verify(study, notebooks, published, tmp_path):
    """Run anew and compare with what was published."""

    def again(against=published, **options):
        outcome = tiny.run(study, tmp_path / "second", notebooks, **options)
        ended = {name: done.state for name, done in outcome.notebooks.items()}
        return verified(read_published(against), outcome.findings, outcome.parts, NEEDS, ended)

    return again


def reasons(check):
    return " ".join(message.in_("en") for message in check.reasons)


def by_id(verification):
    return {check.id: check for check in verification.checks}


def test_the_same_is_found_again(verify):
    found = verify()
    assert found.ok and found.agreed and not found.changes
    assert dict(found.counts) == {"agrees": 3} and found.published == 3
    assert told(found, "en") == "Yes: 3 of 3 numbers are found again."


def test_what_differs_can_be_seen_where_estimates_read_the_same(verify, published, tmp_path):
    record = json.loads(published.read_text())
    record["findings"][0]["p"] = 0.0125
    published.write_text(json.dumps(record))
    found = verify()
    line = next(line for line in told(found, "en").splitlines() if line.startswith("DIFFERS"))
    assert ", p 0.0125 → " in line and ", p 0.0100." in line
    page = page_of(found, tmp_path / "pages")
    assert "<small>p 0.0125</small>" in page and "<small>p 0.0100</small>" in page
    written = (tmp_path / "pages" / "id" / "verification.html").read_text(encoding="utf-8")
    assert "appraisal.<wbr>tie_<wbr>effect" in written, "a phone's screen is narrower than an id"


def test_a_changed_cell_of_data_is_named(verify, study):
    (study / "value.csv").write_text("41")
    found = verify()
    assert not found.ok and found.counts["differs"] == 3
    assert all("data changed: value" in reasons(check) for check in found.checks)
    assert "DIFFERS  appraisal.tie_effect: 38.0000 → 38.9500. Perhaps because data changed: value." in told(
        found, "en"
    )


def test_a_changed_parameter_is_named_where_it_counts(verify):
    found = verify(parameters={"draws": "199"})
    assert found.agreed and not found.ok  # the tiny second notebook does not use its draws
    assert [m.in_("en") for m in found.changes] == ["parameters changed: draws 999 → 199"]
    found = verify(parameters={"level": "0.9"})
    assert found.counts["differs"] == 3
    assert "level 0.95 → 0.9" in reasons(by_id(found)["appraisal.tie_effect"])


def test_another_seed_is_another_study_though_numbers_agree(verify, monkeypatch):
    monkeypatch.setattr(tiny.TinyStudy, "seed", 2, raising=False)
    found = verify(open_study=lambda *given: replace(tiny.open_study(*given), seed=2))
    assert found.agreed and not found.ok
    assert [m.in_("en") for m in found.changes] == ["the seed changed: 1 → 2"]


def test_a_changed_code_cell_is_named_also_to_those_that_need_it(verify, notebooks):
    other = tiny.notebook(
        "first", tiny.READ, tiny.FIND.format(id="appraisal.tie_effect", name="first", p=0.4)
    )
    tiny.make_notebooks(notebooks, first=other)
    found = by_id(verify())
    assert found["appraisal.tie_effect"].fields == ("p", "p_adjusted")
    assert "its code cells changed" in reasons(found["appraisal.tie_effect"])
    assert found["training.hours_slope"].verdict == "differs"  # Holm's adjustment moves with the other's p
    assert found["other.number"].verdict == "agrees"


@pytest.mark.parametrize("name", ["stats/mixed.py", "questions/appraisal/scores.py"])
def test_a_changed_module_is_named(verify, reached, name):
    reached[name] = "c" * 64
    found = verify()
    assert found.ok  # another way to the same numbers is a reproduction
    module = name.removesuffix(".py").replace("/", ".")
    assert [m.in_("en") for m in found.changes] == [f"modules changed: {module}"]


@pytest.mark.parametrize("library", ["numpy", "python"])
def test_another_version_is_named(verify, monkeypatch, library):
    real = cache.versions()
    monkeypatch.setattr(cache, "versions", lambda *libraries: {**real, library: "0.1"})
    found = verify()
    assert found.ok and [m.in_("en") for m in found.changes] == [f"versions changed: {library}"]


def test_prose_is_no_change(verify, notebooks):
    prose = tiny.notebook("second", parameters=tiny.EVERY[1].parameters[1:], prose="Kata lain")
    tiny.make_notebooks(notebooks, second=prose)
    found = verify()
    assert found.ok and not found.changes


def test_what_is_not_found_again_and_what_is_new_are_told_apart(verify, notebooks, published):
    failing = tiny.notebook("second", "raise ValueError('no')", parameters=tiny.EVERY[1].parameters[1:])
    tiny.make_notebooks(notebooks, second=failing)
    found = by_id(verify())
    assert found["training.hours_slope"].verdict == "missing"
    assert "its code cells changed" in reasons(found["training.hours_slope"])
    record = json.loads(published.read_text())
    record["findings"] = [f for f in record["findings"] if f["id"] != "other.number"]
    published.write_text(json.dumps(record))
    assert by_id(verify())["other.number"].verdict == "new"


def test_a_notebook_that_failed_or_was_not_run_is_the_reason(verify, notebooks):
    """Its own reason, beside what has changed; not how this computer calculates."""
    broken = tiny.notebook(
        "first", tiny.READ, "raise ValueError('no')", tiny.FIND.format(id="a.b", name="first", p=0.4)
    )
    tiny.make_notebooks(notebooks, first=broken)
    found = by_id(verify())
    assert found["appraisal.tie_effect"].verdict == "missing"
    assert reasons(found["appraisal.tie_effect"]).startswith("notebook first failed its code cells")
    needing = next(c for c in found.values() if "first" in NEEDS[c.notebook])
    assert "was not run, as one that it needs failed" in reasons(needing)


def test_a_notebook_that_is_no_longer_there_is_the_reason(verify, published):
    record = json.loads(published.read_text())
    record["notebooks"]["own.gone"] = next(iter(record["notebooks"].values()))
    record["findings"].append(record["findings"][0] | {"id": "own.gone.number", "notebook": "own.gone"})
    published.write_text(json.dumps(record))
    check = by_id(verify())["own.gone.number"]
    assert reasons(check) == "notebook own.gone is not among those that were run"


def test_a_published_number_that_was_altered_has_no_reason(verify, published):
    record = json.loads(published.read_text())
    record["findings"][1]["estimate"] *= 1.01
    published.write_text(json.dumps(record))
    found = verify()
    (check,) = [c for c in found.checks if c.verdict == "differs"]
    assert check.fields == ("estimate",)
    assert reasons(check).startswith("nothing that this number is made of has changed")


@pytest.mark.parametrize(("moved", "verdict"), [(0.0009, "agrees"), (0.0011, "differs")])
def test_numbers_agree_within_a_thousandth_of_their_error(verify, published, moved, verdict):
    """The tiny findings have an error of one."""
    record = json.loads(published.read_text())
    record["findings"][0]["estimate"] += moved
    published.write_text(json.dumps(record))
    assert by_id(verify())[record["findings"][0]["id"]].verdict == verdict


@pytest.mark.parametrize("part", ["n", "groups", "level", "unit", "claim"])
def test_what_is_no_estimate_must_be_the_same(verify, published, part):
    other = {"n": 5, "groups": 3, "level": 0.9, "unit": "stars", "claim": "association"}
    record = json.loads(published.read_text())
    record["findings"][0][part] = other[part]
    published.write_text(json.dumps(record))
    assert by_id(verify())[record["findings"][0]["id"]].fields == (part,)


def test_findings_of_a_report_serve_too(verify, published, study, tmp_path):
    first = tmp_path / "first" / "findings.json"
    assert verify(against=first).ok
    (study / "value.csv").write_text("41")
    assert "data changed: value" in reasons(verify(against=first).checks[0])
    alone = tmp_path / "findings.json"
    alone.write_bytes(first.read_bytes())
    found = verify(against=alone)
    assert "does not say what its numbers were made of" in reasons(found.checks[0])
    assert [f.id for f in read_published(alone).findings] == [f.id for f in read_findings(first)]


def page_of(verification, folder):
    """Return the page in English."""
    facts = StudyFacts(
        id="tiny", title={"id": "Kecil", "en": "Tiny"}, synthetic=True, seed=1, version="1", minimum_cell=5,
        created=dt.date(2026, 11, 24),
    )  # fmt: skip
    build_verification(verification, facts, folder)
    return unescape((folder / "en" / "verification.html").read_text(encoding="utf-8"))


def test_numbers_alone_do_not_tell_that_data_and_seed_are_the_same(verify, published, tmp_path):
    """Whatever agrees: a findings.json without its manifest does not say what it was made of."""
    alone = tmp_path / "alone" / "findings.json"
    alone.parent.mkdir()
    alone.write_bytes((tmp_path / "first" / "findings.json").read_bytes())
    found = verify(against=alone, open_study=lambda *given: replace(tiny.open_study(*given), seed=2))
    assert found.agreed and not found.same and not found.ok
    assert "does not tell whether data, parameters and seed are the same" in told(found, "en")
    page = page_of(found, tmp_path / "pages")
    assert "does not tell whether data" in page and "were not compared" in page
    assert "versions of libraries are the same" not in page


def test_modules_that_a_manifest_does_not_name_are_not_said_to_be_the_same(verify, published, tmp_path):
    first = tmp_path / "first" / "findings.json"
    found = verify(against=first)
    assert found.ok and "does not tell the program's modules" in page_of(found, tmp_path / "pages")
    records = json.loads(first.read_text())
    records[0]["estimate"] += 1
    first.write_text(json.dumps(records))
    (check,) = [c for c in verify(against=first).checks if c.verdict == "differs"]
    assert "does not tell the program's modules" in reasons(check)
    assert "modules one by one" not in page_of(verify(), tmp_path / "pages")


def test_a_record_is_saved_over_a_record_only(published, tmp_path, monkeypatch):
    """Before the run: nothing is opened, nothing overwritten."""
    refuse_foreign(published)
    refuse_foreign(tmp_path / "new.json")
    monkeypatch.setattr("walesi_research.cli.verbs.verify.reporting.run_and_tell", lambda *a, **k: 1 / 0)
    for name, content in {"keep.toml": "[study]", "findings.json": "[]", "other.json": "{}"}.items():
        file = tmp_path / name
        file.write_text(content)
        with pytest.raises(UserError) as refused:
            verb.verify(tmp_path / "study", save=file)
        assert "is not overwritten" in refused.value.problems[0].what.in_("en")
        assert file.read_text() == content
    with pytest.raises(UserError):
        refuse_foreign(tmp_path)


@pytest.mark.parametrize(
    ("content", "told_so"),
    [
        (None, "There is no published record"),
        ("{", "is not whole JSON"),
        ("{}", "neither a published record"),
        ("[1]", "neither a published record"),
        ("\x80", "is not whole JSON"),
        ('"text"', "neither a published record"),
    ],
)
def test_a_file_that_is_no_record_is_refused_in_words(tmp_path, content, told_so):
    file = tmp_path / "published.json"
    if content is not None:
        file.write_bytes(content.encode("latin-1"))
    with pytest.raises(UserError) as refused:
        read_published(file)
    assert told_so in refused.value.problems[0].what.in_("en")
