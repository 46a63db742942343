"""The chain as users of SmartPLS know it, for those who must report it; only where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from walesi_research.exhibits import Cell, Column, Group, Heading, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, interval, number, say
from walesi_research.questions.pathways.chain import Chain, chain_of, keyed
from walesi_research.questions.result import people
from walesi_research.questions.variables import construct_of_role
from walesi_research.stats.pls import (
    Draws,
    PathModel,
    PlsFit,
    blindfold,
    bootstrap,
    collinearity,
    discriminant,
    effect_sizes,
    importance,
    predict,
    reliability,
    srmr,
)
from walesi_research.stats.pls import pls as fitted
from walesi_research.stats.resampling import percentile_interval
from walesi_research.study.resampling import Resampling

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["PartialLeastSquares", "pls"]

FEWEST = 50
"""Complete cases from whom on it is fitted; a rule of this project."""
DISTANCES = (7, 8, 9, 11)
"""Omission distances; the first that does not divide the number of rows is taken."""


def pls(study: Study, asked: bool = False, level: float = 0.95, draws: int = 999) -> PartialLeastSquares:
    """Fit the chain by partial least squares, plain and consistent.

    Composites of mode A, path weighting, all direct paths, complete cases; units play no part, as in the
    programmes that its users know.

    Parameters
    ----------
    study : Study
    asked : bool
        Without it there is nothing to show.
    level : float
        Confidence level of the intervals.
    draws : int
        Bootstrap samples of employees within units.

    Returns
    -------
    PartialLeastSquares
        Without findings: the latent path model gives them.
    """
    if not asked:
        return PartialLeastSquares(study, level)
    chain = chain_of(study)
    if isinstance(chain, Message):
        return PartialLeastSquares(study, level, chain)
    rows = _rows(study, chain)
    if len(rows) < max(FEWEST, study.settings.privacy.minimum_cell):
        return PartialLeastSquares(study, level, Message.of("pathways_pls.too_few", n=FEWEST))
    try:
        fits = {kind: fitted(rows, _model(chain), consistent=kind == "consistent") for kind in KINDS}
    except (ValueError, np.linalg.LinAlgError):
        return PartialLeastSquares(study, level, Message.of("pathways_pls.no_solution"))
    place = pd.Index(study.employees["employee_id"]).get_indexer(rows.index)
    plan = Resampling.within(study.employees["unit"], study.seed)
    drawn = {kind: bootstrap(fit, plan.counts(draws, rows=place)) for kind, fit in fits.items()}
    return PartialLeastSquares(study, level, None, chain, fits, drawn)


KINDS = ("plain", "consistent")


def _rows(study: Study, chain: Chain) -> pd.DataFrame:
    """Return complete answers and performance by employee."""
    parts = [keyed(study, role)[list(items)] for role, items in chain.scales.items()]
    frame = pd.concat(parts, axis=1)
    if chain.measured:
        frame["performance"] = chain.outcome.values.reindex(frame.index)
    return frame.dropna()


def _model(chain: Chain) -> PathModel:
    items = dict(chain.scales) | ({"performance": ("performance",)} if chain.measured else {})
    order = [*chain.exogenous, *chain.mediators, "performance"]
    targets = [*chain.mediators, "performance"]
    return PathModel.of({role: items[role] for role in order}, {t: order[: order.index(t)] for t in targets})


@dataclass(frozen=True, eq=False)
class PartialLeastSquares:
    """Answer: outer and inner model, plain and consistent.

    Parameters
    ----------
    study : Study
    level : float
    reason : Message or None
        Why there is none.
    chain : Chain or None
    fits : dict of {"plain", "consistent"} to PlsFit, or None
    drawn : dict of {"plain", "consistent"} to Draws, or None
    """

    study: Study
    level: float
    reason: Message | None = None
    chain: Chain | None = None
    fits: dict[str, PlsFit] | None = None
    drawn: dict[str, Draws] | None = None

    @property
    def findings(self) -> list[Finding]:
        """None: the latent path model gives them."""
        return []

    @property
    def _plain(self) -> PlsFit:
        return self.fits["plain"]

    def heading(self, language: str) -> list[Heading]:
        """Return what the section is."""
        return [Heading(say(language, "pathways_pls.heading"))] if self.fits else []

    def sentence(self, language: str) -> list[Sentence]:
        """Return why plain coefficients are too weak, and by how much here."""
        if self.reason is not None:
            return [Sentence(self.reason.in_(language), "note")]
        if self.fits is None:
            return []
        texts = [say(language, "pathways_pls.attenuated")]
        if not self.fits["consistent"].proper:
            texts.append(say(language, "pathways_pls.improper"))
        return [Sentence(" ".join(texts))]

    def details(self, language: str) -> list[Sentence]:
        """Return how it was computed."""
        return [Sentence(say(language, "pathways_pls.method"))] if self.fits else []

    def _label(self, role: str, language: str) -> str:
        return say(language, f"pathways.label_{role}")

    def paths(self, language: str) -> Table | list[Table]:
        """Return each path, plain and consistent with intervals, its f² and variance inflation."""
        if self.fits is None:
            return []
        columns = [
            say(language, "pathways_pls.path"),
            *(Column(say(language, f"pathways_pls.{kind}"), numeric=True) for kind in KINDS),
            Column(say(language, "pathways_pls.f2"), numeric=True),
            Column(say(language, "pathways_pls.vif"), numeric=True),
        ]
        caption = say(
            language, "pathways_pls.paths_caption", level=self.level, people=people(self.study, self._plain.n)
        )
        return Table(columns, list(self._path_rows(language)), caption, language)

    def _path_rows(self, language: str) -> Iterator[list[str | Cell] | Group]:
        names = list(self._plain.model.names)
        sizes, inflation = effect_sizes(self._plain), collinearity(self._plain)[1]
        for k, own in self._plain.model.sources.items():
            target = names[k]
            yield Group(
                say(language, "pathways_pls.to", name=self._label(target, language)),
                self._r2(target, language),
            )
            for i in own:
                cells = [self._path(kind, int(i), k, language) for kind in KINDS]
                f2, vif = sizes.loc[names[i], target], inflation.loc[names[i], target]
                yield [
                    self._label(names[i], language),
                    *cells,
                    number(f2, language, 2),
                    "–" if np.isnan(vif) else number(vif, language, 2),
                ]

    def _path(self, kind: str, i: int, k: int, language: str) -> Cell:
        estimate = float(self.fits[kind].solution.paths[0, i, k])
        draws = self.drawn[kind].paths[:, i, k]
        known = draws[np.isfinite(draws)]
        if not np.isfinite(estimate) or len(known) < len(draws) / 2:
            return Cell("–", say(language, "pathways_pls.unstable"))
        low, high = percentile_interval(known, self.level)
        return Cell(number(estimate, language, 2), interval(float(low), float(high), language, 2))

    def _r2(self, target: str, language: str) -> str:
        r2 = self._plain.r2.loc[target]
        q2, ahead = self._q2[target], self._ahead[target]
        values = {"r2": r2["r2"], "adjusted": r2["adjusted"], "q2": q2, "ahead": ahead}
        return say(language, "pathways_pls.r2", **{k: number(v, language, 2) for k, v in values.items()})

    @cached_property
    def _q2(self) -> pd.Series:
        distance = next(d for d in DISTANCES if self._plain.n % d)
        return blindfold(self._plain, distance)

    @cached_property
    def _ahead(self) -> dict[str, float]:
        """Mean of PLSpredict's Q² over the items of each construct that others lead to."""
        found = predict(self._plain, self.study.rng("pathways", "pls", "folds"), folds=10, repetitions=3)[
            "q2"
        ]
        model = self._plain.model
        return {
            model.names[k]: float(found[list(model.items[model.blocks[k]])].mean()) for k in model.sources
        }

    def outer(self, language: str) -> Table | list[Table]:
        """Return loading, weight and variance inflation of each item, with the construct's quality."""
        if self.fits is None:
            return []
        fit, outer = self._plain, collinearity(self._plain)[0]
        quality = reliability(fit)
        rows: list[Any] = []
        for name, block in zip(fit.model.names, fit.model.blocks, strict=True):
            if block.stop - block.start == 1:
                continue
            q = {k: number(v, language, 2) for k, v in quality.loc[name].items()}
            rows.append(Group(self._label(name, language), say(language, "pathways_pls.quality", **q)))
            for item in fit.model.items[block]:
                values = (fit.loadings.loc[item, name], fit.weights.loc[item, name], outer[item])
                rows.append([item, *(number(v, language, 2) for v in values)])
        columns = [
            say(language, "pathways_pls.item"),
            *(Column(say(language, f"pathways_pls.{k}"), numeric=True) for k in ("loading", "weight", "vif")),
        ]
        fitness = number(srmr(self.fits["consistent"], saturated=True), language, 3)
        return Table(columns, rows, say(language, "pathways_pls.outer_caption", srmr=fitness), language)

    def distinct(self, language: str) -> Table | list[Table]:
        """Return Fornell and Larcker's table below and on the diagonal, HTMT above it."""
        if self.fits is None:
            return []
        ratio, table = discriminant(self._plain)
        names = list(self._plain.model.names)
        columns = [say(language, "pathways_pls.construct")]
        columns += [Column(str(k), numeric=True) for k in range(1, len(names) + 1)]
        rows = [
            [
                f"{i + 1}. {self._label(name, language)}",
                *(
                    _short(ratio.iloc[j, i] if j > i else table.iloc[i, j], language)
                    for j in range(len(names))
                ),
            ]
            for i, name in enumerate(names)
        ]
        return Table(columns, rows, say(language, "pathways_pls.distinct_caption"), language)

    def map(self, language: str) -> Table | list[Table]:
        """Return importance and rating of what leads to performance, where composites are means."""
        found = self._map if self.fits is not None else None
        if found is None:
            return []
        columns = [
            say(language, "pathways_pls.construct"),
            *(Column(say(language, f"pathways_pls.{k}"), numeric=True) for k in ("importance", "rated")),
        ]
        rows = [
            [self._label(n, language), number(v.importance, language, 2), number(v.performance, language, 0)]
            for n, v in found.iterrows()
        ]
        return Table(columns, rows, say(language, "pathways_pls.map_caption"), language)

    @cached_property
    def _map(self) -> pd.DataFrame | None:
        ends = dict.fromkeys(self._plain.model.items, (0, 100))  # achievement is a percentage already
        for role, items in self.chain.scales.items():
            name = construct_of_role(self.study, role)
            ends |= dict.fromkeys(items, self.study.codebook.constructs[name].scale)
        low, high = np.array([ends[item] for item in self._plain.model.items], float).T
        try:
            return importance(self._plain, "performance", low, high)
        except ValueError:  # an outer weight is negative
            return None


def _short(x: float, language: str) -> str:
    return "" if np.isnan(x) else number(x, language, 2)
