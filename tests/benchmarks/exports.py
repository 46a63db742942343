"""From an export to pages: edits, marks, and seconds of ``walesi init`` and of ``walesi run``, by program.

All but the last, the real FEVS 2018 where it is at hand, are constructed (see ``tests/errands/exports``). The
only edits are of marked guesses: where a constructed file has no words that tell what a group of questions is
about, its role is set.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from tests.errands import exports
from tests.errands.exports.collection import as_xlsx, collected
from walesi_research.pipeline.graph import NOTEBOOKS

ROOT = Path(__file__).resolve().parents[2]
FEVS = ROOT.parent / "shared" / "studies" / "fevs2018_prdf_sample.csv.gz"
MARK = re.compile(r"# (GUESS|CHECK) \d+: ")
ROLE = re.compile(r'^role = "other"', re.MULTILINE)


def to_pages() -> bool:
    """Print a row an export; whether each ended in every page, with marked guesses edited only."""
    world = exports.world(ROOT)
    print(f"{'export':<14}{'marks':>6}{'edits':>6}{'init s':>8}{'run s':>7}{'pages':>7}  values")
    ended = [_row(name, files, world) for name, files in _sources().items()]
    return all(ended)


def _sources() -> dict:
    made = {kind: lambda w, d, make=make: [make(w, d)] for kind, make in exports.KINDS.items()}
    real = {"fevs (real)": lambda w, d: [FEVS]} if FEVS.exists() else {}
    return made | {"siasn": _office, "xlsform": _collection} | real


def _office(world: exports.World, folder: Path) -> list[Path]:
    """The three workbooks of an office, and a survey from Google Forms."""
    return [
        exports.siasn_employees(world, folder / "pegawai.xlsx"),
        exports.siasn_periodic(world, folder / "kinerja.xlsx"),
        exports.siasn_courses(world, folder / "kursus.xlsx"),
        exports.csv(exports.google(world), folder / "survei.csv"),
    ]


def _collection(world: exports.World, folder: Path) -> list[Path]:
    """What the questionnaire of ``walesi instrument`` collects, in the first wave."""
    form = folder / "form.xlsx"
    _walesi("instrument", ROOT / "data" / "walesi", "--xlsform", form)
    answers = pd.read_csv(ROOT / "data" / "walesi" / "survey.csv", dtype=str, keep_default_na=False)
    about = world.employees.set_index("employee_id")["unit"]
    first = answers.query("wave == '1'").assign(unit=lambda a: a["employee_id"].map(about))
    return [as_xlsx(*collected(form, first, refused=3), folder / "export.xlsx")]


def _row(name: str, files, world: exports.World) -> bool:
    with tempfile.TemporaryDirectory() as temporary:
        folder, study = Path(temporary), Path(temporary, "study")
        sources = files(world, folder)
        made = _walesi("init", study, *(part for file in sources for part in ("--from", file)))
        texts = [(study / f).read_text("utf-8") for f in ("study.toml", "codebook.toml")]
        marks = sum(len(MARK.findall(text)) for text in texts)
        edits = 0 if FEVS in sources else _edited(study, world)
        _walesi("check", study)
        run = _walesi("run", study, "--out", folder / "out")
        pages = {book.name for book in NOTEBOOKS if (folder / "out" / "id" / f"{book.name}.html").exists()}
        findings = json.loads((folder / "out" / "findings.json").read_text("utf-8"))
        told = sum(finding["estimate"] is not None for finding in findings)
        counts = f"{len(pages)} of {len(NOTEBOOKS)}"
        print(
            f"{name:<14}{marks:>6}{edits:>6}{made:>8.1f}{run:>7.0f}{counts:>9}  {told} of {len(findings)}",
            flush=True,
        )
        return len(pages) == len(NOTEBOOKS)


def _edited(study: Path, world: exports.World) -> int:
    """Give each group of questions of an unknown role its role; return how many were given one."""
    path = study / "codebook.toml"
    roles = [construct["role"] for construct in world.constructs.values()]
    text = path.read_text("utf-8")
    groups = re.split(r"(?m)^(?=\[constructs\.[^.\]]+\]$)", text)
    edited = 0
    for i, role in enumerate(roles, start=1):
        groups[i], n = ROLE.subn(f'role = "{role}"', groups[i])
        edited += n if role != "other" else 0
    path.write_text("".join(groups), encoding="utf-8")
    return edited


def _walesi(*arguments: object) -> float:
    """Run the command line and return its seconds."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "walesi_research", *map(str, arguments), "--language", "en"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, arguments))}\n{done.stderr[-3000:]}")
    return time.perf_counter() - start
