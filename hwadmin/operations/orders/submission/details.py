"""Checking what a new order states besides its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hwadmin.db.lookup import refuse_taken_key
from hwadmin.domain.people.email_addresses import normal_address
from hwadmin.domain.text_validation import Problems
from hwadmin.models import Account, HardwareOrder
from hwadmin.operations.orders.submission.new_order import NewOrder
from hwadmin.queries.units.choices import open_locations


def check_details(
    account: Account, new: NewOrder, problems: Problems, *, order_id: int = 0
) -> dict[str, Any]:
    """The columns of the order that the details go into; every problem is collected at its field.

    Args:
        account: whose order it is.
        new: what was stated.
        problems: where they are collected.
        order_id: the order that is changed; 0 for a new one.
    """
    location_id = new.ship_to_location_id
    columns: dict[str, Any] = {
        "accounting_codes": _check_codes(new.accounting_codes, problems) or None,
        "requester": problems.text("requester", new.requester, most=200),
        "attention": problems.text("attention", new.attention, most=200),
        "notes": problems.text("notes", new.notes, most=4000, lines=True),
        "reason": problems.text("reason", new.reason, most=2000, lines=True),
        "notify": _check_addresses(new.notify, problems) or None,
        "ship_to_location_id": location_id,
        "external_id": problems.external_key("external_id", new.external_id),
    }
    if columns["external_id"] is not None:
        within = HardwareOrder.platform_id == account.platform_id
        refuse_taken_key(problems, columns["external_id"], HardwareOrder.external_id, within, but=order_id)
    if location_id is not None and not open_locations(account.id, [location_id]):
        problems.add("ship_to_location_id", f"This is not a location of {account.name}.")
    return columns


def _check_codes(codes: Sequence[Any], problems: Problems) -> list[Any]:
    """The accounting codes, each a short text, or a few named ones."""
    if len(codes) > 50:
        problems.add("accounting_codes", "Give 50 accounting codes at most.")
        return []
    checked: list[Any] = []
    for number, code in enumerate(codes):
        where = f"accounting_codes.{number}"
        if isinstance(code, str):
            checked.append(problems.text(where, code, most=200))
        elif isinstance(code, Mapping) and len(code) <= 20:
            named = {
                problems.text(where, str(name), most=60): problems.text(where, str(value), most=200)
                for name, value in code.items()
                if value is not None
            }
            checked.append({name: value for name, value in named.items() if name and value})
        else:
            problems.add(where, "An accounting code is a short text.")
    return [code for code in checked if code]


def _check_addresses(addresses: Sequence[str], problems: Problems) -> list[str]:
    checked: dict[str, None] = {}
    if len(addresses) > 20:
        problems.add("notify", "Notify 20 people at most.")
        return []
    for number, address in enumerate(addresses):
        normal = normal_address(address.strip())
        if normal is None:
            problems.add(f"notify.{number}", f"“{address.strip()[:80]}” is not an e-mail address.")
        else:
            checked[normal] = None
    return list(checked)
