"""CR2 errors under crossed random effects against their definition with n x n matrices."""

import numpy as np
import pytest

from walesi_research.stats import cr2, cr2_mixed, crossed


def panel(seed=3, people=20, raters=5, periods=6, spread=(2.0, 3.0), third=False):
    """A small appraisal panel, a little unbalanced."""
    rng = np.random.default_rng(seed)
    person, period = np.repeat(np.arange(people), periods), np.tile(np.arange(periods), people)
    rater = rng.integers(0, raters, len(person))
    tie = (rng.random(len(person)) < 0.3).astype(float)
    X = np.column_stack([np.ones(len(person)), tie, *(period == k for k in range(1, periods))]).astype(float)
    y = 5 * tie + spread[0] * rng.normal(size=people)[person] + spread[1] * rng.normal(size=raters)[rater]
    y += 3 * rng.normal(size=len(person))
    factors = {"person": person, "rater": rater}
    if third:
        factors["desk"] = rng.integers(0, 4, len(person))
        y += 2 * rng.normal(size=4)[factors["desk"]]
    kept = rng.random(len(person)) > 0.1
    return y[kept], X[kept], {name: labels[kept] for name, labels in factors.items()}


def indicators(labels):
    return (labels[:, None] == np.unique(labels)).astype(float)


def root(matrix, power):
    value, vector = np.linalg.eigh(matrix)
    return vector @ np.diag(value**power) @ vector.T


def by_definition(fit, y, X, factors):
    """Covariance and degrees of freedom as the module's text defines them."""
    s, names = fit.residual, [k for k in factors if k != "person"]
    Z = {name: indicators(labels) for name, labels in factors.items()}
    F = np.eye(len(y)) + fit.variances["person"] / s * Z["person"] @ Z["person"].T
    V = F + sum(fit.variances[k] / s * Z[k] @ Z[k].T for k in names)
    Vi, Fi = np.linalg.inv(V), np.linalg.inv(F)
    M = np.linalg.inv(X.T @ Vi @ X)
    P = Vi - Vi @ X @ M @ X.T @ Vi
    R = root(F, -0.5)
    white = R @ F @ P @ F @ R  # covariance of the whitened residuals
    tilde = np.linalg.solve(Fi, Vi @ X)  # F V^-1 X is what is left of X after the other factors
    vectors = np.zeros((len(np.unique(factors["person"])), len(y), X.shape[1]))
    for g, person in enumerate(np.unique(factors["person"])):
        i = np.flatnonzero(factors["person"] == person)
        vectors[g, i] = root(white[np.ix_(i, i)], -0.5) @ (R @ tilde @ M)[i]
    scores = np.einsum("gnc,n->gc", vectors, R @ F @ P @ y)
    parts = [fit.variances[k] * (K := Z[k].T @ Vi @ X @ M).T @ K for k in names]
    covariance = scores.T @ scores + sum(parts)
    first, df1 = np.sum(scores**2, axis=0), []
    for c in range(X.shape[1]):
        gram = vectors[:, :, c] @ white @ vectors[:, :, c].T
        df1.append(np.trace(gram) ** 2 / np.sum(gram**2))
    below = first**2 / df1
    for k, part in zip(names, parts, strict=True):
        below += np.diag(part) ** 2 / fit.variance_df(k) if fit.variances[k] else 0
    return covariance, np.diag(covariance) ** 2 / below


@pytest.mark.parametrize("third", [False, True])
def test_equals_the_definition(third):
    y, X, factors = panel(third=third)
    fit = crossed(y, X, factors)
    assert fit.boundary == ()
    covariance, df = by_definition(fit, y, X, factors)
    found = cr2_mixed(fit, y, X, factors, "person")
    assert found.covariance == pytest.approx(covariance, rel=1e-9)
    assert found.df == pytest.approx(df, rel=1e-9)
    assert found.coef == pytest.approx(fit.coef, rel=1e-12)
    assert found.captured == pytest.approx(np.ones(X.shape[1]), rel=1e-9)
    assert found.groups == 20


def test_clusters_need_not_be_the_largest_factor():
    y, X, factors = panel(people=6, raters=15)
    fit = crossed(y, X, factors)
    assert max(fit.groups, key=fit.groups.get) == "rater"
    covariance, df = by_definition(fit, y, X, factors)
    found = cr2_mixed(fit, y, X, factors, "person")
    assert found.covariance == pytest.approx(covariance, rel=1e-8)
    assert found.df == pytest.approx(df, rel=1e-8)


def test_without_any_random_variance_it_is_ordinary_cr2():
    _, X, factors = panel()
    y = np.random.default_rng(1).normal(size=len(X))
    for labels in factors.values():  # people, and raters, more alike than chance
        Z = indicators(labels)
        y -= 0.9 * (Z @ (Z.T @ y / Z.sum(axis=0)))
    fit = crossed(y, X, factors)
    assert fit.boundary == ("person", "rater")
    found, plain = cr2_mixed(fit, y, X, factors, "person"), cr2(y, X, factors["person"])
    assert found.se == pytest.approx(plain.se, rel=1e-8)
    assert found.df == pytest.approx(plain.df, rel=1e-8)


def test_large_studies_leave_out_only_what_does_not_show(monkeypatch):
    y, X, factors = panel(people=300, raters=25)
    fit = crossed(y, X, factors)
    whole = cr2_mixed(fit, y, X, factors, "person", columns=[1])
    monkeypatch.setattr("walesi_research.stats.robust_mixed._WHOLE", 0)
    monkeypatch.setattr("walesi_research.stats.robust_mixed._CHUNK", 1000)
    part = cr2_mixed(fit, y, X, factors, "person", columns=[1])
    assert part.se == pytest.approx(whole.se, rel=1e-10)
    assert part.df == pytest.approx(whole.df, rel=0.05)


def test_row_order_and_columns():
    y, X, factors = panel()
    fit = crossed(y, X, factors)
    full = cr2_mixed(fit, y, X, factors, "person")
    order = np.random.default_rng(0).permutation(len(y))
    moved = {name: labels[order] for name, labels in factors.items()}
    part = cr2_mixed(fit, y[order], X[order], moved, "person", columns=[1])
    assert part.se[0] == pytest.approx(full.se[1], rel=1e-9)
    assert part.df[0] == pytest.approx(full.df[1], rel=1e-9)


def test_where_noise_and_exposure_go_together_it_keeps_the_level_and_the_model_does_not():
    rng, rejected = np.random.default_rng(8), np.zeros(2)
    for _ in range(200):
        y, X, factors = panel(seed=int(rng.integers(1 << 30)), people=60, raters=8)
        odd = factors["person"] % 3 == 0
        y = y - 5 * X[:, 1] + 8 * rng.normal(size=20)[factors["person"] // 3] * X[:, 1] * odd
        fit = crossed(y, X, factors)  # the tie's effect is zero on average and differs between people
        rejected += [cr2_mixed(fit, y, X, factors, "person").pvalue[1] < 0.05, fit.pvalue[1] < 0.05]
    assert rejected[0] / 200 <= 0.09  # .05 and two and a half standard errors
    assert rejected[1] / 200 > 0.12


def test_refusals():
    y, X, factors = panel()
    fit = crossed(y, X, factors)
    with pytest.raises(ValueError, match="person, rater"):
        cr2_mixed(fit, y, X, factors, "unit")
    with pytest.raises(ValueError, match="rows"):
        cr2_mixed(fit, y[1:], X[1:], {k: v[1:] for k, v in factors.items()}, "person")
