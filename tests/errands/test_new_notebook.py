"""The verb ``walesi new-notebook``, and what becomes of a researcher's own notebooks in a run."""

import importlib.util
import json
import shutil
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from tests.pipeline import tiny
from tests.questions import small
from walesi_research import cli, open_study
from walesi_research.errands import speech
from walesi_research.errands.new_notebook import write_scaffold
from walesi_research.findings import read_findings
from walesi_research.language import LANGUAGES, say
from walesi_research.pipeline import NOTEBOOKS, own
from walesi_research.pipeline.graph import FINDINGS, LEVEL, STUDY
from walesi_research.problems import UserError
from walesi_research.publish import verification
from walesi_research.publish.guide import GUIDES
from walesi_research.study.synthetic import simulate_folder

FIND = tiny.FIND.replace("level, se", "level * factor, se").replace(
    'unit="points"', 'unit="points", n=len(study)'
)


@pytest.fixture(autouse=True)
def undisturbed(monkeypatch, tmp_path):
    monkeypatch.setattr(speech, "_chosen", [])
    monkeypatch.setattr("walesi_research.cli.ending.stop_in_order", lambda: None)
    monkeypatch.chdir(tmp_path)


def walesi(*arguments):
    with pytest.raises(SystemExit) as ended:
        cli.main([*map(str, arguments)])
    return ended.value.code


def own_notebook(
    study: Path, name: str, *cells: str, title: str = "Milik sendiri", **cells_of_module: str
) -> None:
    """Write a notebook of one's own into a study, by default one that takes a factor from its module."""
    folder = study / own.FOLDER
    folder.mkdir(exist_ok=True)
    usual = ("from lib import factor", tiny.READ, FIND.format(id=f"own.{name}.number", name=name, p=0.5))
    made = tiny.notebook(name, *(cells or usual), prose=f"# {title}")
    nbformat.write(made, folder / f"{name}.ipynb")
    if not (folder / "lib.py").exists():
        (folder / "lib.py").write_text("factor = 2\n")


def states(outcome):
    return {name: done.state for name, done in outcome.notebooks.items()}


# the pipeline


def test_own_notebooks_run_after_the_others_and_import_what_lies_beside_them(study, notebooks, tmp_path):
    own_notebook(study, "mine")
    outcome = tiny.run(study, tmp_path / "out", notebooks)
    assert states(outcome) == dict.fromkeys(("first", "second", "third", "mine"), "executed")
    found = {f.id: f for f in outcome.findings}
    assert found["own.mine.number"].estimate == 40 * 0.95 * 2
    assert found["appraisal.tie_effect"].p_adjusted == 0.02
    assert (tmp_path / "out" / "id" / "mine.html").exists()
    assert not list((tmp_path / "out").rglob("lib.py"))  # what lies beside does not stay behind


@pytest.mark.parametrize("engine", ["warm", "stock"])
def test_a_module_shadows_nothing_in_other_notebooks(study, notebooks, tmp_path, engine):
    """One's own ``rich.py`` is for one's own notebooks; the others still find the library."""
    own_notebook(study, "mine", "import rich\nassert rich.mine")
    (study / own.FOLDER / "rich.py").write_text("mine = True\n")
    look = tiny.notebook("first", "import rich\nassert rich.get_console")
    nbformat.write(look, notebooks / "first.ipynb")
    assert tiny.run(study, tmp_path / "out", notebooks, engine=engine).ok


def test_only_what_changed_runs_again(study, notebooks, tmp_path, same_package):
    own_notebook(study, "mine")
    out, all_cached = tmp_path / "out", dict.fromkeys(("first", "second", "third", "mine"), "cached")
    tiny.run(study, out, notebooks)
    assert states(tiny.run(study, out, notebooks)) == all_cached
    (study / own.FOLDER / "lib.py").write_text("factor = 3\n")
    outcome = tiny.run(study, out, notebooks)
    assert states(outcome) == all_cached | {"mine": "executed"}
    assert {f.id: f.estimate for f in outcome.findings}["own.mine.number"] == 40 * 0.95 * 3
    own_notebook(study, "mine", title="Judul lain")
    assert states(tiny.run(study, out, notebooks)) == all_cached
    assert "Judul lain" in (out / "id" / "mine.html").read_text()
    (study / own.FOLDER / "mine.ipynb").unlink()
    tiny.run(study, out, notebooks)
    assert not (out / "id" / "mine.html").exists()


def test_a_changed_module_is_named_by_status(study, notebooks, tmp_path, same_package):
    from walesi_research.pipeline.status import standings

    own_notebook(study, "mine")
    options = {"open_study": tiny.open_study, "every": tiny.EVERY, "notebooks": notebooks}
    tiny.run(study, tmp_path / "out", notebooks)
    (study / own.FOLDER / "lib.py").write_text("factor = 3\n")
    due = {s.notebook: s.reasons for s in standings(study, tmp_path / "out", **options) if s.due}
    assert list(due) == ["mine"] and "notebooks.lib" in due["mine"][0].in_("en")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("1 / 0",), "division"),
        (("from lib import nothing_such",), "nothing_such"),
        ((tiny.READ, tiny.FIND.format(id="training.hours_slope", name="mine", p=0.5)), "own.mine."),
        ((tiny.READ, tiny.FIND.format(id="own.mine.x", name="second", p=0.5)), "second"),
        ((tiny.READ, *2 * (tiny.FIND.format(id="own.mine.x", name="mine", p=0.5),)), "twice"),
    ],
)
def test_an_error_takes_away_its_own_page_only(study, notebooks, tmp_path, cells, words):
    """The others' findings stand and are adjusted together, as without it."""
    own_notebook(study, "mine", *cells)
    own_notebook(study, "sound")
    outcome = tiny.run(study, tmp_path / "out", notebooks)
    assert states(outcome) == dict.fromkeys(("first", "second", "third", "sound"), "executed") | {
        "mine": "failed"
    }
    assert words in outcome.failures[0].message and not outcome.ok and outcome.published
    found = {f.id: f for f in read_findings(tmp_path / "out" / "findings.json")}
    assert found["training.hours_slope"].p_adjusted == 0.02 and "own.sound.number" in found
    assert not any(f.notebook == "mine" for f in found.values())


def test_the_findings_of_others_are_handed_on_where_they_are_asked_for(study, notebooks, tmp_path):
    read = "import json\nassert {f['id'] for f in json.load(open(findings))} == " + repr(
        set(tiny.IDS.values())
    )
    own_notebook(study, "mine", read)
    path = study / own.FOLDER / "mine.ipynb"
    book = nbformat.read(path, 4)
    book.cells[1].source += '\nfindings = "../report/findings.json"'
    nbformat.write(book, path)
    assert tiny.run(study, tmp_path / "out", notebooks, only=["mine"]).ok


def test_its_parameters_can_be_set(study, notebooks, tmp_path):
    own_notebook(study, "mine", "assert (limit, level) == (0.7, 0.9), (limit, level)")
    path = study / own.FOLDER / "mine.ipynb"
    book = nbformat.read(path, 4)
    book.cells[1].source += "\nlimit = 0.5"
    nbformat.write(book, path)
    given = {"limit": "0,7", "level": "0.9"}
    assert tiny.run(study, tmp_path / "out", notebooks, parameters=given).ok
    with pytest.raises(UserError):
        tiny.run(study, tmp_path / "out", notebooks, parameters={"limit": "many"})


def test_files_that_are_no_notebook_of_a_report_are_told_all_at_once(study):
    own_notebook(study, "good")
    folder = study / own.FOLDER
    for name in ("08_brief", "Mein Titel", "reading", "broken", "Untitled1", "good-Copy1"):
        (folder / f"{name}.ipynb").write_text("{")
    with pytest.raises(UserError) as refused:
        own.own_notebooks(study, NOTEBOOKS)
    told = {problem.file: problem.what.key for problem in refused.value.problems}
    assert told == {
        "notebooks/08_brief.ipynb": "scaffold.bad_name",
        "notebooks/Mein Titel.ipynb": "scaffold.bad_name",
        "notebooks/broken.ipynb": "scaffold.unreadable",
        "notebooks/reading.ipynb": "scaffold.name_taken",
    }


def test_no_name_can_be_that_of_another_page():
    assert {*GUIDES, verification.NAME, "index"} == set(own.RESERVED)
    assert all(own.fault_of(n.name, NOTEBOOKS) for n in NOTEBOOKS)
    assert (
        sorted([*(n.name for n in NOTEBOOKS), "a"])[-1] == "a"
    )  # pages are listed by name: one's own are last


# the scaffold


def question_of(made, monkeypatch):
    """Return the module that was scaffolded."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec = importlib.util.spec_from_file_location(made.module.stem, made.module)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, made.module.stem, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=LANGUAGES)
def question(request, tmp_path, monkeypatch):
    folder = tmp_path / "any"
    folder.mkdir()
    (folder / "study.toml").write_text("")
    return question_of(write_scaffold(folder, "mine", request.param), monkeypatch)


def told(answer):
    return {code: [s.alt for s in answer.sentence(code)] for code in LANGUAGES}


def test_the_example_counts_what_it_says(root, question):
    """Ranks less their unit's mean, correlated by pandas."""
    study = open_study(root / "data" / "walesi")
    answer = question.ask(study, 0.95)
    wave = study.survey[study.survey["wave"] == study.survey["wave"].max()].set_index("employee_id")
    both = study.codebook.scores(wave)[["work_culture", "recognition"]].dropna()
    unit = study.employees.set_index("employee_id")["unit"].astype(str).reindex(both.index)
    ranks = both.rank()
    apart = ranks - ranks.groupby(unit).transform("mean")
    assert answer.finding.estimate == pytest.approx(apart.corr().iloc[0, 1], abs=1e-12)
    assert answer.finding.groups == unit.nunique() and answer.finding.n == round(len(both) / 5) * 5
    lead, size = told(answer)["id"]
    assert lead.startswith("Ya.") and "Budaya kerja" in lead and "0,53" in size
    assert question.ask(study, 0.95, "fairness", "favouritism").finding.high < 0  # perceived as opposites
    assert told(question.ask(study, 0.95, "fairness", "favouritism"))["en"][0].startswith("No, the opposite.")


def random_study(n, units=3, **tables):
    rng = np.random.default_rng(1)
    employees = small.people(n, units)
    answers = {item: rng.integers(1, 6, n) for item in small.codebook().items}
    return small.study({"employees": employees, "survey": small.survey(employees, answers)} | tables)


def test_where_the_data_say_little_it_says_so(question):
    unrelated = question.ask(random_study(40), 0.95)
    assert unrelated.finding.low < 0 < unrelated.finding.high
    assert told(unrelated)["id"][0].startswith("Belum dapat disimpulkan.")
    few = question.ask(random_study(4, 1), 0.95)
    assert few.finding.status == "suppressed" and few.finding.estimate is None
    alone = question.ask(random_study(8, 8), 0.95)
    assert alone.finding.status == "not_estimable" and alone.finding.reason == told(alone)["en"][0]
    employees = small.people(10)
    nothing = question.ask(small.study({"employees": employees}, small.codebook(roles=())), 0.95)
    assert nothing.finding.status == "not_estimable" and len(told(nothing)["id"]) == 1


def test_every_kind_of_study_gets_an_answer(root, question, tmp_path):
    """Without appraisals, without a survey, of one unit, of thirty people."""
    folder = root / "data" / "walesi"
    whole = open_study(folder)
    less = {
        name: small.study({k: t for k, t in whole.tables.items() if k != name}, whole.codebook)
        for name in ("survey", "appraisals")
    }
    assert question.ask(less["survey"], 0.95).names["id"] == ["Nilai kinerja", "Capaian"]
    assert question.ask(less["appraisals"], 0.95).finding.status == "estimated"
    one = whole.employees.assign(unit=pd.Categorical(["x"] * len(whole.employees)))
    single = small.study(dict(whole.tables) | {"employees": one}, whole.codebook)
    assert question.ask(single, 0.95).finding.groups == 1
    simulate_folder(tmp_path / "thirty", employees=30, units=2, quarters=4)
    assert question.ask(open_study(tmp_path / "thirty"), 0.95).finding.status == "estimated"


@pytest.mark.shared
def test_a_real_survey_gets_an_answer(root, shared, question):
    file = shared / "studies" / "fevs2018_prdf_sample.csv.gz"
    study = open_study(root / "data" / "fevs2018", {"employees": file, "survey": file})
    assert question.ask(study, 0.95).finding.status == "estimated"


def test_the_notebook_has_the_houses_shape(tmp_path, study):
    made = write_scaffold(study, "mine", "id")
    book = nbformat.read(made.notebook, 4)
    nbformat.validate(book)
    tags = [cell.metadata.get("tags", []) for cell in book.cells]
    for language in LANGUAGES:
        assert sum(language in t for t in tags) == 3
        assert [language, "limits"] in tags and [language, "method"] in tags
    [found] = own.own_notebooks(study, tiny.EVERY)
    assert found.titles == {code: say(code, "scaffold.question") for code in LANGUAGES}
    assert [p.name for p in found.parameters] == [STUDY.name, LEVEL.name] and FINDINGS not in found.parameters
    code = [cell.source for cell in book.cells if cell.cell_type == "code"]
    assert max(len(source.splitlines()) for source in code) < 8


def test_the_verb_writes_once_and_refuses_in_words(study, capsys):
    assert walesi("new-notebook", "mine", "--study", study, "--language", "en") == 0
    told = capsys.readouterr()
    assert told.out == f"{(study / 'notebooks' / 'mine.ipynb').resolve()}\n" and "--only mine" in told.err
    before = (study / "notebooks" / "mine_question.py").read_bytes()
    for arguments in (
        ["mine", "--study", study],
        ["08_brief", "--study", study],
        ["Tes A"],
        ["x"],
        ["index"],
    ):
        assert walesi("new-notebook", *arguments) == 1
        assert "Traceback" not in capsys.readouterr().err
    assert (study / "notebooks" / "mine_question.py").read_bytes() == before
    assert not Path("notebooks").exists()


@pytest.mark.slow
def test_from_scaffold_to_page_to_change(root, tmp_path, capsys):
    """Run, page and index in both languages, nothing to do, a changed word, a new answer."""
    study = shutil.copytree(root / "data" / "walesi", tmp_path / "st")
    out = tmp_path / "out"
    assert walesi("new-notebook", "mine", "--study", study) == 0
    only = ("run", study, "--only", "mine,01_data", "--out", out)
    assert walesi(*only) == 0
    for language in LANGUAGES:
        page = (out / language / "mine.html").read_text(encoding="utf-8")
        assert say(language, "scaffold.question") in page and len(page) < 80_000
    index = {"id": out / "index.html", "en": out / "en" / "index.html"}
    for language, file in index.items():
        text = file.read_text(encoding="utf-8")
        assert "mine.html" in text and say(language, "scaffold.question") in text
        assert text.index("01_data.html") < text.index("mine.html")
    assert "own.mine.correlation" in [
        f["id"] for f in json.loads((out / "findings" / "mine.json").read_text())
    ]
    capsys.readouterr()
    assert walesi(*only) == 0
    assert capsys.readouterr().err.count(say("id", "cli.state_cached")) == 2
    module = study / "notebooks" / "mine_question.py"
    module.write_text(
        module.read_text(encoding="utf-8").replace("Ya. Di dalam", "Betul. Di dalam"), encoding="utf-8"
    )
    assert walesi(*only) == 0
    assert capsys.readouterr().err.count(say("id", "cli.state_cached")) == 1
    assert "<b>Betul.</b>" in (out / "id" / "mine.html").read_text(encoding="utf-8")
    module.write_text("1 / 0\n", encoding="utf-8")
    assert walesi(*only) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert (out / "id" / "01_data.html").exists() and not (out / "id" / "mine.html").exists()
    for language, file in index.items():
        assert say(language, "scaffold.question") in file.read_text(encoding="utf-8")
