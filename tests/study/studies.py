"""A small valid study folder with all six tables, for tests to read, spoil and compare."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["CODEBOOK", "ITEMS", "PERIODS", "STUDY", "TABLES", "clean_tables", "nip", "write_study"]

STUDY = """
[study]
id = "kecil"
title = { id = "Penelitian kecil", en = "A small study" }
seed = 7
period = "quarter"
survey_date = 2024-11-15

[tables]
employees = "employees.csv"
survey = "survey.csv"
appraisals = "appraisals.csv"
training = "training.csv"
service = "service.csv"
events = "events.csv"
"""

CODEBOOK = """
[constructs.work_culture]
role = "culture"
scale = [1, 5]
label = { id = "Budaya kerja", en = "Work culture" }
source = "written for this test"
reverse = ["bk3"]
[constructs.work_culture.items]
bk1 = { id = "Kami melayani dengan ramah", en = "We serve kindly" }
bk2 = { id = "Kami saling membantu", en = "We help each other" }
bk3 = { id = "Janji sering dilupakan", en = "Promises are often forgotten" }

[constructs.performance]
role = "performance"
scale = [1, 5]
label = { id = "Kinerja", en = "Performance" }
[constructs.performance.items]
kj1 = { id = "Pekerjaan selesai tepat waktu", en = "Work is done on time" }
kj2 = { id = "Hasil kerja rapi", en = "Work is done neatly" }
"""

TABLES = ("employees", "survey", "appraisals", "training", "service", "events")
ITEMS = ["bk1", "bk2", "bk3", "kj1", "kj2"]
PERIODS = ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]
UNITS = ["Dinas Kesehatan", "Kantor Distrik", "SD Négeri 1"]


def nip(i: int) -> str:
    """Return the i-th valid NIP of a PNS, made up: men where `i` is even."""
    year, month, day = 1970 + i % 25, 1 + i % 12, 1 + i % 28
    return f"{year}{month:02d}{day:02d}{year + 24}{1 + i % 12:02d}{1 + i % 2}{1 + i:03d}"


def clean_tables(n: int = 12, seed: int = 1) -> dict[str, pd.DataFrame]:
    """Return six consistent tables as a tidy person would type them: ISO dates, blank for missing."""
    rng = np.random.default_rng(seed)
    ids = [nip(i) for i in range(n)]
    employees = pd.DataFrame(
        {
            "employee_id": ids,
            "unit": [UNITS[i % 3] for i in range(n)],
            "status": "pns",
            "position": rng.choice(["managerial", "functional", "executor"], n),
            "gender": ["m" if i % 2 == 0 else "f" for i in range(n)],
            "start_year": [1970 + i % 25 + 24 for i in range(n)],
            "left_on": ["2024-10-01" if i == n - 1 else "" for i in range(n)],
            "grade": rng.choice(["III/a", "III/b", "IV/a"], n),
            "education": rng.choice(["sma", "d3", "d4_s1", "s2"], n),
            "birth_year": [1970 + i % 25 for i in range(n)],
        }
    )
    return {
        "employees": employees,
        "survey": _survey(ids, rng),
        "appraisals": _appraisals(ids, rng),
        "training": _training(ids, rng),
        "service": _service(rng),
        "events": _events(ids),
    }


def _survey(ids: list[str], rng: np.random.Generator) -> pd.DataFrame:
    answers = {item: rng.integers(1, 6, len(ids)).astype(str) for item in ITEMS}
    answers["bk2"][0] = ""
    about = {
        "employee_id": ids,
        "date": "2024-11-20",
        "wave": 1,
        "weight": np.round(rng.uniform(0.5, 2, len(ids)), 3),
    }
    return pd.DataFrame({**about, **answers, "comment": [f"komentar {i}" for i in range(len(ids))]})


def _appraisals(ids: list[str], rng: np.random.Generator) -> pd.DataFrame:
    rows = [(one, period, ids[(i + 1) % 3]) for i, one in enumerate(ids) for period in PERIODS]
    table = pd.DataFrame(rows, columns=["employee_id", "period", "rater_id"])
    n = len(table)
    table["score"] = np.round(rng.uniform(60, 118, n), 1)
    table["work_result"] = rng.integers(1, 4, n)
    table["behaviour"] = rng.integers(1, 4, n)
    table["predicate"] = rng.choice(["sangat_baik", "baik", "butuh_perbaikan"], n)
    table["achievement"] = np.round(rng.uniform(70, 120, n), 2)
    table["tie"] = rng.choice(["none", "family", "clan", ""], n)
    return table


def _training(ids: list[str], rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "employee_id": ids[:8],
            "programme": [f"Pelatihan {i % 3}" for i in range(8)],
            "kind": rng.choice(["leadership", "technical", "functional", "sociocultural"], 8),
            "hours": [4.5 + i for i in range(8)],
            "completed_on": [f"2024-0{1 + i}-15" for i in range(8)],
        }
    )


def _service(rng: np.random.Generator) -> pd.DataFrame:
    rows = [(unit, period) for unit in UNITS for period in PERIODS for _ in range(6)]
    table = pd.DataFrame(rows, columns=["unit", "period"])
    for i in range(1, 10):
        table[f"u{i}"] = rng.integers(1, 5, len(table))
    return table


def _events(ids: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": ["award", "award", "team_building"],
            "date": ["2024-02-01", "2024-05-05", "2024-06-30"],
            "employee_id": [ids[1], ids[4], ""],
            "unit": ["", "", UNITS[1]],
        }
    )


def write_study(folder: Path, tables: Mapping[str, pd.DataFrame] | None = None, *, study: str = STUDY,
                codebook: str = CODEBOOK) -> Path:  # fmt: skip
    """Write a study folder of CSV files, valid unless the arguments say otherwise, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(study, encoding="utf-8")
    (folder / "codebook.toml").write_text(codebook, encoding="utf-8")
    for name, table in (clean_tables() if tables is None else tables).items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder
