"""``walesi verify``: are the published numbers found again, and if not, why?"""

from walesi_research.errands.verify.compare import Check, Verification, verified
from walesi_research.errands.verify.published import (
    FILE,
    Published,
    dumps_published,
    read_published,
    refuse_foreign,
)
from walesi_research.errands.verify.words import told

__all__ = [
    "FILE", "Check", "Published", "Verification", "dumps_published", "read_published",
    "refuse_foreign", "told", "verified",
]  # fmt: skip
