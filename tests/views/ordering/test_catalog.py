"""The catalog of the ordering pages: its cards, a page of them at a time."""

from __future__ import annotations

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
