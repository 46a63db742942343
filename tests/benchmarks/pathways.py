"""Bootstrap of the latent path model at 140 employees: culture and recognition to performance, with units."""

import tempfile
import time
from pathlib import Path

from walesi_research import open_study
from walesi_research.questions.pathways.chain import Chain, chain_of
from walesi_research.questions.pathways.model import path_model
from walesi_research.study import Study
from walesi_research.study.synthetic import World, simulate
from walesi_research.study.synthetic.write import write_study

EMPLOYEES, UNITS, DRAWS = 140, 9, 1000
TARGET = 10.0


def bootstrap() -> bool:
    """Print the seconds of a fit and of its draws, and return whether they are within the target."""
    study, chain = drawn()
    single, whole = timed(study, chain, 2), timed(study, chain, DRAWS)
    verdict = "" if whole <= TARGET else f"  MISSED: target {TARGET:.0f}"
    print(f"latent path model, {EMPLOYEES} employees, {UNITS} units, missing answers, one core, seconds")
    print(f"  fit and jackknife {single:8.2f}\n  with {DRAWS:,} draws  {whole:8.2f}{verdict}", flush=True)
    return whole <= TARGET


def drawn() -> tuple[Study, Chain]:
    world = simulate(World(employees=EMPLOYEES, units=UNITS, seed=1), population=0)
    with tempfile.TemporaryDirectory() as folder:
        write_study(world, Path(folder) / "study")
        study = open_study(Path(folder) / "study")
    return study, chain_of(study)


def timed(study: Study, chain: Chain, draws: int) -> float:
    start = time.perf_counter()
    path_model(study, chain, level=0.95, draws=draws)
    return time.perf_counter() - start
