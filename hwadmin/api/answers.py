"""What the API answers: explicit field lists, checked whenever an answer is made."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from hwadmin.identifiers.kinds import IdentifierKind
from hwadmin.kinds import Kind
from hwadmin.lifecycle import ManagerApproval, OrderStatus

Price = Annotated[
    str, StringConstraints(pattern=r"^[0-9]+\.[0-9]{2}$"), Field(description="An amount with two decimals.")
]
Moment = Annotated[AwareDatetime, Field(description="UTC, ISO 8601.")]
Reference = Annotated[str, StringConstraints(pattern=r"^HW-[0-9]{6,18}$"), Field(examples=["HW-000123"])]
Outcome = Literal["created", "linked", "skipped", "refused", "empty"]


class Answer(BaseModel):
    """Checked strictly when made: an answer that does not fit its schema is a fault, and undoes the deed."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Page(Answer):
    """One page of a list; ``next_cursor`` leads to the next one and is null on the last."""

    # Narrowed by each list; here only for its place, before the cursor.
    items: list[Any]
    next_cursor: str | None


class Named(Answer):
    """A row of another list, by its key and its name."""

    id: int
    name: str


class Somebody(Answer):
    """Who did something: a person, a service account or the command line, by the name they had then."""

    name: str


# ---- Catalog


class Term(Answer):
    """A contract term, and the price of the item with it."""

    months: int
    price: Price


class CatalogItem(Answer):
    """What a platform sells."""

    sku: str
    make: str
    model: str
    kind: Kind
    identifier_kind: IdentifierKind | None
    unit_price: Price
    currency: str
    max_handsets: int | None
    mobile_carrier: str | None
    color: str | None
    size: str | None
    terms: list[Term]
    archived: bool


class CatalogPage(Page):
    """One page of the catalog."""

    items: list[CatalogItem]


# ---- Accounts


class Location(Answer):
    """A site of an account."""

    id: int
    name: str
    address: str


class Employee(Answer):
    """A person on an account."""

    id: int
    name: str
    email: str | None
    employee_number: str | None


class Account(Answer):
    """A platform's customer, with its present locations and employees."""

    id: int
    name: str
    platform: Named
    locations: list[Location]
    employees: list[Employee]


class AccountPage(Page):
    """One page of accounts."""

    items: list[Account]


class LocationPage(Page):
    """One page of an account's locations."""

    items: list[Location]


class EmployeePage(Page):
    """One page of an account's employees."""

    items: list[Employee]


# ---- Devices


class Device(Answer):
    """A real desk phone, base, handset or mobile of an account. A handset's location is its base's."""

    id: int
    kind: Kind
    make: str
    model: str
    sku: str
    identifier: str
    identifier_kind: IdentifierKind
    identifier_display: str
    account: Named
    employee: Named | None
    location: Named | None
    base_device_id: int | None
    slot: int | None
    order_reference: Reference | None
    unit_id: int | None


class DevicePage(Page):
    """One page of devices."""

    items: list[Device]


# ---- Orders


class Line(Answer):
    """A catalog item times a quantity, with what the catalog said when it was ordered."""

    sku: str
    make: str
    model: str
    kind: Kind
    quantity: int
    unit_price: Price
    currency: str


class Unit(Answer):
    """One physical piece of an order, for whom and where it is planned, and the device it became."""

    id: int
    sku: str
    kind: Kind
    identifier_kind: IdentifierKind | None
    employee: Named | None
    location: Named | None
    base_unit_id: int | None
    identifier: str | None
    device_id: int | None
    outcome: Literal["created", "linked"] | None
    fulfilled_at: Moment | None


class Placement(Answer):
    """The order at the distributor, as somebody has said it was placed."""

    distributor: str | None
    distributor_reference: str | None
    ordered_on: date | None
    placed_at: Moment
    placed_by: Somebody


class Order(Answer):
    """A hardware order."""

    reference: Reference
    status: OrderStatus
    status_label: str
    version: int
    platform: Named
    account: Named
    lines: list[Line]
    units: list[Unit]
    fulfilled_units: int
    fulfillable_units: int
    rejection_reason: str | None
    decided_by: Somebody | None
    decided_at: Moment | None
    placement: Placement | None
    manager_approval: ManagerApproval
    created_at: Moment
    updated_at: Moment


class OrderPage(Page):
    """One page of orders, newest first. It may hold fewer than asked for where the orders are large."""

    items: list[Order]


class Event(Answer):
    """One deed in the life of an order."""

    at: Moment
    kind: str
    actor: Somebody
    reason: str | None
    summary: str
    details: dict[str, Any]


class EventPage(Page):
    """One page of events, oldest first."""

    items: list[Event]


# ---- Fulfillment


class FulfilledUnit(Answer):
    """What became of a unit, or would become of it."""

    unit_id: int
    identifier: str | None
    outcome: Outcome
    message: str
    device_id: int | None
    warnings: list[str]
    paired_to: Annotated[int | None, Field(description="The device id of the base.")]
    slot: int | None
    not_applied: list[str]


class Fulfillment(Answer):
    """One submission of identifiers: whether it was written, and the outcome of every unit."""

    order: Order
    written: bool
    units: list[FulfilledUnit]
    warnings: list[str]


# ---- Problems


class FieldProblem(Answer):
    """One problem, at the field it belongs to: a dotted path, list places counted from 0."""

    field: str
    message: str


class Problem(Answer):
    """A refusal or fault (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: Annotated[list[FieldProblem], Field(default_factory=list)]


class RefusedFulfillment(Problem):
    """A fulfillment in which units were refused, with every unit's outcome. Nothing was changed."""

    order: Order
    written: Literal[False]
    units: list[FulfilledUnit]
    warnings: list[str]
