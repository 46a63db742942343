"""What the answers say in words agrees with their numbers."""

from types import SimpleNamespace

import pandas as pd
import pytest

from walesi_research.questions.data.contents import _period
from walesi_research.questions.measurement.reliability import Estimate, Reliability
from walesi_research.questions.performance.joint import Joint
from walesi_research.study.calendar import Calendar


def coefficient(estimate, low, high, p):
    return SimpleNamespace(estimate=estimate, low=low, high=high, p=p)


CLEAR = coefficient(0.3, 0.2, 0.4, 0.0001)
LARGER_BUT_OPEN = coefficient(0.5, -0.2, 1.2, 0.2)
OPPOSITE = coefficient(-0.3, -0.4, -0.2, 0.0001)
NOT_AMONG_FOUR = coefficient(0.3, 0.05, 0.55, 0.02)
NOTHING = coefficient(0.0, -0.3, 0.3, 0.9)


def joint(**coefficients):
    """A joint answer; one standard deviation is 10 points of performance and 20 JP, 1 level of a scale."""
    frame = pd.DataFrame({"performance": [-10.0, 0, 10], "training": [-2.0, 0, 2], "culture": [-1.0, 0, 1]})
    frame["recognition"] = frame["fairness"] = frame["culture"]
    cases = SimpleNamespace(frame=frame, source="achievement", trained_by="hours")
    model = SimpleNamespace(coefficients=coefficients, units=9)
    return Joint(False, 0.95, {}, 135, cases, model, year=2024)


def words(result, language="id"):
    lead, size = (s.alt for s in result.sentence(language))
    return lead, size, result.heading(language)[0].alt


def test_the_example_is_of_what_is_clear():
    lead, size, heading = words(joint(training=CLEAR, culture=LARGER_BUT_OPEN, fairness=NOTHING))
    assert lead.startswith("Pelatihan.") and "Untuk budaya kerja dan keadilan penilaian belum" in lead
    assert "20 jam pelajaran (JP) pelatihan" in size and "kemungkinan besar antara 2,0 dan 4,0." in size
    assert heading == "Bila yang lain sama, pelatihan sejalan dengan kinerja yang lebih tinggi"


def test_what_goes_with_lower_performance_is_an_answer_too():
    lead, size, heading = words(joint(training=OPPOSITE, culture=NOTHING))
    assert lead.startswith("Pelatihan, tetapi ke arah sebaliknya.")
    assert "3,0 poin capaian lebih rendah, kemungkinan besar antara 2,0 dan 4,0." in size
    assert heading.endswith("pelatihan sejalan dengan kinerja yang lebih rendah")


def test_both_directions_are_told():
    lead, _, _ = words(joint(training=CLEAR, culture=OPPOSITE))
    assert (
        lead.startswith("Pelatihan.")
        and "Budaya kerja jelas berkaitan dengan kinerja yang lebih rendah" in lead
    )


def test_an_interval_away_from_zero_that_is_not_clear_says_why():
    others = dict.fromkeys(("culture", "recognition", "fairness"), NOTHING)
    lead, size, heading = words(joint(training=NOT_AMONG_FOUR, **others))
    assert lead.startswith("Belum dapat disimpulkan.") and "belum ada yang jelas" in heading
    assert "beberapa hal diuji sekaligus" in size


def test_a_minus_in_an_example_is_explained():
    _, size, _ = words(joint(training=LARGER_BUT_OPEN))
    assert "kemungkinan besar −2,0 sampai 12,0 (minus berarti arah sebaliknya)." in size


def reliability(**alphas):
    label = {"id": "Skala", "en": "Scale"}
    study = SimpleNamespace(
        codebook=SimpleNamespace(constructs=dict.fromkeys(alphas, SimpleNamespace(label=label)))
    )
    estimates = {
        (n, kind): Estimate(3, n=135, value=a, low=a, high=a)
        for n, a in alphas.items()
        for kind in ("alpha", "omega")
    }
    return [s.alt for s in Reliability(study, 0.95, estimates).sentence("en")]


def test_scales_without_an_alpha_are_not_called_reliable():
    assert reliability(a=None, b=None) == []
    assert reliability(a=0.8, b=None)[0].startswith("The scales that can be computed are")
    assert reliability(a=0.8, b=0.9)[0].startswith("Every scale is")
    assert reliability(a=0.8, b=0.6)[0].startswith(
        "Less reliable (the whole interval of alpha below 0.70): Scale."
    )


@pytest.mark.parametrize(
    ("rhythm", "text", "told"),
    [
        ("year", "2024", {"id": "2024", "en": "2024"}),
        ("half", "2024-H1", {"id": "semester 1 2024", "en": "half 1 of 2024"}),
        ("quarter", "2024-Q3", {"id": "triwulan 3 2024", "en": "quarter 3 of 2024"}),
        ("month", "2024-09", {"id": "September 2024", "en": "September 2024"}),
    ],
)
def test_periods_in_words(rhythm, text, told):
    calendar = Calendar(rhythm)
    assert {code: _period(calendar, calendar.parse(text), code) for code in told} == told
