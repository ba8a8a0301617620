"""A purchase order as PDF. Pure.

It is drawn by reportlab in a process of its own: reportlab needs 20 MB that a worker would never give back.
"""

from __future__ import annotations

import io
import json
import subprocess  # nosec B404
import sys
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from hwadmin.domain.money import money
from hwadmin.rendering.pdf_fonts import BOLD, MISSING, PLAIN, Unprintable, register_fonts
from hwadmin.rendering.purchase_order import PurchaseLine, PurchaseOrder

_PACKAGE = Path(__file__).resolve().parent.parent
_MAX_NOTES = 6000
_PATIENCE_SECONDS = 20

# All lengths are points, of which an inch has 72.
_MM = 72 / 25.4
_PAGE_WIDTH = 210 * _MM
# The frame of a page keeps six points on each side of what is within its margins.
_MARGIN = 18 * _MM
_WIDTH = _PAGE_WIDTH - 2 * (_MARGIN + 6)
_INK, _QUIET, _RULE = "#172033", "#586174", "#c9d0dc"
# The facts of the right column; all others are in the left one.
_SHIPPING = frozenset({"Ship to", "Address", "Attention"})


def as_pdf(order: PurchaseOrder, made: str) -> bytes:
    """The order as PDF; see ``draw``."""
    task = json.dumps({"order": asdict(order), "made": made}, default=str)
    drawing = subprocess.run(  # nosec B603
        [sys.executable, "-m", "hwadmin.rendering.purchase_order_pdf"],
        input=task.encode(),
        stdout=subprocess.PIPE,
        cwd=_PACKAGE.parent,
        timeout=_PATIENCE_SECONDS,
        check=True,
    )
    return drawing.stdout


def main() -> None:
    """Draw the order that standard input describes, onto standard output."""
    task = json.load(sys.stdin)
    sys.stdout.buffer.write(draw(order_of(task["order"]), task["made"]))


def order_of(values: dict[str, Any]) -> PurchaseOrder:
    """The order again, from what became of it in JSON."""
    lines = [
        PurchaseLine(
            **line
            | {price: Decimal(line[price]) for price in ("unit_price", "monthly_price")}
            | {"upgrades": tuple(line["upgrades"])}
        )
        for line in values["lines"]
    ]
    days = {day: date.fromisoformat(values[day]) for day in ("approved_on", "ordered_on") if values[day]}
    return PurchaseOrder(**values | days | {"lines": lines})


def draw(order: PurchaseOrder, made: str) -> bytes:
    """The order as PDF, A4, as many pages as it needs.

    What the font has no letters for, and what is written from right to left, is printed as a square, and the
    page says so: a name half printed must not look like a whole one.

    Args:
        order: the order.
        made: when and by whom, for the foot of each page.
    """
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    register_fonts()
    drawing = _Drawing(order)
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=22 * _MM,
        title=f"Purchase order {order.reference}",
        author=drawing.unprintable.plain(order.platform),
        initialFontName=PLAIN,
    )
    parts = drawing.parts()
    foot = drawing.unprintable.plain(f"{order.reference} · {order.platform} · {made}")

    def footer(canvas: Any, page: Any) -> None:
        canvas.saveState()
        canvas.setFont(PLAIN, 8)
        canvas.setFillColor(_color(_QUIET))
        canvas.drawString(_MARGIN + 6, 12 * _MM, foot)
        canvas.drawRightString(A4[0] - _MARGIN - 6, 12 * _MM, f"Page {page.page}")
        canvas.restoreState()

    document.build(parts, onFirstPage=footer, onLaterPages=footer)
    return file.getvalue()


class _Drawing:
    """The parts of an order's pages, for reportlab to put onto as many as they need."""

    def __init__(self, order: PurchaseOrder) -> None:
        self.order = order
        self.unprintable = Unprintable()
        self.monthly = any(line.monthly_price for line in order.lines)

    def parts(self) -> list[Any]:
        """Everything from the title to the notes."""
        from reportlab.platypus import Spacer

        parts: list[Any] = [
            self._paragraph("Purchase order", "quiet", 10.5),
            self._paragraph(self.order.reference, "bold", 20),
            Spacer(1, 5 * _MM),
            self._facts(),
            Spacer(1, 6 * _MM),
            self._lines(),
        ]
        if self.order.notes:
            parts += [Spacer(1, 6 * _MM), self._paragraph("Notes", "quiet", 8.5)]
            # A paragraph each: one alone could not be broken over two pages.
            parts += [self._paragraph(part) for part in self.order.notes[:_MAX_NOTES].split("\n")]
        if self.unprintable.any:
            warning = f"{MISSING} stands for a character this page cannot print"
            warning += "; the CSV of this order has them all."
            parts += [Spacer(1, 6 * _MM), self._paragraph(warning, "quiet", 8.5)]
        return parts

    def _paragraph(self, text: str | None, look: str = "", size: float = 9.5, *, right: bool = False) -> Any:
        """A paragraph; its look is ``quiet``, ``bold`` or nothing."""
        from reportlab.platypus import Paragraph

        marked = self.unprintable.marked(text or "").replace("\n", "<br/>")
        return Paragraph(marked, _style(look, size, right))

    def _facts(self) -> Any:
        """Two columns of facts: about the order, and where it goes."""
        from reportlab.platypus import Table

        columns = []
        for right in (False, True):
            rows = [
                [self._paragraph(name, "quiet", 8.5), self._paragraph(value)]
                for name, value in self.order.heads
                if (name in _SHIPPING) is right
            ]
            columns.append(
                Table(
                    rows or [["", ""]],
                    colWidths=[30 * _MM, _WIDTH / 2 - 34 * _MM],
                    style=[
                        ("VALIGN", (0, 0), (-1, -1), "TOP"),
                        ("LEFTPADDING", (0, 0), (-1, -1), 0),
                        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
                    ],
                )
            )
        top_left = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
        return Table([columns], colWidths=[_WIDTH / 2] * 2, style=top_left)

    def _lines(self) -> Any:
        """The table of what is ordered, with the totals below it."""
        from reportlab.platypus import LongTable

        titles = [("Qty", True), ("Item", False), ("SKU", False), ("Each", True)]
        titles += [("Each a month", True)] if self.monthly else []
        titles += [("Total", True)]
        rows = [[self._paragraph(title, "quiet", 8.5, right=right) for title, right in titles]]
        rows += [self._line(line) for line in self.order.lines]
        first_total = len(rows)
        blank = [""] * (len(titles) - 3)
        rows += [
            ["", self._paragraph(title, "bold"), *blank, self._paragraph(amount, "bold", right=True)]
            for title, amount in self._totals()
        ]
        widths = [11 * _MM, 0, 30 * _MM, 24 * _MM, *([24 * _MM] if self.monthly else []), 27 * _MM]
        widths[1] = _WIDTH - sum(widths)
        return LongTable(
            rows,
            colWidths=widths,
            repeatRows=1,
            style=[
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, _color(_INK)),
                ("LINEBELOW", (0, 1), (-1, first_total - 1), 0.4, _color(_RULE)),
                ("LINEABOVE", (0, first_total), (-1, first_total), 0.8, _color(_INK)),
                ("LEFTPADDING", (0, 0), (0, -1), 0),
                ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ],
        )

    def _line(self, line: PurchaseLine) -> list[Any]:
        item = [self._paragraph(line.title, "bold")]
        item += [self._paragraph(line.choices, "quiet", 8.5)] if line.choices else []
        item += [self._paragraph(f"Upgrade of {upgraded}", "quiet", 8.5) for upgraded in line.upgrades]
        each_month = money(line.monthly_price, line.currency) if line.monthly_price else "–"
        return [
            self._paragraph(f"{line.quantity:,}", right=True),
            item,
            self._paragraph(line.sku),
            self._paragraph(money(line.unit_price, line.currency), right=True),
            *([self._paragraph(each_month, right=True)] if self.monthly else []),
            self._paragraph(money(line.total, line.currency), right=True),
        ]

    def _totals(self) -> list[tuple[str, str]]:
        totals = []
        for currency, (now, monthly) in self.order.totals.items():
            totals.append(("Total", money(now, currency)))
            if monthly:
                totals.append(("Total a month", money(monthly, currency)))
        return totals


@cache
def _color(code: str) -> Any:
    from reportlab.lib.colors import HexColor

    return HexColor(code)


@cache
def _style(look: str, size: float, right: bool) -> Any:
    from reportlab.lib.styles import ParagraphStyle

    return ParagraphStyle(
        f"{look} {size} {right}",
        fontName=BOLD if look == "bold" else PLAIN,
        fontSize=size,
        leading=size * 1.35,
        textColor=_color(_QUIET if look == "quiet" else _INK),
        alignment=2 if right else 0,
    )


if __name__ == "__main__":
    main()
