"""Twenty hours a year."""

import pandas as pd
import pytest

from walesi_research.rules import training_right as rule


def test_twenty_hours_are_enough_and_less_are_not():
    assert [rule.meets_norm(h) for h in (0, 19.99, 20, 120)] == [False, False, True, True]
    assert rule.meets_norm(None) is None
    assert rule.meets_norm(23, norm=24) is False


def test_a_share_can_be_taken_of_those_known():
    met = rule.meets_norm(pd.Series([0, 20, None, 40]))
    assert met.dtype == "boolean"
    assert met.mean() == 2 / 3


def test_ceiling_of_contract_staff():
    assert [rule.within_pppk_ceiling(h) for h in (0, 24, 24.5)] == [True, True, False]


def test_hours_are_not_negative():
    with pytest.raises(ValueError, match="outside"):
        rule.meets_norm(-1)
