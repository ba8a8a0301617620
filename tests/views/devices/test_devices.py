"""The pages of devices: who sees which, how they are found, and registering, changing and moving one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.models import AuditEvent, Device
from hwadmin.views.devices.devices import DevicesView
from hwadmin.web import reference_views
from tests.builders import Clients, World, without_token

MAC = "80:5e:c0:09:ab:dc"
ROLES = ("ada", "piet", "bea", "sam", "anonymous")


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


def reread(key: int) -> Device:
    db.session.expire_all()
    device = db.session.get(Device, key)
    assert device is not None
    return device


def event_count() -> int:
    return db.session.execute(select(func.count(AuditEvent.id))).scalar_one()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/devices/", [200, 200, 200, 200, 302]),
        ("/devices/ordered/", [200, 200, 200, 200, 302]),
        ("/devices/{device}/", [200, 200, 404, 200, 302]),
        ("/devices/{device}/edit/", [200, 200, 404, 403, 302]),
        ("/devices/{device}/move/", [200, 403, 403, 403, 302]),
        ("/devices/register/{account}/", [200, 200, 404, 403, 302]),
        # What cannot be a key is no address of ours at all, whoever asks.
        ("/devices/99999999999999999999999/", [404, 404, 404, 404, 404]),
        ("/devices/register/99999999999999999999999/", [404, 404, 404, 404, 404]),
    ],
)
def test_each_page_opens_to_those_it_is_for(
    world: World, clients: Clients, path: str, expected: list[int]
) -> None:
    device = world.a_device()
    address = path.format(device=device.id, account=device.account_id)
    assert [getattr(clients, name).get(address).status_code for name in ROLES] == expected


@pytest.mark.parametrize("path", ["/devices/{}/", "/devices/{}/edit/", "/devices/register/{}/"])
def test_what_belongs_to_another_platform_looks_like_what_is_not_there(
    world: World, clients: Clients, path: str
) -> None:
    foreign = world.a_device(world.an_account(world.blue_harbor))
    key = foreign.account_id if "register" in path else foreign.id
    there, absent = (clients.piet.get(path.format(one)) for one in (key, 10**9))
    assert (there.status_code, without_token(there)) == (404, without_token(absent))


def test_a_device_is_found_by_any_writing_of_its_identifier_by_account_and_by_employee(
    world: World, clients: Clients
) -> None:
    account = world.an_account(name="Halden Dental")
    dana = world.an_employee(account, "Dana Fox")
    world.a_device(account, identifier=MAC, employee_id=dana.id)
    world.a_device(account, Kind.DECT_HANDSET, "02C3CC8E37")
    for text, found in (
        ("805EC009ABDC", [MAC]),
        ("80-5e-c0-09-ab-dc", [MAC]),
        ("805ec0", [MAC]),
        ("11324 0822839 *", ["02C3CC8E37"]),
        ("02c3cc8e37", ["02C3CC8E37"]),
        ("fox", [MAC]),
        ("halden w73h", ["02C3CC8E37"]),
        ("HALDEN", [MAC, "02C3CC8E37"]),
        ("northwind dental", [MAC, "02C3CC8E37"]),
        ("nothing like it", []),
    ):
        page = clients.piet.get("/devices/", query_string={"search": text}).text
        assert [one for one in (MAC, "02C3CC8E37") if f"<code>{one}</code>" in page] == found, text
        page = clients.bea.get("/devices/", query_string={"search": text}).text
        assert MAC not in page.replace(text, "")


def test_the_list_shows_both_forms_of_an_ipei_the_base_the_slot_and_the_order(
    world: World, clients: Clients
) -> None:
    order = world.an_order("fulfilled", [(Kind.DECT_BASE, 1), (Kind.DECT_HANDSET, 1)])
    handset = db.session.scalars(select(Device).where(Device.kind == Kind.DECT_HANDSET)).one()
    page = clients.sam.get("/devices/").text
    assert f"<code>{handset.identifier}</code>" in page
    assert page.count(" *</code>") + page.count('aria-label="Copy IPEI') >= 2
    assert "slot 1" in page
    assert f"/orders/{order.reference}" in page


def test_the_list_is_narrowed_by_platform_kind_and_account(world: World, clients: Clients) -> None:
    here, there = world.an_account(name="Here"), world.an_account(world.blue_harbor, "There")
    world.a_device(here, identifier=MAC)
    world.a_device(here, Kind.MOBILE)
    world.a_device(there)

    def rows(query: str) -> int:
        return clients.ada.get(f"/devices/?{query}").text.count("<tr data-href=")

    assert rows("") == 3
    assert rows(f"flt_platform_is={world.northwind.id}") == 2
    assert rows("flt_kind_is=mobile") == 1
    assert rows(f"flt_account_is={there.id}") == 1
    assert rows(f"flt_account_is={here.id}&flt_kind_is=deskphone&search=t54w") == 1
    assert ">Here</option>" in clients.ada.get(f"/devices/?flt_account_is={here.id}").text
    page = clients.piet.get(f"/devices/?flt_account_is={there.id}").text
    assert "There" not in page
    assert "Nothing matches" in page


@pytest.mark.parametrize("sort", range(7))
def test_the_list_is_sorted_by_any_column_both_ways(world: World, clients: Clients, sort: int) -> None:
    world.a_device()
    world.an_order("fulfilled", [(Kind.DECT_BASE, 1), (Kind.DECT_HANDSET, 1)])
    for desc in ("", "&desc=1"):
        assert clients.ada.get(f"/devices/?sort={sort}{desc}").text.count("<tr data-href=") == 3


@pytest.mark.parametrize(
    "query",
    [
        "sort=99",
        "sort=x",
        "page=99999999",
        "page=-3",
        "search=" + "%2B" * 90,
        "search=" + "8" * 1999,
        "search=" + "a+" * 80,
        "search=%25%5C_%27%22",
        "search=%E2%80%8B",
        "flt_account_is=x",
        "flt_account_is=99999999999999999999",
        "flt_account_is=999999999999999999",
        "flt_kind_is=accessory",
        "flt_platform_is=-1",
        "flt0_account_is=1&flt1_account_is=2",
    ],
)
def test_hostile_parameters_break_no_list(world: World, clients: Clients, query: str) -> None:
    world.a_device()
    for path in ("/devices/", "/devices/ordered/"):
        assert clients.piet.get(f"{path}?{query}").status_code in (200, 400)


def test_the_list_takes_few_statements_for_one_row_and_as_few_for_fifty(
    world: World, clients: Clients, connection: Connection
) -> None:
    world.an_order("fulfilled", [(Kind.DECT_BASE, 1)])
    clients.ada.get("/devices/")  # Signs in.
    with statements(connection) as few:
        clients.ada.get("/devices/")
    account = world.an_account()
    dana, site = world.an_employee(account), world.a_location(account)
    for _ in range(3):
        world.an_order("fulfilled", [(Kind.DECT_BASE, 1), (Kind.DECT_HANDSET, 9)], account=account)
    for _ in range(20):
        world.a_device(account, employee_id=dana.id, location_id=site.id)
    with statements(connection) as many:
        page = clients.ada.get("/devices/").text
    assert page.count("<tr data-href=") == 50
    assert len(many) == len(few) <= 8, "\n".join(many)
    for path in (f"/accounts/{account.id}/", "/devices/ordered/"):
        with statements(connection) as sent:
            clients.ada.get(path)
        assert len(sent) <= 12, "\n".join(sent)


def test_more_rows_than_anybody_counts_are_not_counted(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_views, "MAX_COUNTED", 2)
    monkeypatch.setattr(DevicesView, "page_size", 2)
    for _ in range(2):
        world.a_device()
    page = clients.ada.get("/devices/").text
    assert '<span class="tab-count">2</span>' in page
    assert "1–2 of 2<" in page
    world.a_device()
    page = clients.ada.get("/devices/").text
    assert '<span class="tab-count">2+</span>' in page
    assert "Page 1 of more than 2 rows" in page
    assert 'rel="next"' in page
    page = clients.ada.get("/devices/?page=1").text
    assert "Page 2 of more than 2 rows" in page
    assert 'rel="prev"' in page
    assert 'rel="next"' not in page


@pytest.mark.parametrize("column", range(5))
def test_more_devices_than_are_counted_stay_in_the_order_an_index_gives(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch, column: int
) -> None:
    for _ in range(3):
        world.a_device()
    refused = "cannot be sorted by"
    page = clients.ada.get(f"/devices/?sort={column}").text
    assert (refused in page, page.count('aria-sort="ascending"')) == (False, 1)
    monkeypatch.setattr(reference_views, "MAX_COUNTED", 2)
    with statements(db.session.connection()) as sent:
        page = clients.ada.get(f"/devices/?sort={column}").text
    assert (refused in page, page.count('aria-sort="ascending"')) == (True, 0)
    assert page.count('aria-sort="descending"') == 1
    (rows,) = [one for one in sent if "device.id DESC" in one and "account.name" in one]
    assert rows.count("ORDER BY") == rows.count("ORDER BY device.id DESC")
    assert refused not in clients.ada.get("/devices/?sort=7&desc=1").text


def test_ordered_units_are_listed_until_they_are_fulfilled(world: World, clients: Clients) -> None:
    order = world.an_order("approved", [(Kind.DECT_BASE, 1), (Kind.DECT_HANDSET, 2), (Kind.ACCESSORY, 4)])
    world.an_order("approved", platform=world.blue_harbor)
    page = clients.sam.get("/devices/ordered/").text
    assert page.count(f"/orders/{order.reference}") == 3
    assert page.count(">approved, to be placed<") == 3
    assert "Blue Harbor" not in page
    assert '<span class="tab-count">3</span>' in clients.sam.get("/devices/").text
    page = clients.sam.get(f"/devices/ordered/?account={order.account_id}").text
    assert page.count(">approved, to be placed<") == 3
    assert clients.bea.get(f"/devices/ordered/?account={order.account_id}").status_code == 404
    assert clients.sam.get("/devices/ordered/?account=x").status_code == 404
    assert "Nothing is awaited" in clients.sam.get("/devices/ordered/?page=7").text


def test_the_export_holds_what_the_list_is_narrowed_to(world: World, clients: Clients) -> None:
    world.a_device(identifier=MAC)
    world.a_device(kind=Kind.DECT_HANDSET, identifier="02C3CC8E37")
    world.a_device(world.an_account(world.blue_harbor))
    answer = clients.piet.post(
        "/devices/export-rows/", data={"format": "csv", "flt0_kind_is": "dect_handset"}
    )
    _, row = csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff")))
    assert row[4:6] == ["02C3CC8E37", "11324 0822839 *"]


# ---- One device


def test_the_page_of_a_device_tells_everything_and_its_history(world: World, clients: Clients) -> None:
    account = world.an_account(name="Halden")
    site = world.a_location(account, "HQ")
    base = world.a_device(account, Kind.DECT_BASE, MAC, location_id=site.id)
    handset = world.a_device(account, Kind.DECT_HANDSET, "02C3CC8E37", base_device_id=base.id)
    page = clients.sam.get(f"/devices/{base.id}/").text
    for words in (
        "Yealink W70B",
        MAC,
        "HQ",
        "1 of 10",
        "02C3CC8E37",
        "Registered by other means",
        "Ada Okafor",
    ):
        assert words in page
    assert "Registered to" in page
    page = clients.piet.get(f"/devices/{handset.id}/").text
    for words in ("11324 0822839 *", "02C3CC8E37", "slot 1", "with its base", "paired to"):
        assert words in page
    assert f"/devices/{handset.id}/edit/" in page
    assert "move/" not in page
    assert "/edit/" not in clients.sam.get(f"/devices/{handset.id}/").text


def test_the_history_of_a_fulfilled_device_holds_the_fulfillment(world: World, clients: Clients) -> None:
    world.an_order("fulfilled", [(Kind.DESKPHONE, 1)])
    device = db.session.scalars(select(Device)).one()
    page = clients.sam.get(f"/devices/{device.id}/").text
    assert 'class="timeline"' in page


# ---- Registering


def test_a_device_is_registered_on_the_page_of_its_account(world: World, clients: Clients) -> None:
    account = world.an_account(name="Halden")
    dana, sku = world.an_employee(account, "Dana"), world.item(Kind.DESKPHONE).sku
    assert "Register a device" in clients.piet.get(f"/accounts/{account.id}/").text
    answer = clients.piet.post(
        f"/devices/register/{account.id}/",
        data={"sku": sku, "identifier": "00041398ABCD", "employee_id": dana.id, "location_id": ""},
        follow_redirects=True,
    )
    assert "Registered Yealink T54W 00:04:13:98:ab:cd for Halden." in answer.text
    # A doubt about the identifier is told, not refused.
    assert "Snom" in answer.text
    device = db.session.scalars(select(Device)).one()
    assert (device.employee_id, device.location_id) == (dana.id, None)


@pytest.mark.parametrize(
    ("wrong", "status", "field"),
    [
        ({"identifier": "80:5e:c0:09:ab"}, 422, "identifier"),
        ({"identifier": ""}, 422, "identifier"),
        ({"identifier": MAC}, 409, "identifier"),
        ({"sku": ""}, 422, "sku"),
        ({"sku": "no such"}, 422, "sku"),
        ({"employee_id": "x"}, 422, "employee_id"),
        ({"employee_id": "9" * 40}, 422, "employee_id"),
        ({"location_id": "12345"}, 422, "location_id"),
    ],
)
def test_a_refused_registration_shows_the_problem_at_its_field_and_keeps_what_was_typed(
    world: World, clients: Clients, wrong: dict[str, str], status: int, field: str
) -> None:
    account = world.an_account()
    world.a_device(world.an_account(world.blue_harbor, "Secret Ltd"), identifier=MAC)
    events = event_count()
    values = {"sku": world.item(Kind.DESKPHONE).sku, "identifier": "Mac: 805ec0 09ab00"} | wrong
    answer = clients.piet.post(f"/devices/register/{account.id}/", data=values)
    assert answer.status_code == status
    assert f'id="{field}-error"' in answer.text
    assert f'value="{values["identifier"]}"' in answer.text
    assert "Secret" not in answer.text
    assert event_count() == events
    if status == 409:
        answer = clients.ada.post(f"/devices/register/{account.id}/", data=values)
        assert "already in use at Secret Ltd of Blue Harbor Telecom." in answer.text


def test_only_what_the_account_has_is_offered(world: World, clients: Clients) -> None:
    account, other = world.an_account(), world.an_account()
    world.an_employee(other, "Stranger")
    world.an_item(Kind.DESKPHONE, world.blue_harbor, model="Foreign")
    world.item(Kind.ACCESSORY)
    page = clients.ada.get(f"/devices/register/{account.id}/").text
    for words in ("Stranger", "Foreign", "Engage 50"):
        assert words not in page


# ---- Changing


def test_a_handset_is_given_to_an_employee_and_paired_on_its_page(world: World, clients: Clients) -> None:
    account = world.an_account()
    dana, base = world.an_employee(account, "Dana"), world.a_device(account, Kind.DECT_BASE)
    handset = world.a_device(account, Kind.DECT_HANDSET)
    page = clients.piet.get(f"/devices/{handset.id}/edit/").text
    assert "0 of 10 handsets" in page
    assert 'name="location_id"' not in page
    answer = clients.piet.post(
        f"/devices/{handset.id}/edit/", data={"employee_id": dana.id, "base_device_id": base.id}
    )
    assert answer.location == f"/devices/{handset.id}/"
    changed = reread(handset.id)
    assert (changed.employee_id, changed.base_device_id, changed.slot) == (dana.id, base.id, 1)
    page = clients.piet.get(f"/devices/{handset.id}/edit/").text
    assert f'<option selected value="{base.id}">' in page


def test_a_base_is_never_offered_an_employee(world: World, clients: Clients) -> None:
    account = world.an_account()
    dana, base = world.an_employee(account), world.a_device(account, Kind.DECT_BASE)
    assert 'name="employee_id"' not in clients.piet.get(f"/devices/{base.id}/edit/").text
    clients.piet.post(f"/devices/{base.id}/edit/", data={"employee_id": dana.id, "location_id": ""})
    assert reread(base.id).employee_id is None


def test_a_refused_change_changes_nothing(world: World, clients: Clients) -> None:
    account = world.an_account()
    device = world.a_device(account)
    foreign = world.an_employee(world.an_account(world.blue_harbor))
    events = event_count()
    answer = clients.piet.post(
        f"/devices/{device.id}/edit/", data={"employee_id": foreign.id, "location_id": ""}
    )
    assert answer.status_code == 422
    assert clients.sam.post(f"/devices/{device.id}/edit/", data={}).status_code == 403
    assert clients.bea.post(f"/devices/{device.id}/edit/", data={}).status_code == 404
    assert reread(device.id).employee_id is None
    assert event_count() == events


# ---- Moving


def test_a_device_is_moved_to_an_account_picked_or_named_with_a_reason(
    world: World, clients: Clients
) -> None:
    here, there = world.an_account(name="Here"), world.an_account(world.blue_harbor, "There")
    device = world.a_device(here)
    path = f"/devices/{device.id}/move/"
    assert "leaves <strong>Here</strong>" in clients.ada.get(path).text
    picked = {"account": "There · Blue Harbor Telecom", "account_id": there.id, "reason": "Sold on."}
    assert clients.ada.post(path, data=picked).location == f"/devices/{device.id}/"
    assert reread(device.id).account_id == there.id
    page = clients.bea.get(f"/devices/{device.id}/").text
    assert "Sold on." in page
    assert "Here" not in page
    assert clients.ada.post(path, data={"account": "here", "reason": "Back."}).status_code == 302
    assert reread(device.id).account_id == here.id


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"account": "Nobody", "reason": "Why"}, 422, "account"),
        ({"account": "", "reason": ""}, 422, "account"),
        ({"account": "There", "reason": " "}, 422, "reason"),
        ({"account": "x", "account_id": "999999999", "reason": "Why"}, 422, "account"),
        ({"account": "x", "account_id": "x", "reason": "Why"}, 422, "account"),
        ({"account": "Twin", "reason": "Why"}, 422, "account"),
        ({"account": "Here", "reason": "Why"}, 409, "account"),
    ],
)
def test_a_refused_move_changes_nothing_and_keeps_what_was_typed(
    world: World, clients: Clients, fields: dict[str, str], status: int, field: str
) -> None:
    device = world.a_device(world.an_account(name="Here"))
    for name in ("There", "Twin", "Twin"):
        world.an_account(name=name)
    before, events = device.account_id, event_count()
    answer = clients.ada.post(f"/devices/{device.id}/move/", data=fields)
    assert answer.status_code == status
    assert f'id="{field}-error"' in answer.text
    assert fields["reason"].strip() in answer.text
    assert clients.piet.post(f"/devices/{device.id}/move/", data=fields).status_code == 403
    assert reread(device.id).account_id == before
    assert event_count() == events
