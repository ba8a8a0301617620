"""Everything else that is done with an order: plans, closing short, managers, notes, documents, history."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.models import AuditEvent, HardwareOrder
from hwadmin.operations.orders.decisions import approve_order
from hwadmin.operations.orders.submission.new_order import NewIntent
from tests.api.callers import Callers, fields, problem
from tests.api.conftest import Traces
from tests.api.test_lists import statements
from tests.builders import Answer, World
from tests.work import function_calls


def url(order: HardwareOrder, end: str = "") -> str:
    return f"/orders/{order.reference}{end}"


# ---- Who asks, and which request it was


def test_me_tells_as_whom_the_token_acts(api: Callers, world: World) -> None:
    me = api.piet.get("/me").json
    assert me["person"] == {"id": world.piet.id, "name": "Piet Jansen", "email": world.piet.email}
    assert (me["kind"], me["role"], me["all_platforms"]) == ("person", "platform_admin", False)
    assert me["platforms"] == [{"id": world.northwind.id, "name": "Northwind Voice"}]
    assert "orders:submit" in me["permissions"]
    assert "orders:decide" not in me["permissions"]
    service = api.service.get("/me").json
    assert (service["kind"], service["person"], service["role"]) == ("service", None, "platform_admin")
    assert api.ada.get("/me").json["all_platforms"] is True


def test_every_answer_names_its_request_as_its_audit_events_do(api: Callers, world: World) -> None:
    order = world.an_order()
    answers = [
        api.ada.post(url(order, "/approve")),
        api.ada.get(url(order)),
        api.ada.get("/orders/HW-999999"),
        api.anonymous.get("/orders"),
        api.ada.get("/nowhere"),
    ]
    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(ids)) == len(ids)
    event = db.session.query(AuditEvent).filter_by(kind="order.approved").one()
    assert event.request_id == ids[0]


# ---- How much work it is


@pytest.mark.both_databases
def test_an_order_is_created_by_few_statements_and_calls(api: Callers, world: World) -> None:
    account = world.an_account()
    employee, site = world.an_employee(account).id, world.a_location(account).id
    intents = [{"employee_id": employee}, {"location_id": site}]
    skus = [world.item(kind).sku for kind in (Kind.DESKPHONE, Kind.MOBILE, Kind.DECT_BASE)]
    planned = (intents, intents[:1], intents[1:])
    lines = [{"sku": sku, "quantity": 2, "intents": plans} for sku, plans in zip(skus, planned, strict=True)]

    def create() -> None:
        answer = api.piet.post("/orders", {"account_id": account.id, "lines": lines})
        assert answer.status_code == 201, answer.text

    for _ in range(2):
        create()
    with statements(api.app) as sent:
        create()
    assert len(sent) <= 14, sent
    assert function_calls(create) < 7800


# ---- Plans


def test_what_is_left_out_of_a_plan_stays_and_null_clears(api: Callers, world: World) -> None:
    account = world.an_account()
    dana, eli, site = world.an_employee(account), world.an_employee(account), world.a_location(account)
    order = world.an_order(
        lines=[(Kind.DESKPHONE, 2)],
        account=account,
        intents={0: [NewIntent(employee_id=dana.id, location_id=site.id)]},
    )
    first, second = api.piet.get(url(order)).json["units"]

    def put(**unit: int | None) -> dict[str, object]:
        answer = api.piet.put(url(order, "/units"), {"units": [{"unit_id": first["id"]} | unit]})
        assert answer.status_code == 200, answer.text
        changed, untouched = answer.json["units"]
        assert untouched == second
        return {name: value["id"] if (value := changed[name]) else None for name in ("employee", "location")}

    assert put(employee_id=eli.id) == {"employee": eli.id, "location": site.id}
    assert put(location_id=None) == {"employee": eli.id, "location": None}
    assert put() == {"employee": eli.id, "location": None}
    assert api.piet.get(url(order)).json["version"] == 3


def test_what_a_unit_is_booked_on_and_why_it_upgrades_are_corrected_while_it_is_pending(
    api: Callers, world: World
) -> None:
    account = world.an_account()
    world.a_code(account, "4711")
    upgrade = NewIntent(line_of_service_id=world.a_phone_line(account).id, upgrade_reason="It is worn out.")
    order = world.an_order(lines=[(Kind.MOBILE, 1)], account=account, intents={0: [upgrade]})
    unit = api.piet.get(url(order)).json["units"][0]["id"]

    def put(**stated: object) -> Answer:
        return api.piet.put(url(order, "/units"), {"units": [{"unit_id": unit} | stated]})

    shares = [{"code": "4711", "percent": "100"}]
    (booked,) = put(accounting_codes=shares).json["units"]
    assert [share["code"] for share in booked["accounting_codes"]] == ["4711"]
    assert booked["upgrade_reason"] == "It is worn out."
    (plain,) = put(accounting_codes=None, upgrade_reason="It is broken.").json["units"]
    assert (plain["accounting_codes"], plain["upgrade_reason"]) == ([], "It is broken.")
    assert fields(put(accounting_codes=[{"code": "9", "percent": "100"}])) == [
        f"units.{unit}.accounting_codes"
    ]
    transact(lambda: approve_order(world.ada.actor, order.id))
    assert put(upgrade_reason="Too late.").status_code == 422


def test_a_plan_is_refused_at_its_field_and_against_another_version(
    api: Callers, world: World, traces: type[Traces]
) -> None:
    order = world.an_order()
    unit = api.piet.get(url(order)).json["units"][0]["id"]
    before = traces()
    twice = [{"unit_id": unit}, {"unit_id": unit}]
    assert fields(api.piet.put(url(order, "/units"), {"units": twice})) == ["units.1.unit_id"]
    one = {"units": [{"unit_id": unit, "employee_id": 999_999}]}
    problem(api.piet.put(url(order, "/units"), one), 422)
    problem(api.piet.put(url(order, "/units"), one, headers={"If-Match": '"9"'}), 412)
    problem(api.bea.put(url(order, "/units"), one), 404)
    problem(api.sam.put(url(order, "/units"), one), 403)
    assert before.none()


# ---- Closing short, unlinking, applying a plan


def test_units_that_will_not_come_are_closed(api: Callers, world: World) -> None:
    order = world.an_order(OrderStatus.APPROVED, [(Kind.DESKPHONE, 2)])
    first, second = (unit["id"] for unit in api.ada.get(url(order)).json["units"])
    body = {"unit_ids": [second], "reason": "Sold out."}
    problem(api.piet.post(url(order, "/close-short"), body), 403)
    closed = api.ada.post(url(order, "/close-short"), body)
    assert closed.status_code == 200, closed.text
    assert [unit["closed_reason"] for unit in closed.json["units"]] == [None, "Sold out."]
    again = api.ada.post(url(order, "/close-short"), body)
    assert again.json["version"] == closed.json["version"]
    problem(api.ada.post(url(order, "/close-short"), body | {"unit_ids": [first]}), 422)


def test_a_device_is_taken_off_its_unit_and_a_plan_is_applied(api: Callers, world: World) -> None:
    account = world.an_account()
    dana = world.an_employee(account)
    order = world.an_order(
        OrderStatus.FULFILLED,
        [(Kind.DESKPHONE, 2)],
        account=account,
        intents={0: [NewIntent(employee_id=dana.id)]},
    )
    first, second = api.ada.get(url(order)).json["units"]
    nothing_left = api.ada.post(url(order, f"/units/{first['id']}/apply-plan"))
    problem(nothing_left, 409)
    unlinked = api.ada.post(url(order, f"/units/{second['id']}/unlink"), {"reason": "The wrong one."})
    assert unlinked.status_code == 200, unlinked.text
    assert unlinked.json["units"][1]["device_id"] is None
    problem(api.ada.post(url(order, f"/units/{second['id']}/unlink"), {"reason": "Again."}), 409)
    for end in ("unlink", "apply-plan"):
        body = {"reason": "No."} if end == "unlink" else None
        problem(api.ada.post(url(order, f"/units/999999/{end}"), body), 404)
        problem(api.piet.post(url(order, f"/units/{first['id']}/{end}"), body), 403)


# ---- Managers and copies


def test_a_manager_is_shown_asked_again_and_overridden(api: Callers, world: World) -> None:
    order = world.an_order(account=world.an_account_that_asks())
    manager = api.piet.get(url(order)).json["manager"]
    assert manager["answered_at"] is None
    assert manager["email"].count("@") == 1
    asked = api.piet.post(url(order, "/ask-manager"))
    assert (asked.status_code, asked.json["manager_approval"]) == (200, "awaiting")
    problem(api.ada.post(url(order, "/override"), {"reason": "Now."}, headers={"If-Match": '"7"'}), 412)
    problem(api.piet.post(url(order, "/override"), {"reason": "Now."}), 403)
    overridden = api.ada.post(url(order, "/override"), {"reason": "Agreed by phone."})
    assert overridden.json["manager_approval"] == "overridden"
    problem(api.piet.post(url(order, "/ask-manager")), 409)


def test_an_order_is_copied(api: Callers, world: World, traces: type[Traces]) -> None:
    order = world.an_order(OrderStatus.REJECTED, notes="Ring twice.")
    before = traces()
    copy = api.piet.post(url(order, "/copy"))
    assert copy.status_code == 200
    assert before.none()
    assert (copy.json["order"]["notes"], copy.json["left_out"]) == ("Ring twice.", [])
    # It is an order as it is sent; and only then one is submitted.
    again = api.piet.post("/orders", copy.json["order"])
    assert again.status_code == 201, again.text
    lines = [{name: line[name] for name in ("sku", "quantity")} for line in again.json["lines"]]
    assert lines == [{"sku": line.sku, "quantity": line.quantity} for line in order.lines]
    world.item(Kind.DESKPHONE).archived_at = utcnow()
    db.session.commit()
    gone = problem(api.piet.post(url(order, "/copy")), 409)
    assert "Yealink T54W is no longer sold" in gone["detail"]
    problem(api.bea.post(url(order, "/copy")), 404)


# ---- Notes


def test_notes_are_for_super_admins_and_support(api: Callers, world: World) -> None:
    order = world.an_order()
    note = api.sam.post(url(order, "/notes"), {"text": "They called."})
    assert (note.status_code, note.json["author"]) == (201, {"name": world.sam.name})
    assert api.ada.get(url(order, "/notes")).json["items"] == [note.json]
    for caller in (api.piet, api.service):
        problem(caller.get(url(order, "/notes")), 403)
        problem(caller.post(url(order, "/notes"), {"text": "Hello"}), 403)
    removed = api.sam("DELETE", f"/notes/{note.json['id']}")
    assert (removed.json["text"], removed.json["removed_by"]) == (None, {"name": world.sam.name})
    problem(api.sam("DELETE", f"/notes/{note.json['id']}"), 409)
    problem(api.ada("DELETE", "/notes/999999"), 404)


# ---- Documents and history


def test_the_purchase_order_is_pdf_or_csv_and_leaves_an_event(api: Callers, world: World) -> None:
    order = world.an_order(OrderStatus.APPROVED, [(Kind.DESKPHONE, 2)])
    pdf = api.ada.get(url(order, "/purchase-order"))
    assert (pdf.status_code, pdf.mimetype, pdf.data[:5]) == (200, "application/pdf", b"%PDF-")
    table = api.ada.get(url(order, "/purchase-order"), headers={"Accept": "text/csv"})
    assert table.mimetype == "text/csv"
    assert world.item(Kind.DESKPHONE).sku in table.text
    assert db.session.query(AuditEvent).filter_by(kind="order.exported").count() == 2
    problem(api.piet.get(url(order, "/purchase-order")), 403)
    problem(api.ada.get("/orders/HW-999999/purchase-order"), 404)


def test_an_order_is_shown_as_it_was(api: Callers, world: World) -> None:
    order = world.an_order(lines=[(Kind.DESKPHONE, 2)])
    created = api.piet.get(url(order)).json["created_at"]
    api.piet.put(url(order, "/lines"), {"lines": [{"sku": world.item(Kind.DESKPHONE).sku, "quantity": 5}]})
    was = api.piet.get(url(order, f"/as-of?at={created}")).json
    now = api.piet.get(url(order, "/as-of")).json
    assert (was["version"], was["lines"][0]["quantity"], now["lines"][0]["quantity"]) == (1, 2, 5)
    assert (was["until"], now["until"]) == (now["since"], None)
    problem(api.piet.get(url(order, "/as-of?at=2001-01-01T00:00:00Z")), 404)
    problem(api.piet.get(url(order, "/as-of?at=yesterday")), 422)
    problem(api.bea.get(url(order, "/as-of")), 404)


# ---- CSV


@pytest.mark.parametrize("path", ["/orders", "/accounts", "/devices", "/catalog"])
def test_lists_are_csv_where_accept_asks_for_it(api: Callers, world: World, path: str) -> None:
    for _ in range(2):
        account = world.an_account(name="=HYPERLINK(1)")
        world.an_order(OrderStatus.FULFILLED, account=account)
        world.an_item(Kind.DESKPHONE, model="@cmd")
    answer = api.piet.get(f"{path}?limit=1", headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    [header, row] = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(header) == len(row)
    assert not any(cell.startswith(("=", "@")) for cell in row)
    assert 'rel="next"' in answer.headers["Link"]
    following = answer.headers["Link"].partition(">")[0].removeprefix("</api/v1")
    assert api.piet.get(following).status_code == 200
    assert api.piet.get(path).mimetype == "application/json"
    empty = api.bea.get(path, headers={"Accept": "text/csv"})
    assert empty.text.removeprefix("\ufeff").splitlines()[0].split(",") == header


# ---- Ordering information


def test_ordering_information_is_corrected_and_comes_back(api: Callers, world: World) -> None:
    account = world.an_account()
    site = world.a_location(account)
    order = world.an_order(account=account)
    values = {
        "requester": "Dana",
        "notify": ["dana@example.com"],
        "attention": "Reception",
        "notes": "Ring\ntwice.",
        "reason": "A new ward",
        "accounting_codes": ["4711"],
    }
    answer = api.piet("PATCH", url(order), values | {"ship_to_location_id": site.id})
    assert answer.status_code == 200, answer.text
    assert {name: answer.json[name] for name in values} == values
    assert answer.json["ship_to"]["id"] == site.id
    assert api.piet.get(url(order)).json == answer.json
    cleared = api.piet("PATCH", url(order), {"notify": None, "ship_to_location_id": None}).json
    assert (cleared["notify"], cleared["ship_to"], cleared["notes"]) == ([], None, "Ring\ntwice.")
    stale = {"If-Match": '"1"'}
    problem(api.piet("PATCH", url(order), {"notes": "X"}, headers=stale), 412)
    assert fields(api.piet("PATCH", url(order), {"notify": ["nobody"]})) == ["notify.0"]
    api.ada.post(url(order, "/approve"))
    problem(api.piet("PATCH", url(order), {"requester": "Kofi"}), 409)


def test_your_own_key_of_an_order_is_corrected_in_any_state(
    api: Callers, world: World, traces: type[Traces]
) -> None:
    order, other = world.an_order(), world.an_order()
    for key in ("po-1", "po-2", "po-2"):
        answer = api.piet("PATCH", url(order), {"external_id": key})
        assert (answer.status_code, answer.json["external_id"]) == (200, key)
    assert answer.json["version"] == 3
    assert api.piet.get("/orders?external_id=po-2").json["items"][0]["reference"] == order.reference
    before = traces()
    assert fields(api.piet("PATCH", url(other), {"external_id": "po-2"})) == ["external_id"]
    assert fields(api.piet("PATCH", url(order), {"external_id": "a/b"})) == ["external_id"]
    assert before.none()
    api.piet.post(url(order, "/cancel"))
    assert api.piet("PATCH", url(order), {"external_id": None}).json["external_id"] is None
    events = api.piet.get(url(order, "/events")).json["items"]
    assert next(event["summary"] for event in events if event["kind"] == "order.edited").endswith(
        "external id set to “po-1”"
    )


def test_every_write_of_an_order_is_refused_against_another_version(
    api: Callers, world: World, traces: type[Traces]
) -> None:
    order = world.an_order(OrderStatus.APPROVED, [(Kind.DESKPHONE, 2)])
    unit = api.ada.get(url(order)).json["units"][0]["id"]
    writes = [
        rule
        for rule in api.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/orders/<reference:reference>")
        and not rule.methods & {"GET"}
        # Neither a note nor a claim changes anything of the order.
        and not rule.endpoint.endswith(("add_note", "_claim", "claim_order"))
    ]
    assert len(writes) >= 17
    bodies = {
        "api.put_lines": {"lines": [{"sku": "X", "quantity": 1}]},
        "api.put_units": {"units": [{"unit_id": unit}]},
        "api.close_units_short": {"unit_ids": [unit], "reason": "X"},
        "api.send": {"distributor": "X"},
        "api.fulfill": {"units": []},
    }
    api.ada.post(url(order, "/fulfill"), {"units": [{"unit_id": unit, "identifier": "805ec0123456"}]})
    before = traces()
    for rule in writes:
        path = rule.rule.removeprefix("/api/v1").replace("<reference:reference>", order.reference)
        path = path.replace("<row:unit_id>", str(unit))
        caller = api.piet if rule.endpoint.endswith(("cancel", "copy", "change_order")) else api.ada
        more: dict[str, Any]
        if rule.endpoint.endswith("fulfill_by_list"):
            more = {"data": "MAC\n805ec0123457"}
        else:
            needs_reason = rule.endpoint.endswith(("reject", "reopen", "override", "unlink_unit"))
            default = {"reason": "X"} if needs_reason else {}
            more = {"json": bodies.get(rule.endpoint, default)}
        [method] = rule.methods - {"OPTIONS", "HEAD"}
        answer = caller(method, path, headers={"If-Match": '"99"'}, **more)
        problem(answer, 412)
        assert "changed meanwhile" in answer.json["detail"]
    assert before.none()
