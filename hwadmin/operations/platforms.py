"""Platforms; and what all operations on reference data share: finding a row and saying what changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.extensions import Base, db
from hwadmin.kinds import Kind
from hwadmin.models import CatalogItem, Platform
from hwadmin.operations import audit
from hwadmin.permissions import Actor, Permission, require
from hwadmin.queries.scope import Row, visible
from hwadmin.texts import Problems

# Prices are kept in cents, so only currencies that have cents.
# fmt: off
CURRENCIES = (
    "AED", "AUD", "BGN", "BRL", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF",
    "ILS", "INR", "MXN", "NOK", "NZD", "PLN", "RON", "SEK", "SGD", "TRY", "USD", "ZAR",
)
# fmt: on
_LARGEST_KEY = 2**63 - 1
_NOUNS = {
    "CatalogItem": "catalog item",
    "DirectoryToken": "token",
    "HardwareOrder": "hardware order",
    "LineItem": "line item",
    "OutgoingMessage": "message",
    "WebhookEndpoint": "webhook",
}

Model = TypeVar("Model", bound=Base)


# ---- What operations on reference data share


def find(actor: Actor, model: type[Row], row_id: int, *, lock: bool = False) -> Row:
    """The row, if the actor is given it; locked until the end of the unit of work if asked.

    Raises:
        NotFound: the same sentence for a row of somebody else's and for one that never was.
    """
    row: Any = None
    if 0 < row_id <= _LARGEST_KEY:
        query = visible(actor, model).where(model.id == row_id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        row = db.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no such {_NOUNS.get(model.__name__, model.__name__.lower())}.")
    return row  # type: ignore[no-any-return]


def insert_or_ignore(row_class: type[Model], /, **values: Any) -> Model | None:
    """Insert a row unless a unique constraint forbids it; None if so, with the unit of work still intact."""
    dialect = postgresql if db.session.connection().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(row_class).values(**values).on_conflict_do_nothing().returning(row_class)
    return db.session.scalars(statement).one_or_none()


def refuse(problems: Problems) -> None:
    """Refuse the input, if there was any problem with it."""
    if problems.errors:
        raise InvalidInput(problems.errors)


def in_words(value: Any) -> str:
    """A value as an audit event says it."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Kind):
        return f"“{value.label}”"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value) if isinstance(value, int) else f"“{value}”"


def assign(row: Any, labels: Mapping[str, str], **values: Any) -> list[str]:
    """Give the row its new values; say what was different: ``name “A” → “B”``."""
    said = []
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            said.append(f"{labels.get(name, name.replace('_', ' '))} {in_words(before)} → {in_words(value)}")
            setattr(row, name, value)
    return said


def on(moment: datetime) -> str:
    """A moment in a sentence."""
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


# ---- Platforms


def _name_taken(name: str, but: int | None = None) -> bool:
    query = select(Platform.id).where(func.lower(Platform.name) == name.lower(), Platform.id != (but or 0))
    return db.session.execute(query).first() is not None


def _checked(name: str, currency: str, but: int | None = None) -> tuple[str, str]:
    problems = Problems()
    name = problems.text("name", name, most=120, required="Give the platform a name.") or ""
    if not problems.errors and _name_taken(name, but):
        problems.add("name", f"There is a platform named “{name}” already.")
    currency = currency.strip().upper()
    if currency not in CURRENCIES:
        problems.add("currency", "Choose one of the currencies offered.")
    refuse(problems)
    return name, currency


def create_platform(
    actor: Actor, *, name: str, currency: str = "EUR", forbids_self_approval: bool = False
) -> Platform:
    """Add a telecom platform. Its catalog is empty and nobody but super-admins sees it yet."""
    require(actor, Permission.PLATFORMS_WRITE)
    name, currency = _checked(name, currency)
    platform = insert_or_ignore(
        Platform, name=name, currency=currency, forbids_self_approval=forbids_self_approval
    )
    if platform is None:
        raise InvalidInput.at("name", f"There is a platform named “{name}” already.")
    rule = "; nobody may approve their own order" if forbids_self_approval else ""
    audit.record(actor, "platform.changed", f"Created {name}, prices in {currency}{rule}", platform=platform)
    return platform


def change_platform(
    actor: Actor, platform_id: int, *, name: str, currency: str, forbids_self_approval: bool
) -> Platform:
    """Rename a platform, change its currency, or forbid people to approve their own orders there.

    The currency stays once something is for sale: the numbers in the catalog would mean other amounts.

    Raises:
        WrongState: where the currency cannot be changed any more.
    """
    require(actor, Permission.PLATFORMS_WRITE)
    platform = find(actor, Platform, platform_id, lock=True)
    name, currency = _checked(name, currency, but=platform.id)
    if currency != platform.currency:
        _refuse_currency(platform)
    said = assign(
        platform,
        {"forbids_self_approval": "no self-approval"},
        name=name,
        currency=currency,
        forbids_self_approval=forbids_self_approval,
    )
    if said:
        try:
            db.session.flush()
        except IntegrityError as error:
            raise InvalidInput.at("name", f"There is a platform named “{name}” already.") from error
        audit.record(actor, "platform.changed", f"Changed {name}: {', '.join(said)}", platform=platform)
    return platform


def _refuse_currency(platform: Platform) -> None:
    items = db.session.execute(
        select(func.count(CatalogItem.id)).where(
            CatalogItem.platform_id == platform.id, CatalogItem.archived_at.is_(None)
        )
    ).scalar_one()
    if items:
        raise WrongState(
            f"The catalog of {platform.name} has {items} {'item' if items == 1 else 'items'} priced in "
            f"{platform.currency}. Archive them before changing the currency."
        )
