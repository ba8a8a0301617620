"""Distributors: who sells us the hardware, how orders reach them, and what they call our items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.lookup import insert_or_ignore
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.people.email_addresses import company_address
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.domain.wording import describe_change
from hwadmin.errors import InvalidInput, NotFound
from hwadmin.models import ArticleNumber, CatalogItem, Distributor, HardwareOrder
from hwadmin.operations.audit.account_events import record_catalog_changed, record_distributor_changed
from hwadmin.operations.audit.changes import archive, assign, describe_value, restore
from hwadmin.queries.catalog.distributors import numbers_of_item
from hwadmin.queries.scope import find

MAX_DAYS = 365
_LABELS = {
    "email": "e-mail for orders",
    "customer_number": "our customer number",
    "expected_days": "days until delivery",
}


@dataclass(frozen=True, slots=True)
class DistributorFacts:
    """What is entered about a distributor."""

    name: str | None
    email: str | None = None
    customer_number: str | None = None
    note: str | None = None
    expected_days: int | None = None


def create_distributor(actor: Actor, facts: DistributorFacts) -> Distributor:
    """Add a distributor.

    Raises:
        NotAllowed, InvalidInput: nothing was done.
    """
    require(actor, Permission.DISTRIBUTORS_WRITE)
    checked = _checked(facts)
    distributor = insert_or_ignore(
        Distributor, **_columns(checked), folded_name=fold(checked.name), created_at=utcnow()
    )
    if distributor is None:
        raise _taken(checked.name)
    record_distributor_changed(actor, distributor, f"Created the distributor {distributor.name}")
    return distributor


def change_distributor(actor: Actor, distributor_id: int, facts: DistributorFacts) -> Distributor:
    """Change what is known of a distributor. Orders keep the name that was theirs when they were placed.

    Other days until delivery count for the orders that are with the distributor now.

    Raises:
        NotAllowed, NotFound, InvalidInput: nothing was done.
    """
    require(actor, Permission.DISTRIBUTORS_WRITE)
    distributor = lock_distributor(distributor_id)
    checked = _checked(facts)
    folded = fold(checked.name)
    taken = select(Distributor.id).where(Distributor.folded_name == folded, Distributor.id != distributor.id)
    if db.session.execute(taken).first() is not None:
        raise _taken(checked.name)
    days = distributor.expected_days
    changes = assign(distributor, _LABELS, **_columns(checked))
    distributor.folded_name = folded
    try:
        db.session.flush()
    except IntegrityError as error:
        raise _taken(checked.name) from error
    if changes:
        if distributor.expected_days != days:
            _expect_anew(distributor)
        record_distributor_changed(actor, distributor, f"Changed {distributor.name}: {', '.join(changes)}")
    return distributor


def archive_distributor(actor: Actor, distributor_id: int, *, archived: bool) -> Distributor:
    """Archive a distributor, or offer it again. What was placed with them stays as it is.

    Raises:
        NotAllowed, NotFound, WrongState: nothing was done.
    """
    require(actor, Permission.DISTRIBUTORS_WRITE)
    distributor = lock_distributor(distributor_id)
    (archive if archived else restore)(distributor, distributor.name)
    verb = "Archived" if archived else "Restored"
    record_distributor_changed(actor, distributor, f"{verb} the distributor {distributor.name}")
    return distributor


def set_article_numbers(actor: Actor, item_id: int, numbers: Mapping[int, str | None]) -> CatalogItem:
    """State what distributors call a catalog item: by the distributor's key; blank where they have no number.

    Raises:
        NotAllowed, NotFound, InvalidInput: nothing was done.
    """
    require(actor, Permission.CATALOG_WRITE)
    item = find(actor, CatalogItem, item_id, lock=True)
    problems = Problems()
    stated = {key: problems.text(f"numbers.{key}", number, most=60) for key, number in numbers.items()}
    refuse(problems)
    names = dict(
        db.session.execute(select(Distributor.id, Distributor.name).where(Distributor.id.in_(stated))).all()
    )
    if unknown := stated.keys() - names.keys():
        raise NotFound(f"There is no distributor with the key {min(unknown)}.")
    before = numbers_of_item(item.id)
    changed = {key: number for key, number in stated.items() if number != before.get(key)}
    if changed:
        _write_numbers(item, changed)
        listed = ", ".join(_number_change(names[key], before.get(key), changed[key]) for key in changed)
        record_catalog_changed(actor, item, f"Changed the article numbers of {item}: {listed}")
    return item


def _write_numbers(item: CatalogItem, changed: Mapping[int, str | None]) -> None:
    db.session.execute(
        delete(ArticleNumber).where(
            ArticleNumber.catalog_item_id == item.id, ArticleNumber.distributor_id.in_(changed)
        )
    )
    db.session.add_all(
        ArticleNumber(
            distributor_id=key, catalog_item_id=item.id, platform_id=item.platform_id, number=number
        )
        for key, number in changed.items()
        if number
    )


def _number_change(name: str, before: str | None, after: str | None) -> str:
    return describe_change(name, describe_value(before), describe_value(after))


def lock_distributor(distributor_id: int) -> Distributor:
    """The distributor, locked until the end of the unit of work.

    Raises:
        NotFound: there is none with this key.
    """
    distributor = (
        db.session.get(Distributor, distributor_id, with_for_update=True, populate_existing=True)
        if is_valid_id(distributor_id)
        else None
    )
    if distributor is None:
        raise NotFound("There is no such distributor.")
    return distributor


def fold(name: str | None) -> str:
    """A distributor's name as it is compared: in any case, with single blanks."""
    return " ".join((name or "").casefold().split())[:120]


def expected_day(placed_on: date, days: int | None) -> date | None:
    """The day by which an order should have arrived; None where nobody knows."""
    return placed_on + timedelta(days=days) if days else None


def _checked(facts: DistributorFacts) -> DistributorFacts:
    problems = Problems()
    name = problems.text("name", facts.name, most=120, required="Give the distributor a name.")
    typed = problems.text("email", facts.email, most=254)
    email = company_address(typed) if typed else None
    if typed and email is None:
        problems.add("email", "This is not an e-mail address.")
    days = facts.expected_days
    if days is not None and not 0 < days <= MAX_DAYS:
        problems.add("expected_days", f"Give a number of days from 1 to {MAX_DAYS}, or none.")
    checked = DistributorFacts(
        name=name,
        email=email,
        customer_number=problems.text("customer_number", facts.customer_number, most=60),
        note=problems.text("note", facts.note, most=2000, lines=True),
        expected_days=days,
    )
    refuse(problems)
    return checked


def _columns(facts: DistributorFacts) -> dict[str, str | int | None]:
    return {
        "name": facts.name,
        "email": facts.email,
        "customer_number": facts.customer_number,
        "note": facts.note,
        "expected_days": facts.expected_days,
    }


def _taken(name: str | None) -> InvalidInput:
    return InvalidInput.at("name", f"There is a distributor named “{name}” already.")


def _expect_anew(distributor: Distributor) -> None:
    """The orders that are with the distributor are expected by another day now."""
    # In the order of their keys, as everybody locks several; one that is reopened meanwhile is none of them.
    rows = db.session.execute(
        select(HardwareOrder.id, HardwareOrder.ordered_on, HardwareOrder.placed_at)
        .where(
            HardwareOrder.distributor_id == distributor.id,
            HardwareOrder.status == OrderStatus.APPROVED,
            HardwareOrder.placed_at.is_not(None),
        )
        .order_by(HardwareOrder.id)
        .with_for_update()
    ).all()
    if rows:
        orders = HardwareOrder.__table__
        db.session.connection().execute(
            update(orders)
            .where(orders.c.id == bindparam("order_id"))
            .values(expected_on=bindparam("expected_on")),
            [
                {
                    "order_id": row.id,
                    "expected_on": expected_day(
                        row.ordered_on or row.placed_at.date(), distributor.expected_days
                    ),
                }
                for row in rows
            ],
        )
