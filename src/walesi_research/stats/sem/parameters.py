"""From statements to all parameters of a model: lavaan's defaults, groups, equalities."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .syntax import Modifier, Statement, parse

__all__ = ["FAMILIES", "Parameter", "Table", "build"]

FAMILIES = (
    "loadings",
    "intercepts",
    "means",
    "residuals",
    "residual_covariances",
    "lv_variances",
    "lv_covariances",
    "regressions",
)
"""What ``equal`` may name."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of one group.

    Attributes
    ----------
    lhs, op, rhs : str
    group : int
        From 0.
    label : str
    fixed : float or None
        None if it is free; NaN if it is fixed at the sample's value (exogenous variables), or follows from
        the others (unique variances of ordered items).
    start : float or None
    shared : str
        Free parameters with the same non-empty text are one.
    """

    lhs: str
    op: str
    rhs: str
    group: int = 0
    label: str = ""
    fixed: float | None = None
    start: float | None = None
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """All parameters of a model.

    Attributes
    ----------
    observed, latent : tuple of str
    inputs : tuple of str
        Observed predictors that nothing in the model explains or describes.
    exogenous : tuple of str
        The same where their means and covariances are fixed at the sample's, else empty.
    parameters : tuple of Parameter
        Of all groups.
    free : ndarray of int
        Which free parameter each is, -1 if fixed.
    size : int
        Number of free parameters.
    defined : tuple of Statement
    means : bool
        Whether means are modelled.
    """

    observed: tuple[str, ...]
    latent: tuple[str, ...]
    inputs: tuple[str, ...]
    exogenous: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    free: NDArray[np.int64]
    size: int
    defined: tuple[Statement, ...]
    means: bool

    @property
    def groups(self) -> int:
        """Number of groups."""
        return 1 + max(p.group for p in self.parameters)


@dataclass(frozen=True, slots=True)
class _Roles:
    """Which part each variable plays, each in order of appearance."""

    latent: list[str]
    observed: list[str]
    indicators: list[str]
    dependent: list[str]
    predictors: list[str]
    described: set[str]

    @property
    def inputs(self) -> list[str]:
        """Observed predictors that nothing in the model explains or describes."""
        explained = {*self.indicators, *self.dependent, *self.described}
        return [v for v in self.predictors if v in self.observed and v not in explained]

    @property
    def exogenous_latent(self) -> list[str]:
        explained = {*self.indicators, *self.dependent}
        return [v for v in self.latent if v not in explained]

    @property
    def outcomes(self) -> list[str]:
        """Dependent variables that predict and measure nothing, latent ones first as lavaan has them."""
        ends = [v for v in self.dependent if v not in {*self.predictors, *self.indicators}]
        return sorted(ends, key=lambda v: v in self.observed)


def build(
    model: str,
    *,
    groups: int = 1,
    equal: Collection[str] = (),
    means: bool = False,
    fixed_x: bool = True,
    std_lv: bool = False,
    ordered: bool = False,
) -> Table:
    """Complete a model by the defaults of lavaan's ``cfa`` and ``sem``.

    Parameters
    ----------
    model : str
        See `syntax.parse`.
    groups : int
    equal : collection of str
        Families of parameters that are the same in all groups, of `FAMILIES`. With intercepts equal, latent
        means are free from the second group on, unless they are equal too; likewise latent variances with
        equal loadings where `std_lv` would fix them.
    means : bool
        Model means even where the model has no ``~ 1``.
    fixed_x : bool
        Keep means and covariances of observed predictors at the sample's.
    std_lv : bool
        Give latent variables variance one in place of a first loading of one.
    ordered : bool
        Observed variables have variance one: their unique variances are not free.

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        If the model cannot be read, names a family that is unknown, or leaves nothing free.
    """
    if unknown := set(equal) - set(FAMILIES):
        raise ValueError(f"unknown in equal: {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}")
    statements = parse(model)
    defined = tuple(s for s in statements if s.op == ":=")
    stated = [s for s in statements if s.op != ":="]
    if not stated:
        raise ValueError("the model has no parameters")
    means = means or any(s.op == "~1" for s in stated)
    roles = _roles(stated)
    complete = [*_marked(stated, std_lv), *_added(stated, roles, means, std_lv)]
    exogenous = tuple(roles.inputs) if fixed_x else ()
    parameters = [
        _grouped(s, g, groups, roles, exogenous, equal, std_lv) for g in range(groups) for s in complete
    ]
    if ordered:
        parameters = [_with_unit_variance(p, roles) for p in parameters]
    free, size = _numbered(parameters)
    return Table(
        observed=tuple(roles.observed),
        latent=tuple(roles.latent),
        inputs=tuple(roles.inputs),
        exogenous=exogenous,
        parameters=tuple(parameters),
        free=free,
        size=size,
        defined=defined,
        means=means,
    )


def _roles(stated: list[Statement]) -> _Roles:
    def distinct(names: Iterator[str]) -> list[str]:
        return list(dict.fromkeys(names))

    latent = distinct(s.lhs for s in stated if s.op == "=~")
    mentioned = distinct(v for s in stated for v in (s.lhs, s.rhs) if v)
    indicators = distinct(s.rhs for s in stated if s.op == "=~")
    dependent = distinct(s.lhs for s in stated if s.op == "~")
    predictors = distinct(s.rhs for s in stated if s.op == "~")
    first = [v for v in (*indicators, *dependent, *mentioned) if v in mentioned and v not in latent]
    return _Roles(
        latent=latent,
        observed=distinct(iter(first)),
        indicators=indicators,
        dependent=dependent,
        predictors=predictors,
        described={v for s in stated if s.op in ("~~", "~1") for v in (s.lhs, s.rhs)},
    )


def _marked(stated: list[Statement], std_lv: bool) -> list[Statement]:
    """Fix the first loading of each factor at one, unless something is said about it."""
    seen: set[str] = set()
    out = []
    for s in stated:
        first = s.op == "=~" and s.lhs not in seen
        seen.add(s.lhs if s.op == "=~" else "")
        if first and not std_lv:
            values = tuple(1.0 if v is None else v for v in s.modifier.values)
            s = replace(s, modifier=replace(s.modifier, values=values))
        out.append(s)
    return out


def _added(stated: list[Statement], roles: _Roles, means: bool, std_lv: bool) -> Iterator[Statement]:
    """Yield the parameters that go without saying."""
    known = {frozenset((s.lhs, s.rhs)) for s in stated if s.op == "~~"}

    def covariances(pairs: Iterator[tuple[str, str]]) -> Iterator[Statement]:
        yield from (Statement(a, "~~", b) for a, b in pairs if frozenset((a, b)) not in known)

    inputs = roles.inputs
    alone = _single_indicators(stated, roles)
    for v in [*(v for v in roles.observed if v not in inputs), *roles.latent]:
        if frozenset((v,)) not in known:
            fixed = 0.0 if v in alone else 1.0 if std_lv and v in roles.latent else None
            yield Statement(v, "~~", v, Modifier(values=(fixed,)))
    yield from covariances(combinations(roles.exogenous_latent, 2))
    yield from covariances(combinations(roles.outcomes, 2))
    yield from covariances((a, b) for i, a in enumerate(inputs) for b in inputs[i:])
    if means:
        stated_means = {s.lhs for s in stated if s.op == "~1"}
        for v in [*roles.observed, *roles.latent]:
            if v not in stated_means:
                yield Statement(v, "~1", "", Modifier(values=(0.0 if v in roles.latent else None,)))


def _single_indicators(stated: list[Statement], roles: _Roles) -> set[str]:
    """Return observed indicators that alone measure their factor, and no other."""
    measures = [s for s in stated if s.op == "=~"]
    sizes = {f: sum(s.lhs == f for s in measures) for f in roles.latent}
    loads = {s.rhs: sum(t.rhs == s.rhs for t in measures) for s in measures}
    return {s.rhs for s in measures if sizes[s.lhs] == 1 and loads[s.rhs] == 1 and s.rhs in roles.observed}


def _grouped(
    s: Statement,
    group: int,
    groups: int,
    roles: _Roles,
    exogenous: tuple[str, ...],
    equal: Collection[str],
    std_lv: bool,
) -> Parameter:
    """Return a statement's parameter in one group."""
    value, own = _entry(s.modifier.values, group, groups, s), _entry(s.modifier.labels, group, groups, s)
    if value is not None and np.isnan(value):
        value = None
    family = _family(s, roles)
    if group and _freed(s, family, equal, std_lv):
        value = None
    if s.lhs in exogenous and (s.rhs in exogenous or s.op == "~1"):
        value = np.nan
    shared = own or (s.lhs + s.op + s.rhs if family in equal else "")
    return Parameter(
        lhs=s.lhs,
        op=s.op,
        rhs=s.rhs,
        group=group,
        label=own or "",
        fixed=value,
        start=_entry(s.modifier.starts, group, groups, s),
        shared=shared,
    )


def _with_unit_variance(p: Parameter, roles: _Roles) -> Parameter:
    unique = p.op == "~~" and p.lhs == p.rhs and p.lhs in roles.observed
    return replace(p, fixed=np.nan, shared="") if unique else p


def _entry(entries: tuple, group: int, groups: int, s: Statement):
    if len(entries) not in (1, groups):
        raise ValueError(f"{len(entries)} entries for {groups} group(s) at {s.lhs} {s.op} {s.rhs}")
    return entries[group if len(entries) > 1 else 0]


def _family(s: Statement, roles: _Roles) -> str:
    latent = s.lhs in roles.latent
    if s.op == "=~":
        return "loadings"
    if s.op == "~":
        return "regressions"
    if s.op == "~1":
        return "means" if latent else "intercepts"
    if s.lhs == s.rhs:
        return "lv_variances" if latent else "residuals"
    return "lv_covariances" if latent and s.rhs in roles.latent else "residual_covariances"


def _freed(s: Statement, family: str, equal: Collection[str], std_lv: bool) -> bool:
    """Tell whether equality elsewhere makes a latent mean or variance estimable in the later groups."""
    if s.modifier.values not in ((0.0,), (1.0,)):
        return False
    if family == "means":
        return "intercepts" in equal and "means" not in equal
    return family == "lv_variances" and std_lv and "loadings" in equal and "lv_variances" not in equal


def _numbered(parameters: list[Parameter]) -> tuple[NDArray[np.int64], int]:
    free, numbers, size = np.full(len(parameters), -1), {}, 0
    for i, p in enumerate(parameters):
        if p.fixed is not None:
            continue
        key = p.shared or i
        if key not in numbers:
            numbers[key], size = size, size + 1
        free[i] = numbers[key]
    if size == 0:
        raise ValueError("the model leaves nothing to estimate: all parameters are fixed")
    return free, size
