"""``walesi instrument``: the codebook as a questionnaire to be filled in on phones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from walesi_research.cli.app import app
from walesi_research.cli.ending import tell
from walesi_research.cli.given import must_exist
from walesi_research.cli.options import Folder, Spoken, help_of
from walesi_research.errands import about, speech
from walesi_research.language import say

DOMAIN = "instrument"


@app.command(help=help_of("instrument", DOMAIN))
def instrument(
    study: Folder,
    xlsform: Annotated[
        Path, typer.Option("--xlsform", "-o", metavar="FILE.xlsx", help=help_of("xlsform", DOMAIN))
    ],
    controller: Annotated[str, typer.Option("--controller", help=help_of("controller", DOMAIN))] = "",
    contact: Annotated[str, typer.Option("--contact", help=help_of("contact", DOMAIN))] = "",
    keep: Annotated[str, typer.Option("--keep", help=help_of("keep", DOMAIN))] = "",
    wave: Annotated[int, typer.Option("--wave", min=1, help=help_of("wave", DOMAIN))] = 1,
    comment: Annotated[bool, typer.Option("--comment", help=help_of("comment", DOMAIN))] = False,
    language: Spoken = None,
) -> None:
    """Write the questionnaire as an XLSForm."""
    must_exist(study)
    from walesi_research.errands.export import destination, write_export
    from walesi_research.errands.instrument import XLSFORM, Consent, form_of, notes, read_source

    file = destination(study, XLSFORM, xlsform)
    source = read_source(study)
    consent = Consent(controller=controller, contact=contact, keep=keep)
    write_export(form_of(source, consent, wave=wave, comment=comment), XLSFORM, file)
    spoken = speech.spoken(about.language_of(study))
    for note in notes(source, consent):
        tell(note.in_(spoken))
    tell(say(spoken, "instrument.read_back", study=str(study)))
    print(file.resolve())
