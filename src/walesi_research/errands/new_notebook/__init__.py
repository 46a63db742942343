"""A researcher's own question: a notebook and its module, put into a study as something that already runs."""

from walesi_research.errands.new_notebook.write import Scaffold, write_scaffold

__all__ = ["Scaffold", "write_scaffold"]
