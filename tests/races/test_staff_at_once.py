"""Pushes of staff, changes of the rules and sign-ins at once: what is given in the end fits all of them."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE, Actor, Role
from hwadmin.models import AccessRule, ExternalIdentity, Person, SignIn, StaffEntry, StaffGroup
from hwadmin.operations.people.access_rules import (
    AccessRuleFacts,
    change_access_rule,
    create_access_rule,
    delete_access_rule,
)
from hwadmin.operations.people.external_sign_in import Rights, Visitor, conclude_visit
from hwadmin.operations.people.sign_in import Attempt
from hwadmin.operations.people.staff.access import close_staff_push, open_staff_push, reapply_access
from hwadmin.operations.people.staff.entries import StaffFacts, add_staff_entry
from hwadmin.operations.people.staff.groups import GroupFacts, add_staff_group, remove_staff_group
from hwadmin.operations.people.staff.tokens import create_staff_token
from tests.builders import World
from tests.races.callers import Action, Callers, meet
from tests.races.rows import a_world, inside
from tests.scim.staff.conftest import OKTA

pytestmark = pytest.mark.both_databases

ROUNDS = [3, pytest.param(60, marks=pytest.mark.full)]
NOOR = "noor@example.com"
RULE = AccessRuleFacts("okta", "groups", "deciders", Role.SUPER_ADMIN)


@pytest.fixture
def world() -> World:
    return World()


# ---- What they do at once


def push(actor: Actor, *, waits: bool = False) -> str:
    """Noor, in the group that has a rule; where it waits, the others begin once the rules are read."""

    def action() -> str:
        pushed = open_staff_push(actor, OKTA, "")
        if waits:
            meet()
        entry = add_staff_entry(pushed, StaffFacts(NOOR, "Noor", NOOR, True, None, {"userName": NOOR}))
        add_staff_group(pushed, GroupFacts("deciders", None, [entry.scim_id]))
        close_staff_push(pushed)
        return entry.scim_id

    return transact(action)


def take_out(actor: Actor) -> None:
    """Noor is in no group any more."""

    def action() -> None:
        pushed = open_staff_push(actor, OKTA, "")
        meet()
        remove_staff_group(pushed, db.session.scalars(select(StaffGroup)).one())

    transact(action)


def weaken_rule(actor: Actor) -> None:
    def action() -> None:
        key = db.session.scalars(select(AccessRule.id)).one()
        facts = AccessRuleFacts("okta", "groups", "deciders", Role.SUPPORT, all_platforms=True)
        change_access_rule(actor, key, facts, ["okta"])
        reapply_access(actor, OKTA, "")

    meet()
    transact(action)


def delete_rule(actor: Actor) -> None:
    def action() -> None:
        delete_access_rule(actor, db.session.scalars(select(AccessRule.id)).one())
        reapply_access(actor, OKTA, "")

    meet()
    transact(action)


def visit(_actor: Actor, *groups: str) -> bool:
    """Noor signs in; whether she is let in."""
    visitor = Visitor("noor-1", "Noor", NOOR, {"groups": groups})
    attempt = Attempt(0, NOOR, "192.0.2.7", provider="okta")
    meet()
    result = transact(lambda: conclude_visit(OKTA, visitor, Rights("okta", False), attempt, "Firefox"))
    return result.handle is not None


def visit_as(_actor: Actor, email: str) -> bool:
    """One of the super-admins signs in; whether they are let in."""
    visitor = Visitor(email, email, email, {"groups": ["deciders"]})
    attempt = Attempt(0, email, "192.0.2.7", provider="okta")
    result = transact(lambda: conclude_visit(OKTA, visitor, Rights("okta", False), attempt, "Firefox"))
    return result.handle is not None


# ---- What is there in the end


def begin(app: Flask, world: World, *, pushed: bool = False) -> None:
    """A token, a rule, a super-admin beside Noor; Noor in the directory, or not yet."""
    with a_world(app, world):
        for table in (SignIn, ExternalIdentity, StaffGroup, StaffEntry, AccessRule):
            for row in db.session.scalars(select(table)):
                db.session.delete(row)
            db.session.flush()
        for person in db.session.scalars(select(Person).where(Person.email == NOOR)):
            person.email = f"former.{person.id}@example.com"
        db.session.commit()
        assert world.ada.role is Role.SUPER_ADMIN
        transact(lambda: create_staff_token(COMMAND_LINE, "okta", name="Okta", providers=[OKTA]))
        transact(lambda: create_access_rule(COMMAND_LINE, RULE, ["okta"]))
        if pushed:
            push(COMMAND_LINE)


def noor(app: Flask) -> tuple[Role, bool, int] | None:
    """Her role, whether she may sign in, and how many sessions she has."""
    with inside(app):
        person = db.session.scalars(select(Person).where(Person.email == NOOR)).one_or_none()
        if person is None:
            return None
        sessions = db.session.scalars(select(SignIn).where(SignIn.person_id == person.id)).all()
        return person.role, person.disabled_at is None, len(sessions)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_eight_pushes_of_one_person_make_one_person(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        begin(own_app, world)
        results = eight.all_at_once([Action(COMMAND_LINE, push)] * 8)
        assert Counter(result.outcome for result in results) == {"done": 1, "StaffUserNameTaken": 7}, results
        assert noor(own_app) == (Role.SUPER_ADMIN, True, 0)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_a_rule_that_is_changed_during_a_push_holds_for_whom_it_pushes(
    own_app: Flask, two: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        begin(own_app, world)
        results = two.all_at_once([Action(COMMAND_LINE, push_and_wait), Action(COMMAND_LINE, weaken_rule)])
        assert [result.outcome for result in results] == ["done"] * 2, results
        assert noor(own_app) == (Role.SUPPORT, True, 0)
        begin(own_app, world)
        results = two.all_at_once([Action(COMMAND_LINE, push_and_wait), Action(COMMAND_LINE, delete_rule)])
        assert [result.outcome for result in results] == ["done"] * 2, results
        assert noor(own_app) in (None, (Role.SUPER_ADMIN, False, 0))


def push_and_wait(actor: Actor) -> str:
    return push(actor, waits=True)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_who_signs_in_while_they_are_pushed_is_one_person(
    own_app: Flask, two: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        begin(own_app, world)
        results = two.all_at_once([Action(COMMAND_LINE, push_and_wait), Action(COMMAND_LINE, visit)])
        assert [result.outcome for result in results] == ["done"] * 2, results
        assert noor(own_app) == (Role.SUPER_ADMIN, True, 1)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
@pytest.mark.parametrize("taking", [take_out, delete_rule], ids=["push", "rule"])
def test_whose_access_is_taken_away_while_they_sign_in_has_no_session_left(
    own_app: Flask, two: Callers, world: World, taking: object, rounds: int
) -> None:
    for _ in range(rounds):
        begin(own_app, world, pushed=True)
        signing_in = Action(COMMAND_LINE, visit, ("deciders",))
        results = two.all_at_once([Action(COMMAND_LINE, taking), signing_in])  # type: ignore[arg-type]
        assert [result.outcome for result in results] == ["done"] * 2, results
        assert noor(own_app) == (Role.SUPER_ADMIN, False, 0)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_super_admins_sign_in_at_the_same_moment(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    with a_world(own_app, world):
        transact(lambda: create_access_rule(COMMAND_LINE, RULE, ["okta"]))
        addresses = [world.a_person(f"Admin {at}", Role.SUPER_ADMIN).email for at in range(8)]
    for _ in range(rounds):
        results = eight.all_at_once([Action(COMMAND_LINE, visit_as, (email,)) for email in addresses])
        assert [(result.outcome, result.value) for result in results] == [("done", True)] * 8, results
