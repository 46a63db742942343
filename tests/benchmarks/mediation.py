"""Bootstrap of an observed mediation (899 rows, three covariates) beside R's plain loop over lm.fit."""

import shutil
import subprocess
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from tests.benchmarks.peers import asked, timed
from walesi_research.stats.mediation import mediation
from walesi_research.stats.resampling import bootstrap_counts

DATA = Path(__file__).resolve().parents[3] / "shared/reference/data/jobs2.csv"
DRAWS = 5000
ROUNDS = 5
TARGET = 0.05


def compare() -> bool:
    """Print medians and their ratio, and return whether it is within the target."""
    if missing := absent():
        print(f"\nNO COMPARISON WITH R: {missing}\n")
        return False
    jobs, ours, theirs = pd.read_csv(DATA), [], []
    with subprocess.Popen(
        ["Rscript", str(Path(__file__).with_suffix(".R")), str(DATA), str(DRAWS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as peer:
        for _ in range(ROUNDS):
            ours.append(timed(lambda: bootstrapped(jobs)))
            theirs.append(asked(peer, "bootstrap"))
        peer.stdin.close()
    ratio = median(ours) / median(theirs)
    verdict = "" if ratio <= TARGET else f"  MISSED: target {TARGET}"
    print(f"mediation, {DRAWS:,} bootstrap draws, medians of {ROUNDS} runs in turn, seconds, one BLAS thread")
    print(f"  ours {median(ours):.3f}  lm.fit {median(theirs):.3f}  ratio {ratio:.3f}{verdict}", flush=True)
    return ratio <= TARGET


def absent() -> str | None:
    """Return what the comparison lacks."""
    if not DATA.exists():
        return "the reference data are not beside the repository"
    return None if shutil.which("Rscript") else "Rscript is missing (Debian: apt-get install r-base-core)"


def bootstrapped(jobs: pd.DataFrame) -> None:
    """Draw samples and make the table: errors, percentile and BCa intervals, jackknife included."""
    counts = bootstrap_counts(np.random.default_rng(1), len(jobs), DRAWS)
    covariates = jobs[["econ_hard", "sex", "age"]]
    mediation(jobs.depress2, jobs.job_seek, jobs.treat, covariates, counts=counts).table()
