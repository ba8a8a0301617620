"""What else is printed on a device beside its identifier: its serial number, and a mobile's second IMEI."""

from __future__ import annotations

from dataclasses import dataclass

from hwadmin.identifiers.formats.serial import normalise_serial
from hwadmin.identifiers.identifier import Identifier, parse, same_device_key
from hwadmin.identifiers.kinds import IdentifierError, IdentifierKind


@dataclass(frozen=True, slots=True)
class Label:
    """As typed; blank where it is not known."""

    serial: str = ""
    second_imei: str = ""

    def __bool__(self) -> bool:
        return bool(self.serial.strip() or self.second_imei.strip())


@dataclass(frozen=True, slots=True)
class LabelRead:
    """In the stored form. What could not be read is a sentence at its field, and None."""

    serial: str | None = None
    second_imei: str | None = None
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def second_imei_key(self) -> str | None:
        """What two IMEIs share exactly if they are one."""
        return None if self.second_imei is None else same_device_key(IdentifierKind.IMEI, self.second_imei)


def read_label(kind: IdentifierKind, identifier: Identifier | None, label: Label) -> LabelRead:
    """Read what was typed beside an identifier of this kind, or else behind it. Never raises.

    Args:
        kind: of the device's identifier.
        identifier: the device's, where it could be read.
        label: what was typed.
    """
    serial = second = None
    problems = []
    if label.serial.strip():
        try:
            serial = normalise_serial(label.serial)
        except IdentifierError as error:
            problems.append(("serial", str(error)))
    if label.second_imei.strip():
        if kind is not IdentifierKind.IMEI:
            problems.append(("second_imei", "Only a mobile has a second IMEI."))
        else:
            try:
                second = parse(IdentifierKind.IMEI, label.second_imei).value
            except IdentifierError as error:
                problems.append(("second_imei", str(error)))
    if identifier is not None:
        serial = serial or (None if label.serial.strip() else identifier.serial)
        second = second or (None if label.second_imei.strip() else identifier.second_imei)
    if second is not None and identifier is not None and second == identifier.value:
        problems.append(("second_imei", "This is the first IMEI again; a second IMEI is a different number."))
        second = None
    return LabelRead(serial, second, tuple(problems))
