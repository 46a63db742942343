"""A study folder: read, checked at once, pseudonymised, in one order.

``open_study(folder)`` gives a `Study`; ``check_study(folder)`` gives every problem instead of raising.
"""

from walesi_research.study.calendar import Calendar
from walesi_research.study.check import check_study, open_study
from walesi_research.study.codebook import Codebook, Construct
from walesi_research.study.pseudonyms import new_key
from walesi_research.study.report import CheckReport, tell
from walesi_research.study.settings import Settings
from walesi_research.study.study import Study

__all__ = [
    "Calendar",
    "CheckReport",
    "Codebook",
    "Construct",
    "Settings",
    "Study",
    "check_study",
    "new_key",
    "open_study",
    "tell",
]
