"""Where the product keeps copies of what it knows of an employee, and taking them out of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    String,
    Table,
    and_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.types import JSON

from hwadmin.db.extensions import Base, db
from hwadmin.models import (
    Account,
    AuditEvent,
    Employee,
    HardwareOrder,
)
from hwadmin.models.accounts import CALLED
from hwadmin.operations.directory.redaction import Redactor

# Tables that hold copies of an employee's facts, and are reached in a way of their own.
_DELIVERED = ("outbox_event", "outgoing_message", "delivery_attempt", "idempotency_record")
# Tables that hold nobody of an account: what is sold and by whom, who signs in, keys, counts and hashes.
NOBODY = frozenset(
    {
        "access_rule",
        "access_rule_platform",
        "accessory_fit",
        "account_notice",
        "api_token",
        "audit_link",
        "audit_redaction",
        "audit_tail",
        "catalog_item",
        "catalog_price",
        "changed_day",
        "distributor",
        "external_identity",
        "failed_sign_in",
        "stored_figures",
        "figure_span",
        "order_tally",
        "passkey",
        "password_link",
        "person",
        "person_platform",
        "platform",
        "recovery_code",
        "second_factor",
        "service_account",
        "sign_in",
        "sign_in_request",
        "staff_entry",
        "staff_group",
        "staff_group_entry",
        "staff_token",
        "transaction",
        "webhook_endpoint",
    }
)
# Columns that name things, people who sign in, or states; never an employee.
_THINGS = frozenset(
    {
        "color",
        "currency",
        "distributor",
        "distributor_reference",
        "identifier",
        "identifier_key",
        "identifier_kind",
        "kind",
        "mac_id_code",
        "make",
        "mobile_carrier",
        "model",
        "request_id",
        "size",
        "sku",
        "status",
        "submission_key",
        "uid",
        "unit_outcome",
    }
)
EMPLOYEE = Employee.__table__
_ACCOUNT = Account.__table__
# What stays whoever reads it: a colleague's own name, namesakes included, and that of the account.
_OWN = {EMPLOYEE: {*CALLED, "email_key", "user_name_key", "former"}, _ACCOUNT: {"name"}}


def copies_of(account_id: int, employee: Employee) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Every table that may hold a copy, and which of its rows; the audit trail has rules of its own."""
    orders = select(HardwareOrder.id).where(HardwareOrder.account_id == account_id)
    for table in sorted(Base.metadata.tables.values(), key=lambda table: table.name):
        if table.name in NOBODY or table is AuditEvent.__table__:
            continue
        columns = table.c
        if table.name in _DELIVERED:
            yield from _delivered(table, orders, employee)
        elif "account_id" in columns:
            yield table, columns.account_id == account_id
        elif "order_id" in columns:
            yield table, columns.order_id.in_(orders)
        elif table is _ACCOUNT:
            yield table, columns.id == account_id
        else:
            yield table, columns.platform_id == employee.platform_id if "platform_id" in columns else true()


def _delivered(table: Table, orders: Any, employee: Employee) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    messages = Base.metadata.tables["outgoing_message"].c
    of_platform = table.c.platform_id == employee.platform_id if "platform_id" in table.c else true()
    if table.name == "delivery_attempt":
        about = select(messages.id).where(
            messages.platform_id == employee.platform_id,
            or_(messages.order_id.in_(orders), messages.order_id.is_(None)),
        )
        yield table, and_(of_platform, table.c.message_id.in_(about))
    elif table.name == "idempotency_record":
        yield table, true()
    else:
        yield table, and_(of_platform, or_(table.c.order_id.in_(orders), table.c.order_id.is_(None)))


def _texts(table: FromClause) -> Iterator[tuple[str, Callable[[Redactor, Any], Any]]]:
    """The columns of a table that may say something of a person, and how it is taken out of each."""
    for column in table.c:
        if column.key in _THINGS or column.key.endswith(("_hash", "_by_name", "fingerprint")):
            continue
        if isinstance(column.type, JSON):
            yield column.key, Redactor.document
        elif column.key in ("payload", "body"):
            yield column.key, Redactor.written_document
        elif isinstance(column.type, String):
            yield column.key, Redactor.text


def redact_rows(table: Table, condition: ColumnElement[bool], redactor: Redactor) -> int:
    """Take the person out of the rows; how many were changed."""
    texts = {key: take for key, take in _texts(table) if key not in _OWN.get(table, ())}
    if not texts:
        return 0
    keys = list(table.primary_key.columns)
    changed = []
    for row in db.session.connection().execute(
        select(*keys, *(table.c[key] for key in texts)).where(condition)
    ):
        new = {
            key: value
            for key, take in texts.items()
            if row._mapping[key] is not None
            and (value := take(redactor, row._mapping[key])) != row._mapping[key]
        }
        if new:
            changed.append(({column.key: row._mapping[column.key] for column in keys}, new))
    for key, new in changed:
        db.session.connection().execute(
            update(table).where(*(table.c[name] == value for name, value in key.items())).values(**new)
        )
    return len(changed)
