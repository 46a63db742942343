"""From a study folder to pages, by the command line, as a user does it.

One world is planted with names, comments and valid employee numbers and run once for the whole module.
"""

import gzip
import io
import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from walesi_research import open_study
from walesi_research.findings import read_findings
from walesi_research.language import LANGUAGES
from walesi_research.pipeline.graph import NOTEBOOKS
from walesi_research.publish.guide import GUIDES

NAME, COMMENT = "Zefanya Markernama", "Zkomentar rahasia"
EN_MARKERS = (NAME, COMMENT)


def walesi(*arguments, cwd=None):
    command = [sys.executable, "-m", "walesi_research", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False, timeout=300)


def read_text(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def plant(source: Path, target: Path, shuffled: int | None = None) -> list[str]:
    """Copy a study with a name and a comment in every row; return the raw identifiers it holds."""
    shutil.copytree(source, target)
    identifiers = set()
    for path in target.glob("*.csv"):
        frame = read_text(path)
        for column in frame.columns.intersection(["employee_id", "rater_id"]):
            identifiers |= set(frame[column])
        if "employee_id" in frame:
            frame["nama"] = NAME
        if path.stem == "survey":
            frame["comment"] = COMMENT
        if shuffled is not None:
            frame = frame.iloc[np.random.default_rng(shuffled).permutation(len(frame))]
        frame.to_csv(path, index=False)
    return sorted(identifiers - {""})


@pytest.fixture(scope="module")
def planted(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    identifiers = plant(root / "data" / "walesi", folder / "walesi")
    key = walesi("key", folder / "walesi")
    run = walesi("run", folder / "walesi", "--out", folder / "report")
    assert run.returncode == 0, run.stderr
    return folder, identifiers, key, run


def texts_of(path: Path):
    """Yield everything readable in a file, compressed parts and tables included."""
    content = path.read_bytes()
    yield content.decode("utf-8", errors="ignore") + content.decode("utf-16-le", errors="ignore")
    if content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content).decode("utf-8", errors="ignore")
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield archive.read(name).decode("utf-8", errors="ignore")
    if content[:4] == b"PAR1":
        frame = pd.read_parquet(io.BytesIO(content))
        yield frame.astype(str).to_csv()


def test_nothing_that_names_a_person_is_written_or_printed(planted):
    folder, identifiers, key, run = planted
    assert len(identifiers) > 100
    secret = next((folder / "walesi").glob("*.key")).read_text().strip()
    forbidden = [*identifiers, *EN_MARKERS, NAME.split()[1], COMMENT.split()[0], secret]
    open_study(folder / "walesi").save(folder / "snapshot")  # what a run keeps while its notebooks need it
    written = [p for place in ("report", "snapshot") for p in (folder / place).rglob("*") if p.is_file()]
    assert {p.suffix for p in written} >= {".html", ".json", ".ipynb", ".parquet"}
    texts = {p: list(texts_of(p)) for p in written} | {
        "printed": [run.stdout, run.stderr, key.stdout, key.stderr]
    }
    for place, parts in texts.items():
        for word in forbidden:
            assert not any(word in part for part in parts), f"{place} holds {word[:4]}…"


def test_the_search_would_find_what_it_looks_for(planted, tmp_path):
    _, identifiers, _, _ = planted
    frame = pd.DataFrame({"employee_id": identifiers})
    frame.to_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.gz").write_bytes(gzip.compress(identifiers[3].encode()))
    for name in ("a.parquet", "b.gz"):
        assert any(identifiers[3] in part for part in texts_of(tmp_path / name)), name


def test_findings_depend_neither_on_pseudonyms_nor_on_the_order_of_rows(root, planted, tmp_path):
    folder, _, _, _ = planted
    plant(root / "data" / "walesi", tmp_path / "walesi", shuffled=3)
    run = walesi("run", tmp_path / "walesi", "--out", tmp_path / "report", "--jobs", 1)
    assert run.returncode == 0, run.stderr
    texts = [(place / "report" / "findings.json").read_bytes() for place in (folder, tmp_path)]
    assert texts[0] == texts[1]


def test_a_second_run_executes_nothing_and_changes_no_finding(planted):
    folder, _, _, _ = planted
    before = (folder / "report" / "findings.json").read_bytes()
    executed = {p.name: p.stat().st_mtime_ns for p in (folder / "report" / ".walesi").rglob("*.ipynb")}
    again = walesi("run", folder / "walesi", "--out", folder / "report")
    assert again.returncode == 0, again.stderr
    assert (folder / "report" / "findings.json").read_bytes() == before
    assert {
        p.name: p.stat().st_mtime_ns for p in (folder / "report" / ".walesi").rglob("*.ipynb")
    } == executed


def test_every_finding_follows_the_contract(planted):
    records = json.loads((planted[0] / "report" / "findings.json").read_text(encoding="utf-8"))
    by_id = {r["id"]: r for r in records}
    assert {f"joint.{x}" for x in ("training", "culture", "recognition", "fairness")} <= set(by_id)
    assert {f"importance.{x}" for x in ("training", "culture", "recognition", "fairness")} <= set(by_id)
    assert {
        f"appraisal.{x}" for x in ("tie_effect", "achievement_slope", "rater_share", "changed_share")
    } <= set(by_id)
    assert "perception.transparency_gap" in by_id
    for record in records:
        assert record["status"] in {"estimated", "suppressed", "not_estimable"}
        assert (record["estimate"] is None) == (record["status"] != "estimated")
        assert record["status"] == "estimated" or record["reason"]
        assert record["claim"] in {"description", "association", "effect_if"}
        assert record["n"] is None or record["n"] % 5 == 0, "counts of people are rounded"


def test_the_manifest_says_what_made_the_report(planted):
    folder = planted[0]
    manifest = json.loads((folder / "report" / "manifest.json").read_text(encoding="utf-8"))
    text = json.dumps(manifest)
    assert str(folder) not in text
    assert manifest["study"] == {"id": "walesi", "seed": 20261124}
    assert manifest["parameters"]["06_performance"] == {"level": 0.95, "draws": 999}
    assert set(manifest["data"]) >= {"settings", "codebook", "employees", "survey", "appraisals", "training"}
    assert {"python", "numpy", "pandas", "statsmodels", "papermill"} <= set(manifest["versions"])
    for name, digest in manifest["outputs"].items():
        assert sha256((folder / "report" / name).read_bytes()).hexdigest() == digest


def test_pages_exist_in_both_languages_and_say_synthetic(planted):
    report = planted[0] / "report"
    for language, label in (("id", "DATA SINTETIS"), ("en", "SYNTHETIC DATA")):
        for name in (n.name for n in NOTEBOOKS):
            page = (report / language / f"{name}.html").read_text(encoding="utf-8")
            assert f'<html lang="{language}"' in page
            assert label in page
            assert "http://" not in page.replace("http://www.w3.org/", "")
            assert "https://" not in page
    assert 'lang="id"' in (report / "index.html").read_text(encoding="utf-8")


def test_a_broken_study_is_told_without_a_traceback_or_a_number_of_a_person(root, tmp_path):
    identifiers = plant(root / "data" / "walesi", tmp_path / "walesi")
    path = tmp_path / "walesi" / "employees.csv"
    frame = read_text(path)
    pd.concat([frame, frame.iloc[[0]]]).assign(gender=["x", *["f"] * len(frame)]).to_csv(path, index=False)
    for verb in (["check"], ["run", "--out", tmp_path / "report"]):
        run = walesi(verb[0], tmp_path / "walesi", *verb[1:])
        told = run.stdout + run.stderr
        assert run.returncode == 1
        assert "employees.csv" in told
        assert "gender" in told
        assert "Traceback" not in told
        assert not [i for i in identifiers if i in told]
    assert not (tmp_path / "report" / "findings.json").exists()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_asks_the_network_for_anything_or_scrolls_sideways(planted, browser, width):
    report = planted[0] / "report"
    pages = sorted(report.glob("**/*.html"))
    beside = [*GUIDES, "07_policy-simulator"]
    expected = {
        f"{code}/{name}.html" for code in LANGUAGES for name in [*(n.name for n in NOTEBOOKS), *beside]
    }
    assert {str(page.relative_to(report)) for page in pages} == expected | {"index.html", "en/index.html"}
    for page in pages:
        tab = browser.new_page(viewport={"width": width, "height": 800})
        requests, complaints = [], []
        tab.on("request", lambda request, log=requests: log.append(request.url))
        tab.on("console", lambda message, log=complaints: log.append(message.text))
        tab.goto(page.as_uri())
        for fold in tab.locator("summary").all():
            fold.click()
        assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
        assert requests.count(page.as_uri()) == len([u for u in requests if u.startswith("file:")]) == 1
        assert complaints == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.locator("h1").count() == 1
        assert tab.locator("svg[role=img]:not(:has(title)):not([aria-label])").count() == 0
        tab.close()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("language", "width", "scheme"), [("id", 360, "light"), ("en", 1280, "dark")])
def test_no_page_violates_accessibility_rules(planted, browser, language, width, scheme):
    """Rules of axe-core, folds open; contrast among them."""
    from axe_playwright_python.sync_playwright import Axe

    found = {}
    for page in sorted((planted[0] / "report" / language).glob("*.html")):
        tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
        tab.goto(page.as_uri())
        tab.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
        violations = Axe().run(tab).response["violations"]
        if violations:
            found[page.name] = [(v["id"], v["nodes"][0]["html"][:200]) for v in violations]
        tab.close()
    assert found == {}


def test_pages_are_light(planted):
    for page in (planted[0] / "report").glob("**/*.html"):
        assert page.stat().st_size < 80_000, page.name


def test_the_published_numbers_of_walesi_are_found_again(root, planted):
    """Whatever the pseudonyms; ``make published`` writes the record anew where numbers are meant to move."""
    from walesi_research.errands.verify import read_published, verified

    folder, _, _, _ = planted
    published = read_published(root / "data" / "walesi" / "published.json")
    found = read_findings(folder / "report" / "findings.json")
    verification = verified(replace(published, parts={}), found, {}, {})
    others = [f"{check.id}: {check.verdict}" for check in verification.checks if check.verdict != "agrees"]
    assert not others and verification.published > 100
