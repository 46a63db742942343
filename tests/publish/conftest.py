"""The sample site, and a headless browser to read it with.

The ``browser`` fixture drives the system's Chromium. Without one its tests are skipped with a warning;
where ``CI=true`` they fail, so that they cannot go unnoticed.
"""

import os
import shutil
import warnings

import pytest
import sample_site

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Folder of the sample site, with the files that a run puts beside it."""
    folder = tmp_path_factory.mktemp("site")
    sample_site.build(folder)
    for name in ("findings.json", "manifest.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium, or a loud skip."""
    executable = shutil.which("chromium")
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
