"""Reading models, and what goes without saying, against the parameter tables of lavaan 0.6-14."""

import numpy as np
import pytest

from walesi_research.stats.sem.parameters import build
from walesi_research.stats.sem.syntax import Modifier, Statement, parse


def free(table, group=0):
    """Names of the free parameters of one group, in order."""
    pairs = zip(table.parameters, table.free, strict=True)
    return [f"{p.lhs}{p.op}{p.rhs}" for p, f in pairs if f >= 0 and p.group == group]


def fixed(table, group=0):
    pairs = zip(table.parameters, table.free, strict=True)
    return {f"{p.lhs}{p.op}{p.rhs}": p.fixed for p, f in pairs if f < 0 and p.group == group}


def test_operators_comments_continuation_and_separators():
    found = parse("""
        # a model
        f =~ x1 + x2 +
             x3; y ~ f   ! with a comment
        x1 ~~ x2
        y + z ~ 1
        ind := a * (b + 1)
    """)
    assert [(s.lhs, s.op, s.rhs) for s in found] == [
        ("f", "=~", "x1"),
        ("f", "=~", "x2"),
        ("f", "=~", "x3"),
        ("y", "~", "f"),
        ("x1", "~~", "x2"),
        ("y", "~1", ""),
        ("z", "~1", ""),
        ("ind", ":=", "a * (b + 1)"),
    ]


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("1*x", Modifier(values=(1.0,))),
        ("-.5*x", Modifier(values=(-0.5,))),
        ("a*x", Modifier(labels=("a",))),
        ('"a b"*x', None),
        ("start(2)*x", Modifier(starts=(2.0,))),
        ("c(a, b)*x", Modifier(labels=("a", "b"))),
        ("c(1, 2)*x", Modifier(values=(1.0, 2.0))),
        ("2*a*x", Modifier(values=(2.0,), labels=("a",))),
        ("2*x + a*x", Modifier(values=(2.0,), labels=("a",))),
    ],
)
def test_modifiers(term, expected):
    if expected is None:
        with pytest.raises(ValueError, match="neither a number nor a label"):
            parse(f"f =~ {term}")
    else:
        assert parse(f"f =~ {term}") == [Statement("f", "=~", "x", expected)]


def test_na_frees_and_zero_fixes_an_intercept():
    (loading, intercept) = parse("f =~ c(NA, a)*x; x ~ 0*1")
    assert np.isnan(loading.modifier.values[0])
    assert loading.modifier.values[1] is None
    assert loading.modifier.labels == (None, "a")
    assert intercept.modifier.values == (0.0,)


def test_a_covariance_is_the_same_both_ways():
    assert parse("x ~~ a*y; y ~~ 2*x") == [Statement("x", "~~", "y", Modifier((2.0,), ("a",)))]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("", "the model is empty"),
        ("x1 + x2", "no operator"),
        ("a == b", "'==' is not supported"),
        ("f <~ x", "'<~' is not supported"),
        ("x | t1", "'|' is not supported"),
        ("f =~ x:y", "'x:y' is not a name"),
        ("f =~ 2x", "'2x' is not a name"),
        ("f =~ x +", "'' is not a name"),
    ],
)
def test_what_cannot_be_read_is_said(model, message):
    with pytest.raises(ValueError, match=message.replace("|", r"\|")):
        parse(model)


# ── what goes without saying ─────────────────────────────────────────────────────────────────────────────


def test_factor_model_as_cfa_completes_it():
    table = build("f =~ a + b + c; g =~ d + e; k =~ w")
    expected = "f=~b f=~c g=~e a~~a b~~b c~~c d~~d e~~e f~~f g~~g k~~k f~~g f~~k g~~k"
    assert free(table) == expected.split()
    assert fixed(table) == {"f=~a": 1, "g=~d": 1, "k=~w": 1, "w~~w": 0}  # one item: no unique variance


def test_structural_model_as_sem_completes_it():
    table = build("f =~ a+b+c; g =~ d+e+h; f ~ x1 + x2; g ~ x1; y ~ f; z ~ f", means=True)
    expected = "f=~b f=~c g=~e g=~h f~x1 f~x2 g~x1 y~f z~f a~~a b~~b c~~c d~~d e~~e h~~h y~~y z~~z f~~f g~~g"
    expected += " g~~y g~~z y~~z a~1 b~1 c~1 d~1 e~1 h~1 y~1 z~1"
    assert free(table) == expected.split()
    assert table.exogenous == ("x1", "x2")
    sample = [name for name, value in fixed(table).items() if np.isnan(value)]
    assert sample == ["x1~~x1", "x1~~x2", "x2~~x2", "x1~1", "x2~1"]
    assert {name for name, value in fixed(table).items() if value == 0} == {"f~1", "g~1"}


def test_random_predictors_are_free_and_described_ones_are_no_inputs():
    assert build("y ~ x").exogenous == ("x",)
    assert free(build("y ~ x", fixed_x=False)) == ["y~x", "y~~y", "x~~x"]
    assert build("y ~ x; x ~~ x").exogenous == ()


def test_unit_variances_instead_of_markers():
    table = build("f =~ a + b + c", std_lv=True)
    assert free(table)[:3] == ["f=~a", "f=~b", "f=~c"]
    assert fixed(table) == {"f~~f": 1}


def test_equal_families_share_parameters_and_free_latent_means():
    model = "f =~ a + b + c"
    table = build(model, groups=2, equal=("loadings", "intercepts"), means=True)
    names = [f"{p.lhs}{p.op}{p.rhs}" for p in table.parameters]
    half = len(names) // 2
    same = [n for n, i, j in zip(names, table.free[:half], table.free[half:], strict=False) if i == j >= 0]
    assert same == ["f=~b", "f=~c", "a~1", "b~1", "c~1"]
    assert fixed(table, 0)["f~1"] == 0
    assert "f~1" in free(table, 1)
    assert "f~1" not in free(build(model, groups=2, equal=("intercepts", "means"), means=True), 1)
    unit = build(model, groups=2, equal=("loadings",), means=True, std_lv=True)
    assert fixed(unit, 0)["f~~f"] == 1
    assert "f~~f" in free(unit, 1)


def test_labels_make_parameters_equal_within_and_across_groups():
    table = build("f =~ a + k*b + k*c; y ~ c(p, q)*f", groups=2)
    numbers = {(p.lhs, p.rhs, p.group): f for p, f in zip(table.parameters, table.free, strict=True)}
    assert len({numbers["f", item, group] for item in "bc" for group in (0, 1)}) == 1
    assert numbers["y", "f", 0] != numbers["y", "f", 1]


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ("f =~ a + c(1, 2)*b", {"groups": 3}, "2 entries for 3 group"),
        ("f =~ a", {"equal": ("loading",)}, "unknown in equal: loading"),
        ("ab := 1", {}, "no parameters"),
        ("a ~~ 1*a", {}, "nothing to estimate"),
    ],
)
def test_models_that_make_no_sense_are_refused(model, options, message):
    with pytest.raises(ValueError, match=message):
        build(model, **options)
