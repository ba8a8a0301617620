"""The frame of every page: menu, security headers, error pages."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, InternalServerError

from hwadmin.errors import ChangedMeanwhile, DomainError, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.extensions import db
from hwadmin.permissions import Actor, Permission
from hwadmin.queries.orders import waiting_count

STATUS_OF: dict[type[DomainError], int] = {
    NotAllowed: 403,
    NotFound: 404,
    WrongState: 409,
    ChangedMeanwhile: 409,
    InvalidInput: 422,
}


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One line of the menu: shown to those who may open it."""

    group: str | None
    label: str
    endpoint: str
    permission: Permission


# What is refused below these paths is not answered by a page.
_ELSEWHERE = "hwadmin_answers_elsewhere"

_OVERSIGHT, _SETTINGS = "Oversight", "Settings"

# In the order they are shown; each to those who may open it.
MENU = (
    MenuEntry(None, "Order hardware", "ordering.index", Permission.ORDERS_SUBMIT),
    MenuEntry(None, "Hardware Orders", "orders.index_view", Permission.ORDERS_READ),
    MenuEntry(None, "My orders", "my_orders.index_view", Permission.ORDERS_SUBMIT),
    MenuEntry(None, "Devices", "devices.index_view", Permission.DEVICES_READ),
    MenuEntry(None, "Accounts", "accounts.index_view", Permission.ACCOUNTS_READ),
    MenuEntry(None, "Catalog", "catalog.index_view", Permission.CATALOG_READ),
    MenuEntry(None, "Saved searches", "searches.index_view", Permission.SEARCHES_OWN),
    MenuEntry(_OVERSIGHT, "Dashboard", "dashboard.index_view", Permission.DASHBOARD_READ),
    MenuEntry(_OVERSIGHT, "Audit log", "audit.index_view", Permission.AUDIT_READ),
    MenuEntry(_OVERSIGHT, "Outgoing messages", "outgoing.index_view", Permission.OUTGOING_READ),
    MenuEntry(_SETTINGS, "Platforms", "platforms.index_view", Permission.PLATFORMS_READ),
    MenuEntry(_SETTINGS, "People", "people.index_view", Permission.PEOPLE_READ),
    MenuEntry(_SETTINGS, "Tokens", "tokens.index_view", Permission.TOKENS_OWN),
    MenuEntry(_SETTINGS, "Webhooks", "webhooks.index_view", Permission.WEBHOOKS_WRITE),
)


# Pages of their own that people find below another line of the menu.
_BELOW = {
    "account_form": "accounts",
    "account_settings": "accounts",
    "directory": "accounts",
    "phone_lines": "accounts",
    "catalog_options": "catalog",
}


def csp_nonce() -> str:
    """This response's nonce for the one inline script Flask-Admin's forms cannot do without."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def navigation(actor: Actor) -> list[dict[str, Any]]:
    """The menu of this actor: groups of lines they may open, with the badge of waiting orders."""
    groups: dict[str | None, list[dict[str, Any]]] = {}
    here = (request.endpoint or "").split(".")[0]
    here = _BELOW.get(here, here)
    for entry in MENU:
        if not actor.can(entry.permission):
            continue
        blueprint = entry.endpoint.split(".")[0]
        groups.setdefault(entry.group, []).append(
            {
                "label": entry.label,
                "url": url_for(entry.endpoint),
                "active": blueprint == here,
                "badge": waiting_count(actor) if blueprint == "orders" else None,
            }
        )
    return [{"label": label, "items": items} for label, items in groups.items()]


def _context() -> dict[str, Any]:
    actor: Actor | None = g.get("actor")
    if actor is None:
        return {"person": None, "nav": []}
    return {
        "person": {"name": actor.name, "role_label": actor.role.label},
        "nav": navigation(actor),
        "can": lambda permission: actor.can(Permission(permission)),
    }


def _headers(response: Response) -> Response:
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self' 'nonce-{csp_nonce()}'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.endpoint not in ("static", "admin.static"):
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


_EXPLANATIONS = {
    400: ("That request could not be read", "Go back, check what was typed, and try again."),
    401: ("Please sign in", "Your session has ended. Sign in and repeat what you did last."),
    403: ("You may not do this", "Ask a super-admin if you think you should be able to."),
    404: ("Not found", "There is no such page, or it belongs to somebody else."),
    405: ("Not possible this way", "Open the page from the menu and use its buttons."),
    409: ("That is not possible now", "Nothing was changed. Look at the present state and decide again."),
    413: ("That is too much at once", "Send fewer rows or a smaller file."),
    422: ("Something needs correcting", "Nothing was changed. Go back and correct it."),
    429: ("Too many attempts", "Wait a little and try again."),
    500: (
        "Something broke on our side",
        "Nothing was changed. Try again; if it stays so, tell a super-admin.",
    ),
    503: ("Busy just now", "Nothing was changed. Wait a few seconds and try again."),
}


def _sign_in_again() -> str:
    """Where to sign in after a session ended during a POST, and back to the page it was sent from."""
    sent_from = urlsplit(request.referrer or "")
    page = sent_from._replace(scheme="", netloc="", fragment="").geturl()
    return url_for("auth.sign_in", ended=1, next=page if sent_from.netloc == request.host else None)


def error_page(
    status: int, message: str | None = None, back: tuple[str, str] | None = None
) -> tuple[str, int]:
    """A refusal in the frame of all pages, saying what to do next.

    Args:
        status: of the answer.
        message: the sentence of this very case.
        back: words and address of a better place to go on from than the start page.
    """
    title, advice = _EXPLANATIONS.get(status, _EXPLANATIONS[500 if status >= 500 else 400])
    return (
        render_template(
            "admin/hw/error.html",
            heading=title,
            code=status,
            title=title,
            message=message or advice,
            advice=advice if message else None,
            back=back,
            home=_sign_in_again() if status == 401 else url_for("admin.index"),
        ),
        status,
    )


def _on_domain_error(error: DomainError) -> ResponseReturnValue:
    db.session.rollback()
    return error_page(STATUS_OF[type(error)], error.message, _present_state(error))


def _present_state(error: DomainError) -> tuple[str, str] | None:
    """Where to look at what an order has become meanwhile."""
    order = (request.view_args or {}).get("reference")
    if order is None or not isinstance(error, (WrongState, ChangedMeanwhile)):
        return None
    return f"Open {order}", url_for("orders.order", reference=order)


def _on_http_error(error: HTTPException) -> ResponseReturnValue:
    db.session.rollback()
    if error.response is not None:
        return error.response
    code = error.code or 500
    # Werkzeug's own descriptions are for programmers; ours, given to abort(), are for people.
    own = error.description if error.description != type(error).description else None
    return error_page(code, own)


def _on_csrf_error(_error: CSRFError) -> ResponseReturnValue:
    db.session.rollback()
    if not current_user.is_authenticated:
        return error_page(401)
    return error_page(400, "This page had been open too long. Go back, reload it, and send it again.")


def is_busy(error: DBAPIError) -> bool:
    """Whether the database is busy or away for a moment; anything else it says is a fault of ours."""
    state = getattr(error.orig, "sqlstate", None)
    return state in {"55P03", "57014", "40001", "40P01", "53300", "57P03"} or "locked" in str(error.orig)


def _on_database_error(error: DBAPIError) -> ResponseReturnValue:
    db.session.rollback()
    return error_page(503) if is_busy(error) else _on_fault(error)


def _on_fault(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    current_app.logger.error("Request %s failed", g.get("request_id"), exc_info=error)
    return error_page(500)


def go_back(endpoint: str, message: str, category: str = "success", **values: Any) -> ResponseReturnValue:
    """After a POST: say what happened and show the page it happened on."""
    flash(message, category)
    return redirect(url_for(endpoint, **values))


def answer_elsewhere(app: Flask, prefix: str, respond: Callable[[Exception], ResponseReturnValue]) -> None:
    """Let what is refused below a path be answered in another way than by a page.

    Args:
        app: the application.
        prefix: how the path begins.
        respond: the answer to a refusal or fault, whatever raised it.
    """
    app.extensions.setdefault(_ELSEWHERE, {})[prefix] = respond


def _or_elsewhere(handler: Callable[[Any], ResponseReturnValue]) -> Callable[[Any], ResponseReturnValue]:
    def handle(error: Exception) -> ResponseReturnValue:
        for prefix, respond in current_app.extensions.get(_ELSEWHERE, {}).items():
            if request.path.startswith(prefix):
                db.session.rollback()
                answer: ResponseReturnValue = respond(error)
                return answer
        return handler(error)

    return handle


def install(app: Flask) -> None:
    """Give every page its frame."""
    app.context_processor(_context)
    app.after_request(_headers)
    app.register_error_handler(DomainError, _or_elsewhere(_on_domain_error))
    app.register_error_handler(CSRFError, _or_elsewhere(_on_csrf_error))
    app.register_error_handler(HTTPException, _or_elsewhere(_on_http_error))
    app.register_error_handler(DBAPIError, _or_elsewhere(_on_database_error))
    app.register_error_handler(InternalServerError, _or_elsewhere(_on_fault))
    app.register_error_handler(Exception, _or_elsewhere(_on_fault))
