"""The student's notebook worked through in JupyterLab, by a browser, as a student does it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.exercises import notebook
from walesi_research.exercises.lesson import EXERCISES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOKEN = "student"
PATIENCE = 90_000
"""Milliseconds; a kernel starts in seconds, on a busy machine in many."""
ALL_CELLS = """{"windowingMode": "none"}"""
"""JupyterLab otherwise draws only the cells in sight."""
SETTINGS = Path("lab", "user-settings", "@jupyterlab", "notebook-extension", "tracker.jupyterlab-settings")
DRAWN = "n => document.querySelectorAll('.jp-Notebook .jp-CodeCell .cm-content').length === n"
IDLE = """() => ![...document.querySelectorAll('.jp-Notebook .jp-InputPrompt')].some(
  p => p.textContent.includes('[*]'))"""
VERDICTS = """() => [...document.querySelectorAll('.jp-Notebook [data-state]')].map(
  p => [p.dataset.state, p.innerText])"""


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


@pytest.fixture(scope="module")
def lab(root, tmp_path_factory):
    """Address of JupyterLab, started as `make lab` does, on a copy of the notebook and the bundled study."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(root / "data" / "walesi", folder / "data" / "walesi")
    (folder / "notebooks").mkdir()
    shutil.copy(root / "notebooks" / "09_reproduce.ipynb", folder / "notebooks")
    settings = folder / "config" / SETTINGS
    settings.parent.mkdir(parents=True)
    settings.write_text(ALL_CELLS, encoding="utf-8")
    own = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    own |= {
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "config" / "lab" / "user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }
    port = free_port()
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--notebook-dir={folder}"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
        "--LabApp.default_url=/lab/tree/notebooks",
    ]
    log = (folder / "log").open("w")
    server = subprocess.Popen(command, env=os.environ | own, cwd=folder, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api?token={TOKEN}", server, folder / "log")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(PATIENCE // 500):
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"JupyterLab did not start: {log.read_text()[-2000:]}")


@pytest.mark.parametrize(("language", "right"), [("id", "Benar."), ("en", "Right.")])
def test_every_exercise_is_right_when_a_student_types_the_answer(
    root, lab, browser, language, right, tmp_path
):
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{lab}/lab/tree/notebooks/09_reproduce.ipynb?reset&token={TOKEN}")
    cells = [c for c in notebook.read(root).cells if c.cell_type == "code"]
    drawn = page.locator(".jp-Notebook .jp-CodeCell")
    page.wait_for_function(DRAWN, arg=len(cells))
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    for position, cell in enumerate(cells):
        if notebook.exercise_of(cell):
            type_over(page, drawn.nth(position), notebook.answered(cell))
        elif "parameters" in cell.metadata.get("tags", []):
            type_over(page, drawn.nth(position), f'study = "../data/walesi"\nlanguage = "{language}"')
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel and Run All Cells…", exact=True).click()
    page.locator(".jp-Dialog button.jp-mod-accept").click()
    page.wait_for_selector(".jp-Notebook .jp-CodeCell:last-of-type .jp-OutputArea-output table")
    page.wait_for_function(IDLE)
    found = page.evaluate(VERDICTS)
    assert [state for state, _ in found] == ["right"] * len(EXERCISES), found
    assert all(right in text for _, text in found)
    page.locator("[data-state]").nth(2).scroll_into_view_if_needed()
    page.screenshot(path=os.environ.get("LAB_SCREENSHOT", str(tmp_path / "lab.png")))
    page.close()


def type_over(page, cell, source: str) -> None:
    """Put the cursor into a cell, take out what is there and type."""
    editor = cell.locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(source)
    assert editor.locator(".cm-line").all_inner_texts()[-1].strip() == source.splitlines()[-1].strip()
