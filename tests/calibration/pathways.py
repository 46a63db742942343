"""Indirect and total effects of culture and recognition in worlds of 140 and of 400 employees.

Beside them stands what scale means give in their place, with units removed: it falls short of the truth.
Levels of units cost the model a little: with m people a unit it takes away too much error, in the order of
1 / m of what is corrected (some 3 % of a coefficient with 16 people a unit, 1 % with 40).
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from tests.calibration.record import Bounds
from tests.calibration.worlds import through_files
from walesi_research.questions import variables
from walesi_research.questions.pathways.latent import Pathways, pathways
from walesi_research.questions.pathways.pls import pls
from walesi_research.study import Study
from walesi_research.study.synthetic import World, simulate

SILENT = {
    f"{role}_to_{attitude}": 0.0
    for role in ("culture", "recognition")
    for attitude in ("motivation", "commitment")
}
SCENARIOS = {
    "140": {"employees": 140},
    "140 zero": {"employees": 140} | SILENT,
    "400": {"employees": 400},
    "400 zero": {"employees": 400} | SILENT,
}
"""Under zero neither culture nor recognition moves motivation or commitment: nothing goes through them."""
BOUNDS = Bounds(bias=0.10, cover=(0.90, 1.0), width=1.5, size=0.09)
"""Percentile intervals of a product are wide in small samples, and under zero they hardly miss."""
MOST_COVERED, BIAS_OF_400 = 0.99, 0.05
DRAWS = 299
FRESH = 1_000
"""Seeds begin here: the worlds before served to choose how refits end and what straight-lining counts."""
ROLES = ("culture", "recognition")
NAMES = [f"pathway.{role}_{kind}" for kind in ("indirect", "total") for role in ROLES]


def estimate(scenario: str, seed: int) -> dict:
    """Return the effects in one world beside their truths, and those of scale means."""
    own = len(SCENARIOS) * (FRESH + seed) + list(SCENARIOS).index(scenario)
    world = simulate(World(seed=own, **SCENARIOS[scenario]), population=0)
    study = through_files(world)
    answer = pathways(study, draws=DRAWS)
    found, estimates = {f.id: f for f in answer.findings}, {}
    for name in NAMES[: 2 if "zero" in scenario else 4]:
        f, truth = found[name], world.truth["findings"][name]["value"]
        estimates[name] = {"truth": truth, "estimate": f.estimate, "low": f.low, "high": f.high}
    beside = {"means": of_scale_means(study), "pls": of_plain_pls(study), "bca": bca(answer)}
    return {"scenario": scenario, "seed": seed, "estimates": estimates, "beside": beside}


def bca(answer: Pathways) -> dict:
    """Return the BCa intervals."""
    if answer.model is None:
        return {}
    kinds = [(role, kind) for role in ROLES for kind in ("indirect", "total")]
    return {f"pathway.{role}_{kind}": answer.model.effect(role, kind).bca for role, kind in kinds}


def of_scale_means(study: Study) -> dict:
    """Return the same effects by least squares between scale means, units removed."""
    outcome = variables.performance(study).values.rename("performance")
    names = {variables.construct_of_role(study, r): r for r in (*ROLES, "motivation", "commitment")}
    frame = variables.scores(study)[list(names)].rename(columns=names).join(outcome).dropna()
    unit = study.employees.set_index("employee_id")["unit"].astype(str).reindex(frame.index)
    frame = frame.groupby(unit).filter(lambda rows: len(rows) > 1)
    within = frame - frame.groupby(unit).transform("mean")
    motivation = slopes(within, "motivation", [*ROLES])
    commitment = slopes(within, "commitment", [*ROLES, "motivation"])
    last = slopes(within, "performance", [*ROLES, "motivation", "commitment"])
    out = {}
    for role in ROLES:
        through = motivation[role] * last["motivation"] + last["commitment"] * (
            commitment[role] + motivation[role] * commitment["motivation"]
        )
        scale = frame[role].std() / frame["performance"].std()
        out[f"pathway.{role}_indirect"] = float(through * scale)
        out[f"pathway.{role}_total"] = float((through + last[role]) * scale)
    return out


def of_plain_pls(study: Study) -> dict:
    """Return the same effects by plain partial least squares, as those who use it report them.

    Empty where too few people answered every question.
    """
    answer = pls(study, True, draws=2)
    if answer.fits is None:
        return {}
    fit = answer.fits["plain"]
    kinds = {"total": fit.total_effects, "indirect": fit.indirect_effects}
    return {
        f"pathway.{role}_{kind}": float(effects.loc[role, "performance"])
        for role in ROLES
        for kind, effects in kinds.items()
    }


def slopes(frame: pd.DataFrame, outcome: str, predictors: list[str]) -> dict[str, float]:
    found = np.linalg.lstsq(frame[predictors].to_numpy(), frame[outcome].to_numpy(), rcond=None)[0]
    return dict(zip(predictors, found, strict=True))


def overall(lines: Iterable[dict]) -> bool:
    """Print what scale means, plain PLS and BCa intervals give; hold what is held where there is an effect.

    Intervals may not cover too often, 400 employees have a narrower bias, and scale means fall short.
    """
    held, lines = True, list(lines)
    for scenario in ("140", "400"):
        mine = [line for line in lines if line["scenario"] == scenario]
        for name in NAMES:
            told, faults = beside(name, mine, BIAS_OF_400 if scenario == "400" else BOUNDS.bias)
            held &= not faults
            print(f"{scenario:<12}{name:<30}{told}{'  MISSED: ' + ', '.join(faults) if faults else ''}")
    return held


def beside(name: str, lines: list[dict], bias: float) -> tuple[str, list[str]]:
    kept = [line for line in lines if line["estimates"][name]["estimate"] is not None]
    truth, latent, low, high = np.array(
        [[line["estimates"][name][k] for k in ("truth", "estimate", "low", "high")] for line in kept]
    ).T
    means = np.array([line["beside"]["means"][name] for line in kept])
    plain = np.array([line["beside"]["pls"][name] for line in kept if line["beside"]["pls"]])
    bca_low, bca_high = np.array([line["beside"]["bca"][name] for line in kept]).T
    faults = []
    if np.mean((low <= truth) & (truth <= high)) > MOST_COVERED:
        faults.append("covers too often")
    if abs(np.mean(latent - truth)) > bias * np.mean(truth):
        faults.append("bias")
    if abs(means.mean()) >= abs(latent.mean()):
        faults.append("scale means do not fall short")
    averages = f"truth {truth.mean():.3f}, latent {latent.mean():.3f}, scale means {means.mean():.3f}"
    averages += f", plain PLS {plain.mean():.3f}"
    return f"{averages}; BCa covers {np.mean((bca_low <= truth) & (truth <= bca_high)):.1%}", faults
