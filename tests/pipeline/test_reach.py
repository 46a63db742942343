"""A notebook reaches all that it runs, and little more."""

import json
import re
import sys
from importlib.metadata import packages_distributions

import pytest

from walesi_research.pipeline import cache, engine
from walesi_research.pipeline import notebook as document
from walesi_research.pipeline.graph import FINDINGS, NOTEBOOKS, STUDY
from walesi_research.pipeline.parameters import resolve
from walesi_research.pipeline.reach import EXECUTION, MEMORY, Package, module_of
from walesi_research.pipeline.sources import read_source

FILES = {
    "__init__.py": "",
    "a.py": "from ours.tools import one\ndef f():\n    import ours.b",
    "b.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ours import c",
    "c.py": "",
    "tools/__init__.py": (
        "from importlib import import_module\n_HOMES = {'one': 'first', 'two': 'second'}\n"
        "def __getattr__(name):\n    return getattr(import_module('.' + _HOMES[name], __name__), name)"
    ),
    "tools/first.py": "from . import third\none = 1",
    "tools/second.py": "two = 2",
    "tools/third.py": "from .. import d",
    "d.py": "def f(x):\n    return say('words.hello'), say(f'more.{x}'), say(f'many_{x}.y')",
    "e.py": "from importlib.resources import files\nfiles('ours.kept')\nf'{1.5:.3g}'",
    "f.py": "SHARED = 'more'\nkey = f'{SHARED}.good'",
    "g.py": "def f(name):\n    return __import__(name)",
    "h.py": "def f(:",
    "kept/table.toml": "",
    "kept/deep/style.css": "",
    "other/table.toml": "",
    "pipeline/engine.py": "",
    "pipeline/run.py": "",
    **{
        f"language/locale/{language}/LC_MESSAGES/{domain}.po": 'msgid "hello"\nmsgstr "…"\n'
        for language in ("en", "id")
        for domain in ("words", "more", "many_kinds", "silent", "guide")
    },
}


@pytest.fixture
def package(tmp_path):
    for name, text in FILES.items():
        (tmp_path / "ours" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "ours" / name).write_text(text)
    return Package(tmp_path / "ours")


LAZY = "ours ours.d ours.tools ours.tools.first ours.tools.second ours.tools.third +d"


@pytest.mark.parametrize(
    ("cells", "reached"),
    [
        (["import numpy"], ""),
        (["import ours.c"], "ours ours.c"),
        (["from ours import c", "%time 1\n!ls"], "ours ours.c"),
        (["def f():\n    from ours.c import x"], "ours ours.c"),
        (["import ours.b"], "ours ours.b"),  # what a type checker sees is not run
        (["from ours.tools import two"], "ours ours.tools ours.tools.second"),
        (["import ours.a"], "ours ours.a ours.b ours.d ours.tools ours.tools.first ours.tools.third +d"),
        (["from ours import tools"], LAZY),
        (["from ours.tools import *"], LAZY),
        (["import ours.e"], "ours ours.e kept/table.toml kept/deep/style.css"),
        (["import ours.f"], "ours ours.f more.po"),
    ],
)  # fmt: skip
def test_what_is_named_is_reached_and_nothing_else(package, cells, reached):
    wanted = reached.replace("+d", "words.po more.po many_kinds.po").split()
    found = package.reached(cells)
    found = {module_of(f"ours/{name}" if name.endswith(".py") else name) for name in found}
    assert {name.replace("ours.__init__", "ours") for name in found} == set(wanted)


@pytest.mark.parametrize(
    "cell",
    [
        "if",
        "exec(code)",
        "import ours.h",
        "!python -m ours",
        "from importlib import import_module\nimport_module(name)",
        "import ours.g",
    ],
)
def test_what_cannot_be_read_reaches_everything(package, cell):
    code = {name for name in package.digests if name.endswith(".py")}
    assert package.reached([cell]) >= code


def test_how_notebooks_are_executed_counts_for_each(package):
    assert list(package.digests_reached(["import numpy"])) == ["pipeline/engine.py"]


def test_every_way_of_executing_and_handing_on_is_a_file_of_ours():
    reached = Package().digests_reached(["import numpy"])
    assert set(EXECUTION) - {"pipeline/warm/"} <= set(reached) and "pipeline/warm/server.py" in reached
    for name in ("handing.hand_findings", "engine.execute", "holm.adjust", "notebook.prepare"):
        module, _, function = name.partition(".")  # whatever a notebook's outputs pass through
        assert function in (Package().root / "pipeline" / f"{module}.py").read_text(encoding="utf-8")
        assert f"pipeline/{module}.py" in reached


def test_what_was_read_is_remembered_by_content_and_not_trusted_when_damaged(package, tmp_path):
    memory, cells = tmp_path / MEMORY, ["import ours.a, ours.e, ours.f"]
    first = package.digests_reached(cells)
    package.remember(memory)
    written = memory.read_text()
    again = Package(package.root, memory)
    assert again.digests_reached(cells) == first
    again.remember(tmp_path / "other")
    assert not (tmp_path / "other").exists()  # nothing had to be read
    (package.root / "c.py").write_text("x = 1")
    (package.root / "b.py").write_text("from ours import c")
    assert "c.py" in Package(package.root, memory).digests_reached(cells)
    record = json.loads(written)
    record["sources"] = record["sources"].replace("ours.tools", "ours.c")
    for damaged in (written[:100], "", "[]", json.dumps(record)):
        memory.write_text(damaged)
        assert "tools/first.py" in Package(package.root, memory).digests_reached(cells)


def test_rooms_that_a_notebook_does_not_need_are_not_reached(root):
    package = Package()
    for name, room in {"01_data": "data", "03_appraisal": "appraisal", "04_training": "training"}.items():
        reached = package.digests_reached(cells_of(root, name))
        assert not [n for n in reached if n.startswith(("publish/", "errands/", "cli", "pipeline/run"))]
        assert {n.split("/")[1] for n in reached if re.match("questions/.*/", n)} == {room}
        assert not {"page.po", "cli.po", "brief.po", "pathways.po"} & set(map(module_of, reached))


def cells_of(root, name):
    return [c.source for c in document.code_cells(document.read(root / "notebooks" / f"{name}.ipynb"))]


def test_versions_hold_every_library_that_notebooks_reach(root):
    package, held = Package(), {name.lower().replace("_", "-") for name in cache.versions()}
    cells = [cell for notebook in NOTEBOOKS for cell in cells_of(root, notebook.name)]
    where = packages_distributions()
    for name in package.reached(cells):
        text = (package.root / name).read_text() if name.endswith(".py") else ""
        tops = {made.module.split(".")[0] for made in read_source(text).imports if not made.level}
        for top in tops - {package.root.name} - sys.stdlib_module_names:
            known = {distribution.lower().replace("_", "-") for distribution in where.get(top, ())}
            assert not known or known & held, f"{name} imports {top}"


WATCH = """
import sys as _sys
_opened = set()
_sys.addaudithook(lambda event, given: _opened.add(str(given[0])) if event == "open" else None)
"""
TELL = """
import json as _json
_modules = [getattr(m, "__file__", None) for n, m in _sys.modules.items() if n.startswith("walesi_research")]
print("REACHED" + _json.dumps(sorted({f for f in _modules if f} | _opened)))
"""


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda n: n.name)
def test_all_that_an_executed_notebook_imported_or_opened_was_found(notebook, root, tmp_path):
    from walesi_research import open_study

    raw = document.read(root / "notebooks" / f"{notebook.name}.ipynb")
    package = Package()
    found = package.digests_reached(cell.source for cell in document.code_cells(raw))
    open_study(root / "data" / "walesi").save(tmp_path / "study")
    (tmp_path / "findings.json").write_text("[]")
    given = resolve({notebook.name: notebook.parameters}, {})[notebook.name]
    handed = {FINDINGS.name: "findings.json"} if FINDINGS in notebook.parameters else {}
    short = {"draws": 99} if "draws" in given else {}
    ready = document.prepare(raw, {**given, **short, **handed, STUDY.name: "study"})
    code = document.code_cells(ready)
    code[0].source = WATCH + code[0].source
    code[-1].source += TELL
    executed = engine.execute(notebook.name, ready, tmp_path)
    text = "".join(o.get("text", "") for c in document.code_cells(executed) for o in c.outputs)
    (told,) = (line for line in text.splitlines() if line.startswith("REACHED"))
    start = f"{package.root}/"
    used = {n.removeprefix(start) for n in json.loads(told.removeprefix("REACHED")) if n.startswith(start)}
    used = {n for n in used if n in package.digests}  # compiled copies aside
    assert len(used) > 60
    assert any(n.endswith(".po") for n in used)
    assert used <= set(found)
