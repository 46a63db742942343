"""The real survey of 101,881 civil servants, from the command line to findings and pages."""

import json
import resource
import subprocess
import sys

import pandas as pd
import pytest
import statsmodels.formula.api as smf

pytestmark = [pytest.mark.shared, pytest.mark.slow]

ALPHAS = {  # unweighted, complete file (reference values beside the data), to four decimals
    "training": 0.8610,
    "culture": 0.8665,
    "recognition": 0.9161,
    "appraisal_fairness": 0.8432,
    "merit": 0.8627,
    "unit_performance": 0.8098,
}
MIXED = {"training": 0.114547, "culture": 0.436393, "recognition": 0.096078, "fairness": 0.067855}
"""Unstandardised coefficients of the mixed model, from lme4."""


@pytest.fixture(scope="module")
def report(root, shared, tmp_path_factory):
    out = tmp_path_factory.mktemp("fevs") / "report"
    file = shared / "studies" / "fevs2018_prdf_sample.csv.gz"
    command = [sys.executable, "-m", "walesi_research", "run", root / "data/fevs2018", "--out", out]
    tables = [f"--table={name}={file}" for name in ("employees", "survey")]
    run = subprocess.run(
        [*map(str, command), *tables], capture_output=True, text=True, check=False, timeout=600
    )
    assert run.returncode == 0, run.stderr
    return out


@pytest.fixture(scope="module")
def findings(report):
    records = json.loads((report / "findings.json").read_text(encoding="utf-8"))
    return {record["id"]: record for record in records}


@pytest.fixture(scope="module")
def scales(root, shared):
    """Scale means straight from the file, without the toolkit's reader."""
    import tomllib

    book = tomllib.loads((root / "data/fevs2018/codebook.toml").read_text(encoding="utf-8"))["constructs"]
    raw = pd.read_csv(shared / "studies" / "fevs2018_prdf_sample.csv.gz")
    means = {c["role"]: raw[list(c["items"])].mean(axis=1) for c in book.values()}
    return pd.DataFrame(means).assign(unit=raw["LEVEL1"])


def test_the_golden_alphas_are_in_the_findings(findings):
    for name, value in ALPHAS.items():
        # the reference is given to four decimals
        assert findings[f"measurement.{name}.alpha"]["estimate"] == pytest.approx(value, abs=6e-5)


def test_the_scales_reproduce_the_reference_regression(scales):
    fit = smf.ols("performance ~ training + culture + recognition", scales).fit()
    expected = {"Intercept": 1.4648, "training": 0.1384, "culture": 0.4447, "recognition": 0.1164}
    assert fit.params.to_dict() == pytest.approx(expected, abs=6e-5)
    assert fit.rsquared == pytest.approx(0.6067, abs=6e-5)


def test_the_joint_model_is_the_reference_mixed_model_in_standard_deviations(findings, scales):
    for name, coefficient in MIXED.items():
        standardised = coefficient * scales[name].std() / scales["performance"].std()
        # the reference is given to six decimals, findings to eight digits
        assert findings[f"joint.{name}"]["estimate"] == pytest.approx(standardised, abs=2e-6)
        assert findings[f"joint.{name}"]["groups"] == 234


def test_pages_are_there_in_both_languages_without_a_synthetic_label(report):
    for language in ("id", "en"):
        for name in ("01_data", "06_performance"):
            page = (report / language / f"{name}.html").read_text(encoding="utf-8")
            assert "101" in page
            assert "sintetis" not in page.lower()
            assert "synthetic" not in page.lower()


def test_it_runs_within_four_gigabytes(report):
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    assert peak < 4e9  # the largest single process; measured: about 0.5 GB
