"""What somebody who orders chooses from: items with their options, accessories, lines, codes, people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from hwadmin.amounts import Totals, totals
from hwadmin.errors import InvalidInput
from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.models import AccessoryFit, Account, AccountingCode, CatalogItem, CatalogPrice, Employee
from hwadmin.models.catalog import title
from hwadmin.permissions import Actor
from hwadmin.queries.catalog import item_search
from hwadmin.queries.directory import employee_search
from hwadmin.queries.phone_lines import ServiceLine, service_line, service_lines
from hwadmin.queries.scope import visible, within
from hwadmin.queries.spares import Spare, spare_counts, spares_of
from hwadmin.queries.words import plan_for_these_words
from hwadmin.splits import Share, shares_of
from hwadmin.texts import problem

__all__ = [
    "Card",
    "EmployeeChoice",
    "Option",
    "ServiceLine",
    "Spare",
    "Totals",
    "accessories_for",
    "cards",
    "cards_of",
    "carriers_sold",
    "codes_of",
    "employee_choice",
    "employee_choices",
    "employee_named",
    "makes_sold",
    "options_of",
    "service_line",
    "service_lines",
    "spares_of",
    "totals",
]

# ---- The catalog


@dataclass(frozen=True, slots=True)
class Option:
    """A size and a term an item is sold in, and what one costs then: now, and per month."""

    size: str
    term_months: int
    unit_price: Decimal
    monthly_price: Decimal


@dataclass(frozen=True, slots=True)
class Card:
    """A catalog item as somebody chooses it."""

    item_id: int
    sku: str
    make: str
    model: str
    kind: Kind
    currency: str
    mobile_carrier: str | None
    # Empty where there is nothing to choose.
    colors: tuple[str, ...]
    max_handsets: int | None
    # Never empty; by size, then by term.
    options: tuple[Option, ...]
    # How many spares of it the account has.
    spares: int
    archived: bool

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return title(self.make, self.model)

    @property
    def unlocked(self) -> bool:
        """Whether it is a mobile that any carrier can be had for."""
        return self.kind is Kind.MOBILE and self.mobile_carrier is None

    @property
    def sizes(self) -> tuple[str, ...]:
        """The sizes to choose from; empty where there is one only."""
        sizes = tuple(dict.fromkeys(option.size for option in self.options))
        return sizes if len(sizes) > 1 or sizes[0] else ()

    @property
    def terms(self) -> tuple[int, ...]:
        """The terms to choose from in months, 0 being none; empty where there is no choice."""
        terms = tuple(sorted({option.term_months for option in self.options}))
        return terms if terms != (0,) else ()

    @property
    def cheapest(self) -> Option:
        """What it costs at least now."""
        return min(self.options, key=lambda option: (option.unit_price, option.monthly_price))

    def option(self, size: str = "", term_months: int = 0) -> Option | None:
        """The option of a size and a term; None where it is not offered."""
        return next((one for one in self.options if (one.size, one.term_months) == (size, term_months)), None)


def options_of(item: CatalogItem, prices: Sequence[CatalogPrice]) -> tuple[Option, ...]:
    """What an item is sold in. Without prices of its own it has one option, at its unit price."""
    if not prices:
        return (Option(item.size or "", 0, item.unit_price, Decimal("0.00")),)
    options = [Option(one.size, one.term_months, one.unit_price, one.monthly_price) for one in prices]
    return tuple(sorted(options, key=lambda one: (size_rank(one.size), one.term_months)))


def size_rank(size: str) -> tuple[Decimal, str]:
    """Sizes by their number: 512 GB behind 256 GB, 1 TB behind both."""
    digits = "".join(character for character in size if character.isascii() and character.isdigit())
    number = Decimal(digits[:9]) if digits else Decimal(0)
    return number * (1024 if "tb" in size.casefold() else 1), size


def prices_of(item_ids: Collection[int]) -> dict[int, list[CatalogPrice]]:
    """The prices by size and term of these items, by item; those that have none are not in it."""
    found: dict[int, list[CatalogPrice]] = {}
    if item_ids:
        for price in db.session.scalars(
            select(CatalogPrice).where(CatalogPrice.catalog_item_id.in_(item_ids))
        ):
            found.setdefault(price.catalog_item_id, []).append(price)
    return found


def colors_of(item: CatalogItem) -> tuple[str, ...]:
    """The colors an item can be had in."""
    return tuple(item.colors or ())


def cards(
    actor: Actor,
    account: Account,
    *,
    kinds: Sequence[Kind] = (),
    make: str | None = None,
    text: str = "",
    carrier: str | None = None,
    most_now: Decimal | None = None,
    most_monthly: Decimal | None = None,
    spares_only: bool = False,
    limit: int = 200,
) -> list[Card]:
    """What can be ordered for an account, by make and model; what is archived only where there are spares.

    Args:
        actor: who chooses.
        account: for whom; its platform's catalog, and its own spares.
        kinds: these kinds only.
        make: this make only.
        text: words of make, model and SKU.
        carrier: items of this mobile carrier, and those of none.
        most_now: with an option that costs this much now at most.
        most_monthly: with an option that costs this much per month at most.
        spares_only: what the account has spares of.
        limit: so many at most.
    """
    counts = spare_counts(actor, account.id)
    query = _sold(actor, account, kinds)
    if make is not None:
        query = query.where(CatalogItem.make == make)
    if text.strip():
        query = query.where(item_search(text.replace("\0", "")))
    if carrier is not None:
        query = query.where(or_(CatalogItem.mobile_carrier == carrier, CatalogItem.mobile_carrier.is_(None)))
    if spares_only:
        query = query.where(CatalogItem.id.in_(counts))
    else:
        query = query.where(CatalogItem.archived_at.is_(None))
    items = db.session.scalars(
        query.order_by(CatalogItem.make, CatalogItem.model, CatalogItem.id).limit(limit)
    ).all()
    found = _as_cards(items, counts)
    if most_now is None and most_monthly is None:
        return found
    return [
        card
        for card in found
        if any(
            (most_now is None or option.unit_price <= most_now)
            and (most_monthly is None or option.monthly_price <= most_monthly)
            for option in card.options
        )
    ]


def cards_of(actor: Actor, account: Account, skus: Iterable[str]) -> dict[str, Card]:
    """These items of the account's platform by SKU, what is archived included: for what was chosen before."""
    wanted = {sku for sku in skus if sku and problem(sku, most=60) is None}
    if not wanted:
        return {}
    items = db.session.scalars(_sold(actor, account).where(CatalogItem.sku.in_(wanted))).all()
    return {card.sku: card for card in _as_cards(items, spare_counts(actor, account.id))}


def accessories_for(actor: Actor, account: Account, device_item_ids: Collection[int] = ()) -> list[Card]:
    """The accessories that fit every one of these devices; all accessories where none is named."""
    query = _sold(actor, account, (Kind.ACCESSORY,)).where(CatalogItem.archived_at.is_(None))
    for device_item_id in set(device_item_ids):
        query = query.where(fits_device(device_item_id))
    items = db.session.scalars(query.order_by(CatalogItem.make, CatalogItem.model, CatalogItem.id)).all()
    return _as_cards(items, {})


def fits_device(device_item_id: int) -> ColumnElement[bool]:
    """The condition that an accessory goes with a device: it says so, or it says nothing."""
    fits = select(AccessoryFit.id).where(AccessoryFit.accessory_id == CatalogItem.id)
    return or_(~fits.exists(), fits.where(AccessoryFit.device_item_id == device_item_id).exists())


def makes_sold(actor: Actor, account: Account, kinds: Sequence[Kind] = ()) -> list[str]:
    """The makes on sale to an account."""
    return _distinct(actor, account, CatalogItem.make, kinds)


def carriers_sold(actor: Actor, account: Account) -> list[str]:
    """The mobile carriers whose items are on sale to an account."""
    return [carrier for carrier in _distinct(actor, account, CatalogItem.mobile_carrier) if carrier]


def _distinct(actor: Actor, account: Account, column: Any, kinds: Sequence[Kind] = ()) -> list[str]:
    query = _sold(actor, account, kinds).where(CatalogItem.archived_at.is_(None), column.is_not(None))
    return list(db.session.scalars(query.with_only_columns(column).distinct().order_by(column)))


def _sold(actor: Actor, account: Account, kinds: Sequence[Kind] = ()) -> Select[CatalogItem]:
    query = visible(actor, CatalogItem).where(CatalogItem.platform_id == account.platform_id)
    return query.where(CatalogItem.kind.in_(kinds)) if kinds else query


def _as_cards(items: Sequence[CatalogItem], spares: dict[int, int]) -> list[Card]:
    prices = prices_of([item.id for item in items])
    return [
        Card(
            item_id=item.id,
            sku=item.sku,
            make=item.make,
            model=item.model,
            kind=item.kind,
            currency=item.currency,
            mobile_carrier=item.mobile_carrier,
            colors=colors_of(item),
            max_handsets=item.max_handsets,
            options=options_of(item, prices.get(item.id, ())),
            spares=spares.get(item.id, 0),
            archived=item.archived_at is not None,
        )
        for item in items
    ]


# ---- Accounting codes and employees


def codes_of(actor: Actor, account: Account, *, archived: bool = False) -> Sequence[AccountingCode]:
    """The accounting codes of an account, those archived only if asked for, and then last."""
    query = visible(actor, AccountingCode).where(AccountingCode.account_id == account.id)
    if not archived:
        query = query.where(AccountingCode.archived_at.is_(None))
    return db.session.scalars(
        query.order_by(AccountingCode.archived_at.is_not(None), AccountingCode.code)
    ).all()


_Manager = aliased(Employee)


@dataclass(frozen=True, slots=True)
class EmployeeChoice:
    """Somebody of an account's directory, with what is copied into an order."""

    id: int
    name: str
    number: str | None
    email: str | None
    shares: tuple[Share, ...]
    manager_name: str | None


def employee_choices(
    actor: Actor, account: Account, text: str = "", *, limit: int = 10
) -> list[EmployeeChoice]:
    """The active employees of an account for a type-ahead, by words of name, number, e-mail or user name."""
    plan_for_these_words()
    return _employees(actor, account, employee_search(text), limit=limit)


def employee_choice(actor: Actor, account: Account, employee_id: int) -> EmployeeChoice | None:
    """One active employee of an account, or None."""
    if not 0 < employee_id < 2**63:
        return None
    return next(iter(_employees(actor, account, Employee.id == employee_id)), None)


def employee_named(actor: Actor, account: Account, text: str, field: str) -> int | None:
    """The key of the one active employee with this name, number or e-mail address; None for no text.

    Raises:
        InvalidInput: at the field, where there is nobody, or more than one.
    """
    said = " ".join(text.replace("\0", "").split())
    if not said:
        return None
    found = _employees(
        actor,
        account,
        or_(
            Employee.name == said,
            func.lower(Employee.name) == said.lower(),
            Employee.employee_number == said,
            func.lower(Employee.email) == said.lower(),
        ),
        limit=2,
    )
    if len(found) == 1:
        return found[0].id
    why = (
        "has several of that name; give the number or the e-mail address" if found else "has nobody like that"
    )
    raise InvalidInput.at(field, f"{account.name} {why}.")


def _employees(
    actor: Actor, account: Account, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[EmployeeChoice]:
    rows = db.session.execute(
        select(
            Employee.id,
            Employee.name,
            Employee.employee_number,
            Employee.email,
            Employee.accounting_codes,
            _Manager.name,
        )
        .outerjoin(_Manager, _Manager.id == Employee.manager_id)
        .where(
            within(actor, Employee),
            Employee.account_id == account.id,
            Employee.deactivated_at.is_(None),
            *conditions,
        )
        .order_by(Employee.name, Employee.id)
        .limit(limit)
    )
    return [
        EmployeeChoice(key, name, number, email, shares_of(codes), manager)
        for key, name, number, email, codes, manager in rows
    ]
