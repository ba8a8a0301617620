"""The shape of what is typed about how an account orders."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, StringField

from hwadmin.domain.ordering.cost_allocation import Share, parse_shares
from hwadmin.forms.fields import Needed
from hwadmin.operations.accounts.settings import OrderingSettings


class SettingsForm(FlaskForm):  # type: ignore[misc]
    """How an account orders."""

    requests_menu = BooleanField(
        "End-User Requests Menu",
        description="Ordering begins with Order New Device, Upgrade Existing Device or Order Accessory.",
    )
    requires_employee_number = BooleanField(
        "Employee number required", description="Every user of an ordered device needs one."
    )
    allows_upgrade_override = BooleanField(
        "Upgrade before a line is eligible",
        description="With a reason, which the order keeps. Otherwise such a line cannot be upgraded.",
    )
    requires_manager_approval = BooleanField(
        "Manager approval required",
        description="An order waits for the employee’s manager or, where there is none, the approver below.",
    )
    approver_name = StringField("Approver", render_kw={"maxlength": 200})
    approver_email = EmailField("Approver’s e-mail", render_kw={"maxlength": 254})

    @property
    def entry(self) -> OrderingSettings:
        """What was chosen, for the operation."""
        return OrderingSettings(
            requests_menu=self.requests_menu.data,
            requires_employee_number=self.requires_employee_number.data,
            allows_upgrade_override=self.allows_upgrade_override.data,
            requires_manager_approval=self.requires_manager_approval.data,
            approver_name=self.approver_name.data,
            approver_email=self.approver_email.data,
        )


class CodeForm(FlaskForm):  # type: ignore[misc]
    """An accounting code."""

    code = StringField("Code", [Needed()], render_kw={"maxlength": 60})
    description = StringField("What it stands for", render_kw={"maxlength": 200})


class DefaultsForm(FlaskForm):  # type: ignore[misc]
    """Who approves for an employee, and what their devices are usually booked on."""

    manager = StringField(
        "Manager",
        description="Name, number or e-mail address of somebody of this account. Approves what is ordered.",
        render_kw={"maxlength": 254, "autocomplete": "off"},
    )
    accounting_codes = StringField(
        "Accounting codes",
        description="Code and percent, such as “4711 60, 4712 40”; a single code alone is 100 %.",
        render_kw={"maxlength": 1000, "autocomplete": "off"},
    )

    @property
    def shares(self) -> list[Share]:
        """The split as typed; a share that is none has no percent, and is refused for that."""
        return list(parse_shares(self.accounting_codes.data or ""))
