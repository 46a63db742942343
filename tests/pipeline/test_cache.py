"""Executed notebooks are kept, found under the same key only, and redone when damaged."""

import os

import nbformat
import pytest

from tests.pipeline import tiny
from walesi_research.pipeline import cache

PARTS = {
    "code": "a",
    "sources": {"stats/mixed.py": "b"},
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


KEY = cache.key(**PARTS)


def test_what_is_stored_is_loaded_unchanged(tmp_path):
    executed = tiny.notebook("first")
    cache.store(tmp_path, "first", PARTS, executed)
    assert nbformat.writes(cache.load(tmp_path, "first", KEY)) == nbformat.writes(executed)
    assert cache.load(tmp_path, "first", "l" * 64) is None
    assert cache.load(tmp_path, "second", KEY) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("Pendahuluan", "Penutup"),
        lambda text: "",
        lambda text: "[]",
        lambda text: '{"parts": 1}',
        lambda text: text.replace('"seed": 1', '"seed": 2'),
        lambda text: text.replace('"checksum": "', '"checksum": "0'),
    ],
)
def test_a_damaged_entry_is_not_used(tmp_path, damage):
    cache.store(tmp_path, "first", PARTS, tiny.notebook("first"))
    (entry,) = tmp_path.iterdir()
    text = entry.read_text()
    entry.write_text(damage(text))
    assert entry.read_text() != text
    assert cache.load(tmp_path, "first", KEY) is None
    assert cache.there(tmp_path, "first", KEY)
    assert cache.parts_kept(tmp_path, "first") is None


def test_only_the_newest_are_kept(tmp_path):
    made = [PARTS | {"seed": i} for i in range(cache.KEPT + 2)]
    keys = [cache.key(**parts) for parts in made]
    for age, (key, parts) in enumerate(zip(keys, made, strict=True)):
        cache.store(tmp_path, "first", parts, tiny.notebook("first"))
        os.utime(tmp_path / f"first-{key[:32]}.ipynb", (age, age))
    cache.store(tmp_path, "first-other", made[0], tiny.notebook("first"))
    cache.prune(tmp_path, "first")
    found = [key for key in keys if cache.load(tmp_path, "first", key)]
    assert found == keys[2:]
    assert cache.load(tmp_path, "first-other", keys[0])


def test_an_entry_says_what_it_was_made_of(tmp_path):
    later = PARTS | {"seed": 2}
    for age, parts in enumerate((PARTS, later)):
        cache.store(tmp_path, "first", parts, tiny.notebook("first"))
        os.utime(tmp_path / f"first-{cache.key(**parts)[:32]}.ipynb", (age, age))
    assert cache.parts_kept(tmp_path, "first") == later  # the newest
    assert cache.parts_kept(tmp_path, "first", KEY) == PARTS  # the one that is asked for
