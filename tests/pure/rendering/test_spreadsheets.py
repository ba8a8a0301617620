"""What leaves as a spreadsheet runs nothing, loses nothing and stays a number where it was one."""

from __future__ import annotations

import csv
import io
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hwadmin.rendering.spreadsheets import csv_rows, neutralised, xlsx_file

# How long a workbook takes says nothing here; on a busy machine a deadline only makes noise.
unhurried = settings(deadline=None)

TRIGGERS = "".join(
    sign for sign in map(chr, range(0x10000)) if unicodedata.normalize("NFKC", sign)[:1] in tuple("=+-@")
)
UNPRINTABLE = "".join(map(chr, range(0x20)))

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
hostile = st.builds(
    lambda blank, trigger, rest: blank + trigger + rest,
    st.text(" \t\r\n\0\x1f\ufeff\u200b\u00a0", max_size=3),
    st.sampled_from(TRIGGERS),
    texts,
)
amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


def csv_table(rows: list[list[Any]]) -> list[list[str]]:
    text = b"".join(csv_rows(["column"], rows)).decode("utf-8-sig")
    header, *body = csv.reader(io.StringIO(text, newline=""))
    assert header == ["column"]
    return body


def xlsx_cells(rows: list[list[Any]]) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_file(["column"], rows, "Table"))).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows(min_row=2)]


@pytest.mark.parametrize("trigger", [*TRIGGERS, "\t", "\r", "\n"])
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(trigger: str) -> None:
    assert neutralised(f"{trigger}1+1") == f"'{trigger}1+1"


@pytest.mark.parametrize(
    "text", ["", "Yealink T54W", "80:5e:c0:1d:65:4a", "a=b", "'=1", "HW-000123", "1-2", "ß"]
)
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert neutralised(text) == text


@unhurried
@given(hostile)
@example(" =1+1")
@example("\ufeff=1+1")
@example("\0=1+1")
def test_no_text_leaves_as_a_csv_formula_however_it_begins(text: str) -> None:
    ((cell,),) = csv_table([[text]])
    assert cell.startswith("'")


@unhurried
@given(texts)
def test_csv_keeps_every_text_but_for_the_apostrophe_and_what_no_file_can_hold(text: str) -> None:
    ((cell, end),) = csv_table([[text, "end"]])
    assert end == "end"
    kept = "".join(c for c in text if c in "\t\r\n" or (c >= " " and c not in "\x7f\ufffe\uffff"))
    assert cell.removeprefix("'") == kept.removeprefix("'")


@unhurried
@given(hostile | st.sampled_from(["#N/A", "#REF!", "{=1}", "=cmd|'/c calc'!A1"]))
def test_no_xlsx_cell_is_a_formula_and_its_text_gets_no_apostrophe(text: str) -> None:
    ((cell,),) = xlsx_cells([[text]])
    assert cell.data_type == "s"
    assert not cell.value.startswith("'")


@unhurried
@given(texts.filter(lambda text: not set(text) & set(UNPRINTABLE + "\x7f\ufffe\uffff")))
def test_xlsx_keeps_every_printable_text(text: str) -> None:
    ((first, second),) = xlsx_cells([[text, "end"]])
    assert (first.value or "", second.value) == (text, "end")


@unhurried
@given(texts | st.text(st.characters(categories=["Cs", "Cc"])))
def test_no_text_breaks_a_file(text: str) -> None:
    assert len(csv_table([[text, "end"]])) == 1
    assert xlsx_cells([[text, "end"]])[0][1].value == "end"
    assert xlsx_file([text], [], text)


@unhurried
@given(amounts, st.integers(-(10**14), 10**14))
def test_numbers_stay_numbers_also_below_zero(amount: Decimal, number: int) -> None:
    assert csv_table([[amount, number]]) == [[f"{amount:f}", str(number)]]
    ((first, second),) = xlsx_cells([[amount, number]])
    assert (first.data_type, second.data_type) == ("n", "n")
    assert Decimal(str(first.value)) == amount
    assert first.number_format == "#,##0.00"
    assert second.value == number


def test_a_signed_number_that_is_a_text_is_a_text() -> None:
    assert csv_table([["+31201234567", "-5"]]) == [["'+31201234567", "'-5"]]
    assert [cell.data_type for cell in xlsx_cells([["+31201234567", "-5"]])[0]] == ["s", "s"]


def test_moments_leave_in_utc_and_days_as_days() -> None:
    moment = datetime(2026, 11, 21, 15, 2, 3, 999, tzinfo=timezone(timedelta(hours=1)))
    day = date(2026, 2, 28)
    assert csv_table([[moment, day]]) == [["2026-11-21T14:02:03Z", "2026-02-28"]]
    ((first, second),) = xlsx_cells([[moment, day]])
    assert (first.is_date, first.value.replace(tzinfo=UTC)) == (True, moment.replace(microsecond=0))
    assert second.value.date() == day


@unhurried
@given(
    st.datetimes(timezones=st.just(UTC))
    | st.dates()
    | st.none()
    | st.booleans()
    | st.floats()
    | st.decimals()
)
def test_every_plain_value_can_be_exported(value: Any) -> None:
    assert len(csv_table([[value, "end"]])) == 1
    assert xlsx_cells([[value, "end"]])[0][1].value == "end"


def test_nothing_is_empty_and_yes_is_yes() -> None:
    assert csv_table([[None, True, False]]) == [["", "yes", "no"]]
    assert [cell.value for cell in xlsx_cells([[None, True, False]])[0]] == [None, "yes", "no"]


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1000])
def test_csv_comes_in_pieces_with_one_header_and_every_row_once(count: int) -> None:
    pieces = list(csv_rows(["column"], ([number] for number in range(count))))
    assert len(pieces) <= 1 + count // 500
    lines = b"".join(pieces).decode("utf-8").removeprefix("\ufeff").split("\r\n")
    assert lines == ["column", *map(str, range(count)), ""]


def test_csv_asks_for_rows_only_as_they_are_sent() -> None:
    asked = 0

    def rows() -> Any:
        nonlocal asked
        for asked in range(1, 10_001):
            yield [asked]

    next(csv_rows(["column"], rows()))
    assert asked == 500


@pytest.mark.parametrize("title", ["", "'", "a/b\\c?d*e[f]g:h", "x" * 80, "History", "\0"])
def test_any_title_makes_a_sheet(title: str) -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(xlsx_file(["column"], [["a"]], title)))
    (name,) = workbook.sheetnames
    assert 0 < len(name) <= 31
    assert not set(name) & set("[]:*?/\\")
    assert name.lower() != "history"
    assert name == name.strip("'")
