"""Lists of an account's people: read, their columns understood, each row as somebody said it. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from hwadmin.lists.reading import SEPARATORS, refuse, text_of_file, too_many

MOST_BYTES = 3 * 1024 * 1024
MOST_PEOPLE = 20_000
_MOST_COLUMNS = 60
_MOST_CELL = 500
_SAMPLE = 50


class Field(StrEnum):
    """What a column of a list of people says."""

    NAME = "name"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    EMAIL = "email"
    EMPLOYEE_NUMBER = "employee_number"
    TITLE = "title"
    DEPARTMENT = "department"
    DIVISION = "division"
    ORGANIZATION = "organization"
    PHONE = "phone"
    COST_CENTER = "cost_center"
    MANAGER = "manager"
    ACTIVE = "active"
    NOTHING = "nothing"

    @property
    def label(self) -> str:
        """The meaning in the words of the page."""
        return _LABELS[self]


_LABELS = {
    Field.NAME: "Name",
    Field.GIVEN_NAME: "First name",
    Field.FAMILY_NAME: "Last name",
    Field.EMAIL: "E-mail",
    Field.EMPLOYEE_NUMBER: "Employee number",
    Field.TITLE: "Title",
    Field.DEPARTMENT: "Department",
    Field.DIVISION: "Division",
    Field.ORGANIZATION: "Organization",
    Field.PHONE: "Phone",
    Field.COST_CENTER: "Accounting code",
    Field.MANAGER: "Manager",
    Field.ACTIVE: "Works here",
    Field.NOTHING: "Nothing of use",
}

_HEADINGS = {
    Field.NAME: "name fullname displayname employee employeename user person mitarbeiter naam nom",
    Field.GIVEN_NAME: "firstname givenname forename vorname voornaam prenom first",
    Field.FAMILY_NAME: "lastname familyname surname nachname achternaam nomdefamille last",
    Field.EMAIL: "email emailaddress mail workemail emailwork primaryemail emailadresse emailadres courriel "
    "businessemail companyemail",
    Field.EMPLOYEE_NUMBER: "employeenumber employeeno employeeid employeenr empid empno number "
    "personnelnumber personnelno staffid staffnumber workerid personalnummer personeelsnummer id hrid",
    Field.TITLE: "title jobtitle position role jobname function funktion functie businesstitle",
    Field.DEPARTMENT: "department dept abteilung afdeling team departement",
    Field.DIVISION: "division bereich businessunit unit",
    Field.ORGANIZATION: "organization organisation company employer firma bedrijf legalentity",
    Field.PHONE: "phone phonenumber telephone mobile mobilephone workphone telefon telefoon tel mobil cell",
    Field.COST_CENTER: "costcenter costcentre accountingcode accountcode kostenstelle kostenplaats cc glcode "
    "accountingcodes",
    Field.MANAGER: "manager managername manageremail managerid supervisor reportsto linemanager vorgesetzter "
    "leidinggevende manageremployeeid managernumber",
    Field.ACTIVE: "active status employmentstatus state aktiv actief employeestatus isactive enabled",
}
_BY_HEADING = {name: meaning for meaning, names in _HEADINGS.items() for name in names.split()}

_HERE = frozenset(
    [
        "yes",
        "y",
        "true",
        "1",
        "active",
        "employed",
        "current",
        "enabled",
        "ja",
        "j",
        "aktiv",
        "actief",
        "oui",
        "working",
        "hired",
    ]
)
_LEFT = frozenset(
    [
        "no",
        "n",
        "false",
        "0",
        "inactive",
        "left",
        "terminated",
        "leaver",
        "former",
        "disabled",
        "nein",
        "nee",
        "inaktiv",
        "inactief",
        "non",
        "retired",
        "suspended",
        "ausgeschieden",
    ]
)


@dataclass(frozen=True, slots=True)
class PeopleSheet:
    """A list as rows of cells, each with its number as people count them."""

    rows: tuple[tuple[int, tuple[str, ...]], ...]
    width: int


@dataclass(frozen=True, slots=True)
class PeopleColumns:
    """What each column says; and whether the first row names the columns."""

    meanings: tuple[Field, ...]
    has_header: bool

    @property
    def identifies(self) -> bool:
        """Whether the columns say who each row is about."""
        return bool(
            {Field.NAME, Field.GIVEN_NAME, Field.FAMILY_NAME, Field.EMAIL, Field.EMPLOYEE_NUMBER}
            & set(self.meanings)
        )


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One row: what it says of somebody, None where it says nothing."""

    row: int
    said: Mapping[Field, str] = field(default_factory=dict)
    # None: the list does not say whether they work here.
    active: bool | None = None
    # Why the row cannot be understood.
    problem: str | None = None

    @property
    def name(self) -> str | None:
        """The whole name, put together where it stands in two columns."""
        both = " ".join(
            self.said[part] for part in (Field.GIVEN_NAME, Field.FAMILY_NAME) if part in self.said
        )
        return self.said.get(Field.NAME) or both or None


# ---- Reading


def people_text(data: bytes) -> str:
    """The text of an uploaded file. Raises InvalidInput with a sentence for what is no list."""
    return text_of_file(data, most_bytes=MOST_BYTES, most_rows=MOST_PEOPLE + 1)


def read_people(text: str) -> PeopleSheet:
    """Read a list as a table. Raises InvalidInput with a sentence for what is too long or empty."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").removeprefix("\ufeff")
    if len(text) > MOST_BYTES:
        raise refuse(f"This list is longer than {MOST_BYTES // 1024 // 1024} MB; leave out what is no list.")
    if not text.strip():
        raise refuse("This list is empty.")
    first, _, rest = text.partition("\n")
    said = re.fullmatch(r'"?sep=([,;|\t])"?', first.strip(" "), re.IGNORECASE)
    separator = said[1] if said else _separator(text)
    source, rows = io.StringIO(rest if said else text), []
    try:
        for number, cells in enumerate(csv.reader(source, delimiter=separator, strict=True), 1):
            tidy = tuple(" ".join(cell.split())[:_MOST_CELL] for cell in cells[:_MOST_COLUMNS])
            # A workbook's other sheets are named in comments.
            if any(tidy) and not tidy[0].startswith("#"):
                rows.append((number, tidy))
            if len(rows) > MOST_PEOPLE + 1:
                raise too_many(len(rows), MOST_PEOPLE)
    except csv.Error:
        raise refuse("This list cannot be read: a quotation mark is opened and never closed.") from None
    if not rows:
        raise refuse("This list is empty.")
    return PeopleSheet(tuple(rows), max(len(cells) for _, cells in rows))


def _separator(text: str) -> str:
    """The separator most of the first lines agree on."""
    lines = [line for line in text.split("\n")[:_SAMPLE] if line.strip() and not line.startswith("#")]
    counts = {
        separator: sorted(line.count(separator) for line in lines)[len(lines) // 2]
        for separator in SEPARATORS
    }
    return max(SEPARATORS, key=lambda separator: counts[separator])


# ---- Columns


def heading(text: str) -> Field | None:
    """What a heading says its column holds; None where it is no heading we know."""
    return _BY_HEADING.get(re.sub(r"[\W_]", "", text).lower()) if len(text) <= 40 else None


def recognised(sheet: PeopleSheet) -> PeopleColumns:
    """What the columns of a list hold, by their headings, or by what is in them."""
    _, first = sheet.rows[0]
    said = [heading(cell) for cell in first]
    has_header = sum(meaning is not None for meaning in said) >= min(2, sum(map(bool, first)))
    meanings: list[Field] = []
    for place in range(sheet.width):
        meaning = said[place] if has_header and place < len(said) else None
        if meaning is None and not has_header:
            meaning = _by_content([cells[place] for _, cells in sheet.rows[:_SAMPLE] if place < len(cells)])
        # A second column of the same is somebody's to choose.
        meanings.append(Field.NOTHING if meaning is None or meaning in meanings else meaning)
    return PeopleColumns(tuple(meanings), has_header)


def _by_content(values: Sequence[str]) -> Field | None:
    filled = [value for value in values if value]
    if filled and all("@" in value for value in filled):
        return Field.EMAIL
    return None


def mapped(found: PeopleColumns, chosen: Mapping[int, str]) -> PeopleColumns:
    """The columns as a person says they are; what they do not say stays as it was found."""
    meanings = list(found.meanings)
    for place, word in chosen.items():
        if 0 <= place < len(meanings) and word in tuple(Field):
            meanings[place] = Field(word)
    return PeopleColumns(tuple(meanings), found.has_header)


def people_of(sheet: PeopleSheet, columns: PeopleColumns) -> list[ListedPerson]:
    """What each row says of somebody."""
    return [_person(number, cells, columns) for number, cells in sheet.rows[1 if columns.has_header else 0 :]]


def _person(number: int, cells: Sequence[str], columns: PeopleColumns) -> ListedPerson:
    said: dict[Field, str] = {}
    for place, meaning in enumerate(columns.meanings):
        if meaning is not Field.NOTHING and place < len(cells) and cells[place]:
            said.setdefault(meaning, cells[place])
    word = said.pop(Field.ACTIVE, None)
    if word is None:
        return ListedPerson(number, said)
    plain = re.sub(r"[\W_]", "", word).lower()
    if plain in _HERE | _LEFT:
        return ListedPerson(number, said, active=plain in _HERE)
    return ListedPerson(
        number, said, problem=f"“{word}” says neither that they work here nor that they left."
    )
