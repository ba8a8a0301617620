"""The distributors: for super-admins."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.forms.catalog.distributors import DistributorForm
from hwadmin.models import Distributor
from hwadmin.operations.catalog.distributors import (
    DistributorFacts,
    archive_distributor,
    change_distributor,
    create_distributor,
)
from hwadmin.queries.catalog.distributors import distributors, get_distributor
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView
from hwadmin.web.form_errors import put_errors


class DistributorsView(GuardedView):
    """Who sells us the hardware."""

    permissions = {
        "index_view": Permission.DISTRIBUTORS_READ,
        "create_form": Permission.DISTRIBUTORS_WRITE,
        "create": Permission.DISTRIBUTORS_WRITE,
        "change_form": Permission.DISTRIBUTORS_WRITE,
        "change": Permission.DISTRIBUTORS_WRITE,
        "archive": Permission.DISTRIBUTORS_WRITE,
        "restore": Permission.DISTRIBUTORS_WRITE,
    }

    def __init__(self) -> None:
        super().__init__(name="Distributors", endpoint="distributors", url="/distributors")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """All distributors, the archived ones last."""
        rows = sorted(distributors(archived=True), key=lambda row: row.archived_at is not None)
        return self.render("admin/hw/catalog/distributors/list.html", heading="Distributors", rows=rows)

    def _page(
        self, form: DistributorForm, distributor: Distributor | None, status: int = 200
    ) -> ResponseReturnValue:
        return self.render(
            "admin/hw/catalog/distributors/form.html",
            form=form,
            heading=distributor.name if distributor else "New distributor",
            crumbs=[("Distributors", url_for("distributors.index_view"))],
            distributor=distributor,
        ), status

    @expose("/new/")
    def create_form(self) -> ResponseReturnValue:
        """Show the form for a new distributor."""
        return self._page(DistributorForm(), None)

    @expose("/new/", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """Create a distributor."""
        form, actor = DistributorForm(), current_actor()
        return self._save(form, None, lambda: create_distributor(actor, _facts(form)), "Created")

    @expose("/<int:key>/")
    def change_form(self, key: int) -> ResponseReturnValue:
        """Show what is known of a distributor, to be changed."""
        distributor = get_distributor(key)
        return self._page(DistributorForm(obj=distributor), distributor)

    @expose("/<int:key>/", methods=("POST",))
    def change(self, key: int) -> ResponseReturnValue:
        """Change what is known of a distributor."""
        form, actor, distributor = DistributorForm(), current_actor(), get_distributor(key)
        return self._save(form, distributor, lambda: change_distributor(actor, key, _facts(form)), "Saved")

    def _save(
        self,
        form: DistributorForm,
        distributor: Distributor | None,
        save: Callable[[], Distributor],
        verb: str,
    ) -> ResponseReturnValue:
        if not form.validate():
            return self._page(form, distributor, 422)
        try:
            saved = transact(save)
        except InvalidInput as refusal:
            put_errors(form, refusal)
            return self._page(form, distributor, 422)
        flash(f"{verb} {saved.name}.", "success")
        return redirect(url_for("distributors.index_view"))

    @expose("/<int:key>/archive", methods=("POST",))
    def archive(self, key: int) -> ResponseReturnValue:
        """Archive a distributor."""
        return self._archive(key, archived=True)

    @expose("/<int:key>/restore", methods=("POST",))
    def restore(self, key: int) -> ResponseReturnValue:
        """Offer a distributor again."""
        return self._archive(key, archived=False)

    def _archive(self, key: int, *, archived: bool) -> ResponseReturnValue:
        actor = current_actor()
        distributor = transact(lambda: archive_distributor(actor, key, archived=archived))
        outcome = "is archived: it is no longer offered" if archived else "is offered again"
        flash(f"{distributor.name} {outcome}.", "success")
        return redirect(url_for("distributors.index_view"))


def _facts(form: DistributorForm) -> DistributorFacts:
    return DistributorFacts(
        name=form.name.data,
        email=form.email.data,
        customer_number=form.customer_number.data,
        note=form.note.data,
        expected_days=form.expected_days.data,
    )
