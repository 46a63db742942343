"""The synthetic study as a folder: whole, valid, repeatable, and independent of what it tests."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from walesi_research.findings import CONFIRMATORY
from walesi_research.problems import UserError
from walesi_research.rules.identity import parse_nip
from walesi_research.rules.predicate import compare_stored, predicate_of
from walesi_research.study import check_study
from walesi_research.study import synthetic as package
from walesi_research.study.synthetic import World, simulate, simulate_folder, write_study
from walesi_research.study.synthetic.appraisal import MATRIX, PREDICATES
from walesi_research.study.synthetic.people import unit_names

TABLES = {
    "employees": "employee_id unit status position gender start_year left_on grade education birth_year",
    "survey": "employee_id date wave",
    "appraisals": "employee_id period rater_id score work_result behaviour predicate achievement tie",
    "training": "employee_id programme kind hours completed_on",
    "service": "unit period u1 u2 u3 u4 u5 u6 u7 u8 u9",
    "events": "kind date employee_id unit",
}
PREDICTORS = ("training", "culture", "recognition", "fairness")
CONTRACT_IDS = (
    *CONFIRMATORY, "appraisal.achievement_slope", "appraisal.rater_share", "appraisal.changed_share",
    "training.norm_share", "pathway.culture_total", "pathway.recognition_total",
    *(f"{kind}.{x}" for kind in ("joint", "importance") for x in PREDICTORS),
    *(f"joint.{x}_latent" for x in PREDICTORS),
    "perception.transparency_gap", "culture.award_att", "culture.team_building_att", "policy.combined_gain",
)  # fmt: skip
TEXT = {"employee_id": str, "rater_id": str}
FORBIDDEN = re.compile(r"walesi_research\.(stats|questions)")
POPULATION_TRUTHS = ("joint.", "importance.", "measurement.", "perception.")


@pytest.fixture(scope="module")
def small():
    return simulate(World(employees=160, units=10, quarters=12, seed=7), population=20_000)


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=TEXT)


def test_tables_have_the_contract_columns(small):
    assert set(small.tables) == set(TABLES)
    for name, columns in TABLES.items():
        assert [c for c in small.tables[name].columns if c in columns.split()] == columns.split()
    items = tomllib.loads(package.texts.codebook_toml())["constructs"]
    names = [item for construct in items.values() for item in construct["items"]]
    assert small.tables["survey"].columns.tolist() == ["employee_id", "date", "wave", *names, "comment"]


def test_truth_holds_every_finding_of_the_contract(small):
    findings = small.truth["findings"]
    constructs = tomllib.loads(package.texts.codebook_toml())["constructs"]
    measured = [f"measurement.{name}.{kind}" for name in constructs for kind in ("alpha", "omega")]
    assert set(findings) == {*CONTRACT_IDS, *measured}
    for name, truth in findings.items():
        assert np.isfinite(truth["value"]), name
        assert len(truth["how"]) > 10 and truth["unit"], name


@pytest.mark.shared
def test_a_finding_named_in_the_contract_is_in_the_truth(shared, small):
    table = (
        (shared / "CONTRACT.md").read_text(encoding="utf-8").split("## 3.")[0].split("| id | estimand |")[1]
    )
    cells = " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    ids = re.findall(r"`([a-z_]+\.[a-z_]+)`", cells)
    assert len(ids) >= 23
    assert set(ids) <= set(small.truth["findings"])


def test_same_seed_same_bytes_and_another_seed_another_study(tmp_path, small):
    again = simulate(World(employees=160, units=10, quarters=12, seed=7), population=20_000)
    other = simulate(World(employees=160, units=10, quarters=12, seed=8), population=0)
    for study, name in ((small, "a"), (again, "b"), (other, "c")):
        write_study(study, tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name
    for name in TABLES:
        assert (tmp_path / "a" / f"{name}.csv").read_bytes() != (tmp_path / "c" / f"{name}.csv").read_bytes()


def test_the_written_folder_passes_the_check(tmp_path, small):
    write_study(small, tmp_path / "study")
    assert check_study(tmp_path / "study").problems == ()


@pytest.mark.parametrize("name", ["walesi", "Distrik Lembah 2"])
def test_folder_name_becomes_a_valid_id_and_the_label_says_synthetic(tmp_path, name):
    out = simulate_folder(tmp_path / name, employees=40, units=4, quarters=4, seed=1, population=0)
    settings = tomllib.loads((out / "study.toml").read_text(encoding="utf-8"))
    assert re.fullmatch("[a-z0-9_-]+", settings["study"]["id"])
    assert settings["study"]["synthetic"] is True
    assert "combined" in settings["policy"]["scenarios"] and len(settings["claims"]) == 9
    assert "synthetic" in (out / "README.md").read_text(encoding="utf-8").splitlines()[0].lower()
    assert check_study(out).problems == ()


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(UserError) as told:
        simulate_folder(tmp_path, population=0)
    assert tmp_path.name in str(told.value)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_all_faults_are_told_at_once_with_the_nearest_knob(tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(UserError) as told:
        simulate_folder(tmp_path, population=0, tie_efect=3.0, record_eror=1.0)
    assert [problem.guess for problem in told.value.problems] == [None, "tie_effect", "record_error"]
    with pytest.raises(UserError) as told:
        World(employees=5, units=10, tie_share=1.5, noise_sd=-1.0, trend=float("nan"))
    columns = {problem.column for problem in told.value.problems}
    assert columns == {"employees", "units", "tie_share", "noise_sd", "trend"}
    told.value.language = "en"
    assert "tie_share is 1.5" in str(told.value)


def test_committed_walesi_is_what_the_command_makes(root):
    """Tables equal but for the last digit of a number: other processors may round exp and log otherwise."""
    folder = root / "data" / "walesi"
    world = World(employees=160, units=10, quarters=12, seed=20261124, leadership_selection=1.35)
    made = simulate(world, population=40_000)
    for name, table in made.tables.items():
        kept = read(folder, name)
        assert len(kept) == len(table) and kept.columns.tolist() == table.columns.tolist()
        for column in table.columns:
            if pd.api.types.is_numeric_dtype(table[column].dtype):
                expected = table[column].astype("Float64").to_numpy(float, na_value=np.nan)
                np.testing.assert_allclose(kept[column].to_numpy(float), expected, atol=0.11)
            else:
                assert kept[column].fillna("").tolist() == table[column].fillna("").tolist(), (name, column)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["findings"]
    assert set(truth) == set(made.truth["findings"])
    for name, record in made.truth["findings"].items():
        # 40,000 employees: standard errors are at most .007 for all of these
        tolerance = 0.02 if name.startswith(POPULATION_TRUTHS) else 1e-6
        assert truth[name]["value"] == pytest.approx(record["value"], abs=tolerance), name
    for text in ("study.toml", "codebook.toml", "dictionary.md", "README.md"):
        written = (folder / text).read_text(encoding="utf-8")
        assert written == _texts(made)[text], text


def _texts(study) -> dict[str, str]:
    texts = package.texts
    return {
        "study.toml": texts.study_toml(study.world, study.id),
        "codebook.toml": texts.codebook_toml(),
        "dictionary.md": texts.dictionary_md(),
        "README.md": texts.readme_md(study.world, study.id),
    }


def test_the_truth_does_not_use_the_estimators_it_tests():
    for path in Path(package.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
                assert not any(re.match(r"walesi_research\.(stats|questions)", name) for name in names), (
                    path.name
                )
    code = (
        "import sys\n"
        "from walesi_research.study.synthetic import World, simulate\n"
        "simulate(World(employees=40, units=4), population=2000)\n"
        "print([m for m in sys.modules if 'walesi_research.stats' in m or 'walesi_research.questions' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ── what the tables hold ─────────────────────────────────────────────────────────────────────────


def test_employee_numbers_are_valid_in_structure_and_say_what_the_columns_say(small):
    people = small.tables["employees"]
    number = people["employee_id"]
    assert number.is_unique and number.str.fullmatch(r"\d{18}").all()
    assert number.str[:4].astype(int).eq(people["birth_year"]).all()
    assert pd.to_datetime(number.str[:8], format="%Y%m%d").notna().all()
    assert number.str[8:12].astype(int).eq(people["start_year"]).all()
    pppk = people["status"].eq("pppk")
    assert (
        number[pppk].str[12:14].eq("21").all() and number[~pppk].str[12:14].astype(int).between(1, 12).all()
    )
    assert number.str[14].map({"1": "m", "2": "f"}).eq(people["gender"]).all()
    assert number.str[15:].astype(int).between(900, 999).all()
    assert (people["start_year"] - people["birth_year"]).between(18, 45).all()
    assert (people["start_year"] < 2024).all()
    raters = small.tables["appraisals"]["rater_id"]
    assert raters.str.fullmatch(r"\d{15}9\d\d").all()


def test_numbers_and_predicates_agree_with_the_rules(small):
    people = small.tables["employees"][["employee_id", "status"]].head(20)
    for number, status in people.itertuples(index=False):
        assert parse_nip(number).kind == status
    for result in (1, 2, 3):
        for behaviour in (1, 2, 3):
            assert PREDICATES[MATRIX[result - 1, behaviour - 1]] == predicate_of(result, behaviour)


def test_predicate_matrix_is_the_regulations():
    """PermenPANRB 6/2022: rows work result, columns behaviour, each below, meets, above; not symmetric."""
    matrix = [
        ["sangat_kurang", "butuh_perbaikan", "butuh_perbaikan"],
        ["kurang", "baik", "baik"],
        ["kurang", "baik", "sangat_baik"],
    ]
    assert [[PREDICATES[cell] for cell in row] for row in MATRIX] == matrix


def test_appraisals_are_crossed_and_nobody_appraises_themself(small):
    rows = small.tables["appraisals"]
    assert not rows.duplicated(["employee_id", "period", "rater_id"]).any()
    assert (rows["employee_id"] != rows["rater_id"]).all()
    assert 12 <= rows["rater_id"].nunique() <= 18
    unit = small.tables["employees"].set_index("employee_id")["unit"]
    assert unit.loc[rows["employee_id"]].groupby(rows["rater_id"].to_numpy()).nunique().min() >= 4
    managers = small.tables["employees"].query("position == 'managerial'")["employee_id"]
    among = rows["rater_id"].drop_duplicates().isin(small.tables["employees"]["employee_id"])
    assert 0.5 < among.mean() < 1
    assert rows["rater_id"].drop_duplicates()[among].isin(managers).all()
    assert rows["score"].between(0, 120).all()
    varies = rows.assign(tied=rows["tie"].ne("none")).groupby("employee_id")["tied"].nunique() > 1
    assert varies.mean() > 0.5
    assert set(rows["tie"]) == {"none", "family", "clan", "political", "other", ""}


def test_some_predicates_were_recorded_by_a_faulty_rule(small):
    rows = small.tables["appraisals"]
    right = np.array(PREDICATES)[MATRIX[rows["work_result"] - 1, rows["behaviour"] - 1]]
    wrong = rows["predicate"] != right
    assert 0.001 < wrong.mean() < 0.03
    assert set(rows["predicate"][wrong]) == {"butuh_perbaikan"}
    assert set(rows["behaviour"][wrong]) == {1}
    told = compare_stored(*(rows.loc[wrong, name] for name in ("predicate", "work_result", "behaviour")))
    assert set(told) == {"as_max_of_codes"}


def test_records_have_the_gaps_that_real_ones_have(small):
    people, survey, rows = (small.tables[name] for name in ("employees", "survey", "appraisals"))
    items = survey.columns[3:-1]
    assert 0.7 < len(survey) / len(people) < 0.92
    assert survey[items].isna().to_numpy().mean() == pytest.approx(0.03, abs=0.01)
    same = survey[items].nunique(axis=1) == 1
    assert 1 <= same.sum() <= 12
    assert survey["comment"].ne("").any()
    assert rows["tie"].eq("").mean() == pytest.approx(0.03, abs=0.015)
    assert 0 < rows["achievement"].isna().mean() < 0.03
    idle = set(people["employee_id"]) - set(small.tables["training"]["employee_id"])
    assert len(idle) >= 1
    left = people.loc[people["left_on"].ne(""), ["employee_id", "left_on"]].set_index("employee_id")[
        "left_on"
    ]
    assert not survey["employee_id"].isin(left.index[left < "2024-11-01"]).any()


def test_training_covers_the_windows_and_no_course_ends_on_a_quarters_first_day(small):
    day = pd.to_datetime(small.tables["training"]["completed_on"])
    assert day.min() < pd.Timestamp("2021-01-01") and day.max() > pd.Timestamp("2024-12-31")
    assert not ((day.dt.month % 3 == 1) & (day.dt.day == 1)).any()
    assert not small.tables["training"].duplicated(["employee_id", "programme", "completed_on"]).any()
    twice = small.tables["training"].query("kind == 'leadership'")["employee_id"].duplicated()
    assert twice.any()


def test_units_are_named_apart_at_any_size():
    for units in (2, 10, 11, 400):
        assert len(set(unit_names(units))) == units


def test_questionnaire_has_the_planned_items():
    constructs = tomllib.loads(package.texts.codebook_toml())["constructs"]
    sizes = {c["role"]: len(c["items"]) for c in constructs.values()}
    assert sizes == {
        "culture": 7, "recognition": 4, "training": 4, "skill": 3, "fairness": 4, "transparency": 3,
        "favouritism": 3, "motivation": 4, "commitment": 4, "performance": 3,
    }  # fmt: skip
    assert sum(len(c.get("reverse", [])) for c in constructs.values()) == 3
