"""Order pages say one thing once: where they are, what they refuse, and what an ended order still has."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import Role
from hwadmin.models import AuditEvent
from hwadmin.operations.people.people import create_person
from hwadmin.operations.people.person_checks import PersonFacts
from tests.acceptance.visitor import Visitor
from tests.builders import Clients, World


def crumbs(page: str) -> list[str]:
    [nav] = re.findall(r'<nav class="crumbs".*?</nav>', page, re.DOTALL)
    return re.findall(r">([^<>]+)</a>", nav)


@pytest.mark.parametrize(
    ("status", "part", "beyond"),
    [
        ("submitted", "/plan", []),
        ("submitted", "/reject", []),
        ("submitted", "/mark-ordered", []),
        ("submitted", "/history", []),
        ("submitted", "/history/then", ["History"]),
        ("submitted", "/history/compare", ["History"]),
        ("approved", "/units", []),
        ("approved", "/fulfill", []),
        ("approved", "/purchase-order", []),
        ("approved", "/close-short", []),
    ],
)
def test_every_page_below_an_order_has_the_same_way_back(
    world: World, clients: Clients, status: str, part: str, beyond: list[str]
) -> None:
    order = world.an_order(status)
    page = clients.ada.get(f"/orders/{order.reference}{part}").text
    assert crumbs(page) == ["Hardware Orders", order.reference, *beyond]


@pytest.mark.parametrize("status", ["rejected", "cancelled"])
def test_of_an_order_that_ended_no_unit_is_counted_or_printed(
    world: World, clients: Clients, status: str
) -> None:
    order = world.an_order(status, [("deskphone", 3)])
    page = clients.ada.get(f"/orders/{order.reference}").text
    assert "<progress" not in page
    assert "Unit sheet" not in page
    answer = clients.ada.get(f"/orders/{order.reference}/units")
    assert answer.status_code == 409
    assert "no unit comes" in answer.text


def test_a_refusal_says_in_plain_words_who_may_not_do_what(world: World, clients: Clients) -> None:
    page = Visitor(clients.sam).open("/dashboard/", 403)
    assert "Support may not open the dashboard." in page.text
    assert "dashboard:read" not in page.text


def test_a_change_in_between_is_told_once(world: World, clients: Clients) -> None:
    order = world.an_order()
    answer = clients.ada.post(f"/orders/{order.reference}/approve", data={"version": 7})
    assert answer.status_code == 409
    assert answer.text.count("Nothing was") == 1


def test_the_purchase_order_speaks_to_the_distributor_and_names_the_buyer(
    world: World, clients: Clients
) -> None:
    order = world.an_order("approved")
    app = clients.ada.application
    settings: Settings = app.config["HWADMIN"]
    app.config["HWADMIN"] = replace(settings, buyer="Fieldgate Telecom B.V.\nKade 4\n1011 Amsterdam")
    try:
        page = clients.ada.get(f"/orders/{order.reference}/purchase-order").text
        rows = clients.ada.post(f"/orders/{order.reference}/purchase-order", data={"format": "csv"}).text
        pdf = clients.ada.post(f"/orders/{order.reference}/purchase-order", data={"format": "pdf"})
    finally:
        app.config["HWADMIN"] = settings
    assert "Fieldgate Telecom B.V., Kade 4, 1011 Amsterdam" in page
    assert "Fieldgate Telecom B.V." in rows
    assert "Your order number" in rows
    assert "Their order number" not in page + rows
    assert pdf.get_data().startswith(b"%PDF-")


def test_the_event_of_a_new_super_admin_agrees_with_itself(world: World) -> None:
    facts = PersonFacts("Mara Quist", "mara@example.com", Role.SUPER_ADMIN.value)
    transact(lambda: create_person(world.ada.actor, facts, "four plain words suffice"))
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.kind == AuditKind.PERSON_CREATED).order_by(AuditEvent.id.desc())
    ).first()
    assert event is not None
    assert event.summary.endswith("Super-admin, platforms: all.")
    assert event.details["all_platforms"] is True
