"""What the study's settings fix in advance: the policy scenario and the limits of the results rating."""

from __future__ import annotations

__all__ = ["ABOVE", "BELOW", "SCENARIO"]

SCENARIO = {"training.hours_slope": 12.0, "training.leadership_att": 0.2, "pathway.culture_total": 0.5}
"""Changes of the scenario ``combined``: JP a person, share of those not yet trained, standard deviations."""

BELOW, ABOVE = 90, 110
"""Achievement (% of target) under which a result is below, over which it is above expectation."""
