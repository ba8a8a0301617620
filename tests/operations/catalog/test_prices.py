"""What an item costs by size and term, and what an accessory goes with: what is refused, and saved once."""

from __future__ import annotations

from hwadmin.errors import InvalidInput, WrongState
from hwadmin.operations.catalog.prices import NewPrice, set_fits, set_prices
from tests.builders import World
from tests.operations.refusals import by, changes_nothing, fields, refused


def test_prices_that_are_none_are_refused_at_their_place_and_the_same_again_is_nothing(world: World) -> None:
    item = world.an_item("mobile")
    wrong = [NewPrice("256 GB", 0, "99"), NewPrice("256 GB", 24, "x")]
    error = refused(InvalidInput, world.ada, lambda ada: set_prices(ada, item.id, wrong))
    assert fields(error) == ["prices.1.unit_price"]
    right = [NewPrice("256 GB", 24, "99.00", "12.00")]
    by(world.ada, lambda ada: set_prices(ada, item.id, right))
    changes_nothing(lambda: by(world.ada, lambda ada: set_prices(ada, item.id, right)))


def test_only_an_accessory_goes_with_devices_of_its_catalog(world: World) -> None:
    case, phone = world.an_item("accessory"), world.an_item("mobile")
    refused(WrongState, world.ada, lambda ada: set_fits(ada, phone.id, [phone.id]))
    for stranger in (case.id, 10**9, world.an_item("mobile", world.blue_harbor).id):
        refused(InvalidInput, world.ada, lambda ada, key=stranger: set_fits(ada, case.id, [key]))
    by(world.ada, lambda ada: set_fits(ada, case.id, [phone.id]))
    changes_nothing(lambda: by(world.ada, lambda ada: set_fits(ada, case.id, [phone.id])))
