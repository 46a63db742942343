"""A draw as the six tables of a study folder, in the contract's columns, with raw ids."""

from __future__ import annotations

import numpy as np
import pandas as pd

from walesi_research.study.synthetic.appraisal import PREDICATES, TIES
from walesi_research.study.synthetic.people import EDUCATION, employee_numbers, grades, unit_names
from walesi_research.study.synthetic.performance import Performance
from walesi_research.study.synthetic.process import Draw
from walesi_research.study.synthetic.service import ELEMENTS, Service
from walesi_research.study.synthetic.survey import COMMENTS, ITEM_NAMES
from walesi_research.study.synthetic.training import COURSES, LEADERSHIP_HOURS, LEADERSHIP_PROGRAMMES
from walesi_research.study.synthetic.world import World, stream

__all__ = ["build_tables"]


def build_tables(drawn: Draw, service: Service) -> dict[str, pd.DataFrame]:
    """Return the tables ``employees survey appraisals training service events`` of a draw."""
    ids, rater_ids = _numbers(drawn)
    units = np.array(unit_names(drawn.world.units), dtype=object)
    labels = np.array(drawn.world.quarter_labels, dtype=object)
    return {
        "employees": _employees(drawn, ids, units),
        "survey": _survey(drawn, ids),
        "appraisals": _appraisals(drawn, ids, rater_ids, labels),
        "training": _training(drawn, ids),
        "service": _service(service, units, labels),
        "events": _events(drawn.world, drawn.performance, ids, units),
    }


def _numbers(drawn: Draw) -> tuple[np.ndarray, np.ndarray]:
    """Return the employees' and the raters' numbers as text; outside raters get numbers of their own."""
    people, rater_employee = drawn.people, drawn.appraisals.rater_employee
    rng = stream(drawn.world, "outsiders")
    outside = int((rater_employee < 0).sum())
    birth = np.datetime64("1970-01-01", "D") + rng.integers(0, 3650, outside)
    start = np.datetime64("1996-01", "M") + rng.integers(0, 120, outside)
    gender = rng.integers(0, 2, outside)
    numbers = employee_numbers(
        np.r_[people.birth, birth],
        np.r_[people.start, start],
        np.r_[people.gender, gender],
        np.r_[people.pppk, np.zeros(outside, bool)],
    )
    text = numbers.astype(str).astype(object)
    ids, others = text[: len(people.unit)], text[len(people.unit) :]
    rater_ids = ids[np.maximum(rater_employee, 0)]
    rater_ids[rater_employee < 0] = others
    return ids, rater_ids


def _employees(drawn: Draw, ids: np.ndarray, units: np.ndarray) -> pd.DataFrame:
    people = drawn.people
    position = np.where(people.functional, "functional", "executor")
    return pd.DataFrame(
        {
            "employee_id": ids,
            "unit": units[people.unit],
            "status": np.where(people.pppk, "pppk", "pns"),
            "position": np.where(people.head, "managerial", position),
            "gender": np.where(people.gender == 1, "m", "f"),
            "start_year": people.start_year,
            "left_on": _dates(people.left),
            "grade": grades(people, drawn.world.last_year),
            "education": np.array(EDUCATION)[people.education],
            "birth_year": people.birth_year,
        }
    )


def _survey(drawn: Draw, ids: np.ndarray) -> pd.DataFrame:
    survey = drawn.survey
    items = {
        name: pd.arrays.IntegerArray(survey.answers[:, j].copy(), survey.answers[:, j] == 0)
        for j, name in enumerate(ITEM_NAMES)
    }
    comments = np.array([*COMMENTS, ""], dtype=object)
    head = {"employee_id": ids[survey.employee], "date": _dates(survey.day), "wave": 1}
    return pd.DataFrame(head | items | {"comment": comments[survey.comment]})


def _appraisals(drawn: Draw, ids: np.ndarray, rater_ids: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    rows = drawn.appraisals
    ties = np.array([*TIES, ""], dtype=object)
    return pd.DataFrame(
        {
            "employee_id": ids[rows.employee],
            "period": labels[rows.quarter],
            "rater_id": rater_ids[rows.rater],
            "score": rows.score,
            "work_result": rows.work_result,
            "behaviour": rows.behaviour,
            "predicate": np.array(PREDICATES, dtype=object)[rows.predicate],
            "achievement": drawn.performance.recorded[rows.employee, rows.quarter],
            "tie": ties[rows.tie_recorded],
        }
    )


def _training(drawn: Draw, ids: np.ndarray) -> pd.DataFrame:
    courses = training_rows(drawn)
    order = np.lexsort((courses["day"], courses["employee"]))
    return pd.DataFrame(
        {
            "employee_id": ids[courses["employee"]][order],
            "programme": courses["programme"][order],
            "kind": courses["kind"][order],
            "hours": courses["hours"][order],
            "completed_on": _dates(courses["day"])[order],
        }
    )


def training_rows(drawn: Draw) -> dict[str, np.ndarray]:
    """Return every course and leadership programme as arrays: employee, programme, kind, hours, day."""
    training = drawn.training
    first = np.flatnonzero(~np.isnat(training.leadership_day))
    second = np.flatnonzero(~np.isnat(training.second_day))
    leaders = np.r_[first, second]
    names = np.array(LEADERSHIP_PROGRAMMES, dtype=object)
    programme = np.array([row[0] for row in COURSES], dtype=object)[training.course]
    kind = np.array([row[1] for row in COURSES], dtype=object)[training.course]
    hours = np.array([row[2] for row in COURSES])[training.course]
    turn = np.r_[np.zeros(len(first), int), np.ones(len(second), int)]
    return {
        "employee": np.r_[training.employee, leaders],
        "programme": np.r_[programme, names[(leaders + turn) % len(names)]],
        "kind": np.r_[kind, np.full(len(leaders), "leadership", dtype=object)],
        "hours": np.r_[hours, np.full(len(leaders), LEADERSHIP_HOURS)],
        "day": np.r_[training.day, training.leadership_day[first], training.second_day[second]],
    }


def _service(service: Service, units: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    answers = {
        name: pd.arrays.IntegerArray(service.answers[:, j].copy(), service.answers[:, j] == 0)
        for j, name in enumerate(ELEMENTS)
    }
    return pd.DataFrame({"unit": units[service.unit], "period": labels[service.quarter]} | answers)


def _events(world: World, performance: Performance, ids: np.ndarray, units: np.ndarray) -> pd.DataFrame:
    """Awards on days of a quarter's last month, team buildings on days of its middle month."""
    rng = stream(world, "events")
    starts = world.quarter_starts[:-1]
    employee, quarter = np.nonzero(performance.awarded)
    team = np.flatnonzero(performance.team_quarter < world.quarters)
    award_day = (starts[quarter] + 2).astype("datetime64[D]") + rng.integers(1, 28, len(quarter))
    team_day = (starts[performance.team_quarter[team]] + 1).astype("datetime64[D]")
    team_day = team_day + rng.integers(1, 28, len(team))
    events = pd.DataFrame(
        {
            "kind": np.r_[np.full(len(employee), "award"), np.full(len(team), "team_building")],
            "date": _dates(np.r_[award_day, team_day]),
            "employee_id": np.r_[ids[employee], np.full(len(team), "", dtype=object)],
            "unit": np.r_[np.full(len(employee), "", dtype=object), units[team]],
        }
    )
    return events.sort_values(["date", "kind", "employee_id", "unit"], kind="stable", ignore_index=True)


def _dates(days: np.ndarray) -> np.ndarray:
    """Return ISO dates as text, empty for NaT."""
    text = days.astype("datetime64[D]").astype(str).astype(object)
    text[np.isnat(days)] = ""
    return text
