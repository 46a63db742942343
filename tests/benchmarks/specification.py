"""The specification curve with its joint test: the bundled study, and FEVS 2018 where its file is at hand."""

import time
from pathlib import Path

from walesi_research import open_study
from walesi_research.questions.performance.specification_curve import specification_curve
from walesi_research.study import Study

ROOT = Path(__file__).resolve().parents[2]
FEVS = ROOT.parent / "shared" / "studies" / "fevs2018_prdf_sample.csv.gz"
WALESI, NATION = 10.0, 60.0
"""Seconds that the bundled study and FEVS' 101,881 rows may take."""


def curves() -> bool:
    """Print how long the models and their shuffles take; return whether both keep within bounds."""
    print("specification curve with joint test, seconds, one BLAS thread")
    held = _timed("walesi", open_study(ROOT / "data" / "walesi"), WALESI)
    if FEVS.exists():
        tables = dict.fromkeys(("employees", "survey"), FEVS)
        held &= _timed("fevs2018", open_study(ROOT / "data" / "fevs2018", tables=tables), NATION)
    return held


def _timed(name: str, study: Study, most: float) -> bool:
    start = time.perf_counter()
    result = specification_curve(study)
    seconds = time.perf_counter() - start
    verdict = "" if seconds <= most else f"  MISSED: at most {most:.0f}"
    size = f"{len(study.employees):,} people, {len(result.found.models)} models, {result.draws} shuffles"
    print(f"  {name:<10}{seconds:8.1f}  {size}{verdict}", flush=True)
    return seconds <= most
