"""Ordering what was chosen: terms, sizes, colors, carriers and accessories, at the catalog's prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import ManagerApproval
from hwadmin.domain.money import totals
from hwadmin.errors import FieldError, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import AccessoryFit, CatalogItem, HardwareOrder
from hwadmin.operations.orders.decisions import approve_order
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.submission.new_order import NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import check_order, submit_order
from tests.builders import World
from tests.operations.orders.copying import copy_order
from tests.operations.refusals import by, changes_nothing, events, fields, refused
from tests.running import examples


@pytest.fixture
def phone(world: World) -> CatalogItem:
    """A mobile in two sizes and three terms, and three colors."""
    item = world.an_item(
        "mobile", size="256 GB", unit_price=Decimal("999.00"), colors=["Silver", "Blue"], color=None
    )
    for size, term, now, monthly in (
        ("256 GB", 0, "899.00", "0"),
        ("256 GB", 24, "99.00", "19.00"),
        ("512 GB", 24, "249.90", "21.55"),
    ):
        world.a_price(item, size, term, now, monthly)
    return item


def submitted(world: World, *lines: NewLine, **values: Any) -> HardwareOrder:
    account = values.pop("account", None) or world.an_account()
    return by(world.piet, lambda piet: submit_order(piet, NewOrder(account.id, lines, **values)))


def refusal(world: World, *lines: NewLine, account: Any = None) -> InvalidInput:
    account = account or world.an_account()
    return refused(InvalidInput, world.piet, lambda piet: submit_order(piet, NewOrder(account.id, lines)))


def test_the_price_of_the_chosen_size_and_term_is_copied_onto_the_line(
    world: World, phone: CatalogItem
) -> None:
    order = submitted(world, NewLine(phone.sku, 2, size="512 GB", term_months=24, color="Blue"))
    (line,) = order.lines
    assert (line.size, line.term_months, line.color) == ("512 GB", 24, "Blue")
    assert (line.unit_price, line.monthly_price) == (Decimal("249.90"), Decimal("21.55"))
    assert (line.total, line.monthly_total) == (Decimal("499.80"), Decimal("43.10"))
    (event,) = events(order.id)
    assert event.summary.endswith(": 2 × Apple iPhone 17 (512 GB, Blue, 24 months)")
    assert event.details["per_month"] == "43.10 EUR"


def test_where_nothing_is_chosen_the_items_own_price_counts(world: World, phone: CatalogItem) -> None:
    (line,) = submitted(world, NewLine(phone.sku, 1)).lines
    assert (line.unit_price, line.monthly_price, line.term_months) == (Decimal("999.00"), Decimal(0), None)
    (line,) = submitted(world, NewLine(phone.sku, 1, size="256 GB", term_months=0)).lines
    assert (line.unit_price, line.term_months) == (Decimal("899.00"), None)


def test_an_item_without_prices_is_sold_in_its_own_size_and_without_a_term(world: World) -> None:
    item = world.an_item("mobile", size="128 GB")
    (line,) = submitted(world, NewLine(item.sku, 1, size="128 GB", term_months=0)).lines
    assert (line.unit_price, line.size) == (Decimal("100.00"), "128 GB")
    error = refusal(world, NewLine(item.sku, 1, size="128 GB", term_months=24))
    assert [(one.field, one.message) for one in error.errors] == [
        ("lines.0.term_months", "Apple iPhone 17 is not sold for 24 months. Choose it without a term.")
    ]


def test_a_term_alone_is_of_the_items_own_size_and_refused_where_it_has_none(
    world: World, phone: CatalogItem
) -> None:
    (line,) = submitted(world, NewLine(phone.sku, 1, term_months=24)).lines
    assert (line.size, line.term_months) == (phone.size, 24)
    item = world.an_item("mobile", size=None)
    for size in ("256 GB", "512 GB"):
        world.a_price(item, size, 24, "99.00")
    error = refusal(world, NewLine(item.sku, 1, term_months=24))
    assert [(one.field, one.message) for one in error.errors] == [
        ("lines.0.size", f"{item.title} is not sold without a size. Choose 256 GB or 512 GB.")
    ]


def test_a_later_price_never_alters_the_order(world: World, phone: CatalogItem) -> None:
    order = submitted(world, NewLine(phone.sku, 1, size="256 GB", term_months=24))
    price = world.a_price(phone, "256 GB", 36, "1.00")
    price.unit_price = Decimal("5.00")
    db.session.commit()
    assert order.lines[0].unit_price == Decimal("99.00")


@pytest.mark.parametrize(
    ("chosen", "field", "sentence"),
    [
        (
            {"size": "1 TB", "term_months": 24},
            "size",
            "Apple iPhone 17 is not sold in 1 TB. Choose 256 GB or 512 GB.",
        ),
        (
            {"size": "512 GB", "term_months": 0},
            "term_months",
            "Apple iPhone 17 is not sold without a term. Choose it for 24 months.",
        ),
        (
            {"size": "256 GB", "term_months": 12},
            "term_months",
            "Apple iPhone 17 is not sold for 12 months. Choose it without a term or for 24 months.",
        ),
        ({"color": "Pink"}, "color", "Apple iPhone 17 is not sold in Pink. Choose Silver or Blue."),
        ({"mobile_carrier": "Nobody"}, "mobile_carrier", "Northwind Voice sells nothing of Nobody."),
    ],
)
def test_what_is_not_offered_is_refused_at_its_field(
    world: World, phone: CatalogItem, chosen: dict[str, Any], field: str, sentence: str
) -> None:
    error = refusal(world, NewLine(phone.sku, 1, **chosen))
    assert [(one.field, one.message) for one in error.errors] == [(f"lines.0.{field}", sentence)]


def test_an_unlocked_mobile_is_ordered_for_any_carrier_the_platform_sells(
    world: World, phone: CatalogItem
) -> None:
    locked = world.an_item("mobile", mobile_carrier="KPN")
    world.an_item("mobile", world.blue_harbor, mobile_carrier="Elsewhere")
    order = submitted(world, NewLine(phone.sku, 1, mobile_carrier="KPN"), NewLine(locked.sku, 1))
    assert [line.mobile_carrier for line in order.lines] == ["KPN", "KPN"]
    error = refusal(
        world,
        NewLine(locked.sku, 1, mobile_carrier="Telia"),
        NewLine(phone.sku, 1, mobile_carrier="Elsewhere"),
        NewLine(world.item("deskphone").sku, 1, mobile_carrier="KPN"),
    )
    assert fields(error) == [f"lines.{number}.mobile_carrier" for number in range(3)]


def test_lines_alike_become_one_and_others_stay_apart(world: World, phone: CatalogItem) -> None:
    order = submitted(
        world,
        NewLine(phone.sku, 1, size="256 GB", term_months=24, color="Blue"),
        NewLine(phone.sku, 2, size="256 GB", term_months=24, color="Silver"),
        NewLine(phone.sku, 3, size="256 GB", term_months=24, color="Blue"),
        NewLine(phone.sku, 4),
    )
    assert [(line.quantity, line.color, line.term_months) for line in order.lines] == [
        (4, "Blue", 24),
        (2, "Silver", 24),
        (4, None, None),
    ]


# ---- Accessories


def test_an_accessory_is_ordered_with_the_device_it_fits(world: World, phone: CatalogItem) -> None:
    case = world.an_item("accessory", model="Case")
    db.session.add(AccessoryFit(platform_id=case.platform_id, accessory_id=case.id, device_item_id=phone.id))
    db.session.commit()
    desk = world.item("deskphone")
    order = submitted(
        world, NewLine(case.sku, 2, accessory_of=1), NewLine(phone.sku, 2), NewLine(case.sku, 1)
    )
    with_it, device, alone = order.lines
    assert (with_it.accessory_of_id, device.accessory_of_id, alone.accessory_of_id) == (device.id, None, None)
    assert [line.position for line in order.lines] == [1, 2, 3]
    error = refusal(
        world,
        NewLine(desk.sku, 1),
        NewLine(case.sku, 1, accessory_of=0),
        NewLine(phone.sku, 1, accessory_of=0),
        NewLine(case.sku, 1, accessory_of=9),
        NewLine(case.sku, 1, accessory_of=4),
    )
    assert [(one.field, one.message) for one in error.errors] == [
        ("lines.1.accessory_of", "Jabra Case does not fit Yealink T54W."),
        ("lines.2.accessory_of", "Only an accessory goes with another line."),
        ("lines.3.accessory_of", "There is no such device in this order."),
        ("lines.4.accessory_of", "There is no such device in this order."),
    ]


def test_an_accessory_that_says_nothing_of_devices_fits_everything(world: World) -> None:
    charger = world.an_item("accessory")
    desk = world.item("deskphone")
    order = submitted(world, NewLine(desk.sku, 1), NewLine(charger.sku, 1, accessory_of=0))
    assert order.lines[1].accessory_of_id == order.lines[0].id


def test_removing_a_device_keeps_its_accessories_on_their_own(world: World, phone: CatalogItem) -> None:
    case = world.an_item("accessory")
    order = submitted(world, NewLine(phone.sku, 1), NewLine(case.sku, 1, accessory_of=0))
    by(world.ada, lambda ada: edit_lines(ada, order.id, {order.lines[1].id: 1}))  # type: ignore[arg-type]
    db.session.expire_all()
    assert [(line.sku, line.accessory_of_id) for line in order.lines] == [(case.sku, None)]


# ---- Correcting an order whose item has several lines


def test_a_line_is_corrected_by_its_own_key_and_by_a_sku_only_where_that_is_one_line(
    world: World, phone: CatalogItem
) -> None:
    order = submitted(world, NewLine(phone.sku, 2), NewLine(phone.sku, 3, size="256 GB", term_months=24))
    plain, term = order.lines
    assert world.ada

    def quantities() -> list[int]:
        db.session.expire_all()
        return [line.quantity for line in order.lines]

    for stated in ([(phone.sku, 5)], [(phone.sku, 2), (phone.sku, 3)]):
        error = refused(InvalidInput, world.ada, lambda ada, stated=stated: edit_lines(ada, order.id, stated))
        assert error.errors[0] == FieldError(
            "lines.0.sku",
            "Several lines are of this item: Apple iPhone 17 (256 GB) or "
            "Apple iPhone 17 (256 GB, 24 months). Say which, by its id or by what was chosen.",
        )
    by(world.ada, lambda ada: edit_lines(ada, order.id, {plain.id: 1, term.id: 4}))  # type: ignore[arg-type]
    assert quantities() == [1, 4]
    by(world.ada, lambda ada: edit_lines(ada, order.id, [(term.id, 1), (phone.sku, 2)]))
    assert [(line.quantity, line.term_months) for line in order.lines] == [(2, None), (1, 24)]
    named = NewLine(phone.sku, 2, line_id=plain.id)
    by(world.ada, lambda ada: edit_lines(ada, order.id, [named]))
    assert quantities() == [2]
    by(world.ada, lambda ada: edit_lines(ada, order.id, {phone.sku: 7}))
    assert quantities() == [7]
    error = refused(InvalidInput, world.ada, lambda ada: edit_lines(ada, order.id, {term.id: 1}))  # type: ignore[arg-type]
    assert error.errors[0].message == "This line is not in the order any more."
    other = NewLine(phone.sku, 1, term_months=24, line_id=plain.id)
    error = refused(InvalidInput, world.ada, lambda ada: edit_lines(ada, order.id, [other]))
    assert error.errors[0].message == "This line is Apple iPhone 17 (256 GB), nothing else."


def test_what_is_added_beside_a_line_with_a_term_is_a_line_at_the_items_own_price(
    world: World, phone: CatalogItem
) -> None:
    order = submitted(world, NewLine(phone.sku, 1, size="256 GB", term_months=24))
    key = order.lines[0].id
    by(world.ada, lambda ada: edit_lines(ada, order.id, [(key, 1), (phone.sku, 2)]))
    db.session.expire_all()
    assert [(line.quantity, line.unit_price) for line in order.lines] == [
        (1, Decimal("99.00")),
        (2, Decimal("999.00")),
    ]


# ---- Copying


def test_a_copy_asks_for_the_same_at_the_prices_of_today(world: World, phone: CatalogItem) -> None:
    case = world.an_item("accessory")
    order = submitted(
        world,
        NewLine(phone.sku, 2, size="512 GB", term_months=24, color="Blue"),
        NewLine(case.sku, 2, accessory_of=0),
        NewLine(phone.sku, 1, size="256 GB", term_months=0, color="Silver"),
    )
    copy = by(world.piet, lambda piet: copy_order(piet, order.id))
    assert [
        (line.quantity, line.size, line.term_months, line.color, line.unit_price) for line in copy.lines
    ] == [(line.quantity, line.size, line.term_months, line.color, line.unit_price) for line in order.lines]
    assert copy.lines[1].accessory_of_id == copy.lines[0].id


def test_what_is_not_offered_any_more_is_not_copied_at_another_price(
    world: World, phone: CatalogItem
) -> None:
    price = world.a_price(phone, "512 GB", 36, "1.00")
    order = submitted(world, NewLine(phone.sku, 1, size="512 GB", term_months=36))
    db.session.delete(price)
    db.session.commit()
    error = refused(WrongState, world.piet, lambda piet: copy_order(piet, order.id))
    assert error.message == (
        f"Nothing of {order.reference} can be ordered any more: "
        "Apple iPhone 17 (512 GB, 36 months) is no longer sold."
    )


# ---- Manager approval, checking, tenancy


def test_an_order_of_an_account_that_asks_its_manager_waits_for_them(world: World) -> None:
    account = world.an_account(requires_manager_approval=True, approver_email="boss@example.com")
    order = world.an_order(account=account)
    assert order.manager_approval is ManagerApproval.AWAITING
    error = refused(WrongState, world.ada, lambda ada: approve_order(ada, order.id))
    assert "still waiting for the account's manager" in error.message


def test_checking_says_what_it_costs_and_writes_nothing(world: World, phone: CatalogItem) -> None:
    new = NewOrder(world.an_account().id, [NewLine(phone.sku, 3, size="512 GB", term_months=24)])
    assert world.piet
    checked = changes_nothing(lambda: by(world.piet, lambda piet: check_order(piet, new)))
    assert (checked.totals.now, checked.totals.monthly) == (Decimal("749.70"), Decimal("64.65"))
    refused(NotAllowed, world.ada, lambda ada: check_order(ada, new))
    refused(NotFound, world.bea, lambda bea: check_order(bea, new))
    wrong = NewOrder(new.account_id, [NewLine(phone.sku, 0)])
    assert fields(refused(InvalidInput, world.piet, lambda piet: check_order(piet, wrong))) == [
        "lines.0.quantity"
    ]


def test_an_archived_item_is_not_ordered_at_any_price(world: World, phone: CatalogItem) -> None:
    phone.archived_at = utcnow()
    db.session.commit()
    error = refusal(world, NewLine(phone.sku, 1, size="256 GB", term_months=24))
    assert fields(error) == ["lines.0.sku"]


def test_another_platforms_item_price_and_accessory_are_not_there(world: World, phone: CatalogItem) -> None:
    theirs = world.an_item("mobile", world.blue_harbor, sku="THEIRS")
    world.a_price(theirs, "512 GB", 24, "1.00")
    same = world.an_item("mobile", world.blue_harbor, sku=phone.sku)
    world.a_price(same, "256 GB", 24, "0.01")
    assert fields(refusal(world, NewLine("THEIRS", 1, size="512 GB", term_months=24))) == ["lines.0.sku"]
    order = submitted(world, NewLine(phone.sku, 1, size="256 GB", term_months=24))
    assert (order.lines[0].catalog_item_id, order.lines[0].unit_price) == (phone.id, Decimal("99.00"))


OFFERED = [("256 GB", 0, 89900, 0), ("256 GB", 24, 9900, 1900), ("512 GB", 24, 24990, 2155), None]


@settings(
    deadline=None, max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.sampled_from(OFFERED), st.integers(1, 40), st.sampled_from([None, "Blue", "Silver"])),
        min_size=1,
        max_size=8,
    )
)
def test_an_orders_totals_are_right_to_the_cent_whatever_is_chosen(
    world: World, phone: CatalogItem, chosen: list[tuple[Any, int, str | None]]
) -> None:
    lines = [
        NewLine(phone.sku, count, color=color)
        if option is None
        else NewLine(phone.sku, count, size=option[0], term_months=option[1], color=color)
        for option, count, color in chosen
    ]
    order = submitted(world, *lines)
    sums = totals((line.unit_price, line.monthly_price, line.quantity) for line in order.lines)
    assert int(sums.now * 100) == sum((99900 if one is None else one[2]) * count for one, count, _ in chosen)
    assert int(sums.monthly * 100) == sum((0 if one is None else one[3]) * count for one, count, _ in chosen)
    assert sum(line.quantity for line in order.lines) == sum(count for _, count, _ in chosen)
