"""Words and numbers in both languages.

Sentences come from gettext catalogues (``locale/<language>/LC_MESSAGES/<domain>.po``), numbers from
Babel. A key is ``<domain>.<name>``; `say` fills its placeholders and writes numbers as the language
does (decimal comma and point between thousands in Indonesian, U+2212 for minus).
"""

from walesi_research.language.catalogue import DOMAINS, LANGUAGES, Message, has, say
from walesi_research.language.numbers import (
    count,
    date,
    decimals,
    interval,
    interval_words,
    month,
    number,
    probability,
    share,
    signed,
)

__all__ = [
    "DOMAINS",
    "LANGUAGES",
    "Message",
    "count",
    "date",
    "decimals",
    "has",
    "interval",
    "interval_words",
    "month",
    "number",
    "probability",
    "say",
    "share",
    "signed",
]
