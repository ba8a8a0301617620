"""What a search finds, by sort."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Role
from hwadmin.models import reference
from hwadmin.models.catalog import title
from hwadmin.queries.devices.devices import DeviceRow

# Shown of each sort; who has more hits adds a word.
MAX_HITS = 20


@dataclass(frozen=True, slots=True)
class OrderHit:
    """An order that was found."""

    id: int
    status: OrderStatus
    created_at: datetime
    distributor: str | None
    distributor_reference: str | None
    account_name: str
    platform_name: str

    @property
    def reference(self) -> str:
        """The number of the order, as people quote it."""
        return reference(self.id)


@dataclass(frozen=True, slots=True)
class AccountHit:
    """An account that was found."""

    id: int
    name: str
    platform_name: str


@dataclass(frozen=True, slots=True)
class EmployeeHit:
    """A person on an account who was found."""

    id: int
    name: str
    email: str | None
    employee_number: str | None
    deactivated_at: datetime | None
    account_id: int
    account_name: str
    platform_name: str


@dataclass(frozen=True, slots=True)
class PlatformHit:
    """A platform whose name was searched for."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class PhoneLineHit:
    """A phone line whose number was searched for."""

    id: int
    phone_number: str
    mobile_carrier: str
    ended_at: datetime | None
    employee_id: int | None
    employee_name: str | None
    account_id: int
    account_name: str
    platform_name: str


@dataclass(frozen=True, slots=True)
class ModelHit:
    """A make and model of the catalogs that was found."""

    make: str
    model: str
    kind: Kind

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return title(self.make, self.model)


@dataclass(frozen=True, slots=True)
class PersonHit:
    """Somebody who signs in here who was found."""

    id: int
    name: str
    email: str
    role: Role
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class DistributorHit:
    """A distributor who was found."""

    id: int
    name: str
    email: str | None
    customer_number: str | None
    archived_at: datetime | None


Hit = (
    OrderHit
    | AccountHit
    | DeviceRow
    | ModelHit
    | EmployeeHit
    | PersonHit
    | PhoneLineHit
    | DistributorHit
    | PlatformHit
)
HitType = TypeVar("HitType", bound=Hit)


@dataclass(frozen=True, slots=True)
class Hits(Generic[HitType]):
    """The hits of one sort, and whether there are more."""

    rows: Sequence[HitType] = ()
    more: bool = False

    @classmethod
    def first(cls, rows: Sequence[HitType], by: Callable[[HitType], Any] | None = None) -> Hits[HitType]:
        """The hits to show; there are more if one more than that was read."""
        shown = rows[:MAX_HITS]
        return cls(sorted(shown, key=by) if by else shown, len(rows) > MAX_HITS)


@dataclass(frozen=True, slots=True)
class SearchResults:
    """All hits of a search, by sort."""

    orders: Hits[OrderHit] = field(default_factory=Hits)
    devices: Hits[DeviceRow] = field(default_factory=Hits)
    models: Hits[ModelHit] = field(default_factory=Hits)
    employees: Hits[EmployeeHit] = field(default_factory=Hits)
    people: Hits[PersonHit] = field(default_factory=Hits)
    lines: Hits[PhoneLineHit] = field(default_factory=Hits)
    accounts: Hits[AccountHit] = field(default_factory=Hits)
    distributors: Hits[DistributorHit] = field(default_factory=Hits)
    platforms: Hits[PlatformHit] = field(default_factory=Hits)

    @property
    def _sorts(self) -> list[Sequence[Hit]]:
        """The hits of each sort, in the order they are shown."""
        sorts: tuple[Hits[Any], ...] = (
            *(self.orders, self.accounts, self.employees, self.people, self.lines),
            *(self.models, self.devices, self.distributors, self.platforms),
        )
        return [hits.rows for hits in sorts]

    @property
    def every(self) -> list[Hit]:
        """All hits, whatever their sort."""
        return [hit for rows in self._sorts for hit in rows]

    def best(self, limit: int) -> list[Hit]:
        """At most so many hits, of each sort about as many; one that finds much hides no other."""
        # Each hit by its place in its sort, and so the first of all sorts before the second of any.
        places = sorted((place, sort) for sort, rows in enumerate(self._sorts) for place in range(len(rows)))[
            :limit
        ]
        return [self._sorts[sort][place] for place, sort in sorted(places, key=lambda at: (at[1], at[0]))]

    @property
    def only(self) -> Hit | None:
        """The only hit, where there is exactly one."""
        every = self.every
        return every[0] if len(every) == 1 else None
