"""The settings of the federal survey say what the public file holds, and group its items as documented."""

import csv
import tomllib
from collections import Counter

import numpy as np
import pandas as pd
import pytest

GROUPS = {  # alpha, unweighted, complete file of 101,881 (reference values beside the data)
    "training": ("training", 0.8610),
    "culture": ("culture", 0.8665),
    "recognition": ("recognition", 0.9161),
    "appraisal_fairness": ("fairness", 0.8432),
    "merit": ("other", 0.8627),
    "unit_performance": ("performance", 0.8098),
}


@pytest.fixture(scope="module")
def constructs(root):
    return tomllib.loads((root / "data/fevs2018/codebook.toml").read_text(encoding="utf-8"))["constructs"]


@pytest.fixture(scope="module")
def settings(root):
    return tomllib.loads((root / "data/fevs2018/study.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def answers(shared, constructs, settings):
    items = [item for construct in constructs.values() for item in construct["items"]]
    columns = {*settings["columns"]["employees"].values(), *settings["columns"]["survey"].values()}
    return pd.read_csv(shared / "studies/fevs2018_prdf_sample.csv.gz", usecols=[*items, *columns])


def alpha(items):
    """Cronbach's alpha from its definition, for complete answers of shape (n, k)."""
    k = items.shape[1]
    return k / (k - 1) * (1 - items.var(ddof=1).sum() / items.sum(axis=1).var(ddof=1))


def test_the_folder_holds_no_data_and_names_none(root, settings):
    assert not settings.get("tables")
    files = sorted(p.name for p in (root / "data/fevs2018").iterdir())
    assert files == ["README.md", "codebook.toml", "study.toml"]


def test_roles_and_scales(constructs):
    assert {name: c["role"] for name, c in constructs.items()} == {n: role for n, (role, _) in GROUPS.items()}
    assert all(c["scale"] == [1, 5] and "reverse" not in c for c in constructs.values())


def test_every_word_is_in_both_languages(constructs):
    texts = [t for c in constructs.values() for t in (c["label"], *c["items"].values())]
    assert all(set(t) == {"id", "en"} and t["id"].strip() and t["id"] != t["en"] for t in texts)


def test_no_item_is_in_two_groups(constructs):
    counts = Counter(item for c in constructs.values() for item in c["items"])
    assert len(counts) == 30 and set(counts.values()) == {1}


def test_the_readme_lists_the_groups_as_they_are(root, constructs):
    readme = (root / "data/fevs2018/README.md").read_text(encoding="utf-8")
    for name, construct in constructs.items():
        assert f"| {name} | {' '.join(construct['items'])} |" in readme


@pytest.mark.shared
def test_item_texts_are_the_publisher_s(shared, constructs):
    with (shared / "studies/fevs2018_items.csv").open(encoding="utf-8", newline="") as file:
        official = {row["item"]: row["text"] for row in csv.DictReader(file)}
    for construct in constructs.values():
        assert {item: t["en"] for item, t in construct["items"].items()}.items() <= official.items()


@pytest.mark.shared
def test_the_value_map_covers_the_file(answers, settings):
    mapped = {v for values in settings["values"]["employees"]["gender"].values() for v in values}
    assert set(answers["DSEX"]) <= mapped
    assert answers["RANDOM"].is_unique


@pytest.mark.shared
@pytest.mark.parametrize("name", GROUPS)
def test_the_groups_have_the_reference_reliability(answers, constructs, name):
    # 5e-5: the reference has four decimals
    assert alpha(answers[list(constructs[name]["items"])]) == pytest.approx(GROUPS[name][1], abs=5e-5)


@pytest.mark.shared
def test_the_groups_give_the_reference_regression(answers, constructs):
    means = {name: answers[list(c["items"])].mean(axis=1) for name, c in constructs.items()}
    x = np.column_stack([np.ones(len(answers)), means["training"], means["culture"], means["recognition"]])
    y = means["unit_performance"].to_numpy()
    beta, residual, *_ = np.linalg.lstsq(x, y, rcond=None)
    assert beta == pytest.approx([1.4648, 0.1384, 0.4447, 0.1164], abs=5e-5)
    assert 1 - residual[0] / ((y - y.mean()) ** 2).sum() == pytest.approx(0.6067, abs=5e-5)
