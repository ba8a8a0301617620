"""What the API is asked: strict types, unknown fields refused. Shape only; operations check the meaning."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from hwadmin.kinds import Kind
from hwadmin.lifecycle import OrderStatus
from hwadmin.operations.ordering import MOST_PER_LINE

MOST_IN_A_PAGE = 200
_LARGEST_KEY = 2**63 - 1
# What cannot be stored or reads as something else: control characters and direction overrides.
_HIDDEN = r"\x7f-\x9f\u202a-\u202e\u2066-\u2069"
_ONE_LINE = rf"^[^\x00-\x1f{_HIDDEN}]*$"
_LINES = rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f{_HIDDEN}]*$"


OneLine = Annotated[str, StringConstraints(pattern=_ONE_LINE)]
Lines = Annotated[str, StringConstraints(pattern=_LINES)]
RowId = Annotated[int, Field(ge=1, le=_LARGEST_KEY)]
Quantity = Annotated[int, Field(ge=1, le=MOST_PER_LINE)]
Sku = Annotated[OneLine, Field(min_length=1, max_length=60)]


class Asked(BaseModel):
    """A JSON body."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Nothing(Asked):
    """No body, or an empty object."""


class NewLocation(Asked):
    """A site."""

    name: OneLine = Field(min_length=1, max_length=120)
    address: Lines | None = Field(None, max_length=300)


class NewEmployee(Asked):
    """A person on an account."""

    name: OneLine = Field(min_length=1, max_length=200)
    email: OneLine | None = Field(None, max_length=254)
    employee_number: OneLine | None = Field(None, max_length=60)


class NewAccount(Asked):
    """An account with its locations and employees."""

    name: OneLine = Field(min_length=1, max_length=200, examples=["Riverside Clinic"])
    platform_id: RowId | None = Field(
        None, description="Needed where the token is given several platforms, or all."
    )
    locations: list[NewLocation] = Field([], max_length=500)
    employees: list[NewEmployee] = Field([], max_length=2000)


class NewDevice(Asked):
    """A device an account has without an order. Any writing of the identifier is understood."""

    sku: Sku
    identifier: OneLine = Field(min_length=1, max_length=200, examples=["80:5E:C0:09:AB:DC"])
    employee_id: RowId | None = None
    location_id: RowId | None = None
    base_device_id: RowId | None = None


class NewIntent(Asked):
    """For whom and where a unit is planned; a handset's ``base`` counts the order's base units from 1."""

    employee_id: RowId | None = None
    location_id: RowId | None = None
    base: Annotated[int, Field(ge=1, le=_LARGEST_KEY)] | None = None


class NewLine(Asked):
    """A catalog item, how many, and the intents of the first units."""

    sku: Sku
    quantity: Quantity
    intents: list[NewIntent] = Field([], max_length=MOST_PER_LINE)


class NewOrder(Asked):
    """An order for an account."""

    account_id: RowId
    lines: list[NewLine] = Field(min_length=1, max_length=500)
    requester: OneLine | None = Field(None, max_length=200)
    notify: list[Annotated[OneLine, Field(max_length=254)]] = Field(
        [], max_length=20, description="E-mail addresses."
    )
    ship_to_location_id: RowId | None = None
    attention: OneLine | None = Field(None, max_length=200)
    notes: Lines | None = Field(None, max_length=4000)
    reason: Lines | None = Field(None, max_length=2000)
    accounting_codes: list[Annotated[OneLine, Field(min_length=1, max_length=60)]] = Field([], max_length=50)


class LineQuantity(Asked):
    """How many of a catalog item the order shall have."""

    sku: Sku
    quantity: Quantity


class OrderLines(Asked):
    """The lines the order shall have; a line not stated is removed."""

    lines: list[LineQuantity] = Field(min_length=1, max_length=500)


class NewPlacement(Asked):
    """What is known of the order at the distributor."""

    distributor: OneLine | None = Field(None, max_length=120)
    distributor_reference: OneLine | None = Field(None, max_length=120)
    ordered_on: date | None = None


class Reason(Asked):
    """Why, in words the platform will read."""

    reason: Lines = Field(min_length=1, max_length=2000, examples=["Ordered twice."])


class OptionalReason(Asked):
    """Why, where there is something to say."""

    reason: Lines | None = Field(None, max_length=2000)


class UnitIdentifier(Asked):
    """The identifier of a unit, in any writing; blank or null where it has not come yet."""

    unit_id: RowId
    identifier: OneLine | None = Field(max_length=200)


class Identifiers(Asked):
    """Identifiers by unit; a unit not stated is left alone. Accessories need none."""

    units: list[UnitIdentifier] = Field([], max_length=5000)


# ---- Queries


def _flag(value: Any) -> Any:
    """Only these two words: ``1`` or ``yes`` might be meant otherwise."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _digits(value: Any) -> Any:
    """Plain digits, and not all that Python reads as a number."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        return int(value)
    return value


Flag = Annotated[bool, BeforeValidator(_flag)]
Digits = Annotated[int, Field(ge=1, le=_LARGEST_KEY), BeforeValidator(_digits)]
Search = Annotated[OneLine, Field(max_length=100)]
# Words of an enumeration arrive as text.
Status = Annotated[OrderStatus, Field(strict=False)]
ItemKind = Annotated[Kind, Field(strict=False)]


class Query(BaseModel):
    """The parameters of an address."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Paged(Query):
    """Which page of a list."""

    limit: Annotated[int, Field(ge=1, le=MOST_IN_A_PAGE), BeforeValidator(_digits)] = Field(
        50, description="How many at most."
    )
    cursor: OneLine | None = Field(
        None, min_length=1, max_length=200, description="The next_cursor of the page before."
    )


class CatalogQuery(Paged):
    """What of a catalog."""

    kind: ItemKind | None = None
    make: OneLine | None = Field(None, max_length=60)
    q: Search | None = Field(None, description="Words of make, model and SKU.")
    platform: Digits | None = Field(None, description="One platform of several.")


class SearchQuery(Paged):
    """Which accounts."""

    q: Search | None = Field(None, description="Words of the account's and its platform's name.")


class DeviceQuery(Paged):
    """Which devices."""

    identifier: OneLine | None = Field(
        None, max_length=200, description="Any writing of an identifier finds it."
    )
    account: Digits | None = None


class OrderQuery(Paged):
    """Which orders."""

    status: Status | None = None
    platform: Digits | None = None
    account: Digits | None = None
    q: Search | None = Field(
        None, description="A reference, an identifier, or words of account and platform."
    )
    placed: Flag | None = Field(None, description="Whether it was marked as ordered.")


class FulfillQuery(Query):
    """How to fulfill."""

    dry_run: Flag = Field(False, description="Check only; nothing is written.")
    only_valid: Flag = Field(False, description="Write the right units even where others are refused.")
