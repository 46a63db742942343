"""One world: drawn like the study, opened as a user opens a study, and asked the notebooks' questions."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from walesi_research.errands.calibrate.contract import ASKED, EFFECTS, findings_of
from walesi_research.errands.calibrate.likeness import Likeness
from walesi_research.errands.calibrate.self_rated import self_rated_truths
from walesi_research.study.synthetic import SyntheticStudy, World, simulate, write_study
from walesi_research.study.synthetic.questionnaire import CONSTRUCTS
from walesi_research.study.synthetic.world import EFFECTS as SETTINGS

if TYPE_CHECKING:
    import pandas as pd

    from walesi_research.findings import Finding
    from walesi_research.study import Study

__all__ = ["Errand", "Kind", "ask", "opened", "population_truths", "world_of"]

Kind = Literal["ordinary", "null"]
"""An ordinary world has the effects of synthetic worlds; in a null one nothing has an effect on anything."""
POPULATION = 200_000
"""Employees simulated for truths of a population: their own error is a fiftieth of an estimate's."""


@dataclass(frozen=True)
class Errand:
    """What a worker is sent to do: the questions of one part, asked of one world.

    Parameters
    ----------
    likeness : Likeness
    kind : {"ordinary", "null"}
    number : int
        The world's, from 0.
    seed : int
        The study's.
    part : str
        Which questions, see `contract.PARTS`.
    parameters : mapping of str to object
        ``level`` and ``draws``, as the notebooks take them.
    """

    likeness: Likeness
    kind: Kind
    number: int
    seed: int
    part: str
    parameters: Mapping[str, Any]


def world_of(errand: Errand) -> World:
    """Return the settings of an errand's world; its seed depends on the study's, kind and number alone."""
    seed = np.random.SeedSequence([errand.seed, errand.kind == "null", errand.number]).generate_state(1)[0]
    world = replace(errand.likeness.world, seed=int(seed))
    return replace(world, **dict.fromkeys(SETTINGS, 0.0)) if errand.kind == "null" else world


def ask(question: Callable[[str], Callable[..., Any]], errand: Errand) -> dict[str, Any]:
    """Ask the questions of a part of one world.

    Parameters
    ----------
    question : callable
        Gives a question's function by its room and name.
    errand : Errand

    Returns
    -------
    dict
        ``{"kind", "number", "part", "findings": {id: {"estimate", "low", "high", "p", "status", "truth"}}}``;
        a question that failed has the status ``failed`` and says with what.
    """
    synthetic = simulate(world_of(errand), population=0)
    study = opened(synthetic, errand.likeness)
    truths = {name: about["value"] for name, about in synthetic.truth["findings"].items()}
    found: dict[str, dict[str, Any]] = {}
    for asked in ASKED:
        if asked.part == errand.part:
            names = ("level", "draws") if asked.draws else ("level",)
            given = {name: errand.parameters[name] for name in names}
            ids = findings_of(asked.question, study.codebook.constructs)
            told = _answers(question(asked.question), study, given, ids)
            known = all(_there(errand.likeness, need) for need in asked.needs)
            for name, record in told.items():
                found[name] = record | {"truth": _truth(name, errand.kind, truths) if known else None}
    return {"kind": errand.kind, "number": errand.number, "part": errand.part, "findings": found}


def _answers(
    function: Callable[..., Any], study: Study, given: Mapping[str, Any], ids: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Return a question's findings as short records; a fault of the question is its own."""
    try:
        made = {f.id: f for f in function(study, **given).findings}
    except Exception as error:  # a world that breaks a question is a result too
        return {name: _nothing("failed", type(error).__name__) for name in ids}
    return {name: _short(made[name]) if name in made else _nothing("missing") for name in ids}


def _short(finding: Finding) -> dict[str, Any]:
    record = finding.as_record()
    kept = {name: record[name] for name in ("estimate", "low", "high", "p", "status")}
    return kept if finding.status == "estimated" else kept | {"reason": finding.reason}


def _nothing(status: str, reason: str = "") -> dict[str, Any]:
    return dict.fromkeys(("estimate", "low", "high", "p")) | {"status": status, "reason": reason}


def _truth(name: str, kind: Kind, truths: Mapping[str, float | None]) -> float | None:
    """Return the truth of a finding in its world: zero of an effect that is none.

    None where only a population knows it (see `population_truths`) or it is not defined.
    """
    if kind == "null" and name in EFFECTS:
        return 0.0
    return truths.get(name)


def _there(likeness: Likeness, need: str) -> bool:
    table, _, column = need.partition(".")
    return table in likeness.columns and (not column or column in likeness.columns[table])


# ── a world as a study ───────────────────────────────────────────────────────────────────────────────────


def opened(synthetic: SyntheticStudy, likeness: Likeness) -> Study:
    """Return a world as an opened study: tables, columns, constructs and privacy as the study has them."""
    from walesi_research.study import open_study

    shown = replace(synthetic, tables=_shown(synthetic.tables, likeness))
    with tempfile.TemporaryDirectory() as folder:
        write_study(shown, Path(folder) / "study")
        _without_tables(Path(folder) / "study" / "study.toml", set(synthetic.tables) - set(shown.tables))
        study = open_study(Path(folder) / "study")
    settings = study.settings.model_copy(update=_settings(study, likeness))
    kept = {k: c for k, c in study.codebook.constructs.items() if c.role in likeness.roles}
    return replace(study, settings=settings, codebook=study.codebook.model_copy(update={"constructs": kept}))


def _settings(study: Study, likeness: Likeness) -> dict[str, Any]:
    """Return the privacy settings of the study, and the combined programme alone where it has one."""
    privacy = {"minimum_cell": likeness.minimum_cell, "round_counts": likeness.round_counts}
    scenarios = {
        k: v for k, v in study.settings.policy.scenarios.items() if k == "combined" and likeness.combined
    }
    return {
        "privacy": study.settings.privacy.model_copy(update=privacy),
        "policy": study.settings.policy.model_copy(update={"scenarios": scenarios, "budget": None}),
    }


def _shown(tables: Mapping[str, pd.DataFrame], likeness: Likeness) -> dict[str, pd.DataFrame]:
    """Return the tables and columns that the study has too; the questionnaire is the world's own."""
    shown = {}
    for name, table in tables.items():
        if name in likeness.columns:
            known = set(likeness.columns[name]) | (
                {*table.columns} - {"comment"} if name == "survey" else set()
            )
            shown[name] = table[[c for c in table.columns if c in known]]
            if likeness.one_unit and "unit" in shown[name]:
                unit = tables["employees"]["unit"].iloc[0]
                blank = shown[name]["unit"] == ""
                shown[name] = shown[name].assign(unit=shown[name]["unit"].where(blank, unit))
    return shown


def _without_tables(file: Path, dropped: set[str]) -> None:
    """Take the tables that are not there out of ``study.toml``."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if line.partition("=")[0].strip() not in dropped]
    file.write_text("".join(kept), encoding="utf-8", newline="\n")


# ── truths of a population ───────────────────────────────────────────────────────────────────────────────


def population_truths(likeness: Likeness, kind: Kind) -> dict[str, float]:
    """Return the truths that are properties of the process: joint, importance, measurement, perception.

    Those whose tables or columns the study lacks are left out, and effects that are zero in a null world.
    Without recorded achievement, joint, importance and pathway are of self-rated performance.
    """
    values = _of_population(replace(likeness.world, seed=0), kind)
    kept: dict[str, float] = {}
    if kind == "ordinary" and "survey" in likeness.columns and not _there(likeness, "appraisals.achievement"):
        kept |= self_rated_truths(likeness.world, likeness.roles, POPULATION)
    for asked in ASKED:
        if all(_there(likeness, need) for need in asked.needs):
            names = findings_of(asked.question, {c.name: c.role for c in CONSTRUCTS})
            kept |= {n: values[n] for n in names if n in values and not (kind == "null" and n in EFFECTS)}
    return kept


@cache
def _of_population(world: World, kind: Kind) -> dict[str, float]:
    made = World(**(asdict(world) | (dict.fromkeys(SETTINGS, 0.0) if kind == "null" else {})))
    ordinary = simulate(made, population=0).truth["findings"]
    found = simulate(made, population=POPULATION).truth["findings"]
    return {k: v["value"] for k, v in found.items() if k not in ordinary and v["value"] is not None}
