"""A corpus of lists as people send them, each with its right result: written small, in every kind of file.

Device lists are for an order of three T54W planned for three people; the rows stand in another order than the
units. Lists of employees and phone lines say the same in each kind of file. Damaged ones bind nothing wrong.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from tests.pure.list_import.containers import CONTAINERS, as_csv, as_html, as_mail, as_ods, as_xlsx

Rows = list[list[str]]
GRACE, OWEN, NIAMH = "Grace Halden", "Owen Halden", "Niamh Corrigan"
ADDRESSES = {NIAMH: "805ec07a0a03", GRACE: "805ec07a0a01", OWEN: "805ec07a0a02"}
SERIALS = {name: f"SN31469{place}" for place, name in enumerate(ADDRESSES)}


def _devices(head: str, row: Callable[[str, str, str], str]) -> Rows:
    rows = [row(name, mac, SERIALS[name]) for name, mac in ADDRESSES.items()]
    return [line.split("|") for line in (head, *rows)]


def _email(name: str) -> str:
    return f"{name.split()[0].lower()}@example.com"


def _turned(name: str) -> str:
    first, last = name.split(" ")
    return f"{last}, {first}"


def _colons(mac: str) -> str:
    return ":".join(mac[start : start + 2] for start in range(0, 12, 2)).upper()


LAYOUTS: dict[str, Rows] = {
    "english": _devices(
        "Model|MAC Address|Serial Number|User", lambda name, mac, serial: f"T54W|{mac}|{serial}|{name}"
    ),
    "german, the person first": _devices(
        "Mitarbeiter|Artikel|MAC-Adresse|Seriennummer",
        lambda name, mac, serial: f"{_turned(name)}|SIP-T54W|{_colons(mac)}|{serial}",
    ),
    "dutch, with noise": _devices(
        "Doos|Omschrijving|Serienummer|MAC|Aantal|Medewerker",
        lambda name, mac, serial: f"7|Yealink T54W|{serial}|{mac.upper()}|1|{name.upper()}",
    ),
    "by address": _devices(
        "E-mail|MAC|S/N|Product",
        lambda name, mac, serial: f"{_email(name)}|{mac}|{serial}|Yealink T54W phone",
    ),
    "first and last names": _devices(
        "First name|Last name|mac_address|model",
        lambda name, mac, serial: f"{name.replace(' ', '|')}|{mac[:6]}-{mac[6:]}|T54W",
    ),
    "with who was not sent": [
        *_devices("Model|MAC|User|Status", lambda name, mac, serial: f"T54W|{mac}|{name}|Shipped"),
        ["T54W", "805ec07a0a0f", GRACE, "Returned"],
    ],
}


def device_lists() -> Iterator[tuple[str, bytes]]:
    """Each says who gets what: `ADDRESSES`."""
    for layout, rows in LAYOUTS.items():
        for container, write in CONTAINERS.items():
            yield f"{layout}: {container}", write(rows)  # type: ignore[no-untyped-call]


EMPLOYEES: Rows = [
    ["Full name", "Work email", "Employee ID", "Department", "Employment status"],
    ["Grace Halden", "grace@example.com", "00815", "Front desk", "Active"],
    ["Halden, Owen", "owen@example.com", "00816", "N/A", "Active"],
    ["Niamh Corrigan", "niamh@example.com", "00817", "Lab", "Terminated"],
]
PEOPLE = [
    ("Grace Halden", "grace@example.com", "00815", "Front desk", "works_here"),
    ("Halden, Owen", "owen@example.com", "00816", None, "works_here"),
    ("Niamh Corrigan", "niamh@example.com", "00817", "Lab", "has_left"),
]
LINES: Rows = [
    ["Rufnummer", "Netzbetreiber", "Tarif", "Vertragsende", "Restbetrag"],
    ["+49 151 5550101", "Telekom", "Business L", "03.04.2027", "1.234,56"],
    ["0049 151 5550102", "Vodafone", "Red", "2027-12-11", "80,00"],
]
READ_LINES = [
    ("+49 151 5550101", "Telekom", "Business L", date(2027, 4, 3), Decimal("1234.56")),
    ("0049 151 5550102", "Vodafone", "Red", date(2027, 12, 11), Decimal("80.00")),
]


def record_lists() -> Iterator[tuple[str, bytes, bool]]:
    """Lists of employees, `PEOPLE`, and of phone lines, `READ_LINES`: those are True."""
    for container, write in CONTAINERS.items():
        yield f"employees: {container}", write(EMPLOYEES), False  # type: ignore[no-untyped-call]
        yield f"phone lines: {container}", write(LINES), True  # type: ignore[no-untyped-call]


_SOUND = LAYOUTS["english"]


def _flipped(data: bytes) -> bytes:
    """The same with a byte in sixty changed, always the same ones."""
    changed = {place for place in range(251) if zlib.crc32(bytes([place])) % 60 == 0}
    return bytes(byte ^ 0x55 if place % 251 in changed else byte for place, byte in enumerate(data))


DAMAGED: dict[str, Callable[[], Any]] = {
    "half a workbook": lambda: as_xlsx(_SOUND)[:2000],
    "half an ods": lambda: as_ods(_SOUND)[:900],
    "a workbook with bytes changed": lambda: _flipped(as_xlsx(_SOUND)),
    "an ods with bytes changed": lambda: _flipped(as_ods(_SOUND)),
    "nothing but a signature": lambda: b"PK\x03\x04",
    "an old workbook that ends": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
    "random bytes": lambda: bytes((place * place + 7) % 256 for place in range(4000)),
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(200),
    "zero bytes in a text": lambda: as_csv(_SOUND).replace(b"T54W", b"T5\x004W"),
    "a web page that never ends": lambda: as_html(_SOUND)[:-120],
    "a mail without an end": lambda: as_mail(_SOUND, attached=True)[:-60],
    "a quotation mark too many": lambda: as_csv(_SOUND).replace(b"T54W", b'"T54W', 1),
    "numbers a spreadsheet shortened": lambda: as_csv(
        [["Model", "MAC"], ["T54W", "8,05E+11"], ["T54W", "3.5E14"]]
    ),
    "errors of formulas": lambda: as_csv([["Model", "MAC", "Serial"], ["T54W", "#REF!", "#N/A"]]),
    "letters for digits": lambda: as_csv([["Model", "MAC"], ["T54W", "8O5ECO7AOAO1"]]),
    "one line of a megabyte": lambda: b"805ec07a0a " * 95_000,
    "ten thousand separators": lambda: b";" * 10_000 + b"\n" + b"a;" * 5_000,
}
