"""Questions that cost nothing, for tests of how worlds are asked; of a module, so that they can be sent."""

import os
from pathlib import Path
from types import SimpleNamespace

from walesi_research.findings import Finding

PROCESSES = "TINY_WORLDS_LOG"
"""Environment variable: a file to which each question adds a line."""
FATAL = "TINY_WORLDS_FATAL"
"""Environment variable: while this file is there, a question kills its process."""


def question(name: str):
    """Return a stand-in for a question: it finds the number of appraisals of a world."""

    def answer(study, level, draws=None):
        if log := os.environ.get(PROCESSES):
            with Path(log).open("a") as file:
                file.write(f"{name}\n")
        if (fatal := os.environ.get(FATAL)) and Path(fatal).exists() and name == "training.hours":
            os._exit(1)
        if name == "training.norm":
            raise ZeroDivisionError
        rows = float(len(study.appraisals))
        return SimpleNamespace(findings=[found(name, rows)] if name in IDS else [])

    return answer


IDS = {"appraisal.scores": "appraisal.tie_effect", "pathways.pathways": "pathway.culture_total"}


def found(name: str, rows: float) -> Finding:
    """Return a finding with an interval of one on either side."""
    return Finding(
        id=IDS[name], estimate=rows, low=rows - 1, high=rows + 1, unit="rows", claim="description",
        method="counted", question={"id": "?", "en": "?"}, notebook="00_tiny",
    )  # fmt: skip
