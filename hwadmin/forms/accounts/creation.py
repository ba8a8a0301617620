"""What is typed into the account form, kept exactly as typed.

The number of a row in its field names (``employees-3-name``) is its name for good: rows are added with the
next higher number and leave gaps when they go, so that a unit planned for employee 3 stays so. Forms without
scripts add and remove rows by submit buttons, which come back here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hwadmin.domain.ordering.basket import MAX_SPLITS, Split
from hwadmin.domain.ordering.variants import NO_CHOICE, VariantChoice
from hwadmin.domain.text_validation import tidied
from hwadmin.forms.fields import whole
from hwadmin.forms.ordering.steps import read_choice, read_splits

# So many units of a line are shown at first, and so many more at each demand.
SHOWN = 50
MOST_UNITS_SHOWN = 2000

ROWS = {"locations": ("name", "address"), "employees": ("name", "email", "employee_number")}
PLANS = ("employee", "location", "base")
CODE_FIELDS = tuple(f"{part}-{row}" for row in range(MAX_SPLITS) for part in ("code", "percent"))

# What is stated with an order besides its lines.
_INFORMATION = ("requester", "notify", "ship_to", "attention", "notes")

_ROW = re.compile(r"(locations|employees)-([0-9]{1,4})-(name|address|email|employee_number)")
_LINE = re.compile(r"lines-([0-9]{1,4})-(sku|quantity|shown)")
_UNIT = re.compile(r"lines-([0-9]{1,4})-units-([0-9]{1,4})-(employee|location|base|(?:code|percent)-[0-9])")
_BUTTON = re.compile(r"(locations|employees|lines|units|spread|update|platform)(?:-([0-9]{1,4}))?")
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_LAST_KEY = 9999
# More rows than anybody sends by this form; what is beyond is not read at all.
_MOST_READ = {"locations": 600, "employees": 2500, "lines": 120}


@dataclass(slots=True)
class RowInput:
    """A location or an employee, as typed."""

    key: int
    values: dict[str, str]

    @property
    def blank(self) -> bool:
        """Whether nothing was typed: such a row is passed over."""
        return not any(tidied(value) for value in self.values.values())

    @property
    def name(self) -> str:
        """Its name, for people to choose it by."""
        return tidied(self.values["name"])


@dataclass(slots=True)
class LineInput:
    """A line item, as typed, and the plans of its units by unit number."""

    key: int
    # An item, and what was chosen of its model.
    sku: str = ""
    choice: VariantChoice = NO_CHOICE
    quantity: str = "1"
    shown: int = SHOWN
    units: dict[int, dict[str, str]] = field(default_factory=dict)

    @property
    def blank(self) -> bool:
        """Whether nothing was chosen: such a line is passed over."""
        return not tidied(self.sku) and tidied(self.quantity) in ("", "1")

    @property
    def count(self) -> int:
        """How many units; 0 where that is not a number."""
        return whole(self.quantity)

    def codes(self, number: int) -> tuple[Split, ...]:
        """What a unit is booked on."""
        return read_splits(self.units.get(number, {}))


@dataclass(slots=True)
class AccountFormInput:
    """The whole form, as typed. ``submission_key`` is empty where the form did not come from us."""

    platform: str = ""
    name: str = ""
    locations: list[RowInput] = field(default_factory=list)
    employees: list[RowInput] = field(default_factory=list)
    lines: list[LineInput] = field(default_factory=list)
    requester: str = ""
    # E-mail addresses of those who are told, as typed into one field.
    notify: str = ""
    ship_to: str = ""
    attention: str = ""
    notes: str = ""
    submission_key: str = ""

    def rows(self, section: str) -> list[RowInput]:
        """The rows of a section."""
        return self.locations if section == "locations" else self.employees

    def add(self, section: str) -> int:
        """One more blank row; its key."""
        rows: Sequence[RowInput | LineInput] = self.lines if section == "lines" else self.rows(section)
        key = max((row.key for row in rows), default=-1) + 1
        if key > _LAST_KEY:
            return _LAST_KEY
        if section == "lines":
            self.lines.append(LineInput(key))
        else:
            self.rows(section).append(RowInput(key, dict.fromkeys(ROWS[section], "")))
        return key

    def remove(self, section: str, key: int) -> None:
        """Take a row away, and from the units what was planned with it."""
        if section == "lines":
            self.lines = [line for line in self.lines if line.key != key]
        elif section in ROWS:
            self.rows(section)[:] = [row for row in self.rows(section) if row.key != key]
        plan = {"lines": "base", "locations": "location", "employees": "employee"}.get(section, "")
        for line in self.lines:
            for unit in line.units.values():
                if unit.get(plan, "").split(".")[0] == str(key):
                    unit[plan] = ""
        if section == "locations" and self.ship_to == str(key):
            self.ship_to = ""

    def spread(self, key: int, employees: Sequence[str]) -> None:
        """Plan the line's units that are for nobody yet for those who have none of them, in order."""
        line = next((line for line in self.lines if line.key == key), None)
        if line is None:
            return
        numbers = range(1, min(line.count, MOST_UNITS_SHOWN) + 1)
        taken = {line.units.get(number, {}).get("employee", "") for number in numbers}
        rest = iter([employee for employee in employees if employee not in taken])
        for number in numbers:
            unit = line.units.setdefault(number, {})
            if not unit.get("employee"):
                unit["employee"] = next(rest, "")


def blank_form(submission_key: str, requester: str, *, platform: str = "") -> AccountFormInput:
    """The form as it is first shown: one empty row of each; who fills it in is who asks for it."""
    form_input = AccountFormInput(platform=platform, requester=requester, submission_key=submission_key)
    for section in ("locations", "employees", "lines"):
        form_input.add(section)
    return form_input


def read(form: Mapping[str, str]) -> AccountFormInput:
    """What was sent. Names that are none of the form's are passed over, gaps in the numbers are fine."""
    rows: dict[str, dict[int, RowInput]] = {"locations": {}, "employees": {}}
    lines: dict[int, LineInput] = {}
    for name, value in form.items():
        if match := _ROW.fullmatch(name):
            section, key, part = match[1], int(match[2]), match[3]
            if part in ROWS[section]:
                row = rows[section].setdefault(key, RowInput(key, dict.fromkeys(ROWS[section], "")))
                row.values[part] = value
        elif match := _LINE.fullmatch(name):
            line = lines.setdefault(int(match[1]), LineInput(int(match[1])))
            if match[2] == "shown":
                line.shown = min(max(whole(value), SHOWN), MOST_UNITS_SHOWN)
            else:
                setattr(line, match[2], value)
        elif match := _UNIT.fullmatch(name):
            line = lines.setdefault(int(match[1]), LineInput(int(match[1])))
            if value:
                line.units.setdefault(int(match[2]), {})[match[3]] = value
    for line in lines.values():
        line.choice = read_choice(form, f"lines-{line.key}-")
    submission_key = form.get("submission_key", "")
    return AccountFormInput(
        platform=form.get("platform", ""),
        name=form.get("name", ""),
        locations=[rows["locations"][key] for key in sorted(rows["locations"])[: _MOST_READ["locations"]]],
        employees=[rows["employees"][key] for key in sorted(rows["employees"])[: _MOST_READ["employees"]]],
        lines=[lines[key] for key in sorted(lines)[: _MOST_READ["lines"]]],
        **{name: form.get(name, "") for name in _INFORMATION},
        submission_key=submission_key if _KEY.fullmatch(submission_key) else "",
    )


def pressed(form: Mapping[str, str], form_input: AccountFormInput, employees: Sequence[str]) -> str | None:
    """Do what a button within the form asks for, if one was pressed: then the form is only shown again.

    Args:
        form: what was sent.
        form_input: the same, as read.
        employees: the values of the employees to choose from, in their order.

    Returns:
        None where the form itself was sent; else the id of the field to go on with, or nothing.
    """
    if match := _BUTTON.fullmatch(form.get("remove", "")):
        form_input.remove(match[1], int(match[2] or -1))
    elif match := _BUTTON.fullmatch(form.get("add", "")):
        button, key = match[1], int(match[2] or -1)
        if button in ("locations", "employees", "lines"):
            return f"{button}-{form_input.add(button)}-{'sku' if button == 'lines' else 'name'}"
        if button == "spread":
            form_input.spread(key, employees)
        elif button == "units":
            for line in form_input.lines:
                line.shown += SHOWN if line.key == key else 0
    return "" if "add" in form or "remove" in form else None
