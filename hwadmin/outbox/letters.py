"""Mail to people, in plain words: who gets it, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from flask import current_app, render_template
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from hwadmin.config import Settings
from hwadmin.extensions import db
from hwadmin.models import HardwareOrder, NewOrderMail, OutboxEvent, Person, reference
from hwadmin.operations.ordering import listed
from hwadmin.permissions import Actor, Role
from hwadmin.queries.api_lists import whole_order
from hwadmin.queries.units import UnitRow, units_of

_MOST_UNITS = 200
_MOST_SUBJECT = 200

# What people are told of. Where one deed is several of them, the last one that is here is what the mail says.
_SAID = {
    "order.approved": ("approved", "has been approved."),
    "order.ordered": ("ordered", "has been approved and ordered from the distributor."),
    "order.rejected": ("rejected", "has been rejected."),
    "order.cancelled": ("cancelled", "has been cancelled."),
    "order.partially_fulfilled": ("fulfilled in part", "has been fulfilled in part."),
    "order.fulfilled": ("fulfilled", "has been fulfilled."),
}
_WITH_UNITS = {"order.partially_fulfilled", "order.fulfilled"}


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail says, before it is written as text and as HTML."""

    headline: str
    facts: Sequence[tuple[str, str]] = ()
    reason: str | None = None
    # Unit, identifier, for whom or where.
    units: Sequence[tuple[str, str, str]] = ()
    more_units: int = 0
    # Reference, account, platform, items; the address of the page.
    orders: Sequence[tuple[str, str, str, str, str]] = ()
    link: str | None = None
    link_text: str = "Open the order"
    why: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person."""

    recipient: str
    type: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


def letters_for(event: OutboxEvent, owner: Actor) -> list[Letter]:
    """The mails an event asks for: one to each person, however many reasons there are to tell them."""
    if event.order_id is None:
        return []
    new = "order.submitted" in event.types
    said = [kind for kind in event.types if kind in _SAID]
    if not new and not said:
        return []
    order = whole_order(owner, event.order_id)
    if order is None:
        return []
    kind = "order.submitted" if new else said[-1]
    content = _new_order(order) if new else _decided(event, order, kind)
    subject = subject_line(
        f"New order {order.reference}: {order.account.name}"
        if new
        else f"{order.reference} {_SAID[kind][0]}: {order.account.name}"
    )
    recipients = told_at_once() if new else _concerned(order)
    return [
        written(recipient, kind, subject, replace(content, why=why)) for recipient, why in recipients.items()
    ]


# ---- Who


def told_at_once() -> dict[str, str]:
    """The super-admins who want mail of each new order, and why they get it."""
    why = "You get this as a super-admin. Choose on “My account” how you are told of new orders."
    return {person.email: why for person in db.session.scalars(_wanting(NewOrderMail.AT_ONCE))}


def told_daily() -> list[Person]:
    """The super-admins who want one mail a day."""
    return list(db.session.scalars(_wanting(NewOrderMail.DAILY)))


def _wanting(choice: NewOrderMail) -> Select[Person]:
    return (
        select(Person)
        .where(Person.role == Role.SUPER_ADMIN, Person.new_order_mail == choice, Person.disabled_at.is_(None))
        .order_by(Person.id)
    )


def _concerned(order: HardwareOrder) -> dict[str, str]:
    """Who submitted the order, and whoever it says to notify."""
    found: dict[str, str] = {}
    if order.submitted_by_id is not None:
        person = db.session.scalars(
            select(Person)
            .where(Person.id == order.submitted_by_id, Person.disabled_at.is_(None))
            .options(selectinload(Person.platforms))
        ).one_or_none()
        # Who has been given something else since is told nothing more.
        if person is not None and person.actor.sees(order.platform_id):
            found[person.email] = "You get this because you submitted the order."
    known = {address.lower() for address in found}
    for address in order.notify or ():
        if address.lower() not in known:
            known.add(address.lower())
            found[address] = f"You get this because {order.submitted_by_name} asked to notify you."
    return found


# ---- What


def _new_order(order: HardwareOrder) -> Content:
    return Content(
        headline=f"{order.submitted_by_name} ordered hardware for {order.account.name}. "
        "It is waiting for approval.",
        facts=list(_facts(order)),
        link=order_address(order.id),
    )


def _decided(event: OutboxEvent, order: HardwareOrder, kind: str) -> Content:
    details = event.details
    words = _SAID[kind][1]
    if kind == "order.ordered" and "order.approved" not in event.types:
        words = "has been ordered from the distributor."
    units = units_of(order.id) if kind in _WITH_UNITS else []
    fresh = set(details.get("unit_ids", ()))
    shown = [unit for unit in units if unit.id in fresh and unit.identifier]
    facts = list(_facts(order))
    if kind in _WITH_UNITS and order.fulfillable_units:
        facts.append(("Units with a device", f"{order.fulfilled_units} of {order.fulfillable_units}"))
    return Content(
        headline=f"{order.reference} for {order.account.name} {words}",
        facts=[*facts, ("By", str(details.get("actor", "")))],
        reason=details.get("reason"),
        units=[_unit(unit) for unit in shown[:_MOST_UNITS]],
        more_units=max(len(shown) - _MOST_UNITS, 0),
        link=order_address(order.id),
    )


def _facts(order: HardwareOrder) -> Iterator[tuple[str, str]]:
    yield "Order", order.reference
    yield "Account", order.account.name
    yield "Platform", order.platform.name
    yield "Items", listed(order.lines)
    if order.requester:
        yield "Requested by", order.requester
    if order.placed_at is not None:
        placed = ", ".join(text for text in (order.distributor, order.distributor_reference) if text)
        if placed:
            yield "Distributor", placed


def _unit(unit: UnitRow) -> tuple[str, str, str]:
    return unit.label, unit.identifier_shown, unit.employee_name or unit.location_name or ""


def order_address(order_id: int | None = None) -> str:
    """The address of an order's page, or of the list, as people reach it."""
    settings: Settings = current_app.config["HWADMIN"]
    adapter = current_app.url_map.bind("")
    if order_id is None:
        return settings.base_url + adapter.build("orders.index_view")
    return settings.base_url + adapter.build("orders.order", {"reference": reference(order_id)})


def subject_line(text: str) -> str:
    """A subject in one line: whatever a name contains, it cannot begin another header."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= _MOST_SUBJECT else line[: _MOST_SUBJECT - 1] + "…"


def written(recipient: str, kind: str, subject: str, content: Content) -> Letter:
    """The mail to one person, as text and as HTML."""
    text, html = (
        render_template(f"mail/letter.{form}", subject=subject, content=content) for form in ("txt", "html")
    )
    return Letter(recipient, kind, subject, text.strip() + "\n", html)


def digest(orders: Iterable[HardwareOrder]) -> Content:
    """What a daily mail says of the new orders since the last one."""
    rows = [
        (
            order.reference,
            order.account.name,
            order.platform.name,
            listed(order.lines),
            order_address(order.id),
        )
        for order in orders
    ]
    count = f"{len(rows)} new order{'s' if len(rows) != 1 else ''}"
    return Content(
        headline=f"{count} since your last daily mail.",
        orders=rows,
        link=order_address(),
        link_text="Open Hardware Orders",
        why="You get this daily as a super-admin. Choose on “My account” how you are told of new orders.",
    )
