"""One notebook runs in a kernel of this Python, and says where it failed."""

import asyncio
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from tests.pipeline import tiny
from walesi_research.pipeline import kernel
from walesi_research.pipeline import notebook as document
from walesi_research.pipeline.engine import LONGEST_MESSAGE, NotebookFailed, execute
from walesi_research.pipeline.kernel import Kernel, clear_abandoned, kill_all
from walesi_research.pipeline.warm.client import supported

ABOUT = """import json, os, sys
names = "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONHASHSEED"
print(json.dumps([os.getcwd(), sys.executable, *(os.environ[n] for n in names), level]))"""

CALL = """def f(x):
    return 1 / x


f(0)"""


@pytest.fixture(params=["stock", "warm"], autouse=True)
def warm(request, monkeypatch):
    """Run every test on kernels started anew, and on forked ones where the system can fork them."""
    if request.param == "warm" and not supported():
        pytest.skip("kernels are forked on Linux only")
    monkeypatch.setitem(HOW, "warm", request.param == "warm")
    return request.param == "warm"


HOW = {"warm": False}


def ran(folder, *cells, **parameters):
    prepared = document.prepare(tiny.notebook("n", *cells), parameters)
    return execute("n", prepared, folder, **HOW)


def failure(folder, *cells):
    with pytest.raises(NotebookFailed) as failed:
        ran(folder, *cells)
    return failed.value.failure


def test_kernel_is_this_python_in_the_folder_with_one_thread(tmp_path, capfd):
    executed = ran(tmp_path, ABOUT, level=0.9)
    (output,) = document.code_cells(executed)[-1].outputs
    assert output.text == (f'["{tmp_path}", "{sys.executable}", "1", "1", "1", "0", 0.9]\n')
    assert capfd.readouterr() == ("", "")  # neither a progress bar nor a kernel's own noise


def test_the_executed_notebook_tells_nothing_of_machine_or_moment(tmp_path):
    one, two = (ran(tmp_path, "import math\nmath.pi", level=0.9) for _ in range(2))
    assert nbformat.writes(one) == nbformat.writes(two)
    written = nbformat.writes(one)
    assert "papermill" not in written
    assert str(tmp_path) not in written
    assert set(one.metadata) == {"kernelspec", "language_info"}
    assert document.tags(one.cells[0]) == []


def test_a_failure_names_cell_line_and_error(tmp_path):
    found = failure(tmp_path, "1 + 1", CALL, "print('never')")
    # the parameters cell is code cell 1 of the file; the one that the pipeline adds does not count
    assert (found.notebook, found.cell, found.line, found.source) == ("n", 3, 5, "f(0)")
    assert (found.error, found.message) == ("ZeroDivisionError", "division by zero")


def test_a_syntax_error_has_its_line(tmp_path):
    found = failure(tmp_path, "x = 1\ny = (")
    assert (found.cell, found.line, found.error) == (2, 2, "SyntaxError")


def test_an_error_within_the_package_names_the_line_of_ours(tmp_path):
    found = failure(tmp_path, "from walesi_research.language import say\nsay('xx', 'common.x')")
    assert found.line == 2
    assert found.where.startswith("walesi_research/language/catalogue.py:")


def test_a_long_message_is_shortened(tmp_path):
    assert len(failure(tmp_path, "raise ValueError('x' * 100_000)").message) < LONGEST_MESSAGE + 10


def test_a_kernel_that_dies_is_a_failure(tmp_path, capfd):
    found = failure(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert (found.error, found.cell) == ("DeadKernelError", 2)
    assert capfd.readouterr() == ("", "")


def test_kill_all_ends_a_notebook_that_runs(tmp_path):
    began = time.monotonic()
    killer = threading.Timer(1.5, kill_all)
    killer.start()
    found = failure(tmp_path, "import time\ntime.sleep(60)")
    assert found.error == "DeadKernelError"
    assert time.monotonic() - began < 20


def test_no_private_folder_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ran(tmp_path, "1")
    assert not any(tmp_path.iterdir())


def test_folders_of_killed_runs_are_deleted_and_those_of_living_ones_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(kernel, "FRESH", -1.0)
    left = tmp_path / "walesi-killed"
    left.mkdir()
    for name in ("lock", "k.json"):
        (left / name).touch()
    others = tmp_path / "walesi-of-another-kind"
    others.mkdir()
    living = Kernel()
    clear_abandoned()
    assert not left.exists()
    assert others.exists()
    assert Path(living.connection_file).parent.exists()
    with ThreadPoolExecutor(1) as elsewhere:  # a browser's test may have left a loop running in this thread
        elsewhere.submit(asyncio.run, living.cleanup_resources()).result()
    assert list(tmp_path.iterdir()) == [others]
