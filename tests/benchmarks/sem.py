"""Structural equation models beside lavaan: fits, ours with all measures, and a bootstrap of a path model."""

import json
import shutil
import subprocess
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from tests.benchmarks.peers import asked, timed
from walesi_research.stats.resampling import bootstrap_counts
from walesi_research.stats.sem import fit

FOLDER = Path(__file__).resolve().parents[3] / "shared/reference/data"
TARGETS = {
    "factors": 1,
    "democracy": 1,
    "groups": 1,
    "robust": 1,
    "fiml": 0.3,
    "ordered": 1,
    "bootstrap": 0.1,
}
ROUNDS = 5
DRAWS = 1000
TRAITS = [[f"{trait}{k}" for k in range(1, 6)] for trait in "ACENO"]
MODELS = {
    "factors": "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9",
    "democracy": """ind60 =~ x1 + x2 + x3
        dem60 =~ y1 + y2 + y3 + y4
        dem65 =~ y5 + y6 + y7 + y8
        dem60 ~ ind60
        dem65 ~ ind60 + dem60
        y1 ~~ y5
        y2 ~~ y4 + y6
        y3 ~~ y7
        y4 ~~ y8
        y6 ~~ y8""",
    "traits": "\n".join(f"{items[0][0]} =~ " + " + ".join(items) for items in TRAITS),
    "two": "\n".join(f"{items[0][0]} =~ " + " + ".join(items) for items in TRAITS[:2]),
    "jobs": """job_seek ~ a*treat + econ_hard + sex + age
        depress2 ~ c*treat + b*job_seek + econ_hard + sex + age
        indirect := a*b""",
}


def compare() -> bool:
    """Print medians and ratios, and return whether every ratio is within its target."""
    if missing := absent():
        print(f"\nNO COMPARISON WITH R: {missing}\n")
        return False
    ours = tasks()
    seconds = {name: ([], []) for name in ours}
    with subprocess.Popen(
        ["Rscript", str(Path(__file__).with_suffix(".R")), str(FOLDER), json.dumps(MODELS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as peer:
        for k in range(ROUNDS):
            for name, task in ours.items():
                if name != "bootstrap" or k == 0:  # half a minute in lavaan
                    seconds[name][0].append(timed(task))
                    seconds[name][1].append(asked(peer, name))
        peer.stdin.close()
    print(f"structural equation models, medians of {ROUNDS} runs in turn, seconds, one BLAS thread each")
    held = [row(name, *seconds[name]) for name in ours]
    return all(held)


def absent() -> str | None:
    """Return what the comparison lacks."""
    if not FOLDER.exists():
        return "the reference data are not beside the repository"
    if shutil.which("Rscript") is None:
        return "Rscript is missing (Debian: apt-get install r-base-core r-cran-lavaan r-cran-jsonlite)"
    check = subprocess.run(
        ["Rscript", "-e", "library(lavaan); library(jsonlite)"], capture_output=True, text=True, check=False
    )
    return None if check.returncode == 0 else f"R lacks a package: {check.stderr.strip()}"


def tasks() -> dict:
    pupils, nations, bfi, jobs = (
        pd.read_csv(FOLDER / f"{name}.csv")
        for name in ("holzinger_swineford", "political_democracy", "bfi", "jobs2")
    )
    answers = bfi[bfi.iloc[:, :25].notna().all(axis=1)]
    equal = ("loadings", "intercepts")
    return {
        "factors": lambda: fit(MODELS["factors"], pupils),
        "democracy": lambda: fit(MODELS["democracy"], nations),
        "groups": lambda: fit(MODELS["factors"], pupils, group="school", equal=equal),
        "robust": lambda: fit(MODELS["factors"], pupils, estimator="mlr"),
        "fiml": lambda: fit(MODELS["traits"], bfi, missing="fiml"),
        "ordered": lambda: fit(MODELS["two"], answers, estimator="dwls"),
        "bootstrap": lambda: bootstrapped(jobs),
    }


def bootstrapped(jobs: pd.DataFrame) -> None:
    draws = bootstrap_counts(np.random.default_rng(1), len(jobs), DRAWS)
    fit(MODELS["jobs"], jobs).bootstrap(draws)


def row(name: str, ours: list[float], theirs: list[float]) -> bool:
    ratio, target = median(ours) / median(theirs), TARGETS[name]
    verdict = "" if ratio <= target else f"  MISSED: target {target}"
    print(
        f"  {name:<10} {median(ours):8.3f}  lavaan {median(theirs):8.3f}  ratio {ratio:.3f}{verdict}",
        flush=True,
    )
    return ratio <= target
