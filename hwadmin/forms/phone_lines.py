"""The shape of what is typed about a line of service, and of a carrier's list."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, StringField, TextAreaField
from wtforms.validators import Optional

from hwadmin.errors import InvalidInput
from hwadmin.forms.platforms import Needed, chosen_row
from hwadmin.operations.phone_lines import MOST_AT_ONCE


class PhoneLineForm(FlaskForm):  # type: ignore[misc]
    """A mobile number and its contract."""

    phone_number = StringField("Phone number", [Needed()], render_kw={"maxlength": 40, "inputmode": "tel"})
    mobile_carrier = StringField(
        "Mobile carrier", [Needed()], render_kw={"maxlength": 60, "list": "carriers", "autocomplete": "off"}
    )
    employee = StringField(
        "Employee",
        description="Name, number or e-mail address of somebody of this account.",
        render_kw={"maxlength": 254, "autocomplete": "off"},
    )
    device_id = chosen_row("Device it is used in")
    contract_term_months = IntegerField(
        "Contract term in months", [Optional()], render_kw={"min": 1, "max": 120, "inputmode": "numeric"}
    )
    contract_ends_on = DateField("Contract ends on", [Optional()])
    contract_balance = StringField(
        "Contract balance",
        description="What is still owed on it.",
        render_kw={"maxlength": 20, "inputmode": "decimal"},
    )
    eligible_from = DateField(
        "Eligible for an upgrade from",
        [Optional()],
        description="The carrier’s own date, where it names one. It decides alone.",
    )


class ImportForm(FlaskForm):  # type: ignore[misc]
    """A carrier's list, pasted."""

    text = TextAreaField(
        "The list",
        [Needed()],
        description="With a first row of headings: Number, Carrier, Employee, Term, Contract ends, Balance, "
        "Eligible from. Only the first two are needed; columns are divided by commas, semicolons or tabs.",
        render_kw={"rows": 14, "spellcheck": "false", "maxlength": 1_000_000},
    )


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a carrier's list, its values as text but for the dates."""

    number: int
    phone_number: str = ""
    mobile_carrier: str = ""
    employee: str = ""
    term: str = ""
    ends: date | None = None
    balance: str = ""
    eligible: date | None = None


_HEADINGS = {
    "number": "phone_number",
    "phone number": "phone_number",
    "phone": "phone_number",
    "mobile number": "phone_number",
    "msisdn": "phone_number",
    "carrier": "mobile_carrier",
    "mobile carrier": "mobile_carrier",
    "provider": "mobile_carrier",
    "employee": "employee",
    "user": "employee",
    "employee number": "employee",
    "e-mail": "employee",
    "email": "employee",
    "term": "term",
    "contract term": "term",
    "months": "term",
    "contract ends": "ends",
    "contract end": "ends",
    "contract ends on": "ends",
    "end date": "ends",
    "balance": "balance",
    "contract balance": "balance",
    "eligible from": "eligible",
    "upgrade date": "eligible",
}
_DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y")


def list_rows(text: str) -> list[ListRow]:
    """The rows of a pasted list, by its headings.

    Raises:
        InvalidInput: there are no headings we know, or a day cannot be read.
    """
    lines = text.replace("\0", "").splitlines()
    head = next((line for line in lines if line.strip()), "")
    separator = max(";\t,", key=head.count)
    try:
        rows = [
            (number, cells)
            for number, cells in enumerate(csv.reader(lines, delimiter=separator), 1)
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:  # a cell of a megabyte
        raise InvalidInput.at("text", "This cannot be read as a list of phone lines.") from error
    if not rows:
        raise InvalidInput.at("text", "Paste the list, its row of headings first.")
    columns = [_HEADINGS.get(" ".join(cell.split()).casefold()) for cell in rows[0][1]]
    missing = [
        word
        for name, word in (("phone_number", "Number"), ("mobile_carrier", "Carrier"))
        if name not in columns
    ]
    if missing:
        raise InvalidInput.at(
            "text", f"The first row needs the headings Number and Carrier; no {missing[0]}."
        )
    if len(rows) - 1 > MOST_AT_ONCE:
        raise InvalidInput.at("text", f"Import {MOST_AT_ONCE:,} lines at most at once.")
    return list(_read(rows[1:], columns))


def _read(rows: list[tuple[int, list[str]]], columns: list[str | None]) -> Iterator[ListRow]:
    for number, cells in rows:
        said = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name}
        yield ListRow(
            number,
            phone_number=said.get("phone_number", ""),
            mobile_carrier=said.get("mobile_carrier", ""),
            employee=said.get("employee", ""),
            term=said.get("term", ""),
            ends=_day(number, said.get("ends", "")),
            balance=said.get("balance", ""),
            eligible=_day(number, said.get("eligible", "")),
        )


def _day(number: int, text: str) -> date | None:
    if not text:
        return None
    for shape in _DAYS:
        try:
            return datetime.strptime(text, shape).date()  # noqa: DTZ007  # A day has no zone.
        except ValueError:
            continue
    raise InvalidInput.at("text", f"Row {number}: “{text[:40]}” is no day; write it like 2027-03-31.")
