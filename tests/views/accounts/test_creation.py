"""The account form with hardware: one submission makes all of it; a mistake keeps everything typed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.ordering.cost_allocation import in_words, shares_of
from hwadmin.domain.permissions import Role
from hwadmin.forms.accounts import creation as forms
from hwadmin.models import Account, AccountingCode, AuditEvent, Employee, HardwareOrder, Location
from hwadmin.operations.orders.submission.new_order import MAX_PER_LINE
from hwadmin.queries.units.units import units_of
from hwadmin.views.ordering.base import STEPS
from tests.builders import Clients, World
from tests.reading_pages import sound_tree_of

NEW = "/accounts/new-with-hardware"
KEY = "a-submission-key-of-a-test"


# ---- Reading pages


def page(answer: TestResponse, status: int = 200) -> Element:
    """The page as a tree; it must be sound HTML."""
    assert answer.status_code == status, answer.text
    return sound_tree_of(answer.text)


def typed_in(tree: Element) -> dict[str, str]:
    """What the page's form holds: the value of each field, as a browser would send it."""
    values = {}
    for element in tree.iter():
        name = element.get("name", "")
        if (
            "__n__" in name
            or "__u__" in name
            or element.tag not in {"input", "select", "textarea"}
            or not name
        ):
            continue
        if element.tag == "select":
            chosen = [option for option in element.iter("option") if option.get("selected") is not None]
            values[name] = chosen[0].get("value", "") if chosen else ""
        elif element.tag == "textarea":
            values[name] = element.text or ""
        else:
            values[name] = element.get("value", "")
    return values


def errors_of(tree: Element) -> dict[str, str]:
    """Each error of the page by the field it describes."""
    found = {}
    for element in tree.iter("p"):
        if element.get("class") == "error":
            found[element.get("id", "").removesuffix("-error")] = "".join(element.itertext())
    return found


def options_of(tree: Element, name: str) -> list[str]:
    (control,) = [element for element in tree.iter("select") if element.get("name") == name]
    return ["".join(option.itertext()) for option in control.iter("option")]


def words(tree: Element) -> str:
    return " ".join(" ".join(tree.itertext()).split())


# ---- What Piet types


def marina(world: World, **changes: str) -> dict[str, str]:
    """Everything filled in; numbers of rows need not be without gaps."""
    return {
        "submission_key": KEY,
        "name": "Brightwater Marina",
        "locations-0-name": "Harbour office",
        "locations-0-address": "Quay Rd 4, Port Ellis",
        "locations-3-name": "Workshop",
        "locations-3-address": "",
        "employees-0-name": "Aoife Brennan",
        "employees-0-email": "aoife@example.com",
        "employees-0-employee_number": "17",
        "employees-2-name": "Tom Hale",
        "employees-2-email": "",
        "employees-2-employee_number": "",
        "lines-1-sku": world.item(Kind.DECT_HANDSET).sku,
        "lines-1-quantity": "2",
        "lines-1-units-1-employee": "2",
        "lines-1-units-1-base": "4.1",
        "lines-1-units-2-employee": "0",
        "lines-4-sku": world.item(Kind.DECT_BASE).sku,
        "lines-4-quantity": "1",
        "lines-4-units-1-location": "3",
        "lines-5-sku": world.item(Kind.DESKPHONE).sku,
        "lines-5-quantity": "3",
        "lines-5-units-2-location": "0",
        "lines-5-units-3-employee": "0",
        "lines-5-units-3-code-0": "4711",
        "lines-5-units-3-percent-0": "60",
        "lines-5-units-3-code-1": "4712",
        "lines-5-units-3-percent-1": "40",
        "requester": "Aoife Brennan",
        "notify": "aoife@example.com, tom@example.com",
        "ship_to": "3",
        "attention": "Aoife Brennan",
        "notes": "Ring twice.\nThe bell is loud.",
    } | changes


def counts() -> dict[str, int]:
    models: tuple[Any, ...] = (Account, Location, Employee, HardwareOrder, AuditEvent)
    return {model.__name__: db.session.execute(select(func.count(model.id))).scalar_one() for model in models}


def kept(tree: Element, sent: dict[str, str]) -> None:
    """Everything that was typed is still in the page."""
    values = typed_in(tree)
    for name, value in sent.items():
        if name not in {"add", "remove", "csrf_token"}:
            assert values.get(name, "").replace("\r\n", "\n") == value.replace("\0", ""), name


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL of what happens inside."""
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split()[0] in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}:
            sent.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


# ---- All goes well


def test_one_submission_makes_the_account_and_its_pending_order(clients: Clients, world: World) -> None:
    answer = clients.piet.post(NEW, data=marina(world))
    (account,) = db.session.scalars(select(Account))
    (order,) = db.session.scalars(select(HardwareOrder))
    assert (answer.status_code, answer.location) == (302, f"/orders/{order.reference}")
    assert (account.name, account.platform_id) == ("Brightwater Marina", world.northwind.id)
    assert [(site.name, site.address) for site in account.locations] == [
        ("Harbour office", "Quay Rd 4, Port Ellis"),
        ("Workshop", ""),
    ]
    assert [(one.name, one.employee_number) for one in account.employees] == [
        ("Aoife Brennan", "17"),
        ("Tom Hale", None),
    ]
    assert order.status.label == "Pending approval"
    assert order.ship_to is not None
    assert (order.ship_to.name, order.attention) == ("Workshop", "Aoife Brennan")
    assert order.notes == "Ring twice.\nThe bell is loud."
    assert (order.requester, order.notify) == ("Aoife Brennan", ["aoife@example.com", "tom@example.com"])
    units = units_of(order.id)
    labels = {unit.id: unit.label for unit in units}
    assert [(u.label, u.employee_name, u.location_name, labels.get(u.base_unit_id or 0)) for u in units] == [
        ("W73H #1", "Tom Hale", None, "W70B #1"),
        ("W73H #2", "Aoife Brennan", None, None),
        ("W70B #1", None, "Workshop", None),
        ("T54W #1", None, None, None),
        ("T54W #2", None, "Harbour office", None),
        ("T54W #3", "Aoife Brennan", None, None),
    ]
    assert in_words(shares_of(units[-1].accounting_codes)) == "4711 60 %, 4712 40 %"
    assert [code.code for code in db.session.scalars(select(AccountingCode))] == ["4711", "4712"]
    events = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [one.summary for one in events[1:3]] == [
        "Added the accounting code 4711",
        "Added the accounting code 4712",
    ]
    assert [one.kind for one in events[::3]] == ["account.created", "order.submitted"]
    assert len({one.request_id for one in events} - {None}) == 1


def test_its_steps_are_those_of_every_order_in_their_order(clients: Clients, world: World) -> None:
    tree = page(clients.piet.get(NEW))
    parts = [one for one in tree.iter() if one.get("data-form-step")]
    names = ["".join(next(part.iter("h2")).itertext()) for part in parts]
    assert names == ["Account", *(label for _, label, _ in STEPS)]
    (steps,) = [one for one in tree.iter("nav") if one.get("aria-label") == "Steps of the order"]
    assert ["".join(link.itertext()) for link in steps.iter("a")] == names
    assert [link.get("href") for link in steps.iter("a")] == [f"#{part.get('id')}" for part in parts]
    # A form that only creates an account has no steps.
    assert "Steps of the order" not in clients.ada.get(NEW).text


def test_nothing_else_orders_on_one_page(clients: Clients, world: World) -> None:
    account = world.an_account()
    for address in (f"/accounts/{account.id}/", "/ordering/", f"/ordering/{account.id}/new", "/orders/"):
        assert '/order"' not in clients.piet.get(address).text
    assert clients.piet.get(f"/accounts/{account.id}/order").status_code == 404


def test_afterwards_the_order_is_shown_with_links_to_both(clients: Clients, world: World) -> None:
    answer = clients.piet.post(NEW, data=marina(world), follow_redirects=True)
    (order,) = db.session.scalars(select(HardwareOrder))
    tree = page(answer)
    (notice,) = [one for one in tree.iter("div") if one.get("class") == "notice notice-success"]
    assert words(notice) == (
        f"Created Brightwater Marina and submitted {order.reference} . It is pending approval."
    )
    assert [link.get("href") for link in notice.iter("a")] == [
        f"/accounts/{order.account_id}/",
        f"/orders/{order.reference}",
    ]


def test_an_account_without_hardware_leads_to_the_account(clients: Clients) -> None:
    answer = clients.piet.post(
        NEW,
        data={"submission_key": KEY, "name": "Pelican Freight", "lines-0-sku": "", "lines-0-quantity": "1"},
    )
    (account,) = db.session.scalars(select(Account))
    assert answer.location == f"/accounts/{account.id}/"
    assert counts()["HardwareOrder"] == 0


def test_no_order_is_promised_without_line_items(clients: Clients) -> None:
    shown = page(clients.piet.get(NEW))
    [note] = [element for element in shown.iter("p") if element.get("data-order-note") is not None]
    assert note.get("hidden") is not None


def test_blank_rows_are_passed_over(clients: Clients, world: World) -> None:
    blank = {"locations-9-name": " ", "employees-9-name": "", "lines-9-sku": "", "lines-9-quantity": ""}
    assert clients.piet.post(NEW, data=marina(world, **blank)).status_code == 302
    assert (counts()["Location"], counts()["Employee"]) == (2, 2)


def test_the_form_is_read_in_few_statements(app: Flask, clients: Clients, world: World) -> None:
    for number in range(30):
        world.an_item(Kind.DESKPHONE, model=f"Model {number}")
    browser = clients.piet
    with statements(app) as sent:
        page(browser.get(NEW))
    assert len(sent) <= 8, sent


def test_prices_totals_and_warnings_are_there_without_scripts(clients: Clients, world: World) -> None:
    sent = marina(world, **{"lines-1-quantity": "12", "add": "update"})
    tree = page(clients.piet.post(NEW, data=sent))
    assert "12 × Yealink W73H € 1,200.00" in words(tree)
    assert "Now € 1,600.00" in words(tree)
    assert (
        "12 handsets, but Yealink W70B takes 10: two will be left for on-site registration, "
        "or add a second base."
    ) in words(tree)


def test_bases_are_numbered_as_the_order_will_number_them(clients: Clients, world: World) -> None:
    other = world.an_item(Kind.DECT_BASE, make="Yealink", model="W80B")
    sent = {
        "submission_key": KEY,
        "name": "Three bases",
        "lines-0-sku": world.item(Kind.DECT_BASE).sku,
        "lines-0-quantity": "1",
        "lines-1-sku": other.sku,
        "lines-1-quantity": "1",
        "lines-2-sku": world.item(Kind.DECT_BASE).sku,
        "lines-2-quantity": "1",
        "lines-3-sku": world.item(Kind.DECT_HANDSET).sku,
        "lines-3-quantity": "2",
        "lines-3-units-1-base": "1.1",
        "lines-3-units-2-base": "2.1",
    }
    tree = page(clients.piet.post(NEW, data=sent | {"add": "update"}))
    assert options_of(tree, "lines-3-units-1-base") == ["–", "W70B #1", "W80B #1", "W70B #2"]
    assert clients.piet.post(NEW, data=sent).status_code == 302
    (order,) = db.session.scalars(select(HardwareOrder))
    units = units_of(order.id)
    labels = {unit.id: unit.label for unit in units}
    chosen = [labels[u.base_unit_id] for u in units if u.base_unit_id]
    assert chosen == ["W80B #1", "W70B #2"]


# ---- A mistake anywhere keeps everything typed

MISTAKES = {
    "no account name": ({"name": ""}, {"name"}),
    "a NUL in the account's name": ({"name": "a\0b"}, {"name"}),
    "a name too long": ({"name": "x" * 201}, {"name"}),
    "an address without a name": (
        {"locations-3-name": "", "locations-3-address": "Road"},
        {"locations-3-name"},
    ),
    "an employee without a name": ({"employees-2-name": "", "employees-2-email": "a@example.com"}, None),
    "no e-mail address": ({"employees-0-email": "aoife@"}, {"employees-0-email"}),
    "a NUL in an e-mail address": ({"employees-0-email": "a\0@example.com"}, {"employees-0-email"}),
    "no quantity": ({"lines-5-quantity": ""}, {"lines-5-quantity"}),
    "a quantity in words": ({"lines-5-quantity": "three"}, {"lines-5-quantity"}),
    "a negative quantity": ({"lines-5-quantity": "-1"}, {"lines-5-quantity"}),
    "half a quantity": ({"lines-5-quantity": "1.5"}, {"lines-5-quantity"}),
    "a quantity in other digits": ({"lines-5-quantity": "\u0663"}, {"lines-5-quantity"}),
    "too many": ({"lines-5-quantity": str(MAX_PER_LINE + 1)}, {"lines-5-quantity"}),
    "far too many": ({"lines-5-quantity": "1" + "0" * 22}, {"lines-5-quantity"}),
    "a quantity without an item": ({"lines-5-sku": ""}, {"lines-5-sku"}),
    "an unknown item": ({"lines-5-sku": "NOPE"}, {"lines-5-sku"}),
    "a NUL in the item": ({"lines-5-sku": "NO\0PE"}, {"lines-5-sku"}),
    "markup as an item": ({"lines-5-sku": '"><script>alert(1)</script>'}, {"lines-5-sku"}),
    "two mistakes in both parts": (
        {"name": "", "lines-5-quantity": "0", "lines-5-units-1-employee": "2"},
        {"name", "lines-5-quantity"},
    ),
    "an attention too long": ({"attention": "x" * 201}, {"attention"}),
    "an address that is none": ({"notify": "tom@example.com\nnonsense@x"}, {"notify"}),
    "a NUL in the notes": ({"notes": "a\0b"}, {"notes"}),
    "shares that are not all": ({"lines-5-units-3-percent-1": "30"}, {"lines-5-units-3-code-0"}),
    "a code without its share": ({"lines-5-units-3-percent-1": ""}, {"lines-5-units-3-code-0"}),
    "a code too long": ({"lines-5-units-3-code-0": "x" * 61}, {"lines-5-units-3-code-0"}),
    "shares of a line that is wrong itself": (
        {"lines-5-quantity": "0", "lines-5-units-3-percent-1": "30"},
        {"lines-5-quantity"},
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_keeps_everything_typed_and_writes_nothing(
    clients: Clients, world: World, mistake: str
) -> None:
    changes, where = MISTAKES[mistake]
    sent, before, browser = marina(world, **changes), counts(), clients.piet
    tree = page(browser.post(NEW, data=sent), 422)
    assert counts() == before
    kept(tree, sent)
    errors = errors_of(tree)
    if where is not None:
        assert set(errors) == where
    (alert,) = [one for one in tree.iter("div") if one.get("role") == "alert"]
    linked = {link.get("href", "").removeprefix("#") for link in alert.iter("a")}
    assert linked == set(errors)
    # Each error describes its control, which exists and is marked.
    for field in errors:
        (control,) = [one for one in tree.iter() if one.get("id") == field]
        assert control.get("aria-invalid") == "true"
        assert f"{field}-error" in control.get("aria-describedby", "")


# Choices that were not offered: they cannot stay chosen, but all else does.
FOREIGN = {
    "an employee who is not in the form": ("lines-1-units-2-employee", "77"),
    "an employee by a word": ("lines-1-units-2-employee", "x"),
    "an employee by a key too large": ("lines-1-units-2-employee", "1" + "0" * 22),
    "an employee with a NUL": ("lines-1-units-2-employee", "\0"),
    "a location that is not in the form": ("lines-5-units-2-location", "77"),
    "a base that is not in the form": ("lines-1-units-1-base", "4.2"),
    "a base of a line that is no base": ("lines-1-units-1-base", "5.1"),
    "nowhere to ship to": ("ship_to", "77"),
}


@pytest.mark.parametrize("choice", FOREIGN)
def test_a_choice_that_was_not_offered_is_refused_at_its_field(
    clients: Clients, world: World, choice: str
) -> None:
    field, value = FOREIGN[choice]
    sent, before, browser = marina(world, **{field: value}), counts(), clients.piet
    tree = page(browser.post(NEW, data=sent), 422)
    assert counts() == before
    assert list(errors_of(tree)) == [field]
    del sent[field]
    kept(tree, sent)


def test_what_a_kind_is_not_planned_for_is_not_taken(clients: Clients, world: World) -> None:
    odd = {"lines-4-units-1-employee": "0", "lines-5-units-1-base": "4.1", "lines-1-units-1-location": "0"}
    assert clients.piet.post(NEW, data=marina(world, **odd)).status_code == 302
    (order,) = db.session.scalars(select(HardwareOrder))
    base = next(unit for unit in units_of(order.id) if unit.kind is Kind.DECT_BASE)
    phone = next(unit for unit in units_of(order.id) if unit.kind is Kind.DESKPHONE)
    handset = next(unit for unit in units_of(order.id) if unit.kind is Kind.DECT_HANDSET)
    assert (base.employee_id, phone.base_unit_id, handset.location_id) == (None, None, None)


def test_plans_beyond_the_quantity_are_not_taken_but_stay_typed(clients: Clients, world: World) -> None:
    sent = marina(world, **{"lines-5-quantity": "1", "name": ""})
    tree = page(clients.piet.post(NEW, data=sent), 422)
    kept(tree, sent)
    assert clients.piet.post(NEW, data=sent | {"name": "Fine"}).status_code == 302


@pytest.mark.parametrize(
    "odd",
    [
        {"lines-99999-sku": "x", "employees-x-name": "y", "locations--1-name": "z"},
        {"employees-0-name-extra": "x", "lines-0-units-0-employee": "0", "nonsense[]": "1"},
        {"lines-1-units-9999-employee": "0", "lines-1-shown": "1" + "0" * 22},
        {"lines-1-shown": "-5\0", "add": ""},
        {"add": "units-77"},
        {"add": "spread-77"},
        {"add": "nonsense"},
        {"remove": "lines-77"},
        {"remove": "platform"},
        {"remove": "employees-1" + "0" * 22},
        {"submission_key": ""},
        {"submission_key": "short"},
        {"submission_key": "x" * 65},
        {"submission_key": "\0" * 20},
        {"platform": "1" + "0" * 22},
        {"platform": "\0"},
        {"locations-9999-name": "Last", "add": "locations"},
    ],
    ids=str,
)
def test_odd_input_breaks_nothing(clients: Clients, world: World, odd: dict[str, str]) -> None:
    answer = clients.piet.post(NEW, data=marina(world, **odd))
    assert answer.status_code in (200, 302, 422)


def test_a_form_that_is_not_ours_is_shown_once_more_and_makes_nothing(clients: Clients, world: World) -> None:
    sent = marina(world)
    del sent["submission_key"]
    before, browser = counts(), clients.piet
    tree = page(browser.post(NEW, data=sent), 422)
    assert counts() == before
    kept(tree, sent)
    assert browser.post(NEW, data=typed_in(tree)).status_code == 302


def test_thousands_of_fields_are_read(clients: Clients, world: World) -> None:
    sent = marina(world, **{"lines-5-quantity": "1500"})
    for number in range(1, 1501):
        sent[f"lines-5-units-{number}-employee"] = "0"
        sent[f"lines-5-units-{number}-location"] = "3"
    answer = clients.piet.post(NEW, data=urlencode(sent), content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 302
    (order,) = db.session.scalars(select(HardwareOrder))
    planned = [unit for unit in units_of(order.id) if unit.kind is Kind.DESKPHONE]
    assert {unit.employee_name for unit in planned} == {"Aoife Brennan"}


# ---- Sent twice


def test_the_same_form_sent_twice_makes_one_account_and_leads_to_the_same_place(
    clients: Clients, world: World
) -> None:
    browser = clients.piet
    first, second = (browser.post(NEW, data=marina(world)) for _ in range(2))
    assert first.location == second.location
    assert (counts()["Account"], counts()["HardwareOrder"]) == (1, 1)


def test_every_form_has_a_key_of_its_own(clients: Clients) -> None:
    browser = clients.piet
    keys = {typed_in(page(browser.get(NEW)))["submission_key"] for _ in range(3)}
    assert len(keys) == 3
    assert all(forms._KEY.fullmatch(key) for key in keys)


# ---- Several platforms, and none of mine


@pytest.fixture
def mia(clients: Clients, world: World) -> FlaskClient:
    """Somebody who orders for two platforms."""
    return clients.of(world.a_person("Mia Okoro", Role.PLATFORM_ADMIN, world.northwind, world.blue_harbor))


def test_who_has_several_platforms_chooses_one_and_its_catalog_follows(
    mia: FlaskClient, world: World
) -> None:
    world.an_item(Kind.DESKPHONE, model="T31")
    world.an_item(Kind.DESKPHONE, world.blue_harbor, model="T57W")
    tree = page(mia.get(NEW))
    assert options_of(tree, "platform") == ["Choose a platform…", "Blue Harbor Telecom", "Northwind Voice"]
    assert options_of(tree, "lines-0-sku") == ["Choose an item…"]
    sent = typed_in(tree) | {"platform": str(world.blue_harbor.id), "name": "Typed before", "add": "platform"}
    tree = page(mia.post(NEW, data=sent))
    assert options_of(tree, "lines-0-sku") == ["Choose an item…", "Yealink T57W · € 100.00"]
    kept(tree, sent)


def test_the_account_is_made_on_the_chosen_platform(mia: FlaskClient, world: World) -> None:
    item = world.item(Kind.DESKPHONE, world.blue_harbor)
    sent = {
        "submission_key": KEY,
        "platform": str(world.blue_harbor.id),
        "name": "Pelican Freight",
        "lines-0-sku": item.sku,
        "lines-0-quantity": "2",
    }
    assert mia.post(NEW, data=sent).status_code == 302
    (order,) = db.session.scalars(select(HardwareOrder))
    assert order.platform_id == world.blue_harbor.id


def test_an_item_of_the_other_platform_stays_typed_and_is_refused(mia: FlaskClient, world: World) -> None:
    sent = marina(world, platform=str(world.blue_harbor.id))
    before = counts()
    tree = page(mia.post(NEW, data=sent), 422)
    assert counts() == before
    assert {"lines-1-sku", "lines-4-sku", "lines-5-sku"} <= set(errors_of(tree))
    kept(tree, sent)


def test_a_platform_must_be_chosen_where_there_are_several(mia: FlaskClient, world: World) -> None:
    sent = marina(world, platform="", name="")
    tree = page(mia.post(NEW, data=sent), 422)
    assert set(errors_of(tree)) == {"platform", "name"}
    kept(tree, sent)


@pytest.mark.parametrize("platform", ["foreign", "0", "999999", "x", "1" + "0" * 22])
def test_another_platform_is_no_such_platform(clients: Clients, world: World, platform: str) -> None:
    sent = marina(world, platform=str(world.blue_harbor.id) if platform == "foreign" else platform)
    before, browser = counts(), clients.piet
    tree = page(browser.post(NEW, data=sent), 422)
    assert errors_of(tree)["platform"] == "There is no such platform."
    assert "Blue Harbor" not in words(tree)
    assert counts() == before
    del sent["platform"]
    kept(tree, sent)


def test_an_item_of_another_platform_is_like_no_item(clients: Clients, world: World) -> None:
    foreign = world.an_item(Kind.DESKPHONE, world.blue_harbor, sku="SECRET-9", model="Secret phone")
    answers = [
        errors_of(page(clients.piet.post(NEW, data=marina(world, **{"lines-5-sku": sku})), 422))
        for sku in (foreign.sku, "NO-SUCH")
    ]
    assert answers[0] == answers[1] == {"lines-5-sku": "This is not in the platform's catalog."}


# ---- Who may


def test_support_is_refused(clients: Clients, world: World) -> None:
    assert clients.sam.get(NEW).status_code == 403
    assert clients.sam.post(NEW, data=marina(world)).status_code == 403
    assert counts()["Account"] == 0


def test_who_is_not_signed_in_is_asked_to(clients: Clients, world: World) -> None:
    assert clients.anonymous.get(NEW).location.startswith("/sign-in")
    assert clients.anonymous.post(NEW, data=marina(world)).status_code == 401


def test_a_super_admin_creates_accounts_of_every_platform_and_orders_nothing(
    clients: Clients, world: World
) -> None:
    world.an_item(Kind.DESKPHONE, world.blue_harbor)
    sent = {"submission_key": KEY, "platform": str(world.blue_harbor.id), "name": "Pelican Freight"}
    tree = page(clients.ada.post(NEW, data=sent | {"add": "update"}))
    assert "Line items" not in words(tree)
    assert not [name for name in typed_in(tree) if name.startswith("lines")]
    answer = clients.ada.post(NEW, data=sent | {"lines-0-sku": "X", "lines-0-quantity": "1"})
    assert answer.status_code == 403
    assert counts()["Account"] == 0
    assert clients.ada.post(NEW, data=sent).status_code == 302
    assert (counts()["Account"], counts()["HardwareOrder"]) == (1, 0)


def test_a_form_without_its_token_is_refused(app: Flask, clients: Clients, world: World) -> None:
    browser = clients.piet
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert browser.post(NEW, data=marina(world)).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert counts()["Account"] == 0


# ---- Without scripts


@pytest.mark.parametrize(
    ("button", "appears"),
    [("locations", "locations-4-name"), ("employees", "employees-3-email"), ("lines", "lines-6-sku")],
)
def test_another_row_is_added_and_everything_stays(
    clients: Clients, world: World, button: str, appears: str
) -> None:
    sent = marina(world, add=button)
    tree = page(clients.piet.post(NEW, data=sent))
    kept(tree, sent)
    assert appears in typed_in(tree)
    assert counts()["Account"] == 0


def test_a_row_that_goes_takes_its_plans_with_it(clients: Clients, world: World) -> None:
    browser = clients.piet
    values = typed_in(page(browser.post(NEW, data=marina(world, remove="employees-2"))))
    assert "employees-2-name" not in values
    assert values["lines-1-units-1-employee"] == ""
    assert values["lines-1-units-2-employee"] == "0"
    values = typed_in(page(browser.post(NEW, data=marina(world, remove="locations-3"))))
    assert (values["ship_to"], values["lines-4-units-1-location"]) == ("", "")
    assert values["lines-5-units-2-location"] == "0"
    values = typed_in(page(browser.post(NEW, data=marina(world, remove="lines-4"))))
    assert "lines-4-sku" not in values
    assert values["lines-1-units-1-base"] == ""


def test_units_of_a_large_line_are_drawn_fifty_at_a_time_and_their_plans_stay(
    clients: Clients, world: World
) -> None:
    sent = marina(world, **{"lines-5-quantity": "200", "lines-5-units-180-employee": "2", "add": "update"})
    tree = page(clients.piet.post(NEW, data=sent))
    drawn = [
        one.get("name") for one in tree.iter("select") if (one.get("name") or "").startswith("lines-5-u")
    ]
    assert len(drawn) == 2 * 50
    kept(tree, sent)
    tree = page(clients.piet.post(NEW, data=typed_in(tree) | {"add": "units-5"}))
    drawn = [
        one.get("name") for one in tree.iter("select") if (one.get("name") or "").startswith("lines-5-u")
    ]
    assert len(drawn) == 2 * 100
    kept(tree, sent)


def test_a_wrong_plan_far_down_a_large_line_is_drawn_with_its_error(clients: Clients, world: World) -> None:
    sent = marina(world, **{"lines-5-quantity": "200", "lines-5-units-180-employee": "77"})
    tree = page(clients.piet.post(NEW, data=sent), 422)
    assert list(errors_of(tree)) == ["lines-5-units-180-employee"]
    assert "Line item 3, unit 180, employee" in words(tree)


def test_units_are_planned_for_one_employee_each_in_order(clients: Clients, world: World) -> None:
    sent = marina(world, **{"lines-5-units-3-employee": "0", "add": "spread-5"})
    values = typed_in(page(clients.piet.post(NEW, data=sent)))
    assert [values[f"lines-5-units-{n}-employee"] for n in (1, 2, 3)] == ["2", "", "0"]
