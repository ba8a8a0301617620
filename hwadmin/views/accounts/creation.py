"""The account creation form: the account, and the steps of ordering its first hardware, on one page."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from flask import Blueprint, Flask, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.ordering.basket import addresses
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.forms.accounts.creation import AccountFormInput, RowInput, blank_form, pressed, read
from hwadmin.models import Account, HardwareOrder
from hwadmin.operations.accounts.employees import NewEmployee
from hwadmin.operations.accounts.locations import NewLocation
from hwadmin.operations.accounts.onboarding import (
    NewAccount,
    NewHardware,
    create_account_with_order,
)
from hwadmin.queries.accounts.accounts import platform_choices
from hwadmin.queries.ordering.model_choices import OfferedModel
from hwadmin.queries.ordering.offered_models import models_sold
from hwadmin.views.accounts.creation_errors import Errors, by_field, summary
from hwadmin.views.accounts.hardware_lines import chosen_lines, requested_lines
from hwadmin.views.accounts.hardware_part import Choices, hardware_part
from hwadmin.views.ordering.base import STEPS, Step
from hwadmin.web import access
from hwadmin.web.layout import go_back

account_form = Blueprint("account_form", __name__)

_SENT_BEFORE = "This form was not complete. Look it over and send it once more."


def _new_key() -> str:
    return secrets.token_urlsafe(24)


def _choices(rows: Sequence[RowInput]) -> Choices:
    """Rows of the form to choose from; without a name where they have none yet."""
    return [(str(row.key), _label(row.name, row.values.get("employee_number"))) for row in rows]


def _label(name: str, number: str | None) -> str:
    """An employee's or location's name, with the number that tells two of one name apart."""
    return f"{name} · {number.strip()}" if name and number and number.strip() else name


def _platform(form_input: AccountFormInput, platforms: Sequence[tuple[str, str]]) -> int | None:
    """The chosen platform, if it is one of theirs; who has one need not choose."""
    if not form_input.platform and len(platforms) == 1:
        form_input.platform = platforms[0][0]
    return int(form_input.platform) if form_input.platform in dict(platforms) else None


def _models(platform_id: int | None) -> Sequence[OfferedModel]:
    actor = access.current_actor()
    if platform_id is None or not actor.can(Permission.ORDERS_SUBMIT):
        return ()
    return models_sold(actor, platform_id)


def _account_page(
    form_input: AccountFormInput,
    platforms: Sequence[tuple[str, str]],
    errors: Errors | None = None,
    focus: str | None = None,
) -> ResponseReturnValue:
    platform_id, errors = _platform(form_input, platforms), errors or {}
    page = render_template(
        "admin/hw/accounts/creation/account.html",
        form_input=form_input,
        platforms=platforms,
        platform_id=platform_id,
        may_order=access.current_actor().can(Permission.ORDERS_SUBMIT),
        hardware=hardware_part(
            form_input.lines,
            _models(platform_id),
            _choices(form_input.employees),
            _choices(form_input.locations),
            errors,
        ),
        errors=errors,
        summary=summary(errors, form_input),
        focus=focus,
        steps=_steps(),
    )
    return page, 422 if errors else 200


def _steps() -> list[Step]:
    """The account, then the steps of every order; each is a part of this page."""
    steps = [("account", "Account"), *((word, label) for word, label, _ in STEPS)]
    return [Step(word, label, f"#step-{word}", done=False, here=word == "account") for word, label in steps]


@account_form.get("/accounts/new-with-hardware")
def new_account() -> ResponseReturnValue:
    """The empty form."""
    actor = access.current_actor()
    form_input = blank_form(_new_key(), actor.name, platform=request.args.get("platform", ""))
    return _account_page(form_input, platform_choices(actor))


@account_form.post("/accounts/new-with-hardware")
def create_account() -> ResponseReturnValue:
    """Create all that was typed, or show it again with what is wrong; or only add or remove a row."""
    form_input, platforms = read(request.form), platform_choices(access.current_actor())
    focus = pressed(
        request.form, form_input, [value for value, name in _choices(form_input.employees) if name]
    )
    if not form_input.submission_key:
        form_input.submission_key, focus = _new_key(), focus or ""
        return _account_page(form_input, platforms, {"form": [_SENT_BEFORE]}, focus)
    if focus is not None:
        return _account_page(form_input, platforms, focus=focus)

    return _create(form_input, platforms)


def _create(form_input: AccountFormInput, platforms: Sequence[tuple[str, str]]) -> ResponseReturnValue:
    """Create the account and its first order from the rows that are not blank."""
    actor, platform_id = access.current_actor(), _platform(form_input, platforms)
    locations = [row for row in form_input.locations if not row.blank]
    employees = [row for row in form_input.employees if not row.blank]
    lines = requested_lines(
        chosen_lines(form_input.lines, _models(platform_id)), _place_in(employees), _place_in(locations)
    )
    try:
        account = NewAccount(
            platform_id or 0,
            form_input.name,
            [NewLocation(**row.values) for row in locations],
            [NewEmployee(**row.values) for row in employees],
        )
        hardware = NewHardware(
            lines=[line.planned for line in lines],
            requester=form_input.requester,
            notify=addresses(form_input.notify),
            ship_to=_place_in(locations)(form_input.ship_to) if form_input.ship_to else None,
            attention=form_input.attention,
            notes=form_input.notes,
        )
        key = form_input.submission_key
        made = transact(
            lambda: _names(*create_account_with_order(actor, account, hardware, submission_key=key))
        )
    except InvalidInput as refusal:
        errors = by_field(
            refusal,
            locations=[row.key for row in locations],
            employees=[row.key for row in employees],
            lines=lines,
        )
        return _account_page(form_input, platforms, errors)
    return _done(*made)


def _place_in(rows: Sequence[RowInput]) -> Callable[[str], int]:
    """From a row's number in the form to its place in the list that is sent; -1 for none of them."""
    places = {str(row.key): place for place, row in enumerate(rows)}
    return lambda value: places.get(value, -1)


# ---- Afterwards


def _names(account: Account, order: HardwareOrder | None) -> tuple[int, str, tuple[str, str] | None]:
    """What the answer says of what was made, read before the unit of work ends."""
    return account.id, account.name, (order.reference, order.facts.waits_for) if order else None


def _done(account_id: int, name: str, ordered: tuple[str, str] | None) -> ResponseReturnValue:
    address = url_for("accounts.details_view", key=account_id)
    account = Markup('<a href="{}">{}</a>').format(address, name)
    if ordered is None:
        return go_back("accounts.details_view", Markup("Created {}.").format(account), key=account_id)
    reference, waits_for = ordered
    order = Markup('<a href="{}">{}</a>').format(url_for("order.show", reference=reference), reference)
    message = Markup("Created {} and submitted {}. It is {}.").format(account, order, waits_for)
    return go_back("order.show", message, reference=reference)


def install(app: Flask) -> None:
    """Register these pages."""
    app.register_blueprint(account_form)
    for endpoint in ("new_account", "create_account"):
        access.declare(app, f"account_form.{endpoint}", Permission.ACCOUNTS_WRITE)
