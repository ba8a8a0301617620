"""The pages of an account's directory and of its people."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import Account, DirectoryToken, Employee
from hwadmin.operations.devices.devices import change_device
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.units.units import units_of
from hwadmin.scim.schema import ENTERPRISE
from tests.builders import Clients, World
from tests.scim.pushers import Pusher


@pytest.fixture
def account(world: World) -> Account:
    return world.an_account(name="Riverside Clinic")


@pytest.fixture
def okta(app: Flask, account: Account) -> Pusher:
    return Pusher(app, account)


def known(user_name: str) -> Employee:
    db.session.expire_all()
    return db.session.scalars(select(Employee).where(Employee.user_name == user_name)).one()


def test_a_token_is_made_on_the_accounts_page_shown_once_and_revoked(
    world: World, clients: Clients, account: Account
) -> None:
    page = f"/directory/{account.id}/"
    assert f"/scim/v2/{account.id}" in clients.piet.get(page).text
    assert "Create a token" not in clients.sam.get(page).text
    refused = clients.piet.post(f"/directory/{account.id}/tokens", data={"name": " "})
    assert refused.status_code == 422
    assert "Say which identity provider it is for." in refused.text
    made = clients.piet.post(f"/directory/{account.id}/tokens", data={"name": "Entra"}).text
    secret = re.findall(r"<code>(hws_[\w-]{43})</code>", made)
    assert len(secret) == 1
    assert secret[0] not in clients.piet.get(page).text
    token = db.session.scalars(select(DirectoryToken)).one()
    pusher = Pusher(clients.app, account, secret[0])
    assert pusher.get("/Users").status_code == 200
    other = world.an_account()
    assert clients.piet.post(f"/directory/{other.id}/tokens/{token.id}/revoke").status_code == 404
    assert clients.bea.post(f"/directory/{account.id}/tokens/{token.id}/revoke").status_code == 404
    assert clients.piet.post(f"/directory/{account.id}/tokens/{token.id}/revoke").status_code == 302
    assert pusher.get("/Users").status_code == 401
    assert "revoked" in clients.piet.get(page).text


def test_a_persons_page_shows_what_they_have_and_where_it_is_known_from(
    world: World, clients: Clients, account: Account, okta: Pusher
) -> None:
    boss = okta.create("boss@example.com", displayName="Robin Boss")
    okta.create(
        displayName="Dana Reed",
        title="Nurse",
        phoneNumbers=[{"value": "+31 6 12345678", "type": "mobile"}],
        company={"manager": boss["id"], "costCenter": "CC-7", "department": "Cardiology"},
    )
    dana, robin = known("dana@example.com"), known("boss@example.com")
    order = world.an_order("fulfilled", account=account, intents={0: [NewIntent(employee_id=dana.id)]})
    device = units_of(order.id)[0]
    assert device.device_id is not None
    page = clients.sam.get(f"/accounts/{account.id}/employees/{dana.id}/").text
    for sentence in (
        "HR directory; changed there and not by hand",
        "Nurse",
        "+31 6 12345678",
        "Robin Boss",
        "CC-7 100 %",
        "Cardiology",
        order.reference,
        device.identifier_shown,
    ):
        assert sentence in page, sentence
    page = clients.sam.get(f"/accounts/{account.id}/employees/{robin.id}/").text
    assert "Approves for" in page
    assert "Dana Reed" in page


def test_what_the_directory_looks_after_is_not_changed_by_hand(
    clients: Clients, account: Account, okta: Pusher
) -> None:
    okta.create(displayName="Dana Reed")
    dana = known("dana@example.com")
    address = f"/accounts/{account.id}/employees/{dana.id}"
    assert "/edit/" not in clients.piet.get(f"{address}/").text
    assert f"employees/{dana.id}/edit/" not in clients.piet.get(f"/accounts/{account.id}/employees/").text
    sentence = "Dana Reed comes from the HR directory of this account; change it there."
    for answer in (
        clients.piet.get(f"{address}/edit/"),
        clients.piet.post(f"{address}/edit/", data={"name": "Somebody"}),
        clients.piet.post(f"{address}/deactivate/"),
        clients.piet.post(f"{address}/restore/"),
    ):
        assert answer.status_code == 409
        assert sentence in answer.text
    assert (known("dana@example.com").name, known("dana@example.com").version) == ("Dana Reed", 1)


def test_people_are_searched_by_name_address_number_and_user_name(
    world: World, clients: Clients, account: Account, okta: Pusher
) -> None:
    world.an_employee(account, "Kofi Mensah", email="kofi@example.com", employee_number="RC-1009")
    okta.create("DREED", displayName="Dana Reed")
    page = f"/accounts/{account.id}/employees/?search="
    for search, found in (("mens", "Kofi"), ("rc-10", "Kofi"), ("KOFI%40", "Kofi"), ("dreed", "Dana")):
        text = clients.sam.get(page + search).text
        assert (found in text, ("Kofi" in text) + ("Dana" in text)) == (True, 1), search
    assert "Nobody fits" in clients.sam.get(page + "nobody").text
    assert clients.sam.get(page + "%00").status_code == 400


def test_a_manager_who_is_not_there_yet_is_named(clients: Clients, account: Account, okta: Pusher) -> None:
    okta.create(company={"manager": "boss@example.com"})
    page = clients.piet.get(f"/accounts/{account.id}/employees/{known('dana@example.com').id}/").text
    assert "boss@example.com, who is not in the directory yet" in page
    assert ENTERPRISE not in page


def test_a_device_given_by_hand_shows_on_the_persons_page(
    world: World, clients: Clients, account: Account
) -> None:
    dana = world.an_employee(account, "Dana Reed")
    order = world.an_order("fulfilled", account=account)
    device_id = units_of(order.id)[0].device_id
    assert device_id is not None
    transact(
        lambda: change_device(
            world.ada.actor, device_id, employee_id=dana.id, location_id=None, base_device_id=None
        )
    )
    page = clients.piet.get(f"/accounts/{account.id}/employees/{dana.id}/").text
    assert units_of(order.id)[0].identifier_shown in page
    assert "Nothing was ordered for Dana Reed yet." in page


# ---- Importing a list

LIST = "Who;Mail;Number\nDana Reed;dana@example.com;7\nBad;no address;8\n"


def hidden(page: str) -> dict[str, str]:
    """The fields of the form that writes what was previewed."""
    form = page[page.index("/import/apply") :].partition("</form>")[0]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", form, re.DOTALL)
    assert found
    return {**fields, "text": found[1]}


def test_a_list_is_previewed_with_its_columns_chosen_and_then_imported(
    clients: Clients, account: Account
) -> None:
    path = f"/directory/{account.id}/import"
    assert "choose a file" in clients.piet.get(path).text
    asked = clients.piet.post(path, data={"text": LIST})
    assert asked.status_code == 200
    page = clients.piet.post(path, data={"text": LIST, "column-0": "name"}).text
    for sentence in (
        "This is what the list would do; nothing is written yet.",
        "Add 1",
        "is not an e-mail address.",
    ):
        assert sentence in page, sentence
    done = clients.piet.post(f"{path}/apply", data=hidden(page), follow_redirects=True).text
    assert "The list is imported: 1 added, 1 refused." in done
    assert "Dana Reed" in done
    assert "Imported list" in done
    again = clients.piet.post(path, data={"text": LIST, "column-0": "name"}).text
    assert "There is nothing to write: everything this list says is known already, or refused." in again
    assert "/import/apply" not in again


def test_an_import_that_would_do_something_else_by_now_is_shown_again(
    world: World, clients: Clients, account: Account
) -> None:
    path = f"/directory/{account.id}/import"
    page = clients.piet.post(path, data={"text": LIST, "column-0": "name"}).text
    world.an_employee(account, "Dana", employee_number="7")
    answer = clients.piet.post(f"{path}/apply", data=hidden(page))
    assert answer.status_code == 409
    assert "The employees were changed since this preview." in answer.text
    assert "Change 1" in answer.text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Paste a list, or choose a file."),
        ({"text": "  "}, "Paste a list, or choose a file."),
        ({"text": "Name\nDana", "file": "Name\nKofi"}, "send one of them"),
        ({"file": ""}, "This file is empty."),
        ({"file": "%PDF-1.7"}, "This is a PDF"),
        ({"text": "Shoes,Hats\n1,2\n"}, "Say which column holds the names"),
        ({"text": 'Name\n"Dana'}, "a quotation mark is opened and never closed"),
    ],
    ids=range(7),
)
def test_what_cannot_be_imported_is_refused_in_words(
    clients: Clients, account: Account, sent: dict[str, str], sentence: str
) -> None:
    data: dict[str, object] = dict(sent)
    if "file" in sent:
        data["file"] = (io.BytesIO(sent["file"].encode()), "people.csv")
    for path in ("import", "import/apply"):
        if "file" in sent:
            data["file"] = (io.BytesIO(sent["file"].encode()), "people.csv")
        answer = clients.piet.post(f"/directory/{account.id}/{path}", data=data)
        assert answer.status_code == 422
        assert sentence in answer.text


def test_a_conflict_is_shown_side_by_side_and_written_as_chosen(
    world: World, clients: Clients, account: Account
) -> None:
    dana = world.an_employee(account, "Dana Reed", email="dana@example.com", employee_number="7")
    path = f"/directory/{account.id}/import"
    text = "Name;E-mail;Number;Status\nDana Mensah;dana.mensah@example.com;7;On leave\n"
    asked = clients.piet.post(path, data={"text": text}).text
    name = re.search(r'name="(answer-3-[0-9a-f]{8})"', asked)
    assert name
    mapped = {"text": text, name[1]: "works_here"}
    page = clients.piet.post(path, data=mapped).text
    for sentence in (
        "1 row needs your choice",
        "The list says",
        "dana.mensah@example.com",
        "It is Dana Reed",
    ):
        assert sentence in page, sentence
    assert "/import/apply" not in page
    chosen = clients.piet.post(path, data={**mapped, "row-0": str(dana.id)}).text
    assert "Change 1" in chosen
    clients.piet.post(f"{path}/apply", data=hidden(chosen))
    db.session.expire_all()
    assert (dana.name, dana.email) == ("Dana Mensah", "dana.mensah@example.com")


def test_a_list_says_what_it_left_out(clients: Clients, account: Account) -> None:
    page = clients.piet.post(
        f"/directory/{account.id}/import",
        data={"text": "Staff of Riverside\nName;E-mail\nDana;d@example.com\n"},
    ).text
    assert "1 row was not read" in page
    assert "This stands above the headings." in page
