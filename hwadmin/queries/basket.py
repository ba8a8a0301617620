"""Reading baskets: what is in one, what it costs today, and what of it can no longer be ordered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from sqlalchemy import select

from hwadmin.basket import Content, Information, Line, read
from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.models import Account, Basket, HardwareOrder
from hwadmin.permissions import Actor
from hwadmin.queries.accounts import locations_of
from hwadmin.queries.choosing import (
    Card,
    Option,
    ServiceLine,
    Spare,
    cards_of,
    service_lines,
    spares_of,
    totals,
)
from hwadmin.queries.scope import visible, within
from hwadmin.texts import tidied


def basket_of(actor: Actor, account_id: int, *, lock: bool = False) -> Basket | None:
    """The actor's own basket for an account, if there is one; locked if asked."""
    query = visible(actor, Basket).where(Basket.person_id == actor.id, Basket.account_id == account_id)
    if lock:
        query = query.with_for_update()
    # Read again: the session may hold it as another request left it.
    return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a basket as it can be ordered today, with what is wrong with it."""

    line: Line
    card: Card | None
    option: Option | None
    service: ServiceLine | None
    spare: Spare | None
    currency: str
    problems: tuple[str, ...]
    accessories: tuple[ShownLine, ...] = ()

    @property
    def title(self) -> str:
        """Make and model; what it was called when it was chosen where it is sold no more."""
        return self.card.title if self.card else self.line.title or "Something no longer sold"

    @property
    def model(self) -> str:
        """The model alone, for the name of a unit."""
        return self.card.model if self.card else self.title

    @property
    def kind(self) -> Kind | None:
        """What it is; None where it is in the catalog no more."""
        return self.card.kind if self.card else self.spare.kind if self.spare else None

    @property
    def colors(self) -> tuple[str, ...]:
        """The colors to choose from."""
        return self.card.colors if self.card and self.line.spare_device_id is None else ()

    @property
    def details(self) -> list[str]:
        """What was chosen, in words; without the color."""
        words = [
            self.line.size,
            term_in_words(self.line.term_months) if self.line.term_months else "",
            self.line.mobile_carrier,
        ]
        if self.line.spare_device_id is not None:
            words.append(f"spare {self.spare.identifier}" if self.spare else "spare")
        if self.line.line_of_service_id is not None:
            words.append(f"upgrade of {self.service.phone_number}" if self.service else "upgrade")
        return [word for word in words if word]

    @property
    def words(self) -> list[str]:
        """What was chosen, in words."""
        return [*self.details[:1], self.line.color, *self.details[1:]] if self.line.color else self.details

    @property
    def priced(self) -> bool:
        """Whether it has a price today."""
        return self.line.spare_device_id is not None or self.option is not None

    @property
    def unit_price(self) -> Decimal:
        """What one costs now."""
        bought = self.option is not None and self.line.spare_device_id is None
        return self.option.unit_price if self.option and bought else Decimal(0)

    @property
    def monthly_price(self) -> Decimal:
        """What one costs a month."""
        bought = self.option is not None and self.line.spare_device_id is None
        return self.option.monthly_price if self.option and bought else Decimal(0)

    @property
    def due_now(self) -> Decimal:
        """What all of them cost now."""
        return self.unit_price * self.line.quantity

    @property
    def month(self) -> Decimal:
        """What all of them cost a month."""
        return self.monthly_price * self.line.quantity

    @property
    def takes_accessories(self) -> bool:
        """Whether accessories are offered for it."""
        return self.line.accessory_of is None and self.kind not in (None, Kind.ACCESSORY)


class ShownBasket:
    """A basket as it stands today: its lines with prices, and what it comes to."""

    def __init__(
        self,
        content: Content,
        lines: Sequence[ShownLine],
        *,
        version: int,
        currency: str,
        notes: Sequence[str],
    ) -> None:
        self.content, self.version, self.currency = content, version, currency
        # Each device, and each accessory on its own, with the accessories that go with it.
        self.devices = tuple(lines)
        self.notes = tuple(notes)

    @cached_property
    def lines(self) -> tuple[ShownLine, ...]:
        """All lines, each device followed by its accessories."""
        return tuple(line for device in self.devices for line in (device, *device.accessories))

    @cached_property
    def by_key(self) -> dict[int, ShownLine]:
        """The lines by their keys."""
        return {shown.line.key: shown for shown in self.lines}

    @property
    def count(self) -> int:
        """How many pieces."""
        return sum(shown.line.quantity for shown in self.lines)

    @cached_property
    def _totals(self) -> tuple[Decimal, Decimal]:
        sums = totals((line.unit_price, line.monthly_price, line.line.quantity) for line in self.lines)
        return astuple(sums)

    @property
    def due_now(self) -> Decimal:
        """What everything costs now."""
        return self._totals[0]

    @property
    def month(self) -> Decimal:
        """What everything costs a month."""
        return self._totals[1]

    @property
    def seen(self) -> str:
        """Says what was shown, prices included: who confirms, confirms this and nothing else."""
        prices = [(line.line.key, str(line.unit_price), str(line.monthly_price)) for line in self.lines]
        return hashlib.sha256(f"{self.content.mark} {prices}".encode()).hexdigest()[:32]


def term_in_words(months: int) -> str:
    """A term as people say it."""
    return f"{months} months" if months else "No term"


def shown_basket(actor: Actor, account: Account, basket: Basket | None) -> ShownBasket:
    """A basket with today's prices, and a sentence for everything in it that can no longer be ordered."""
    content, lost = read(basket.content) if basket else (Content(), 0)
    cards = cards_of(actor, account, {line.sku for line in content.lines}) if content.lines else {}
    upgrades = any(line.line_of_service_id for line in content.lines)
    services = {one.id: one for one in service_lines(actor, account, ended=True)} if upgrades else {}
    spare_lines = any(line.spare_device_id for line in content.lines)
    spares = {one.device_id: one for one in spares_of(actor, account)} if spare_lines else {}

    def shown(line: Line) -> ShownLine:
        card = cards.get(line.sku)
        option = card.option(line.size, line.term_months) if card else None
        service = services.get(line.line_of_service_id or 0)
        spare = spares.get(line.spare_device_id or 0)
        return ShownLine(
            line,
            card,
            option,
            service,
            spare,
            card.currency if card else account.platform.currency,
            tuple(_problems(account, line, card, option, service, spare)),
            tuple(shown(extra) for extra in content.accessories(line.key)),
        )

    notes = []
    if lost:
        notes.append(f"{lost} {'line' if lost == 1 else 'lines'} of this basket could not be read any more.")
    return ShownBasket(
        content,
        [shown(line) for line in content.lines if line.accessory_of is None],
        version=basket.version if basket else 0,
        currency=account.platform.currency,
        notes=notes,
    )


def _problems(
    account: Account,
    line: Line,
    card: Card | None,
    option: Option | None,
    service: ServiceLine | None,
    spare: Spare | None,
) -> list[str]:
    """Why a line cannot be ordered as it is, in sentences that say what to do."""
    if line.spare_device_id is not None:
        taken = "This spare device has been taken meanwhile. Remove it, or choose another."
        return [] if spare else [taken]
    if card is None:
        return ["This is not in the catalog any more. Remove it."]
    if card.archived:
        return [f"{card.title} is archived and can no longer be ordered. Remove it."]
    problems = []
    if option is None:
        chosen = " · ".join(filter(None, (line.size, term_in_words(line.term_months))))
        problems.append(f"It is no longer offered like this ({chosen}). Remove it and select it again.")
    if card.colors and line.color not in card.colors:
        gone = f"It is no longer offered in {line.color}. " if line.color else ""
        problems.append(f"{gone}Choose a color.")
    if line.line_of_service_id is not None:
        problems += _upgrade_problems(account, line, service)
    return problems


def _upgrade_problems(account: Account, line: Line, service: ServiceLine | None) -> list[str]:
    if service is None:
        return ["The phone number it upgrades is not on this account any more. Remove it."]
    if service.open_order:
        return [f"{service.phone_number} is being upgraded by {service.open_order} already. Remove it."]
    if service.eligibility.eligible:
        return []
    if service.ended_at is None and account.allows_upgrade_override and tidied(line.override_reason):
        return []
    return [f"{service.phone_number} cannot be upgraded. {service.eligibility.why}"]


def usual_information(actor: Actor, account: Account, content: Content) -> Information:
    """The ordering information: as typed, or until then what is likely."""
    if content.informed:
        return content.information
    sites = [site.id for site in locations_of(actor, account.id)]
    last = db.session.scalars(
        select(HardwareOrder.ship_to_location_id)
        .where(
            within(actor, HardwareOrder),
            HardwareOrder.account_id == account.id,
            HardwareOrder.submitted_by_id == actor.id,
        )
        .order_by(HardwareOrder.id.desc())
        .limit(1)
    ).one_or_none()
    likely = last if last in sites else sites[0] if len(sites) == 1 else None
    return Information(requester=actor.name, ship_to_location_id=likely)


@dataclass(frozen=True, slots=True)
class KeptBasket:
    """A basket somebody has begun, in a list."""

    account_id: int
    name: str
    count: int
    updated_at: datetime


def kept_baskets(actor: Actor, *, limit: int = 20) -> list[KeptBasket]:
    """The actor's baskets that hold something, the latest first."""
    rows = db.session.execute(
        select(Basket.account_id, Account.name, Basket.content, Basket.updated_at)
        .join(Account, Account.id == Basket.account_id)
        .where(within(actor, Basket), Basket.person_id == actor.id)
        .order_by(Basket.updated_at.desc())
        .limit(200)
    )
    kept = []
    for account_id, name, document, updated_at in rows:
        count = sum(line.quantity for line in read(document)[0].lines)
        if count:
            kept.append(KeptBasket(account_id, name, count, updated_at))
    return kept[:limit]


def recent_accounts(actor: Actor, *, limit: int = 8) -> list[tuple[int, str, str]]:
    """The accounts the actor ordered for lately: key, name, platform's name."""
    latest = db.session.scalars(
        select(HardwareOrder.account_id)
        .where(within(actor, HardwareOrder), HardwareOrder.submitted_by_id == actor.id)
        .order_by(HardwareOrder.id.desc())
        .limit(50)
    )
    wanted = list(dict.fromkeys(latest))[:limit]
    found = db.session.scalars(visible(actor, Account).where(Account.id.in_(wanted)))
    names = {account.id: (account.id, account.name, account.platform.name) for account in found}
    return [names[key] for key in wanted if key in names]
