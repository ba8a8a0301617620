"""What an order was, and the notes on it, as the API shows them."""

from __future__ import annotations

from hwadmin.models import OrderNote
from hwadmin.queries.orders.history import as_of
from hwadmin.schemas import response_models
from hwadmin.schemas.serializers.base import amount, somebody


def order_snapshot(snapshot: as_of.OrderSnapshot) -> response_models.OrderSnapshotResponse:
    """An order as it was."""
    return response_models.OrderSnapshotResponse(
        reference=snapshot.reference,
        status=snapshot.status,
        status_label=snapshot.status.label,
        version=snapshot.version,
        fulfilled_units=snapshot.fulfilled_units,
        fulfillable_units=snapshot.fulfillable_units,
        since=snapshot.since.at,
        by=response_models.SomebodyResponse(name=snapshot.since.by),
        until=snapshot.later.at if snapshot.later else None,
        facts=dict(snapshot.facts),
        plans=dict(snapshot.plans),
        lines=[_line(line) for line in snapshot.lines],
        units=[
            response_models.UnitSnapshotResponse(
                id=key,
                label=unit.label,
                identifier=unit.identifier,
                outcome=unit.outcome,
                paired_to=unit.paired_to,
                slot=unit.slot,
            )
            for key, unit in snapshot.units.items()
        ],
    )


def _line(line: as_of.LineSnapshot) -> response_models.LineSnapshotResponse:
    return response_models.LineSnapshotResponse(
        sku=line.sku,
        make=line.make,
        model=line.model,
        kind=line.kind,
        quantity=line.quantity,
        requested_quantity=line.requested_quantity,
        unit_price=amount(line.unit_price),
        monthly_price=amount(line.monthly_price),
        currency=line.currency,
        size=line.size,
        color=line.color,
        term_months=line.term_months,
        mobile_carrier=line.mobile_carrier,
    )


def note(row: OrderNote) -> response_models.NoteResponse:
    """An internal note."""
    return response_models.NoteResponse(
        id=row.id,
        text=row.text,
        author=response_models.SomebodyResponse(name=row.author_name),
        created_at=row.created_at,
        removed_at=row.removed_at,
        removed_by=somebody(row.removed_by_name),
    )
