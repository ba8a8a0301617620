"""The shape of what is typed about a device."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from hwadmin.forms.fields import Needed, chosen_row, key, options
from hwadmin.identifiers.label import Label

_AS_TYPED = {
    "maxlength": 200,
    "class": "code",
    "autocomplete": "off",
    "spellcheck": "false",
    "autocapitalize": "off",
}


def _serial() -> StringField:
    return StringField("Serial number", description="As printed.", render_kw=_AS_TYPED)


def _second_imei() -> StringField:
    return StringField("Second IMEI", description="Of a mobile with two SIMs.", render_kw=_AS_TYPED)


_PAIRING = "In our records. Registering the radio still happens on site."


class DeviceForm(FlaskForm):  # type: ignore[misc]
    """For whom a device is, where it stands, and its base. A view deletes what the kind does not have."""

    employee_id = chosen_row("Employee")
    location_id = chosen_row("Location")
    base_device_id = chosen_row("Base", description=_PAIRING)
    serial = _serial()
    second_imei = _second_imei()

    def chosen(self) -> dict[str, int | None]:
        """What was chosen, None for a field this kind of device does not have."""
        names = ("employee_id", "location_id", "base_device_id")
        return {name: self[name].data if name in self else None for name in names}

    def label(self) -> Label:
        """What was typed of its label, blank for what this kind of device does not have."""
        return Label(*(self[name].data or "" if name in self else "" for name in ("serial", "second_imei")))


class RegisterForm(FlaskForm):  # type: ignore[misc]
    """A device an account has without an order."""

    sku = SelectField("Device", [Needed()], choices=[])
    identifier = StringField(
        "Identifier",
        [Needed()],
        description="MAC address of a desk phone or base, IPEI of a handset, IMEI of a mobile; "
        "written in any way, as on the label.",
        render_kw=_AS_TYPED,
    )
    employee_id = chosen_row("Employee", "Not for a base, which serves a site.")
    location_id = chosen_row("Location", "Desk phones and bases only; a handset takes its base's.")
    base_device_id = chosen_row("Base", f"Handsets only. {_PAIRING}")
    serial = _serial()
    second_imei = _second_imei()

    chosen, label = DeviceForm.chosen, DeviceForm.label


class ReplaceForm(FlaskForm):  # type: ignore[misc]
    """What is wrong with a device, and the identifier that is right."""

    WRONG, BROKEN = "wrong", "broken"
    what = RadioField(
        "What is wrong?",
        choices=options([(WRONG, "It was entered wrongly"), (BROKEN, "Another device takes its place")]),
        default=WRONG,
    )
    identifier = StringField("Identifier", [Needed()], render_kw=_AS_TYPED)
    serial = _serial()
    second_imei = _second_imei()
    reason = TextAreaField("Reason", [Needed()], render_kw={"maxlength": 2000, "rows": 3})

    label = DeviceForm.label


class RetireForm(FlaskForm):  # type: ignore[misc]
    """Why devices go out of service, and since which day."""

    reason = TextAreaField(
        "Reason",
        [Needed()],
        description="Lost, stolen, broken, returned, given up: the platform can read it in the history.",
        render_kw={"maxlength": 2000, "rows": 3},
    )
    on = DateField("Since", [Optional()], description="Leave it empty for today.")


class MoveForm(FlaskForm):  # type: ignore[misc]
    """Where a device moves, and why. Without scripts the account is known by its exact name."""

    account = StringField("To account", [Needed()], render_kw={"maxlength": 200, "autocomplete": "off"})
    account_id = HiddenField()
    reason = TextAreaField(
        "Reason",
        [Needed()],
        description="Both accounts can read it in the audit log.",
        render_kw={"maxlength": 2000, "rows": 3},
    )

    @property
    def chosen_account(self) -> int | None:
        """The account picked from the suggestions, if one was."""
        try:
            return key(self.account_id.data)
        except ValueError:
            return None
