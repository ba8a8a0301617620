"""The tenancy rule of every read: what an actor is given. The second wall; tenancy.py is the first."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Select, bindparam, false, select, true

from hwadmin.db.extensions import Base, db
from hwadmin.domain.permissions import Actor, Role
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.errors import NotFound
from hwadmin.models import AuditEvent, Platform

Row = TypeVar("Row", bound=Base)

_NOUNS = {
    "CatalogItem": "catalog item",
    "DirectoryToken": "token",
    "HardwareOrder": "hardware order",
    "LineItem": "line item",
    "OutgoingMessage": "message",
    "PhoneLine": "phone line",
    "WebhookEndpoint": "webhook",
}


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


def within_given(everything: bool, model: Any) -> ColumnElement[bool]:
    """The same condition of a statement that is made once for all actors, and run with what ``given`` says.

    Args:
        everything: whether they are given every platform.
        model: of which rows.
    """
    if everything:
        return true()
    column: Any = model.id if model is Platform else model.platform_id
    return cast("ColumnElement[bool]", column.in_(bindparam("platform_ids", expanding=True)))


def given(actor: Actor) -> dict[str, tuple[int, ...]]:
    """The parameter of such a statement: the platforms the actor is given, unless it is every one."""
    return {} if actor.platform_ids is None else {"platform_ids": tuple(actor.platform_ids)}


def visible(actor: Actor, model: type[Row]) -> Select[Row]:
    """All rows of the model the actor is given. List, count, detail, choices, export and API start here."""
    return select(model).where(within(actor, model))


def find(
    actor: Actor, model: type[Row], row_id: int, *, lock: bool = False, lets_others_refer: bool = False
) -> Row:
    """The row, if the actor is given it; locked until the end of the unit of work if asked.

    Args:
        actor: who asks.
        model: what it is.
        row_id: its key.
        lock: nobody else changes it meanwhile.
        lets_others_refer: that lock does not keep others from writing rows that refer to this one. Whoever
            goes on to lock such rows needs that: others lock one of them, then write what refers to both, and
            each would wait for the other.

    Raises:
        NotFound: the same sentence for a row of somebody else's and for one that never was.
    """
    row: Any = None
    if is_valid_id(row_id):
        query = visible(actor, model).where(cast("Any", model).id == row_id)
        if lock:
            query = query.with_for_update(key_share=lets_others_refer).execution_options(
                populate_existing=True
            )
        row = db.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no such {_NOUNS.get(model.__name__, model.__name__.lower())}.")
    return row  # type: ignore[no-any-return]
