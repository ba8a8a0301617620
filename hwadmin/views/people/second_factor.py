"""One-time codes: the second step of signing in, and setting them up on one's own account."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Any

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.people.one_time_codes import app_address, is_secret, new_secret
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.forms.people.second_factor import OneTimeCodeForm, SetUpForm
from hwadmin.operations.people import second_factor, second_step
from hwadmin.queries.people.people import person_by_email
from hwadmin.rendering.qr_code import qr_code_svg
from hwadmin.views.people.browser_session import (
    after_sign_in,
    begin_session,
    counted,
    next_page,
    refused,
)
from hwadmin.web import access, unsaved_input
from hwadmin.web.authentication.sign_in_rules import (
    is_second_factor_due,
    must_have_second_factor,
    vouching_provider,
)
from hwadmin.web.form_errors import put_errors

pages = Blueprint("second_factor", __name__)

_TICKET_SECONDS = 10 * 60
_SET_UP_SECONDS = 30 * 60


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=f"hwadmin-{purpose}")


# ---- Signing in


@dataclass(frozen=True, slots=True)
class FirstStep:
    """What was proven before the code is asked for: a password, or what an identity provider vouches for."""

    email: str
    password_mark: str
    provider: str | None = None
    provider_session: str | None = None


def code_page(first: FirstStep, sealed: str | None = None, page: str | None = None) -> ResponseReturnValue:
    """Ask for a code. Its form carries who has proven what before, signed.

    Args:
        first: that.
        sealed: what was entered before the last session ended, if it does not stand in this request.
        page: the page wanted, if it does not stand in this request.
    """
    form = OneTimeCodeForm(formdata=None)
    form.ticket.data = _serializer("first-step").dumps(astuple(first))
    return _code_page(form, first, sealed=sealed, page=page)


def _code_page(
    form: OneTimeCodeForm,
    first: FirstStep,
    status: int = 200,
    sealed: str | None = None,
    page: str | None = None,
) -> ResponseReturnValue:
    person = person_by_email(first.email)
    has_passkey = person is not None and second_factor.has_passkey(person.id)
    html = render_template(
        "admin/hw/people/sign_in_code.html",
        form=form,
        unsaved_input=sealed or request.form.get(unsaved_input.FIELD),
        action=url_for("second_factor.sign_in_code", next=page or next_page()),
        passkey_action=has_passkey and url_for("passkeys.sign_in", next=page or next_page()),
    )
    return html, status


def first_step_of(ticket: str) -> FirstStep:
    """What a ticket says was proven; ``BadData`` where it is none of ours, or too old."""
    return FirstStep(*_serializer("first-step").loads(ticket, max_age=_TICKET_SECONDS))


@pages.post("/sign-in/code")
def sign_in_code() -> ResponseReturnValue:
    """Open the session of somebody whose password was right and whose code is."""
    form = OneTimeCodeForm()
    try:
        first = first_step_of(form.ticket.data or "")
    except BadData:
        flash(second_step.TOO_LATE, "error")
        return redirect(url_for("auth.sign_in", next=next_page()), 303)
    if not form.validate():
        return _code_page(form, first, 422)
    code, browser, replacing = form.code.data or "", request.user_agent.string, session.get("_user_id")
    attempt = replace(counted(first.email), provider=first.provider, provider_session=first.provider_session)
    mark = first.password_mark
    outcome = transact(
        lambda: second_step.conclude_code(attempt, mark, code, browser=browser, replacing=replacing)
    )
    if outcome.handle is None:
        form.code.errors = [outcome.message or second_factor.WRONG_CODE]
        return refused(_code_page(form, first, 422), outcome)
    begin_session(outcome.handle, attempt.person_id)
    return after_sign_in(attempt.person_id)


# ---- One's own account


def must_have_one() -> bool:
    """Whether who is signed in must have a second factor here."""
    return must_have_second_factor(current_user.person, vouching_provider())


# What somebody whose second factor is due may still do.
_OPEN = frozenset(
    {
        "second_factor.set_up_page",
        "second_factor.set_up",
        "passkeys.add_options",
        "passkeys.add",
        # Who takes long on that page has to confirm who they are first.
        "identity.confirm",
        "single_sign_on.confirm",
        "auth.logout",
    }
)


def demand_second_factor() -> ResponseReturnValue | None:
    """Lead somebody whose second factor is due to setting it up, wherever they wanted to go."""
    if request.endpoint in _OPEN or not is_second_factor_due(current_user.facts, vouching_provider()):
        return None
    return redirect(url_for("second_factor.set_up_page"), 303)


def _set_up_page(form: SetUpForm, secret: str, status: int = 200) -> ResponseReturnValue:
    form.secret.data = _serializer("second-factor").dumps([current_user.person.id, secret])
    page = render_template(
        "admin/hw/people/second_factor.html",
        form=form,
        is_set_up=second_factor.has_app(current_user.person.id),
        required=must_have_one(),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        picture=qr_code_svg(app_address(secret, current_user.person.email), "QR code for your app"),
    )
    return page, status


@pages.get("/my-account/one-time-codes")
def set_up_page() -> ResponseReturnValue:
    """Show how to set up an app, or what is set up."""
    return _set_up_page(SetUpForm(), new_secret())


@pages.post("/my-account/one-time-codes")
def set_up() -> ResponseReturnValue:
    """Ask for codes of this app from now on."""
    form, actor = SetUpForm(), access.current_actor()
    try:
        person_id, secret = _serializer("second-factor").loads(
            form.secret.data or "", max_age=_SET_UP_SECONDS
        )
    except BadData:
        person_id, secret = None, ""
    if person_id != actor.id or not is_secret(secret):
        form.form_errors.append("That took too long. Scan the code below with your app and try again.")
        return _set_up_page(form, new_secret(), 422)
    if not form.validate():
        return _set_up_page(form, secret, 422)
    code = form.code.data or ""
    try:
        codes = transact(lambda: second_factor.set_up(actor, secret, code))
    except InvalidInput as refusal:
        put_errors(form, refusal)
        return _set_up_page(form, secret, 422)
    return recovery_codes_page(codes, "One-time codes are set up.")


@pages.post("/my-account/one-time-codes/recovery-codes")
def renew_recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes, shown once."""
    actor = access.current_actor()
    codes = transact(lambda: second_factor.renew_recovery_codes(actor))
    return recovery_codes_page(codes, "These are your new recovery codes. The former ones stopped working.")


def recovery_codes_page(codes: list[str], message: str) -> str:
    """The only page that shows recovery codes."""
    return render_template("admin/hw/people/recovery_codes.html", codes=codes, message=message)


@pages.post("/my-account/one-time-codes/off")
def turn_off() -> ResponseReturnValue:
    """Ask for no code any more."""
    actor, required = access.current_actor(), must_have_one()
    transact(lambda: second_factor.turn_off(actor, required=required))
    flash("One-time codes are turned off. Your password alone lets you in.", "success")
    return redirect(url_for("auth.account"), 303)


def install(app: Flask) -> None:
    """Register these pages."""
    app.register_blueprint(pages)
    access.declare(app, "second_factor.sign_in_code", access.PUBLIC)
    own: tuple[Any, ...] = (set_up_page, set_up, renew_recovery_codes, turn_off)
    for page in own:
        access.declare(app, f"second_factor.{page.__name__}", Permission.OWN_ACCOUNT)
    access.add_condition(app, demand_second_factor)
