"""Eight notebooks: a run of ours, warm and stock, beside papermill's command line and its API.

``python -m tests.benchmarks.engine ours|api …`` is one timed run, started as a process of its own.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import nbformat

from tests.pipeline import tiny
from walesi_research.pipeline.engine import KERNELSPEC
from walesi_research.pipeline.graph import NOTEBOOKS, STUDY, Notebook

ROOT = Path(__file__).resolve().parents[2]
WALESI = ROOT / "data" / "walesi"
ROUNDS = 5
FULL, PARALLEL, UNCHANGED = 0.33, 0.6, 0.05
"""Bounds of issue 9: of the command line in sequence, of the API on two workers, of the command line."""
SMALL = tuple(
    Notebook(name=f"small_{i}", title_key="pipeline.title_01_data", parameters=(STUDY,)) for i in range(8)
)
REGRESSION = """import numpy as np, pandas as pd, seaborn as sns
import statsmodels.formula.api as smf
rng = np.random.default_rng({seed})
x = rng.normal(size=(400, 3))
frame = pd.DataFrame(x, columns=["a", "b", "c"]).assign(y=x @ [1, 2, 3] + rng.normal(size=400))
print(smf.ols("y ~ a + b + c", frame).fit().summary())
sns.regplot(frame, x="a", y="y", seed=1)"""


def compare() -> bool:
    """Print medians and ratios of eight small notebooks; whether all are within the bounds."""
    with tempfile.TemporaryDirectory() as folder:
        return _table("eight notebooks of a regression each", _small(Path(folder, "small")))


def report() -> bool:
    """Print the same of the eight of the report, and check what changes run again."""
    with tempfile.TemporaryDirectory() as folder:
        held = _table("the eight on data/walesi", _real(Path(folder, "real")))
        return _reruns(Path(folder, "real")) and held


def reruns() -> bool:
    """Check what a change of prose or of a parameter runs again in the report."""
    with tempfile.TemporaryDirectory() as folder:
        return _reruns(Path(folder))


def _small(folder: Path) -> dict[str, Callable[[], object]]:
    """Return calls by what they are, on notebooks that import and fit one regression each."""
    study, books = tiny.make_study(folder / "study"), folder / "notebooks"
    books.mkdir()
    for i, book in enumerate(SMALL):
        made = tiny.notebook(book.name, REGRESSION.format(seed=i), parameters=())
        made.metadata.kernelspec = KERNELSPEC
        nbformat.write(made, books / f"{book.name}.ipynb")
    files = [(books / f"{book.name}.ipynb", {}) for book in SMALL]
    ours = [sys.executable, "-m", __spec__.name, "ours", study, folder / "out", books]
    return _calls(folder, files, lambda engine: [*ours, engine])


def _real(folder: Path) -> dict[str, Callable[[], object]]:
    """Return calls by what they are, on the notebooks of the report; they write pages, papermill none."""
    folder.mkdir()
    ours = [sys.executable, "-m", "walesi_research", "run", WALESI, "--out", folder / "out", "--engine"]
    _call([*ours, "auto"])
    findings = shutil.copy(folder / "out" / "findings.json", folder / "findings.json")
    given = {"study": str(WALESI), "findings": str(findings)}
    files = [
        (
            ROOT / "notebooks" / f"{book.name}.ipynb",
            {p.name: given[p.name] for p in book.parameters if p.injected},
        )
        for book in NOTEBOOKS
    ]
    return _calls(folder, files, lambda engine: [*ours, engine])


def _calls(folder: Path, files: list, ours: Callable[[str], list]) -> dict[str, Callable[[], object]]:
    out, executed = folder / "out", folder / "executed"
    executed.mkdir()
    (folder / "files.json").write_text(json.dumps([(str(path), given) for path, given in files]))

    def run(engine: str) -> None:
        shutil.rmtree(out, ignore_errors=True)
        _call(ours(engine))

    def command_line() -> None:
        for path, given in files:
            parameters = [part for name, value in given.items() for part in ("-p", name, value)]
            _call(
                [
                    sys.executable,
                    "-m",
                    "papermill",
                    path,
                    executed / path.name,
                    "--no-progress-bar",
                    *parameters,
                ]
            )

    return {
        "papermill's command line": command_line,
        "papermill's API, two workers": lambda: _call(
            [sys.executable, "-m", __spec__.name, "api", folder / "files.json", executed]
        ),
        "ours, stock engine": lambda: run("stock"),
        "ours, warm": lambda: run("warm"),
        "ours, nothing changed": lambda: _call(ours("auto")),
    }


def _call(command: list) -> str:
    """Run a command and return what it told."""
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stderr


def _table(title: str, calls: dict[str, Callable[[], object]]) -> bool:
    """Print medians of interleaved runs and hold the ratios to the bounds."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    line, api, stock, warm, unchanged = (median(times) for times in seconds.values())
    print(f"{title}: seconds, median of {ROUNDS} interleaved runs (fastest, slowest)")
    for name, times in seconds.items():
        middle, ends = median(times), f"({min(times):.1f}, {max(times):.1f})"
        print(f"  {name:<30} {middle:>7.1f}  {ends:<14} {middle / line:.2f} of the command line")
    full = f"{warm / line:.2f} of the command line (bound {FULL}), {warm / api:.2f} of the API ({PARALLEL})"
    rest = f"stock {stock / line:.2f}; nothing changed {unchanged / line:.3f} (bound {UNCHANGED})"
    print(f"  warm {full}\n  {rest}", flush=True)
    return warm <= FULL * line and warm <= PARALLEL * api and unchanged <= UNCHANGED * line


def _reruns(folder: Path) -> bool:
    """Print and check what a change of prose and of one parameter run again."""
    books = shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    _call_ours(folder, books)
    path = books / "03_appraisal.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("Satu kalimat lagi.", id="prose"))
    nbformat.write(notebook, path)
    prose, one = _call_ours(folder, books), _call_ours(folder, books, "-p", "pls=true")
    print(f"  executed after a change of prose: {prose or 'none'}; of the parameter pls: {', '.join(one)}")
    return not prose and one == ["05_pathways", "08_brief"]


def _call_ours(folder: Path, books: Path, *options: str) -> list[str]:
    """Return the names of the notebooks that a run executed."""
    options = ("--out", folder / "out", "--notebooks", books, "--language", "en", *options)
    told = _call([sys.executable, "-m", "walesi_research", "run", WALESI, *options])
    return sorted(line.partition(":")[0] for line in told.splitlines() if line.endswith(": done"))


def _ours(study: str, out: str, books: str, engine: str) -> None:
    tiny.run(Path(study), Path(out), Path(books), every=SMALL, engine=engine)


def _api(files: str, executed: str) -> None:
    from papermill import execute_notebook

    def execute(job: tuple) -> None:
        path, given = job
        execute_notebook(path, Path(executed, Path(path).name), parameters=given, progress_bar=False)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(execute, json.loads(Path(files).read_text())))


if __name__ == "__main__":
    {"ours": _ours, "api": _api}[sys.argv[1]](*sys.argv[2:])
