"""The chain with fairness and access to training beside culture and recognition: does the answer move?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from walesi_research.exhibits import Cell, Column, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, say
from walesi_research.questions.pathways.chain import EXOGENOUS, RICHER, chain_of
from walesi_research.questions.pathways.latent import Pathways, label, listed, state, told, written
from walesi_research.questions.pathways.model import Kind, PathModel, path_model

__all__ = ["Richer", "richer"]


def richer(answer: Pathways, draws: int = 999) -> Richer:
    """Ask whether the answer moves where fairness and access to training are in the model too.

    All four correlate and stand before motivation; else the model is that of `pathways`.

    Parameters
    ----------
    answer : Pathways
        The answer without them.
    draws : int
        Bootstrap samples of employees within units, the same as those of `answer`.
    """
    if answer.model is None:
        return Richer(answer)
    chain = chain_of(answer.study, RICHER)
    if not set(chain.exogenous) - set(EXOGENOUS):
        return Richer(answer, chain.missing["fairness"])
    model = path_model(answer.study, chain, level=answer.level, draws=draws)
    return Richer(answer, model) if isinstance(model, Message) else Richer(answer, None, model)


@dataclass(frozen=True, eq=False)
class Richer:
    """Answer: the effects in the model of the contract, and in a richer one beside it.

    Parameters
    ----------
    plain : Pathways
    reason : Message or None
        Why there is no richer model.
    model : PathModel or None
    """

    plain: Pathways
    reason: Message | None = None
    model: PathModel | None = None

    @property
    def findings(self) -> list[Finding]:
        """None: the contract's findings are those of the plain model."""
        return []

    @cached_property
    def added(self) -> list[str]:
        """The roles that the richer model adds."""
        return [] if self.model is None else [r for r in self.model.chain.exogenous if r not in EXOGENOUS]

    @property
    def kind(self) -> Kind:
        """What is compared: the indirect effects, or where the chain is not whole the total ones."""
        return "indirect" if self.plain.whole else "total"

    @cached_property
    def moved(self) -> list[str]:
        """The roles whose answer is another in the richer model."""
        return [r for r in EXOGENOUS if state(self.plain.study, r, self.model) != self.plain.state(r)]

    def sentence(self, language: str) -> list[Sentence]:
        """Return whether the answer moves."""
        if self.model is None:
            if self.reason is None:
                return []
            why = self.reason.in_(language)
            return [Sentence(say(language, "pathways.richer_none", why=why), "note")]
        names = listed(self.added, language)
        if self.kind == "total":
            roles = [r for r in self.plain.model.chain.exogenous if r in self.model.chain.exogenous]
            parts = told(self.model, "total", roles, language)
            return [Sentence(say(language, "pathways.richer_total", names=names, parts=parts))]
        key = "moves" if self.moved else "same"
        roles = listed(self.moved, language)
        return [Sentence(say(language, f"pathways.richer_{key}", names=names, roles=roles))]

    def table(self, language: str) -> Table | list[Table]:
        """Return the effects in both models."""
        if self.model is None:
            return []
        names = listed(self.added, language)
        columns = [
            say(language, "pathways.what"),
            Column(say(language, "pathways.richer_plain"), numeric=True),
            Column(say(language, "pathways.richer_with", names=names), numeric=True),
        ]
        rows = [self._row(role, language) for role in self.model.chain.exogenous]
        caption = say(language, f"pathways.richer_table_{self.kind}", level=self.plain.level)
        return Table(columns, rows, caption, language)

    def _row(self, role: str, language: str) -> list[str | Cell]:
        models = [self.plain.model, self.model]
        cells = [
            written(m.effect(role, self.kind), language) if role in m.chain.exogenous else "–" for m in models
        ]
        return [label(role, language), *cells]
