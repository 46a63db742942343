"""Ugly but valid files read equal to their clean twin: exactly, for nothing is computed on the way."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from tests.study.studies import ITEMS, STUDY, TABLES, clean_tables, write_study
from walesi_research.study import open_study

KEY = "ab" * 32
NUMBERS = {
    "employees": ["start_year", "birth_year"],
    "survey": ["wave", "weight", *ITEMS],
    "appraisals": ["score", "work_result", "behaviour", "achievement"],
    "training": ["hours"],
    "service": [f"u{i}" for i in range(1, 10)],
    "events": [],
}
DATES = {"employees": ["left_on"], "survey": ["date"], "training": ["completed_on"], "events": ["date"]}


def with_key(folder: Path) -> Path:
    """Give a folder the tests' key, so that pseudonyms can be compared."""
    file = folder / "pseudonym.key"
    file.write_text(KEY)
    file.chmod(0o600)
    return folder


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    return open_study(with_key(write_study(tmp_path_factory.mktemp("clean"))))


def typed(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as a program that knows types would hold it."""
    table = table.replace("", None)
    for column in NUMBERS[name]:
        table[column] = pd.to_numeric(table[column]).astype("float64")
    for column in DATES.get(name, []):
        table[column] = pd.to_datetime(table[column]).dt.date
    return table


def csv_text(table: pd.DataFrame, **options: object) -> str:
    return table.to_csv(index=False, **options)


def excel(name: str, table: pd.DataFrame, path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    table = typed(name, table).astype(object)
    sheet.append(list(table.columns))
    for row in table.itertuples(index=False):
        sheet.append([None if x is None or x != x else x for x in row])
    book.save(path)


def text_for_statistics(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype({c: "object" for c in table if table[c].dtype.kind not in "fi"})


WRITERS: dict[str, tuple[str, Callable[[str, pd.DataFrame, Path], None]]] = {
    "utf-8 with a mark": (".csv", lambda n, t, p: p.write_bytes(csv_text(t).encode("utf-8-sig"))),
    "cp1252": (".csv", lambda n, t, p: p.write_bytes(csv_text(t).encode("cp1252"))),
    "utf-16": (".csv", lambda n, t, p: p.write_bytes(csv_text(t).encode("utf-16"))),
    "utf-16 without a mark": (".csv", lambda n, t, p: p.write_bytes(csv_text(t).encode("utf-16-le"))),
    "semicolon and decimal comma": (".csv", lambda n, t, p: p.write_text(comma(n, t, ";"))),
    "tab": (".tsv", lambda n, t, p: p.write_text(csv_text(t, sep="\t"))),
    "tab in .csv": (".csv", lambda n, t, p: p.write_text(csv_text(t, sep="\t"))),
    "quoted decimal comma": (".csv", lambda n, t, p: p.write_text(comma(n, t, ","))),
    "bar": (".csv", lambda n, t, p: p.write_text(csv_text(t, sep="|"))),
    "sep= line": (".csv", lambda n, t, p: p.write_text("sep=;\n" + csv_text(t, sep=";"))),
    "windows lines": (".csv", lambda n, t, p: p.write_bytes(csv_text(t, lineterminator="\r\n").encode())),
    "old mac lines": (".csv", lambda n, t, p: p.write_bytes(csv_text(t, lineterminator="\r").encode())),
    "everything quoted": (".csv", lambda n, t, p: p.write_text(csv_text(t, quoting=1))),
    "blank rows and trailing separators": (".csv", lambda n, t, p: p.write_text(blanks(csv_text(t)))),
    "whole numbers with .0": (".csv", lambda n, t, p: p.write_text(csv_text(points(n, t)))),
    "capitals and blanks": (".csv", lambda n, t, p: p.write_text(csv_text(shouted(t)))),
    "signs for missing": (".csv", lambda n, t, p: p.write_text(csv_text(t.replace("", "N/A")))),
    "columns turned round": (".csv", lambda n, t, p: p.write_text(csv_text(t[t.columns[::-1]]))),
    "gzip": (".csv.gz", lambda n, t, p: p.write_bytes(gzip.compress(csv_text(t).encode()))),
    "gzip of tab, capital ending": (
        ".TSV.GZ",
        lambda n, t, p: p.write_bytes(gzip.compress(csv_text(t, sep="\t").encode())),
    ),
    "workbook": (".xlsx", excel),
    "parquet": (".parquet", lambda n, t, p: typed(n, t).to_parquet(p)),
    "parquet of categories": (".parquet", lambda n, t, p: t.astype(str).astype("category").to_parquet(p)),
    "spss": (
        ".sav",
        lambda n, t, p: pyreadstat.write_sav(text_for_statistics(typed(n, t)).fillna(np.nan), str(p)),
    ),
    "stata": (
        ".dta",
        lambda n, t, p: pyreadstat.write_dta(text_for_statistics(typed(n, t)).fillna(np.nan), str(p)),
    ),
}


def comma(name: str, table: pd.DataFrame, separator: str) -> str:
    table = table.copy()
    for column in NUMBERS[name]:
        table[column] = table[column].astype(str).str.replace(".", ",")
    return csv_text(table, sep=separator)


def blanks(text: str) -> str:
    head, *rows = text.splitlines()
    width = head.count(",")
    return "\n".join([head + ",,", *(row + ",," for row in rows), "", "," * (width + 2), "", ""])


def points(name: str, table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    for column in NUMBERS[name]:
        table[column] = [f"{float(x):.4f}" if x not in ("", None) else "" for x in table[column]]
    return table


def shouted(table: pd.DataFrame) -> pd.DataFrame:
    free = ("employee_id", "rater_id", "unit", "programme", "comment")
    table = table.rename(columns=lambda name: f" {name.upper()} ").astype(str)
    for column in table:
        if column.strip().lower() not in free:
            table[column] = "  " + table[column].str.upper().str.replace("_", " ") + " "
    return table


@pytest.mark.parametrize("how", WRITERS)
def test_equal_to_the_clean_twin(how, tmp_path, clean):
    ending, write = WRITERS[how]
    folder = with_key(write_study(tmp_path, {}, study=STUDY.replace(".csv", ending)))
    for name, table in clean_tables().items():
        write(name, table, folder / f"{name}{ending}")
    read = open_study(folder)
    for name in TABLES:
        pd.testing.assert_frame_equal(read.tables[name], clean.tables[name], check_exact=True)
    assert read.equals(clean)


def test_nip_is_repaired_from_spaces_apostrophes_and_dots(tmp_path, clean):
    tables = clean_tables()
    tables["employees"]["employee_id"] = [
        [f"'{x}", f"{x[:8]} {x[8:14]} {x[14]} {x[15:]}", f"{x[:8]}.{x[8:]}", f"NIP. {x}"][i % 4]
        for i, x in enumerate(tables["employees"]["employee_id"])
    ]
    assert open_study(with_key(write_study(tmp_path, tables))).equals(clean)


def test_any_text_may_be_an_identifier(tmp_path):
    tables = clean_tables()
    names = {one: f"E {i}" for i, one in enumerate(tables["employees"]["employee_id"])}
    for table in tables.values():
        for column in {"employee_id", "rater_id"} & set(table):
            table[column] = table[column].map(lambda one: names.get(one, one))
    tables["employees"]["employee_id"] = "'" + tables["employees"]["employee_id"].str.replace(" ", "  ")
    study = open_study(write_study(tmp_path, tables))
    assert study.warnings == () and set(study.survey["employee_id"]) == set(study.employees["employee_id"])


def test_column_and_value_maps(tmp_path, clean):
    tables = clean_tables()
    tables["employees"] = tables["employees"].rename(
        columns={"employee_id": "NIP", "gender": "Jenis Kelamin"}
    )
    tables["employees"]["Jenis Kelamin"] = tables["employees"]["Jenis Kelamin"].map(
        {"f": "Perempuan", "m": "Pria"}
    )
    words = {"1": "STS", "2": "TS", "3": "N", "4": "S", "5": "SS", "": "tidak menjawab"}
    for item in ITEMS:
        tables["survey"][item] = tables["survey"][item].map(words)
    study = (
        STUDY
        + """
[columns.employees]
employee_id = "NIP"
gender = "jenis kelamin"
[values.employees.gender]
f = ["perempuan", "P"]
m = ["pria", "L"]
[values.survey.items]
1 = "STS"
2 = "TS"
3 = "N"
4 = "S"
5 = ["SS", "ss!"]
missing = "Tidak menjawab"
"""
    )
    assert open_study(with_key(write_study(tmp_path, tables, study=study))).equals(clean)


def test_codes_that_run_the_other_way(tmp_path, clean):
    """In the national system 1 is above expectation; numbers of a typed file are mapped too."""
    study = STUDY.replace("appraisals.csv", "appraisals.parquet")
    study += "[values.appraisals.work_result]\n3 = 1\n2 = 2.0\n1 = [3]\n"
    folder = with_key(write_study(tmp_path, study=study))
    appraisals = typed("appraisals", clean_tables()["appraisals"])
    appraisals["work_result"] = 4 - appraisals["work_result"]
    appraisals.to_parquet(folder / "appraisals.parquet")
    assert open_study(folder).equals(clean)


@pytest.mark.parametrize("ending", [".sav", ".dta"])
def test_value_labels_are_read_by_code_or_by_label(ending, tmp_path, clean):
    employees = typed("employees", clean_tables()["employees"])
    employees["gender"] = employees["gender"].map({"f": 2.0, "m": 1.0})
    employees["unit"] = employees["unit"].map(
        units := {u: float(i) for i, u in enumerate(sorted(set(employees["unit"])))}
    )
    labels = {"gender": {1.0: "M", 2.0: "F"}, "unit": {code: unit for unit, code in units.items()}}
    study = STUDY.replace("employees.csv", f"employees{ending}")
    folder = with_key(write_study(tmp_path, study=study))
    write = pyreadstat.write_sav if ending == ".sav" else pyreadstat.write_dta
    write(
        text_for_statistics(employees).fillna(np.nan),
        str(folder / f"employees{ending}"),
        variable_value_labels=labels,
    )
    assert open_study(folder).equals(clean)
    (folder / "study.toml").write_text(study + '[values.employees.gender]\nf = "2"\nm = ["1"]\n')
    assert open_study(folder).equals(clean)


def test_one_file_serves_two_tables_and_unread_columns_are_counted_once(tmp_path):
    tables = clean_tables()
    both = tables["employees"].merge(tables["survey"], on="employee_id")
    both["nama"] = "x"
    study = STUDY.replace("employees.csv", "both.csv").replace("survey.csv", "both.csv")
    folder = write_study(tmp_path, tables | {"both": both}, study=study)
    opened = open_study(folder)
    assert len(opened.employees) == len(opened.survey) == len(both)
    assert dict(opened.unread) == {"employees": 1}


def test_one_workbook_serves_all_tables_by_sheet(tmp_path, clean):
    book = openpyxl.Workbook()
    for name, table in clean_tables().items():
        sheet = book.create_sheet(name.upper())
        for row in [list(table.columns), *table.astype(object).values.tolist()]:
            sheet.append([None if x == "" else x for x in row])
    folder = write_study(tmp_path, {}, study=STUDY)
    book.save(folder / "semua.xlsx")
    text = "\n".join(f'{n} = "semua.xlsx"' if line == f'{n} = "{n}.csv"' else line
                     for line in STUDY.splitlines() for n in [line.split(" ")[0]])  # fmt: skip
    (folder / "study.toml").write_text(text)
    assert open_study(with_key(folder)).equals(clean)


def test_table_from_outside_the_folder(tmp_path, clean):
    folder = with_key(write_study(tmp_path / "study"))
    outside = tmp_path / "elsewhere.csv"
    (folder / "survey.csv").rename(outside)
    assert open_study(folder, {"survey": outside}).equals(clean)


def test_only_employees_and_one_of_survey_and_appraisals_are_required(tmp_path):
    tables = {name: clean_tables()[name] for name in ("employees", "appraisals")}
    study = (
        STUDY.split("[tables]")[0] + '[tables]\nemployees = "employees.csv"\nappraisals = "appraisals.csv"\n'
    )
    folder = write_study(tmp_path, tables, study=study)
    (folder / "codebook.toml").unlink()
    opened = open_study(folder)
    assert opened.survey is None and not opened.has("training") and opened.codebook.items == ()


def test_header_only_is_a_table_without_rows(tmp_path):
    tables = clean_tables()
    tables["training"] = tables["training"][:0]
    training = open_study(write_study(tmp_path, tables)).training
    assert training.shape == (0, 5)


def test_defaults_of_a_survey(tmp_path):
    tables = clean_tables()
    tables["survey"] = tables["survey"].drop(columns=["date", "wave", "weight"])
    survey = open_study(write_study(tmp_path, tables)).survey
    assert set(survey["wave"]) == {1} and set(survey["weight"]) == {1.0}
    assert set(survey["date"]) == {pd.Timestamp("2024-11-15")}


def test_missing_is_never_none_or_zero(tmp_path):
    tables = clean_tables()
    tables["appraisals"].loc[:5, ["tie", "achievement"]] = None
    read = open_study(write_study(tmp_path, tables)).appraisals
    assert read["achievement"].isna().sum() == 6
    assert read["tie"].isna().sum() == tables["appraisals"]["tie"].isin(["", None]).sum()


def test_months_that_a_spreadsheet_made_dates(tmp_path):
    tables = clean_tables()
    tables["appraisals"]["period"] = [f"2024-0{1 + i % 4}-01" for i in range(len(tables["appraisals"]))]
    tables["service"]["period"] = "2024-02"
    opened = open_study(write_study(tmp_path, tables, study=STUDY.replace("quarter", "month")))
    assert set(opened.appraisals["period"].map(opened.calendar.label)) == {f"2024-0{i}" for i in range(1, 5)}


def test_files_are_not_written_to(tmp_path):
    folder = write_study(tmp_path)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    open_study(folder)
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_rows_count_as_in_a_spreadsheet(tmp_path):
    """A record with line breaks is one row; blank rows count."""
    from walesi_research.study import check_study

    tables = clean_tables()
    tables["survey"].loc[0, "comment"] = "dua\nbaris,\n\ndan koma"
    tables["survey"].loc[5, "bk1"] = "9"
    folder = write_study(tmp_path, tables)
    (problem,) = check_study(folder).problems
    assert (problem.row, problem.column, problem.value) == (7, "bk1", "9")
    lines = io.StringIO((folder / "survey.csv").read_text()).readlines()
    (folder / "survey.csv").write_text(lines[0] + "\n\n" + "".join(lines[1:]))
    assert check_study(folder).problems[0].row == 9
