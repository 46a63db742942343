"""``walesi init``: broken input gets words, nothing is overwritten, nothing is guessed silently."""

import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from tests.errands import exports
from walesi_research import open_study
from walesi_research.errands.init import init
from walesi_research.language import LANGUAGES
from walesi_research.problems import UserError
from walesi_research.study import check_study

AGREE = ("Sangat tidak setuju", "Tidak setuju", "Netral", "Setuju", "Sangat setuju")


def answers(n=60, k=6, top=5, seed=0):
    rng = np.random.default_rng(seed)
    f = rng.normal(size=(n, 1))
    return np.clip(np.round((top + 1) / 2 + f + 0.7 * rng.normal(size=(n, k))), 1, top).astype(int)


def survey(path, n=60, **columns):
    frame = pd.DataFrame(answers(n), columns=[f"mot{i}" for i in range(1, 7)])
    for i, (name, values) in enumerate(columns.items()):
        frame.insert(i, name, values)
    frame.to_csv(path, index=False)
    return path


def marks(made, kind="check"):
    return {mark.why.key.removeprefix("init."): mark for mark in made.marks if mark.kind == kind}


def refused(*files, **how):
    with pytest.raises(UserError) as error:
        init(Path(files[0]).parent / "study", files, **how)
    return [problem.what.key for problem in error.value.problems]


def test_every_broken_file_is_told_at_once_and_nothing_is_written(tmp_path):
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "head.csv").write_text("NIP,Unit,q1\n")
    (tmp_path / "locked.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + b"0" * 600)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    files = [tmp_path / name for name in ("empty.csv", "head.csv", "locked.xlsx", "a.pdf", "gone.csv")]
    assert refused(*files) == [
        "check.file_empty", "init.no_rows", "check.looks_protected", "check.ending_unknown", "init.no_file",
    ]  # fmt: skip
    assert not (tmp_path / "study").exists()


def test_a_table_of_figures_is_no_survey(shared, tmp_path):
    gsps = shared / "studies" / "gsps_indonesia_2012.csv"
    with pytest.raises(UserError) as error:
        init(tmp_path / "study", [gsps])
    for language in LANGUAGES:
        assert "country_code" in error.value.problems[0].what.in_(language)


def test_a_study_is_not_overwritten_without_force(tmp_path):
    file = survey(tmp_path / "a.csv", kode_responden=[f"P{i}" for i in range(60)])
    init(tmp_path / "study", [file])
    (tmp_path / "study" / "study.toml").write_text("# mine")
    assert refused(file) == ["init.exists"]
    assert (tmp_path / "study" / "study.toml").read_text() == "# mine"
    init(tmp_path / "study", [file], force=True)
    assert check_study(tmp_path / "study").ok


def test_another_file_of_the_same_name_is_not_overwritten(tmp_path):
    file = survey(tmp_path / "a.csv", kode_responden=[f"P{i}" for i in range(60)])
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "a.csv").write_text("mine")
    init(tmp_path / "study", [file])
    assert (tmp_path / "study" / "a.csv").read_text() == "mine" and check_study(tmp_path / "study").ok


def test_without_numbers_of_people_and_without_units(tmp_path):
    made = init(tmp_path / "study", [survey(tmp_path / "a.csv")], language="en")
    assert {"id_of_row", "unit_unknown", "survey_undated"} <= set(marks(made))
    study = open_study(tmp_path / "study")
    assert len(study.employees) == 60 and list(study.employees["unit"].unique()) == ["All"]


def test_people_who_answered_twice_are_told(tmp_path):
    ids = [f"P{i}" for i in range(58)] + ["P0", "P1"]
    made = init(tmp_path / "study", [survey(tmp_path / "a.csv", kode_responden=ids)])
    assert marks(made)["id_repeats"].why.values["n"] == 2
    assert len(made.draft.tables["employees"].current) == 58
    assert "check.duplicate" in {p.what.key for p in check_study(tmp_path / "study").errors}


def test_headings_over_merged_cells_become_groups(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Hasil survei"])
    sheet.append(["NIP", "Unit", "Motivasi", None, None, "Komitmen", None, None])
    sheet.append([None, None, *(f"{w} saya {i}" for w in ("Semangat", "Bangga") for i in range(3))])
    for area in ("A1:H1", "A2:A3", "B2:B3", "C2:E2", "F2:H2"):
        sheet.merge_cells(area)
    for i, row in enumerate(answers()):
        sheet.append([f"K{i}", "AB"[i % 2], *map(int, row)])
    book.save(tmp_path / "a.xlsx")
    made = init(tmp_path / "study", [tmp_path / "a.xlsx"])
    assert [(g.name, g.role, len(g.items)) for g in made.draft.groups] == [
        ("motivasi", "motivation", 3), ("komitmen", "commitment", 3),
    ]  # fmt: skip
    assert open_study(tmp_path / "study").survey["motivasi_1"].sum() == answers()[:, 0].sum()


def test_a_second_heading_of_words_is_read_as_the_questions(tmp_path):
    file = survey(tmp_path / "a.csv", kode_responden=[f"P{i}" for i in range(60)])
    lines = file.read_text().splitlines()
    words = ",".join(["Kode", *(f"Saya bersemangat bekerja {i}" for i in range(6))])
    file.write_text("\n".join([lines[0], words, *lines[1:]]))
    made = init(tmp_path / "study", [file])
    assert made.draft.groups[0].items[0].words == "Saya bersemangat bekerja 0"
    assert len(open_study(tmp_path / "study").survey) == 60


def test_numbers_that_run_from_agree_to_disagree_are_turned_and_told(tmp_path):
    given = answers()
    words = {i + 1: f"{i + 1} - {word}" for i, word in enumerate(reversed(AGREE))}
    frame = pd.DataFrame(given, columns=[f"mot{i}" for i in range(6)]).map(words.get)
    frame.insert(0, "kode_responden", [f"P{i}" for i in range(60)])
    frame.to_csv(tmp_path / "a.csv", sep=";", index=False)
    made = init(tmp_path / "study", [tmp_path / "a.csv"])
    assert "scale_turned" in marks(made)
    assert open_study(tmp_path / "study").survey["mot0"].sum() == (6 - given[:, 0]).sum()


def test_two_scales_are_mapped_item_by_item(tmp_path):
    """Four points of agreement and five of frequency: one map for all items could not hold both."""
    x, y = answers(k=3, top=4), answers(k=3)
    frame = pd.DataFrame({"kode_responden": [f"P{i}" for i in range(60)], "OPD": ["A", "B"] * 30})
    for i in range(3):
        frame[f"X1.{i}"] = [("STS", "TS", "S", "SS")[v - 1] for v in x[:, i]]
    for i in range(3):
        frame[f"X2.{i}"] = [
            ("Tidak pernah", "Jarang", "Kadang-kadang", "Sering", "Selalu")[v - 1] for v in y[:, i]
        ]
    frame.to_csv(tmp_path / "a.csv", index=False, encoding="cp1252")
    made = init(tmp_path / "study", [tmp_path / "a.csv"])
    assert [g.scaled.scale for g in made.draft.groups] == [(1, 4), (1, 5)]
    read = open_study(tmp_path / "study").survey
    assert read["X1.0"].sum() == x[:, 0].sum() and read["X2.0"].sum() == y[:, 0].sum()


def test_headings_with_every_sign_survive(tmp_path):
    heads = [f'Saya "puas"\ndengan = [budaya] \\ kerja # {i}' for i in range(4)]
    frame = pd.DataFrame(answers(k=4), columns=heads).map(lambda v: AGREE[v - 1])
    frame.insert(0, "kode_responden", [f"P{i}" for i in range(60)])
    for name, write in (("a.csv", frame.to_csv), ("a.xlsx", frame.to_excel)):
        write(tmp_path / name, index=False)
        init(tmp_path / f"study_{name}", [tmp_path / name])
        study = open_study(tmp_path / f"study_{name}")
        assert (
            len(study.codebook.items) == 4
            and study.survey[study.codebook.items[0]].sum() == answers(k=4)[:, 0].sum()
        )


def test_a_list_of_questions_gives_the_words(shared, tmp_path):
    """FEVS 2018, a real survey: texts from its own list; answers and weights as in the file."""
    real = shared / "studies"
    head = pd.read_csv(real / "fevs2018_prdf_sample.csv.gz", nrows=3000, dtype={"RANDOM": str})
    head.to_csv(tmp_path / "fevs.csv", index=False)
    made = init(tmp_path / "study", [tmp_path / "fevs.csv", real / "fevs2018_items.csv"])
    study = open_study(tmp_path / "study")
    assert {*study.codebook.items} == {f"Q{i}" for i in range(1, 72)}
    assert made.draft.tables["employees"].columns == {
        "employee_id": "RANDOM", "unit": "LEVEL1", "gender": "DSEX",
    }  # fmt: skip
    assert study.survey["Q37"].sum() == head["Q37"].sum()
    assert study.survey["weight"].sum() == pytest.approx(head["POSTWT"].sum(), rel=1e-12)
    roles = {item.name: group.role for group in made.draft.groups for item in group.items}
    assert roles["Q37"] != "favouritism"  # 'favoritism … not tolerated': high means merit


def test_the_form_beside_the_answers_gives_both_languages(root, tmp_path):
    """An XLSForm's names are the last parts of KoboToolbox's columns; its choices are no table."""
    world = exports.world(root)
    kobo = exports.kobo_xlsx(world, tmp_path / "a.xlsx", words=("1", "2", "3", "4", "5"))
    names, words = list(world.items), list(world.items.values())
    form = pd.DataFrame({"type": "select_one agree", "name": names})
    for code, language in (("id", "Indonesia (id)"), ("en", "English (en)")):
        form[f"label::{language}"] = [w[code] for w in words]
    with pd.ExcelWriter(tmp_path / "form.xlsx") as book:
        form.to_excel(book, sheet_name="survey", index=False)
        pd.DataFrame({"list_name": ["agree"] * 5, "name": range(1, 6), "label": AGREE}).to_excel(
            book, sheet_name="choices", index=False
        )
    made = init(tmp_path / "study", [kobo, tmp_path / "form.xlsx"])
    read = tomllib.loads((tmp_path / "study" / "codebook.toml").read_text("utf-8"))["constructs"]
    assert {i: w for c in read.values() for i, w in c["items"].items()} == world.items
    assert not {"one_language", "sheet_unused"} & set(marks(made))


def command(*arguments):
    run = [sys.executable, "-m", "walesi_research", *map(str, arguments)]
    return subprocess.run(run, capture_output=True, text=True, check=False)


def test_the_verb_lists_each_guess_by_its_number_and_passes_the_check(tmp_path):
    ids = [f"P{i}" for i in range(60)]
    file = survey(tmp_path / "a.csv", kode_responden=ids, OPD=["A", "B", "C"] * 20, Nama=["Budi"] * 60)
    made = command("init", tmp_path / "study", "--from", file, "--language", "id")
    assert made.returncode == 0, made.stderr
    assert made.stdout.strip().endswith("study.toml")
    assert "Harus diperiksa" in made.stderr and "Ditebak" in made.stderr and "lulus" in made.stderr
    assert "OPD" in made.stderr and "Budi" not in made.stderr and "P17" not in made.stderr
    text = (tmp_path / "study" / "study.toml").read_text("utf-8")
    assert "# TEBAKAN" in text and tomllib.loads(text)["tables"]["survey"] == "a.csv"
    assert command("check", tmp_path / "study").returncode == 0
    again = command("init", tmp_path / "study", file)
    assert again.returncode == 1 and "--force" in again.stderr
    assert command("init", tmp_path / "other").returncode == 1


def test_the_user_may_say_which_table_a_file_is(tmp_path):
    file = survey(tmp_path / "a.csv", kode_responden=[f"P{i}" for i in range(60)])
    assert command("init", tmp_path / "study", "--from", f"survey={file}").returncode == 0
    wrong = command("init", tmp_path / "other", "--from", f"surveys={file}", "--language", "en")
    assert wrong.returncode == 1 and "survey" in wrong.stderr
