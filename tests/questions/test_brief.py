"""Every sentence of the brief is true of its numbers, whatever the pattern of verdicts."""

import re
from itertools import product

import pytest

from tests.questions.claimed import STATES, finding, patterned, silent, study
from walesi_research.language import LANGUAGES
from walesi_research.questions.brief import brief
from walesi_research.questions.brief.decisions import AREAS, chosen, decision
from walesi_research.questions.brief.verdicts import claims_of
from walesi_research.questions.claims import CLAIMS

UP = {"id": r"lebih tinggi|\bnaik\b|menaikkan", "en": r"\bhigher\b|\brises?\b|\braises?\b"}
DOWN = {"id": r"lebih rendah|\bturun\b", "en": r"\blower\b|\bfalls?\b"}
CAUSAL = {
    "id": r"menyebabkan|menaikkan|meningkatkan|menurunkan|membuat|\bnaik\b",
    "en": r"cause|raise|increase|makes|lowers\b",
}


def texts(told, language):
    shown = [told.title(language), told.sentence(language), *told.decisions(language), *told.claims(language)]
    shown += [*told.limits(language), *told.sources(language), told.summary(language)]
    return [exhibit.alt for exhibit in shown]


def rows(told, language):
    return told.claims(language)[-1].rows


# ── the verdict ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("low", "high", "adjusted", "judgement", "because"),
    [
        (1.1, 2.0, 0.049, "supported", ""),
        (1.1, 2.0, 0.05, "cannot_tell", "family"),
        (1.1, 2.0, None, "cannot_tell", "family_unknown"),
        (1.0, 2.0, 0.001, "cannot_tell", ""),  # an end on the limit is not beyond it
        (0.9, 2.0, 0.001, "cannot_tell", ""),
        (0.1, 0.9, 0.9, "not_supported", ""),
    ],
)
def test_a_confirmatory_claim_also_has_to_stand_among_the_others(low, high, adjusted, judgement, because):
    told = brief(study(), [finding("training.leadership_att", low, high, p_adjusted=adjusted)])
    ruling = next(r for r in told.rulings if r.words == "leadership")
    assert (ruling.judgement, ruling.because) == (judgement, because)


@pytest.mark.parametrize("claim", ["association", "description", "effect_if"])
def test_a_cause_met_by_an_association_says_so(claim):
    told = brief(study(), [finding("pathway.culture_indirect", 0.1, 0.2, claim=claim)])
    note = next(row.verdict.note for row in rows(told, "id") if row.number == 6)
    assert note == ("" if claim == "effect_if" else "sebagai kaitan, belum bukti sebab")


def test_a_description_is_no_cause_and_needs_no_family():
    told = brief(study(), [finding("training.norm_share", 0.43, 0.43)])
    ruling = next(r for r in told.rulings if r.words == "training")
    assert (ruling.judgement, ruling.because) == ("supported", "")


def test_the_studys_own_claims_take_the_place_of_the_contracts():
    own = {
        "relations": {"finding": "appraisal.tie_effect", "supports": "above", "limit": 3.0},
        "kin": {"finding": "appraisal.achievement_slope", "supports": "below", "limit": 2.0},
        "more": {"finding": "culture.award_att", "supports": "above", "limit": 1.0},
    }
    claims = claims_of(study(claims=own))
    assert [c.name for c in claims] == ["relations", "kin", *(c.name for c in CLAIMS[2:]), "more"]
    assert [claims[0].limit, claims[1].limit, claims[-1].limit] == [3.0, 2.0, 1.0]


@pytest.mark.parametrize(("supports", "limit"), [("below", 1.0), ("above", -1.0)])
def test_words_of_the_contract_are_used_only_for_what_it_claims(supports, limit):
    own = {"relations": {"finding": "appraisal.tie_effect", "supports": supports, "limit": limit}}
    told = brief(study(claims=own), [finding("appraisal.tie_effect", -0.5, 0.5, estimate=-0.2)])
    row = rows(told, "id")[0]
    assert row.title == f"Berapa besarnya? Klaimnya: di {'bawah 1,0' if supports == 'below' else 'atas −1,0'}"
    assert "hubungan" not in row.title + row.evidence + told.title("id").alt
    assert row.evidence == "Perkiraan terbaiknya **−0,2**; kemungkinan besar −0,5 sampai 0,5."


# ── the evidence ─────────────────────────────────────────────────────────────────────────────────

NUMBERS = {
    "id": "nol satu dua tiga empat lima enam tujuh delapan sembilan",
    "en": "no one two three four five six seven eight nine",
}
SIGNED = [c for c in CLAIMS if c.finding not in ("appraisal.rater_share", "training.norm_share")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("claim", SIGNED, ids=lambda c: c.name)
@pytest.mark.parametrize("x", [-3.0, -0.4, -0.0004, 0.0, 0.0004, 0.4, 3.0])
def test_a_sentence_has_the_sign_of_its_number(language, claim, x):
    told = brief(study(), [finding(claim.finding, x - 1, x + 1.5, estimate=x)])
    text = next(row.evidence for row in rows(told, language) if row.number == CLAIMS.index(claim) + 1)
    (number,) = re.findall(r"\*\*(.+?)\*\*", text)
    says = (
        "up" if re.search(UP[language], number) else "down" if re.search(DOWN[language], number) else "same"
    )
    assert says == ("same" if abs(x) < 0.005 else "up" if x > 0 else "down")
    assert "−" not in number  # the direction is told in words
    assert not re.search(CAUSAL[language], text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_range_is_told_in_the_sentences_direction(language):
    told = brief(study(), [finding("appraisal.tie_effect", -5.8, -2.6)])
    words = {"id": "4,2 poin lebih rendah**; kemungkinan besar antara 2,6 dan 5,8.",
             "en": "4.2 points lower**; very likely between 2.6 and 5.8."}[language]  # fmt: skip
    assert rows(told, language)[0].evidence.endswith(words)


def test_a_range_over_zero_explains_its_minus():
    told = brief(study(), [finding("appraisal.tie_effect", -5.0, 1.0)])
    assert "−1,0 sampai 5,0 (minus berarti arah sebaliknya)." in rows(told, "id")[0].evidence


def test_numbers_are_told_apart_from_the_limit():
    told = brief(study(), [finding("appraisal.tie_effect", 1.02, 1.3)])
    assert "antara 1,02 dan 1,30" in rows(told, "id")[0].evidence  # 1,0 would sit on the limit


def test_a_share_without_doubt_has_no_range_and_shares_have_no_sign():
    told = brief(
        study(), [finding("training.norm_share", 0.43, 0.43), finding("appraisal.rater_share", 0.2, 0.4)]
    )
    shown = rows(told, "id")
    assert (
        shown[3].evidence.startswith("**43 dari 100 pegawai** menyelesaikan")
        and "besar" not in shown[3].evidence
    )
    assert "antara 20% dan 40%" in shown[2].evidence and ">+30%" not in shown[2].drawing


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("id", ("**43 dari 100 pegawai**", "kemungkinan besar antara 35 dan 51.")),
        ("en", ("**43 of 100 employees**", "very likely between 35 and 51.")),
    ],
)
def test_people_of_a_hundred_have_a_range_in_people_of_a_hundred(language, words):
    told = brief(study(), [finding("training.norm_share", 0.35, 0.51)])
    evidence = rows(told, language)[3].evidence
    assert evidence.startswith(words[0]) and evidence.endswith(words[1]) and "%" not in evidence


def test_what_it_rests_on_names_people_assumption_and_page():
    row = rows(brief(study(), [finding("appraisal.tie_effect", 2, 3)]), "id")[0]
    assert row.basis.startswith("150 penilaian, 12 pegawai. Anggapan:")
    assert row.page == ("03_appraisal.html", "Halaman 3")


@pytest.mark.parametrize(
    ("tables", "status", "words"),
    [
        (("employees", "survey"), "not_estimable", "studi ini tidak memuat data penilaian."),
        (("employees", "appraisals"), "suppressed", "orangnya kurang dari 5."),
        (("employees", "appraisals"), "not_estimable", "Yang diperlukan: capaian"),
    ],
)
def test_a_claim_without_a_number_keeps_its_row_and_says_why(tables, status, words):
    row = rows(brief(study(tables), [silent("appraisal.tie_effect", status)]), "id")[0]
    assert words in row.evidence and row.drawing == "" and row.verdict.judgement == "cannot_tell"
    assert "Too thin" not in row.html()  # the finding's reason is English


# ── title, lead, decisions, limits ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("relations", "results"), list(product(STATES, STATES)))
def test_the_title_is_true_of_its_verdicts(language, relations, results):
    told = patterned([relations, results, *["cannot_tell"] * 7])
    title = told.title(language).alt.lower()
    follows = {"id": "mengikuti hasil kerja", "en": "follow results"}[language]
    too_little = {"id": "kurang mengikuti hasil", "en": "results too little"}[language]
    open_words = {"id": ("belum dapat disimpulkan", "belum cukup"), "en": ("cannot be told", "not enough")}[
        language
    ]
    ties = {
        "id": ("juga hubungan pribadi", "mengikuti hubungan pribadi"),
        "en": ("personal ties as well", "follow personal ties"),
    }
    undecided = ("cannot_tell", "missing")
    if results in ("supported", "not_supported"):
        assert (too_little in title) == (results == "supported") and follows in title
    assert any(w in title for w in open_words) == (relations in undecided or results in undecided)
    claimed = any(w in title.replace("whether they follow personal ties", "") for w in ties[language])
    assert claimed == (relations == "supported")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_any_pattern_of_one_verdict_is_told_whole(language, state):
    for other in STATES:
        for i in range(len(CLAIMS)):
            states = [state] * len(CLAIMS)
            states[i] = other
            told = patterned(states)
            assert all(text.strip() and "{" not in text for text in texts(told, language))
            rulings = told.rulings
            supported = sum(r.judgement == "supported" for r in rulings)
            lead = told.sentence(language).alt
            if supported:
                assert NUMBERS[language].split()[supported] in lead.lower().split(".")[0]
            else:
                assert {"id": "belum", "en": "none"}[language] in lead.split(".")[0]
            assert len(chosen(rulings)) <= 3


@pytest.mark.parametrize("states", list(product(STATES, repeat=2)))
def test_decisions_follow_from_verdicts(states):
    told = patterned([states[0]] * 3 + [states[1]] * 6)
    picked = chosen(told.rulings)
    ranks = [STATES.index(mine[0].state) for _, mine in picked]
    assert ranks == sorted(ranks) and len({area for area, _ in picked}) == len(picked) == 3
    for area, mine in picked:
        assert {r.words for r in mine} <= set(AREAS[area])
        numbers = sorted(r.number for r in mine)
        listed = "1, 2, dan 3" if len(numbers) == 3 else " dan ".join(map(str, numbers))
        assert decision(area, mine, "id").about.endswith(f"Dasar: klaim {listed}.")


def test_a_simulation_is_told_once_and_is_no_promise():
    told = brief(study(), [finding("policy.combined_gain", 0.8, 4.0)])
    (text,) = [x.alt for x in told.decisions("id") if "simulasi" in x.alt]
    assert text == (
        "Bila “Program” dijalankan, rata-rata capaian menurut simulasi menjadi 2,4 poin lebih tinggi; "
        "kemungkinan besar antara 0,8 dan 4,0. Ini bukan janji. Sebagian dasarnya kaitan, belum bukti sebab. "
        "Isinya: 12 JP lebih banyak."
    )
    assert not [x for x in brief(study(), []).decisions("id") if "simulasi" in x.alt]


def test_limits_tell_of_missing_tables_causes_waves_and_units():
    told = brief(study(("employees", "survey", "service", "appraisals")), [
        finding("pathway.culture_indirect", 0.1, 0.2), finding("service.performance_slope", 1, 2, groups=9),
    ])  # fmt: skip
    words = " ".join(s.alt for s in told.limits("id"))
    assert "Klaim 4 dan 5. Studi ini tidak memuat catatan pelatihan." in words
    assert "pada klaim 6 dan 8" in words and "baru sekali" in words and "hanya 9" in words
    few = brief(study(("employees", "survey")), [])
    assert "baru sekali" not in " ".join(s.alt for s in few.limits("id"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("drop", ["survey", "appraisals", "training", "service"])
def test_a_study_without_a_table_gets_words(language, drop):
    tables = [t for t in ("employees", "survey", "appraisals", "training", "service") if t != drop]
    told = brief(study(tables), [silent(c.finding) for c in CLAIMS])
    assert all(text.strip() for text in texts(told, language))
    assert (
        told.title(language).alt
        == {
            "id": "Klaim tentang kinerja pegawai belum dapat diuji dengan data ini",
            "en": "The claims about performance cannot be tested with these data yet",
        }[language]
    )


def test_counts_of_people_are_rounded():
    text = brief(study(n=33), []).sources("id")[0].alt
    assert text.startswith("35 pegawai di 6 unit, 35 penilaian (2024)")


def test_the_figures_are_explained_only_where_there_are_some():
    assert brief(study(), []).reading("id") == []
    assert len(brief(study(), [finding("appraisal.tie_effect", 2, 3)]).reading("id")) == 2
