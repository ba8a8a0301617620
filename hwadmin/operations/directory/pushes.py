"""Pushes: one request of an identity provider, or one imported list, with the one event that tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.models import Account, Employee
from hwadmin.operations.audit.account_events import record_directory_changed, record_directory_imported
from hwadmin.operations.outgoing.events import publish_employees
from hwadmin.queries.scope import find

# How many names an event lists for each kind of change; of the others it tells the number.
MAX_NAMED = 200


@dataclass(slots=True)
class Push:
    """What a push has done so far, by the names of the people."""

    actor: Actor
    account: Account
    added: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    deactivated: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    # Everybody to whom something was done.
    employees: list[Employee] = field(default_factory=list)

    def note(self, names: list[str], name: str, employee: Employee) -> None:
        """Note that something was done to an employee: their name among those it was done to."""
        names.append(name)
        self.employees.append(employee)

    @property
    def done(self) -> dict[str, list[str]]:
        """What was done, with the names; nothing of what was not."""
        changes = {
            "added": self.added,
            "linked": self.linked,
            "changed": self.changed,
            "deactivated": self.deactivated,
            "restored": self.restored,
            "removed": self.removed,
        }
        return {change: names for change, names in changes.items() if names}

    @property
    def summary(self) -> str:
        """In one line: ``14 added, 2 changed, 1 deactivated``; of a person or two, who it was."""
        done = self.done
        if sum(map(len, done.values())) <= 2:
            return "; ".join(f"{change} {' and '.join(names)}" for change, names in done.items())
        return ", ".join(f"{len(names):,} {change}" for change, names in done.items())


def open_push(actor: Actor, account_id: int) -> Push:
    """Begin to write the employees of an account; others who would wait until this is done.

    Raises:
        NotAllowed: the actor does not write employees.
        NotFound: no such account, as far as the actor can tell.
    """
    require(actor, Permission.DIRECTORY_WRITE)
    # Not in the way of orders, whose foreign keys look at the account.
    return Push(actor, find(actor, Account, account_id, lock=True, lets_others_refer=True))


def close_push(push: Push) -> None:
    """Write the one event of a push; none where nothing was done."""
    if push.done:
        summary = f"Directory: {push.summary}"
        record_directory_changed(push.actor, push.account, summary, names=_names(push))
        _publish(push)


def close_import(push: Push, rows: int, refused_rows: int | None) -> None:
    """Write the one event of an imported list; none where nothing was done."""
    if push.done:
        summary = f"Imported a list: {push.summary}"
        record_directory_imported(
            push.actor, push.account, summary, rows=rows, refused_rows=refused_rows, names=_names(push)
        )
        _publish(push)


def _publish(push: Push) -> None:
    publish_employees(push.actor, push.account.platform_id, [employee.id for employee in push.employees])


def _names(push: Push) -> dict[str, list[str]]:
    """Whom each thing was done to, as the event keeps it."""
    named = {}
    for change, names in push.done.items():
        more = len(names) - MAX_NAMED
        named[change] = names[:MAX_NAMED] + ([f"and {more:,} more"] if more > 0 else [])
    return named
