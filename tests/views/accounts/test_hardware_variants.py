"""The line items of the account form: one choice per model, and its variants."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.models import HardwareOrder
from tests.builders import Clients, World
from tests.views.accounts.test_creation import KEY, NEW, counts, errors_of, options_of, page, typed_in, words

BLACK = {"size": "256 GB", "color": "Black", "carrier": "KPN", "term": "24"}


@pytest.fixture(autouse=True)
def phone(world: World) -> None:
    """A mobile in two colors, an item each, with and without a term."""
    for sku, color in (("BLACK", "Black"), ("SAGE", "Sage")):
        item = world.an_item("mobile", sku=sku, color=color, mobile_carrier="KPN", size="256 GB")
        for term, now, monthly in ((0, "899.00", "0"), (24, "99.00", "19.00")):
            world.a_price(item, "256 GB", term, now, monthly)


def sent(*lines: dict[str, str], **fields: str) -> dict[str, str]:
    """The form with these lines, each by its choices."""
    typed = {"submission_key": KEY, "name": "Brightwater Marina"} | fields
    for number, line in enumerate(lines):
        typed |= {f"lines-{number}-sku": "BLACK", f"lines-{number}-quantity": "1"}
        typed |= {f"lines-{number}-{name}": value for name, value in line.items()}
    return typed


def ordered() -> list[tuple[str, int, list[str], str]]:
    """The lines of the only order: item, how many, variant, and price of one."""
    (order,) = db.session.scalars(select(HardwareOrder))
    return [(line.sku, line.quantity, line.variant, str(line.unit_price)) for line in order.lines]


def test_a_model_is_offered_once_from_its_lowest_price(clients: Clients) -> None:
    options = options_of(page(clients.piet.get(NEW)), "lines-0-sku")
    assert options == ["Choose an item…", "Apple iPhone 17 · from € 99.00 + € 19.00 a month"]


def test_another_variant_is_another_line_and_the_same_is_more_of_it(clients: Clients) -> None:
    sage = BLACK | {"color": "Sage"}
    answer = clients.piet.post(NEW, data=sent(BLACK, sage, BLACK | {"quantity": "2"}))
    assert answer.status_code == 302, answer.text
    assert ordered() == [
        ("BLACK", 3, ["256 GB", "Black", "24 months", "KPN"], "99.00"),
        ("SAGE", 1, ["256 GB", "Sage", "24 months", "KPN"], "99.00"),
    ]


@pytest.mark.parametrize(
    ("line", "field", "message"),
    [
        ({}, "color", "Choose Apple iPhone 17 in Black or in Sage."),
        ({"color": "Black"}, "term", "Choose Apple iPhone 17 without a term or for 24 months."),
        (
            BLACK | {"color": "Pink"},
            "color",
            "Apple iPhone 17 in 256 GB is not offered in Pink. Choose it in Black or in Sage.",
        ),
        (
            BLACK | {"term": "36"},
            "term",
            "Apple iPhone 17 in 256 GB in Black for KPN is not offered for 36 months. "
            "Choose it without a term or for 24 months.",
        ),
    ],
    ids=["nothing", "no term", "another color", "another term"],
)
def test_what_is_not_one_variant_is_refused_at_its_field_with_all_else(
    clients: Clients, line: dict[str, str], field: str, message: str
) -> None:
    before = counts()
    tree = page(clients.piet.post(NEW, data=sent(line, BLACK, attention="x" * 201)), 422)
    assert counts() == before
    errors = errors_of(tree)
    assert set(errors) == {f"lines-0-{field}", "attention"}
    assert errors[f"lines-0-{field}"].strip() == message
    assert typed_in(tree)["lines-1-term"] == "24"


def test_prices_and_choices_follow_without_scripts(clients: Clients) -> None:
    typed = sent(BLACK | {"quantity": "2"}, BLACK | {"term": "0"}, add="update")
    tree = page(clients.piet.post(NEW, data=typed))
    text = words(tree)
    assert "2 × Apple iPhone 17 256 GB · Black · 24 months · KPN € 198.00 + € 38.00 a month" in text
    assert "Now € 1,097.00 A month € 38.00" in text
    assert options_of(tree, "lines-0-color") == ["Black", "Sage"]
    values = typed_in(tree)
    assert {name: values[f"lines-0-{name}"] for name in BLACK} == BLACK
    assert values["lines-1-term"] == "0"


def test_what_there_is_one_of_is_not_asked_for(clients: Clients, world: World) -> None:
    world.an_item("deskphone", sku="T54W")
    assert clients.piet.post(NEW, data=sent({"sku": "T54W"})).status_code == 302
    assert ordered() == [("T54W", 1, [], "100.00")]
