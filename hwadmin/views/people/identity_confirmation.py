"""Before what could hurt, one proves again who one is, if the last time was more than ten minutes ago."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hwadmin.clock import utcnow
from hwadmin.config import IdentityProvider
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.errors import ProofNeeded
from hwadmin.forms.people.second_factor import IdentityForm
from hwadmin.operations.people import second_step, sessions
from hwadmin.operations.people import sign_in as signing_in
from hwadmin.queries.people.people import passkeys_of
from hwadmin.views.people.browser_session import (
    counted,
    refused,
    renew_session,
    unsaved_input_page,
    weigh,
)
from hwadmin.web import access, error_pages, unsaved_input
from hwadmin.web.authentication.sign_in_rules import settings, signs_in_elsewhere

pages = Blueprint("identity", __name__)

FRESH_FOR = timedelta(minutes=10)
# People and their roles, secrets, devices that change customers, what cannot be undone, second factors, and
# sessions.
DEMANDING = frozenset(
    {
        "people.create_view",
        "people.edit_view",
        "people.disable",
        "people.enable",
        "people.reset_password",
        "people.reset_second_factor",
        "access_rules.create",
        "access_rules.change",
        "access_rules.delete",
        "staff_directory.create_token",
        "tokens.create",
        "tokens.create_service",
        "directory.create_token",
        "webhooks.rotate",
        "devices.move",
        "fulfillment_corrections.resolve_conflict",
        "anonymization.anonymize",
        "auth.end_session",
        "auth.logout_everywhere",
        "second_factor.set_up",
        "second_factor.renew_recovery_codes",
        "second_factor.turn_off",
        "passkeys.add",
        "passkeys.remove",
    }
)


def demand_fresh_proof() -> ResponseReturnValue | None:
    """Ask for password and code before a demanding act; what was entered is kept and sent after it."""
    if request.method != "POST" or request.endpoint not in DEMANDING or _is_proof_fresh():
        return None
    return _ask_for_proof()


def amount_without_proof() -> Decimal | None:
    """What an order may cost that is sent now; None: whatever it costs, since the proof is fresh."""
    most = settings().send_proof_above
    return None if not most or _is_proof_fresh() else Decimal(most)


def _is_proof_fresh() -> bool:
    proved_at = sessions.proved_at(current_user.handle)
    return proved_at is not None and utcnow() - proved_at < FRESH_FOR


def _on_proof_needed(_error: ProofNeeded) -> ResponseReturnValue:
    error_pages.roll_back()
    return _ask_for_proof()


def _ask_for_proof() -> ResponseReturnValue:
    unsaved = unsaved_input.posted_input()
    sealed = unsaved_input.seal(unsaved) if unsaved else None
    return _page(_without_needless_code(IdentityForm(formdata=None)), sealed, request.referrer or "", 401)


def _elsewhere() -> IdentityProvider | None:
    return signs_in_elsewhere(current_user.person.email, current_user.person.managed_by)


def _without_needless_code(form: IdentityForm) -> IdentityForm:
    """A code is needed where one is needed to sign in."""
    elsewhere = _elsewhere()
    if current_user.person.second_factor_since is None or (elsewhere and elsewhere.second_factor):
        del form.code
    return form


def refused_before_provider() -> ResponseReturnValue | None:
    """The page once more, where a code is needed before the provider is asked, and it is wrong."""
    form = _without_needless_code(IdentityForm())
    del form.password
    if "code" not in form:
        return None
    sealed, back = request.form.get(unsaved_input.FIELD), request.form.get("back", "")
    if not form.validate():
        return _page(form, sealed, back, 422)
    attempt, code = counted(current_user.person.email), form.code.data or ""
    outcome = transact(lambda: second_step.conclude_code_before_provider(attempt, code))
    if outcome.person_id is not None:
        return None
    form.code.errors = [outcome.message or signing_in.WRONG]
    return refused(_page(form, sealed, back, 422), outcome)


def _page(form: IdentityForm, sealed: str | None, back: str, status: int) -> ResponseReturnValue:
    elsewhere = _elsewhere()
    action = url_for("identity.confirm")
    if elsewhere is not None:
        action = url_for("single_sign_on.confirm", provider=elsewhere.key)
    page = render_template(
        "admin/hw/people/identity.html",
        form=form,
        unsaved_input=sealed,
        back=back,
        came_from=_own_page(back),
        elsewhere=elsewhere,
        passkeys=passkeys_of(current_user.person.id),
        action=action,
    )
    return page, status


@pages.post("/confirm-identity")
def confirm() -> ResponseReturnValue:
    """Check password and code, and go on with what was entered before."""
    form, sealed = _without_needless_code(IdentityForm()), request.form.get(unsaved_input.FIELD)
    back = request.form.get("back", "")
    if not form.validate():
        return _page(form, sealed, back, 422)
    person, handle = current_user.person, current_user.handle
    code = form.code.data or "" if form.code else ""
    attempt, right = weigh(person.email, form.password.data or "")
    outcome = transact(lambda: second_step.confirm_identity(attempt, right, code, handle))
    if outcome.handle is None:
        wrong = outcome.message in {"", None, signing_in.WRONG}
        form.form_errors.append(_describe_refusal(form) if wrong else outcome.message)
        return refused(_page(form, sealed, back, 422), outcome)
    renew_session(outcome.handle)
    return go_on()


def _describe_refusal(form: IdentityForm) -> str:
    # Nobody is asked for an address here.
    return f"The password {'or the code ' if form.code else ''}is not right."


def go_on() -> ResponseReturnValue:
    """After the proof: on with what was entered before, or back to where the button is."""
    back = request.form.get("back", "")
    unsaved = unsaved_input.unseal(request.form.get(unsaved_input.FIELD, ""), current_user.person.id)
    if unsaved is not None:
        return unsaved_input_page(unsaved, "You have confirmed who you are")
    flash("You have confirmed who you are. Press the button once more.", "success")
    return redirect(_own_page(back) or url_for("admin.index"), 303)


def _own_page(address: str) -> str | None:
    """Where one came from, if that is a page of ours."""
    local = address.removeprefix(request.host_url.rstrip("/"))
    return local if access.is_local_path(local) else None


def install(app: Flask) -> None:
    """Register the page, and the condition before each demanding act."""
    app.register_blueprint(pages)
    access.declare(app, "identity.confirm", Permission.OWN_ACCOUNT)
    access.add_condition(app, demand_fresh_proof)
    app.register_error_handler(ProofNeeded, error_pages.on_pages(_on_proof_needed))
