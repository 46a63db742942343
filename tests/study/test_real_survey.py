"""The public file of the Federal Employee Viewpoint Survey opens as employees and survey at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from walesi_research.study import open_study

pytestmark = [pytest.mark.shared, pytest.mark.slow]

ITEMS = ["Q27", "Q28", "Q29", "Q39"]
FILE = "studies/fevs2018_prdf_sample.csv.gz"
STUDY = """
[study]
id = "fevs"
title = { id = "FEVS", en = "FEVS" }
seed = 1
period = "year"
survey_date = 2018-05-15
[columns.employees]
employee_id = "RANDOM"
unit = "LEVEL1"
[columns.survey]
employee_id = "RANDOM"
weight = "POSTWT"
"""
CODEBOOK = """
[constructs.performance]
role = "performance"
scale = [1, 5]
label = { id = "Kinerja unit", en = "Unit performance" }
[constructs.performance.items]
"""


@pytest.fixture(scope="module")
def study(shared: Path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fevs")
    (folder / "study.toml").write_text(STUDY)
    items = "\n".join(f'{item} = {{ id = "{item}", en = "{item}" }}' for item in ITEMS)
    (folder / "codebook.toml").write_text(CODEBOOK + items)
    return open_study(folder, {"employees": shared / FILE, "survey": shared / FILE})


def test_rows_units_and_unread_columns(study):
    assert study.survey.shape == (101_881, 4 + len(ITEMS)) and study.warnings == ()
    assert len(study.employees) == 101_881 and study.employees["unit"].cat.categories.size == 234
    assert dict(study.unread) == {"employees": 74}  # 81 less id, unit, weight and four items


def test_answers_equal_those_of_pandas(study, shared):
    """Means as pandas reads the file, and the golden alpha of unit performance, .8098, to its four digits."""
    frame = pd.read_csv(shared / FILE)
    np.testing.assert_allclose(study.survey[ITEMS].mean(), frame[ITEMS].mean(), rtol=1e-12)
    np.testing.assert_allclose(study.survey["weight"].sum(), frame["POSTWT"].sum(), rtol=1e-12)
    covariance = study.survey[ITEMS].cov().to_numpy()
    alpha = len(ITEMS) / (len(ITEMS) - 1) * (1 - np.trace(covariance) / covariance.sum())
    assert round(alpha, 4) == 0.8098
    np.testing.assert_allclose(
        study.codebook.scores(study.survey).to_numpy()[:, 0].mean(), frame[ITEMS].mean().mean()
    )


def test_answers_stay_with_their_unit(study, shared):
    frame = pd.read_csv(shared / FILE)
    unit = study.employees.set_index("employee_id")["unit"]
    means = study.survey.groupby(study.survey["employee_id"].map(unit).astype(str))["Q39"].mean()
    np.testing.assert_allclose(means, frame.groupby("LEVEL1")["Q39"].mean()[means.index], rtol=1e-12)


def test_snapshot_of_a_large_study(study, tmp_path):
    assert open_study(study.save(tmp_path / "snapshot")).equals(study)
