"""Internal notes on an order, on its page."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.models import reference as reference_of
from hwadmin.operations.orders.notes import add_note, remove_note
from hwadmin.views.orders.lookups import get_order_or_404, order_id_or_404, order_link
from hwadmin.views.orders.order_page import NoteInput, order_page
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView


class OrderNotesView(GuardedView):
    """What super-admins and support note about an order, unseen by its platform."""

    permissions = {
        "add_note": Permission.NOTES_WRITE,
        "remove_note": Permission.NOTES_WRITE,
    }

    def __init__(self) -> None:
        super().__init__(endpoint="order_notes", url="/orders")

    @expose("/<reference>/notes", methods=("POST",))
    def add_note(self, reference: str) -> ResponseReturnValue:
        """Note something."""
        actor, order_id = current_actor(), order_id_or_404(reference)
        text = request.form.get("text", "")
        try:
            transact(lambda: add_note(actor, order_id, text))
        except InvalidInput as error:
            note = NoteInput(text, error.errors[0].message)
            return order_page(self, get_order_or_404(actor, reference), status=422, note=note)
        flash(Markup("Your note on {} is saved.").format(order_link(reference)), "success")
        return redirect(url_for("order.show", reference=reference, _anchor="notes"))

    @expose("/notes/<int:key>/remove", methods=("POST",))
    def remove_note(self, key: int) -> ResponseReturnValue:
        """Remove a note for good."""
        actor = current_actor()
        reference = reference_of(transact(lambda: remove_note(actor, key)).order_id)
        flash(Markup("The note on {} is removed.").format(order_link(reference)), "success")
        return redirect(url_for("order.show", reference=reference, _anchor="notes"))
