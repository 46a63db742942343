"""A run: what is executed, what is kept, what is put out."""

import json
import re
import signal
import threading
import time
from types import SimpleNamespace

import nbformat
import pytest

from tests.pipeline import tiny
from walesi_research import __version__
from walesi_research.findings import read_findings
from walesi_research.pipeline import files, notebook, run, schedule
from walesi_research.pipeline.graph import FINDINGS, STUDY, Notebook
from walesi_research.pipeline.inputs import input_digests
from walesi_research.pipeline.outbox import ROOM
from walesi_research.pipeline.reach import Package
from walesi_research.problems import UserError

FAILING = tiny.notebook("first", "x = 1", "x = 2\nraise ValueError('no such unit')")


def states(outcome):
    return {name: done.state for name, done in outcome.notebooks.items()}


def everywhere(state, **others):
    return dict.fromkeys(("first", "second", "third"), state) | others


def outputs(out):
    return {n: (out / n).read_bytes() for n in files.relative_files(out) if not n.startswith(ROOM)}


def stable(out):
    """Outputs but for the manifest, which holds times."""
    return {name: content for name, content in outputs(out).items() if name != "manifest.json"}


@pytest.fixture
def executed(monkeypatch):
    """Count executions without a kernel: outputs are those of a notebook that found what it should."""
    count = []

    def execute(name, document, folder, on_cell, warm):
        assert (folder / "study" / "value.txt").exists()
        count.append(name)
        source = "\n".join(cell.source for cell in notebook.code_cells(document))
        if "raise" in source:
            failure = run.Failure(notebook=name, cell=2, line=2, error="ValueError", message="no such unit")
            raise run.NotebookFailed(failure)
        result = notebook.NotebookNode(document)
        shown = []
        display = SimpleNamespace(display=lambda data, raw: shown.append(data))
        exec(_without_kernel(source, folder), {"display": display.display})
        last = notebook.code_cells(result)[-1]
        last.outputs = [notebook.nbformat.v4.new_output("display_data", data=data) for data in shown]
        return result

    monkeypatch.setattr(run, "execute", execute)
    return count


def _without_kernel(source, folder):
    here = re.sub(r"^study = 'study'$", f"study = {str(folder / 'study')!r}", source, flags=re.M)
    here = re.sub(r"^findings = '(findings-\w+.json)'$", rf"findings = '{folder}/\1'", here, flags=re.M)
    return here.replace("from IPython.display import display\n", "")


def test_a_study_becomes_findings_pages_and_a_manifest(study, notebooks, out):
    outcome = tiny.run(study, out, notebooks)
    assert outcome.ok
    assert states(outcome) == everywhere("executed")
    assert set(outputs(out)) == {
        "findings.json", "manifest.json", "index.html", "id/first.html", "id/second.html", "id/third.html",
    }  # fmt: skip
    found = {f.id: f for f in read_findings(out / "findings.json")}
    assert {f.estimate for f in found.values()} == {38.0}  # 40 × .95
    # Holm by hand: the smaller of two p-values doubles; the third finding is not of the family
    assert found["appraisal.tie_effect"].p_adjusted == 0.02
    assert found["training.hours_slope"].p_adjusted == 0.02
    assert found["other.number"].p_adjusted is None
    assert outcome.findings == tuple(sorted(found.values(), key=lambda f: f.notebook))


def test_one_job_finds_what_two_find(study, notebooks, tmp_path, executed):
    tiny.run(study, tmp_path / "a", notebooks, jobs=1)
    tiny.run(study, tmp_path / "b", notebooks, jobs=2)
    assert stable(tmp_path / "a") == stable(tmp_path / "b")
    assert len(executed) == 6


def test_the_manifest_says_what_was_read_run_and_written(study, notebooks, out, executed):
    tiny.run(study, out, notebooks, parameters={"draws": "199"})
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["tool"] == "walesi_research"
    assert manifest["version"] == __version__
    assert manifest["study"] == {"id": "tiny", "seed": 1}
    digest = files.digest_of(study / "value.csv")
    assert manifest["data"]["value"] == {"file": "value.csv", "sha256": digest}
    assert manifest["data"]["settings"]["sha256"] == files.digest_of(study / "study.toml")
    assert manifest["parameters"]["second"] == {"level": 0.95, "draws": 199}
    assert set(manifest["code"]["notebooks"]) == {"first", "second", "third"}
    assert re.fullmatch("[0-9a-f]{64}", manifest["code"]["package"])
    assert {"python", "numpy", "papermill"} <= set(manifest["versions"])
    assert manifest["started"] <= manifest["ended"]
    assert {n["state"] for n in manifest["notebooks"].values()} == {"executed"}
    written = {name: files.digest_of(out / name) for name in outputs(out) if name != "manifest.json"}
    assert manifest["outputs"] == written
    assert str(out.parent) not in (out / "manifest.json").read_text()


def test_nothing_runs_again_while_nothing_changes(study, notebooks, out, executed, same_package):
    tiny.run(study, out, notebooks)
    before = stable(out)
    assert states(tiny.run(study, out, notebooks)) == everywhere("cached")
    assert len(executed) == 3
    assert stable(out) == before
    assert states(tiny.run(study, out, notebooks, force=True)) == everywhere("executed")
    assert stable(out) == before


def when_written(out):
    return {name: (out / name).stat().st_mtime_ns for name in outputs(out)}


def test_while_nothing_changes_nothing_is_written_and_no_page_is_made(
    study, notebooks, out, executed, same_package
):
    made = []

    def publish(*given):
        made.append(given)
        tiny.publish(*given)

    tiny.run(study, out, notebooks, publish=publish)
    before = when_written(out)
    assert tiny.run(study, out, notebooks, publish=publish).published
    assert (len(made), when_written(out)) == (1, before)


@pytest.mark.parametrize("harm", ["edited", "lost", "manifest", "version", "findings only"])
def test_outputs_that_are_not_as_they_would_be_are_made_again(
    study, notebooks, out, executed, same_package, monkeypatch, harm
):
    tiny.run(study, out, notebooks, publish=None if harm == "findings only" else tiny.publish)
    page, manifest = out / "id" / "second.html", out / "manifest.json"
    if harm == "edited":
        page.write_text("anders")
    elif harm == "lost":
        page.unlink()
    elif harm == "manifest":
        manifest.write_text(manifest.read_text()[:-9])
    elif harm == "version":
        monkeypatch.setattr(run.cache, "OF_PAGES", ("jinja2", "pytest"))
    assert states(tiny.run(study, out, notebooks)) == everywhere("cached")
    assert json.loads(page.read_text())[1]
    assert json.loads(manifest.read_text())["outputs"]["id/second.html"] == files.digest_of(page)
    assert json.loads(manifest.read_text())["notebooks"]["second"]["state"] == "cached"


def test_a_change_runs_what_depends_on_it(study, notebooks, out, executed, same_package, monkeypatch):
    tiny.run(study, out, notebooks)

    def again(**options):
        return states(tiny.run(study, out, notebooks, **options))

    assert again(parameters={"draws": "199"}) == everywhere("cached", second="executed")
    assert again(parameters={"level": "0.9"}) == everywhere("executed")
    longer = tiny.notebook("first")
    longer.cells[-1].source += "\n# another way"
    tiny.make_notebooks(notebooks, first=longer)
    assert again() == {"first": "executed", "second": "cached", "third": "executed"}  # third needs first
    (study / "value.csv").write_text("41")
    assert again() == everywhere("executed")
    assert read_findings(out / "findings.json")[0].estimate == pytest.approx(41 * 0.95, rel=1e-8)
    monkeypatch.setattr(Package, "digests_reached", lambda package, cells: {"stats/mixed.py": "changed"})
    assert again() == everywhere("executed")
    assert again() == everywhere("cached")


def test_a_table_from_elsewhere_is_an_input_like_any_other(
    study, notebooks, out, executed, same_package, tmp_path
):
    tiny.run(study, out, notebooks)
    other = tmp_path / "other.csv"
    other.write_text("50")
    assert states(tiny.run(study, out, notebooks, tables={"value": other})) == everywhere("executed")
    data = json.loads((out / "manifest.json").read_text())["data"]
    assert data["value"] == {"file": "other.csv", "sha256": files.digest_of(other)}


def test_new_prose_is_shown_without_running_anything(study, notebooks, out, executed, same_package):
    tiny.run(study, out, notebooks)
    tiny.make_notebooks(
        notebooks, second=tiny.notebook("second", parameters=tiny.EVERY[1].parameters[1:], prose="Baru")
    )
    assert states(tiny.run(study, out, notebooks)) == everywhere("cached")
    prose, found = json.loads((out / "id" / "second.html").read_text())
    assert prose == ["Baru"]
    assert found[0]["estimate"] == 38.0


def test_a_damaged_entry_is_run_again(study, notebooks, out, executed, same_package):
    tiny.run(study, out, notebooks)
    (entry,) = (out / ROOM / "executed").glob("second-*.ipynb")
    entry.write_text(entry.read_text().replace("38", "39"))
    assert states(tiny.run(study, out, notebooks)) == everywhere("cached", second="executed")


def test_a_failing_notebook_does_not_stop_the_others(study, notebooks, out, executed, same_package):
    tiny.make_notebooks(notebooks, first=FAILING)
    outcome = tiny.run(study, out, notebooks)
    assert not outcome.ok
    assert states(outcome) == {"first": "failed", "second": "executed", "third": "skipped"}
    (failure,) = outcome.failures
    assert (failure.notebook, failure.error) == ("first", "ValueError")
    (found,) = read_findings(out / "findings.json")
    assert found.id == "training.hours_slope"
    assert found.p_adjusted is None  # the family is not complete
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["notebooks"]["first"]["state"] == "failed"
    tiny.make_notebooks(notebooks)
    assert states(tiny.run(study, out, notebooks)) == everywhere("executed", second="cached")


def test_when_all_fail_the_old_report_stands(study, notebooks, out, executed):
    tiny.run(study, out, notebooks)
    before = outputs(out)
    tiny.make_notebooks(notebooks, **dict.fromkeys(("first", "second", "third"), FAILING))
    outcome = tiny.run(study, out, notebooks)
    assert not outcome.published
    assert outputs(out) == before


def test_a_finding_that_contradicts_itself_fails_its_notebook(study, notebooks, out, executed):
    wrong = tiny.notebook(
        "second", tiny.READ, tiny.FIND.format(id="x", name="second", p=0.5).replace("1e9", "-1.0")
    )
    tiny.make_notebooks(notebooks, second=wrong)
    outcome = tiny.run(study, out, notebooks)
    assert states(outcome) == everywhere("executed", second="failed")
    assert "wrong way round" in outcome.failures[0].message


def test_only_some_are_not_adjusted_and_the_others_pages_go(study, notebooks, out, executed, same_package):
    tiny.run(study, out, notebooks)
    outcome = tiny.run(study, out, notebooks, only=["third"])
    assert states(outcome) == {"first": "cached", "third": "cached"}
    assert {f.p_adjusted for f in read_findings(out / "findings.json")} == {None}
    assert not (out / "id" / "second.html").exists()


@pytest.mark.parametrize(
    "options", [{"parameters": {"levle": "0.9"}}, {"parameters": {"level": "9"}}, {"only": ["frist"]}]
)
def test_a_mistake_on_the_command_line_is_refused_before_anything(study, notebooks, out, executed, options):
    with pytest.raises(UserError):
        tiny.run(study, out, notebooks, **options)
    assert not out.exists()


def test_a_study_that_does_not_open_leaves_no_trace(study, notebooks, out):
    def refuse(folder, tables):
        raise UserError([])

    with pytest.raises(UserError):
        tiny.run(study, out, notebooks, open_study=refuse)
    assert not out.exists()


def test_an_output_folder_within_the_study_is_refused(study, notebooks):
    before = files.relative_files(study)
    with pytest.raises(UserError):
        tiny.run(study, study / "report", notebooks)
    assert files.relative_files(study) == before


def test_peoples_answers_do_not_stay_behind(study, notebooks, out, executed):
    tiny.run(study, out, notebooks)
    assert {p.name for p in (out / ROOM).iterdir()} <= {"executed", "lock"}
    tiny.make_notebooks(notebooks, first=FAILING)
    tiny.run(study, out, notebooks)
    assert {p.name for p in (out / ROOM).iterdir()} <= {"executed", "lock"}


def test_pages_that_cannot_be_made_leave_the_old_report_whole(study, notebooks, out, executed, same_package):
    tiny.run(study, out, notebooks)
    before = outputs(out)

    def break_down(study, outcome, folder):
        tiny.publish(study, outcome, folder)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        tiny.run(study, out, notebooks, parameters={"level": "0.9"}, publish=break_down)
    assert outputs(out) == before
    done = tiny.run(study, out, notebooks, parameters={"level": "0.9"})
    assert states(done) == everywhere("cached")  # what was executed is not lost


def test_an_interrupted_run_resumes_from_what_was_finished(study, notebooks, out, executed, same_package):
    def interrupt(step):
        if step == schedule.Step(notebook="second", state="executed"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tiny.run(study, out, notebooks, jobs=1, progress=interrupt)
    assert outputs(out) == {}
    outcome = tiny.run(study, out, notebooks)
    assert outcome.ok
    assert states(outcome)["first"] == states(outcome)["second"] == "cached"  # third may have begun, or not
    assert executed.count("first") == executed.count("second") == 1


def test_steps_are_told(study, notebooks, out, executed, same_package):
    steps = []
    tiny.run(study, out, notebooks, progress=steps.append)
    told = [(s.notebook, s.state) for s in steps if s.notebook == "first"]
    assert told == [("first", "running"), ("first", "executed")]
    steps.clear()
    tiny.run(study, out, notebooks, progress=steps.append)
    assert [(s.notebook, s.state) for s in steps] == [(n, "cached") for n in ("first", "second", "third")]


def test_no_more_run_at_once_than_jobs_and_independent_ones_do():
    both, alone = threading.Barrier(2, timeout=10), threading.Lock()

    def meet(name):
        both.wait()  # breaks unless two run at once

    def by_itself(name):
        assert alone.acquire(blocking=False)
        alone.release()

    independent = {"a": (), "b": ()}
    quiet = {"ended": lambda name, done: None, "stop": lambda: None}
    assert all(d.failure is None for d in schedule.run_in_order(independent, meet, 2, **quiet).values())
    schedule.run_in_order(independent, by_itself, 1, **quiet)


def test_an_interrupt_stops_what_runs_and_is_passed_on():
    running, stopped = threading.Event(), threading.Event()
    began = []

    def run_until_stopped(name):
        began.append(name)
        running.set()
        assert stopped.wait(10)

    def interrupt(name, done):
        assert running.wait(10)
        raise KeyboardInterrupt

    def first_ends(name):
        if name != "first":
            run_until_stopped(name)

    needs = {"first": (), "long": (), "waiting": ()}
    with pytest.raises(KeyboardInterrupt):
        schedule.run_in_order(needs, first_ends, 2, interrupt, stopped.set)
    assert stopped.is_set()
    assert "long" in began


def test_an_interrupt_does_not_wait_for_what_has_not_begun():
    """One notebook runs, the others are still queued: they are cancelled, and nothing waits for them."""
    stopped = threading.Event()

    def run_until_stopped(name):
        assert name == "first" or stopped.wait(10)

    def interrupt(name, done):
        raise KeyboardInterrupt

    def run():
        with pytest.raises(KeyboardInterrupt):
            needs = dict.fromkeys(["first", *"abcdef"], ())
            schedule.run_in_order(needs, run_until_stopped, 1, interrupt, stopped.set)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


def test_an_interrupt_that_another_thread_receives_is_seen_too():
    """The system may hand a signal to any thread; whoever waits on a lock sleeps on."""
    stopped, looked = threading.Event(), []

    def interrupted_elsewhere(name):
        time.sleep(0.3)  # by then the main thread waits
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        looked.append(stopped.wait(20))
        return None, None

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            schedule.run_in_order({"a": ()}, interrupted_elsewhere, 1, lambda name, end: None, stopped.set)
    finally:
        signal.signal(signal.SIGINT, before)
    assert looked == [True], "the interrupt was seen only after the notebook had ended"


def test_a_number_in_the_name_of_a_file_is_covered(tmp_path):
    study = tiny.make_study(tmp_path / "study")
    outside = {"value": tmp_path / "198609262015051001.csv"}
    digests = input_digests(study, outside, {"value": "0"})
    assert digests["value"] == {"file": f"{'•' * 18}.csv", "sha256": "0"}


TELL = """from pathlib import Path
import json
from IPython.display import display
found = json.loads(Path(findings).read_text())
told = {f["id"]: [f["estimate"], f["p_adjusted"]] for f in found}
display({"text/plain": json.dumps(told)}, raw=True)"""
LAST = Notebook(
    name="last", title_key="pipeline.title_01_data", parameters=(STUDY, FINDINGS), needs=("first", "second")
)


def with_last(folder):
    nbformat.write(tiny.notebook("last", TELL, parameters=(FINDINGS,)), folder / "last.ipynb")
    return folder


def told_last(outcome):
    outputs = outcome.executed["last"].cells[-1].outputs
    return json.loads(outputs[0]["data"]["text/plain"])


def test_a_notebook_is_handed_the_findings_of_those_it_needs(study, notebooks, out, executed):
    every = (*tiny.EVERY, LAST)
    outcome = tiny.run(study, out, with_last(notebooks), every=every)
    # Holm by hand: .01 × 2 and .02, which may not be smaller than the one before
    assert told_last(outcome) == {"appraisal.tie_effect": [38.0, 0.02], "training.hours_slope": [38.0, 0.02]}


def test_a_changed_finding_reaches_the_notebook_that_is_handed_it(study, notebooks, out, executed):
    every = (*tiny.EVERY, LAST)
    tiny.run(study, out, with_last(notebooks), every=every)
    outcome = tiny.run(study, out, notebooks, every=every, parameters={"draws": 499, "level": 0.9})
    assert told_last(outcome)["training.hours_slope"][0] == 36.0


def test_findings_handed_on_come_from_kept_notebooks_too(study, notebooks, out, executed, same_package):
    every = (*tiny.EVERY, LAST)
    tiny.run(study, out, with_last(notebooks), every=every)
    changed = tiny.notebook("last", TELL + "\n", parameters=(FINDINGS,))
    nbformat.write(changed, notebooks / "last.ipynb")
    outcome = tiny.run(study, out, notebooks, every=every)
    assert [end.state for end in outcome.notebooks.values()] == ["cached"] * 3 + ["executed"]
    assert told_last(outcome)["appraisal.tie_effect"] == [38.0, 0.02]


def test_a_partial_report_does_not_stand_once_all_is_well(
    study, notebooks, out, executed, same_package, monkeypatch
):
    """A notebook failed by chance; the run that mended it died while making pages: nothing is left to run."""
    really, tried = run.execute, []

    def once_failing(name, *given, **options):
        tried.append(name)
        if name == "first" and tried.count(name) == 1:
            raise run.NotebookFailed(run.Failure(notebook=name, error="MemoryError", message=""))
        return really(name, *given, **options)

    def dying(*given):
        raise OSError("disk full")

    monkeypatch.setattr(run, "execute", once_failing)
    assert not tiny.run(study, out, notebooks).ok
    assert len(read_findings(out / "findings.json")) == 1
    with pytest.raises(OSError, match="disk full"):
        tiny.run(study, out, notebooks, publish=dying)
    assert len(read_findings(out / "findings.json")) == 1
    assert states(tiny.run(study, out, notebooks)) == everywhere("cached")
    assert len(read_findings(out / "findings.json")) == 3


def test_what_ran_while_code_was_edited_is_not_kept(study, notebooks, out, executed, monkeypatch):
    """Also not for when the edit is taken back."""
    really, now = run.execute, {"stats/mixed.py": "as it was"}

    def while_edited(*given, **options):
        now["stats/mixed.py"] = "edited"
        return really(*given, **options)

    monkeypatch.setattr(Package, "digests_reached", lambda package, cells: dict(now))
    with monkeypatch.context() as edited:
        edited.setattr(run, "execute", while_edited)
        assert tiny.run(study, out, notebooks).ok
    now["stats/mixed.py"] = "as it was"
    assert states(tiny.run(study, out, notebooks)) == everywhere("executed")
    assert states(tiny.run(study, out, notebooks)) == everywhere("cached")


def test_moving_the_parameters_tag_is_a_change_of_code():
    one, other = (tiny.notebook("first") for _ in range(2))
    other.cells[1].metadata["tags"], other.cells[2].metadata["tags"] = [], ["parameters"]
    assert notebook.code_digest(one) != notebook.code_digest(other)


def test_an_interrupt_as_a_notebook_begins_stops_it_too(monkeypatch):
    """It runs already, but nothing tells so yet."""
    begun, stopped, looked = threading.Event(), threading.Event(), []

    class Interrupted(schedule.ThreadPoolExecutor):
        def submit(self, *work):
            super().submit(*work)
            assert begun.wait(10)
            raise KeyboardInterrupt

    def run_until_stopped(name):
        begun.set()
        looked.append(stopped.wait(20))
        return None, None

    monkeypatch.setattr(schedule, "ThreadPoolExecutor", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        schedule.run_in_order({"a": ()}, run_until_stopped, 1, lambda name, end: None, stopped.set)
    assert looked == [True]
