"""A tiny study, its notebooks and a package that nobody edits, for whoever imports them."""

import pytest

from tests.pipeline import tiny
from walesi_research.pipeline.reach import Package


@pytest.fixture
def study(tmp_path):
    return tiny.make_study(tmp_path / "study")


@pytest.fixture
def notebooks(tmp_path):
    return tiny.make_notebooks(tmp_path / "notebooks")


@pytest.fixture
def same_package(monkeypatch):
    """The package's sources count as unchanged, whoever edits them while tests run."""
    monkeypatch.setattr(Package, "digests_reached", lambda package, cells: {})
