"""The slope of achievement on hours of training in worlds of 140 employees."""

import pandas as pd

from walesi_research.questions.training.hours import hours
from walesi_research.study.codebook import Codebook
from walesi_research.study.settings import Settings
from walesi_research.study.study import Study
from walesi_research.study.synthetic import SyntheticStudy, World, simulate

SCENARIOS = {
    "ordinary": {},
    "no slope": {"hours_slope": 0.0},
    "growing": {"leadership_growth": 0.4, "leadership_cohort": 0.3},
    "serial": {"serial_correlation": 0.5},
}
"""Settings of the worlds, each with seeds of its own. In the third, leadership programmes add more with every
quarter and more to those who went early; in the last, a good quarter follows a good quarter."""
ID = "training.hours_slope"


def estimate(scenario: str, seed: int) -> dict:
    """Return the slope of one world beside its truth."""
    own = len(SCENARIOS) * seed + list(SCENARIOS).index(scenario)
    world = simulate(World(employees=140, seed=own, **SCENARIOS[scenario]), population=0)
    found = next(f for f in hours(opened(world)).findings if f.id == ID)
    truth = world.truth["findings"][ID]["value"]
    ends = {"estimate": found.estimate, "low": found.low, "high": found.high}
    return {"scenario": scenario, "seed": seed, "estimates": {ID: {"truth": truth, **ends}}}


def opened(world: SyntheticStudy) -> Study:
    """Return a synthetic study's people, achievement and courses as an opened study."""
    about = {"id": world.id, "title": {"id": world.id, "en": world.id}, "seed": 1, "period": "quarter"}
    settings = Settings.model_validate({"study": about})
    tables = {name: world.tables[name] for name in ("employees", "appraisals", "training")}
    study = Study(settings, Codebook.model_validate({"constructs": {}}), tables)
    period = tables["appraisals"]["period"].map(study.calendar.parse)
    day = pd.to_datetime(tables["training"]["completed_on"])
    tables["appraisals"] = tables["appraisals"].assign(period=period)
    tables["training"] = tables["training"].assign(completed_on=day)
    return Study(settings, study.codebook, tables)
