"""Unit sheet and stickers: for whom each unit of an order is, on paper, with a code to scan."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import segno
from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.forms.orders import whole_number
from hwadmin.identifiers.unit_code import unit_code
from hwadmin.models import HardwareOrder
from hwadmin.operations.pairing import planned_pairing
from hwadmin.permissions import Permission
from hwadmin.queries.units import UnitRow, units_of
from hwadmin.views.gate import current_actor
from hwadmin.views.order_pages import shown_order


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
# The white border around a code, without which a scanner does not find it.
_QUIET = 4
_DARK = re.compile(b"\x01+")


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


class OrderUnits:
    """The units of an order, on paper."""

    # Flask-Admin's.
    render: Callable[..., str]

    handlers: ClassVar[Mapping[str, Permission]] = {"unit_sheet": Permission.ORDERS_READ}

    @expose("/<reference>/units")
    def unit_sheet(self, reference: str) -> ResponseReturnValue:
        """All units as a list, or a sticker for each."""
        order = shown_order(current_actor(), reference)
        wanted = request.args.get("layout", "list")
        stickers = next((sheet for sheet in STICKER_SHEETS if sheet.name == wanted), None)
        first = whole_number(request.args.get("first")) or 1
        only_awaited = request.args.get("which") == "awaited"
        units = [
            one
            for one in _on_paper(order, units_of(order.id))
            if one.awaited or (not only_awaited and (stickers is None or one.unit.closed_at is None))
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


def _on_paper(order: HardwareOrder, units: Sequence[UnitRow]) -> Iterator[SheetUnit]:
    plan = {one.handset.unit_id: one for one in planned_pairing(units, order.account_id).pairings}
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
        yield SheetUnit(unit, place, code, picture_of(code), base, slot)


def _pages(units: Sequence[SheetUnit], per_page: int, first: int) -> list[list[SheetUnit | None]]:
    """The stickers sheet by sheet; of the first sheet, those before the first free one are used already."""
    used = min(max(first, 1), per_page) - 1
    places: list[SheetUnit | None] = [*([None] * used), *units]
    return [places[start : start + per_page] for start in range(0, len(places), per_page)]


def picture_of(code: str) -> Markup:
    """A QR code as SVG without any style of its own; the policy of the pages forbids those."""
    # The mask is given, or all eight would be made and compared: nine tenths of the time.
    matrix = segno.make_qr(code, error="m", boost_error=False, mask=2).matrix
    lines = []
    for y, row in enumerate(matrix, _QUIET):
        at = None
        # Of each row the dark runs: the first from where it is, the others from the end of the one before.
        for run in _DARK.finditer(row):
            gap = f"M{run.start() + _QUIET} {y}.5" if at is None else f"m{run.start() - at} 0"
            lines.append(f"{gap}h{run.end() - run.start()}")
            at = run.end()
    size = len(matrix) + 2 * _QUIET
    return Markup(
        '<svg class="unit-code" viewBox="0 0 {0} {0}" role="img" aria-label="Code {1}">'
        '<path fill="none" stroke="#000" shape-rendering="crispEdges" d="{2}"/></svg>'
    ).format(size, code, "".join(lines))
