"""What a construct measures, from the words of its name and its items, in Indonesian and English."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from walesi_research.errands.init.names import plain
from walesi_research.study.codebook import Role

__all__ = ["LABELS", "NEUTRAL_ROLE", "role_in_code", "role_in_words", "roles_in_words"]

NEUTRAL_ROLE: Role = "other"

WORDS: Mapping[Role, str] = {
    "favouritism": r"pilih kasih|kedekatan|nepotis|kolusi|kerabat|titipan|favou?ritis|hubungan keluarga|"
    r"orang dekat|semarga|sesuku|kepentingan politik|koneksi|political (ties|connection)|tim sukses|"
    r"personal (ties|connection)|get ahead|perlakuan khusus|anak emas",
    "transparency": r"transparan|keterbukaan|kejelasan|transparen|kriteria|apa yang dinilai|cara (menilai|"
    r"penilaian)|(menjelaskan|dijelaskan).*(nilai|alasan)|explain|target.*disepakati|umpan balik|feedback|"
    r"(understood|understand|know).*(rated|apprais|criteria)",
    "fairness": r"\badil|keadilan|\bfair|penilaian (kinerja )?saya|\bapprais|\bdinilai|\bpenilai\b|"
    r"justice|objektif|obyektif|ukuran yang sama|keberatan",
    "recognition": r"penghargaan|pengakuan|\bdiakui|apresiasi|recogni|reward|award|insentif|pujian|"
    r"\bdihargai|\bbonus|terima kasih|thank",
    "training": r"pelatihan|\bdiklat|training|kursus|bimtek|pengembangan (kompetensi|diri|pegawai)|"
    r"\bworkshop|improve my skills|employee development",
    "skill": r"keterampilan|\bkompeten|\bskill|kemampuan|keahlian|\bmampu\b|competen|menguasai|menerapkan",
    "commitment": r"komitmen|commitment|\bbangga|kesetiaan|loyal|bertahan|memiliki rasa|\bpindah|"
    r"keluar dari|tetap bekerja|bagian dari|belong|\bproud|merasa memiliki",
    "motivation": r"motivasi|motivat|semangat|antusias|dorongan|giat|sungguh sungguh|enthusias|inspir|"
    r"engag|berusaha|effort|tenaga|energy|like the kind of work|accomplishment|sekadarnya",
    "culture": r"budaya|culture|nilai (organisasi|kerja)|kerja ?sama|rekan|gotong|saling|kebersamaan|"
    r"berakhlak|colleague|cooperat|collaborat|teamwork|share job knowledge|tim kerja|disiplin|"
    r"di unit saya|my unit",
    "performance": r"^kinerja|kinerja (saya|pegawai|unit|individu|kami|tugas)|\btarget|tepat waktu|"
    r"menyelesaikan|performance|produktiv|quality|mutu|kualitas|kuantitas|on time|accomplish.*(mission|"
    r"goals)",
    "service": r"pelayanan|layanan|masyarakat|publik|\bservice|customer",
}
"""Words of each role; the first ones are the more particular."""

_NO_FAVOURS = (
    r"not tolerated|tidak (ditoleransi|pilih|memihak|memandang|membeda)|tanpa (pilih|"
    r"memandang|membeda)|bebas dari|free (of|from)"
)

CODES: Mapping[str, tuple[Role, ...]] = {
    code: tuple(roles.split())  # type: ignore[misc]
    for codes, roles in (
        ("bk bo budaya bud culture cul ku org", "culture"),
        ("ph pgh png rec rew reward penghargaan pengakuan hargai", "recognition"),
        ("pl plt pel dik diklat train trn pelatihan", "training"),
        ("tr", "training transparency"),
        ("kt komp skill sk ket kompetensi ktr", "skill"),
        ("ad adil kea fair fa keadilan jus", "fairness"),
        ("trans tp transparansi", "transparency"),
        ("pk fav nep pilihkasih pol", "favouritism"),
        ("mt mot motiv motivasi mk", "motivation"),
        ("km kom komit com komitmen oc", "commitment"),
        ("kd kin kinerja perf kp kj iwpq y", "performance"),
    )
    for code in codes.split()
}
"""Prefixes of item codes in use. They say little: a guess on them alone is to be looked at."""

LABELS: Mapping[Role, tuple[str, str]] = {
    "culture": ("Budaya kerja", "Work culture"),
    "recognition": ("Penghargaan dan pengakuan", "Recognition and reward"),
    "training": ("Pelatihan: kesempatan dan kecukupan", "Training: access and adequacy"),
    "skill": ("Keterampilan", "Skill"),
    "fairness": ("Keadilan penilaian", "Fairness of the appraisal"),
    "transparency": ("Keterbukaan penilaian", "Transparency of the appraisal"),
    "favouritism": ("Pilih kasih", "Favouritism"),
    "motivation": ("Motivasi", "Motivation"),
    "commitment": ("Komitmen", "Commitment"),
    "performance": ("Kinerja", "Performance"),
    "service": ("Pelayanan", "Service"),
    "other": ("Lainnya", "Other"),
}


def roles_in_words(text: str) -> list[Role]:
    """Return the roles that a text speaks of, the more particular first."""
    words = plain(text)
    roles = [role for role, pattern in WORDS.items() if re.search(pattern, words)]
    if "favouritism" in roles and re.search(_NO_FAVOURS, words):  # high means merit
        roles = ["fairness", *(role for role in roles if role not in ("favouritism", "fairness"))]
    return roles


def role_in_words(name: str, items: Iterable[str], hint: Role | None = None) -> Role | None:
    """Return the role that a construct's name says, else most of its items; None where they say none.

    Parameters
    ----------
    name : str
        What the file calls the construct.
    items : iterable of str
        The words of its items.
    hint : Role, optional
        The role that its code is short for: it weighs as much as a third of the items.
    """
    if named := roles_in_words(name):
        return named[0]
    items = list(items)
    counts: Counter[Role] = Counter()
    for item in items:
        counts.update({role: 1.0 / (i + 1) for i, role in enumerate(roles_in_words(item))})
    if hint in counts:
        counts[hint] += len(items) / 3
    if not counts:
        return None
    role, weight = max(counts.items(), key=lambda pair: (pair[1], -list(WORDS).index(pair[0])))
    return role if weight >= len(items) / 3 else None


def role_in_code(prefix: str, taken: Collection[Role] = ()) -> Role | None:
    """Return the role that the prefix of item codes is short for, in use; of two, one that is not `taken`."""
    roles = CODES.get(prefix.casefold().rstrip("_"), ())
    return next((role for role in roles if role not in taken), None)
