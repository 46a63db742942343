"""Every rule says what it rests on, and every code has words in both languages."""

import inspect

import pytest

from walesi_research import rules
from walesi_research.language import has, say
from walesi_research.rules import distribution, ip_asn, predicate, regime, service_index
from walesi_research.rules.regulation import Regulation, weakest

NOT_RULES = {  # helpers around a rule: a repair, a study's own setting, a fault reconstructed
    "repair", "looks_damaged", "rounded_column", "contradictions", "check_nip",
    "rating_of_achievement", "max_of_codes", "regimes_of_year",
}  # fmt: skip


def public_functions():
    for name in rules.__all__:
        module = getattr(rules, name)
        if inspect.ismodule(module):
            for function in (getattr(module, n) for n in module.__all__):
                if inspect.isfunction(function):
                    yield pytest.param(function, id=f"{name}.{function.__name__}")


@pytest.mark.parametrize("function", list(public_functions()))
def test_every_rule_carries_listed_regulations(function):
    attached = getattr(function, "regulations", ())
    assert bool(attached) != (function.__name__ in NOT_RULES)
    assert set(attached) <= set(rules.REGULATIONS)


def test_every_listed_regulation_is_some_rule_s():
    used = {r for parameter in public_functions() for r in getattr(parameter.values[0], "regulations", ())}
    assert used == set(rules.REGULATIONS)


def test_what_nobody_read_is_marked_unverified():
    marked = {(r.name, r.article) for r in rules.REGULATIONS if r.verified == "unverified"}
    assert ("PP 30/2019", "Pasal 41(5): kurang, sangat kurang") in marked
    assert ("Peraturan BKN 8/2019", "dimensi kinerja untuk predikat PermenPANRB 6/2022") in marked
    assert weakest(rules.skp.grade_pp30.regulations) == "unverified"
    assert weakest(rules.skp.score_pp30.regulations) == "primary"
    assert weakest(predicate.predicate_of.regulations) == "secondary"


def test_years_of_force():
    (matrix,) = predicate.predicate_of.regulations
    assert [matrix.in_force(y) for y in (2021, 2022, 2030)] == [False, True, True]
    (dp3,) = rules.skp.grade_dp3.regulations
    assert dp3.in_force(2013) and not dp3.in_force(2014)


@pytest.mark.parametrize("fault", [{"verified": "surely"}, {"in_force_to": 2010}])
def test_a_regulation_that_contradicts_itself_is_refused(fault):
    good = {
        "name": "X", "article": "1", "in_force_from": 2011, "in_force_to": None,
        "verified": "primary", "source": "s",
    }  # fmt: skip
    with pytest.raises(ValueError):
        Regulation(**good | fault)


@pytest.mark.parametrize(
    ("prefix", "codes"),
    [
        ("predicate", predicate.PREDICATES),
        ("rating", predicate.RATINGS),
        ("comparison", predicate.COMPARISONS),
        ("organisation", distribution.ORGANISATION_PREDICATES),
        ("bound", {b.kind for pattern in distribution.PATTERNS.values() for b in pattern}),
        ("regime", [*(r.code for r in regime.REGIMES), regime.TRANSITION]),
        ("grade", service_index.GRADES),
        ("category", ip_asn.CATEGORIES),
        ("verified", rules.VERIFICATION),
    ],
)
def test_every_code_has_words(prefix, codes):
    assert [code for code in codes if not has(f"rules.{prefix}_{code}")] == []


def test_a_bound_reads_well():
    said = say("id", "rules.bound_at_most", share=0.7, predicates=say("id", "rules.predicate_baik"))
    assert said == "paling banyak 70% pegawai berpredikat Baik"
