"""The catalog of the ordering pages: its cards, a page of them at a time."""

from __future__ import annotations

import re

import pytest

from tests.acceptance.visitor import Visitor
from tests.builders import Clients, World


def test_a_long_catalog_has_pages_and_adding_from_one_stays_on_it(world: World, clients: Clients) -> None:
    account = world.an_account()
    for number in range(65):
        world.an_item("deskphone", model=f"T{number:02}")
    piet = Visitor(clients.piet).open(f"/ordering/{account.id}/new?make=Yealink")
    assert piet.text.count("Add to Basket") == 30
    assert "1–30 of 65" in piet.text
    piet.follow("Next ›").follow("3")
    assert "61–65 of 65" in piet.text
    piet.press("Add to Basket: Yealink T63")
    assert "61–65 of 65" in piet.text
    # A page that is not there any more is the last one.
    assert "61–65 of 65" in piet.open(f"/ordering/{account.id}/new?page=99").text


def test_a_short_catalog_has_no_pages(world: World, clients: Clients) -> None:
    account = world.an_account()
    world.an_item("deskphone")
    assert "of 1" not in Visitor(clients.piet).open(f"/ordering/{account.id}/new").text


@pytest.mark.parametrize("several", [False, True])
def test_each_problem_of_a_choice_leads_to_its_field_where_there_is_one(
    world: World, clients: Clients, several: bool
) -> None:
    account, phone = world.an_account(), world.an_item("mobile", colors=["Black", "Blue"] if several else [])
    for size in ("128 GB", "256 GB") if several else ("128 GB",):
        for term in (24, 36) if several else (24,):
            world.a_price(phone, size, term, "99.00")
    wrong = {"size": "1 TB", "term": "7", "color": "Pink", "carrier": "Nobody", "quantity": "0"}
    sent = {"item": phone.sku, "page": "device", "do": "add", **wrong}
    answer = clients.piet.post(f"/ordering/{account.id}/choose", data=sent)
    assert answer.status_code == 422
    listed = re.search(r'<div class="notice notice-danger[^>]* role="alert".*?</div>', answer.text, re.DOTALL)
    assert listed is not None
    places = set(re.findall(r'<a href="#([^"]*)"', listed[0]))
    assert {place for place in places if f' id="{place}"' not in answer.text} == set()
    assert ("device-size-1" in places) == several
    assert "quantity" in places
