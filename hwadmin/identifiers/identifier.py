"""One identifier, read from what was typed and shown from what is stored."""

from __future__ import annotations

from dataclasses import dataclass

from hwadmin.identifiers import imei, ipei, mac
from hwadmin.identifiers.kinds import IdentifierKind


@dataclass(frozen=True, slots=True)
class Identifier:
    """A valid identifier in its stored form.

    `value`: MAC lower-case with colons, IPEI ten upper-case hexadecimal digits, IMEI fifteen digits.
    `code`: the four characters of a Gigaset MAC-ID, which Gigaset's redirect service asks for.
    `notes`: harmless remarks, each a sentence.
    """

    kind: IdentifierKind
    value: str
    code: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def display(self) -> str:
        """The identifier as people know it from the label."""
        return display(self.kind, self.value)


def parse(kind: IdentifierKind | str, text: str) -> Identifier:
    """Read what a person typed as an identifier of this kind.

    Raises IdentifierError, and nothing else, for any text; ValueError for a kind that does not exist.
    """
    kind = IdentifierKind(kind)
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
    kind = IdentifierKind(kind)
    if kind is IdentifierKind.IPEI:
        return ipei.printed(value), value
    return (imei.grouped(value),) if kind is IdentifierKind.IMEI else (value,)


def same_device_key(kind: IdentifierKind | str, value: str) -> str:
    """What two identifiers of one kind share exactly if they mean one device.

    The first 14 digits of an IMEI (the fifteenth is computed from them), the whole value of others.
    """
    return value[:14] if IdentifierKind(kind) is IdentifierKind.IMEI else value
