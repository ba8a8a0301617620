"""Mails to people: who gets them, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import current_app, render_template
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.money import money
from hwadmin.domain.permissions import Actor, Role
from hwadmin.models import HardwareOrder, NewOrderMail, OutboxEvent, Person, reference
from hwadmin.operations.orders.approvals.requests import cost_of
from hwadmin.operations.orders.submission.line_writing import describe_lines
from hwadmin.queries.audit.order_changes import changes_of_request
from hwadmin.queries.orders.by_key import whole_order
from hwadmin.queries.units.units import UnitRow, units_of

_MAX_UNITS = 200
_MAX_SUBJECT = 200

# The events people get mail of: in the subject, in the text, and before who did it. Of several at once, the
# last one counts.
_DECISIONS: dict[str, tuple[str, str, str]] = {
    EventType.ORDER_APPROVED: ("approved", "has been approved.", "Approved by"),
    EventType.ORDER_ORDERED: ("ordered", "has been approved and ordered from the distributor.", "Placed by"),
    EventType.ORDER_PLACED: ("ordered", "has been approved and ordered from the distributor.", "Placed by"),
    EventType.ORDER_PLACEMENT_CORRECTED: (
        "placement corrected",
        "is placed with the distributor as shown below; the earlier record was corrected.",
        "Corrected by",
    ),
    EventType.ORDER_REJECTED: (
        "rejected",
        "has been rejected. If it should be ordered after all, copy it to a new order.",
        "Rejected by",
    ),
    EventType.ORDER_CANCELLED: ("cancelled", "has been cancelled.", "Cancelled by"),
    EventType.ORDER_PARTIALLY_FULFILLED: (
        "fulfilled in part",
        "has been fulfilled in part.",
        "Fulfilled by",
    ),
    EventType.ORDER_FULFILLED: ("fulfilled", "has been fulfilled.", "Fulfilled by"),
}
_PLACED = {EventType.ORDER_ORDERED, EventType.ORDER_PLACED}
_WITH_UNITS = {EventType.ORDER_PARTIALLY_FULFILLED, EventType.ORDER_FULFILLED}
# Placeholder for the manager's own link, which is put in as the mail leaves; see mail_client.py.
OWN_LINK = "(their own link, which stands in the mail only)"
# The answers after which an order waits for a super-admin.
_LET_THROUGH = {"agreed", "overridden"}


@dataclass(frozen=True, slots=True)
class MailContent:
    """What a mail says, before it is written as text and as HTML."""

    headline: str
    facts: Sequence[tuple[str, str]] = ()
    reason: str | None = None
    # Unit, identifier, for whom or where.
    units: Sequence[tuple[str, str, str]] = ()
    more_units: int = 0
    # Headings with orders: reference, account, platform, items; the address of the page.
    orders: Sequence[tuple[str, Sequence[tuple[str, str, str, str, str]]]] = ()
    link: str | None = None
    link_text: str = "Open the order"
    why: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one person."""

    recipient: str
    type: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


def mails_for(event: OutboxEvent, owner: Actor) -> list[Mail]:
    """The mails of an event: one to each person, however many reasons there are to send it."""
    if event.order_id is None:
        return []
    # While an order awaits its manager, super-admins get no mail; they get it with the approval.
    new = EventType.ORDER_SUBMITTED in event.types and not event.details.get("awaits_manager")
    answered = event.details.get("manager") in _LET_THROUGH
    decisions = [kind for kind in event.types if kind in _DECISIONS]
    changed = event.details.get("by_super_admin") and not event.details.get("manager")
    if not (new or decisions or answered or changed):
        return []
    order = whole_order(owner, event.order_id)
    if order is None:
        return []
    mails = []
    if new or answered:
        subject = subject_line(f"New order {order.reference}: {order.account.name}")
        mails += _each(immediate_recipients(), EventType.ORDER_SUBMITTED, subject, _new_order(order))
    if answered:
        agreed = event.details.get("manager") == "agreed"
        settled = "approved by its manager" if agreed else "no longer waits for its manager"
        subject = subject_line(f"{order.reference} {settled}: {order.account.name}")
        mails += _each(_concerned(order), event.types[-1], subject, _answered(event, order))
    if changed:
        subject = subject_line(f"{order.reference} changed: {order.account.name}")
        mails += _each(_concerned(order), EventType.ORDER_UPDATED, subject, _changed(event, order, owner))
    if decisions:
        kind = decisions[-1]
        subject = subject_line(f"{order.reference} {_DECISIONS[kind][0]}: {order.account.name}")
        mails += _each(_concerned(order), kind, subject, _decided(event, order, kind))
    # A super-admin who submitted the order gets one mail of it.
    return list({mail.recipient.lower(): mail for mail in mails}.values())


def _each(recipients: Mapping[str, str], kind: str, subject: str, content: MailContent) -> list[Mail]:
    return [
        render_mail(recipient, kind, subject, replace(content, why=why))
        for recipient, why in recipients.items()
    ]


# ---- Who


def immediate_recipients() -> dict[str, str]:
    """The super-admins who want mail of each new order, and why they get it."""
    why = "You get this as a super-admin. Choose on “My account” how you hear about new orders."
    return {person.email: why for person in db.session.scalars(_wanting(NewOrderMail.AT_ONCE))}


def daily_recipients() -> list[Person]:
    """The super-admins who want one mail a day."""
    return list(db.session.scalars(_wanting(NewOrderMail.DAILY)))


def _wanting(choice: NewOrderMail) -> Select[Person]:
    return (
        select(Person)
        .where(Person.role == Role.SUPER_ADMIN, Person.new_order_mail == choice, Person.disabled_at.is_(None))
        .order_by(Person.id)
    )


def submitter_of(order: HardwareOrder) -> dict[str, str]:
    """Who submitted the order, if they may still see it: e-mail address and why they get the mail."""
    reasons: dict[str, str] = {}
    if order.submitted_by_id is not None:
        person = db.session.scalars(
            select(Person)
            .where(Person.id == order.submitted_by_id, Person.disabled_at.is_(None))
            .options(selectinload(Person.platforms))
        ).one_or_none()
        # Somebody without rights to the platform any more gets no mail.
        if person is not None and person.actor.sees(order.platform_id):
            reasons[person.email] = "You get this because you submitted the order."
    return reasons


def _concerned(order: HardwareOrder) -> dict[str, str]:
    """Who submitted the order, and whom to notify: e-mail address and why they get the mail."""
    reasons = submitter_of(order)
    known = {address.lower() for address in reasons}
    for address in order.notify or ():
        if address.lower() not in known:
            known.add(address.lower())
            reasons[address] = f"You get this because {order.submitted_by_name} asked to notify you."
    return reasons


# ---- What


def _new_order(order: HardwareOrder) -> MailContent:
    return MailContent(
        headline=f"{order.submitted_by_name} ordered hardware for {order.account.name}. "
        "It is waiting for approval.",
        facts=[*_facts(order), *costs(order)],
        link=order_address(order.id),
    )


def _decided(event: OutboxEvent, order: HardwareOrder, kind: str) -> MailContent:
    details = event.details
    _, outcome, done_by = _DECISIONS[kind]
    if kind == EventType.ORDER_APPROVED and order.facts.to_be_placed:
        outcome += " It has still to be ordered from the distributor."
    if details.get("manager"):
        outcome = "was declined by its manager and is cancelled."
    if kind in _PLACED and EventType.ORDER_APPROVED not in event.types:
        outcome = "has been ordered from the distributor."
    units = units_of(order.id) if kind in _WITH_UNITS else []
    fresh = set(details.get("unit_ids", ()))
    shown = [unit for unit in units if unit.id in fresh and unit.identifier]
    facts = list(_facts(order))
    if kind in _WITH_UNITS and order.fulfillable_units:
        facts.append(("Units with a device", f"{order.fulfilled_units} of {order.fulfillable_units}"))
    return MailContent(
        headline=f"{order.reference} for {order.account.name} {outcome}",
        facts=[*facts, (done_by, str(details.get("actor", "")))],
        reason=details.get("reason"),
        units=[_unit(unit) for unit in shown[:_MAX_UNITS]],
        more_units=max(len(shown) - _MAX_UNITS, 0),
        link=order_address(order.id),
    )


def _changed(event: OutboxEvent, order: HardwareOrder, owner: Actor) -> MailContent:
    # Whom to notify may have no account here, and cannot look it up in the history.
    changes = changes_of_request(owner, order.id, event.request_id)
    return MailContent(
        headline=f"{event.details.get('actor', '')} changed {order.reference} for {order.account.name}."
        + ("" if changes else " Its history says what was changed."),
        facts=[*(("What changed", sentence) for sentence in changes), *_facts(order)],
        reason=event.details.get("reason"),
        link=order_address(order.id),
    )


def _answered(event: OutboxEvent, order: HardwareOrder) -> MailContent:
    actor = str(event.details.get("actor", ""))
    name = f"{order.reference} for {order.account.name}"
    agreed = event.details["manager"] == "agreed"
    return MailContent(
        headline=f"{actor} has approved {name}. It waits for a super-admin."
        if agreed
        else f"{actor} decided that {name} need not wait for its manager.",
        facts=list(_facts(order)),
        reason=event.details.get("reason"),
        link=order_address(order.id),
    )


def _facts(order: HardwareOrder) -> Iterator[tuple[str, str]]:
    yield "Order", order.reference
    yield "Account", order.account.name
    yield "Platform", order.platform.name
    yield "Items", describe_lines(order.lines)
    if order.requester:
        yield "Requested by", order.requester
    if order.placed_at is not None:
        placed = ", ".join(text for text in (order.distributor, order.distributor_reference) if text)
        if placed:
            yield "Distributor", placed


def costs(order: HardwareOrder) -> Iterator[tuple[str, str]]:
    """What an order costs now and each month, for who decides on it."""
    for currency, (once, monthly) in cost_of(order.lines).items():
        yield "Costs now", money(once, currency)
        if monthly:
            yield "Costs each month", money(monthly, currency)


def _unit(unit: UnitRow) -> tuple[str, str, str]:
    return unit.label, unit.identifier_shown, unit.employee_name or unit.location_name or ""


def order_address(order_id: int | None = None) -> str:
    """The address of an order's page, or of the list, as people reach it."""
    settings: Settings = current_app.config["HWADMIN"]
    adapter = current_app.url_map.bind("")
    if order_id is None:
        return settings.base_url + adapter.build("orders.index_view")
    return settings.base_url + adapter.build("order.show", {"reference": reference(order_id)})


def approval_address(order_reference: str, token: str) -> str:
    """The address of the page on which a manager answers."""
    settings: Settings = current_app.config["HWADMIN"]
    adapter = current_app.url_map.bind("")
    return settings.base_url + adapter.build(
        "approval.question", {"reference": order_reference, "token": token}
    )


def password_address(token: str) -> str:
    """The address of the page on which a person chooses a new password."""
    settings: Settings = current_app.config["HWADMIN"]
    adapter = current_app.url_map.bind("")
    return settings.base_url + adapter.build("password_links.choose", {"token": token}, method="GET")


def subject_line(text: str) -> str:
    """A subject in one line: whatever a name contains, it cannot begin another header."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= _MAX_SUBJECT else line[: _MAX_SUBJECT - 1] + "…"


def render_mail(recipient: str, kind: str, subject: str, content: MailContent) -> Mail:
    """Render the mail to one person, as text and as HTML."""
    text, html = (
        render_template(f"mail/message.{form}", subject=subject, content=content) for form in ("txt", "html")
    )
    return Mail(recipient, kind, subject, text.strip() + "\n", html)
