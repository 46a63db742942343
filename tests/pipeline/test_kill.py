"""A run that is killed at any moment and started again ends equal to one that nobody disturbed."""

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline import tiny
from walesi_research.pipeline import files
from walesi_research.pipeline.outbox import ROOM

PHASES: dict[str, tuple[Callable[[Path], bool], float]] = {
    "starting": (lambda room: True, 1.5),
    "at work": (lambda room: (room / "work").exists(), 1.0),
    "keeping": (lambda room: len(list((room / "executed").glob("*.ipynb"))) > len(tiny.EVERY), 0.5),
    "staging": (lambda room: (room / "stage").exists(), 0.02),
    "moving": (lambda room: (room / "journal.json").exists(), 0.005),
}
"""How a phase of a run shows in its room, and seconds from then on within which it is killed: no clock would
hit the short ones, nor any of them on a busy machine."""


def start(study, out, notebooks):
    return subprocess.Popen([sys.executable, tiny.__file__, *map(str, (study, out, notebooks))])


def stable(out):
    names = [n for n in files.relative_files(out) if not n.startswith(ROOM) and n != "manifest.json"]
    return {name: (out / name).read_bytes() for name in names}


@pytest.fixture(scope="module")
def renewed(tmp_path_factory):
    """A folder with a study, its report, and the report of the same study once a value has changed."""
    folder = tmp_path_factory.mktemp("renewed")
    study, notebooks = tiny.make_study(folder / "study", 40), tiny.make_notebooks(folder / "notebooks")
    assert tiny.run(study, folder / "out", notebooks).ok
    (study / "value.csv").write_text("41")
    assert tiny.run(study, folder / "undisturbed", notebooks).ok
    assert stable(folder / "out") != stable(folder / "undisturbed")
    return folder


def kill(run: subprocess.Popen, room: Path, phase: str, seed: int) -> None:
    """Kill a run at a random moment of a phase, or find that it was quicker."""
    reached, seconds = PHASES[phase]
    while run.poll() is None and not reached(room):
        time.sleep(0.0005)
    try:
        run.wait(random.Random(seed).uniform(0, seconds))
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()


def kill_and_repeat(renewed: Path, out: Path, phase: str, seed: int) -> str:
    """Kill a run that renews a report, look at what is left, run again; say which report was left."""
    study, notebooks = renewed / "study", renewed / "notebooks"
    old, new = stable(renewed / "out"), stable(renewed / "undisturbed")
    shutil.copytree(renewed / "out", out)

    kill(start(study, out, notebooks), out / ROOM, phase, seed)
    left, moving = stable(out), (out / ROOM / "journal.json").exists()
    assert moving or left in (old, new)
    assert start(study, out, notebooks).wait() == 0
    assert stable(out) == new
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["outputs"] == {name: files.digest_of(out / name) for name in new}
    assert {p.name for p in (out / ROOM).iterdir()} == {"executed", "lock"}
    return "moving" if moving else "old" if left == old else "new"


@pytest.mark.parametrize("phase", ["at work", "keeping", "staging"])
def test_killed_and_started_again(renewed, tmp_path, phase):
    left = kill_and_repeat(renewed, tmp_path / "out", phase, seed=1)
    assert left == "old" or phase != "at work", "the kill came too late to be one"


@pytest.mark.torture
def test_killed_twenty_times(renewed, tmp_path):
    moments = [(phase, seed) for phase in PHASES for seed in range(4)]
    left = [kill_and_repeat(renewed, tmp_path / f"{phase}{seed}", phase, seed) for phase, seed in moments]
    assert len(left) == 20
    assert left[:8].count("old") == 8, "nothing is moved while notebooks are at work"
