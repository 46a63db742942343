"""The chain from culture and recognition to performance: what is asked, what is said, what is left out."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.questions.small import codebook, people, study, survey
from walesi_research import open_study
from walesi_research.findings import CONFIRMATORY, dumps_findings
from walesi_research.language import Message
from walesi_research.questions.pathways import chain, latent, pathways, richer
from walesi_research.questions.pathways.chain import RICHER, chain_of
from walesi_research.questions.pathways.latent import Pathways
from walesi_research.questions.pathways.model import Estimate
from walesi_research.stats import sem
from walesi_research.study.resampling import Resampling
from walesi_research.study.study import Study

ROLES = ("culture", "recognition", "motivation", "commitment", "performance")
IDS = [f"pathway.{role}_{kind}" for kind in ("indirect", "total") for role in ("culture", "recognition")]


@pytest.fixture(scope="module")
def walesi():
    from tests.conftest import ROOT

    return open_study(ROOT / "data" / "walesi")


@pytest.fixture(scope="module")
def answer(walesi):
    return pathways(walesi, draws=99)


def questionnaire(n=150, units=5, roles=ROLES, seed=1, items=3):
    """Return a study without appraisals in which each role goes with the one before it."""
    rng = np.random.default_rng(seed)
    employees, book = people(n, units), codebook(roles, items)
    latent, before = {}, rng.normal(size=n)
    for role in (*ROLES, "fairness", "training"):
        before = 0.5 * before + rng.normal(size=n)
        latent[role] = before
    answers = {
        item: np.clip(np.round(3 + latent[role] + 0.6 * rng.normal(size=n)), 1, 5)
        for role, construct in book.constructs.items()
        for item in construct.items
    }
    return study({"employees": employees, "survey": survey(employees, answers)}, book)


def told(result, language="id"):
    return " ".join(s.alt for s in result.sentence(language))


# ── findings ─────────────────────────────────────────────────────────────────────────────────────


def test_the_bundled_study_has_the_contracts_findings(answer):
    assert [f.id for f in answer.findings] == IDS
    for f in answer.findings:
        assert f.status == "estimated" and f.claim == "association" and f.notebook == "05_pathways"
        assert f.low < f.estimate < f.high and 0 < f.p <= 1
        assert f.n % 5 == 0 and f.groups == 10
    assert {i for i in CONFIRMATORY if i.startswith("pathway.")} <= {f.id for f in answer.findings}


def test_intervals_are_percentiles_of_employees_drawn_within_units(walesi, answer):
    """The study's one plan: other draws, such as those across units, end elsewhere."""
    model = answer.model
    place = [i for i, who in enumerate(walesi.employees["employee_id"]) if who in _entered(walesi, model)]
    assert len(place) == model.n
    plan = Resampling.within(walesi.employees["unit"], walesi.seed)
    drawn = model.fit.refit(plan.counts(99, rows=np.array(place))).effects
    for f in answer.findings:
        role, kind = f.id.partition(".")[2].split("_")
        values = getattr(drawn, kind)[:, model.chain.exogenous.index(role)]
        assert (f.low, f.high) == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])), rel=1e-9), f.id


def _entered(study, model):
    """Return those who answered something of the chain or have performance."""
    some = pd.concat([chain.keyed(study, role) for role in model.chain.scales], axis=1).notna().any(axis=1)
    return {*some.index[some], *model.chain.outcome.values.index}


def test_a_question_that_few_answered_is_not_in_the_chain():
    opened = questionnaire()
    answers = opened.survey.assign(culture1=opened.survey["culture1"].where(np.arange(150) < 60))
    tables = {"employees": opened.employees, "survey": answers}
    assert chain_of(Study(opened.settings, opened.codebook, tables)).scales["culture"] == (
        "culture2",
        "culture3",
    )
    answers = opened.survey.assign(culture1=opened.survey["culture1"].where(np.arange(150) < 90))
    tables["survey"] = answers
    assert len(chain_of(Study(opened.settings, opened.codebook, tables)).scales["culture"]) == 3


def test_the_estimates_are_those_of_the_structural_equation_core(walesi, answer):
    """The same model with nine unit dummies by `stats.sem`, which is checked against lavaan."""
    items = [i for items in answer.model.chain.scales.values() for i in items]
    wave, book = walesi.survey, walesi.codebook
    whole = book.scores(wave)  # one column a construct, for their names only
    keyed = pd.concat([book.keyed(wave, name) for name in whole], axis=1)[items]
    keyed[wave[list(book.items)].nunique(axis=1) == 1] = np.nan
    data = keyed.set_axis(wave["employee_id"].to_numpy(), axis=0).reindex(walesi.employees["employee_id"])
    data["P"] = answer.model.chain.outcome.values.reindex(data.index)
    units = pd.get_dummies(walesi.employees["unit"].astype(str).to_numpy(), dtype=float).iloc[:, 1:]
    data[[f"d{k}" for k in range(9)]] = units.to_numpy()
    data = data[data[[*items, "P"]].notna().any(axis=1)]
    dummies = " + ".join(f"d{k}" for k in range(9))
    lines = [
        f"{role[0]} =~ " + " + ".join(own) for role, own in answer.model.chain.scales.items()
    ]  # c culture, r recognition, m motivation; commitment shares its letter with culture
    lines[3] = lines[3].replace("c =~", "k =~")
    lines += [f"c ~ {dummies}", f"r ~ {dummies}", "c ~~ r", f"m ~ a1*c + a2*r + {dummies}"]
    lines += [f"k ~ b1*m + b2*c + b3*r + {dummies}", f"P ~ d1*k + d2*m + d3*c + d4*r + {dummies}"]
    lines += ["culture := a1*d2 + b2*d1 + a1*b1*d1", "recognition := a2*d2 + b3*d1 + a2*b1*d1"]
    p = sem.fit("\n".join(lines), data, missing="fiml").parameters
    peer = p[p.op == ":="].set_index("lhs").std_all
    found = {f.id: f.estimate for f in answer.findings}
    for role in ("culture", "recognition"):
        # both searches end far below a thousandth of a standard error
        assert found[f"pathway.{role}_indirect"] == pytest.approx(peer[role], abs=2e-6)


def test_all_who_answered_or_have_performance_enter(walesi, answer):
    year = {p for p in walesi.appraisals["period"].unique() if walesi.calendar.year(p) == 2024}
    rated = walesi.appraisals[walesi.appraisals["period"].isin(year)].dropna(subset=["achievement"])
    items = [i for items in answer.model.chain.scales.values() for i in items]
    read = walesi.survey[list(walesi.codebook.items)].nunique(axis=1) > 1
    answered = walesi.survey[walesi.survey[items].notna().any(axis=1) & read]
    assert answer.model.n == len(set(rated["employee_id"]) | set(answered["employee_id"]))


def test_one_answer_throughout_is_none_where_questions_are_reversed(walesi):
    given = walesi.survey[list(walesi.codebook.items)]
    straight = given.nunique(axis=1) == 1
    assert straight.any()
    other = walesi.survey.copy()
    other.loc[straight, list(walesi.codebook.items)] = 1.0
    changed = type(walesi)(walesi.settings, walesi.codebook, dict(walesi.tables) | {"survey": other})
    assert chain.contradicted(walesi).sum() == straight.sum()
    numbers = [[f.estimate for f in pathways(s, draws=2).findings] for s in (walesi, changed)]
    assert numbers[0] == numbers[1]


def test_one_answer_throughout_may_be_meant_where_no_question_is_reversed():
    opened = questionnaire()
    answers = opened.survey.copy()
    answers.loc[0, list(opened.codebook.items)] = 4.0
    assert not chain.contradicted(study(dict(opened.tables) | {"survey": answers}, opened.codebook)).any()


def test_total_is_direct_and_indirect(answer):
    for role in ("culture", "recognition"):
        parts = [answer.model.effect(role, kind).estimate for kind in ("direct", "indirect", "total")]
        assert parts[0] + parts[1] == pytest.approx(parts[2], abs=1e-12)
        direct = answer.model.path("performance", role).estimate
        assert direct == pytest.approx(parts[0], abs=1e-12)


# ── nothing depends on units, names or order ─────────────────────────────────────────────────────


def test_units_of_performance_and_of_items_change_nothing(walesi, answer):
    survey, appraisals = walesi.survey.copy(), walesi.appraisals.copy()
    appraisals["achievement"] *= 10
    constructs = {
        name: c.model_copy(update={"scale": (7 * c.scale[0] - 3, 7 * c.scale[1] - 3)})
        for name, c in walesi.codebook.constructs.items()
    }
    book = walesi.codebook.model_copy(update={"constructs": constructs})
    survey[list(walesi.codebook.items)] = 7 * survey[list(walesi.codebook.items)] - 3
    changed = type(walesi)(
        walesi.settings, book, dict(walesi.tables) | {"survey": survey, "appraisals": appraisals}
    )
    moved = pathways(changed, draws=99)
    for a, b in zip(answer.findings, moved.findings, strict=True):
        numbers = [(x.estimate, x.se, x.low, x.high) for x in (a, b)]
        assert numbers[0] == pytest.approx(numbers[1], abs=1e-6)


def test_pseudonyms_and_order_of_rows_change_nothing(root, tmp_path):
    import shutil

    for name in ("one", "two"):
        shutil.copytree(root / "data" / "walesi", tmp_path / name)
    folder, rng = tmp_path / "two", np.random.default_rng(2)
    ids = pd.read_csv(folder / "employees.csv")["employee_id"]
    new = dict(zip(ids, rng.permutation([f"x{i:04d}" for i in range(len(ids))]), strict=True))
    for file in folder.glob("*.csv"):
        table = pd.read_csv(file, dtype=str)
        for column in ("employee_id", "rater_id"):
            if column in table:
                table[column] = table[column].map(lambda x: new.get(x, x))
        table.sample(frac=1, random_state=3).to_csv(file, index=False)
    first, second = (pathways(open_study(tmp_path / name), draws=19) for name in ("one", "two"))
    assert dumps_findings(first.findings) == dumps_findings(second.findings)


# ── which chain ──────────────────────────────────────────────────────────────────────────────────


def test_without_a_mediator_the_whole_association_is_left():
    short = pathways(questionnaire(roles=("culture", "recognition", "performance")), draws=49)
    found = {f.id: f for f in short.findings}
    assert {f.status for i, f in found.items() if i.endswith("indirect")} == {"not_estimable"}
    assert "motivation" in found["pathway.culture_indirect"].reason
    assert {f.status for i, f in found.items() if i.endswith("total")} == {"estimated"}
    assert "tidak mengukur motivasi dan komitmen" in told(short)
    assert len(short.table("id").columns) == 2 and short.paths("id") == [] and short.ways("id") == []


def test_a_chain_with_one_mediator_says_which():
    short = pathways(questionnaire(roles=("culture", "recognition", "motivation", "performance")), draws=49)
    assert {f.status for f in short.findings if f.id.endswith("indirect")} == {"not_estimable"}
    assert "Lewat motivasi saja" in short.table("id").html()
    assert "tidak mengukur komitmen" in told(short)


def test_what_was_not_asked_is_said_though_the_model_fails_too(monkeypatch):
    failed = Message.of("pathways.no_solution")
    monkeypatch.setattr(latent, "path_model", lambda *given, **options: failed)
    short = pathways(questionnaire(roles=("culture", "recognition", "motivation", "performance")), draws=49)
    found = {f.id: f for f in short.findings}
    assert all("commitment" in found[f"pathway.{r}_indirect"].reason for r in ("culture", "recognition"))
    assert all(found[f"pathway.{r}_total"].reason == failed.in_("en") for r in ("culture", "recognition"))
    assert "tidak mengukur komitmen" in told(short) and failed.in_("id") in told(short)


def test_culture_alone_is_not_the_contracts_model():
    short = pathways(questionnaire(roles=("culture", "motivation", "commitment", "performance")), draws=49)
    assert {f.status for f in short.findings} == {"not_estimable"}
    assert all("recognition" in f.reason for f in short.findings)
    assert "Budaya kerja" in short.table("id").html()


def test_self_rated_performance_is_a_latent_variable():
    whole = pathways(questionnaire(), draws=49)
    assert all(f.status == "estimated" and "latent variable" in f.method for f in whole.findings)
    assert whole.model.chain.scales["performance"] == ("performance1", "performance2", "performance3")
    assert "kuesioner yang sama" in whole.doubt("id")[0].alt


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("roles", [("motivation", "commitment"), ("performance", "motivation"), ROLES])
def test_what_is_missing_is_said_in_words(roles, language):
    silent = pathways(questionnaire(n=30, roles=roles), draws=9)
    assert all(f.status == "not_estimable" and f.reason for f in silent.findings)
    assert silent.sentence(language)[0].kind == "lead"
    for exhibit in ("heading", "table", "paths", "ways", "doubt", "details"):
        assert getattr(silent, exhibit)(language) == []
    assert richer(silent).sentence(language) == [] and richer(silent).table(language) == []


def test_a_study_without_a_survey_gets_words(walesi):
    bare = type(walesi)(walesi.settings, walesi.codebook, {"employees": walesi.employees})
    assert "tidak memuat survei" in told(pathways(bare))


def test_tiny_units_share_one_level():
    opened = questionnaire(n=120, units=5)
    unit = np.array(["big"] * 60 + ["middle"] * 50 + ["x", "x", "x", "y", "y", "y", "z", "z", "z", "z"])
    employees = opened.employees.assign(unit=pd.Categorical(np.sort(unit)))
    tables = dict(opened.tables) | {"employees": employees}
    found = pathways(study(tables, opened.codebook), draws=19)
    assert found.model.units == 3 and found.model.pooled == 3
    assert "3 unit" in " ".join(s.alt for s in found.details("id"))


def test_the_minimum_cell_holds_for_models_too():
    opened = questionnaire(n=90)
    privacy = opened.settings.privacy.model_copy(update={"minimum_cell": 100})
    strict = type(opened)(
        opened.settings.model_copy(update={"privacy": privacy}), opened.codebook, opened.tables
    )
    assert "100" in told(pathways(strict, draws=9))
    assert {f.status for f in pathways(strict, draws=9).findings} == {"not_estimable"}


def test_without_fairness_and_training_there_is_no_richer_model():
    more = richer(pathways(questionnaire(), draws=19), draws=19)
    assert more.model is None and "tidak mengukur keadilan penilaian" in told(more)


def test_where_the_chain_is_short_the_richer_model_compares_what_is_left():
    roles = ("culture", "recognition", "performance", "fairness", "training")
    more = richer(pathways(questionnaire(roles=roles), draws=19), draws=19)
    assert more.kind == "total" and "yang tersisa bagi masing-masing" in told(more)


# ── the richer model ─────────────────────────────────────────────────────────────────────────────


def test_the_richer_model_adds_fairness_and_training(walesi, answer):
    assert chain_of(walesi, RICHER).exogenous == ("culture", "recognition", "fairness", "training")
    more = richer(answer, draws=39)
    assert more.added == ["fairness", "training"] and more.findings == []
    assert "keadilan penilaian dan kesempatan pelatihan" in told(more)
    assert more.table("id").html().count("<tr") == 5


def test_the_richer_model_says_if_an_answer_moves(answer):
    more = richer(answer, draws=39)
    object.__setattr__(more, "moved", ["culture"])
    assert "jawabannya berubah untuk budaya kerja" in told(more)


# ── what is said ─────────────────────────────────────────────────────────────────────────────────


def said(study, **intervals):
    """Return an answer with these intervals of the indirect effects."""
    effects = {r: Estimate(sum(e) / 2, 0.1, *e, 0.01, e, 0.1) for r, e in intervals.items()}
    model = SimpleNamespace(
        chain=SimpleNamespace(missing={}, exogenous=tuple(intervals), mediators=("motivation", "commitment")),
        effect=lambda role, kind: effects[role],
    )
    return Pathways(study, 0.95, None, model)


@pytest.mark.parametrize(
    ("culture", "recognition", "begins", "holds"),
    [
        ((0.1, 0.3), (0.06, 0.2), "Ya, ada kaitannya.", "budaya kerja dan penghargaan lebih baik"),
        ((0.1, 0.3), (-0.1, 0.2), "Ya, ada kaitannya.", "Untuk penghargaan, data ini belum cukup"),
        ((0.01, 0.3), (-0.1, 0.2), "Ada kaitannya, tetapi", "batas 0,05 simpangan baku belum"),
        ((-0.1, 0.3), (-0.1, 0.2), "Belum dapat disimpulkan.", "Untuk budaya kerja dan penghargaan"),
        ((-0.1, 0.03), (-0.1, 0.04), "Hampir tidak.", "kurang dari batas 0,05"),
    ],
)
def test_the_lead_answers_against_the_claims_limit(walesi, culture, recognition, begins, holds):
    lead = said(walesi, culture=culture, recognition=recognition).sentence("id")[0]
    assert lead.kind == "lead" and lead.alt.startswith(begins) and holds in lead.alt


def test_words_are_of_association_in_both_languages(answer):
    english = " ".join(
        s.alt for part in ("sentence", "doubt", "details", "heading") for s in getattr(answer, part)("en")
    ).lower()
    for word in ("significan", "p-value", "impact", "raises", "increases", "leads to", "causes"):
        assert word not in english
    assert "not proof of cause" in english
    # the order of the chain is said to be an assumption once, on the page
    assert english.count("assumption") == 1


def test_tables_are_short(answer):
    size = sum(len(getattr(answer, part)("id").html()) for part in ("table", "paths", "ways"))
    assert size < 8_000
    assert re.search(r"z = \d", answer.ways("en").html())


def test_intervals_by_other_ways_stand_beside(answer):
    e = answer.model.effect("recognition", "indirect")
    assert e.bca != (e.low, e.high) and e.bca[0] < e.estimate < e.bca[1]
    assert e.sobel == pytest.approx(answer.model.fit.delta_errors().indirect[1])
