"""The questionnaire: own items in both languages, free to use (CC BY 4.0); nothing under copyright.

The culture items follow the seven BerAKHLAK values of the civil service; all others were written for
this project. A reversed item says the opposite of its construct.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CONSTRUCTS", "SCALE", "Construct", "Item"]

SCALE = (1, 5)


@dataclass(frozen=True, slots=True)
class Item:
    """One statement: its name, its words in Indonesian and English, and whether it is reversed."""

    name: str
    id: str
    en: str
    reverse: bool = False
    loading: float = 0.75
    ease: float = 0.0


@dataclass(frozen=True, slots=True)
class Construct:
    """A construct of the codebook: its name, role, label in both languages, and items."""

    name: str
    role: str
    id: str
    en: str
    items: tuple[Item, ...]


CONSTRUCTS = (
    Construct(
        "work_culture", "culture", "Budaya kerja", "Work culture",
        (
            Item("bk1", "Di unit saya, kebutuhan warga yang datang didahulukan.",
                 "In my unit, the needs of the people who come to us are put first.", loading=0.74, ease=0.2),
            Item("bk2", "Rekan-rekan di unit saya bertanggung jawab atas tugas dan barang milik negara.",
                 "Colleagues in my unit answer for their tasks and for public property.", loading=0.76),
            Item("bk3", "Orang di unit saya terus belajar supaya makin cakap bekerja.",
                 "People in my unit keep learning to become better at their work.", loading=0.72, ease=-0.1),
            Item("bk4", "Di unit saya, perbedaan suku, agama, atau marga sering mengganggu kerja sama.",
                 "In my unit, differences of tribe, religion or clan often get in the way of cooperation.",
                 reverse=True, loading=0.62, ease=0.1),
            Item("bk5", "Rekan-rekan di unit saya menjaga nama baik pemerintah dan rahasia jabatan.",
                 "Colleagues in my unit protect the good name of government and the secrets of office.",
                 loading=0.7, ease=0.3),
            Item("bk6", "Unit saya cepat menyesuaikan diri ketika keadaan berubah.",
                 "My unit adapts quickly when circumstances change.", loading=0.75, ease=-0.2),
            Item("bk7", "Unit saya mudah bekerja sama dengan unit lain untuk menyelesaikan masalah.",
                 "My unit readily works with other units to solve problems.", loading=0.78),
        ),
    ),
    Construct(
        "recognition", "recognition", "Penghargaan dan pengakuan", "Recognition",
        (
            Item("ph1", "Hasil kerja yang baik dihargai di tempat saya bekerja.",
                 "Good work is valued where I work.", loading=0.8),
            Item("ph2", "Atasan mengucapkan terima kasih ketika saya bekerja dengan baik.",
                 "My superior thanks me when I have worked well.", loading=0.76, ease=0.2),
            Item("ph3", "Penghargaan diberikan kepada orang yang memang berprestasi.",
                 "Awards go to those who have really achieved something.", loading=0.74, ease=-0.3),
            Item("ph4", "Usaha saya diketahui oleh pimpinan.",
                 "The leadership knows of my efforts.", loading=0.72, ease=-0.1),
        ),
    ),
    Construct(
        "training_access", "training", "Kesempatan mengikuti pelatihan", "Access to training",
        (
            Item("pl1", "Saya mendapat kesempatan mengikuti pelatihan yang saya perlukan.",
                 "I get the chance to attend the training that I need.", loading=0.8, ease=-0.2),
            Item("pl2", "Pelatihan yang saya ikuti sesuai dengan tugas saya.",
                 "The training that I attend fits my duties.", loading=0.74),
            Item("pl3", "Kesempatan pelatihan dibagi secara merata di unit saya.",
                 "Chances of training are shared out evenly in my unit.", loading=0.7, ease=-0.3),
            Item("pl4", "Jumlah jam pelatihan yang saya terima setahun ini memadai.",
                 "The hours of training that I received this year are sufficient.", loading=0.72, ease=-0.3),
        ),
    ),
    Construct(
        "skill", "skill", "Keterampilan", "Skill",
        (
            Item("kt1", "Saya menguasai keterampilan yang dibutuhkan pekerjaan saya.",
                 "I master the skills that my work requires.", loading=0.78, ease=0.3),
            Item("kt2", "Saya mampu memakai peralatan dan aplikasi kantor tanpa bantuan.",
                 "I can use the office's equipment and applications without help.", loading=0.68),
            Item("kt3", "Saya dapat menerapkan hal baru yang saya pelajari dalam pekerjaan.",
                 "I can apply new things that I have learned in my work.", loading=0.76, ease=0.1),
        ),
    ),
    Construct(
        "fairness", "fairness", "Keadilan penilaian", "Fairness of the appraisal",
        (
            Item("ad1", "Penilaian kinerja saya sesuai dengan hasil kerja saya.",
                 "My appraisal matches the results of my work.", loading=0.8),
            Item("ad2", "Penilai memakai ukuran yang sama untuk semua orang.",
                 "The rater uses the same measure for everybody.", loading=0.76, ease=-0.2),
            Item("ad3", "Penilaian saya lebih ditentukan oleh suka atau tidak suka daripada oleh kerja saya.",
                 "My appraisal depends more on liking or disliking than on my work.",
                 reverse=True, loading=0.66),
            Item("ad4", "Saya dapat menyampaikan keberatan bila penilaian saya tidak tepat.",
                 "I can object when my appraisal is not right.", loading=0.7, ease=-0.2),
        ),
    ),
    Construct(
        "transparency", "transparency", "Kejelasan penilaian", "Transparency of the appraisal",
        (
            Item("tr1", "Saya tahu apa yang dinilai dan bagaimana cara menilainya.",
                 "I know what is appraised, and how.", loading=0.78, ease=0.1),
            Item("tr2", "Penilai menjelaskan alasan di balik penilaian saya.",
                 "The rater explains the reasons for my appraisal.", loading=0.76, ease=-0.2),
            Item("tr3", "Target kinerja saya disepakati sejak awal.",
                 "My performance targets are agreed from the start.", loading=0.7, ease=0.1),
        ),
    ),
    Construct(
        "favouritism", "favouritism", "Pilih kasih", "Favouritism",
        (
            Item("pk1", "Kerabat atasan lebih mudah mendapat nilai tinggi.",
                 "Relatives of superiors get high ratings more easily.", loading=0.8, ease=-0.1),
            Item("pk2", "Kedekatan politik menentukan siapa yang maju di kantor ini.",
                 "Political closeness decides who gets ahead in this office.", loading=0.74, ease=-0.2),
            Item("pk3", "Orang yang semarga dengan pimpinan mendapat perlakuan khusus.",
                 "People of the leader's own clan get special treatment.", loading=0.76, ease=-0.1),
        ),
    ),
    Construct(
        "motivation", "motivation", "Motivasi", "Motivation",
        (
            Item("mt1", "Saya bersemangat memulai pekerjaan setiap hari.",
                 "I look forward to starting work every day.", loading=0.78, ease=0.2),
            Item("mt2", "Saya mau berusaha lebih supaya tugas selesai dengan baik.",
                 "I am willing to make an extra effort so that a task is done well.", loading=0.76, ease=0.4),
            Item("mt3", "Akhir-akhir ini saya bekerja sekadarnya saja.",
                 "Lately I have been doing no more than I must.", reverse=True, loading=0.64, ease=0.2),
            Item("mt4", "Melayani masyarakat memberi saya tenaga untuk bekerja.",
                 "Serving the public gives me energy for my work.", loading=0.74, ease=0.3),
        ),
    ),
    Construct(
        "commitment", "commitment", "Komitmen pada organisasi", "Commitment to the organisation",
        (
            Item("km1", "Saya merasa menjadi bagian dari unit ini.",
                 "I feel that I belong to this unit.", loading=0.8, ease=0.2),
            Item("km2", "Saya bangga menceritakan tempat saya bekerja kepada orang lain.",
                 "I am proud to tell others where I work.", loading=0.76, ease=0.1),
            Item("km3", "Saya ingin tetap bekerja di unit ini dalam beberapa tahun ke depan.",
                 "I want to keep working in this unit in the coming years.", loading=0.7),
            Item("km4", "Masalah unit ini terasa sebagai masalah saya juga.",
                 "This unit's problems feel like my own.", loading=0.74, ease=-0.1),
        ),
    ),
    Construct(
        "self_performance", "performance", "Kinerja menurut diri sendiri", "Self-rated performance",
        (
            Item("kd1", "Saya menyelesaikan tugas saya tepat waktu.",
                 "I finish my tasks on time.", loading=0.76, ease=0.3),
            Item("kd2", "Mutu hasil kerja saya memenuhi harapan.",
                 "The quality of my work meets expectations.", loading=0.78, ease=0.3),
            Item("kd3", "Saya mencapai target yang ditetapkan untuk saya.",
                 "I reach the targets that were set for me.", loading=0.78, ease=0.1),
        ),
    ),
)  # fmt: skip
