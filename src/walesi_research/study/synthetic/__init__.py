"""A synthetic Walesi: study folders drawn from a world whose true effects are known.

`simulate` draws a `World` and works out the true value of every finding of the contract, without any of
the package's own estimators; `write_study` writes the study folder, `simulate_folder` does both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from walesi_research.language import Message
from walesi_research.problems import Problem, UserError
from walesi_research.study.staging import holds_something, staged
from walesi_research.study.synthetic.knobs import knob_faults
from walesi_research.study.synthetic.population import POPULATION
from walesi_research.study.synthetic.process import draw
from walesi_research.study.synthetic.service import draw_service
from walesi_research.study.synthetic.tables import build_tables
from walesi_research.study.synthetic.truth import true_values
from walesi_research.study.synthetic.world import World
from walesi_research.study.synthetic.write import write_study

__all__ = ["SyntheticStudy", "World", "folder_faults", "simulate", "simulate_folder", "write_study"]


@dataclass(frozen=True, slots=True)
class SyntheticStudy:
    """A synthetic study.

    Parameters
    ----------
    world : World
        What it was drawn from.
    id : str
        The study's id.
    tables : mapping of str to DataFrame
        ``employees survey appraisals training service events``, the contract's columns, raw ids as text.
    truth : dict
        ``{"world": …, "findings": {id: {"value": …, "unit": …, "how": …}}}``; value None where the estimand
        is not defined in this world.
    """

    world: World
    id: str
    tables: Mapping[str, pd.DataFrame]
    truth: dict[str, Any]


def simulate(world: World, *, id: str = "walesi", population: int = POPULATION) -> SyntheticStudy:
    """Draw a synthetic study and the true value of every finding.

    Parameters
    ----------
    world : World
        Sizes, true effects and knobs.
    id : str
        Id of the study: a-z 0-9 - _.
    population : int
        Employees simulated for the truths that are defined over a population (``joint``, ``importance``,
        ``measurement``, ``perception``); 0 leaves these out, which is quick.

    Returns
    -------
    SyntheticStudy
        The same world gives the same study.
    """
    drawn = draw(world)
    service = draw_service(world, drawn.people, drawn.performance)
    return SyntheticStudy(world, id, build_tables(drawn, service), true_values(drawn, population))


def simulate_folder(
    out: Path,
    *,
    employees: int = 160,
    units: int = 10,
    quarters: int = 12,
    seed: int = 20261124,
    population: int = POPULATION,
    **knobs: Any,
) -> Path:
    """Draw a synthetic study and write its folder; the folder's name becomes the study's id.

    Parameters
    ----------
    out : Path
        The folder; must not exist or be empty.
    employees, units, quarters, seed : int
        See `World`.
    population : int
        See `simulate`.
    **knobs
        Any other setting of `World`.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UserError
        If the folder holds something, a knob is unknown, or a value is out of range.
    """
    out = Path(out)
    if problems := [*folder_faults(out), *knob_faults(knobs)]:
        raise UserError(problems)
    world = World(employees=employees, units=units, quarters=quarters, seed=seed, **knobs)
    drawn = simulate(world, id=_study_id(out), population=population)
    with staged(out) as staging:
        write_study(drawn, staging)
        staging.chmod(0o755)
    return out


def _study_id(out: Path) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", out.resolve().name.lower()).strip("-") or "synthetic"


def folder_faults(out: Path) -> list[Problem]:
    """Return what is wrong with a folder that a synthetic study is to be written to."""
    if holds_something(out):
        return [Problem(what=Message.of("synthetic.folder_not_empty", folder=out.name), file=out.name)]
    return []
