"""The project's files agree with each other."""

import re
import subprocess
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler import MatchSpec
from ruamel.yaml import YAML

from tests.packaging.environment_file import FROM_CONDA, environment_text


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def environment(root):
    return YAML(typ="safe").load((root / "environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lock(root):
    return (root / "requirements.lock").read_text(encoding="utf-8")


def test_environment_file_follows_from_pyproject(root):
    assert (root / "environment.yml").read_text(encoding="utf-8") == environment_text()


def test_every_conda_spec_parses_and_names_its_package(environment):
    specs = [s for s in environment["dependencies"] if isinstance(s, str)]
    names = [MatchSpec(spec).name.normalized for spec in specs]
    assert set(names) == {"python", "pip", *FROM_CONDA}


def test_every_pip_spec_parses(environment, project):
    (pip,) = [d["pip"] for d in environment["dependencies"] if isinstance(d, dict)]
    named = {Requirement(spec).name for spec in pip if not spec.startswith("-")}
    assert named | set(FROM_CONDA) == {Requirement(d).name for d in project["dependencies"]}


def test_lock_holds_every_direct_dependency_within_its_bounds(lock, project):
    locked = dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\\n]+)", lock, flags=re.M))
    extras = [d for extra in project["optional-dependencies"].values() for d in extra]
    for requirement in map(Requirement, [*project["dependencies"], *extras]):
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} is locked at {version}"


def test_lock_is_hashed_and_names_no_address(lock):
    pinned = re.findall(
        r"^[a-z0-9._-]+==[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+)", lock, flags=re.M
    )
    assert len(pinned) == len(re.findall(r"^[a-z0-9._-]+==", lock, flags=re.M)) > 100
    assert "://" not in lock


def as_committed(root, path):
    """Return a file as git's index has it, else (an unpacked archive) as it lies in the folder.

    Who tries a notebook in JupyterLab and saves it has outputs in the folder, and may still run the tests.
    """
    name = path.relative_to(root).as_posix()
    shown = subprocess.run(["git", "show", f":{name}"], cwd=root, capture_output=True, check=False)
    return (path.read_bytes() if shown.returncode else shown.stdout).decode("utf-8")


def test_notebooks_are_committed_without_outputs(root):
    import nbformat

    for path in sorted((root / "notebooks").glob("*.ipynb")):
        for cell in nbformat.reads(as_committed(root, path), as_version=4).cells:
            assert not cell.get("outputs"), f"{path.name} has outputs"
            assert cell.get("execution_count") is None, f"{path.name} has execution counts"


def test_tracked_files_hold_no_address_of_a_machine_or_registry(root):
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    pattern = re.compile(
        "|".join(["/" + "root/", "/" + "work/", "/home/" + "[a-z]", "py" + "pi.org", "python" + "hosted"])
    )
    for name in listed.stdout.split():
        if name.endswith((".csv", ".gz", ".png", ".webp", ".parquet")) or not (root / name).exists():
            continue
        found = pattern.search((root / name).read_text(encoding="utf-8"))
        assert not found, f"{name} holds {found.group()!r}"
