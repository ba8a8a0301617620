"""Requests about orders."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hwadmin.domain.orders.waiting import WaitsFor
from hwadmin.domain.row_ids import MAX_ID
from hwadmin.operations.orders.submission.new_order import MAX_PER_LINE
from hwadmin.schemas.request_models.base import (
    Changed,
    Digits,
    ExternalKey,
    Flag,
    Lines,
    Moment,
    NewShareRequest,
    OneLine,
    Query,
    RequestModel,
    RowId,
    Search,
    Sku,
    Status,
)

Quantity = Annotated[int, Field(ge=1, le=MAX_PER_LINE)]


class NewIntentRequest(RequestModel):
    """For whom and where a unit is planned; a handset's ``base`` counts the order's base units from 1."""

    employee_id: RowId | None = None
    location_id: RowId | None = None
    base: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None
    user_name: OneLine | None = Field(
        None, max_length=200, description="Whose it will be; by default the employee's name."
    )
    user_number: OneLine | None = Field(None, max_length=60)
    accounting_codes: list[NewShareRequest] | None = Field(
        None, max_length=20, description="100 percent in all; null: what the employee's devices usually are."
    )
    phone_line_id: RowId | None = Field(None, description="The phone line a mobile upgrades.")
    upgrade_reason: Lines | None = Field(None, max_length=2000)
    override_reason: Lines | None = Field(
        None, max_length=2000, description="Why it is upgraded although the phone line is not eligible."
    )


class _ChosenLine(RequestModel):
    """A catalog item in a variant, and how many."""

    sku: Sku
    quantity: Quantity
    size: OneLine | None = Field(None, max_length=40)
    color: OneLine | None = Field(None, max_length=40)
    term_months: Annotated[int, Field(ge=0, le=120)] | None = Field(
        None, description="The contract term; 0: none."
    )
    mobile_carrier: OneLine | None = Field(None, max_length=60)


class NewLineRequest(_ChosenLine):
    """A catalog item, how many, and the intents of the first units."""

    from_spare_device_id: RowId | None = Field(
        None, description="A spare device of the account to take instead of buying one; the quantity is 1."
    )
    accessory_of: Annotated[int, Field(ge=0, lt=500)] | None = Field(
        None, description="The place in this list, from 0, of the line of the device an accessory goes with."
    )
    intents: list[NewIntentRequest] = Field([], max_length=MAX_PER_LINE)


class NewOrderRequest(RequestModel):
    """An order for an account."""

    account_id: RowId
    lines: list[NewLineRequest] = Field(min_length=1, max_length=500)
    external_id: ExternalKey | None = Field(None, description="Your own key for the order.")
    requester: OneLine | None = Field(None, max_length=200)
    notify: list[Annotated[OneLine, Field(max_length=254)]] = Field(
        [], max_length=20, description="E-mail addresses."
    )
    ship_to_location_id: RowId | None = None
    attention: OneLine | None = Field(None, max_length=200)
    notes: Lines | None = Field(None, max_length=4000)
    reason: Lines | None = Field(None, max_length=2000)
    accounting_codes: list[Annotated[OneLine, Field(min_length=1, max_length=60)]] = Field([], max_length=50)


class OrderingInformation(RequestModel):
    """What was stated with an order besides its lines; what is left out stays, null clears."""

    external_id: ExternalKey | None = Field(None, description="Your own key for the order.")
    requester: OneLine | None = Field(None, max_length=200)
    notify: list[Annotated[OneLine, Field(max_length=254)]] | None = Field(
        None, max_length=20, description="E-mail addresses."
    )
    ship_to_location_id: RowId | None = None
    attention: OneLine | None = Field(None, max_length=200)
    notes: Lines | None = Field(None, max_length=4000)
    reason: Lines | None = Field(None, max_length=2000)
    accounting_codes: list[Annotated[OneLine, Field(min_length=1, max_length=60)]] | None = Field(
        None, max_length=50
    )


class LineQuantity(_ChosenLine):
    """How many of a line the order shall have: the one of the id, or of the SKU in the stated variant."""

    id: RowId | None = Field(
        None, description="The line, by its id; then nothing that was chosen of it need be stated."
    )
    from_spare_device_id: RowId | None = Field(
        None, description="Keeps the line of this spare; spares are chosen when an order is made."
    )
    accessory_of: Annotated[int, Field(ge=0, lt=500)] | None = Field(
        None,
        description="The place in this list, from 0, of the line of the device a new accessory goes with.",
    )


class OrderLines(RequestModel):
    """The lines the order shall have; a line not stated is removed."""

    lines: list[LineQuantity] = Field(min_length=1, max_length=500)


class UnitIntent(RequestModel):
    """What is planned for a unit; what is left out stays, null clears."""

    unit_id: RowId
    employee_id: RowId | None = None
    location_id: RowId | None = None
    base_unit_id: RowId | None = Field(None, description="A base unit of the same order, for a handset.")
    accounting_codes: list[NewShareRequest] | None = Field(
        None, max_length=20, description="100 percent in all; only while the order is pending."
    )
    upgrade_reason: Lines | None = Field(
        None, max_length=2000, description="Only while the order is pending."
    )


class UnitIntents(RequestModel):
    """What is planned for units; a unit that is not stated stays as it is."""

    units: list[UnitIntent] = Field(min_length=1, max_length=5000)


class NewNoteRequest(RequestModel):
    """An internal note."""

    text: Lines = Field(min_length=1, max_length=4000)


class MomentQuery(Query):
    """At which moment."""

    at: Moment | None = Field(None, description="A moment, with its offset from UTC; by default now.")


class OrderQuery(Changed):
    """Which orders."""

    status: Status | None = None
    platform: Digits | None = None
    account: Digits | None = None
    q: Search | None = Field(
        None, description="A reference, an identifier, or words of account and platform."
    )
    placed: Flag | None = Field(
        None,
        description="Whether it was placed with a distributor. False leaves out orders from spares.",
    )
    waits_for: Annotated[WaitsFor, Field(strict=False)] | None = Field(
        None, description="What they wait for next."
    )
    late: Flag | None = Field(None, description="Whether they have waited longer than they should.")
