"""Lists of people, lines, prices and sites as other programs export them: read rightly, or asked about."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hwadmin.list_import.lists import by_reason
from hwadmin.list_import.records.accounts import ACCOUNTS
from hwadmin.list_import.records.catalog import CATALOG
from hwadmin.list_import.records.columns import ListFormat
from hwadmin.list_import.records.employees import EMPLOYEES, name_and_state, whole_name
from hwadmin.list_import.records.phone_lines import PHONE_LINES
from hwadmin.list_import.records.reading import RecordList, file_text, read_records


def read(data: str | bytes, list_format: ListFormat = EMPLOYEES, **rest: Any) -> RecordList:
    text = file_text(data, list_format) if isinstance(data, bytes) else data
    return read_records(text, list_format, **{"currency": "EUR", **rest})


def values(records: RecordList, *keys: str) -> list[tuple[Any, ...]]:
    assert records.is_ready, (records.missing, records.open_questions)
    assert not any(record.problems for record in records.records)
    return [tuple(record.values.get(key) for key in keys) for record in records.records]


def full_names(records: RecordList) -> list[str]:
    rows = values(records, "name", "first_name", "last_name")
    return [name or f"{first} {last}" for name, first, last in rows]


TWO = ["Grace Halden", "Owen Halden"]
CARDS = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Halden;Grace;;;\r\nFN:Grace Halden\r\n"
    "item1.EMAIL;type=INTERNET;type=WORK:grace@example.com\r\nEMAIL;type=HOME:home@example.org\r\n"
    "TEL;TYPE=CELL:+353 85 555 0301\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Owen Halden\r\nEMAIL:owen@example.com\r\nEND:VCARD\r\n"
)
PEOPLE = {
    "business cards": CARDS,
    "JSON": json.dumps([{"name": name, "email": f"{name[:4].lower().strip()}@example.com"} for name in TWO]),
    "JSON of a directory": json.dumps(
        {
            "totalResults": 2,
            "Resources": [
                {"displayName": name, "emails": [{"value": f"{name[:4].strip()}@example.com"}]}
                for name in TWO
            ],
        }
    ),
    "labels": "".join(f"Name: {name}\nEmail: {name[:4].strip()}@example.com\n\n" for name in TWO),
    "on its side": "Name\tGrace Halden\tOwen Halden\nEmail\tg@example.com\to@example.com",
    "BambooHR": "Employee #,First name Last name,Work Email,Status\n"
    "815,Grace Halden,g@example.com,Active\n816,Owen Halden,o@example.com,Active",
    "DATEV": "Pers.-Nr.;Name;Vorname;Eintritt\n00815;Halden;Grace;01.02.2020\n00816;Halden;Owen;01.02.2020",
    "French": "Prénom;Nom;Adresse e-mail\nGrace;Halden;g@example.com\nOwen;Halden;o@example.com",
    "Spanish": "Nombre;Apellidos;Correo electrónico\nGrace;Halden;g@example.com\nOwen;Halden;o@example.com",
    "Italian": "Nome;Cognome;Email\nGrace;Halden;g@example.com\nOwen;Halden;o@example.com",
    "Polish": "Imię;Nazwisko;E-mail\nGrace;Halden;g@example.com\nOwen;Halden;o@example.com",
    "Russian": "ФИО;Почта\nGrace Halden;g@example.com\nOwen Halden;o@example.com",
    "Google": "First Name [Required],Last Name [Required],Email Address [Required]\n"
    "Grace,Halden,g@example.com\nOwen,Halden,o@example.com",
    "ADP": "Legal Last Name,Legal First Name,Work Contact: Work Email\n"
    "Halden,Grace,g@example.com\nHalden,Owen,o@example.com",
    "whole names beside first ones": "Name;First name;Email\n"
    "Grace Halden;Grace;g@example.com\nOwen Halden;Owen;o@example.com",
    "two headings": "Person;;Contact\nFirst name;Last name;Email\n"
    "Grace;Halden;g@example.com\nOwen;Halden;o@example.com",
    "two tables": "Name;Email\nGrace Halden;g@example.com\n\nStaff of the lab\nName;Email;Title\n"
    "Owen Halden;o@example.com;Boss",
    "a total": "Name;Email;ID\nGrace Halden;g@example.com;1\nOwen Halden;o@example.com;2\nTotal: 2;;\n",
    "titles within": "Name;Email;ID\nLab;;\nGrace Halden;g@example.com;1\nOwen Halden;o@example.com;2",
    "marks of direction": "Name;Email\n\u202bGrace\u00a0Halden\u202c;\u200eg@example.com\u200e\n"
    "Owen Halden;mailto:o@example.com",
}


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_is_read_with_the_whole_name(name: str) -> None:
    for data in (PEOPLE[name], PEOPLE[name].encode("utf-16"), PEOPLE[name].encode("utf-8-sig")):
        records = read(data)
        assert full_names(records) == TWO
        assert all("@" in (record.text("email") or "@") for record in records.records)


def test_old_encodings_do_not_damage_names() -> None:
    for encoding in ("cp1252", "mac_roman", "cp850"):
        data = "Name;E-Mail;Abteilung\nJürgen Groß;j@example.com;Büro\n".encode(encoding)
        assert values(read(data), "name", "department") == [("Jürgen Groß", "Büro")]
    data = "Imię;Nazwisko\nŁukasz;Żółty\n".encode("cp1250")
    assert values(read(data), "first_name", "last_name") == [("Łukasz", "Żółty")]


@pytest.mark.parametrize("row", ["Total;2", "Total: 2 employees;", "Summe;", "Grand total;;", "2 rows;"])
def test_a_total_is_nobody(row: str) -> None:
    records = read(f"Name;Email\nGrace;g@example.com\n{row}\n")
    assert values(records, "name") == [("Grace",)]
    assert [left.reason for left in records.left_out] == ["This is a total, not a row of its own."]


def test_a_row_with_nothing_but_a_name_is_somebody_in_a_short_list() -> None:
    assert values(read("Name;Email\nGrace;g@example.com\nOwen;\n"), "name") == [("Grace",), ("Owen",)]


def test_a_cell_with_two_addresses_is_refused_and_an_address_is_found_in_its_cell() -> None:
    records = read("Name;Email\nA;a@example.com, b@example.com\nB;Bo <b@example.com>\nC;c(at)example.com")
    assert records.records[0].problems == (
        "E-mail: “a@example.com, b@example.com” names several addresses; keep the one that counts.",
    )
    assert [record.text("email") for record in records.records[1:]] == ["b@example.com", "c(at)example.com"]


def test_digits_of_other_scripts_are_digits_of_numbers_days_and_amounts() -> None:
    records = read(
        "Number,Carrier,Balance,Contract ends\n٠٨٥١٢٣٤٥٦٧,Three,١٬٢٣٤٫٥٠,٢٠٢٧/٠٤/٠٣\n۰۸۵,O2,۱۲,۲۵.۰۴.۲۰۲۷",
        PHONE_LINES,
    )
    assert values(records, "phone_number", "contract_balance", "contract_ends_on") == [
        ("0851234567", Decimal("1234.50"), date(2027, 4, 3)),
        ("085", Decimal("12.0"), date(2027, 4, 25)),
    ]
    assert read("Name;Employee ID\nعلي ٣;٠٠٨١٥").records[0].values == {
        "name": "علي ٣",
        "employee_number": "00815",
    }


def test_an_amount_in_another_currency_is_asked_about_wherever_it_stands() -> None:
    records = read("Number,Carrier,Balance\n1234567,A,€12.50\n1234568,A,$12.50", PHONE_LINES)
    assert [question.sentence for question in records.open_questions] == [
        "Balance has amounts such as $12.50, but they are kept in EUR."
    ]


def test_two_columns_that_say_the_same_and_differ_are_asked_about() -> None:
    text = "SKU,Make,Model,List Price,Price\nS-1,Yealink,T54W,200.00,100.00"
    records = read(text, CATALOG)
    (question,) = records.open_questions
    assert (question.blocks, [title for _, title in question.options]) == (True, ["List Price", "Price"])
    answered = read(text, CATALOG, answers={question.name: question.options[1][0]})
    assert values(answered, "unit_price") == [(Decimal("100.00"),)]
    # What is left blank in one is read in the other.
    mails = read("Name;Email;UPN\nGrace;g@example.com;g@example.com\nOwen;;o@example.com")
    assert values(mails, "email") == [("g@example.com",), ("o@example.com",)]


def test_the_columns_that_are_not_used_are_named() -> None:
    records = read("Name;Email;Shoe size;Locker\nGrace;g@example.com;38;\n")
    assert records.notes == ("Not used: “Shoe size”.",)


@pytest.mark.parametrize(
    "text",
    [
        "3 de abril de 2027",
        "3 kwietnia 2027",
        "3 aprile 2027",
        "le 3 avril 2027",
        "Sat 3 Apr 2027",
        "3. apríl 2027",
    ],
)
def test_days_are_read_with_the_months_of_other_languages(text: str) -> None:
    records = read(f"Number;Carrier;Contract ends\n1234567;A;{text}", PHONE_LINES)
    assert values(records, "contract_ends_on") == [(date(2027, 4, 3),)]


CARRIERS = {
    "KPN": "06-nummer;Gebruiker;Abonnement;Einddatum contract;Openstaand bedrag\n"
    "0612345678;Grace Halden;Zakelijk;25-04-2027;€ 1.234,56",
    "Orange": "Numéro de ligne;Nom;Prénom;Forfait;Date de fin d'engagement;Montant restant\n"
    "06 12 34 56 78;Halden;Grace;Zakelijk;25/04/2027;1 234,56 €",
    "Telekom": "Rufnummer;Nutzer;Tarif;Vertragsende;Restwert Gerät\n"
    "0151/5550101;Grace Halden;Zakelijk;25.04.2027;1.234,56 €",
    "Movistar": "Línea;Titular;Tarif;Fin de permanencia;Penalización\n"
    "612345678;Grace Halden;Zakelijk;25/04/2027;1.234,56",
    "JSON": '{"msisdn":"353855550301","user":"Grace Halden","ratePlan":"Zakelijk",'
    '"contractEndDate":"2027-04-25","balance":"1234.56"}',
    "AT&T": "Wireless Number,Wireless User Full Name,Rate Plan,Contract end,Installment Balance\n"
    '(202) 555-0101,Grace Halden,Zakelijk,4/25/2027,"1,234.56"',
}


@pytest.mark.parametrize("name", CARRIERS)
def test_a_carriers_list_is_read_as_it_was_meant(name: str) -> None:
    records = read(CARRIERS[name], PHONE_LINES)
    (row,) = values(
        records, "rate_plan", "contract_ends_on", "contract_balance", "person", "first_name", "last_name"
    )
    assert row[:3] == ("Zakelijk", date(2027, 4, 25), Decimal("1234.56"))
    assert row[3] == "Grace Halden" or row[4:] == ("Grace", "Halden")


def test_a_house_number_is_read() -> None:
    records = read("Kundenname;Standort;Straße;Hausnummer;PLZ\nHalden;Berlin;Hauptstr.;5a;01067", ACCOUNTS)
    assert values(records, "address", "house_number", "postcode") == [("Hauptstr.", "5a", "01067")]


def test_what_programs_write_behind_a_name_is_no_part_of_it() -> None:
    assert name_and_state("Owen Halden (Terminated)") == ("Owen Halden", "has_left")
    assert name_and_state("Grace Halden (On Leave)") == ("Grace Halden", "works_here")
    assert name_and_state("Grace (Gracie) Halden") == ("Grace (Gracie) Halden", "")
    assert name_and_state("Grace Halden (A)") == ("Grace Halden (A)", "")


def test_reasons_that_differ_in_their_value_alone_are_one() -> None:
    left_out = [(f"“p{at}” is not an e-mail address.", f"Person {at}", str(at)) for at in range(10)]
    left_out += [("Its status is “Returned”.", "A", "11"), ("Its status is “Returned”.", "B", "12")]
    wrong, returned = by_reason(left_out)
    assert (wrong.sentence, wrong.rows[0], len(wrong.rows)) == (
        "“…” is not an e-mail address.",
        ("Person 0: p0", "0"),
        10,
    )
    assert (returned.sentence, returned.rows) == ("Its status is “Returned”.", (("A", "11"), ("B", "12")))


@pytest.mark.parametrize(
    "row",
    [
        "Total employees: 2",
        "Page 1 of 3",
        "Seite 2",
        "--- End of report ---",
        "Generated on 2026-11-30",
        "2 records",
    ],
)
def test_what_a_report_prints_below_its_rows_is_nobody(row: str) -> None:
    records = read_records(
        f"Name;E-mail\nGrace Halden;g@example.com\nPage Turner;p@example.com\n{row};", EMPLOYEES
    )
    assert [record.text("name") for record in records.records] == ["Grace Halden", "Page Turner"]
    assert len(records.left_out) == 1


@pytest.mark.parametrize(
    ("head", "row", "name"),
    [
        ("First name;Last name;Preferred name", "Niamh;Corrigan;Nia", "Nia Corrigan"),
        ("First name;Last name;Preferred name", "Niamh;Corrigan;", "Niamh Corrigan"),
        ("First name;Last name;Display name", "Niamh;Corrigan;Corrigan", "Niamh Corrigan"),
        ("First name;Last name;Display name", "Niamh;Corrigan;Niamh B. Corrigan", "Niamh B. Corrigan"),
    ],
)
def test_a_preferred_name_keeps_the_last_name(head: str, row: str, name: str) -> None:
    (record,) = read_records(f"{head};E-mail\n{row};n@example.com", EMPLOYEES).records
    assert whole_name(record.values) == name


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("Artikelnr;Hersteller;Bezeichnung;UVP;HEK", "S-1;Yealink;T54W;200,00;129,00"),
        ("Mfr Part #;Manufacturer;Product;MSRP;Your Price", "S-1;Yealink;T54W;$200.00;$129.00"),
        ("SKU;Make;Model;Preis netto;Preis brutto", "S-1;Yealink;T54W;100,00;119,00"),
    ],
)
def test_of_two_prices_it_is_asked_which_counts(head: str, row: str) -> None:
    records = read_records(f"{head}\n{row}", CATALOG)
    assert not records.is_ready
    (question,) = records.open_questions
    assert question.sentence.endswith("differ. Which one counts?")
    answered = read_records(f"{head}\n{row}", CATALOG, answers={question.name: question.options[1][0]})
    assert answered.records[0].values["unit_price"] in (Decimal("129.00"), Decimal("119.00"))


def test_a_carrier_s_further_headings_are_known() -> None:
    (line,) = read_records("MSISDN;MVLZ Ende;ETF\n491515550101;31.12.2027;350,00", PHONE_LINES).records
    assert (line.values["contract_ends_on"], line.values["contract_balance"]) == (
        date(2027, 12, 31),
        Decimal("350.00"),
    )
