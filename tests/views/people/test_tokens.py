"""The pages of API tokens."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import ApiToken, AuditEvent
from hwadmin.operations.people import tokens
from hwadmin.operations.people.tokens import authenticate_token
from tests.builders import Clients, World


def make(client: FlaskClient, **more: object) -> str:
    """The secret on the page of a token just made."""
    answer = client.post("/tokens/new", data={"name": "Sync", "days": "30"} | more)
    assert answer.status_code == 200, answer.text
    (secret,) = set(re.findall(r"hwa_[\w-]{43}", answer.text))
    return secret


def test_everybody_makes_tokens_of_their_own_shown_once(clients: Clients, world: World) -> None:
    for name in ("piet", "sam"):
        client, person = getattr(clients, name), getattr(world, name)
        secret = make(client)
        holder = authenticate_token(secret)
        assert holder is not None
        assert holder.actor == person.actor
        listed = client.get("/tokens/").text
        assert secret[:12] in listed
        assert secret not in listed


def test_a_super_admin_makes_tokens_of_others_and_of_service_accounts(clients: Clients, world: World) -> None:
    assert authenticate_token(make(clients.ada, person_id=world.sam.id)).actor == world.sam.actor
    assert authenticate_token(make(clients.ada, person_id=world.ada.id)).actor == world.ada.actor
    answer = clients.ada.post(
        "/tokens/new-service",
        data={"platform_id": world.northwind.id, "service": "Billing", "name": "Nightly", "days": "90"},
    )
    secret = re.findall(r"hwa_[\w-]{43}", answer.text)[0]
    holder = authenticate_token(secret)
    assert holder is not None
    assert holder.actor.name == "Billing"
    assert "service account of Northwind Voice" in clients.ada.get("/tokens/").text


def test_nobody_else_names_whom_a_token_acts_as(clients: Clients, world: World) -> None:
    assert authenticate_token(make(clients.piet, person_id=world.ada.id)).actor == world.piet.actor
    assert "person_id" not in clients.piet.get("/tokens/new").text
    assert clients.piet.get("/tokens/new-service").status_code == 403
    data = {"platform_id": world.northwind.id, "service": "X", "name": "X", "days": "30"}
    assert clients.piet.post("/tokens/new-service", data=data).status_code == 403
    assert clients.anonymous.post("/tokens/new", data=data).status_code == 401


def test_what_is_missing_is_told_at_its_field(clients: Clients, world: World) -> None:
    for path, data in (
        ("/tokens/new", {"name": " ", "days": "30", "person_id": world.ada.id}),
        ("/tokens/new", {"name": "x" * 121, "days": "30", "person_id": world.ada.id}),
        ("/tokens/new", {"name": "x", "days": "7", "person_id": world.ada.id}),
        ("/tokens/new", {"name": "x", "days": "30", "person_id": 10**30}),
        ("/tokens/new", {"name": "x", "days": "30", "person_id": "x"}),
        ("/tokens/new-service", {"name": "x", "days": "30", "platform_id": world.northwind.id}),
        ("/tokens/new-service", {"name": "x", "days": "30", "platform_id": 5_000, "service": "x"}),
    ):
        answer = clients.ada.post(path, data=data)
        assert answer.status_code == 422, (path, data)
        assert 'class="error"' in answer.text
    assert db.session.scalars(select(ApiToken)).all() == []


def test_a_token_is_revoked_by_its_owner_or_a_super_admin(clients: Clients, world: World) -> None:
    mine, other = make(clients.piet), make(clients.piet)
    keys = {token.prefix: token.id for token in db.session.scalars(select(ApiToken))}
    assert clients.bea.post(f"/tokens/{keys[mine[:12]]}/revoke").status_code == 404
    assert clients.bea.post("/tokens/x/revoke").status_code == 404
    assert clients.piet.get(f"/tokens/{keys[mine[:12]]}/revoke").status_code == 405
    assert clients.piet.post(f"/tokens/{keys[mine[:12]]}/revoke").status_code == 302
    assert clients.ada.post(f"/tokens/{keys[other[:12]]}/revoke").status_code == 302
    assert authenticate_token(mine) is authenticate_token(other) is None
    assert clients.ada.post(f"/tokens/{keys[other[:12]]}/revoke").status_code == 409
    assert "Revoked" in clients.piet.get("/tokens/").text
    kinds = [event.kind for event in db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))]
    assert kinds.count("token.created") == kinds.count("token.revoked") == 2


def test_everybody_sees_their_own_and_a_super_admin_all(clients: Clients, world: World) -> None:
    mine, hers = make(clients.piet), make(clients.bea)
    seen = {name: getattr(clients, name).get("/tokens/").text for name in ("piet", "bea", "ada", "sam")}
    assert {name for name, text in seen.items() if mine[:12] in text} == {"piet", "ada"}
    assert {name for name, text in seen.items() if hers[:12] in text} == {"bea", "ada"}
    assert "No tokens yet" in seen["sam"]


def test_the_list_takes_as_many_statements_for_fifty_as_for_one(
    clients: Clients, world: World, app: Flask
) -> None:
    from tests.api.test_lists import statements

    def count() -> int:
        with statements(app) as sent:
            assert clients.ada.get("/tokens/").status_code == 200
        return len(sent)

    def more(number: int) -> None:
        for place in range(number):
            tokens.create_service_token(COMMAND_LINE, world.northwind.id, f"S{place}", name="x")
            tokens.create_token(COMMAND_LINE, world.piet.id, name="x")
        db.session.commit()

    more(1)
    count()  # The session's first page also reads what is kept for the next.
    few = count()
    more(20)
    assert count() == few


def test_a_request_with_a_token_renews_no_session(clients: Clients) -> None:
    secret = make(clients.piet)
    answer = clients.piet.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    # Nor does a session stand for a token.
    assert clients.piet.get("/api/v1/me").status_code == 401
    assert "Set-Cookie" in clients.piet.get("/tokens/").headers
