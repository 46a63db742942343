"""``walesi verify data/walesi``: ten alterations of the real thing, each noticed and rightly named.

Slow (some ten minutes): runs with ``make torture``.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.torture
DIFFERENT = 3


@dataclass
class Copy:
    """A copy of the project, free to be altered, and runs of ``walesi verify`` in it."""

    root: Path
    versions: Path

    def verify(self, *options: str) -> tuple[int, str]:
        path = os.pathsep.join([str(self.versions), str(self.root / "src")])
        command = [
            sys.executable,
            "-m",
            "walesi_research",
            "verify",
            "data/walesi",
            "--out",
            "out",
            "--language",
        ]
        run = subprocess.run(
            [*command, "en", *options], cwd=self.root, capture_output=True, text=True, check=False,
            env=os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        return run.returncode, run.stderr

    def edit(self, file: str, change: Callable[[str], str]) -> None:
        path = self.root / file
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before, f"nothing altered in {file}"
        path.write_text(after, encoding="utf-8")

    def cell(self, table: str, column: str, seed: int) -> None:
        """Alter one number of a table: one that is there, chosen by a seed."""
        path = self.root / "data" / "walesi" / f"{table}.csv"
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        rows = np.flatnonzero(frame[column] != "")
        row = np.random.default_rng(seed).choice(rows)
        old = float(frame.loc[row, column])
        frame.loc[row, column] = f"{old - 1 if old > 1 else old + 1:g}"
        frame.to_csv(path, index=False, lineterminator="\n")


@pytest.fixture(scope="module")
def whole(root, tmp_path_factory):
    """A copy whose published record is of a run in it, so that only what a test alters can differ."""
    copy = Copy(tmp_path_factory.mktemp("copy") / "project", tmp_path_factory.mktemp("versions"))
    for name in ("src", "notebooks", "data/walesi"):
        shutil.copytree(root / name, copy.root / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert copy.verify("--save", "data/walesi/published.json")[0] == 0
    return copy


@pytest.fixture
def copy(whole, tmp_path):
    shutil.copytree(whole.root, tmp_path / "project")
    return Copy(tmp_path / "project", tmp_path / "versions")


def lines(told: str) -> list[str]:
    return [line for line in told.splitlines() if line.startswith(("DIFFERS", "MISSING"))]


def ids(told: str) -> set[str]:
    return {line.split()[1].rstrip(":.") for line in lines(told)}


def test_nothing_altered_is_found_again(copy):
    code, told = copy.verify()
    assert code == 0 and not lines(told)
    assert re.search(r"Yes: (\d+) of \1 numbers are found again\.", told)
    assert "Made of something else" not in told


@pytest.mark.parametrize(
    ("table", "column", "finding"),
    [
        ("survey", "bk1", "measurement.work_culture.alpha"),
        ("appraisals", "score", "appraisal.tie_effect"),
        ("training", "hours", "training.hours_slope"),
        ("service", "u1", "service.performance_slope"),
    ],
)
def test_a_cell_of_data(copy, table, column, finding):
    copy.cell(table, column, seed=5)
    code, told = copy.verify()
    assert code == DIFFERENT
    assert finding in ids(told)
    assert all(f"data changed: {table}" in line for line in lines(told))


def test_the_seed(copy):
    copy.edit("data/walesi/study.toml", lambda s: re.sub(r"(?m)^seed = \d+", "seed = 7", s))
    code, told = copy.verify()
    assert code == DIFFERENT
    assert re.search(r"the seed changed: \d+ → 7", told)
    assert "pathway.culture_indirect" in ids(told)  # its interval is drawn
    assert "appraisal.tie_effect" not in ids(told)  # that of the mixed model is not


def test_a_parameter(copy):
    code, told = copy.verify("-p", "level=0.9")
    assert code == DIFFERENT
    assert "level 0.95 → 0.9" in told and "appraisal.tie_effect" in ids(told)


def test_a_line_of_a_module(copy):
    copy.edit(
        "src/walesi_research/stats/robust_mixed.py",
        lambda s: s.replace("se = np.sqrt(np.diag(covariance))", "se = 1.01 * np.sqrt(np.diag(covariance))"),
    )
    code, told = copy.verify()
    assert code == DIFFERENT
    assert "appraisal.tie_effect" in ids(told) and "training.hours_slope" not in ids(told)
    assert all("modules changed: stats.robust_mixed" in line for line in lines(told))


def test_a_code_cell_of_a_notebook(copy):
    copy.edit(
        "notebooks/04_training.ipynb",
        lambda s: s.replace("training.hours(opened, level)", "training.hours(opened, 0.9)"),
    )
    code, told = copy.verify()
    assert code == DIFFERENT
    assert lines(told) and all("its code cells changed" in line for line in lines(told))
    assert "training.hours_slope" in ids(told)


def test_the_version_of_a_library(copy):
    about = copy.versions / "seaborn-0.0.1.dist-info" / "METADATA"
    about.parent.mkdir(parents=True)
    about.write_text("Metadata-Version: 2.1\nName: seaborn\nVersion: 0.0.1\n")
    code, told = copy.verify()
    assert code == 0 and not lines(told)  # the numbers are the same
    assert "versions changed: seaborn" in told


def test_a_published_number(copy):
    copy.edit(
        "data/walesi/published.json", lambda s: re.sub(r'"estimate": (-?\d)', r'"estimate": 1\1', s, count=1)
    )
    code, told = copy.verify()
    assert code == DIFFERENT and len(lines(told)) == 1
    assert "nothing that this number is made of has changed" in told
