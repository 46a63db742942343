"""Fixtures that every room's tests share."""

import os
import shutil
import warnings
from pathlib import Path

import pytest

# small matrices: several BLAS threads only wait for each other, more so beside other processes
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

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


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium of the system.

    Without one its tests are skipped with a warning; where ``CI=true`` they fail, so that they cannot go
    unnoticed.
    """
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        message = "no chromium on this machine: pages were not read by a browser (apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()
