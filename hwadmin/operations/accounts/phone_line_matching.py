"""Whom and which device a row of a carrier's list means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hwadmin import identifiers
from hwadmin.domain.people.person_identity import Identification, KnownPerson, People, StatedPerson
from hwadmin.identifiers import IdentifierError, IdentifierKind
from hwadmin.list_import.records.columns import plain_word
from hwadmin.list_import.records.record import ListRecord
from hwadmin.models import Device, PhoneLine

# The digits two writings of a number share at least, and how many a country code has at most.
_END, _LONGEST_CODE = 7, 3
# How a number begins that has not lost anything.
_WHOLE = ("0", "+")
_LOST = "It begins with neither a zero nor a plus, as others do: did a spreadsheet drop it?"


@dataclass(slots=True)
class DeviceMatch:
    """The device a row means, or none, and what somebody should know about that."""

    device: Device | None = None
    notes: list[str] = field(default_factory=list)


def stated_person(record: ListRecord) -> StatedPerson | None:
    """Whom a row names; None where it names nobody. One column may hold names, addresses or numbers."""
    parts = [record.text("first_name"), record.text("last_name")]
    name = record.text("person") or " ".join(filter(None, parts)) or None
    email, number = record.text("email"), record.text("employee_number")
    if name and "@" in name and not email:
        name, email = None, name
    if not (name or email or number):
        return None
    return StatedPerson(name, (email,) if email else (), number)


class LinePeople:
    """The people of an account, for its phone lines."""

    def __init__(self, people: Sequence[KnownPerson]) -> None:
        self._people = People(people)
        self.names = {person.id: person.name for person in people}

    def identify(self, stated: StatedPerson) -> Identification:
        """Who is meant; a name that nobody has may be a number."""
        return self._people.identify_text(stated)


class KnownLines:
    """The phone lines of an account by their numbers, however those are written."""

    def __init__(self, lines: Iterable[PhoneLine]) -> None:
        self._some_whole = False
        self._by_number: dict[str, PhoneLine] = {}
        self._by_end: dict[str, list[PhoneLine]] = {}
        for line in lines:
            self._by_number[line.phone_number] = line
            self._by_end.setdefault(line.phone_number[-_END:], []).append(line)
        # Of each line, the row of the list that meant it.
        self._meant: dict[int, str] = {}

    def expect(self, numbers: Iterable[str]) -> None:
        """Note how the numbers of a list begin."""
        self._some_whole = any(number.startswith(_WHOLE) for number in numbers)

    def find(self, number: str, place: str) -> tuple[PhoneLine | None, str, str]:
        """The line a row means, what to look at, and why it cannot be used; a number that only lost its
        country code or its zero is the same one."""
        exact = self._by_number.get(number)
        alike = self._by_end.get(number[-_END:], []) if exact is None else [exact]
        same = [line for line in alike if _same_number(line.phone_number, number)]
        if not same:
            lost = self._some_whole and not number.startswith(_WHOLE)
            return None, _LOST if lost else "", ""
        if len(same) > 1:
            return None, "", f"{number} may be {' or '.join(line.phone_number for line in same[:3])}."
        first = self._meant.setdefault(same[0].id, place)
        refusal = f"Row {first} means the same line already." if first != place else ""
        note = "" if exact is not None else f"{number} is taken for {same[0].phone_number}."
        return same[0], note, refusal


def _same_number(one: str, other: str) -> bool:
    """Whether two numbers differ in nothing but a country code, its plus, or a leading zero."""
    short, long = sorted((number.lstrip("+").lstrip("0") for number in (one, other)), key=len)
    whole = one.startswith(("+", "00")) and other.startswith(("+", "00"))
    ends = long.endswith(short) and len(long) - len(short) <= _LONGEST_CODE
    return long == short or (ends and not whole and len(short) >= _END)


class LineDevices:
    """The mobiles of an account that are in service, by everything a list may call them."""

    def __init__(self, devices: Iterable[Device], kept_for: dict[int, str]) -> None:
        self.devices = list(devices)
        self.titles = {device.id: device.title for device in self.devices}
        self._kept_for = kept_for
        self._by_key = {device.identifier_key: device for device in self.devices}
        self._by_key |= {device.second_imei_key: device for device in self.devices if device.second_imei_key}
        self._by_serial: dict[str, list[Device]] = {}
        for device in self.devices:
            if device.serial:
                self._by_serial.setdefault(device.serial.upper(), []).append(device)

    def match(self, record: ListRecord, holder: int | None, present: int | None) -> DeviceMatch:
        """The device a row means.

        Args:
            record: the row.
            holder: the employee who has the line; a model alone means the one they have.
            present: the device the line is used in already.
        """
        match = DeviceMatch()
        model = record.text("device_model")
        if text := record.text("device_identifier"):
            match = self._identified(text)
        elif text := record.text("device_serial"):
            match = self._numbered(text)
        elif model:
            return self._named(model, holder, present)
        device = match.device
        if device is not None and model and not _is_model(device, model):
            match.notes.append(f"It is a {device.title}, though the list says {model}.")
        if device is not None and device.id != present and device.id in self._kept_for:
            return DeviceMatch(None, [f"The {device.title} is kept for {self._kept_for[device.id]}."])
        return match

    def _identified(self, text: str) -> DeviceMatch:
        values = identifiers.search_values(text)
        if not values:
            try:
                identifiers.parse(IdentifierKind.IMEI, text)
            except IdentifierError as error:
                return DeviceMatch(None, [f"Device {text[:40]}: {error}"])
        for kind, value in sorted(values):
            device = self._by_key.get(identifiers.same_device_key(kind, value))
            if device is not None:
                return DeviceMatch(device)
        return DeviceMatch(None, [f"No mobile of this account has the identifier {text}."])

    def _numbered(self, serial: str) -> DeviceMatch:
        devices = self._by_serial.get(serial.upper(), [])
        if len(devices) == 1:
            return DeviceMatch(devices[0])
        many = f"{len(devices)} mobiles" if devices else "No mobile"
        return DeviceMatch(None, [f"{many} of this account has the serial number {serial}."])

    def _named(self, model: str, holder: int | None, present: int | None) -> DeviceMatch:
        alike = [device for device in self.devices if _is_model(device, model)]
        if any(device.id == present for device in alike):
            return DeviceMatch(next(device for device in alike if device.id == present))
        own = [device for device in alike if holder is not None and device.employee_id == holder]
        free = [device for device in own if device.id not in self._kept_for]
        if len(free) == 1:
            return DeviceMatch(free[0])
        whose = "Nobody’s" if holder is None else "Their"
        if not own:
            return DeviceMatch(None, [f"Which {model} it is cannot be told by the model alone."])
        return DeviceMatch(None, [f"{whose} {model} is one of {len(own)}; name the IMEI."])


def _is_model(device: Device, text: str) -> bool:
    word = plain_word(text)
    model, make = plain_word(device.model), plain_word(device.make)
    return word in {model, make + model, plain_word(device.sku)}
