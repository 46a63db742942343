"""A synthetic nation: hundreds of places of very different sizes, each a world of its own, in one study.

Every place is a `World` whose effects are drawn around the nation's, so that the truth differs from place to
place and is known for each. Places are drawn one after another and written as they come, a row group each, so
that memory does not grow with the nation. There is no staff survey and no service survey. Numbers of
employees are a place's number and a counter, not NIPs, which would not be unique.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm

from walesi_research.language import Message
from walesi_research.problems import Problem, UserError
from walesi_research.study.staging import staged
from walesi_research.study.synthetic import folder_faults, simulate
from walesi_research.study.synthetic.world import World

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["VARIED", "Nation", "Place", "draw_place", "write_nation"]

SMALLEST = 20
"""Employees that every place has at least."""
SPREAD = 0.95
"""Standard deviation of the logarithm of a place's size beyond `SMALLEST`."""
UNIT_SIZE = 50
SECOND_RATERS = 0.03

VARIED = {
    # setting of World: standard deviation between places, least value
    "tie_effect": (1.5, 0.0),
    "tie_share": (0.06, 0.02),
    "achievement_slope": (0.6, 0.0),
    "rater_sd": (0.6, 0.5),
    "score_level": (2.0, 0.0),
    "hours_per_year": (5.0, 2.0),
    "hours_slope": (0.25, -1.0),
    "leadership_share": (0.08, 0.05),
    "leadership_effect": (1.0, -5.0),
    "award_effect": (0.4, -5.0),
    "team_building_effect": (0.4, -5.0),
}
"""What differs between places; the mean is the default of `World`."""

KNOWN = (
    "appraisal.tie_effect", "appraisal.achievement_slope", "appraisal.rater_share", "appraisal.changed_share",
    "training.norm_share", "training.leadership_att", "training.hours_slope", "culture.award_att",
    "culture.team_building_att",
)  # fmt: skip
"""Findings whose true value ``truth.json`` has for each place: those that need no survey."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nation:
    """How large a nation is.

    Parameters
    ----------
    places, employees, quarters : int
        Sizes; employees are of the whole nation, exactly.
    seed : int
        Every draw derives from it.

    Raises
    ------
    UserError
        If there are too few employees for the places.
    """

    places: int = 514
    employees: int = 4_700_000
    quarters: int = 12
    seed: int = 20261124

    def __post_init__(self) -> None:
        least = SMALLEST * max(self.places, 1)
        if self.places < 1 or self.employees < least or self.seed < 0:
            what = Message.of("nation.too_small", places=self.places, least=least)
            raise UserError([Problem(what=what, value=str(self.employees), allowed=f"≥ {least}")])

    @property
    def sizes(self) -> np.ndarray:
        """Employees of each place, shape (places,): log-normal, at least `SMALLEST`, the sum exact.

        The normal scores are the quantiles (i - 1/2) / places in random order, so that a nation of any
        number of places has small ones and large ones.
        """
        scores = norm.ppf((np.arange(self.places) + 0.5) / self.places)
        weight = np.exp(SPREAD * np.random.default_rng(self.seed).permutation(scores))
        spare = self.employees - SMALLEST * self.places
        ends = np.round(np.cumsum(weight) / weight.sum() * spare).astype(int)
        return SMALLEST + np.diff(ends, prepend=0)

    def place(self, number: int) -> Place:
        """Return a place, counted from 1; it does not depend on the others but for its size."""
        rng = np.random.default_rng([self.seed, number])
        usual, size = World(), int(self.sizes[number - 1])
        knobs = {
            name: max(float(rng.normal(getattr(usual, name), sd)), least)
            for name, (sd, least) in VARIED.items()
        }
        world = World(
            employees=size, units=max(2, round(size / UNIT_SIZE)), quarters=self.quarters,
            seed=int(rng.integers(2**32)), second_rater_share=SECOND_RATERS, **knobs,
        )  # fmt: skip
        return Place(number, f"Daerah {number:0{len(str(self.places))}d}", world)


class Place(NamedTuple):
    """A place of a nation: its number from 1, its name, and the world that it is drawn from."""

    number: int
    name: str
    world: World


def draw_place(place: Place) -> tuple[dict[str, pa.Table], dict[str, Any]]:
    """Draw a place: its tables ``employees appraisals training events``, and its truth.

    Returns
    -------
    tables : dict of str to pyarrow.Table
        In the contract's columns; employees have ``place`` too, and units are named after the place.
    truth : dict
        ``{"employees", "seed", "knobs": {name: value}, "findings": {id: {"value", "unit", "how"}}}``.
    """
    import pyarrow as pa

    drawn = simulate(place.world, id="place", population=0)
    ids = _numbers(drawn.tables, place.number)
    tables = {
        name: pa.Table.from_pandas(
            _of_place(drawn.tables[name], place.name, ids), schema, preserve_index=False
        )
        for name, schema in _schemas().items()
    }
    findings = {name: drawn.truth["findings"][name] for name in KNOWN}
    knobs = {name: getattr(place.world, name) for name in VARIED}
    about = {"employees": place.world.employees, "seed": place.world.seed, "knobs": knobs}
    return tables, about | {"findings": findings}


def _numbers(tables: Mapping[str, pd.DataFrame], place: int) -> pd.Series:
    """Return the nation's number of each person of a place, by the number that the draw gave."""
    raters = tables["appraisals"]["rater_id"].unique()
    people = pd.Index(tables["employees"]["employee_id"]).append(pd.Index(raters)).unique()
    return pd.Series([f"{place:03d}-{i:06d}" for i in range(1, len(people) + 1)], index=people)


def _of_place(table: pd.DataFrame, place: str, ids: pd.Series) -> pd.DataFrame:
    """Return a table with the nation's numbers and units, nothing for empty texts, and dates as such."""
    columns = {"place": place} if "status" in table else {}
    for name, values in table.items():
        if name in ("employee_id", "rater_id"):
            values = values.map(ids)
        elif name == "unit":
            values = (values + f", {place}").mask(values == "")
        elif name in ("left_on", "completed_on", "date"):
            values = pd.to_datetime(values.mask(values == "")).dt.date
        elif pd.api.types.is_string_dtype(values):
            values = values.mask(values == "")
        columns[name] = values
    return pd.DataFrame(columns, index=table.index)


def _schemas() -> dict[str, pa.Schema]:
    import pyarrow as pa

    text, day, small, number = pa.string(), pa.date32(), pa.int16(), pa.float64()
    return {
        "employees": pa.schema(
            {
                "employee_id": text, "place": text, "unit": text, "status": text, "position": text,
                "gender": text, "start_year": small, "left_on": day, "grade": text, "education": text,
                "birth_year": small,
            }
        ),
        "appraisals": pa.schema(
            {
                "employee_id": text, "period": text, "rater_id": text, "score": number, "work_result": small,
                "behaviour": small, "predicate": text, "achievement": number, "tie": text,
            }
        ),
        "training": pa.schema(
            {"employee_id": text, "programme": text, "kind": text, "hours": small, "completed_on": day}
        ),
        "events": pa.schema({"kind": text, "date": day, "employee_id": text, "unit": text}),
    }  # fmt: skip


def write_nation(nation: Nation, folder: Path, jobs: int = 1) -> Path:
    """Write a nation as a study folder of Parquet files sorted by place, whole or not at all.

    Parameters
    ----------
    nation : Nation
    folder : Path
        Must not exist or be empty.
    jobs : int
        Processes that draw; what is written does not depend on it.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UserError
        If the folder holds something, or a size is out of range.
    """
    folder = Path(folder)
    if problems := folder_faults(folder):
        raise UserError(problems)
    places = [nation.place(number) for number in range(1, nation.places + 1)]
    with staged(folder) as staging:
        truths = _write_tables(_drawn(places, jobs), staging)
        _write_texts(nation, {p.name: truth for p, truth in zip(places, truths, strict=True)}, staging)
        staging.chmod(0o755)
    return folder


def _drawn(places: Iterable[Place], jobs: int) -> Iterator[tuple[dict[str, pa.Table], dict[str, Any]]]:
    """Yield what was drawn of each place, in order; with processes, few more than them are in memory."""
    if jobs == 1:
        yield from map(draw_place, places)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        flying = deque()
        for place in places:
            flying.append(pool.submit(draw_place, place))
            if len(flying) > jobs:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()


def _write_tables(drawn: Iterable[tuple[dict[str, pa.Table], dict[str, Any]]], folder: Path) -> list[Any]:
    """Write tables place by place, a row group each, and return the places' truths."""
    import pyarrow.parquet as pq

    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(
                pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd")
            )
            for name, schema in _schemas().items()
        }
        truths = []
        for tables, truth in drawn:
            for name, table in tables.items():
                writers[name].write_table(table, row_group_size=max(len(table), 1))
            truths.append(truth)
    return truths


def _write_texts(nation: Nation, truths: Mapping[str, Any], folder: Path) -> None:
    """Write settings, what a reader should know, and the truth of every place."""
    templates = files("walesi_research.study.synthetic") / "templates"
    for name in ("nation.toml", "nation.md"):
        template = (templates / name).read_text(encoding="utf-8")
        text = template.format(**asdict(nation), varied=", ".join(VARIED))
        written = {"nation.toml": "study.toml", "nation.md": "README.md"}[name]
        (folder / written).write_text(text, encoding="utf-8", newline="\n")
    first = next(iter(truths.values()))["findings"]
    record = {
        "nation": asdict(nation),
        "findings": {name: {"unit": about["unit"], "how": about["how"]} for name, about in first.items()},
        "places": {
            place: truth | {"findings": {name: f["value"] for name, f in truth["findings"].items()}}
            for place, truth in truths.items()
        },
    }
    text = json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    (folder / "truth.json").write_text(text, encoding="utf-8", newline="\n")
