"""Partial least squares path models (PLS-SEM), plain and consistent, with the tables their users know.

==================  ================================================================================
`PathModel`         constructs, their items, modes and paths
`pls`               the fit: weights, loadings, paths, effects, R²
`bootstrap`         all draws at once, on moment matrices
`reliability`       alpha, rho_A, rho_C and AVE by construct
`discriminant`      HTMT and the table of Fornell and Larcker
`collinearity`      variance inflation, outer and inner; `effect_sizes`: f²
`srmr`              how far the model's correlations are from the items'
`blindfold`         Stone and Geisser's Q²; `predict`: PLSpredict beside a linear benchmark
`importance`        importance–performance map
==================  ================================================================================
"""

from .blindfold import blindfold
from .bootstrap import Draws, bootstrap
from .criteria import collinearity, discriminant, effect_sizes, reliability
from .fit import PlsFit, pls
from .importance import importance
from .misfit import srmr
from .model import PathModel
from .predict import predict

__all__ = [
    "Draws",
    "PathModel",
    "PlsFit",
    "blindfold",
    "bootstrap",
    "collinearity",
    "discriminant",
    "effect_sizes",
    "importance",
    "pls",
    "predict",
    "reliability",
    "srmr",
]
