"""Executed notebooks are kept, found under the same key only, and redone when damaged."""

import os

import nbformat
import pytest

from tests.pipeline import tiny
from walesi_research.pipeline import cache

PARTS = {
    "code": "a",
    "package": "b",
    "data": {"t": "c"},
    "seed": 1,
    "parameters": {"level": 0.9},
    "needs": {},
}


def test_key_depends_on_every_part_and_not_on_their_order():
    key = cache.key(**PARTS)
    assert cache.key(**dict(reversed(PARTS.items()))) == key
    others = {cache.key(**(PARTS | {part: "changed"})) for part in PARTS}
    assert len(others | {key}) == len(PARTS) + 1


def test_what_is_stored_is_loaded_unchanged(tmp_path):
    executed = tiny.notebook("first")
    cache.store(tmp_path, "first", "k" * 64, executed)
    assert nbformat.writes(cache.load(tmp_path, "first", "k" * 64)) == nbformat.writes(executed)
    assert cache.load(tmp_path, "first", "l" * 64) is None
    assert cache.load(tmp_path, "second", "k" * 64) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("Pendahuluan", "Penutup"),
        lambda text: "",
        lambda text: "[]",
        lambda text: '{"key": 1}',
        lambda text: text.replace('"key": "k', '"key": "x'),
    ],
)
def test_a_damaged_entry_is_not_used(tmp_path, damage):
    cache.store(tmp_path, "first", "k" * 64, tiny.notebook("first"))
    (entry,) = tmp_path.iterdir()
    entry.write_text(damage(entry.read_text()))
    assert cache.load(tmp_path, "first", "k" * 64) is None


def test_only_the_newest_are_kept(tmp_path):
    keys = [str(i) * 64 for i in range(cache.KEPT + 2)]
    for age, key in enumerate(keys):
        cache.store(tmp_path, "first", key, tiny.notebook("first"))
        os.utime(tmp_path / f"first-{key[:32]}.ipynb", (age, age))
    cache.store(tmp_path, "first-other", keys[0], tiny.notebook("first"))
    cache.prune(tmp_path, "first")
    found = [key for key in keys if cache.load(tmp_path, "first", key)]
    assert found == keys[2:]
    assert cache.load(tmp_path, "first-other", keys[0])


def test_package_digest_sees_every_source(tmp_path, monkeypatch):
    for name in ("pipeline/cache.py", "language/words.po", "exhibits/style.css"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "pipeline" / "cache.py"))
    before = cache.package_digest()
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.pyc").write_text("1")
    assert cache.package_digest() == before
    (tmp_path / "language" / "words.po").write_text("2")
    assert cache.package_digest() != before
