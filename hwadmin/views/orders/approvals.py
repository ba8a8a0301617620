"""The page a manager's link opens: what is asked, and their answer. Nobody signs in; the link is the key.

GET shows and decides nothing, since mail programs follow links on their own; POST answers. The pages are in a
frame without a menu. ``Referrer-Policy: same-origin``, as everywhere, keeps the link from other sites;
``no-referrer`` would keep it from Flask-WTF too, which asks for it over TLS.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from hwadmin.clock import utcnow
from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.failures import is_unavailable
from hwadmin.db.tenancy import act_as
from hwadmin.db.unit_of_work import OutcomeUnknown, Saved, saved, transact
from hwadmin.domain.lifecycle import ManagerApproval
from hwadmin.domain.permissions import Actor
from hwadmin.errors import ChangedMeanwhile, InvalidInput, NotFound, WrongState
from hwadmin.forms.orders.approvals import AGREE, AnswerForm
from hwadmin.models import ApprovalRequest, HardwareOrder, LinkState, order_id_of
from hwadmin.operations.orders.approvals.answers import awaits_manager, decide_as_manager, manager_actor
from hwadmin.operations.orders.approvals.links import is_signed, request_id_of
from hwadmin.operations.orders.approvals.requests import cost_of
from hwadmin.queries.orders.approvals import purposes_of, request_of_link, users_of
from hwadmin.queries.orders.by_key import whole_order
from hwadmin.queries.units.units import units_of
from hwadmin.web import access
from hwadmin.web.error_pages import answer_elsewhere

approval = Blueprint("approval", __name__)

PREFIX = "/manager-approval"
_MAX_NAMES = 12


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is genuine: the request it is for, the order as it is now, and what it is good for."""

    request: ApprovalRequest
    order: HardwareOrder
    actor: Actor
    state: LinkState


class _NoSuchLink(NotFound):
    """A link nobody was sent, or of another order."""

    def __init__(self, page: str, message: str) -> None:
        super().__init__(message)
        self.page = page


def _followed(reference: str, token: str) -> Link:
    """What a link leads to.

    Raises:
        _NoSuchLink: it was made up, cut off, or belongs to another order.
    """
    settings: Settings = current_app.config["HWADMIN"]
    approval_request = request_of_link(request_id_of(token) or 0)
    if approval_request is None or not is_signed(settings.secret_key, approval_request, token):
        raise _NoSuchLink("forged", "This link is not one of ours, or a part of it is missing.")
    if order_id_of(reference) != approval_request.order_id:
        raise _NoSuchLink("other", "This link belongs to another order than its address says.")
    actor = manager_actor(approval_request)
    # From here on nothing but this platform is read.
    act_as(db.session, actor)
    order = whole_order(actor, approval_request.order_id)
    if order is None:
        raise _NoSuchLink("forged", "This link is not one of ours, or a part of it is missing.")
    return Link(approval_request, order, actor, approval_request.state(awaits_manager(order), utcnow()))


@approval.get(f"{PREFIX}/<reference>/<token>")
def question(reference: str, token: str) -> ResponseReturnValue:
    """What is asked, for whom, why and what it costs; or why there is nothing to answer any more."""
    link = _followed(reference, token)
    if link.state is LinkState.OPEN:
        return _question_page(link, AnswerForm())
    return _closed_page(link)


@approval.post(f"{PREFIX}/<reference>/<token>")
def answer(reference: str, token: str) -> ResponseReturnValue:
    """Approve the order or decline it, once."""
    link, form = _followed(reference, token), AnswerForm(request.form)
    if link.state is not LinkState.OPEN:
        return _closed_page(link)
    if not form.validate():
        return _question_page(link, form, "Please choose: approve, or decline with a reason.", 422)
    try:
        transact(
            lambda: decide_as_manager(
                link.actor,
                link.request,
                agrees=form.answer.data == AGREE,
                reason=form.reason.data,
                expected_version=form.version.data,
            )
        )
    except InvalidInput as refusal:
        form.reason.errors = [problem.message for problem in refusal.errors]
        return _question_page(_again(reference, token), form, status=422)
    except (WrongState, ChangedMeanwhile):
        link = _again(reference, token)
        if link.state is not LinkState.OPEN:
            return _closed_page(link)
        # Only the order is another one than they saw.
        return _question_page(
            link, AnswerForm(), "The order was changed while you looked at it. This is what it is now.", 409
        )
    return redirect(url_for("approval.thanks", reference=reference, token=token), 303)


@approval.get(f"{PREFIX}/<reference>/<token>/answered")
def thanks(reference: str, token: str) -> ResponseReturnValue:
    """What was answered."""
    link = _followed(reference, token)
    if link.state is not LinkState.USED:
        return redirect(url_for("approval.question", reference=reference, token=token))
    return _page("answered", 200, link=link, agreed=link.request.answer is ManagerApproval.AGREED)


def _again(reference: str, token: str) -> Link:
    """The link as it is now, after an operation that was refused."""
    db.session.rollback()
    db.session.expire_all()
    return _followed(reference, token)


def _question_page(
    link: Link, form: AnswerForm, message: str | None = None, status: int = 200
) -> ResponseReturnValue:
    order = link.order
    form.version.data = order.version
    names = users_of(units_of(order.id))
    return _page(
        "question",
        status,
        link=link,
        order=order,
        form=form,
        names=names[:_MAX_NAMES],
        more_names=max(len(names) - _MAX_NAMES, 0),
        purposes=purposes_of(order),
        cost=cost_of(order.lines),
        monthly=any(line.monthly_price for line in order.lines),
        message=message,
    )


def _closed_page(link: Link) -> ResponseReturnValue:
    """Why a genuine link has nothing to answer any more; each reason on a page of its own."""
    return _page(
        link.state.value,
        409 if link.state is LinkState.OVERTAKEN else 410,
        link=link,
        agreed=link.request.answer is ManagerApproval.AGREED,
        overridden=link.order.manager_approval is ManagerApproval.OVERRIDDEN,
    )


def _page(name: str, status: int, **values: object) -> tuple[str, int]:
    return render_template(f"admin/hw/orders/approvals/{name}.html", **values), status


def _refused(error: Exception) -> ResponseReturnValue:
    """A refusal on these pages, to somebody who has no account here."""
    if isinstance(error, _NoSuchLink):
        return _page(error.page, 404, message=error.message)
    if isinstance(error, CSRFError):
        return _page("stale", 400)
    if isinstance(error, HTTPException) and error.response is not None:
        return error.response
    if isinstance(error, HTTPException) and (error.code or 500) < 500:
        return _page("forged", error.code or 404, message="There is nothing at this address.")
    away = isinstance(error, OutcomeUnknown) or is_unavailable(error)
    if not away:
        current_app.logger.error("A manager's page failed", exc_info=error)
    return _page("busy", 503 if away else 500, may_be_taken=saved.get() is not Saved.NOTHING)


def _private(response: Response) -> Response:
    """These pages are for one person: nobody keeps them, and nobody finds them by searching."""
    if request.path.startswith(PREFIX):
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "no-store"
    return response


def install(app: Flask) -> None:
    """Register these pages, open to whoever has a link."""
    app.register_blueprint(approval)
    for endpoint in ("question", "answer", "thanks"):
        access.declare(app, f"approval.{endpoint}", access.PUBLIC)
    answer_elsewhere(app, PREFIX, _refused)
    app.after_request(_private)
