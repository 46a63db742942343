"""A simulator with what a page must bear: joint draws, caps, costs, levers beyond the data."""

from dataclasses import replace

import numpy as np

from walesi_research.exhibits import Lever, Simulator

LABELS = {
    "hours": {"id": "Jam pelatihan lebih banyak", "en": "More hours of training"},
    "leadership": {"id": "Pelatihan kepemimpinan", "en": "Leadership training"},
    "culture": {"id": "Budaya kerja lebih baik", "en": "A better work culture"},
}
SPREAD = {"id": "simpangan baku", "en": "standard deviations"}


def simulator(language="id", *, draws=1000, **changes):
    """Three levers whose effects are drawn together; culture's interval holds zero."""
    rng = np.random.default_rng(7)
    common, own = rng.normal(size=draws), rng.normal(size=(2, draws))
    levers = (
        Lever(
            "hours", LABELS["hours"][language], "JP", (0, 4, 8, 12, 16, 20), 12, (0, 3.9, 7.6, 11, 14, 16.5),
            0.08, 0.08 + 0.02 * common, cost=150_000, beyond=20,
        ),
        Lever(
            "leadership", LABELS["leadership"][language], "", [k / 10 for k in range(11)], 0.2,
            [0.07 * k for k in range(11)], 3.1, 3.1 + 0.5 * common + 0.7 * own[0], cost=4e6, percent=True,
        ),
        Lever(
            "culture", LABELS["culture"][language], SPREAD[language], [k / 4 for k in range(7)], 0.5,
            [0.25 * k for k in range(7)], 0.8, 0.8 + 0.6 * own[1], cost=5e5, beyond=1.25, digits=2,
        ),
    )  # fmt: skip
    about = {"people": 140, "level": 0.95, "budget": 5e7, "synthetic": True} | changes
    return Simulator(levers=levers, language=language, **about)


def with_lever(plan, name, **changes):
    """The simulator with one lever changed."""
    return replace(plan, levers=tuple(replace(x, **changes) if x.name == name else x for x in plan.levers))


def one_lever(language="id", **changes):
    """One lever whose gain is 0.25 and whose cost is 12.25 million exactly: ties, when rounded."""
    draws = 0.25 + np.linspace(-0.125, 0.125, 65)
    lever = {"cost": 12.25e4, "steps": (0, 1), "start": 1, "response": (0, 1)} | changes
    return Simulator(
        levers=(Lever("x", "x", "", effect=0.25, draws=draws, **lever),),
        people=100, level=0.5, language=language,
    )  # fmt: skip
