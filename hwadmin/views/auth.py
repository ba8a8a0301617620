"""Signing in and out, and everybody's own account page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user
from flask_wtf import FlaskForm

from hwadmin.config import Settings
from hwadmin.errors import InvalidInput
from hwadmin.extensions import login_manager
from hwadmin.forms.people import PasswordForm, SignInForm
from hwadmin.models import NewOrderMail, Person
from hwadmin.operations import outgoing, people, signing_in
from hwadmin.operations.signing_in import Attempt, session_mark
from hwadmin.passwords import HASHER, Hasher
from hwadmin.permissions import Actor, Permission
from hwadmin.queries.people import open_sessions
from hwadmin.uow import transact
from hwadmin.views import gate

auth = Blueprint("auth", __name__)


class SignedIn(UserMixin):  # type: ignore[misc]
    """The signed-in person as Flask-Login wants to see them: known by their session, not by their key."""

    def __init__(self, person: Person, handle: str) -> None:
        self.person, self.handle = person, handle

    def get_id(self) -> str:
        return self.handle

    @property
    def actor(self) -> Actor:
        """The person as one who does something."""
        return self.person.actor


def hasher() -> Hasher:
    """How passwords are hashed here; ``PASSWORD_HASHER`` replaces the strong default, for tests."""
    chosen: Hasher = current_app.config.get("PASSWORD_HASHER", HASHER)
    return chosen


def session_values(handle: str) -> dict[str, Any]:
    """What a browser's session holds once signed in."""
    return {"_user_id": handle, "_fresh": True, "_permanent": True}


def _longest() -> timedelta:
    settings: Settings = current_app.config["HWADMIN"]
    return timedelta(hours=settings.session_hours)


def _signed_in(handle: str) -> SignedIn | None:
    person = signing_in.session_person(handle, _longest())
    return SignedIn(person, handle) if person else None


def _begin_session(handle: str) -> None:
    """Give this browser the new session and nothing of the one before: what was planted there is gone."""
    session.clear()
    session.update(session_values(handle))


def _weigh(email: str, password: str) -> tuple[Attempt, bool]:
    """One try with an e-mail address and a password, to be concluded; see operations/signing_in.py."""
    address = request.remote_addr
    counted = transact(lambda: signing_in.count_attempt(email, address))
    attempt = transact(lambda: signing_in.weigh_attempt(counted))
    return attempt, signing_in.is_right(attempt, password, hasher())


def _wanted() -> str | None:
    """Where the person wanted to go; only ever a path of this site."""
    wanted = request.args.get("next", "")
    return wanted if gate.is_local_path(wanted) and urlsplit(wanted).path != url_for("auth.sign_in") else None


def _sign_in_page(form: FlaskForm, status: int = 200) -> ResponseReturnValue:
    notice = None
    if status == 200 and "ended" in request.args:
        notice = "Your session had ended, so nothing was saved. Sign in and do it again."
    elif status == 200 and "out" in request.args:
        notice = "You are signed out."
    page = render_template(
        "admin/hw/login.html",
        form=form,
        notice=notice,
        action=url_for("auth.sign_in", next=_wanted()),
    )
    return page, status


def sign_in_form() -> ResponseReturnValue:
    """Show the form; who is signed in already goes on."""
    if current_user.is_authenticated:
        return redirect(_wanted() or url_for("admin.index"))
    return _sign_in_page(SignInForm())


def sign_in() -> ResponseReturnValue:
    """Open a session, or say with one sentence for every reason why not."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form, 422)
    email, password = form.email.data or "", form.password.data or ""
    attempt, right = _weigh(email, password)
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
    if outcome.handle is None:
        form.form_errors.append(outcome.message or signing_in.WRONG)
        page = make_response(_sign_in_page(form, 429 if outcome.limited else 422))
        if outcome.limited:
            page.headers["Retry-After"] = str(signing_in.WINDOW.seconds)
        return page
    _begin_session(outcome.handle)
    return redirect(_wanted() or url_for("admin.index"), 303)


@auth.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
def _door() -> ResponseReturnValue:
    return sign_in() if request.method == "POST" else sign_in_form()


@auth.post("/sign-out")
def logout() -> ResponseReturnValue:
    """End this session, here and wherever its cookie was copied to."""
    actor, handle = gate.current_actor(), current_user.handle
    transact(lambda: signing_in.sign_out(actor, handle))
    session.clear()
    return redirect(url_for("auth.sign_in", out=1), 303)


# The first that fits: most browsers also call themselves what came before them.
_BROWSERS = (
    ("Edge", r"Edg\w*/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+).* Safari/"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("macOS", "Mac OS X"),
    ("Linux", "Linux"),
)


def _browser_name(agent: str | None) -> str:
    """What a browser calls itself, in the words of its owner: “Firefox 147 on Windows”."""
    if not agent:
        return "Unknown browser"
    system = next((name for name, mark in _SYSTEMS if mark in agent), None)
    for name, pattern in _BROWSERS:
        found = re.search(pattern, agent)
        if found:
            return f"{name} {found[1]}" + (f" on {system}" if system else "")
    return agent[:60]


def _account_page(form: FlaskForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "admin/hw/account.html",
        me=current_user.person,
        form=form,
        sessions=open_sessions(current_user.person.id, _longest()),
        browser_name=_browser_name,
        this_session=session_mark(current_user.handle),
        idle_minutes=current_app.permanent_session_lifetime.seconds // 60,
        longest_hours=_longest().total_seconds() / 3600,
        mail_choices=list(NewOrderMail),
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
    if form.validate() and form.new_password.data != form.repeated.data:
        form.repeated.errors = ["This is not the same as above."]
    if form.errors or form.repeated.errors:
        return _account_page(form, 422)
    try:
        people.check_password(person.name, person.email, new, "new_password")
    except InvalidInput as refusal:
        put_errors(form, refusal)
        return _account_page(form, 422)
    # The current password is guarded like a sign-in: a borrowed session is no place to guess it.
    attempt, right = _weigh(person.email, form.current_password.data or "")
    if not right:
        outcome = transact(lambda: signing_in.conclude_attempt(attempt, False, ""))
        wrong = signing_in.LIMITED if outcome.limited else "This is not your current password."
        form.current_password.errors = [wrong]
        return _account_page(form, 429 if outcome.limited else 422)
    handle = transact(lambda: people.change_own_password(attempt, new, browser=browser, hasher=hasher()))
    _begin_session(handle)
    flash("Your password is changed. You are signed out everywhere else.", "success")
    return redirect(url_for("auth.account"), 303)


@auth.post("/my-account/mail")
def choose_mail() -> ResponseReturnValue:
    """Choose how I am told of new orders."""
    actor, choice = gate.current_actor(), request.form.get("new_order_mail", "")
    chosen = transact(lambda: outgoing.choose_new_order_mail(actor, choice))
    flash(f"You get mail of new orders: {chosen.label.lower()}.", "success")
    return redirect(url_for("auth.account"), 303)


@auth.post("/my-account/sign-out-everywhere")
def logout_everywhere() -> ResponseReturnValue:
    """End every session of mine, this one included."""
    person = current_user.person
    transact(lambda: signing_in.sign_out_everywhere(person))
    session.clear()
    return redirect(url_for("auth.sign_in", out=1), 303)


def put_errors(form: FlaskForm, refusal: InvalidInput) -> None:
    """Show each problem at its field; what belongs to no field goes above the form."""
    for error in refusal.errors:
        if error.field in form:
            form[error.field].errors = [*form[error.field].errors, error.message]
        else:
            form.form_errors.append(error.message)


def install(app: Flask) -> None:
    """Register these pages and tell Flask-Login how a session becomes a person."""
    app.register_blueprint(auth)
    gate.declare(app, "auth.sign_in", gate.PUBLIC)
    for endpoint in ("logout", "account", "change_password", "logout_everywhere"):
        gate.declare(app, f"auth.{endpoint}", Permission.OWN_ACCOUNT)
    gate.declare(app, "auth.choose_mail", Permission.NEW_ORDER_MAIL)
    login_manager.user_loader(_signed_in)
    # The handle is the proof. Flask-Login's own mark of address and browser would only sign out travellers.
    login_manager.session_protection = None
