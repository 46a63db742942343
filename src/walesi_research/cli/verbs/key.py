"""``walesi key``: the key for a study's pseudonyms."""

from __future__ import annotations

from walesi_research.cli.app import app
from walesi_research.cli.ending import tell
from walesi_research.cli.given import must_exist
from walesi_research.cli.options import Folder, Spoken, help_of
from walesi_research.errands import about, speech
from walesi_research.language import say


@app.command(help=help_of("key"))
def key(study: Folder, language: Spoken = None) -> None:
    """Make the key for a study's pseudonyms."""
    must_exist(study)
    from walesi_research.study import new_key

    file = new_key(study)
    tell(say(speech.spoken(about.language_of(study)), "cli.key_made", file=str(file)))
