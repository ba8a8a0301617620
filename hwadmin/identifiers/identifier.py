"""One identifier, read from what was typed and shown from what is stored."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from hwadmin.identifiers import entry
from hwadmin.identifiers.barcodes import label_text
from hwadmin.identifiers.formats import imei, ipei, mac
from hwadmin.identifiers.formats.serial import normalise_serial
from hwadmin.identifiers.kinds import IdentifierError, IdentifierKind

# What may stand behind an identifier: ``805EC009ABDC; S/N: 3146C1``. Only with a label that ends in a sign.
_BEHIND = re.compile(
    r"[\s;,|]+(?:(?P<second>(?:imei[ _-]*2|(?:2nd|second)[ _-]+imei))"
    r"|(?P<serial>s/?n|serial(?:[ _-]*(?:number|no|nr))?))\.? *[:=#] *",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A valid identifier in its stored form.

    `value`: MAC lower-case with colons, IPEI ten upper-case hexadecimal digits, IMEI fifteen digits.
    `code`: the four characters of a Gigaset MAC-ID, which Gigaset's redirect service asks for.
    `serial`, `second_imei`: what was written behind it of the same device.
    `notes`: harmless remarks, each a sentence.
    """

    kind: IdentifierKind
    value: str
    code: str | None = None
    notes: tuple[str, ...] = ()
    serial: str | None = None
    second_imei: str | None = None

    @property
    def key(self) -> str:
        """What two identifiers of one kind share exactly if they mean one device."""
        return same_device_key(self.kind, self.value)

    @property
    def second_key(self) -> str | None:
        """The same of the second IMEI, if one was written behind."""
        return None if self.second_imei is None else same_device_key(IdentifierKind.IMEI, self.second_imei)

    @property
    def written(self) -> str:
        """All of it as it goes into a field, to be read back as it is here."""
        shown = self.display
        if self.code:
            shown = f"{self.value.replace(':', '').upper()}-{self.code}"
        second = f"; IMEI 2: {display(IdentifierKind.IMEI, self.second_imei)}" if self.second_imei else ""
        return shown + second + (f"; S/N: {self.serial}" if self.serial else "")

    @property
    def display(self) -> str:
        """The identifier as people know it from the label."""
        return _forms(self.kind, self.value)[0]


_SHORTEST_BAR_CODE = 18
# "; PN=T54W" belongs to no serial number.
_NEXT_LABEL = re.compile(r"[;,|]\s*(?=[A-Za-z][\w/ ]{0,14}[:=])")


def parse(kind: IdentifierKind | str, text: str) -> Identifier:
    """Read what a person typed as an identifier of this kind.

    Behind it may stand the serial number and, of a mobile, the second IMEI, each with its label.

    Raises IdentifierError, and nothing else, for any text; ValueError for a kind that does not exist.
    """
    kind = IdentifierKind(kind)
    if len(text) <= _SHORTEST_BAR_CODE and entry.is_bare(text):
        return _alone(kind, text)
    if len(text) > _SHORTEST_BAR_CODE or text.startswith(("23S", "]")):
        text = label_text(text)
    parts = list(_BEHIND.finditer(text)) if len(text) <= entry.MAX_LENGTH else []
    if parts and text[: parts[0].start()].strip():
        return _with_parts(kind, text, parts)
    return _alone(kind, text)


def _with_parts(kind: IdentifierKind, text: str, parts: list[re.Match[str]]) -> Identifier:
    read = _alone(kind, text[: parts[0].start()])
    serial = second = None
    for part, end in zip(parts, [*(part.start() for part in parts[1:]), len(text)], strict=True):
        value = text[part.end() : end]
        if part["serial"]:
            if serial is not None:
                raise IdentifierError("This has two serial numbers; a device has one.", "several_values")
            serial = normalise_serial(_NEXT_LABEL.split(value, maxsplit=1)[0])
        elif kind is not IdentifierKind.IMEI:
            raise IdentifierError("Only a mobile has a second IMEI.", "no_second_imei")
        elif second is not None:
            raise IdentifierError("This has two second IMEIs; a mobile has one.", "several_values")
        else:
            second = imei.read(value)[0]
    if second == read.value:
        raise IdentifierError(
            "Both IMEIs are the same; a second IMEI is a different number.", "several_values"
        )
    return replace(read, serial=serial, second_imei=second)


def _alone(kind: IdentifierKind, text: str) -> Identifier:
    if kind is IdentifierKind.MAC:
        value, code = mac.read(text)
        return Identifier(kind, value, code)
    value, notes = ipei.read(text) if kind is IdentifierKind.IPEI else imei.read(text)
    return Identifier(kind, value, notes=notes)


def display(kind: IdentifierKind | str, value: str) -> str:
    """The form to show first, from the stored value.

    80:5e:c0:09:ab:dc, 11324 0822839 * or 35 209900 176148 1. Raises ValueError if an IPEI is not a stored
    one.
    """
    return forms(kind, value)[0]


def forms(kind: IdentifierKind | str, value: str) -> tuple[str, ...]:
    """Every form worth showing, from the stored value: an IPEI as printed and in hexadecimal, others once.

    Raises ValueError if an IPEI is not a stored one.
    """
    return _forms(IdentifierKind(kind), value)


def _forms(kind: IdentifierKind, value: str) -> tuple[str, ...]:
    if kind is IdentifierKind.IPEI:
        return ipei.printed(value), value
    return (imei.grouped(value),) if kind is IdentifierKind.IMEI else (value,)


def same_device_key(kind: IdentifierKind | str, value: str) -> str:
    """What two identifiers of one kind share exactly if they mean one device.

    The first 14 digits of an IMEI (the fifteenth is computed from them), the whole value of others.
    """
    return value[:14] if kind == IdentifierKind.IMEI else value
