"""API tokens: made, shown once, used, ended; by operations and by the command line."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Role
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import ApiToken, AuditEvent, ServiceAccount
from hwadmin.operations.people import people, tokens
from hwadmin.operations.people.tokens import authenticate_token
from hwadmin.queries.people.tokens import token_by_prefix, visible_tokens
from tests.builders import World


def events() -> list[AuditEvent]:
    return list(db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)))


def test_a_token_acts_as_its_person(world: World) -> None:
    token, secret = tokens.create_token(world.piet.actor, world.piet.id, name="Sync")
    holder = authenticate_token(secret)
    assert holder is not None
    assert holder.actor == world.piet.actor
    assert holder.owner == f"person:{world.piet.id}"
    assert secret.startswith("hwa_")
    assert secret.startswith(token.prefix)
    assert len(secret) >= 4 + 43
    assert token.expires_at - utcnow() > timedelta(days=364)


def test_the_secret_is_stored_nowhere(world: World) -> None:
    _, secret = tokens.create_token(world.piet.actor, world.piet.id, name="Sync")
    row = db.session.execute(select(ApiToken.__table__)).one()
    assert all(secret not in str(value) for value in row)
    assert all(secret[12:] not in f"{event.summary}{event.details}" for event in events())


def test_a_service_account_acts_as_a_platform_admin_of_its_platform(world: World) -> None:
    make = lambda name: tokens.create_service_token(world.ada.actor, world.northwind.id, "Billing", name=name)  # noqa: E731
    (_, first), (_, second) = make("a"), make("b")  # type: ignore[no-untyped-call]
    one, two = authenticate_token(first), authenticate_token(second)
    assert one is not None
    assert two is not None
    assert one.actor.name == "Billing"
    assert one.actor.role is Role.PLATFORM_ADMIN
    assert one.actor.platform_ids == {world.northwind.id}
    assert one.owner == two.owner
    assert len(db.session.scalars(select(ServiceAccount)).all()) == 1


def test_a_token_ends_when_revoked(world: World) -> None:
    token, secret = tokens.create_token(world.piet.actor, world.piet.id, name="Sync")
    tokens.revoke_token(world.piet.actor, token.id)
    assert authenticate_token(secret) is None
    assert token.state == "revoked"
    with pytest.raises(WrongState, match="revoked before, by Piet"):
        tokens.revoke_token(world.ada.actor, token.id)


def test_a_token_ends_with_its_time(world: World) -> None:
    token, secret = tokens.create_token(world.piet.actor, world.piet.id, name="Sync", days=2)
    with clock.at(utcnow() + timedelta(days=1, hours=23)):
        assert authenticate_token(secret) is not None
    with clock.at(utcnow() + timedelta(days=2, seconds=1)):
        assert authenticate_token(secret) is None
        assert token.state == "expired"


def test_a_token_ends_with_its_persons_access(world: World) -> None:
    token, secret = tokens.create_token(world.piet.actor, world.piet.id, name="Sync")
    people.disable_person(world.ada.actor, world.piet.id)
    assert authenticate_token(secret) is None
    assert token.state == "disabled"
    with pytest.raises(WrongState, match="disabled"):
        tokens.create_token(world.ada.actor, world.piet.id, name="Another")


@pytest.mark.parametrize("secret", ["", "hwa_", "hwa_" + "x" * 43, "\x00", "\udcff", "é" * 100])
def test_no_other_secret_is_anybodys(world: World, secret: str) -> None:
    tokens.create_token(world.piet.actor, world.piet.id, name="Sync")
    assert authenticate_token(secret) is None


def test_the_last_use_recorded_to_the_hour(world: World) -> None:
    noon = utcnow().replace(hour=12, minute=34)
    with clock.at(noon - timedelta(days=1)):
        token, secret = tokens.create_token(world.piet.actor, world.piet.id, name="Sync")
    with clock.at(noon):
        holder = authenticate_token(secret)
        assert holder is not None
        assert not holder.use_recorded
        tokens.record_use(holder)
        db.session.refresh(token)
        assert token.last_used_at == noon.replace(minute=0, second=0, microsecond=0)
        assert authenticate_token(secret).use_recorded
    with clock.at(noon + timedelta(hours=1)):
        assert not authenticate_token(secret).use_recorded


def test_no_token_is_said_to_be_used_before_it_was_created(world: World) -> None:
    noon = utcnow().replace(hour=12, minute=34)
    with clock.at(noon):
        token, secret = tokens.create_token(world.piet.actor, world.piet.id, name="Sync")
    with clock.at(noon + timedelta(minutes=5)):
        holder = authenticate_token(secret)
        assert holder is not None
        tokens.record_use(holder)
        db.session.refresh(token)
        assert token.last_used_at == token.created_at == noon
        assert authenticate_token(secret).use_recorded


def test_everybody_has_their_own_tokens_and_a_super_admin_all(world: World) -> None:
    mine, _ = tokens.create_token(world.piet.actor, world.piet.id, name="Mine")
    hers, _ = tokens.create_token(world.bea.actor, world.bea.id, name="Hers")
    service, _ = tokens.create_service_token(world.ada.actor, world.northwind.id, "Billing", name="Service")
    assert visible_tokens(world.piet.actor) == [mine]
    assert visible_tokens(world.ada.actor) == [service, hers, mine]
    assert visible_tokens(holder_actor(world)) == ()
    for token in (hers, service):
        with pytest.raises(NotFound):
            tokens.revoke_token(world.piet.actor, token.id)
    assert tokens.revoke_token(world.ada.actor, hers.id).revoked_by_name == "Ada Okafor"


def holder_actor(world: World):  # type: ignore[no-untyped-def]
    _, secret = tokens.create_service_token(world.ada.actor, world.northwind.id, "Other", name="x")
    holder = authenticate_token(secret)
    assert holder is not None
    return holder.actor


def test_only_a_super_admin_makes_tokens_of_others(world: World) -> None:
    for action in (
        lambda: tokens.create_token(world.piet.actor, world.bea.id, name="x"),
        lambda: tokens.create_token(world.sam.actor, world.ada.id, name="x"),
        lambda: tokens.create_service_token(world.piet.actor, world.northwind.id, "Billing", name="x"),
    ):
        with pytest.raises(NotAllowed):
            action()  # type: ignore[no-untyped-call]
    assert tokens.create_token(world.ada.actor, world.sam.id, name="x")[0].owner_name == "Sam Reyes"
    assert tokens.create_token(world.sam.actor, world.sam.id, name="x")[0].owner_name == "Sam Reyes"


@pytest.mark.parametrize(
    ("name", "days", "field"),
    [("", 1, "name"), ("x" * 121, 1, "name"), ("x", 0, "days"), ("x", 9999, "days")],
)
def test_a_bad_token_is_refused_at_its_field(world: World, name: str, days: int, field: str) -> None:
    actor, key = world.piet.actor, world.piet.id
    with pytest.raises(InvalidInput) as refusal:
        tokens.create_token(actor, key, name=name, days=days)
    assert [error.field for error in refusal.value.errors] == [field]
    assert db.session.scalars(select(ApiToken)).all() == []
    assert events() == []


def test_nobody_and_nothing_are_not_found(world: World) -> None:
    for action in (
        lambda: tokens.create_token(world.ada.actor, 2**63, name="x"),
        lambda: tokens.create_service_token(world.ada.actor, 99_999, "Billing", name="x"),
        lambda: tokens.revoke_token(world.ada.actor, 2**63),
    ):
        with pytest.raises(NotFound):
            action()


def test_making_and_revoking_are_audited(world: World) -> None:
    token, _ = tokens.create_service_token(world.ada.actor, world.northwind.id, "Billing", name="Nightly")
    tokens.revoke_token(world.ada.actor, token.id)
    made, revoked = events()
    assert (made.kind, revoked.kind) == ("token.created", "token.revoked")
    assert (
        made.summary
        == f"Created the token {token.prefix}… (Nightly), which acts as Billing of Northwind Voice"
    )
    assert revoked.summary == f"Revoked the token {token.prefix}… (Nightly), which acted as Billing"
    assert made.platform_id == revoked.platform_id == world.northwind.id


def test_a_token_is_found_by_its_beginning(world: World) -> None:
    token, _ = tokens.create_token(world.piet.actor, world.piet.id, name="x")
    tokens.create_token(world.piet.actor, world.piet.id, name="y")
    assert token_by_prefix(token.prefix) is token
    assert token_by_prefix(f"{token.prefix}…") is token
    for other in ("hwa_", "", "%", "hwa________"):
        assert token_by_prefix(other) is None


# ---- The command line


def test_the_command_line_prints_the_token_and_nothing_else(world: World, app: Flask) -> None:
    email = world.piet.email
    result = app.test_cli_runner().invoke(args=["token", "create", email.upper()])
    assert result.exit_code == 0, result.output
    holder = authenticate_token(result.stdout.removesuffix("\n"))
    assert holder is not None
    assert holder.actor == world.piet.actor
    assert events()[-1].actor_name == "Command line"


def test_the_command_line_makes_tokens_of_service_accounts(world: World, app: Flask) -> None:
    run = app.test_cli_runner().invoke
    result = run(args=["token", "create-service", world.northwind.name, "Billing", "--days", "3"])
    assert result.exit_code == 0, result.output
    assert authenticate_token(result.stdout.strip()).actor.name == "Billing"
    assert run(args=["token", "create-service", "Nowhere", "Billing"]).exit_code == 1


def test_the_command_line_lists_and_revokes(world: World, app: Flask) -> None:
    run = app.test_cli_runner().invoke
    token, secret = tokens.create_token(world.piet.actor, world.piet.id, name="Sync")
    db.session.commit()
    listed = run(args=["token", "list"])
    assert listed.stdout.split("\t")[:4] == [token.prefix, "Piet Jansen", "Sync", "never"]
    assert secret not in listed.stdout
    assert run(args=["token", "revoke", token.prefix]).exit_code == 0
    assert authenticate_token(secret) is None
    again = run(args=["token", "revoke", token.prefix])
    assert again.exit_code == 1
    assert "revoked before" in again.stderr


@pytest.mark.parametrize("email", ["nobody@example.com", ""])
def test_the_command_line_refuses_in_one_sentence(world: World, app: Flask, email: str) -> None:
    result = app.test_cli_runner().invoke(args=["token", "create", email])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "There is nobody" in result.stderr
