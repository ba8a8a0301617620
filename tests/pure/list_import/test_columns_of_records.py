"""Days and amounts are read by their column; what stays open is asked about once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from hwadmin.list_import.records.amounts import column_mark, read_amount
from hwadmin.list_import.records.days import DayOrder, column_order, read_day
from hwadmin.list_import.records.phone_lines import PHONE_LINES
from hwadmin.list_import.records.reading import RecordList, read_records

DAY, MONTH = DayOrder.DAY_FIRST, DayOrder.MONTH_FIRST


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2027-03-04", None, date(2027, 3, 4)),
        ("2027/3/4", None, date(2027, 3, 4)),
        ("20270304", None, date(2027, 3, 4)),
        ("2027-03-04T00:00:00Z", None, date(2027, 3, 4)),
        ("2027-03-04 00:00:00", None, date(2027, 3, 4)),
        ("12/25/2027", None, date(2027, 12, 25)),
        ("12/25/2027 12:00:00 AM", None, date(2027, 12, 25)),
        ("25/12/2027", None, date(2027, 12, 25)),
        ("25/12/2027", MONTH, date(2027, 12, 25)),
        ("03/04/2027", DAY, date(2027, 4, 3)),
        ("03/04/2027", MONTH, date(2027, 3, 4)),
        ("3-4-27", MONTH, date(2027, 3, 4)),
        ("3. 4. 2027", None, date(2027, 4, 3)),
        ("03.04.2027", None, date(2027, 4, 3)),
        ("05/05/2027", None, date(2027, 5, 5)),
        ("4 Mar 2027", None, date(2027, 3, 4)),
        ("04-Mar-27", None, date(2027, 3, 4)),
        ("Mar 4, 2027", None, date(2027, 3, 4)),
        ("March 4th, 2027", None, date(2027, 3, 4)),
        ("4. März 2027", None, date(2027, 3, 4)),
        ("4 mrt. 2027", None, date(2027, 3, 4)),
        ("4 août 2027", None, date(2027, 8, 4)),
        ("Thu, 4 Mar 2027", None, date(2027, 3, 4)),
    ],
)
def test_a_day_is_read_however_it_is_written(text: str, order: DayOrder | None, day: date) -> None:
    assert read_day(text, order) == day


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("03/04/2027", "two days"),
        ("31/31/2027", "not a date in the calendar"),
        ("29.02.2027", "not a date in the calendar"),
        ("46112", "spreadsheet’s number"),
        ("soon", "is not a date"),
        ("4 Foo 2027", "is not a date"),
        ("13/2027", "is not a date"),
        ("2027", "is not a date"),
    ],
)
def test_what_is_no_day_or_two_is_refused_in_words(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_day(text, None)


@pytest.mark.parametrize(
    ("values", "order", "unclear"),
    [
        (["03/04/2027", "12/25/2027"], MONTH, ""),
        (["03/04/2027", "25/12/2027"], DAY, ""),
        (["03/04/2027", "12/11/2027"], None, "03/04/2027"),
        (["03/04/2027", "25/12/2027", "12/25/2027"], None, "03/04/2027"),
        (["2027-03-04", "5/5/2027"], None, ""),
        (["03.04.2027"], DAY, ""),
        ([], None, ""),
    ],
)
def test_the_order_of_days_is_the_columns(values: list[str], order: DayOrder | None, unclear: str) -> None:
    reading = column_order(values)
    assert (reading.order, reading.open) == (order, unclear)


@pytest.mark.parametrize(
    ("text", "mark", "amount"),
    [
        ("120", None, "120"),
        ("120.00", None, "120.00"),
        ("120,5", None, "120.5"),
        ("$1,234.56", None, "1234.56"),
        ("1.234,56 €", None, "1234.56"),
        ("EUR 1.234,56", None, "1234.56"),
        ("1.234.567", None, "1234567"),
        ("1'234.50", None, "1234.50"),
        ("1 234,50", None, "1234.50"),
        ("1\u202f234,50 €", None, "1234.50"),
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("1.234", ",", "1234"),
        ("(12.00)", None, "-12.00"),
        ("-12.00", None, "-12.00"),
        ("$-12.00", None, "-12.00"),
        ("12.00-", None, "-12.00"),
        ("25,-", None, "25"),
        ("0,123", None, "0.123"),
        ("CHF 25.–", None, "25"),
    ],
)
def test_an_amount_is_read_however_it_is_written(text: str, mark: str | None, amount: str) -> None:
    assert read_amount(text, mark) == Decimal(amount)


@pytest.mark.parametrize("text", ["1,234", "12.345", "much", "1,23,45.6", "12,3456.78", "€", "1.2.3,4,5"])
def test_what_is_no_amount_or_two_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        read_amount(text, None)


@pytest.mark.parametrize(
    ("values", "mark", "unclear", "currencies"),
    [
        (["120.00", "$1,234.56"], ".", "", {"USD"}),
        (["1.234,56 €"], ",", "", {"EUR"}),
        (["1,234", "12.50"], ".", "", set()),
        (["1,234", "12"], None, "1,234", set()),
        (["1,234", "12.50", "12,50"], None, "1,234", set()),
        (["12.50", "12,50"], None, "", set()),
        (["£ 5", "£ 6"], None, "", {"GBP"}),
        (["€ 5", "£ 6"], None, "", {"EUR", "GBP"}),
    ],
)
def test_the_decimal_mark_and_the_currency_are_the_columns(
    values: list[str], mark: str | None, unclear: str, currencies: set[str]
) -> None:
    reading = column_mark(values)
    assert (reading.mark, reading.open) == (mark, unclear)
    assert currencies <= reading.currencies
    assert bool(currencies) is bool(reading.currencies)


def read(text: str, **more: object) -> RecordList:
    return read_records(text, PHONE_LINES, currency="EUR", **more)  # type: ignore[arg-type]


HEAD = "Number,Carrier,Contract ends,Balance\n"


def test_a_question_stands_for_the_whole_column_and_blocks() -> None:
    text = HEAD + '0611,KPN,03/04/2027,"1,234"\n0612,KPN,04/05/2027,"2,345"\n'
    asked = read(text)
    assert [question.name for question in asked.questions] == ["answer-2-order", "answer-3-mark"]
    assert not asked.is_ready
    ready = read(text, answers={"answer-2-order": "day_first", "answer-3-mark": "."})
    assert ready.is_ready
    assert ready.records[0].values["contract_ends_on"] == date(2027, 4, 3)
    assert ready.records[1].values["contract_balance"] == Decimal(2345)
    assert not read(text, answers={"answer-2-order": "sideways", "answer-3-mark": "."}).is_ready


def test_what_decides_the_order_is_said() -> None:
    known = read(HEAD + "0611,KPN,03/04/2027,\n0612,KPN,12/25/2027,\n")
    assert known.notes == ("Contract ends is read as month, day, year, as 12/25/2027 shows.",)
    assert known.records[0].values["contract_ends_on"] == date(2027, 3, 4)


def test_amounts_in_another_currency_are_asked_about() -> None:
    text = HEAD + '0611,KPN,,"$1,234.56"\n'
    asked = read(text)
    assert [question.name for question in asked.questions] == ["answer-3-currency"]
    assert not asked.is_ready
    left_out = read(text, answers={"answer-3-currency": "leave_out"})
    assert "contract_balance" not in left_out.records[0].values
    same = read(text, answers={"answer-3-currency": "same"})
    assert same.records[0].values["contract_balance"] == Decimal("1234.56")


def test_headings_may_stand_below_a_title_and_again_on_each_page() -> None:
    read_list = read(
        "Halden Dental Group\nBilling period 11/2026\n\n" + HEAD + "0611,KPN,,\n" + HEAD + "0612,KPN,,\n"
    )
    assert [record.values["phone_number"] for record in read_list.records] == ["0611", "0612"]
    assert [row.reason for row in read_list.left_out] == [
        "This stands above the headings.",
        "This stands above the headings.",
        "These are the headings once more.",
    ]


def test_a_second_table_has_headings_of_its_own() -> None:
    read_list = read("Number,Carrier\n0611,KPN\n\nCarrier,Phone number\nTelia,0612\n")
    assert [dict(record.values) for record in read_list.records] == [
        {"phone_number": "0611", "mobile_carrier": "KPN"},
        {"phone_number": "0612", "mobile_carrier": "Telia"},
    ]


def test_columns_are_mapped_and_a_first_row_of_words_names_them() -> None:
    columns = {0: "phone_number", 1: "mobile_carrier", 2: "nothing"}
    mapped = read("Anschluss,Firma,C\n0611,KPN,x\n", columns=columns)
    assert [dict(record.values) for record in mapped.records] == [
        {"phone_number": "0611", "mobile_carrier": "KPN"}
    ]
    assert mapped.tables[0].titles == ("Anschluss", "Firma", "C")
    without = read("0611,KPN,x\n0612,Telia,y\n", columns=columns)
    assert [record.row for record in without.records] == [1, 2]
