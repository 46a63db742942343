"""A tiny study and its notebooks."""

import pytest

from tests.pipeline.fixtures import notebooks, same_package, study  # noqa: F401


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"
