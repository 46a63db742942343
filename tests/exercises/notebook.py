"""The student's notebook with its exercise cells filled in, and what its checks replied."""

import re
from pathlib import Path

import nbformat
import statsmodels.formula.api as smf
from nbclient import NotebookClient

from tests.exercises.solutions import SOLUTIONS
from walesi_research.exercises import Lesson
from walesi_research.exercises.broken import WORLDS

PREFIX = "ask-"
TABLES = ("appraisals", "panel", "items", "people")
STATE = re.compile(r'data-state="(\w+)"')


def exercise_of(cell) -> str | None:
    """Return the name of the exercise that a cell asks, or None."""
    return cell.id.removeprefix(PREFIX).replace("-", "_") if cell.id.startswith(PREFIX) else None


def answered(cell) -> str:
    """Return an exercise cell's source with the solution in place of ``...``; its last line checks it."""
    check = cell.source.rstrip().splitlines()[-1]
    return f"{SOLUTIONS[exercise_of(cell)].strip()}\n\n{check}"


def solved(lesson: Lesson, name: str):
    """Return the answer that a student's code gives to an exercise."""
    names = {"lesson": lesson, "smf": smf} | {t: getattr(lesson, t) for t in TABLES}
    if name in WORLDS:
        names["world"] = lesson.world(name)
    exec(SOLUTIONS[name], names)
    several = {"verdicts": ("relations", "results"), "own": ("outcome", "exposure", "slope")}
    if name in several:
        return tuple(names[part] for part in several[name])
    return names["my_interval" if name == "clusters" else name]


def read(root: Path):
    return nbformat.read(root / "notebooks" / "09_reproduce.ipynb", as_version=4)


def executed(notebook, folder: Path, **parameters):
    """Execute a notebook in `folder`, its parameters cell replaced."""
    cell = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    cell.source = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}})
    client.execute()
    return notebook


def states(notebook) -> dict[str, str]:
    """Return how each exercise stands, as its cell's output says."""
    found = {}
    for cell in notebook.cells:
        if name := exercise_of(cell):
            html = "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)
            (found[name],) = STATE.findall(html)
    return found
