"""The house stands as CONTRIBUTING.md draws it: imports point downwards, importing is light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = "walesi_research"
FLOORS = (
    {"findings", "problems", "language", "stats", "rules"},
    {"study", "exhibits", "pipeline"},
    {"questions", "publish", "errands"},
    {"cli", "exercises"},
    {"__main__"},
)
FLOOR = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}
WITHIN_GROUND = {("problems", "language")}


def imports_of(path: Path) -> set[str]:
    """Return the rooms of ours that a module names in an import, lazily or not."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        rooms |= {n.split(".")[1] for n in names if n.startswith(f"{PACKAGE}.")}
    return rooms & set(FLOOR)


def room_of(path: Path, package: Path) -> str:
    return path.relative_to(package).parts[0].removesuffix(".py")


def modules(root: Path) -> list[tuple[str, Path]]:
    package = root / "src" / PACKAGE
    return [
        (room_of(p, package), p)
        for p in sorted(package.rglob("*.py"))
        if p.parent != package or p.stem != "__init__"
    ]


def test_every_module_lives_in_a_known_room(root):
    assert {room for room, _ in modules(root)} <= set(FLOOR)


def test_imports_point_downwards_only(root):
    wrong = [
        f"{path.relative_to(root)} ({room}) imports {other}"
        for room, path in modules(root)
        for other in imports_of(path) - {room}
        if FLOOR[other] >= FLOOR[room] and (room, other) not in WITHIN_GROUND
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["papermill", "nbconvert"])
def test_one_room_knows_each_engine(root, name):
    home = {"papermill": "pipeline", "nbconvert": "publish"}[name]
    knowing = set()
    for room, path in modules(root):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            named += [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if any(n.split(".")[0] == name for n in named):
                knowing.add(room)
    assert knowing == {home}


@pytest.mark.parametrize("module", [PACKAGE, f"{PACKAGE}.findings", f"{PACKAGE}.cli"])
def test_importing_is_light(module):
    heavy = ("matplotlib", "seaborn", "papermill", "nbconvert", "statsmodels", "pandas", "scipy")
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
