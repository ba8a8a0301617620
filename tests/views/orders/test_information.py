"""The page of the ordering information: what can be corrected, and two who correct it at once."""

from __future__ import annotations

from hwadmin.db.extensions import db
from hwadmin.operations.orders.edits.ordering_information import change_ordering_information
from tests.acceptance.visitor import Visitor
from tests.builders import Clients, World
from tests.operations.refusals import by


def test_the_platform_corrects_its_order_on_a_page(world: World, clients: Clients) -> None:
    order = world.an_order(attention="Dana Reed")
    address = f"/orders/{order.reference}/information"
    assert f'href="{address}"' in clients.piet.get(f"/orders/{order.reference}").text
    assert address not in clients.sam.get(f"/orders/{order.reference}").text
    assert 'value="Dana Reed"' in clients.piet.get(address).text
    sent = {"version": order.version, "attention": "Kim Sol", "notify": "a@example.com\nb@example.com"}
    assert clients.piet.post(address, data=sent).status_code == 302
    db.session.refresh(order)
    assert (order.attention, order.notify) == ("Kim Sol", ["a@example.com", "b@example.com"])


def test_after_approval_only_what_can_be_corrected_is_offered(world: World, clients: Clients) -> None:
    order = world.an_order("approved")
    address = f"/orders/{order.reference}/information"
    mine, theirs = clients.ada.get(address).text, clients.piet.get(address).text
    assert 'name="ship_to_location_id"' in mine
    assert 'name="ship_to_location_id"' not in theirs
    for page in (mine, theirs):
        assert 'name="notes"' in page
        assert 'name="requester"' not in page
    assert clients.ada.get(f"/orders/{world.an_order('rejected').reference}/information").status_code == 409


def test_whoever_was_slower_keeps_what_they_typed(world: World, clients: Clients) -> None:
    order = world.an_order(attention="Dana Reed")
    seen = order.version
    by(world.ada, lambda ada: change_ordering_information(ada, order.id, {"attention": "Kim Sol"}))
    answer = clients.piet.post(
        f"/orders/{order.reference}/information",
        data={"version": seen, "attention": "Lou Sol", "notes": "Ring twice."},
    )
    assert answer.status_code == 409
    page = answer.text
    assert 'value="Lou Sol"' in page
    assert "Ring twice." in page
    assert "Changed meanwhile: “Dana Reed” → “Kim Sol”" in page
    db.session.refresh(order)
    assert (order.attention, order.notes) == ("Kim Sol", None)


def test_what_the_slower_one_did_not_touch_stays_as_the_other_left_it(world: World, clients: Clients) -> None:
    order = world.an_order(attention="Dana Reed", notes="Back door.\nNo steps.")
    page = Visitor(clients.piet).open(f"/orders/{order.reference}/information")
    theirs = {"attention": "Kim Sol", "notes": "Ring twice.", "notify": ["a@example.com"]}
    by(world.ada, lambda ada: change_ordering_information(ada, order.id, theirs))
    page.press("Save the information", {"Attention": "Lou Sol", "Reason": "New wing."}, status=409)
    # Having seen it, they save once more.
    page.press("Save the information")
    db.session.refresh(order)
    assert (order.attention, order.reason) == ("Lou Sol", "New wing.")
    assert (order.notes, order.notify) == ("Ring twice.", ["a@example.com"])


def test_what_is_wrong_stands_at_its_field(world: World, clients: Clients) -> None:
    order = world.an_order()
    answer = clients.piet.post(f"/orders/{order.reference}/information", data={"notify": "nobody"})
    assert answer.status_code == 422
    assert "“nobody” is not an e-mail address." in answer.text
