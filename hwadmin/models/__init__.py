"""The shape of the data, and what the database itself refuses."""

from sqlalchemy import Index
from sqlalchemy.orm import configure_mappers
from sqlalchemy_continuum import version_class

from hwadmin.models.audit import AuditEvent
from hwadmin.models.catalog import CatalogItem
from hwadmin.models.devices import Device
from hwadmin.models.orders import HardwareOrder, LineItem, OrderTally, Unit, order_id_of, reference
from hwadmin.models.outbox import DeliveryAttempt, MessageKind, OutboxEvent, OutgoingMessage, WebhookEndpoint
from hwadmin.models.people import FailedSignIn, NewOrderMail, Person, SignIn, person_platform
from hwadmin.models.platforms import Account, Employee, Location, Platform
from hwadmin.models.tokens import ApiToken, IdempotencyRecord, ServiceAccount

# Continuum makes its version classes now, so that migrations and the tenancy filter know them.
configure_mappers()
# The history of an order asks for its lines' versions by the order; Continuum indexes their own keys only.
Index("ix_line_item_version_order_id", version_class(LineItem).__table__.c.order_id)

__all__ = [
    "Account",
    "ApiToken",
    "AuditEvent",
    "CatalogItem",
    "DeliveryAttempt",
    "Device",
    "Employee",
    "FailedSignIn",
    "HardwareOrder",
    "IdempotencyRecord",
    "LineItem",
    "Location",
    "MessageKind",
    "NewOrderMail",
    "OrderTally",
    "OutboxEvent",
    "OutgoingMessage",
    "Person",
    "Platform",
    "ServiceAccount",
    "SignIn",
    "Unit",
    "WebhookEndpoint",
    "order_id_of",
    "person_platform",
    "reference",
]
