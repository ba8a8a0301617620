"""The deadlines of a platform: in how many days something is due, and who has to see to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select, update

from hwadmin.db.extensions import db
from hwadmin.domain.orders.waiting import MAX_DAYS, Deadline, WaitsFor, deadlines_of, next_wait
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.models import HardwareOrder, Platform
from hwadmin.operations.audit.account_events import record_platform_changed
from hwadmin.queries.people.people import super_admin_choices
from hwadmin.queries.scope import find


def set_deadlines(actor: Actor, platform_id: int, changes: Mapping[WaitsFor, Deadline | None]) -> Platform:
    """Say when what waits on a platform is due, and who sees to it. What is open already is due anew by it.

    Args:
        actor: who says so.
        platform_id: the platform's key.
        changes: the rules that change; None makes one as usual. What is not named stays.

    Raises:
        NotAllowed, NotFound: nothing was changed.
        InvalidInput: every problem at once, at ``decision_days`` or ``decision_owner`` and the like.
    """
    require(actor, Permission.PLATFORMS_WRITE)
    platform = find(actor, Platform, platform_id, lock=True, lets_others_refer=True)
    names = _check(changes)
    stored, described = dict(platform.deadlines or {}), []
    before = deadlines_of(stored)
    for what, deadline in changes.items():
        if deadline is None:
            stored.pop(what.value, None)
        else:
            stored[what.value] = {"days": deadline.days, "owner_id": deadline.owner_id}
        after = deadlines_of(stored)[what]
        if after != before[what]:
            owner = names.get(after.owner_id or 0, what.default_owner)
            described.append(f"what waits for {what.label} is due after {after.days} days, by {owner}")
    if described:
        platform.deadlines = stored or None
        record_platform_changed(actor, platform, f"Changed {platform.name}: {'; '.join(described)}")
        _renew(platform, list(changes))
    return platform


def _check(changes: Mapping[WaitsFor, Deadline | None]) -> dict[int, str]:
    """The names of those who are to see to something."""
    problems = Problems()
    keys = {deadline.owner_id for deadline in changes.values() if deadline and deadline.owner_id is not None}
    names = dict(super_admin_choices()) if keys else {}
    for what, deadline in changes.items():
        if deadline is None:
            continue
        if not 1 <= deadline.days <= MAX_DAYS:
            problems.add(f"{what}_days", f"Enter a number of days from 1 to {MAX_DAYS}.")
        if deadline.owner_id is None:
            continue
        if what is WaitsFor.MANAGER:
            problems.add(f"{what}_owner", "A manager’s answer is up to the manager who was asked.")
        elif deadline.owner_id not in names:
            problems.add(f"{what}_owner", "Choose a super-admin who may sign in.")
    refuse(problems)
    return names


def _renew(platform: Platform, changed: Sequence[WaitsFor]) -> None:
    """Work out anew when the open orders that the rules are about are due.

    They are locked: who acts on one of them at this moment goes first, and it is renewed with the others, or
    comes after and reads the new rules.
    """
    rules = deadlines_of(platform.deadlines)
    orders = db.session.scalars(
        select(HardwareOrder)
        .where(
            HardwareOrder.platform_id == platform.id,
            HardwareOrder.due_at.is_not(None),
            HardwareOrder.waits_for.in_(changed),
        )
        .order_by(HardwareOrder.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    due = []
    for order in orders:
        wait = next_wait(
            order.facts,
            (order.waits_for, order.waits_since),
            order.updated_at,
            rules,
            expected_on=order.expected_on,
        )
        if wait is not None and wait.due_at != order.due_at:
            due.append({"key": order.id, "due": wait.due_at})
    if due:
        # On the connection itself: it is no change of the order, which keeps its version.
        table = HardwareOrder.__table__
        statement = update(table).where(table.c.id == bindparam("key")).values(due_at=bindparam("due"))
        db.session.connection().execute(statement, due)
        db.session.expire_all()
