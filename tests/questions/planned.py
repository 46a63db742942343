"""The bundled study's scenarios, and others put in their place."""

from dataclasses import replace

from tests.questions.small import words
from walesi_research.study.settings import Policy, Scenario

DRAWS = 99


def with_policy(study, budget=None, **scenarios):
    """Return the study with these scenarios only."""
    policy = Policy(scenarios=scenarios, budget=budget)
    return replace(study, settings=study.settings.model_copy(update={"policy": policy}))


def scenario(**parts):
    """Return a scenario with a label."""
    return Scenario.model_validate({"label": words("Rencana")} | parts)
