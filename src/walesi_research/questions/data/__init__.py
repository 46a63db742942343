"""Who answered, and can the data be trusted? Questions of the notebook ``01_data``."""

from walesi_research.questions.data.careless import careless
from walesi_research.questions.data.contents import analyses, contents
from walesi_research.questions.data.missing import missing
from walesi_research.questions.data.profile import profile
from walesi_research.questions.data.response import response

__all__ = ["analyses", "careless", "contents", "missing", "profile", "response"]
