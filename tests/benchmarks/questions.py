"""The appraisal questions on a national table: a million appraisals of 100,000 employees by 8,000 raters."""

import resource
import shutil
import tempfile
import time
from pathlib import Path

from walesi_research import open_study
from walesi_research.questions import appraisal
from walesi_research.study.synthetic import World, simulate, write_study

SECONDS, GIGABYTES = 120, 8
ASKED = (
    "scores",
    "record",
    "distribution",
    "indicators",
    "counterfactual",
    "perception",
    "raters",
    "kinds",
    "checks",
)


def national(employees: int = 100_000) -> bool:
    """Print how long each question takes; return whether all together keep within bounds."""
    world = World(employees=employees, units=employees // 50, quarters=8, raters=employees * 8 // 100, seed=1)
    folder = Path(tempfile.mkdtemp())
    write_study(simulate(world, population=0), folder / "nation")
    opened = open_study(folder / "nation")
    shutil.rmtree(folder)
    print(f"appraisal questions, {len(opened.appraisals):,} appraisals, {world.raters:,} raters: seconds")
    total = 0.0
    for name in ASKED:
        start = time.perf_counter()
        list(getattr(getattr(appraisal, name)(opened), "findings", ()))  # some compute when asked
        seconds = time.perf_counter() - start
        total += seconds
        print(f"  {name:<16} {seconds:>8.1f}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"  {'together':<16} {total:>8.1f}   peak {peak:.2f} GB")
    return total < SECONDS and peak < GIGABYTES
