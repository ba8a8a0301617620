"""Signing in and out, and everybody's own account page."""

from __future__ import annotations

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm

from hwadmin.config import IdentityProvider
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.people.browser_names import browser_name
from hwadmin.domain.people.one_time_codes import RECOVERY_CODES
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.forms.people.people import PasswordForm, SignInForm
from hwadmin.models import NewOrderMail, Person
from hwadmin.operations.outgoing import messages
from hwadmin.operations.people import people, person_checks, sessions
from hwadmin.operations.people import sign_in as signing_in
from hwadmin.operations.people.second_factor import has_app, recovery_codes_left
from hwadmin.operations.people.sessions import session_mark
from hwadmin.queries.people.people import open_sessions, passkeys_of
from hwadmin.views.people.browser_session import (
    after_sign_in,
    begin_session,
    hasher,
    longest_session,
    next_page,
    refused,
    sign_in_page,
    signed_in,
    weigh,
)
from hwadmin.views.people.second_factor import FirstStep, code_page, must_have_one
from hwadmin.web import access
from hwadmin.web.authentication.sign_in_rules import provider_of_domain, signs_in_elsewhere
from hwadmin.web.extensions import login_manager
from hwadmin.web.form_errors import put_errors

auth = Blueprint("auth", __name__)


def sign_in_form() -> ResponseReturnValue:
    """Show the form; who is signed in already goes on."""
    if current_user.is_authenticated:
        return redirect(next_page() or url_for("admin.index"))
    notice = None
    if "ended" in request.args:
        notice = "Your session had ended, so nothing was saved. Sign in and do it again."
    elif "out" in request.args:
        notice = "You are signed out."
    return sign_in_page(SignInForm(), notice=notice)


def sign_in() -> ResponseReturnValue:
    """Open a session, or say with one sentence for every reason why not."""
    form = SignInForm()
    if not form.validate():
        return sign_in_page(form, 422)
    email, password = form.email.data or "", form.password.data or ""
    attempt, right = weigh(email, password)
    outcome = transact(
        lambda: signing_in.conclude_attempt(
            attempt,
            right,
            password,
            browser=request.user_agent.string,
            replacing=session.get("_user_id"),
            hasher=hasher(),
        )
    )
    if outcome.password_mark is not None:
        return code_page(FirstStep(attempt.email, outcome.password_mark))
    if outcome.handle is None:
        elsewhere = provider_of_domain(email)
        wrong = elsewhere and f"Addresses such as yours sign in with {elsewhere.name}, without a password."
        form.form_errors.append((not outcome.limited and wrong) or outcome.message or signing_in.WRONG)
        return refused(sign_in_page(form, 422), outcome)
    begin_session(outcome.handle, attempt.person_id)
    return after_sign_in(attempt.person_id)


@auth.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
def _sign_in_route() -> ResponseReturnValue:
    return sign_in() if request.method == "POST" else sign_in_form()


@auth.post("/sign-out")
def logout() -> ResponseReturnValue:
    """End this session, here and wherever its cookie was copied to."""
    actor, handle = access.current_actor(), current_user.handle
    transact(lambda: sessions.sign_out(actor, handle))
    session.clear()
    return redirect(url_for("auth.sign_in", out=1), 303)


def _elsewhere() -> IdentityProvider | None:
    """The provider by which I sign in, where I have no password here."""
    person: Person = current_user.person
    return signs_in_elsewhere(person.email, person.managed_by)


def _account_page(form: FlaskForm, status: int = 200) -> ResponseReturnValue:
    has_factor = current_user.person.second_factor_since is not None
    page = render_template(
        "admin/hw/people/my_account.html",
        me=current_user.person,
        form=form,
        sessions=open_sessions(
            current_user.person.id,
            longest_session(),
            current_app.permanent_session_lifetime + sessions.USE_NOTED_EVERY,
        ),
        browser_name=browser_name,
        this_session=session_mark(current_user.handle),
        idle_minutes=current_app.permanent_session_lifetime.seconds // 60,
        longest_hours=longest_session().total_seconds() / 3600,
        mail_choices=list(NewOrderMail),
        second_factor_required=must_have_one(),
        elsewhere=_elsewhere(),
        has_app=has_factor and has_app(current_user.person.id),
        passkeys=passkeys_of(current_user.person.id) if has_factor else [],
        recovery_codes=recovery_codes_left(current_user.person.id) if has_factor else 0,
        most_recovery_codes=RECOVERY_CODES,
    )
    return page, status


@auth.get("/my-account")
def account() -> ResponseReturnValue:
    """Who I am here, what I am given, and where I am signed in."""
    return _account_page(PasswordForm())


@auth.post("/my-account/password")
def change_password() -> ResponseReturnValue:
    """Change my password; every other session of mine ends, this one goes on under a new handle."""
    form, person = PasswordForm(), current_user.person
    new, browser = form.new_password.data or "", request.user_agent.string
    elsewhere = _elsewhere()
    if elsewhere is not None:
        raise WrongState(f"You have no password here: you sign in with {elsewhere.name}.")
    if form.validate() and form.new_password.data != form.repeated.data:
        form.repeated.errors = ["This is not the same as above."]
    if form.errors or form.repeated.errors:
        return _account_page(form, 422)
    try:
        person_checks.check_password(person.name, person.email, new, "new_password")
    except InvalidInput as refusal:
        put_errors(form, refusal)
        return _account_page(form, 422)
    # The current password is guarded like a sign-in: a borrowed session is no place to guess it.
    attempt, right = weigh(person.email, form.current_password.data or "")
    if not right:
        outcome = transact(lambda: signing_in.conclude_attempt(attempt, False, ""))
        wrong = signing_in.LIMITED if outcome.limited else "This is not your current password."
        form.current_password.errors = [wrong]
        return _account_page(form, 429 if outcome.limited else 422)
    handle = transact(lambda: people.change_own_password(attempt, new, browser=browser, hasher=hasher()))
    begin_session(handle, person.id)
    flash("Your password is changed. You are signed out everywhere else.", "success")
    return redirect(url_for("auth.account"), 303)


@auth.post("/my-account/mail")
def choose_mail() -> ResponseReturnValue:
    """Choose how I am told of new orders."""
    actor, choice = access.current_actor(), request.form.get("new_order_mail", "")
    chosen = transact(lambda: messages.choose_new_order_mail(actor, choice))
    flash(f"You get mail of new orders: {chosen.label.lower()}.", "success")
    return redirect(url_for("auth.account"), 303)


@auth.post("/my-account/sessions/<mark>/end")
def end_session(mark: str) -> ResponseReturnValue:
    """End one session of mine, in another browser."""
    person = current_user.person
    if mark == session_mark(current_user.handle):
        raise WrongState("This is the browser you are using. Sign out instead.")
    transact(lambda: sessions.close_marked_session(person, mark))
    flash("That browser is signed out.", "success")
    return redirect(url_for("auth.account"), 303)


@auth.post("/my-account/sign-out-everywhere")
def logout_everywhere() -> ResponseReturnValue:
    """End every session of mine, this one included."""
    person = current_user.person
    transact(lambda: sessions.sign_out_everywhere(person))
    session.clear()
    return redirect(url_for("auth.sign_in", out=1), 303)


def install(app: Flask) -> None:
    """Register these pages and tell Flask-Login how a session becomes a person."""
    app.register_blueprint(auth)
    access.declare(app, "auth.sign_in", access.PUBLIC)
    for endpoint in ("logout", "account", "change_password", "end_session", "logout_everywhere"):
        access.declare(app, f"auth.{endpoint}", Permission.OWN_ACCOUNT)
    access.declare(app, "auth.choose_mail", Permission.NEW_ORDER_MAIL)
    login_manager.user_loader(signed_in)
    # The handle is the proof. Flask-Login's own mark of address and browser would only sign out travellers.
    login_manager.session_protection = None
