"""Small studies written by hand, whose answers can be counted on one's fingers."""

import numpy as np
import pandas as pd

from walesi_research.study.codebook import Codebook
from walesi_research.study.settings import Settings
from walesi_research.study.study import Study

ROLES = ("culture", "recognition", "training", "fairness", "performance")


def words(text):
    return {"id": text, "en": text}


def settings(**changes):
    about = {"id": "small", "title": words("Small"), "seed": 7, "period": "quarter"} | changes
    return Settings.model_validate({"study": about})


def codebook(roles=ROLES, items=2, reverse=()):
    constructs = {
        role: {
            "role": role,
            "scale": [1, 5],
            "label": words(role),
            "items": {f"{role}{i}": words(f"{role} {i}") for i in range(1, items + 1)},
            "reverse": [i for i in reverse if i.startswith(role)],
        }
        for role in roles
    }
    return Codebook.model_validate({"constructs": constructs})


def study(tables, book=None, **changes):
    """Return a study of tables in their final form."""
    return Study(settings(**changes), book or codebook(), tables)


def people(n, units=2):
    names = [f"p{i:03d}" for i in range(n)]
    unit = pd.Categorical(np.sort(np.arange(n) % units).astype(str))
    return pd.DataFrame({"employee_id": names, "unit": unit})


def survey(employees, answers, date="2024-11-15"):
    return pd.DataFrame(
        {"employee_id": employees["employee_id"], "date": pd.Timestamp(date), "wave": 1, "weight": 1.0}
        | {name: np.asarray(column, dtype=float) for name, column in answers.items()}
    )
