"""Above an amount an order is sent only by a token that was made for any amount."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import HardwareOrder
from hwadmin.operations.catalog.distributors import DistributorFacts, create_distributor
from hwadmin.operations.people.tokens import create_token
from tests.api.conftest import Traces
from tests.builders import Browser, World


@pytest.fixture
def order(app: Flask, world: World) -> Iterator[HardwareOrder]:
    """An approved order that costs more than the amount."""
    before = app.config["HWADMIN"]
    app.config["HWADMIN"] = replace(before, send_proof_above=1)
    facts = DistributorFacts("Voxport", email="orders@voxport.example")
    transact(lambda: create_distributor(world.ada.actor, facts))
    yield world.an_order("approved")
    app.config["HWADMIN"] = before


@pytest.fixture
def several(order: HardwareOrder) -> dict[str, Any]:
    """The same as one of several."""
    return {
        "action": "send",
        "orders": [{"reference": order.reference}],
        "placement": {"distributor": "Voxport"},
    }


def bearer(world: World, *, sends_any_amount: bool) -> dict[str, str]:
    """The header of a new token of Ada's, which was used before."""
    _, secret = transact(
        lambda: create_token(COMMAND_LINE, world.ada.id, name="ERP", sends_any_amount=sends_any_amount)
    )
    return {"Authorization": f"Bearer {secret}"}


def test_a_token_without_the_right_is_refused_with_the_reason(
    app: Flask, world: World, order: HardwareOrder, several: dict[str, Any]
) -> None:
    client, headers = Browser(app, app.response_class), bearer(world, sends_any_amount=False)
    client.get("/api/v1/accounts", headers=headers)
    before = Traces()
    body = {"distributor": "Voxport"}
    one = client.post(f"/api/v1/orders/{order.reference}/send", json=body, headers=headers)
    assert before.none()
    assert one.status_code == 403
    assert "or a token that may send any amount" in one.get_json(force=True)["detail"]
    many = client.post("/api/v1/orders/decisions", json=several, headers=headers)
    assert before.none()
    (result,) = many.get_json(force=True)["results"]
    assert result["status"] == 403


@pytest.mark.parametrize("at_once", [False, True])
def test_a_token_with_the_right_sends_it(
    app: Flask, world: World, order: HardwareOrder, several: dict[str, Any], at_once: bool
) -> None:
    client, headers = Browser(app, app.response_class), bearer(world, sends_any_amount=True)
    path, body = (
        ("/api/v1/orders/decisions", several)
        if at_once
        else (f"/api/v1/orders/{order.reference}/send", {"distributor": "Voxport"})
    )
    answer = client.post(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    db.session.refresh(order)
    assert order.sent_to is not None
