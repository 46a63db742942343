"""No result depends on the key or on the order of rows, and no identifier is left."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.study.studies import STUDY, clean_tables, nip, write_study
from walesi_research.problems import UserError
from walesi_research.study import check_study, new_key, open_study
from walesi_research.study.order import canonical_order

IDS = {"employee_id", "rater_id"}


def relabelled(table: pd.DataFrame, names: dict[str, int]) -> pd.DataFrame:
    """Return a table with ids replaced by the employee's place, so that two keys can be compared."""
    return table.assign(**{c: table[c].map(names) for c in IDS & set(table.columns)})


def shuffled(tables: dict[str, pd.DataFrame], seed: int) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    return {name: table.iloc[rng.permutation(len(table))] for name, table in tables.items()}


def test_another_key_changes_nothing_but_the_ids(tmp_path):
    folder = write_study(tmp_path)
    one, two = open_study(folder), open_study(folder)
    assert not set(one.employees["employee_id"]) & set(two.employees["employee_id"])
    places = [{name: i for i, name in enumerate(study.employees["employee_id"])} for study in (one, two)]
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(
            relabelled(table, places[0]), relabelled(two.tables[name], places[1]), check_exact=True
        )


@pytest.mark.parametrize("seed", range(3))
def test_order_of_rows_does_not_matter(seed, tmp_path):
    clean = write_study(tmp_path / "clean")
    new_key(clean)
    mixed = write_study(tmp_path / "mixed", shuffled(clean_tables(), seed))
    (mixed / "pseudonym.key").write_bytes((clean / "pseudonym.key").read_bytes())
    (mixed / "pseudonym.key").chmod(0o600)
    assert open_study(clean).equals(open_study(mixed))


@pytest.mark.parametrize("rows", [5, 6])
def test_order_is_by_content_not_by_name(rows):
    """Employees alike in their own row are told apart by appraisals, and raters by whom they appraised."""
    unit = pd.Series(["a"] * 4, dtype="str").astype("category")
    employees = pd.DataFrame({"employee_id": ["w", "x", "y", "z"], "unit": unit})
    appraisals = pd.DataFrame(
        {
            "employee_id": ["w", "x", "y", "z", "y", "w"],
            "rater_id": ["x", "w", "z", "y", "w", "z"],
            "period": [1, 1, 1, 1, 2, 1],
            "score": [1.0, 1.0, 1.0, 2.0, 2.0, 1.0],
        }
    )
    tables = {"employees": employees, "appraisals": appraisals[:rows]}
    orders = set()
    for seed in range(12):
        rng = np.random.default_rng(seed)
        names = dict(zip("wxyz", rng.permutation(["k", "l", "m", "n"]), strict=True))
        back = {new: old for old, new in names.items()}
        renamed = {
            name: table.assign(**{c: table[c].map(names) for c in IDS & set(table)})
            for name, table in tables.items()
        }
        ordered = canonical_order({n: t.iloc[rng.permutation(len(t))] for n, t in renamed.items()})
        ids = [ordered["employees"]["employee_id"], *(ordered["appraisals"][c] for c in sorted(IDS))]
        orders.add(tuple("".join(column.map(back)) for column in ids))
    assert len(orders) == 1


def test_tables_follow_the_employees(tmp_path):
    study = open_study(write_study(tmp_path))
    rank = {one: i for i, one in enumerate(study.employees["employee_id"])}
    assert study.employees["unit"].cat.codes.is_monotonic_increasing
    for table in (study.survey, study.appraisals, study.training):
        assert table["employee_id"].map(rank).is_monotonic_increasing
        assert table.index.equals(pd.RangeIndex(len(table)))


def test_pseudonym_is_the_keyed_hash_of_the_repaired_identifier(tmp_path):
    """Against the standard library's HMAC written out."""
    folder = write_study(tmp_path)
    key = bytes.fromhex(new_key(folder).read_text())
    expected = {"p" + hmac.new(key, nip(i).encode(), hashlib.sha256).hexdigest()[:16] for i in range(12)}
    study = open_study(folder)
    assert set(study.employees["employee_id"]) == expected
    assert set(study.appraisals["rater_id"]) <= expected  # raters who are employees match


def test_key_is_made_once_and_for_its_owner(tmp_path):
    path = new_key(tmp_path)
    assert len(bytes.fromhex(path.read_text())) == 32
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UserError):
        new_key(tmp_path)
    with pytest.raises(UserError):
        new_key(tmp_path / "nowhere")


def test_without_a_key_none_is_written(tmp_path):
    folder = write_study(tmp_path)
    open_study(folder)
    assert not (folder / "pseudonym.key").exists()


def test_generators_differ_by_name_and_repeat_by_seed(tmp_path):
    study = open_study(write_study(tmp_path))
    draws = [study.rng(*names).random() for names in (("a",), ("b",), ("a", "b"), ("ab",), ("a",))]
    assert draws[0] == draws[4] and len(set(draws)) == 4


# ── snapshots ───────────────────────────────────────────────────────────────────────────────────────


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_snapshot_opens_as_an_equal_study(tmp_path):
    tables = clean_tables()
    tables["survey"]["nama"] = "x"
    study = open_study(write_study(tmp_path / "study", tables))
    (tmp_path / "snapshot").mkdir()
    again = open_study(study.save(tmp_path / "snapshot"))
    assert again.equals(study) and dict(again.unread) == {"survey": 1}
    assert open_study(again.save(tmp_path / "second")).equals(study)


def test_snapshots_of_one_study_are_the_same_bytes(tmp_path):
    folder = write_study(tmp_path / "study")
    new_key(folder)
    one, two = (open_study(folder).save(tmp_path / name) for name in ("one", "two"))
    assert files_of(one) == files_of(two)


def test_snapshot_holds_no_identifier_and_no_comment(tmp_path):
    """Parquet files are searched as bytes and, for they are compressed, decoded too."""
    tables = clean_tables()
    tables["employees"]["nama"] = "Yosefina Marker"
    study = open_study(write_study(tmp_path / "study", tables))
    folder = study.save(tmp_path / "snapshot")
    held = b"".join(files_of(folder).values())
    for path in folder.glob("*.parquet"):
        held += pd.read_parquet(path).to_csv().encode()
    for secret in [*(nip(i)[:15] for i in range(12)), "komentar", "Yosefina"]:
        assert secret.encode() not in held


def test_snapshot_does_not_overwrite(tmp_path):
    study = open_study(write_study(tmp_path / "study"))
    with pytest.raises(UserError):
        study.save(tmp_path / "study")


def test_identifiers_said_to_be_pseudonyms_are_refused(tmp_path):
    folder = write_study(tmp_path, study=STUDY + "\n[snapshot]\npseudonymised = true\n")
    report = check_study(folder)
    assert {p.what.key for p in report.problems} == {"check.not_pseudonym"}
    assert nip(0) not in report.text()


def test_nothing_of_an_interrupted_snapshot_remains(tmp_path, monkeypatch):
    from walesi_research.study import snapshot

    study = open_study(write_study(tmp_path / "study"))

    def interrupt(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(snapshot, "dumps_toml", interrupt)
    with pytest.raises(KeyboardInterrupt):
        study.save(tmp_path / "snapshot")
    assert [path.name for path in tmp_path.iterdir()] == ["study"]
