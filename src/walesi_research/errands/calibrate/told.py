"""What readers are told of a calibration: names, settings of the worlds, and the table in plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from walesi_research.errands.calibrate.summary import FEWEST, bounds_of
from walesi_research.language import LANGUAGES, say
from walesi_research.language.numbers import number, share
from walesi_research.study.synthetic.questionnaire import CONSTRUCTS

if TYPE_CHECKING:
    from walesi_research.errands.calibrate.likeness import Likeness
    from walesi_research.errands.calibrate.run import Calibrated
    from walesi_research.errands.calibrate.summary import Judged

__all__ = ["copied", "name_of", "record_of", "settings_of", "table"]

VERDICTS = ("trust", "too_little", "misleads", "cannot_tell", "absent")
PEOPLE = ("pppk_share", "entrants", "leavers", "leadership_share", "nonresponse", "careless")
"""Settings that are shares of employees: neither part may be few."""
SHOWN = {
    "employees": ("employees", "employee_id"), "units": ("employees", "unit"),
    "quarters": ("appraisals", "period"), "raters": ("appraisals", "rater_id"),
    "second_rater_share": ("appraisals", "rater_id"), "home_rater_share": ("appraisals", "rater_id"),
    "tie_share": ("appraisals", "tie"), "missing_tie": ("appraisals", "tie"),
    "missing_achievement": ("appraisals", "achievement"), "ability_sd": ("appraisals", "achievement"),
    "noise_sd": ("appraisals", "achievement"), "unit_sd": ("appraisals", "achievement"),
    "rater_sd": ("appraisals", "score"), "score_noise_sd": ("appraisals", "score"),
    "hours_per_year": ("training", "hours"), "leadership_share": ("training", "kind"),
    "award_rate": ("events", "kind"), "team_building_share": ("events", "kind"),
    "nonresponse": ("survey", "employee_id"), "missing_items": ("survey", "employee_id"),
    "latent_icc": ("survey", "employee_id"), "respondents": ("service", "unit"),
}  # fmt: skip
"""Settings that readers are shown, by their names in the catalogue: the column that each is copied from."""


def name_of(finding: str, language: str) -> str:
    """Return what readers call a finding."""
    room, name, *kind = finding.split(".")
    if room != "measurement":
        return say(language, f"calibrate.name_{room}_{name}")
    label = {c.name: {"id": c.id, "en": c.en} for c in CONSTRUCTS}[name][language]
    return say(language, "calibrate.name_measurement", construct=label, kind=kind[0])


def settings_of(like: Likeness) -> dict[str, float | int | bool | None]:
    """Return the settings of the worlds as they may be published.

    Shares to 0.01, None where they tell of fewer people than the study allows; spreads to three digits.
    """
    world, found = like.world, {}
    for field in fields(world):
        value = getattr(world, field.name)
        if field.name in PEOPLE and _tells_of_few(value, like):
            value = None
        elif isinstance(value, float):
            value = round(value, 2) if abs(value) <= 1 else float(f"{value:.3g}")
        found[field.name] = value
    return found


def _tells_of_few(value: float, like: Likeness) -> bool:
    people = like.world.employees
    return any(0.5 <= part * people < like.minimum_cell for part in (value, 1 - value))


def record_of(calibrated: Calibrated, study: str) -> dict[str, Any]:
    """Return a calibration as the values of ``calibration.json``."""
    like = calibrated.likeness
    settings = settings_of(like)
    return {
        "study": study,
        "worlds": {"ordinary": calibrated.worlds, "null": calibrated.null_worlds},
        "fewest": FEWEST,
        "minimum_cell": like.minimum_cell,
        "bounds": asdict(bounds_of(calibrated.parameters["level"])),
        "complete": calibrated.complete,
        "parameters": dict(calibrated.parameters),
        "world": settings,
        "settings": [_setting(name, settings[name]) for name in copied(like)],
        "not_copied": [{code: m.in_(code) for code in LANGUAGES} for m in calibrated.not_copied],
        "findings": [
            {**row.as_record(), "name": {code: name_of(row.id, code) for code in LANGUAGES}}
            for row in calibrated.findings
        ],
    }


def copied(like: Likeness) -> list[str]:
    """Return the settings that are copied from the study: of columns that it has."""
    return [name for name, (table, column) in SHOWN.items() if column in like.columns.get(table, ())]


def _setting(name: str, value: float | int | None) -> dict[str, Any]:
    words = {code: say(code, f"calibrate.setting_{name}") for code in LANGUAGES}
    return {"name": words, "value": value, "share": name.endswith(("share", "rate", "icc")) or name in _GAPS}


_GAPS = ("missing_tie", "missing_achievement", "nonresponse", "missing_items")


def table(calibrated: Calibrated, language: str) -> str:
    """Return the table for a terminal: findings under what is to be thought of them."""
    heads = [say(language, f"calibrate.column_{c}") for c in ("finding", *_COLUMNS)]
    lines = [_line(row, language) for row in calibrated.findings]
    width = [max(len(line[i]) for line in (heads, *lines)) for i in range(len(heads))]
    return "\n".join(_laid_out(calibrated.findings, lines, heads, width, language))


_COLUMNS = ("coverage", "power", "alarms", "bias", "estimable")


def _laid_out(
    rows: Sequence[Judged], lines: Sequence[list[str]], heads: list[str], width: list[int], language: str
) -> Iterator[str]:
    yield _row(heads, width)
    for verdict in VERDICTS:
        mine = [line for row, line in zip(rows, lines, strict=True) if row.verdict == verdict]
        if mine:
            yield f"\n{say(language, f'calibrate.verdict_{verdict}')} ({len(mine)})"
            yield from (_row(line, width) for line in mine)


def _row(cells: list[str], width: list[int]) -> str:
    first, *others = zip(cells, width, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(w) for cell, w in others)]).rstrip()


def _line(row: Judged, language: str) -> list[str]:
    shares = [row.coverage, row.power, row.alarms]
    bias = "–" if row.bias is None else number(row.bias, language, 3 if abs(row.truth or 1) < 1 else 2)
    told = ["–" if x is None else share(x, language) for x in (*shares, row.estimable)]
    return [name_of(row.id, language), *told[:3], bias, told[3]]
