"""Mail to people, in plain words: who gets it, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
# Stands in a mail for the manager's own link, which is put in as the mail leaves; see mailing.py.
OWN_LINK = "(their own link, which stands in the mail only)"
# By which an order comes to wait for a super-admin.
_LET_THROUGH = {"agreed", "overridden"}


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
    # What awaits its manager is no news for super-admins yet; they are told once it may go on.
    new = "order.submitted" in event.types and not event.details.get("awaits_manager")
    answered = event.details.get("manager") in _LET_THROUGH
    said = [kind for kind in event.types if kind in _SAID]
    if not (new or said or answered):
        return []
    order = whole_order(owner, event.order_id)
    if order is None:
        return []
    letters = []
    if new or answered:
        subject = subject_line(f"New order {order.reference}: {order.account.name}")
        letters += _each(told_at_once(), "order.submitted", subject, _new_order(order))
    if answered:
        words = f"{order.reference} may go on: {order.account.name}"
        letters += _each(_concerned(order), event.types[-1], subject_line(words), _answered(event, order))
    if said:
        subject = subject_line(f"{order.reference} {_SAID[said[-1]][0]}: {order.account.name}")
        letters += _each(_concerned(order), said[-1], subject, _decided(event, order, said[-1]))
    # Who is told as a super-admin what they are told as the one who asked gets one mail of it.
    return list({letter.recipient.lower(): letter for letter in letters}.values())


def _each(recipients: Mapping[str, str], kind: str, subject: str, content: Content) -> list[Letter]:
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


def submitter_of(order: HardwareOrder) -> dict[str, str]:
    """Who submitted the order, while it is still theirs to know."""
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
    return found


def _concerned(order: HardwareOrder) -> dict[str, str]:
    """Who submitted the order, and whoever it says to notify."""
    found = submitter_of(order)
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
    if details.get("manager"):
        words = "has been declined by its manager, and so cancelled."
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


def _answered(event: OutboxEvent, order: HardwareOrder) -> Content:
    who = str(event.details.get("actor", ""))
    agreed = event.details["manager"] == "agreed"
    return Content(
        headline=f"{who} has approved {order.reference} for {order.account.name}. It waits for a super-admin."
        if agreed
        else f"{who} decided that {order.reference} for {order.account.name} need not wait for its manager.",
        facts=list(_facts(order)),
        reason=event.details.get("reason"),
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


def approval_address(said_order: str, token: str) -> str:
    """The address of the page on which a manager answers."""
    settings: Settings = current_app.config["HWADMIN"]
    adapter = current_app.url_map.bind("")
    return settings.base_url + adapter.build("approval.question", {"reference": said_order, "token": token})


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
