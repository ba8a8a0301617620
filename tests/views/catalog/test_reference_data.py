"""The pages of platforms, accounts and the catalog: who sees what, and what a form does with bad input."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.models import Account, AuditEvent, CatalogItem, Employee, Location, Platform
from tests.builders import Clients, World, without_token

ITEM = {"make": "Yealink", "model": "W70B", "sku": "W70B", "kind": "dect_base", "unit_price": "119"}
ROLES = ("ada", "piet", "bea", "sam", "anonymous")


def reread(model: Any, key: int) -> Any:
    db.session.expire_all()
    return db.session.get(model, key)


@contextmanager
def statements(connection: Connection) -> Iterator[list[str]]:
    """The SQL sent in the block, without the test's own savepoints."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "SAVEPOINT" not in statement:
            sent.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)


def summaries() -> list[str]:
    return list(db.session.scalars(select(AuditEvent.summary).order_by(AuditEvent.id)))


def statuses(clients: Clients, path: str) -> list[int]:
    return [getattr(clients, name).get(path).status_code for name in ROLES]


# ---- Who may open what


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/platforms/", [200, 403, 403, 403, 302]),
        ("/platforms/new/", [200, 403, 403, 403, 302]),
        ("/platforms/{platform}/edit/", [200, 403, 403, 403, 302]),
        ("/catalog/", [200, 200, 200, 200, 302]),
        ("/catalog/new/", [200, 403, 403, 403, 302]),
        ("/catalog/{item}/edit/", [200, 403, 403, 403, 302]),
        ("/catalog/{item}/delete/", [200, 403, 403, 403, 302]),
        ("/accounts/", [200, 200, 200, 200, 302]),
        ("/accounts/look-up/?query=a", [200, 200, 200, 200, 302]),
        ("/accounts/{account}/", [200, 200, 404, 200, 302]),
        ("/accounts/{account}/employees/", [200, 200, 404, 200, 302]),
        ("/accounts/{account}/locations/", [200, 200, 404, 200, 302]),
        ("/accounts/{account}/orders/", [200, 200, 404, 200, 302]),
        ("/accounts/{account}/edit/", [200, 200, 404, 403, 302]),
        ("/accounts/{account}/locations/new/", [200, 200, 404, 403, 302]),
        ("/accounts/{account}/locations/{site}/", [200, 200, 404, 403, 302]),
        ("/accounts/{account}/employees/new/", [200, 200, 404, 403, 302]),
        ("/accounts/{account}/employees/{dana}/", [200, 200, 404, 200, 302]),
        ("/accounts/{account}/employees/{dana}/edit/", [200, 200, 404, 403, 302]),
        ("/directory/{account}/", [200, 200, 404, 200, 302]),
    ],
)
def test_each_page_opens_to_those_it_is_for(
    world: World, clients: Clients, path: str, expected: list[int]
) -> None:
    account = world.an_account()
    keys = {
        "platform": world.northwind.id,
        "item": world.item(Kind.DESKPHONE).id,
        "account": account.id,
        "site": world.a_location(account).id,
        "dana": world.an_employee(account).id,
    }
    assert statuses(clients, path.format(**keys)) == expected


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/{}/",
        "/accounts/{}/edit/",
        "/accounts/{}/employees/",
        "/accounts/{}/locations/new/",
    ],
)
def test_the_page_of_a_foreign_account_is_that_of_an_absent_one(
    world: World, clients: Clients, path: str
) -> None:
    foreign = world.an_account(world.blue_harbor)
    there, absent = (clients.piet.get(path.format(key)) for key in (foreign.id, 10**9))
    assert (there.status_code, absent.status_code) == (404, 404)
    assert without_token(there) == without_token(absent)


def test_a_location_or_employee_is_not_found_under_another_account(world: World, clients: Clients) -> None:
    account, other = world.an_account(), world.an_account()
    site, dana = world.a_location(account), world.an_employee(account)
    assert clients.piet.get(f"/accounts/{other.id}/locations/{site.id}/").status_code == 404
    assert clients.piet.post(f"/accounts/{other.id}/employees/{dana.id}/deactivate/").status_code == 404
    assert reread(Employee, dana.id).deactivated_at is None


# ---- Lists


def test_the_accounts_are_searched_by_account_and_platform_and_narrowed_by_platform(
    world: World, clients: Clients
) -> None:
    world.an_account(name="Halden Dental Group")
    world.an_account(world.blue_harbor, "Pelican Freight")
    page = clients.ada.get("/accounts/?search=dental+north").text
    assert "Halden Dental Group" in page
    assert "Pelican" not in page
    page = clients.ada.get("/accounts/?search=HARBOR").text
    assert "Pelican Freight" in page
    assert "Halden" not in page
    page = clients.ada.get(f"/accounts/?flt_platform_is={world.blue_harbor.id}").text
    assert "Pelican Freight" in page
    assert "Halden" not in page
    assert "Nothing matches" in clients.ada.get("/accounts/?search=%25").text
    assert "Pelican" not in clients.piet.get("/accounts/").text


def test_the_catalog_hides_what_is_archived_until_it_is_asked_for(world: World, clients: Clients) -> None:
    world.an_item(Kind.DESKPHONE, model="Current")
    world.an_item(Kind.DESKPHONE, model="Bygone", archived_at=utcnow())
    world.an_item(Kind.MOBILE, world.blue_harbor, make="Fairphone", model="Six")
    page = clients.piet.get("/catalog/").text
    assert "Current" in page
    assert "Bygone" not in page
    assert "Fairphone" not in page
    page = clients.piet.get("/catalog/?flt_state_is=archived").text
    assert "Bygone" in page
    assert "Current" not in page
    assert "Bygone" in clients.piet.get("/catalog/?flt_state_is=all&flt_kind_is=deskphone").text
    page = clients.ada.get("/catalog/?flt_make_is=Fairphone&flt_kind_is=mobile&search=six").text
    assert "Fairphone Six" in page
    assert "Current" not in page


HOSTILE = (
    "sort=999",
    "sort=0&desc=1",
    "sort=1",
    "sort=x",
    "sort=-1",
    "page=99999999",
    "page=-1",
    "page_size=100000",
    "search=" + "a+" * 60,
    "search=%25_%5C'%22%3Cb%3E",
    "search=%00",
    "search=\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "flt_platform_is=abc",
    "flt_platform_is=99999999999999999999999",
    "flt0_platform_is=1&flt1_platform_is=2",
    "flt_kind_is=toaster",
    "flt_state_is=&flt_make_is=%F0%9F%93%9E",
    "flt=1&flt_=2&flt9_9=3",
    "platform=7&extra=%3Cscript%3E",
)


@pytest.mark.parametrize("path", ["/accounts/", "/catalog/", "/platforms/"])
def test_hostile_parameters_break_no_list(world: World, clients: Clients, path: str) -> None:
    world.an_account()
    world.an_item(Kind.MOBILE)
    for query in HOSTILE:
        answer = clients.ada.get(f"{path}?{query}")
        assert answer.status_code in (200, 400), query
        assert "<b>" not in answer.text, query
        assert "<script>" not in answer.text, query


def test_a_list_takes_as_many_statements_for_fifty_rows_as_for_one(
    world: World, clients: Clients, connection: Connection
) -> None:
    world.an_account()
    world.an_item(Kind.MOBILE)
    few: dict[str, int] = {}
    clients.ada.get("/accounts/")  # Signs in.
    for path in ("/accounts/", "/catalog/", "/platforms/"):
        with statements(connection) as seen:
            clients.ada.get(path)
        few[path] = len(seen)
    for number in range(49):
        world.an_account(name=f"Account of {number}")
        world.an_item(Kind.MOBILE, model=f"Model {number}")
    for path, most in few.items():
        with statements(connection) as seen:
            assert clients.ada.get(path).status_code == 200
        assert len(seen) == most, "\n".join(seen)
        assert most <= 12


def test_an_export_holds_what_the_list_is_narrowed_to(world: World, clients: Clients) -> None:
    world.an_item(Kind.DESKPHONE, sku="=T54W")
    world.an_item(Kind.MOBILE, sku="M1")
    world.an_item(Kind.DESKPHONE, world.blue_harbor, sku="FOREIGN")
    answer = clients.piet.post(
        "/catalog/export-rows/", data={"format": "csv", "flt0_kind_is": "deskphone", "search": "yealink"}
    )
    (row,) = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))[1:]
    assert "T54W" in row[1]
    assert not row[1].startswith("=")
    answer = clients.sam.post("/accounts/export-rows/", data={"format": "xlsx"})
    assert answer.status_code == 200
    assert clients.sam.post("/accounts/export-rows/", data={"format": "exe"}).status_code == 404
    assert clients.sam.get("/accounts/export-rows/").status_code == 405


# ---- Platforms


def test_a_platform_is_created_and_changed_on_its_pages(world: World, clients: Clients) -> None:
    answer = clients.ada.post("/platforms/new/", data={"name": "Vantage", "currency": "GBP"})
    assert answer.status_code == 302
    platform = db.session.scalars(select(Platform).where(Platform.name == "Vantage")).one()
    values = {"name": "Vantage Connect", "currency": "GBP", "forbids_self_approval": "y"}
    assert clients.ada.post(f"/platforms/{platform.id}/edit/", data=values).status_code == 302
    platform = reread(Platform, platform.id)
    assert (platform.name, platform.forbids_self_approval) == ("Vantage Connect", True)
    assert "Vantage Connect" in clients.ada.get("/platforms/").text
    assert len(summaries()) == 2


def test_a_refused_platform_keeps_what_was_typed(world: World, clients: Clients) -> None:
    world.item(Kind.MOBILE)
    key = world.northwind.id
    answer = clients.ada.post(f"/platforms/{key}/edit/", data={"name": "Kept", "currency": "USD"})
    assert answer.status_code == 409
    assert "priced in EUR" in answer.text
    assert 'value="Kept"' in answer.text
    assert clients.ada.post("/platforms/new/", data={"name": "", "currency": "XXX"}).status_code == 422
    assert reread(Platform, key).name == "Northwind Voice"
    assert summaries() == []


# ---- The catalog


def test_an_item_is_created_changed_archived_restored_and_deleted(world: World, clients: Clients) -> None:
    ada, platform = clients.ada, world.northwind
    answer = ada.post(
        "/catalog/new/", data=ITEM | {"platform_id": platform.id, "max_handsets": "10", "again": "1"}
    )
    assert answer.location == f"/catalog/new/?platform={platform.id}"
    item = db.session.scalars(select(CatalogItem)).one()
    page = ada.get(f"/catalog/{item.id}/edit/").text
    assert "Unit price in EUR" in page
    assert 'value="119.00"' in page
    assert ada.post(f"/catalog/{item.id}/edit/", data=ITEM | {"unit_price": "99.5"}).status_code == 302
    assert str(reread(CatalogItem, item.id).unit_price) == "99.50"
    ada.post(f"/catalog/{item.id}/archive/")
    assert reread(CatalogItem, item.id).archived_at is not None
    assert ada.post(f"/catalog/{item.id}/archive/").status_code == 409
    ada.post(f"/catalog/{item.id}/restore/")
    assert reread(CatalogItem, item.id).archived_at is None
    assert ada.post(f"/catalog/{item.id}/delete/").status_code == 302
    assert ada.get(f"/catalog/{item.id}/edit/").status_code == 404
    assert len(summaries()) == 5


def test_a_refused_item_shows_each_problem_at_its_field_and_loses_nothing(
    world: World, clients: Clients
) -> None:
    answer = clients.ada.post(
        "/catalog/new/",
        data=ITEM | {"platform_id": world.northwind.id, "unit_price": "cheap", "color": "<b>Blue"},
    )
    assert answer.status_code == 422
    assert 'id="unit_price-error"' in answer.text
    assert 'value="cheap"' in answer.text
    assert "&lt;b&gt;Blue" in answer.text
    for wrong in (
        {"platform_id": ""},
        {"platform_id": "9" * 30},
        {"platform_id": "x"},
        {"max_handsets": "ten"},
    ):
        values = ITEM | {"platform_id": str(world.northwind.id)} | wrong
        answer = clients.ada.post("/catalog/new/", data=values)
        assert answer.status_code == 422
        assert f'id="{next(iter(wrong))}-error"' in answer.text
    assert summaries() == []


def test_nobody_but_a_super_admin_posts_to_the_catalog_or_the_platforms(
    world: World, clients: Clients
) -> None:
    item = world.item(Kind.DECT_BASE)
    for path in (
        "new/",
        f"{item.id}/edit/",
        f"{item.id}/archive/",
        f"{item.id}/restore/",
        f"{item.id}/delete/",
    ):
        for client in (clients.piet, clients.sam):
            assert client.post(f"/catalog/{path}", data=ITEM).status_code == 403
    assert clients.piet.post("/platforms/new/", data={"name": "Mine"}).status_code == 403
    assert "New item" not in clients.piet.get("/catalog/").text
    assert summaries() == []


# ---- Accounts


def test_an_account_is_renamed(world: World, clients: Clients) -> None:
    account = world.an_account(name="Old name")
    answer = clients.piet.post(
        f"/accounts/{account.id}/edit/", data={"name": "New name"}, follow_redirects=True
    )
    assert "Old name is now New name." in answer.text
    assert clients.piet.post(f"/accounts/{account.id}/edit/", data={"name": " "}).status_code == 422
    assert reread(Account, account.id).name == "New name"


def test_locations_are_kept_on_small_pages(world: World, clients: Clients) -> None:
    account, piet = world.an_account(), clients.piet
    path = f"/accounts/{account.id}/locations/"
    assert piet.post(f"{path}new/", data={"name": "", "address": "Quay <Rd>"}).status_code == 422
    piet.post(f"{path}new/", data={"name": "HQ", "address": "Quay Rd"})
    site = db.session.scalars(select(Location)).one()
    piet.post(f"{path}{site.id}/", data={"name": "Head office", "address": ""})
    assert reread(Location, site.id).name == "Head office"
    page = piet.post(f"{path}{site.id}/archive/", follow_redirects=True).text
    assert "Archived Head office." in page
    assert piet.post(f"{path}{site.id}/archive/").status_code == 409
    piet.post(f"{path}{site.id}/restore/")
    assert reread(Location, site.id).archived_at is None
    assert len(summaries()) == 4


def test_employees_are_kept_on_small_pages(world: World, clients: Clients) -> None:
    account, piet = world.an_account(), clients.piet
    path = f"/accounts/{account.id}/employees/"
    answer = piet.post(f"{path}new/", data={"name": "Dana", "email": "dana@"})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert 'value="dana@"' in answer.text
    piet.post(f"{path}new/", data={"name": "Dana", "email": "dana@example.com", "employee_number": "7"})
    dana = db.session.scalars(select(Employee)).one()
    piet.post(f"{path}{dana.id}/edit/", data={"name": "Dana Fox"})
    assert (reread(Employee, dana.id).name, reread(Employee, dana.id).email) == ("Dana Fox", None)
    assert "Dana Fox has left." in piet.post(f"{path}{dana.id}/deactivate/", follow_redirects=True).text
    assert piet.post(f"{path}{dana.id}/deactivate/").status_code == 409
    assert "Dana Fox is back." in piet.post(f"{path}{dana.id}/restore/", follow_redirects=True).text
    assert piet.get(f"{path}?page=99999999").status_code == 200


def test_support_and_foreign_platforms_post_nothing_on_an_account(world: World, clients: Clients) -> None:
    account = world.an_account()
    site, dana = world.a_location(account), world.an_employee(account)
    for path in (
        "edit/",
        "locations/new/",
        f"locations/{site.id}/",
        f"locations/{site.id}/archive/",
        f"locations/{site.id}/restore/",
        "employees/new/",
        f"employees/{dana.id}/edit/",
        f"employees/{dana.id}/deactivate/",
        f"employees/{dana.id}/restore/",
    ):
        address = f"/accounts/{account.id}/{path}"
        assert clients.sam.post(address, data={"name": "Mine"}).status_code == 403
        assert clients.bea.post(address, data={"name": "Mine"}).status_code == 404
    assert summaries() == []


def test_the_type_ahead_knows_the_accounts_of_ones_own_platforms(world: World, clients: Clients) -> None:
    mine = world.an_account(name="Harbour <Cafe>")
    world.an_account(world.blue_harbor, "Harbour Foreign")
    address = "/accounts/look-up/?query=harbour&offset=0&limit=10"
    # Of one's only platform the name says nothing.
    assert clients.piet.get(address).json == [[mine.id, "Harbour <Cafe>"]]
    seen = clients.ada.get(address).json
    assert [mine.id, "Harbour <Cafe> · Northwind Voice"] in seen
    assert len(seen) == 2


def test_an_account_lists_its_orders_and_what_it_awaits(world: World, clients: Clients) -> None:
    account = world.an_account()
    order = world.an_order("approved", [(Kind.DESKPHONE, 2), (Kind.ACCESSORY, 1)], account=account)
    page = clients.sam.get(f"/accounts/{account.id}/").text
    assert "Still to come" in page
    assert page.count(f"/orders/{order.reference}") == 2
    page = clients.sam.get(f"/accounts/{account.id}/orders/").text
    assert f"/orders/{order.reference}" in page
    assert "Approved" in page


@pytest.mark.parametrize(
    ("page", "person", "text", "added"),
    [
        (
            "catalog",
            "ada",
            "SKU,Make,Model,Kind,Price\nT54W,Yealink,T54W,Desk phone,129.00",
            "1 catalog item",
        ),
        ("accounts", "piet", "Account,Location\nRiverside,Depot", "1 entry"),
    ],
)
def test_a_list_of_a_platform_is_previewed_and_written(
    world: World, clients: Clients, page: str, person: str, text: str, added: str
) -> None:
    client = getattr(clients, person)
    assert f"/{page}/platform/" in client.get(f"/{page}/").text
    where = f"/{page}/platform/{world.northwind.id}/import"
    assert where in client.get(f"/{page}/platform/").text
    preview = client.post(where, data={"text": text}).text
    assert f"{added} would be added" in preview
    assert world.northwind.name in preview
    digest = re.findall(r'name="digest" value="(\w+)"', preview)[-1]
    done = client.post(f"{where}/apply", data={"text": text, "digest": digest}, follow_redirects=True).text
    assert "The list is imported: 1 added." in done
    assert "There is nothing to write" in client.post(where, data={"text": text}).text
