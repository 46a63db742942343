"""The world a synthetic study is drawn from: every true effect, share and knob in one frozen record."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from typing import Any

import numpy as np

from walesi_research.language import Message
from walesi_research.problems import Problem, UserError

__all__ = ["EFFECTS", "World", "stream"]

_SHARES = (
    "pppk_share", "leadership_share", "tie_share", "second_rater_share", "home_rater_share",
    "faulty_predicate_share", "nonresponse", "missing_items", "careless", "missing_tie",
    "missing_achievement", "team_building_share", "external_rater_share", "latent_icc",
    "culture_recognition_correlation",
)  # fmt: skip
_SPREADS = (
    "ability_sd", "unit_sd", "noise_sd", "rater_sd", "employee_score_sd", "score_noise_sd", "record_error",
    "service_noise_sd", "hours_per_year", "respondents",
)  # fmt: skip
EFFECTS = (
    "hours_slope", "leadership_effect", "leadership_growth", "leadership_cohort", "leadership_dip",
    "award_effect", "team_building_effect", "culture_to_motivation", "recognition_to_motivation",
    "motivation_to_commitment", "culture_to_commitment", "recognition_to_commitment",
    "commitment_to_achievement", "motivation_to_achievement", "culture_to_achievement",
    "recognition_to_achievement", "fairness_of_residual", "achievement_slope", "tie_effect", "service_slope",
)  # fmt: skip
"""Every effect that one thing has on another; all are zero in a null world."""

_AT_LEAST = {"employees": 20, "units": 2, "quarters": 4}
_AT_MOST = {"employees": 5_000_000, "quarters": 40}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The true process behind a synthetic study.

    Points are points of achievement (% of target) or of the appraisal score (0–120), as stated; latent
    variables have a standard deviation of about one. Every effect may be set to zero.

    Parameters
    ----------
    employees, units, quarters : int
        Size; the last quarter is always the fourth of `last_year`.
    seed : int
        Every draw derives from it.
    last_year : int
        Year of the survey (November) and of the last four quarters.
    raters : int or None
        Number of raters; one for eleven employees when None, and never fewer than three.
    pppk_share : float
        Share of employees on a contract (PPPK).
    entrants, leavers : float
        Share of employees who start, or leave, within the panel.
    ability_sd, unit_sd, noise_sd : float
        Standard deviations of achievement, points: stable ability, unit, employee-quarter.
    trend : float
        Points of achievement that every quarter adds for all.
    hours_per_year : float
        Mean hours (JP) of ordinary courses an employee completes in a year.
    hours_slope : float
        Points of achievement for 10 JP of ordinary courses in the four quarters before.
    leadership_share : float
        Share of employees who complete a leadership programme by the end.
    leadership_selection : float
        Log hazard of completing one for a standard deviation of stable ability.
    leadership_effect : float
        Points of achievement from the first quarter that starts after completion.
    award_effect, team_building_effect : float
        Points of achievement from the first quarter that starts after the first award of the employee, or
        the first team building of the unit.
    award_rate, award_selection : float
        Share of employee-quarters with an award, and log odds of one for a standard deviation of the
        quarter's own deviation: awards follow good quarters.
    team_building_share : float
        Share of units that hold a team building.
    culture_recognition_correlation, latent_icc : float
        Correlation of culture and recognition; share of a latent variable's variance between units.
    culture_to_motivation, recognition_to_motivation : float
        Standard deviations of motivation for one of culture, recognition.
    motivation_to_commitment, culture_to_commitment, recognition_to_commitment : float
        Likewise for commitment.
    commitment_to_achievement, motivation_to_achievement : float
        Points of achievement for a standard deviation.
    culture_to_achievement, recognition_to_achievement : float
        Likewise, beside what goes through motivation and commitment.
    fairness_of_residual : float
        Standard deviations of perceived fairness for one score point of the employee's own mean appraisal
        residual before the survey.
    score_level, achievement_slope, tie_effect : float
        Mean score at an achievement of 100; score points for 10 points of achievement; points a tie adds.
    tie_share : float
        Share of rater-employee pairs with a tie.
    rater_sd, employee_score_sd, score_noise_sd : float
        Standard deviations of the score: rater severity, employee, residual; points.
    home_rater_share, second_rater_share : float
        Share of appraisals by a rater of one's own unit; share of employee-quarters with a second rater.
    external_rater_share : float
        Share of raters who are not among the employees.
    faulty_predicate_share : float
        Share of appraisals whose predicate is recorded by the rule ``max(work result, behaviour)``.
    service_slope : float
        IKM points (0–100) for 10 points of the unit's mean achievement.
    service_noise_sd, respondents : float
        Standard deviation between unit-quarters in IKM points; mean number of service users asked.
    nonresponse, missing_items, careless, missing_tie, missing_achievement : float
        Shares: employees who do not answer; items left blank; respondents who straight-line; ties and
        achievements not recorded.
    leadership_growth : float
        Knob. Points more for every further quarter of exposure.
    leadership_cohort : float
        Knob. Points more for every quarter by which completion is earlier than the middle of the panel.
    leadership_dip : float
        Knob. Points lost in the quarter in which a leadership programme is completed.
    ties_follow_ability : float
        Knob. Log odds of a tie for a standard deviation of stable ability.
    record_error : float
        Knob. Standard deviation of the error in recorded achievement, points.
    record_ceiling : float or None
        Knob. Recorded achievement never exceeds it.
    serial_correlation : float
        Knob. Correlation of an employee's deviations in neighbouring quarters.
    one_rater_a_unit : bool
        Knob. Each unit has one rater of its own, who appraises no other unit.
    nonresponse_of_motivation : float
        Knob. Log odds of answering for a standard deviation of motivation.

    Raises
    ------
    UserError
        With every value that is out of range.
    """

    employees: int = 160
    units: int = 10
    quarters: int = 12
    seed: int = 20261124
    last_year: int = 2024
    raters: int | None = None
    pppk_share: float = 0.3
    entrants: float = 0.04
    leavers: float = 0.03
    # achievement
    ability_sd: float = 4.0
    unit_sd: float = 2.0
    noise_sd: float = 5.0
    trend: float = 0.1
    hours_per_year: float = 20.0
    hours_slope: float = 0.8
    leadership_share: float = 0.45
    leadership_selection: float = 0.5
    leadership_effect: float = 3.5
    award_effect: float = 1.0
    team_building_effect: float = 1.2
    award_rate: float = 0.03
    award_selection: float = 1.2
    team_building_share: float = 0.7
    # attitudes
    culture_recognition_correlation: float = 0.5
    latent_icc: float = 0.12
    culture_to_motivation: float = 0.3
    recognition_to_motivation: float = 0.25
    motivation_to_commitment: float = 0.4
    culture_to_commitment: float = 0.15
    recognition_to_commitment: float = 0.1
    commitment_to_achievement: float = 2.4
    motivation_to_achievement: float = 1.3
    culture_to_achievement: float = 0.8
    recognition_to_achievement: float = 0.6
    fairness_of_residual: float = 0.1
    # appraisal
    score_level: float = 84.0
    achievement_slope: float = 3.0
    tie_effect: float = 5.0
    tie_share: float = 0.25
    rater_sd: float = 3.0
    employee_score_sd: float = 2.2
    score_noise_sd: float = 3.2
    home_rater_share: float = 0.5
    second_rater_share: float = 0.25
    external_rater_share: float = 0.15
    faulty_predicate_share: float = 0.15
    # service
    service_slope: float = 5.0
    service_noise_sd: float = 1.0
    respondents: float = 50.0
    # what is not recorded
    nonresponse: float = 0.15
    missing_items: float = 0.03
    careless: float = 0.03
    missing_tie: float = 0.03
    missing_achievement: float = 0.01
    # knobs
    leadership_growth: float = 0.0
    leadership_cohort: float = 0.0
    leadership_dip: float = 0.0
    ties_follow_ability: float = 0.0
    record_error: float = 0.0
    record_ceiling: float | None = None
    serial_correlation: float = 0.0
    one_rater_a_unit: bool = False
    nonresponse_of_motivation: float = 0.0

    def __post_init__(self) -> None:
        if problems := list(_faults(self)):
            raise UserError(problems)

    @classmethod
    def null(cls, **settings: Any) -> World:
        """Return a world in which nothing has an effect on anything, but for what `settings` says."""
        return cls(**(dict.fromkeys(EFFECTS, 0.0) | settings))

    @property
    def raters_count(self) -> int:
        """Number of raters."""
        if self.one_rater_a_unit:
            return self.units
        return self.raters if self.raters is not None else max(3, round(self.employees / 11))

    @property
    def first_quarter(self) -> np.datetime64:
        """First month of the panel."""
        return np.datetime64(f"{self.last_year + 1}-01", "M") - 3 * self.quarters

    @property
    def quarter_starts(self) -> np.ndarray:
        """First months of the panel's quarters, datetime64[M], shape (quarters + 1,); the last is the end."""
        return self.first_quarter + 3 * np.arange(self.quarters + 1)

    @property
    def quarter_labels(self) -> list[str]:
        """Names of the panel's quarters, such as ``2024-Q3``."""
        months = self.quarter_starts[:-1].astype(int)
        return [f"{1970 + m // 12}-Q{m % 12 // 3 + 1}" for m in months]

    @property
    def survey_quarter(self) -> int:
        """Position of the quarter in which the survey is held: the last."""
        return self.quarters - 1


def stream(world: World, stage: str, chunk: int = 0) -> np.random.Generator:
    """Return the generator of one stage, so that a change in one stage leaves the others' draws alone."""
    return np.random.default_rng([world.seed, zlib.crc32(stage.encode()), chunk])


def _faults(world: World) -> Iterable[Problem]:
    for name, least in _AT_LEAST.items():
        yield from _outside(world, name, least, _AT_MOST.get(name, np.inf))
    yield from _outside(world, "seed", 0, np.inf)
    if world.units > world.employees / 2:
        yield _problem("units", world.units, f"2 – {world.employees // 2}")
    if world.raters is not None:
        yield from _outside(world, "raters", 3, world.employees)
    for name in (*_SHARES, "entrants", "leavers"):
        yield from _outside(world, name, 0, 1)
    for name in _SPREADS:
        yield from _outside(world, name, 0, np.inf)
    yield from _outside(world, "serial_correlation", -0.99, 0.99)
    yield from _outside(world, "leadership_share", 0, 0.99)
    for field in dataclass_fields(world):
        value = getattr(world, field.name)
        if isinstance(value, float) and not np.isfinite(value):
            yield _problem(field.name, value, "finite")


def _outside(world: World, name: str, least: float, most: float) -> Iterable[Problem]:
    value = getattr(world, name)
    if not least <= value <= most:
        allowed = f"≥ {least:g}" if np.isinf(most) else f"{least:g} – {most:g}"
        yield _problem(name, value, allowed)


def _problem(name: str, value: object, allowed: str) -> Problem:
    what = Message("synthetic.out_of_range", {"name": name, "value": str(value), "allowed": allowed})
    return Problem(what=what, column=name, value=str(value), allowed=allowed)
