"""Parameters are read as declared, and everything else is refused with what is allowed."""

import pytest

from walesi_research.language import LANGUAGES
from walesi_research.pipeline.graph import NOTEBOOKS, STUDY
from walesi_research.pipeline.parameters import Parameter, assignments, resolve
from walesi_research.problems import UserError

LEVEL = Parameter(name="level", kind="float", default=0.95, low=0.8, high=0.999)
DRAWS = Parameter(name="draws", kind="int", default=999, low=99, high=9999)
PLOT = Parameter(name="plot", kind="bool", default=True)
TITLE = Parameter(name="title", kind="text", default="")
METHOD = Parameter(name="method", kind="text", default="reml", choices=("reml", "ml"))
LIMITS = Parameter(name="limits", kind="float", default=(0.5, 1.0), many=True)
EVERY = (LEVEL, DRAWS, PLOT, TITLE, METHOD, LIMITS)


@pytest.mark.parametrize(
    ("parameter", "given", "value"),
    [
        (LEVEL, "0.9", 0.9),
        (LEVEL, " 0,9 ", 0.9),
        (LEVEL, 0.9, 0.9),
        (DRAWS, "199", 199),
        (DRAWS, 199.0, 199),
        (PLOT, "tidak", False),
        (PLOT, "True", True),
        (PLOT, False, False),
        (TITLE, "a = b", "a = b"),
        (METHOD, "ml", "ml"),
        (LIMITS, "0.1,0.2", [0.1, 0.2]),
        (LIMITS, "[0.1, 0.2]", [0.1, 0.2]),
        (LIMITS, (1, 2), [1.0, 2.0]),
        (LIMITS, "", []),
    ],
)
def test_values_are_read_as_declared(parameter, given, value):
    read = parameter.read(given)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("level", "95", "0.8 to 0.999"),
        ("level", "nan", "0.8 to 0.999"),
        ("level", True, "0.8 to 0.999"),
        ("level", "high", "a number"),
        ("level", None, "a number"),
        ("draws", "99.5", "a whole number from 99 to 9999"),
        ("draws", 99.5, "a whole number"),
        ("draws", float("inf"), "a whole number"),
        ("draws", "98", "99"),
        ("plot", "perhaps", "yes or no"),
        ("title", 3, "text"),
        ("method", "pls", "reml, ml"),
        ("limits", "1;2", "list separated by commas"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(name, value, allowed):
    with pytest.raises(UserError) as refused:
        resolve({"n": EVERY}, {name: value})
    (problem,) = refused.value.problems
    assert name in problem.what.in_("en")
    assert allowed in problem.what.in_("en")


def test_an_unknown_name_is_refused_with_the_nearest_and_all_that_there_are():
    with pytest.raises(UserError) as refused:
        resolve({"n": EVERY}, {"levle": "0.9", "draws": "1"})
    first, second = refused.value.problems  # all at once
    assert first.guess == "level"
    assert first.allowed == "draws, level, limits, method, plot, title"
    assert "draws" in second.what.in_("id")


def test_a_parameter_reaches_every_notebook_that_declares_it_and_no_other():
    values = resolve({"a": (LEVEL,), "b": (LEVEL, DRAWS), "c": (PLOT,)}, {"level": "0.9"})
    assert values == {"a": {"level": 0.9}, "b": {"level": 0.9, "draws": 999}, "c": {"plot": True}}


def test_what_the_pipeline_injects_is_not_for_users():
    with pytest.raises(UserError):
        resolve({"n": (STUDY, LEVEL)}, {"study": "elsewhere"})


def test_a_value_may_hold_equals_signs():
    assert assignments(["title=a=b", "level=0.9"]) == {"title": "a=b", "level": "0.9"}


@pytest.mark.parametrize(("texts", "faults"), [(["level"], 1), (["=1", "x"], 2), (["a=1", "a=2"], 1)])
def test_what_is_no_assignment_is_refused(texts, faults):
    with pytest.raises(UserError) as refused:
        assignments(texts)
    assert len(refused.value.problems) == faults
    assert all(problem.what.in_(language) for problem in refused.value.problems for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_parameter_and_title_is_explained_in_both_languages(language):
    from walesi_research.language import say

    for notebook in NOTEBOOKS:
        assert say(language, notebook.title_key)
        for parameter in notebook.parameters:
            assert say(language, parameter.help_key)
            assert parameter.allowed.in_(language)
