"""The verb ``walesi instrument``: a questionnaire that pyxform takes, whose answers read back as they are."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from pyxform.xls2xform import convert

from tests.errands import exports
from tests.errands.exports.collection import as_csv, as_xlsx, collected, questions
from walesi_research import cli, open_study
from walesi_research.errands import speech
from walesi_research.errands.init import init
from walesi_research.errands.instrument import XLSFORM, Consent, form_of, read_source
from walesi_research.language import say
from walesi_research.problems import UserError
from walesi_research.study.calendar import Calendar
from walesi_research.study.columns import TABLES
from walesi_research.study.header import find_header
from walesi_research.study.report import tell
from walesi_research.study.tables import Reading, wanted_names

BASIS = """
[study]
id = "baru"
title = { id = "Studi baru", en = "A new study" }
seed = 1
period = "quarter"
survey_date = 2026-11-01
[tables]
employees = "jawaban.xlsx"
survey = "jawaban.xlsx"
"""


@pytest.fixture(autouse=True)
def undisturbed(monkeypatch, tmp_path):
    monkeypatch.setattr(speech, "_chosen", [])
    monkeypatch.setattr("walesi_research.cli.ending.stop_in_order", lambda: None)
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        cli.main([*map(str, arguments)])
    return ended.value.code


def written(folder: Path, out: Path, consent: Consent | None = None, **options) -> Path:
    """Write the questionnaire of a study."""
    out.write_bytes(XLSFORM.bytes_of(form_of(read_source(folder), consent or Consent(), **options)))
    return out


def new_study(folder: Path, codebook: str, settings: str = BASIS) -> Path:
    folder.mkdir()
    (folder / "study.toml").write_text(settings, encoding="utf-8")
    (folder / "codebook.toml").write_text(codebook, encoding="utf-8")
    return folder


def construct(items: str, scale: str = "[1, 5]", name: str = "a") -> str:
    return (
        f'[constructs.{name}]\nrole = "other"\nscale = {scale}\nlabel = {{ id = "x", en = "y" }}\n'
        f"[constructs.{name}.items]\n{items}\n"
    )


@pytest.fixture(scope="module")
def walesi_form(root, tmp_path_factory):
    return written(root / "data" / "walesi", tmp_path_factory.mktemp("form") / "form.xlsx")


@pytest.mark.parametrize("study", ["walesi", "fevs2018"])
def test_pyxform_takes_it_without_a_warning(root, study, tmp_path):
    form = convert(written(root / "data" / study, tmp_path / "form.xlsx"), validate=False)
    assert form.warnings == []
    items = read_source(root / "data" / study).codebook.items
    names = [name.rpartition("/")[2] for name in questions(form._pyxform)]
    assert [name for name in names if name in items] == list(items)


def test_consent_comes_first_and_names_what_the_law_asks_for(walesi_form):
    asked = questions(convert(walesi_form, validate=False)._pyxform)
    first, second = list(asked.values())[:2]
    for language, words in [
        (
            "Bahasa Indonesia (id)",
            ["Undang-Undang Nomor 27 Tahun 2022", "Tujuan", "sukarela", "5 orang", "[ISI"],
        ),
        ("English (en)", ["Law 27 of 2022", "Purpose", "voluntary", "5 people", "[FILL IN"]),
    ]:
        assert all(word in first["label"][language] for word in words), words
    assert first["type"] == "note" and second["name"] == "consent"
    assert second["bind"]["required"] == "yes"


def test_consent_tells_what_the_number_is_used_for(walesi_form, tmp_path):
    """A study without records of appraisal or training must not say that it connects answers with them."""
    alone = written(new_study(tmp_path / "s", construct('q1 = { id = "a", en = "b" }')), tmp_path / "f.xlsx")
    for form, key in ((walesi_form, "use_linked"), (alone, "use_once")):
        asked = questions(convert(form, validate=False)._pyxform)["consent_page/consent_text"]["label"]
        assert say("en", f"instrument.{key}") in asked["English (en)"]


@pytest.mark.parametrize(
    ("tables", "use"),
    [
        ("", "once"),
        ('employees = "pegawai.csv"', "listed"),
        ('employees = "pegawai.csv"\nappraisals = "nilai.csv"', "linked"),
    ],
)
def test_consent_tells_with_what_answers_are_connected(tables, use, tmp_path):
    """A number that finds its row in a list of employees does more than count once."""
    settings = BASIS.replace('employees = "jawaban.xlsx"', tables)
    study = new_study(tmp_path / "s", construct('q1 = { id = "a", en = "b" }'), settings)
    form = convert(written(study, tmp_path / "f.xlsx"), validate=False)
    text = questions(form._pyxform)["consent_page/consent_text"]["label"]["English (en)"]
    assert ("list of employees" in text) == (use != "once") and ("records of appraisal" in text) == (
        use == "linked"
    )
    assert say("en", f"instrument.use_{use}") in text


def test_consent_tells_of_free_words_and_where_the_number_stays(walesi_form, root, tmp_path):
    asked = written(root / "data" / "walesi", tmp_path / "f.xlsx", comment=True)
    for form, told in ((walesi_form, False), (asked, True)):
        every = questions(convert(form, validate=False)._pyxform)
        text = every["consent_page/consent_text"]["label"]["English (en)"]
        assert ("your own words" in text) == told and "server" in text
        hint = every["answers/about_you/employee_id"]["hint"]["Bahasa Indonesia (id)"]
        assert "begitu data dibuka" not in hint


@pytest.mark.parametrize("name", ["about_you", "closing", "consent", "answers", "date", "wave", "unit"])
def test_a_construct_may_have_the_name_of_our_own_questions(name, tmp_path):
    items = 'q1 = { id = "a.", en = "b." }'
    study = new_study(tmp_path / "s", construct(items, name=name))
    form = convert(written(study, tmp_path / "f.xlsx", comment=True), validate=False)
    assert form.warnings == []
    names = [path.rpartition("/")[2] for path in questions(form._pyxform)]
    assert {"date", "wave", "employee_id", "q1", "comment"} <= set(names) and len(names) == len(set(names))


def test_without_consent_nothing_else_is_asked(walesi_form):
    rows = list(openpyxl.load_workbook(walesi_form)["survey"].iter_rows(values_only=True))
    at = {name: i for i, name in enumerate(rows[0])}
    by_name = {row[at["name"]]: row for row in rows[1:]}
    assert by_name["answers"][at["relevant"]] == "${consent} = 'yes'"
    assert by_name["refused"][at["relevant"]] == "${consent} = 'no'"
    paths = questions(convert(walesi_form, validate=False)._pyxform)
    assert {p for p in paths if not p.startswith("answers/")} == {
        "consent_page/consent_text", "consent_page/consent", "refused",
    }  # fmt: skip


def test_what_was_given_stands_in_the_text_and_nothing_is_left_to_fill_in(root, tmp_path):
    consent = Consent(controller="Pemkab Contoh ${x}", contact="0800", keep="31 Desember 2027")
    form = convert(written(root / "data" / "walesi", tmp_path / "f.xlsx", consent), validate=False)
    text = questions(form._pyxform)["consent_page/consent_text"]["label"]["Bahasa Indonesia (id)"]
    assert "Pemkab Contoh $ {x}" in text and "31 Desember 2027" in text and "[ISI" not in text


def test_respondents_are_not_told_what_is_being_looked_for(walesi_form):
    """The name of a construct above its items would colour the answers."""
    labels = "\n".join(
        str(cell) for row in openpyxl.load_workbook(walesi_form)["survey"].values for cell in row[2:] if cell
    )
    assert "Pilih kasih" not in labels and "Favouritism" not in labels and "Bagian 7 dari 10" in labels


def test_statements_are_agreed_with_and_questions_have_numbers(root, tmp_path):
    sheet = openpyxl.load_workbook(written(root / "data" / "fevs2018", tmp_path / "f.xlsx"))
    choices = [row[:3] for row in sheet["choices"].values]
    assert ("agree_1_5", "5", "Strongly agree") in choices  # the study's own language first
    assert ("points_1_5", "5", "5 (highest)") in choices and ("points_1_5", "3", "3") in choices
    kind = {row[1]: row[0] for row in sheet["survey"].values}
    assert kind["Q20"] == "select_one agree_1_5" and kind["Q65"] == "select_one points_1_5"


def test_units_are_offered_as_the_report_names_them(root, walesi_form):
    units = sorted(set(open_study(root / "data" / "walesi").employees["unit"]))
    choices = [row[1] for row in openpyxl.load_workbook(walesi_form)["choices"].values if row[0] == "unit"]
    assert choices == units


def test_the_same_questionnaire_has_the_same_bytes_and_another_another_version(root):
    source = read_source(root / "data" / "walesi")
    forms = [form_of(source, Consent()), form_of(source, Consent()), form_of(source, Consent(), wave=2)]
    assert XLSFORM.bytes_of(forms[0]) == XLSFORM.bytes_of(forms[1])
    assert forms[0].version == forms[1].version != forms[2].version


@pytest.mark.parametrize("write", [as_xlsx, as_csv])
def test_a_collection_reads_back_without_edits(root, walesi_form, write, tmp_path):
    """Every answer of the bundled study, entered through the form, is the bundled study."""
    folder = root / "data" / "walesi"
    answers = pd.read_csv(folder / "survey.csv", dtype=str, keep_default_na=False)
    answers = answers[answers["wave"] == "1"].drop(columns="comment")
    header, rows = collected(walesi_form, answers, refused=3)
    file = write(header, rows, tmp_path / f"export.{'xlsx' if write is as_xlsx else 'csv'}")
    assert "answers/work_culture/bk1" in header and "bk1" not in header
    study = shutil.copytree(folder, tmp_path / "study")
    answers.to_csv(study / "survey.csv", index=False)
    before, after = open_study(study).survey, open_study(study, {"survey": file}).survey
    pd.testing.assert_frame_equal(
        after.drop(columns="employee_id"), before.drop(columns="employee_id"), check_like=True
    )
    assert after["employee_id"].nunique() == len(answers)


@pytest.mark.parametrize("group", ["/", "-", ""])
def test_one_export_is_a_whole_study(group, tmp_path):
    """Employees and survey from one file, with the groups of KoboToolbox, of ODK Central, and without any."""
    items = "\n".join(f'q{i} = {{ id = "Pernyataan {i}", en = "Statement {i}" }}' for i in range(3))
    study = new_study(tmp_path / "study", construct(items))
    form = written(study, tmp_path / "form.xlsx")
    answers = pd.DataFrame(
        {"employee_id": [f"P{i:03d}" for i in range(40)], "unit": [f"Unit {i % 3}" for i in range(40)]}
        | {"date": "2026-11-24", "wave": "1"}
        | {f"q{k}": [str(1 + (i + k) % 5) for i in range(40)] for k in range(3)}
    )
    header, rows = collected(form, answers, refused=2)
    names = [name.replace("/", group) if group else name.rpartition("/")[2] for name in header]
    as_xlsx(names, rows, study / "jawaban.xlsx")
    opened = open_study(study)
    assert len(opened.employees) == len(opened.survey) == 40
    assert sorted(opened.employees["unit"].cat.categories) == ["Unit 0", "Unit 1", "Unit 2"]
    assert opened.survey[["q0", "q1", "q2"]].notna().all(axis=None)
    assert (opened.survey["date"] == pd.Timestamp("2026-11-24")).all()


def test_groups_are_taken_away_only_where_a_form_made_the_file():
    wanted = frozenset({"score", "q1"})
    form, other = ["_uuid", "g/h/q1", "score", "g/score"], ["pre-score", "post-score"]
    assert find_header([form], wanted).names == ("_uuid", "q1", "score", "g/score")
    assert find_header([other], wanted).names == ("pre-score", "post-score")


def test_two_groups_with_one_name_are_not_guessed_between(root, tmp_path):
    """Of two columns that could be an item none is chosen: it is told."""
    folder = shutil.copytree(root / "data" / "walesi", tmp_path / "study")
    header, *rows = list(csv.reader((folder / "survey.csv").open(encoding="utf-8")))
    names = [f"g/{name}" if name == "bk1" else name for name in header]
    as_csv([*names, "h/bk1", "_uuid"], [[*row, "3", "x"] for row in rows], folder / "survey.csv")
    with pytest.raises(UserError) as refused:
        open_study(folder)
    assert "check.column_twice" in [problem.what.key for problem in refused.value.problems]


def test_fields_are_named_as_the_study_looks_for_them(tmp_path):
    study = new_study(
        tmp_path / "s", construct('q1 = { id = "a", en = "b" }'),
        BASIS + '[columns.survey]\nemployee_id = "NIP"\nq1 = "Butir_1"\n',
    )  # fmt: skip
    form = convert(written(study, tmp_path / "f.xlsx"), validate=False)
    assert {"answers/about_you/NIP", "answers/a/Butir_1"} <= set(questions(form._pyxform))


def test_the_next_wave_of_a_form_that_was_read_with_its_groups(tmp_path):
    """What `walesi init` writes of an export of our form: the next export has the same columns."""
    maps = {"employee_id": "answers/about_you/employee_id", "date": "answers/date", "q1": "answers/a/q1"}
    lines = "".join(f'{name} = "{path}"\n' for name, path in maps.items())
    study = new_study(
        tmp_path / "s", construct('q1 = { id = "a", en = "b" }'), f"{BASIS}[columns.survey]\n{lines}"
    )
    asked = questions(convert(written(study, tmp_path / "f.xlsx", wave=2), validate=False)._pyxform)
    assert set(maps.values()) <= set(asked)


def test_a_study_whose_columns_are_whole_questions_has_a_form_that_reads_back(root, tmp_path):
    """Of Google Forms come headings that no field may have: fields have our names, and are read by them."""
    world = exports.world(root)
    folder = tmp_path / "study"
    init(folder, [exports.csv(exports.google(world), tmp_path / "google.csv")], language="en")
    form = written(folder, tmp_path / "form.xlsx")
    first = open_study(folder)
    items = list(first.codebook.items)
    answers = world.answers.set_axis(items, axis=1).astype("str").replace("<NA>", "")
    answers = answers.assign(NIP=list(world.survey["employee_id"]), date="2026-11-24", wave="1")
    file = as_xlsx(*collected(form, answers, refused=2), tmp_path / "export.xlsx")
    again = open_study(folder, {"survey": file}).survey
    assert (again["date"] == pd.Timestamp("2026-11-24")).all()
    rows = [s[items].sort_values(items, ignore_index=True) for s in (again, first.survey)]
    pd.testing.assert_frame_equal(*rows)  # pseudonyms, and with them the order, are new at each opening


def test_a_name_that_no_field_may_have_is_refused_with_a_guess(tmp_path):
    items = '"Saya bangga, sungguh" = { id = "a", en = "b" }\n"2b" = { id = "a", en = "b" }'
    with pytest.raises(UserError) as refused:
        form_of(read_source(new_study(tmp_path / "s", construct(items))), Consent())
    guesses = {problem.value: problem.guess for problem in refused.value.problems}
    assert guesses == {"Saya bangga, sungguh": "Saya_bangga_sungguh", "2b": "q_2b"}
    many = [replace(refused.value.problems[0], value=f"nama {i}") for i in range(30)]
    last = [line for line in tell(many, "en") if line][-1]
    assert last.endswith("more like it"), "there are no rows to name"


def test_items_may_have_the_names_of_our_own_questions(tmp_path):
    items = "\n".join(f'{name} = {{ id = "a.", en = "b." }}' for name in ("consent", "unit", "answers"))
    study = new_study(tmp_path / "s", construct(items))
    form = convert(written(study, tmp_path / "f.xlsx"), validate=False)
    assert form.warnings == []
    assert {"consent_page/consent_", "answers_/a/consent", "answers_/about_you/unit_"} <= set(
        questions(form._pyxform)
    )


def test_words_in_one_language_stand_in_both_and_are_marked(tmp_path):
    study = new_study(tmp_path / "s", construct('q1 = { id = "Saya bangga." }'))
    source = read_source(study)
    assert source.untranslated == ("q1",)
    label = questions(convert(written(study, tmp_path / "f.xlsx"), validate=False)._pyxform)["answers/a/q1"][
        "label"
    ]
    assert label == {"Bahasa Indonesia (id)": "Saya bangga.", "English (en)": "Saya bangga. [not translated]"}


@pytest.mark.parametrize(
    ("scale", "kind", "appearance"),
    [
        ("[1, 4]", "select one", "likert"),
        ("[-3, 3]", "select one", "likert"),
        ("[0, 10]", "select one", None),
        ("[0, 100]", "integer", None),
    ],
)
def test_every_scale_can_be_answered(scale, kind, appearance, tmp_path):
    study = new_study(tmp_path / "s", construct('q1 = { id = "=a", en = "b" }', scale))
    file = written(study, tmp_path / "f.xlsx")
    cells = [cell for sheet in openpyxl.load_workbook(file) for row in sheet for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}  # '=a' is no formula
    form = convert(file, validate=False)
    asked = questions(form._pyxform)["answers/a/q1"]
    assert form.warnings == [] and asked["type"] == kind
    assert asked.get("control", {}).get("appearance") == appearance
    if kind == "integer":
        assert asked["bind"]["constraint"] == ". >= 0 and . <= 100"


def test_free_words_are_asked_for_only_on_request(root, tmp_path):
    folder = root / "data" / "walesi"
    for asked in (False, True):
        form = convert(written(folder, tmp_path / f"{asked}.xlsx", comment=asked), validate=False)
        assert ("answers/closing/comment" in questions(form._pyxform)) == asked


def test_every_fault_of_the_study_is_told(tmp_path):
    with pytest.raises(UserError):
        read_source(new_study(tmp_path / "s", construct('q1 = { id = "a" }', "[5, 1]")))
    with pytest.raises(UserError) as refused:
        read_source(new_study(tmp_path / "t", ""))
    assert [p.what.key for p in refused.value.problems] == ["instrument.no_items"]


def test_the_verb_writes_tells_and_replaces_only_its_own(root, capsys, tmp_path):
    folder = root / "data" / "walesi"
    assert run("instrument", folder, "--xlsform", "f.xlsx", "--keep", "2027") == 0
    told = capsys.readouterr()
    assert told.out == f"{(tmp_path / 'f.xlsx').resolve()}\n"
    assert say("id", "instrument.part_contact") in told.err and "--keep" not in told.err
    assert run("instrument", folder, "--xlsform", "f.xlsx") == 0
    Path("g.xlsx").write_bytes(b"mine")
    assert run("instrument", folder, "--xlsform", "g.xlsx") == 1
    assert Path("g.xlsx").read_bytes() == b"mine"
    assert run("instrument", folder, "--xlsform", "g.csv") == 1
    assert run("instrument", folder, "--xlsform", folder / "g.xlsx") == 1 and not (folder / "g.xlsx").exists()
    assert run("instrument", "nowhere", "--xlsform", "h.xlsx") == 1 and not Path("h.xlsx").exists()


@pytest.mark.slow
def test_a_collection_becomes_pages(root, walesi_form, tmp_path):
    """From the questionnaire to the page on who answered, with nothing edited."""
    folder = root / "data" / "walesi"
    answers = pd.read_csv(folder / "survey.csv", dtype=str, keep_default_na=False).query("wave == '1'")
    file = as_xlsx(*collected(walesi_form, answers, refused=1), tmp_path / "export.xlsx")
    assert (
        run("run", folder, "--table", f"survey={file}", "--only", "01_data", "--out", tmp_path / "out") == 0
    )
    assert (tmp_path / "out" / "id" / "01_data.html").exists()


def test_groups_that_the_study_names_are_not_taken_for_names_of_ours():
    """Two groups may each have a question of one name, as long as the study says which column is which."""
    table = TABLES["service"]
    maps = {"u1": "a/nilai", "u2": "b/nilai", "unit": "Unit mana?"}
    reading = Reading(table=table, file="x.csv", columns=maps, values={}, calendar=Calendar("quarter"))
    assert {"a/nilai", "b/nilai", "Unit mana?", "unit"} <= wanted_names(reading)
    assert "nilai" not in wanted_names(reading)
