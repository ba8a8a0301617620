"""From what an operation refuses to the fields of the account form: each problem where it was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hwadmin.errors import InvalidInput
from hwadmin.forms.accounts.creation import AccountFormInput, LineInput, RowInput
from hwadmin.views.accounts.hardware_lines import RequestedLine

# The id of a field, or "form", and the sentences about it.
Errors = dict[str, list[str]]

_FIELDS = {
    "platform_id": "platform",
    "name": "name",
    "ship_to_location_id": "ship_to",
    "attention": "attention",
    "notes": "notes",
    "requester": "requester",
    "notify": "notify",
    "locations": "locations",
    "employees": "employees",
    "lines": "lines",
}
_ROW = re.compile(r"(locations|employees)\.(\d+)\.(\w+)")
_LINE = re.compile(r"lines\.(\d+)\.(sku|quantity|intents|size|color|mobile_carrier|term_months)")
_UNIT = re.compile(r"lines\.(\d+)\.intents\.(\d+)\.(employee|location|base|accounting_codes)(?:_id)?")

_WORDS = {
    "platform": "Platform",
    "name": "Account name",
    "requester": "Requester",
    "notify": "Notify",
    "ship_to": "Shipping Location",
    "attention": "Attention",
    "notes": "Notes for the distributor",
    "locations": "Locations",
    "employees": "Employees",
    "lines": "Line items",
}
_PARTS = {
    "employee_number": "number",
    "email": "e-mail",
    "sku": "item",
    "code": "accounting codes",
}
# Where a problem with a line is corrected; anything else of it at its quantity.
_LINE_FIELDS = {
    "sku": "sku",
    "size": "size",
    "color": "color",
    "mobile_carrier": "carrier",
    "term_months": "term",
}
# What is wrong with all codes of a unit stands at the first.
_UNIT_FIELDS = {"accounting_codes": "code-0"}
# The order of the page.
_PAGE = (
    "form",
    "platform",
    "name",
    "locations",
    "employees",
    "lines",
    "requester",
    "notify",
    "ship_to",
    "attention",
    "notes",
)
_MOST_LISTED = 20


def by_field(
    refusal: InvalidInput,
    *,
    locations: Sequence[int] = (),
    employees: Sequence[int] = (),
    lines: Sequence[RequestedLine] = (),
) -> Errors:
    """The sentences by the id of their field.

    Args:
        refusal: the operation's refusal, rows counted as they were sent.
        locations: the keys of the rows that were sent.
        employees: the keys of the rows that were sent.
        lines: the lines that were sent.
    """
    keys = {"locations": locations, "employees": employees}
    # What follows from a line that is refused itself is no news: its plans are not looked up, and others
    # miss its bases.
    spoiled = {m[1] for error in refusal.errors if (m := _LINE.fullmatch(error.field))}
    errors: Errors = {}
    for error in refusal.errors:
        # Of several addresses in one field each has a place of its own.
        name = "notify" if error.field.startswith("notify.") else error.field
        field, message = _FIELDS.get(name, "form"), error.message
        if match := _ROW.fullmatch(error.field):
            field = f"{match[1]}-{keys[match[1]][int(match[2])]}-{match[3]}"
        elif match := _LINE.fullmatch(error.field):
            line = lines[int(match[1])]
            part = _LINE_FIELDS.get(match[2], "quantity")
            if part == "sku" and line.problem:
                part, message = line.problem.field, line.problem.message
            elif part == "sku" and not line.planned.line.sku:
                message = "Choose an item from the catalog, or remove this line."
            field = f"lines-{line.key}-{part}"
        elif match := _UNIT.fullmatch(error.field):
            if match[1] in spoiled or (match[3] == "base" and spoiled):
                continue
            part = _UNIT_FIELDS.get(match[3], match[3])
            field = f"lines-{lines[int(match[1])].key}-units-{int(match[2]) + 1}-{part}"
        errors.setdefault(field, []).append(message)
    return errors


def summary(
    errors: Mapping[str, Sequence[str]], form_input: AccountFormInput
) -> list[tuple[str | None, str, str]]:
    """What is wrong, in the order of the page: id of the field (None: the whole form), its name, sentence."""
    places = {
        "locations": _places(form_input.locations),
        "employees": _places(form_input.employees),
        "lines": _places(form_input.lines),
    }
    listed = [
        (_order(field), None if field == "form" else field, _words(field, places), " ".join(sentences))
        for field, sentences in errors.items()
    ]
    listed.sort(key=lambda entry: entry[0])
    listing = [(field, words, sentence) for _, field, words, sentence in listed[:_MOST_LISTED]]
    if len(listed) > _MOST_LISTED:
        listing.append((None, "", f"And {len(listed) - _MOST_LISTED:,} more, each marked at its field."))
    return listing


def _places(rows: Sequence[RowInput | LineInput]) -> dict[int, int]:
    return {row.key: place for place, row in enumerate(rows, 1)}


def _order(field: str) -> tuple[int, tuple[tuple[int, str], ...]]:
    section, *rest = field.split("-")
    return _PAGE.index(section), tuple((int(part), "") if part.isdigit() else (0, part) for part in rest)


def _words(field: str, places: Mapping[str, Mapping[int, int]]) -> str:
    section, *rest = field.split("-")
    if not rest:
        return _WORDS.get(field, "")
    place = places[section].get(int(rest[0]), 0)
    noun = "Line item" if section == "lines" else section[:-1].capitalize()
    unit, part = (f", unit {rest[2]}", rest[3]) if rest[1] == "units" else ("", rest[-1])
    return f"{noun} {place}{unit}, {_PARTS.get(part, part)}"
