"""The pages of hardware orders, as each of their people sees them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from tests.builders import Clients, World, an_identifier

LINES = [("deskphone", 2), ("dect_base", 1), ("dect_handset", 3), ("accessory", 2)]


@pytest.mark.parametrize("person", ["ada", "piet", "sam"])
@pytest.mark.parametrize("status", ["submitted", "approved", "fulfilled", "rejected", "cancelled"])
def test_every_order_can_be_read_by_whoever_is_given_it(
    world: World, clients: Clients, person: str, status: str
) -> None:
    order = world.an_order(status, LINES)
    client = getattr(clients, person)
    listed = client.get(f"/orders/?status={status}")
    assert listed.status_code == 200
    assert order.reference in listed.text
    page = client.get(f"/orders/{order.reference}")
    assert page.status_code == 200
    assert order.account.name in page.text
    assert client.get(f"/orders/{order.reference}/history").status_code == 200


def test_a_decision_asks_first_and_is_done_by_a_post(world: World, clients: Clients) -> None:
    order = world.an_order("submitted", LINES)
    for page in ("reject", "mark-ordered", "plan"):
        assert clients.ada.get(f"/orders/{order.reference}/{page}").status_code == 200
    answer = clients.ada.post(f"/orders/{order.reference}/reject", data={"version": 1, "reason": ""})
    assert answer.status_code == 422
    assert "Please give a reason." in answer.text
    answer = clients.ada.post(f"/orders/{order.reference}/reject", data={"version": 1, "reason": "Twice"})
    assert answer.status_code == 302


def test_identifiers_are_entered_checked_and_written(world: World, clients: Clients) -> None:
    order = world.an_order("approved", LINES)
    url = f"/orders/{order.reference}/fulfill"
    assert clients.ada.get(url).status_code == 200
    typed = world.identifiers_for(order)
    wrong = {f"unit-{key}": value for key, value in typed.items()}
    first = next(iter(wrong))
    wrong[first] = "nonsense"
    answer = clients.ada.post(url, data=wrong)
    assert answer.status_code == 422
    assert "nonsense" in answer.text
    wrong[first] = an_identifier("deskphone")
    assert clients.ada.post(url, data={**wrong, "do": "check"}).status_code == 200
    assert clients.ada.post(url, data=wrong).status_code == 302
    assert "Fulfilled" in clients.ada.get(f"/orders/{order.reference}").text


def test_lines_are_edited_in_place(world: World, clients: Clients) -> None:
    order = world.an_order("submitted", LINES)
    url = f"/orders/{order.reference}"
    key = order.lines[0].id
    answer = clients.ada.post(f"{url}/lines", data={"version": 1, "line": [key], "quantity": ["5"]})
    assert answer.status_code == 302, answer.text
    assert "5" in clients.ada.get(url).text
    answer = clients.ada.post(f"{url}/lines", data={"version": 1, "line": [key], "quantity": ["x"]})
    assert answer.status_code == 422
    answer = clients.ada.post(f"{url}/lines", data={"version": 1, "line": [key], "quantity": ["6"]})
    assert answer.status_code == 409
    assert "the order was changed while you were editing" in answer.text
    assert 'value="6"' in answer.text


def test_another_variant_is_added_as_another_line_and_asked_for_where_it_is_not_chosen(
    world: World, clients: Clients
) -> None:
    phone = world.an_item("mobile", sku="IP17", colors=["Black", "Sage"], size="256 GB")
    for term, now, monthly in ((0, "899.00", "0"), (24, "99.00", "19.00")):
        world.a_price(phone, "256 GB", term, now, monthly)
    world.an_item("mobile", sku="IP17-L", size="512 GB", unit_price=Decimal("1129.00"))
    order = world.an_order("submitted", [("mobile", 1)])
    db.session.commit()
    url, key = f"/orders/{order.reference}", order.lines[0].id
    sent = {"line": [key], "quantity": ["2"], "add_sku": "IP17 · Apple iPhone 17", "add_quantity": "3"}
    # Without scripts the choice is asked for, and what was typed stays.
    answer = clients.piet.post(f"{url}/lines", data=sent | {"version": order.version})
    assert answer.status_code == 422
    assert "Choose Apple iPhone 17 in Black or in Sage." in answer.text
    assert '<option value="24">24 months</option>' in answer.text
    chosen = {"add_size": "256 GB", "add_color": "Sage", "add_term": "24", "add_carrier": ""}
    answer = clients.piet.post(f"{url}/lines", data=sent | chosen | {"version": order.version})
    assert answer.status_code == 302, answer.text
    db.session.expire_all()
    assert [(line.description, line.quantity) for line in order.lines] == [
        ("Apple iPhone 17", 2),
        ("Apple iPhone 17 (256 GB, Sage, 24 months)", 3),
    ]
    # Of one model another size is another item.
    larger = {"add_size": "512 GB", "add_color": "", "add_term": "0", "add_carrier": ""}
    sent |= {"line": [line.id for line in order.lines], "quantity": ["2", "3"], "version": order.version}
    assert clients.piet.post(f"{url}/lines", data=sent | larger).status_code == 302
    db.session.expire_all()
    assert [(line.sku, line.size, line.quantity) for line in order.lines][2] == ("IP17-L", "512 GB", 3)
    none_such = clients.piet.post(f"{url}/lines", data=sent | larger | {"add_term": "24"})
    assert "Apple iPhone 17 in 512 GB is not offered for 24 months." in none_such.text


def test_two_variants_of_a_model_are_told_apart_wherever_an_order_is_named(
    world: World, clients: Clients
) -> None:
    phone = world.an_item("mobile", sku="IP17", colors=["Black", "Sage"], size="256 GB")
    account = world.an_account()
    dana = world.an_employee(account, "Dana Reed")
    lines = [
        NewLine("IP17", 2, [NewIntent(dana.id)], size="256 GB", color="Black"),
        NewLine("IP17", 1, size="256 GB", color="Sage"),
    ]
    black, sage = (f"{phone.title} (256 GB, {color})" for color in ("Black", "Sage"))
    order = transact(lambda: submit_order(world.piet.actor, NewOrder(account.id, lines)))
    both = f"2 × {black}, 1 × {sage}"
    for page in ("/orders/", "/my-orders/", f"/orders/{order.reference}/reject"):
        assert both in clients.piet.get(page).text or both in clients.ada.get(page).text, page
    assert f'"{both}"' in clients.piet.post("/orders/export-orders", data={"format": "csv"}).text
    assert f"1 × {black}" in clients.piet.get(f"/accounts/{account.id}/employees/{dana.id}/").text
    # Who enters identifiers must know which of the two it is.
    assert "iPhone 17 (256 GB, Black) #1" in clients.piet.get(f"/orders/{order.reference}").text
    # One of them is taken off: the other stays what it was.
    keys = [line.id for line in order.lines]
    form = {"version": order.version, "line": keys, "quantity": ["2", "0"]}
    assert clients.ada.post(f"/orders/{order.reference}/lines", data=form).status_code == 302
    page = clients.piet.get(f"/orders/{order.reference}").text
    assert f'{sage}</span><span class="sub mono">IP17</span> <span class="tag tag-warn">taken off' in page
    assert f"{sage}: 1 → removed" in clients.piet.get(f"/orders/{order.reference}/history").text


def test_several_orders_are_approved_at_once_with_a_result_for_each(world: World, clients: Clients) -> None:
    orders = [world.an_order(), world.an_order(), world.an_order("rejected")]
    answer = clients.ada.post(
        "/orders/approve-several", data={"order": [order.id for order in orders]}, follow_redirects=True
    )
    assert f"{orders[2].reference} was not approved" in answer.text


def test_the_filtered_list_is_exported(world: World, clients: Clients) -> None:
    order = world.an_order()
    answer = clients.piet.post("/orders/export-orders", data={"format": "csv", "status": "submitted"})
    assert order.reference in answer.text
    assert clients.ada.post("/orders/export-orders", data={"format": "xlsx"}).status_code == 200


def test_edited_lines_are_saved_and_approved_in_one_go_or_not_at_all(world: World, clients: Clients) -> None:
    order, other = world.an_order("submitted", LINES), world.an_order()
    key = order.lines[0].id
    sent = {"version": order.version, "line": [key], "quantity": ["5"], "approve": "1"}
    # A platform admin may edit, and not approve.
    assert clients.piet.post(f"/orders/{order.reference}/lines", data=sent).status_code == 403
    assert "Pending approval" in clients.ada.get(f"/orders/{order.reference}").text
    answer = clients.ada.post(f"/orders/{order.reference}/lines", data=sent | {"then": other.reference})
    assert answer.status_code == 302
    assert answer.location.endswith(f"/orders/{other.reference}")
    page = clients.ada.get(answer.location).text
    assert "are saved. The order is approved." in page


def test_approve_and_next_goes_on_and_leads_nowhere_else(world: World, clients: Clients) -> None:
    first, second, third = (world.an_order() for _ in range(3))
    for order, then, leads in (
        (first, second.reference, second.reference),
        (second, "//evil.example", second.reference),
        (third, "", third.reference),
    ):
        answer = clients.ada.post(f"/orders/{order.reference}/approve", data={"then": then})
        assert answer.location == f"/orders/{leads}"
