"""The civil servants' survey that several estimators are tested on."""

import pandas as pd
import pytest

SCALES = {
    "training": "Q1 Q18 Q68 Q47",
    "culture": "Q20 Q26 Q30 Q55 Q58 Q59",
    "recognition": "Q24 Q25 Q31 Q32 Q33 Q65",
    "fairness": "Q15 Q16 Q19 Q44 Q50",
    "performance": "Q27 Q28 Q29 Q39",
}


@pytest.fixture(scope="session")
def fevs_scales():
    """The items of each scale."""
    return {name: items.split() for name, items in SCALES.items()}


@pytest.fixture(scope="session")
def fevs(shared, fevs_scales):
    """Answers of 101,881 federal employees, and the units they work in."""
    items = sorted({item for scale in fevs_scales.values() for item in scale})
    return pd.read_csv(shared / "studies/fevs2018_prdf_sample.csv.gz", usecols=[*items, "LEVEL1"])
