"""The command ``walesi``: one verb a user's errand."""

from walesi_research.cli import verbs
from walesi_research.cli.app import app
from walesi_research.cli.ending import main

__all__ = ["app", "main", "verbs"]
