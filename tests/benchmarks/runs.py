"""Whole runs from the command line: the bundled study cold and unchanged, the real survey, a large world."""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FEVS = ROOT.parent / "shared" / "studies" / "fevs2018_prdf_sample.csv.gz"
LARGE = ("--employees", 100_000, "--units", 2_000, "--quarters", 12, "--seed", 1)
PEAK = "import resource, subprocess, sys; r = subprocess.run(sys.argv[1:], capture_output=True); " + (
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(r.returncode)"
)


def timed(*arguments) -> tuple[float, float]:
    """Return seconds, and gigabytes of the largest single process, of one call of the command line."""
    command = [sys.executable, "-c", PEAK, sys.executable, "-m", "walesi_research", *map(str, arguments)]
    start = time.perf_counter()
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.perf_counter() - start, int(run.stdout) / 1e6


def whole_runs() -> bool:
    """Print the times; always within bounds but for the real survey's two minutes and four gigabytes."""
    folder = Path(tempfile.mkdtemp())
    calls = {
        "data/walesi, first run": ("run", ROOT / "data/walesi", "--out", folder / "walesi"),
        "data/walesi, nothing changed": ("run", ROOT / "data/walesi", "--out", folder / "walesi"),
        "simulate 100,000 employees, 12 quarters": ("simulate", folder / "large", *LARGE),
    }
    if FEVS.exists():
        tables = [f"--table={name}={FEVS}" for name in ("employees", "survey")]
        calls["fevs2018, 101,881 respondents"] = (
            "run",
            ROOT / "data/fevs2018",
            "--out",
            folder / "fevs",
            *tables,
        )
    print("whole runs: seconds, and GB of the largest process")
    found = {name: timed(*arguments) for name, arguments in calls.items()}
    for name, (seconds, gigabytes) in found.items():
        print(f"  {name:<42} {seconds:>8.1f} {gigabytes:>6.2f}")
    shutil.rmtree(folder)
    seconds, gigabytes = found.get("fevs2018, 101,881 respondents", (0.0, 0.0))
    return seconds < 120 and gigabytes < 4
