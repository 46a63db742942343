"""The verb ``walesi export``: what it writes, prints and refuses."""

from pathlib import Path

import pytest

from walesi_research import cli
from walesi_research.cli.options import Format
from walesi_research.cli.verbs.export import question
from walesi_research.errands import speech
from walesi_research.errands.export import FORMATS, write_export
from walesi_research.errands.export.chapters import SECTIONS


@pytest.fixture(autouse=True)
def undisturbed(monkeypatch, tmp_path):
    monkeypatch.setattr(speech, "_chosen", [])
    monkeypatch.setattr("walesi_research.cli.ending.stop_in_order", lambda: None)
    monkeypatch.delenv("WALESI_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        cli.main(["export", *map(str, arguments)])
    return ended.value.code


@pytest.fixture
def quick(monkeypatch, documents):
    """Let the verb have a document that is already made."""
    from walesi_research.errands import export

    asked = []

    def ready(study, find, language, parameters, version, tell):
        asked.append((language, parameters["draws"], parameters["pls"]))
        return documents[language]

    monkeypatch.setattr(export, "document_of", ready)
    return asked


@pytest.fixture
def folder(root):
    return root / "data" / "walesi"


def test_the_verbs_formats_are_those_that_can_be_written():
    assert [f.value for f in Format] == list(FORMATS)


def test_every_question_named_exists():
    names = {e.question for s in SECTIONS for e in s.entries}
    assert all(callable(question(name)) for name in names)


def test_word_by_default_in_the_studys_language(folder, quick, capsys):
    assert run(folder) == 0
    assert capsys.readouterr().out == f"{Path('export-walesi.docx').resolve()}\n"
    assert quick == [("id", 999, False)]
    assert run(folder) == 0  # over its own
    assert run(folder, "--format", "latex", "--language", "en", "-p", "pls=ya", "-p", "draws=99") == 0
    assert quick[-1] == ("en", 99, True)
    assert sorted(p.name for p in Path().iterdir()) == ["export-walesi.docx", "export-walesi.tex"]


def test_a_foreign_file_is_left_alone(folder, quick, capsys):
    for name in ("notes.xlsx", "notes.docx"):
        Path(name).write_bytes(b"mine")
        assert run(folder, "--format", name[-4:], "--out", name, "--language", "en") == 1
        assert name in capsys.readouterr().err
        assert Path(name).read_bytes() == b"mine"
    assert not quick


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--out", "x.pdf"], [".docx"]),
        (["--out", "nowhere/x.docx"], ["nowhere"]),
        (["-p", "levle=0.9"], ["levle", "level"]),
        (["--table", "survey"], ["survey"]),
    ],
)
def test_what_is_refused_is_told_in_words(folder, quick, options, words, capsys):
    assert run(folder, *options) == 1
    told = capsys.readouterr()
    assert told.out == "" and "Traceback" not in told.err
    assert all(word in told.err for word in words)
    assert not list(Path().iterdir())


def test_nothing_is_written_into_the_study(folder, quick, capsys):
    assert run(folder, "--out", folder / "x.docx") == 1
    assert not (folder / "x.docx").exists()
    assert run("nowhere") == 1


def test_a_failure_leaves_the_old_file_and_nothing_half_written(documents, monkeypatch):
    out = Path("x.docx")
    write_export(documents["id"], FORMATS["docx"], out)
    before = out.read_bytes()
    broken = FORMATS["xlsx"].__class__(".docx", lambda document: 1 / 0, bool)
    with pytest.raises(ZeroDivisionError):
        write_export(documents["en"], broken, out)
    assert out.read_bytes() == before
    assert [p.name for p in Path().iterdir()] == ["x.docx"]
