"""The sample site, built once."""

import pytest

from tests.publish import sample_site


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Folder of the sample site, with the files that a run puts beside it."""
    folder = tmp_path_factory.mktemp("site")
    sample_site.build(folder)
    for name in ("findings.json", "manifest.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    return folder
