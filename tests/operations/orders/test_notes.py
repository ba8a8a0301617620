"""Internal notes on an order: who may write and remove them, and that nothing tells a platform of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import AuditEvent, OrderNote, OutboxEvent, OutgoingMessage
from hwadmin.operations.orders.notes import add_note, remove_note
from hwadmin.outbox.fanout import expand_next
from hwadmin.queries.audit.events import EventFilter, page_of_events
from hwadmin.queries.orders.history.timeline import timeline
from hwadmin.queries.orders.notes import notes_of
from tests.builders import Clients, World
from tests.operations.refusals import by, events, fields, refused

WORD = "quetzalcoatlus"


def test_super_admins_and_support_read_each_others_notes_in_their_order(world: World) -> None:
    order = world.an_order()
    by(world.sam, lambda sam: add_note(sam, order.id, "The customer rang."))
    by(world.ada, lambda ada: add_note(ada, order.id, "  I rang back.\r\nAll is well. "))
    for person in (world.ada, world.sam):
        notes = notes_of(person.actor, order.id)
        assert notes is not None
        assert [(note.author_name, note.text) for note in notes] == [
            ("Sam Reyes", "The customer rang."),
            ("Ada Okafor", "I rang back.\nAll is well."),
        ]
    assert notes_of(world.piet.actor, order.id) is None


def test_a_platform_neither_writes_nor_removes_notes(world: World) -> None:
    order = world.an_order()
    note = by(world.ada, lambda ada: add_note(ada, order.id, WORD))
    refused(NotAllowed, world.piet, lambda piet: add_note(piet, order.id, "Mine"))
    refused(NotAllowed, world.piet, lambda piet: remove_note(piet, note.id))


def test_support_notes_nothing_on_orders_of_platforms_it_is_not_given(world: World) -> None:
    order = world.an_order(platform=world.blue_harbor)
    refused(NotFound, world.sam, lambda sam: add_note(sam, order.id, "Not mine"))
    note = by(world.ada, lambda ada: add_note(ada, order.id, WORD))
    refused(NotFound, world.sam, lambda sam: remove_note(sam, note.id))
    assert notes_of(world.sam.actor, order.id) == []


@pytest.mark.parametrize("text", ["", "  \n ", None, "\u200b", "x" * 4001, "NUL \x00 inside"])
def test_a_note_says_something_that_can_be_stored(world: World, text: str | None) -> None:
    order = world.an_order()
    error = refused(InvalidInput, world.sam, lambda sam: add_note(sam, order.id, text))
    assert fields(error) == ["text"]


def test_the_order_itself_stays_as_it_was(world: World) -> None:
    order = world.an_order()
    version, updated = order.version, order.updated_at
    by(world.sam, lambda sam: add_note(sam, order.id, WORD))
    db.session.refresh(order)
    assert (order.version, order.updated_at) == (version, updated)


def test_a_removed_note_has_lost_its_text_for_good_and_says_who_removed_it(world: World) -> None:
    order = world.an_order()
    note = by(world.sam, lambda sam: add_note(sam, order.id, WORD))
    by(world.ada, lambda ada: remove_note(ada, note.id))
    kept = db.session.scalars(select(OrderNote)).one()
    assert (kept.text, kept.removed_by_name, kept.author_name) == (None, "Ada Okafor", "Sam Reyes")
    again = refused(WrongState, world.sam, lambda sam: remove_note(sam, note.id))
    assert "removed by Ada Okafor at" in again.message


def test_support_removes_its_own_notes_only(world: World) -> None:
    order = world.an_order()
    own = by(world.sam, lambda sam: add_note(sam, order.id, "Mine"))
    other = by(world.ada, lambda ada: add_note(ada, order.id, "Ada's"))
    by(world.sam, lambda sam: remove_note(sam, own.id))
    refused(NotFound, world.sam, lambda sam: remove_note(sam, other.id))
    for key in (0, -1, 10**30, 987654321):
        refused(NotFound, world.ada, lambda ada, key=key: remove_note(ada, key))


def test_what_is_on_record_of_a_note_is_for_super_admins_and_does_not_repeat_it(world: World) -> None:
    order = world.an_order()
    note = by(world.sam, lambda sam: add_note(sam, order.id, WORD))
    by(world.sam, lambda sam: remove_note(sam, note.id))
    note_events = [event for event in events() if event.kind.startswith("order.note")]
    assert [event.kind for event in note_events] == ["order.note_added", "order.note_removed"]
    for event in note_events:
        assert (event.platform_id, event.platform_name, event.account_name) == (None, None, None)
        assert (event.order_id, event.actor_name) == (order.id, "Sam Reyes")
        assert WORD not in repr([event.summary, event.reason, event.details])
    assert {entry.kind for entry in timeline(world.ada.actor, order.id)} >= {"order.note_added"}
    for person in (world.piet, world.sam):
        kinds = {entry.kind for entry in timeline(person.actor, order.id)}
        kinds |= {event.kind for event in page_of_events(person.actor, EventFilter(order_id=order.id)).events}
        assert kinds == {"order.submitted"}


def test_nobody_is_sent_a_note(world: World) -> None:
    order = world.an_order()
    while expand_next():
        pass
    before = [len(db.session.scalars(select(table)).all()) for table in (OutboxEvent, OutgoingMessage)]
    by(world.sam, lambda sam: add_note(sam, order.id, WORD))
    assert not expand_next()
    assert before == [
        len(db.session.scalars(select(table)).all()) for table in (OutboxEvent, OutgoingMessage)
    ]
    assert not [event for event in db.session.scalars(select(AuditEvent)) if WORD in repr(event.details)]


# ---- On the order's page


def test_a_note_is_written_read_and_removed_on_the_orders_page(world: World, clients: Clients) -> None:
    order = world.an_order()
    path = f"/orders/{order.reference}"
    answer = clients.sam.post(f"{path}/notes", data={"text": f"{WORD} <b>"})
    assert answer.headers["Location"] == f"{path}#notes"
    for client in (clients.sam, clients.ada):
        page = client.get(path).text
        assert f"{WORD} &lt;b&gt;" in page
        assert "not seen by the platform" in page
    note = db.session.scalars(select(OrderNote)).one()
    assert clients.ada.post(f"/orders/notes/{note.id}/remove").status_code == 302
    page = clients.sam.get(path).text
    assert WORD not in page
    assert "Removed by Ada Okafor" in page


def test_a_note_that_cannot_be_taken_is_shown_again_with_the_reason(world: World, clients: Clients) -> None:
    order = world.an_order()
    answer = clients.sam.post(f"/orders/{order.reference}/notes", data={"text": "é" * 4001})
    assert answer.status_code == 422
    assert "é" * 4001 in answer.text
    assert "Use 4,000 characters at most" in answer.text
    assert db.session.scalars(select(OrderNote)).all() == []


def test_a_platforms_page_of_the_order_does_not_speak_of_notes(world: World, clients: Clients) -> None:
    order = world.an_order()
    by(world.sam, lambda sam: add_note(sam, order.id, WORD))
    for path in (f"/orders/{order.reference}", f"/orders/{order.reference}/history", "/audit/"):
        page = clients.piet.get(path).text.lower()
        assert "internal note" not in page
        assert "/notes" not in page
