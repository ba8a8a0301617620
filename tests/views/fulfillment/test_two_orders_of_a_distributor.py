"""A distributor's list names its own order numbers, of which two are ours: each row goes to its order."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import Connection, select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.models import Device, Employee, HardwareOrder
from hwadmin.operations.orders.decisions import mark_ordered
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.fulfillment.list_facts import order_numbers
from hwadmin.queries.units.units import units_of
from tests.builders import Answer, Clients, World, an_identifier
from tests.guards.test_statement_counts import assert_at_most, statements


def placed(world: World, reference: str) -> HardwareOrder:
    """An approved order of two desk phones with its number at the distributor."""
    order = world.an_order("approved", [("deskphone", 2)])
    transact(lambda: mark_ordered(world.ada.actor, order.id, distributor_reference=reference))
    return order


def proposed(page: Answer) -> list[str]:
    """The identifiers that "Use these" would send."""
    return [value.split(";")[0] for value in re.findall(r'name="unit-\d+" value="([^"]*)"', page.text)]


def send(clients: Clients, order: HardwareOrder, text: str) -> Answer:
    return clients.ada.post(f"/orders/{order.reference}/fulfill/list", data={"text": text})


def a_list(*numbers: str) -> tuple[str, list[str]]:
    addresses = [an_identifier(Kind.DESKPHONE) for _ in numbers]
    rows = [f"{number},{address}" for number, address in zip(numbers, addresses, strict=True)]
    return "\n".join(["Sales Order,MAC Address", *rows]), [address.lower() for address in addresses]


def test_each_row_goes_to_the_order_whose_number_it_names(world: World, clients: Clients) -> None:
    first, second = placed(world, "SO-55012"), placed(world, "SO-55013")
    text, addresses = a_list("SO-55012", "SO-55012", "SO-55013", "so 55013")
    page = send(clients, second, text)
    plain = [value.replace(":", "").lower() for value in proposed(page)]
    assert plain == [address.replace(":", "") for address in addresses[2:]]
    assert "2 rows are for" in page.text
    assert first.reference in page.text
    other = send(clients, first, text)
    plain = [value.replace(":", "").lower() for value in proposed(other)]
    assert plain == [address.replace(":", "") for address in addresses[:2]]
    assert second.reference in other.text


@pytest.mark.parametrize("status", ["fulfilled", "cancelled"])
def test_only_open_orders_and_only_those_of_ones_platforms_are_looked_up(world: World, status: str) -> None:
    order, other = placed(world, "SO-1001, SO-1002"), placed(world, "SO-1003")
    done = world.an_order(status)
    done.distributor_reference = "SO-1004"
    db.session.commit()
    numbers = order_numbers(world.ada.actor, order)
    assert numbers.others == {numbers.key("SO-1003"): other.reference}
    assert numbers.own >= {numbers.key("SO-1001"), numbers.key("SO-1002")}
    assert order_numbers(world.bea.actor, order).others == {}


def test_a_number_of_both_orders_is_nobodys_alone(world: World, clients: Clients) -> None:
    order, _ = placed(world, "SO-2001"), placed(world, "SO-2001")
    text, addresses = a_list("SO-2001", "SO-2001")
    assert len(proposed(send(clients, order, text))) == len(addresses)


# ---- A thousand rows with persons and places


@pytest.mark.slow
def test_a_thousand_rows_with_persons_and_places_need_no_statement_each(
    world: World, clients: Clients, connection: Connection
) -> None:
    account = world.an_account()
    site = world.a_location(account, "Depot")

    def an_order(count: int) -> tuple[HardwareOrder, str]:
        people = [
            Employee(account_id=account.id, platform_id=account.platform_id, name=f"Reader No{count}x{n}")
            for n in range(count)
        ]
        db.session.add_all(people)
        db.session.commit()
        plans = [NewIntent(employee_id=person.id, location_id=site.id) for person in people]
        order = world.an_order("approved", [("deskphone", count)], account=account, intents={0: plans})
        rows = [f"{person.name},Depot,{an_identifier(Kind.DESKPHONE)}" for person in reversed(people)]
        return order, "\n".join(["User,Site,MAC", *rows])

    few, many = an_order(10), an_order(1_000)
    with statements(connection) as for_few:
        assert len(proposed(send(clients, *few))) == 10
    with statements(connection) as for_many:
        page = send(clients, *many)
    assert len(proposed(page)) == 1_000
    assert_at_most(len(for_few), for_many)
    body = {
        name: html.unescape(value)
        for name, value in re.findall(r'name="(unit-\d+)" value="([^"]*)"', page.text)
    }
    with statements(connection) as written:
        assert clients.ada.post(
            f"/orders/{many[0].reference}/fulfill", data={**body, "do": "fulfill"}
        ).status_code in (200, 302)
    assert_at_most(60, written)
    units = units_of(many[0].id)
    devices = {device.id: device for device in db.session.scalars(select(Device))}
    assert all(devices[unit.device_id].employee_id == unit.employee_id for unit in units)
