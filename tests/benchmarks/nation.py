"""A share of a synthetic nation, swept: wall time, memory of all processes, and what the whole takes.

``make bench PARTS=nation`` takes a tenth of 514 places and 4.7 million employees (about half an hour on two
cores); ``WALESI_PLACES=6`` and ``WALESI_JOBS`` make it smaller or wider. ``PARTS=split`` draws the whole and
takes it apart, but sweeps nothing (about eight minutes).
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path
from statistics import mean

import psutil
from pyarrow.parquet import ParquetFile

from walesi_research.errands.sweep import partition
from walesi_research.errands.sweep.raw import described
from walesi_research.study.synthetic.nation import Nation

WHOLE = Nation()
PLACES = int(os.environ.get("WALESI_PLACES", "51"))
JOBS = int(os.environ.get("WALESI_JOBS", "2"))
MINUTES, GIGABYTES = 40.0, 8.0
"""Bounds of a tenth, from issue 9."""


def compare() -> bool:
    """Print the figures; whether a tenth is within the bounds."""
    employees = round(WHOLE.employees * PLACES / WHOLE.places)
    folder = Path(tempfile.mkdtemp())
    try:
        study, out = folder / "nation", folder / "out"
        sizes = ["--places", PLACES, "--employees", employees, "--jobs", JOBS]
        drawn, _, _ = _timed(["nation", study, *sizes])
        held = sum(path.stat().st_size for path in study.iterdir()) / 1e6
        seconds, peak, ended = _timed(["sweep", study, "--by", "place", "--out", out, "--jobs", JOBS])
        return _told(employees, drawn, held, seconds, peak, ended)
    finally:
        shutil.rmtree(folder)


def split() -> bool:
    """Print what the whole nation takes to draw and to take apart; whether every place came out."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        drawn, _, _ = _timed(["nation", folder / "nation", "--jobs", JOBS])
        tables = {path.stem: ParquetFile(path).metadata.num_rows for path in folder.rglob("*.parquet")}
        rows = ", ".join(f"{n:,} {table}" for table, n in sorted(tables.items()))
        start, sites = (
            time.perf_counter(),
            partition.split(described(folder / "nation"), "place", folder / "parts"),
        )
        seconds, peak = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{WHOLE.places} places, {rows}: drawn in {drawn / 60:.1f} min")
    print(
        f"taken apart into {len(sites)} studies in {seconds / 60:.1f} min, {peak:.1f} GB at most", flush=True
    )
    return len(sites) == WHOLE.places


def _timed(arguments: list) -> tuple[float, float, list[tuple[float, str]]]:
    """Run the command line; return its seconds, the memory of all its processes, and lines with times."""
    command = [sys.executable, "-m", "walesi_research", *map(str, arguments), "--language", "en"]
    env = os.environ | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    start, peak = time.perf_counter(), [0.0]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=env
    ) as run:
        watch = threading.Thread(target=_watch, args=(run, peak), daemon=True)
        watch.start()
        lines = [(time.perf_counter() - start, line.rstrip()) for line in run.stderr]
    if run.returncode:
        raise RuntimeError("\n".join(line for _, line in lines[-20:]))
    return time.perf_counter() - start, peak[0], lines


def _watch(run: subprocess.Popen, peak: list[float]) -> None:
    """Keep the largest sum of what a run and its children hold for themselves, in gigabytes."""
    while run.poll() is None:
        total = 0
        try:
            tree = [psutil.Process(run.pid), *psutil.Process(run.pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for process in tree:
            try:
                total += process.memory_full_info().uss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        peak[0] = max(peak[0], total / 1e9)
        time.sleep(2)


def _told(
    employees: int, drawn: float, held: float, seconds: float, peak: float, lines: list[tuple[float, str]]
) -> bool:
    ended = [at for at, line in lines if line.endswith((": done", ": partly done"))]
    partly = sum(line.endswith((": partly done", ": failed")) for _, line in lines)
    gaps = [later - earlier for earlier, later in pairwise(ended)] or [0.0]
    third = max(len(gaps) // 3, 1)
    first, last = mean(gaps[:third]), mean(gaps[-third:])
    times = WHOLE.employees / employees
    print(f"{PLACES} places, {employees:,} employees: drawn in {drawn:.0f} s, {held:.0f} MB of Parquet")
    print(
        f"swept in {seconds / 60:.1f} min with {JOBS} jobs ({len(ended)} places, {partly} of them not whole; "
        f"the first after {ended[0] if ended else 0:.0f} s, the split among it); {peak:.1f} GB at most"
    )
    print(
        f"seconds from the end of a place to that of the next: {first:.0f} in the first third, {last:.0f} in "
        f"the last, {max(gaps):.0f} at most"
    )
    print(f"the whole nation, {times:.1f} times as many, by that: {seconds * times / 3600:.1f} h", flush=True)
    within = seconds / 60 <= MINUTES * max(10 / times, 1)
    return len(ended) == PLACES and not partly and within and peak <= GIGABYTES
