"""The page that corrects a placement: what was typed is kept, what others changed stands beside it."""

from __future__ import annotations

from datetime import date

from hwadmin.db.extensions import db
from hwadmin.models import HardwareOrder
from hwadmin.operations.orders.decisions import mark_ordered
from hwadmin.operations.orders.placements import correct_placement
from tests.acceptance.visitor import Visitor
from tests.builders import Clients, World
from tests.operations.refusals import by, events

DAY = date(2026, 11, 2)


def placed(world: World) -> HardwareOrder:
    order = world.an_order("approved")
    by(
        world.ada,
        lambda ada: mark_ordered(
            ada, order.id, distributor="Voxport", distributor_reference="VX-1", ordered_on=DAY
        ),
    )
    return order


def test_a_number_is_corrected_from_the_page_of_the_order(world: World, clients: Clients) -> None:
    order = placed(world)
    address = f"/orders/{order.reference}/placement"
    assert f'href="{address}">Correct the placement' in clients.ada.get(f"/orders/{order.reference}").text
    assert address not in clients.piet.get(f"/orders/{order.reference}").text
    form = clients.ada.get(address).text
    assert 'value="VX-1"' in form
    answer = clients.ada.post(
        address,
        data={
            "version": order.version,
            "distributor": "Voxport",
            "distributor_reference": "VX-2",
            "ordered_on": DAY.isoformat(),
        },
    )
    assert answer.status_code == 302
    db.session.refresh(order)
    assert order.distributor_reference == "VX-2"
    assert len(events(order.id, "order.placement_corrected")) == 1


def test_whoever_was_slower_keeps_what_they_typed_and_sees_the_others_change(
    world: World, clients: Clients
) -> None:
    order = placed(world)
    seen = order.version
    by(world.ada, lambda ada: correct_placement(ada, order.id, {"distributor_reference": "VX-2"}))
    mine = {"distributor": "Brandt", "distributor_reference": "B-9", "ordered_on": DAY.isoformat()}
    answer = clients.ada.post(f"/orders/{order.reference}/placement", data={"version": seen} | mine)
    assert answer.status_code == 409
    page = answer.text
    assert 'value="B-9"' in page
    assert 'value="Brandt"' in page
    assert "the order was changed while you were editing" in page
    assert "Corrected the placement" in page
    assert "Changed meanwhile: “VX-1” → “VX-2”" in page
    assert order.distributor_reference == "VX-2"
    # Having seen it, they decide.
    again = {"version": order.version} | mine
    assert clients.ada.post(f"/orders/{order.reference}/placement", data=again).status_code == 302
    db.session.refresh(order)
    assert (order.distributor, order.distributor_reference) == ("Brandt", "B-9")


def test_what_the_slower_one_did_not_touch_stays_as_the_other_left_it(world: World, clients: Clients) -> None:
    order = placed(world)
    page = Visitor(clients.ada).open(f"/orders/{order.reference}/placement")
    by(world.ada, lambda ada: correct_placement(ada, order.id, {"distributor_reference": "VX-2"}))
    page.press("Save the placement", {"Distributor": "Brandt", "Ordered on": DAY.isoformat()}, status=409)
    page.press("Save the placement")
    db.session.refresh(order)
    assert (order.distributor, order.distributor_reference) == ("Brandt", "VX-2")
    assert order.ordered_on == DAY


def test_what_is_wrong_stands_at_its_field_with_what_was_typed(world: World, clients: Clients) -> None:
    order = placed(world)
    answer = clients.ada.post(
        f"/orders/{order.reference}/placement", data={"distributor": "x" * 121, "ordered_on": "soon"}
    )
    assert answer.status_code == 422
    assert "x" * 121 in answer.text


def test_nothing_is_corrected_where_nothing_is_placed(world: World, clients: Clients) -> None:
    order = world.an_order("approved")
    assert clients.ada.get(f"/orders/{order.reference}/placement").status_code == 409
