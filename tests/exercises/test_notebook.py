"""The student's notebook runs whole: with right answers, with none, and on studies that lack tables."""

import shutil

import pytest

from tests.exercises import notebook
from tests.exercises.solutions import SOLUTIONS
from walesi_research.exercises.lesson import EXERCISES
from walesi_research.language import LANGUAGES


def test_the_notebook_asks_every_exercise_in_order(root):
    asked = [name for name in map(notebook.exercise_of, notebook.read(root).cells) if name]
    assert asked == list(EXERCISES) == list(SOLUTIONS)


def test_every_text_stands_in_both_languages_side_by_side(root):
    texts = [c for c in notebook.read(root).cells if c.cell_type == "markdown"]
    assert [c.metadata.tags for c in texts] == [["id"], ["en"]] * (len(texts) // 2)
    assert all(c.source.strip() for c in texts)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_right_answers_are_right(root, language):
    filled = notebook.read(root)
    for cell in filled.cells:
        if notebook.exercise_of(cell):
            cell.source = notebook.answered(cell)
    run = notebook.executed(filled, root / "notebooks", study="../data/walesi", language=language)
    assert notebook.states(run) == dict.fromkeys(EXERCISES, "right")
    last = run.cells[-1].outputs[0].data["text/html"]
    assert {"id": "11 dari 11 latihan benar", "en": "11 of 11 exercises right"}[language] in last


@pytest.mark.slow
def test_without_answers_it_runs_through(root):
    run = notebook.executed(notebook.read(root), root / "notebooks", study="../data/walesi", language="id")
    assert notebook.states(run) == dict.fromkeys(EXERCISES, "unanswered")


@pytest.mark.slow
def test_a_study_of_a_survey_alone_passes_over_what_it_lacks(root, tmp_path):
    """Without appraisals and training, only those exercises remain that need neither."""
    folder = tmp_path / "study"
    shutil.copytree(root / "data" / "walesi", folder)
    settings = (folder / "study.toml").read_text(encoding="utf-8").splitlines()
    gone = ("appraisals ", "training ", "service ", "events ")
    kept = [line for line in settings if not line.startswith(gone)]
    (folder / "study.toml").write_text("\n".join(kept), encoding="utf-8")
    run = notebook.executed(notebook.read(root), root / "notebooks", study=str(folder), language="en")
    lacking = {"tie_difference", "tie_error", "tie_effect", "verdicts", "hours_slope"}
    states = notebook.states(run)
    assert {name for name, state in states.items() if state == "unavailable"} == lacking
    assert {state for name, state in states.items() if name not in lacking} == {"unanswered"}
