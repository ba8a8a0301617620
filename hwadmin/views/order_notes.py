"""Internal notes on an order, on its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.errors import InvalidInput
from hwadmin.models import reference as reference_of
from hwadmin.operations.notes import add_note, remove_note
from hwadmin.permissions import Permission
from hwadmin.uow import transact
from hwadmin.views.gate import current_actor
from hwadmin.views.order_pages import NoteTyped, order_link, said_order, shown_order


class OrderNotes:
    """What super-admins and support note about an order, unseen by its platform."""

    # OrderPages'.
    order_page: Callable[..., ResponseReturnValue]

    handlers: ClassVar[Mapping[str, Permission]] = {
        "add_note": Permission.NOTES_WRITE,
        "remove_note": Permission.NOTES_WRITE,
    }

    @expose("/<reference>/notes", methods=("POST",))
    def add_note(self, reference: str) -> ResponseReturnValue:
        """Note something."""
        actor, order_id = current_actor(), said_order(reference)
        text = request.form.get("text", "")
        try:
            transact(lambda: add_note(actor, order_id, text))
        except InvalidInput as error:
            typed = NoteTyped(text, error.errors[0].message)
            return self.order_page(shown_order(actor, reference), status=422, note=typed)
        flash(Markup("Your note on {} is saved.").format(order_link(reference)), "success")
        return redirect(url_for("orders.order", reference=reference, _anchor="notes"))

    @expose("/notes/<int:key>/remove", methods=("POST",))
    def remove_note(self, key: int) -> ResponseReturnValue:
        """Remove a note for good."""
        actor = current_actor()
        reference = reference_of(transact(lambda: remove_note(actor, key)).order_id)
        flash(Markup("The note on {} is removed.").format(order_link(reference)), "success")
        return redirect(url_for("orders.order", reference=reference, _anchor="notes"))
