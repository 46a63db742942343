"""The command line: what it prints, where, and how it ends."""

import contextlib
import functools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import walesi_research.pipeline
import walesi_research.study
import walesi_research.study.synthetic
from tests.pipeline import tiny
from walesi_research import __version__, cli
from walesi_research.errands import about, speech
from walesi_research.language import Message
from walesi_research.pipeline.engine import Failure
from walesi_research.problems import Problem, UserError

FAILING = tiny.notebook("first", "x = 1\nraise ValueError('tidak ada')")

# Stands for the installed command, with the tiny study in place of real ones.
DRESSED = f"""
import sys
sys.path.insert(0, {str(Path(tiny.__file__).parent)!r})
import functools, tiny, walesi_research.cli.reporting, walesi_research.pipeline, walesi_research.study
walesi_research.study.open_study = tiny.open_study
walesi_research.cli.reporting.publish = tiny.publish
walesi_research.pipeline.run_study = functools.partial(tiny.run_study, every=tiny.EVERY)
walesi_research.cli.main()
"""


@pytest.fixture(autouse=True)
def undisturbed(monkeypatch, tmp_path):
    """Leave language, signals and the working folder as they were."""
    monkeypatch.setattr(speech, "_chosen", [])
    monkeypatch.setattr("walesi_research.cli.ending.stop_in_order", lambda: None)
    monkeypatch.delenv("WALESI_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def study(tmp_path):
    return tiny.make_study(tmp_path / "study")


@pytest.fixture
def notebooks(tmp_path):
    return tiny.make_notebooks(tmp_path / "notebooks")


@pytest.fixture
def dressed(monkeypatch):
    run_study = functools.partial(tiny.run_study, every=tiny.EVERY)
    monkeypatch.setattr(walesi_research.study, "open_study", tiny.open_study)
    monkeypatch.setattr("walesi_research.cli.reporting.publish", tiny.publish)
    monkeypatch.setattr(walesi_research.pipeline, "run_study", run_study, raising=False)


def walesi(*arguments):
    """Run the command line here and return its exit status."""
    with pytest.raises(SystemExit) as ended:
        cli.main([str(a) for a in arguments])
    return ended.value.code


def test_help_is_quick_and_names_every_verb():
    began = time.monotonic()
    run = subprocess.run([sys.executable, "-m", "walesi_research", "--help"], capture_output=True, text=True)
    assert time.monotonic() - began < 3  # about 0.2 s on an idle machine; a loaded one is slow
    assert run.returncode == 0
    assert all(verb in run.stdout for verb in ("run", "report", "check", "simulate", "key"))


@pytest.mark.parametrize(("language", "words"), [("id", "Tingkat kepercayaan"), ("en", "Confidence level")])
def test_help_of_run_explains_the_parameters_in_either_language(language, words):
    environment = os.environ | {"WALESI_LANGUAGE": language, "COLUMNS": "300"}
    command = [sys.executable, "-m", "walesi_research", "run", "--help"]
    run = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert words in run.stdout
    assert "level=0.95" in run.stdout


def test_version(capsys):
    assert walesi("--version") == 0
    assert capsys.readouterr().out == f"walesi {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["run"], ["fly"], ["run", "x", "--jobs", "0"], ["run", "x", "--wings"]]
)
def test_misuse_of_the_command_line_is_2(arguments, capsys):
    assert walesi(*arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_run_ends_with_the_path_of_the_index_page_alone(study, notebooks, dressed, capsys, tmp_path):
    assert walesi("run", study, "--notebooks", notebooks, "-p", "draws=199", "-j", "2") == 0
    told = capsys.readouterr()
    index = tmp_path / "report-tiny" / "index.html"
    assert told.out == f"{index}\n"
    assert index.exists()
    assert told.err.splitlines().count("second: selesai") == 1
    manifest = json.loads((index.parent / "manifest.json").read_text())
    assert manifest["parameters"]["second"]["draws"] == 199
    assert walesi("run", study, "--notebooks", notebooks, "--only", "third,first", "-o", "here") == 0
    assert (tmp_path / "here" / "id" / "third.html").exists()
    assert not (tmp_path / "here" / "id" / "second.html").exists()


def test_a_table_from_elsewhere(study, notebooks, dressed, capsys, tmp_path):
    (tmp_path / "other=.csv").write_text("50")
    options = ["--notebooks", notebooks, "--only", "first", "--table", f"value={tmp_path / 'other=.csv'}"]
    assert walesi("run", study, *options) == 0
    assert json.loads(Path("report-tiny/findings.json").read_text())[0]["estimate"] == 47.5
    assert walesi("run", study, "--table", "value") == 1
    assert "value" in capsys.readouterr().err


def test_a_failing_notebook_fits_one_screen(study, notebooks, dressed, capsys):
    tiny.make_notebooks(notebooks, first=FAILING)
    assert walesi("run", study, "--notebooks", notebooks, "--language", "en") == 1
    told = capsys.readouterr()
    failure = told.err[told.err.index("\nfirst failed") :]
    assert failure.splitlines()[1:4] == [
        "first failed in code cell 2, line 2:",
        "    raise ValueError('tidak ada')",
        "ValueError: tidak ada",
    ]
    assert len(failure.splitlines()) < 24
    assert "Traceback" not in told.err
    assert "third: skipped" in told.err
    assert told.out.endswith("index.html\n")  # what ended well can be read


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-p", "levle=0.9"], ["levle", "draws, level", "maksudnya level?"]),
        (["-p", "level=2"], ["level", "0.8", "0.999"]),
        (["-p", "level"], ["nama=nilai"]),
        (["--only", "frist"], ["frist", "first"]),
        (["-o", "study/report"], ["folder studi"]),
    ],
)
def test_what_is_refused_is_told_in_words(study, dressed, arguments, words, capsys):
    assert walesi("run", study, *arguments) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert all(word in told.err for word in words)
    assert "Traceback" not in told.err


def test_a_study_that_is_not_there(capsys):
    for verb in ("run", "check", "key"):
        assert walesi(verb, "nowhere", "--language", "en") == 1
        assert capsys.readouterr().err == "There is no study folder nowhere.\n"


def test_check_prints_the_report_in_the_studys_language(study, monkeypatch, capsys):
    asked = []

    def check_study(folder, tables):
        asked.append((folder, tables))
        language = about.language_of(folder)
        return SimpleNamespace(ok=False, language=language, text=lambda spoken: f"laporan {spoken}\n")

    monkeypatch.setattr(walesi_research.study, "check_study", check_study)
    assert walesi("check", study, "--table", "survey=x.csv") == 1
    assert capsys.readouterr().out == "laporan id\n"
    assert asked == [(study, {"survey": Path("x.csv")})]
    (study / "study.toml").write_text('[study]\nid = "tiny"\nlanguage = "en"\n')
    walesi("check", study)
    assert capsys.readouterr().out == "laporan en\n"


def test_a_fault_of_ours_tells_no_value_and_no_traceback(study, dressed, monkeypatch, capsys):
    def break_down(folder, tables):
        raise KeyError("198609262015051001")

    monkeypatch.setattr(walesi_research.study, "open_study", break_down)
    assert walesi("run", study) == 70
    told = capsys.readouterr().err
    assert "KeyError" in told
    assert re.search(r"walesi_research/\S+\.py:\d+", told)
    assert "198609262015051001" not in told
    assert "Traceback" not in told
    monkeypatch.setenv("WALESI_DEBUG", "")
    assert walesi("--debug", "run", study) == 70
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "198609262015051001" not in told


def test_what_the_terminal_cannot_print_is_no_fault(tmp_path):
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "WALESI_LANGUAGE": "en"}
    command = [sys.executable, "-m", "walesi_research", "check", str(tmp_path / "Négeri")]
    run = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert run.returncode == 1
    assert r"N\xe9geri" in run.stderr


def test_a_mistake_that_cannot_be_told_is_no_traceback_either(study, dressed, monkeypatch, capsys):
    def refuse(folder, tables):
        raise UserError([Problem(what=Message.of("pipeline.no_such_message"))])

    monkeypatch.setattr(walesi_research.study, "open_study", refuse)
    assert walesi("run", study) == 70
    assert "Traceback" not in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_told(study, dressed, capsys, monkeypatch):
    def refuse(folder, tables):
        raise PermissionError(13, "Permission denied", "out/manifest.json")

    monkeypatch.setattr(walesi_research.study, "open_study", refuse)
    assert walesi("run", study) == 1
    assert "out/manifest.json (Permission denied)" in capsys.readouterr().err


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_leaves_the_old_report_whole_and_no_kernel(study, notebooks, number, status, tmp_path):
    command = [sys.executable, "-c", DRESSED, "run", str(study), "--notebooks", str(notebooks), "-o", "out"]
    environment = os.environ | {"TMPDIR": "/tmp"}
    assert tiny.run(study, Path("out"), notebooks).ok
    before = {p: p.read_bytes() for p in Path("out").rglob("*") if p.is_file() and ".walesi" not in p.parts}
    pid = tmp_path / "pid"
    cell = (
        f"import os, pathlib, time\npathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    )
    tiny.make_notebooks(notebooks, first=tiny.notebook("first", cell))
    run = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # a background job ignores interrupts
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not (pid.exists() and pid.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    run.send_signal(number)
    _, told = run.communicate(timeout=30)
    assert run.returncode == status
    assert "Traceback" not in told
    after = {p: p.read_bytes() for p in Path("out").rglob("*") if p.is_file() and ".walesi" not in p.parts}
    assert after == before
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_problems_of_the_command_line_are_told_one_a_line():
    what = Message.of("pipeline.unknown_parameter", name="x")
    problem = Problem(what=what, allowed="1, 2", guess="1")
    line = "There is no parameter called x. Allowed: 1, 2. Did you mean 1?"
    assert speech.tell_problems([problem, problem], "en") == f"{line}\n{line}"


def test_problems_of_a_study_are_told_by_file():
    what = Message.of("pipeline.unknown_parameter", name="x")
    told = speech.tell_problems([Problem(what=what, file="s.csv", row=3, column="bk1")], "en").splitlines()
    assert told[0] == "s.csv"
    assert "3" in told[1]
    assert "bk1" in told[1]


def test_a_synthetic_study_is_made_checked_and_given_a_key(monkeypatch, capsys):
    # without the million employees that some truths are defined over
    simulate_folder = functools.partial(walesi_research.study.synthetic.simulate_folder, population=0)
    monkeypatch.setattr(walesi_research.study.synthetic, "simulate_folder", simulate_folder)
    sizes = ["--employees", "40", "--units", "4", "--quarters", "8", "--seed", "3"]
    assert walesi("simulate", "made", *sizes, "-p", "tie_share=0.5", "-p", "one_rater_a_unit=ya") == 0
    assert "made" in capsys.readouterr().err
    truth = json.loads(Path("made/truth.json").read_text())
    assert truth["world"]["tie_share"] == 0.5
    assert truth["world"]["one_rater_a_unit"] is True
    assert truth["world"]["seed"] == 3
    assert walesi("key", "made") == 0
    (key,) = Path("made").glob("*.key")
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_text().strip() not in capsys.readouterr().err
    assert walesi("check", "made") == 0
    assert walesi("key", "made") == 1  # another key would give everybody another pseudonym
    assert walesi("simulate", "made") == 1
    assert walesi("simulate", "other", "-p", "tie_shere=0.5", "-p", "tie_effect=big") == 1
    told = capsys.readouterr().err
    assert "tie_share" in told
    assert "tie_effect" in told
    assert not Path("other").exists()


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of Unix")
def test_on_a_terminal_progress_is_live(study, notebooks):
    import pty

    command = [sys.executable, "-c", DRESSED, "run", str(study), "--notebooks", str(notebooks), "-o", "out"]
    ours, theirs = pty.openpty()
    run = subprocess.Popen(command, stderr=theirs, stdout=subprocess.PIPE, text=True)
    os.close(theirs)
    shown = bytearray()
    with contextlib.suppress(OSError):  # the terminal is gone when the run ends
        while chunk := os.read(ours, 4096):
            shown += chunk
    os.close(ours)
    assert run.wait() == 0
    assert run.stdout.read().endswith("index.html\n")
    assert all(word in shown.decode() for word in ("first", "third", "selesai", "4/4"))


@pytest.mark.parametrize(
    ("failure", "head"),
    [
        (Failure(notebook="a", error="E", message="m"), "a gagal:"),
        (Failure(notebook="a", cell=2, error="E", message="m"), "a gagal di sel kode 2:"),
        (Failure(notebook="a", cell=2, line=3, error="E", message="m"), "a gagal di sel kode 2, baris 3:"),
    ],
)
def test_a_failure_says_what_is_known(failure, head):
    assert speech.tell_failure(failure, "id").splitlines() == [head, "E: m"]


def test_the_report_is_named_after_the_study(study, tmp_path):
    assert about.default_out(study) == Path("report-tiny")
    assert about.default_out(tmp_path / "My Study") == Path("report-my-study")
    (study / "study.toml").write_text("not toml [")
    assert about.default_out(study) == Path("report-study")
    assert about.language_of(study) == "id"


def test_an_error_carries_the_studys_language(study, dressed, monkeypatch, capsys):
    def refuse(folder, tables):
        raise UserError([Problem(what=Message.of("pipeline.unknown_parameter", name="x"))], language="en")

    monkeypatch.setattr(walesi_research.study, "open_study", refuse)
    walesi("run", study)
    assert capsys.readouterr().err == "There is no parameter called x.\n"
