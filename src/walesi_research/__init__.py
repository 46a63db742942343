"""From a study folder to evidence on appraisal, training and culture in a civil service.

``open_study`` is the door for researchers; everything else is reached through its room:
``walesi_research.stats`` (estimators on arrays), ``walesi_research.rules`` (regulations as
pure functions), ``walesi_research.questions`` (one module a notebook).

Importing this package is light: it pulls in neither plotting nor papermill.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "open_study"]

if TYPE_CHECKING:
    from walesi_research.study import open_study


def __getattr__(name: str) -> Any:
    if name == "open_study":
        from walesi_research.study import open_study

        return open_study
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
