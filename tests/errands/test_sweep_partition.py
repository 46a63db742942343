"""A study of Parquet tables split by DuckDB: the same parts as in memory, nothing raw, the whole checked."""

import shutil
import sys
import tomllib
from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from walesi_research import open_study
from walesi_research.errands import sweep as swept
from walesi_research.errands.sweep import partition, places
from walesi_research.errands.sweep.raw import described, raw_tables
from walesi_research.errands.sweep.whole import FEW, number_people
from walesi_research.pipeline import run_study
from walesi_research.problems import UserError
from walesi_research.study.synthetic import World, simulate, write_study
from walesi_research.study.synthetic.nation import Nation, write_nation

TABLES = ("employees", "survey", "appraisals", "training", "service", "events")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A small district with all six tables as Parquet, typed, under names and values of its own."""
    folder = tmp_path_factory.mktemp("study") / "s"
    write_study(simulate(World(employees=90, units=4, quarters=6, seed=3), population=0), folder)
    settings = (folder / "study.toml").read_text().replace(".csv", ".parquet")
    settings += '\n[columns.employees]\nemployee_id = "NIP"\nstatus = "Status"\n'
    settings += '[columns.appraisals]\nrater_id = "penilai"\n'
    settings += '[values.employees.status]\npns = ["PNS", "Pegawai"]\npppk = ["PPPK"]\n'
    settings += '[values.service.unit]\n"Puskesmas" = ["PKM"]\n'
    (folder / "study.toml").write_text(settings)
    for name in TABLES:
        table = pd.read_csv(folder / f"{name}.csv", dtype={"employee_id": str, "rater_id": str})
        pq.write_table(pa.Table.from_pandas(_as_an_office_has_it(table, name)), folder / f"{name}.parquet")
        (folder / f"{name}.csv").unlink()
    return folder


def _as_an_office_has_it(table, name):
    if name == "employees":
        table = table.rename(columns={"employee_id": " NIP ", "status": "Status"})
        pns = ["PNS" if i % 3 else "Pegawai" for i in range(len(table))]
        table["Status"] = table["Status"].str.upper().mask(table["Status"] == "pns", pd.Series(pns))
        table["place"] = pd.Series(["Kota", "Pulau ", "Kota"] * 30)[: len(table)]
        table["nama"] = [f"Nama Rahasia {i}" for i in range(len(table))]
    if name == "appraisals":
        table = table.rename(columns={"rater_id": "penilai"})
        table["employee_id"] = "'" + table["employee_id"]  # a spreadsheet's sign for text
    if name == "service":
        table["unit"] = table["unit"].replace("Puskesmas", "PKM")
    return table.sample(frac=1, random_state=1)


def split(study, column, folder):
    return partition.split(described(study), column, folder)


def like(study):
    """Return all that a study holds but for pseudonyms, which are numbered as they appear."""
    number = {}
    tables = {}
    for name in sorted(study.tables):
        table = study.tables[name].copy()
        for column in ("employee_id", "rater_id"):
            if column in table:
                table[column] = [number.setdefault(i, len(number)) for i in table[column].fillna("-")]
        tables[name] = table
    about = study.settings.model_dump(exclude={"tables", "columns", "values"})
    return tables, about, study.codebook


@pytest.mark.parametrize("column", ["unit", "status", "position", "education"])
def test_parts_are_those_that_are_made_in_memory(study, tmp_path, column):
    ours = split(study, column, tmp_path / "duckdb")
    theirs = places.parts_of(open_study(study), column, tmp_path / "memory")
    assert [(s.name, s.title, s.folder is None) for s in ours] == [
        (s.name, s.title, s.folder is None) for s in theirs
    ]
    assert sum(s.folder is not None for s in ours) >= 2
    for one, other in zip(ours, theirs, strict=True):
        if one.folder is None:
            continue
        (tables, *rest), (others, *more) = like(open_study(one.folder)), like(open_study(other.folder))
        assert rest == more and set(tables) == set(others)
        for name, table in tables.items():
            pd.testing.assert_frame_equal(table, others[name], obj=f"{one.name} {name}")


def test_both_ways_find_the_same_to_the_byte(study, tmp_path):
    found = []
    for name, sites in (
        ("duckdb", split(study, "status", tmp_path / "duckdb")),
        ("memory", places.parts_of(open_study(study), "status", tmp_path / "memory")),
    ):
        site = next(site for site in sites if site.title["id"] == "pns")
        done = run_study(
            site.folder, tmp_path / "out" / name, open_study=open_study, publish=None, jobs=1,
            only=("01_data", "03_appraisal", "04_training"),
        )  # fmt: skip
        assert done.ok and len(done.findings) > 20
        found.append((tmp_path / "out" / name / "findings.json").read_bytes())
    assert found[0] == found[1]


def test_parts_are_whole_and_apart(study, tmp_path):
    sites = split(study, "place", tmp_path / "parts")
    assert {s.title["id"] for s in sites} == {"Kota", "Pulau"}
    whole, parts = open_study(study), [open_study(s.folder) for s in sites]
    for name in ("employees", "survey", "appraisals", "training"):
        assert sum(len(part.tables[name]) for part in parts) == len(whole.tables[name])
    assert all(part.unread == {"employees": 2} for part in parts)


def test_no_identifier_and_no_unknown_column_goes_further(study, tmp_path):
    nips = set(pd.read_parquet(study / "employees.parquet")[" NIP "])
    split(study, "place", tmp_path / "parts")
    left = sorted(p for p in (tmp_path / "parts").rglob("*") if p.is_file())
    assert {p.name for p in left} == {f"{t}.parquet" for t in TABLES} | {"study.toml", "codebook.toml"}
    for path in left:
        if path.suffix == ".parquet":
            table = pd.read_parquet(path)
            assert not {"nama", "place", "comment"} & set(table)
            text = table.astype(str)
            assert not any(text[column].str.strip("'").isin(nips).any() for column in text)
        else:
            assert not any(nip in path.read_text() for nip in nips)


def test_the_same_tables_give_the_same_bytes(study, tmp_path):
    for name in "ab":
        split(study, "place", tmp_path / name)
    files = [p.relative_to(tmp_path / "a") for p in sorted((tmp_path / "a").rglob("*.*"))]
    assert files
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file


def test_a_place_of_a_nation_is_the_place_as_it_was_drawn(tmp_path):
    from walesi_research.study.synthetic.nation import draw_place

    nation = Nation(places=4, employees=400, quarters=4, seed=9)
    write_nation(nation, tmp_path / "n")
    sites = split(tmp_path / "n", "place", tmp_path / "parts")
    assert len(sites) == 4
    for number, site in enumerate(sites, 1):
        drawn, _ = draw_place(nation.place(number))
        part = open_study(site.folder)
        assert site.title["id"] == nation.place(number).name
        assert set(part.tables) == set(drawn)
        assert all(len(table) == len(drawn[name]) for name, table in part.tables.items())
        score = pd.Series(drawn["appraisals"]["score"].to_numpy()).sort_values()
        assert sorted(part.appraisals["score"]) == score.tolist()


def changed(study, folder, **tables):
    """Return a copy of a study, tables changed by functions."""
    shutil.copytree(study, folder)
    for name, change in tables.items():
        file = folder / f"{name}.parquet"
        pq.write_table(pa.Table.from_pandas(change(pd.read_parquet(file)), preserve_index=False), file)
    return folder


def twice(table):
    return pd.concat([table, table.iloc[[7]]])


def stranger(table):
    return table.assign(employee_id=["19700101 199601 1 901", *table["employee_id"][1:]])


def damaged(table):
    return table.assign(employee_id=["1.97001E+17", *table["employee_id"][1:]])


def blank(table):
    return table.assign(employee_id=[" ", *table["employee_id"][1:]])


def another_sex(table):
    return table.assign(gender=["f" if g == "m" else "m" for g in table["gender"]])


FAULTS = [
    ("employees", another_sex, "check.nip_contradicts_gender"),
    ("employees", twice, "check.duplicate"),
    ("appraisals", stranger, "check.unknown_employee_id"),
    ("training", damaged, "check.nip_scientific"),
    ("training", blank, "check.blank"),
    ("appraisals", lambda table: table.drop(columns="period"), "check.column_missing"),
]


@pytest.mark.parametrize(("name", "change", "key"), FAULTS, ids=[key for *_, key in FAULTS])
def test_what_the_whole_contradicts_is_told_as_when_it_is_opened(study, tmp_path, name, change, key):
    faulty = changed(study, tmp_path / "s", **{name: change})
    told = []
    for refuse in (lambda: split(faulty, "place", tmp_path / "parts"), lambda: open_study(faulty)):
        with pytest.raises(UserError) as error:
            refuse()
        errors = [p for p in error.value.problems if p.severity == "error"]
        told.append({(p.what.key, p.table, p.row, p.column) for p in errors})
    assert key in {k for k, *_ in told[0]}
    assert told[0] == told[1] or (len(told[0]) == FEW and told[0] < told[1])
    assert not list((tmp_path / "parts").rglob("*"))[1:], "nothing stays but the folder"


@pytest.mark.parametrize("column", ["shoe_size", "employee_id", "NIP"])
def test_a_column_that_no_one_may_split_by_is_refused(study, tmp_path, column):
    with pytest.raises(UserError, match=column):
        split(study, column, tmp_path / "parts")


def test_values_of_people_are_no_places(study, tmp_path):
    with pytest.raises(UserError) as error:
        split(study, "nama", tmp_path / "parts")
    assert [p.what.key for p in error.value.problems] == ["sweep.column_of_people"]
    assert "Rahasia" not in str(error.value)


def test_without_duckdb_it_says_what_to_install(study, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UserError) as error:
        split(study, "place", tmp_path / "parts")
    assert 'pip install "walesi-research[scale]"' in str(error.value)


def test_other_formats_are_split_in_memory(root):
    assert described(root / "data" / "walesi") is None


def test_what_a_killed_sweep_left_is_deleted(study, tmp_path, monkeypatch):
    left = tmp_path / "room" / "parts" / "old" / "employees.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x")
    with swept._sites([study], None, None, tmp_path / "room"):
        assert not left.exists()


def test_settings_of_a_part_say_that_its_ids_are_pseudonyms(study, tmp_path):
    (site, *_) = split(study, "place", tmp_path / "parts")
    settings = tomllib.loads((site.folder / "study.toml").read_text())
    assert settings["snapshot"]["pseudonymised"] is True
    assert settings["columns"]["employees"]["status"] == "Status"


def test_a_column_that_few_share_is_no_column_of_places(study, tmp_path):
    """Its values would be told of people, and what is left of the whole of those without one."""
    for part in (lambda: split(study, "start_year", tmp_path / "a"),
                 lambda: places.parts_of(open_study(study), "start_year", tmp_path / "b")):  # fmt: skip
        with pytest.raises(UserError, match="start_year"):
            part()


def test_a_few_without_a_value_count_as_a_place_of_too_few():
    assert [s.folder for s in places.unplaced(3, True, 5)] == [None]
    assert places.unplaced(0, True, 5) == places.unplaced(5, True, 5) == []


def test_both_ways_count_a_few_without_a_value_as_a_place_of_too_few(study, tmp_path):
    folder = shutil.copytree(study, tmp_path / "study")
    employees = pq.read_table(folder / "employees.parquet").to_pandas()
    employees.loc[employees.index[:3], "education"] = None
    pq.write_table(pa.Table.from_pandas(employees), folder / "employees.parquet")
    for sites in (split(folder, "education", tmp_path / "a"),
                  places.parts_of(open_study(folder), "education", tmp_path / "b")):  # fmt: skip
        (few,) = [site for site in sites if site.name == "_"]
        assert few.folder is None and few.title["en"] == "not stated"


def test_pseudonyms_depend_on_the_key_of_the_sweep(study, tmp_path):
    """The same people have the same ones in the next sweep, and others in another."""
    found = {}
    for room, name in (("a", "first"), ("a", "second"), ("b", "third")):
        site = split(study, "status", tmp_path / room / name)[0]
        found[name] = set(pd.read_parquet(site.folder / "employees.parquet")["NIP"])
    assert found["first"] == found["second"] and not found["first"] & found["third"]
    assert (tmp_path / "a" / "pseudonyms.key").stat().st_mode & 0o777 == 0o600


def test_no_plan_multiplies_the_people_of_two_tables(tmp_path):
    """A join on a text that is compared with a list of words once took people squared: hours."""
    study = described(write_nation(Nation(places=2, employees=300, quarters=4, seed=1), tmp_path / "n"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    tables = raw_tables(study, scratch)
    with partition._connected(scratch, "en") as connection:
        partition._places(connection, tables, "place", study, scratch)
        number_people(connection, tables, "en", scratch, "key")
        for name, raw in tables.items():
            for selection in partition._selections(name, raw):
                ((_, plan),) = connection.sql(f"EXPLAIN {selection}").fetchall()
                assert "read parquet" in plan.lower().replace("_", " ")
                assert "cross product" not in plan.lower().replace("_", " "), name


@pytest.mark.parametrize("text", ["", " - ", "--", ".", "N/A", "nan", "NULL", "\N{NO-BREAK SPACE}"])
def test_words_for_nothing_are_nobody(study, tmp_path, text):
    import duckdb

    pq.write_table(pa.table({" NIP ": [text, "p1"]}), tmp_path / "one.parquet")
    raw = replace(raw_tables(described(study), tmp_path)["employees"], path=tmp_path / "one.parquet")
    found = duckdb.sql(f"SELECT {raw.text('employee_id')} FROM {raw.source}").fetchall()
    assert found == [(None,), ("p1",)]
