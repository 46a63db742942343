"""Findings for every claim of the brief, placed where a verdict wants them."""

import pandas as pd

from tests.questions.small import codebook, people
from walesi_research.findings import CONFIRMATORY, Finding
from walesi_research.questions.brief import brief
from walesi_research.questions.claims import CLAIMS
from walesi_research.study.settings import Settings
from walesi_research.study.study import Study

KINDS = {
    "appraisal.tie_effect": ("score points", "effect_if", "03_appraisal"),
    "appraisal.achievement_slope": (
        "score points for 10 points of achievement",
        "association",
        "03_appraisal",
    ),
    "appraisal.rater_share": ("share of variance", "description", "03_appraisal"),
    "training.norm_share": ("share", "description", "04_training"),
    "training.leadership_att": ("points of achievement", "effect_if", "04_training"),
    "pathway.culture_indirect": ("standard deviations", "association", "05_pathways"),
    "pathway.recognition_indirect": ("standard deviations", "association", "05_pathways"),
    "service.performance_slope": ("IKM points", "association", "06_performance"),
    "policy.combined_gain": ("points of achievement", "association", "07_policy"),
}
STATES = ("supported", "not_supported", "cannot_tell", "missing")


def finding(name, low=None, high=None, estimate=None, **changes):
    unit, claim, notebook = KINDS.get(name, ("points", "association", "03_appraisal"))
    words = {"id": "Berapa besarnya?", "en": "How large is it?"}
    about = {"id": name, "unit": unit, "claim": claim, "method": "m", "question": words, "notebook": notebook}
    if low is not None:
        estimate = (low + high) / 2 if estimate is None else estimate
        about |= {"estimate": estimate, "low": low, "high": high, "n": 150, "groups": 12}
        about |= {"p": 0.001, "p_adjusted": 0.006} if name in CONFIRMATORY else {}
    return Finding(**(about | changes))


def silent(name, status="not_estimable"):
    return finding(name, status=status, reason="Too thin.")


def placed(claim, state):
    """A finding whose interval lies where `state` says."""
    if state == "missing":
        return silent(claim.finding)
    inside = 1 if claim.supports == "above" else -1
    middle = claim.limit + {"supported": 0.3, "not_supported": -0.3, "cannot_tell": 0.01}[state] * inside
    return finding(claim.finding, middle - 0.05, middle + 0.05)


def study(
    tables=("employees", "survey", "appraisals", "training", "service"), claims=None, scenario=True, n=30
):
    about = {"id": "small", "title": {"id": "K", "en": "K"}, "seed": 7, "period": "quarter"}
    combined = {"label": {"id": "Program", "en": "Programme"}, "changes": {"training.hours_slope": 12}}
    policy = {"scenarios": {"combined": combined} if scenario else {}}
    settings = Settings.model_validate({"study": about, "claims": claims or {}, "policy": policy})
    employees = people(n, 6)
    whole = {
        "employees": employees,
        "survey": pd.DataFrame({"employee_id": employees["employee_id"], "wave": 1}),
        "appraisals": pd.DataFrame({"employee_id": employees["employee_id"], "period": 2024 * 4}),
        "training": pd.DataFrame({"employee_id": employees["employee_id"][:3]}),
        "service": pd.DataFrame({"unit": ["0"] * 50}),
    }
    return Study(settings, codebook(), {name: whole[name] for name in tables})


def patterned(states, **about):
    found = [placed(claim, state) for claim, state in zip(CLAIMS, states, strict=True)]
    return brief(study(**about), found)
