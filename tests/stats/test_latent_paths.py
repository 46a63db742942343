"""The latent path model against the structural equation core, which is checked against lavaan."""

import numpy as np
import pandas as pd
import pytest

from walesi_research.stats import sem
from walesi_research.stats.latent_paths import fit, fit_paths
from walesi_research.stats.latent_paths.likelihood import Likelihood
from walesi_research.stats.latent_paths.sample import read_sample

FACTOR = np.repeat([0, 1, 2, 3], [4, 3, 3, 3])
LATENT = np.append(FACTOR, [4, 4, 4])
UNITS = 5
PATHS = np.array([[0, 0, 0, 0], [0.5, 0, 0, 0], [0.4, 0.3, 0, 0], [0.2, 0.1, 0.5, 0]])


def drawn(n=160, seed=1, missing=0.05, factor=FACTOR):
    """Return items, unit and outcome; some people answered nothing, some have no outcome."""
    rng = np.random.default_rng(seed)
    unit = np.sort(np.arange(n) % UNITS)
    shift = 0.4 * rng.normal(size=(UNITS, 4))[unit]
    eta = (rng.normal(size=(n, 4)) + shift) @ np.linalg.inv(np.eye(4) - PATHS).T
    z = 90 + 4 * (0.4 * eta[:, 3] + 0.3 * eta[:, 2] + 0.2 * eta[:, 0] + rng.normal(size=n))
    eta = np.column_stack([eta, (z - 90) / 4])
    items = 3 + 0.8 * eta[:, factor] + 0.7 * rng.normal(size=(n, len(factor)))
    items[rng.random(items.shape) < missing] = np.nan
    if missing and len(factor) == len(FACTOR):
        z[5::17] = np.nan
        items[(np.arange(n) % 13 == 0) & ~np.isnan(z)] = np.nan
    return items, unit, z


def by_sem(items, unit, outcome, factor):
    """Return the same model with dummies of the units, as a general structural equation model."""
    p = len(factor)
    data = pd.DataFrame(items, columns=[f"x{j}" for j in range(p)])
    for g in range(1, UNITS):
        data[f"d{g}"] = (unit == g).astype(float)
    dummies = " + ".join(f"d{g}" for g in range(1, UNITS))
    names = "CRMKP"
    lines = [
        f"{names[f]} =~ " + " + ".join(f"x{j}" for j in range(p) if factor[j] == f)
        for f in range(factor.max() + 1)
    ]
    if outcome is not None:
        data["P"] = outcome
    lines += [f"C ~ {dummies}", f"R ~ {dummies}", "C ~~ R", f"M ~ C + R + {dummies}"]
    lines += [f"K ~ M + C + R + {dummies}", f"P ~ K + M + C + R + {dummies}"]
    return sem.fit("\n".join(lines), data, missing="fiml")


def sem_effects(fitted, theta):
    """Return standardised indirect effects of C and R by the matrices of the reticular action model."""
    s = fitted._state.structures[0]
    at = s.implied(theta)
    sd = np.sqrt(np.diag(at.covariance))
    b = {
        (a, c): at.paths[s.names.index(a), s.names.index(c)] * sd[s.names.index(c)] / sd[s.names.index(a)]
        for a, c in ("MC", "MR", "KM", "KC", "KR", "PK", "PM", "PC", "PR")
    }
    return np.array(
        [b["M", x] * b["P", "M"] + (b["K", x] + b["M", x] * b["K", "M"]) * b["P", "K"] for x in "CR"]
    )


@pytest.mark.parametrize("measured", [True, False])
def test_it_is_the_structural_equation_model_with_unit_dummies(measured):
    """Estimates and errors; both searches end within 1e-6 of the maximum, in standard errors."""
    factor = FACTOR if measured else LATENT
    items, unit, z = drawn(factor=factor)
    outcome = z if measured else None
    ours = fit_paths(items, factor, unit, mediators=(2, 3), outcome=outcome)
    peer = by_sem(items, unit, outcome, factor)
    assert ours.proper and peer.converged
    assert ours.effects.indirect == pytest.approx(sem_effects(peer, peer.theta), abs=2e-6)
    h = 1e-5
    slope = np.array(
        [
            (sem_effects(peer, peer.theta + h * e) - sem_effects(peer, peer.theta - h * e)) / (2 * h)
            for e in np.eye(len(peer.theta))
        ]
    )
    errors = np.sqrt(np.einsum("ik,ij,jk->k", slope, peer.covariance, slope))
    # Hessians by differences of a gradient, against exact ones
    assert ours.delta_errors().indirect == pytest.approx(errors, rel=1e-4)


@pytest.mark.parametrize("measured", [True, False])
def test_one_unit_is_the_model_without_dummies(measured):
    items, unit, z = drawn(missing=0.0)
    factor = FACTOR if measured else LATENT
    if not measured:
        items = drawn(missing=0.0, factor=LATENT)[0]
    alone = np.zeros(len(unit), int)
    found = fit_paths(items, factor, alone, mediators=(2, 3), outcome=z if measured else None)
    assert found.proper and found.likelihood.sample.units == 1
    data = pd.DataFrame(items, columns=[f"x{j}" for j in range(len(factor))])
    names = "CRMKP"
    lines = [
        f"{names[f]} =~ " + " + ".join(f"x{j}" for j in range(len(factor)) if factor[j] == f)
        for f in range(factor.max() + 1)
    ]
    if measured:
        data["P"] = z
    lines += ["C ~~ R", "M ~ C + R", "K ~ M + C + R", "P ~ K + M + C + R"]
    p = sem.fit("\n".join(lines), data).parameters.set_index(["lhs", "op", "rhs"])["std_all"]
    # two searches that stop at 1e-9 and 1e-12 of the objective
    assert found.effects.paths[-1, :4] == pytest.approx([p["P", "~", x] for x in "CRMK"], abs=2e-5)
    assert found.effects.correlations[0, 1] == pytest.approx(p["C", "~~", "R"], abs=2e-5)
    assert np.isfinite(found.refit([counts_within(alone, 5)]).effects.total).all()


def test_refits_are_those_of_the_structural_equation_model():
    items, unit, z = drawn()
    ours = fit_paths(items, FACTOR, unit, mediators=(2, 3), outcome=z)
    peer = by_sem(items, unit, z, FACTOR)
    counts = counts_within(unit, 6)
    found = peer.bootstrap([counts])
    refits = ours.refit([counts[:4], counts[4:]], steps=300)
    good = found.converged & refits.converged
    assert good.sum() >= 5
    # the peer standardises by the dummies' variances in the whole sample; units keep their size within draws
    values = np.array([sem_effects(peer, theta) for theta in found.estimates[good]])
    se = ours.delta_errors().indirect
    # a search stops where a step promises 1e-7 of the mean log-likelihood: below .01 standard errors
    assert np.abs(refits.effects.indirect[good] - values).max() < 0.01 * se.min()


def counts_within(unit, draws, seed=3):
    rng = np.random.default_rng(seed)
    counts = np.zeros((draws, len(unit)))
    for g in range(UNITS):
        mine = np.flatnonzero(unit == g)
        for b in range(draws):
            counts[b, mine] = np.bincount(rng.integers(0, len(mine), len(mine)), minlength=len(mine))
    return counts


def test_a_refit_is_a_fit_to_the_rows_drawn():
    items, unit, z = drawn(n=200)
    whole = fit_paths(items, FACTOR, unit, mediators=(2, 3), outcome=z)
    counts = counts_within(unit, 2)
    found = whole.refit([counts], steps=300)
    for b in range(2):
        rows = np.repeat(np.arange(200), counts[b].astype(int))
        again = fit_paths(items[rows], FACTOR, unit[rows], mediators=(2, 3), outcome=z[rows])
        # below .01 standard errors of .1
        assert found.effects.total[b] == pytest.approx(again.effects.total, abs=1e-3)
        assert found.effects.paths[b] == pytest.approx(again.effects.paths, abs=1e-3)


def test_a_dozen_steps_are_as_good_as_the_end():
    items, unit, z = drawn(n=300)
    fitted = fit_paths(items, FACTOR, unit, mediators=(2, 3), outcome=z)
    counts = counts_within(unit, 80)
    some, all_ = (fitted.refit([counts], steps=steps).effects.indirect for steps in (12, 300))
    # most draws within a tenth of a standard error; those on a ridge are not followed
    assert np.quantile(np.abs(some - all_) / np.std(all_, axis=0), 0.9) < 0.1
    assert np.std(some, axis=0) == pytest.approx(np.std(all_, axis=0), rel=0.1)


@pytest.mark.parametrize("measured", [True, False])
def test_the_gradient_is_the_slope_of_the_value(measured):
    factor = FACTOR if measured else LATENT
    items, unit, z = drawn(n=60, factor=factor)
    likelihood = Likelihood(read_sample(items, factor, unit, z if measured else None))
    rng = np.random.default_rng(2)
    theta = 0.2 * rng.normal(size=(2, likelihood.layout.size))
    weight = rng.integers(0, 3, (2, likelihood.sample.n)).astype(float)
    value, gradient = likelihood.slope(theta, weight)
    assert value == pytest.approx(likelihood.value(theta, weight), rel=1e-14)
    h = 1e-6
    slope = [
        (likelihood.value(theta + h * e, weight) - likelihood.value(theta - h * e, weight)) / (2 * h)
        for e in np.eye(likelihood.layout.size)
    ]
    # central differences of numbers about 30: rounding 1e-8
    assert gradient == pytest.approx(np.array(slope).T, abs=1e-6)


@pytest.mark.parametrize("measured", [True, False])
def test_a_step_is_the_gradient_in_the_rows_weights(measured):
    factor = FACTOR if measured else LATENT
    items, unit, z = drawn(factor=factor)
    fitted = fit_paths(items, factor, unit, mediators=(2, 3), outcome=z if measured else None)
    weight = np.random.default_rng(4).random((3, fitted.n))
    there = fitted.likelihood.slope(np.repeat(fitted.theta[None], 3, axis=0), weight)[1]
    step = fitted._stepped(weight)[0] - fitted.theta
    assert step == pytest.approx(-there @ fitted._inverse, abs=1e-9)


def test_one_step_comes_close_in_many_rows(monkeypatch):
    items, unit, z = drawn(n=1500, seed=5)
    fitted = fit_paths(items, FACTOR, unit, mediators=(2, 3), outcome=z)
    counts = counts_within(unit, 60)
    full = fitted.refit([counts]).effects.indirect
    monkeypatch.setattr(fit, "ONE_STEP", 1000)
    step = fitted.refit([counts]).effects.indirect
    assert np.std(step, axis=0) == pytest.approx(np.std(full, axis=0), rel=0.1)
    for k in range(2):
        # the rest is of the order of 1 / n, beside 1 / sqrt(n)
        assert np.corrcoef(step[:, k], full[:, k])[0, 1] > 0.98


def test_units_of_measurement_change_nothing():
    items, unit, z = drawn()
    plain = fit_paths(items, FACTOR, unit, mediators=(2, 3), outcome=z)
    rng = np.random.default_rng(6)
    scale, shift = rng.uniform(0.1, 20, len(FACTOR)), rng.normal(0, 30, len(FACTOR))
    moved = fit_paths(items * scale + shift, FACTOR, unit, mediators=(2, 3), outcome=10 * z - 7)
    # standardised first, so that only rounding is left
    assert moved.effects.paths == pytest.approx(plain.effects.paths, abs=1e-8)


def test_a_scale_turned_over_turns_its_effects():
    items, unit, z = drawn()
    plain = fit_paths(items, FACTOR, unit, mediators=(2, 3), outcome=z)
    over = items.copy()
    over[:, FACTOR == 0] *= -1
    turned = fit_paths(over, FACTOR, unit, mediators=(2, 3), outcome=z)
    assert turned.effects.total == pytest.approx(plain.effects.total * [-1, 1], abs=1e-6)


def test_order_of_rows_and_names_of_units_change_nothing():
    items, unit, z = drawn()
    plain = fit_paths(items, FACTOR, unit, mediators=(2, 3), outcome=z)
    order = np.random.default_rng(7).permutation(len(z))
    names = np.array(list("edcba"))[unit]
    moved = fit_paths(items[order], FACTOR, names[order], mediators=(2, 3), outcome=z[order])
    # another unit is the reference, another sum is rounded
    assert moved.effects.paths == pytest.approx(plain.effects.paths, abs=1e-6)
    counts = counts_within(unit, 2)
    one, two = plain.refit([counts]), moved.refit([counts[:, order]])
    assert two.effects.total == pytest.approx(one.effects.total, abs=1e-3)  # below .01 standard errors


def test_the_truth_is_found_in_many_rows():
    items, unit, z = drawn(n=20_000, missing=0.1, seed=8)
    found = fit_paths(items, FACTOR, unit, mediators=(2, 3), outcome=z)
    q = found.parameters
    assert q.paths[0] == pytest.approx(PATHS, abs=4 * 0.012)  # four standard errors
    exact = np.array([0.3 * 0.4 + 0.4 * (0.2 + 0.4 * 0.5), 0.3 * 0.3 + 0.4 * (0.1 + 0.3 * 0.5)])
    share = found.effects.indirect / exact
    assert share[0] / share[1] == pytest.approx(1 / np.sqrt(1.25), rel=0.1)  # C has variance 1, R 1.25


def test_the_correlation_of_the_beginnings_is_found_in_many_rows():
    """8,000 rows; that of the latent variables themselves, unit differences included, within .02."""
    rng = np.random.default_rng(1)
    unit = np.sort(np.arange(8_000) % UNITS)
    items, _, z = drawn(8_000, missing=0.0)
    shift = 0.4 * rng.normal(size=(UNITS, 4))[unit]
    eta = (rng.normal(size=(8_000, 4)) + shift) @ np.linalg.inv(np.eye(4) - PATHS).T
    found = fit_paths(items, FACTOR, unit, mediators=(2, 3), outcome=z).effects.correlations
    assert found[0, 1] == pytest.approx(np.corrcoef(eta[:, 0], eta[:, 1])[0, 1], abs=0.02)
    np.testing.assert_allclose(np.diag(found), 1)


def test_what_cannot_be_fitted_is_refused():
    items, unit, z = drawn(missing=0)
    with pytest.raises(ValueError, match="shape"):
        fit_paths(items[:, :-1], FACTOR, unit, mediators=(2, 3), outcome=z)
    with pytest.raises(ValueError, match="no item"):
        fit_paths(items, FACTOR + 1, unit, mediators=(2, 3), outcome=z)
    constant = np.where(np.arange(13) == 3, 2.0, items)
    with pytest.raises(ValueError, match="column 3 does not vary"):
        fit_paths(constant, FACTOR, unit, mediators=(2, 3), outcome=z)
    items[2], z[2] = np.nan, np.nan
    with pytest.raises(ValueError, match="neither an answer nor an outcome"):
        fit_paths(items, FACTOR, unit, mediators=(2, 3), outcome=z)
