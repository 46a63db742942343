"""Studies of chance, for the questions' tests."""

import numpy as np
import pytest

from tests.questions.small import ROLES, codebook, people, study, survey


@pytest.fixture
def random_study():
    """Return a maker of studies of `n` employees whose performance scale follows culture by `slope`."""

    def make(n=120, units=6, slope=0.5, seed=1, book=None, **changes):
        rng = np.random.default_rng(seed)
        employees = people(n, units)
        book = book or codebook()
        latent = {role: rng.normal(size=n) for role in ROLES}
        between = rng.normal(size=units)[employees["unit"].cat.codes]
        latent["performance"] = slope * latent["culture"] + between + rng.normal(size=n)
        answers = {
            item: np.clip(np.round(3 + latent[role] + 0.6 * rng.normal(size=n)), 1, 5)
            for role, construct in book.constructs.items()
            for item in construct.items
        }
        return study({"employees": employees, "survey": survey(employees, answers)}, book, **changes)

    return make
