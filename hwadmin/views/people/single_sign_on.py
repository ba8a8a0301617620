"""Signing in, and confirming who one is, by a company's identity provider; and its word that sessions end."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hwadmin.clock import utcnow
from hwadmin.config import IdentityProvider
from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.errors import DomainError
from hwadmin.forms.people.people import SignInForm
from hwadmin.operations.people import external_sign_in, sessions
from hwadmin.operations.people.external_sign_in import Rights, Visit, Visitor
from hwadmin.operations.people.sign_in import Attempt, network_of
from hwadmin.queries.people.access_rules import claims_of_rules
from hwadmin.views.people.browser_session import (
    after_sign_in,
    begin_session,
    next_page,
    renew_session,
    sign_in_page,
    unsaved_input_page,
)
from hwadmin.views.people.identity_confirmation import refused_before_provider
from hwadmin.views.people.second_factor import FirstStep, code_page
from hwadmin.web import access, unsaved_input
from hwadmin.web.authentication.sign_in_rules import (
    get_provider,
    is_break_glass,
    provider_of_domain,
    settings,
)
from hwadmin.web.extensions import csrf
from hwadmin.web.openid.http_client import ProviderAway, ProviderHttp
from hwadmin.web.openid.provider_client import AuthorizationRequest, ProviderClient
from hwadmin.web.openid.token_checks import LEEWAY_SECONDS, TokenRefused

pages = Blueprint("single_sign_on", __name__)

_CLIENTS = "hwadmin_provider_clients"
# What a browser holds of its visits to providers; an old one falls out.
_STATES, _MAX_STATES = "sign_in_states", 5
# Seconds: longer ago than any proof counts.
_LONG_AGO = 24 * 60 * 60
_NOT_BEGUN = "This sign-in was not begun in this browser, was used already, or took too long. Begin again."
_NOT_BELIEVED = "{name} did not confirm who you are in a way that can be trusted. Begin again."
_AWAY = (
    "{name} cannot be reached now. Try again in a few minutes. Until then nobody can sign in with it; only "
    "the break-glass account can sign in, with its password and a one-time code."
)


# ---- To the provider


@pages.post("/sign-in/with/<provider>")
def leave(provider: str) -> ResponseReturnValue:
    """Send the browser to the provider's page."""
    sealed = request.form.get(unsaved_input.FIELD)
    return _leave(get_provider(provider), None, next_page(), sealed)


@pages.post("/confirm-identity/with/<provider>")
def confirm(provider: str) -> ResponseReturnValue:
    """Send the browser there to prove once more who its person is."""
    back = request.form.get("back", "").removeprefix(request.host_url.rstrip("/"))
    page = back if access.is_local_path(back) else None
    sealed = request.form.get(unsaved_input.FIELD)
    known = get_provider(provider)
    return refused_before_provider() or _leave(known, current_user.person.id, page, sealed)


def _leave(
    provider: IdentityProvider, person_id: int | None, page: str | None, sealed: str | None
) -> ResponseReturnValue:
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    sent = AuthorizationRequest(state, nonce, verifier, again=person_id is not None)
    try:
        url = client_of(provider).authorization_url(sent, _callback(provider))
    except ProviderAway as failure:
        return _away(provider, failure)
    if sealed is not None and not unsaved_input.is_ours(sealed):
        sealed = None
    visit = Visit(nonce, verifier, person_id, page, sealed)
    transact(lambda: external_sign_in.begin_visit(provider.key, state, visit))
    session[_STATES] = [*session.get(_STATES, ()), state][-_MAX_STATES:]
    # Not a redirect: our own rule for forms would stop at the first address that is not ours.
    return render_template("admin/hw/people/leaving.html", provider=provider, url=url)


def client_of(provider: IdentityProvider) -> ProviderClient:
    """What talks with a provider, and remembers what it tells of itself."""
    clients: dict[IdentityProvider, ProviderClient] = current_app.extensions.setdefault(_CLIENTS, {})
    if provider not in clients:
        clients[provider] = ProviderClient(provider, ProviderHttp())
    return clients[provider]


def _callback(provider: IdentityProvider) -> str:
    return settings().base_url + url_for("single_sign_on.callback", provider=provider.key)


# ---- And back


@pages.get("/sign-in/with/<provider>/callback")
def callback(provider: str) -> ResponseReturnValue:
    """Take the provider's answer, once, in the browser that asked."""
    # The protocol prescribes a GET, which writes here: what was asked is used up, and a session opened.
    engines.reading.set(False)
    known, state = get_provider(provider), request.args.get("state", "")
    states = session.get(_STATES, [])
    if state not in states:
        return _refused(_NOT_BEGUN)
    session[_STATES] = [other for other in states if other != state]
    visit = transact(lambda: external_sign_in.end_visit(known.key, state))
    if visit is None:
        return _refused(_NOT_BEGUN)
    try:
        visitor = _visitor(known, visit, state)
    except TokenRefused as refusal:
        _record_refusal(known, str(refusal))
        return _refused(_NOT_BELIEVED.format(name=known.name))
    except ProviderAway as failure:
        return _away(known, failure)
    why = external_sign_in.lacks_second_factor(known, visitor)
    if why is not None:
        _record_refusal(known, why, visitor)
        return _refused(why)
    if visit.person_id is not None:
        return _confirmed(known, visit, visitor)
    return _signed_in(known, visit, visitor)


def _visitor(provider: IdentityProvider, visit: Visit, state: str) -> Visitor:
    """Whom the provider vouches for in this request."""
    client = client_of(provider)
    sent = AuthorizationRequest(state, visit.nonce, visit.verifier, again=visit.person_id is not None)
    code = client.check_response(request.args)
    wanted = {"email", *claims_of_rules(provider.key)}
    claims = client.claims_for(code, sent, _callback(provider), wanted)
    # Entra tells of the owner of the domain instead; see docs/integrations/sign-in.md.
    verified = claims.get("email_verified") is True or claims.get("xms_edov") in (True, "1", "true")
    email = _text(claims.get("email")).lower() if verified else ""
    if not email:
        claims.pop("email", None)
    names = (_text(claims.get("given_name")), _text(claims.get("family_name")))
    name = _text(claims.get("name")) or " ".join(filter(None, names))
    name = name or _text(claims.get("preferred_username")) or email or "Unnamed"
    sid = _text(claims.get("sid"), 255) or None
    return Visitor(claims["sub"], name, email or None, claims, sid, _proved_at(claims))


def _proved_at(claims: Mapping[str, Any]) -> datetime | None:
    """When the person last signed in at the provider; it may let them pass without asking for hours after.

    A provider that says nothing of it, such as Google, is taken to have asked now.
    """
    now, auth_time = utcnow(), claims.get("auth_time")
    if auth_time is None or auth_time >= now.timestamp():
        return None
    age = now.timestamp() - auth_time
    return now - timedelta(seconds=age if age < _LONG_AGO else _LONG_AGO)


def _text(value: Any, most: int = 200) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(character for character in text if character.isprintable()).strip()[:most]


def _signed_in(provider: IdentityProvider, visit: Visit, visitor: Visitor) -> ResponseReturnValue:
    email = visitor.email or ""
    bound = provider_of_domain(email)
    rights = Rights(bound.key if bound else None, is_break_glass(email))
    address, browser = network_of(request.remote_addr), request.user_agent.string
    attempt = Attempt(0, email, address, provider=provider.key, provider_session=visitor.session)
    try:
        # Whoever is let in, it is the provider that gives them platforms.
        with acting_as(db.session, external_sign_in.acting(provider)):
            outcome = transact(
                lambda: external_sign_in.conclude_visit(provider, visitor, rights, attempt, browser)
            )
    except DomainError as refusal:
        _record_refusal(provider, refusal.message, visitor)
        return _refused(refusal.message)
    if outcome.password_mark is not None:
        first = FirstStep(outcome.email, outcome.password_mark, provider.key, visitor.session)
        return code_page(first, visit.unsaved_input, visit.page)
    if outcome.handle is None:
        return _refused(outcome.message or _NOT_BEGUN)
    begin_session(outcome.handle, outcome.person_id)
    return after_sign_in(outcome.person_id, visit.unsaved_input, visit.page)


def _confirmed(provider: IdentityProvider, visit: Visit, visitor: Visitor) -> ResponseReturnValue:
    """Go on with what the person was about to do, if they are who is signed in here."""
    person = external_sign_in.identified(provider, visitor)
    if not current_user.is_authenticated or person is None or person.id != current_user.person.id:
        return _refused(f"{provider.name} confirmed somebody else. Begin again.")
    handle = current_user.handle
    renew_session(transact(lambda: sessions.prove_session(handle)))
    unsaved = unsaved_input.unseal(visit.unsaved_input or "", person.id)
    if unsaved is not None:
        return unsaved_input_page(unsaved, "You have confirmed who you are")
    flash("You have confirmed who you are. Press the button once more.", "success")
    return redirect(visit.page or url_for("admin.index"), 303)


def _record_refusal(provider: IdentityProvider, why: str, visitor: Visitor | None = None) -> None:
    address = request.remote_addr
    transact(lambda: external_sign_in.record_refused_visit(provider, why, address, visitor))


def _refused(message: str) -> ResponseReturnValue:
    form = SignInForm(formdata=None)
    form.form_errors.append(message)
    return sign_in_page(form, 422)


def _away(provider: IdentityProvider, failure: ProviderAway) -> ResponseReturnValue:
    current_app.logger.warning("The identity provider %s cannot be used: %s", provider.key, failure)
    form = SignInForm(formdata=None)
    form.form_errors.append(_AWAY.format(name=provider.name))
    return sign_in_page(form, 503)


# ---- The provider's word that sessions end


@csrf.exempt
@pages.post("/sign-in/with/<provider>/backchannel-logout")
def backchannel_logout(provider: str) -> ResponseReturnValue:
    """End sessions: OpenID Connect Back-Channel Logout. The provider's signature says that it asks."""
    known = get_provider(provider)
    try:
        claims = client_of(known).logout_claims(request.form.get("logout_token"))
    except TokenRefused as refusal:
        return jsonify(error="invalid_request", error_description=str(refusal)), 400
    except ProviderAway:
        return jsonify(error="temporarily_unavailable"), 503
    until = datetime.fromtimestamp(claims["iat"] + LEEWAY_SECONDS, UTC)
    subject, sid = (claims.get(name) or None for name in ("sub", "sid"))
    transact(lambda: external_sign_in.end_provider_sessions(known, subject, sid, until))
    return "", 200


def install(app: Flask) -> None:
    """Register these pages."""
    app.register_blueprint(pages)
    for page in (leave, callback, backchannel_logout):
        access.declare(app, f"single_sign_on.{page.__name__}", access.PUBLIC)
    access.declare(app, "single_sign_on.confirm", Permission.OWN_ACCOUNT)
