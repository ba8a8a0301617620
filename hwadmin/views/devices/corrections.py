"""A device is not the right one: correcting its identifier, or letting another one take its place."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.permissions import Permission
from hwadmin.errors import NotFound
from hwadmin.forms.devices.devices import ReplaceForm
from hwadmin.identifiers import IdentifierKind
from hwadmin.models import Device, order_id_of, reference
from hwadmin.operations.devices.placement import name_of, refuse_if_retired
from hwadmin.operations.fulfillment.corrections.identifier_corrections import correct_identifier
from hwadmin.operations.fulfillment.corrections.replacements import replace_device
from hwadmin.queries.devices.devices import device_row
from hwadmin.queries.scope import find
from hwadmin.web.access import current_actor
from hwadmin.web.form_pages import FormPagesView


class DeviceCorrectionsView(FormPagesView):
    """The page behind “Replace” on a device and on the unit it fulfills."""

    permissions = {
        "replace_form": Permission.DEVICES_REPLACE,
        "replace": Permission.DEVICES_REPLACE,
    }

    def __init__(self) -> None:
        super().__init__(name="Device corrections", endpoint="device_corrections", url="/devices")

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
        identifier, reason = form.identifier.data or "", form.reason.data
        broken = form.what.data == ReplaceForm.BROKEN
        result, refused = self.done(
            lambda: (
                replace_device(actor, key, identifier=identifier, reason=reason, label=form.label())
                if broken
                else correct_identifier(actor, key, identifier=identifier, reason=reason)
            ),
            form,
            at="identifier",
        )
        if refused:
            return self._replace_page(form, find(actor, Device, key), refused)
        now, warnings = result
        flash(
            f"{name_of(now)} has taken the place of {before}."
            if broken
            else f"{before} is {name_of(now)} now; the former identifier is free again.",
            "success",
        )
        for warning in warnings:
            flash(warning.replace("; the order says", "; it is registered as a"), "warning")
        order = _referring_order()
        if order is not None:
            return redirect(url_for("order.show", reference=order))
        return redirect(url_for("devices.details_view", key=now.id))

    def _replace_page(self, form: ReplaceForm, device: Device, status: int = 200) -> ResponseReturnValue:
        row = device_row(current_actor(), device.id)
        if row is None:
            raise NotFound("There is no such device.")
        order = _referring_order()
        crumbs = [("Devices", url_for("devices.index_view"))]
        if order is not None:
            crumbs = [
                ("Hardware Orders", url_for("orders.index_view")),
                (order, url_for("order.show", reference=order)),
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


def _referring_order() -> str | None:
    """The order whose page led here, which is where one goes back to."""
    order_id = order_id_of(request.args.get("order", ""))
    return None if order_id is None else reference(order_id)
