"""Who may push where: a token of the very account, and nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import Account, AuditEvent, DirectoryToken, Employee
from hwadmin.operations.directory import tokens as directory_tokens
from hwadmin.operations.people import tokens
from hwadmin.scim import authentication
from hwadmin.web.http.rate_limit import RequestLimit
from tests.api.conftest import Traces
from tests.builders import Clients, World
from tests.scim.pushers import Pusher, refusal, user

ASKED = [
    ("GET", "/ServiceProviderConfig"),
    ("GET", "/Users"),
    ("POST", "/Users"),
    ("GET", "/Users/{key}"),
    ("PUT", "/Users/{key}"),
    ("PATCH", "/Users/{key}"),
    ("DELETE", "/Users/{key}"),
    ("POST", "/Bulk"),
    ("POST", "/.search"),
    ("POST", "/Users/.search"),
    ("GET", "/"),
]


def test_only_a_live_token_of_the_very_account_is_let_in(
    app: Flask, world: World, account: Account, okta: Pusher
) -> None:
    key = okta.create()["id"]
    sibling, foreign = world.an_account(), world.an_account(world.blue_harbor)
    revoked = Pusher(app, account)
    token = db.session.scalars(select(DirectoryToken).order_by(DirectoryToken.id.desc())).first()
    assert token is not None
    transact(lambda: directory_tokens.revoke_directory_token(COMMAND_LINE, token.id))
    _, of_the_api = transact(lambda: tokens.create_token(COMMAND_LINE, world.ada.id, name="API"))
    secrets = [
        Pusher(app, sibling).secret,
        Pusher(app, foreign).secret,
        revoked.secret,
        of_the_api,
        "hws_nonsense",
        "\u00e9" * 20,
    ]
    before = Traces()
    for method, path in ASKED:
        answers = set()
        for secret in secrets:
            pusher = Pusher(app, account, secret)
            body = user("kofi@example.com") if method != "GET" else None
            answer = pusher(method, path.format(key=key), body)
            refusal(answer, 401)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
            answers.add(answer.text)
        assert len(answers) == 1
        nobody = okta.client.open(okta.base + path.format(key=key), method=method)
        assert refusal(nobody, 401)["detail"] == "Send the header Authorization: Bearer TOKEN."
        assert before.none(), (method, path)


def test_an_account_that_is_not_there_answers_like_one_that_is_somebody_elses(
    app: Flask, world: World, okta: Pusher
) -> None:
    foreign = world.an_account(world.blue_harbor)
    answers = []
    for account in (foreign.id, 987654321, "abc", "0", "01", "%00", "1" * 400):
        okta.base = f"/scim/v2/{account}"
        answer = okta.get("/Users")
        refusal(answer, 401)
        answers.append(answer.text)
    assert len(set(answers)) == 1


def test_a_signed_in_browser_is_nobody_here(clients: Clients, okta: Pusher) -> None:
    refusal(clients.ada.get(okta.base + "/Users"), 401)


def test_a_directory_token_opens_nothing_else(okta: Pusher, account: Account) -> None:
    for path in ("/api/v1/accounts", f"/api/v1/accounts/{account.id}/employees", "/accounts/"):
        answer = okta.client.get(path, headers={"Authorization": f"Bearer {okta.secret}"})
        assert answer.status_code in (401, 302), path


def test_another_accounts_people_are_neither_listed_nor_found(app: Flask, world: World, okta: Pusher) -> None:
    other = Pusher(app, world.an_account())
    key = other.create("kofi@example.com")["id"]
    assert okta.get("/Users").get_json(force=True)["totalResults"] == 0
    refusal(okta.get(f"/Users/{key}"), 404)
    refusal(okta("DELETE", f"/Users/{key}"), 404)
    # The same user name is another person there.
    okta.create("kofi@example.com")
    found = okta.get('/Users?filter=userName eq "kofi@example.com" or userName pr').get_json(force=True)
    assert found["totalResults"] == 1


def test_a_manager_of_another_account_is_nobodys(app: Flask, world: World, okta: Pusher) -> None:
    boss = Pusher(app, world.an_account()).create("boss@example.com")
    okta.create(company={"manager": boss["id"]})
    dana = db.session.scalars(select(Employee).where(Employee.user_name == "dana@example.com")).one()
    assert dana.manager_id is None


def test_too_many_requests_are_told_when_to_come_again(app: Flask, okta: Pusher) -> None:
    before = app.extensions[authentication.LIMIT]
    app.extensions[authentication.LIMIT] = RequestLimit(2)
    try:
        assert [okta.get("/Users").status_code for _ in range(2)] == [200, 200]
        answer = okta.get("/Users")
    finally:
        app.extensions[authentication.LIMIT] = before
    refusal(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0


def test_the_hour_of_use_is_noted(okta: Pusher) -> None:
    okta.get("/Users")
    db.session.expire_all()
    token = db.session.scalars(select(DirectoryToken)).one()
    assert token.last_used_at is not None


def test_a_token_is_made_and_revoked_by_those_who_connect_directories(world: World, account: Account) -> None:
    piet, sam, bea = world.piet.actor, world.sam.actor, world.bea.actor
    token, secret = transact(lambda: directory_tokens.create_directory_token(piet, account.id, name=" Okta "))
    assert (token.name, secret[: len(token.prefix)]) == ("Okta", token.prefix)
    assert secret not in repr(vars(token))
    holder = directory_tokens.authenticate_directory_token(secret)
    assert holder is not None
    assert holder.account_id == account.id
    assert {str(one) for one in holder.actor.permissions} == {"directory:write"}
    with pytest.raises(NotAllowed):
        directory_tokens.create_directory_token(sam, account.id, name="Okta")
    with pytest.raises(NotFound):
        directory_tokens.create_directory_token(bea, account.id, name="Okta")
    with pytest.raises(NotFound):
        directory_tokens.revoke_directory_token(bea, token.id)
    with pytest.raises(InvalidInput):
        directory_tokens.create_directory_token(piet, account.id, name=" ")
    transact(lambda: directory_tokens.revoke_directory_token(piet, token.id))
    with pytest.raises(WrongState, match="was revoked before, by Piet Jansen"):
        directory_tokens.revoke_directory_token(piet, token.id)
    events = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [event.kind for event in events] == ["token.created", "token.revoked"]
    assert {event.account_id for event in events} == {account.id}
    assert replace(holder.actor, only=None).can(next(iter(holder.actor.permissions)))
