"""Taking devices out of service: one from its page, or those that were chosen in the list."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.forms.devices.devices import RetireForm
from hwadmin.models import Device
from hwadmin.operations.fulfillment.corrections.retirements import (
    MAX_DEVICES,
    RetirementResult,
    retire_many,
)
from hwadmin.queries.devices.devices import DeviceRow, device_rows
from hwadmin.queries.devices.spares import reservations
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import row_id
from hwadmin.web.form_errors import put_errors
from hwadmin.web.form_pages import FormPagesView


class DeviceRetirementsView(FormPagesView):
    """The page behind “Retire” on a device and in the list."""

    permissions = {
        "retire_form": Permission.DEVICES_REGISTER,
        "retire": Permission.DEVICES_REGISTER,
    }

    def __init__(self) -> None:
        super().__init__(name="Device retirements", endpoint="device_retirements", url="/devices")

    @expose("/retire/")
    def retire_form(self) -> ResponseReturnValue:
        """Ask why the chosen devices go out of service, and since which day."""
        rows = _chosen(request.args.getlist("device"))
        return self._page(RetireForm(), rows) if rows else _nothing_chosen()

    @expose("/retire/", methods=("POST",))
    def retire(self) -> ResponseReturnValue:
        """Take the chosen devices out of service, and say what became of each."""
        form, rows = RetireForm(), _chosen(request.form.getlist("device"))
        if not rows:
            return _nothing_chosen()
        if not form.validate():
            return self._page(form, rows, 422)
        try:
            results = retire_many(
                current_actor(),
                [row.id for row in rows],
                reason=form.reason.data,
                on=form.on.data,
                run_each=transact,
            )
        except InvalidInput as refusal:
            put_errors(form, refusal)
            return self._page(form, rows, 422)
        return self._tell(rows, results)

    def _page(self, form: RetireForm, rows: Sequence[DeviceRow], status: int = 200) -> ResponseReturnValue:
        one = rows[0] if len(rows) == 1 else None
        crumbs = [("Devices", url_for("devices.index_view"))]
        if one is not None:
            crumbs.append((one.identifier_display, url_for("devices.details_view", key=one.id)))
        return self.form_page(
            form,
            f"Retire {one.title if one else f'{len(rows)} devices'}",
            crumbs,
            status=status,
            template="admin/hw/devices/retire.html",
            rows=rows,
            kept=reservations([row.id for row in rows]),
        )

    def _tell(self, rows: Sequence[DeviceRow], results: Sequence[RetirementResult]) -> ResponseReturnValue:
        """Say what became of each: in a message, or on a page where some were refused."""
        refused = [result.refusal for result in results if result.refusal is not None]
        if refused and len(rows) > 1:
            return self.render(
                "admin/hw/devices/retired.html",
                heading=f"{len(rows) - len(refused)} of {len(rows)} devices are out of service",
                crumbs=[("Devices", url_for("devices.index_view"))],
                results=list(zip(rows, results, strict=True)),
            )
        if refused:
            flash(refused[0].message, "error")
        else:
            subject = (
                f"{rows[0].title} {rows[0].identifier_display} is"
                if len(rows) == 1
                else f"{len(rows)} devices are"
            )
            flash(f"{subject} out of service.", "success")
        if len(rows) == 1:
            return redirect(url_for("devices.details_view", key=rows[0].id))
        return redirect(url_for("devices.index_view"))


def _nothing_chosen() -> ResponseReturnValue:
    flash("Choose the devices in the list first.", "warning")
    return redirect(url_for("devices.index_view"))


def _chosen(texts: Sequence[str]) -> list[DeviceRow]:
    """The devices a form or an address names; 404 where one of them is not the actor's to see."""
    keys = {row_id(text) for text in texts}
    if len(keys) > MAX_DEVICES:
        abort(404)
    rows = device_rows(current_actor(), Device.id.in_(keys), descending=False) if keys else []
    if len(rows) < len(keys):
        abort(404)
    return rows
