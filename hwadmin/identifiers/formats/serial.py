"""Serial numbers: opaque, kept as printed, never guessed from their shape."""

from __future__ import annotations

from hwadmin.identifiers import entry, shapes
from hwadmin.identifiers.kinds import IdentifierError

_SHORTEST, _LONGEST = 4, 40


def normalise_serial(text: str) -> str:
    """The serial number as printed, without spaces, quotes and invisible marks at its ends.

    A label is dropped only if a colon, = or # ends it ("S/N: ..."): a serial may itself begin with SN.
    Upper and lower case and everything inside stay as they are.

    Raises IdentifierError: `empty`, `too_long`, `too_short`, `not_printable`, `spreadsheet_number`.
    """
    serial = entry.trimmed(text, "serial number")
    if label := entry.SERIAL_LABEL.match(serial):
        serial = entry.trimmed(serial[label.end() :], "serial number")
    if not (serial.isascii() and serial.isprintable()):
        raise IdentifierError(
            "A serial number has only plain letters, digits and signs on one line; type it as printed.",
            "not_printable",
        )
    if shapes.is_scientific_number(serial):
        raise IdentifierError(
            "A spreadsheet has turned this serial number into a number and lost digits of it; "
            "copy it from a column formatted as text.",
            "spreadsheet_number",
        )
    if len(serial) < _SHORTEST:
        raise IdentifierError(f"A serial number has at least {_SHORTEST} characters.", "too_short")
    if len(serial) > _LONGEST:
        raise IdentifierError(
            f"A serial number has at most {_LONGEST} characters, this has {len(serial)}.", "too_long"
        )
    return serial
