"""What the README tells a newcomer to type works as it stands there."""

import datetime as dt
import re
import subprocess
from typing import get_args

import pandas as pd
import pyreadstat
import pytest

from walesi_research.study import check_study
from walesi_research.study.codebook import Role
from walesi_research.study.columns import TABLES

NIPS = [f"19800101200501100{i}" for i in range(1, 9)]


@pytest.fixture(scope="module")
def readme(root):
    return (root / "README.md").read_text(encoding="utf-8")


def blocks(readme, language):
    return re.findall(rf"^```{language}\n(.*?)^```", readme, flags=re.M | re.S)


@pytest.fixture
def study(readme, tmp_path):
    """The README's example study, with files whose names and values are as its maps say."""
    settings, codebook = blocks(readme, "toml")
    (tmp_path / "study.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "codebook.toml").write_text(codebook, encoding="utf-8")
    units = pd.Series(["Kantor Distrik", "Puskesmas"] * 4)
    employees = pd.DataFrame({"NIP": NIPS, "Unit Kerja": units, "Jenis Kelamin": ["L", "Laki-laki"] * 4})
    employees.to_excel(tmp_path / "pegawai.xlsx", index=False)
    survey = pd.DataFrame({"NIP": NIPS, "bk1": [1.0, 9, 3, 4, 5, 1, 2, 3], "bk2": [5.0, 4, 3, 9, 1, 5, 4, 3]})
    label = {1: "Sangat tidak setuju", 5: "Sangat setuju", 9: "Tidak tahu"}
    pyreadstat.write_sav(
        survey, str(tmp_path / "survei.sav"), variable_value_labels=dict.fromkeys(["bk1", "bk2"], label)
    )
    rows = [f"{nip};2024-Q3;{rater};97,5" for nip, rater in zip(NIPS, NIPS[::-1], strict=True)]
    text = "\n".join(["NIP;Triwulan;NIP Penilai;Capaian", *rows])
    (tmp_path / "penilaian.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_example_study_can_be_used(study):
    checked = check_study(study)
    assert checked.ok, checked.text("en")
    assert not checked.problems, checked.text("en")


def test_the_example_study_is_read_as_the_readme_says(study):
    from walesi_research import open_study

    opened = open_study(study)
    assert opened.settings.study.survey_date == dt.date(2024, 11, 15)
    assert set(opened.employees["gender"]) == {"m"}
    assert opened.survey[["bk1", "bk2"]].isna().sum().tolist() == [1, 1]
    assert (opened.appraisals["achievement"] == 97.5).all()


@pytest.mark.parametrize("table", TABLES)
def test_every_column_and_category_is_named(readme, table):
    (row,) = re.findall(rf"^\| {table} \| (.*) \|$", readme, flags=re.M)
    for column in TABLES[table].columns.values():
        if re.fullmatch(r"u[2-8]", column.name):
            continue  # u1 … u9
        required = f"**`{column.name}`**" if column.required else f"`{column.name}`"
        assert required in row, f"{column.name} of {table}"
        if column.name != "grade":  # I/a … IV/e
            assert all(choice in row for choice in column.choices), f"categories of {column.name}"


def test_every_role_is_named(readme):
    (roles,) = re.findall(r"^Roles: (.*?)\.", readme, flags=re.M | re.S)
    assert set(re.findall(r"`(\w+)`", roles)) == set(get_args(Role))


def test_the_python_example_runs_and_says_sentences(readme, root, capsys, monkeypatch):
    (example,) = blocks(readme, "python")
    monkeypatch.chdir(root)
    exec(compile(example, "README.md", "exec"), {})
    said = capsys.readouterr().out.splitlines()
    assert said and all(line.endswith(".") and "Sentence(" not in line for line in said)


def test_every_command_exists(readme, root):
    from typer.main import get_command

    from walesi_research.cli import app

    commands = "\n".join(blocks(readme, "sh"))
    verbs = set(re.findall(r"walesi +([\w-]+)", commands))
    assert verbs <= set(get_command(app).commands) and verbs > {"check", "run"}
    targets = set(re.findall(r"^make (\w+)", commands, flags=re.M))
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    assert targets >= {"report", "test"}
    assert all(re.search(rf"^{target}:", makefile, flags=re.M) for target in targets)


def test_make_refuses_an_old_python_in_words(root, tmp_path):
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    (tmp_path / "Makefile").write_bytes((root / "Makefile").read_bytes())
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    made = subprocess.run(
        ["make", "report", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert made.returncode == 2
    assert "needs Python 3.11 or newer" in made.stdout and "make report PYTHON=" in made.stdout
    assert not (tmp_path / ".venv").exists()
