"""The gate every request passes: who is asking, for whom do they read, and may they come in here.

Deny by default: an endpoint that declares no permission answers 403, Flask-Admin's built-in ones included.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hwadmin import engines
from hwadmin.errors import NotAllowed
from hwadmin.extensions import db
from hwadmin.operations import audit
from hwadmin.permissions import Actor, Permission, require
from hwadmin.queries.orders import SORTS
from hwadmin.tenancy import act_as

Handler = TypeVar("Handler", bound=Callable[..., Any])

PUBLIC = "public"
_POLICY = "hwadmin_policy"
_DOORS = "hwadmin_doors"
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


def open_door(app: Flask, blueprint: str, recognise: Callable[[], Actor]) -> None:
    """Let who asks a blueprint be recognised in a way of its own, instead of by the session's cookie.

    Args:
        app: the application.
        blueprint: the blueprint's name.
        recognise: says who asks, or raises.
    """
    app.extensions.setdefault(_DOORS, {})[blueprint] = recognise


def current_actor() -> Actor:
    """The actor of this request; only behind the gate."""
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


def _admit(actor: Actor) -> None:
    g.actor = actor
    act_as(db.session, actor)


def _enter() -> ResponseReturnValue | None:
    engines.reading.set(request.method in _SHOWS_ONLY)
    request_id = str(uuid.uuid4())
    audit.request_id.set(request_id)
    g.request_id = request_id
    if request.endpoint is None:
        # The router raises 404 or 405 after this. Who is signed in sees it in their own frame.
        if current_user.is_authenticated:
            _admit(current_user.actor)
        return None
    asked = policy(_app()).get(request.endpoint)
    if asked == PUBLIC:
        return None
    _refuse_hostile_parameters()
    recognise = _app().extensions.get(_DOORS, {}).get(request.blueprint)
    if recognise is None and not current_user.is_authenticated:
        if request.method in _SHOWS_ONLY:
            return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))
        abort(401)
    actor: Actor = current_user.actor if recognise is None else recognise()
    _admit(actor)
    if asked is None:
        raise NotAllowed("This page is not open to anybody.")
    require(actor, Permission(asked))
    return None


def _app() -> Flask:
    from flask import current_app

    return current_app


def _leave(_error: BaseException | None) -> None:
    engines.reading.set(False)
    audit.request_id.set(None)


def install(app: Flask) -> None:
    """Put the gate before every request of the app."""
    app.before_request(_enter)
    app.teardown_request(_leave)
    declare(app, "static", PUBLIC)
    declare(app, "admin.static", PUBLIC)
