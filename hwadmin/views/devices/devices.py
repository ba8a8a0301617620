"""Devices: the list, one device, and registering, changing and moving it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement

from hwadmin import identifiers
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Permission
from hwadmin.errors import NotFound
from hwadmin.forms.devices.devices import DeviceForm, MoveForm, RegisterForm
from hwadmin.forms.fields import key
from hwadmin.models import Account, Device
from hwadmin.operations.devices.devices import change_device, register_device
from hwadmin.operations.devices.placement import name_of, refuse_if_retired
from hwadmin.operations.devices.transfers import move_device
from hwadmin.queries.accounts.accounts import accounts_named, platform_choices
from hwadmin.queries.devices.conditions import device_search, in_service
from hwadmin.queries.devices.devices import (
    ORDERS,
    DeviceRow,
    device_row,
    device_rows,
    handsets_of,
    history_of,
    replaced_by,
)
from hwadmin.queries.devices.spares import reservations
from hwadmin.queries.scope import find
from hwadmin.queries.units.awaited import awaited_count, awaited_units
from hwadmin.views.devices.device_forms import edit_form, register_form
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import row_id
from hwadmin.web.reference_views import ChoiceFilter, ReferenceView

_KINDS = [(kind.value, kind.label) for kind in Kind if kind.becomes_device]
_IN_SERVICE, _RETIRED = "in service", "retired"


class DevicesView(ReferenceView):
    """Every device one is given."""

    permissions = {
        "index_view": Permission.DEVICES_READ,
        "export_rows": Permission.EXPORT,
        "ordered": Permission.DEVICES_READ,
        "details_view": Permission.DEVICES_READ,
        "register_form": Permission.DEVICES_REGISTER,
        "register": Permission.DEVICES_REGISTER,
        "edit_view": Permission.DEVICES_REGISTER,
        "change": Permission.DEVICES_REGISTER,
        "move_form": Permission.DEVICES_MOVE,
        "move": Permission.DEVICES_MOVE,
    }
    column_list = (
        "title",
        "identifier",
        "account",
        "employee",
        "location",
        "base",
        "order",
        "registered",
        "state",
    )
    column_labels = {"title": "Device", "base": "Base and slot"}
    column_filters = (
        ChoiceFilter(
            Device.platform_id,
            "Platform",
            platform_choices,
            lambda value: Device.platform_id == int(value),
            of_keys=True,
        ),
        ChoiceFilter(Device.kind, "Kind", lambda actor: _KINDS, lambda value: Device.kind == Kind(value)),
        ChoiceFilter(
            Device.retired_at,
            "State",
            lambda actor: [(_IN_SERVICE, "In service"), (_RETIRED, "Out of service")],
            lambda value: in_service() if value == _IN_SERVICE else ~in_service(),
        ),
        ChoiceFilter(
            Device.account_id,
            "Account",
            lambda actor: _account_now(),
            lambda value: Device.account_id == int(value),
            of_keys=True,
        ),
    )
    orders = ORDERS
    default_order = ("registered", True)
    dear_orders = frozenset(ORDERS) - {"registered"}
    search_hint = "Search identifier, account, employee or model"
    list_template = "admin/hw/devices/list.html"
    export_header = (
        *("Kind", "Make", "Model", "SKU", "Identifier", "Identifier as printed", "Platform", "Account"),
        *("Employee", "Location", "Base", "Slot", "Order", "Registered (UTC)"),
        *("Serial number", "Second IMEI", "MAC-ID code", "Out of service (UTC)"),
    )
    form = DeviceForm

    def __init__(self) -> None:
        super().__init__(Device, name="Devices", endpoint="devices", url="/devices")

    def searched(self, text: str) -> ColumnElement[bool]:
        return device_search(text)

    def rows(
        self, conditions: Sequence[Any], order: str, descending: bool, limit: int, offset: int
    ) -> Sequence[Any]:
        return device_rows(
            current_actor(), *conditions, order=order, descending=descending, limit=limit, offset=offset
        )

    def get_pk_value(self, model: DeviceRow) -> int:
        return model.id

    def exported(self, rows: Sequence[DeviceRow]) -> Iterator[Sequence[Any]]:
        for row in rows:
            what = (row.kind.label, row.make, row.model, row.sku, row.identifier, row.identifier_display)
            whose = (row.platform_name, row.account_name, row.employee_name, row.location_name)
            came = (row.base_identifier, row.slot, row.order_reference, row.created_at)
            yield (*what, *whose, *came, row.serial, row.second_imei, row.mac_id_code, row.retired_at)

    def render(self, template: str, **kwargs: Any) -> str:
        if template in (self.list_template, "admin/hw/devices/ordered.html"):
            kwargs["awaited_count"] = awaited_count(current_actor())
        return super().render(template, **kwargs)

    @expose("/ordered/")
    def ordered(self) -> ResponseReturnValue:
        """The units of approved orders that are not here yet, of one account if the address says so."""
        actor, page, size = current_actor(), request.args.get("page", 0, type=int), self.page_size
        of = request.args.get("account")
        account = find(actor, Account, row_id(of)) if of else None
        rows = awaited_units(
            actor, account_id=account.id if account else None, limit=size + 1, offset=page * size
        )
        return self.render(
            "admin/hw/devices/ordered.html",
            rows=rows[:size],
            account=account,
            page=page,
            more=len(rows) > size,
        )

    # ---- One device

    @expose("/<int:key>/")
    def details_view(self, key: int) -> ResponseReturnValue:
        """Everything known of a device, and what happened to it."""
        actor, row = current_actor(), _row(key)
        return self.render(
            "admin/hw/devices/device.html",
            row=row,
            handsets=handsets_of(actor, row.id) if row.kind is Kind.DECT_BASE else [],
            events=history_of(actor, row),
            successor=device_row(actor, row.replaced_by_id) if row.replaced_by_id else None,
            former=replaced_by(actor, row.id),
            kept=reservations([row.id]).get(row.id),
            may_unlink=actor.can(Permission.ORDERS_UNLINK) and row.order_reference,
            may_change=actor.can(Permission.DEVICES_REGISTER) and row.retired_at is None,
            may_move=actor.can(Permission.DEVICES_MOVE) and row.retired_at is None,
            may_replace=actor.can(Permission.DEVICES_REPLACE) and row.retired_at is None,
        )

    # ---- Registering

    def _register_page(self, form: RegisterForm, account: Account, status: int = 200) -> ResponseReturnValue:
        crumbs = [
            ("Accounts", url_for("accounts.index_view")),
            (account.name, url_for("accounts.details_view", key=account.id)),
        ]
        return self.form_page(form, "Register a device", crumbs, status=status, save="Register")

    @expose("/register/<int:account>/")
    def register_form(self, account: int) -> ResponseReturnValue:
        """Show the form for a device an account has without an order."""
        owner = find(current_actor(), Account, account)
        return self._register_page(register_form(owner), owner)

    @expose("/register/<int:account>/", methods=("POST",))
    def register(self, account: int) -> ResponseReturnValue:
        """Register a device, and say what looks odd about its identifier."""
        actor = current_actor()
        owner = find(actor, Account, account)
        form = register_form(owner)
        sku, identifier = form.sku.data or "", form.identifier.data or ""
        device, refused = self.done(
            lambda: register_device(
                actor, account, sku=sku, identifier=identifier, **form.chosen(), label=form.label()
            ),
            form,
            at="identifier",
        )
        if refused:
            return self._register_page(form, owner, refused)
        flash(f"Registered {name_of(device)} for {owner.name}.", "success")
        for warning in identifiers.warnings(
            identifiers.parse(device.identifier_kind, device.identifier), device.make
        ):
            flash(warning.replace("; the order says", "; it is registered as a"), "warning")
        return redirect(url_for("devices.details_view", key=device.id))

    # ---- Changing

    @expose("/<int:key>/edit/")
    def edit_view(self, key: int) -> ResponseReturnValue:
        """Show for whom a device is, where it stands and its base, to be changed."""
        device = find(current_actor(), Device, key)
        refuse_if_retired(device)
        return self._device_form(edit_form(device, obj=device), device, "Edit")

    @expose("/<int:key>/edit/", methods=("POST",))
    def change(self, key: int) -> ResponseReturnValue:
        """Change employee, location or base of a device."""
        actor = current_actor()
        device = find(actor, Device, key)
        form = edit_form(device)
        changed, refused = self.done(
            lambda: change_device(actor, key, **form.chosen(), label=form.label()), form
        )
        if refused:
            return self._device_form(form, device, "Edit", refused)
        flash(f"Saved {name_of(changed)}.", "success")
        return redirect(url_for("devices.details_view", key=key))

    def _device_form(
        self, form: Any, device: Device, action: str, status: int = 200, **values: Any
    ) -> ResponseReturnValue:
        crumbs = [
            ("Devices", url_for("devices.index_view")),
            (name_of(device), url_for("devices.details_view", key=device.id)),
        ]
        return self.form_page(form, f"{action} {device.title}", crumbs, status=status, **values)

    # ---- Moving

    @expose("/<int:key>/move/")
    def move_form(self, key: int) -> ResponseReturnValue:
        """Ask where a device moves, and why."""
        device = find(current_actor(), Device, key)
        refuse_if_retired(device)
        return self._move_page(MoveForm(), device)

    def _move_page(self, form: MoveForm, device: Device, status: int = 200) -> ResponseReturnValue:
        template = "admin/hw/devices/move.html"
        row = _row(device.id)
        return self._device_form(form, device, "Move", status, template=template, row=row)

    @expose("/<int:key>/move/", methods=("POST",))
    def move(self, key: int) -> ResponseReturnValue:
        """Move a device to another account."""
        actor, form = current_actor(), MoveForm()
        device = find(actor, Device, key)
        target = form.chosen_account
        if target is None:
            named = accounts_named(actor, form.account.data or "")
            if len(named) != 1:
                form.validate()
                problem = "Several accounts have this name; pick one." if named else "Pick an account."
                form.account.errors = [*form.account.errors, problem]
                return self._move_page(form, device, 422)
            target = named[0]
        account_id, reason = target, form.reason.data or ""
        try:
            moved, refused = self.done(
                lambda: move_device(actor, key, account_id, reason=reason), form, at="account"
            )
        except NotFound as refusal:
            form.account.errors = [*form.account.errors, refusal.message]
            refused = 422
        if refused:
            return self._move_page(form, device, refused)
        flash(f"Moved {name_of(moved)} to {moved.account.name}.", "success")
        return redirect(url_for("devices.details_view", key=key))


def _row(key: int) -> DeviceRow:
    row = device_row(current_actor(), key)
    if row is None:
        raise NotFound("There is no such device.")
    return row


def _account_now() -> list[tuple[str, str]]:
    """The account the list is narrowed to, which a link did; there are too many to offer them all."""
    for name, value in request.args.items():
        if name.startswith("flt") and name.endswith("_account_is"):
            with contextlib.suppress(ValueError, NotFound):
                account = find(current_actor(), Account, key(value) or 0)
                return [(str(account.id), account.name)]
    return []
