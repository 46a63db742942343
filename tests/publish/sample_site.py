"""A small run with every kind of exhibit, built without a kernel: for tests and for looking at.

``python tests/publish/sample_site.py FOLDER`` writes its site.
"""

import datetime as dt
import sys
from pathlib import Path
from unittest import mock

import nbformat.v4 as v4
import pandas as pd

from walesi_research.exhibits import (
    Bar,
    Cell,
    Column,
    Figure,
    Gap,
    Interval,
    Sentence,
    Table,
    Verdict,
    bars,
    from_matplotlib,
    interval_plot,
    record,
    show,
)
from walesi_research.findings import Finding
from walesi_research.publish import Failure, StudyFacts, build_site

CREATED = dt.date(2026, 11, 24)
FACTS = StudyFacts(
    id="walesi",
    title={"id": "Kinerja ASN Walesi", "en": "Civil service performance in Walesi"},
    synthetic=True,
    seed=20261124,
    version="0.1.0",
    created=CREATED,
    minimum_cell=5,
    unread={"employees": 2, "survey": 1},
    missing=("service",),
    failures={
        "04_training": Failure(
            kind="failed",
            title={"id": "Apakah pelatihan menaikkan kinerja?", "en": "Does training raise performance?"},
        )
    },
)


def tell(language, indonesian, english):
    """The words in one of the two languages."""
    return {"id": indonesian, "en": english}[language]


def outputs_of(cell):
    """Run `cell` (calls of show and record) and return what a kernel would have stored."""
    outputs = []

    def display(data, metadata=None, raw=False):
        assert raw
        outputs.append(v4.new_output("display_data", data=data, metadata=metadata or {}))

    with mock.patch("IPython.display.display", display):
        cell()
    return outputs


def code(source, cell=None, tags=(), extra=()):
    outputs = [*(outputs_of(cell) if cell else ()), *extra]
    return v4.new_code_cell(source, outputs=outputs, metadata={"tags": list(tags)}, execution_count=1)


def prose(source, *tags):
    return v4.new_markdown_cell(source, metadata={"tags": list(tags)})


def finding(name="appraisal.tie_effect", notebook="03_appraisal", **changes):
    about = {
        "id": name,
        "estimate": 4.2,
        "se": 0.8,
        "low": 2.6,
        "high": 5.8,
        "p": 0.001,
        "unit": "score points",
        "n": 185,
        "groups": 31,
        "claim": "effect_if",
        "method": "crossed random effects",
        "notebook": notebook,
        "question": {"id": "Apakah hubungan menambah nilai?", "en": "Do ties add to scores?"},
    }
    return Finding(**(about | changes))


def lead(language):
    text = tell(
        language,
        "Keduanya. Nilai naik bersama hasil kerja, tetapi pada hasil yang sama ASN yang punya "
        "hubungan dengan penilainya mendapat nilai **4,2 poin** lebih tinggi.",
        "Both. Scores rise with results, but at equal results employees with a tie to their rater "
        "score **4.2 points** higher.",
    )
    return Sentence(text, "lead")


def likely(language):
    text = tell(
        language,
        "Kemungkinan besar antara 2,6 dan 5,8 poin, pada skala 0–120. Yang dibandingkan: penilai "
        "yang sama, periode yang sama, capaian yang sama.",
        "Very likely between 2.6 and 5.8 points, on a scale of 0 to 120. Compared are the same "
        "rater, the same period and the same achievement.",
    )
    return Sentence(text, "range")


def verdicts(language):
    claim = tell(language, "Klaim", "Claim")
    return [
        Verdict("supported", language, f"{claim} 1"),
        Verdict("not_supported", language, f"{claim} 2"),
        Verdict("cannot_tell", language, f"{claim} 3"),
    ]


def ties(language):
    name = {
        "id": ["Semua hubungan", "Keluarga", "Marga", "Lainnya", "Politik"],
        "en": ["All ties", "Family", "Clan", "Other", "Political"],
    }[language]
    return interval_plot(
        [
            Interval(name[0], 4.2, 2.6, 5.8, bold=True),
            Interval(name[1], 5.1, 2.9, 7.3),
            Interval(name[2], 4.4, 2.3, 6.5),
            Interval(name[3], 1.3, -1.4, 4.0),
            Interval(
                name[4],
                note=tell(
                    language, "Tidak ditampilkan: kurang dari lima orang", "Not shown: fewer than five people"
                ),
            ),
        ],
        language=language,
        alt=tell(
            language,
            "Tambahan nilai menurut jenis hubungan, dengan rentang 95%",
            "Score points added, by kind of tie, with 95% range",
        ),
        caption=tell(
            language,
            "Tambahan nilai pada capaian yang sama, menurut jenis hubungan; garis: rentang 95%.",
            "Score points added at equal achievement, by kind of tie; line: 95% range.",
        ),
        axis_label=tell(language, "Tambahan nilai, poin", "Added score, points"),
        limit=1,
        zone_label=tell(language, "berarti: 1 poin atau lebih", "matters: 1 point or more"),
        synthetic=True,
    )


def joint(language):
    label = {
        "id": ["Pelatihan", "Budaya kerja BerAKHLAK di unit kerja", "Penghargaan", "Keadilan penilaian"],
        "en": ["Training", "Work culture of the unit, seven values", "Recognition", "Fairness of appraisal"],
    }[language]
    return interval_plot(
        [
            Interval(label[0], 0.12, 0.02, 0.22, alternative=(0.10, 0.0, 0.2)),
            Interval(label[1], 0.44, 0.40, 0.47, alternative=(0.42, 0.37, 0.46)),
            Interval(label[2], -0.02, -0.07, 0.03),
            Interval(
                label[3],
                note=tell(
                    language,
                    "Tidak dapat dihitung: survei ini tidak memuat butir keadilan",
                    "Cannot be computed: the survey has no fairness items",
                ),
            ),
        ],
        language=language,
        digits=2,
        limit=0.05,
        alt=tell(language, "Kaitan terstandar dengan kinerja", "Standardised association with performance"),
        caption=tell(
            language,
            "Kaitan terstandar dengan kinerja, satu model; garis: rentang 95%",
            "Standardised association with performance, one model; line: 95% range",
        ),
        axis_label=tell(language, "Simpangan baku kinerja", "Standard deviations of performance"),
        alternative_label=tell(language, "dengan bobot survei", "with survey weights"),
        synthetic=True,
    )


def answered(language):
    reason = {"id": "Tidak ditampilkan: kurang dari lima orang", "en": "Not shown: fewer than five people"}[
        language
    ]
    return bars(
        [
            Bar(tell(language, "Semua unit", "All units"), 0.76, bold=True),
            Bar("Kantor Distrik", 0.81),
            Bar("Puskesmas Walesi", 0.74),
            Bar("SD Inpres", 0.62),
            Bar("SMP", note=reason),
        ],
        language=language,
        alt=tell(language, "Bagian ASN yang menjawab", "Share of employees who answered"),
        caption=tell(
            language,
            "Bagian ASN yang menjawab survei, menurut unit.",
            "Share of employees who answered the survey, by unit.",
        ),
        axis_label=tell(language, "Bagian ASN yang menjawab", "Share of employees who answered"),
        synthetic=True,
    )


def scatter(language):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5, 3))
    axes.plot([70, 80, 90, 100], [76, 79, 81, 84], "o-", color="#0a5570")
    axes.set_xlabel(tell(language, "Capaian, % dari target", "Achievement, % of target"))
    return from_matplotlib(
        figure,
        language=language,
        synthetic=True,
        data=pd.DataFrame({"achievement": [70, 80], "score": [76, 79]}),
        alt=tell(
            language, "Nilai naik dari 76 ke 84 bersama capaian", "Scores rise from 76 to 84 with achievement"
        ),
        caption=tell(language, "Nilai rata-rata menurut capaian.", "Mean score by achievement."),
        table=Table.from_frame(
            pd.DataFrame({"x": [70.0, 80.0], "y": [76.0, 79.25]}), language=language, caption="x, y"
        ),
    )


def numbers(language):
    head = {
        "id": ["Yang dihitung", "Perkiraan (rentang 95%)", "Dasar"],
        "en": ["What", "Estimate (95% range)", "Basis"],
    }
    rows = {
        "id": [
            ["Tambahan nilai bila ada hubungan", Cell("4,2 poin", "2,6–5,8"), Cell("1.342", "penilaian")],
            [
                "Bagian perbedaan nilai yang berasal dari penilai",
                Cell("27%", "19–36%"),
                Cell("31", "penilai"),
            ],
            Gap("Tambahan nilai, hubungan politik", "Tidak ditampilkan", "kurang dari lima orang"),
        ],
        "en": [
            ["Points added by a tie", Cell("4.2 points", "2.6–5.8"), Cell("1,342", "appraisals")],
            ["Share of differences that comes from raters", Cell("27%", "19–36%"), Cell("31", "raters")],
            Gap("Points added, political ties", "Not shown", "fewer than five people"),
        ],
    }[language]
    first, second, third = head[language]
    caption = {"id": "Temuan dengan rentang 95% dan dasarnya", "en": "Findings with 95% range and basis"}[
        language
    ]
    return Table([first, second, Column(third, numeric=True)], rows, caption, language)


def own_drawing(language):
    drawing = '<svg viewBox="0 0 340 30"><rect class="zone" x="0" y="0" width="340" height="30"/></svg>'
    alt = tell(language, "Satu pita", "One band")
    return Figure(svg=drawing, alt=alt, caption=alt, language=language, synthetic=True)


def appraisal_notebook():
    """The page of the reference: question, answer, range, verdicts, figures, table, limits, method."""
    stray = [
        v4.new_output("stream", name="stderr", text="FutureWarning: MARKER-STDERR"),
        v4.new_output("stream", name="stdout", text="MARKER-STDOUT"),
        v4.new_output(
            "execute_result", data={"text/plain": "MARKER-REPR", "text/html": "<b>MARKER-HTML</b>"}
        ),
    ]
    cells = [
        prose("# Apakah penilaian mencerminkan hasil kerja, atau hubungan?", "id"),
        prose("# Do appraisals reflect results, or relations?", "en"),
        code('study = "/srv/someone/MARKER-PATH"', tags=["parameters"]),
        code('study = "/srv/MARKER-PATH"', tags=["injected-parameters"]),
        code("result = appraisal.tie_effect(open_study(study))", extra=stray),
        code("show(result.sentence, result.range)", lambda: show(lead, likely)),
        code("show(result.verdicts)", lambda: show(verdicts)),
        prose("## Pada capaian yang sama, hubungan menambah nilai\n\nSeluruh rentang di atas 1 poin.", "id"),
        prose("## At equal achievement, ties add to scores\n\nThe whole range is above 1 point.", "en"),
        code("show(result.plot)", lambda: show(ties)),
        prose("## Budaya kerja paling erat kaitannya", "id"),
        prose("## Work culture is associated most", "en"),
        code("show(result.joint)", lambda: show(joint, scatter)),
        prose("## Angka di halaman ini", "id"),
        prose("## Numbers on this page", "en"),
        code("show(result.table)", lambda: show(numbers)),
        prose("* **Siapa yang menilai tidak adil.** Angka berlaku untuk kelompok.", "id", "limits"),
        prose("* **Who appraises unfairly.** Numbers hold for groups.", "en", "limits"),
        prose("Kami memakai 1.342 penilaian.\n\n| a | b |\n|---|---|\n| 1 | 2 |", "id", "method"),
        prose("We used 1,342 appraisals.\n\n| a | b |\n|---|---|\n| 1 | 2 |", "en", "method"),
        code("record(result)  # <b>not bold</b>", lambda: record(finding())),
    ]
    return v4.new_notebook(cells=cells)


def data_notebook():
    def answer(language):
        text = {"id": "Tiga dari empat. 76% ASN menjawab.", "en": "Three in four. 76% of employees answered."}
        return Sentence(text[language], "lead")

    cells = [
        prose("# Siapa yang menjawab, dan dapatkah datanya dipercaya?", "id"),
        prose("# Who answered, and can the data be trusted?", "en"),
        code("show(result.sentence)", lambda: show(answer)),
        prose("## Semua unit ikut menjawab", "id"),
        prose("## All units took part", "en"),
        code("show(result.plot)", lambda: show(answered, own_drawing)),
    ]
    return v4.new_notebook(cells=cells)


def build(destination, executed=None, findings=None, facts=FACTS):
    executed = executed or {"01_data": data_notebook(), "03_appraisal": appraisal_notebook()}
    findings = [finding()] if findings is None else findings
    return build_site(executed, findings, facts, Path(destination))


if __name__ == "__main__":
    print(build(sys.argv[1]))
