"""The notebooks: what each is called, what may be varied in it, and which it needs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from walesi_research.language import Message, say
from walesi_research.pipeline.parameters import Parameter
from walesi_research.problems import Problem, UserError, nearest

__all__ = ["NOTEBOOKS", "Notebook", "in_order", "resources", "select"]

STUDY = Parameter(name="study", kind="text", default="../data/walesi", injected=True)
FINDINGS = Parameter(name="findings", kind="text", default="../report/findings.json", injected=True)
LEVEL = Parameter(name="level", kind="float", default=0.95, low=0.8, high=0.999)
DRAWS = Parameter(name="draws", kind="int", default=999, low=99, high=9999)
PLS = Parameter(name="pls", kind="bool", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """One notebook of the report.

    Parameters
    ----------
    name : str
        File name without its ending; also the page's name.
    title_key : str
        Key of the page's title; empty where `titles` has it.
    parameters : tuple of Parameter
        Everything its parameters cell declares, in that order.
    needs : tuple of str
        Notebooks whose results it uses; they run before it. One that takes the parameter `FINDINGS` is
        handed theirs, p-values adjusted together: it needs all that make them.
    titles : mapping of str to str
        The page's title by language, of a researcher's own notebook.
    home : Path or None
        The folder of a researcher's own notebook; None for those of every study.
    """

    name: str
    title_key: str
    parameters: tuple[Parameter, ...] = (STUDY, LEVEL)
    needs: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    home: Path | None = None

    @property
    def own(self) -> bool:
        """Whether it is a researcher's own."""
        return self.home is not None

    @property
    def room(self) -> str:
        """Where it runs, from the folder that holds the study and what notebooks are handed."""
        return "own" if self.own else ""

    @property
    def up(self) -> str:
        """The way from where it runs to that folder."""
        return "../" if self.own else ""

    @property
    def handed(self) -> dict[str, str]:
        """Return the file of the findings that it is handed, by parameter; relative to where it runs."""
        return {FINDINGS.name: f"{self.up}findings-{self.name}.json"} if FINDINGS in self.parameters else {}

    def title_in(self, language: str) -> str:
        """Return the page's title in a language."""
        return self.titles[language] if self.own else say(language, self.title_key)


NOTEBOOKS = (
    Notebook(name="01_data", title_key="pipeline.title_01_data", parameters=(STUDY,)),
    Notebook(
        name="02_measurement", title_key="pipeline.title_02_measurement", parameters=(STUDY, LEVEL, DRAWS)
    ),
    Notebook(name="03_appraisal", title_key="pipeline.title_03_appraisal", parameters=(STUDY, LEVEL, DRAWS)),
    Notebook(name="04_training", title_key="pipeline.title_04_training", parameters=(STUDY, LEVEL, DRAWS)),
    Notebook(
        name="05_pathways", title_key="pipeline.title_05_pathways", parameters=(STUDY, LEVEL, DRAWS, PLS)
    ),
    Notebook(
        name="06_performance", title_key="pipeline.title_06_performance", parameters=(STUDY, LEVEL, DRAWS)
    ),
    Notebook(name="07_policy", title_key="pipeline.title_07_policy", parameters=(STUDY, LEVEL, DRAWS)),
    Notebook(
        name="08_brief",
        title_key="pipeline.title_08_brief",
        parameters=(STUDY, FINDINGS),
        needs=(
            "01_data",
            "02_measurement",
            "03_appraisal",
            "04_training",
            "05_pathways",
            "06_performance",
            "07_policy",
        ),
    ),
)
"""Every notebook, in the order in which a reader meets them."""


def in_order(notebooks: Sequence[Notebook]) -> tuple[Notebook, ...]:
    """Return `notebooks` so that each follows those it needs, else in the order given.

    Raises
    ------
    ValueError
        If notebooks need each other in a circle, or one that does not exist.
    """
    by_name = {n.name: n for n in notebooks}
    if unknown := {need for n in notebooks for need in n.needs} - set(by_name):
        raise ValueError(f"a notebook needs one that does not exist: {', '.join(sorted(unknown))}")
    try:
        names = TopologicalSorter({n.name: n.needs for n in notebooks}).static_order()
        return tuple(by_name[name] for name in names)
    except CycleError as error:
        raise ValueError(f"notebooks need each other in a circle: {' → '.join(error.args[1])}") from None


def select(notebooks: Sequence[Notebook], only: Iterable[str] = ()) -> tuple[Notebook, ...]:
    """Return the notebooks named in `only` and all that they need, in order; all where `only` is empty.

    Raises
    ------
    UserError
        If a name is not a notebook's.
    """
    by_name = {n.name: n for n in notebooks}
    wanted = list(only) or list(by_name)
    if unknown := [name for name in wanted if name not in by_name]:
        raise UserError([_unknown(name, by_name) for name in unknown])
    chosen: set[str] = set()
    while wanted:
        name = wanted.pop()
        chosen.add(name)
        wanted += [need for need in by_name[name].needs if need not in chosen]
    return tuple(n for n in in_order(notebooks) if n.name in chosen)


def _unknown(name: str, known: Iterable[str]) -> Problem:
    what = Message.of("pipeline.unknown_notebook", name=name)
    return Problem(what=what, value=name, allowed=", ".join(known), guess=nearest(name, known))


def resources(kind: str) -> Path:
    """Return the folder ``notebooks`` or ``data``: the checkout's, else the one installed with the package.

    Raises
    ------
    UserError
        If there is neither.
    """
    checkout = Path(__file__).resolve().parents[3] / kind
    installed = Path(sys.prefix) / "share" / "walesi_research" / kind
    for folder in (checkout, installed):
        if folder.is_dir():
            return folder
    raise UserError([Problem(what=Message.of("pipeline.not_installed", kind=kind), value=kind)])
