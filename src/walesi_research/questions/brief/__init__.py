"""What the data support of each claim, and what can be decided: two pages for whoever decides."""

from walesi_research.questions.brief.answer import Brief, brief

__all__ = ["Brief", "brief"]
