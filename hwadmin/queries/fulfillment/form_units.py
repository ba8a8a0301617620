"""The units of an order as the fulfill page needs them: a third of what is known of each, for thousands."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.units import is_awaited
from hwadmin.identifiers import IdentifierKind
from hwadmin.queries.units.units import shown_identifier


class FormUnit(NamedTuple):
    """A unit with its intent and its device. What it is, its line tells."""

    id: int
    number: int
    line_id: int
    employee_name: str | None
    employee_left_at: datetime | None
    location_name: str | None
    location_gone_at: datetime | None
    base_unit_id: int | None
    device_id: int | None
    identifier_kind: IdentifierKind | None
    identifier: str | None
    slot: int | None
    base_identifier: str | None
    closed_at: datetime | None
    # The spare kept for it, until it is fulfilled.
    reserved_device_id: int | None
    reserved_identifier_kind: IdentifierKind | None
    reserved_identifier: str | None
    # The device it was fulfilled with, where that has gone on to another unit.
    device_passed_on: str | None

    @property
    def identifier_shown(self) -> str:
        """The device's identifier as people read it; empty where there is none."""
        return shown_identifier(self.identifier_kind, self.identifier)

    @property
    def reserved_shown(self) -> str:
        """The identifier of the spare kept for it as people read it; empty where there is none."""
        return shown_identifier(self.reserved_identifier_kind, self.reserved_identifier)

    def awaited_as(self, kind: Kind) -> bool:
        """Whether it becomes a device, and has none yet; ``kind`` is its line's."""
        return is_awaited(kind, self.device_id, self.closed_at, self.device_passed_on)
