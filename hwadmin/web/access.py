"""Authentication and authorization of every request: who is asking, and whether they may.

Deny by default: an endpoint that declares no permission answers 403, Flask-Admin's built-in ones included.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import act_as
from hwadmin.db.unit_of_work import Saved, saved
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.errors import NotAllowed
from hwadmin.operations.audit import recording
from hwadmin.queries.orders.order_list import SORTS

Handler = TypeVar("Handler", bound=Callable[..., Any])

PUBLIC = "public"
_POLICY = "hwadmin_policy"
_AUTHENTICATORS = "hwadmin_authenticators"
_WITHOUT_COOKIES = "hwadmin_without_cookies"
_CONDITIONS = "hwadmin_conditions"
_NUMBERS = frozenset({"page", "page_size", "sort", "desc"})
_SORT_WORDS = frozenset({"ordered", *SORTS})
_SHOWS_ONLY = frozenset({"GET", "HEAD", "OPTIONS"})


def policy(app: Flask) -> dict[str, Permission | str]:
    """What each endpoint asks for: a permission, or ``PUBLIC``."""
    table: dict[str, Permission | str] = app.extensions.setdefault(_POLICY, {})
    return table


def declare(app: Flask, endpoint: str, permission: Permission | str) -> None:
    """State what an endpoint asks for."""
    policy(app)[endpoint] = permission


def register_authenticator(app: Flask, blueprint: str, authenticate: Callable[[], Actor]) -> None:
    """Authenticate the requests to a blueprint in a way of its own, instead of by the session's cookie.

    Args:
        app: the application.
        blueprint: the blueprint's name; it is registered.
        authenticate: returns the actor of the present request, or raises.
    """
    app.extensions.setdefault(_AUTHENTICATORS, {})[blueprint] = authenticate
    prefix = app.blueprints[blueprint].url_prefix or ""
    leave_cookies_alone(app, prefix.partition("<")[0].rstrip("/") + "/")


def leave_cookies_alone(app: Flask, path: str) -> None:
    """Open no session for requests to a path, and renew none; one that ends with a slash: all below it."""
    app.extensions[_WITHOUT_COOKIES] = (*app.extensions.get(_WITHOUT_COOKIES, ()), path)


def counts_without_cookies(app: Flask, path: str) -> bool:
    """Whether the session's cookie is of no account to a request to this path."""
    return any(
        path.startswith(one) if one.endswith("/") else path == one
        for one in app.extensions.get(_WITHOUT_COOKIES, ())
    )


def add_condition(app: Flask, condition: Callable[[], ResponseReturnValue | None]) -> None:
    """Ask something of signed-in people before each request; what it returns is answered instead."""
    app.extensions.setdefault(_CONDITIONS, []).append(condition)


def current_actor() -> Actor:
    """The actor of this request; for requests that were authorized."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        abort(401)
    return actor


def is_local_path(target: str) -> bool:
    """Whether a redirect target is a plain path of this site.

    Browsers read ``//host``, ``/\\host`` and ``http:/host`` as other sites, and drop control characters.
    """
    if not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return False
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc


def _refuse_hostile_parameters() -> None:
    for name, values in request.args.lists():
        for value in (name, *values):
            if "\x00" in value:
                abort(400, "A parameter contains a character that cannot be stored.")
            if len(value) > 2000:
                abort(400, "A parameter is too long.")
        if name in {"url", "next"} and not all(is_local_path(value) for value in values):
            abort(400, "That link leads out of this site.")
        if name in _NUMBERS and not all(
            (value.isascii() and value.isdigit() and len(value) <= 9)
            # Our own lists name the column they are sorted by.
            or (name == "sort" and value in _SORT_WORDS)
            for value in values
            if value
        ):
            abort(400, f"The parameter “{name}” must be a small whole number.")


def set_actor(actor: Actor) -> None:
    """Let this request be done by the actor, who has been authenticated."""
    g.actor = actor
    act_as(db.session, actor)


def _before_request() -> ResponseReturnValue | None:
    engines.reading.set(request.method in _SHOWS_ONLY)
    engines.begin_request(current_app.config["HWADMIN"].request_seconds)
    saved.set(Saved.NOTHING)
    # Given by web/monitoring, which sees requests first; where one is made up for a test, it is made here.
    request_id = recording.request_id.get() or str(uuid.uuid4())
    recording.request_id.set(request_id)
    g.request_id = request_id
    if request.endpoint is None:
        # The router raises 404 or 405 after this. Who is signed in sees it in their own frame.
        if current_user.is_authenticated:
            set_actor(current_user.actor)
        return None
    permission = policy(current_app).get(request.endpoint)
    if permission == PUBLIC:
        return None
    _refuse_hostile_parameters()
    authenticate = current_app.extensions.get(_AUTHENTICATORS, {}).get(request.blueprint)
    if authenticate is None and not current_user.is_authenticated:
        if request.method in _SHOWS_ONLY:
            return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))
        abort(401)
    actor: Actor = current_user.actor if authenticate is None else authenticate()
    set_actor(actor)
    if permission is None:
        raise NotAllowed("This page is not open to anybody.")
    require(actor, Permission(permission))
    return _unmet_condition() if authenticate is None else None


def _unmet_condition() -> ResponseReturnValue | None:
    """What is answered instead, where something is asked of the signed-in person first."""
    for condition in current_app.extensions.get(_CONDITIONS, ()):
        answer: ResponseReturnValue | None = condition()
        if answer is not None:
            return answer
    return None


def _teardown_request(_error: BaseException | None) -> None:
    engines.reading.set(False)
    engines.end_request()
    recording.request_id.set(None)


def install(app: Flask) -> None:
    """Authorize every request of the app."""
    app.before_request(_before_request)
    app.teardown_request(_teardown_request)
    leave_cookies_alone(app, f"{app.static_url_path}/")
    declare(app, "static", PUBLIC)
    declare(app, "admin.static", PUBLIC)
