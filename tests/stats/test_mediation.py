"""Observed mediation against lavaan and least squares of R (1e-6: both are closed forms)."""

import json

import numpy as np
import pandas as pd
import pytest

from walesi_research.stats.mediation import adjusted_indirect, mediation, vanishing_rho
from walesi_research.stats.resampling import bootstrap_counts


@pytest.fixture(scope="module")
def reference(shared):
    return lambda name: json.loads((shared / f"reference/values/{name}.json").read_text())["results"]


def data(shared, name):
    return pd.read_csv(shared / f"reference/data/{name}.csv")


def jobs(shared, **options):
    d = data(shared, "jobs2")
    sex = pd.to_numeric(d.sex)
    return mediation(d.depress2, d.job_seek, d.treat, np.column_stack([d.econ_hard, sex, d.age]), **options)


def defined(rows):
    return {r["lhs"]: (r["est"], r["se"]) for r in rows if r["op"] == ":="}


def test_jobs(shared, reference):
    expected = reference("mediation_jobs2")
    table = jobs(shared).table()
    for name in ("indirect", "direct", "total"):
        assert table.loc[name, "estimate"] == pytest.approx(expected[name], abs=1e-6)
    assert table.loc["indirect", "se"] == pytest.approx(expected["sobel_se"], abs=1e-6)
    table = jobs(shared, divisor="n").table()
    for name, values in defined(expected["lavaan_ml"]).items():
        assert tuple(table.loc[name, ["estimate", "se"]]) == pytest.approx(values, abs=1e-6)


def test_two_mediators_side_by_side(shared, reference):
    d = data(shared, "tal_or")
    table = mediation(d.reaction, d[["import", "pmi"]], d.cond, divisor="n").table()
    names = {"ind1": "via 0", "ind2": "via 1", "totind": "indirect", "total": "total"}
    for lhs, values in defined(reference("mediation_tal_or")["lavaan"]).items():
        assert tuple(table.loc[names[lhs], ["estimate", "se"]]) == pytest.approx(values, abs=1e-6)


def test_bootstrap(shared, reference):
    """5,000 draws: the error's Monte Carlo error is 1 %, the limits' 0.0006; R's own 0.0003."""
    expected = reference("mediation_jobs2")["ols_boot20000"]
    found = jobs(shared, counts=bootstrap_counts(np.random.default_rng(1), 899, 5000)).table().loc["indirect"]
    assert found.boot_se == pytest.approx(expected["se"], rel=0.04)
    assert (found.percentile_low, found.percentile_high) == pytest.approx(tuple(expected["perc"]), abs=0.002)


def test_sensitivity(shared, reference):
    """The R package iterates, so 1e-4; on its grid of 0.05 the effect is nearest to zero at -0.25."""
    expected = reference("mediation_pkg")
    found = jobs(shared).paths
    recorded = expected["jobs_medsens"]
    rho = np.array(recorded["rho"])
    assert adjusted_indirect(found, rho) == pytest.approx(np.ravel(recorded["d0"]), abs=1e-4)
    zero = float(vanishing_rho(found))
    assert rho[np.abs(rho - zero).argmin()] == pytest.approx(expected["jobs_medsens_rho_at_zero"])
    assert adjusted_indirect(found, [zero]) == pytest.approx([0], abs=1e-12)


def test_mediators_in_series_share_out_the_same_whole():
    """An identity of recursive models, errors by maximum likelihood included: to rounding."""
    rng = np.random.default_rng(3)
    x, e = rng.normal(size=80), rng.normal(size=(80, 3))
    m1 = 0.5 * x + e[:, 0]
    m2 = 0.4 * m1 + e[:, 1]
    y = 0.3 * m1 + 0.5 * m2 + e[:, 2]
    series, side = (mediation(y, np.column_stack([m1, m2]), x, serial=s, divisor="n") for s in (True, False))
    rows = ["indirect", "direct", "total"]
    assert series.table().loc[rows].to_numpy() == pytest.approx(side.table().loc[rows].to_numpy(), abs=1e-9)
    assert series.estimates[:3].sum() == pytest.approx(side.estimates[-3], abs=1e-12)
    assert vanishing_rho(series.paths) == pytest.approx(vanishing_rho(side.paths), abs=1e-12)
