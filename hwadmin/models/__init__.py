"""The shape of the data, and what the database itself refuses."""

from sqlalchemy import Index
from sqlalchemy.orm import configure_mappers
from sqlalchemy_continuum import version_class

from hwadmin.models.approvals import ApprovalRequest, LinkState
from hwadmin.models.audit import AuditEvent, AuditLink, AuditRedaction, AuditTail
from hwadmin.models.baskets import Basket
from hwadmin.models.catalog import AccessoryFit, CatalogItem, CatalogPrice
from hwadmin.models.devices import Device
from hwadmin.models.directory import DirectoryToken
from hwadmin.models.drafts import FulfillmentDraft
from hwadmin.models.lines import LineOfService
from hwadmin.models.notes import OrderNote
from hwadmin.models.orders import HardwareOrder, LineItem, OrderTally, Unit, order_id_of, reference
from hwadmin.models.outbox import DeliveryAttempt, MessageKind, OutboxEvent, OutgoingMessage, WebhookEndpoint
from hwadmin.models.people import FailedSignIn, NewOrderMail, Person, SignIn, person_platform
from hwadmin.models.platforms import Account, AccountingCode, Employee, Location, Platform, Source
from hwadmin.models.searches import SavedSearch
from hwadmin.models.tokens import ApiToken, IdempotencyRecord, ServiceAccount

# Continuum makes its version classes now, so that migrations and the tenancy filter know them.
configure_mappers()
# The history of an order asks for its lines' versions by the order; Continuum indexes their own keys only.
Index("ix_line_item_version_order_id", version_class(LineItem).__table__.c.order_id)

__all__ = [
    "AccessoryFit",
    "Account",
    "AccountingCode",
    "ApiToken",
    "ApprovalRequest",
    "AuditEvent",
    "AuditLink",
    "AuditRedaction",
    "AuditTail",
    "Basket",
    "CatalogItem",
    "CatalogPrice",
    "DeliveryAttempt",
    "Device",
    "DirectoryToken",
    "Employee",
    "FailedSignIn",
    "FulfillmentDraft",
    "HardwareOrder",
    "IdempotencyRecord",
    "LineItem",
    "LineOfService",
    "LinkState",
    "Location",
    "MessageKind",
    "NewOrderMail",
    "OrderNote",
    "OrderTally",
    "OutboxEvent",
    "OutgoingMessage",
    "Person",
    "Platform",
    "SavedSearch",
    "ServiceAccount",
    "SignIn",
    "Source",
    "Unit",
    "WebhookEndpoint",
    "order_id_of",
    "person_platform",
    "reference",
]
