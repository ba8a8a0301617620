"""The code on the sheet and the sticker of a unit: scanned before a device's label, it says whose it is.

``HW-000123/17`` is the 17th unit of that order. The place counts the units that become devices, from 1, in
unit order: by line, then by number. It never changes once an order is approved.
"""

from __future__ import annotations

import re

# A scanner that takes the keyboard for another country's types "HWß000123-17" for the same code.
_WRITTEN = re.compile(r"HW[^0-9a-z]{0,2}([0-9]{1,18})[^0-9a-z]([0-9]{1,6})", re.IGNORECASE)


def unit_code(reference: str, place: int) -> str:
    """The code of the unit at this place of an order.

    Args:
        reference: the order's, as people say it.
        place: among the order's units that become devices, from 1.
    """
    return f"{reference}/{place}"


def read_unit_code(text: str) -> tuple[int, int] | None:
    """The key of the order and the place of the unit that a scanned code names; None if it names none."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    order_id, place = int(found[1]), int(found[2])
    return (order_id, place) if order_id and place else None
