"""The page of a calibration: which findings deserve trust at this study's own size."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from walesi_research.exhibits import Cell, Column, Group, Table
from walesi_research.exhibits.exhibit import numbered
from walesi_research.exhibits.text import bold, safe
from walesi_research.language import LANGUAGES, say
from walesi_research.language.numbers import count, number, share
from walesi_research.publish.facts import StudyFacts
from walesi_research.publish.page import common_values
from walesi_research.publish.rendering import render

__all__ = ["VERDICTS", "build_calibration"]

VERDICTS = ("trust", "too_little", "misleads", "cannot_tell")
MOST_TIMES = 20
"""So many times the data are never to be had: then a number of employees helps nobody."""
METHOD = ("worlds", "effects", "coverage", "power", "alarms", "needed", "verdicts", "matched", "privacy")
COLUMNS = ("finding", "coverage", "power", "alarms")

Record = Mapping[str, Any]


def build_calibration(record: Record, facts: StudyFacts, destination: Path) -> None:
    """Write the page in every language and ``calibration.json``.

    Parameters
    ----------
    record : mapping
        What the worlds say; written as it is.
    facts : StudyFacts
        The study.
    destination : Path
        Folder to write to; made if missing.
    """
    destination.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    (destination / "calibration.json").write_text(text, encoding="utf-8", newline="\n")
    for language in LANGUAGES:
        first = language == LANGUAGES[0]
        file = destination / ("index.html" if first else f"{language}/index.html")
        file.parent.mkdir(exist_ok=True)
        file.write_text(_page(record, facts, language, first), encoding="utf-8", newline="\n")


def _say(language: str, key: str, **values: object) -> str:
    return say(language, f"calibrate.{key}", **values)


def _page(record: Record, facts: StudyFacts, language: str, first: bool) -> str:
    rows: Sequence[Record] = record["findings"]
    own = [row for row in rows if not row["id"].startswith("measurement.")]
    scales = [row for row in rows if row["id"].startswith("measurement.")]
    values = common_values(facts, language) | {
        "head": _say(language, "title"),
        "lead": bold(_lead(record, language)),
        "answers": [bold(text) for text in _answers(record, language)],
        "tables": [Markup(_table(own, "table", language))],
        "more": Markup(_table(scales, "table_scales", language)) if scales else "",
        "absent": safe(_absent(rows, language)),
        "settings": Markup(_settings(record, language)),
        "not_copied": [safe(words[language]) for words in record["not_copied"]],
        "method": [bold(text) for text in _method(record, language)],
        "exact": _exact(record["worlds"]["ordinary"]) | _promised(record, language),
        "told": lambda key, **given: _say(language, key, **given),
        "home": "index.html",
        "up": "" if first else "../",
        "switch": {c: f"{c}/index.html" if first else "../index.html" for c in LANGUAGES if c != language},
        "description": _say(language, "title"),
    }
    return render("calibration.html.j2", values)


def _exact(worlds: int) -> dict[str, int]:
    """Return the worlds, and by how many percentage points a share of them may be off, at most."""
    return {"worlds": worlds, "points": math.ceil(98 / math.sqrt(max(worlds, 1)))}


def _promised(record: Record, language: str) -> dict[str, str]:
    """Return what ranges of the record's level promise, in percent."""
    shares = {"level": record["parameters"]["level"], "misses": record["bounds"]["misses"]}
    return {name: _percent(x, language) for name, x in shares.items()}


def _percent(x: float, language: str) -> str:
    """Return a share with the decimals that it has; 99.9% is not 100%."""
    return share(x, language, 0 if round(100 * x, 6).is_integer() else 1)


def _lead(record: Record, language: str) -> str:
    """Answer the page's question in a sentence."""
    told = Counter(row["verdict"] for row in record["findings"])
    words = [_say(language, "lead", n=len(record["findings"]), trust=told["trust"])]
    words += [_say(language, f"lead_{v}", n=told[v]) for v in (*VERDICTS[1:], "absent") if told[v]]
    return " ".join(words) + ("" if record["complete"] else " " + _say(language, "lead_partly"))


def _answers(record: Record, language: str) -> Iterator[str]:
    worlds = record["worlds"]
    yield _say(
        language, "how", worlds=count(worlds["ordinary"], language), null=count(worlds["null"], language),
        people=count(record["world"]["employees"], language),
        units=count(record["world"]["units"], language),
    )  # fmt: skip
    if worlds["ordinary"] < record["fewest"]:
        yield _say(language, "few", fewest=record["fewest"])
    if failed := sum(row["failed"] for row in record["findings"]):
        yield _say(language, "failed", n=failed)


def _table(rows: Sequence[Record], caption: str, language: str) -> str:
    """Return findings under what is to be thought of them."""
    lines: list[Any] = []
    for verdict in VERDICTS:
        mine = [row for row in rows if row["verdict"] == verdict]
        if mine:
            lines.append(Group(_say(language, f"verdict_{verdict}"), _say(language, f"about_{verdict}")))
            lines += [_line(row, language) for row in mine]
    columns = [Column(_say(language, f"column_{c}"), numeric=c != "finding") for c in COLUMNS]
    number_of = 1 if caption == "table" else 2
    return numbered(Table(columns, lines, _say(language, caption), language).html(), number_of)


def _absent(rows: Sequence[Record], language: str) -> str:
    """Name what no world could estimate; empty where there is nothing of the kind."""
    names = [row["name"][language] for row in rows if row["verdict"] == "absent"]
    return _say(language, "absent", names="; ".join(names)) if names else ""


def _line(row: Record, language: str) -> list[Cell]:
    return [
        Cell(row["name"][language], " ".join(_notes(row, language))),
        *(_share(row, name, language) for name in ("coverage", "power", "alarms")),
    ]


def _notes(row: Record, language: str) -> Iterator[str]:
    """Yield the bias, what is enough, and what else a reader must know of a row, in a few words."""
    if row["bias"] is not None:
        digits = 3 if abs(row["truth"]) < 1 and row["spread"] < 0.5 else 2
        bias, truth = (number(row[name], language, digits) for name in ("bias", "truth"))
        yield _say(language, "note_bias", bias=bias, truth=truth)
    if row["verdict"] == "cannot_tell":
        if row["truth"] is None and row["estimable"]:
            yield _say(language, "note_no_truth")
        return
    if row["estimable"] is not None and row["estimable"] < 0.995:
        yield _say(language, "note_estimable", share=share(row["estimable"], language))
    if row["times"] is not None and row["times"] > MOST_TIMES:
        yield _say(language, "note_never", times=MOST_TIMES)
    elif row["quarters"] is not None:
        people, quarters = (count(row[k], language) for k in ("employees", "quarters"))
        yield _say(language, "note_either", people=people, quarters=quarters)
    elif row["employees"] is not None:
        yield _say(language, "note_people", people=count(row["employees"], language))


def _share(row: Record, name: str, language: str) -> Cell:
    return Cell("–" if row[name] is None else share(row[name], language))


def _settings(record: Record, language: str) -> str:
    """Return what the worlds were made like."""
    rows = [[s["name"][language], _value(s, language)] for s in record["settings"]]
    columns = [Column(_say(language, "column_setting")), Column(_say(language, "column_value"), numeric=True)]
    return numbered(Table(columns, rows, _say(language, "table_settings"), language).html(), 3)


def _value(setting: Record, language: str) -> str:
    value = setting["value"]
    if value is None:
        return _say(language, "hidden")
    if setting["share"]:
        return share(value, language)
    return count(value, language) if isinstance(value, int) else number(value, language)


def _method(record: Record, language: str) -> Iterator[str]:
    given = {"draws": count(record["parameters"]["draws"], language)}
    given |= _promised(record, language) | {"minimum": str(record["minimum_cell"])}
    given |= {name: _percent(x, language) for name, x in record["bounds"].items()}
    for name in METHOD:
        yield _say(language, f"method_{name}", **given)
