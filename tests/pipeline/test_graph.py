"""The notebooks stand in an order that their needs allow, and declare what the graph says."""

import pytest

from walesi_research.pipeline import graph
from walesi_research.pipeline import notebook as document
from walesi_research.pipeline.graph import NOTEBOOKS, Notebook, in_order, resources, select
from walesi_research.problems import UserError


def notebook(name, *needs):
    return Notebook(name=name, title_key="pipeline.title_01_data", needs=needs)


LINE = (notebook("c", "b"), notebook("a"), notebook("b", "a"), notebook("d"))


def names(notebooks):
    return [n.name for n in notebooks]


def test_each_follows_those_it_needs():
    order = names(in_order(LINE))
    assert sorted(order) == ["a", "b", "c", "d"]
    assert order.index("a") < order.index("b") < order.index("c")


def test_a_circle_is_refused_and_named():
    with pytest.raises(ValueError, match=r"circle: .*a.*b"):
        in_order((notebook("a", "b"), notebook("b", "a")))


def test_a_need_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="does not exist: x"):
        in_order((notebook("a", "x"),))


@pytest.mark.parametrize(
    ("only", "chosen"),
    [(["c"], ["a", "b", "c"]), (["d"], ["d"]), (["d", "a"], ["a", "d"]), ([], list("abcd"))],
)
def test_only_brings_what_is_needed(only, chosen):
    assert sorted(names(select(LINE, only))) == chosen


def test_a_name_that_is_no_notebook_is_refused_with_the_nearest():
    with pytest.raises(UserError) as refused:
        select(NOTEBOOKS, ["06_performence", "x"])
    assert [problem.guess for problem in refused.value.problems] == ["06_performance", None]
    assert "01_data" in refused.value.problems[1].allowed


@pytest.mark.parametrize("declared", NOTEBOOKS, ids=lambda n: n.name)
def test_the_parameters_cell_declares_what_the_graph_does(declared):
    written = document.declared(document.read(resources("notebooks") / f"{declared.name}.ipynb"))
    assert written == {p.name: list(p.default) if p.many else p.default for p in declared.parameters}
    assert list(written) == [p.name for p in declared.parameters]


def test_every_notebook_of_the_folder_is_in_the_graph():
    """But for the student's, which has exercises and no page."""
    found = sorted(p.stem for p in resources("notebooks").glob("*.ipynb"))
    assert found == sorted([*names(NOTEBOOKS), "09_reproduce"])


def test_resources_are_found_in_the_installation_without_a_checkout(tmp_path, monkeypatch):
    installed = tmp_path / "share" / "walesi_research" / "notebooks"
    installed.mkdir(parents=True)
    monkeypatch.setattr(graph.sys, "prefix", str(tmp_path))
    monkeypatch.setattr(
        graph, "__file__", str(tmp_path / "lib" / "python" / "walesi_research" / "pipeline" / "graph.py")
    )
    assert resources("notebooks") == installed
    with pytest.raises(UserError, match="data"):
        resources("data")
