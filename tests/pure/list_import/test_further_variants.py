"""Lists of further strangers: other languages, contradictions between rows, groups of headings, currencies.

Each is bound as it was meant, asked about, or left out with a reason; never bound wrongly.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from hwadmin.list_import.records.catalog import CATALOG
from hwadmin.list_import.records.columns import ListFormat
from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.phone_lines import PHONE_LINES
from hwadmin.list_import.records.reading import read_records
from tests.pure.list_import.test_evidence import (
    GRACE,
    NIAMH,
    NUMBERS,
    OWEN,
    PEOPLE,
    THREE,
    bound,
    for_whom,
    report_of,
)
from tests.pure.list_import.test_unit_matching import ORDER, A, B, C, D
from tests.pure.list_import.test_variants import asked

HEADS = {
    "Finnish": "Malli;MAC-osoite;Sarjanumero;Käyttäjä",
    "Czech": "Model;MAC adresa;Sériové číslo;Uživatel",
    "Hungarian": "Típus;MAC cím;Sorozatszám;Felhasználó",
    "Russian": "Модель;MAC-адрес;Серийный номер;Сотрудник",
    "Japanese": "型番;MACアドレス;シリアル番号;使用者",
    "Chinese": "型号;MAC地址;序列号;姓名",
    "Korean": "모델;MAC 주소;일련번호;사용자",
    "Turkish": "Model;MAC adresi;Seri no;Kullanıcı",
    "Danish": "Model;MAC-adresse;Serienummer;Bruger",
    "Hebrew": "דגם;כתובת MAC;מספר סידורי;משתמש",
    "Arabic": "الطراز;عنوان MAC;الرقم التسلسلي;المستخدم",
    "Greek": "Μοντέλο;Διεύθυνση MAC;Σειριακός αριθμός;Χρήστης",
    "Thai": "รุ่น;MAC;หมายเลขซีเรียล;ผู้ใช้",
    "Romanian": "Model;Adresă MAC;Număr de serie;Utilizator",
    "Ukrainian": "Модель;MAC-адреса;Серійний номер;Користувач",
    "Vietnamese": "Kiểu máy;Địa chỉ MAC;Số sê-ri;Người dùng",
    "of a program": "deviceModel;macAddress;serialNumber;sAMAccountName",
}


@pytest.mark.parametrize("language", HEADS)
def test_headings_are_known_in_further_languages(language: str) -> None:
    report = report_of(f"{HEADS[language]}\nT54W;{A};X1001;{NIAMH}\nT54W;{B};X1002;{GRACE}", PEOPLE)
    assert for_whom(report) == {NIAMH: A, GRACE: B}
    assert {match.identifier.serial for match in report.matched} == {"X1001", "X1002"}


def test_people_and_lines_are_read_under_headings_of_further_languages() -> None:
    for head in ("Jméno;Pobočka;Sähköposti", "氏名;場所;メールアドレス", "성명;지점;이메일"):
        (record,) = read_records(f"{head}\nGrace Halden;x;g@example.com", EMPLOYEES).records
        assert (record.text("name"), record.text("email")) == ("Grace Halden", "g@example.com")
    (line,) = read_records("Номер телефона;Оператор;Остаток\n+7495;МТС;12,50", PHONE_LINES).records
    assert line.values["contract_balance"] == Decimal("12.50")


@pytest.mark.parametrize(
    ("not_sent", "sent"),
    [
        ("Devuelto", "Enviado"),
        ("Annullato", "Spedito"),
        ("Zwrócono", "Wysłano"),
        ("Makulerad", "Levererad"),
        ("Peruttu", "Toimitettu"),
        ("Zrušeno", "Odesláno"),
        ("İptal", "Gönderildi"),
        ("Отменено", "Отправлено"),
        ("キャンセル", "出荷済み"),
        ("취소", "발송완료"),
    ],
)
def test_a_status_is_understood_in_further_languages(not_sent: str, sent: str) -> None:
    report = report_of(f"Model;MAC;Status\nT54W;{A};{not_sent}\nT54W;{B};{sent}", THREE)
    assert A not in bound(report).values()
    assert bound(report) == {"T54W #1": B} or B in asked(report)
    assert any(unused.text == A for unused in report.unused)


@pytest.mark.parametrize(
    ("head", "first", "second"),
    [("Shipped", "\u2717", "\u2713"), ("Shipped", "\u2610", "\u2611"), ("Delivered", "nej", "ja")],
)
def test_a_sign_says_that_a_device_was_not_sent(head: str, first: str, second: str) -> None:
    report = report_of(f"Model;MAC;{head}\nT54W;{A};{first}\nT54W;{B};{second}", THREE)
    assert bound(report) == {"T54W #1": B}


@pytest.mark.parametrize("head", ["Ship date", "Shipped", "Versanddatum", "Sent"])
def test_a_row_without_the_day_that_others_were_sent_is_asked_about(head: str) -> None:
    report = report_of(f"Model;MAC;{head}\nT54W;{A};2026-11-01\nT54W;{B};\nT54W;{C};n/a", THREE)
    assert (bound(report), asked(report)) == ({"T54W #1": A}, {B, C})
    assert bound(report_of(f"Model;MAC;{head}\nT54W;{A};\nT54W;{B};", THREE)) == {"T54W #1": A, "T54W #2": B}


def test_names_to_sign_in_by_say_who() -> None:
    for head in ("Login", "Username", "samAccountName", "User"):
        report = report_of(f"MAC;{head}\n{A};niamh\n{B};CORP\\grace", PEOPLE)
        assert for_whom(report) == {NIAMH: A, GRACE: B}


def test_rows_of_one_device_that_contradict_each_other_are_asked_about() -> None:
    report = report_of(f"MAC;User\n{A};{GRACE}\n{A};{NIAMH}\n{B};{OWEN}", PEOPLE)
    assert (for_whom(report), asked(report)) == ({OWEN: B}, {A})
    # What one of them leaves open the other one decides.
    assert for_whom(report_of(f"MAC;User\n{A};\n{A};{NIAMH}", PEOPLE)) == {NIAMH: A}
    report = report_of(f"Model;MAC;Serial\nT54W;{A};X1001\nT54W;{A};X1002\nT54W;{B};\nT54W;{B};X1003", THREE)
    assert [match.identifier.serial for match in report.matched] == [None, "X1003"]
    assert any("different ones" in aside.reason for aside in report.aside)


def test_a_row_that_names_two_orders_of_ours_is_asked_about() -> None:
    text = f"Customer PO;SO;MAC\n{ORDER};SO-55013;{A}\n{ORDER};SO-55012;{B}\nHW-000112;SO-55013;{C}"
    report = report_of(text, THREE, numbers=NUMBERS)
    assert (bound(report), asked(report)) == ({"T54W #1": A}, {B, C})


@pytest.mark.parametrize(
    "text", ["805EC07A0100, 01, 02", "805EC07A0100 + 2 following", "805EC07A0100, 01 and 02"]
)
def test_an_address_with_the_ends_of_others_behind_it_is_asked_about(text: str) -> None:
    report = report_of(f"T54W MAC {text}", THREE)
    assert (report.matched, asked(report)) == ([], {"805ec07a0100"})


@pytest.mark.parametrize("groups", ["Old phone;;New phone;", "Returned phone;;Sent phone;", ";;;Comments"])
def test_headings_of_several_columns_say_which_device_they_are_of(groups: str) -> None:
    text = f"{groups}\nMAC;Serial;MAC;Serial\n{D};X1009;{A};X1001"
    if groups.startswith(";"):
        with pytest.raises(AssertionError, match="both hold"):
            report_of(text, THREE)
        return
    report = report_of(text, THREE)
    assert bound(report) == {"T54W #1": A}
    # Which serial number is whose the table does not say.
    assert report.matched[0].identifier.serial in (None, "X1001")


def test_rows_hidden_by_the_style_sheet_of_a_page_are_left_out() -> None:
    page = "<style>tr.gone, .x {display: none}</style><table><tr><th>MAC<th>Model</tr>"
    page += f"<tr class=gone><td>{D}<td>T54W</tr><tr class='even'><td>{A}<td>T54W</tr></table>"
    assert bound(report_of(page.encode(), THREE)) == {"T54W #1": A}


@pytest.mark.parametrize(
    ("head", "row", "list_format"),
    [
        ("SKU;Make;Model;Price;Currency", "S-1;Yealink;T54W;119.00;USD", CATALOG),
        ("SKU;Make;Model;Price (USD)", "S-1;Yealink;T54W;119.00", CATALOG),
        ("SKU;Make;Model;Preis;Währung", "S-1;Yealink;T54W;119.00;CHF", CATALOG),
        ("SKU;Make;Model;Price $", "S-1;Yealink;T54W;119.00", CATALOG),
        ("SKU;Make;Model;Price USD;Price GBP", "S-1;Yealink;T54W;119.00;99.00", CATALOG),
        ("Number;Carrier;Balance in GBP", "+353855550301;Three;12.50", PHONE_LINES),
    ],
)
def test_a_currency_named_beside_the_amounts_is_asked_about(
    head: str, row: str, list_format: ListFormat
) -> None:
    records = read_records(f"{head}\n{row}", list_format, currency="EUR")
    assert not records.is_ready
    same = head.replace("USD", "EUR").replace("$", "€").replace("GBP", "EUR")
    if "Price EUR;" not in same:
        text = f"{same}\n{row}".replace("USD", "EUR").replace("CHF", "EUR")
        assert read_records(text, list_format, currency="EUR").is_ready
