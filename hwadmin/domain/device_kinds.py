"""The kinds of hardware, and which identifier a unit of each is known by. Pure."""

from __future__ import annotations

from enum import StrEnum

from hwadmin.identifiers.kinds import IdentifierKind


class Kind(StrEnum):
    """What a catalog item is."""

    DESKPHONE = "deskphone"
    DECT_BASE = "dect_base"
    DECT_HANDSET = "dect_handset"
    MOBILE = "mobile"
    ACCESSORY = "accessory"

    @property
    def label(self) -> str:
        """The kind in the words of the pages."""
        return _LABELS[self]

    @property
    def identifier_kind(self) -> IdentifierKind | None:
        """The identifier of such a device; ``None`` for an accessory, which never becomes a device."""
        return _IDENTIFIERS[self]

    @property
    def becomes_device(self) -> bool:
        """Whether fulfilling a unit of this kind makes a device."""
        return self is not Kind.ACCESSORY

    @property
    def has_location(self) -> bool:
        """Desk phones and bases stand somewhere; a handset takes its base's location."""
        return self in (Kind.DESKPHONE, Kind.DECT_BASE)

    @property
    def has_employee(self) -> bool:
        """A base serves a site and is never assigned to an employee."""
        return self is not Kind.DECT_BASE


_LABELS = {
    Kind.DESKPHONE: "Desk phone",
    Kind.DECT_BASE: "DECT base",
    Kind.DECT_HANDSET: "DECT handset",
    Kind.MOBILE: "Mobile",
    Kind.ACCESSORY: "Accessory",
}

_IDENTIFIERS = {
    Kind.DESKPHONE: IdentifierKind.MAC,
    Kind.DECT_BASE: IdentifierKind.MAC,
    Kind.DECT_HANDSET: IdentifierKind.IPEI,
    Kind.MOBILE: IdentifierKind.IMEI,
    Kind.ACCESSORY: None,
}
