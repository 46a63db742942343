"""Exports of every kind, constructed to documented layouts (see exports/), from file to checked study."""

import tomllib

import numpy as np
import pandas as pd
import pytest

from tests.errands import exports
from walesi_research import open_study
from walesi_research.errands.init import init
from walesi_research.questions.measurement import reliability
from walesi_research.study import check_study


@pytest.fixture(scope="module")
def world(root):
    return exports.world(root)


@pytest.fixture(scope="module", params=exports.KINDS)
def made(request, world, tmp_path_factory):
    """A kind of export, the draft made of it, and the study opened."""
    folder = tmp_path_factory.mktemp(request.param)
    result = init(folder / "study", [exports.KINDS[request.param](world, folder)], language="id")
    return request.param, result, folder / "study"


def test_the_study_passes_its_check_without_an_edit(made):
    assert check_study(made[2]).ok


def test_answers_become_the_numbers_they_were(made, world):
    """Exact: a map of words or codes has no tolerance. Items are compared in the questionnaire's order."""
    _, result, folder = made
    survey = open_study(folder).survey
    items = [item.name for group in result.draft.groups for item in group.items]
    assert len(items) == len(world.items)
    truth = world.answers.astype(float)
    for found, item in zip(items, world.items, strict=True):
        assert (
            survey[found].value_counts().sort_index().tolist()
            == truth[item].value_counts().sort_index().tolist()
        ), item
    sums = np.sort(survey[items].sum(axis=1).to_numpy())
    assert np.array_equal(sums, np.sort(truth.sum(axis=1).to_numpy()))


def test_constructs_reverse_items_and_scales_are_found(made, world):
    _, result, _ = made
    wanted = [
        [list(c["items"]).index(item) for item in c.get("reverse", ())] for c in world.constructs.values()
    ]
    found = [[[i.name for i in g.items].index(item) for item in g.reverse.items] for g in result.draft.groups]
    assert [len(g.items) for g in result.draft.groups] == [len(c["items"]) for c in world.constructs.values()]
    assert found == wanted
    assert {g.scaled.scale for g in result.draft.groups} == {(1, 5)}


def test_roles_are_found_where_the_file_has_words(made, world):
    kind, result, _ = made
    roles = [g.role for g in result.draft.groups]
    wanted = [c["role"] for c in world.constructs.values()]
    assert roles == (["other"] * len(wanted) if kind == "lime_codes" else wanted)


def test_everything_written_is_marked(made):
    """Each guess has its number in a file, in order; a role told by nothing is to be checked."""
    kind, result, folder = made
    text = (folder / "study.toml").read_text("utf-8") + (folder / "codebook.toml").read_text("utf-8")
    for mark in result.marks:
        assert f"# {'TEBAKAN' if mark.kind == 'guess' else 'PERIKSA'} {mark.number}: " in text
    assert [mark.number for mark in result.marks] == list(range(1, len(result.marks) + 1))
    checks = {mark.place for mark in result.marks if mark.kind == "check"}
    assert any(place.endswith(".role") for place in checks) == (kind == "lime_codes")
    written = tomllib.loads((folder / "study.toml").read_text("utf-8"))
    marked = {mark.place.partition(" ")[2] for mark in result.marks}
    for table, columns in written["columns"].items():
        own = {i.name for g in result.draft.groups for i in g.items} if table == "survey" else {"employee_id"}
        assert {f"columns.{table}.{c}" for c in columns if c not in own} <= marked


def test_no_personal_or_free_column_is_read(made):
    _, _, folder = made
    study = tomllib.loads((folder / "study.toml").read_text("utf-8"))
    read = {name for columns in study["columns"].values() for name in columns.values()}
    assert not read & {
        "Nama lengkap",
        "Alamat email",
        "Saran Anda",
        "penutup/saran",
        "penutup/kendala",
        "_uuid",
    }


def test_a_question_answers_from_it(made, world):
    """alpha of the first construct: that of the bundled study's own answers (complete cases), to 1e-9."""
    _, result, folder = made
    study = open_study(folder)
    group = result.draft.groups[0]
    found = {f.id: f for f in reliability(study).findings}[f"measurement.{group.name}.alpha"]
    first = next(iter(world.constructs.values()))
    answers = world.answers[list(first["items"])].astype(float).dropna()
    answers[first["reverse"]] = 6 - answers[first["reverse"]]
    k = answers.shape[1]
    alpha = k / (k - 1) * (1 - answers.var(ddof=1).sum() / answers.sum(axis=1).var(ddof=1))
    assert found.estimate == pytest.approx(alpha, abs=1e-9)


# SIASN and e-Kinerja


@pytest.fixture(scope="module")
def office(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    files = [
        exports.siasn_employees(world, folder / "pegawai.xlsx"),
        exports.siasn_periodic(world, folder / "kinerja.xlsx"),
        exports.siasn_courses(world, folder / "kursus.xlsx"),
        exports.csv(exports.google(world), folder / "survei.csv"),
    ]
    return init(folder / "study", files, language="en"), open_study(folder / "study"), folder / "study"


def test_codes_of_bkn_are_turned_and_rows_without_rater_told(office, world):
    result, study, _ = office
    kept = world.appraisals.drop(index=[3, 40, 41])
    for column in ("work_result", "behaviour"):
        assert study.appraisals[column].value_counts().to_dict() == kept[column].value_counts().to_dict()
    assert (
        study.appraisals["predicate"].value_counts().to_dict() == kept["predicate"].value_counts().to_dict()
    )
    told = {mark.why.key: mark.why.values for mark in result.marks}
    assert told["init.rater_missing"]["n"] == 3 and told["init.rater_missing"]["rows"] == "5, 42, 43"
    assert told["init.rater_self"]["n"] == 2 and told["init.rater_self"]["rows"] == "12, 13"
    assert told["init.rater_non_asn"]["n"] == 1


def test_periods_hours_days_and_grades_are_worked_out(office, world):
    _, study, folder = office
    assert study.settings.study.period == "quarter"
    labels = study.appraisals["period"].map(study.calendar.label).value_counts().to_dict()
    assert labels == world.appraisals.drop(index=[3, 40, 41])["period"].value_counts().to_dict()
    assert study.training["hours"].sum() == world.training["hours"].sum()
    assert sorted(study.training["completed_on"]) == sorted(pd.to_datetime(world.training["completed_on"]))
    for column in ("grade", "education", "position", "start_year"):
        found = {k: n for k, n in study.employees[column].value_counts().items() if n}
        assert found == world.employees[column].value_counts().to_dict(), column
    written = (folder / "tables" / "employees.csv").read_text("utf-8")
    assert "Pegawai 1" not in written


def test_the_survey_is_matched_with_the_records(office):
    _, study, _ = office
    assert set(study.survey["employee_id"]) <= set(study.employees["employee_id"])
    assert len(study.employees) == 160 and str(study.settings.study.survey_date) == "2024-11-14"
