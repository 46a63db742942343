"""Findings beside those that were published: which agree, and what may have changed the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from walesi_research.errands.verify.published import LETTERS, Published
from walesi_research.findings import Finding
from walesi_research.language import Message, number
from walesi_research.pipeline.changes import changes

__all__ = ["Check", "Verification", "verified"]

Verdict = Literal["agrees", "differs", "missing", "new"]
Told = Literal["all", "most", "nothing"]
OF_ERROR = 1e-3
"""Share of a finding's standard error by which its numbers may differ: no sentence can turn on less."""
OF_P = 1e-3
"""By how much a p-value may differ: what `OF_ERROR` moves it by at most, rounded up."""
OF_NUMBER = 1e-6
"""Share of a number itself, where there is no standard error; processors round differently."""
NUMBERS = ("estimate", "se", "low", "high")
EXACT = ("status", "n", "groups", "level", "unit", "claim")
SAME_STUDY = ("data", "seed", "parameters")
"""Parts that make it another study, or another question, where they differ."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One finding beside the published one.

    Parameters
    ----------
    id, notebook : str
    verdict : {"agrees", "differs", "missing", "new"}
        ``missing``: published, not found now; ``new``: found now, not published.
    published, found : Finding or None
    fields : tuple of str
        Which parts of it differ.
    reasons : tuple of Message
        What has changed of that which the finding depends on; for those that agree, none.
    """

    id: str
    notebook: str
    verdict: Verdict
    published: Finding | None = None
    found: Finding | None = None
    fields: tuple[str, ...] = ()
    reasons: tuple[Message, ...] = ()

    def apart(self, language: str) -> tuple[str, str]:
        """Return the first part that differs, as published and as found: ``p 0.0125``, ``p 0.0100``."""
        name = self.fields[0]
        old, new = getattr(self.published, name), getattr(self.found, name)
        digits = 0 if isinstance(new, int) else _digits_apart(old, new)
        return f"{name} {_shown(old, language, digits)}", f"{name} {_shown(new, language, digits)}"


def _digits_apart(old: Any, new: Any) -> int:
    """Return with how many decimals two numbers read differently, four at least."""
    numbers = all(isinstance(value, float) for value in (old, new))
    return next((d for d in range(4, 12) if numbers and round(old, d) != round(new, d)), 4)


def _shown(value: Any, language: str, digits: int) -> str:
    if value is None:
        return "–"
    return number(value, language, digits) if isinstance(value, int | float) else str(value)


@dataclass(frozen=True)
class Verification:
    """A run beside what was published.

    Parameters
    ----------
    checks : tuple of Check
        By notebook and id.
    changes : tuple of Message
        All that the run was made of otherwise than the published one, whether or not a finding differs.
    same : bool
        Whether data, seed and parameters are known to be those of the publication.
    told : {"all", "most", "nothing"}
        How much the publication tells of what it was made of: ``most`` is all but modules.
    version : str
        Version of the toolkit that made the published findings; empty where that is not known.
    """

    checks: tuple[Check, ...]
    changes: tuple[Message, ...]
    same: bool
    told: Told
    version: str

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Number of findings by verdict."""
        return Counter(check.verdict for check in self.checks)

    @property
    def published(self) -> int:
        """Number of published findings."""
        return len(self.checks) - self.counts["new"]

    @property
    def agreed(self) -> bool:
        """Whether every published finding was found again."""
        return self.published > 0 and self.counts["agrees"] == self.published

    @property
    def ok(self) -> bool:
        """Whether that was so with the same data, seed and parameters."""
        return self.agreed and self.same


def verified(
    published: Published,
    findings: Sequence[Finding],
    parts: Mapping[str, Mapping[str, Any]],
    needs: Mapping[str, Sequence[str]],
    ended: Mapping[str, str] = MappingProxyType({}),
) -> Verification:
    """Compare the findings of a run with published ones.

    Parameters
    ----------
    published : Published
    findings : sequence of Finding
        Of the run.
    parts : mapping of str to mapping
        Parts of each notebook's key.
    needs : mapping of str to sequence of str
        Notebooks that each is handed results of.
    ended : mapping of str to str
        How each notebook of the run ended: ``failed`` and ``skipped`` are reasons.
    """
    pairs = {
        name: _comparable(published.parts[name], p) for name, p in parts.items() if name in published.parts
    }
    changed = {name: tuple(changes(*pair)) for name, pair in pairs.items()}
    told = published.told

    def reasons(notebook: str) -> tuple[Message, ...]:
        upstream = (m for name in _reached(notebook, needs) for m in changed.get(name, ()))
        last = {"all": "no_reason", "most": "modules_not_told", "nothing": "not_told"}[told]
        found = _distinct((*_not_run(notebook, parts, ended), *upstream))
        return found or (Message.of(f"verify.{last}"),)

    old, new = ({f.id: f for f in some} for some in (published.findings, findings))
    checks = [_check(i, old.get(i), new.get(i), reasons) for i in old.keys() | new]
    checks.sort(key=lambda check: (check.notebook, check.id))
    alike = all(then[part] == now[part] for then, now in pairs.values() for part in SAME_STUDY)
    every = _distinct(message for messages in changed.values() for message in messages)
    return Verification(tuple(checks), every, alike and told != "nothing", told, published.version)


def _not_run(notebook: str, run: Iterable[str], ended: Mapping[str, str]) -> Iterator[Message]:
    """Yield why a notebook has no numbers, where it has none."""
    if notebook not in run:
        yield Message.of("verify.not_run", notebook=notebook)
    elif ended.get(notebook) in ("failed", "skipped"):
        yield Message.of(f"verify.notebook_{ended[notebook]}", notebook=notebook)


def _comparable(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parts of a notebook's key then and now, as far as the publication tells of them.

    Notebooks that it needs are looked at themselves.
    """
    now = {name: digest[:LETTERS] for name, digest in new["sources"].items()}
    told = old.get("sources")
    then = now if told is None else {name: told.get(name) for name in now}
    return {**old, "sources": then, "needs": {}}, {**new, "sources": now, "needs": {}}


def _check(
    finding: str,
    published: Finding | None,
    found: Finding | None,
    reasons: Callable[[str], tuple[Message, ...]],
) -> Check:
    some = found or published
    about = {"id": finding, "notebook": some.notebook, "published": published, "found": found}
    if published is None:
        return Check(**about, verdict="new")
    fields = _differing(published, found) if found else ()
    if found and not fields:
        return Check(**about, verdict="agrees")
    verdict = "differs" if found else "missing"
    return Check(**about, verdict=verdict, fields=fields, reasons=reasons(some.notebook))


def _distinct(messages: Iterable[Message]) -> tuple[Message, ...]:
    found: list[Message] = []
    for message in messages:
        if message not in found:
            found.append(message)
    return tuple(found)


def _reached(notebook: str, needs: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """Yield a notebook and all that it is handed results of."""
    yield notebook
    for need in needs.get(notebook, ()):
        yield from _reached(need, needs)


def _differing(published: Finding, found: Finding) -> tuple[str, ...]:
    """Return the parts in which two findings differ by more than the tolerances."""
    exact = [name for name in EXACT if getattr(published, name) != getattr(found, name)]
    room = OF_ERROR * (published.se or 0.0)
    numbers = [n for n in NUMBERS if _apart(getattr(published, n), getattr(found, n), room)]
    ps = [n for n in ("p", "p_adjusted") if _apart(getattr(published, n), getattr(found, n), OF_P)]
    return tuple(exact + numbers + ps)


def _apart(old: float | None, new: float | None, room: float) -> bool:
    if old is None or new is None:
        return old is not new
    return abs(old - new) > max(room, OF_NUMBER * max(abs(old), abs(new)))
