"""The last step: everything in the basket once more, and the order made of it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.ordering.basket import Information, addresses
from hwadmin.domain.permissions import Permission
from hwadmin.errors import ChangedMeanwhile, InvalidInput, WrongState
from hwadmin.models import Account, Location
from hwadmin.operations.ordering.confirmation import base_numbers, confirm_basket, problems_of
from hwadmin.queries.accounts.accounts import locations_of
from hwadmin.queries.ordering.basket import ShownBasket, usual_information
from hwadmin.queries.orders.warnings import WarningLine, order_warnings
from hwadmin.views.ordering.base import OrderingView, location_label, refuse_empty_basket, see_other
from hwadmin.views.ordering.field_problems import address_to_correct, locate_problems
from hwadmin.views.ordering.units import base_choices, count_units, summarize_unit, unit_fields
from hwadmin.web.access import current_actor
from hwadmin.web.layout import go_back

_MAX_UNITS = 50


class ConfirmationView(OrderingView):
    """Confirm Order."""

    step = "confirm"
    permissions = {"show": Permission.ORDERS_COPY, "confirm": Permission.ORDERS_COPY}

    def __init__(self) -> None:
        super().__init__("ordering_confirmation")

    @expose("/<int:key>/confirm")
    def show(self, key: int) -> ResponseReturnValue:
        """Everything once more, to be confirmed."""
        account, basket = self.account_and_basket(key)
        if not basket.lines:
            return refuse_empty_basket(account)
        return self._show(account, basket)

    def _show(self, account: Account, basket: ShownBasket, status: int = 200) -> ResponseReturnValue:
        actor = current_actor()
        _, errors = problems_of(actor, account, basket)
        information = usual_information(actor, account, basket.content)
        locations = locations_of(actor, account.id)
        names, bases = {location.id: location.name for location in locations}, dict(base_choices(basket))
        planned = [unit for unit in unit_fields(basket) if not unit.plan.blank or unit.is_upgrade]
        return self.page(
            "confirm",
            account,
            basket,
            status=status,
            units=[summarize_unit(unit, names, bases) for unit in planned[:_MAX_UNITS]],
            other_units=_other_units(len(planned), count_units(basket)),
            facts=_information_facts(information, locations),
            problems=[
                (address_to_correct(account, problem), problem.label, problem.message)
                for problem in locate_problems(basket, errors)
            ],
            warnings=_warnings(basket),
            approval=account.requires_manager_approval,
            submission_key=basket.content.submission_key,
            seen=basket.seen,
        )

    @expose("/<int:key>/confirm", methods=("POST",))
    def confirm(self, key: int) -> ResponseReturnValue:
        """Make one order of the basket."""
        actor, form = current_actor(), request.form

        def confirm_and_read() -> tuple[str, str, str]:
            # Read before the unit of work ends.
            order = confirm_basket(
                actor,
                key,
                submission_key=form.get("submission_key", "")[:64],
                seen=form.get("seen", "")[:64],
            )
            return order.reference, order.account.name, order.facts.waits_for

        try:
            reference, account_name, waits_for = transact(confirm_and_read)
        except WrongState as refusal:
            flash(refusal.message, "error")
            return see_other(url_for("ordering.account", key=key))
        except (ChangedMeanwhile, InvalidInput) as refusal:
            account, basket = self.account_and_basket(key)
            if not basket.lines:
                return refuse_empty_basket(account)
            changed = isinstance(refusal, ChangedMeanwhile)
            if changed:
                flash(refusal.message, "error")
            return self._show(account, basket, 409 if changed else 422)
        link = Markup('<a href="{}">{}</a>').format(url_for("order.show", reference=reference), reference)
        message = Markup("Submitted {} for {}. It is {}.").format(link, account_name, waits_for)
        return go_back("order.show", message, reference=reference)


def _information_facts(information: Information, locations: Sequence[Location]) -> list[tuple[str, str]]:
    """The ordering information: label and text."""
    ship_to = next((site for site in locations if site.id == information.ship_to_location_id), None)
    return [
        ("Requester", information.requester),
        ("Notify", ", ".join(addresses(information.notify))),
        ("Shipping Location", location_label(ship_to) if ship_to else ""),
        ("Attention", information.attention),
        ("Notes for the distributor", information.notes),
        *([("Reason", information.reason)] if information.reason else []),
        *([("Booked on", ", ".join(information.accounting_codes))] if information.accounting_codes else []),
    ]


def _other_units(planned: int, total: int) -> str:
    """How many planned units the page does not list, and how many have no plan."""
    sentences = []
    if planned > _MAX_UNITS:
        sentences.append(f"And {planned - _MAX_UNITS:,} more that are planned.")
    if rest := total - planned:
        sentences.append(f"{rest:,} {'unit is' if rest == 1 else 'units are'} planned for nobody yet.")
    return " ".join(sentences)


def _warnings(basket: ShownBasket) -> list[str]:
    """Handsets and bases of the basket that do not fit together."""
    numbers = base_numbers(basket)
    return order_warnings(
        [
            WarningLine(
                kind=shown.kind,
                make=shown.item.make,
                model=shown.item.model,
                quantity=shown.line.quantity,
                max_handsets=shown.item.max_handsets,
                chosen_bases=[
                    numbers.get(shown.line.plan(number).base) for number in range(1, shown.line.quantity + 1)
                ]
                if shown.kind is Kind.DECT_HANDSET
                else (),
            )
            for shown in basket.lines
            if shown.kind is not None and shown.item is not None
        ]
    )
