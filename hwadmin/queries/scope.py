"""The tenancy rule of every read: what an actor is given. The second wall; tenancy.py is the first."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Select, false, select, true

from hwadmin.models import (
    Account,
    AccountingCode,
    AuditEvent,
    Basket,
    CatalogItem,
    CatalogPrice,
    Device,
    DirectoryToken,
    Employee,
    HardwareOrder,
    LineItem,
    LineOfService,
    Location,
    OrderNote,
    OutgoingMessage,
    Platform,
    Unit,
    WebhookEndpoint,
)
from hwadmin.permissions import Actor, Role

Row = TypeVar(
    "Row",
    Account,
    AccountingCode,
    AuditEvent,
    Basket,
    CatalogItem,
    CatalogPrice,
    Device,
    DirectoryToken,
    Employee,
    HardwareOrder,
    LineItem,
    LineOfService,
    Location,
    OrderNote,
    OutgoingMessage,
    Platform,
    Unit,
    WebhookEndpoint,
)


def within(actor: Actor, model: Any) -> ColumnElement[bool]:
    """The condition that a row of the model belongs to a platform the actor is given."""
    if actor.platform_ids is None:
        # Events of the whole product (sign-ins, settings) are a super-admin's to read.
        if model is AuditEvent and actor.role is not Role.SUPER_ADMIN:
            return AuditEvent.platform_id.is_not(None)
        return true()
    if not actor.platform_ids:
        return false()
    column: Any = model.id if model is Platform else model.platform_id
    return cast("ColumnElement[bool]", column.in_(sorted(actor.platform_ids)))


def visible(actor: Actor, model: type[Row]) -> Select[Row]:
    """All rows of the model the actor is given. List, count, detail, choices, export and API start here."""
    return select(model).where(within(actor, model))
