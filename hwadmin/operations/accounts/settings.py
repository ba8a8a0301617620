"""How an account orders: its settings, approver and accounting codes, its people's managers and codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.lookup import insert_or_ignore
from hwadmin.domain.ordering.cost_allocation import Share, document_of, in_words, shares_of, why_not
from hwadmin.domain.people.email_addresses import normal_address
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.domain.wording import describe_change
from hwadmin.errors import InvalidInput
from hwadmin.models import Account, AccountingCode, Employee
from hwadmin.operations.accounts.employees import refuse_directory_managed
from hwadmin.operations.audit.account_events import record_account_changed
from hwadmin.operations.audit.changes import archive, assign, restore
from hwadmin.operations.outgoing.events import publish_employees
from hwadmin.queries.scope import find


@dataclass(frozen=True, slots=True)
class OrderingSettings:
    """How an account orders, as somebody chose it."""

    requests_menu: bool = False
    requires_employee_number: bool = False
    allows_upgrade_override: bool = False
    requires_manager_approval: bool = False
    approver_name: str | None = None
    approver_email: str | None = None


_LABELS = {
    "requests_menu": "End-User Requests Menu",
    "requires_employee_number": "employee number required",
    "allows_upgrade_override": "upgrade before eligible with a reason",
    "requires_manager_approval": "manager approval required",
    "approver_email": "approver’s e-mail",
}


def change_ordering_settings(actor: Actor, account_id: int, new: OrderingSettings) -> Account:
    """Say how an account orders. Orders that exist stay as they were submitted.

    Raises:
        InvalidInput: every problem at once, each at its field; manager approval needs an approver, who is
            asked where an employee has no manager.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    account = find(actor, Account, account_id, lock=True)
    problems = Problems()
    name = problems.text("approver_name", new.approver_name, most=200)
    email = _address(problems, "approver_email", new.approver_email)
    if new.requires_manager_approval and not (new.approver_email or "").strip():
        problems.add("approver_email", "Give the approver’s e-mail address: somebody must be asked.")
    refuse(problems)
    changes = assign(
        account,
        _LABELS,
        requests_menu=new.requests_menu,
        requires_employee_number=new.requires_employee_number,
        allows_upgrade_override=new.allows_upgrade_override,
        requires_manager_approval=new.requires_manager_approval,
        approver_name=name,
        approver_email=email,
    )
    if changes:
        record_account_changed(actor, account, f"Changed the ordering settings: {', '.join(changes)}")
    return account


def _address(problems: Problems, field: str, address: str | None) -> str | None:
    text = problems.text(field, address, most=254)
    if text is None:
        return None
    address = normal_address(text)
    if address is None:
        problems.add(field, "Write an e-mail address, such as dana@example.com.")
    return address


# ---- Accounting codes


def add_code(actor: Actor, account_id: int, *, code: str, description: str = "") -> AccountingCode:
    """Add a code to what an account books its devices on.

    Raises:
        InvalidInput: every problem at once, each at its field; a code is there once.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    account = find(actor, Account, account_id)
    problems = Problems()
    code = problems.text("code", code, most=60, required="Give the code.") or ""
    description = problems.text("description", description, most=200) or ""
    refuse(problems)
    row = insert_or_ignore(
        AccountingCode,
        account_id=account.id,
        platform_id=account.platform_id,
        code=code,
        description=description,
    )
    if row is None:
        holder = db.session.scalars(
            select(AccountingCode).where(AccountingCode.account_id == account.id, AccountingCode.code == code)
        ).one()
        archived = "; it is archived and can be restored" if holder.archived_at else ""
        raise InvalidInput.at("code", f"{account.name} has the code {code} already{archived}.")
    _note(actor, row, f"Added the accounting code {_named(row)}")
    return row


def change_code(actor: Actor, code_id: int, *, description: str) -> AccountingCode:
    """Say what a code stands for. The code itself stays: orders are booked on it."""
    require(actor, Permission.ACCOUNTS_WRITE)
    row = find(actor, AccountingCode, code_id, lock=True)
    problems = Problems()
    text = problems.text("description", description, most=200) or ""
    refuse(problems)
    if changes := assign(row, {}, description=text):
        _note(actor, row, f"Changed the accounting code {row.code}: {changes[0]}")
    return row


def archive_code(actor: Actor, code_id: int) -> AccountingCode:
    """Take a code off the list to choose from. What is booked on it stays so.

    Raises:
        WrongState: where it is archived already.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    row = find(actor, AccountingCode, code_id, lock=True)
    archive(row, row.code)
    _note(actor, row, f"Archived the accounting code {_named(row)}")
    return row


def restore_code(actor: Actor, code_id: int) -> AccountingCode:
    """Offer an archived code again.

    Raises:
        WrongState: where it is not archived.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    row = find(actor, AccountingCode, code_id, lock=True)
    restore(row, row.code)
    _note(actor, row, f"Restored the accounting code {_named(row)}")
    return row


def _named(row: AccountingCode) -> str:
    return f"{row.code} ({row.description})" if row.description else row.code


def _note(actor: Actor, row: AccountingCode, summary: str) -> None:
    record_account_changed(actor, row.account, summary, code=row.code)


# ---- What is copied from the directory into orders


def change_employee_defaults(
    actor: Actor, employee_id: int, *, manager_id: int | None, shares: Sequence[Share]
) -> Employee:
    """Say who approves what is ordered for an employee, and what their devices are usually booked on.

    Raises:
        InvalidInput: every problem at once, each at its field.
        WrongState: where an HR directory looks after the record.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    employee = find(actor, Employee, employee_id, lock=True, lets_others_refer=True)
    refuse_directory_managed(employee)
    problems = Problems()
    manager = check_manager(problems, employee, manager_id)
    why = why_not(shares)
    if why is not None:
        problems.add("accounting_codes", why)
    check_shares(problems, employee.account, shares)
    refuse(problems)
    changes = []
    if employee.manager_id != (manager.id if manager else None):
        before = employee.manager.name if employee.manager else "nobody"
        changes.append(describe_change("manager", before, manager.name if manager else "nobody"))
    if shares_of(employee.accounting_codes) != tuple(shares):
        before = in_words(shares_of(employee.accounting_codes)) or "none"
        changes.append(describe_change("accounting codes", before, in_words(shares) or "none"))
    if changes:
        employee.manager_id = manager.id if manager else None
        employee.accounting_codes = document_of(shares)
        db.session.flush()
        db.session.expire(employee, ["manager"])
        record_account_changed(
            actor, employee.account, f"Changed the employee {employee.name}: {', '.join(changes)}"
        )
        publish_employees(actor, employee.platform_id, [employee.id])
    return employee


def check_manager(problems: Problems, employee: Employee, manager_id: int | None) -> Employee | None:
    """The manager with this key; a problem is added where it is nobody active of the employee's account."""
    if manager_id is None:
        return None
    manager = (
        db.session.scalars(
            select(Employee)
            .where(Employee.id == manager_id, Employee.account_id == employee.account_id)
            # Nobody merges them before somebody reports to them.
            .with_for_update(read=True, key_share=True)
            .execution_options(populate_existing=True)
        ).one_or_none()
        if is_valid_id(manager_id)
        else None
    )
    if manager is None or (manager.deactivated_at is not None and manager.id != employee.manager_id):
        problems.add("manager_id", f"This is not an active employee of {employee.account.name}.")
    elif manager.id == employee.id:
        problems.add("manager_id", "Nobody is their own manager.")
    return manager


def check_shares(problems: Problems, account: Account, shares: Sequence[Share]) -> None:
    """Add a problem for each share whose code the account does not have."""
    if not shares:
        return
    listed = set(
        db.session.scalars(
            select(AccountingCode.code).where(
                AccountingCode.account_id == account.id, AccountingCode.archived_at.is_(None)
            )
        )
    )
    for share in shares:
        if share.code and share.code not in listed:
            problems.add("accounting_codes", f"{account.name} has no accounting code {share.code[:60]}.")
