"""Spare inventory: what a spare is, which there are, and for what they are kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from hwadmin import identifiers
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Actor
from hwadmin.identifiers.kinds import IdentifierKind
from hwadmin.models import Account, Device, HardwareOrder, LineItem, PhoneLine, Unit, reference
from hwadmin.models.catalog import title
from hwadmin.queries.scope import within
from hwadmin.queries.units.descriptions import name_columns, name_of

_Handset = aliased(Device)
_Keeper = aliased(Unit)
_STANDING = tuple(kind for kind in Kind if kind.has_location)


def is_spare() -> ColumnElement[bool]:
    """The condition that a device is spare: nobody has it, nothing uses it, nothing waits for it.

    It is in service, and has no employee and no base; what stands somewhere has no location; no handset is
    paired to it; no phone line is used in it; no unit has it reserved; and the order it may have come by
    is fulfilled.
    """
    return and_(
        Device.retired_at.is_(None),
        Device.catalog_item_id.is_not(None),
        Device.employee_id.is_(None),
        Device.base_device_id.is_(None),
        or_(Device.location_id.is_(None), Device.kind.not_in(_STANDING)),
        or_(
            Device.kind != Kind.DECT_BASE,
            ~select(_Handset.id).where(_Handset.base_device_id == Device.id).exists(),
        ),
        ~select(_Keeper.id).where(_Keeper.reserved_device_id == Device.id).exists(),
        ~select(PhoneLine.id).where(PhoneLine.device_id == Device.id, PhoneLine.ended_at.is_(None)).exists(),
        or_(
            Device.unit_id.is_(None),
            select(Unit.id)
            .join(HardwareOrder, HardwareOrder.id == Unit.order_id)
            .where(Unit.id == Device.unit_id, HardwareOrder.status == OrderStatus.FULFILLED)
            .exists(),
        ),
    )


@dataclass(frozen=True, slots=True)
class Spare:
    """A spare device of an account, by the catalog item it can be ordered as."""

    device_id: int
    item_id: int
    sku: str
    make: str
    model: str
    kind: Kind
    identifier_kind: IdentifierKind
    identifier_value: str

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return title(self.make, self.model)

    @property
    def identifier(self) -> str:
        """The identifier as people read it."""
        return identifiers.display(self.identifier_kind, self.identifier_value)


def spares_of(
    actor: Actor, account: Account, *, item_id: int | None = None, limit: int | None = None
) -> list[Spare]:
    """The spare devices of an account, the longest registered first."""
    query = (
        select(
            Device.id,
            Device.catalog_item_id,
            Device.sku,
            Device.make,
            Device.model,
            Device.kind,
            Device.identifier_kind,
            Device.identifier,
        )
        .where(within(actor, Device), Device.account_id == account.id, is_spare())
        .order_by(Device.id)
        .limit(limit)
    )
    if item_id is not None:
        query = query.where(Device.catalog_item_id == item_id)
    rows: Any = db.session.execute(query)
    return [Spare(*row) for row in rows]


def spare_counts(actor: Actor, account_id: int) -> dict[int, int]:
    """How many spares the account has of each catalog item."""
    rows = db.session.execute(
        select(Device.catalog_item_id, func.count(Device.id))
        .where(within(actor, Device), Device.account_id == account_id, is_spare())
        .group_by(Device.catalog_item_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


@dataclass(frozen=True, slots=True)
class Reservation:
    """The unit a device is kept for."""

    device_id: int
    unit_id: int
    unit_label: str
    order_id: int

    def __str__(self) -> str:
        return f"{self.unit_label} of {reference(self.order_id)}"

    def why_not(self, verb: str) -> str:
        """Why nothing else can be done with the device: “cannot be taken off its unit”."""
        return (
            f"This device is kept for {self} and cannot be {verb} meanwhile. "
            "It is free again once that order is fulfilled, cancelled or rejected."
        )


def reservations(device_ids: Collection[int]) -> dict[int, Reservation]:
    """The units these devices are kept for, by device; those that are free are not in it."""
    if not device_ids:
        return {}
    rows = db.session.execute(
        select(Unit.reserved_device_id, Unit.id, Unit.order_id, *name_columns())
        .join(LineItem, LineItem.id == Unit.line_id)
        .where(Unit.reserved_device_id.in_(device_ids))
    )
    return {
        device: Reservation(device, unit, name_of(*name), order)
        for device, unit, order, *name in rows
        if device is not None
    }
