"""Platforms: created and changed by super-admins only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import AuditEvent, Platform
from hwadmin.operations.people.platforms import change_platform, create_platform
from tests.builders import World


def summaries() -> list[str]:
    return list(db.session.scalars(select(AuditEvent.summary).order_by(AuditEvent.id)))


def refused(error: type[Exception], action: Callable[[], object]) -> Any:
    """The refusal of an action, after which every platform is as it was and no event was written."""
    table = Platform.__table__
    before = db.session.execute(select(table).order_by(table.c.id)).all(), summaries()
    with pytest.raises(error) as refusal:
        action()
    assert not db.session.dirty
    assert (db.session.execute(select(table).order_by(table.c.id)).all(), summaries()) == before
    return refusal.value


def test_a_platform_is_created_with_its_rule_about_self_approval(world: World) -> None:
    platform = create_platform(
        world.ada.actor, name=" Vantage Connect ", currency="gbp", forbids_self_approval=True
    )
    db.session.commit()
    assert (platform.name, platform.currency, platform.forbids_self_approval) == (
        "Vantage Connect",
        "GBP",
        True,
    )
    assert summaries() == ["Created Vantage Connect, prices in GBP; nobody may approve their own order"]


def test_a_change_says_in_words_what_was_different(world: World) -> None:
    platform, ada = world.northwind, world.ada.actor
    for _ in range(2):  # The second time nothing is different, and no event is written.
        change_platform(ada, platform.id, name="Northwind", currency="USD", forbids_self_approval=True)
    db.session.commit()
    assert summaries() == [
        "Changed Northwind: name “Northwind Voice” → “Northwind”, currency “EUR” → “USD”, "
        "no self-approval no → yes"
    ]


def test_the_currency_stays_while_something_is_for_sale(world: World) -> None:
    platform, ada = world.northwind, world.ada.actor
    world.an_item(Kind.MOBILE)
    error = refused(
        WrongState,
        lambda: change_platform(ada, platform.id, name="New", currency="USD", forbids_self_approval=True),
    )
    assert "1 item priced in EUR" in error.message
    change_platform(ada, platform.id, name="New", currency="EUR", forbids_self_approval=True)
    assert platform.name == "New"


@pytest.mark.parametrize(
    ("name", "currency", "expected"),
    [
        ("", "EUR", {"name"}),
        ("x" * 121, "EUR", {"name"}),
        ("Fine", "DOGE", {"currency"}),
        ("Fine", "", {"currency"}),
        ("a\x00", "€", {"name", "currency"}),
        ("blue harbor TELECOM", "EUR", {"name"}),
    ],
)
def test_bad_input_is_refused_at_its_fields(
    world: World, name: str, currency: str, expected: set[str]
) -> None:
    ada, platform, _ = world.ada.actor, world.northwind, world.blue_harbor
    for action in (
        lambda: create_platform(ada, name=name, currency=currency),
        lambda: change_platform(ada, platform.id, name=name, currency=currency, forbids_self_approval=True),
    ):
        error = refused(InvalidInput, action)
        assert {problem.field for problem in error.errors} == expected


def test_only_super_admins_write_platforms(world: World) -> None:
    platform = world.northwind
    for actor in (world.piet.actor, world.bea.actor, world.sam.actor):
        refused(NotAllowed, lambda actor=actor: create_platform(actor, name="Mine"))
        refused(
            NotAllowed,
            lambda actor=actor: change_platform(
                actor, platform.id, name="Mine", currency="EUR", forbids_self_approval=False
            ),
        )


def test_a_platform_that_is_not_there_is_not_found(world: World) -> None:
    ada = world.ada.actor
    for key in (0, -1, 10**9, 10**30):
        refused(
            NotFound,
            lambda key=key: change_platform(
                ada, key, name="Mine", currency="EUR", forbids_self_approval=False
            ),
        )
