"""Faults of what-if scenarios, told with key, value and what is allowed."""

import pytest

from tests.study.studies import write_study
from walesi_research.study import check_study, open_study

LABEL = 'label = { id = "x", en = "x" }\n'


def checked(folder, text):
    study = write_study(folder / "study")
    path = study / "study.toml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{text}", encoding="utf-8")
    return study, check_study(study).problems


@pytest.mark.parametrize(
    ("text", "key", "column"),
    [
        (f"[policy.scenarios.a]\n{LABEL}", "check.nothing_moves", "policy.scenarios.a.changes"),
        (
            f'[policy.scenarios.a]\n{LABEL}changes = {{ "training.hours_slope" = 5 }}\n'
            'targets = { "training.hours_slope" = 20 }\n',
            "check.change_and_target",
            "policy.scenarios.a.targets",
        ),
        (
            f'[policy.scenarios.a]\n{LABEL}targets = {{ "training.hours_slope" = 20 }}\n'
            'cost = { "joint.fairness" = 1 }\n',
            "check.cost_without_change",
            "policy.scenarios.a.cost",
        ),
    ],
)
def test_keys_that_do_not_go_together(tmp_path, text, key, column):
    _, problems = checked(tmp_path, text)
    (problem,) = [p for p in problems if p.severity == "error"]
    assert (problem.what.key, problem.column) == (key, column)
    for language in ("id", "en"):
        assert problem.what.in_(language)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("coverage = 1.2", "coverage"),
        ("coverage = 0", "coverage"),
        ('targets = { "joint.fairness" = -1 }', "targets.joint.fairness"),
        ('cost = { "training.hours_slope" = -1 }', "cost.training.hours_slope"),
    ],
)
def test_numbers_out_of_range(tmp_path, line, column):
    text = f'[policy.scenarios.a]\n{LABEL}changes = {{ "training.hours_slope" = 5 }}\n{line}\n'
    _, problems = checked(tmp_path, text)
    assert [p.column for p in problems if p.severity == "error"] == [f"policy.scenarios.a.{column}"]


@pytest.mark.parametrize("part", ["changes", "targets"])
def test_an_exposure_that_nothing_is_known_of_is_a_warning_with_the_nearest(tmp_path, part):
    _, problems = checked(
        tmp_path, f'[policy.scenarios.a]\n{LABEL}{part} = {{ "training.hour_slope" = 5 }}\n'
    )
    (problem,) = problems
    assert (problem.severity, problem.guess) == ("warning", "training.hours_slope")
    assert problem.column == f"policy.scenarios.a.{part}.training.hour_slope"
    assert "culture.award_att" in problem.allowed and "joint.fairness" in problem.allowed


def test_a_budget_and_a_scenarios_own_claim(tmp_path):
    text = (
        f'[policy]\nbudget = 5\n[policy.scenarios.a]\n{LABEL}targets = {{ "training.hours_slope" = 20 }}\n'
        '[claims.mine]\nfinding = "policy.a_gain"\nsupports = "above"\nlimit = 1\n'
    )
    study, problems = checked(tmp_path, text)
    assert problems == ()
    opened = open_study(study).settings.policy
    assert opened.budget == 5 and opened.scenarios["a"].exposures == ("training.hours_slope",)
    assert opened.scenarios["a"].coverage == 1


@pytest.mark.parametrize(
    "text", ["[policy]\nbudget = 0\n", f"[policy.scenarios.'A b']\n{LABEL}changes = {{ x = 1 }}\n"]
)
def test_a_budget_of_nothing_and_a_name_that_no_finding_can_have(tmp_path, text):
    _, problems = checked(tmp_path, text)
    assert any(p.severity == "error" and p.column.startswith("policy") for p in problems)
