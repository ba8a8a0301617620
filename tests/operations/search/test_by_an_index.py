"""Searches stay quick however many rows there are: each can be answered from an index, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Select, event, select, text

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, CatalogItem, Device, Employee, HardwareOrder
from hwadmin.queries.accounts.accounts import account_search
from hwadmin.queries.catalog.items import item_search
from hwadmin.queries.devices.conditions import device_search
from hwadmin.queries.directory.employees import employee_search
from hwadmin.queries.orders.search import matching_orders
from hwadmin.queries.search.everything import search_everything
from tests.builders import World

pytestmark = pytest.mark.both_databases

# What is searched, and the index of it on PostgreSQL and on SQLite.
ACCOUNTS = ("ix_account_name_trigrams", "account_search")
EMPLOYEES = ("ix_employee_trigrams", "employee_search")
CATALOG = ("ix_catalog_item_trigrams", "catalog_search")
DEVICES = ("ix_device_trigrams", "device_search")
ORDERS = ("ix_hardware_order_trigrams", "order_search")


def orders(actor: Actor, words: str) -> None:
    condition = matching_orders(actor, words)
    assert condition is not None
    read(select(HardwareOrder.id).where(condition))


def read(statement: Select[Any]) -> None:
    db.session.execute(statement).all()


SEARCHES: list[tuple[Callable[[Actor, str], object], tuple[tuple[str, str], ...]]] = [
    (search_everything, (ACCOUNTS, EMPLOYEES, CATALOG, ORDERS)),
    (orders, (ACCOUNTS,)),
    (lambda _, words: read(select(Account.id).where(account_search(words))), (ACCOUNTS,)),
    (lambda _, words: read(select(Employee.id).where(employee_search(words))), (EMPLOYEES,)),
    (lambda _, words: read(select(CatalogItem.id).where(item_search(words))), (CATALOG,)),
    (
        lambda _, words: read(select(Device.id).where(device_search(words))),
        (DEVICES, ACCOUNTS, EMPLOYEES),
    ),
]


@pytest.mark.parametrize(("search", "indexes"), SEARCHES)
@pytest.mark.parametrize("words", ["müller", "muller", "mu", "mü", "αβ"])
def test_each_search_is_answered_from_indexes(
    world: World,
    connection: Connection,
    search: Callable[[Actor, str], object],
    indexes: tuple[tuple[str, str], ...],
    words: str,
) -> None:
    plan = "\n".join(plans(connection, lambda: search(world.ada.actor, words)))
    on_postgresql = connection.dialect.name == "postgresql"
    # Two digits begin very many references, so that two characters find no orders.
    for index, full_text in indexes if len(words) > 2 else [one for one in indexes if one != ORDERS]:
        # SQLite gives every way of reading a full-text table a number; 0 is to read the whole of it.
        assert index in plan if on_postgresql else f"SCAN {full_text} VIRTUAL TABLE INDEX 0:M" in plan, plan


def test_a_search_without_an_index_is_found(world: World, connection: Connection) -> None:
    plan = "\n".join(
        plans(connection, lambda: read(select(Account.id).where(Account.name.icontains("muller"))))
    )
    assert "trigrams" not in plan
    assert "VIRTUAL TABLE" not in plan


def plans(connection: Connection, search: Callable[[], object]) -> list[str]:
    """How the database answers the statements of a search, in its own words."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        sent.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        search()
    finally:
        event.remove(connection, "before_cursor_execute", note)
    selects = [(statement, parameters) for statement, parameters in sent if statement.startswith("SELECT")]
    if connection.dialect.name == "sqlite":
        return [
            str(line.detail)
            for statement, parameters in selects
            for line in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    with connection.begin_nested():
        # Of a handful of rows none would be looked up in an index for its own sake.
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        connection.execute(text("SET LOCAL enable_indexscan = off"))
        return [
            line
            for statement, parameters in selects
            for line in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars()
        ]


@pytest.mark.parametrize(("search", "indexes"), SEARCHES)
def test_one_letter_is_looked_for_where_another_word_was_found(
    world: World,
    connection: Connection,
    search: Callable[[Actor, str], object],
    indexes: tuple[tuple[str, str], ...],
) -> None:
    for words in ("müller k", "k müller", "k", "k l"):
        plan = "\n".join(plans(connection, lambda text=words: search(world.ada.actor, text)))
        if connection.dialect.name == "sqlite":
            # A full-text table is read by a row's key ("="), or by its index ("M"); never from end to end.
            for _index, full_text in indexes:
                reads = [line for line in plan.split("\n") if f"SCAN {full_text} VIRTUAL" in line]
                assert all("INDEX 0:=" in line or "INDEX 0:M" in line for line in reads), reads
        elif len(words) > 3:
            assert any(index in plan for index, _full_text in indexes), plan
