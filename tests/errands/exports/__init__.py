"""Exports CONSTRUCTED to the documented layouts of survey programs, from the bundled synthetic study.

No file here came out of the program it is named after. The answers are those of ``data/walesi`` (synthetic
people); the layouts are those that the programs document: group paths and select_multiple columns of
KoboToolbox, hyphens and KEY of ODK Central, a time and question texts of Google Forms, ``G1Q1[SQ001]`` of
LimeSurvey, variable and value labels of SPSS and Stata, field names of SIASN's web service.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

AGREE = ("Sangat tidak setuju", "Tidak setuju", "Netral", "Setuju", "Sangat setuju")
AGREE_EN = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
SHORT = ("sts", "ts", "n", "s", "ss")
MIXED = (
    ("Sangat Tidak Setuju", "sangat tidak setuju", "STS", "1 - Sangat Tidak Setuju"),
    ("Tidak Setuju", "tidak setuju", "TS", "Disagree"),
    ("Netral", "netral", "N", "Ragu-ragu"),
    ("Setuju", "setuju", "S", "Agree"),
    ("Sangat Setuju", "sangat setuju", "SS", "Strongly agree"),
)
STATUS = {"pns": "PNS", "pppk": "PPPK (Perjanjian Kerja)"}
GENDER = {"f": "Perempuan", "m": "Laki-laki"}


@dataclass(frozen=True)
class World:
    """The bundled study's files as they are, and its codebook."""

    employees: pd.DataFrame
    survey: pd.DataFrame
    appraisals: pd.DataFrame
    training: pd.DataFrame
    constructs: dict

    @property
    def items(self) -> dict[str, dict[str, str]]:
        """The words of each item in both languages."""
        return {item: words for c in self.constructs.values() for item, words in c["items"].items()}

    @property
    def answers(self) -> pd.DataFrame:
        """The items' answers, 1 to 5."""
        return self.survey[list(self.items)].astype("Int64")

    @property
    def people(self) -> pd.DataFrame:
        """Unit, status and gender of each respondent."""
        about = self.employees.set_index("employee_id")[["unit", "status", "gender"]]
        return about.loc[self.survey["employee_id"]].reset_index()

    def home(self, item: str) -> str:
        """Return the construct of an item."""
        return next(name for name, c in self.constructs.items() if item in c["items"])


def world(root: Path) -> World:
    """Return the bundled study."""
    folder = root / "data" / "walesi"
    read = {
        name: pd.read_csv(folder / f"{name}.csv", dtype={"employee_id": str, "rater_id": str})
        for name in ("employees", "survey", "appraisals", "training")
    }
    return World(
        **read, constructs=tomllib.loads((folder / "codebook.toml").read_text("utf-8"))["constructs"]
    )


def worded(answers: pd.DataFrame, words: tuple[str, ...]) -> pd.DataFrame:
    """Return answers in words."""
    return answers.apply(lambda column: column.map(lambda x: words[int(x) - 1] if pd.notna(x) else None))


def _times(n: int) -> pd.DatetimeIndex:
    return pd.date_range("2024-11-12 08:03:11", periods=n, freq="37min")


def kobo(world: World, *, labels: bool = False, words: tuple[str, ...] = SHORT) -> pd.DataFrame:
    """KoboToolbox, groups in headers, select_multiple both as one column and as one a choice."""
    n, people = len(world.survey), world.people
    data: dict[str, object] = {}
    times = _times(n)
    data["start"] = times.strftime("%Y-%m-%dT%H:%M:%S.000+09:00")
    data["end"] = (times + pd.Timedelta("9min")).strftime("%Y-%m-%dT%H:%M:%S.000+09:00")
    head = "Identitas" if labels else "identitas"
    names = (
        ("NIP Anda", "Unit kerja", "Status kepegawaian", "Jenis kelamin")
        if labels
        else ("nip", "unit_kerja", "status", "jk")
    )
    values = (
        people["employee_id"],
        people["unit"],
        people["status"].map(STATUS),
        people["gender"].map(GENDER),
    )
    data |= {f"{head}/{name}": list(column) for name, column in zip(names, values, strict=True)}
    answers = worded(world.answers, words)
    for item, text in world.items.items():
        construct = world.home(item)
        group = world.constructs[construct]["label"]["id"] if labels else construct
        data[f"{group}/{text['id'] if labels else item}"] = list(answers[item])
    choices = ("internet", "anggaran", "jarak")
    chosen = [[c for j, c in enumerate(choices) if (i + j) % 3] for i in range(n)]
    data["penutup/kendala"] = [" ".join(c) for c in chosen]
    data |= {f"penutup/kendala/{c}": [int(c in x) for x in chosen] for c in choices}
    data["penutup/saran"] = ["lebih banyak pelatihan" if i % 7 == 0 else None for i in range(n)]
    data["_id"] = range(410_000, 410_000 + n)
    data["_uuid"] = [f"{i:08x}-0000-4000-8000-00000000aaaa" for i in range(n)]
    data["_submission_time"] = (times + pd.Timedelta("10min")).strftime("%Y-%m-%dT%H:%M:%S")
    data |= {c: [None] * n for c in ("_validation_status", "_notes")}
    data |= {"_status": ["submitted_via_web"] * n, "_submitted_by": [None] * n, "__version__": ["vA1"] * n}
    data |= {"_tags": [None] * n, "_index": range(1, n + 1)}
    return pd.DataFrame(data)


def kobo_xlsx(world: World, path: Path, *, labels: bool = False, words: tuple[str, ...] = SHORT) -> Path:
    """A workbook of KoboToolbox with a sheet of repeats."""
    repeats = pd.DataFrame(
        {
            "pelatihan/nama": ["Dasar komputer", "Arsip"],
            "_index": [1, 2],
            "_parent_table_name": ["survei", "survei"],
            "_parent_index": [1, 1],
            "_submission__id": [410_000, 410_000],
        }
    )
    with pd.ExcelWriter(path) as book:
        kobo(world, labels=labels, words=words).to_excel(book, sheet_name="survei", index=False)
        repeats.to_excel(book, sheet_name="pelatihan", index=False)
    return path


def kobo_csv(world: World, path: Path) -> Path:
    """KoboToolbox's CSV: semicolons, all in quotation marks."""
    kobo(world, words=("1", "2", "3", "4", "5")).to_csv(path, sep=";", index=False, quoting=1)
    return path


def odk_csv(world: World, path: Path) -> Path:
    """ODK Central's CSV: groups joined by hyphens, KEY last but for the submitter."""
    n, people = len(world.survey), world.people
    data: dict[str, object] = {"SubmissionDate": _times(n).strftime("%Y-%m-%dT%H:%M:%S.123Z")}
    data |= {"identitas-nip": people["employee_id"], "identitas-unit": people["unit"]}
    answers = world.answers
    data |= {f"{world.home(item)}-{item}": answers[item] for item in world.items}
    data["meta-instanceID"] = [f"uuid:{i:08x}" for i in range(n)]
    data["KEY"] = data["meta-instanceID"]
    data |= {"SubmitterID": ["12"] * n, "SubmitterName": ["enumerator"] * n, "AttachmentsPresent": [0] * n}
    data |= {
        "AttachmentsExpected": [0] * n,
        "Status": [None] * n,
        "ReviewState": [None] * n,
        "DeviceID": ["d1"] * n,
    }
    data |= {"Edits": [0] * n, "FormVersion": ["1"] * n}
    pd.DataFrame(data).to_csv(path, index=False)
    return path


def google(world: World, *, mixed: bool = False, both: bool = False) -> pd.DataFrame:
    """Google Forms: a time as typed by the sheet's locale, question texts as headers, words as answers."""
    n, people = len(world.survey), world.people
    data: dict[str, object] = {"Stempel waktu": _times(n).strftime("%d/%m/%Y %H:%M:%S")}
    data["Alamat email"] = [f"pegawai{i}@contoh.id" for i in range(n)]
    data["Nama lengkap"] = [f"Pegawai {i}" for i in range(n)]
    data["NIP"] = list(people["employee_id"])
    data["Unit kerja Anda"] = list(people["unit"])
    data["Jenis kelamin"] = list(people["gender"].map(GENDER))
    answers = world.answers
    rng = np.random.default_rng(5)
    for item, text in world.items.items():
        pick = (lambda x: MIXED[int(x) - 1][rng.integers(4)]) if mixed else (lambda x: AGREE[int(x) - 1])
        question = f"{text['id']} / {text['en']}" if both else text["id"]
        data[question] = [pick(x) if pd.notna(x) else None for x in answers[item]]
    data["Saran Anda"] = [None] * n
    return pd.DataFrame(data)


def google_grid(world: World) -> pd.DataFrame:
    """Google Forms with a grid a construct: ``question [row]``."""
    plain = google(world)
    names = {
        t["id"]: f"{world.constructs[world.home(i)]['label']['id']} [{t['id']}]"
        for i, t in world.items.items()
    }
    return plain.rename(columns=names)


def lime_csv(world: World, path: Path, *, headings: str = "code", answers: str = "code") -> Path:
    """LimeSurvey's CSV: codes, or codes and texts, as headings; answer codes or full answers."""
    n, people = len(world.survey), world.people
    data: dict[str, object] = {"id": range(1, n + 1), "submitdate": _times(n).strftime("%Y-%m-%d %H:%M:%S")}
    data |= {"lastpage": [6] * n, "startlanguage": ["id"] * n, "seed": range(77_000, 77_000 + n)}
    data |= {"NIP": people["employee_id"], "UNIT": people["unit"]}
    words = [f"A{i}" for i in range(1, 6)] if answers == "code" else list(AGREE)
    shown = worded(world.answers, tuple(words))
    for g, construct in enumerate(world.constructs.values(), start=1):
        for q, (item, text) in enumerate(construct["items"].items(), start=1):
            code = f"G{g}Q1[SQ{q:03d}]"
            full = f"{code}. {construct['label']['id']} [{text['id']}]"
            data[code if headings == "code" else full] = shown[item]
    for c in (1, 2):
        data[f"G90Q1[SQ{c:03d}]"] = ["Y" if (i + c) % 2 else "N" for i in range(n)]
    pd.DataFrame(data).to_csv(path, index=False)
    return path


def statistics(world: World, path: Path) -> Path:
    """SPSS or Stata: variable labels, value labels, 9 for no answer."""
    import pyreadstat

    people = world.people
    frame = pd.DataFrame({"NIP": people["employee_id"], "UNIT": people["unit"]})
    frame["JK"] = people["gender"].map({"m": 1, "f": 2}).astype(float)
    answers = world.answers.astype(float).fillna(9)
    frame = pd.concat([frame, answers.rename(columns=str.upper)], axis=1)
    scale = {i + 1: word for i, word in enumerate(AGREE)} | {9: "Tidak menjawab"}
    values = {item.upper(): scale for item in world.items} | {"JK": {1: "Laki-laki", 2: "Perempuan"}}
    longest = 250 if path.suffix == ".sav" else 80  # what Stata holds
    labels = {item.upper(): text["id"][:longest] for item, text in world.items.items()} | {
        "UNIT": "Unit kerja"
    }
    write = pyreadstat.write_sav if path.suffix == ".sav" else pyreadstat.write_dta
    how = {} if path.suffix == ".sav" else {"version": 15}
    write(frame, str(path), column_labels=labels, variable_value_labels=values, **how)
    return path


def siasn_periodic(world: World, path: Path) -> Path:
    """SIASN's ``kinerjaPeriodik``: codes of BKN, months, the rater's NIP; some raters wrong or missing."""
    given = world.appraisals
    quarter = given["period"].str[-1].astype(int)
    frame = pd.DataFrame(
        {
            "id": [f"a{i:05d}" for i in range(len(given))],
            "pnsDinilaiId": given["employee_id"],
            "tahun": given["period"].str[:4],
            "bulanMulaiPenilaian": 3 * quarter - 2,
            "bulanSelesaiPenilaian": 3 * quarter,
            "hasilKinerjaNilai": 4 - given["work_result"],
            "perilakuKerjaNilai": 4 - given["behaviour"],
            "kuadranKinerjaNilai": given["predicate"].map(
                {"sangat_baik": 1, "baik": 2, "butuh_perbaikan": 3, "kurang": 4, "sangat_kurang": 5}
            ),
            "penilaiNipNrp": given["rater_id"],
            "penilaiNama": [f"Atasan {i % 15}" for i in range(len(given))],
            "penilaiUnorNama": "Distrik",
            "statusPenilai": "ASN",
        }
    )
    frame.loc[[3, 40, 41], "penilaiNipNrp"] = None
    frame.loc[[10, 11], "penilaiNipNrp"] = frame.loc[[10, 11], "pnsDinilaiId"]
    frame.loc[20, "statusPenilai"] = "NON ASN"
    frame.to_excel(path, index=False)
    return path


def siasn_employees(world: World, path: Path) -> Path:
    """A list of employees as offices keep it: a title over merged cells, column numbers below headings."""
    import openpyxl

    given = world.employees
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["DAFTAR PEGAWAI DISTRIK WALESI"])
    sheet.merge_cells("A1:H1")
    sheet.append([])
    heads = (
        "No",
        "NIP",
        "Nama",
        "Unit Kerja",
        "Gol/Ruang",
        "Jenis Jabatan",
        "Pendidikan Terakhir",
        "TMT CPNS",
    )
    sheet.append(heads)
    sheet.append([f"({i})" for i in range(1, 9)])
    ranks = {"managerial": "Jabatan Struktural", "functional": "Jabatan Fungsional", "executor": "Pelaksana"}
    schools = {
        "sma": "SLTA/SMA Sederajat",
        "d3": "Diploma III",
        "d4_s1": "S-1/Sarjana",
        "s2": "S-2",
        "s3": "S-3",
    }
    for i, row in enumerate(given.itertuples(), start=1):
        grade = f"Penata ({row.grade})" if isinstance(row.grade, str) and "/" in row.grade else row.grade
        started = f"01-03-{int(row.start_year)}" if pd.notna(row.start_year) else None
        sheet.append(
            (i, row.employee_id, f"Pegawai {i}", row.unit, grade if isinstance(grade, str) else None,
             ranks.get(row.position), schools.get(row.education), started)
        )  # fmt: skip
    book.save(path)
    return path


def siasn_courses(world: World, path: Path) -> Path:
    """SIASN's ``kursus`` as a workbook."""
    given = world.training
    kinds = {
        "leadership": "Diklat Kepemimpinan",
        "technical": "Diklat Teknis",
        "functional": "Diklat Fungsional",
    }
    frame = pd.DataFrame(
        {
            "NIP": given["employee_id"],
            "namaKursus": given["programme"],
            "jenisKursusSertipikat": given["kind"].map(kinds).fillna("Diklat Sosial Kultural"),
            "jumlahJam": given["hours"].map(lambda h: f"{h:g} JP"),
            "tanggalSelesaiKursus": pd.to_datetime(given["completed_on"]).dt.strftime("%d-%m-%Y"),
            "nomorSertipikat": [f"S/{i}" for i in range(len(given))],
        }
    )
    frame.to_excel(path, index=False)
    return path


def csv(frame: pd.DataFrame, path: Path) -> Path:
    """Write a frame as CSV."""
    frame.to_csv(path, index=False)
    return path


def xlsx(frame: pd.DataFrame, path: Path) -> Path:
    """Write a frame as a workbook."""
    frame.to_excel(path, index=False)
    return path


KINDS: dict[str, Callable[[World, Path], Path]] = {
    "kobo": lambda w, d: kobo_xlsx(w, d / "a.xlsx"),
    "kobo_labels": lambda w, d: kobo_xlsx(w, d / "a.xlsx", labels=True, words=AGREE),
    "kobo_csv": lambda w, d: kobo_csv(w, d / "a.csv"),
    "odk": lambda w, d: odk_csv(w, d / "a.csv"),
    "google": lambda w, d: csv(google(w), d / "a.csv"),
    "google_mixed": lambda w, d: csv(google(w, mixed=True), d / "a.csv"),
    "google_both": lambda w, d: csv(google(w, both=True), d / "a.csv"),
    "google_grid": lambda w, d: xlsx(google_grid(w), d / "a.xlsx"),
    "lime_codes": lambda w, d: lime_csv(w, d / "a.csv"),
    "lime_full": lambda w, d: lime_csv(w, d / "a.csv", headings="full", answers="full"),
    "sav": lambda w, d: statistics(w, d / "a.sav"),
    "dta": lambda w, d: statistics(w, d / "a.dta"),
}
"""Exports of surveys, written into a folder."""
