"""A purchase order as a person sends it to a distributor: PDF, rows for a spreadsheet, plain text. Pure.

The PDF is drawn by reportlab in a process of its own: it needs 20 MB that a worker would never give back.
"""

from __future__ import annotations

import io
import json
import subprocess  # nosec B404
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from hwadmin.amounts import money

_HERE = Path(__file__).resolve().parent
_FONTS = _HERE / "static" / "fonts"
_PLAIN, _BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
# Stands for what cannot be printed, so that nobody takes what is left for the whole.
MISSING = "\N{WHITE SQUARE}"
_MOST_TEXT = 6000
_PATIENCE_SECONDS = 20


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

    @property
    def choices(self) -> str:
        """Color, size, carrier and term in words."""
        term = f"{self.term_months} months" if self.term_months else None
        return " · ".join(word for word in (self.color, self.size, self.mobile_carrier, term) if word)

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
    ship_to: str | None = None
    address: str | None = None
    attention: str | None = None
    requester: str | None = None
    notes: str | None = None
    distributor: str | None = None
    distributor_reference: str | None = None
    ordered_on: date | None = None

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
        said = [
            ("Ordered by", self.platform),
            ("For", self.account),
            ("Requested by", self.requester),
            ("Approved on", _day(self.approved_on)),
            ("Distributor", self.distributor),
            ("Their order number", self.distributor_reference),
            ("Ordered on", _day(self.ordered_on)),
            ("Ship to", self.ship_to),
            ("Address", self.address),
            ("Attention", self.attention),
        ]
        return [(name, value) for name, value in said if value]


def _day(value: date | None) -> str | None:
    return f"{value.day} {value:%b %Y}" if value else None


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
    "Their order number",
    "Notes",
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
            order.notes,
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


# ---- PDF


def as_pdf(order: PurchaseOrder, made: str) -> bytes:
    """The order as PDF; see ``draw``."""
    told = json.dumps({"order": asdict(order), "made": made}, default=str)
    drawing = subprocess.run(  # nosec B603
        [sys.executable, "-m", "hwadmin.paper"],
        input=told.encode(),
        stdout=subprocess.PIPE,
        cwd=_HERE.parent,
        timeout=_PATIENCE_SECONDS,
        check=True,
    )
    return drawing.stdout


def main() -> None:
    """Draw what standard input tells, onto standard output."""
    told = json.load(sys.stdin)
    sys.stdout.buffer.write(draw(_told_order(told["order"]), told["made"]))


def _told_order(told: dict[str, Any]) -> PurchaseOrder:
    lines = [
        PurchaseLine(
            **line
            | {price: Decimal(line[price]) for price in ("unit_price", "monthly_price")}
            | {"upgrades": tuple(line["upgrades"])}
        )
        for line in told["lines"]
    ]
    days = {day: date.fromisoformat(told[day]) for day in ("approved_on", "ordered_on") if told[day]}
    return PurchaseOrder(**told | days | {"lines": lines})


def draw(order: PurchaseOrder, made: str) -> bytes:
    """The order as PDF, A4, as many pages as it needs.

    What the font has no letters for, and what is written from right to left, is printed as a square, and the
    page says so: a name half printed must not look like a whole one.

    Args:
        order: the order.
        made: when and by whom, for the foot of each page.
    """
    from reportlab.lib.colors import HexColor
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    _register()
    ink, quiet, rule = HexColor("#172033"), HexColor("#586174"), HexColor("#c9d0dc")
    lost = _Lost()

    def style(name: str, size: float, **rest: Any) -> ParagraphStyle:
        said: dict[str, Any] = {"fontName": _PLAIN, "leading": size * 1.35, "textColor": ink}
        return ParagraphStyle(name, fontSize=size, **said | rest)

    body, small = style("body", 9.5), style("small", 8.5, textColor=quiet)
    number, strong = style("number", 9.5, alignment=2), style("strong", 9.5, fontName=_BOLD)
    strong_number = style("strong number", 9.5, fontName=_BOLD, alignment=2)
    head = style("head", 8.5, textColor=quiet)
    head_number = style("head number", 8.5, textColor=quiet, alignment=2)

    def words(text: str | None, kind: ParagraphStyle = body) -> Paragraph:
        return Paragraph(lost.marked(text or "").replace("\n", "<br/>"), kind)

    margin = 18 * mm
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=22 * mm,
        title=f"Purchase order {order.reference}",
        author=lost.plain(order.platform),
        initialFontName=_PLAIN,
    )
    # The frame of a page keeps six points on each side.
    margin += 6
    width = A4[0] - 2 * margin
    story: list[Any] = [
        words("Purchase order", style("kind", 10.5, textColor=quiet)),
        words(order.reference, style("title", 20, fontName=_BOLD)),
        Spacer(1, 5 * mm),
    ]
    # Two columns of facts: about the order, and where it goes.
    shipping = {"Ship to", "Address", "Attention"}
    columns = [
        [(name, value) for name, value in order.heads if (name in shipping) is right]
        for right in (False, True)
    ]
    facts = []
    for column in columns:
        rows: list[list[Any]] = [[words(name, small), words(value)] for name, value in column]
        rows = rows or [["", ""]]
        facts.append(
            Table(
                rows,
                colWidths=[30 * mm, width / 2 - 34 * mm],
                style=TableStyle(
                    [
                        ("VALIGN", (0, 0), (-1, -1), "TOP"),
                        ("LEFTPADDING", (0, 0), (-1, -1), 0),
                        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
                    ]
                ),
            )
        )
    story += [
        Table(
            [facts],
            colWidths=[width / 2] * 2,
            style=TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]),
        ),
        Spacer(1, 6 * mm),
    ]
    monthly = any(line.monthly_price for line in order.lines)
    titles = [("Qty", True), ("Item", False), ("SKU", False), ("Each", True)]
    titles += [("Each a month", True)] if monthly else []
    titles += [("Total", True)]
    rows = [[words(title, head_number if right else head) for title, right in titles]]
    for line in order.lines:
        item = [words(line.title, strong)]
        item += [words(line.choices, small)] if line.choices else []
        item += [words(f"Upgrade of {upgraded}", small) for upgraded in line.upgrades]
        row: list[Any] = [
            words(f"{line.quantity:,}", number),
            item,
            words(line.sku),
            words(money(line.unit_price, line.currency), number),
        ]
        each_month = money(line.monthly_price, line.currency) if line.monthly_price else "–"
        row += [words(each_month, number)] if monthly else []
        rows.append([*row, words(money(line.total, line.currency), number)])
    sums = []
    for currency, (now, a_month) in order.totals.items():
        sums.append(("Total", money(now, currency)))
        if a_month:
            sums.append(("Total a month", money(a_month, currency)))
    last = len(rows)
    blank = [""] * (len(titles) - 3)
    rows += [["", words(title, strong), *blank, words(amount, strong_number)] for title, amount in sums]
    fixed = [11 * mm, 0, 30 * mm, 24 * mm, *([24 * mm] if monthly else []), 27 * mm]
    fixed[1] = width - sum(fixed)
    story.append(
        LongTable(
            rows,
            colWidths=fixed,
            repeatRows=1,
            style=TableStyle(
                [
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("LINEBELOW", (0, 0), (-1, 0), 0.8, ink),
                    ("LINEBELOW", (0, 1), (-1, last - 1), 0.4, rule),
                    ("LINEABOVE", (0, last), (-1, last), 0.8, ink),
                    ("LEFTPADDING", (0, 0), (0, -1), 0),
                    ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
                    ("TOPPADDING", (0, 0), (-1, -1), 3),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
                ]
            ),
        )
    )
    if order.notes:
        story += [Spacer(1, 6 * mm), words("Notes", small)]
        # A paragraph each: one alone could not be broken over two pages.
        story += [words(part) for part in order.notes[:_MOST_TEXT].split("\n")]
    if lost.any:
        told = f"{MISSING} stands for a character this page cannot print; the CSV of this order has them all."
        story += [Spacer(1, 6 * mm), words(told, small)]
    foot = lost.plain(f"{order.reference} · {order.platform} · {made}")

    def footer(canvas: Any, page: Any) -> None:
        canvas.saveState()
        canvas.setFont(_PLAIN, 8)
        canvas.setFillColor(quiet)
        canvas.drawString(margin, 12 * mm, foot)
        canvas.drawRightString(A4[0] - margin, 12 * mm, f"Page {page.page}")
        canvas.restoreState()

    document.build(story, onFirstPage=footer, onLaterPages=footer)
    return file.getvalue()


@cache
def _register() -> None:
    """Make the font known to reportlab, once in a worker."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (_PLAIN, _BOLD):
        pdfmetrics.registerFont(TTFont(name, _FONTS / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(_PLAIN, normal=_PLAIN, bold=_BOLD, italic=_PLAIN, boldItalic=_BOLD)


@cache
def _printable() -> frozenset[int]:
    from reportlab.pdfbase import pdfmetrics

    fonts: list[Any] = [pdfmetrics.getFont(name) for name in (_PLAIN, _BOLD)]
    return frozenset.intersection(*(frozenset(font.face.charToGlyph) for font in fonts))


class _Lost:
    """Replaces what cannot be printed, and remembers whether there was any."""

    def __init__(self) -> None:
        self.any = False

    def plain(self, text: str) -> str:
        return "".join(self._one(character) for character in unicodedata.normalize("NFC", text))

    def marked(self, text: str) -> str:
        """The text as reportlab's markup, in which nothing of it is markup."""
        return escape(self.plain(text), quote=False)

    def _one(self, character: str) -> str:
        if character in "\n\t" or character == MISSING:
            return " " if character == "\t" else character
        if unicodedata.category(character) in {"Cc", "Cf", "Cs"}:
            return ""
        # Written from right to left, the letters would stand in the wrong order.
        backwards = unicodedata.bidirectional(character) in {"R", "AL", "AN"}
        if backwards or ord(character) not in _printable():
            self.any = True
            return MISSING
        return character


if __name__ == "__main__":
    main()
