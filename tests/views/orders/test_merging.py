"""Two people edit one order at once: nothing is lost, and the slower one decides."""

from __future__ import annotations

import re
from typing import Any

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import HardwareOrder, LineItem
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.edits.intents import Intent, edit_intents
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.queries.units.units import units_of
from tests.builders import Clients, World


def sent_by(page: str) -> dict[str, Any]:
    """What the form of the lines sends as the page shows it."""
    form = page[page.index('<form id="lines"') :]
    form = form[: form.index("</form>")]
    values = {}
    for name in ("line", "seen", "quantity"):
        inputs = re.findall(rf'<input[^>]*name="{name}"[^>]*>', form)
        values[name] = [re.search(r'value="([^"]*)"', text)[1] for text in inputs]
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version
    return {**values, "version": version[1]}


def quantities(order: HardwareOrder) -> dict[str, int]:
    db.session.expire_all()
    rows = db.session.query(LineItem).filter_by(order_id=order.id).order_by(LineItem.position)
    return {line.sku: line.quantity for line in rows}


def test_lines_as_typed_and_as_somebody_else_left_them_come_together(world: World, clients: Clients) -> None:
    order = world.an_order(lines=[("deskphone", 2), ("dect_base", 1), ("mobile", 1)])
    phone, base, mobile = (line.sku for line in order.lines)
    headset = world.item("accessory").sku
    address = f"/orders/{order.reference}"
    mine = sent_by(clients.ada.get(address).text)
    # Piet raises the phones and the base, drops the mobile and adds an accessory.
    theirs = [(phone, 3), (base, 2), (headset, 4)]
    transact(lambda: edit_lines(world.piet.actor, order.id, theirs))
    # Ada, who saw none of it, raises the phones otherwise and does not touch the rest.
    mine["quantity"] = ["7", *mine["quantity"][1:]]
    answer = clients.ada.post(f"{address}/lines", data=mine)
    assert answer.status_code == 409
    assert "the order was changed while you were editing" in answer.text
    assert "Piet Jansen" in answer.text
    assert "Changed meanwhile: 2 → 3" in answer.text
    assert "Added meanwhile" in answer.text
    shown = sent_by(answer.text)
    assert shown["quantity"] == ["7", "2", "4"]
    assert quantities(order) == {phone: 3, base: 2, headset: 4}
    assert clients.ada.post(f"{address}/lines", data=shown).status_code == 302
    assert quantities(order) == {phone: 7, base: 2, headset: 4}
    assert mobile not in quantities(order)


def test_a_line_that_was_taken_off_while_one_changed_it_is_told(world: World, clients: Clients) -> None:
    order = world.an_order(lines=[("deskphone", 2), ("mobile", 1)])
    address = f"/orders/{order.reference}"
    mine = sent_by(clients.ada.get(address).text)
    keep = [(order.lines[0].sku, 2)]
    transact(lambda: edit_lines(world.piet.actor, order.id, keep))
    mine["quantity"] = ["2", "5"]
    answer = clients.ada.post(f"{address}/lines", data=mine)
    assert "A line you changed was taken off meanwhile" in answer.text


def test_plans_as_typed_and_as_somebody_else_left_them_come_together(world: World, clients: Clients) -> None:
    account = world.an_account()
    dana, eli = world.an_employee(account, "Dana Reed"), world.an_employee(account, "Eli Moss")
    order = world.an_order(lines=[("deskphone", 2)], account=account)
    first, second = (unit.id for unit in units_of(order.id))
    seen = {f"seen-{first}": "..", f"seen-{second}": "..", "version": str(order.version)}
    theirs = {first: Intent(dana.id), second: Intent(dana.id)}
    transact(lambda: edit_intents(world.piet.actor, order.id, theirs))
    typed = {f"employee-{first}": "", f"employee-{second}": str(eli.id)}
    answer = clients.ada.post(f"/orders/{order.reference}/plan", data=seen | typed)
    assert answer.status_code == 409
    assert answer.text.count("Changed meanwhile, to") == 2
    chosen = re.findall(r'<option value="(\d+)" selected', answer.text)
    assert chosen == [str(dana.id), str(eli.id)]
    version = re.search(r'name="version" value="(\d+)"', answer.text)
    assert version
    again = {f"employee-{first}": str(dana.id), f"employee-{second}": str(eli.id), "version": version[1]}
    assert clients.ada.post(f"/orders/{order.reference}/plan", data=again).status_code == 302
    assert [unit.employee_id for unit in units_of(order.id)] == [dana.id, eli.id]


def test_units_are_planned_after_approval_until_they_have_their_device(
    world: World, clients: Clients
) -> None:
    account = world.an_account()
    dana = world.an_employee(account, "Dana Reed")
    order = world.an_order("approved", [("deskphone", 2)], account=account)
    address = f"/orders/{order.reference}"
    identifiers = world.identifiers_for(order, most=1)
    transact(lambda: fulfill_order(world.ada.actor, order.id, identifiers))
    first, second = (unit.id for unit in units_of(order.id))
    assert f"{address}/plan" in clients.piet.get(address).text
    page = clients.piet.get(f"{address}/plan").text
    assert f'name="employee-{second}"' in page
    assert f'name="employee-{first}"' not in page
    assert clients.piet.post(f"{address}/plan", data={f"employee-{second}": str(dana.id)}).status_code == 302
    refused = clients.piet.post(f"{address}/plan", data={f"employee-{first}": str(dana.id)})
    assert refused.status_code == 422
    assert [unit.employee_id for unit in units_of(order.id)] == [None, dana.id]
    rest = world.identifiers_for(order)
    transact(lambda: fulfill_order(world.ada.actor, order.id, rest))
    assert f"{address}/plan" not in clients.piet.get(address).text
    assert clients.piet.post(f"{address}/plan", data={f"employee-{second}": ""}).status_code == 409
    assert clients.sam.get(f"{address}/plan").status_code == 403
