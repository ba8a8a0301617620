"""Tables for spreadsheet programs: CSV and XLSX that run no formula somebody typed. Pure.

A name such as ``=HYPERLINK(…)`` is text to us and a program to a spreadsheet. CSV has no types, so such
texts get an apostrophe in front; XLSX has, so there they stay exactly as they are, marked as text.
Numbers, dates and amounts stay numbers in both, negative ones too.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from hwadmin.domain.dates import iso_datetime

# openpyxl is loaded by the functions that need it: most workers never write a workbook, and it is large.

# More is a job for the API: a spreadsheet of this length is at the edge of what people can work with.
MAX_EXPORT_ROWS = 50_000

_BYTE_ORDER_MARK = "\ufeff"  # Without it Excel takes UTF-8 for the code page of the machine.
_ROWS_AT_ONCE = 500

_STARTS_FORMULA = re.compile(
    # Spreadsheets skip white space and invisible characters in front of a formula, so we do as well.
    r"[\t\r\n]|[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]*"
    # Each sign in any width and height: what a program brings to its plain form begins a formula then.
    r"[=+\-@⁺⁼₊₌⩵⩶﬩﹢﹣﹦﹫＋－＝＠]"
)
# What XML 1.0 cannot hold, lone surrogates included, which UTF-8 cannot hold either.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NEW_LINES = re.compile(r"\r\n?")

_XLSX_LONGEST_TEXT = 32_767
_XLSX_EXACT_INTEGER = 10**15
_XLSX_FIRST_DAY = date(1900, 3, 1)  # Excel believes that 1900 was a leap year.


def neutralised(value: str) -> str:
    """The text as a spreadsheet will show it and not run it: with an apostrophe in front where needed."""
    return f"'{value}" if _STARTS_FORMULA.match(value) else value


def csv_rows(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A CSV file in pieces: UTF-8 with its mark, commas, CR LF; times in UTC as ISO 8601."""
    buffer = io.StringIO(newline="")
    buffer.write(_BYTE_ORDER_MARK)
    writer = csv.writer(buffer)
    writer.writerow([_csv_value(value) for value in header])
    remaining = iter(rows)
    while True:
        several = list(islice(remaining, _ROWS_AT_ONCE))
        writer.writerows([_csv_value(value) for value in row] for row in several)
        yield buffer.getvalue().encode()
        if len(several) < _ROWS_AT_ONCE:
            return
        buffer.seek(0)
        buffer.truncate()


def xlsx_file(header: Sequence[str], rows: Iterable[Sequence[Any]], title: str) -> bytes:
    """An XLSX file with one sheet: bold header that stays in view, no formulas; times in UTC."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(_sheet_title(title))
    sheet.freeze_panes = "A2"
    for number, name in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(max(len(name) + 4, 14), 60)
    sheet.append([_bold(sheet, name) for name in header])
    for row in rows:
        sheet.append([_xlsx_value(sheet, value) for value in row])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _legal(value: Any) -> str:
    return _ILLEGAL.sub("", str(value))


def _csv_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _yes_or_no(value)
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return repr(value)
    if isinstance(value, datetime):
        return iso_datetime(_utc(value))
    if isinstance(value, date):
        return value.isoformat()
    return neutralised(_legal(value))


def _xlsx_value(sheet: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, bool):
        return _yes_or_no(value)
    if isinstance(value, Decimal) and value.is_finite():
        return _amount(sheet, value)
    if isinstance(value, int) and abs(value) < _XLSX_EXACT_INTEGER:
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, date):
        if isinstance(value, datetime):
            value = _utc(value).replace(tzinfo=None, microsecond=0)
        day = value.date() if isinstance(value, datetime) else value
        return value if day >= _XLSX_FIRST_DAY else value.isoformat()
    return _text(sheet, value)


def _text(sheet: Any, value: Any) -> Any:
    text = _NEW_LINES.sub("\n", _legal(value))[:_XLSX_LONGEST_TEXT]
    if not text.startswith(("=", "#")):
        return text
    # Left to itself, the library takes "=…" for a formula and "#…" for an error.
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def _bold(sheet: Any, value: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, _NEW_LINES.sub("\n", _legal(value)))
    cell.data_type = "s"
    cell.font = Font(bold=True)
    return cell


def _amount(sheet: Any, value: Decimal) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)
    cell.value = value
    places = -int(value.as_tuple().exponent)
    cell.number_format = f"#,##0.{'0' * places}" if 0 < places <= 10 else "General"
    return cell


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _utc(moment: datetime) -> datetime:
    # A moment without a zone is UTC already, as everywhere in this product.
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _sheet_title(title: str) -> str:
    """What Excel takes for the name of a sheet: 31 characters, some of them forbidden, one name reserved."""
    name = re.sub(r"[\[\]:*?/\\]", " ", _legal(title)).strip("' \t\r\n")[:31].strip("' ")
    return "Sheet" if name.lower() in ("", "history") else name
