"""Platforms: created, renamed, and the rules each sets for itself."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from hwadmin.db.extensions import db
from hwadmin.db.lookup import insert_or_ignore
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.models import CatalogItem, Platform
from hwadmin.operations.audit.account_events import record_platform_changed
from hwadmin.operations.audit.changes import assign
from hwadmin.queries.scope import find

# Prices are kept in cents, so only currencies that have cents.
# fmt: off
CURRENCIES = (
    "AED", "AUD", "BGN", "BRL", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF",
    "ILS", "INR", "MXN", "NOK", "NZD", "PLN", "RON", "SEK", "SGD", "TRY", "USD", "ZAR",
)
# fmt: on
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
    record_platform_changed(actor, platform, f"Created {name}, prices in {currency}{rule}")
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
    changes = assign(
        platform,
        {"forbids_self_approval": "no self-approval"},
        name=name,
        currency=currency,
        forbids_self_approval=forbids_self_approval,
    )
    if changes:
        try:
            db.session.flush()
        except IntegrityError as error:
            raise InvalidInput.at("name", f"There is a platform named “{name}” already.") from error
        record_platform_changed(actor, platform, f"Changed {name}: {', '.join(changes)}")
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
