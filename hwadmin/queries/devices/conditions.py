"""Conditions on devices: in service, by identifier, by the text of a search."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, false, or_, select

from hwadmin import identifiers
from hwadmin.db import dialects
from hwadmin.models import Account, Device, Employee
from hwadmin.queries.accounts.accounts import named
from hwadmin.queries.text_match import DEVICES, EMPLOYEES, SearchWord, words_of


def in_service() -> ColumnElement[bool]:
    """The condition that a device is not out of service for good."""
    return Device.retired_at.is_(None)


def identified(text: str) -> ColumnElement[bool]:
    """The condition that a device in service has this identifier or second IMEI, in any of its writings."""
    return has_one_of(
        {identifiers.same_device_key(kind, value) for kind, value in identifiers.search_values(text)}
    )


def has_one_of(keys: Collection[str]) -> ColumnElement[bool]:
    """The condition that a device in service has one of these, as its identifier or its second IMEI."""
    # Only an IMEI, which is digits alone, can be a second one.
    imeis = sorted(key for key in keys if key.isdecimal())
    first = dialects.in_texts(Device.identifier_key, sorted(keys))
    return or_(first, dialects.in_texts(Device.second_imei_key, imeis)) if imeis else first


def _formerly_identified(text: str) -> ColumnElement[bool]:
    """The condition that a device out of service had this identifier."""
    values = {value for _, value in identifiers.search_values(text)}
    return and_(Device.retired_at.is_not(None), Device.identifier.in_(sorted(values)))


def ever_identified(text: str) -> ColumnElement[bool] | None:
    """The condition that a device has, begins with or had this identifier, or has this serial number.

    None where the text can be none of them.
    """
    conditions = []
    if identifiers.search_values(text):
        conditions += [identified(text), _formerly_identified(text)]
    # A range instead of LIKE: the index that keeps identifiers unique finds it, on either database. No
    # identifier has a character behind the last letters.
    conditions += [
        and_(
            Device.identifier_kind == kind,
            Device.identifier_key >= beginning,
            Device.identifier_key < beginning + "~",
        )
        for kind, beginning in sorted(identifiers.search_prefix(text))
    ]
    if serials := _serials(text):
        conditions.append(Device.serial.in_(serials))
    return or_(*conditions) if conditions else None


def _serials(text: str) -> list[str]:
    """The serial number a text can be, as it may have been printed; a word without a digit is none."""
    try:
        serial = identifiers.normalise_serial(text)
    except identifiers.IdentifierError:
        return []
    return sorted({serial, serial.upper(), serial.lower()}) if any(map(str.isdigit, serial)) else []


def device_search(text: str) -> ColumnElement[bool]:
    """The condition of the search box: an identifier, its beginning, or words of account, employee, model."""
    by_identifier = ever_identified(text)
    conditions = [] if by_identifier is None else [by_identifier]
    matches = [_holds(word) for word in words_of(text)]
    if matches:
        conditions.append(and_(*matches))
    return or_(false(), *conditions)


def _holds(word: SearchWord) -> ColumnElement[bool]:
    """The condition that a word is part of model, serial number, employee, account or platform of one."""
    if not word.findable:
        # Looked at for the devices that other words have found.
        account = select(Account.id).where(named(word), Account.id == Device.account_id).correlate(Device)
        employee = select(Employee.id).where(EMPLOYEES.holds(word), Employee.id == Device.employee_id)
        return or_(DEVICES.holds(word), account.exists(), employee.correlate(Device).exists())
    accounts = select(Account.id).where(named(word)).correlate(None)
    employees = select(Employee.id).where(EMPLOYEES.holds(word)).correlate(None)
    return or_(
        DEVICES.holds(word),
        dialects.in_rows(Device.account_id, accounts),
        dialects.in_rows(Device.employee_id, employees),
    )
