"""An account's HR directory: how it is connected, and its tokens."""

from __future__ import annotations

from flask import abort, current_app, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.config import Settings
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.forms.directory.tokens import DirectoryTokenForm
from hwadmin.models import Account, DirectoryToken, Source
from hwadmin.operations.directory import tokens
from hwadmin.queries.directory.employees import directory_facts
from hwadmin.queries.directory.employees import directory_tokens as tokens_of
from hwadmin.queries.scope import find
from hwadmin.views.accounts.tabs import account_frame
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView
from hwadmin.web.form_errors import put_errors
from hwadmin.web.layout import go_back

_READ, _CONNECT = Permission.ACCOUNTS_READ, Permission.DIRECTORY_CONNECT


class DirectoryView(GuardedView):
    """The directory of each account. A token's secret is on the answer that made it, and nowhere else."""

    permissions = {
        "index_view": _READ,
        "show": _READ,
        "create_token": _CONNECT,
        "revoke_token": _CONNECT,
    }

    def __init__(self) -> None:
        super().__init__(name="Directory", endpoint="directory", url="/directory")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """Each account has a directory of its own."""
        return redirect(url_for("accounts.index_view"))

    @expose("/<int:key>/")
    def show(self, key: int) -> ResponseReturnValue:
        """Where the people of an account come from, and who may push them."""
        return self._page(find(current_actor(), Account, key), DirectoryTokenForm())

    def _page(self, account: Account, form: DirectoryTokenForm, status: int = 200) -> ResponseReturnValue:
        actor = current_actor()
        page = self.render(
            "admin/hw/directory/show.html",
            **account_frame(account, "directory"),
            facts=directory_facts(actor, account.id),
            sources=list(Source),
            tokens=tokens_of(actor, account.id),
            address=_address(account),
            may_connect=actor.can(_CONNECT),
            form=form,
        )
        return page, status

    @expose("/<int:key>/tokens", methods=("POST",))
    def create_token(self, key: int) -> ResponseReturnValue:
        """Make a token for an identity provider, and show its secret this once."""
        actor, form = current_actor(), DirectoryTokenForm()
        account = find(actor, Account, key)
        if not form.validate():
            return self._page(account, form, 422)
        try:
            token, secret = transact(
                lambda: tokens.create_directory_token(actor, key, name=form.name.data or "")
            )
        except InvalidInput as refusal:
            put_errors(form, refusal)
            return self._page(account, form, 422)
        # Not after a redirect: it would travel in the session's cookie, which is signed but not secret.
        return make_response(
            self.render(
                "admin/hw/directory/made.html",
                account=account,
                token=token,
                secret=secret,
                address=_address(account),
            )
        )

    @expose("/<int:key>/tokens/<int:part>/revoke", methods=("POST",))
    def revoke_token(self, key: int, part: int) -> ResponseReturnValue:
        """End a token."""
        actor = current_actor()
        if find(actor, DirectoryToken, part).account_id != key:
            abort(404)
        token = transact(lambda: tokens.revoke_directory_token(actor, part))
        return go_back("directory.show", f"{token.prefix}… ({token.name}) is revoked.", key=key)


def _address(account: Account) -> str:
    """Where an identity provider reaches the account."""
    settings: Settings = current_app.config["HWADMIN"]
    return f"{settings.base_url}/scim/v2/{account.id}"
