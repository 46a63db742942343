"""The published record: findings, and what they were made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from walesi_research import __version__
from walesi_research.findings import Finding, dumps_findings
from walesi_research.language import Message
from walesi_research.problems import Problem, UserError

__all__ = ["FILE", "Published", "dumps_published", "read_published", "refuse_foreign"]

FILE = "published.json"
"""Its name beside ``study.toml``."""
TOOL = "walesi_research"
LETTERS = 16
"""Letters kept of a source's SHA-256: there are hundreds."""
SHARED = ("data", "seed", "versions")
"""Parts of a notebook's key that are the same for all notebooks of a run."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """Findings as they were published, and what they were made of.

    Parameters
    ----------
    findings : tuple of Finding
    digest : str
        SHA-256 of the file.
    version : str
        Version of the toolkit; empty where the file does not say.
    parts : mapping of str to mapping
        What each notebook's outputs depended on (the parts of its key in the cache, without `needs`); empty
        where the file does not say.
    """

    findings: tuple[Finding, ...]
    digest: str
    version: str = ""
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def told(self) -> Literal["all", "most", "nothing"]:
        """How much the file tells of what its numbers were made of: ``most`` is all but modules."""
        if not self.parts or any(f.notebook not in self.parts for f in self.findings):
            return "nothing"
        return "all" if all("sources" in parts for parts in self.parts.values()) else "most"


def dumps_published(findings: tuple[Finding, ...], parts: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the text of a published record.

    Parameters
    ----------
    findings : tuple of Finding
    parts : mapping of str to mapping
        Parts of each notebook's key.
    """
    some = next(iter(parts.values()))
    sources = {name: digest[:LETTERS] for p in parts.values() for name, digest in p["sources"].items()}
    record = {
        "tool": TOOL,
        "version": __version__,
        **{name: some[name] for name in SHARED},
        "notebooks": {name: {"code": p["code"], "parameters": p["parameters"]} for name, p in parts.items()},
        "sources": dict(sorted(sources.items())),
        "findings": json.loads(dumps_findings(findings)),
    }
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def read_published(path: Path) -> Published:
    """Read a published record, or the ``findings.json`` of a run with the ``manifest.json`` beside it.

    Raises
    ------
    UserError
        If there is no such file, or it is neither.
    """
    try:
        content = path.read_bytes()
        record = json.loads(content)
    except OSError:
        raise _refusal("verify.no_file", path) from None
    except ValueError:
        raise _refusal("verify.not_json", path) from None
    digest = hashlib.sha256(content).hexdigest()
    try:
        if isinstance(record, list):
            about = _of_manifest(path.with_name("manifest.json"))
            return Published(findings=_findings(record), digest=digest, **about)
        about = {"version": str(record["version"]), "parts": _parts(record)}
        return Published(findings=_findings(record["findings"]), digest=digest, **about)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _refusal("verify.no_record", path) from None


def refuse_foreign(path: Path) -> None:
    """Refuse to write a record over what is none.

    Raises
    ------
    UserError
        If there is something at `path` that `dumps_published` did not make.
    """
    if not path.exists() and not path.is_symlink():
        return
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError):
        record = None
    if not isinstance(record, dict) or record.get("tool") != TOOL or "findings" not in record:
        raise _refusal("verify.save_foreign", path)


def _refusal(key: str, path: Path) -> UserError:
    return UserError([Problem(what=Message.of(key, file=str(path)), value=str(path))])


def _findings(records: list[dict[str, Any]]) -> tuple[Finding, ...]:
    return tuple(Finding(**record) for record in records)


def _parts(record: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    shared = {name: record[name] for name in SHARED} | {"sources": record["sources"]}
    return {
        name: shared | {"code": about["code"], "parameters": about["parameters"]}
        for name, about in record["notebooks"].items()
    }


def _of_manifest(path: Path) -> dict[str, Any]:
    """Return version and parts that a run recorded; of sources it has one digest, which names no module."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        shared = {"data": record["data"], "seed": record["study"]["seed"], "versions": record["versions"]}
        codes, parameters = record["code"]["notebooks"], record["parameters"]
        parts = {n: shared | {"code": code, "parameters": parameters[n]} for n, code in codes.items()}
        return {"version": str(record["version"]), "parts": parts}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
