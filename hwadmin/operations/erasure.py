"""The right to be forgotten: an employee is anonymized wherever the product has kept a copy of them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    FromClause,
    String,
    Table,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy import (
    cast as as_type,
)
from sqlalchemy.types import JSON

from hwadmin import chain
from hwadmin.clock import utcnow
from hwadmin.errors import WrongState
from hwadmin.extensions import Base, db
from hwadmin.models import (
    Account,
    ApprovalRequest,
    AuditEvent,
    AuditRedaction,
    Employee,
    HardwareOrder,
    reference,
)
from hwadmin.models.platforms import CALLED
from hwadmin.operations import audit
from hwadmin.operations._redacting import Redactor
from hwadmin.operations.platforms import find, on, refuse
from hwadmin.permissions import Actor, Permission, require
from hwadmin.texts import Problems

# Tables that hold copies of what was said of an employee, and are reached in a way of their own.
_DELIVERED = ("outbox_event", "outgoing_message", "delivery_attempt", "idempotency_record")
# Tables that hold nobody of an account: what is sold, who signs in, keys, counts and hashes.
NOBODY = frozenset(
    {
        "accessory_fit",
        "api_token",
        "audit_link",
        "audit_redaction",
        "audit_tail",
        "catalog_item",
        "catalog_price",
        "failed_sign_in",
        "order_tally",
        "person",
        "person_platform",
        "platform",
        "service_account",
        "sign_in",
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
_EVENT = cast(Table, AuditEvent.__table__)
_EMPLOYEE = cast(Table, Employee.__table__)
_ACCOUNT = cast(Table, Account.__table__)
# What stays whoever reads it: a colleague's own name, namesakes included, and that of the account.
_OWN = {_EMPLOYEE: {*CALLED, "email_key", "user_name_key", "former"}, _ACCOUNT: {"name"}}
# What the company booked their devices on is not theirs.
_KEPT = {"accounting_codes"}


def anonymize_employee(actor: Actor, employee_id: int, *, reason: str | None) -> Employee:
    """Take an employee's name, e-mail address and number out of everything the product has kept, for good.

    Their orders, devices and history stay and read the same, with “Former employee 1” where they were named.
    The audit trail says that this was done, and its chain holds.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: where that was done already.
        InvalidInput: where the reason is missing.
    """
    require(actor, Permission.EMPLOYEES_ANONYMIZE)
    employee = find(actor, Employee, employee_id, lock=True)
    if employee.anonymized_at is not None:
        raise WrongState(f"{employee.name} was anonymized on {on(employee.anonymized_at)}.")
    problems = Problems()
    reason = problems.text("reason", reason, most=1000, required="Say who asked for it, and why.", lines=True)
    refuse(problems)
    _refuse_approver(employee)

    account = employee.account
    redactor = _redactor(employee)
    _forget(employee, redactor.stand_in)
    db.session.flush()
    rows = sum(_redact(table, condition, redactor) for table, condition in _places(account.id, employee))
    batch, digest, events = _redact_events(account.id, account.platform_id, redactor)
    db.session.expire_all()
    audit.record(
        actor,
        "employee.anonymized",
        f"Anonymized an employee, now {redactor.stand_in}",
        account=find(actor, Employee, employee_id).account,
        reason=redactor.text(reason or ""),
        details={
            "employee_id": employee_id,
            "batch_id": batch,
            "redactions_digest": digest,
            "events_changed": events,
            "other_rows_changed": rows,
        },
    )
    return find(actor, Employee, employee_id)


def _refuse_approver(employee: Employee) -> None:
    """Whoever approves an account's orders is written to: first somebody else must."""
    account = employee.account
    if employee.email is None:
        return
    if (account.approver_email or "").lower() == employee.email.lower():
        raise WrongState(
            f"{employee.name} approves the orders of {account.name}. Choose somebody else first."
        )
    asked = db.session.scalar(
        select(HardwareOrder.id)
        .join(ApprovalRequest, ApprovalRequest.order_id == HardwareOrder.id)
        .where(
            HardwareOrder.account_id == account.id,
            func.lower(ApprovalRequest.approver_email) == employee.email.lower(),
            ApprovalRequest.used_at.is_(None),
            ApprovalRequest.closed_at.is_(None),
        )
        .limit(1)
    )
    if asked is not None:
        raise WrongState(
            f"{employee.name} is asked to approve {reference(asked)} and has not answered. Settle that first."
        )


def _redactor(employee: Employee) -> Redactor:
    """For everything the employee is called, and was."""
    before = db.session.scalar(
        select(func.count(Employee.id)).where(
            Employee.account_id == employee.account_id, Employee.anonymized_at.is_not(None)
        )
    )
    called = {name: list((employee.former or {}).get(name, ())) for name in CALLED}
    for name, texts in called.items():
        if (text := getattr(employee, name)) is not None:
            texts.append(text)
    # A user name is an address more often than not; what is none is looked for as a number is.
    addresses = [text for text in called["user_name"] if "@" in text]
    numbers = [text for text in called["user_name"] if "@" not in text]
    return Redactor(
        f"Former employee {(before or 0) + 1}",
        called["name"],
        called["email"] + addresses,
        called["employee_number"] + called["external_id"] + numbers,
    )


def _forget(employee: Employee, stand_in: str) -> None:
    """Leave of the record what says nothing of the person; a directory knows them no more."""
    for column in _EMPLOYEE.c:
        if column.nullable and isinstance(column.type, String | JSON) and column.key not in _KEPT:
            setattr(employee, column.key, None)
    now = utcnow()
    employee.name, employee.manager_id = stand_in, None
    employee.deactivated_at = employee.deactivated_at or now
    employee.anonymized_at = now
    employee.version += 1
    # Just now it was noted what they were called before.
    employee.former = None


# ---- Where copies are


def _places(account_id: int, employee: Employee) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Every table that may hold a copy, and which of its rows; the audit trail has rules of its own."""
    orders = select(HardwareOrder.id).where(HardwareOrder.account_id == account_id)
    for table in sorted(Base.metadata.tables.values(), key=lambda table: table.name):
        if table.name in NOBODY or table is _EVENT:
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
    mine = table.c.platform_id == employee.platform_id if "platform_id" in table.c else true()
    if table.name == "delivery_attempt":
        about = select(messages.id).where(
            messages.platform_id == employee.platform_id,
            or_(messages.order_id.in_(orders), messages.order_id.is_(None)),
        )
        yield table, and_(mine, table.c.message_id.in_(about))
    elif table.name == "idempotency_record":
        yield table, table.c.body.is_not(None)
    else:
        yield table, and_(mine, or_(table.c.order_id.in_(orders), table.c.order_id.is_(None)))


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


def _redact(table: Table, condition: ColumnElement[bool], redactor: Redactor) -> int:
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


# ---- The audit trail


def _redact_events(account_id: int, platform_id: int, redactor: Redactor) -> tuple[str, str, int]:
    """Change the words of events as its rules allow: declared first, and held by the chain again.

    Returns:
        The batch of redactions, what the chain shall hold of it, and how many events it has.
    """
    batch, connection = str(uuid.uuid4()), db.session.connection()
    changed = [
        (row, new) for row in _events(account_id, platform_id, redactor) if (new := _new_words(row, redactor))
    ]
    redactions: list[tuple[int, int, str]] = []
    for row, new in changed:
        salt = chain.fresh_salt()
        commitment = chain.commitment(salt, {**row._mapping, **new})
        key = connection.execute(
            insert(AuditRedaction)
            .values(event_id=row.id, batch=batch, commitment=commitment)
            .returning(AuditRedaction.id)
        ).scalar_one()
        redactions.append((key, row.id, commitment))
        connection.execute(
            update(_EVENT)
            .where(_EVENT.c.id == bindparam("event"))
            .values(salt=salt, redaction_id=key, **new),
            {"event": row.id},
        )
    return batch, chain.digest_of_redactions(redactions), len(redactions)


def _events(account_id: int, platform_id: int, redactor: Redactor) -> Iterable[Any]:
    """The account's events; and those of no account, such as exports, that have one of the words."""
    event = _EVENT.c
    said = [event.summary, event.reason, as_type(event.details, String)]
    having = [
        column.icontains(writing, autoescape=True)
        for word in redactor.words
        for writing in dict.fromkeys((word, json.dumps(word)[1:-1]))
        for column in said
    ]
    whose = or_(event.platform_id == platform_id, event.platform_id.is_(None))
    return (
        db.session.connection()
        .execute(
            select(_EVENT)
            .where(
                or_(
                    and_(event.platform_id == platform_id, event.account_id == account_id),
                    and_(event.account_id.is_(None), whose, or_(*having)),
                )
            )
            .order_by(event.id)
        )
        .all()
    )


def _new_words(row: Any, redactor: Redactor) -> Mapping[str, Any]:
    """What of an event's words becomes something else."""
    new = {
        "summary": redactor.text(row.summary)[:1000],
        "reason": redactor.text(row.reason) if row.reason is not None else None,
        "details": redactor.document(row.details),
    }
    return {name: value for name, value in new.items() if value != row._mapping[name]}
