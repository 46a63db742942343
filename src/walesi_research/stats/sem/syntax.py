"""The model syntax of lavaan: text in, statements out."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Modifier", "Statement", "parse"]

_NAME = r"[A-Za-z_.][\w.]*"
_OPERATOR = re.compile(r"=~|~\*~|~~|<~|:=|==|~|\||<|>")
_KNOWN = ("=~", "~~", "~", ":=")


@dataclass(frozen=True, slots=True)
class Modifier:
    """What stands before ``*``: one entry a group, or one for all groups; None where nothing is said.

    Attributes
    ----------
    values : tuple of float or None
        Values that the parameter is fixed to; NaN where it is freed (``NA*x``).
    labels : tuple of str or None
    starts : tuple of float or None
        Values that the search starts from.
    """

    values: tuple[float | None, ...] = (None,)
    labels: tuple[str | None, ...] = (None,)
    starts: tuple[float | None, ...] = (None,)


@dataclass(frozen=True, slots=True)
class Statement:
    """One parameter: ``lhs op rhs`` with ``op`` one of ``=~ ~ ~~ ~1 :=``."""

    lhs: str
    op: str
    rhs: str
    modifier: Modifier = Modifier()


def parse(text: str) -> list[Statement]:
    """Read a model.

    Parameters
    ----------
    text : str
        Statements on lines of their own or separated by semicolons: ``f =~ x1 + x2`` (measured by),
        ``y ~ x`` (regressed on), ``x ~~ y`` (covaries with), ``x ~ 1`` (intercept), ``ab := a*b`` (defined).
        Before a term may stand ``1*`` (fixed), ``NA*`` (freed), ``a*`` (labelled), ``start(1)*``, or
        ``c(...)*`` with an entry for each group. ``#`` and ``!`` begin comments.

    Returns
    -------
    list of Statement
        A term that is said twice, as in ``f =~ NA*x + a*x``, is one statement with both modifiers.

    Raises
    ------
    ValueError
        If a line cannot be read, with that line, or has an operator that is not supported.
    """
    found: dict[tuple[str, str, str], Statement] = {}
    for line in _lines(text):
        for new in _statements(line):
            key = (new.lhs, new.op, new.rhs)
            swapped = (new.rhs, new.op, new.lhs)
            if new.op == "~~" and swapped in found:
                key = swapped
            old = found.get(key)
            found[key] = new if old is None else Statement(*key, _joined(old.modifier, new.modifier))
    if not found:
        raise ValueError("the model is empty")
    return list(found.values())


def _lines(text: str) -> list[str]:
    """Return statements with their continuation lines joined."""
    lines: list[str] = []
    for raw in re.split(r"[\n;]", re.sub(r"[#!].*", "", text)):
        line = raw.strip()
        if not line:
            continue
        if lines and (lines[-1].endswith(("+", "*", "~")) or not _OPERATOR.search(line)):
            lines[-1] += " " + line
        else:
            lines.append(line)
    return lines


def _statements(line: str) -> list[Statement]:
    operator = _OPERATOR.search(line)
    if operator is None:
        raise ValueError(f"no operator (=~, ~, ~~, :=) in {line!r}")
    op = operator.group()
    if op not in _KNOWN:
        raise ValueError(f"the operator {op!r} is not supported: {line!r}")
    left, right = line[: operator.start()].strip(), line[operator.end() :].strip()
    if op == ":=":
        return [Statement(_name(left, line), op, right)]
    return [
        _statement(_name(lhs.strip(), line), op, term, line)
        for lhs in left.split("+")
        for term in _split(right, "+")
    ]


def _statement(lhs: str, op: str, term: str, line: str) -> Statement:
    *before, last = _split(term, "*")
    modifier = Modifier()
    for text in before:
        modifier = _joined(modifier, _modifier(text, line))
    if op == "~" and last in ("1", "0"):
        fixed = Modifier(values=(0.0,)) if last == "0" else Modifier()
        return Statement(lhs, "~1", "", _joined(fixed, modifier))
    return Statement(lhs, op, _name(last, line), modifier)


def _modifier(text: str, line: str) -> Modifier:
    if call := re.fullmatch(r"(c|start)\((.*)\)", text):
        entries = [entry.strip() for entry in call[2].split(",")]
        if call[1] == "start":
            return Modifier(starts=tuple(_number(entry, line) for entry in entries))
    else:
        entries = [text]
    values, labels = zip(*(_entry(entry, line) for entry in entries), strict=True)
    return Modifier(values, labels)


def _entry(text: str, line: str) -> tuple[float | None, str | None]:
    """Return value and label of one entry, one of which is None."""
    if text == "NA":
        return float("nan"), None
    label = text.strip("\"'")
    if re.fullmatch(_NAME, label):
        return None, label
    return _number(text, line), None


def _joined(first: Modifier, second: Modifier) -> Modifier:
    def pick(old: tuple, new: tuple) -> tuple:
        return old if all(entry is None for entry in new) else new

    return Modifier(
        pick(first.values, second.values),
        pick(first.labels, second.labels),
        pick(first.starts, second.starts),
    )


def _split(text: str, by: str) -> list[str]:
    """Split outside of brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == by and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _name(text: str, line: str) -> str:
    if not re.fullmatch(_NAME, text):
        raise ValueError(f"{text!r} is not a name: {line!r}")
    return text


def _number(text: str, line: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither a number nor a label: {line!r}") from None
