"""Parameters defined by others: ``ab := a*b``."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .parameters import Table
from .syntax import Statement

__all__ = ["check_defined", "evaluate", "jacobian"]

Array = NDArray
_FUNCTIONS = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}
_OPERATIONS = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
_STEP = 1e-30


def check_defined(table: Table) -> None:
    """Refuse definitions that cannot be read or use labels that the model does not have.

    Raises
    ------
    ValueError
    """
    known = {p.label for p in table.parameters if p.label}
    for statement in table.defined:
        names = {n.id for n in ast.walk(_tree(statement)) if isinstance(n, ast.Name)} - set(_FUNCTIONS)
        if unknown := names - known:
            raise ValueError(
                f"{statement.lhs} := {statement.rhs} uses {', '.join(sorted(unknown))}, no label"
            )
        known.add(statement.lhs)


def evaluate(table: Table, theta: Array) -> Array:
    """Return the defined parameters.

    Parameters
    ----------
    table : Table
    theta : ndarray, shape (..., size)

    Returns
    -------
    ndarray, shape (..., number of definitions)
    """
    return _evaluated(table.defined, labelled(table, theta), theta.shape[:-1])


def labelled(table: Table, theta: Array) -> dict[str, Array]:
    """Return the values of all labels, fixed ones included."""
    out: dict[str, Array] = {}
    for p, f in zip(table.parameters, table.free, strict=True):
        if p.label:
            out[p.label] = theta[..., f] if f >= 0 else np.full(theta.shape[:-1], p.fixed)
    return out


def jacobian(table: Table, theta: Array) -> Array:
    """Return the derivatives of the defined parameters, shape (definitions, size), by complex steps."""
    shifted = theta + 1j * _STEP * np.eye(len(theta))
    return evaluate(table, shifted).imag.T / _STEP


def _evaluated(defined: Sequence[Statement], values: Mapping[str, Array], shape: tuple[int, ...]) -> Array:
    known = dict(values)
    for statement in defined:
        known[statement.lhs] = _value(_tree(statement).body, known, statement)
    if not defined:
        return np.empty((*shape, 0))
    return np.stack([np.broadcast_to(known[s.lhs], shape) for s in defined], axis=-1)


def _tree(statement: Statement) -> ast.Expression:
    try:
        return ast.parse(statement.rhs.replace("^", "**"), mode="eval")
    except SyntaxError:
        raise ValueError(f"cannot be read: {statement.lhs} := {statement.rhs}") from None


def _value(node: ast.expr, known: Mapping[str, Array], statement: Statement) -> Array:
    match node:
        case ast.Constant(value=int() | float() as number):
            return np.asarray(float(number))
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, known, statement)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, known, statement)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_value(left, known, statement), _value(right, known, statement))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_value(argument, known, statement))
    allowed = f"numbers, labels, + - * / ^ and {', '.join(_FUNCTIONS)}"
    raise ValueError(f"{statement.lhs} := {statement.rhs} has more than {allowed}")
