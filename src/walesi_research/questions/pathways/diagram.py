"""The chain as a drawing: who leads to whom, how strongly, and where that cannot be told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from walesi_research.exhibits import Arrow, Figure, Node, Table, path_diagram
from walesi_research.language import number, say
from walesi_research.questions.result import people

if TYPE_CHECKING:
    from walesi_research.questions.pathways.model import Estimate, PathModel
    from walesi_research.study import Study

__all__ = ["chain_diagram"]

DIGITS = 2


def chain_diagram(study: Study, model: PathModel, language: str, table: Table | None = None) -> Figure:
    """Draw every path of a fitted chain with its standardised coefficient.

    Parameters
    ----------
    study : Study
    model : PathModel
    language : {"id", "en"}
    table : Table or None
        The same coefficients with their intervals, folded below.

    Returns
    -------
    Figure
        Solid where the interval leaves out zero, dashed where it does not.
    """
    return path_diagram(
        list(_nodes(model, language)),
        list(_arrows(model, language)),
        language=language,
        alt=say(language, "pathways.diagram_alt"),
        caption=say(language, "pathways.diagram_caption", people=people(study, model.n), level=model.level),
        synthetic=study.synthetic,
        table=table,
    )


def _nodes(model: PathModel, language: str) -> Iterator[Node]:
    chain = model.chain
    for role in chain.exogenous:
        yield Node(role, say(language, f"pathways.label_{role}"), 0)
    for column, role in enumerate([*chain.mediators, "performance"], start=1):
        yield Node(role, say(language, f"pathways.label_{role}"), column)


def _arrows(model: PathModel, language: str) -> Iterator[Arrow]:
    chain = model.chain
    if len(chain.exogenous) > 1:
        first, second = chain.exogenous[:2]
        yield _arrow(first, second, model.correlation(first, second), language, both=True)
    order = [*chain.exogenous, *chain.mediators, "performance"]
    for target in [*chain.mediators, "performance"]:
        for source in order[: order.index(target)]:
            yield _arrow(source, target, model.path(target, source), language)


def _arrow(source: str, target: str, e: Estimate, language: str, both: bool = False) -> Arrow:
    certain = e.low > 0 or e.high < 0
    return Arrow(source, target, number(e.estimate, language, DIGITS), e.estimate, certain, both=both)
