"""The device of a phone line is changed in several ways at the same moment: nobody waits in a circle."""

from __future__ import annotations

import pytest
from flask import Flask

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Actor
from hwadmin.list_import.records import phone_lines as line_lists
from hwadmin.list_import.records.reading import read_records
from hwadmin.operations.accounts.phone_line_import import import_phone_lines
from hwadmin.operations.accounts.phone_lines import NewPhoneLine, change_phone_line
from hwadmin.operations.fulfillment.corrections.replacements import replace_device
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.submission.new_order import NewIntent
from tests.builders import World
from tests.races.callers import Action, Callers
from tests.races.rows import a_world

pytestmark = pytest.mark.both_databases


@pytest.fixture
def world() -> World:
    return World()


def use_in(actor: Actor, line_id: int, number: str, device_id: int) -> None:
    new = NewPhoneLine(number, "KPN", device_id=device_id)
    transact(lambda: change_phone_line(actor, line_id, new))


def replace(actor: Actor, device_id: int, identifier: str) -> None:
    transact(lambda: replace_device(actor, device_id, identifier=identifier, reason="Broken."))


def fulfill(actor: Actor, order_id: int, typed: dict[int, str]) -> None:
    transact(lambda: fulfill_order(actor, order_id, typed))


def load(actor: Actor, account_id: int, text: str) -> None:
    records = read_records(text, line_lists.PHONE_LINES).records
    transact(lambda: import_phone_lines(actor, account_id, records))


@pytest.mark.parametrize("rounds", [3, pytest.param(60, marks=pytest.mark.full)], indirect=True)
def test_lines_get_their_devices_by_hand_by_list_by_order_and_by_replacement(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account, ada, piet = world.an_account(), world.ada.actor, world.piet.actor
            former, next_one, third = (world.a_device(account, "mobile") for _ in range(3))
            lines = [world.a_phone_line(account, device_id=former.id) for _ in range(4)]
            upgrades = {0: [NewIntent(line_of_service_id=line.id) for line in reversed(lines[2:])]}
            order = world.an_order("approved", [("mobile", 2)], account=account, intents=upgrades)
            typed = dict(
                zip(world.identifiers_for(order), [third.identifier, next_one.identifier], strict=True)
            )
            rows = "".join(f"{line.phone_number};{third.identifier}\n" for line in reversed(lines))
        results = eight.all_at_once(
            [
                Action(ada, replace, (former.id, next_one.identifier)),
                Action(ada, replace, (third.id, next_one.identifier)),
                *[Action(piet, use_in, (line.id, line.phone_number, next_one.id)) for line in lines],
                Action(ada, fulfill, (order.id, typed)),
                Action(piet, load, (account.id, f"Phone number;IMEI\n{rows}")),
            ]
        )
        assert not [result for result in results if result.error], results
