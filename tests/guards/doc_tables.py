"""The tables of the documentation that the code knows: ``make docs`` writes them into the pages."""

from __future__ import annotations

import re

from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.lifecycle import STATUS_LABELS, TRANSITIONS, OrderAction, OrderStatus
from hwadmin.domain.permissions import GRANTS, Permission, Role
from tests.guards.source_tree import ROOT

# What else has to be true, where the table of transitions has a condition, which is code.
CONDITIONS = {
    OrderAction.APPROVE: "the manager agreed, where the account asks for it",
    OrderAction.MARK_ORDERED: "not placed yet; a pending order: as for Approve",
    OrderAction.SEND: "not placed yet, and not all of it from spares",
    OrderAction.CLAIM: "not placed yet, and not all of it from spares",
    OrderAction.CORRECT_PLACEMENT: "it is placed",
    OrderAction.REOPEN: "no unit has a device",
    OrderAction.AGREE: "the manager is being asked; by their link",
    OrderAction.DECLINE: "the manager is being asked; by their link",
    OrderAction.ASK: "the manager is being asked",
    OrderAction.OVERRIDE: "the manager is being asked",
}
# These may leave the order where it is, as long as other units are awaited.
_IN_PART = {OrderAction.FULFILL, OrderAction.CLOSE_SHORT}


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    return "\n".join([_row(*header), "|" + "---|" * len(header), *(_row(*row) for row in rows)])


def lifecycle_table() -> str:
    """Every action on an order: from which status to which, who may, and what it needs."""
    rows: list[tuple[str, ...]] = []
    for action, transition in TRANSITIONS.items():
        sources = [STATUS_LABELS[status] for status in OrderStatus if status in transition.sources]
        target = STATUS_LABELS[transition.target] if transition.target else "as it was"
        rows.append(
            (
                transition.label,
                ", ".join(sources),
                f"as it was, or {target} when nothing else is awaited" if action in _IN_PART else target,
                ", ".join(role.label for role in Role if transition.permission in GRANTS[role]),
                "" if transition.reason == "none" else transition.reason,
                CONDITIONS.get(action, ""),
            )
        )
    return _table(("action", "from", "to", "who", "reason", "only if"), rows)


def permission_table() -> str:
    """Every permission, and the roles that are granted it."""
    rows = [
        (f"`{permission}`", *("yes" if permission in GRANTS[role] else "" for role in Role))
        for permission in Permission
    ]
    return _table(("permission", *(role.label for role in Role)), rows)


def event_type_table() -> str:
    """Every type of message that a webhook can receive."""
    return _table(
        ("type", "what happened"), [(f"`{event_type}`", event_type.label) for event_type in EventType]
    )


TABLES = {
    "docs/integrations/webhooks.md": ("event types", event_type_table),
    "docs/using/lifecycle.md": ("lifecycle", lifecycle_table),
    "docs/security/permissions.md": ("permissions", permission_table),
}


def with_table(page: str, name: str, table: str) -> str:
    """The text of a page with the table between its two marks.

    Raises:
        ValueError: the page has no such marks.
    """
    marks = re.compile(rf"(<!-- table: {name} [^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)
    text, count = marks.subn(lambda match: f"{match[1]}\n{table}\n\n{match[2]}", page)
    if count != 1:
        raise ValueError(f"There must be one place for the table {name}, not {count}.")
    return text


def main() -> None:
    """Write all tables into their pages."""
    for path, (name, table) in TABLES.items():
        page = ROOT / path
        page.write_text(with_table(page.read_text(), name, table()))


if __name__ == "__main__":
    main()
