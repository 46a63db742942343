"""Estimators: arrays in, frozen results out. Nothing here knows of studies, people or languages.

========================  ===========================================================================
`mixed`                   `crossed`: linear models with crossed random intercepts, and their intervals (on
                          `crossed_likelihood`, sparse by `fronts`; `variance_pivots`)
`robust_mixed`            `cr2_mixed`: cluster-robust errors of their fixed effects
`ordinal`                 `ordered`: ordered logit, with random intercepts or without
`robust`, `wild`          `cr2`: cluster-robust errors; `wild_cluster`: bootstrap test for few clusters
`reliability`             `alpha` and `omega` of a set of items
`one_factor`              `one_factor`: the one-factor model by maximum likelihood, in batches
`importance`              `lmg`: R² shared out among correlated predictors, in batches
`resampling`              `bootstrap_counts`, `moments`, `covariances` and the intervals made of draws
`sensitivity`             `robustness`, `adjusted_estimate`: how strong a confounder would have to be
`two_way`                 two sets of fixed effects absorbed, errors CR2 (imported from its module)
`whitening`               `whitened_by_group`: a random-intercept model as least squares
`staggered`               `imputation`, `group_time`, `leads`: treatments that begin at different times
`trend_bounds`, `power`   how large a drift an answer withstands; what effect a design could show
`doubly_robust`           `doubly_robust`: augmented inverse probability weighting
`assumptions`             least squares and the tests of its classical assumptions
`sem`                     `fit`: structural equation models in lavaan's syntax
`latent_paths`            `fit_paths`: a chain of latent variables within units, with fast refits
`mediation`               `mediation`: direct and indirect effects, hidden causes (imported from its package)
`pls`                     `pls`: partial least squares path models, plain and consistent (from its package)
`agreement`               r_WG, ICC(1), ICC(2): is a rating one of the person or of the unit?
`exact_correlation`       exact interval of a correlation of few pairs
`raking`, `design`        `rake`; `survey_design`: weights to known margins; estimates with their errors
                          (`survey_estimates`)
`imputation`, `pooling`   `impute`: chained equations; `pool`: Rubin's rules; `mcar`: Little's test
`factor`, `polychoric`    exploratory factor analysis (`adequacy`, `parallel`); correlations of ordered items
`validity`                average variance extracted, composite reliability, HTMT, Fornell–Larcker
`multiplicity`            `holm`: p-values of a family of tests
`regression`              `joint_wald`, `standardise` and checks that all linear models share
========================  ===========================================================================

Each function can be had from the package itself (``from walesi_research.stats import cr2``); its module is
imported when first asked for.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "adjusted_estimate": "sensitivity",
    "alpha": "reliability",
    "bca_interval": "resampling",
    "bootstrap_counts": "resampling",
    "covariances": "resampling",
    "cr2": "robust",
    "cr2_mixed": "robust_mixed",
    "crossed": "mixed",
    "holm": "multiplicity",
    "independent_columns": "regression",
    "joint_wald": "regression",
    "lmg": "importance",
    "moments": "resampling",
    "omega": "reliability",
    "ordered": "ordinal",
    "percentile_interval": "resampling",
    "robustness": "sensitivity",
    "standardise": "regression",
    "whitened_by_group": "whitening",
    "wild_cluster": "wild",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
