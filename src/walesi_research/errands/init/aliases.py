"""What columns of the contract are called in the files of offices, survey programs and SIASN/e-Kinerja.

`NAMES` are whole headings, written without blanks; `PATTERNS` are words within one. SIASN's and e-Kinerja's
own names come from BKN's web service (``skp22``, ``kinerjaPeriodik``, ``kursus``, ``diklat``) and from local
applications; the headings of BKN's spreadsheets are not published.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["FREE", "IDENTIFYING", "NAMES", "PATTERNS"]

NAMES: Mapping[str, Mapping[str, str]] = {
    "employees": {
        "employee_id": "nip nipbaru nippegawai nikpegawai idpegawai nipppk nippppk nomorindukpegawai "
        "employeeid "
        "pnsid pnsdinilaiid nipnip nomorpegawai kodepegawai koderesponden idresponden respondentid "
        "respondent "
        "responden noresponden nomorresponden pegawaiid kode random userid personid pid staffid",
        "unit": "unit unitkerja unor unornama unorinduk namaunit namaunor opd skpd bagian bidang seksi "
        "distrik kantor "
        "instansi satuankerja satker unitorganisasi department departemen level1 division office workunit "
        "organisasi dinas kelurahan kampung tempattugas penempatan unitpenempatan",
        "status": "status statuspegawai statuskepegawaian jenispegawai jenisasn statusasn kedudukanpegawai "
        "employmentstatus kedudukanhukum",
        "position": "position jabatan jenisjabatan jenisjabatannama kelompokjabatan jabatanjenis "
        "positiontype "
        "kategorijabatan eselon jobtype",
        "gender": "gender sex jeniskelamin jk kelamin jnskelamin lp dsex",
        "start_year": "startyear tahunmasuk tmtcpns tmtpns tmtcpnsppk tahunpengangkatan mulaibekerja "
        "tahunmulaibekerja tahunmulai tmtpppk",
        "left_on": "lefton tanggalkeluar tanggalpensiun tmtpensiun tanggalberhenti tglpensiun tanggalpindah",
        "grade": "grade golongan gol golruang golonganruang pangkat pangkatgolongan pangkatgolruang "
        "golonganid "
        "golakhir golonganakhir golakhirnama golonganruangakhir",
        "education": "education pendidikan pendidikanterakhir tingkatpendidikan jenjangpendidikan "
        "pendidikantertinggi "
        "tkpendidikan tingkatpendidikannama",
        "birth_year": "birthyear tahunlahir tanggallahir tgllahir dob dateofbirth tgllhr",
    },
    "survey": {
        "employee_id": "",  # as in employees
        "date": "date tanggal tanggalpengisian tanggalsurvei tgl timestamp stempelwaktu capwaktu "
        "submitdate datesubmitted "
        "tanggaldikirim submissiontime submissiondate today tanggalisi tanggalwawancara interviewdate "
        "enddate",
        "wave": "wave gelombang putaran tahap round periodesurvei",
        "weight": "weight bobot wt weights postwt pemberat bobotsurvei surveyweight pweight",
    },
    "appraisals": {
        "employee_id": "pnsdinilaiid nipdinilai nippegawaidinilai nipyangdinilai ratee rateeid",
        "rater_id": "raterid penilai nippenilai nipnrppenilai penilainipnrp pejabatpenilai nipatasan "
        "nipatasanlangsung "
        "nippejabatpenilai nippejabatpenilaikinerja supervisorid atasanid idpenilai idatasan rater",
        "period": "period periode tahun periodepenilaian periodik periodeskp triwulan semester bulan "
        "tahunskp tahunpenilaian",
        "score": "score nilai nilaiskp skor nilaiakhir nilaikinerja nilaiprestasikerja nilaiprestasi "
        "jumlahnilai "
        "totalnilai nilaiprestasikerjapegawai",
        "work_result": "workresult hasilkerja hasilkerjanilai ratinghasilkerja hasilkinerja "
        "hasilkinerjanilai "
        "ratinghasil",
        "behaviour": "behaviour behavior perilaku perilakukerja perilakukerjanilai ratingperilaku "
        "ratingperilakukerja",
        "predicate": "predicate predikat predikatkinerja kuadrankinerja kuadrankinerjanilai "
        "predikatkinerjapegawai "
        "predikatskp",
        "achievement": "achievement capaian capaiankinerja realisasi persentasecapaian capaianindikator "
        "capaiankuantitas "
        "capaianpersen persencapaian realisasipersen capaianiki capaianskp",
        "tie": "tie hubungan hubungankeluarga kedekatan kekerabatan relasi ikatan hubungandenganpenilai",
    },
    "training": {
        "employee_id": "",
        "programme": "programme program namakursus namadiklat namapelatihan pelatihan diklat kursus "
        "coursename course "
        "latihanstrukturalnama namakegiatan judulpelatihan training",
        "kind": "kind jenis jeniskursus jenisdiklat jeniskursussertipikat jenispelatihan jenisdiklatid "
        "jeniskompetensi "
        "kategoripelatihan jenisdiklatnama",
        "hours": "hours jp jam jumlahjam jumlahjp jampelajaran jumlahjampelajaran lamajam durasi",
        "completed_on": "completedon tanggalselesai tanggalselesaikursus tglselesai selesai "
        "tanggalsertifikat enddate "
        "tanggalkursus tanggal tanggalsertipikat",
    },
    "service": {
        "unit": "unitlayanan unitpelayanan",
        "period": "period periode triwulan semester bulan tahun tanggalsurvei",
        **{f"u{i}": f"u{i} unsur{i}" for i in range(1, 10)},
    },
    "events": {
        "kind": "kind jenis jeniskegiatan jenispenghargaan penghargaan jenisperistiwa",
        "date": "date tanggal tanggalpenghargaan tglpenghargaan tanggalkegiatan sktanggal tanggalsk",
        "employee_id": "",
        "unit": "",
    },
}
"""Whole headings by table and column, without blanks and in lower case."""

PATTERNS: Mapping[str, Mapping[str, str]] = {
    "employees": {
        "employee_id": r"\bnip\b(?!.*(penilai|atasan|pejabat))|nomor induk|(kode|id|nomor|no) (pegawai|"
        r"responden|anda)"
        r"|respondent (id|code|number)|employee (id|number|code)|kode unik",
        "unit": r"\bunit\b|\bopd\b|\bbidang\b|\bbagian\b|satuan kerja|perangkat daerah|work ?unit|"
        r"\bdepartment\b|tempat (anda )?"
        r"(bekerja|bertugas)|\bdistrik\b|\bkantor\b",
        "status": r"status (kepegawaian|pegawai|asn)|\bpns\b.*\bpppk\b|employment status|jenis (asn|pegawai)",
        "position": r"(jenis|kelompok|kategori|tingkat) jabatan|\bjabatan\b|job (type|category)|"
        r"position (type|level)",
        "gender": r"jenis kelamin|\bgender\b|\bsex\b",
        "start_year": r"tahun (masuk|mulai|pengangkatan|diangkat)|\btmt (cpns|pns)|year .*(start|join)|"
        r"start year|mulai bekerja",
        "left_on": r"tanggal (keluar|pensiun|berhenti|pindah)",
        "grade": r"\bgolongan\b|\bpangkat\b|pay grade",
        "education": r"\bpendidikan\b|\beducation\b",
        "birth_year": r"(tahun|tanggal|tgl) lahir|year of birth|birth (year|date)",
    },
    "survey": {
        "date": r"^(tanggal|tgl) (pengisian|survei|wawancara)|submission (time|date)|date submitted",
        "wave": r"^(gelombang|wave|putaran|tahap) ?(survei)?$",
        "weight": r"\bweight\b|\bbobot\b",
    },
    "appraisals": {
        "employee_id": r"\bnip\b.*(dinilai|pegawai)",
        "rater_id": r"\bnip\b.*(penilai|atasan|pejabat)|(id|kode) (penilai|atasan)",
        "period": r"\bperiode\b|\btriwulan\b|\bsemester\b",
        "score": r"^(nilai|skor)( akhir| skp| kinerja| prestasi)?|\bnilai (akhir|skp|kinerja|"
        r"prestasi kerja)\b",
        "work_result": r"(rating )?hasil kerja",
        "behaviour": r"(rating )?perilaku( kerja)?",
        "predicate": r"\bpredikat\b|kuadran kinerja",
        "achievement": r"(capaian|realisasi)(?!.*organisasi)",
        "tie": r"hubungan (keluarga|dengan (penilai|atasan))|kedekatan|kekerabatan",
    },
    "training": {
        "programme": r"nama (kursus|diklat|pelatihan|kegiatan)|judul (pelatihan|diklat)",
        "kind": r"jenis (kursus|diklat|pelatihan|kompetensi)",
        "hours": r"\bjp\b|jam pelajaran|jumlah jam",
        "completed_on": r"(tanggal|tgl) (selesai|sertifikat|sertipikat)",
    },
    "service": {
        "unit": r"unit (layanan|pelayanan)",
        **{f"u{i}": rf"^u{i}\b|^unsur {i}\b" for i in range(1, 10)},
    },
    "events": {"kind": r"jenis (kegiatan|penghargaan)", "date": r"(tanggal|tgl) (penghargaan|kegiatan)"},
}
"""Words within a heading, as `names.plain` writes it."""

IDENTIFYING = (
    r"(?<!unor )(?<!unit )(?<!opd )\bnama\b(?! (kursus|diklat|pelatihan|kegiatan|unit|unor|opd|jabatan|"
    r"instansi))|\bname\b|\be ?mail\b|\bsurel\b|"
    r"telepon|telp|\bhp\b|whatsapp|\bwa\b|alamat|address|\bnik\b|\bktp\b|\bphone\b|\bnpwp\b|rekening|"
    r"latitude|longitude|"
    r"\bgps\b|\bip\b|tempat lahir|"
    r"\bnama(lengkap|pegawai|responden|anda|asn|pns|atasan|penilai|panggilan|ibu|gadis)\b|\bfullname\b|"
    r"\b(no|nomor)(hp|wa|telp|telepon|telpon|handphone|rek|ktp|kk)\b|telpon|handphone|"
    r"pewawancara|enumerator|surveyor|interviewer"
)
"""Headings of what names a person."""

FREE = (
    r"\bsaran\b|komentar|comment|masukan|jelaskan|alasan|sebutkan|uraikan|kritik|catatan|lainnya|"
    r"keterangan|harapan"
)
"""Headings of free words."""
