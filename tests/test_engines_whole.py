"""Warm, two at once, equals cold, one after another: every file of whole reports, byte for byte.

Slow (some minutes a study): runs with ``make torture``.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from walesi_research.pipeline.files import relative_files

pytestmark = pytest.mark.torture
ALONE = {"manifest.json"}
"""What holds times."""


def report(study: Path, out: Path, options: list[str], engine: str, jobs: int) -> dict[str, bytes]:
    command = [sys.executable, "-m", "walesi_research", "run", study, "--out", out, *options]
    how = ["--engine", engine, "--jobs", str(jobs)]
    subprocess.run([*map(str, command), *how], check=True, capture_output=True)
    names = [name for name in relative_files(out) if not name.startswith(".walesi/") and name not in ALONE]
    return {name: (out / name).read_bytes() for name in names}


@pytest.mark.parametrize("name", ["walesi", "fevs2018"])
def test_warm_and_parallel_gives_the_bytes_of_cold_and_in_sequence(root, request, tmp_path, name):
    options = []
    if name == "fevs2018":
        file = request.getfixturevalue("shared") / "studies" / "fevs2018_prdf_sample.csv.gz"
        options = ["--table", f"employees={file}", "--table", f"survey={file}"]
    study = root / "data" / name
    cold = report(study, tmp_path / "cold", options, "stock", 1)
    warm = report(study, tmp_path / "warm", options, "warm", 2)
    assert set(warm) == set(cold) and "findings.json" in warm
    assert [n for n in warm if warm[n] != cold[n]] == []
