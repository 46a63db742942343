"""The command ``walesi``: one verb a user's errand."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from walesi_research import __version__
from walesi_research.errands import about, progress, speech
from walesi_research.language import LANGUAGES, Message, say
from walesi_research.pipeline import NOTEBOOKS, assignments, resources
from walesi_research.pipeline.parameters import resolve
from walesi_research.problems import Problem, UserError, covered

if TYPE_CHECKING:
    from walesi_research.errands.sweep import Swept
    from walesi_research.pipeline import Outcome
    from walesi_research.publish import StudyFacts
    from walesi_research.study import Study

__all__ = ["app", "main"]

BUNDLED = "walesi"
REFUSED, DUE, INTERNAL, INTERRUPTED, TERMINATED = 1, 3, 70, 130, 143


class Language(StrEnum):
    """Languages of messages."""

    id = "id"
    en = "en"


class Format(StrEnum):
    """What an export is written as."""

    docx = "docx"
    xlsx = "xlsx"
    latex = "latex"


class Engine(StrEnum):
    """How kernels are started."""

    auto = "auto"
    warm = "warm"
    stock = "stock"


def _help(key: str, domain: str = "cli", **values: Any) -> str:
    return say(speech.spoken(speech.system_language()), f"{domain}.help_{key}", **values)


def _known_parameters() -> str:
    language = speech.spoken(speech.system_language())
    known = {p.name: p for n in NOTEBOOKS for p in n.parameters if not p.injected}
    return " ".join(
        f"{name}={p.default} ({p.allowed.in_(language)}): {say(language, p.help_key)}"
        for name, p in known.items()
    )


def _speak(language: Language | None) -> None:
    if language is not None:
        speech.choose(language.value)


def _debug(debug: bool) -> None:
    if debug:
        os.environ["WALESI_DEBUG"] = "1"


def _version(asked: bool) -> None:
    if asked:
        print(f"walesi {__version__}")
        raise typer.Exit


Folder = Annotated[Path, typer.Argument(help=_help("study"), metavar="STUDY")]
Table = Annotated[list[str] | None, typer.Option("--table", help=_help("table"), metavar="NAME=FILE")]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", min=1, help=_help("jobs"))]
Engines = Annotated[Engine, typer.Option("--engine", help=_help("engine"))]
Force = Annotated[bool, typer.Option("--force", help=_help("force"))]
Out = Annotated[Path | None, typer.Option("--out", "-o", help=_help("out"), metavar="DIR")]
File = Annotated[Path | None, typer.Option("--out", "-o", help=_help("out", "export"), metavar="FILE")]
Spoken = Annotated[
    Language | None, typer.Option("--language", callback=_speak, is_eager=True, help=_help("language"))
]
Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "-p", "--parameter", metavar="NAME=VALUE", help=_help("parameter", known=_known_parameters())
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="NAME", help=_help("only", known=", ".join(n.name for n in NOTEBOOKS))),
]
Knobs = Annotated[
    list[str] | None, typer.Option("-p", "--parameter", metavar="NAME=VALUE", help=_help("knob"))
]
Notebooks = Annotated[Path | None, typer.Option("--notebooks", hidden=True, help=_help("notebooks"))]
Debug = Annotated[bool, typer.Option("--debug", callback=_debug, is_eager=True, help=_help("debug"))]
Version = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help=_help("version"))]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(help=_help("walesi"))
def _walesi(debug: Debug = False, version: Version = False, language: Spoken = None) -> None:
    """Take the options that every verb shares."""


@app.command(help=_help("run"))
def run(
    study: Folder,
    parameter: Parameters = None,
    only: Only = None,
    jobs: Jobs = None,
    out: Out = None,
    force: Force = False,
    engine: Engines = Engine.auto,
    table: Table = None,
    notebooks: Notebooks = None,
    language: Spoken = None,
) -> None:
    """Run notebooks on a study and write the report."""
    given = {"tables": _tables(table), "parameters": assignments(parameter or ()), "only": _names(only)}
    out = out or about.default_out(study)
    _report(study, out, **given, jobs=jobs, force=force, engine=engine, notebooks=notebooks)


@app.command(help=_help("status"))
def status(
    study: Folder,
    parameter: Parameters = None,
    only: Only = None,
    out: Out = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help=_help("exit_code"))] = False,
    table: Table = None,
    notebooks: Notebooks = None,
    language: Spoken = None,
) -> None:
    """Tell which notebooks would run again and why."""
    _must_exist(study)
    from walesi_research.pipeline.status import standings
    from walesi_research.study import open_study

    given = {"tables": _tables(table), "parameters": assignments(parameter or ()), "only": _names(only)}
    out = out or about.default_out(study)
    found = standings(study, out, open_study=open_study, notebooks=notebooks, **given)
    print(speech.tell_standings(found, speech.spoken(about.language_of(study))))
    if exit_code and any(standing.due for standing in found):
        raise typer.Exit(DUE)


@app.command(help=_help("report"))
def report(
    jobs: Jobs = None,
    out: Out = None,
    force: Force = False,
    engine: Engines = Engine.auto,
    language: Spoken = None,
) -> None:
    """Make the report on the bundled study."""
    _report(resources("data") / BUNDLED, out or Path("report"), jobs=jobs, force=force, engine=engine)


@app.command(help=_help("check"))
def check(study: Folder, table: Table = None, language: Spoken = None) -> None:
    """Print everything that is wrong with a study."""
    _must_exist(study)
    from walesi_research.study import check_study

    checked = check_study(study, _tables(table))
    print(checked.text(speech.spoken(checked.language)).rstrip("\n"))
    if not checked.ok:
        raise typer.Exit(REFUSED)


@app.command(help=_help("simulate"))
def simulate(
    out: Annotated[Path, typer.Argument(help=_help("destination"), metavar="OUT")],
    employees: Annotated[int | None, typer.Option("--employees", help=_help("employees"))] = None,
    units: Annotated[int | None, typer.Option("--units", help=_help("units"))] = None,
    quarters: Annotated[int | None, typer.Option("--quarters", help=_help("quarters"))] = None,
    seed: Annotated[int | None, typer.Option("--seed", help=_help("seed"))] = None,
    knob: Knobs = None,
    language: Spoken = None,
) -> None:
    """Write a synthetic study."""
    from walesi_research.errands.knobs import read_knobs
    from walesi_research.study.synthetic import simulate_folder

    sizes = {"employees": employees, "units": units, "quarters": quarters, "seed": seed}
    given = {name: value for name, value in sizes.items() if value is not None}
    simulate_folder(out, **(read_knobs(knob or ()) | given))
    _tell(say(speech.spoken(), "cli.simulated", folder=str(out)))


@app.command(help=_help("key"))
def key(study: Folder, language: Spoken = None) -> None:
    """Make the key for a study's pseudonyms."""
    _must_exist(study)
    from walesi_research.study import new_key

    file = new_key(study)
    _tell(say(speech.spoken(about.language_of(study)), "cli.key_made", file=str(file)))


@app.command(help=_help("export", "export"))
def export(
    study: Folder,
    format: Annotated[Format, typer.Option("--format", help=_help("format", "export"))] = Format.docx,
    parameter: Parameters = None,
    out: File = None,
    table: Table = None,
    language: Spoken = None,
) -> None:
    """Write the tables of a chapter of results."""
    _must_exist(study)
    from walesi_research.errands.export import FORMATS, destination, document_of, write_export
    from walesi_research.study import open_study

    written, parameters = FORMATS[format], _parameters_of_all(parameter)
    file = destination(study, written, out)
    opened = open_study(study, _tables(table))
    spoken = speech.spoken(opened.language)
    write_export(document_of(opened, _question, spoken, parameters, __version__, _tell), written, file)
    print(file.resolve())


@app.command(help=_help("render", "pdf"))
def render(
    out: Annotated[Path, typer.Argument(help=_help("out", "pdf"), metavar="OUT")],
    pdf: Annotated[bool, typer.Option("--pdf", help=_help("pdf", "pdf"))] = False,
    language: Spoken = None,
) -> None:
    """Make files for paper from a finished report."""
    if not pdf:
        raise UserError([Problem(what=Message.of("pdf.nothing_asked", out=str(out)))])
    from walesi_research.publish.pdf import render_report

    for file in render_report(out):
        print(file.resolve())


@app.command(help=say(speech.spoken(speech.system_language()), "sweep.help"))
def sweep(
    studies: Annotated[list[Path], typer.Argument(help=_help("studies", "sweep"), metavar="STUDIES...")],
    out: Annotated[Path, typer.Option("--out", "-o", help=_help("out"), metavar="DIR")],
    by: Annotated[str | None, typer.Option("--by", metavar="COLUMN", help=_help("by", "sweep"))] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help=_help("jobs", "sweep"))] = 1,
    pages: Annotated[bool, typer.Option("--pages", help=_help("pages", "sweep"))] = False,
    parameter: Parameters = None,
    engine: Engines = Engine.auto,
    table: Table = None,
    language: Spoken = None,
) -> None:
    """Run many places and compare them."""
    if by is not None and len(studies) != 1:
        raise UserError([Problem(what=Message.of("sweep.one_study", n=len(studies)))])
    if table and by is None:
        raise UserError([Problem(what=Message.of("sweep.table_by"))])
    for study in studies:
        _must_exist(study)
    from walesi_research.errands import sweep as swept

    given = {"tables": _tables(table), "parameters": assignments(parameter or ()), "jobs": jobs, "by": by}
    spoken = speech.spoken(about.language_of(studies[0]))
    try:
        done = swept.sweep(
            studies, out, compare=_compare, pages=_publish if pages else None, engine=engine.value,
            language=spoken, tell=lambda end: _tell(swept.line(end, spoken)), **given,
        )  # fmt: skip
    except KeyboardInterrupt:
        _tell(say(spoken, "cli.interrupted"))
        raise typer.Exit(INTERRUPTED) from None
    if not done.ok:
        key = "sweep.partly_published" if done.published else "sweep.nothing_published"
        _tell("\n" + say(spoken, key, out=str(out)))
    if done.withheld:
        _tell(say(spoken, "sweep.withheld", names=", ".join(sorted(done.withheld))))
    if done.published:
        print((out / "index.html").resolve())
    if not (done.ok and done.published):
        raise typer.Exit(REFUSED)


def _compare(swept: Swept, folder: Path) -> frozenset[str]:
    """Write the pages that put the places of a sweep side by side."""
    from walesi_research.publish.comparison import Place, build_comparison
    from walesi_research.questions.claims import CLAIMS

    places = [
        Place(
            name=site.name, title=site.title, state="done" if end.state == "kept" else end.state,
            findings={f.id: f for f in end.findings}, synthetic=site.synthetic, minimum=site.minimum,
        )
        for site, end in ((site, swept.ended[site.name]) for site in swept.sites)
    ]  # fmt: skip
    return build_comparison(places, CLAIMS, __version__, dt.date.today(), folder)


def _parameters_of_all(texts: Sequence[str] | None) -> dict[str, Any]:
    """Return the parameters of all notebooks: what was given, else their defaults."""
    declared = {n.name: n.parameters for n in NOTEBOOKS}
    resolved = resolve(declared, assignments(texts or ()))
    return {name: value for values in resolved.values() for name, value in values.items()}


def _question(name: str) -> Callable[..., Any]:
    """Return a question's function by its room and name."""
    room, _, function = name.partition(".")
    return getattr(import_module(f"walesi_research.questions.{room}"), function)


def _report(study: Path, out: Path, **options: Any) -> None:
    """Run a study, tell of it, and print the path of the index page as the last line."""
    _must_exist(study)
    from walesi_research.pipeline import run_study
    from walesi_research.study import open_study

    language = speech.spoken(about.language_of(study))
    try:
        with progress.shown(language) as tell:
            outcome = run_study(study, out, open_study=open_study, publish=_publish, progress=tell, **options)
    except KeyboardInterrupt:
        _tell(say(language, "cli.interrupted"))
        raise typer.Exit(INTERRUPTED) from None
    for failure in outcome.failures:
        _tell("\n" + speech.tell_failure(failure, language))
    if not outcome.ok:
        key = "cli.partly_published" if outcome.published else "cli.nothing_published"
        _tell("\n" + say(language, key, out=str(out)))
    if outcome.published:
        print((out / "index.html").resolve())
    if not outcome.ok:
        raise typer.Exit(REFUSED)


def _publish(study: Study, outcome: Outcome, folder: Path) -> None:
    """Write the pages of a run."""
    from walesi_research.publish import build_site

    build_site(outcome.executed, outcome.findings, _facts(study, outcome), folder)


def _facts(study: Study, outcome: Outcome) -> StudyFacts:
    """Return what pages say of the study and of notebooks without a page."""
    from walesi_research.publish import Failure, Scale, StudyFacts
    from walesi_research.study.columns import TABLE_NAMES

    state = {name: "failed" if done.failure else "not_run" for name, done in outcome.notebooks.items()}
    failures = {
        n.name: Failure(kind=state.get(n.name, "not_run"), title={c: say(c, n.title_key) for c in LANGUAGES})
        for n in NOTEBOOKS
        if n.name not in outcome.executed
    }
    return StudyFacts(
        id=study.id,
        title=dict(study.title),
        synthetic=study.synthetic,
        seed=study.seed,
        version=__version__,
        created=dt.date.today(),
        minimum_cell=study.settings.privacy.minimum_cell,
        unread=dict(study.unread),
        missing=tuple(table for table in TABLE_NAMES if not study.has(table)),
        failures=failures,
        level=Counter(f.level for f in outcome.findings).most_common(1)[0][0] if outcome.findings else 0.95,
        tables={
            table: tuple(c for c in getattr(study, table).columns if c not in study.codebook.items)
            for table in TABLE_NAMES
            if study.has(table)
        },
        scales=tuple(
            Scale(label=c.label, items=c.items, reverse=c.reverse, ends=c.scale, source=c.source)
            for c in study.codebook.constructs.values()
        ),
    )


def _names(only: Sequence[str] | None) -> list[str]:
    """Return names given one by one or with commas between them."""
    return [name for text in only or () for name in text.split(",") if name]


def _tables(texts: Sequence[str] | None) -> dict[str, Path]:
    """Return ``name=FILE`` texts as a mapping."""
    pairs = [(text, *text.partition("=")) for text in texts or ()]
    if wrong := [text for text, name, _, file in pairs if not (name and file)]:
        raise UserError([Problem(what=Message.of("cli.table_form", text=text), value=text) for text in wrong])
    return {name.strip(): Path(file) for _, name, _, file in pairs}


def _must_exist(study: Path) -> None:
    if not study.is_dir():
        raise UserError([Problem(what=Message.of("cli.no_study", study=str(study)), value=str(study))])


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Status 0: all went well; 1: something was refused or a notebook failed; 2: misuse of the command line;
    3: something would run (``status --exit-code``); 70: a fault of this program; 130 or 143: stopped.
    """
    _stop_in_order()
    _print_what_cannot_be_printed()
    try:
        sys.exit(_ended(arguments))
    except Exception as error:
        _tell_fault(error)
        sys.exit(REFUSED if isinstance(error, OSError) else INTERNAL)


def _ended(arguments: Sequence[str] | None) -> int:
    """Run the command line and return its status; a user's mistake is told in words."""
    try:
        app(arguments, prog_name="walesi")
    except UserError as error:
        _tell(speech.tell_problems(error.problems, speech.spoken(error.language)))
        return REFUSED
    return 0


def _print_what_cannot_be_printed() -> None:
    """Write a sign that the terminal or the file does not know as its number, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _stop_in_order() -> None:
    """Let a request to end stop the kernels first, as an interrupt from the keyboard does."""

    def stop(number: int, frame: Any) -> None:
        raise SystemExit(TERMINATED)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        with contextlib.suppress(ValueError):  # not in the main thread
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, stop)


def _tell_fault(error: Exception) -> None:
    """Tell of an error that is no user's without any value in it; with ``--debug``, all but long numbers."""
    if os.environ.get("WALESI_DEBUG"):
        _tell(covered("".join(traceback.format_exception(error))))
        return
    if isinstance(error, OSError):
        file, why = error.filename or _where(error), error.strerror or type(error).__name__
        _tell(say(speech.spoken(), "cli.file_trouble", file=str(file), why=why))
        return
    _tell(say(speech.spoken(), "cli.internal", error=type(error).__name__, where=_where(error)))


def _where(error: Exception) -> str:
    """Return the innermost line of this package that the error passed through."""
    package = Path(__file__).resolve().parent
    frames = [
        f"{Path(frame.filename).relative_to(package.parent).as_posix()}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(package)
    ]
    return frames[-1] if frames else package.name
