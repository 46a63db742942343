"""Observed mediation against lavaan and least squares of R (1e-6: both are closed forms)."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from walesi_research.stats.mediation import adjusted_indirect, counterfactual, mediation, vanishing_rho
from walesi_research.stats.resampling import bca_interval, bootstrap_counts
from walesi_research.stats.sem import fit


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


# ── exposure and mediator interact ───────────────────────────────────────────────────────────────────────

RECORDED = {
    "acme0": "acme_control",
    "acme1": "acme_treated",
    "acme": "acme",
    "ade": "ade",
    "total": "total",
}


def draws_agree(table, recorded, sims, typical):
    """`typical` of the draws within 5 Monte Carlo errors of both sides, the limits within 5 of theirs.

    A mean of B draws errs by se / sqrt(B), a 2.5 % limit of near normal ones by 2.67 se / sqrt(B); ours are
    5,000, the recorded ones `sims`.
    """
    for theirs, ours in RECORDED.items():
        row = table.loc[ours]
        error = row.se * np.sqrt(1 / 5000 + 1 / sims)
        assert row[typical] == pytest.approx(recorded[theirs][0], abs=5 * error), ours
        assert (row.low, row.high) == pytest.approx(recorded[theirs][1:], abs=5 * 2.67 * error), ours
    for k, name in enumerate(("acme", "ade", "total")):
        assert table.loc[name, "p_value"] == pytest.approx(recorded["p"][k], abs=0.05), name


def jobs_counterfactual(shared, **options):
    d = data(shared, "jobs2")
    covariates = np.column_stack([d.econ_hard, pd.to_numeric(d.sex), d.age])
    return counterfactual(d.depress2, d.job_seek, d.treat, covariates, **options).table()


@pytest.mark.parametrize(("name", "interacts"), [("jobs_qb", False), ("jobs_interaction", True)])
def test_normal_draws_of_coefficients(shared, reference, name, interacts):
    table = jobs_counterfactual(shared, interacts=interacts, rng=np.random.default_rng(1))
    recorded = reference("mediation_pkg")[name]
    draws_agree(table, recorded, 5000, "mean")
    # 40 seeds spread it by 0.003 and 0.005 with interaction: 5 of these, on both sides
    assert table.loc["proportion", "median"] == pytest.approx(recorded["prop"][0], abs=0.035)


def test_samples_of_rows(shared, reference):
    counts = bootstrap_counts(np.random.default_rng(1), 899, 5000)
    table = jobs_counterfactual(shared, interacts=False, counts=counts)
    recorded = reference("mediation_pkg")["jobs_boot"]
    draws_agree(table, recorded, 2000, "estimate")
    for theirs, ours in {**RECORDED, "prop": "proportion"}.items():  # point values are closed forms
        assert table.loc[ours, "estimate"] == pytest.approx(recorded[theirs][0], abs=1e-10), ours


def test_samples_of_rows_as_lavaan_draws_them(shared, reference):
    """2,000 draws of lavaan: limits to 5 Monte Carlo errors of 2.67 se / sqrt(B) on each side."""
    counts = bootstrap_counts(np.random.default_rng(1), 899, 5000)
    table = jobs_counterfactual(shared, interacts=False, counts=counts)
    rows = {r["lhs"]: r for r in reference("mediation_jobs2")["lavaan_boot2000"] if r["op"] == ":="}
    for theirs, ours in {"indirect": "acme", "total": "total"}.items():
        row, error = rows[theirs], 5 * 2.67 * table.loc[ours, "se"] * np.sqrt(1 / 2000 + 1 / 5000)
        assert table.loc[ours, "se"] == pytest.approx(row["se"], rel=0.09)  # 5 of sqrt(1/4000 + 1/10000)
        limits = (row["ci.lower"], row["ci.upper"])
        assert tuple(table.loc[ours, ["low", "high"]]) == pytest.approx(limits, abs=error)


def interacting(rng, n=60):
    x = rng.integers(0, 2, n).astype(float)
    w = rng.normal(size=(n, 2)) + 5
    m = 2 + 0.6 * x + w @ [0.3, -0.2] + rng.normal(size=n)
    y = 1 + 0.4 * x + 0.5 * m + 0.7 * x * m + w @ [0.1, 0.2] + rng.normal(size=n)
    return y, m, x, w


def refitted(y, m, x, w):
    """Effects by predicting every row with the exposure set, from least squares on the rows themselves."""
    one = np.ones(len(y))
    first = np.linalg.lstsq(np.column_stack([one, x, w]), m, rcond=None)[0]
    second = np.linalg.lstsq(np.column_stack([one, x, m, x * m, w]), y, rcond=None)[0]

    def mediator(t):
        return np.column_stack([one, t * one, w]) @ first

    def outcome(t, s):
        at = mediator(s)
        return (np.column_stack([one, t * one, at, t * at, w]) @ second).mean()

    acme = [outcome(t, 1) - outcome(t, 0) for t in (0, 1)]
    ade = [outcome(1, s) - outcome(0, s) for s in (0, 1)]
    return [*acme, *ade, outcome(1, 1) - outcome(0, 0)]


def test_counterfactual_predictions_row_by_row():
    """Point values and a draw equal refits on the (repeated) rows: closed forms, to rounding."""
    rng = np.random.default_rng(5)
    y, m, x, w = interacting(rng)
    counts = np.concatenate(list(bootstrap_counts(rng, 60, 3)))
    found = counterfactual(y, m, x, w, counts=[counts])
    assert found.estimates[:5] == pytest.approx(refitted(y, m, x, w), abs=1e-10)
    for draw, count in zip(found.draws, counts, strict=True):
        rows = np.repeat(np.arange(60), count.astype(int))
        assert draw[:5] == pytest.approx(refitted(y[rows], m[rows], x[rows], w[rows]), abs=1e-9)
    doubled = counterfactual(y, m, 2 * x - 1, w, contrast=(-1, 1))
    assert doubled.estimates == pytest.approx(found.estimates, abs=1e-10)


def test_counterfactual_refuses():
    y, m, x, w = interacting(np.random.default_rng(5))
    with pytest.raises(ValueError, match="same value"):
        counterfactual(y, m, x, w, contrast=(1, 1))
    with pytest.raises(ValueError, match="not both"):
        counterfactual(y, m, x, w, counts=[np.ones((1, 60))], rng=np.random.default_rng(1))
    with pytest.raises(ValueError, match="one mediator"):
        counterfactual(y, np.column_stack([m, x + m**2]), x, w)


# ── groups, jackknife, intervals and several mediators, by brute force ───────────────────────────────────


def grouped(rng, n=60):
    groups = np.arange(n) % 4
    x = rng.normal(size=n) + groups
    m = np.column_stack([0.5 * x + groups, -0.3 * x]) + rng.normal(size=(n, 2))
    y = 0.2 * x + m @ [0.4, 0.6] - groups + rng.normal(size=n)
    return y, m, x, groups


def by_least_squares(y, m, x, groups):
    """Indirect and direct effect with a dummy for each group."""
    dummies = (groups[:, None] == np.unique(groups)).astype(float)
    a = np.linalg.lstsq(np.column_stack([x, dummies]), m, rcond=None)[0][0]
    second = np.linalg.lstsq(np.column_stack([x, m, dummies]), y, rcond=None)[0]
    return a @ second[1:3], second[0]


def test_groups_equal_dummies():
    """Within-group effects, draws and the jackknife are least squares with dummies: to 1e-10."""
    rng = np.random.default_rng(7)
    y, m, x, groups = grouped(rng)
    counts = np.concatenate(list(bootstrap_counts(rng, 60, 4, strata=groups)))
    found = mediation(y, m, x, groups=groups, counts=[counts])
    assert found.estimates[2:4] == pytest.approx(by_least_squares(y, m, x, groups), abs=1e-10)
    dummies = (groups[:, None] == np.arange(1, 4)).astype(float)
    assert found.se == pytest.approx(mediation(y, m, x, dummies).se, abs=1e-10)
    for draw, count in zip(found.draws, counts, strict=True):
        rows = np.repeat(np.arange(60), count.astype(int))
        expected = by_least_squares(y[rows], m[rows], x[rows], groups[rows])
        assert draw[2:4] == pytest.approx(expected, abs=1e-10)
    for i, left in enumerate(found.jackknife):
        keep = np.arange(60) != i
        expected = by_least_squares(y[keep], m[keep], x[keep], groups[keep])
        assert left[2:4] == pytest.approx(expected, abs=1e-10)


def test_bca_interval_by_hand():
    """Efron's formula written out with scipy's normal, on the refitted jackknife: to rounding."""
    rng = np.random.default_rng(9)
    y, m, x, _ = grouped(rng, 20)
    one = np.zeros(20, int)
    counts = np.concatenate(list(bootstrap_counts(rng, 20, 400)))
    found = mediation(y, m, x, counts=[counts])
    keep = [np.arange(20) != i for i in range(20)]
    jackknife = np.array([by_least_squares(y[k], m[k], x[k], one[k])[0] for k in keep])
    deviation = jackknife.mean() - jackknife
    acceleration = (deviation**3).sum() / (6 * (deviation**2).sum() ** 1.5)
    draws = found.draws[:, 2]
    z0 = norm.ppf((draws < by_least_squares(y, m, x, one)[0]).mean())
    ends = [z0 + (z0 + z) / (1 - acceleration * (z0 + z)) for z in norm.ppf([0.025, 0.975])]
    expected = np.quantile(draws, norm.cdf(ends))
    row = found.table().loc["indirect"]
    assert (row.bca_low, row.bca_high) == pytest.approx(tuple(expected), abs=1e-9)
    assert (row.bca_low, row.bca_high) == bca_interval(found.estimates[2], draws, found.jackknife[:, 2])


def test_vanishing_rho_of_several_mediators():
    """Biases of b in 2,000 directions that undo the effect need no less, the best within 1 % of that.

    With the best one taken out, least squares leave no effect, and the outcome's error then has just that
    multiple correlation with the mediators' errors (both to rounding).
    """
    rng = np.random.default_rng(11)
    y, m, x, _ = grouped(rng)
    found = mediation(y, m, x).paths
    rho, s = float(vanishing_rho(found)), np.sqrt(found.outcome_residual)

    def least(direction):
        """Multiple correlation if a bias of b along `direction` just undoes the indirect effect."""
        bias = direction * found.indirect / (found.a @ direction)
        explained = bias @ found.mediator_residual @ bias
        return np.sqrt(explained / (explained + s**2))

    best = np.linalg.solve(found.mediator_residual, found.a)
    tried = [least(d) for d in rng.normal(size=(2000, 2))]
    assert least(best) == pytest.approx(abs(rho), abs=1e-12)
    assert abs(rho) <= min(tried) <= abs(rho) * 1.01
    assert np.sign(rho) == np.sign(found.indirect)
    bias = best * found.indirect / (found.a @ best)
    first = np.column_stack([np.ones(60), x])
    errors = m - first @ np.linalg.lstsq(first, m, rcond=None)[0]
    again = by_least_squares(y - errors @ bias, m, x, np.zeros(60, int))
    assert again[0] == pytest.approx(0, abs=1e-10)
    error = y - m @ (found.b - bias)
    error -= first @ np.linalg.lstsq(first, error, rcond=None)[0]
    fitted = errors @ np.linalg.lstsq(errors, error, rcond=None)[0]
    assert np.sqrt((fitted @ fitted) / (error @ error)) == pytest.approx(abs(rho), abs=1e-10)


# ── the same models as structural equations ──────────────────────────────────────────────────────────────


def test_two_mediators_by_structural_equations(shared):
    recorded = json.loads((shared / "reference/values/mediation_tal_or.json").read_text())
    model = recorded["call"].split("'")[1].replace("\\n", "\n")
    p = fit(model, data(shared, "tal_or")).parameters
    p = p[p.op == ":="].set_index("lhs")
    for name, values in defined(recorded["results"]["lavaan"]).items():
        assert tuple(p.loc[name, ["estimate", "std_error"]]) == pytest.approx(values, abs=1e-5)
