"""What would run and why is told without running or writing anything."""

import json
import subprocess
import sys

import pytest

from tests.pipeline import tiny
from tests.pipeline.test_run import FAILING, executed  # noqa: F401 (a fixture)
from walesi_research.errands.speech import tell_standings
from walesi_research.language import LANGUAGES
from walesi_research.pipeline import cache
from walesi_research.pipeline.outbox import ROOM
from walesi_research.pipeline.reach import Package
from walesi_research.pipeline.status import standings
from walesi_research.problems import UserError

pytestmark = pytest.mark.usefixtures("executed", "same_package")


@pytest.fixture
def told(study, notebooks, out):
    """Reasons by notebook, as keys, or as words in English."""

    def tell(words=False, **options):
        usual = {"open_study": tiny.open_study, "every": tiny.EVERY, "notebooks": notebooks}
        found = standings(study, out, **(usual | options))
        for standing in found:
            assert all(reason.in_(language) for reason in standing.reasons for language in LANGUAGES)
        return {
            s.notebook: [r.in_("en") if words else r.key.removeprefix("pipeline.due_") for r in s.reasons]
            for s in found
        }

    return tell


def reasons(**others):
    return {"first": [], "second": [], "third": []} | others


def everything(out):
    return {path: path.stat().st_mtime_ns for path in out.rglob("*")}


def test_before_the_first_run_all_are_new_and_nothing_is_made(told, out):
    assert told() == reasons(first=["new"], second=["new"], third=["new"])
    assert not out.exists()


def test_after_a_run_all_is_up_to_date_and_nothing_is_touched(told, study, notebooks, out):
    tiny.run(study, out, notebooks)
    before = everything(out)
    assert told() == reasons()
    told(parameters={"level": "0.9"})
    assert everything(out) == before


def test_a_report_of_other_data_is_told_though_all_is_kept(study, notebooks, out):
    """Two folders of one id share an output folder: what is kept of one says nothing of the pages there."""
    tiny.run(study, out, notebooks)
    options = {"open_study": tiny.open_study, "every": tiny.EVERY, "notebooks": notebooks}
    first = (study / "value.csv").read_text()
    (study / "value.csv").write_text("41")
    tiny.run(study, out, notebooks)
    assert "All is up to date" in tell_standings(standings(study, out, **options), "en")
    (study / "value.csv").write_text(first)
    found = standings(study, out, **options)
    assert not any(s.due for s in found) and all(s.stale for s in found)
    assert "was made of other data" in tell_standings(found, "en")
    tiny.run(study, out, notebooks)
    assert not any(s.stale for s in standings(study, out, **options))


def test_each_change_is_named_where_it_matters(told, study, notebooks, out, monkeypatch):
    tiny.run(study, out, notebooks)
    fewer = told(words=True, parameters={"draws": "199"})
    assert fewer == reasons(second=["parameters changed: draws 999 → 199"])
    assert told(only=["second"]) == {"second": []}
    with monkeypatch.context() as patch:
        patch.setattr(cache, "versions", lambda: {"numpy": "0"})
        assert told()["second"] == ["versions"]
    longer = tiny.notebook("first")
    longer.cells[-1].source += "\n# another way"
    tiny.make_notebooks(notebooks, first=longer)
    needs = ["what it needs changed: first"]
    assert told(words=True) == reasons(first=["its code cells changed"], third=needs)
    (study / "value.csv").write_text("41")
    assert told(words=True)["second"] == ["data changed: value"]
    assert told()["first"] == ["code", "data"]


def test_changed_modules_are_named_and_many_are_counted(told, study, notebooks, out, monkeypatch):
    tiny.run(study, out, notebooks)
    now = {"stats/mixed.py": "b", "language/locale/id/LC_MESSAGES/data.po": "c"}
    monkeypatch.setattr(Package, "digests_reached", lambda package, cells: now)
    assert told(words=True)["second"] == ["modules changed: data.po, stats.mixed"]
    now |= {f"stats/{letter}.py": "d" for letter in "abc"}
    assert told(words=True)["second"] == ["modules changed: data.po, stats.a, stats.b, stats.c and 1 more"]


def test_a_seed_is_told(told, study, notebooks, out):
    tiny.run(study, out, notebooks)

    def reseeded(folder, tables):
        opened = tiny.open_study(folder, tables)
        opened.seed = 2
        return opened

    assert told(words=True, open_study=reseeded)["second"] == ["the seed changed: 1 → 2"]


def test_a_damaged_entry_is_told_and_the_run_redoes_it(told, study, notebooks, out):
    tiny.run(study, out, notebooks)
    (entry,) = (out / ROOM / cache.FOLDER).glob("second-*.ipynb")
    entry.write_text(entry.read_text()[:-100])
    assert told() == reasons(second=["damaged"])
    assert told(parameters={"draws": "199"})["second"] == ["damaged"]  # nothing to compare with
    assert tiny.run(study, out, notebooks).notebooks["second"].state == "executed"
    assert told() == reasons()


def test_a_failure_is_told(told, study, notebooks, out):
    tiny.make_notebooks(notebooks, first=FAILING)
    tiny.run(study, out, notebooks)
    assert told() == reasons(first=["failed"], third=["new"])


def test_what_is_told_is_what_runs(told, study, notebooks, out):
    tiny.run(study, out, notebooks)
    for options in ({"parameters": {"draws": "99"}}, {"parameters": {"level": "0.9"}}, {}):
        due = {name for name, why in told(**options).items() if why}
        outcome = tiny.run(study, out, notebooks, **options)
        assert {n for n, done in outcome.notebooks.items() if done.state == "executed"} == due


def test_the_last_run_is_what_is_compared_with(told, study, notebooks, out):
    tiny.run(study, out, notebooks, parameters={"draws": "199"})
    tiny.run(study, out, notebooks)
    tiny.run(study, out, notebooks, parameters={"draws": "199"})  # from what was kept
    asked = told(words=True, parameters={"draws": "299"})
    assert asked["second"] == ["parameters changed: draws 199 → 299"]


def test_a_folder_that_is_not_ours_is_refused(told, out):
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(UserError):
        told()


def test_a_manifest_that_cannot_be_read_is_no_obstacle(told, study, notebooks, out):
    tiny.run(study, out, notebooks)
    for text in ("", "[]", json.dumps({"notebooks": {}})):
        (out / "manifest.json").write_text(text)
        assert told() == reasons()


@pytest.mark.parametrize(("language", "words"), [("id", "belum ada hasil"), ("en", "nothing is kept")])
def test_the_verb_tells_and_ends_with_3_only_where_asked(root, tmp_path, language, words):
    verb = [
        sys.executable,
        "-m",
        "walesi_research",
        "status",
        root / "data" / "walesi",
        "--language",
        language,
    ]
    asked = [*verb, "--out", tmp_path / "out", "--only", "01_data"]
    usual, script = (
        subprocess.run([*asked, *more], capture_output=True, text=True, check=False, encoding="utf-8")
        for more in ([], ["--exit-code"])
    )
    assert (usual.returncode, script.returncode) == (0, 3)
    assert usual.stdout == script.stdout
    assert usual.stdout.startswith("01_data") and words in usual.stdout
    assert not (tmp_path / "out").exists()
