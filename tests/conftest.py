"""Fixtures that every room's tests share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data and real studies beside the repository; skips without it."""
    folder = ROOT.parent / "shared"
    if not (folder / "CONTRACT.md").exists():
        pytest.skip("needs the reference data kept beside the repository")
    return folder
