"""The session of a browser: who it belongs to, beginning one, and proving a password. Shared by the pages to
sign in, one's own account, and the confirmation of who one is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.people.passwords import HASHER, Hasher
from hwadmin.forms.people.people import SignInForm
from hwadmin.models import Person
from hwadmin.operations.people import sessions
from hwadmin.operations.people import sign_in as signing_in
from hwadmin.operations.people.sign_in import Attempt
from hwadmin.queries.people.people import person_with_platforms
from hwadmin.web import access, unsaved_input
from hwadmin.web.authentication.sign_in_rules import is_break_glass, settings, signs_in_elsewhere
from hwadmin.web.authentication.use_recording import is_in_background, record_use
from hwadmin.web.extensions import login_manager


class SignedIn(UserMixin):  # type: ignore[misc]
    """The signed-in person as Flask-Login wants to see them: known by their session, not by their key."""

    def __init__(self, found: sessions.AuthenticatedSession, handle: str) -> None:
        self.facts, self.actor, self.provider = found, found.actor, found.provider
        self.handle, self.newest_event = handle, found.newest_event

    def get_id(self) -> str:
        return self.handle

    @cached_property
    def person(self) -> Person:
        """The person's own row, with their platforms, which few pages need."""
        return person_with_platforms(self.actor.id)


def hasher() -> Hasher:
    """How passwords are hashed here; ``PASSWORD_HASHER`` replaces the strong default, for tests."""
    chosen: Hasher = current_app.config.get("PASSWORD_HASHER", HASHER)
    return chosen


def session_values(handle: str) -> dict[str, Any]:
    """What a browser's session holds once signed in."""
    return {"_user_id": handle, "_fresh": True, "_permanent": True}


def longest_session() -> timedelta:
    return timedelta(hours=settings().session_hours)


def signed_in(handle: str) -> SignedIn | None:
    """Whose session this is, as Flask-Login asks once a request; that it is used is noted now and then."""
    # What a page shows in its menu is read along; an answer to anything else draws it seldom.
    shows = request.method == "GET" and not is_in_background()
    found = sessions.authenticate_session(handle, longest_session(), with_counts=shows)
    if found is not None and not found.use_recorded and not is_in_background():
        record_use(lambda: sessions.record_use(handle))
        # What was read before belongs to a transaction that is over.
        found = sessions.authenticate_session(handle, longest_session(), with_counts=shows)
    return SignedIn(found, handle) if found else None


def begin_session(handle: str, person_id: int | None) -> None:
    """Give this browser the new session and nothing of the one before: what was planted there is gone."""
    session.clear()
    session.update(session_values(handle))
    if person_id is not None:
        session["csrf_token"] = unsaved_input.csrf_secret(person_id)


def renew_session(handle: str) -> None:
    """Let this browser's session, with what is in it, go on under its new handle."""
    session.update(session_values(handle))


def counted(email: str) -> Attempt:
    """One try with an e-mail address, counted and weighed; see operations/people/sign_in.py."""
    address = request.remote_addr
    attempt = transact(lambda: signing_in.count_attempt(email, address))
    attempt = transact(lambda: signing_in.weigh_attempt(attempt))
    return replace(attempt, is_break_glass=is_break_glass(attempt.email))


def weigh(email: str, password: str) -> tuple[Attempt, bool]:
    """One try with an e-mail address and a password, to be concluded.

    The password of who signs in by an identity provider is compared like any other, and is never right.
    """
    attempt = counted(email)
    right = signing_in.is_right(attempt, password, hasher())
    return attempt, right and signs_in_elsewhere(attempt.email, attempt.managed_by) is None


def sign_in_page(
    form: SignInForm, status: int = 200, *, notice: str | None = None, unsaved: str | None = None
) -> ResponseReturnValue:
    """The page to sign in: by an identity provider, or with a password."""
    page = render_template(
        "admin/hw/people/sign_in.html",
        form=form,
        notice=notice,
        providers=settings().providers,
        unsaved_input=unsaved or request.form.get(unsaved_input.FIELD),
        next_page=next_page(),
        action=url_for("auth.sign_in", next=next_page()),
    )
    return page, status


def next_page() -> str | None:
    """Where the person wanted to go; only ever a path of this site."""
    wanted = request.args.get("next", "")
    return (
        wanted if access.is_local_path(wanted) and urlsplit(wanted).path != url_for("auth.sign_in") else None
    )


def unsaved_input_page(
    unsaved: unsaved_input.UnsavedInput, heading: str = "You are signed in again"
) -> ResponseReturnValue:
    """Show what was entered before the session ended, as the person who has just signed in."""
    for name in ("csrf_token", "_login_user"):
        # Both were made for the browser before it was signed in.
        g.pop(name, None)
    # The application's own loader reads the new session.
    login_manager._load_user()
    access.set_actor(current_user.actor)
    return render_template("admin/hw/people/unsaved_input.html", unsaved=unsaved, heading=heading)


def after_sign_in(
    person_id: int | None, sealed: str | None = None, page: str | None = None
) -> ResponseReturnValue:
    """Where a new session goes on: to what was entered before the last one ended, or to the page wanted.

    Args:
        person_id: whose session it is.
        sealed: what was entered, if it does not stand in this request.
        page: the page wanted, if it does not stand in this request.
    """
    sealed = sealed or request.form.get(unsaved_input.FIELD)
    unsaved = unsaved_input.unseal(sealed or "", person_id or 0)
    if unsaved is not None:
        return unsaved_input_page(unsaved)
    if sealed is not None:
        # What was entered is another person's, or too old; so is the page it was entered in.
        return redirect(url_for("admin.index"), 303)
    return redirect(page or next_page() or url_for("admin.index"), 303)


def refused(page: ResponseReturnValue, outcome: signing_in.SignInResult) -> Response:
    """The page after a try that failed; one that was held back says when to come again."""
    response = make_response(page)
    if outcome.limited:
        response.status_code = 429
        response.headers["Retry-After"] = str(signing_in.WINDOW.seconds)
    return response
