"""``walesi init``: what is denied, unreadable, undecided or personal is neither misread nor lost untold."""

import re
import tomllib

import pandas as pd
import pytest

from tests.errands.test_init_broken import answers, marks, refused, survey
from tests.errands.test_init_parts import mapped
from walesi_research.errands.init import init
from walesi_research.errands.init.dates import undecided, years_of
from walesi_research.errands.init.numbers import number_of
from walesi_research.errands.init.tell import told
from walesi_research.language import say
from walesi_research.study import check_study

TIES = ("none", "family", "clan", "political", "other")
IDS = [f"K{i:03d}" for i in range(60)]


def written(folder, table):
    return pd.read_csv(folder / "study" / "tables" / f"{table}.csv", dtype="str")


def courses(path, **columns):
    base = {"employee_id": IDS, "programme": "Bimtek", "hours": "20", "completed_on": "2023-12-31"}
    pd.DataFrame(base | columns).to_csv(path, index=False)
    return path


def staff(path, **columns):
    pd.DataFrame({"kode_responden": IDS, "Unit Kerja": ["A", "B"] * 30} | columns).to_csv(path, index=False)
    return path


# values


@pytest.mark.parametrize(
    ("text", "tie"),
    [
        ("Tidak ada hubungan keluarga", "none"),
        ("tidak memiliki hubungan", "none"),
        ("Bukan keluarga", "none"),
        ("Hubungan keluarga: tidak ada", "none"),
        ("No family ties", "none"),
        ("Ada hubungan keluarga", "family"),
        ("Keluarga, bukan politik", "family"),
        ("Bukan keluarga, teman", None),
        ("Tidak jelas, mungkin keluarga", None),
        ("Belum diketahui keluarga", None),
    ],
)
def test_a_tie_that_is_denied_is_none_and_one_that_is_unclear_is_unknown(text, tie):
    known, unknown = mapped("tie", text, table="appraisals", choices=TIES)
    assert (known.get(text), unknown) == (tie, () if tie else (text,))


@pytest.mark.parametrize(
    ("column", "text", "meaning"),
    [
        ("status", "Non PNS", None),
        ("status", "Bukan PNS", None),
        ("status", "Belum PNS", None),
        ("status", "non-civil servant", None),
        ("status", "PPPK (bukan PNS)", "pppk"),
        ("education", "S1 Non Kependidikan", "d4_s1"),
        ("education", "Belum sarjana", None),
        ("position", "Non eselon", None),
        ("position", "Staf non eselon", "executor"),
        ("gender", "nona", None),
        ("work_result", "Tidak memenuhi ekspektasi", "1"),
        ("work_result", "Belum sesuai harapan", "1"),
        ("work_result", "Does not meet expectations", "1"),
        ("work_result", "Tidak melebihi ekspektasi", None),
        ("work_result", "Memenuhi ekspektasi: tidak", None),
        ("work_result", "Memenuhi ekspektasi", "2"),
    ],
)
def test_what_a_word_denies_is_not_its_meaning(column, text, meaning):
    known, unknown = mapped(column, text, choices=("pns", "pppk") if column == "status" else ())
    assert (known.get(text), unknown) == (meaning, () if meaning else (text,))


@pytest.mark.parametrize(
    ("texts", "meanings", "unknown"),
    [
        (("P", "W"), {"P": "m", "W": "f"}, ()),
        (("P", "L"), {"P": "f", "L": "m"}, ()),
        (("P", "Laki-laki"), {"P": "f", "Laki-laki": "m"}, ()),
        (("P",), {}, ("P",)),
        (("P", "Perempuan"), {"Perempuan": "f"}, ("P",)),
        (("L", "P", "W"), {"L": "m", "W": "f"}, ("P",)),
        (("P", "L", "Lainnya"), {"P": "f", "L": "m"}, ("Lainnya",)),
    ],
)
def test_p_is_pria_beside_w_and_perempuan_beside_l(texts, meanings, unknown):
    assert mapped("gender", *texts, choices=("f", "m")) == (meanings, unknown)


def test_values_that_are_not_understood_are_to_be_checked(tmp_path):
    people = staff(tmp_path / "b.csv", **{"Status Kepegawaian": ["PNS", "PPPK", "Non PNS"] * 20})
    made = init(tmp_path / "study", [survey(tmp_path / "a.csv", kode_responden=IDS), people])
    assert marks(made)["values_unknown"].why.values["n"] == 1
    values = tomllib.loads((tmp_path / "study" / "study.toml").read_text("utf-8"))["values"]
    assert values["employees"]["status"]["missing"] == ["Non PNS"]


# years, days, numbers


def test_plain_years_beside_dates_stay(tmp_path):
    raw = pd.Series(["2005", "01/03/2010", "Maret 2011", "lupa"], dtype="category")
    assert years_of(raw).tolist()[:3] == ["2005", "2010", "2011"] and years_of(raw).isna().tolist()[3]
    people = staff(tmp_path / "b.csv", **{"TMT CPNS": ["2005", "01/03/2010", "lupa"] * 20})
    made = init(tmp_path / "study", [survey(tmp_path / "a.csv", kode_responden=IDS), people])
    found = written(tmp_path, "employees")["start_year"]
    assert found.value_counts().to_dict() == {"2005": 20, "2010": 20}
    lost = marks(made)["values_lost"].why.values
    assert (lost["n"], lost["rows"]) == (20, "4, 7, 10, 13, 16, 19, 22, 25, …")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("20 JP", "20"), ("20", "20"), ("3 hari (24 JP)", "24"), ("Baik (85,5)", "85,5"), ("-5 %", "-5"),
        ("2 hari", None), ("90 menit", None), ("2 minggu", None), ("20-30 JP", None), ("10 s.d. 20", None),
        ("1.200,50", None), ("banyak", None),
    ],
)  # fmt: skip
def test_one_number_is_taken_out_of_a_text_and_days_are_no_hours(text, number):
    assert number_of(text) == number


def test_hours_and_days_that_cannot_be_read_are_counted(tmp_path):
    """Rows are those of the file: the heading is row 1. A sign for a missing value is no loss."""
    hours = [f"{i} JP" for i in range(57)] + ["2 hari", "2 hari", "-"]
    days = [f"{i % 28 + 1}/12/2023" for i in range(56)] + ["-", "akhir tahun", "31/02/2023", "sekitar Mei"]
    training = courses(tmp_path / "t.csv", hours=hours, completed_on=days)
    made = init(tmp_path / "study", [survey(tmp_path / "a.csv", kode_responden=IDS), training])
    told = {mark.place.rpartition(".")[2]: mark for mark in made.marks if mark.why.key == "init.values_lost"}
    found = {c: (m.kind, m.why.values["n"], m.why.values["rows"]) for c, m in told.items()}
    assert found == {"hours": ("check", 2, "59, 60"), "completed_on": ("check", 3, "59, 60, 61")}
    assert written(tmp_path, "training")["hours"].dropna().tolist() == [str(i) for i in range(57)]


def test_dates_that_can_be_read_both_ways_are_told(tmp_path):
    assert undecided(["03/04/2024", "05/05/2024"]) == ["03/04/2024"]
    assert undecided(["03/04/2024", "15/04/2024"]) == undecided(["03/04/2024", "04/15/2024"]) == []
    assert undecided(["03/04/2024", "15/04/2024", "04/15/2024"]) == ["03/04/2024"]  # they contradict
    training = courses(tmp_path / "t.csv", completed_on=["03/04/2023", "05/06/2023"] * 30)
    dated = survey(tmp_path / "a.csv", kode_responden=IDS, Tanggal=["03/04/2024", "05/06/2024", "2024"] * 20)
    made = init(tmp_path / "study", [dated, training])
    told = {m.place.rpartition(".")[2].rpartition(" ")[2]: m.why.values["n"] for m in made.marks
            if m.why.key == "init.days_undecided" and m.kind == "check"}  # fmt: skip
    assert told == {"survey_date": 40, "completed_on": 60}
    assert marks(made)["values_lost"].why.values["n"] == 20  # the survey's bare years


def test_the_order_of_days_in_periods_is_that_of_the_column(tmp_path):
    """04/01 to 06/30: June 30 says that the month comes first, so each row is the second quarter."""
    frame = pd.DataFrame({"NIP": IDS, "NIP Penilai": "K000", "Nilai": 80})
    frame["Tanggal Mulai"], frame["Tanggal Selesai"] = "04/01/2024", "06/30/2024"
    frame.to_csv(tmp_path / "n.csv", index=False)
    init(tmp_path / "study", [tmp_path / "n.csv"])
    assert set(written(tmp_path, "appraisals")["period"]) == {"2024-Q2"}


# columns and rows


def test_columns_that_have_the_contracts_names_already_stay(tmp_path):
    training = courses(tmp_path / "t.csv", hours="20 JP", completed_on="31/12/2023")
    people = staff(tmp_path / "b.csv", start_year=["01/03/2010", "2005"] * 30)
    dated = survey(tmp_path / "a.csv", kode_responden=IDS, date=["15/11/2023", "15/11/2024"] * 30)
    init(tmp_path / "study", [dated, people, training])
    assert set(written(tmp_path, "training")["hours"]) == {"20"}
    assert set(written(tmp_path, "training")["completed_on"]) == {"2023-12-31"}
    assert set(written(tmp_path, "employees")["start_year"]) == {"2005", "2010"}
    assert set(written(tmp_path, "survey")["date"]) == {"2023-11-15", "2024-11-15"}


def test_rows_without_an_id_are_told_when_repeats_are_taken_out(tmp_path):
    people = staff(tmp_path / "b.csv", kode_responden=[*IDS[:57], "K001", None, None])
    made = init(tmp_path / "study", [survey(tmp_path / "a.csv", kode_responden=IDS), people])
    told = marks(made)["id_blank_left_out"].why.values
    assert (told["n"], told["rows"]) == (2, "60, 61")
    assert len(written(tmp_path, "employees")) == 57


def test_tables_written_anew_have_no_column_that_is_not_read(tmp_path):
    columns = {"namalengkap": "Yosef", "Pewawancara": "Maria", "nohp": "0812", "Warna": "merah"}
    file = survey(tmp_path / "a.csv", kode_responden=IDS, Tanggal="15/11/2024 08:00",
                  **{name: [text] * 60 for name, text in columns.items()})  # fmt: skip
    pd.read_csv(file).to_excel(tmp_path / "a.xlsx", index=False, startrow=2)
    made = init(tmp_path / "study", [tmp_path / "a.xlsx"])
    assert set(written(tmp_path, "survey")) == {"kode_responden", *(f"mot{i}" for i in range(1, 7))}
    left = made.draft.tables["survey"].left_out | made.draft.tables["employees"].left_out
    assert set(left["personal"]) == {"namalengkap", "Pewawancara", "nohp"} and left["unknown"] == ["Warna"]


# files


def test_tables_are_not_overwritten_without_force(tmp_path):
    file = survey(tmp_path / "a.csv")  # without ids, so that it is written anew
    made = tmp_path / "study" / "tables" / "survey.csv"
    made.parent.mkdir(parents=True)
    made.write_text("mine")
    assert refused(file) == ["init.exists"]
    assert made.read_text() == "mine" and not (tmp_path / "study" / "study.toml").exists()
    init(tmp_path / "study", [file], force=True)
    assert len(pd.read_csv(made)) == 60


def test_the_codebook_of_another_study_does_not_stay(tmp_path):
    init(tmp_path / "study", [survey(tmp_path / "a.csv", kode_responden=IDS)])
    assert (tmp_path / "study" / "codebook.toml").exists()
    frame = pd.DataFrame({"NIP": IDS, "NIP Penilai": "K000", "Tahun": 2024, "Nilai": answers()[:, 0] + 80})
    frame.to_csv(tmp_path / "n.csv", index=False)
    init(tmp_path / "study", [tmp_path / "n.csv"], force=True)
    assert not (tmp_path / "study" / "codebook.toml").exists()


def test_a_folder_given_as_a_file_is_told(tmp_path):
    (tmp_path / "exports").mkdir()
    assert refused(tmp_path / "exports", tmp_path / "gone.csv") == ["init.file_is_folder", "init.no_file"]


@pytest.mark.parametrize("language", ["id", "en"])
def test_help_says_what_force_overwrites_and_a_folder_is_a_folder(language):
    words = say(language, "init.help_force")
    assert all(name in words for name in ("study.toml", "codebook.toml", "tables/*.csv"))
    for key in ("help", "help_folder", "exists", "no_folder", "no_files", "title_of_folder"):
        assert re.search(r"\bmap\b", say(language, f"init.{key}", folder="x", files="y").casefold()) is None


def rated(path, heading, period):
    """Write appraisals with their periods under a heading."""
    frame = pd.DataFrame({"NIP": IDS, heading: period, "NIP Penilai": "K001", "Nilai": 90.5})
    frame.assign(Nama="Orang").to_csv(path, index=False)
    return path


def test_rows_of_totals_are_no_employees_and_files_that_hold_names_are_told(tmp_path):
    people = pd.DataFrame(
        {"NIP": IDS, "Nama": [f"Orang {i}" for i in range(60)], "Unit Kerja": ["A", "B"] * 30}
    )
    people.loc[60] = [None, "Jumlah: 60 orang", None]
    people.to_excel(tmp_path / "staf.xlsx", index=False, startrow=2)
    files = [tmp_path / "staf.xlsx", rated(tmp_path / "nilai.csv", "Semester", "2023-H1")]
    made = init(tmp_path / "study", files, language="en")
    assert len(written(tmp_path, "employees")) == 60
    words = told(made, "study", check_study(tmp_path / "study"), "en")
    assert "still hold people's names" in words and "columns that are not read: nilai.csv." in words


@pytest.mark.parametrize(("heading", "how"), [("Semester", "by_name"), ("Semester yang dinilai", "by_words")])
def test_semesters_are_periods(heading, how, tmp_path):
    files = [staff(tmp_path / "staf.csv", NIP=IDS), rated(tmp_path / "nilai.csv", heading, "2023-H1")]
    made = init(tmp_path / "study", files, language="en")
    assert made.draft.period == "half" and made.draft.tables["appraisals"].columns["period"] == heading
    assert next(m for m in made.marks if m.place.endswith("appraisals.period")).why.key == f"init.{how}"


def test_periods_that_cannot_be_read_are_not_said_to_be_absent(tmp_path):
    files = [staff(tmp_path / "staf.csv", NIP=IDS), rated(tmp_path / "nilai.csv", "Periode", "entah kapan")]
    assert "period_unread" in marks(init(tmp_path / "study", files, language="en"))
