"""Synthetic studies as opened ones: from memory and without the survey, or whole by way of their files."""

import tempfile
from pathlib import Path

import pandas as pd

from walesi_research import open_study
from walesi_research.study.codebook import Codebook
from walesi_research.study.settings import Settings
from walesi_research.study.study import Study
from walesi_research.study.synthetic import SyntheticStudy
from walesi_research.study.synthetic.write import write_study

DAYS = {"training": "completed_on", "events": "date"}


def opened(world: SyntheticStudy, *names: str) -> Study:
    """Return people, achievement and the tables `names` of a synthetic study, without its survey."""
    about = {"id": world.id, "title": {"id": world.id, "en": world.id}, "seed": world.world.seed}
    settings = Settings.model_validate({"study": about | {"period": "quarter"}})
    codebook = Codebook.model_validate({"constructs": {}})
    employees = world.tables["employees"].sort_values("unit", kind="stable").reset_index(drop=True)
    parse = Study(settings, codebook, {"employees": employees}).calendar.parse
    tables = {name: _typed(name, world.tables[name], parse) for name in ("appraisals", *names)}
    return Study(settings, codebook, {"employees": employees, **tables})


def through_files(world: SyntheticStudy) -> Study:
    """Return a synthetic study whole, its survey included, as a user who has its folder opens it."""
    with tempfile.TemporaryDirectory() as folder:
        write_study(world, Path(folder) / "study")
        return open_study(Path(folder) / "study")


def _typed(name: str, table: pd.DataFrame, parse) -> pd.DataFrame:
    if "period" in table:
        table = table.assign(period=table["period"].map(parse))
    if name in DAYS:
        table = table.assign(**{DAYS[name]: pd.to_datetime(table[DAYS[name]])})
    elements = [u for u in table if u.startswith("u") and u[1:].isdigit()]
    return table.astype(dict.fromkeys(elements, float))
