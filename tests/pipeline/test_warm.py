"""Forked kernels: nothing of the server or of one another in them, and none outlives whoever started it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from tests.pipeline import tiny
from walesi_research.pipeline import notebook as document
from walesi_research.pipeline.engine import execute
from walesi_research.pipeline.kernel import ENVIRONMENT
from walesi_research.pipeline.warm import client

pytestmark = pytest.mark.skipif(not client.supported(), reason="kernels are forked on Linux only")


def ran(folder: Path, *cells: str, warm: bool = True) -> nbformat.NotebookNode:
    return execute("n", document.prepare(tiny.notebook("n", *cells), {}), folder, warm=warm)


def printed(executed: nbformat.NotebookNode) -> str:
    return document.code_cells(executed)[-1].outputs[0].text.strip()


FIGURE = """import matplotlib.pyplot as plt
plt.plot([1, 2, 4])
plt.show()"""
SURROUNDINGS = """import os, sys
names = sorted(k for k in os.environ if k != "JPY_PARENT_PID")
print(names, os.getcwd(), sys.argv[0], hash("walesi"), sys.path)"""


@pytest.mark.parametrize(
    "cell", [FIGURE, "import sys\nprint(sys.stdin.__class__)", "1 / 3", "%pip --version"]
)
def test_outputs_are_those_of_a_kernel_started_anew(tmp_path, cell):
    cold, warm = (ran(tmp_path, cell, warm=warm) for warm in (False, True))
    assert nbformat.writes(warm) == nbformat.writes(cold)
    assert document.code_cells(warm)[-1].outputs


def test_surroundings_are_those_of_a_kernel_started_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("WALESI_TRIED", "yes")
    cold, warm = (printed(ran(tmp_path, SURROUNDINGS, warm=warm)) for warm in (False, True))
    assert "WALESI_TRIED" in warm
    assert cold.replace(_launcher(cold), "") == warm.replace(_launcher(warm), "")


def _launcher(text: str) -> str:
    """Return ``sys.argv[0]``: a file for a module run by name, its name for a fork."""
    return next(word for word in text.split() if "ipykernel_launcher" in word)


def test_a_folder_told_from_where_we_are_now_is_found(tmp_path, monkeypatch):
    client.server(ENVIRONMENT)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path)
    assert printed(ran(Path("below"), "import os\nprint(os.getcwd())")) == str(tmp_path / "below")


def test_random_numbers_that_nobody_seeded_differ(tmp_path):
    draw = "import random, numpy as np\nprint(random.random(), np.random.rand())"
    one, two = (printed(ran(tmp_path, draw)).split() for _ in range(2))
    assert not set(one) & set(two)


def test_a_changed_module_is_read_anew(tmp_path):
    seen = []
    for value in (1, 2):
        (tmp_path / "of_the_researcher.py").write_text(f"value = {value}\n")
        os.utime(tmp_path / "of_the_researcher.py", (value, value))
        seen.append(printed(ran(tmp_path, "import of_the_researcher\nprint(of_the_researcher.value)")))
    assert seen == ["1", "2"]


def test_the_server_has_imported_libraries_but_nothing_of_ours(tmp_path):
    there = "import sys\nprint('pandas' in sys.modules, any(m.startswith('walesi') for m in sys.modules))"
    assert printed(ran(tmp_path, there)) == "True False"


class Threaded(client.Server):
    """A server that says it runs a second thread, which a fork would lose."""

    def _await(self, happened):
        super()._await(happened)
        self._ready["threads"] = 2


def test_a_server_that_runs_threads_is_not_forked_from(tmp_path, monkeypatch):
    threaded = Threaded(ENVIRONMENT)
    monkeypatch.setattr(client, "_server", threaded)
    with pytest.raises(client.Unfit):
        threaded.launch(["-f", "none"], {}, str(tmp_path))
    assert printed(ran(tmp_path, "print(6 * 7)")) == "42"  # by the stock engine
    threaded.close()


def test_a_server_that_was_killed_is_started_anew(tmp_path):
    first = client.server(ENVIRONMENT)
    os.kill(first._process.pid, signal.SIGKILL)
    first._process.wait()
    assert printed(ran(tmp_path, "print(6 * 7)")) == "42"


RUN = """import sys, nbformat
from pathlib import Path
from tests.pipeline import tiny
from walesi_research.pipeline import notebook
from walesi_research.pipeline.engine import execute
cell = "import os, time\\nopen('pid', 'w').write(str(os.getpid()))\\ntime.sleep(600)"
execute("n", notebook.prepare(tiny.notebook("n", cell), {}), Path(sys.argv[1]), warm=True)"""


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that ended but was not collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_kernel_outlives_a_parent_that_is_killed(tmp_path, number):
    parent = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path)], cwd=Path(__file__).parents[2])
    until = time.monotonic() + 60
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < until and parent.poll() is None
        time.sleep(0.02)
    kernel = int((tmp_path / "pid").read_text())
    assert alive(kernel)
    parent.send_signal(number)
    parent.wait()
    until = time.monotonic() + 10  # the server kills it at once; the kernel itself looks every second
    while alive(kernel) and time.monotonic() < until:
        time.sleep(0.02)
    assert not alive(kernel)


def test_papermill_finds_the_engine(tmp_path):
    import papermill

    nbformat.write(tiny.notebook("n", "print(6 * 7)"), tmp_path / "in.ipynb")
    papermill.execute_notebook(
        tmp_path / "in.ipynb", tmp_path / "out.ipynb", engine_name="walesi-warm", kernel_name="python3",
        progress_bar=False, cwd=tmp_path,
    )  # fmt: skip
    assert printed(nbformat.read(tmp_path / "out.ipynb", 4)) == "42"


def test_the_engine_is_light_to_load():
    """Papermill imports every engine's entry point as it starts."""
    told = "import sys, papermill.engines; before = set(sys.modules)\n"
    told += "import walesi_research.pipeline.warm.engine\nprint(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert not {"pandas", "numpy", "babel", "pydantic", "scipy"} & set(done.stdout.split())
