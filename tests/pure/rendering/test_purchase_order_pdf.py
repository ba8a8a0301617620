"""A purchase order on paper: everything a distributor needs, whatever it contains."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwadmin.rendering.pdf_fonts import MISSING
from hwadmin.rendering.purchase_order import HEADER, PurchaseLine, PurchaseOrder, as_rows, as_text
from hwadmin.rendering.purchase_order_pdf import as_pdf, draw
from tests.running import examples

NAMES = {
    "latin": "Zoë's Café & Co. <b>Łódź</b>",
    "greek": "Ελληνική Εταιρεία",
    "cyrillic": "Общество «Связь»",
    "chinese": "上海电信公司",
    "arabic": "شركة الاتصالات",
    "hebrew": "חברת תקשורת",
    "emoji": "Phones 📱 and more",
    "control": "a\x00b\x07c\u202ed\ud800",
}


def a_line(**values: Any) -> PurchaseLine:
    fields = {
        "sku": "IP17-256-BK",
        "make": "Apple",
        "model": "iPhone 17",
        "title": "Apple iPhone 17",
        "quantity": 3,
        "unit_price": Decimal("129.90"),
        "monthly_price": Decimal("24.50"),
        "currency": "EUR",
        "color": "Black",
        "size": "256 GB",
        "mobile_carrier": "Eirvoice",
        "term_months": 24,
        "upgrades": ("+353871234567 (Dana Reed)",),
    }
    return PurchaseLine(**fields | values)  # type: ignore[arg-type]


def an_order(*lines: PurchaseLine, **values: Any) -> PurchaseOrder:
    fields: dict[str, Any] = {
        "reference": "HW-000123",
        "platform": "Northwind Voice",
        "account": "Quay Clinic",
        "approved_on": date(2026, 11, 21),
        "ship_to": "Ward 3",
        "address": "1 Quay, Kinsale",
        "attention": "Dana Reed",
        "requester": "Kim Sol",
        "notes": "Back entrance.\nRing twice.",
        "distributor": "Voxport",
        "distributor_reference": "VX-1",
        "ordered_on": date(2026, 11, 22),
    }
    return PurchaseOrder(lines=lines or (a_line(),), **fields | values)


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_the_text_says_everything_and_the_totals_to_the_cent() -> None:
    text = as_text(an_order())
    for sentence in (
        "Purchase order HW-000123",
        "3 × Apple iPhone 17  (SKU IP17-256-BK)",
        "256 GB · Black · 24 months · Eirvoice",
        "€ 129.90 each, € 389.70; € 24.50 a month each",
        "Upgrade of +353871234567 (Dana Reed)",
        "Total: € 389.70",
        "Total a month: € 73.50",
        "Ship to:           Ward 3",
        "Attention:         Dana Reed",
        "Distributor:       Voxport",
        "Notes:\nBack entrance.\nRing twice.",
    ):
        assert sentence in text


def test_what_is_not_known_is_left_out() -> None:
    bare = an_order(
        a_line(
            color=None,
            size=None,
            mobile_carrier=None,
            term_months=None,
            monthly_price=Decimal(0),
            upgrades=(),
        ),
        **dict.fromkeys(("ship_to", "address", "attention", "requester", "notes", "distributor")),
        distributor_reference=None,
        ordered_on=None,
        approved_on=None,
    )
    text = as_text(bare)
    assert "None" not in text
    assert "month" not in text
    assert "Ship to" not in text
    assert pages_of(draw(bare, "made now")) == 1


def test_a_row_has_a_value_for_each_column() -> None:
    order = an_order(a_line(), a_line(sku="CASE", upgrades=()))
    rows = list(as_rows(order))
    assert [len(row) for row in rows] == [len(HEADER)] * 2
    first = dict(zip(HEADER, rows[0], strict=True))
    assert (first["Total"], first["Total per month"]) == (Decimal("389.70"), Decimal("73.50"))
    assert (first["Color"], first["Term (months)"], first["Notes"]) == (
        "Black",
        24,
        "Back entrance.\nRing twice.",
    )


def test_currencies_are_summed_apart() -> None:
    order = an_order(a_line(), a_line(currency="GBP", unit_price=Decimal("1.00")))
    assert order.totals == {
        "EUR": (Decimal("389.70"), Decimal("73.50")),
        "GBP": (Decimal("3.00"), Decimal("73.50")),
    }


@pytest.mark.parametrize("name", NAMES)
def test_no_name_breaks_the_pdf(name: str) -> None:
    name_text = NAMES[name]
    pdf = draw(
        an_order(
            a_line(title=name_text, color=name_text, upgrades=(name_text,)),
            account=name_text,
            platform=name_text,
            notes=name_text,
            address=name_text,
        ),
        f"by {name_text}",
    )
    assert pdf.startswith(b"%PDF-")
    assert pages_of(pdf) == 1


@pytest.mark.parametrize(
    ("name", "lost"),
    [("latin", False), ("greek", False), ("cyrillic", False)]
    + [(name, True) for name in ("chinese", "arabic", "hebrew", "emoji")],
)
def test_what_cannot_be_printed_is_marked_and_told(name: str, lost: bool) -> None:
    from hwadmin.rendering.pdf_fonts import Unprintable, register_fonts

    register_fonts()
    marks = Unprintable()
    printed = marks.plain(NAMES[name])
    assert (MISSING in printed, marks.any) == (lost, lost)
    assert len(printed) == len(NAMES[name])


def test_it_is_drawn_by_another_process_so_that_no_worker_keeps_what_drawing_needs() -> None:
    order = an_order(a_line(upgrades=("1 (Zoë)", "2")), a_line(monthly_price=Decimal("0.10")))
    assert pages_of(as_pdf(order, "made now")) == 1
    bare = an_order(approved_on=None, ordered_on=None, notes=None)
    assert pages_of(as_pdf(bare, "made now")) == 1
    code = "import sys, hwadmin.views.orders.purchase_orders; print('reportlab' in sys.modules)"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "False"


def test_markup_in_a_name_is_text() -> None:
    from hwadmin.rendering.pdf_fonts import Unprintable, register_fonts

    register_fonts()
    assert Unprintable().marked("<b>&amp;</b>") == "&lt;b&gt;&amp;amp;&lt;/b&gt;"


def test_a_long_order_goes_on_over_pages_and_one_long_text_too() -> None:
    many = an_order(*[a_line(sku=f"SKU-{number}", title=f"Item {number}") for number in range(120)])
    assert pages_of(draw(many, "made now")) > 2
    wordy = an_order(
        a_line(title="x" * 600, sku="y" * 60), notes="\n".join(["A long line of notes. " * 20] * 30)
    )
    assert pages_of(draw(wordy, "made now")) > 1
    one_line = an_order(notes="word " * 1100)
    assert pages_of(draw(one_line, "made now")) >= 1


@settings(max_examples=examples(25), deadline=None)
@given(text=st.text(max_size=300), upgrades=st.lists(st.text(max_size=60), max_size=3))
def test_any_text_makes_a_pdf_and_a_text(text: str, upgrades: list[str]) -> None:
    order = an_order(a_line(title=text, sku=text, upgrades=tuple(upgrades)), notes=text, account=text)
    assert draw(order, text).startswith(b"%PDF-")
    assert "Purchase order" in as_text(order)
