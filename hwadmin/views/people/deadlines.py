"""The deadlines of a platform: when what waits is due, and who sees to it."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.orders.waiting import WaitsFor, deadlines_of
from hwadmin.domain.permissions import Permission
from hwadmin.forms.fields import options
from hwadmin.forms.people.platforms import DeadlinesForm
from hwadmin.models import Platform
from hwadmin.operations.people.deadlines import set_deadlines
from hwadmin.queries.people.people import super_admin_choices
from hwadmin.queries.scope import find
from hwadmin.web.access import current_actor
from hwadmin.web.form_pages import FormPagesView


class DeadlinesView(FormPagesView):
    """The page behind “Deadlines” of a platform."""

    permissions = {
        "deadlines_form": Permission.PLATFORMS_WRITE,
        "change_deadlines": Permission.PLATFORMS_WRITE,
    }

    def __init__(self) -> None:
        super().__init__(name="Deadlines", endpoint="deadlines", url="/platforms")

    @expose("/<int:key>/deadlines/")
    def deadlines_form(self, key: int) -> ResponseReturnValue:
        """Show in how many days what waits is due, and who sees to it."""
        platform = find(current_actor(), Platform, key)
        values: dict[str, int | None] = {}
        for what, deadline in deadlines_of(platform.deadlines).items():
            values |= {f"{what}_days": deadline.days, f"{what}_owner": deadline.owner_id}
        return self._page(_form(**values), platform)

    @expose("/<int:key>/deadlines/", methods=("POST",))
    def change_deadlines(self, key: int) -> ResponseReturnValue:
        """Change the deadlines of a platform; what is open is due anew by them."""
        actor, form = current_actor(), _form()
        platform = find(actor, Platform, key)
        _, refused = self.done(lambda: set_deadlines(actor, key, form.stated()), form)
        if refused:
            return self._page(form, platform, refused)
        flash(f"Saved the deadlines of {platform.name}.", "success")
        return redirect(url_for("platforms.edit_view", key=key))

    def _page(self, form: DeadlinesForm, platform: Platform, status: int = 200) -> ResponseReturnValue:
        crumbs = [
            ("Platforms", url_for("platforms.index_view")),
            (platform.name, url_for("platforms.edit_view", key=platform.id)),
        ]
        return self.form_page(
            form,
            f"Deadlines of {platform.name}",
            crumbs,
            status=status,
            template="admin/hw/people/platforms/deadlines.html",
            whats=list(WaitsFor),
            usual=deadlines_of(None),
        )


def _form(**values: int | None) -> DeadlinesForm:
    form = DeadlinesForm(**values)
    choices = options([("", "Any super-admin"), *super_admin_choices()])
    for what in WaitsFor:
        if f"{what}_owner" in form:
            form[f"{what}_owner"].choices = choices
    return form
