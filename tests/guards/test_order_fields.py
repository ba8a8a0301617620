"""What is stated with an order besides its lines is the same everywhere: where it is missing, it is lost."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from dataclasses import fields

import pytest
from wtforms import Form

from hwadmin.domain.ordering.basket import Information
from hwadmin.forms.orders.information import OrderingInformationForm
from hwadmin.models import HardwareOrder
from hwadmin.operations.orders.edits.editable import INFORMATION
from hwadmin.operations.orders.submission.new_order import NewOrder
from hwadmin.queries.orders.history.descriptions import LABELS
from hwadmin.schemas import request_models, response_models
from hwadmin.views.ordering.field_problems import ORDER_FIELDS
from tests.guards.source_tree import tree_of

# Of a new order: what it is about, and how it came in.
_NOT_STATED = {"account_id", "lines", "submission_key", "copied_from_id"}
# Another program's own; no page shows it.
_OF_PROGRAMS = {"external_id"}
# Taken over from an order that is ordered again; the pages of ordering do not ask for it.
_NOT_ASKED = {"accounting_codes"}

STATED = {field.name for field in fields(NewOrder)} - _NOT_STATED
ON_PAGES = STATED - _OF_PROGRAMS


def form_fields(form: type[Form]) -> set[str]:
    """The fields of a form, without the version that travels with it."""
    return {field.name for field in form()} - {"version"}


def named_in_call(module: str, function: str) -> set[str]:
    """The arguments named in the first call of a function in a module of ours."""
    calls = (
        node
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function
    )
    return {argument.arg for argument in next(calls).keywords if argument.arg is not None}


# Where a field has to be, by name: what is there, and what must be.
PLACES: dict[str, tuple[Callable[[], Collection[str]], set[str]]] = {
    "HardwareOrder in models/orders.py": (
        lambda: STATED & set(HardwareOrder.__table__.columns.keys()),
        STATED,
    ),
    "Information in domain/ordering/basket.py": (lambda: Information.model_fields.keys(), ON_PAGES),
    "read_information in forms/ordering/steps.py": (
        lambda: named_in_call("forms/ordering/steps.py", "Information"),
        ON_PAGES,
    ),
    "order_of in operations/ordering/confirmation.py": (
        lambda: named_in_call("operations/ordering/confirmation.py", "NewOrder") - _NOT_STATED,
        ON_PAGES,
    ),
    "copied_content in operations/ordering/copies.py": (
        lambda: named_in_call("operations/ordering/copies.py", "Information"),
        ON_PAGES,
    ),
    "ORDER_FIELDS in views/ordering/field_problems.py": (lambda: ORDER_FIELDS, ON_PAGES - _NOT_ASKED),
    "INFORMATION in operations/orders/edits/editable.py": (lambda: INFORMATION, ON_PAGES),
    "OrderingInformationForm in forms/orders/information.py": (
        lambda: form_fields(OrderingInformationForm),
        ON_PAGES,
    ),
    "_LABELS in queries/orders/history/descriptions.py": (lambda: ON_PAGES & set(LABELS), ON_PAGES),
    "NewOrderRequest in schemas/request_models/orders.py": (
        lambda: set(request_models.NewOrderRequest.model_fields) - _NOT_STATED,
        STATED,
    ),
    "OrderingInformation in schemas/request_models/orders.py": (
        lambda: request_models.OrderingInformation.model_fields,
        STATED,
    ),
    "create_order in api/orders/submission.py": (
        lambda: named_in_call("api/orders/submission.py", "NewOrder") - _NOT_STATED,
        STATED,
    ),
    "CopiedOrderResponse in schemas/response_models/copies.py": (
        lambda: set(response_models.CopiedOrderResponse.model_fields) - _NOT_STATED,
        ON_PAGES,
    ),
    "OrderResponse in schemas/response_models/orders.py": (
        lambda: STATED & (set(response_models.OrderResponse.model_fields) | {"ship_to_location_id"}),
        STATED,
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_every_field_of_an_order_is_there(place: str) -> None:
    there, wanted = PLACES[place]
    missing = wanted - set(there())
    assert not missing, f"Add {', '.join(sorted(missing))} to {place}: what is stated there would be lost."
    assert set(there()) <= wanted, f"{place} has more than an order is stated with (NewOrder)."


@pytest.mark.parametrize("place", PLACES)
def test_a_forgotten_field_is_found(place: str) -> None:
    there, wanted = PLACES[place]
    assert (wanted | {"made_up"}) - set(there()) == {"made_up"}
