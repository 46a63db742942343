"""Showing results in a notebook: both languages in one execution, and the findings beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from walesi_research.exhibits.exhibit import Exhibit, wrapped
from walesi_research.findings import FINDINGS_MIME, Finding
from walesi_research.language import LANGUAGES, say

__all__ = ["record", "show"]


def show(
    *methods: Callable[[str], Exhibit | Sequence[Exhibit]], languages: Sequence[str] = LANGUAGES
) -> None:
    """Display what each method returns for each language.

    Parameters
    ----------
    *methods : callable
        Takes a language, returns an exhibit or several: ``show(result.sentence, result.plot)``.
    languages : sequence of str
        Languages to show, each output marked with its own.

    Raises
    ------
    TypeError
        If something that is not an exhibit comes back.
    """
    from IPython.display import display

    for method in methods:
        for language in languages:
            for exhibit in _exhibits(method(language)):
                own = getattr(exhibit, "bundle", {})  # what its page needs besides the HTML
                data = {"text/html": wrapped(exhibit), "text/plain": exhibit.alt, **own}
                about = {"language": language, "kind": exhibit.kind, "alt": exhibit.alt}
                display(data, metadata={"walesi": about}, raw=True)


def _exhibits(shown: Any) -> list[Exhibit]:
    several = (
        [shown] if isinstance(shown, Exhibit) else list(shown) if isinstance(shown, Iterable) else [shown]
    )
    for exhibit in several:
        if not isinstance(exhibit, Exhibit):
            raise TypeError(f"cannot show {type(exhibit).__name__}: a result's method returns exhibits")
    return several


def record(*results: Any) -> None:
    """Attach the findings of results to the executed notebook, where the pipeline collects them.

    Parameters
    ----------
    *results
        Findings, or results that carry them as ``.findings``.

    Raises
    ------
    TypeError
        If something else is given.
    """
    from IPython.display import display

    findings = [finding for result in results for finding in _findings(result)]
    told = say(LANGUAGES[0], "exhibit.recorded", n=len(findings))
    data = {FINDINGS_MIME: [finding.as_record() for finding in findings], "text/plain": told}
    display(data, raw=True)


def _findings(result: Any) -> list[Finding]:
    findings = [result] if isinstance(result, Finding) else list(getattr(result, "findings", [result]))
    for finding in findings:
        if not isinstance(finding, Finding):
            raise TypeError(f"cannot record {type(finding).__name__}: findings, or results that carry them")
    return findings
