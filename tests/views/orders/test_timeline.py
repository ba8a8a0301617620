"""An order's history on its pages: all of it, as it was, compared; and anonymizing an employee."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hwadmin import clock
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import AuditEvent, HardwareOrder
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import approve_order, mark_ordered
from hwadmin.operations.orders.edits.lines import edit_lines
from tests.builders import Clients, World
from tests.reading_pages import tree_of

MORNING = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def order(world: World) -> HardwareOrder:
    """Submitted at nine, corrected at ten, approved at eleven, fulfilled in part at noon."""
    phone, mobile, extra = (world.item(kind).sku for kind in ("deskphone", "mobile", "accessory"))
    with clock.at(MORNING):
        order = world.an_order(lines=[("deskphone", 2), ("mobile", 1)], notes="Ring twice.")
    with clock.at(MORNING + timedelta(hours=1)):
        transact(lambda: edit_lines(world.piet.actor, order.id, {phone: 5, extra: 1}, drop_planned=True))
    assert mobile not in {line.sku for line in order.lines}
    with clock.at(MORNING + timedelta(hours=2)):
        transact(lambda: approve_order(world.ada.actor, order.id))
    with clock.at(MORNING + timedelta(hours=3)):
        transact(
            lambda: fulfill_order(world.ada.actor, order.id, world.identifiers_for(order, 2), only_valid=True)
        )
    return order


def words(text: str) -> str:
    """What a page says, without its markup."""
    page = tree_of(text)
    for parent in list(page.iter()):
        for script in parent.findall("script"):
            script.text = ""
    return " ".join(" ".join(page.itertext()).split())


@pytest.mark.parametrize("persona", ["ada", "piet", "sam"])
def test_requested_approved_and_fulfilled_stand_side_by_side(
    clients: Clients, order: HardwareOrder, persona: str
) -> None:
    text = words(getattr(clients, persona).get(f"/orders/{order.reference}").text)
    assert "Requested Approved Fulfilled" in text
    assert "Yealink T54W" in text
    # The phones were 2, are 5, and 2 came; the mobile was asked for and taken off.
    phone, mobile, extra = order.lines[0], "Apple iPhone 17", order.lines[1]
    assert f"{phone.title} {phone.sku} Desk phone 2 5 2" in text
    assert f"{mobile} " in text
    assert "taken off 1 0" in text
    assert f"{extra.title} {extra.sku} Accessory 0 1 –" in text


def test_where_nothing_differs_there_is_one_number(clients: Clients, world: World) -> None:
    text = words(clients.piet.get(f"/orders/{world.an_order('approved').reference}").text)
    assert "Requested" not in text.split("Units")[0]


def test_a_history_is_narrowed_to_one_kind(clients: Clients, order: HardwareOrder) -> None:
    here = f"/orders/{order.reference}/history"
    everything, edits = (clients.ada.get(here + more).text for more in ("", "?kind=order.edited"))
    assert "Approved HW" in everything
    assert "Approved HW" not in edits.split("As it was</h2>")[0]
    assert "Changed the items" in edits
    # What is no kind of this order's narrows nothing.
    for kind in ("order.rejected", "nonsense", ""):
        assert "Approved HW" in clients.ada.get(f"{here}?kind={kind}").text


def test_a_change_of_the_rows_no_event_speaks_of_is_shown_all_the_same(
    clients: Clients, order: HardwareOrder
) -> None:
    row = db.session.get_one(HardwareOrder, order.id)
    row.notes, row.updated_by_name, row.updated_at = "Do not ring.", "Nobody", clock.utcnow()
    row.version += 1
    db.session.commit()
    text = words(clients.ada.get(f"/orders/{order.reference}/history").text)
    assert "Nobody · Order changed" in text
    assert "Notes: “Ring twice.” → “Do not ring.”" in text


@pytest.mark.parametrize(
    ("at", "status", "quantities", "units"),
    [
        ("2026-11-02T09:00:00", "Pending approval", "2 2", None),
        ("2026-11-02 10:30", "Pending approval", "2 5", None),
        ("2026-11-02T12:30:00+01:00", "Approved", "2 5", None),
        ("2026-11-02T12:00:01Z", "Approved", "2 5", "T54W #2"),
    ],
)
def test_an_order_is_shown_as_it_was(
    clients: Clients, order: HardwareOrder, at: str, status: str, quantities: str, units: str | None
) -> None:
    for client in (clients.ada, clients.piet, clients.sam):
        page = client.get(f"/orders/{order.reference}/history/then", query_string={"at": at})
        text = words(page.text)
        assert page.status_code == 200
        assert f"UTC {status}" in text
        assert f"Desk phone {quantities} €" in text
        assert ("T54W #2" in text) == bool(units)
        assert ("Apple iPhone 17" in text) == at.startswith("2026-11-02T09")


def test_before_its_submission_an_order_was_not_there(clients: Clients, order: HardwareOrder) -> None:
    page = clients.piet.get(f"/orders/{order.reference}/history/then?at=2020-01-01")
    assert page.status_code == 200
    assert "was not there yet: it was submitted on 2 Nov 2026, 09:00 UTC, by Piet Jansen" in words(page.text)


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01", "9999-12-31T23:59:59-23:59", "x" * 90, "٣"])
def test_a_moment_that_is_none_is_refused_in_a_sentence(
    clients: Clients, order: HardwareOrder, at: str
) -> None:
    here = f"/orders/{order.reference}/history"
    for page in (f"{here}/then?at={at}", f"{here}/compare?from={at}", f"{here}/compare?to={at}"):
        answer = clients.ada.get(page)
        assert answer.status_code == 422
        assert "Write a moment as a day and a time" in answer.text


def test_two_moments_are_compared_whichever_is_named_first(clients: Clients, order: HardwareOrder) -> None:
    here = f"/orders/{order.reference}/history/compare"
    first, last = "2026-11-02T09:00:00", "2026-11-02T12:00:01"
    for query in ({"from": first, "to": last}, {"from": last, "to": first}):
        text = words(clients.sam.get(here, query_string=query).text)
        assert "Status Pending approval Approved" in text
        assert "Apple iPhone 17" in text
        assert "T54W #1 – " in text
    assert "nothing of the order changed" in words(
        clients.sam.get(here, query_string={"from": first, "to": first}).text
    )
    assert "not there yet at the first" in words(clients.sam.get(f"{here}?from=2020-01-01").text)
    assert "not there yet at either" in words(clients.sam.get(f"{here}?from=2020-01-01&to=2020-01-02").text)


def test_no_page_of_the_history_says_a_key_or_the_name_of_a_column(
    clients: Clients, world: World, order: HardwareOrder
) -> None:
    site = world.a_location(order.account, "Harbour office")
    row = db.session.get_one(HardwareOrder, order.id)
    row.ship_to_location_id, row.updated_at, row.version = site.id, clock.utcnow(), row.version + 1
    db.session.commit()
    transact(lambda: mark_ordered(world.ada.actor, order.id, distributor="Siewert"))
    here = f"/orders/{order.reference}/history"
    for page in (here, f"{here}/then", f"{here}/compare?from=2026-11-02T09:00:00"):
        text = words(clients.piet.get(page).text)
        assert "Harbour office" in text
        assert "_" not in text.replace(order.reference, "")


# ---- Anonymizing


def test_an_employee_is_anonymized_by_their_page(clients: Clients, world: World) -> None:
    account = world.an_account(name="Halden Dental")
    dana = world.an_employee(account, "Dana Reed", email="dana@example.com")
    people, here = (
        f"/accounts/{account.id}/employees/",
        f"/accounts/{account.id}/employees/{dana.id}/anonymize/",
    )
    assert here in clients.ada.get(people).text
    assert here not in clients.piet.get(people).text
    assert clients.piet.get(here).status_code == 403
    page = clients.ada.get(here)
    assert "is taken out of everything that is kept here" in page.text
    for data in ({}, {"reason": "They asked."}, {"meant": "y"}, {"meant": "y", "reason": " "}):
        assert clients.ada.post(here, data=data).status_code == 422
    assert "Dana Reed" in clients.ada.get(people).text
    answer = clients.ada.post(here, data={"reason": "Dana Reed asked.", "meant": "y"}, follow_redirects=True)
    assert "The employee is anonymized: Former employee 1 now." in answer.text
    assert "Dana" not in answer.text
    assert here not in answer.text
    person = clients.ada.get(f"{people}{dana.id}/").text
    assert "Anonymized" in person
    assert "Dana" not in person
    assert here not in person
    assert clients.ada.post(here, data={"reason": "Again.", "meant": "y"}).status_code == 409
    assert "Dana" not in clients.ada.get("/audit/").text
    assert "Former employee 1 asked." in clients.ada.get("/audit/?kind=employee.anonymized").text


def test_everything_of_one_action_is_found_by_its_index(clients: Clients, world: World) -> None:
    order = world.an_order()
    clients.ada.post("/orders/approve-several", data={"order": [order.reference]})
    event = db.session.query(AuditEvent).order_by(AuditEvent.id.desc()).first()
    assert event is not None
    page = clients.ada.get(f"/audit/?kind={event.kind}").text
    if event.request_id:
        assert f"request={event.request_id}" in page
        assert (
            "Everything that was done in one action"
            in clients.ada.get(f"/audit/?request={event.request_id}").text
        )
