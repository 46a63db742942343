"""A sweep: places found, jobs done whatever dies, the rule across places, the page, the verb."""

import csv
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from walesi_research import open_study
from walesi_research.errands import sweep as swept
from walesi_research.errands.sweep import Ended, crew, places
from walesi_research.findings import Finding
from walesi_research.problems import UserError
from walesi_research.publish.comparison import Place, build_comparison
from walesi_research.publish.comparison.compare import compare
from walesi_research.publish.comparison.places import HIDDEN, guarded, withheld
from walesi_research.questions.claims import CLAIMS
from walesi_research.study import new_key

WORDS = {"id": "Berapa?", "en": "How much?"}
EXACT = next(c for c in CLAIMS if c.name == "training")
TIE, RATERS = CLAIMS[0], CLAIMS[2]


def finding(id=TIE.finding, estimate=2.0, se=0.5, n=50, status="estimated", unit="score points", **other):
    numbers = {"estimate": estimate, "se": se, "low": estimate - 2 * se, "high": estimate + 2 * se}
    if status != "estimated":
        numbers, other = {}, {"reason": "fewer than five"} | other
    return Finding(
        id=id, n=n, status=status, unit=unit, claim="association", method="m", question=WORDS,
        notebook="03_appraisal", **(numbers | other),
    )  # fmt: skip


def place(name, *findings, **other):
    title = {"id": f"Tempat {name}", "en": f"Place {name}"}
    return Place(name=name, title=title, findings={f.id: f for f in findings}, **other)


def nation(k, seed=1, spread=1.0):
    rng = np.random.default_rng(seed)
    return [
        place(f"p{i:03}", finding(estimate=float(x), se=0.4)) for i, x in enumerate(rng.normal(2, spread, k))
    ]


# the rule across places


def test_one_hidden_place_hides_the_smallest_of_the_others():
    hidden = finding(n=None, status="suppressed")
    all_of_them = [
        place("a", finding(n=40)),
        place("b", hidden),
        place("c", finding(n=20)),
        place("d", finding()),
    ]
    kept = {p.name: p.findings[TIE.finding] for p in guarded(all_of_them)}
    assert [name for name, f in kept.items() if f.status == "estimated"] == ["a", "d"]
    assert kept["c"].reason == HIDDEN and kept["c"].n is None and kept["c"].estimate is None
    assert withheld(guarded(all_of_them)) == {"c"}


def test_a_place_of_too_few_people_hides_a_second_for_every_finding():
    kept = guarded([place("a", finding(n=40)), place("b", state="few"), place("c", finding(n=20))])
    assert withheld(kept) == {"c"}


def test_where_nothing_is_hidden_nothing_more_is():
    assert withheld(guarded([place("a", finding()), place("b", finding(status="not_estimable"))])) == set()


def test_the_rule_does_not_depend_on_the_order_of_places():
    some = [*nation(6), place("zz", finding(n=None, status="suppressed"))]
    assert guarded(some) == guarded(some[::-1])


# one finding over places


def test_shrunken_estimates_lie_between_own_and_mean():
    some = nation(8)
    c = compare(TIE, some)
    for p in some:
        own, (shrunken, low, high) = p.findings[TIE.finding].estimate, c.drawn_towards(p.name)
        assert min(own, c.mean()[0]) <= shrunken <= max(own, c.mean()[0])
        assert low < shrunken < high


def test_shares_stay_shares():
    numbers = [(0.09, 0.03, 0.29), (0.41, 0.21, 0.69), (0.27, 0.13, 0.50)]
    found = [
        Finding(id=RATERS.finding, estimate=e, low=low, high=high, unit="share of variance", n=50,
                claim="description", method="m", question=WORDS, notebook="03_appraisal")
        for e, low, high in numbers
    ]  # fmt: skip
    c = compare(RATERS, [place(str(i), f) for i, f in enumerate(found)])
    assert 0 < c.further()[0] < c.mean()[1] < c.mean()[0] < c.mean()[2] < c.further()[1] < 1


def test_a_share_whose_range_ends_at_nothing_does_not_unpool_the_others():
    numbers = [(0.09, 0.0, 0.29), (0.41, 0.21, 0.69), (0.27, 0.13, 0.50)]
    found = [finding(RATERS.finding, estimate=e, low=low, high=high, se=0.1, unit="share of variance")
             for e, low, high in numbers]  # fmt: skip
    c = compare(RATERS, [place(str(i), f) for i, f in enumerate(found)])
    assert c.pooled is not None and not c.exact and not c.logits
    assert 0 <= c.further()[0] <= c.mean()[1] < c.mean()[0] < c.mean()[2] <= c.further()[1] <= 1


def test_ranks_hold_for_all_comparisons_together():
    some = nation(8)
    assert compare(TIE, some, family=9).ranks.critical > compare(TIE, some).ranks.critical


def test_shares_of_those_observed_are_neither_pooled_nor_ranked():
    f = [finding(EXACT.finding, estimate=x, se=0.0, unit="share") for x in (0.4, 0.5)]
    c = compare(EXACT, [place("a", f[0]), place("b", f[1])])
    assert c.shown == ("a", "b") and c.pooled is None and c.ranks is None


def test_an_error_that_is_not_given_is_read_off_the_interval():
    """An interval of 1.96 errors either way is pooled as one of an error of a half."""
    ends = [(e, e - 1.96 * 0.5, e + 1.96 * 0.5) for e in (1.0, 2.0, 4.0)]
    told, given = (
        compare(TIE, [place(str(i), replace(finding(estimate=e, low=low, high=high), se=se))
                      for i, (e, low, high) in enumerate(ends)])
        for se in (None, 0.5)
    )  # fmt: skip
    assert told.mean() == pytest.approx(given.mean(), rel=1e-4)
    assert told.pooled.q == pytest.approx(given.pooled.q, rel=1e-4)


def test_another_unit_is_not_compared():
    c = compare(TIE, [*nation(3), place("x", finding(unit="stars"))])
    assert "x" not in c.shown and len(c.shown) == 3


def test_two_places_are_told_apart_but_have_no_mean():
    c = compare(TIE, [place("a", finding(estimate=0.0)), place("b", finding(estimate=9.0))])
    assert c.pooled is None and [c.rank("a"), c.rank("b")] == [(2, 2), (1, 1)]


# the page


def build(some, folder):
    """Return all pages' text, by address."""
    build_comparison(some, CLAIMS, "1.0", dt.date(2026, 11, 24), folder)
    return {p.relative_to(folder).as_posix(): p.read_text() for p in sorted(folder.rglob("*.html"))}


def everything(place):
    """Return a place with a number for every claim."""
    own = place.findings[TIE.finding]
    return replace(place, findings={c.finding: replace(own, id=c.finding) for c in CLAIMS})


def test_the_pages_hide_what_places_hide_and_say_so(tmp_path):
    hidden = place("b", finding(n=None, status="suppressed"))
    second = place("c", finding(estimate=7.7, n=20))
    pages = build(
        [place("a", finding()), hidden, second, place("d", finding()), place("e", state="failed")], tmp_path
    )
    assert "melindungi tempat lain" in pages["id/relations.html"]
    assert "protects another place" in pages["en/relations.html"]
    assert not any("7,7" in text or "7.7" in text for text in pages.values())
    assert "Tempat e" in pages["index.html"]
    rows = list(csv.DictReader((tmp_path / "findings.csv").open()))
    assert {r["place"]: r["estimate"] for r in rows}["c"] == ""
    assert {r["place"]: bool(r["rank_best"]) for r in rows} == {"a": True, "b": False, "c": False, "d": True}


@pytest.mark.parametrize("k", [1, 2, 40, 200])
def test_pages_are_small_for_any_number_of_places(tmp_path, k):
    pages = build([everything(p) for p in nation(k)], tmp_path)
    assert max(len(p.encode()) for p in pages.values()) < 80_000
    assert "Gambar\N{NO-BREAK SPACE}1" in pages["id/relations.html"]
    assert len(list(csv.DictReader((tmp_path / "findings.csv").open()))) == k * len(CLAIMS)


def test_the_same_places_in_another_order_give_the_same_bytes(tmp_path):
    some = nation(5)
    assert build(some, tmp_path / "a") == build(some[::-1], tmp_path / "b")
    assert (tmp_path / "a/findings.csv").read_bytes() == (tmp_path / "b/findings.csv").read_bytes()


# jobs


@dataclass(frozen=True)
class Task:
    name: str
    log: Path | None = None


def easy(task):
    if task.log:
        with task.log.open("a") as file:
            file.write(f"{task.name}\n")
    if task.name == "raises":
        raise ValueError("no number of a person in here")
    if task.name == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    return Ended(name=task.name, state="done")


def test_a_worker_that_dies_costs_its_own_job_only(tmp_path):
    names = ["a", "b", "dies", "raises", "c", "d"]
    log = tmp_path / "log"
    ended = crew.work_through([Task(n, log) for n in names], easy, crew.local, 2, lambda end: None)
    assert {n: e.state for n, e in ended.items()} == {
        "a": "done", "b": "done", "c": "done", "d": "done", "dies": "failed", "raises": "failed",
    }  # fmt: skip
    assert "person" not in ended["raises"].told


ORPHANS = """
import os, sys, time
from pathlib import Path
from walesi_research.errands.sweep import crew, Job
def stay(job):
    job.out.write_text(str(os.getpid()))
    time.sleep(120)
if __name__ == "__main__":
    crew.work_through([Job(name="a", folder=Path(), out=Path(sys.argv[1]))], stay, crew.local, 1, print)
"""


def test_no_worker_outlives_a_sweep_that_is_killed(tmp_path):
    script, pid = tmp_path / "orphans.py", tmp_path / "pid"
    script.write_text(ORPHANS)
    sweeping = subprocess.Popen([sys.executable, str(script), str(pid)])
    wait_until(lambda: pid.exists() and pid.read_text())
    sweeping.kill()
    sweeping.wait()
    wait_until(lambda: not alive(int(pid.read_text())))


def wait_until(true, seconds=20):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def alive(pid):
    """Tell whether a process runs; one that has ended and that nobody has asked after does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_any_executor_of_concurrent_futures_will_do():
    told = []
    ended = crew.work_through([Task("a"), Task("b")], easy, ThreadPoolExecutor, 2, told.append)
    assert sorted(e.name for e in told) == sorted(ended) == ["a", "b"]


# places


def test_parts_hold_all_people_once_and_only_their_rows(root, tmp_path):
    study = open_study(root / "data" / "walesi")
    sites = places.parts_of(study, "unit", tmp_path / "parts")
    parts = {s.title["id"]: open_study(s.folder) for s in sites if s.folder}
    sizes = study.employees["unit"].value_counts()
    enough = sizes[sizes >= study.settings.privacy.minimum_cell]
    assert {unit: len(part.employees) for unit, part in parts.items()} == enough.to_dict()
    unit_of = study.employees.set_index("employee_id")["unit"]
    scores = study.appraisals.assign(unit=study.appraisals["employee_id"].map(unit_of))
    for unit, part in parts.items():
        mine = scores[scores["unit"] == unit]
        assert sorted(part.appraisals["score"].dropna()) == sorted(mine["score"].dropna())
        assert set(part.appraisals["employee_id"]) <= set(part.employees["employee_id"])
        assert part.appraisals["rater_id"].nunique() == mine["rater_id"].nunique()
        assert set(part.service["unit"]) == {unit}


def test_parts_are_the_same_files_whatever_the_pseudonyms(root, tmp_path):
    import shutil

    for name in "ab":
        shutil.copytree(root / "data" / "walesi", tmp_path / name / "study")
        new_key(tmp_path / name / "study")
        places.parts_of(open_study(tmp_path / name / "study"), "status", tmp_path / name / "parts")
    ids = [set(open_study(tmp_path / name / "study").employees["employee_id"]) for name in "ab"]
    assert ids[0].isdisjoint(ids[1])
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a" / "parts").rglob("*.*"))
    assert files and all(
        (tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files
    )


def test_a_part_of_too_few_people_is_not_written(root, tmp_path):
    study = open_study(root / "data" / "walesi")
    sizes = study.employees["grade"].value_counts()
    sites = {s.title["id"]: s for s in places.parts_of(study, "grade", tmp_path / "parts")}
    assert any(sizes < 5)
    assert {g for g, s in sites.items() if s.folder is None} == {g for g, n in sizes.items() if 0 < n < 5}


def test_a_column_that_is_not_there_is_refused(root, tmp_path):
    with pytest.raises(UserError, match="shoe_size"):
        places.parts_of(open_study(root / "data" / "walesi"), "shoe_size", tmp_path)


def test_two_studies_of_one_id_are_refused(root, tmp_path):
    import shutil

    for name in ("a", "b"):
        shutil.copytree(root / "data" / "walesi", tmp_path / name)
    with pytest.raises(UserError, match="walesi"):
        places.sites_of([tmp_path / "a", tmp_path / "b"])


# the whole


def fake(job):
    if job.name == "bad":
        return Ended(name=job.name, state="failed", told="x")
    return Ended(name=job.name, state="done", findings=(finding(estimate=len(job.name) / 3),))


def study_folders(folder, *names):
    for name in names:
        (folder / name).mkdir(parents=True)
        title = f'title = {{ id = "{name}", en = "{name}" }}'
        (folder / name / "study.toml").write_text(f'[study]\nid = "{name}"\n{title}\n')
    return [folder / name for name in names]


def test_a_place_that_fails_is_told_and_the_rest_published(tmp_path, monkeypatch):
    monkeypatch.setattr(swept, "run_place", fake)

    def compared(done, folder):
        (folder / "index.html").write_text(" ".join(done.ended))
        return frozenset()

    studies = study_folders(tmp_path / "in", "good", "bad", "better")
    done = swept.sweep(studies, tmp_path / "out", compare=compared, start=ThreadPoolExecutor)
    assert not done.ok and done.published
    assert (tmp_path / "out" / "index.html").read_text() == "bad better good"


def test_where_every_place_fails_what_was_there_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(swept, "run_place", fake)
    studies = study_folders(tmp_path / "in", "bad")
    done = swept.sweep(studies, tmp_path / "out", compare=None, start=ThreadPoolExecutor)
    assert not done.published and not (tmp_path / "out" / "index.html").exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["--by", "unit", "data/walesi", "data/fevs2018"], "--by"), (["nowhere"], "nowhere")],
)
def test_the_verb_refuses_what_it_cannot_do(root, tmp_path, arguments, word):
    command = [sys.executable, "-m", "walesi_research", "sweep", *arguments, "--out", str(tmp_path / "o")]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert ended.returncode == 1 and word in ended.stderr and not (tmp_path / "o").exists()
