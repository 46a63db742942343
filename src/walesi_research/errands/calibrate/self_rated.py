"""Truths of a study without recorded achievement, where performance is what employees say of themselves."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from walesi_research.study.codebook import Codebook
from walesi_research.study.synthetic.process import Draw, draw
from walesi_research.study.synthetic.projection import (
    UnitMoments,
    lmg_shares,
    random_intercept_projection,
    within_covariance,
)
from walesi_research.study.synthetic.survey import ITEM_NAMES
from walesi_research.study.synthetic.texts import codebook_toml
from walesi_research.study.synthetic.world import World

__all__ = ["self_rated_truths"]

PREDICTORS = ("training", "culture", "recognition", "fairness")
CHAIN = ("culture", "recognition")
MEDIATORS = ("motivation", "commitment")
OUTCOME = "performance"
CHUNK = 100_000
MEAN, LATENT = "", "_latent"
"""A role's scale mean, and the variable behind it."""


def self_rated_truths(world: World, roles: Sequence[str], size: int) -> dict[str, float]:
    """Return the truths of the joint, importance and pathway findings with self-rated performance.

    Projections in a population that all answers: `joint` of scale means with random intercepts of units,
    ``joint.*_latent`` of the variables behind them, `importance` of scale means with units not told apart, as
    there; `pathway` of latent variables within units, the indirect effect as total minus direct. Coefficients
    are in standard deviations over employees.

    Parameters
    ----------
    world : World
    roles : sequence of str
        Roles that the study asks about; without performance there is nothing to tell.
    size : int
        Employees to simulate.
    """
    if OUTCOME not in roles:
        return {}
    there = [role for role in PREDICTORS if role in roles]
    facts = _gathered(replace(world, nonresponse=0.0, seed=0), size)
    found: dict[str, float] = {}
    for kind in (MEAN, LATENT):
        names = [f"{role}{kind}" for role in there]
        slopes = random_intercept_projection(facts, f"{OUTCOME}{kind}", names)
        scaled = _standardised(facts, slopes, f"{OUTCOME}{kind}")
        found |= {f"joint.{name}": b for name, b in scaled.items()}
    if len(there) == len(PREDICTORS):
        shares, _ = lmg_shares(facts.covariance([*PREDICTORS, OUTCOME]))
        found |= {f"importance.{role}": float(s) for role, s in zip(PREDICTORS, shares, strict=True)}
    return found | dict(_pathways(facts, roles))


def _pathways(facts: UnitMoments, roles: Sequence[str]) -> Iterator[tuple[str, float]]:
    ends = [role for role in CHAIN if role in roles]
    if not ends:
        return
    total = _within(facts, ends)
    yield from ((f"pathway.{role}_total", total[role]) for role in ends)
    if set(MEDIATORS) <= set(roles):
        direct = _within(facts, [*ends, *MEDIATORS])
        yield from ((f"pathway.{role}_indirect", total[role] - direct[role]) for role in ends)


def _within(facts: UnitMoments, roles: Sequence[str]) -> dict[str, float]:
    """Return the standardised slopes of latent performance on latent variables, units removed."""
    names = [f"{role}{LATENT}" for role in roles]
    moments = within_covariance(facts, [*names, f"{OUTCOME}{LATENT}"])
    slopes = np.linalg.solve(moments[:-1, :-1], moments[:-1, -1])
    scaled = _standardised(facts, dict(zip(names, slopes, strict=True)), f"{OUTCOME}{LATENT}")
    return {name.removesuffix(LATENT): b for name, b in scaled.items()}


def _standardised(facts: UnitMoments, slopes: dict[str, float], outcome: str) -> dict[str, float]:
    spread = np.sqrt(np.diag(facts.covariance([*slopes, outcome])))
    return {name: float(b * s / spread[-1]) for (name, b), s in zip(slopes.items(), spread, strict=False)}


@cache
def _gathered(world: World, size: int) -> UnitMoments:
    """Return moments of scale means and latent variables of about `size` employees."""
    each = min(CHUNK, max(size, 1_000))
    times = each / world.employees
    raters = None if world.raters is None else max(3, round(world.raters * times))
    wide = replace(world, employees=each, units=max(2, round(world.units * times)), raters=raters)
    book = Codebook.model_validate(tomllib.loads(codebook_toml()))
    roles = [c.role for c in book.constructs.values()]
    facts = UnitMoments(["constant", *roles, *(f"{role}{LATENT}" for role in roles)])
    for chunk in range(max(1, round(size / each))):
        drawn = draw(wide, chunk + 1)
        rows, unit = _rows(drawn, book, roles)
        facts.add(rows, unit)
    return facts


def _rows(drawn: Draw, book: Codebook, roles: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return a constant, scale means and latent variables of those with all of them, and their units."""
    who = drawn.survey.employee
    answers = pd.DataFrame(drawn.survey.answers, columns=list(ITEM_NAMES)).astype(float).replace(0, np.nan)
    latent = np.column_stack([drawn.latent[role][who] for role in roles])
    rows = np.column_stack([np.ones(len(who)), book.scores(answers).to_numpy(), latent])
    kept = ~np.isnan(rows).any(axis=1)
    return rows[kept], drawn.people.unit[who][kept]
