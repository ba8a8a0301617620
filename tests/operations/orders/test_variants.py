"""Adding lines to a pending order, whatever is added in whatever order: each variant is a line of its own."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwadmin.db.extensions import db
from hwadmin.domain.ordering.variants import VariantChoice
from hwadmin.models import HardwareOrder
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.submission.new_order import NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.queries.ordering.model_choices import OfferedModel, Variant
from hwadmin.queries.ordering.offered_models import models_by_sku
from tests.builders import World
from tests.operations.refusals import by
from tests.running import examples


def a_model(world: World) -> OfferedModel:
    """An iPhone as catalogs have it: two items by color with terms, one of another size, one unlocked."""
    for sku, color, carrier in (("BLACK", "Black", "KPN"), ("SAGE", "Sage", "KPN"), ("FREE", None, None)):
        item = world.an_item("mobile", sku=sku, color=color, mobile_carrier=carrier, size="256 GB")
        for term, now, monthly in ((0, "899.00", "0"), (24, "99.00", "19.00")):
            world.a_price(item, "256 GB", term, now, monthly)
    item.colors = ["Black", "Blue"]
    world.an_item("mobile", sku="LARGE", color="Black", mobile_carrier="KPN", size="512 GB")
    world.an_item("mobile", make="Samsung", model="A57", mobile_carrier="Telia")
    db.session.commit()
    assert world.piet
    return by(world.piet, lambda piet: models_by_sku(piet, world.northwind.id, ["SAGE"])["SAGE"])


def stated(variant: Variant, quantity: int) -> NewLine:
    return NewLine(
        variant.item.sku,
        quantity,
        size=variant.size,
        color=variant.color,
        term_months=variant.term_months,
        mobile_carrier=variant.mobile_carrier,
    )


def is_what_was_added(order: HardwareOrder, wanted: Counter[Variant]) -> bool:
    db.session.expire_all()
    found = {
        (
            line.sku,
            line.size,
            line.color,
            line.term_months or 0,
            line.mobile_carrier or "",
            line.unit_price,
        ): line.quantity
        for line in order.lines
    }
    price = {
        (v.item.sku, v.size, v.color or None, v.term_months, v.mobile_carrier, v.option.unit_price): quantity
        for v, quantity in wanted.items()
    }
    total = sum((v.option.unit_price * quantity for v, quantity in wanted.items()), start=Decimal(0))
    one_each = len(found) == len(order.lines)
    same_platform = {line.platform_id for line in order.lines} == {order.platform_id}
    return found == price and order.total_now == total and one_each and same_platform


@settings(
    max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_is_added_becomes_the_line_of_its_variant_and_no_other(
    world: World, data: st.DataObject
) -> None:
    if not hasattr(world, "model"):
        world.model = a_model(world)  # type: ignore[attr-defined]
    variants = world.model.variants  # type: ignore[attr-defined]
    draw = data.draw
    first = draw(st.sampled_from(variants))
    account = world.an_account()
    order = by(world.piet, lambda piet: submit_order(piet, NewOrder(account.id, [stated(first, 1)])))
    wanted = Counter({first: 1})
    for _ in range(draw(st.integers(1, 4))):
        variant, more = draw(st.sampled_from(variants)), draw(st.integers(1, 3))
        wanted[variant] += more
        if draw(st.booleans()):
            # As the order's page does it: the lines there are by their keys, and what is added.
            lines = [*((line.id, line.quantity) for line in order.lines), stated(variant, more)]
        else:
            # As a program does it: all variants, in any order.
            lines = draw(st.permutations([stated(v, quantity) for v, quantity in wanted.items()]))
        by(world.ada, lambda ada, lines=lines: edit_lines(ada, order.id, lines))
        assert is_what_was_added(order, wanted)


def test_a_choice_is_the_variant_that_has_all_of_it_or_none(world: World) -> None:
    model = a_model(world)
    sage = model.chosen(VariantChoice(color="Sage", term_months=24))
    assert sage
    assert (sage.item.sku, sage.words) == ("SAGE", ["256 GB", "Sage", "24 months", "KPN"])
    free = model.chosen(VariantChoice(mobile_carrier="Telia", color="Black"), "SAGE")
    assert free
    assert (free.item.sku, free.mobile_carrier) == ("FREE", "Telia")
    assert model.chosen(VariantChoice(size="512 GB", color="Sage")) is None
    why = model.why_not(VariantChoice(size="512 GB", color="Sage"))
    assert (why.field, why.message) == (
        "color",
        "Apple iPhone 17 in 512 GB is not offered in Sage. Choose it in Black.",
    )
    undecided = model.undecided(VariantChoice(), "SAGE")
    assert undecided
    assert (undecided.field, undecided.message) == (
        "term",
        "Choose Apple iPhone 17 without a term or for 24 months.",
    )
    assert model.undecided(VariantChoice(term_months=0), "SAGE") is None
