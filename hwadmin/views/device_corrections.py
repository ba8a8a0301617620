"""A device is not the right one: correcting its identifier, or letting another one take its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.errors import NotFound
from hwadmin.forms.devices import ReplaceForm
from hwadmin.identifiers import IdentifierKind
from hwadmin.models import Device, order_id_of, reference
from hwadmin.operations.platforms import find
from hwadmin.operations.replacing import correct_identifier, replace_device
from hwadmin.operations.whereabouts import name_of, refuse_if_retired
from hwadmin.permissions import Permission
from hwadmin.queries.devices import device_row
from hwadmin.views.gate import current_actor


class DeviceCorrections:
    """The page behind “Replace” on a device and on the unit it fulfills."""

    # The reference list's.
    done: Callable[..., tuple[Any, int]]
    form_page: Callable[..., ResponseReturnValue]

    handlers: ClassVar[Mapping[str, Permission]] = {
        "replace_form": Permission.DEVICES_REPLACE,
        "replace": Permission.DEVICES_REPLACE,
    }

    @expose("/<int:key>/replace/")
    def replace_form(self, key: int) -> ResponseReturnValue:
        """Ask what is wrong with a device, and which identifier is right."""
        device = find(current_actor(), Device, key)
        refuse_if_retired(device)
        return self._replace_page(_form_for(device), device)

    @expose("/<int:key>/replace/", methods=("POST",))
    def replace(self, key: int) -> ResponseReturnValue:
        """Correct the identifier, or let the other device take this one's place."""
        actor = current_actor()
        device = find(actor, Device, key)
        form, before = _form_for(device), name_of(device)
        said, why = form.identifier.data or "", form.reason.data
        broken = form.what.data == ReplaceForm.BROKEN
        result, refused = self.done(
            lambda: (
                replace_device(actor, key, identifier=said, reason=why, label=form.label())
                if broken
                else correct_identifier(actor, key, identifier=said, reason=why)
            ),
            form,
            at="identifier",
        )
        if refused:
            return self._replace_page(form, find(actor, Device, key), refused)
        now, doubts = result
        flash(
            f"{name_of(now)} has taken the place of {before}."
            if broken
            else f"{before} is {name_of(now)} now; the former identifier is free again.",
            "success",
        )
        for doubt in doubts:
            flash(doubt.replace("; the order says", "; it is registered as a"), "warning")
        order = _order_asked_from()
        if order is not None:
            return redirect(url_for("orders.order", reference=order))
        return redirect(url_for("devices.details_view", key=now.id))

    def _replace_page(self, form: ReplaceForm, device: Device, status: int = 200) -> ResponseReturnValue:
        row = device_row(current_actor(), device.id)
        if row is None:
            raise NotFound("There is no such device.")
        order = _order_asked_from()
        crumbs = [("Devices", url_for("devices.index_view"))]
        if order is not None:
            crumbs = [
                ("Hardware Orders", url_for("orders.index_view")),
                (order, url_for("orders.order", reference=order)),
            ]
        else:
            crumbs.append((name_of(device), url_for("devices.details_view", key=device.id)))
        return self.form_page(
            form,
            f"Replace {device.title}",
            crumbs,
            status=status,
            template="admin/hw/devices/replace.html",
            row=row,
        )


def _form_for(device: Device) -> ReplaceForm:
    form = ReplaceForm()
    form.identifier.label.text = f"The right {device.identifier_kind.noun}"
    if device.identifier_kind is not IdentifierKind.IMEI:
        del form.second_imei
    return form


def _order_asked_from() -> str | None:
    """The order whose page led here, which is where one goes back to."""
    order_id = order_id_of(request.args.get("order", ""))
    return None if order_id is None else reference(order_id)
