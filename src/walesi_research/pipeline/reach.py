"""What code of ours a notebook reaches: a change elsewhere does not run it again.

Imports are followed as they are written, through packages' ``__init__`` and into functions; message
catalogues count where one of their keys is written, other files where a module beside them reads files.
Where that cannot be known, all that it could be counts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from walesi_research.pipeline import files
from walesi_research.pipeline.sources import Import, Source, read_source

__all__ = ["MEMORY", "Package", "module_of"]

OURS = Path(__file__).resolve().parents[1]
RULES = Path(__file__).with_name("sources.py")
MEMORY = "sources.json"
"""Where a run keeps what it has read of sources."""

EXECUTION = (
    "findings.py", "pipeline/engine.py", "pipeline/holm.py", "pipeline/kernel.py", "pipeline/notebook.py",
    "pipeline/handing.py", "pipeline/warm/", "stats/multiplicity.py",
)  # fmt: skip
"""How a notebook is executed, what it is handed and what is kept of it: counts for every one."""
CATALOGUES = "/LC_MESSAGES/"
_MESSAGE = re.compile(r'^msgid "(.+)"$', re.MULTILINE)
LEFT_OUT = ("__pycache__", ".pyc", ".part")


def module_of(file: str) -> str:
    """Return how people name a file of the package: ``questions.training.reach``, ``training.po``."""
    if file.endswith(".py"):
        return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return file.rpartition(CATALOGUES)[2] if CATALOGUES in file else file


class Package:
    """The files of a package, and which of them code reaches.

    Parameters
    ----------
    root : Path
        Its folder.
    memory : Path, optional
        A file that `remember` wrote: sources that have not changed since are not read again.
    """

    def __init__(self, root: Path = OURS, memory: Path | None = None) -> None:
        self.root = root
        self._known = _recall(memory) if memory else {}
        self._new = False
        self._next: dict[str, frozenset[str]] = {}
        self._messages: dict[str, frozenset[str]] = {}

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 of every file, by its path from the root."""
        names = [n for n in files.relative_files(self.root) if not any(part in n for part in LEFT_OUT)]
        return {name: files.digest_of(self.root / name) for name in names}

    @property
    def digest(self) -> str:
        """One digest of all files."""
        lines = "".join(f"{name}\0{digest}\n" for name, digest in self.digests.items())
        return hashlib.sha256(lines.encode()).hexdigest()

    def digests_reached(self, cells: Iterable[str]) -> dict[str, str]:
        """Return path and SHA-256 of every file that code cells reach, and of what executes them.

        Parameters
        ----------
        cells : iterable of str
            Sources of code cells; lines of IPython's own (``%``, ``!``) are passed over where they do not
            name the package.
        """
        reached = self.reached(cells) | {n for n in self.digests if n.startswith(EXECUTION)}
        return {name: self.digests[name] for name in sorted(reached)}

    def reached(self, cells: Iterable[str]) -> frozenset[str]:
        """Return the paths of the files that code cells reach."""
        lines = [line for cell in cells for line in cell.splitlines()]
        start = _read("\n".join(line for line in lines if not _magic(line)))
        if start.computed or any(_magic(line) and self.root.name in line for line in lines):
            return frozenset(self.digests)
        modules = self._followed(start)
        sources = [start, *(self._source(name) for name in modules)]
        return frozenset(modules) | self._catalogues(sources) | self._read(modules)

    def _followed(self, start: Source) -> set[str]:
        """Return the paths of the modules that `start` imports, and that those import."""
        reached: set[str] = set()
        ahead = set(self._imported(start, ""))
        while ahead:
            name = ahead.pop()
            reached.add(name)
            ahead |= self._after(name) - reached
        return reached

    def _after(self, name: str) -> frozenset[str]:
        """Return the paths of the modules that a module imports: all where that cannot be read."""
        if name not in self._next:
            source = self._source(name)
            unknown = source.computed and not name.endswith("__init__.py")
            self._next[name] = frozenset(self._below("") if unknown else self._imported(source, name))
        return self._next[name]

    def _imported(self, source: Source, name: str) -> Iterator[str]:
        """Yield the paths of the modules that a source imports by name, with the packages they are in."""
        for made in source.imports:
            base = self._absolute(made, name)
            if base is None:
                continue
            yield from self._with_parents(base)
            for part in made.names:
                yield from self._part(base, part)
            if not made.names:
                yield from self._whole(base)

    def _absolute(self, made: Import, name: str) -> tuple[str, ...] | None:
        """Return the parts below our package of what is imported; None where it is not ours."""
        dotted = tuple(made.module.split(".")) if made.module else ()
        if not made.level:
            return dotted[1:] if dotted[:1] == (self.root.name,) else None
        folder = tuple(name.split("/")[:-1])
        return folder[: len(folder) - made.level + 1] + dotted

    def _part(self, base: tuple[str, ...], part: str) -> Iterator[str]:
        """Yield what ``from base import part`` reaches beyond `base`: a module, or a name's home."""
        if self._file((*base, part)):
            yield from self._with_parents((*base, part))
            yield from self._whole((*base, part))
        elif (package := self._file(base)) and self._source(package).computed:
            home = self._source(package).homes.get(part, "").lstrip(".")
            known = (*base, *home.split(".")) if home else base
            found = self._file(known) if home else None
            yield from self._with_parents(known) if found else self._below("/".join(base))

    def _whole(self, base: tuple[str, ...]) -> Iterator[str]:
        """Yield all below a package that imports when asked, where it is had as a whole."""
        package = self._file(base)
        if package and package.endswith("__init__.py") and self._source(package).computed:
            yield from self._below("/".join(base))

    def _with_parents(self, base: tuple[str, ...]) -> Iterator[str]:
        for end in range(len(base) + 1):
            if file := self._file(base[:end]):
                yield file

    def _file(self, base: tuple[str, ...]) -> str | None:
        stem = "/".join(base)
        for name in (f"{stem}.py", f"{stem}/__init__.py".lstrip("/")):
            if name in self.digests:
                return name
        return None

    def _below(self, folder: str) -> Iterator[str]:
        start = f"{folder}/" if folder else ""
        return (name for name in self.digests if name.startswith(start) and name.endswith(".py"))

    def _source(self, name: str) -> Source:
        digest = self.digests[name]
        if digest not in self._known:
            self._known[digest] = _read((self.root / name).read_text(encoding="utf-8"))
            self._new = True
        return self._known[digest]

    def remember(self, memory: Path) -> None:
        """Write down what was read of the sources there are, where `memory` does not hold it yet."""
        if self._new:
            there = set(self.digests.values())
            records = {d: s.as_record() for d, s in self._known.items() if d in there}
            text = json.dumps(records, sort_keys=True)
            files.write_whole(memory, json.dumps({"checksum": _checksum(text), "sources": text}))

    def _catalogues(self, sources: Iterable[Source]) -> set[str]:
        """Return the catalogues that hold a key which sources write, or put together."""
        sources = list(sources)
        keys = frozenset[str]().union(*(s.keys for s in sources))
        domains = frozenset[str]().union(*(s.domains for s in sources))
        prefixes = tuple(frozenset[str]().union(*(s.prefixes for s in sources)))
        held = {n: n.rpartition("/")[2].removesuffix(".po") for n in self.digests if CATALOGUES in n}
        return {
            name
            for name, domain in held.items()
            if domain in domains or domain.startswith(prefixes) or keys & self._keys(name, domain)
        }

    def _keys(self, name: str, domain: str) -> frozenset[str]:
        """Return the keys that a catalogue holds."""
        if name not in self._messages:
            text = (self.root / name).read_text(encoding="utf-8")
            self._messages[name] = frozenset(f"{domain}.{message}" for message in _MESSAGE.findall(text))
        return self._messages[name]

    def _read(self, modules: Iterable[str]) -> set[str]:
        """Return the files that are no code beside modules that read files."""
        found: set[str] = set()
        for name in modules:
            for package in self._source(name).reads:
                here = package.split(".")[1:] if package.startswith(self.root.name) else name.split("/")[:-1]
                start = "".join(f"{part}/" for part in here)
                found |= {n for n in self.digests if n.startswith(start) and not n.endswith(".py")}
        return {name for name in found if CATALOGUES not in name}


def _recall(memory: Path) -> dict[str, Source]:
    """Return the sources by their digest that `memory` holds; none where it is damaged, or of other rules."""
    try:
        record = json.loads(memory.read_text(encoding="utf-8"))
        if record["checksum"] != _checksum(record["sources"]):
            return {}
        return {d: Source.from_record(r) for d, r in json.loads(record["sources"]).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _checksum(text: str) -> str:
    """Return the digest of a text and of the rules by which sources are read."""
    return hashlib.sha256(RULES.read_bytes() + text.encode()).hexdigest()


def _read(text: str) -> Source:
    """Return what a source names; one that is no Python may name anything."""
    try:
        return read_source(text)
    except SyntaxError:
        return Source(computed=True)


def _magic(line: str) -> bool:
    return line.lstrip().startswith(("%", "!"))
