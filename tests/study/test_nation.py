"""A synthetic nation: sizes, truth by place, the same bytes however many processes draw it."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy.sparse import csr_array, hstack
from scipy.sparse.linalg import lsqr

from walesi_research import open_study
from walesi_research.problems import UserError
from walesi_research.study.synthetic.nation import VARIED, Nation, draw_place, write_nation
from walesi_research.study.synthetic.world import World

SMALL = Nation(places=5, employees=500, quarters=4, seed=7)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_nation(SMALL, tmp_path_factory.mktemp("nation") / "n")


def test_the_whole_nation_has_514_places_from_hundreds_to_a_hundred_thousand():
    sizes = Nation().sizes
    assert len(sizes) == 514 and sizes.sum() == 4_700_000
    assert 200 < sizes.min() < 1000 and 80_000 < sizes.max() < 150_000


@pytest.mark.parametrize(("places", "employees"), [(1, 20), (3, 60), (51, 470_003), (514, 4_700_000)])
def test_sizes_add_up_exactly(places, employees):
    sizes = Nation(places=places, employees=employees).sizes
    assert sizes.sum() == employees and sizes.min() >= 20


def test_the_truth_differs_from_place_to_place_around_the_nations():
    nation, usual = Nation(places=400, employees=40_000), World()
    worlds = [nation.place(number).world for number in range(1, 401)]
    for name, (sd, _) in VARIED.items():
        values = np.array([getattr(world, name) for world in worlds])
        # mean and standard deviation of 400 normal draws: errors of sd / 20 and sd / 28; four of each
        assert abs(values.mean() - getattr(usual, name)) < sd / 5
        assert abs(values.std() / sd - 1) < 0.15
    assert len({world.seed for world in worlds}) == 400


def test_it_opens_without_a_warning_and_says_that_it_is_synthetic(folder):
    study = open_study(folder)
    assert study.synthetic and not study.warnings and study.unread == {"employees": 1}
    assert set(study.tables) == {"employees", "appraisals", "training", "events"}
    assert len(study.employees) == SMALL.employees


def test_places_are_row_groups_in_order_and_units_are_of_one_place(folder):
    file = pq.ParquetFile(folder / "employees.parquet")
    groups = [set(file.read_row_group(i).column("place").to_pylist()) for i in range(file.num_row_groups)]
    assert groups == [{f"Daerah {i}"} for i in range(1, 6)]
    employees = pd.read_parquet(folder / "employees.parquet")
    assert employees["employee_id"].is_unique
    assert employees["employee_id"].str.fullmatch(r"\d{3}-\d{6}").all()  # no NIP, not even a made-up one
    assert (employees.groupby("unit")["place"].nunique() == 1).all()
    events = pd.read_parquet(folder / "events.parquet")
    assert set(events["unit"].dropna()) <= set(employees["unit"])


def test_truth_is_written_for_every_place(folder):
    truth = json.loads((folder / "truth.json").read_text())
    assert list(truth["places"]) == [f"Daerah {i}" for i in range(1, 6)]
    for number, about in enumerate(truth["places"].values(), 1):
        world = SMALL.place(number).world
        assert about["findings"]["appraisal.tie_effect"] == pytest.approx(world.tie_effect, rel=1e-7)
        assert about["findings"]["training.hours_slope"] == pytest.approx(world.hours_slope, rel=1e-7)
        assert set(about["findings"]) == set(truth["findings"])


def test_the_truth_is_in_the_tables():
    """Least squares within employee, rater and period finds the tie effect, to four standard errors."""
    place = Nation(places=1, employees=3000, quarters=8, seed=2).place(1)
    tables, truth = draw_place(place)
    rows = tables["appraisals"].to_pandas().dropna(subset=["tie", "achievement"])
    groups = [rows[name].astype("category").cat.codes for name in ("employee_id", "rater_id", "period")]
    dummies = [csr_array((np.ones(len(rows)), (np.arange(len(rows)), codes))) for codes in groups]
    tied = (rows["tie"] != "none").to_numpy(float)
    design = hstack([csr_array(np.column_stack([tied, rows["achievement"] - 100])), *dummies]).tocsr()
    effect = lsqr(design, rows["score"].to_numpy(), atol=1e-10, btol=1e-10, iter_lim=5000)[0][0]
    left = tied - design[:, 1:] @ lsqr(design[:, 1:], tied, atol=1e-10, btol=1e-10, iter_lim=5000)[0]
    error = place.world.score_noise_sd / np.sqrt(left @ left)
    assert abs(effect - truth["findings"]["appraisal.tie_effect"]["value"]) < 4 * error < 0.6


def test_what_is_unknown_is_null(folder):
    ties = pd.read_parquet(folder / "appraisals.parquet")["tie"]
    assert ties.isna().any() and not (ties == "").any()


def test_the_bytes_do_not_depend_on_processes(folder, tmp_path):
    write_nation(SMALL, tmp_path / "n", jobs=2)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / "n" / path.name).read_bytes(), path.name


def test_a_nation_too_small_or_a_folder_with_something_in_it_is_refused(tmp_path):
    with pytest.raises(UserError, match="60"):
        Nation(places=3, employees=59)
    (tmp_path / "x").write_text("mine")
    with pytest.raises(UserError):
        write_nation(SMALL, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["x"]
