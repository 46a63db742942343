"""What one source file names: the modules it imports, the messages it says, the files it reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

__all__ = ["Import", "Source", "read_source"]

COMPUTED = {"import_module", "__import__", "exec", "eval", "run_module", "run_path"}
"""Calls by which code is reached under a name that cannot be read here."""
_PARSING = Lock()
"""Held while parsing: Python 3.11's parser fails where two threads use it (SystemError, recursion depth)."""
_KEY = re.compile(r"[a-z0-9_]+\.\w+", re.ASCII)
_DOMAIN = re.compile(r"[a-z0-9_]+\.", re.ASCII)
_AFTER = re.compile(r"\.($|\w)", re.ASCII)
_WORD = re.compile(r"[a-z0-9_]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Import:
    """``from module import names``, or ``import module`` where there are none; `level` counts the dots."""

    module: str
    names: tuple[str, ...] = ()
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a source file names.

    Parameters
    ----------
    imports : tuple of Import
        At the top and within functions; not those for type checkers only.
    keys : frozenset of str
        What looks like the key of a message, written in full; more than there are messages.
    domains : frozenset of str
        Catalogues whose keys are put together when the code runs; more than there are catalogues.
    prefixes : frozenset of str
        Beginnings of keys whose domain is put together when the code runs.
    reads : tuple of str
        Packages whose files it may read; the empty text is its own folder.
    computed : bool
        Whether it imports or runs what cannot be read here.
    homes : dict of str to str
        Where a package that imports when asked says that names live: module-level dicts of texts.
    """

    imports: tuple[Import, ...] = ()
    keys: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    reads: tuple[str, ...] = ()
    computed: bool = False
    homes: Mapping[str, str] = field(default_factory=dict)

    def as_record(self) -> dict[str, Any]:
        """Return it as values of JSON."""
        record = {name: getattr(self, name) for name in self.__slots__}
        sets = {name: sorted(value) for name, value in record.items() if isinstance(value, frozenset)}
        return record | sets | {"imports": [(i.module, i.names, i.level) for i in self.imports]}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Source:
        """Return what `as_record` made a record of."""
        imports = tuple(Import(module, tuple(names), level) for module, names, level in record["imports"])
        sets = {name: frozenset(record[name]) for name in ("keys", "domains", "prefixes")}
        return cls(**(dict(record) | sets | {"imports": imports, "reads": tuple(record["reads"])}))


def read_source(text: str) -> Source:
    """Return what a source names.

    Raises
    ------
    SyntaxError
        If it is not Python.
    """
    with _PARSING:
        tree = ast.parse(text)
    nodes = list(_walk(tree))
    joined = [part for node in nodes if isinstance(node, ast.JoinedStr) for part in _joined(node)]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    domains = {t[:-1] for t in texts if _DOMAIN.fullmatch(t)}
    if None in joined:  # a key may begin with any word of this file
        domains |= {t for t in texts if _WORD.fullmatch(t)}
    prefixes = {t for t in joined if t and "." not in t}
    return Source(
        imports=tuple(made for node in nodes for made in _imports(node)),
        keys=frozenset(t for t in texts if _KEY.fullmatch(t)),
        domains=frozenset(domains | {t.partition(".")[0] for t in joined if t and "." in t}),
        prefixes=frozenset(t for t in prefixes if _WORD.fullmatch(t)),
        reads=tuple(dict.fromkeys(made for node in nodes for made in _reads(node))),
        computed=any(isinstance(node, ast.Call) and _called(node) in COMPUTED for node in nodes),
        homes={key: home for node in tree.body for key, home in _homes(node)},
    )


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs: not what only a type checker sees, nor how a number is written (``.3g``)."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.FormattedValue) and child is node.format_spec:
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield from _walk(other)
        else:
            yield from _walk(child)


def _imports(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield Import(node.module or "", tuple(alias.name for alias in node.names), node.level)


def _joined(node: ast.JoinedStr) -> Iterator[str | None]:
    """Yield the text that a formatted string begins with; None where it is a value, then a dot."""
    first, second = [*node.values, None, None][:2]
    if isinstance(first, ast.Constant):
        yield str(first.value)
    elif isinstance(second, ast.Constant) and _AFTER.match(str(second.value)):
        yield None


def _reads(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and node.id == "__file__":
        yield ""
    elif isinstance(node, ast.Call) and _called(node) == "files":
        given = node.args[0] if node.args else None
        yield given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""


def _called(node: ast.Call) -> str:
    """Return the name of the function called; of ``frame.eval``, a method, none."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr if node.func.attr not in ("eval", "exec") else ""
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _homes(node: ast.stmt) -> Iterator[tuple[str, str]]:
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    if isinstance(value, ast.Dict):
        for pair in zip(value.keys, value.values, strict=True):
            key, home = (getattr(part, "value", None) for part in pair)
            if isinstance(key, str) and isinstance(home, str):
                yield key, home
