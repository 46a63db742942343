"""What worlds have said so far, a line a world and part: one that was cut off goes on from there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["Ledger"]

Place = tuple[str, int, str]


class Ledger:
    """The file of the worlds asked.

    Parameters
    ----------
    path : Path
        ``worlds.jsonl``; made when the first line is written.
    key : str
        Digest of all that the lines depend on; lines under another are passed over.
    """

    def __init__(self, path: Path, key: str) -> None:
        self._path = path
        self._key = key
        self.lines: dict[Place, dict[str, Any]] = {_place(line): line for line in self._read()}

    def __contains__(self, place: Place) -> bool:
        return place in self.lines

    def add(self, line: dict[str, Any]) -> None:
        """Write a line, whole and at once."""
        line = {"key": self._key} | line
        with self._path.open("a", encoding="utf-8") as file:
            if self._path.stat().st_size and not self._path.read_bytes().endswith(b"\n"):
                file.write("\n")  # after a line that a kill cut short
            file.write(json.dumps(line, allow_nan=False) + "\n")
        self.lines[_place(line)] = line

    def _read(self) -> Iterator[dict[str, Any]]:
        if not self._path.exists():
            return
        for text in self._path.read_text(encoding="utf-8").splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict) and line.get("key") == self._key:
                yield line


def _place(line: dict[str, Any]) -> Place:
    return line["kind"], line["number"], line["part"]
