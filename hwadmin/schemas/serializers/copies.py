"""Serializing what would order the same again."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.domain.ordering.cost_allocation import document_of
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.schemas.response_models import (
    CopiedIntentResponse,
    CopiedLineResponse,
    CopiedOrderResponse,
    OrderCopyResponse,
)
from hwadmin.schemas.serializers.base import shares


def order_copy(new: NewOrder, left_out: Sequence[str]) -> OrderCopyResponse:
    """The order as a program sends it, and what of the earlier one is not in it."""
    order = CopiedOrderResponse(
        account_id=new.account_id,
        lines=[_line(line) for line in new.lines],
        requester=new.requester or None,
        notify=list(new.notify),
        ship_to_location_id=new.ship_to_location_id,
        attention=new.attention or None,
        notes=new.notes or None,
        reason=new.reason or None,
        accounting_codes=list(new.accounting_codes),
    )
    return OrderCopyResponse(order=order, left_out=list(left_out))


def _line(line: NewLine) -> CopiedLineResponse:
    return CopiedLineResponse(
        sku=line.sku,
        quantity=line.quantity,
        size=line.size or None,
        color=line.color,
        term_months=line.term_months,
        mobile_carrier=line.mobile_carrier,
        from_spare_device_id=next((intent.spare_device_id for intent in line.intents), None),
        accessory_of=line.accessory_of,
        intents=[_intent(intent) for intent in line.intents],
    )


def _intent(intent: NewIntent) -> CopiedIntentResponse:
    codes = intent.accounting_codes
    return CopiedIntentResponse(
        employee_id=intent.employee_id,
        location_id=intent.location_id,
        base=intent.base,
        user_name=intent.user_name,
        user_number=intent.user_number,
        accounting_codes=None if codes is None else shares(document_of(codes)),
        phone_line_id=intent.line_of_service_id,
        upgrade_reason=intent.upgrade_reason,
        override_reason=intent.override_reason,
    )
