"""The pages of hardware orders, as each of their people sees them."""

import pytest

from tests.builders import an_identifier

LINES = [("deskphone", 2), ("dect_base", 1), ("dect_handset", 3), ("accessory", 2)]


@pytest.mark.parametrize("person", ["ada", "piet", "sam"])
@pytest.mark.parametrize("status", ["submitted", "approved", "fulfilled", "rejected", "cancelled"])
def test_every_order_can_be_read_by_whoever_is_given_it(world, clients, person, status):
    order = world.an_order(status, LINES)
    client = getattr(clients, person)
    listed = client.get(f"/orders/?status={status}")
    assert listed.status_code == 200
    assert order.reference in listed.text
    page = client.get(f"/orders/{order.reference}")
    assert page.status_code == 200
    assert order.account.name in page.text
    assert client.get(f"/orders/{order.reference}/history").status_code == 200


def test_a_decision_asks_first_and_is_done_by_a_post(world, clients):
    order = world.an_order("submitted", LINES)
    for page in ("reject", "mark-ordered", "plan"):
        assert clients.ada.get(f"/orders/{order.reference}/{page}").status_code == 200
    answer = clients.ada.post(f"/orders/{order.reference}/reject", data={"version": 1, "reason": ""})
    assert answer.status_code == 422
    assert "Please give a reason." in answer.text
    answer = clients.ada.post(f"/orders/{order.reference}/reject", data={"version": 1, "reason": "Twice"})
    assert answer.status_code == 302


def test_identifiers_are_entered_checked_and_written(world, clients):
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


def test_lines_are_edited_in_place(world, clients):
    order = world.an_order("submitted", LINES)
    url = f"/orders/{order.reference}"
    sku = world.item("deskphone").sku
    answer = clients.ada.post(f"{url}/lines", data={"version": 1, "sku": [sku], "quantity": ["5"]})
    assert answer.status_code == 302, answer.text
    assert "5" in clients.ada.get(url).text
    answer = clients.ada.post(f"{url}/lines", data={"version": 1, "sku": [sku], "quantity": ["x"]})
    assert answer.status_code == 422
    answer = clients.ada.post(f"{url}/lines", data={"version": 1, "sku": [sku], "quantity": ["6"]})
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text


def test_several_orders_are_approved_at_once_with_a_result_for_each(world, clients):
    orders = [world.an_order(), world.an_order(), world.an_order("rejected")]
    answer = clients.ada.post(
        "/orders/approve-several", data={"order": [order.id for order in orders]}, follow_redirects=True
    )
    assert f"{orders[2].reference} was not approved" in answer.text


def test_the_filtered_list_is_exported(world, clients):
    order = world.an_order()
    answer = clients.piet.post("/orders/export-orders", data={"format": "csv", "status": "submitted"})
    assert order.reference in answer.text
    assert clients.ada.post("/orders/export-orders", data={"format": "xlsx"}).status_code == 200
