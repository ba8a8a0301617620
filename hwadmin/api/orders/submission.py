"""Submitting orders, and correcting their lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm.attributes import set_committed_value

from hwadmin.api.calls import BASE_PATH, ApiRequest, ApiResponse, call
from hwadmin.api.lookups import get_order_or_404, order_id_or_404
from hwadmin.api.orders.orders import expected_version, order_id_as_seen, with_etag
from hwadmin.domain.ordering.cost_allocation import Share
from hwadmin.domain.permissions import Permission
from hwadmin.errors import FieldError, InvalidInput
from hwadmin.operations.ordering.confirmation import order_of
from hwadmin.operations.ordering.copies import copied_content
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.edits.ordering_information import change_ordering_information
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.queries.ordering.basket import shown_content
from hwadmin.schemas import request_models, response_models, serializers

# What the operations call a field, and what the API calls it.
_FIELD_NAMES = {
    "line_of_service_id": "phone_line_id",
    "from_spare": "from_spare_device_id",
    "spare_device_id": "from_spare_device_id",
}


@contextmanager
def api_field_names() -> Iterator[None]:
    """Report problems of an operation at the fields as the API names them."""
    try:
        yield
    except InvalidInput as refusal:
        raise InvalidInput(
            FieldError(api_field(error.field), error.message) for error in refusal.errors
        ) from refusal


def api_field(field: str) -> str:
    """A field as the API names it: a certain spare is chosen for the line, not for its unit."""
    parts = field.split(".")
    if parts[-1] == "spare_device_id" and "intents" in parts:
        parts = [*parts[: parts.index("intents")], parts[-1]]
    return ".".join([*parts[:-1], _FIELD_NAMES.get(parts[-1], parts[-1])])


@call(
    "POST",
    "/orders",
    Permission.ORDERS_SUBMIT,
    response_models.OrderResponse,
    "Orders",
    body=request_models.NewOrderRequest,
    body_required=True,
    status=201,
    order=True,
    locates=True,
    names_rows=True,
)
def create_order(request: ApiRequest) -> ApiResponse:
    """Submit an order.

    It is pending approval until a super-admin decides.
    """
    new: request_models.NewOrderRequest = request.body
    lines = [_line(number, line) for number, line in enumerate(new.lines)]
    with api_field_names():
        order = submit_order(
            request.actor,
            NewOrder(
                account_id=new.account_id,
                lines=lines,
                requester=new.requester,
                notify=new.notify,
                ship_to_location_id=new.ship_to_location_id,
                attention=new.attention,
                notes=new.notes,
                reason=new.reason,
                accounting_codes=new.accounting_codes,
                external_id=new.external_id,
            ),
        )
    return with_etag(order, {"Location": f"{BASE_PATH}/orders/{order.reference}"})


def _line(number: int, line: request_models.NewLineRequest) -> NewLine:
    """A line as the operation takes it.

    Raises:
        InvalidInput: one spare device for several units.
    """
    spare = line.from_spare_device_id
    if spare is not None and line.quantity != 1:
        raise InvalidInput.at(f"lines.{number}.quantity", "A named spare is one device; its quantity is 1.")
    intents = [_intent(intent, spare) for intent in line.intents]
    return NewLine(
        line.sku,
        line.quantity,
        intents or ([NewIntent(spare_device_id=spare)] if spare is not None else ()),
        term_months=line.term_months,
        size=line.size,
        color=line.color,
        mobile_carrier=line.mobile_carrier,
        from_spare=spare is not None,
        accessory_of=line.accessory_of,
    )


def _intent(intent: request_models.NewIntentRequest, spare_device_id: int | None) -> NewIntent:
    codes = intent.accounting_codes
    return NewIntent(
        employee_id=intent.employee_id,
        location_id=intent.location_id,
        base=intent.base,
        user_name=intent.user_name,
        user_number=intent.user_number,
        accounting_codes=None if codes is None else [Share(share.code, share.percent) for share in codes],
        line_of_service_id=intent.phone_line_id,
        upgrade_reason=intent.upgrade_reason,
        override_reason=intent.override_reason,
        spare_device_id=spare_device_id,
    )


@call(
    "PUT",
    "/orders/<reference>/lines",
    Permission.ORDERS_EDIT,
    response_models.OrderResponse,
    "Orders",
    body=request_models.OrderLines,
    body_required=True,
    order=True,
    conditional=True,
)
def put_lines(request: ApiRequest, reference: str) -> ApiResponse:
    """Correct the lines of a submitted order: what is stated is what it has afterwards.

    A line is an item in one variant. With a size, color, term or carrier it is the line that has them, or a
    new one; a SKU alone is the one line of the item, and refused where there are several: state their ids
    or what was chosen. Lowering a quantity drops units without an intent first; planned ones go too where
    they must, since the caller has stated the whole. The event tells which.
    """
    lines: request_models.OrderLines = request.body
    order_id = order_id_or_404(reference)
    with api_field_names():
        order = edit_lines(
            request.actor,
            order_id,
            [_stated_line(line) for line in lines.lines],
            expected_version=expected_version(request, order_id),
            drop_planned=True,
        )
    return with_etag(order)


@call(
    "PATCH",
    "/orders/<reference>",
    Permission.ORDERS_EDIT,
    response_models.OrderResponse,
    "Orders",
    body=request_models.OrderingInformation,
    order=True,
    conditional=True,
)
def change_order(request: ApiRequest, reference: str) -> ApiResponse:
    """Correct what was stated with an order; what is left out stays, null clears.

    While it is pending, all of it; once it is approved, attention, notes and people to notify, and by a
    super-admin the ship-to location.
    """
    order_id = order_id_or_404(reference)
    order = change_ordering_information(
        request.actor,
        order_id,
        request.body.model_dump(exclude_unset=True),
        expected_version=expected_version(request, order_id),
    )
    return with_etag(order)


@call(
    "POST",
    "/orders/<reference>/copy",
    Permission.ORDERS_COPY,
    response_models.OrderCopyResponse,
    "Orders",
    body=request_models.Nothing,
    conditional=True,
)
def copy(request: ApiRequest, reference: str) -> ApiResponse:
    """Get what would order the same again, to be looked over and sent to POST /orders. Nothing is submitted.

    It has today's catalog, people and places: what is no longer sold is left out and named, and so are people
    who have left. On the pages this fills a basket; a program has the order to send.
    """
    order_id_as_seen(request, reference)
    order = get_order_or_404(request.actor, reference)
    copied = copied_content(request.actor, order)
    set_committed_value(order.account, "platform", order.platform)
    shown = shown_content(request.actor, order.account, copied.content)
    new, _ = order_of(request.actor, order.account, shown)
    return ApiResponse(serializers.order_copy(new, copied.left_out))


def _stated_line(line: request_models.LineQuantity) -> NewLine:
    """A line as the operation takes it."""
    chosen = line.model_dump(exclude={"id", "sku", "quantity", "from_spare_device_id"})
    spare = line.from_spare_device_id
    intents = [NewIntent(spare_device_id=spare)] if spare is not None else ()
    return NewLine(line.sku, line.quantity, intents, from_spare=spare is not None, line_id=line.id, **chosen)
