"""Notebooks as documents."""

import nbformat
import pytest

from tests.pipeline import tiny
from walesi_research.pipeline import notebook as document


def test_parameters_are_set_after_their_cell_whatever_they_hold():
    values = {"level": 0.9, "title": 'it\'s "a = b"\n', "limits": [1.0], "plot": False}
    prepared = document.prepare(tiny.notebook("first"), values)
    parameters, injected = document.code_cells(prepared)[:2]
    assert document.tags(parameters) == ["parameters"]
    assert document.tags(injected) == ["injected-parameters"]
    read = {}
    exec(injected.source, read)
    assert {name: read[name] for name in values} == values


def test_without_a_parameters_cell_they_come_first():
    bare = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("level")])
    assert document.prepare(bare, {"level": 1}).cells[0].source == "level = 1"
    assert len(bare.cells) == 1


def test_declared_reads_annotated_and_plain_literals():
    cell = nbformat.v4.new_code_cell(
        "a: Literal['x = y', 'z'] = 'x = y'  # odd\nb = (1, -2)\nc: int", metadata={"tags": ["parameters"]}
    )
    assert document.declared(nbformat.v4.new_notebook(cells=[cell])) == {"a": "x = y", "b": (1, -2)}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (lambda nb: nb.cells[0].update(source="Other prose"), True),
        (lambda nb: nb.cells.insert(0, nbformat.v4.new_markdown_cell("more")), True),
        (lambda nb: nb.cells[1].metadata.update(tags=["parameters", "x"]), True),
        (lambda nb: nb.cells[-1].update(outputs=[nbformat.v4.new_output("stream", text="x")]), True),
        (lambda nb: nb.cells[-1].update(source=nb.cells[-1].source + "\n"), False),
        (lambda nb: nb.cells.pop(), False),
    ],
)
def test_the_code_digest_is_of_code_alone(change, same):
    before, after = tiny.notebook("first"), tiny.notebook("first")
    change(after)
    assert (document.code_digest(before) == document.code_digest(after)) is same
