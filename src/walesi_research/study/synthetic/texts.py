"""The texts of a synthetic study folder: settings, codebook, and what a reader should know."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files

from walesi_research.language import LANGUAGES, say
from walesi_research.study.calendar import Calendar
from walesi_research.study.columns import TABLES
from walesi_research.study.synthetic.knobs import changed_knobs
from walesi_research.study.synthetic.questionnaire import CONSTRUCTS, SCALE, Construct, Item
from walesi_research.study.synthetic.scenario import ABOVE, BELOW, SCENARIO
from walesi_research.study.synthetic.world import World

__all__ = ["codebook_toml", "dictionary_md", "readme_md", "study_toml"]

CLAIMS = (
    ("relations", "appraisal.tie_effect", "above", 1.0),
    ("results", "appraisal.achievement_slope", "below", 0.5),
    ("raters", "appraisal.rater_share", "above", 0.10),
    ("training", "training.norm_share", "below", 0.50),
    ("leadership", "training.leadership_att", "above", 1.0),
    ("culture", "pathway.culture_indirect", "above", 0.05),
    ("recognition", "pathway.recognition_indirect", "above", 0.05),
    ("service", "service.performance_slope", "above", 0.0),
    ("together", "policy.combined_gain", "above", 0.0),
)
ABSENT = {("survey", "weight")}
"""Columns that a study may have and a synthetic one has not."""
_HEAD = ("| kolom / column | arti | meaning | isi / values |", "|---|---|---|---|")
_TEMPLATES = files("walesi_research.study.synthetic") / "templates"


def study_toml(world: World, study_id: str) -> str:
    """Return the text of ``study.toml``."""
    claims = "\n".join(
        f'[claims.{name}]\nfinding = "{finding}"\nsupports = "{supports}"\nlimit = {limit}\n'
        for name, finding, supports, limit in CLAIMS
    )
    changes = ", ".join(f'"{finding}" = {change:g}' for finding, change in SCENARIO.items())
    return _template("study.toml").format(
        id=study_id, seed=world.seed, year=world.last_year, changes=changes, claims=claims,
        below=BELOW, above=ABOVE,
        title_id=_title(study_id, "id"), title_en=_title(study_id, "en"),
    )  # fmt: skip


def _title(study_id: str, language: str) -> str:
    if study_id == "walesi":
        return {"id": "Walesi (data sintetis)", "en": "Walesi (synthetic data)"}[language]
    return {"id": f"Studi sintetis {study_id}", "en": f"Synthetic study {study_id}"}[language]


def codebook_toml() -> str:
    """Return the text of ``codebook.toml``."""
    return "\n".join(_codebook_lines()) + "\n"


def _codebook_lines() -> Iterable[str]:
    yield "# Buku kode kuesioner. Butir ditulis untuk proyek ini; bebas dipakai (CC BY 4.0)."
    yield "# Codebook of the questionnaire. Items were written for this project; free to use (CC BY 4.0)."
    for construct in CONSTRUCTS:
        yield ""
        yield f"[constructs.{construct.name}]"
        yield f'role = "{construct.role}"'
        yield f"scale = [{SCALE[0]}, {SCALE[1]}]"
        yield f"label = {{ id = {_quoted(construct.id)}, en = {_quoted(construct.en)} }}"
        yield 'source = "written for this project, CC BY 4.0"'
        if reverse := [item.name for item in construct.items if item.reverse]:
            yield f"reverse = {json.dumps(reverse)}"
        yield f"[constructs.{construct.name}.items]"
        for item in construct.items:
            yield f"{item.name} = {{ id = {_quoted(item.id)}, en = {_quoted(item.en)} }}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def readme_md(world: World, study_id: str) -> str:
    """Return the text of ``README.md``, which begins by saying that all is synthetic."""
    size = f"--employees {world.employees} --units {world.units} --quarters {world.quarters}"
    options = [size, f"--seed {world.seed}", *(f"-p {knob}" for knob in changed_knobs(world))]
    return _template("README.md").format(
        title=_title(study_id, "en"), id=study_id, options=" ".join(options),
        employees=world.employees, units=world.units, quarters=world.quarters,
        first=world.quarter_labels[0], last=world.quarter_labels[-1], year=world.last_year,
        nonresponse=f"{world.nonresponse:.0%}",
    )  # fmt: skip


def dictionary_md() -> str:
    """Return the data dictionary in both languages: tables, columns, items."""
    items = "\n".join(_item_row(construct, item) for construct in CONSTRUCTS for item in construct.items)
    tables = {name: _columns_of(name) for name in TABLES}
    return _template("dictionary.md").format(items=items, **tables)


def _columns_of(table: str) -> str:
    """Return a table's heading and its columns: what they mean, and what they may hold."""
    title = " / ".join(say(code, f"dictionary.{table}") for code in LANGUAGES)
    columns = [column for column in TABLES[table].columns.values() if (table, column.name) not in ABSENT]
    rows = (_column_row(table, column.name, column.allowed(Calendar("quarter"))) for column in columns)
    return "\n".join([f"## {table}.csv", "", title, "", *_HEAD, *rows])


def _column_row(table: str, name: str, allowed: str) -> str:
    meanings = " | ".join(say(code, f"dictionary.{table}_{name}") for code in LANGUAGES)
    return f"| `{name}` | {meanings} | {allowed} |"


def _item_row(construct: Construct, item: Item) -> str:
    reversed_mark = " (R)" if item.reverse else ""
    return f"| `{item.name}`{reversed_mark} | {construct.id} / {construct.en} | {item.id} | {item.en} |"


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")
