"""Serializers: rows as the API's responses and the webhooks show them."""

from hwadmin.schemas.serializers.accounts import (
    account,
    employee,
    location,
)
from hwadmin.schemas.serializers.base import (
    amount,
    named,
    numbered,
    shares,
    somebody,
)
from hwadmin.schemas.serializers.catalog import (
    catalog_item,
)
from hwadmin.schemas.serializers.copies import (
    order_copy,
)
from hwadmin.schemas.serializers.devices import (
    device,
    devices,
)
from hwadmin.schemas.serializers.fulfillment import (
    outcome,
    outcomes,
)
from hwadmin.schemas.serializers.history import (
    note,
    order_snapshot,
)
from hwadmin.schemas.serializers.imports import (
    list_choices,
    list_report,
)
from hwadmin.schemas.serializers.orders import (
    event,
    line,
    order,
    orders,
    unit,
)
from hwadmin.schemas.serializers.people import (
    audit_event,
    person,
    platform,
)
from hwadmin.schemas.serializers.phone_lines import (
    accounting_code,
    phone_line,
)
from hwadmin.schemas.serializers.placements import (
    decision_result,
    distributor,
)

__all__ = [
    "account",
    "accounting_code",
    "amount",
    "audit_event",
    "catalog_item",
    "decision_result",
    "device",
    "devices",
    "distributor",
    "employee",
    "event",
    "line",
    "list_choices",
    "list_report",
    "location",
    "named",
    "note",
    "numbered",
    "order",
    "order_copy",
    "order_snapshot",
    "orders",
    "outcome",
    "outcomes",
    "person",
    "phone_line",
    "platform",
    "shares",
    "somebody",
    "unit",
]
