"""Files that do not say their encoding: read as they were meant, or asked about; known names decide."""

from __future__ import annotations

import pytest

from hwadmin.list_import.file_reading import text_of_file
from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.reading import ENCODING, RecordList, file_text, read_records
from hwadmin.list_import.text_encodings.assumed_encoding import known_words, read_as_assumed
from tests.pure.list_import.test_evidence import GRACE, OWEN, THREE, for_whom, planned, report_of
from tests.pure.list_import.test_unit_matching import A, B

# Of each language a list of two people, and the encodings its programs write.
LISTS = {
    "German": ("Jürgen Groß;Büro\nÄnne Öhler;Lübeck", "cp1252 mac_roman cp850"),
    "French": ("Hélène Lefèvre;Comptabilité\nFrançois Côté;Forêt", "cp1252 mac_roman cp850"),
    "Spanish": ("José Muñoz;Almacén\nZoë Nuñez-O’Brien;Dirección", "cp1252 mac_roman"),
    "Danish": ("Søren Kjær;Århus\nÅse Bøe;Tromsø", "cp1252 mac_roman cp850"),
    "Icelandic": ("Þórður Guðmundsson;Reykjavík\nSigríður Þorsteinsdóttir;Keflavík", "cp1252 cp850"),
    "Polish": ("Łukasz Żółty;Łódź\nAgnieszka Pająk;Kraków", "cp1250 mac_latin2 iso8859_2 cp852"),
    "Czech": ("Jiří Dvořák;Plzeň\nTomáš Němec;Brno", "cp1250 mac_latin2 iso8859_2 cp852"),
    "Hungarian": ("Kovács Gergő;Győr\nTőke Ödön;Pécs", "cp1250 iso8859_2 cp852"),
    "Turkish": ("Ayşe Yılmaz;Şişli\nGökhan Doğan;İstanbul", "cp1254"),
    "Lithuanian": ("Jūratė Žukauskienė;Šiauliai\nĄžuolas Vėjas;Panevėžys", "cp1257"),
    "Russian": ("Иван Петров;Москва\nОльга Щукина;Тверь", "cp1251 koi8_r cp866 mac_cyrillic"),
    "Greek": ("Γιώργος Παπαδόπουλος;Αθήνα\nΜαρία Νικολάου;Πάτρα", "cp1253"),
    "Hebrew": ("משה כהן;תל אביב\nשרה לוי;חיפה", "cp1255"),
    "Arabic": ("محمد علي;القاهرة\nفاطمة حسن;دبي", "cp1256"),
    "Thai": ("สมชาย ใจดี;กรุงเทพ\nสมหญิง รักไทย;เชียงใหม่", "cp874"),
    "Japanese": ("山田 太郎;営業部\nすずき はなこ;東京", "cp932 euc_jp"),
    "Chinese": ("张伟;销售部\n王芳;北京", "gb18030"),
    "Korean": ("김철수;서울\n이영희;부산", "cp949"),
}
CASES = [(name, encoding) for name, (_text, encodings) in LISTS.items() for encoding in encodings.split()]
HEAD = "Name;Department\n"


def read(data: bytes, answer: str = "", names: tuple[str, ...] = ()) -> RecordList:
    text = file_text(data, EMPLOYEES, known_words(names))
    return read_records(text, EMPLOYEES, answers={ENCODING: answer} if answer else None)


def rows_of(records: RecordList) -> list[tuple[str | None, str | None]]:
    return [(record.text("name"), record.text("department")) for record in records.records]


@pytest.mark.parametrize(("name", "encoding"), CASES)
def test_a_list_is_read_as_it_was_meant_or_asked_about(name: str, encoding: str) -> None:
    text = LISTS[name][0]
    right = [tuple(line.split(";")) for line in text.split("\n")]
    data = (HEAD + text).encode(encoding)
    records = read(data)
    if rows_of(records) != right:
        # Never silently: nothing is planned before somebody has chosen, and the right one is offered.
        assert not records.is_ready
        assert encoding in dict(records.open_questions[0].options)
    assert any(note.startswith("The file does not say") for note in records.notes) or records.questions
    assert rows_of(read(data, encoding)) in (right, rows_of(records))
    # The names of people who are known decide, and nobody is asked.
    known = read(data, names=tuple(name for name, _department in right))
    assert (rows_of(known), known.is_ready) == (right, True)


@pytest.mark.parametrize(
    ("name", "encoding", "other"),
    [
        ("Gökhan Doğan", "cp1254", "cp1252"),
        ("Sigurður", "cp1252", "cp1254"),
        ("Þorsteinn", "cp1252", "cp1250"),
        ("Hélène", "cp1252", "cp1250"),
        ("דוד לוי", "cp1255", "koi8_r"),
        ("ИВАН ПЕТРОВ", "cp1251", "gb18030"),
        ("山田太郎", "euc_jp", "gb18030"),
    ],
)
def test_one_name_that_can_be_read_in_two_ways_is_asked_about(name: str, encoding: str, other: str) -> None:
    data = f"{HEAD}{name};Lab".encode(encoding)
    records = read(data)
    (question,) = records.open_questions
    assert (question.blocks, {encoding, other} <= dict(question.options).keys()) == (True, True)
    answered = read(data, encoding)
    assert (rows_of(answered), answered.is_ready) == ([(name, "Lab")], True)
    assert rows_of(read(data, other)) != [(name, "Lab")]


def test_an_address_without_accents_speaks_for_a_reading() -> None:
    data = "Name;Email\nGökhan Doğan;gokhan.dogan@example.com".encode("cp1254")
    records = read(data)
    assert (rows_of(records), records.is_ready) == ([("Gökhan Doğan", None)], True)


def test_a_device_goes_to_the_person_whose_name_it_is() -> None:
    people = planned(THREE, (GRACE, OWEN, "דוד לוי"))
    text = f"MAC;User\n{A};דוד לוי\n{B};{GRACE}"
    marked = text_of_file(text.encode("cp1255"), known=known_words(["דוד לוי"]))
    assert for_whom(report_of(read_as_assumed(marked).text, people)) == {"דוד לוי": A, GRACE: B}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32", "utf-8-sig"])
def test_unicode_is_read_with_and_without_its_mark(encoding: str) -> None:
    for name, (text, _encodings) in LISTS.items():
        records = read((HEAD + text + "\n").encode(encoding))
        assert rows_of(records) == [tuple(line.split(";")) for line in text.split("\n")], name
        assert records.notes == ()


def test_a_page_that_names_its_encoding_is_believed() -> None:
    page = "<html><head><meta charset=windows-1255></head><table><tr><td>Name<td>Email</tr>"
    page += "<tr><td>דוד לוי<td>d@example.com</tr></table></html>"
    records = read(page.encode("cp1255"))
    assert (rows_of(records), records.questions) == ([("דוד לוי", None)], ())


def test_what_mixes_encodings_is_told() -> None:
    records = read(f"{HEAD}Łukasz;Łódź\n".encode() + "Jürgen Groß;Büro".encode("cp1252"))
    assert rows_of(records) == [("Łukasz", "Łódź"), ("Jürgen Groß", "Büro")]
    assert "mixes encodings" in records.notes[0]
