"""Retiring devices from the list and from a device's page."""

from __future__ import annotations

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.models import Device, HardwareOrder
from hwadmin.operations.orders.submission.new_order import NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from tests.builders import Clients, World
from tests.operations.refusals import by


def kept_for(world: World, device: Device) -> HardwareOrder:
    """An order that a spare device is kept for."""
    new = NewOrder(device.account_id, [NewLine(device.sku, 1, from_spare=True)])
    return by(world.piet, lambda actor: submit_order(actor, new))


def test_the_list_offers_those_in_service_and_shows_the_state_of_each(world: World, clients: Clients) -> None:
    phone, lost = world.a_device(), world.a_device()
    db.session.commit()
    page = clients.piet.get(f"/devices/retire/?device={lost.id}").text
    assert "Lost, stolen" in page
    answer = clients.piet.post("/devices/retire/", data={"device": [lost.id], "reason": "Lost."})
    assert answer.location == f"/devices/{lost.id}/"
    assert "out of service" in clients.piet.get(answer.location).text
    listed = clients.piet.get("/devices/").text
    assert f'name="device" value="{phone.id}"' in listed
    assert f'name="device" value="{lost.id}"' not in listed
    assert "since" in listed
    assert "data-select-all" not in clients.sam.get("/devices/").text
    assert "data-select-all" not in clients.piet.get("/devices/?flt_state_is=retired").text


def test_the_list_is_sorted_by_the_day_of_registration(world: World, clients: Clients) -> None:
    first, second = world.a_device(), world.a_device()
    page = clients.ada.get("/devices/?sort=7").text
    assert page.index(first.identifier) < page.index(second.identifier)
    page = clients.ada.get("/devices/?sort=7&desc=1").text
    assert page.index(second.identifier) < page.index(first.identifier)


def test_a_refused_form_keeps_what_was_chosen_and_typed(world: World, clients: Clients) -> None:
    phones = [world.a_device().id for _ in range(2)]
    answer = clients.piet.post(
        "/devices/retire/", data={"device": phones, "reason": "Returned.", "on": "2999-01-01"}
    )
    assert answer.status_code == 422
    assert "This day has not come yet." in answer.text
    assert "Returned." in answer.text
    assert all(f'name="device" value="{phone}"' in answer.text for phone in phones)


def test_several_are_told_one_by_one_where_some_stay(world: World, clients: Clients) -> None:
    account = world.an_account()
    phone, spare = world.a_device(account), world.a_device(account, Kind.MOBILE)
    order = kept_for(world, spare)
    db.session.commit()
    answer = clients.piet.post("/devices/retire/", data={"device": [phone.id, spare.id], "reason": "Sold."})
    assert answer.status_code == 200
    assert "1 of 2 devices are out of service" in answer.text
    assert order.reference in answer.text
    assert clients.piet.post("/devices/retire/", data={"reason": "Sold."}).location == "/devices/"


def test_a_device_says_why_it_cannot_be_taken_off_its_unit(world: World, clients: Clients) -> None:
    order = world.an_order(OrderStatus.FULFILLED, [(Kind.MOBILE, 1)])
    device = db.session.query(Device).one()
    address = f"/orders/{order.reference}/unlink?unit={device.unit_id}"
    assert address.replace("&", "&amp;") in clients.ada.get(f"/devices/{device.id}/").text
    assert "/unlink" not in clients.piet.get(f"/devices/{device.id}/").text
    later = kept_for(world, device)
    db.session.commit()
    for page in (f"/devices/{device.id}/", address):
        text = clients.ada.get(page).text
        assert f"is kept for {device.model} #1 of {later.reference} and cannot be taken off its unit" in text
    assert "Take it off</button>" not in clients.ada.get(address).text
