"""A purchase order as a person sends it to a distributor: facts, rows for a spreadsheet, text. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from hwadmin.domain.dates import format_date
from hwadmin.domain.money import money
from hwadmin.domain.ordering.variants import variant_words


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """What is bought: an item in one color, size and term, times a quantity."""

    sku: str
    make: str
    model: str
    title: str
    quantity: int
    unit_price: Decimal
    monthly_price: Decimal
    currency: str
    color: str | None = None
    size: str | None = None
    mobile_carrier: str | None = None
    term_months: int | None = None
    # Which numbers it upgrades, and for whom.
    upgrades: tuple[str, ...] = ()
    # What the distributor calls it.
    article_number: str | None = None

    @property
    def choices(self) -> str:
        """Size, color, term and carrier in words, and what the distributor calls it."""
        words = variant_words(self.size, self.color, self.term_months, self.mobile_carrier)
        if self.article_number:
            words.append(f"your article {self.article_number}")
        return " · ".join(words)

    @property
    def total(self) -> Decimal:
        """Unit price times quantity."""
        return self.unit_price * self.quantity

    @property
    def total_monthly(self) -> Decimal:
        """The price per month times quantity."""
        return self.monthly_price * self.quantity


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """An approved order as the distributor needs it."""

    reference: str
    platform: str
    account: str
    approved_on: date | None
    lines: Sequence[PurchaseLine]
    # Who buys: name and address, a line each.
    buyer: str | None = None
    ship_to: str | None = None
    address: str | None = None
    attention: str | None = None
    requester: str | None = None
    notes: str | None = None
    distributor: str | None = None
    distributor_reference: str | None = None
    ordered_on: date | None = None
    # Ours, with the distributor.
    customer_number: str | None = None

    @property
    def totals(self) -> dict[str, tuple[Decimal, Decimal]]:
        """By currency: what is paid now, and per month."""
        sums: dict[str, tuple[Decimal, Decimal]] = {}
        for line in self.lines:
            now, monthly = sums.get(line.currency, (Decimal("0.00"), Decimal("0.00")))
            sums[line.currency] = now + line.total, monthly + line.total_monthly
        return sums

    @property
    def heads(self) -> list[tuple[str, str]]:
        """What stands above the items: name and value."""
        facts = [
            ("Buyer", ", ".join(self.buyer.splitlines()) if self.buyer else None),
            ("Ordered by", self.platform),
            ("For", self.account),
            ("Requested by", self.requester),
            ("Approved on", _day(self.approved_on)),
            ("Distributor", self.distributor),
            ("Our customer number", self.customer_number),
            ("Your order number", self.distributor_reference),
            ("Ordered on", _day(self.ordered_on)),
            ("Ship to", self.ship_to),
            ("Address", self.address),
            ("Attention", self.attention),
        ]
        return [(name, value) for name, value in facts if value]


def _day(value: date | None) -> str | None:
    return format_date(value) if value else None


# ---- Rows for a spreadsheet

HEADER = (
    "Order",
    "Line",
    "SKU",
    "Make",
    "Model",
    "Color",
    "Size",
    "Mobile carrier",
    "Term (months)",
    "Quantity",
    "Unit price",
    "Price per month",
    "Total",
    "Total per month",
    "Currency",
    "Upgrades",
    "Account",
    "Ship to",
    "Address",
    "Attention",
    "Distributor",
    "Your order number",
    "Buyer",
    "Notes",
    "Your article number",
)


def as_rows(order: PurchaseOrder) -> Iterator[tuple[Any, ...]]:
    """A row per line, in the columns of ``HEADER``."""
    for number, line in enumerate(order.lines, 1):
        yield (
            order.reference,
            number,
            line.sku,
            line.make,
            line.model,
            line.color,
            line.size,
            line.mobile_carrier,
            line.term_months,
            line.quantity,
            line.unit_price,
            line.monthly_price,
            line.total,
            line.total_monthly,
            line.currency,
            ", ".join(line.upgrades) or None,
            order.account,
            order.ship_to,
            order.address,
            order.attention,
            order.distributor,
            order.distributor_reference,
            order.buyer,
            order.notes,
            line.article_number,
        )


# ---- Plain text


def as_text(order: PurchaseOrder) -> str:
    """The order as text to paste into a mail or a distributor's form."""
    width = max([len(name) for name, _ in order.heads], default=0)
    text = [f"Purchase order {order.reference}", ""]
    text += [f"{name + ':':<{width + 1}} {value}" for name, value in order.heads]
    text += [""]
    for number, line in enumerate(order.lines, 1):
        text.append(f"{number}. {line.quantity} × {line.title}  (SKU {line.sku})")
        if line.choices:
            text.append(f"   {line.choices}")
        price = f"{money(line.unit_price, line.currency)} each, {money(line.total, line.currency)}"
        if line.monthly_price:
            price += f"; {money(line.monthly_price, line.currency)} a month each"
        text.append(f"   {price}")
        text += [f"   Upgrade of {number_}" for number_ in line.upgrades]
    text.append("")
    for currency, (now, monthly) in order.totals.items():
        text.append(f"Total: {money(now, currency)}")
        if monthly:
            text.append(f"Total a month: {money(monthly, currency)}")
    if order.notes:
        text += ["", "Notes:", order.notes]
    return "\n".join(text) + "\n"


# ---- The mail to the distributor


@dataclass(frozen=True, slots=True)
class DistributorMail:
    """A mail with the purchase order attached, as it is sent to a distributor."""

    recipient: str
    reply_to: str | None
    subject: str
    text: str


def distributor_mail(
    order: PurchaseOrder, *, recipient: str, sender: str, reply_to: str | None
) -> DistributorMail:
    """The mail that orders what a purchase order lists."""
    text = [
        f"Dear {order.distributor},",
        "",
        "Please deliver what this purchase order lists. It is attached as PDF and as CSV.",
        f"Please confirm it with your order number, and quote {order.reference} wherever you write to us.",
        "",
        as_text(order),
        "Kind regards",
        sender,
        *(order.buyer.splitlines() if order.buyer else ()),
    ]
    buyer = order.buyer.splitlines()[0] if order.buyer else order.platform
    return DistributorMail(
        recipient, reply_to, f"Purchase order {order.reference} from {buyer}", "\n".join(text) + "\n"
    )


def document_of(order: PurchaseOrder) -> dict[str, Any]:
    """A purchase order as JSON can hold it."""
    document: dict[str, Any] = json.loads(json.dumps(asdict(order), default=str))
    return document


def file_name(order: PurchaseOrder, extension: str) -> str:
    """What a file with the purchase order is called."""
    return f"purchase-order-{order.reference.lower()}.{extension}"
