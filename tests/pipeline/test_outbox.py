"""Outputs appear whole or not at all, wherever the process dies."""

import json
import os
import shutil
from pathlib import Path

import pytest

from walesi_research.pipeline import files, outbox
from walesi_research.problems import UserError

OLD = {"index.html": "old", "id/a.html": "old", "id/gone/b.html": "old", "manifest.json": ""}
NEW = {"index.html": "new", "id/a.html": "new", "en/c.html": "new", "manifest.json": ""}


class Killed(BaseException):
    """The process ends here."""


def stage(out, contents):
    folder = outbox.fresh_stage(out)
    outputs = {name: "" for name in contents if name != outbox.MANIFEST}
    for name, text in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text or json.dumps({"tool": outbox.TOOL, "outputs": outputs}))


def contents(out):
    names = [n for n in files.relative_files(out) if not n.startswith(outbox.ROOM)]
    return {n: (out / n).read_text() for n in names if n != outbox.MANIFEST}


def expected(of):
    return {name: text for name, text in of.items() if text}


@pytest.fixture
def old(out):
    with outbox.claim(out):
        stage(out, OLD)
        outbox.commit(out)
    assert contents(out) == expected(OLD)
    return out


def test_new_outputs_replace_old_ones_and_those_no_longer_made_go(old):
    (old / "notes.txt").write_text("the user's own")
    with outbox.claim(old):
        stage(old, NEW)
        outbox.commit(old)
    assert contents(old) == expected(NEW) | {"notes.txt": "the user's own"}
    assert not (old / "id" / "gone").exists()
    assert not (old / outbox.ROOM / "stage").exists()


def count_steps(out, monkeypatch, work):
    """Count the calls that change the disk while `work` runs."""
    calls = []
    die_after(monkeypatch, calls, None)
    work()
    monkeypatch.undo()
    return len(calls)


def die_after(monkeypatch, calls, limit):
    """Let the process die at the `limit`-th change of the disk, a text half written."""
    for name in ("replace", "unlink", "rmdir", "fsync", "mkdir"):

        def change(*args, act=getattr(os, name), **kwargs):
            calls.append(act)
            if limit is not None and len(calls) == limit:
                raise Killed
            return act(*args, **kwargs)

        monkeypatch.setattr(os, name, change)

    write = Path.write_text

    def write_half(path, text, **options):
        calls.append(write)
        if limit is not None and len(calls) == limit:
            write(path, text[: len(text) // 2], **options)
            raise Killed
        return write(path, text, **options)

    monkeypatch.setattr(Path, "write_text", write_half)


def renew(out):
    with outbox.claim(out):
        stage(out, NEW)
        outbox.commit(out)


def test_dying_at_any_change_of_the_disk_leaves_old_or_new(old, tmp_path, monkeypatch):
    whole = shutil.copytree(old, tmp_path / "copy")
    steps = count_steps(whole, monkeypatch, lambda: renew(whole))
    assert steps > 20
    seen = set()
    for limit in range(1, steps + 1):
        out = shutil.copytree(old, tmp_path / str(limit))
        with monkeypatch.context() as patch, pytest.raises(Killed):
            die_after(patch, [], limit)
            renew(out)
        outbox.settle(out)
        assert contents(out) in (expected(OLD), expected(NEW)), f"at step {limit}"
        assert {path.name for path in (out / outbox.ROOM).iterdir()} == {"lock"}
        seen.add(contents(out)["index.html"])
    assert seen == {"old", "new"}


def test_dying_again_while_completing_is_completed_at_last(old, tmp_path, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(Killed):
        replace = os.replace
        moved = []

        def die_at_second(source, target):
            moved.append(target)
            if len(moved) == 3:  # the journal, one file, and no more
                raise Killed
            replace(source, target)

        patch.setattr(os, "replace", die_at_second)
        renew(old)
    for _ in range(3):
        with monkeypatch.context() as patch, pytest.raises(Killed):
            done = []

            def one_more(source, target, done=done):
                if done:
                    raise Killed
                done.append(target)
                replace(source, target)

            patch.setattr(os, "replace", one_more)
            outbox.settle(old)
            raise Killed  # nothing was left to move
    outbox.settle(old)
    assert contents(old) == expected(NEW)


def test_names_in_a_manifest_that_lead_outside_are_never_deleted(old, tmp_path):
    outside = tmp_path / "precious"
    outside.write_text("x")
    bad = {"../precious": "", str(outside): "", ".walesi/lock": ""}
    (old / "manifest.json").write_text(json.dumps({"tool": outbox.TOOL, "outputs": bad}))
    renew(old)
    assert outside.read_text() == "x"


def refusal(out, study):
    with pytest.raises(UserError) as refused:
        outbox.refuse_foreign(out, study)
    (problem,) = refused.value.problems
    assert str(out) in problem.what.in_("id")
    return problem.what.key


def test_a_folder_that_is_not_ours_is_refused(tmp_path, study):
    foreign = tmp_path / "thesis"
    foreign.mkdir()
    outbox.refuse_foreign(foreign, study)  # empty
    outbox.refuse_foreign(tmp_path / "new", study)
    (foreign / "manifest.json").write_text('{"tool": "another"}')
    assert refusal(foreign, study) == "pipeline.out_not_ours"
    assert refusal(tmp_path, study) == "pipeline.out_not_ours"
    assert refusal(foreign / "manifest.json", study) == "pipeline.out_is_file"
    assert refusal(study, study) == "pipeline.out_in_study"
    assert refusal(study / "sub" / "report", study) == "pipeline.out_in_study"
    (tmp_path / "link").symlink_to(study)
    assert refusal(tmp_path / "link" / "report", study) == "pipeline.out_in_study"


def test_a_report_of_ours_is_taken_again(old, study):
    outbox.refuse_foreign(old, study)
    shutil.rmtree(old / outbox.ROOM)
    outbox.refuse_foreign(old, study)  # its manifest is enough


def test_two_runs_at_once_do_not_collide(out):
    with outbox.claim(out), pytest.raises(UserError) as refused, outbox.claim(out):
        pass
    assert refused.value.problems[0].what.key == "pipeline.out_busy"
    with outbox.claim(out):
        pass


def test_the_pipelines_own_room_is_for_its_owner_only(out):
    with outbox.claim(out) as room:
        assert room.stat().st_mode & 0o777 == 0o700


def test_settling_makes_nothing(out):
    outbox.settle(out)
    assert not out.exists()


def test_a_refusal_before_anything_is_written_leaves_no_folder(out):
    with pytest.raises(UserError), outbox.claim(out):
        raise UserError([])
    assert not out.exists()
    out.mkdir()
    with pytest.raises(UserError), outbox.claim(out):
        raise UserError([])
    assert out.exists(), "a folder that was there stays"
