"""Broken studies: every fault is named by file, row, column, value and what is allowed, and no other is."""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.study.studies import CODEBOOK, STUDY, UNITS, clean_tables, nip, write_study
from walesi_research.language import LANGUAGES
from walesi_research.problems import Problem, UserError
from walesi_research.study import CheckReport, check_study, open_study

ENDINGS = ".csv .tsv .xlsx .sav .dta .parquet .csv.gz"
SECTIONS = "study, tables, columns, values, privacy, appraisal, policy, claims, snapshot"
NIP = "YYYYMMDD YYYYMM 1/2 001–999"
ROLES = (
    "culture, recognition, training, skill, fairness, transparency, favouritism, motivation, commitment, "
    "performance, service, other"
)


@dataclass(frozen=True)
class Expected:
    key: str
    file: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    allowed: str | None = None
    guess: str | None = None
    severity: str = "error"


def as_expected(problem: Problem) -> Expected:
    return Expected(
        problem.what.key.removeprefix("check."),
        problem.file,
        problem.row,
        problem.column,
        problem.value,
        problem.allowed,
        problem.guess,
        problem.severity,
    )


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Path:
    return write_study(tmp_path_factory.mktemp("broken") / "clean")


Spoil = Callable[[Path], None]


def cell(table: str, row: int, column: str, value: object) -> Spoil:
    """Put a value into a cell; rows as in a spreadsheet."""

    def spoil(folder: Path) -> None:
        frame = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
        frame.loc[row - 2, column] = str(value)
        frame.to_csv(folder / f"{table}.csv", index=False)

    return spoil


def text(file: str, old: str, new: str) -> Spoil:
    """Replace text in a file, where it must occur."""

    def spoil(folder: Path) -> None:
        before = (folder / file).read_text(encoding="utf-8")
        assert old in before
        (folder / file).write_text(before.replace(old, new, 1), encoding="utf-8")

    return spoil


def content(file: str, make: Callable[[bytes], bytes]) -> Spoil:
    return lambda folder: (folder / file).write_bytes(make((folder / file).read_bytes())) and None


def frame(table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Spoil:
    def spoil(folder: Path) -> None:
        read = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
        change(read).to_csv(folder / f"{table}.csv", index=False)

    return spoil


def all_of(*spoils: Spoil) -> Spoil:
    def spoil(folder: Path) -> None:
        for one in spoils:
            one(folder)

    return spoil


def instead(table: str, file: str, write: Callable[[pd.DataFrame, Path], object]) -> Spoil:
    """Write a table into another file and name that in study.toml."""

    def spoil(folder: Path) -> None:
        write(clean_tables()[table], folder / file)
        text("study.toml", f'"{table}.csv"', f'"{file}"')(folder)

    return spoil


def sheet(*above: list[object], merge: str | None = None) -> Callable[[pd.DataFrame, Path], None]:
    """Write a workbook with rows above the header, and cells merged."""

    def write(table: pd.DataFrame, path: Path) -> None:
        book = openpyxl.Workbook()
        page = book.active
        for row in [*above, list(table.columns), *table.astype(object).values.tolist()]:
            page.append([None if x == "" else x for x in row])
        if merge:
            page.merge_cells(merge)
        book.save(path)

    return write


def two_header_rows(table: pd.DataFrame, path: Path) -> None:
    """Merge pairs of header cells: some names in row 1, the others in row 2."""
    lines = table.to_csv(index=False, sep=";").splitlines()
    names = lines[0].split(";")
    upper = [n if n not in ("score", "achievement") else "Nilai" for n in names]
    lower = [n if n in ("score", "achievement") else "" for n in names]
    path.write_text("\n".join([";".join(upper), ";".join(lower), *lines[1:]]))


def symlink_out(folder: Path) -> None:
    outside = folder.parent / f"{folder.name}-outside.csv"
    shutil.move(folder / "survey.csv", outside)
    (folder / "survey.csv").symlink_to(outside)


def key_for_all(folder: Path) -> None:
    (folder / "pseudonym.key").write_text("0" * 64)
    (folder / "pseudonym.key").chmod(0o644)


def key_damaged(folder: Path) -> None:
    (folder / "pseudonym.key").write_text("secret")
    (folder / "pseudonym.key").chmod(0o600)


def repeat(table: str, row: int) -> Spoil:
    return frame(table, lambda f: pd.concat([f, f.iloc[[row - 2]]], ignore_index=True))


def dots(i: int) -> str:
    return "•" * i


def unit_twice(table: pd.DataFrame, path: Path) -> None:
    whole = pa.Table.from_pandas(table.astype(str), preserve_index=False)
    pq.write_table(whole.append_column("unit", whole.column("unit")), path)


SLASHED = f"{nip(3)[:8]}/{nip(3)[8:14]}/{nip(3)[14]}/{nip(3)[15:]}"

E, S, A, T = "employees.csv", "survey.csv", "appraisals.csv", "training.csv"
PERIOD = "2024-Q1 … 2024-Q4"

CASES: dict[str, tuple[Spoil, list[Expected]]] = {
    # cells
    "likert out of range": (
        cell("survey", 5, "bk2", 7),
        [Expected("out_of_range", S, 5, "bk2", "7", "1–5")],
    ),
    "likert not whole": (cell("survey", 4, "bk2", "3,5"), [Expected("integer", S, 4, "bk2", "3,5", "1–5")]),
    "likert as words": (
        cell("survey", 4, "kj1", "setuju"),
        [Expected("integer", S, 4, "kj1", "setuju", "1–5")],
    ),
    "score over 120": (
        cell("appraisals", 9, "score", "120.5"),
        [Expected("out_of_range", A, 9, "score", "120.5", "0–120")],
    ),
    "score not a number": (
        cell("appraisals", 9, "score", "sembilan"),
        [Expected("number", A, 9, "score", "sembilan", "0–120")],
    ),
    "thousands in a number": (
        cell("training", 3, "hours", "1.200,5"),
        [Expected("number", T, 3, "hours", "1.200,5", "≥ 0")],
    ),
    "percent sign": (
        cell("appraisals", 3, "achievement", "95%"),
        [Expected("number", A, 3, "achievement", "95%", "≥ 0", guess="95")],
    ),
    "negative hours": (
        cell("training", 3, "hours", -4),
        [Expected("out_of_range", T, 3, "hours", "-4", "≥ 0")],
    ),
    "work result in five steps": (
        cell("appraisals", 2, "work_result", 5),
        [Expected("out_of_range", A, 2, "work_result", "5", "1–3")],
    ),
    "unknown status, near one": (
        cell("employees", 3, "status", "ppk"),
        [Expected("not_one_of", E, 3, "status", "ppk", "pns, pppk", guess="pppk")],
    ),
    "unknown tie": (
        cell("appraisals", 8, "tie", "tetangga"),
        [Expected("not_one_of", A, 8, "tie", "tetangga", "none, family, clan, political, other")],
    ),
    "unknown predicate": (
        cell("appraisals", 8, "predicate", "istimewa"),
        [
            Expected(
                "not_one_of",
                A,
                8,
                "predicate",
                "istimewa",
                "sangat_baik, baik, butuh_perbaikan, kurang, sangat_kurang",
            )
        ],
    ),
    "blank unit": (cell("employees", 7, "unit", ""), [Expected("blank", E, 7, "unit")]),
    "blank rater": (cell("appraisals", 7, "rater_id", " "), [Expected("blank", A, 7, "rater_id", None, NIP)]),
    "blank hours": (cell("training", 2, "hours", "NA"), [Expected("blank", T, 2, "hours", None, "≥ 0")]),
    "date as a spreadsheet number": (
        cell("training", 4, "completed_on", 45366),
        [Expected("date_serial", T, 4, "completed_on", "45366", "YYYY-MM-DD", guess="2024-03-15")],
    ),
    "day first": (
        cell("training", 4, "completed_on", "15/03/2024"),
        [Expected("date", T, 4, "completed_on", "15/03/2024", "YYYY-MM-DD", guess="2024-03-15")],
    ),
    "a day that is none": (
        cell("events", 2, "date", "2024-02-30"),
        [Expected("date_impossible", "events.csv", 2, "date", "2024-02-30", "YYYY-MM-DD")],
    ),
    "a month in a study of quarters": (
        cell("appraisals", 6, "period", "2024-05"),
        [Expected("period_rhythm", A, 6, "period", "2024-05", PERIOD, guess="2024-Q2")],
    ),
    "a fifth quarter": (
        cell("appraisals", 6, "period", "2024-Q5"),
        [Expected("period", A, 6, "period", "2024-Q5", PERIOD)],
    ),
    "a period that a spreadsheet ate": (
        cell("service", 6, "period", "Sep-24"),
        [Expected("period", "service.csv", 6, "period", "Sep-24", PERIOD)],
    ),
    "service answer out of range": (
        cell("service", 10, "u9", 0),
        [Expected("out_of_range", "service.csv", 10, "u9", "0", "1–4")],
    ),
    "weight below nought": (
        cell("survey", 3, "weight", "-1"),
        [Expected("out_of_range", S, 3, "weight", "-1", "≥ 0")],
    ),
    # identifiers
    "nip turned into a power": (
        cell("employees", 2, "employee_id", "1.98609E+17"),
        [Expected("nip_scientific", E, 2, "employee_id", "1.98609E+17", NIP)],
    ),
    "nip turned into a power with a comma": (
        cell("appraisals", 2, "rater_id", "1,98609E+17"),
        [Expected("nip_scientific", A, 2, "rater_id", "1,98609E+17", NIP)],
    ),
    "nip rounded by a spreadsheet": (
        cell("employees", 2, "employee_id", nip(0)[:15] + "000"),
        [Expected("nip_damaged", E, 2, "employee_id", dots(18), NIP)],
    ),
    "nip too short": (
        cell("employees", 2, "employee_id", nip(0)[:17]),
        [Expected("nip_too_short", E, 2, "employee_id", dots(17), NIP)],
    ),
    "nip too long": (
        cell("employees", 2, "employee_id", nip(0) + "1"),
        [Expected("nip_too_long", E, 2, "employee_id", dots(19), NIP)],
    ),
    "nip of no birthday": (
        cell("employees", 2, "employee_id", "19701345" + nip(0)[8:]),
        [Expected("nip_birth_date", E, 2, "employee_id", dots(18), NIP)],
    ),
    "nip of no month": (
        cell("employees", 2, "employee_id", nip(0)[:12] + "13" + nip(0)[14:]),
        [Expected("nip_start_month", E, 2, "employee_id", dots(18), NIP)],
    ),
    "nip of a third sex": (
        cell("employees", 2, "employee_id", nip(0)[:14] + "3" + nip(0)[15:]),
        [Expected("nip_sex", E, 2, "employee_id", dots(18), NIP)],
    ),
    "nip against birth year": (
        cell("employees", 2, "birth_year", 1971),
        [Expected("nip_contradicts_birth_year", E, 2, "birth_year", "1971", "1970")],
    ),
    "nip against gender": (
        cell("employees", 2, "gender", "f"),
        [Expected("nip_contradicts_gender", E, 2, "gender", "f", "m")],
    ),
    "nip against status": (
        cell("employees", 2, "status", "pppk"),
        [Expected("nip_contradicts_status", E, 2, "status", "pppk", "pns")],
    ),
    "nip against start year": (
        cell("employees", 2, "start_year", 1999),
        [Expected("nip_contradicts_start_year", E, 2, "start_year", "1999", "1994", severity="warning")],
    ),
    # rows and tables
    "employee twice": (repeat("employees", 4), [Expected("duplicate", E, 14, "employee_id", dots(18))]),
    "answers twice": (repeat("survey", 4), [Expected("duplicate", S, 14, "employee_id", dots(18))]),
    "appraisal twice": (repeat("appraisals", 4), [Expected("duplicate", A, 50, "employee_id", dots(18))]),
    "course twice": (
        repeat("training", 4),
        [Expected("course_twice", T, 10, "employee_id", dots(18), severity="warning")],
    ),
    "unknown employee": (
        cell("survey", 6, "employee_id", "P-77"),
        [Expected("unknown_employee_id", S, 6, "employee_id", dots(4))],
    ),
    "unknown unit": (
        cell("service", 6, "unit", "Dinas Kesehatn"),
        [
            Expected(
                "unknown_unit",
                "service.csv",
                6,
                "unit",
                "Dinas Kesehatn",
                ", ".join(UNITS),
                guess="Dinas Kesehatan",
            )
        ],
    ),
    "achievement disagrees": (
        frame(
            "appraisals",
            lambda f: pd.concat(
                [f, f.iloc[[0]].assign(rater_id=nip(7), achievement="50")], ignore_index=True
            ),
        ),
        [Expected("achievement_disagrees", A, 50, "achievement", "50", severity="warning")],
    ),
    "an event of no one": (
        cell("events", 2, "employee_id", ""),
        [Expected("event_of_no_one", "events.csv", 2, "employee_id")],
    ),
    "left before the start": (
        cell("employees", 13, "left_on", "1990-01-01"),
        [Expected("left_before_start", E, 13, "left_on", "1990-01-01", severity="warning")],
    ),
    "no employees": (
        frame("employees", lambda f: f[:0]),
        [Expected("no_rows", E)],
    ),
    "survey without a date beside appraisals": (
        all_of(
            frame("survey", lambda f: f.drop(columns="date")),
            text("study.toml", "survey_date = 2024-11-15", ""),
        ),
        [Expected("date_needed", S, None, "date")],
    ),
    # columns and headers
    "required column missing, near one": (
        frame("employees", lambda f: f.rename(columns={"unit": "units"})),
        [Expected("column_missing", E, 1, "unit", None, "employee_id, unit", guess="units")],
    ),
    "required column missing": (
        frame("training", lambda f: f.drop(columns="hours")),
        [Expected("column_missing", T, 1, "hours", None, "employee_id, programme, hours, completed_on")],
    ),
    "item missing": (
        frame("survey", lambda f: f.rename(columns={"bk3": "bk_3"})),
        [Expected("column_missing", S, 1, "bk3", None, "employee_id, bk1, bk2, bk3, kj1, kj2", guess="bk_3")],
    ),
    "mapped column missing": (
        text("study.toml", "[tables]", '[columns.employees]\nemployee_id = "NIP"\n[tables]'),
        [Expected("column_missing", E, 1, "NIP", None, "employee_id")],
    ),
    "mapped question missing, though no form made the file": (
        text("study.toml", "[tables]", '[columns.employees]\nunit = "Unit kerja Anda"\n[tables]'),
        [Expected("column_missing", E, 1, "Unit kerja Anda", None, "unit")],
    ),
    "no header at all": (
        frame("training", lambda f: f[1:].set_axis(f.iloc[0], axis=1)),
        [Expected("header_none", T, 1, None, None, "employee_id, programme, hours, completed_on")],
    ),
    "value map of identifiers": (
        text("study.toml", "[tables]", '[values.survey.employee_id]\nx = "y"\n[tables]'),
        [
            Expected(
                "map_column_unknown",
                "study.toml",
                None,
                "values.survey.employee_id",
                "employee_id",
                "date, wave, weight, bk1, bk2, bk3, kj1, kj2, items",
            )
        ],
    ),
    "column twice": (
        content("survey.csv", lambda b: b.replace(b"kj2", b"kj1", 1)),
        [
            Expected("column_twice", S, 1, "kj1"),
            Expected("column_missing", S, 1, "kj2", None, "employee_id, bk1, bk2, bk3, kj1, kj2"),
        ],
    ),
    "titles above the header": (
        instead(
            "employees", "pegawai.xlsx", sheet(["DAFTAR PEGAWAI"], ["Distrik Walesi"], [], merge="A1:J1")
        ),
        [Expected("header_below_title", "pegawai.xlsx", 4)],
    ),
    "titles above the header of a text file": (
        content("training.csv", lambda b: b"DAFTAR PELATIHAN\nTahun 2024;;;\n\n" + b.replace(b",", b";")),
        [Expected("header_below_title", T, 4)],
    ),
    "groups above the header": (
        instead("employees", "pegawai.xlsx", sheet(["Identitas", None, "Kepegawaian"], merge="A1:B1")),
        [Expected("header_below_title", "pegawai.xlsx", 2)],
    ),
    "header of two rows": (
        instead("appraisals", "nilai.csv", two_header_rows),
        [Expected("header_two_rows", "nilai.csv", 2, None, "achievement, score")],
    ),
    "too many cells in a row": (
        content("training.csv", lambda b: b.replace(b"Pelatihan 1", b"Pelatihan 1, lanjutan", 1)),
        [Expected("row_width", T, 3, None, None, "5")],
    ),
    "cut off within a row": (
        content("training.csv", lambda b: b[: b.rindex(b"2024-08-15") - 1]),
        [Expected("row_width", T, 9, None, None, "5")],
    ),
    # files
    "file missing, near one": (
        text("study.toml", '"survey.csv"', '"survei.csv"'),
        [
            Expected(
                "file_missing", "study.toml", None, "tables.survey", "survei.csv", None, guess="survey.csv"
            )
        ],
    ),
    "absolute path": (
        text("study.toml", '"survey.csv"', '"/etc/survey.csv"'),
        [Expected("path_absolute", "study.toml", None, "tables.survey", "/etc/survey.csv")],
    ),
    "path of another system": (
        text("study.toml", '"survey.csv"', "'C:\\data\\survey.csv'"),
        [Expected("path_absolute", "study.toml", None, "tables.survey", "C:\\data\\survey.csv")],
    ),
    "path outside the folder": (
        text("study.toml", '"survey.csv"', '"../survey.csv"'),
        [Expected("path_outside", "study.toml", None, "tables.survey", "../survey.csv")],
    ),
    "symbolic link out of the folder": (
        symlink_out,
        [Expected("path_outside", "study.toml", None, "tables.survey", "survey.csv")],
    ),
    "a folder for a file": (
        all_of(lambda f: (f / "map").mkdir(), text("study.toml", '"survey.csv"', '"map"')),
        [Expected("path_no_file", "study.toml", None, "tables.survey", "map")],
    ),
    "empty file": (content("survey.csv", lambda b: b""), [Expected("file_empty", S)]),
    "only blank lines": (content("survey.csv", lambda b: b"\n\n \n"), [Expected("file_empty", S)]),
    "binary file": (content("survey.csv", lambda b: bytes(range(256)) * 20), [Expected("not_text", S)]),
    "two encodings in one file": (
        content("employees.csv", lambda b: b.replace("Négeri".encode(), "Négeri".encode("cp1252"), 1)),
        [Expected("encoding_mixed", E, 4)],
    ),
    "unknown encoding": (
        content("employees.csv", lambda b: b.replace("é".encode(), b"\x81").replace(b"\xc3", b"")),
        [Expected("encoding_unknown", E, 4, None, None, "UTF-8, UTF-16, Windows-1252")],
    ),
    "quotation mark left open": (
        content("survey.csv", lambda b: b.replace(b"komentar 11", b'"komentar 11', 1)),
        [Expected("quote_open", S, 13)],
    ),
    "gzip cut off": (
        instead(
            "survey", "survey.csv.gz", lambda t, p: p.write_bytes(gzip.compress(t.to_csv().encode())[:-20])
        ),
        [Expected("gzip_broken", "survey.csv.gz")],
    ),
    "workbook cut off": (
        all_of(instead("survey", "survey.xlsx", sheet()), content("survey.xlsx", lambda b: b[: len(b) // 2])),
        [Expected("file_broken", "survey.xlsx")],
    ),
    "parquet cut off": (
        all_of(
            instead("survey", "survey.parquet", lambda t, p: t.astype(str).to_parquet(p)),
            content("survey.parquet", lambda b: b[: len(b) // 2]),
        ),
        [Expected("file_broken", "survey.parquet")],
    ),
    "spss cut off": (
        instead("survey", "survey.sav", lambda t, p: p.write_bytes(b"$FL2@(#) IBM SPSS STATISTICS")),
        [Expected("file_broken", "survey.sav")],
    ),
    "stata full of other things": (
        instead("survey", "survey.dta", lambda t, p: p.write_bytes(b"nothing of the kind")),
        [Expected("file_broken", "survey.dta")],
    ),
    "workbook called csv": (
        all_of(
            instead("survey", "survey.xlsx", sheet()),
            lambda f: (f / "survey.xlsx").rename(f / "s.csv"),
            text("study.toml", "survey.xlsx", "s.csv"),
        ),
        [Expected("looks_other", "s.csv", None, None, ".csv", None, guess=".xlsx")],
    ),
    "csv called workbook": (
        instead("survey", "survey.xlsx", lambda t, p: t.to_csv(p)),
        [Expected("looks_other", "survey.xlsx", None, None, ".xlsx")],
    ),
    "web page called csv": (
        content("survey.csv", lambda b: b"<html><table><tr><td>1</td></tr></table></html>"),
        [Expected("looks_html", S)],
    ),
    "workbook with a password": (
        instead(
            "survey", "survey.xlsx", lambda t, p: p.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99)
        ),
        [Expected("looks_protected", "survey.xlsx")],
    ),
    "old workbook": (
        instead("survey", "survey.xls", lambda t, p: t.to_csv(p)),
        [Expected("ending_xls", "survey.xls", None, None, ".xls", ENDINGS)],
    ),
    "unknown kind of file": (
        instead("survey", "survey.docx", lambda t, p: t.to_csv(p)),
        [Expected("ending_unknown", "survey.docx", None, None, ".docx", ENDINGS)],
    ),
    # study.toml
    "misspelt key": (
        text("study.toml", "seed = 7", "seed = 7\nsintetic = true"),
        [
            Expected(
                "key_unknown",
                "study.toml",
                None,
                "study.sintetic",
                "sintetic",
                "id, title, seed, period, synthetic, survey_date, language",
                guess="synthetic",
            )
        ],
    ),
    "misspelt section": (
        text("study.toml", "[tables]", "[privasi]\nminimum_cell = 5\n[tables]"),
        [Expected("key_unknown", "study.toml", None, "privasi", "privasi", SECTIONS, guess="privacy")],
    ),
    "misspelt table": (
        text("study.toml", "training =", "trainings ="),
        [
            Expected(
                "key_unknown",
                "study.toml",
                None,
                "tables.trainings",
                "trainings",
                "employees, survey, appraisals, training, service, events",
                guess="training",
            )
        ],
    ),
    "seed as text": (
        text("study.toml", "seed = 7", 'seed = "7"'),
        [Expected("key_type", "study.toml", None, "study.seed", "7", "0, 1, 2, …")],
    ),
    "seed missing": (
        text("study.toml", "seed = 7", ""),
        [Expected("key_missing", "study.toml", None, "study.seed")],
    ),
    "unknown rhythm": (
        text("study.toml", '"quarter"', '"quarterly"'),
        [
            Expected(
                "not_one_of",
                "study.toml",
                None,
                "study.period",
                "quarterly",
                "month, quarter, half, year",
                guess="quarter",
            )
        ],
    ),
    "id with capitals": (
        text("study.toml", 'id = "kecil"', 'id = "Kecil 1"'),
        [Expected("key_pattern", "study.toml", None, "study.id", "Kecil 1", "a-z 0-9 - _")],
    ),
    "title in one language": (
        text("study.toml", ', en = "A small study"', ""),
        [Expected("key_missing", "study.toml", None, "study.title.en")],
    ),
    "minimum cell under three": (
        text("study.toml", "[tables]", "[privacy]\nminimum_cell = 2\n[tables]"),
        [Expected("out_of_range", "study.toml", None, "privacy.minimum_cell", "2", "≥ 3")],
    ),
    "limits the wrong way round": (
        text("study.toml", "[tables]", "[appraisal]\nbelow = 115\n[tables]"),
        [Expected("below_above", "study.toml", None, "appraisal.below", "115.0", "< 110")],
    ),
    "claim on an unknown finding": (
        text(
            "study.toml",
            "[tables]",
            '[claims.x]\nfinding = "appraisal.tie_efect"\nsupports = "above"\nlimit = 1\n[tables]',
        ),
        [
            Expected(
                "finding_unknown",
                "study.toml",
                None,
                "claims.x.finding",
                "appraisal.tie_efect",
                None,
                guess="appraisal.tie_effect",
                severity="warning",
            )
        ],
    ),
    "not toml": (
        text("study.toml", 'id = "kecil"', "id = kecil"),
        [Expected("toml_syntax", "study.toml", 3, None, "id = kecil")],
    ),
    "no study.toml": (lambda f: (f / "study.toml").unlink(), [Expected("file_missing", "study.toml")]),
    "map of an unknown column": (
        text("study.toml", "[tables]", '[columns.employees]\nunti = "OPD"\n[tables]'),
        [
            Expected(
                "map_column_unknown",
                "study.toml",
                None,
                "columns.employees.unti",
                "unti",
                ", ".join(clean_tables()["employees"]),
                guess="unit",
            )
        ],
    ),
    "map to an unknown value": (
        text("study.toml", "[tables]", '[values.employees.status]\npsn = ["PNS"]\n[tables]'),
        [
            Expected(
                "map_value_unknown",
                "study.toml",
                None,
                "values.employees.status.psn",
                "psn",
                "pns, pppk, missing",
                guess="pns",
            )
        ],
    ),
    "one value with two meanings": (
        text("study.toml", "[tables]", '[values.employees.status]\npns = ["ASN"]\npppk = ["asn"]\n[tables]'),
        [Expected("map_value_twice", "study.toml", None, "values.employees.status", "asn")],
    ),
    "no employees table": (
        text("study.toml", 'employees = "employees.csv"', ""),
        [Expected("employees_needed", "study.toml", None, "tables.employees")],
    ),
    # codebook.toml
    "no codebook": (lambda f: (f / "codebook.toml").unlink(), [Expected("file_missing", "codebook.toml")]),
    "unknown role": (
        text("codebook.toml", '"culture"', '"kultur"'),
        [
            Expected(
                "not_one_of",
                "codebook.toml",
                None,
                "constructs.work_culture.role",
                "kultur",
                ROLES,
                guess="culture",
            )
        ],
    ),
    "reverse of no item": (
        text("codebook.toml", '["bk3"]', '["bk4"]'),
        [
            Expected(
                "reverse_unknown",
                "codebook.toml",
                None,
                "constructs.work_culture.reverse",
                "bk4",
                "bk1, bk2, bk3",
                guess="bk3",
            )
        ],
    ),
    "item in two constructs": (
        text("codebook.toml", "kj2 =", "bk1 ="),
        [Expected("item_twice", "codebook.toml", None, "constructs.performance.items", "bk1")],
    ),
    "scale upside down": (
        text("codebook.toml", "[1, 5]", "[5, 1]"),
        [Expected("scale_order", "codebook.toml", None, "constructs.work_culture.scale", "[5, 1]", "[1, 5]")],
    ),
    "item in one language": (
        text("codebook.toml", ', en = "We help each other"', ""),
        [Expected("key_missing", "codebook.toml", None, "constructs.work_culture.items.bk2.en")],
    ),
    # what looks right and is not
    "answers twice where there is no wave": (
        all_of(repeat("survey", 4), frame("survey", lambda f: f.drop(columns="wave"))),
        [Expected("duplicate", S, 14, "employee_id", dots(18))],
    ),
    "answers twice, one in a blank wave": (
        all_of(repeat("survey", 4), cell("survey", 14, "wave", "")),
        [Expected("duplicate", S, 14, "employee_id", dots(18))],
    ),
    "survey of no one": (frame("survey", lambda f: f[:0]), [Expected("no_answers", S)]),
    "number of a person for hours": (
        cell("training", 3, "hours", nip(3)),
        [Expected("number_too_large", T, 3, "hours", dots(18), "≥ 0")],
    ),
    "number of a person for a wave": (
        cell("survey", 3, "wave", nip(3)),
        [Expected("number_too_large", S, 3, "wave", dots(18), "≥ 1")],
    ),
    "number of a person for a score, with slashes": (
        cell("appraisals", 3, "score", SLASHED),
        [Expected("number", A, 3, "score", dots(21), "0–120")],
    ),
    "number of a person in a course": (
        cell("training", 3, "programme", f"Kursus {SLASHED}"),
        [Expected("text_holds_nip", T, 3, "programme", f"Kursus {dots(21)}")],
    ),
    "number of a person in a unit": (
        cell("service", 6, "unit", f"Puskesmas {nip(3)}"),
        [Expected("text_holds_nip", "service.csv", 6, "unit", f"Puskesmas {dots(18)}")],
    ),
    "lookup that found nothing": (
        cell("employees", 3, "unit", "#N/A"),
        [Expected("cell_error", E, 3, "unit", "#N/A")],
    ),
    "signs that steer a terminal": (
        cell("service", 6, "unit", "Dinas\nKesehatan\u202e\u200b"),
        [
            Expected(
                "unknown_unit",
                "service.csv",
                6,
                "unit",
                "Dinas Kesehatan\ufffd\ufffd",
                ", ".join(UNITS),
                guess="Dinas Kesehatan",
            )
        ],
    ),
    "parquet with a column twice": (
        instead("employees", "e.parquet", unit_twice),
        [Expected("column_twice", "e.parquet", None, "unit")],
    ),
    "name too long for a file": (
        text("study.toml", '"survey.csv"', f'"{"a" * 300}.csv"'),
        [Expected("file_missing", "study.toml", None, "tables.survey", "a" * 39 + "…")],
    ),
    "name that no file can have": (
        text("study.toml", '"survey.csv"', '"a\\u0000.csv"'),
        [Expected("file_missing", "study.toml", None, "tables.survey", "a\ufffd.csv")],
    ),
    "file named after a person's number": (
        text("study.toml", '"survey.csv"', f'"{nip(3)}.csv"'),
        [Expected("file_missing", "study.toml", None, "tables.survey", f"{dots(18)}.csv")],
    ),
    "seed of thousands of digits": (
        text("study.toml", "seed = 7", f"seed = {'9' * 5000}"),
        [Expected("toml_extreme", "study.toml")],
    ),
    "lists within lists": (
        text("study.toml", "seed = 7", f"seed = {'[' * 3000}{']' * 3000}"),
        [Expected("toml_extreme", "study.toml")],
    ),
    "sections within sections": (
        text("study.toml", "[tables]", f"x{'.a' * 3000} = 1\n[tables]"),
        [Expected("toml_extreme", "study.toml")],
    ),
    "key twice": (
        text("study.toml", "seed = 7", "seed = 7\nseed = 8"),
        [Expected("toml_twice", "study.toml", 6, None, "seed = 8")],
    ),
    "survey in the year 1": (
        text("study.toml", "2024-11-15", "0001-01-01"),
        [Expected("out_of_range", "study.toml", None, "study.survey_date", "0001-01-01", "≥ 1900-01-01")],
    ),
    "limit that is no number": (
        text("study.toml", "[tables]", "[appraisal]\nbelow = nan\n[tables]"),
        [Expected("key_type", "study.toml", None, "appraisal.below", "nan", "1, 2.5, …")],
    ),
    "one column of the file for two of ours": (
        text("study.toml", "[tables]", '[columns.training]\nhours = "Nilai"\nkind = "NILAI"\n[tables]'),
        [
            Expected("map_column_twice", "study.toml", None, "columns.training.hours", "Nilai"),
            Expected("map_column_twice", "study.toml", None, "columns.training.kind", "NILAI"),
            Expected("column_missing", T, 1, "Nilai", None, "kind, hours"),
            Expected("column_missing", T, 1, "NILAI", None, "kind, hours"),
        ],
    ),
    "identifiers of employees for those of raters": (
        text("study.toml", "[tables]", '[columns.appraisals]\nrater_id = "employee_id"\n[tables]'),
        [Expected("map_column_twice", "study.toml", None, "columns.appraisals.rater_id", "employee_id")],
    ),
    "comments for an item": (
        text("study.toml", "[tables]", '[columns.survey]\nbk1 = "Comment"\n[tables]'),
        [Expected("map_comment", "study.toml", None, "columns.survey.bk1", "Comment")],
    ),
    "value map to what only looks like a digit": (
        text("study.toml", "[tables]", '[values.survey.items]\n"²" = "x"\n[tables]'),
        [
            Expected(
                "map_value_unknown",
                "study.toml",
                None,
                "values.survey.items.²",
                "²",
                "1, 2, 3, 4, 5, missing",
            )
        ],
    ),
    "items that differ in letter case": (
        text("codebook.toml", "kj2 =", "BK1 ="),
        [Expected("item_twice", "codebook.toml", None, "constructs.performance.items", "bk1")],
    ),
    "item named as a column": (
        text("codebook.toml", "kj2 =", "Date ="),
        [Expected("item_reserved", "codebook.toml", None, "constructs", "Date")],
    ),
    "scale of three ends": (
        text("codebook.toml", "[1, 5]", "[1, 3, 5]"),
        [Expected("key_type", "codebook.toml", None, "constructs.work_culture.scale", "[1, 3, 5]", "[1, 5]")],
    ),
    "scale without end": (
        text("codebook.toml", "[1, 5]", "[1, 100000000000000000000000]"),
        [
            Expected(
                "out_of_range",
                "codebook.toml",
                None,
                "constructs.work_culture.scale.1",
                "•" * 24,
                "≤ 1000",
            )
        ],
    ),
    # key
    "key that others may read": (
        key_for_all,
        [Expected("key_mode", "pseudonym.key", None, None, "644", "600")],
    ),
    "key that is none": (key_damaged, [Expected("key_unusable", "pseudonym.key")]),
}

TOGETHER = [
    ("likert out of range", "nip turned into a power", "day first"),
    ("required column missing, near one", "unknown tie", "empty file"),
    ("unknown status, near one", "likert as words", "appraisal twice"),
    ("minimum cell under three", "misspelt key", "unknown role"),
    ("minimum cell under three", "likert out of range", "nip against gender"),
    ("seed missing", "unknown tie", "reverse of no item"),
    ("unknown rhythm", "score over 120", "day first"),
    ("path outside the folder", "score over 120", "blank unit"),
    ("a month in a study of quarters", "date as a spreadsheet number", "unknown unit"),
    ("titles above the header", "likert not whole", "negative hours"),
    ("seed as text", "misspelt table", "item in two constructs"),
    ("quotation mark left open", "nip against gender", "a day that is none"),
    ("map to an unknown value", "item missing", "work result in five steps"),
    ("two encodings in one file", "weight below nought", "service answer out of range"),
    ("key that others may read", "nip too short", "percent sign"),
]


def spoiled(template: Path, tmp_path: Path, *names: str) -> Path:
    folder = shutil.copytree(template, tmp_path / "study")
    for name in names:
        CASES[name][0](folder)
    return folder


CONSEQUENCES = {"unknown_employee_id"}
"""A spoiled id is, besides, unknown in the tables that refer to it."""


def assert_words_are_safe(report: CheckReport) -> None:
    """Every part of every problem is told in both languages; no identifier and no comment is."""
    raw = [nip(i) for i in range(12)]
    for language in LANGUAGES:
        words = report.text(language)
        for problem in report.problems:
            for part in (problem.file, problem.value, problem.allowed, problem.guess, problem.column):
                assert part is None or part in words
        assert not any(number[:17] in words for number in raw)
        assert not re.search(r"komentar \d", words)


@pytest.mark.parametrize("name", CASES)
def test_the_fault_is_named_and_no_other(name, template, tmp_path):
    expected = set(CASES[name][1])
    report = check_study(spoiled(template, tmp_path, name))
    found = set(map(as_expected, report.problems))
    assert expected <= found
    assert {problem.key for problem in found - expected} <= CONSEQUENCES
    assert_words_are_safe(report)


@pytest.mark.parametrize("names", TOGETHER, ids=" + ".join)
def test_three_faults_at_once_are_all_named(names, template, tmp_path):
    expected = {fault for name in names for fault in CASES[name][1]}
    assert len(expected) >= 3
    folder = spoiled(template, tmp_path, *names)
    report = check_study(folder)
    assert expected <= set(map(as_expected, report.problems))
    assert_words_are_safe(report)
    with pytest.raises(UserError) as refusal:
        open_study(folder)
    told = {as_expected(problem) for problem in refusal.value.problems}
    assert {fault for fault in expected if fault.file != "pseudonym.key"} <= told
    assert str(refusal.value)


@pytest.mark.parametrize(
    "name", [name for name, (_, faults) in CASES.items() if faults[0].severity == "warning"]
)
def test_a_warning_does_not_stop_a_run(name, template, tmp_path):
    (warning,) = open_study(spoiled(template, tmp_path, name)).warnings
    assert as_expected(warning) == CASES[name][1][0]


def test_there_are_many_cases():
    assert len(CASES) >= 40 and len(TOGETHER) >= 10
    assert STUDY and CODEBOOK


def test_a_clean_study_has_no_problem(template):
    report = check_study(template)
    assert report.ok and report.problems == ()
    assert "12" in report.text("en")


@pytest.mark.parametrize("table", ["training", "events"])
def test_no_course_and_no_event_is_an_answer(table, template, tmp_path):
    folder = shutil.copytree(template, tmp_path / "study")
    frame(table, lambda f: f[:0])(folder)
    study = open_study(folder)
    assert study.has(table)
    assert open_study(study.save(tmp_path / "snapshot")).equals(study)


def test_a_number_in_names_of_columns_is_covered(template, tmp_path):
    folder = shutil.copytree(template, tmp_path / "study")
    frame("survey", lambda f: f.assign(**{f"Nilai dari {SLASHED}": 1, nip(3): 1}))(folder)
    report = check_study(folder)
    assert report.ok
    assert f"Nilai dari {dots(21)}, {dots(18)}" in report.text("id")


def test_a_number_in_a_known_unit_is_covered(template, tmp_path):
    folder = shutil.copytree(template, tmp_path / "study")
    frame("employees", lambda f: f.assign(unit="1234 5678 9012 3456"))(folder)
    words = check_study(folder).text("en")
    assert "3456" not in words and dots(19) in words


def test_many_unread_columns_are_counted(template, tmp_path):
    folder = shutil.copytree(template, tmp_path / "study")
    frame("survey", lambda f: f.assign(**{f"x{i}": 1 for i in range(90)}))(folder)
    words = check_study(folder).text("en")
    assert "90" in words and "x39, …" in words and "x40" not in words


def test_no_such_folder(tmp_path):
    report = check_study(tmp_path / "nowhere")
    assert [p.what.key for p in report.problems] == ["check.folder_missing"]


def test_many_like_faults_are_folded_in_words_and_kept_in_data(template, tmp_path):
    folder = shutil.copytree(template, tmp_path / "study")
    frame("appraisals", lambda f: f.assign(score="999"))(folder)
    report = check_study(folder)
    assert [p.row for p in report.problems] == list(range(2, 50))
    words = report.text("en")
    assert words.count("“999”") == 10 and "38 more" in words and "12–49" in words
    assert words.count("0–120") == 1  # what is shared is said once


def test_outside_table_that_is_not_there(template):
    (problem,) = check_study(template, {"survey": template / "survei.csv"}).problems
    assert problem.what.key == "check.file_missing" and problem.guess == "survey.csv"


def test_outside_table_of_unknown_name(template):
    (problem,) = check_study(template, {"surveys": template / "survey.csv"}).problems
    assert (problem.what.key, problem.guess) == ("check.table_unknown", "survey")
