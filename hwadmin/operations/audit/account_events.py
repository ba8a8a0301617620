"""Audit events of accounts, their directories, catalogs and platforms: one function per kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, CatalogItem, Distributor, Platform
from hwadmin.operations.audit.recording import Subject, record


class AnonymizationFacts(TypedDict):
    """Whose name was taken out, and what proves that the audit events changed by it are the only ones."""

    employee_id: int
    batch_id: str
    redactions_digest: str
    events_changed: int
    other_rows_changed: int


def record_account_created(
    actor: Actor, account: Account, summary: str, *, locations: Sequence[str], employees: Sequence[str]
) -> None:
    """Record that an account was created, with the names of its first locations and employees."""
    details = {"locations": locations, "employees": employees}
    record(actor, AuditKind.ACCOUNT_CREATED, summary, Subject(account=account), details=details)


def record_account_changed(
    actor: Actor,
    account: Account,
    summary: str,
    *,
    phone_number: str | None = None,
    code: str | None = None,
    employees: Sequence[str] | None = None,
) -> None:
    """Record a change to an account or to something that belongs to it.

    Args:
        actor: who changed it.
        account: the account.
        summary: the sentence for people.
        phone_number: the phone line it is about.
        code: the accounting code it is about.
        employees: the names of the employees who were added with an order.
    """
    facts = {"phone_number": phone_number, "code": code, "employees": employees}
    details = {name: value for name, value in facts.items() if value is not None}
    record(actor, AuditKind.ACCOUNT_CHANGED, summary, Subject(account=account), details=details)


def record_employees_merged(actor: Actor, account: Account, summary: str, *, reason: str | None) -> None:
    """Record that two records of an employee became one, and how it was known that they are."""
    record(actor, AuditKind.ACCOUNT_CHANGED, summary, Subject(account=account), reason=reason)


def record_directory_changed(
    actor: Actor, account: Account, summary: str, *, names: Mapping[str, Sequence[str]]
) -> None:
    """Record what a push of an HR directory did: for each thing done, the names of the employees."""
    record(actor, AuditKind.DIRECTORY_CHANGED, summary, Subject(account=account), details=names)


def record_directory_imported(
    actor: Actor,
    account: Account,
    summary: str,
    *,
    rows: int,
    refused_rows: int | None,
    names: Mapping[str, Sequence[str]],
) -> None:
    """Record what a list of employees did: for each thing done, the names of the employees."""
    details = {"rows": rows, "refused_rows": refused_rows, **names}
    record(actor, AuditKind.DIRECTORY_IMPORTED, summary, Subject(account=account), details=details)


def record_employee_anonymized(
    actor: Actor, account: Account, *, stand_in: str, reason: str, facts: AnonymizationFacts
) -> None:
    """Record that an employee's name was taken out of everything, without naming them."""
    summary = f"Anonymized an employee, now {stand_in}"
    subject = Subject(account=account)
    record(actor, AuditKind.EMPLOYEE_ANONYMIZED, summary, subject, reason=reason, details=facts)


def record_catalog_changed(actor: Actor, item: CatalogItem, summary: str) -> None:
    """Record that a catalog item was created, changed or deleted."""
    subject = Subject(platform=item.platform)
    record(actor, AuditKind.CATALOG_CHANGED, summary, subject, details={"sku": item.sku})


def record_platform_changed(actor: Actor, platform: Platform, summary: str) -> None:
    """Record that a platform was created or changed."""
    record(actor, AuditKind.PLATFORM_CHANGED, summary, Subject(platform=platform))


def record_distributor_changed(actor: Actor, distributor: Distributor, summary: str) -> None:
    """Record that a distributor was created, changed or archived."""
    record(actor, AuditKind.DISTRIBUTOR_CHANGED, summary, details={"distributor": distributor.name})
