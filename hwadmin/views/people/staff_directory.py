"""The staff directory: tokens of identity providers that push who may sign in, and what they pushed."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.forms.fields import options
from hwadmin.forms.people.staff_directory import StaffTokenForm
from hwadmin.operations.people.staff import tokens
from hwadmin.queries.people.access_rules import values_with_a_rule
from hwadmin.queries.people.staff import group_sizes, people_without_access, staff_tokens
from hwadmin.web.access import current_actor
from hwadmin.web.authentication.sign_in_rules import settings
from hwadmin.web.form_pages import FormPagesView


class StaffDirectoryView(FormPagesView):
    """What an identity provider pushes. A token's secret is on the answer that made it, and nowhere else."""

    permissions = {
        "index_view": Permission.PEOPLE_READ,
        "create_token": Permission.PEOPLE_WRITE,
        "revoke_token": Permission.PEOPLE_WRITE,
    }

    def __init__(self) -> None:
        super().__init__(name="Staff directory", endpoint="staff_directory", url="/staff-directory")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The tokens, the groups, and who is given nothing."""
        return self._page(StaffTokenForm())

    def _page(self, form: StaffTokenForm, status: int = 200) -> ResponseReturnValue:
        form.provider.choices = options((row.key, row.name) for row in settings().providers)
        return self.form_page(
            form,
            self.name,
            [("People", url_for("people.index_view"))],
            status=status,
            template="admin/hw/people/staff_directory/show.html",
            tokens=staff_tokens(),
            groups=group_sizes(),
            ruled=values_with_a_rule("groups"),
            without_access=people_without_access(),
            address=_address(),
            names={row.key: row.name for row in settings().providers},
        )

    @expose("/tokens", methods=("POST",))
    def create_token(self) -> ResponseReturnValue:
        """Make a token for an identity provider, and show its secret this once."""
        actor, form, providers = current_actor(), StaffTokenForm(), settings().providers
        form.provider.choices = options((row.key, row.name) for row in providers)
        key, name = request.form.get("provider", ""), form.name.data or ""
        made, refused = self.done(
            lambda: tokens.create_staff_token(actor, key, name=name, providers=providers), form
        )
        if refused:
            return self._page(form, refused)
        token, secret = made
        # Not after a redirect: it would travel in the session's cookie, which is signed but not secret.
        return self.render(
            "admin/hw/people/staff_directory/made.html", token=token, secret=secret, address=_address()
        )

    @expose("/tokens/<int:key>/revoke", methods=("POST",))
    def revoke_token(self, key: int) -> ResponseReturnValue:
        """End a token."""
        actor = current_actor()
        token = transact(lambda: tokens.revoke_staff_token(actor, key))
        flash(f"{token.prefix}… ({token.name}) is revoked.", "success")
        return redirect(url_for("staff_directory.index_view"), 303)


def _address() -> str:
    """Where an identity provider reaches the directory."""
    return f"{settings().base_url}/scim/staff/v2"
