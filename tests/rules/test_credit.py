"""Credit points: golden numbers of PermenPANRB 1/2023 and the official coefficients."""

import json
import math

import pytest

from walesi_research.rules import credit as rule


def test_golden():
    assert rule.credit_points("sangat_baik", 12.5) == 18.75
    assert round(rule.credit_points("baik", 12.5, 2), 2) == 2.08
    assert rule.credit_points("sangat_kurang", rule.coefficient_of("penyelia")) == 6.25


def test_shares():
    assert [rule.share_of_predicate(p) for p in rule.SHARES] == [1.5, 1.0, 0.75, 0.5, 0.25]
    assert math.isnan(rule.share_of_predicate(None))


@pytest.mark.parametrize("months", [0, -1, 13])
def test_no_such_period(months):
    with pytest.raises(ValueError):
        rule.credit_points("baik", 12.5, months)


@pytest.mark.parametrize(("predicate", "coefficient"), [("cukup", 12.5), ("baik", -1)])
def test_no_such_predicate_or_coefficient(predicate, coefficient):
    with pytest.raises(ValueError):
        rule.credit_points(predicate, coefficient)


@pytest.mark.shared
def test_coefficients_are_those_of_the_official_list(shared):
    lists = json.loads((shared / "studies" / "bkn_siasn_reference_codes.json").read_text(encoding="utf-8"))
    official = {e["jabatan"].lower().replace(" ", "_"): float(e["kriteria"]) for e in lists["koefisien"]}
    assert official == rule.COEFFICIENTS
