"""A study of one number and notebooks of two cells, for tests of how notebooks are run.

``python tiny.py STUDY OUT NOTEBOOKS`` is one run of them.
"""

import hashlib
import json
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from walesi_research.pipeline.graph import DRAWS, LEVEL, STUDY, Notebook
from walesi_research.pipeline.quick_nbformat import nbformat
from walesi_research.pipeline.run import run_study

EVERY = (
    Notebook(name="first", title_key="pipeline.title_01_data"),
    Notebook(name="second", title_key="pipeline.title_01_data", parameters=(STUDY, LEVEL, DRAWS)),
    Notebook(name="third", title_key="pipeline.title_01_data", needs=("first",)),
)

READ = """from pathlib import Path
value = int(Path(study, "value.txt").read_text())"""

FIND = """from IPython.display import display
finding = dict(
    id={id!r}, estimate=value * level, se=1.0, low=0.0, high=1e9, level=level, p={p}, unit="points",
    claim="description", method="counted", question=dict(id="Berapa?", en="How many?"), notebook={name!r},
)
display({{"application/vnd.walesi.findings+json": [finding], "text/plain": "finding"}}, raw=True)"""

IDS = {"first": "appraisal.tie_effect", "second": "training.hours_slope", "third": "other.number"}


@dataclass
class TinyStudy:
    value: str
    id: str = "tiny"
    seed: int = 1

    @property
    def hashes(self) -> dict[str, str]:
        return {"value": hashlib.sha256(self.value.encode()).hexdigest()}

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "value.txt").write_text(self.value)


def open_study(folder: Path, tables=None) -> TinyStudy:
    """Open a study of one number."""
    tomllib.loads((folder / "study.toml").read_text())
    return TinyStudy((tables or {}).get("value", folder / "value.csv").read_text())


def publish(study, outcome, folder: Path) -> None:
    """Write a page for each notebook: its prose and its findings."""
    for name, executed in outcome.executed.items():
        page = folder / "id" / f"{name}.html"
        page.parent.mkdir(exist_ok=True)
        prose = [cell.source for cell in executed.cells if cell.cell_type == "markdown"]
        page.write_text(json.dumps([prose, [f.as_record() for f in outcome.findings if f.notebook == name]]))
    (folder / "index.html").write_text(study.id)


def make_study(folder: Path, value: int = 40) -> Path:
    """Write the study."""
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text('[study]\nid = "tiny"\n[tables]\nvalue = "value.csv"\n')
    (folder / "value.csv").write_text(str(value))
    return folder


def notebook(
    name: str, *cells: str, parameters=(LEVEL,), prose: str = "Pendahuluan"
) -> nbformat.NotebookNode:
    """Return a notebook with a parameters cell and the code cells given."""
    v4 = nbformat.v4
    names = "\n".join(f"{p.name} = {p.default!r}" for p in (STUDY, *parameters))
    sources = cells or (READ, FIND.format(id=IDS[name], name=name, p=0.01 if name == "first" else 0.02))
    code = [v4.new_code_cell(source, id=f"{name}-{i}") for i, source in enumerate(sources)]
    head = [
        v4.new_markdown_cell(prose, id="prose"),
        v4.new_code_cell(names, id="p", metadata={"tags": ["parameters"]}),
    ]
    return v4.new_notebook(cells=head + code)


def make_notebooks(folder: Path, **others) -> Path:
    """Write the three notebooks, `others` in place of those of their names."""
    folder.mkdir(parents=True, exist_ok=True)
    usual = {n.name: notebook(n.name, parameters=n.parameters[1:]) for n in EVERY}
    for name, content in (usual | others).items():
        nbformat.write(content, folder / f"{name}.ipynb")
    return folder


def run(study: Path, out: Path, notebooks: Path, **options):
    """Run the tiny notebooks on the tiny study."""
    usual = {"open_study": open_study, "publish": publish, "every": EVERY, "jobs": 2, "notebooks": notebooks}
    return run_study(study, out, **(usual | options))


if __name__ == "__main__":
    outcome = run(*(Path(argument) for argument in sys.argv[1:4]))
    sys.exit(not outcome.ok)
