"""A run that is killed at any moment and started again ends equal to one that nobody disturbed."""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline import tiny
from walesi_research.pipeline import files
from walesi_research.pipeline.outbox import ROOM

SECONDS = 2.5  # an undisturbed run takes about two


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


def kill_and_repeat(renewed: Path, out: Path, seed: int) -> str:
    """Kill a run that renews a report, look at what is left, run again; say which report was left."""
    study, notebooks = renewed / "study", renewed / "notebooks"
    old, new = stable(renewed / "out"), stable(renewed / "undisturbed")
    shutil.copytree(renewed / "out", out)

    run = start(study, out, notebooks)
    try:
        run.wait(random.Random(seed).uniform(0.1, SECONDS))
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()
    left, moving = stable(out), (out / ROOM / "journal.json").exists()
    assert moving or left in (old, new)
    assert start(study, out, notebooks).wait() == 0
    assert stable(out) == new
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["outputs"] == {name: files.digest_of(out / name) for name in new}
    assert {p.name for p in (out / ROOM).iterdir()} == {"executed", "lock"}
    return "moving" if moving else "old" if left == old else "new"


@pytest.mark.parametrize("seed", range(3))
def test_killed_and_started_again(renewed, tmp_path, seed):
    kill_and_repeat(renewed, tmp_path / "out", seed)


@pytest.mark.torture
def test_killed_twenty_times(renewed, tmp_path):
    left = [kill_and_repeat(renewed, tmp_path / str(seed), seed) for seed in range(100, 120)]
    assert "old" in left
