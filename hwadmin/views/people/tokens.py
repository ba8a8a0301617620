"""API tokens: everybody their own, and all of them for super-admins."""

from __future__ import annotations

from collections.abc import Callable

from flask import make_response, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.forms.people.tokens import PersonTokenForm, ServiceTokenForm, TokenForm, choices
from hwadmin.models import ApiToken
from hwadmin.operations.people import tokens
from hwadmin.queries.people.people import people_choices, platform_choices
from hwadmin.queries.people.tokens import visible_tokens
from hwadmin.web import access
from hwadmin.web.admin_views import GuardedView, row_id
from hwadmin.web.form_errors import put_errors
from hwadmin.web.layout import go_back

# Beyond it, the oldest are not shown; the command line lists all.
MOST_SHOWN = 500


class TokensView(GuardedView):
    """List, make and revoke tokens. A secret is on the answer that made it, and nowhere else."""

    permissions = {
        "index_view": Permission.TOKENS_OWN,
        "create_view": Permission.TOKENS_OWN,
        "create": Permission.TOKENS_OWN,
        "create_service_view": Permission.TOKENS_WRITE,
        "create_service": Permission.TOKENS_WRITE,
        "revoke": Permission.TOKENS_OWN,
    }

    def __init__(self) -> None:
        super().__init__(name="Tokens", endpoint="tokens", url="/tokens")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The tokens this actor may see."""
        actor = access.current_actor()
        page: str = self.render(
            "admin/hw/people/tokens/list.html",
            tokens=visible_tokens(actor, limit=MOST_SHOWN),
            all_of_them=actor.can(Permission.TOKENS_WRITE),
        )
        return page

    @expose("/new")
    def create_view(self) -> ResponseReturnValue:
        """Ask what the token is for, and whose it shall be."""
        return self._form_page(self._form())

    @expose("/new", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """Make a token of one's own, or, for super-admins, of anybody's."""
        form, actor = self._form(), access.current_actor()
        is_of_anybody = isinstance(form, PersonTokenForm)
        person_id = form.person_id.data if is_of_anybody else actor.id
        any_amount = is_of_anybody and bool(form.sends_any_amount.data)
        return self._made(
            form,
            lambda: tokens.create_token(
                actor,
                person_id or 0,
                name=form.name.data or "",
                days=int(form.days.data),
                sends_any_amount=any_amount,
                acts_without_proof=bool(form.acts_without_proof.data),
            ),
        )

    @expose("/new-service")
    def create_service_view(self) -> ResponseReturnValue:
        """Ask what the token is for, and of which service account."""
        return self._form_page(self._service_form())

    @expose("/new-service", methods=("POST",))
    def create_service(self) -> ResponseReturnValue:
        """Make a token of a platform's service account."""
        form, actor = self._service_form(), access.current_actor()
        return self._made(
            form,
            lambda: tokens.create_service_token(
                actor,
                form.platform_id.data,
                form.service.data or "",
                name=form.name.data or "",
                days=int(form.days.data),
                acts_without_proof=bool(form.acts_without_proof.data),
            ),
        )

    @expose("/<key>/revoke", methods=("POST",))
    def revoke(self, key: str) -> ResponseReturnValue:
        """End a token."""
        actor, number = access.current_actor(), row_id(key)
        token = transact(lambda: tokens.revoke_token(actor, number))
        return go_back("tokens.index_view", f"{token.prefix}… ({token.name}) is revoked.")

    # ---- Forms

    def _form(self) -> TokenForm:
        actor = access.current_actor()
        if not actor.can(Permission.TOKENS_WRITE):
            return TokenForm()
        form = PersonTokenForm()
        form.person_id.choices = choices(people_choices())
        if form.person_id.data is None:
            form.person_id.data = actor.id
        return form

    def _service_form(self) -> ServiceTokenForm:
        form = ServiceTokenForm()
        form.platform_id.choices = choices(platform_choices())
        return form

    def _form_page(self, form: TokenForm, status: int = 200) -> ResponseReturnValue:
        of_service = isinstance(form, ServiceTokenForm)
        page = self.render(
            "admin/hw/people/tokens/form.html",
            form=form,
            of_service=of_service,
            action=url_for("tokens.create_service" if of_service else "tokens.create"),
        )
        return page, status

    def _made(self, form: TokenForm, operation: Callable[[], tuple[ApiToken, str]]) -> ResponseReturnValue:
        if not form.validate():
            return self._form_page(form, 422)
        try:
            token, secret = transact(operation)
        except InvalidInput as refusal:
            put_errors(form, refusal)
            return self._form_page(form, 422)
        # Not after a redirect: it would travel in the session's cookie, which is signed but not secret.
        return make_response(self.render("admin/hw/people/tokens/made.html", token=token, secret=secret))
