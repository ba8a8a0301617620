"""What the demo has made so far, by the names its tables use."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from hwadmin.demo.accounts import CUSTOMERS, ORDERS_FOR, Customer
from hwadmin.demo.numbers import Numbers
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import COMMAND_LINE, Actor
from hwadmin.models import Account, CatalogItem
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine

CUSTOMER = {customer.name: customer for customer in CUSTOMERS}


@dataclass(slots=True)
class Site:
    """An account's keys: of itself, its locations and its people who are still there."""

    id: int
    locations: dict[str, int]
    employees: dict[str, int]
    # Whose turn it is.
    turn: int = 0

    def next_people(self, count: int) -> list[int]:
        """The keys of the next people, everybody once before anybody twice."""
        keys = list(self.employees.values())
        chosen = [keys[(self.turn + place) % len(keys)] for place in range(min(count, len(keys)))]
        self.turn += len(chosen)
        return chosen


@dataclass(slots=True)
class DemoState:
    """Keys of everything, and the chance that fills in what the tables leave open."""

    random: Random
    actors: dict[str, Actor] = field(default_factory=lambda: {"command line": COMMAND_LINE})
    platforms: dict[str, int] = field(default_factory=dict)
    items: dict[tuple[str, str], CatalogItem] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    # By the name a device has in the tables: its key and its identifier.
    devices: dict[str, tuple[int, str]] = field(default_factory=dict)
    numbers: Numbers = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = Numbers(self.random)

    def remember(self, account: Account, locations: dict[str, int], employees: dict[str, int]) -> None:
        """Keep an account's keys."""
        self.sites[account.name] = Site(account.id, locations, employees)

    def orders_for(self, account: str) -> str:
        """Who orders for an account."""
        return ORDERS_FOR[CUSTOMER[account].platform]

    def item(self, account: str, sku: str) -> CatalogItem:
        """What the account's platform sells under the SKU."""
        return self.items[CUSTOMER[account].platform, sku]

    def lines(self, account: str, quantities: str, people: int | str, location_id: int) -> list[NewLine]:
        """The quantities of an order as its table says them, with the intents of their units."""
        site = self.sites[account]
        if isinstance(people, str):
            waiting = [site.employees[name] for name in people.split(", ")]
        else:
            waiting = site.next_people(people)
        counted = [
            (int(count), self.item(account, sku)) for count, sku in map(str.split, quantities.split(", "))
        ]
        bases = sum(count for count, item in counted if item.kind is Kind.DECT_BASE)
        lines = []
        for count, item in counted:
            intents = []
            for place in range(count if item.kind.becomes_device else 0):
                intents.append(
                    NewIntent(
                        employee_id=waiting.pop(0) if waiting and item.kind.has_employee else None,
                        location_id=location_id if item.kind.has_location else None,
                        base=place % bases + 1 if bases > 1 and item.kind is Kind.DECT_HANDSET else None,
                    )
                )
            lines.append(NewLine(item.sku, count, intents))
        return lines

    def somebody(self, account: str) -> str:
        """The name of somebody at the account."""
        return self.random.choice(list(self.sites[account].employees))


def customer(name: str) -> Customer:
    """What the tables say of an account."""
    return CUSTOMER[name]
