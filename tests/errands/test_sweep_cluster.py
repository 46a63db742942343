"""A sweep on a Dask cluster: the same findings, whatever worker dies; unfit workers are refused."""

import builtins
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.errands import tiny_sweep
from tests.errands.test_sweep import alive, wait_until
from walesi_research.errands.sweep import Job, cluster, crew, run
from walesi_research.pipeline import outbox
from walesi_research.pipeline.sources import read_source
from walesi_research.problems import UserError

distributed = pytest.importorskip("distributed", reason="needs the extra 'scale'")

QUIET = {"dashboard_address": ":0", "silence_logs": 50}


@pytest.fixture(autouse=True)
def as_it_is_now():
    """Whoever edits the package while tests run must not make this process an old one."""
    cluster.program.cache_clear()


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    return tiny_sweep.make(tmp_path_factory.mktemp("given"))


@pytest.fixture(scope="module")
def at_home(given, tmp_path_factory):
    """What a sweep by processes of this machine gives."""
    out = tmp_path_factory.mktemp("home") / "out"
    assert tiny_sweep.sweep(given, out, jobs=2).ok
    return tiny_sweep.stable(out)


@pytest.fixture
def workers():
    """A cluster of two worker processes."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **QUIET) as local:
        yield local


def sweep(given, out, local, **options):
    with cluster.connected(local.scheduler_address) as found:
        given_to_it = {"jobs": found.width, "start": found.start, "look": found.refuse_blind}
        return tiny_sweep.sweep(given, out, **(given_to_it | options))


def family(pid: int) -> set[int]:
    """Return the processes below one."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, set()).add(int(stat.parent.name))
    below, ahead = set(), {pid}
    while ahead:
        ahead = set().union(*(children.get(p, set()) for p in ahead))
        below |= ahead
    return below


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_killed_midway_changes_nothing(given, at_home, workers, tmp_path):
    out, below = tmp_path / "out", set()

    def kill_one():
        wait_until(lambda: len(tiny_sweep.begun(out)) >= 3, 60)
        victim = next(iter(workers.workers.values())).pid
        below.update(family(victim))
        os.kill(victim, signal.SIGKILL)

    killing = threading.Thread(target=kill_one)
    killing.start()
    done = sweep(given, out, workers, engine="warm")
    killing.join()
    assert done.ok, [end.told for end in done.ended.values()]
    assert tiny_sweep.stable(out) == at_home
    assert len(below) >= 2, "the worker had a server and a kernel"
    wait_until(lambda: not any(map(alive, below)))
    begun = tiny_sweep.begun(out)
    assert sorted(set(begun)) == sorted(f"{p} {n}" for p in "abc" for n in ("first", "second", "third"))
    assert len(begun) <= 9 + 1, "only the notebook that was at work begins twice"

    before = len(begun)
    again = sweep(given, out, workers)
    assert {end.state for end in again.ended.values()} == {"kept"}
    assert len(tiny_sweep.begun(out)) == before and tiny_sweep.stable(out) == at_home


@pytest.mark.slow
def test_a_cluster_that_is_lost_ends_the_sweep_in_words_and_keeps_what_is_done(given, at_home, tmp_path):
    out = tmp_path / "out"
    local = distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=True, **QUIET)

    def close_it():
        wait_until(lambda: len(tiny_sweep.begun(out)) >= 5, 60)
        local.close()

    closing = threading.Thread(target=close_it)
    closing.start()
    with pytest.raises(UserError, match="terputus"):
        sweep(given, out, local)
    closing.join()
    kept = {e.stem.rsplit("-")[0] for e in (out / ".walesi/places/a/.walesi/executed").glob("*.ipynb")}
    assert kept == {"first", "second", "third"}
    before = len(tiny_sweep.begun(out))
    assert tiny_sweep.sweep(given, out, jobs=2).ok
    assert not [line for line in tiny_sweep.begun(out)[before:] if line.startswith("a")]
    assert tiny_sweep.stable(out) == at_home


# what is refused


@pytest.fixture(scope="module")
def threads():
    """A cluster whose one worker is this process: what it is made to believe, the worker believes."""
    with distributed.LocalCluster(n_workers=1, threads_per_worker=3, processes=False, **QUIET) as local:
        yield local


def test_as_many_places_at_once_as_there_are_workers(threads):
    with cluster.connected(threads.scheduler_address) as found:
        assert found.width == 1


@pytest.fixture
def restless():
    """Threads give way to each other whenever memory is tidied, which is often."""

    def give_way(phase, about):
        time.sleep(0)

    usual = gc.get_threshold()
    gc.callbacks.append(give_way)
    gc.set_threshold(50)
    yield
    gc.set_threshold(*usual)
    gc.callbacks.remove(give_way)


def test_places_beside_one_another_in_one_process_read_sources(root, restless):
    """A cluster may give a worker two places at once; Python 3.11 parses in one thread at a time only."""
    texts = [p.read_text() for p in sorted((root / "src").rglob("*.py"))[:6]]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: [read_source(text) for text in texts], range(8)))
    assert all(some == found[0] for some in found)


def test_an_address_that_does_not_answer_is_refused_in_words(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(UserError, match=address), cluster.connected(address):
            pass
    assert time.monotonic() - began < 10


def test_what_is_no_scheduler_is_refused(monkeypatch):
    """The address of the dashboard, say."""
    monkeypatch.setattr(cluster, "PATIENCE", 5.0)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            asking, _ = server.accept()
            asking.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 3)
            asking.close()

        threading.Thread(target=answer, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(UserError, match=address), cluster.connected(address):
            pass


def test_a_cluster_without_workers_is_refused(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 2.0)
    with distributed.LocalCluster(n_workers=0, processes=False, **QUIET) as local:
        address = local.scheduler_address
        with pytest.raises(UserError, match="dask worker"), cluster.connected(address):
            pass


def test_without_dask_the_way_to_have_it_is_told(monkeypatch):
    monkeypatch.delitem(sys.modules, "distributed")
    usual = builtins.__import__

    def missing(name, *arguments, **options):
        if name.split(".")[0] == "distributed":
            raise ImportError(name)
        return usual(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UserError, match=r"walesi-research\[scale\]"), cluster.connected("tcp://127.0.0.1:1"):
        pass


@pytest.mark.parametrize("name", ["walesi_research", "python", "numpy", "sources"])
def test_a_worker_with_another_program_is_refused(threads, monkeypatch, name):
    here = cluster.program()
    answers = iter([here, here | {name: "0.0.1"}])
    monkeypatch.setattr(cluster, "program", lambda: next(answers))
    with (
        pytest.raises(UserError, match=rf"{name} 0\.0\.1 \({here[name]}\)"),
        cluster.connected(threads.scheduler_address),
    ):
        pass


def test_a_worker_that_cannot_answer_has_another_program():
    assert "walesi_research" in cluster._difference(cluster.program(), ModuleNotFoundError("walesi_research"))
    assert cluster._difference(cluster.program(), cluster.program()) == ""


def test_a_worker_that_comes_later_with_another_program_runs_nothing(threads, monkeypatch, tmp_path):
    here = cluster.program()
    job = Job(name="a", folder=tmp_path, out=tmp_path / "out")
    with cluster.connected(threads.scheduler_address) as found:
        executor = found.start(1)
        monkeypatch.setattr(cluster, "program", iter([here, here | {"numpy": "0"}]).__next__)
        end = executor.submit(lambda job: pytest.fail("it ran"), job).result(20)
        executor.shutdown()
    assert end.state == "failed" and "numpy 0" in end.told


def test_a_worker_that_sees_other_folders_is_refused(threads, tmp_path):
    with outbox.claim(tmp_path) as room, cluster.connected(threads.scheduler_address) as found:
        found.refuse_blind(room, [tmp_path])
        with pytest.raises(UserError, match="nowhere"):
            found.refuse_blind(room, [tmp_path, tmp_path / "nowhere"])
        with pytest.raises(UserError, match="elsewhere"):
            found.refuse_blind(tmp_path / "elsewhere" / ".walesi", [])
    with cluster.connected(threads.scheduler_address) as found, pytest.raises(UserError, match="kunci"):
        found.refuse_blind(room, [])  # nobody holds it: as a folder of that name on another machine


# a place that another is at work on

HOLD = """import sys, time
from pathlib import Path
from walesi_research.pipeline import outbox
from walesi_research.pipeline.sources import read_source
with outbox.claim(Path(sys.argv[1])) as room:
    (room / "work").mkdir()
    (room / "journal.json.1.part").write_text("{")
    print("held", flush=True)
    time.sleep(120)"""


@pytest.fixture
def held(tmp_path):
    """A place held by a process that is half way through."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "out" / "a")], stdout=subprocess.PIPE
    )
    assert holder.stdout.readline() == b"held\n"
    yield holder
    holder.kill()
    holder.wait()


def job(given, tmp_path):
    return Job(name="a", folder=given / "studies" / "a", out=tmp_path / "out" / "a")


def test_a_second_try_waits_while_the_first_lives_and_begins_when_it_is_dead(given, held, tmp_path):
    ended = []
    trying = threading.Thread(target=lambda: ended.append(tiny_sweep.run_place(job(given, tmp_path))))
    trying.start()
    time.sleep(2)
    assert not ended and (tmp_path / "out/a/.walesi/work").is_dir(), "it waits, and touches nothing"
    held.kill()
    trying.join(60)
    assert ended[0].state == "done" and len(ended[0].findings) == 3
    assert {p.name for p in (tmp_path / "out/a/.walesi").iterdir()} == {"executed", "lock"}


def test_a_second_try_gives_up_in_words(given, held, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "PATIENCE", 0.0)
    end = tiny_sweep.run_place(job(given, tmp_path))
    assert end.state == "failed" and str(tmp_path / "out" / "a") in end.told
    assert not (tmp_path / "out/a/findings.json").exists()


# jobs whose workers die


def die(job):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_place_that_kills_its_workers_is_told_in_words(workers, tmp_path):
    some = [Job(name="a", folder=tmp_path, out=tmp_path)]
    with cluster.connected(workers.scheduler_address) as found:
        ended = crew.work_through(some, die, found.start, found.width, lambda end: None, "en")
    assert ended["a"].state == "failed" and "memory" in ended["a"].told


def test_the_verb_takes_an_address(root, tmp_path):
    command = [sys.executable, "-m", "walesi_research", "sweep", "data/walesi", "--out", str(tmp_path / "o")]
    ended = subprocess.run(
        [*command, "--scheduler", "nowhere"], cwd=root, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 1 and "nowhere" in ended.stderr and "Traceback" not in ended.stderr
    assert not (tmp_path / "o").exists()
