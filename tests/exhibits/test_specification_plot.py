"""Curves of many models: small, readable on a phone, and told in words."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from walesi_research.exhibits.specification_plot import ModelChoice, ModelCurve, specification_plot


def curves(models=600, count=4):
    rng = np.random.default_rng(1)
    values = [rng.normal(0.2 * k, 0.1, models) for k in range(count)]
    return [
        ModelCurve(f"Predictor {k}", "99% agree", v, v > 0.2, 0, "open", f"median {k}")
        for k, v in enumerate(values)
    ]


CHOICES = [[ModelChoice(f"choice {g} {k}", -0.1, 0.1 * k, 0.4, f"0.{k}") for k in range(4)] for g in range(5)]


def drawn(rows=None, choices=CHOICES, **how):
    return specification_plot(
        rows or curves(), choices, language="en", alt="Estimates", caption="c", axis_label="SD",
        choices_label="Predictor 0, by choice:", **how,
    )  # fmt: skip


def test_it_is_small_and_its_words_hold_the_numbers():
    figure = drawn(synthetic=True)
    assert len(figure.svg) < 8_000
    assert figure.alt.startswith("Estimates: Predictor 0 median 0; ") and "choice 4 3 0.3." in figure.alt
    assert "invented numbers" in figure.svg


def test_large_dots_are_clear_ones_and_the_main_model_has_a_ring():
    row = ModelCurve("A", "", [0.3, -0.1, 0.1], [True, False, False], 2, "yes", "")
    tree = ET.fromstring(drawn([row], ()).svg)
    paths = {node.get("class"): node.get("d") for node in tree.iter("path")}
    large, small = (re.findall(r"M([\d.]+) ([\d.]+)h0", paths[look]) for look in ("bar", "bar thin"))
    assert len(large) == 1 and len(small) == 2
    assert float(large[0][0]) > max(float(x) for x, _ in small)  # to the right: the largest estimate
    ring = next(tree.iter("circle"))
    assert (ring.get("class"), (ring.get("cx"), ring.get("cy"))) == (
        "ring",
        max(small, key=lambda p: float(p[0])),
    )
    zero = float(re.match(r"M([\d.]+)", paths["lim"])[1])
    assert min(float(x) for x, _ in small) < zero < float(ring.get("cx"))


def test_no_label_meets_another_or_leaves_the_drawing(text_boxes):
    found = text_boxes(drawn(synthetic=True).svg)
    for k, box in enumerate(found):
        assert box.left >= 0 and box.right <= 340, box.text
        assert not any(box.meets(other) for other in found[k + 1 :]), box.text


def test_of_many_models_evenly_spaced_ones_are_drawn():
    svg = drawn(curves(600, 1), ()).svg
    assert svg.count("h0") == 48
    assert drawn(curves(20, 1), ()).svg.count("h0") == 20


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="needs a curve"):
        specification_plot([], language="en", alt="a", caption="c", axis_label="x")
    with pytest.raises(ValueError, match="each model"):
        ModelCurve("A", "", [0.1, 0.2], [True], 0, "open", "")
