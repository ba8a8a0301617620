"""Forgotten passwords: asking for a link by mail, and choosing a new password with it."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hwadmin.db.unit_of_work import transact
from hwadmin.errors import InvalidInput, NotFound
from hwadmin.forms.people.people import ChosenPasswordForm, ForgottenForm
from hwadmin.operations.people import password_links
from hwadmin.operations.people import sign_in as signing_in
from hwadmin.views.people.browser_session import counted, hasher, refused
from hwadmin.web import access
from hwadmin.web.authentication.sign_in_rules import signs_in_elsewhere
from hwadmin.web.form_errors import put_errors

pages = Blueprint("password_links", __name__)


def _forgotten_page(form: ForgottenForm, *, is_sent: bool = False) -> str:
    return render_template("admin/hw/people/forgotten.html", form=form, is_sent=is_sent)


@pages.route("/sign-in/forgotten", methods=["GET", "POST"])
def forgotten() -> ResponseReturnValue:
    """Let a link be mailed; the answer is the same whoever has the address, or nobody."""
    form = ForgottenForm()
    if request.method != "POST":
        return _forgotten_page(form)
    if not form.validate():
        return _forgotten_page(form), 422
    attempt = counted(form.email.data or "")
    if signs_in_elsewhere(attempt.email, attempt.managed_by) is not None:
        attempt = replace(attempt, person_id=None)
    if attempt.limited:
        form.form_errors.append(signing_in.LIMITED)
        outcome = signing_in.SignInResult(message=signing_in.LIMITED, limited=True)
        return refused(_forgotten_page(form), outcome)
    transact(lambda: password_links.request_password_link(attempt))
    return _forgotten_page(form, is_sent=True)


@pages.route("/sign-in/new-password/<token>", methods=["GET", "POST"])
def choose(token: str) -> ResponseReturnValue:
    """Choose a new password. Looking at the page does not use the link up; mail programs look too."""
    form, secret_key = ChosenPasswordForm(), current_app.config["HWADMIN"].secret_key
    person = password_links.person_of_link(secret_key, token)
    if signs_in_elsewhere(person.email, person.managed_by) is not None:
        raise NotFound(password_links.NO_SUCH_LINK)
    email = person.email
    if request.method != "POST":
        return _choose_page(form, email, token)
    password = form.new_password.data or ""
    if form.validate() and password != form.repeated.data:
        form.repeated.errors = ["This is not the same as above."]
    if form.errors or form.repeated.errors:
        return _choose_page(form, email, token), 422
    try:
        transact(lambda: password_links.choose_password(secret_key, token, password, hasher()))
    except InvalidInput as refusal:
        put_errors(form, refusal)
        return _choose_page(form, email, token), 422
    flash("Your new password is saved. Sign in with it.", "success")
    return redirect(url_for("auth.sign_in"), 303)


def _choose_page(form: ChosenPasswordForm, email: str, token: str) -> str:
    action = url_for("password_links.choose", token=token)
    return render_template("admin/hw/people/chosen_password.html", form=form, email=email, action=action)


def install(app: Flask) -> None:
    """Register these pages, which are open to everybody."""
    app.register_blueprint(pages)
    for page in (forgotten, choose):
        access.declare(app, f"password_links.{page.__name__}", access.PUBLIC)
