"""Taking several devices out of service: each by itself, with what became of each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import AuditEvent, Device
from hwadmin.operations.fulfillment.corrections.retirements import MAX_DEVICES, retire_device, retire_many
from hwadmin.operations.orders.submission.new_order import NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from tests.builders import World
from tests.operations.refusals import by, fields, refused


def retire(ids: list[int], reason: str | None = "Given up.", **rest: Any) -> Any:
    return lambda actor: retire_many(actor, ids, reason=reason, run_each=transact, **rest)


def retirements() -> list[int | None]:
    """The devices of the events that tell of it."""
    query = select(AuditEvent.device_id).where(AuditEvent.kind == "device.retired")
    return list(db.session.scalars(query.order_by(AuditEvent.id)))


def test_each_is_retired_by_itself_and_says_what_became_of_it(world: World) -> None:
    account = world.an_account()
    phones = [world.a_device(account) for _ in range(2)]
    foreign = world.a_device(world.an_account(world.blue_harbor))
    spare = world.a_device(account, Kind.MOBILE)
    kept = NewOrder(account.id, [NewLine(spare.sku, 1, from_spare=True)])
    by(world.piet, lambda actor: submit_order(actor, kept))
    chosen = [phones[0].id, foreign.id, spare.id, phones[0].id, phones[1].id]
    db.session.commit()
    with_results = by(world.piet, retire(chosen))
    assert [result.device_id for result in with_results] == [
        phones[0].id,
        foreign.id,
        spare.id,
        phones[1].id,
    ]
    assert [type(result.refusal) for result in with_results] == [
        type(None),
        NotFound,
        WrongState,
        type(None),
    ]
    gone = [db.session.get_one(Device, phone.id, populate_existing=True) for phone in phones]
    assert [device.retired_reason for device in gone] == ["Given up.", "Given up."]
    assert retirements() == [phone.id for phone in phones]
    # Again: each says that it is done already, and nothing is written.
    again = by(world.piet, retire([phone.id for phone in phones]))
    assert [type(result.refusal) for result in again] == [WrongState, WrongState]
    assert len(retirements()) == 2


def test_a_device_is_retired_once_for_a_reason_and_not_before_its_day(world: World) -> None:
    phone, tomorrow = world.a_device(), utcnow().date() + timedelta(days=1)

    def lost(reason: str = "Lost.", on: date | None = None) -> Any:
        return lambda actor: retire_device(actor, phone.id, reason=reason, on=on)

    assert fields(refused(InvalidInput, world.piet, lost(" ", tomorrow))) == ["reason", "on"]
    by(world.piet, lost())
    refused(WrongState, world.piet, lost())
    assert db.session.get_one(Device, phone.id, populate_existing=True).retired_reason == "Lost."
    assert retirements() == [phone.id]


def test_several_retired_again_are_retired_once(world: World) -> None:
    phones = [world.a_device().id for _ in range(3)]
    by(world.piet, retire(phones[:2]))
    again = by(world.piet, retire(phones))
    assert [result.device is not None for result in again] == [False, False, True]
    assert retirements() == phones


def test_what_is_wrong_for_all_is_refused_before_the_first(world: World) -> None:
    phone, tomorrow = world.a_device(), utcnow().date() + timedelta(days=1)
    assert fields(refused(InvalidInput, world.piet, retire([]))) == ["devices"]
    assert fields(refused(InvalidInput, world.piet, retire(list(range(1, MAX_DEVICES + 2))))) == ["devices"]
    assert fields(refused(InvalidInput, world.piet, retire([phone.id], " ", on=tomorrow))) == ["reason", "on"]
    refused(NotAllowed, world.sam, retire([phone.id]))
