"""The world like a study: its sizes, gaps and spreads as there, its effects as in every synthetic world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from walesi_research.errands.calibrate.few import few
from walesi_research.errands.calibrate.measures import measures, score_spreads
from walesi_research.study.privacy import round_count
from walesi_research.study.synthetic.process import draw
from walesi_research.study.synthetic.questionnaire import CONSTRUCTS
from walesi_research.study.synthetic.service import draw_service
from walesi_research.study.synthetic.tables import build_tables
from walesi_research.study.synthetic.world import World

if TYPE_CHECKING:
    import pandas as pd

    from walesi_research.study import Study

__all__ = ["FEWEST_RATERS", "LEAST", "MOST", "QUARTERS", "Likeness", "likeness"]

MOST = 400
"""Employees of a world at most: larger ones would take hours, and small samples are what is asked about."""
LEAST, FEWEST_RATERS = 20, 3
QUARTERS = (4, 40)
WITHOUT_PERIODS = 8
"""Quarters of a world where a study has no appraisals: courses and events still need a past."""
WIDE = 2_000
"""Employees of the worlds by which settings are matched."""
ROUNDS = 3
MATCHED = {
    # setting: least and greatest
    "pppk_share": (0, 1), "entrants": (0, 0.9), "leavers": (0, 0.9), "second_rater_share": (0, 1),
    "home_rater_share": (0, 1), "external_rater_share": (0, 1), "tie_share": (0, 1), "missing_tie": (0, 1),
    "missing_achievement": (0, 1), "hours_per_year": (0, 200), "leadership_share": (0, 0.99),
    "award_rate": (0, 0.5), "team_building_share": (0, 1), "respondents": (0, 500),
    "nonresponse": (0, 0.98), "missing_items": (0, 0.9), "careless": (0, 0.5),
    "latent_icc": (0, 0.9), "serial_correlation": (-0.9, 0.9),
}  # fmt: skip
LEAST_SPREAD = {"noise_sd": 0.5, "ability_sd": 0.5, "unit_sd": 0.0, "service_noise_sd": 0.1}
"""Spreads and the least they may be: matched as variances, for that is how causes add up."""


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """What worlds take from a study, and all that they take.

    Parameters
    ----------
    world : World
        Sizes, shares, gaps and spreads of the study; the effects of synthetic worlds.
    columns : mapping of str to tuple of str
        Tables and columns that the study has; a world's others are dropped.
    roles : tuple of str
        Roles of the constructs that the study asks about.
    one_unit : bool
        Whether all are of one unit.
    combined : bool
        Whether the study has a combined programme.
    minimum_cell, round_counts : int
        The study's privacy settings.
    """

    world: World
    columns: Mapping[str, tuple[str, ...]]
    roles: tuple[str, ...]
    one_unit: bool
    combined: bool
    minimum_cell: int
    round_counts: int

    def as_record(self) -> dict[str, Any]:
        """Return all that a world's results depend on, as values of JSON."""
        return asdict(self) | {
            "columns": {k: list(v) for k, v in self.columns.items()},
            "roles": list(self.roles),
        }


def likeness(study: Study) -> Likeness:
    """Return the world like a study.

    Sizes are the study's, counts of people rounded as its settings say. Every other setting is moved until a
    wide world measures as the study does (a simulated method of moments, `ROUNDS` steps of one for one);
    spreads of the score are taken from the crossed mixed model. Shares that tell of few people are left as
    they are in every synthetic world. All are rounded: the last digits of sums depend on pseudonyms and the
    order of rows, and worlds may not.
    """
    privacy = study.settings.privacy
    one_unit = study.employees["unit"].astype(str).nunique() < 2
    start = _sized(study, privacy.round_counts, one_unit)
    return Likeness(
        world=_matched(start, study),
        columns={name: tuple(map(str, table.columns)) for name, table in study.tables.items()},
        roles=tuple(dict.fromkeys(c.role for c in study.codebook.constructs.values())),
        one_unit=one_unit,
        combined="combined" in study.settings.policy.scenarios,
        minimum_cell=privacy.minimum_cell,
        round_counts=privacy.round_counts,
    )


def _sized(study: Study, base: int, one_unit: bool) -> World:
    """Return a world of the study's sizes."""
    people, units = len(study.employees), study.employees["unit"].astype(str).nunique()
    employees = int(np.clip(round_count(people, base), LEAST, MOST))
    shrunk = min(1.0, employees / people)
    sizes: dict[str, Any] = {
        "employees": employees,
        "units": int(np.clip(round(units * shrunk), 2, employees // 2)),
        "quarters": WITHOUT_PERIODS,
        "seed": study.seed,
    }
    if one_unit:
        sizes |= {"unit_sd": 0.0, "latent_icc": 0.0}
    if study.has("appraisals"):
        rows = study.appraisals
        raters = max(FEWEST_RATERS, round(rows["rater_id"].nunique() * shrunk))
        sizes |= {
            "quarters": int(np.clip(rows["period"].nunique(), *QUARTERS)),
            "last_year": int(study.calendar.year(int(rows["period"].max()))),
            "raters": min(raters, employees),
            "one_rater_a_unit": not one_unit and _one_rater_a_unit(study),
        }
    return World(**sizes)


def _one_rater_a_unit(study: Study) -> bool:
    rows = study.appraisals
    unit = rows["employee_id"].map(study.employees.set_index("employee_id")["unit"].astype(str))
    pairs = unit.to_frame("unit").assign(rater=rows["rater_id"].to_numpy()).drop_duplicates()
    return not pairs["unit"].duplicated().any() and not pairs["rater"].duplicated().any()


def _matched(world: World, study: Study) -> World:
    """Move the settings of a world until it measures as the study does."""
    items = [tuple(c.items) for c in study.codebook.constructs.values()] if study.has("survey") else []
    aims = measures(study.tables, items)
    if (spreads := score_spreads(study.tables)) and not world.one_rater_a_unit:
        world = replace(world, **{name: round(sd, 3) for name, sd in spreads.items()})
    fixed = {"unit_sd", "latent_icc"} if world.unit_sd == 0 and world.latent_icc == 0 else set()
    aims = {name: aim for name, aim in aims.items() if name not in fixed.union(few(study))}
    start = {n: round(float(np.clip(aims[n], *MATCHED[n])), 4) for n in _direct(aims)}
    world = replace(world, **start)
    for turn in range(ROUNDS):
        found = measures(_wide_tables(world, turn), _own_items(study))
        world = replace(world, **dict(_moved(world, aims, found)))
    return world


def _direct(aims: Mapping[str, float]) -> Iterator[str]:
    """Yield the settings that are nearly what they are measured as: matching begins there."""
    return (name for name in aims if name in MATCHED and name not in ("award_rate", "latent_icc"))


def _moved(
    world: World, aims: Mapping[str, float], found: Mapping[str, float]
) -> Iterator[tuple[str, float]]:
    for name, aim in aims.items():
        if name not in found:
            continue
        now = getattr(world, name)
        if name in LEAST_SPREAD:
            variance = now**2 + aim**2 - found[name] ** 2
            yield name, round(max(LEAST_SPREAD[name], np.sqrt(max(variance, 0.0))), 3)
        elif name in MATCHED and aim in MATCHED[name]:
            yield name, aim
        elif name == "award_rate":  # measured as the share of employees ever given one
            yield name, round(float(np.clip(now * aim / max(found[name], 1e-3), 0, 0.5)), 4)
        elif name in MATCHED:
            yield name, round(float(np.clip(now + aim - found[name], *MATCHED[name])), 4)


def _wide_tables(world: World, turn: int) -> dict[str, pd.DataFrame]:
    """Return the tables of a larger draw of the same world: more people, units and raters in proportion."""
    times = max(1, round(WIDE / world.employees))
    wide = replace(
        world, employees=world.employees * times, units=world.units * times, seed=world.seed + turn,
        raters=None if world.raters is None else world.raters * times,
    )  # fmt: skip
    drawn = draw(wide)
    return build_tables(drawn, draw_service(wide, drawn.people, drawn.performance))


def _own_items(study: Study) -> list[tuple[str, ...]]:
    """Return the items of a world's constructs of the roles that the study has."""
    roles = {c.role for c in study.codebook.constructs.values()}
    return [tuple(item.name for item in c.items) for c in CONSTRUCTS if c.role in roles]
