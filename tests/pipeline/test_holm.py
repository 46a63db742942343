"""Holm's adjustment equals that of statsmodels, and touches the confirmatory family only."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from walesi_research.findings import CONFIRMATORY, Finding
from walesi_research.pipeline.holm import adjust
from walesi_research.stats import holm


@pytest.mark.parametrize(
    "p", [[0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.9], [0.2], [], [0.01, 0.01, 0.01], [0, 1]]
)
def test_equals_statsmodels(p):
    expected = multipletests(p, method="holm")[1] if p else []
    np.testing.assert_allclose(holm(p), expected, rtol=1e-12)  # the same arithmetic in another order


def finding(id, p):
    status = {} if p is not None else {"estimate": None, "status": "not_estimable", "reason": "too few"}
    common = {"unit": "points", "claim": "description", "method": "m", "question": {"id": "?", "en": "?"}}
    return Finding(**({"id": id, "estimate": 1.0, "p": p, "notebook": "n"} | common | status))


def test_only_the_family_that_was_estimated_is_adjusted():
    first, second, third = CONFIRMATORY[:3]
    found = adjust(
        [finding(first, 0.01), finding("other.x", 0.01), finding(second, 0.04), finding(third, None)]
    )
    assert [f.p_adjusted for f in found] == [0.02, None, 0.04, None]
    assert [f.id for f in found] == [first, "other.x", second, third]
