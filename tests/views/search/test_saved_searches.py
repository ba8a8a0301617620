"""Saved searches: own and shared, opened by a link, never telling of platforms that are not one's own."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Role
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.models import Person, SavedSearch
from hwadmin.operations.people.people import disable_person
from hwadmin.operations.search.saved_searches import MOST_SAVED, remove_search, save_search
from hwadmin.queries.search.saved_searches import saved_search, saved_searches
from tests.builders import Clients, World
from tests.operations.refusals import by, fields, refused


def saved(
    person: Person, name: str = "Mine", *, shared: bool = False, query: str = "status=all"
) -> SavedSearch:
    return by(person, lambda actor: save_search(actor, "orders", query, name, shared=shared))


def names(person: Person) -> list[str]:
    return [one.name for one in saved_searches(person.actor)]


@pytest.mark.parametrize(
    ("page", "query", "address"),
    [
        ("orders", "status=all&q=river%20side&page=3&after=9", "/orders/?status=all&q=river+side"),
        ("devices", "search=805e&flt_kind_is=mobile", "/devices/?search=805e&flt_kind_is=mobile"),
        ("accounts", "search=ä", "/accounts/?search=%C3%A4"),
        ("audit", "kind=order.rejected&before=12", "/audit/?kind=order.rejected"),
        ("everything", "q=dana", "/search/?q=dana"),
        ("orders", "", "/orders/"),
    ],
)
def test_a_saved_search_leads_back_to_its_page_and_filters(
    world: World, clients: Clients, page: str, query: str, address: str
) -> None:
    data = {"page": page, "query": query, "name": "As it was"}
    assert clients.sam.post("/saved-searches/", data=data).status_code == 302
    key = db.session.scalars(select(SavedSearch.id)).one()
    assert f"/saved-searches/{key}" in clients.sam.get("/saved-searches/").text
    assert clients.sam.get(f"/saved-searches/{key}").headers["Location"] == address


def test_lists_offer_to_save_what_they_show(world: World, clients: Clients) -> None:
    for address in ("/orders/?status=all&q=x", "/devices/?search=x", "/audit/?order=1", "/search/?q=reed"):
        page = clients.sam.get(address).text
        assert 'action="/saved-searches/"' in page
        query = address.partition("?")[2].replace("&", "&amp;")
        assert f'name="query" value="{query}"' in page


def test_own_searches_are_nobody_elses(world: World) -> None:
    mine = saved(world.piet)
    other = world.a_person("Pia", Role.PLATFORM_ADMIN, world.northwind)
    for person in (other, world.ada, world.sam, world.bea):
        assert names(person) == []
        assert saved_search(person.actor, mine.id) is None
    assert names(world.piet) == ["Mine"]


def test_what_is_shared_is_for_colleagues_with_the_same_platforms(world: World) -> None:
    both = world.a_person("Tess", Role.PLATFORM_ADMIN, world.northwind, world.blue_harbor)
    pia = world.a_person("Pia", Role.PLATFORM_ADMIN, world.northwind)
    saved(world.piet, "Northwind's", shared=True)
    saved(both, "Both's", shared=True)
    assert names(pia) == ["Northwind's"]
    assert names(both) == ["Both's", "Northwind's"]
    assert names(world.piet) == ["Northwind's"]
    for person in (world.bea, world.sam, world.ada):
        assert names(person) == []


def test_support_of_all_platforms_shares_with_its_like(world: World) -> None:
    uma, vic = (world.a_person(name, Role.SUPPORT, all_platforms=True) for name in ("Uma", "Vic"))
    saved(uma, "Everywhere", shared=True)
    saved(world.sam, "Northwind", shared=True)
    assert names(vic) == ["Everywhere", "Northwind"]
    assert names(world.sam) == ["Northwind"]
    noor = world.a_person("Noor", Role.SUPER_ADMIN)
    saved(world.ada, "Decide", shared=True)
    assert names(noor) == ["Decide"]


def test_what_a_colleague_shared_is_gone_when_they_are_disabled(world: World) -> None:
    pia = world.a_person("Pia", Role.PLATFORM_ADMIN, world.northwind)
    saved(pia, "Pia's", shared=True)
    assert names(world.piet) == ["Pia's"]
    ada = world.ada.actor
    transact(lambda: disable_person(ada, pia.id))
    assert names(world.piet) == []


def test_only_ones_own_are_removed(world: World) -> None:
    pia = world.a_person("Pia", Role.PLATFORM_ADMIN, world.northwind)
    shared = saved(pia, shared=True)
    for person in (world.piet, world.ada):
        refused(NotFound, person, lambda actor: remove_search(actor, shared.id))
    by(pia, lambda actor: remove_search(actor, shared.id))
    assert names(pia) == names(world.piet) == []


@pytest.mark.parametrize(
    ("page", "query", "name", "at"),
    [
        ("orders", "status=all", "", "name"),
        ("orders", "status=all", "x" * 81, "name"),
        ("orders", "status=all", "two\nlines", "name"),
        ("people", "", "Mine", "page"),
        ("orders", "q=" + "x" * 2000, "Mine", "query"),
        ("orders", "&".join(f"a{n}=1" for n in range(50)), "Mine", "query"),
    ],
)
def test_what_cannot_be_saved_is_refused(world: World, page: str, query: str, name: str, at: str) -> None:
    error = refused(InvalidInput, world.piet, lambda actor: save_search(actor, page, query, name))
    assert fields(error) == [at]


def test_each_of_ones_searches_has_a_name_of_its_own(world: World, clients: Clients) -> None:
    saved(world.piet)
    error = refused(InvalidInput, world.piet, lambda actor: save_search(actor, "audit", "", "Mine"))
    assert fields(error) == ["name"]
    saved(world.sam)
    answer = clients.piet.post(
        "/saved-searches/", data={"page": "orders", "query": "q=%22", "name": "Mine", "shared": "1"}
    )
    assert answer.status_code == 422
    assert "a search of this name already" in answer.text
    assert 'value="Mine"' in answer.text
    assert " checked" in answer.text
    assert clients.piet.post("/saved-searches/", data={"page": "people"}).status_code == 422


def test_there_is_room_for_so_many(world: World) -> None:
    db.session.add_all(
        SavedSearch(person_id=world.piet.id, name=str(number), page="orders", query="")
        for number in range(MOST_SAVED)
    )
    db.session.commit()
    refused(WrongState, world.piet, lambda actor: save_search(actor, "orders", "", "One more"))


def test_a_link_to_what_is_not_ones_own_leads_nowhere(world: World, clients: Clients) -> None:
    key = saved(world.bea, "Bea's secret", shared=True).id
    for client in (clients.piet, clients.ada, clients.sam):
        assert client.get(f"/saved-searches/{key}").status_code == 404
        assert "secret" not in client.get("/saved-searches/").text
    assert clients.bea.get("/saved-searches/999999").status_code == 404
