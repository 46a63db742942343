"""Places side by side: forest plots with partial pooling, and how sure a ranking is; no league table."""

from walesi_research.publish.comparison.places import Place
from walesi_research.publish.comparison.site import build_comparison

__all__ = ["Place", "build_comparison"]
