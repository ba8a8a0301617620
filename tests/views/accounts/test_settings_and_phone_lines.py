"""The pages behind ordering: how an account orders, its codes and phone lines, prices by size and term."""

from __future__ import annotations

import html
import io
import re
from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.ordering.cost_allocation import Share
from hwadmin.models import Account, AccountingCode, CatalogPrice, PhoneLine
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.queries.catalog.items import fitted_devices
from tests.builders import Clients, World
from tests.operations.refusals import by, events


@pytest.fixture
def account(world: World) -> Account:
    return world.an_account(name="Brightwater")


@pytest.fixture
def piet(clients: Clients) -> FlaskClient:
    return clients.piet


def again(account: Account) -> Account:
    db.session.expire_all()
    return account


# ---- How an account orders


def test_a_platform_admin_says_how_an_account_orders_and_the_audit_log_says_it_in_words(
    world: World, piet: FlaskClient, account: Account
) -> None:
    answer = piet.post(
        f"/account-settings/{account.id}/edit/",
        data={
            "requests_menu": "y",
            "requires_manager_approval": "y",
            "approver_name": "Boss",
            "approver_email": "boss@example.com",
        },
    )
    assert answer.status_code == 302
    assert again(account).requests_menu
    assert not account.requires_employee_number
    (event,) = events(kind="account.changed")
    assert event.summary == (
        "Changed the ordering settings: End-User Requests Menu no → yes, manager approval required no → yes, "
        "approver name set to “Boss”, approver’s e-mail set to “boss@example.com”"
    )
    page = piet.get(f"/account-settings/{account.id}/").text
    assert "boss@example.com" in page
    piet.post(
        f"/account-settings/{account.id}/edit/",
        data={"requests_menu": "y", "requires_manager_approval": "y", "approver_email": "boss@example.com"}
        | {"approver_name": "Boss"},
    )
    assert len(events(kind="account.changed")) == 1


@pytest.mark.parametrize("typed", ["", "nobody"])
def test_manager_approval_needs_somebody_to_ask(piet: FlaskClient, account: Account, typed: str) -> None:
    answer = piet.post(
        f"/account-settings/{account.id}/edit/",
        data={"requires_manager_approval": "y", "approver_name": "Boss", "approver_email": typed},
    )
    assert answer.status_code == 422
    assert 'value="Boss"' in answer.text
    assert not again(account).requires_manager_approval


def test_codes_are_added_once_archived_and_restored(piet: FlaskClient, account: Account) -> None:
    where = f"/account-settings/{account.id}/codes/"
    assert piet.post(where, data={"code": " 4711 ", "description": "Sales"}).status_code == 302
    twice = piet.post(where, data={"code": "4711"})
    assert twice.status_code == 422
    assert "Brightwater has the code 4711 already." in twice.text
    code = db.session.scalars(select(AccountingCode)).one()
    assert piet.post(f"{where}{code.id}/archive/").status_code == 302
    assert piet.post(f"{where}{code.id}/archive/").status_code == 409
    assert "it is archived and can be restored" in piet.post(where, data={"code": "4711"}).text
    assert piet.post(f"{where}{code.id}/restore/").status_code == 302
    assert [event.summary for event in events(kind="account.changed")] == [
        "Added the accounting code 4711 (Sales)",
        "Archived the accounting code 4711 (Sales)",
        "Restored the accounting code 4711 (Sales)",
    ]


def test_an_employees_manager_and_codes_are_named_and_split(
    world: World, piet: FlaskClient, account: Account
) -> None:
    for code in ("4711", "4712"):
        world.a_code(account, code)
    boss = world.an_employee(account, "Boss", email="boss@example.com")
    dana = world.an_employee(account, "Dana")
    where = f"/account-settings/{account.id}/employees/{dana.id}/"
    fields = {"manager": "BOSS@example.com", "accounting_codes": "4711 60, 4712 40 %"}
    assert piet.post(where, data=fields).status_code == 302
    db.session.refresh(dana)
    assert dana.manager_id == boss.id
    assert dana.accounting_codes == [
        {"code": "4711", "percent": "60"},
        {"code": "4712", "percent": "40"},
    ]
    page = piet.get(where).text
    assert 'value="4711 60, 4712 40"' in page
    for wrong, sentence in (
        ({"manager": "Nobody Like That"}, "Brightwater has nobody with that name, number or e-mail address."),
        ({"manager": "Dana"}, "Nobody is their own manager."),
        ({"accounting_codes": "4711 60"}, "The shares make 60 %; they must make 100 %."),
        ({"accounting_codes": "9999"}, "Brightwater has no accounting code 9999."),
        ({"accounting_codes": "4711, 4712"}, "Give 4711 a share above 0 %."),
    ):
        answer = piet.post(where, data=wrong)
        assert answer.status_code == 422
        assert sentence in answer.text


# ---- Phone lines


def test_a_line_is_added_changed_ended_and_restored(
    world: World, piet: FlaskClient, account: Account
) -> None:
    dana = world.an_employee(account, "Dana", employee_number="B-17")
    mobile = world.a_device(account, "mobile")
    where = f"/phone-lines/{account.id}/"
    fields = {
        "phone_number": "+31 (0)6 1234-5678",
        "mobile_carrier": "KPN",
        "employee": "B-17",
        "device_id": str(mobile.id),
        "contract_term_months": "24",
        "contract_ends_on": "2040-01-31",
        "contract_balance": "99.50",
    }
    assert piet.post(f"{where}new/", data=fields).status_code == 302
    line = db.session.scalars(select(PhoneLine)).one()
    assert (line.phone_number, line.employee_id, line.device_id) == ("+31612345678", dana.id, mobile.id)
    assert (line.contract_ends_on, line.contract_balance) == (date(2040, 1, 31), Decimal("99.50"))
    assert "The contract runs until 31 Jan 2040, and € 99.50 is owed." in piet.get(where).text
    twice = piet.post(f"{where}new/", data=fields)
    assert twice.status_code == 422
    assert "Brightwater has the line +31612345678 already." in twice.text
    assert "Dana" in piet.get(f"{where}{line.id}/").text
    changed = fields | {"employee": "Dana", "contract_ends_on": "", "contract_balance": ""}
    assert piet.post(f"{where}{line.id}/", data=changed).status_code == 302
    assert piet.post(f"{where}{line.id}/end/").status_code == 302
    assert piet.post(f"{where}{line.id}/end/").status_code == 409
    assert piet.post(f"{where}{line.id}/restore/").status_code == 302
    assert [event.summary for event in events(kind="account.changed")] == [
        "Added the line +31612345678 with KPN",
        "Changed the line +31612345678: contract end 31 Jan 2040 removed, balance € 99.50 removed",
        "Ended the line +31612345678",
        "Restored the line +31612345678",
    ]


def test_a_line_sent_without_its_holder_keeps_them(world: World, piet: FlaskClient, account: Account) -> None:
    dana = world.an_employee(account, "Dana Reed")
    line = world.a_phone_line(account, "+49 151 2345678", employee_id=dana.id)
    where = f"/phone-lines/{account.id}/{line.id}/"
    sent = piet.post(where, data={"phone_number": "+49 151 2345678", "mobile_carrier": "Vodafone"})
    assert sent.status_code == 302
    db.session.refresh(line)
    assert line.employee_id == dana.id


def test_what_is_wrong_with_a_line_is_told_at_its_fields(
    world: World, piet: FlaskClient, account: Account
) -> None:
    answer = piet.post(
        f"/phone-lines/{account.id}/new/",
        data={"phone_number": "call me", "contract_term_months": "400", "contract_balance": "-1"},
    )
    assert answer.status_code == 422
    for sentence in (
        "Write a phone number of 3 to 15 digits",
        "Name the carrier.",
        "Give the term in months, 1 to 120.",
        "The balance cannot be below zero.",
    ):
        assert sentence in answer.text
    assert db.session.scalars(select(PhoneLine)).all() == []


def hidden(page: str) -> dict[str, str]:
    """The fields of the form that writes what was previewed."""
    form = page[page.index("/import/apply") :].partition("</form>")[0]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", form, re.DOTALL)
    assert text
    return {**fields, "text": html.unescape(text[1])}


def test_a_carriers_list_adds_and_changes_and_the_same_list_again_changes_nothing(
    world: World, piet: FlaskClient, account: Account
) -> None:
    dana = world.an_employee(account, "Dana", email="dana@example.com")
    there = world.a_phone_line(account, "+31612345678", employee_id=dana.id)
    text = (
        "Phone number;Carrier;User;Contract ends;Balance\n"
        "06 1111 2222;KPN;dana@example.com;31.01.2040;\n"
        "\n"
        "0031 6 12345678;Telia;;2040-02-28;12.50\n"
    )
    where = f"/phone-lines/{account.id}/import"
    page = piet.post(where, data={"text": text}).text
    assert "This is what the list would do; nothing is written yet." in page
    assert "1 phone line would be added" in page
    assert "Add 1, change 1" in page
    assert len(db.session.scalars(select(PhoneLine)).all()) == 1
    assert piet.post(f"{where}/apply", data=hidden(page)).status_code == 302
    db.session.refresh(there)
    assert (there.mobile_carrier, there.employee_id, there.contract_balance) == (
        "Telia",
        dana.id,
        Decimal("12.50"),
    )
    recorded = events(kind="account.changed")
    assert [event.summary for event in recorded] == ["Imported phone lines: 1 added, 1 changed"]
    again = piet.post(where, data={"text": text}).text
    assert "There is nothing to write" in again
    assert piet.post(f"{where}/apply", data={"text": text}).status_code == 302
    assert len(events(kind="account.changed")) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Paste a list, or choose a file."),
        ("Name,Carrier\nx,y", "Say which column holds the phone numbers."),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_in_words(
    piet: FlaskClient, account: Account, text: str, sentence: str
) -> None:
    for path in ("import", "import/apply"):
        answer = piet.post(f"/phone-lines/{account.id}/{path}", data={"text": text})
        assert answer.status_code == 422
        assert sentence in answer.text
    assert db.session.scalars(select(PhoneLine)).all() == []


def test_an_order_of_days_that_stays_open_is_asked_once_for_the_column_before_anything_is_planned(
    piet: FlaskClient, account: Account
) -> None:
    where = f"/phone-lines/{account.id}/import"
    text = "Number,Carrier,Contract ends\n+353855550301,Three,03/04/2027\n+353855550302,Three,12/11/2027\n"
    page = piet.post(where, data={"text": text}).text
    assert page.count("Which comes first, the day or the month?") == 1
    assert "/import/apply" not in page
    refused = piet.post(f"{where}/apply", data={"text": text})
    assert refused.status_code == 422
    assert "Answer what is asked about the columns first." in refused.text
    answered = piet.post(where, data={"text": text, "answer-2-order": "month_first"}).text
    assert "contract end 4 Mar 2027" in answered
    assert piet.post(f"{where}/apply", data=hidden(answered)).status_code == 302
    ends = {line.phone_number: line.contract_ends_on for line in db.session.scalars(select(PhoneLine))}
    assert ends == {"+353855550301": date(2027, 3, 4), "+353855550302": date(2027, 12, 11)}


def test_a_workbook_of_lines_is_uploaded(piet: FlaskClient, account: Account) -> None:
    book = Workbook()
    book.active.append(["Mobile number", "Operator", "Contract end"])
    book.active.append(["+31 6 1111 2222", "KPN", date(2040, 1, 31)])
    stream = io.BytesIO()
    book.save(stream)
    page = piet.post(
        f"/phone-lines/{account.id}/import", data={"file": (io.BytesIO(stream.getvalue()), "lines.xls")}
    ).text
    assert "1 phone line would be added" in page
    assert "contract end 31 Jan 2040" in page


def test_an_import_that_would_do_something_else_by_now_is_shown_again(
    world: World, piet: FlaskClient, account: Account
) -> None:
    where = f"/phone-lines/{account.id}/import"
    page = piet.post(where, data={"text": "Number,Carrier\n0612345678,KPN"}).text
    world.a_phone_line(account, "0612345678")
    answer = piet.post(f"{where}/apply", data=hidden(page))
    assert answer.status_code == 409
    assert "The phone lines were changed since this preview." in answer.text


def test_a_line_of_another_account_is_not_there(world: World, piet: FlaskClient, account: Account) -> None:
    other = world.a_phone_line(world.an_account())
    assert piet.get(f"/phone-lines/{account.id}/{other.id}/").status_code == 404
    code = world.a_code(world.an_account(), "X")
    assert piet.post(f"/account-settings/{account.id}/codes/{code.id}/archive/").status_code == 404


# ---- The catalog


def prices(item_id: int) -> list[tuple[str, int, Decimal, Decimal]]:
    rows = db.session.scalars(
        select(CatalogPrice)
        .where(CatalogPrice.catalog_item_id == item_id)
        .order_by(CatalogPrice.size, CatalogPrice.term_months)
    )
    return [(row.size, row.term_months, row.unit_price, row.monthly_price) for row in rows]


def test_a_super_admin_keeps_prices_by_size_and_term(world: World, clients: Clients) -> None:
    item = world.an_item("mobile", sku="IP")
    where = f"/catalog-options/{item.id}/"
    data = {
        "size": ["256 GB", "256 GB", ""],
        "term": ["", "24", ""],
        "unit": ["899", "99.90", ""],
        "monthly": ["", "19.05", ""],
    }
    assert clients.ada.post(f"{where}prices/", data=data).status_code == 302
    assert prices(item.id) == [
        ("256 GB", 0, Decimal("899.00"), Decimal("0.00")),
        ("256 GB", 24, Decimal("99.90"), Decimal("19.05")),
    ]
    assert clients.ada.post(f"{where}prices/", data=data).status_code == 302
    less = {name: values[1:] for name, values in data.items()} | {"unit": ["89.90", ""]}
    assert clients.ada.post(f"{where}prices/", data=less).status_code == 302
    assert [event.summary for event in events(kind="catalog.changed")] == [
        "Changed the prices of Apple iPhone 17 (IP): added 256 GB, no term at € 899.00, "
        "added 256 GB, 24 months at € 99.90 and € 19.05 a month",
        "Changed the prices of Apple iPhone 17 (IP): removed 256 GB, no term, "
        "256 GB, 24 months € 99.90 and € 19.05 a month → € 89.90 and € 19.05 a month",
    ]
    assert "89.90" in clients.ada.get(where).text
    assert clients.piet.get(where).status_code == 403


def test_what_is_wrong_with_a_price_list_is_told_at_its_cells_and_nothing_is_lost(
    world: World, clients: Clients
) -> None:
    item = world.an_item("mobile")
    answer = clients.ada.post(
        f"/catalog-options/{item.id}/prices/",
        data={
            "size": ["256 GB", "", "256 GB"],
            "term": ["24", "12", "24"],
            "unit": ["dear", "1", "2"],
            "monthly": ["", "", "0.001"],
        },
    )
    assert answer.status_code == 422
    for sentence in (
        "The price must be an amount such as 129.00.",
        "Give every price a size, or none of them.",
        "256 gb, 24 months has a price already.",
        "The price must be whole cents.",
        'value="dear"',
    ):
        assert sentence in answer.text
    assert prices(item.id) == []
    term = clients.ada.post(
        f"/catalog-options/{item.id}/prices/", data={"size": "", "term": "two", "unit": "1", "monthly": ""}
    )
    assert "Give the term in months, or leave it empty." in term.text


def test_a_price_list_is_shown_from_the_smallest_size_to_the_largest(world: World, clients: Clients) -> None:
    item = world.an_item("mobile")
    for size in ("1 TB", "256 GB", "512 GB"):
        for term in (24, 0):
            world.a_price(item, size, term, "99.00")
    page = clients.ada.get(f"/catalog-options/{item.id}/").text
    sizes = re.findall(r'name="size" value="([^"]+)"', page)
    assert sizes == [size for size in ("256 GB", "512 GB", "1 TB") for _ in range(2)]
    assert re.findall(r'name="term" value="([^"]*)"', page)[:6] == ["", "24"] * 3


def test_the_menu_says_where_one_is_on_the_pages_below_its_lines(
    world: World, clients: Clients, account: Account
) -> None:
    item = world.an_item("mobile")
    for label, addresses in {
        "Accounts": (
            f"/account-settings/{account.id}/",
            f"/directory/{account.id}/",
            f"/phone-lines/{account.id}/",
            "/accounts/",
        ),
        "Catalog": (f"/catalog-options/{item.id}/", "/catalog/"),
    }.items():
        for address in addresses:
            menu = (
                clients.ada.get(address).text.partition('<nav aria-label="Main">')[2].partition("</nav>")[0]
            )
            assert re.findall(r'aria-current="page">([^<]+)<', menu) == [label], address


def test_an_accessory_fits_the_devices_chosen_of_its_own_catalog(world: World, clients: Clients) -> None:
    case, phone = world.an_item("accessory"), world.an_item("mobile")
    theirs = world.an_item("mobile", world.blue_harbor)
    where = f"/catalog-options/{case.id}/fits/"
    assert clients.ada.post(where, data={"fits": [str(phone.id)]}).status_code == 302
    assert fitted_devices(case.id) == {phone.id}
    for wrong in (theirs.id, case.id, 10**17):
        assert clients.ada.post(where, data={"fits": [str(wrong)]}).status_code == 422
    assert fitted_devices(case.id) == {phone.id}
    assert clients.ada.post(where, data={}).status_code == 302
    assert fitted_devices(case.id) == frozenset()
    wrong_kind = clients.ada.post(f"/catalog-options/{phone.id}/fits/", data={})
    assert wrong_kind.status_code == 409


def test_colors_are_written_with_commas_on_the_items_own_page(world: World, clients: Clients) -> None:
    item = world.an_item("mobile", sku="IP")
    form = {"make": "Apple", "model": "iPhone", "sku": "IP", "kind": "mobile", "unit_price": "9"}
    where = f"/catalog/{item.id}/edit/"
    assert clients.ada.post(where, data=form | {"colors": "Blue, Silver,, Blue"}).status_code == 302
    db.session.refresh(item)
    assert item.colors == ["Blue", "Silver"]
    assert 'value="Blue, Silver"' in clients.ada.get(where).text


# ---- The order's own page


def test_an_orders_page_shows_what_was_chosen_for_whom_and_what_it_costs_a_month(
    world: World, clients: Clients, account: Account
) -> None:
    world.a_code(account, "4711")
    phone = world.an_item("mobile", size="256 GB", colors=["Blue"])
    world.a_price(phone, "512 GB", 24, "99.90", "19.05")
    spare = world.a_device(account)
    line = world.a_phone_line(account)
    intent = NewIntent(
        user_name="Eli Marsh",
        user_number="B-20",
        line_of_service_id=line.id,
        upgrade_reason="Battery.",
        accounting_codes=[Share("4711", Decimal(100))],
    )
    lines = [
        NewLine(phone.sku, 2, [intent], size="512 GB", term_months=24, color="Blue"),
        NewLine(phone.sku, 1),
        NewLine(world.item("deskphone").sku, 1, from_spare=True),
    ]
    order = by(world.piet, lambda actor: submit_order(actor, NewOrder(account.id, lines)))
    page = clients.piet.get(f"/orders/{order.reference}").text
    for shown in (
        "512 GB · Blue · 24 months",
        "€ 38.10 a month",
        "€ 299.80",
        "Eli Marsh",
        "B-20",
        line.phone_number,
        "Battery.",
        "4711 100 %",
        "spare",
        spare.identifier[-2:],
    ):
        assert shown in page, shown
    answer = clients.piet.post(
        f"/orders/{order.reference}/lines",
        data={"line": [one.id for one in order.lines], "quantity": ["2", "3", "1"], "version": "1"},
    )
    assert answer.status_code == 302
    db.session.expire_all()
    assert [one.quantity for one in order.lines] == [2, 3, 1]
