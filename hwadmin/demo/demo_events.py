"""The words for what else happens in the demo: to devices, accounts, catalogs, phone lines and baskets.

Moments are written as in the tables of orders (`order_histories.py`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Register:
    """A device registered by other means; ``name`` is what the demo calls it."""

    account: str
    when: str
    sku: str
    name: str
    employee: str | None = None
    site: str | None = None
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A device moved to another account."""

    device: str
    when: str
    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody left their account."""

    account: str
    when: str
    employee: str


@dataclass(frozen=True, slots=True)
class Join:
    """Somebody came to an account."""

    account: str
    when: str
    employee: str


@dataclass(frozen=True, slots=True)
class Archive:
    """A catalog item taken off sale."""

    platform: str
    when: str
    sku: str


@dataclass(frozen=True, slots=True)
class Price:
    """A catalog item's price changed."""

    platform: str
    when: str
    sku: str
    price: str


@dataclass(frozen=True, slots=True)
class Prices:
    """What a catalog item costs by size and term: now, and per month."""

    platform: str
    when: str
    sku: str
    prices: tuple[tuple[str, int, str, str], ...]


@dataclass(frozen=True, slots=True)
class Fits:
    """The devices an accessory goes with, by SKU."""

    platform: str
    when: str
    sku: str
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Orders:
    """How an account orders; with an approver it asks for a manager's approval."""

    account: str
    when: str
    menu: bool = False
    number: bool = False
    override: bool = False
    approver: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Codes:
    """The accounting codes of an account, and what they stand for."""

    account: str
    when: str
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Books:
    """Whose manager somebody is, and what an employee's devices are booked on in percent."""

    account: str
    when: str
    employee: str
    manager: str | None
    shares: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class AddLine:
    """A phone line; days count from now, the past below zero. Its device is its user's mobile."""

    account: str
    when: str
    number: str
    carrier: str
    employee: str | None
    term: int | None
    ends: int | None
    balance: str | None = None
    eligible: int | None = None


@dataclass(frozen=True, slots=True)
class Puts:
    """Something put into a basket that waits to be confirmed; accessories go with it, one each."""

    account: str
    when: str
    sku: str
    size: str = ""
    term: int = 0
    color: str = ""
    quantity: int = 1
    accessories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saves:
    """A search somebody keeps, for colleagues too where it is shared."""

    who: str
    when: str
    page: str
    query: str
    name: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of what was chosen: in a size, for a term, in a color, as a spare, with the device before it."""

    sku: str
    size: str | None = None
    term: int | None = None
    color: str | None = None
    spare: bool = False
    with_it: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One of each, ordered for somebody; a number it upgrades, why, and why although it is not eligible."""

    account: str
    when: str
    employee: str
    lines: tuple[Piece, ...]
    upgrades: str | None = None
    reason: str | None = None
    override: str | None = None


DemoEvent = (
    Register
    | Move
    | Leave
    | Join
    | Archive
    | Price
    | Prices
    | Fits
    | Orders
    | Codes
    | Books
    | AddLine
    | Puts
    | Request
    | Saves
)
