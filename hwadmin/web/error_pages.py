"""Every refusal and failure as a page in the frame of all pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from hwadmin.db.extensions import db
from hwadmin.db.failures import is_unavailable
from hwadmin.db.unit_of_work import OutcomeUnknown, Saved, saved
from hwadmin.domain.permissions import Role
from hwadmin.errors import (
    ChangedMeanwhile,
    DomainError,
    InvalidInput,
    NotAllowed,
    NotFound,
    ProofNeeded,
    WrongState,
)
from hwadmin.web import access, unsaved_input
from hwadmin.web.extensions import login_manager

STATUS_OF: dict[type[DomainError], int] = {
    NotAllowed: 403,
    ProofNeeded: 403,
    NotFound: 404,
    WrongState: 409,
    ChangedMeanwhile: 409,
    InvalidInput: 422,
}


# What is refused below these paths is not answered by a page.
_ELSEWHERE = "hwadmin_answers_elsewhere"

_EXPLANATIONS = {
    400: ("That request could not be read", "Go back, check what was typed, and try again."),
    401: ("Please sign in", "Your session has ended. Sign in and repeat what you did last."),
    403: ("You may not do this", "Ask a super-admin if you think you should be able to."),
    404: ("Not found", "There is no such page, or it belongs to somebody else."),
    405: ("Not possible this way", "Open the page from the menu and use its buttons."),
    409: ("That is not possible now", "Nothing was changed. Look at the present state and decide again."),
    413: ("That is too much at once", "Send fewer rows or a smaller file."),
    422: ("Something needs correcting", "Nothing was changed. Go back and correct it."),
    429: ("Wait a moment", "Wait a little and try again."),
    500: ("Something broke on our side", "{changes} If this goes on, tell a super-admin."),
    503: ("Busy just now", "{changes} Wait a few seconds and try again."),
}


# What a failure says of the changes that were asked for.
_OF_CHANGES = {
    Saved.NOTHING: "Nothing was changed.",
    Saved.SOMETHING: "What you sent was saved before that: look before you send it again.",
    Saved.UNKNOWN: "What you sent may be saved, or not: look before you send it again.",
}


def of_changes() -> str:
    """What a failure may say of the changes that were asked for, as a sentence."""
    return _OF_CHANGES[saved.get()]


def roll_back() -> None:
    """End the transaction of this request, and ask the database nothing more, whatever state it is in."""
    try:
        db.session.rollback()
    except Exception:
        current_app.logger.warning("Request %s could not be rolled back", g.get("request_id"))


def _sign_in_again() -> str:
    """Where to sign in after a session ended during a POST, and back to the page it was sent from."""
    sent_from = urlsplit(request.referrer or "")
    page = sent_from._replace(scheme="", netloc="", fragment="").geturl()
    return url_for("auth.sign_in", ended=1, next=page if sent_from.netloc == request.host else None)


def _unsaved(status: int) -> dict[str, object]:
    """What was typed, where the refusal is not its fault, for the error page."""
    unsaved = unsaved_input.posted_input() if saved.get() is Saved.NOTHING else None
    if status == 401 or request.endpoint == "auth.sign_in":
        # Who took long to sign in, or could not just now, sends along what was sealed before.
        sealed = unsaved_input.seal(unsaved) if unsaved else unsaved_input.carried_input()
        address = unsaved_input.sign_in_address(unsaved)
        return {"unsaved": unsaved, "sealed": sealed, "sign_in_address": address} if sealed else {}
    may_be_sent_again = status in {429, 503} or g.get("form_token_refused")
    if unsaved is None or not (may_be_sent_again or unsaved.has_content):
        return {}
    return {"unsaved": unsaved, "unsaved_button": "Try again" if may_be_sent_again else "Send it again"}


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
    advice = advice.format(changes=of_changes())
    if status == 403 and g.get("actor") is not None and g.actor.role is Role.SUPER_ADMIN:
        # There is nobody above them to ask.
        advice = "The menu shows what you may do."
    if status >= 500:
        # The database may be what failed: the page is drawn without it.
        g.menu_without_counts = True
        if "_login_user" not in g:
            # Flask-Login would look up who is signed in for every template.
            g._login_user = login_manager.anonymous_user()
    unsaved = _unsaved(status)
    if "sealed" in unsaved and status == 401:
        advice = "Your session has ended."
    return (
        render_template(
            "admin/hw/error.html",
            **unsaved,
            heading=title,
            code=status,
            title=title,
            message=message or advice,
            # A sentence that says it already is not followed by the same in other words.
            advice=advice if message and status != 404 and "Nothing was" not in message else None,
            back=back,
            home=_sign_in_again() if status == 401 else url_for("admin.index"),
        ),
        status,
    )


def _on_domain_error(error: DomainError) -> ResponseReturnValue:
    roll_back()
    return error_page(STATUS_OF[type(error)], error.message, _present_state(error))


def _present_state(error: DomainError) -> tuple[str, str] | None:
    """Where to look at what an order has become meanwhile."""
    order = (request.view_args or {}).get("reference")
    if order is None or not isinstance(error, (WrongState, ChangedMeanwhile)):
        return None
    return f"Open {order}", url_for("order.show", reference=order)


def _on_http_error(error: HTTPException) -> ResponseReturnValue:
    roll_back()
    if error.response is not None:
        return error.response
    code = error.code or 500
    # Werkzeug's own descriptions are for programmers; ours, given to abort(), are for people.
    own = error.description if error.description != type(error).description else None
    # What was searched for stands in the address.
    back = ("Search again", request.full_path) if code == 429 and request.method == "GET" else None
    waits = {name: value for name, value in error.get_headers() if name == "Retry-After"}
    return *error_page(code, own, back), waits


def _on_csrf_error(_error: CSRFError) -> ResponseReturnValue:
    roll_back()
    # Tokens are checked before access, which begins this count for every request.
    saved.set(Saved.NOTHING)
    if not current_user.is_authenticated:
        return error_page(401)
    access.set_actor(current_user.actor)
    g.form_token_refused = True
    what_next = (
        "Look it over and send it again." if unsaved_input.posted_input() else "Reload it and send it again."
    )
    return error_page(400, f"This page had been open too long. {what_next}")


def _on_database_error(error: Exception) -> ResponseReturnValue:
    roll_back()
    return error_page(503) if is_unavailable(error) else _on_fault(error)


def _on_unknown_outcome(_error: OutcomeUnknown) -> ResponseReturnValue:
    roll_back()
    return error_page(503)


def _on_fault(error: Exception) -> ResponseReturnValue:
    roll_back()
    current_app.logger.error("Request %s failed", g.get("request_id"), exc_info=error)
    return error_page(500)


def answer_elsewhere(app: Flask, prefix: str, respond: Callable[[Exception], ResponseReturnValue]) -> None:
    """Let what is refused below a path be answered in another way than by a page.

    Args:
        app: the application.
        prefix: how the path begins.
        respond: the answer to a refusal or fault, whatever raised it.
    """
    app.extensions.setdefault(_ELSEWHERE, {})[prefix] = respond


def on_pages(handler: Callable[[Any], ResponseReturnValue]) -> Callable[[Any], ResponseReturnValue]:
    """The handler of an error on a page; where it is answered in another way, that way counts."""

    def handle(error: Exception) -> ResponseReturnValue:
        for prefix, respond in current_app.extensions.get(_ELSEWHERE, {}).items():
            if request.path.startswith(prefix):
                roll_back()
                answer: ResponseReturnValue = respond(error)
                return answer
        try:
            return handler(error)
        except Exception as second:
            # To say who is signed in the database may have to be asked, and it may be away.
            if not is_unavailable(second):
                raise
            roll_back()
            return error_page(503)

    return handle


def install(app: Flask) -> None:
    """Answer every refusal and failure with a page."""
    app.register_error_handler(DomainError, on_pages(_on_domain_error))
    app.register_error_handler(CSRFError, on_pages(_on_csrf_error))
    app.register_error_handler(HTTPException, on_pages(_on_http_error))
    app.register_error_handler(SQLAlchemyError, on_pages(_on_database_error))
    app.register_error_handler(OutcomeUnknown, on_pages(_on_unknown_outcome))
    app.register_error_handler(InternalServerError, on_pages(_on_fault))
    app.register_error_handler(Exception, on_pages(_on_fault))
