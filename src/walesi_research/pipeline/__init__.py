"""Notebooks in order: what may run, what needs to, and outputs that appear whole or not at all."""

from typing import TYPE_CHECKING, Any

from walesi_research.pipeline.graph import NOTEBOOKS, Notebook, resources
from walesi_research.pipeline.parameters import Parameter, assignments

__all__ = ["NOTEBOOKS", "Notebook", "Outcome", "Parameter", "assignments", "resources", "run_study"]

if TYPE_CHECKING:
    from walesi_research.pipeline.run import Outcome, run_study


def __getattr__(name: str) -> Any:
    if name in ("Outcome", "run_study"):
        from walesi_research.pipeline import run

        return getattr(run, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
