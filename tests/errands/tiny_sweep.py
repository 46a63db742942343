"""Sweeps of studies of one number, for tests of what dies midway.

``python -m tests.errands.tiny_sweep GIVEN OUT JOBS ENGINE [ADDRESS]`` is one sweep of what `make` wrote, the
last argument the scheduler of a cluster. Each notebook that begins adds a line to ``log`` beside OUT.
"""

import json
import re
import sys
from functools import partial
from pathlib import Path
from unittest import mock

from tests.pipeline import tiny
from walesi_research.errands import sweep as swept
from walesi_research.errands.sweep.cluster import connected
from walesi_research.errands.sweep.run import Ended, Job, attempt
from walesi_research.findings import dumps_findings
from walesi_research.pipeline import files, run_study
from walesi_research.pipeline.warm import client

LOG = """from time import sleep
with Path.cwd().parents[5].joinpath("log").open("a") as log:
    log.write(f"{{Path.cwd().parents[1].name}} {name}\\n")
sleep({seconds})"""
"""A kernel works in OUT/.walesi/places/PLACE/.walesi/work."""

KERNEL = ("IPython", "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "comm", "debugpy")
LIBRARIES = re.compile(r"^LIBRARIES = \(.*?^\)", re.DOTALL | re.MULTILINE)


def make(folder: Path, places: str = "abc", seconds: float = 0.2) -> Path:
    """Write a tiny study a place, and notebooks that take their time."""
    for number, name in enumerate(places):
        study = tiny.make_study(folder / "studies" / name, 40 + number)
        settings = f'[study]\nid = "{name}"\ntitle = {{ id = "{name}", en = "{name}" }}\n'
        (study / "study.toml").write_text(settings + '[tables]\nvalue = "value.csv"\n')
    cells = {
        n.name: (
            tiny.READ,
            LOG.format(name=n.name, seconds=seconds),
            tiny.FIND.format(id=tiny.IDS[n.name], name=n.name, p=0.01),
        )
        for n in tiny.EVERY
    }
    tiny.make_notebooks(
        folder / "notebooks",
        **{n.name: tiny.notebook(n.name, *cells[n.name], parameters=n.parameters[1:]) for n in tiny.EVERY},
    )
    (folder / "server.py").write_text(LIBRARIES.sub(f"LIBRARIES = {KERNEL}", client.SCRIPT.read_text()))
    return folder


def run_place(job: Job) -> Ended:
    """Run the tiny notebooks on a tiny study, with a server that imports no more than a kernel needs."""
    given = job.folder.parents[1]
    tiny_ones = {"open_study": tiny.open_study, "every": tiny.EVERY, "notebooks": given / "notebooks"}
    with mock.patch.object(client, "SCRIPT", given / "server.py"):
        return attempt(job, partial(run_study, **tiny_ones))


def compare(done: swept.Swept, folder: Path) -> frozenset[str]:
    """Write what places found, and how many notebooks each has."""
    for name, end in done.ended.items():
        (folder / f"{name}.json").write_text(dumps_findings(end.findings))
    (folder / "index.html").write_text(json.dumps({n: len(e.findings) for n, e in done.ended.items()}))
    return frozenset()


def sweep(given: Path, out: Path, **options) -> swept.Swept:
    """Sweep what `make` wrote."""
    studies = sorted((given / "studies").iterdir())
    with mock.patch.object(swept, "run_place", run_place):
        return swept.sweep(studies, out, compare=compare, pages=tiny.publish, **options)


def stable(out: Path) -> dict[str, bytes]:
    """Return what an output folder holds, but for what tells of times and states."""
    names = [name for name in files.relative_files(out) if not name.endswith(("manifest.json", "lock"))]
    return {name: (out / name).read_bytes() for name in names}


def begun(out: Path) -> list[str]:
    """Return the notebooks that have begun in `out`, each ``place notebook``, in order."""
    log = out.parent / "log"
    return log.read_text().splitlines() if log.exists() else []


if __name__ == "__main__":
    from tests.errands import tiny_sweep  # workers know its functions by this name, not as __main__'s

    given, out, jobs, engine, *address = sys.argv[1:]
    options = {"jobs": int(jobs), "engine": engine, "tell": lambda end: print(end.name, end.state, end.told)}
    if address:
        with connected(*address) as cluster:
            done = tiny_sweep.sweep(
                Path(given), Path(out), start=cluster.start, look=cluster.refuse_blind, **options
            )
    else:
        done = tiny_sweep.sweep(Path(given), Path(out), **options)
    sys.exit(not done.ok)
