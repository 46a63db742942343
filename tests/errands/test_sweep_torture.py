"""Fifty sweeps in each of which a process is killed: nothing finished is lost, nothing left half done."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.errands import tiny_sweep
from tests.errands.test_sweep import wait_until
from walesi_research.pipeline.files import digest_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

TRIAL = "WALESI_TRIAL"
"""In the environment of every process of a sweep."""
KINDS = ("main", "worker", "server", "kernel")
LONGEST = 120.0


@dataclass(frozen=True)
class Process:
    """A process of a sweep."""

    pid: int
    kind: str


def processes(trial: str) -> Iterator[Process]:
    """Yield the processes of a sweep, whoever their parents are by now."""
    mark = f"{TRIAL}={trial}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().decode().split("\0")
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                yield Process(int(folder.name), kind(words, parent))


def kind(words: list[str], parent: int) -> str:
    """Return what a process of a sweep is, by its command; a fork has that of the server."""
    command = " ".join(words)
    if "resource_tracker" in command:
        return "tracker"
    if "server.py" in command:
        return "kernel" if b"server.py" in Path(f"/proc/{parent}/cmdline").read_bytes() else "server"
    if "ipykernel_launcher" in command:
        return "kernel"
    return "worker" if "spawn_main" in command else "main"


def start(given: Path, out: Path, trial: str, engine: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.errands.tiny_sweep", *map(str, (given, out, 2)), engine]
    root, env = Path(__file__).parents[2], os.environ | {TRIAL: trial}
    return subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill_one(sweep: subprocess.Popen, trial: str, wanted: str, delay: float, rng: random.Random) -> bool:
    """Kill a process of a kind, `delay` after the first is there; False if the sweep was quicker."""
    until = None
    while sweep.poll() is None:
        there = sorted(p.pid for p in processes(trial) if p.kind == wanted)
        until = until or (time.monotonic() + delay if there else None)
        if there and time.monotonic() >= until:
            with suppress(ProcessLookupError):
                os.kill(rng.choice(there), signal.SIGKILL)
                return True
        time.sleep(0.01)
    return False


def kept(out: Path) -> set[str]:
    """Return the notebooks that are finished in `out`, each ``place notebook``."""
    entries = (out / ".walesi" / "places").glob("*/.walesi/executed/*.ipynb")
    return {f"{entry.parts[-4]} {entry.stem.rsplit('-')[0]}" for entry in entries}


def damaged(out: Path) -> list[Path]:
    """Return files that are not what a manifest says, but for those that a journal is about to move."""
    wrong = []
    for folder in [out, *(out / ".walesi" / "places").glob("*")]:
        if (folder / "manifest.json").exists() and not (folder / ".walesi" / "journal.json").exists():
            outputs = json.loads((folder / "manifest.json").read_text())["outputs"]
            wrong += [
                folder / n
                for n, d in outputs.items()
                if not (folder / n).exists() or digest_of(folder / n) != d
            ]
    return wrong


def leftovers(out: Path) -> set[str]:
    """Return what is in rooms beside what is kept."""
    rooms = [out / ".walesi", *(out / ".walesi" / "places").glob("*/.walesi")]
    entries = {p.name for room in rooms for p in room.iterdir()} - {
        "places",
        "executed",
        "lock",
        "sources.json",
    }
    return entries | {str(p) for p in out.rglob("*.part")}


def wait_for_end(sweep: subprocess.Popen, trial: str) -> None:
    """Wait until the sweep has ended, and with it every process that it started."""
    sweep.wait(LONGEST)
    until = time.monotonic() + 15
    while left := list(processes(trial)):
        assert time.monotonic() < until, f"left behind: {left}"
        time.sleep(0.05)


def disturb(
    given: Path, out: Path, name: str, engine: str, wanted: str, delay: float, rng: random.Random
) -> tuple[subprocess.Popen, bool]:
    """Start a sweep and kill a process of it; a first one that was quicker begins again, killed sooner."""
    while True:
        fresh = not out.exists()
        sweep = start(given, out, name, engine)
        struck = kill_one(sweep, name, wanted, delay, rng)
        if struck or not fresh or delay < 0.01:
            return sweep, struck
        wait_for_end(sweep, name)
        shutil.rmtree(out)
        (out.parent / "log").unlink(missing_ok=True)
        delay /= 4


def trial(given: Path, out: Path, seed: int, seconds: float, kinds: Sequence[str] = KINDS) -> list[str]:
    """Sweep, with a kill or two, until it has ended well; return what was killed.

    A kill comes at a random moment within half of the `seconds` that a sweep takes, rather sooner than later.
    What is finished at one moment, and the notebooks begun after it, are marked at every kill and every end.
    """
    rng, name = random.Random(seed), f"{os.getpid()}-{seed}"
    engine = "stock" if seed % 5 == 1 else "warm"
    kinds = [kind for kind in kinds if engine == "warm" or kind != "server"]
    killed, marks = [], []
    for wanted in [rng.choice(kinds) for _ in range(2 if seed % 4 == 0 else 1)]:
        delay = seconds / 2 * rng.random() ** 2
        sweep, struck = disturb(given, out, name, engine, wanted, delay, rng)
        if struck:
            killed.append(wanted)
            marks.append((kept(out), len(tiny_sweep.begun(out))))
        wait_for_end(sweep, name)
        marks.append((kept(out), len(tiny_sweep.begun(out))))
        assert not damaged(out)
    last = start(given, out, name, engine)
    wait_for_end(last, name)
    assert last.returncode == 0 and not damaged(out) and not leftovers(out)
    begun = tiny_sweep.begun(out)
    for finished, until in marks:
        assert finished <= kept(out)
        assert not finished & set(begun[until:]), "finished, and begun again"
    return killed


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    return tiny_sweep.make(tmp_path_factory.mktemp("given"), "ab", 0.1)


@pytest.fixture(scope="module")
def undisturbed(given, tmp_path_factory):
    """What a sweep that nobody disturbs gives, and the seconds that it takes."""
    out, began = tmp_path_factory.mktemp("undisturbed") / "out", time.monotonic()
    sweep = start(given, out, "undisturbed", "warm")
    wait_for_end(sweep, "undisturbed")
    assert sweep.returncode == 0 and len(tiny_sweep.begun(out)) == 6
    return tiny_sweep.stable(out), time.monotonic() - began


@pytest.mark.slow
def test_a_sweep_killed_twice_and_started_again(given, undisturbed, tmp_path):
    content, seconds = undisturbed
    assert trial(given, tmp_path / "out", 4, seconds, ["main"]) == ["main", "main"]
    assert tiny_sweep.stable(tmp_path / "out") == content


@pytest.mark.slow
def test_no_kernel_outlives_the_server_that_it_was_forked_from(tmp_path):
    """Its cell takes a minute more."""
    sweep = start(tiny_sweep.make(tmp_path / "given", "a", 60), tmp_path / "out", "served", "warm")
    wait_until(lambda: tiny_sweep.begun(tmp_path / "out"), 60)
    kernels = {p.pid for p in processes("served") if p.kind == "kernel"}
    assert kernels and kill_one(sweep, "served", "server", 0, random.Random(1))
    wait_until(lambda: not kernels & {p.pid for p in processes("served")}, 10)
    sweep.kill()
    wait_for_end(sweep, "served")


@pytest.fixture(scope="module")
def killed():
    """How many of each kind have been killed."""
    return Counter()


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(50))
def test_whatever_is_killed(given, undisturbed, tmp_path, killed, seed):
    content, seconds = undisturbed
    killed.update(trial(given, tmp_path / "out", seed, seconds))
    assert tiny_sweep.stable(tmp_path / "out") == content


@pytest.mark.torture
def test_enough_was_killed(killed):
    """Each trial has a kill; of the second ones of some, a few come too late."""
    assert killed.total() >= 50 and set(killed) == set(KINDS), killed
