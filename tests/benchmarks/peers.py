"""Crossed random intercepts beside lme4, CR2 errors beside estimatr, on InstEval (73,421 ratings)."""

import shutil
import subprocess
import time
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from walesi_research.stats import cr2, crossed

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared/reference/data/insteval.csv"
TARGETS = {"A": ("lmer", 0.4), "B": ("lmer", 0.4), "CR2": ("estimatr", 0.1)}
ROUNDS = 3


def compare() -> bool:
    """Print medians and ratios, and return whether every ratio is within its target."""
    if missing := absent():
        print(f"\nNO COMPARISON WITH R: {missing}\n")
        return False
    ours = tasks(pd.read_csv(DATA))
    seconds = {name: ([], []) for name in ours}
    with subprocess.Popen(
        ["Rscript", str(Path(__file__).with_name("peer.R")), str(DATA)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as peer:
        for _ in range(ROUNDS):
            for name, task in ours.items():
                seconds[name][0].append(timed(task))
                seconds[name][1].append(asked(peer, name))
        peer.stdin.close()
    print(f"InstEval, medians of {ROUNDS} runs in turn, seconds, one BLAS thread each")
    held = [row(name, *seconds[name]) for name in ours]
    return all(held)


def absent() -> str | None:
    """Return what the comparison lacks."""
    if not DATA.exists():
        return "the reference data are not beside the repository"
    if shutil.which("Rscript") is None:
        return "Rscript is missing (Debian: apt-get install r-base-core r-cran-lme4 r-cran-estimatr)"
    check = subprocess.run(
        ["Rscript", "-e", "library(lme4); library(estimatr)"], capture_output=True, text=True, check=False
    )
    return None if check.returncode == 0 else f"R lacks a package: {check.stderr.strip()}"


def tasks(d: pd.DataFrame) -> dict:
    one = np.ones((len(d), 1))
    service = np.column_stack([one, d.service == 1]).astype(float)
    dummies = pd.get_dummies(d[["lectage", "studage"]].astype(str), drop_first=True)
    wide = np.column_stack([service, dummies]).astype(float)
    two = {"s": d.s.to_numpy(), "d": d.d.to_numpy()}
    three = two | {"dept": d.dept.to_numpy()}
    return {
        "A": lambda: crossed(d.y, one, two),
        "B": lambda: crossed(d.y, service, three),
        "CR2": lambda: cr2(d.y, wide, d.d),
    }


def timed(task) -> float:
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def asked(peer: subprocess.Popen, name: str) -> float:
    peer.stdin.write(name + "\n")
    peer.stdin.flush()
    return float(peer.stdout.readline())


def row(name: str, ours: list[float], theirs: list[float]) -> bool:
    peer, target = TARGETS[name]
    ratio = median(ours) / median(theirs)
    verdict = "" if ratio <= target else f"  MISSED: target {target}"
    print(
        f"  {name:<4} {median(ours):8.3f}  {peer:<9} {median(theirs):8.3f}  ratio {ratio:.3f}{verdict}",
        flush=True,
    )
    return ratio <= target
