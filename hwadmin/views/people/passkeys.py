"""Passkeys: signing in with one, adding and removing them on one's own account, confirming who one is."""

from __future__ import annotations

import ipaddress
import json
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    flash,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from itsdangerous import BadData

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.forms.people.people import SignInForm
from hwadmin.models import Passkey, Person
from hwadmin.operations.people import external_sign_in, passkeys, sessions
from hwadmin.operations.people import sign_in as signing_in
from hwadmin.operations.people.external_sign_in import Visit
from hwadmin.operations.people.passkeys import RelyingParty
from hwadmin.operations.people.sign_in import Attempt, SignInResult, network_of
from hwadmin.queries.people.people import passkeys_of, person_by_email
from hwadmin.views.people.browser_session import after_sign_in, begin_session, renew_session, sign_in_page
from hwadmin.views.people.identity_confirmation import go_on
from hwadmin.views.people.second_factor import FirstStep, first_step_of, must_have_one, recovery_codes_page
from hwadmin.web import access
from hwadmin.web.authentication.sign_in_rules import is_break_glass, settings, signs_in_elsewhere

if TYPE_CHECKING:
    # Loaded where a passkey is used: it is large, and most workers never see one.
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

pages = Blueprint("passkeys", __name__)

# Whose visits these are, among those to identity providers, which have other names.
_VISIT = "(passkey)"
_CHALLENGES, _MAX_CHALLENGES = "passkey_challenges", 5


def site() -> RelyingParty | None:
    """Whose passkeys they are; None where people come by a number, which browsers have no passkeys for."""
    parts = urlsplit(settings().base_url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return RelyingParty(host, f"{parts.scheme}://{parts.netloc}")
    return None


def _site() -> RelyingParty:
    found = site()
    if found is None:
        raise WrongState("Passkeys need a host name; this site is reached by an IP address.")
    return found


# ---- What the browser is asked


def _new_challenge() -> str:
    """A challenge that this browser may answer, once."""
    from webauthn.helpers import bytes_to_base64url

    challenge = bytes_to_base64url(secrets.token_bytes(32))
    transact(lambda: external_sign_in.begin_visit(_VISIT, challenge, Visit("", "")))
    session[_CHALLENGES] = [*session.get(_CHALLENGES, ()), challenge][-_MAX_CHALLENGES:]
    return challenge


def _used_challenge(credential: str) -> str:
    """The challenge that the browser's answer says it is to; it is used up.

    Raises:
        InvalidInput: it was not asked in this browser, was answered already, or too long ago.
    """
    from webauthn.helpers import base64url_to_bytes

    try:
        client = json.loads(base64url_to_bytes(json.loads(credential)["response"]["clientDataJSON"]))
        challenge = str(client["challenge"])
    except (ValueError, KeyError, TypeError, RecursionError):
        challenge = ""
    challenges = session.get(_CHALLENGES, [])
    if challenge not in challenges:
        raise InvalidInput.at("credential", passkeys.REFUSED)
    session[_CHALLENGES] = [other for other in challenges if other != challenge]
    if transact(lambda: external_sign_in.end_visit(_VISIT, challenge)) is None:
        raise InvalidInput.at("credential", passkeys.REFUSED)
    return challenge


def _described(rows: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential_id)) for row in rows]


def _asking(person: Person | None) -> Response:
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=_site().host,
        challenge=base64url_to_bytes(_new_challenge()),
        allow_credentials=_described(passkeys_of(person.id)) if person else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Response(options_to_json(options), content_type="application/json")


@pages.post("/sign-in/passkey/options")
def sign_in_options() -> ResponseReturnValue:
    """What the browser is asked to sign in: any passkey of this site, or one of who has proven a password."""
    first = _first_step()
    return _asking(person_by_email(first.email) if first else None)


@pages.post("/confirm-identity/passkey/options")
def confirm_options() -> ResponseReturnValue:
    """What the browser is asked to confirm who one is."""
    return _asking(current_user.person)


@pages.post("/my-account/passkeys/options")
def add_options() -> ResponseReturnValue:
    """What the browser is asked to make a passkey."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    person: Person = current_user.person
    options = generate_registration_options(
        rp_id=_site().host,
        rp_name="Hardware Orders",
        user_id=str(person.id).encode(),
        user_name=person.email,
        user_display_name=person.name,
        challenge=base64url_to_bytes(_new_challenge()),
        exclude_credentials=_described(passkeys_of(person.id)),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return Response(options_to_json(options), content_type="application/json")


# ---- What it answers


def _first_step() -> FirstStep | None:
    try:
        return first_step_of(request.form.get("ticket", ""))
    except BadData:
        return None


@pages.post("/sign-in/passkey")
def sign_in() -> ResponseReturnValue:
    """Open a session for who has proven who they are by a passkey, alone or after a password."""
    first, credential = _first_step(), request.form.get("credential", "")
    address, browser = network_of(request.remote_addr), request.user_agent.string
    replacing = session.get("_user_id")
    try:
        challenge = _used_challenge(credential)
    except InvalidInput as refusal:
        return _refused(refusal.message)
    try:
        outcome = transact(lambda: _let_in(first, challenge, credential, (address, browser, replacing)))
    except InvalidInput as refusal:
        attempt = Attempt(0, first.email if first else "", address)
        transact(lambda: signing_in.record_failure(attempt))
        return _refused(refusal.message)
    if outcome.handle is None:
        return _refused(outcome.message or passkeys.REFUSED)
    begin_session(outcome.handle, outcome.person_id)
    return after_sign_in(outcome.person_id)


def _let_in(
    first: FirstStep | None, challenge: str, credential: str, browser: tuple[str, str, str | None]
) -> SignInResult:
    person = passkeys.person_of_passkey(_site(), challenge, credential)
    mark = signing_in.mark_of_password(person.password_hash)
    if first is not None and (first.email, first.password_mark) != (person.email, mark):
        return SignInResult(message=passkeys.REFUSED)
    elsewhere = signs_in_elsewhere(person.email, person.managed_by)
    if elsewhere is not None and (first is None or first.provider != elsewhere.key):
        return SignInResult(message=f"You sign in with {elsewhere.name} here.")
    attempt = Attempt(
        0,
        person.email,
        browser[0],
        is_break_glass=is_break_glass(person.email),
        provider=first.provider if first else None,
        provider_session=first.provider_session if first else None,
    )
    return signing_in.let_in(person, attempt, browser[1], browser[2])


def _refused(message: str) -> ResponseReturnValue:
    form = SignInForm(formdata=None)
    form.form_errors.append(message)
    return sign_in_page(form, 422)


@pages.post("/confirm-identity/passkey")
def confirm() -> ResponseReturnValue:
    """Confirm who one is, and go on with what was entered before."""
    credential, handle, own = request.form.get("credential", ""), current_user.handle, current_user.person.id
    challenge = _used_challenge(credential)

    def prove() -> str:
        if passkeys.person_of_passkey(_site(), challenge, credential).id != own:
            raise InvalidInput.at("credential", passkeys.REFUSED)
        return sessions.prove_session(handle)

    renew_session(transact(prove))
    return go_on()


@pages.post("/my-account/passkeys")
def add() -> ResponseReturnValue:
    """Add a passkey."""
    credential, name = request.form.get("credential", ""), request.form.get("name", "")
    actor, challenge = access.current_actor(), _used_challenge(credential)
    codes = transact(lambda: passkeys.add_passkey(actor, _site(), challenge, credential, name))
    if codes:
        return recovery_codes_page(codes, "The passkey is added.")
    flash("The passkey is added.", "success")
    return redirect(url_for("auth.account"), 303)


@pages.post("/my-account/passkeys/<int:key>/remove")
def remove(key: int) -> ResponseReturnValue:
    """Remove a passkey."""
    actor, required = access.current_actor(), must_have_one()
    name = transact(lambda: passkeys.remove_passkey(actor, key, required=required))
    flash(f"The passkey “{name}” is removed.", "success")
    return redirect(url_for("auth.account"), 303)


def install(app: Flask) -> None:
    """Register these pages."""
    app.register_blueprint(pages)
    app.add_template_global(lambda: site() is not None, "has_passkeys")
    for page in (sign_in_options, sign_in):
        access.declare(app, f"passkeys.{page.__name__}", access.PUBLIC)
    own: tuple[Any, ...] = (confirm_options, confirm, add_options, add, remove)
    for page in own:
        access.declare(app, f"passkeys.{page.__name__}", Permission.OWN_ACCOUNT)
