"""Reading baskets: what is in one, what it costs today, and what of it can no longer be ordered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from decimal import Decimal
from functools import cached_property

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.money import totals
from hwadmin.domain.ordering.basket import BasketContent, BasketLine, Information, read
from hwadmin.domain.ordering.variants import VariantChoice, term_in_words, variant_words
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import tidied
from hwadmin.models import Account, Basket, HardwareOrder, Location
from hwadmin.queries.accounts.accounts import locations_of
from hwadmin.queries.accounts.phone_lines import PhoneLineDetails, account_phone_lines
from hwadmin.queries.catalog.prices import Option
from hwadmin.queries.devices.spares import Spare, spares_of
from hwadmin.queries.ordering.items import OfferedItem
from hwadmin.queries.ordering.model_choices import OfferedModel
from hwadmin.queries.ordering.offered_models import models_by_sku
from hwadmin.queries.scope import visible, within


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

    line: BasketLine
    offered: OfferedModel | None
    item: OfferedItem | None
    option: Option | None
    phone_line: PhoneLineDetails | None
    spare: Spare | None
    currency: str
    problems: tuple[str, ...]
    accessories: tuple[ShownLine, ...] = ()

    @property
    def title(self) -> str:
        """Make and model; what it was called when it was chosen where it is no longer sold."""
        return self.item.title if self.item else self.line.title or "Something no longer sold"

    @property
    def model(self) -> str:
        """The model alone, for the name of a unit."""
        return self.item.model if self.item else self.title

    @property
    def kind(self) -> Kind | None:
        """What it is; None where it is no longer in the catalog."""
        return self.item.kind if self.item else self.spare.kind if self.spare else None

    @property
    def colors(self) -> tuple[str, ...]:
        """The colors to choose from, in the size and term and for the carrier it has."""
        if self.offered is None or self.line.spare_device_id is not None:
            return ()
        line = self.line
        carrier = None if line.line_of_service_id else line.mobile_carrier or None
        return self.offered.colors_for(VariantChoice(line.size, None, carrier, line.term_months))

    @property
    def color(self) -> str:
        """The color: as chosen, or the item's own."""
        return self.line.color or (self.item.color or "" if self.item else "")

    def details(self, *, color: bool = True) -> list[str]:
        """The variant, with the color or without; what it upgrades, or that it is a spare."""
        line, item = self.line, self.item
        size = line.size or (item.sizes[0] if item and len(item.sizes) == 1 else None)
        # As chosen, the item's own, or that of the number it upgrades.
        known = (found.mobile_carrier for found in (line, item, self.phone_line) if found)
        carrier = next(filter(None, known), None)
        details = variant_words(size, self.color if color else None, line.term_months, carrier)
        if line.spare_device_id is not None:
            details.append(f"spare {self.spare.identifier}" if self.spare else "spare")
        if line.line_of_service_id is not None:
            details.append(f"upgrade of {self.phone_line.phone_number}" if self.phone_line else "upgrade")
        return details

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
        content: BasketContent,
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


def shown_basket(actor: Actor, account: Account, basket: Basket | None) -> ShownBasket:
    """A basket with today's prices, and a sentence for everything in it that can no longer be ordered."""
    content, lost = read(basket.content) if basket else (BasketContent(), 0)
    return shown_content(actor, account, content, version=basket.version if basket else 0, lost=lost)


def shown_content(
    actor: Actor, account: Account, content: BasketContent, *, version: int = 0, lost: int = 0
) -> ShownBasket:
    """The content of a basket in the same way; ``lost`` lines of it could not be read."""
    models = models_by_sku(actor, account.platform_id, {line.sku for line in content.lines})
    upgrades = any(line.line_of_service_id for line in content.lines)
    phone_lines = (
        {line.id: line for line in account_phone_lines(actor, account, ended=True)} if upgrades else {}
    )
    spare_lines = any(line.spare_device_id for line in content.lines)
    spares = {spare.device_id: spare for spare in spares_of(actor, account)} if spare_lines else {}

    def shown(line: BasketLine) -> ShownLine:
        model = models.get(line.sku)
        item = next((item for item in model.items if item.sku == line.sku), None) if model else None
        option = item.option(line.size, line.term_months) if item else None
        phone_line = phone_lines.get(line.line_of_service_id or 0)
        spare = spares.get(line.spare_device_id or 0)
        return ShownLine(
            line,
            model,
            item,
            option,
            phone_line,
            spare,
            item.currency if item else account.platform.currency,
            tuple(_problems(account, line, item, option, phone_line, spare)),
            tuple(shown(extra) for extra in content.accessories(line.key)),
        )

    notes = []
    if lost:
        notes.append(f"{lost} {'line' if lost == 1 else 'lines'} of this basket could not be read any more.")
    return ShownBasket(
        content,
        [shown(line) for line in content.lines if line.accessory_of is None],
        version=version,
        currency=account.platform.currency,
        notes=notes,
    )


def _problems(
    account: Account,
    line: BasketLine,
    item: OfferedItem | None,
    option: Option | None,
    phone_line: PhoneLineDetails | None,
    spare: Spare | None,
) -> list[str]:
    """Why a line cannot be ordered as it is, in sentences that say what to do."""
    if line.spare_device_id is not None:
        taken = "This spare device has been taken meanwhile. Remove it, or choose another."
        return [] if spare else [taken]
    if item is None:
        return ["This is not in the catalog any more. Remove it."]
    if item.archived:
        return [f"{item.title} is archived and can no longer be ordered. Remove it."]
    problems = []
    if option is None:
        chosen = " · ".join(filter(None, (line.size, term_in_words(line.term_months))))
        problems.append(f"It is no longer offered like this ({chosen}). Remove it and select it again.")
    if item.colors and line.color not in item.colors:
        gone = f"It is no longer offered in {line.color}. " if line.color else ""
        problems.append(f"{gone}Choose a color.")
    if line.line_of_service_id is not None:
        problems += _upgrade_problems(account, line, phone_line)
    return problems


def _upgrade_problems(account: Account, line: BasketLine, phone_line: PhoneLineDetails | None) -> list[str]:
    if phone_line is None:
        return ["The phone number it upgrades is not on this account any more. Remove it."]
    if phone_line.open_order:
        return [f"{phone_line.phone_number} is being upgraded by {phone_line.open_order} already. Remove it."]
    if phone_line.eligibility.eligible:
        return []
    if phone_line.ended_at is None and account.allows_upgrade_override and tidied(line.override_reason):
        return []
    return [f"{phone_line.phone_number} cannot be upgraded. {phone_line.eligibility.why}"]


def usual_information(
    actor: Actor, account: Account, content: BasketContent, locations: Sequence[Location] | None = None
) -> Information:
    """The ordering information: as typed, or until then what is likely.

    Args:
        locations: those of the account, where they are read already.
    """
    if content.informed:
        return content.information
    sites = [site.id for site in (locations_of(actor, account.id) if locations is None else locations)]
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
