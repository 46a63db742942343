"""A comparison in one language: a question, an answer, a forest plot with its table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from markupsafe import Markup

from walesi_research import language as words
from walesi_research.exhibits import Column, Figure, Gap, Table, interval_plot
from walesi_research.exhibits.exhibit import numbered
from walesi_research.exhibits.interval import Interval
from walesi_research.exhibits.text import bold
from walesi_research.language import has, say
from walesi_research.language.numbers import decimals, interval, interval_words
from walesi_research.publish.comparison.compare import Comparison
from walesi_research.publish.comparison.places import HIDDEN, Place

__all__ = ["MOST", "answer", "forest", "title", "told_apart"]

MOST = 40
"""Rows of a figure; of more places, only those that can be told apart from some others are drawn."""


def told_apart(comparison: Comparison) -> int:
    """Return how many places surely differ from some other."""
    ranks = comparison.ranks
    return 0 if ranks is None else int(((ranks.best > 1) | (ranks.worst < len(comparison.shown))).sum())


def title(comparison: Comparison, language: str) -> str:
    """Return the question that is compared."""
    return comparison.question.get(language) or _say(language, f"claim_{comparison.claim.name}")


def answer(comparison: Comparison, language: str) -> Markup:
    """Return what the places say together, in a few sentences."""
    return bold(" ".join(_answer(comparison, language)))


def forest(comparison: Comparison, language: str) -> Markup:
    """Return the forest plot with its table."""
    return Markup(numbered(_figure(comparison, language).html(), 1))


def _say(language: str, key: str, **values: object) -> str:
    return say(language, f"sweep.{key}", **values)


def _number(comparison: Comparison, x: float, language: str) -> str:
    return (words.share if comparison.share else words.number)(x, language, _digits(comparison))


def _digits(comparison: Comparison) -> int:
    """Return how many decimals numbers are written with: those that tell the ends of the mean's interval."""
    if comparison.share:
        return 0
    least = 2 if 0 < abs(comparison.claim.limit) < 0.1 else 1  # a limit of 0.05 needs two
    return decimals([comparison.mean()[1:]], least) if comparison.pooled else least


def _answer(comparison: Comparison, language: str) -> Iterator[str]:
    k, r = len(comparison.shown), comparison.pooled
    digits, percent = _digits(comparison), comparison.share
    if not k:
        yield _say(language, "nothing")
        return
    if k == 1:
        yield _say(language, "one")
        return
    if comparison.ranks is None:
        yield _say(language, "exact" if comparison.exact else "mixed", k=k)
        return
    apart = told_apart(comparison)
    if r is None:
        yield _say(language, "two_apart" if apart else "two_same")
        return
    mean, *ends = comparison.mean()
    told = interval_words(*ends, language, digits, percent=percent)
    yield _say(language, "mean", k=k, mean=_number(comparison, mean, language), interval=told)
    further = interval_words(*comparison.further(), language, digits, percent=percent)
    yield _say(language, "differ" if r.tau2_low > 0 or apart else "may_not_differ", interval=further)
    yield _say(language, "apart" if apart else "none_apart", n=apart, k=k)


def _figure(comparison: Comparison, language: str) -> Figure:
    rows = [_row(comparison, p, language) for p in _drawn(comparison)]
    pooled, claim = comparison.pooled is not None, comparison.claim
    if pooled:
        rows.append(Interval(_say(language, "row_mean"), *comparison.mean(), bold=True))
    axis = f"sweep.axis_{claim.name}"
    figure = interval_plot(
        rows, language=language, alt=_say(language, "alt"),
        caption=_say(language, "caption" if pooled else "caption_exact"),
        axis_label=say(language, axis) if has(axis) else "",
        digits=_digits(comparison), percent=comparison.share, sign=False, limit=claim.limit,
        supports=claim.supports, origin=None,
        alternative_label=_say(language, "drawn_towards") if pooled else "",
        synthetic=any(p.synthetic for p in comparison.places),
        table=_table(comparison, language),
    )  # fmt: skip
    return replace(figure, data=None)  # findings.csv beside the page has them all


def _drawn(comparison: Comparison) -> list[Place]:
    """Return the places that have a row: all, or of many the first that can be told apart from others."""
    if len(comparison.places) <= MOST:
        return list(comparison.places)
    everything = (1, len(comparison.shown))
    apart = [name for name in comparison.shown if comparison.rank(name) != everything]
    chosen = set((apart or comparison.shown)[:MOST])
    return [place for place in comparison.places if place.name in chosen]


def _row(comparison: Comparison, place: Place, language: str) -> Interval:
    label, finding = place.title[language], comparison.of(place)
    if place.name not in comparison.shown:
        return Interval(label, note=_why(comparison, place, language))
    return Interval(
        label, finding.estimate, finding.low, finding.high, alternative=comparison.drawn_towards(place.name)
    )


def _why(comparison: Comparison, place: Place, language: str) -> str:
    """Say in a few words why a place has no number."""
    finding = comparison.of(place)
    if place.state in ("few", "failed"):
        return _say(language, f"why_{place.state}")
    if finding is None:
        return _say(language, "why_missing")
    if finding.status == "suppressed":
        return _say(language, "why_second" if finding.reason == HIDDEN else "why_suppressed")
    return _say(language, "why_unit" if finding.status == "estimated" else "why_not_estimable")


def _table(comparison: Comparison, language: str) -> Table:
    heads = [
        "place",
        "own",
        *(["towards"] if comparison.pooled else []),
        *(["rank"] if comparison.ranks else []),
    ]
    columns = [Column(_say(language, f"column_{h}"), numeric=h != "place") for h in heads]
    rows = [_line(comparison, p, language) for p in _drawn(comparison)]
    return Table(columns, rows, _say(language, "table"), language)


def _line(comparison: Comparison, place: Place, language: str) -> list[str] | Gap:
    if place.name not in comparison.shown:
        return Gap(place.title[language], _why(comparison, place, language))
    finding, towards = comparison.of(place), comparison.drawn_towards(place.name)
    rank = comparison.rank(place.name)
    own = (finding.estimate, finding.low, finding.high)
    line = [place.title[language], _told(comparison, own, language)]
    line += [_told(comparison, towards, language)] if towards else []
    return line + ([_ranks(rank, language)] if rank else [])


def _told(comparison: Comparison, numbers: tuple[float, float | None, float | None], language: str) -> str:
    estimate, low, high = numbers
    told = _number(comparison, estimate, language)
    if low is None or low == high:
        return told
    return f"{told} ({interval(low, high, language, _digits(comparison), percent=comparison.share)})"


def _ranks(rank: tuple[int, int], language: str) -> str:
    best, worst = rank
    return str(best) if best == worst else f"{best}–{worst}"
