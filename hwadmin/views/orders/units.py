"""Unit sheet and stickers: for whom each unit of an order is, on paper, with a code to scan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.domain.lifecycle import HAS_UNITS_TO_COME
from hwadmin.domain.permissions import Permission
from hwadmin.errors import WrongState
from hwadmin.forms.orders.orders import whole_number
from hwadmin.identifiers.unit_code import unit_code
from hwadmin.models import HardwareOrder
from hwadmin.operations.fulfillment.pairing import planned_pairing
from hwadmin.queries.units.units import UnitRow, units_of
from hwadmin.rendering.qr_code import qr_code_svg
from hwadmin.views.orders.lookups import get_order_or_404
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView


@dataclass(frozen=True, slots=True)
class StickerSheet:
    """A sheet of labels one can buy; its measures are in unit_sheet.css, under its name."""

    name: str
    label: str
    stickers: int


STICKER_SHEETS = (
    StickerSheet("a4-24", "A4, 24 labels of 70 × 37 mm", 24),
    StickerSheet("a4-21", "A4, 21 labels of 63.5 × 38.1 mm", 21),
    StickerSheet("letter-30", "Letter, 30 labels of 2⅝ × 1 inch", 30),
)


@dataclass(frozen=True, slots=True)
class SheetUnit:
    """A unit as it stands on paper."""

    unit: UnitRow
    place: int
    code: str
    picture: Markup
    # With which base, and in which slot once everything has come.
    base: str | None
    slot: int | None

    @property
    def awaited(self) -> bool:
        """Whether it is still to come."""
        return self.unit.awaited


class UnitSheetView(GuardedView):
    """The units of an order, on paper."""

    permissions = {"unit_sheet": Permission.ORDERS_READ}

    def __init__(self) -> None:
        super().__init__(endpoint="unit_sheet", url="/orders")

    @expose("/<reference>/units")
    def unit_sheet(self, reference: str) -> ResponseReturnValue:
        """All units as a list, or a sticker for each."""
        order = get_order_or_404(current_actor(), reference)
        if order.status not in HAS_UNITS_TO_COME:
            raise WrongState(
                f"{order.reference} has no unit sheet: it is {order.status.label}, and no unit comes."
            )
        layout = request.args.get("layout", "list")
        stickers = next((sheet for sheet in STICKER_SHEETS if sheet.name == layout), None)
        first = whole_number(request.args.get("first")) or 1
        only_awaited = request.args.get("which") == "awaited"
        units = [
            sheet_unit
            for sheet_unit in _sheet_units(order, units_of(order.id))
            if sheet_unit.awaited
            or (not only_awaited and (stickers is None or sheet_unit.unit.closed_at is None))
        ]
        return self.render(
            "admin/hw/orders/units.html",
            heading=f"Units of {order.reference}",
            order=order,
            units=units,
            sheet=stickers,
            sheets=STICKER_SHEETS,
            only_awaited=only_awaited,
            first=min(first, stickers.stickers) if stickers else 1,
            pages=_pages(units, stickers.stickers, first) if stickers else [],
        )


def _sheet_units(order: HardwareOrder, units: Sequence[UnitRow]) -> Iterator[SheetUnit]:
    plan = {pairing.handset.unit_id: pairing for pairing in planned_pairing(units, order.account_id).pairings}
    labels = {unit.id: unit.label for unit in units}
    by_device = {unit.device_id: unit.label for unit in units if unit.device_id is not None}
    place = 0
    for unit in units:
        if not unit.kind.becomes_device:
            continue
        place += 1
        code = unit_code(order.reference, place)
        base, slot = labels.get(unit.base_unit_id or 0), None
        if unit.base_device_id is not None:
            base, slot = by_device.get(unit.base_device_id, unit.base_identifier), unit.slot
        elif unit.id in plan:
            base, slot = plan[unit.id].base.label, plan[unit.id].slot
        yield SheetUnit(unit, place, code, qr_code_svg(code), base, slot)


def _pages(units: Sequence[SheetUnit], per_page: int, first: int) -> list[list[SheetUnit | None]]:
    """The stickers sheet by sheet; of the first sheet, those before the first free one are used already."""
    used = min(max(first, 1), per_page) - 1
    places: list[SheetUnit | None] = [*([None] * used), *units]
    return [places[start : start + per_page] for start in range(0, len(places), per_page)]
