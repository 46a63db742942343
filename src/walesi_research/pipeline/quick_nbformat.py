"""nbformat, imported without the grammars of internet addresses: a notebook has no use of them.

Its checker of JSON builds them, where it finds them, each time a process starts: four fifths of the import.
"""

import sys

_GRAMMARS = "rfc3987_syntax"

if "jsonschema" in sys.modules or _GRAMMARS in sys.modules:
    import nbformat
else:
    sys.modules[_GRAMMARS] = None  # type: ignore[assignment]  # an import of it fails, which jsonschema allows for
    try:
        import nbformat
    finally:
        del sys.modules[_GRAMMARS]

__all__ = ["NotebookNode", "nbformat"]

NotebookNode = nbformat.NotebookNode
