"""Executed notebooks and findings become the pages that readers get."""

from walesi_research.publish.facts import Failure, Scale, StudyFacts
from walesi_research.publish.site import build_site

__all__ = ["Failure", "Scale", "StudyFacts", "build_site"]
