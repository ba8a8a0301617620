"""What the database holds after a race, read past everything that could be wrong with the product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import case, func, literal_column, select

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import AuditEvent, Device, FulfillmentDraft, HardwareOrder, LineItem, OrderTally, Unit
from hwadmin.models.orders import TO_BE_PLACED
from tests.builders import World

ORDERS, EVENTS, DEVICES, UNITS, LINES, TALLY, DRAFTS = (
    model.__table__
    for model in (HardwareOrder, AuditEvent, Device, Unit, LineItem, OrderTally, FulfillmentDraft)
)


@contextmanager
def inside(app: Flask) -> Iterator[None]:
    """A short look into the application; nothing is held afterwards that a caller would wait for."""
    with app.app_context():
        with acting_as(db.session, COMMAND_LINE):
            yield
        db.session.remove()


@contextmanager
def a_world(app: Flask, world: World) -> Iterator[World]:
    """The world, to build in it."""
    with inside(app):
        yield world


def order_row(app: Flask, order_id: int) -> dict[str, object]:
    with inside(app):
        rows = db.session.connection().execute(select(ORDERS).where(ORDERS.c.id == order_id))
        return dict(rows.mappings().one())


def event_kinds(app: Flask, order_id: int) -> Counter[str]:
    """How many events of each kind the order has."""
    with inside(app):
        rows = db.session.connection().execute(select(EVENTS.c.kind).where(EVENTS.c.order_id == order_id))
        return Counter(rows.scalars())


def holders(app: Flask, order_id: int) -> dict[int, str]:
    """The identifier of each unit of the order that has a device."""
    with inside(app):
        rows = db.session.connection().execute(
            select(DEVICES.c.unit_id, DEVICES.c.identifier_key)
            .join(UNITS, UNITS.c.id == DEVICES.c.unit_id)
            .where(UNITS.c.order_id == order_id)
        )
        return {unit: key for unit, key in rows}  # noqa: C416


def devices_with(app: Flask, keys: list[str]) -> Counter[str]:
    """How many devices have each identifier."""
    with inside(app):
        rows = db.session.connection().execute(
            select(DEVICES.c.identifier_key).where(DEVICES.c.identifier_key.in_(keys))
        )
        return Counter(rows.scalars())


def counts_are_right(app: Flask) -> None:
    """The counts kept by status are what counting gives."""
    with inside(app):
        connection = db.session.connection()
        counted = connection.execute(
            select(
                ORDERS.c.platform_id,
                ORDERS.c.status,
                func.count(),
                func.sum(case((literal_column(f"({TO_BE_PLACED})"), 1), else_=0)),
                func.count(ORDERS.c.placed_at),
            ).group_by(ORDERS.c.platform_id, ORDERS.c.status)
        )
        kept = connection.execute(select(TALLY).where(TALLY.c.orders != 0))
        assert {tuple(row) for row in kept} == {tuple(row) for row in counted}
