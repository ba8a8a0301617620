"""What somebody says when they order: the order, its lines, and what is known of each unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from hwadmin.domain.ordering.cost_allocation import Share
from hwadmin.queries.ordering.model_choices import Variant

MAX_PER_LINE = 2000
MAX_UNITS = 5000
# Messages of problems.
QUANTITY_RANGE = f"Give a quantity from 1 to {MAX_PER_LINE:,}."
TOO_MANY_UNITS = f"Order {MAX_UNITS:,} units at most at once."


class NewIntent(NamedTuple):
    """For whom and where a unit is planned; ``base`` counts the order's base units from 1.

    A named tuple, because it is made and changed fast: an order may have thousands of units.

    Args:
        employee_id: somebody of the account's directory.
        location_id: a location of the account.
        base: which base unit of the order a handset is meant for.
        user_name: the name as it goes into the order; without an employee, somebody new to the directory.
        user_number: their employee number as it goes into the order.
        accounting_codes: what the unit is booked on; None: on what the employee's devices usually are.
        line_of_service_id: the line a mobile upgrades.
        upgrade_reason: why.
        override_reason: why although the line is not eligible, where the account allows that.
        spare_device_id: a certain spare device; None on a line of spares: any.
    """

    employee_id: int | None = None
    location_id: int | None = None
    base: int | None = None
    user_name: str | None = None
    user_number: str | None = None
    accounting_codes: Sequence[Share] | None = None
    line_of_service_id: int | None = None
    upgrade_reason: str | None = None
    override_reason: str | None = None
    spare_device_id: int | None = None

    def __bool__(self) -> bool:
        return self != _NOTHING


_NOTHING = NewIntent()


@dataclass(frozen=True, slots=True)
class NewLine:
    """A catalog item by its SKU, how many, the intents of the first units, and what was chosen of it.

    Args:
        sku: the item.
        quantity: how many.
        intents: of the first units, in order.
        term_months: the chosen term; 0 is none. Where neither term nor size is chosen, the item's own
            price counts.
        size: the chosen size; empty is none.
        color: the chosen color.
        mobile_carrier: the chosen carrier.
        from_spare: taken from the account's spare inventory.
        accessory_of: the place, from 0, of the line of the device an accessory goes with.
        line_id: of an order that is edited: the line it is.
    """

    sku: str
    quantity: int
    intents: Sequence[NewIntent] = ()
    term_months: int | None = None
    size: str | None = None
    color: str | None = None
    mobile_carrier: str | None = None
    from_spare: bool = False
    accessory_of: int | None = None
    line_id: int | None = None

    @classmethod
    def of(cls, variant: Variant, quantity: int) -> NewLine:
        """A line of a variant of a model."""
        return cls(
            variant.item.sku,
            quantity,
            term_months=variant.term_months,
            size=variant.size,
            color=variant.color,
            mobile_carrier=variant.mobile_carrier,
        )

    @property
    def names_a_variant(self) -> bool:
        """Whether anything was chosen of the item."""
        return self.names_an_option or self.color is not None or self.mobile_carrier is not None

    @property
    def names_an_option(self) -> bool:
        """Whether a term or a size was chosen, be it none."""
        return self.term_months is not None or self.size is not None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Everything a platform says when it orders."""

    account_id: int
    lines: Sequence[NewLine]
    requester: str | None = None
    notify: Sequence[str] = ()
    ship_to_location_id: int | None = None
    attention: str | None = None
    notes: str | None = None
    reason: str | None = None
    accounting_codes: Sequence[Any] = ()
    submission_key: str | None = None
    copied_from_id: int | None = None
    # The key another program knows it by.
    external_id: str | None = None
