"""Every kind of audit event, outgoing event and mail there is, with its name for people. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class _LabelledEnum(StrEnum):
    """A value that is stored and sent, and a label that is shown."""

    label: str

    # The default is for the type checker only: a member is looked up by its value alone.
    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def labels(cls) -> dict[str, str]:
        """The label of each value. Stored rows may have values that are not written any more."""
        return {member.value: member.label for member in cls}


class AuditKind(_LabelledEnum):
    """What an audit event records."""

    ORDER_SUBMITTED = "order.submitted", "Order submitted"
    ORDER_EDITED = "order.edited", "Order edited"
    ORDER_APPROVED = "order.approved", "Order approved"
    ORDER_MARKED_ORDERED = "order.marked_ordered", "Order marked as ordered"
    ORDER_SENT = "order.sent", "Order sent to the distributor"
    ORDER_PLACEMENT_CORRECTED = "order.placement_corrected", "Placement corrected"
    ORDER_CLAIMED = "order.claimed", "Being placed"
    ORDER_CLAIM_RELEASED = "order.claim_released", "Not being placed any more"
    ORDER_REJECTED = "order.rejected", "Order rejected"
    ORDER_CANCELLED = "order.cancelled", "Order cancelled"
    ORDER_REOPENED = "order.reopened", "Order reopened"
    ORDER_DRAFT_TAKEN_OVER = "order.draft_taken_over", "Entered identifiers taken over"
    ORDER_FULFILLED = "order.fulfilled", "Order fulfilled"
    ORDER_CLOSED_SHORT = "order.closed_short", "Order closed short"
    ORDER_UNLINKED = "order.unlinked", "Device taken off a unit"
    ORDER_NOTE_ADDED = "order.note_added", "Internal note added"
    ORDER_NOTE_REMOVED = "order.note_removed", "Internal note removed"
    ORDER_APPROVAL_REQUESTED = "order.manager_asked", "Manager asked"
    ORDER_MANAGER_ANSWERED = "order.manager_answered", "Manager answered"
    ORDER_MANAGER_OVERRIDDEN = "order.manager_overridden", "Manager overridden"
    ORDER_EXPORTED = "order.exported", "Purchase order exported"
    DEVICE_REGISTERED = "device.registered", "Device registered"
    DEVICE_CHANGED = "device.changed", "Device changed"
    DEVICE_MOVED = "device.moved", "Device moved"
    DEVICE_CORRECTED = "device.corrected", "Identifier corrected"
    DEVICE_REPLACED = "device.replaced", "Device replaced"
    DEVICE_RETIRED = "device.retired", "Device retired"
    ACCOUNT_CREATED = "account.created", "Account created"
    ACCOUNT_CHANGED = "account.changed", "Account changed"
    DIRECTORY_CHANGED = "directory.changed", "Directory changed"
    DIRECTORY_IMPORTED = "directory.imported", "Employees imported"
    EMPLOYEE_ANONYMIZED = "employee.anonymized", "Employee anonymized"
    DISTRIBUTOR_CHANGED = "distributor.changed", "Distributor changed"
    CATALOG_CHANGED = "catalog.changed", "Catalog changed"
    PLATFORM_CHANGED = "platform.changed", "Platform changed"
    PERSON_CREATED = "person.created", "Person created"
    PERSON_CHANGED = "person.changed", "Person changed"
    PERSON_SIGNED_IN = "person.signed_in", "Signed in"
    PERSON_SIGN_IN_FAILED = "person.sign_in_failed", "Sign-in failed"
    PERSON_SIGNED_OUT = "person.signed_out", "Signed out"
    PERSON_BREAK_GLASS_USED = "person.break_glass_used", "Break-glass account used"
    PERSON_PASSWORD_CHANGED = "person.password_changed", "Password changed"
    PERSON_PASSWORD_LINK_REQUESTED = "person.password_link_requested", "Password link requested"
    PERSON_SECOND_FACTOR_CHANGED = "person.second_factor_changed", "Second factor changed"
    ACCESS_RULE_CHANGED = "access_rule.changed", "Access rule changed"
    STAFF_DIRECTORY_CHANGED = "staff_directory.changed", "Staff directory changed"
    TOKEN_CREATED = "token.created", "Token created"
    TOKEN_REVOKED = "token.revoked", "Token revoked"
    WEBHOOK_CREATED = "webhook.created", "Webhook created"
    WEBHOOK_CHANGED = "webhook.changed", "Webhook changed"
    WEBHOOK_DISABLED = "webhook.disabled", "Webhook disabled"
    WEBHOOK_DELETED = "webhook.deleted", "Webhook deleted"
    MESSAGE_REPLAYED = "message.replayed", "Message sent again"
    RETENTION_PRUNED = "retention.pruned", "Old data pruned"
    TABLE_EXPORTED = "table.exported", "Table exported"


# Events that name an order but not its platform: the people of the platform must not see them.
INTERNAL_KINDS = frozenset(
    {
        *(AuditKind.ORDER_NOTE_ADDED, AuditKind.ORDER_NOTE_REMOVED),
        *(AuditKind.ORDER_CLAIMED, AuditKind.ORDER_CLAIM_RELEASED),
        AuditKind.ORDER_DRAFT_TAKEN_OVER,
    }
)


class EventType(_LabelledEnum):
    """What an outgoing event is about. Webhooks choose from these."""

    ORDER_SUBMITTED = "order.submitted", "Order submitted"
    ORDER_UPDATED = "order.updated", "Order updated"
    ORDER_APPROVED = "order.approved", "Order approved"
    ORDER_ORDERED = "order.ordered", "Order marked as ordered"
    ORDER_PLACED = "order.placed", "Order placed with the distributor"
    ORDER_PLACEMENT_CORRECTED = "order.placement_corrected", "Placement corrected"
    ORDER_REJECTED = "order.rejected", "Order rejected"
    ORDER_CANCELLED = "order.cancelled", "Order cancelled"
    ORDER_REOPENED = "order.reopened", "Order reopened"
    ORDER_PARTIALLY_FULFILLED = "order.partially_fulfilled", "Order fulfilled in part"
    ORDER_FULFILLED = "order.fulfilled", "Order fulfilled"
    DEVICE_CREATED = "device.created", "Device created"
    DEVICE_UPDATED = "device.updated", "Device changed"
    DEVICE_MOVED = "device.moved", "Device moved to another account"
    DEVICE_REPLACED = "device.replaced", "Device replaced by another"
    DEVICE_RETIRED = "device.retired", "Device taken out of service"
    EMPLOYEE_UPDATED = "employee.updated", "Employee changed"


class MailType(_LabelledEnum):
    """What is sent by mail only."""

    APPROVAL_REQUESTED = "approval.asked", "Manager asked"
    APPROVAL_REMINDED = "approval.reminded", "Manager reminded"
    APPROVAL_EXPIRED = "approval.expired", "Manager’s link expired"
    PURCHASE_ORDER = "order.purchase_order", "Purchase order to a distributor"
    BREAK_GLASS_USED = "person.break_glass_used", "Break-glass account used"
    NEW_BROWSER = "person.new_browser", "Sign-in from a new browser"
    PASSWORD_LINK = "person.password_link", "Link to choose a new password"
    ORDERS_DIGEST = "orders.digest", "Daily mail of new orders"
