"""The shape of the data, and what the database itself refuses."""

from sqlalchemy import Index
from sqlalchemy.orm import configure_mappers
from sqlalchemy_continuum import version_class, versioning_manager

from hwadmin.db.versions import VersionWriter
from hwadmin.domain.row_ids import order_id_of, reference
from hwadmin.models.accounts import Account, AccountingCode, Employee, Location, Source
from hwadmin.models.approvals import WAITS_FOR_ANSWER, ApprovalRequest, LinkState, OrderClaim, OrderNote
from hwadmin.models.audit import AuditEvent, AuditLink, AuditRedaction, AuditTail
from hwadmin.models.catalog import AccessoryFit, ArticleNumber, CatalogItem, CatalogPrice, Distributor
from hwadmin.models.dashboard.figures import ChangedDay, FigureSpan, StoredFigures
from hwadmin.models.devices import Device
from hwadmin.models.directory import DirectoryToken
from hwadmin.models.ordering import Basket
from hwadmin.models.orders import HardwareOrder, LineItem, OrderTally
from hwadmin.models.outgoing import (
    DeliveryAttempt,
    MessageKind,
    OutboxEvent,
    OutgoingMessage,
    WebhookEndpoint,
)
from hwadmin.models.people import (
    ApiToken,
    IdempotencyRecord,
    NewOrderMail,
    Person,
    Platform,
    ServiceAccount,
    person_platform,
)
from hwadmin.models.phone_lines import PhoneLine
from hwadmin.models.search import SavedSearch
from hwadmin.models.sign_in.identities import (
    AccessRule,
    AccountNotice,
    ExternalIdentity,
    NoticeKind,
    SignInRequest,
    access_rule_platform,
)
from hwadmin.models.sign_in.sessions import (
    FailedSignIn,
    Passkey,
    PasswordLink,
    RecoveryCode,
    SecondFactor,
    SignIn,
)
from hwadmin.models.sign_in.staff import StaffEntry, StaffGroup, StaffToken, staff_group_entry
from hwadmin.models.units import FulfillmentDraft, Unit

# Continuum makes its version classes now, so that migrations and the tenancy filter know them.
configure_mappers()
versioning_manager.uow_class = VersionWriter
# Nobody asks for versions by their transaction or kind of change, which Continuum makes indexes for.
for _versions in (version_class(HardwareOrder).__table__, version_class(LineItem).__table__):
    _versions.indexes.clear()
# The history of an order asks for its lines' versions by the order.
Index("ix_line_item_version_order_id", version_class(LineItem).__table__.c.order_id)

__all__ = [
    "WAITS_FOR_ANSWER",
    "AccessRule",
    "AccessoryFit",
    "Account",
    "AccountNotice",
    "AccountingCode",
    "ApiToken",
    "ApprovalRequest",
    "ArticleNumber",
    "AuditEvent",
    "AuditLink",
    "AuditRedaction",
    "AuditTail",
    "Basket",
    "CatalogItem",
    "CatalogPrice",
    "ChangedDay",
    "DeliveryAttempt",
    "Device",
    "DirectoryToken",
    "Distributor",
    "Employee",
    "ExternalIdentity",
    "FailedSignIn",
    "FigureSpan",
    "FulfillmentDraft",
    "HardwareOrder",
    "IdempotencyRecord",
    "LineItem",
    "LinkState",
    "Location",
    "MessageKind",
    "NewOrderMail",
    "NoticeKind",
    "OrderClaim",
    "OrderNote",
    "OrderTally",
    "OutboxEvent",
    "OutgoingMessage",
    "Passkey",
    "PasswordLink",
    "Person",
    "PhoneLine",
    "Platform",
    "RecoveryCode",
    "SavedSearch",
    "SecondFactor",
    "ServiceAccount",
    "SignIn",
    "SignInRequest",
    "Source",
    "StaffEntry",
    "StaffGroup",
    "StaffToken",
    "StoredFigures",
    "Unit",
    "WebhookEndpoint",
    "access_rule_platform",
    "order_id_of",
    "person_platform",
    "reference",
    "staff_group_entry",
]
