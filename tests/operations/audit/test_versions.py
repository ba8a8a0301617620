"""Which rows get a version: our unit of work says what Continuum's own says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy_continuum import version_class, versioning_manager
from sqlalchemy_continuum.operation import Operation
from sqlalchemy_continuum.unit_of_work import UnitOfWork

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import unit_of_work
from hwadmin.models import HardwareOrder, LineItem, Unit
from tests.builders import World

TOUCHED: dict[str, tuple[Callable[[Any, HardwareOrder], object], bool]] = {
    "nothing": (lambda _session, _order: None, False),
    "a column": (lambda _session, order: setattr(order, "updated_by_name", "Another"), True),
    "the same value": (lambda _session, order: setattr(order, "status", order.status), False),
    "a row without versions": (lambda _session, order: setattr(order.account, "name", "Another"), False),
    "a row that goes": (lambda session, order: session.delete(order.lines[0]), True),
    "a new row": (lambda session, _order: session.add(LineItem(quantity=1)), True),
}


@pytest.mark.parametrize("what", TOUCHED)
def test_what_is_touched_is_what_continuum_finds(world: World, what: str) -> None:
    order = world.an_order("submitted", [("deskphone", 1)])
    session: Session = db.session()
    touch, changed = TOUCHED[what]
    with session.no_autoflush:
        touch(session, order)
        writer = versioning_manager.uow_class(versioning_manager)
        assert writer.is_modified(session) is UnitOfWork(versioning_manager).is_modified(session) is changed
    session.rollback()


def test_a_version_has_every_column_of_its_row(world: World) -> None:
    order = world.an_order("submitted", [("deskphone", 1)])
    with unit_of_work():
        order.updated_by_name = "Another"
    version_table = version_class(HardwareOrder).__table__
    newest = select(version_table).where(version_table.c.id == order.id)
    row = db.session.execute(newest.order_by(version_table.c.transaction_id.desc())).mappings().first()
    assert row is not None
    columns = set(row) - {"transaction_id", "operation_type", "end_transaction_id"}
    assert len(columns) > 20
    assert {name: row[name] for name in columns} == {name: getattr(order, str(name)) for name in columns}


def test_a_version_says_what_was_done_and_what_was_there(world: World) -> None:
    order = world.an_order("submitted", [("deskphone", 1)])
    versions = version_class(LineItem).__table__
    kept = [column.name for column in versions.c if column.name in LineItem.__table__.c]

    def newest() -> tuple[int, dict[str, Any]]:
        rows = select(versions).where(versions.c.id == line_id).order_by(versions.c.transaction_id.desc())
        row = db.session.execute(rows).mappings().first()
        assert row is not None
        return row["operation_type"], {name: row[name] for name in kept}

    line = order.lines[0]
    line_id, as_ordered = line.id, {name: getattr(line, name) for name in kept}
    assert newest() == (Operation.INSERT, as_ordered)
    with unit_of_work():
        line.quantity, line.color = 2, "black"
        db.session.flush()
        line.quantity = 3
    changed = as_ordered | {"quantity": 3, "color": "black"}
    assert newest() == (Operation.UPDATE, changed)
    with unit_of_work():
        db.session.execute(delete(Unit).where(Unit.line_id == line_id))
        db.session.delete(line)
    assert newest() == (Operation.DELETE, changed)
