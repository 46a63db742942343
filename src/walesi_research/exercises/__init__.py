"""Checked exercises of the notebook ``09_reproduce``: reproduce a finding, break an assumption, ask.

Right answers are computed from the study that is open and from its seed, never stored; a wrong answer that is
a common mistake is told which one it is.
"""

from walesi_research.exercises.lesson import Lesson
from walesi_research.exercises.reply import Reply

__all__ = ["Lesson", "Reply"]
