"""Taking over what a colleague entered for an order and has not written."""

from __future__ import annotations

from hwadmin.domain.lifecycle import OrderAction
from hwadmin.domain.permissions import Actor
from hwadmin.errors import NotAllowed
from hwadmin.operations.audit.fulfillment_events import record_draft_taken_over
from hwadmin.operations.fulfillment.drafts import delete_texts, write_texts
from hwadmin.operations.orders.transition import lock_order_for, require_possible
from hwadmin.queries.fulfillment.drafts import DraftRow, drafts_of
from hwadmin.queries.units.units import units_of


def take_over_draft(
    actor: Actor, order_id: int, *, unit_id: int | None = None, person_id: int | None = None
) -> list[DraftRow]:
    """Let what others entered for units of an order be the actor's; they have it no more, and are told.

    What the actor entered already stays, and so does what a third person entered for the same unit. Where
    nothing is left to take over, nothing is recorded.

    Args:
        actor: who takes it over.
        order_id: the order.
        unit_id: only of this unit.
        person_id: only what this person entered.

    Returns:
        What was taken over, by unit, as it was before.

    Raises:
        NotAllowed, NotFound: nothing was done; a program enters nothing, and takes nothing over.
        WrongState: the order is not open to be fulfilled.
    """
    order = lock_order_for(actor, order_id, OrderAction.FULFILL)
    if actor.id is None:
        raise NotAllowed("A program takes over nothing that people entered.")
    require_possible(order, OrderAction.FULFILL)
    labels = {unit.id: unit.label for unit in units_of(order.id) if unit.awaited}
    rows = [
        row
        for row in drafts_of(order.id, actor.id).to_take_over.values()
        if row.unit_id in labels and unit_id in (None, row.unit_id) and person_id in (None, row.person_id)
    ]
    if not rows:
        return []
    for owner in sorted({row.person_id for row in rows}):
        delete_texts(order.id, owner, [row.unit_id for row in rows if row.person_id == owner])
    write_texts(
        order,
        actor.id,
        {row.unit_id: row.text for row in rows},
        taken_over_from={row.unit_id: row.person_id for row in rows},
    )
    record_draft_taken_over(actor, order, [(labels[row.unit_id], row.name, row.text) for row in rows])
    return rows
