"""The finding: one number that answers one question, with its uncertainty.

Every number that leaves a run is a `Finding`; ``findings.json`` is an array of them. The record is
immutable and checks itself, so that a finding that contradicts itself cannot be made.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

__all__ = ["CONFIRMATORY", "FINDINGS_MIME", "Finding", "dumps_findings", "read_findings"]

Claim = Literal["description", "association", "effect_if"]
Status = Literal["estimated", "suppressed", "not_estimable"]

CONFIRMATORY = (
    "appraisal.tie_effect",
    "training.leadership_att",
    "training.hours_slope",
    "pathway.culture_indirect",
    "pathway.recognition_indirect",
    "service.performance_slope",
)
"""The findings whose p-values are adjusted together (Holm); everything else is descriptive."""

FINDINGS_MIME = "application/vnd.walesi.findings+json"
"""How findings travel in the output of a notebook: a list of the contract's records."""

SIGNIFICANT_DIGITS = 8
_NUMBERS = ("estimate", "se", "low", "high", "level", "p", "p_adjusted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One number, its uncertainty, and what may be said of it.

    Parameters
    ----------
    id : str
        Stable name, such as ``training.leadership_att``.
    estimate, se, low, high : float or None
        Estimate, standard error and interval, in `unit`; all None unless `status` is ``estimated``.
    level : float
        Confidence level of the interval, between 0 and 1.
    p, p_adjusted : float or None
        p-value, and its Holm adjustment within the confirmatory family.
    unit : str
        Unit of the estimate, in English.
    n, groups : int or None
        People (rounded as the study's privacy settings say) and clusters the number rests on.
    claim : {"description", "association", "effect_if"}
        The most that any sentence may claim. ``effect_if`` is causal under the assumption in `method`.
    method : str
        Estimator and assumption, in English.
    status : {"estimated", "suppressed", "not_estimable"}
        ``suppressed`` by the disclosure rule, ``not_estimable`` for want of data.
    reason : str or None
        Why there is no estimate, in English; required unless `status` is ``estimated``.
    question : mapping of str to str
        The question in words, by language (``id`` and ``en``).
    notebook : str
        The notebook that made it.

    Raises
    ------
    ValueError
        If the parts contradict each other.
    """

    id: str
    estimate: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    p: float | None = None
    p_adjusted: float | None = None
    unit: str
    n: int | None = None
    groups: int | None = None
    claim: Claim
    method: str
    status: Status = "estimated"
    reason: str | None = None
    question: Mapping[str, str]
    notebook: str

    def __post_init__(self) -> None:
        for fault in _faults(self):
            raise ValueError(f"finding {self.id!r}: {fault}")

    def without_estimate(self, status: Status, reason: str) -> Finding:
        """Return the same finding with its numbers taken away and the reason why."""
        return replace(
            self, estimate=None, se=None, low=None, high=None, p=None, p_adjusted=None,
            status=status, reason=reason,
        )  # fmt: skip

    def as_record(self) -> dict[str, Any]:
        """Return the finding as the JSON object of the contract, numbers to eight significant digits."""
        record = asdict(self) | {"question": dict(self.question)}
        return record | {name: _significant(record[name]) for name in _NUMBERS}


def _faults(finding: Finding) -> Iterable[str]:
    numbers = (finding.estimate, finding.se, finding.low, finding.high, finding.p, finding.p_adjusted)
    if any(x is not None and not math.isfinite(x) for x in numbers):
        yield "a number is not finite"
    yield from _out_of_range(finding)
    if set(finding.question) != {"id", "en"}:
        yield "the question must be worded in 'id' and 'en'"
    if finding.status == "estimated":
        if finding.estimate is None:
            yield "status is 'estimated' but there is no estimate"
        if (finding.low is None) != (finding.high is None):
            yield "an interval needs both ends"
        if finding.low is not None and not finding.low <= finding.high:
            yield f"interval [{finding.low}, {finding.high}] is the wrong way round"
    else:
        if any(x is not None for x in numbers):
            yield f"status is {finding.status!r} but there are numbers"
        if not finding.reason:
            yield f"status is {finding.status!r} but there is no reason"


def _out_of_range(finding: Finding) -> Iterable[str]:
    if finding.claim not in get_args(Claim):
        yield f"claim {finding.claim!r} is none of {', '.join(get_args(Claim))}"
    if finding.status not in get_args(Status):
        yield f"status {finding.status!r} is none of {', '.join(get_args(Status))}"
    if not 0 < finding.level < 1:
        yield f"level {finding.level} is not between 0 and 1"
    if any(p is not None and not 0 <= p <= 1 for p in (finding.p, finding.p_adjusted)):
        yield "a p-value is not between 0 and 1"
    if any(x is not None and x < 0 for x in (finding.se, finding.n, finding.groups)):
        yield "a standard error or a count is negative"


def _significant(x: float | None) -> float | None:
    return None if x is None else float(f"{x:.{SIGNIFICANT_DIGITS}g}")


def dumps_findings(findings: Iterable[Finding]) -> str:
    """Return findings as the text of ``findings.json``, sorted by id; ids must be unique."""
    ordered = sorted(findings, key=lambda f: f.id)
    ids = [f.id for f in ordered]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise ValueError(f"the same finding was made twice: {', '.join(twice)}")
    return json.dumps([f.as_record() for f in ordered], ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def read_findings(path: Path) -> list[Finding]:
    """Read a ``findings.json``; fields added by later versions are left aside."""
    known = {f.name for f in fields(Finding)}
    records = json.loads(Path(path).read_text(encoding="utf-8"))
    return [Finding(**{k: v for k, v in record.items() if k in known}) for record in records]
