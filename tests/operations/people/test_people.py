"""Who may sign in, as what, and for which platforms; and how a session opens and ends."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.config import Settings
from hwadmin.db.extensions import Base, db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact, unit_of_work
from hwadmin.domain.people.passwords import Hasher
from hwadmin.domain.permissions import COMMAND_LINE, Actor, Role
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.factory import create_app
from hwadmin.models import AuditEvent, FailedSignIn, Person, SignIn
from hwadmin.operations.people import people, sessions, sign_in
from hwadmin.operations.people.person_checks import PersonFacts
from hwadmin.operations.people.sign_in import SignInResult
from tests.builders import World

QUICK = Hasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "tall walnut under bridge"
LONGEST = timedelta(hours=12)


def everything() -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, to show that nothing was touched."""
    db.session.rollback()
    return {
        table.name: sorted(map(tuple, db.session.connection().execute(select(table)).all()), key=repr)
        for table in Base.metadata.sorted_tables
    }


def events(kind: str) -> list[AuditEvent]:
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.kind == kind).order_by(AuditEvent.id)))


def sessions_of(person: Person) -> int:
    return len(db.session.scalars(select(SignIn).where(SignIn.person_id == person.id)).all())


def create(actor: Actor, *args: Any, **kwargs: Any) -> tuple[Person, str] | None:
    return transact(lambda: people.create_person(actor, PersonFacts(*args, **kwargs), hasher=QUICK))


def change(world: World, person: Person, **values: Any) -> Person:
    facts = PersonFacts(
        name=person.name,
        email=person.email,
        role=person.role,
        platform_ids=[platform.id for platform in person.platforms],
        all_platforms=person.all_platforms,
    )
    facts = dataclasses.replace(facts, **values)
    return transact(lambda: people.change_person(world.ada.actor, person.id, facts))


def try_to_sign_in(
    email: str, password: str, address: str | None = "192.0.2.1", hasher: CountingHasher | Hasher = QUICK
) -> SignInResult:
    attempt = transact(lambda: sign_in.count_attempt(email, address))
    attempt = transact(lambda: sign_in.weigh_attempt(attempt))
    right = sign_in.is_right(attempt, password, hasher)
    return transact(lambda: sign_in.conclude_attempt(attempt, right, password, hasher=hasher))


@pytest.fixture
def piet(world: World) -> Person:
    """Piet, whose password is known."""
    return world.a_person(
        "Piet Jansen",
        Role.PLATFORM_ADMIN,
        world.northwind,
        email="piet@example.com",
        password_hash=QUICK.hash(PASSWORD),
    )


# ---- Creating


def test_a_super_admin_creates_somebody_who_can_then_sign_in(world: World) -> None:
    person, password = create(
        world.ada.actor, "  Noor Haddad ", "Noor@Example.COM", "platform_admin", [world.northwind.id]
    )
    assert (person.name, person.email, person.role) == (
        "Noor Haddad",
        "noor@example.com",
        Role.PLATFORM_ADMIN,
    )
    assert try_to_sign_in("noor@example.com", password).handle
    (event,) = events("person.created")
    assert event.actor_name == "Ada Okafor"
    assert event.summary == (
        "Ada Okafor created Noor Haddad, noor@example.com: Platform admin, platforms: Northwind Voice."
    )
    assert password not in event.summary + repr(event.details) + person.password_hash


@pytest.mark.parametrize("who", ["piet", "sam"])
def test_nobody_but_a_super_admin_changes_people(world: World, who: str) -> None:
    actor, bea = getattr(world, who).actor, world.bea
    before = everything()
    facts = PersonFacts("X", "x@example.com", Role.SUPER_ADMIN)
    for action in (
        lambda: people.create_person(actor, facts, hasher=QUICK),
        lambda: people.change_person(actor, bea.id, facts),
        lambda: people.disable_person(actor, bea.id),
        lambda: people.enable_person(actor, bea.id),
        lambda: people.reset_password(actor, bea.id, hasher=QUICK),
    ):
        with pytest.raises(NotAllowed):
            transact(action)
    assert everything() == before


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"name": "  "}, ["name"]),
        ({"name": "x" * 201}, ["name"]),
        ({"name": "a\x00b"}, ["name"]),
        ({"email": ""}, ["email"]),
        ({"email": "nobody"}, ["email"]),
        ({"email": "a b@example.com"}, ["email"]),
        ({"email": "a@b@example.com"}, ["email"]),
        ({"email": "a\x00@example.com"}, ["email"]),
        ({"email": "x" * 250 + "@example.com"}, ["email"]),
        ({"email": "PIET@example.com"}, ["email"]),
        ({"role": "owner"}, ["role"]),
        ({"role": ""}, ["role"]),
        ({"role": "platform_admin"}, ["platform_ids"]),
        ({"role": "support"}, ["platform_ids"]),
        ({"role": "support", "platforms": "one", "all_platforms": True}, ["platform_ids"]),
        ({"role": "platform_admin", "platforms": "one", "all_platforms": True}, ["all_platforms"]),
        ({"role": "super_admin", "platforms": "one"}, ["platform_ids"]),
        ({"role": "super_admin", "all_platforms": True}, ["all_platforms"]),
        ({"role": "platform_admin", "platforms": "unknown"}, ["platform_ids", "platform_ids"]),
        ({"name": "", "email": "nobody", "role": "support"}, ["name", "email", "platform_ids"]),
    ],
)
def test_every_problem_is_reported_at_its_field_and_nothing_is_written(
    world: World, piet: Person, values: dict[str, bool | str] | dict[str, str], fields: list[str]
) -> None:
    chosen = {"one": [world.northwind.id], "unknown": [999999], None: []}[values.get("platforms")]
    facts = PersonFacts(
        name=values.get("name", "Noor Haddad"),  # type: ignore[arg-type]
        email=values.get("email", "noor@example.com"),  # type: ignore[arg-type]
        role=values.get("role", "super_admin"),  # type: ignore[arg-type]
        platform_ids=chosen,
        all_platforms=values.get("all_platforms", False),  # type: ignore[arg-type]
    )
    actor, other = world.ada.actor, world.a_person("Other", Role.SUPER_ADMIN)
    before = everything()
    for action in (
        lambda: people.create_person(actor, facts, hasher=QUICK),
        lambda: people.change_person(actor, other.id, facts),
    ):
        with pytest.raises(InvalidInput) as refusal:
            transact(action)
        assert [error.field for error in refusal.value.errors] == fields
    assert everything() == before


@pytest.mark.parametrize("password", ["short", "password password", "Noor Haddad noor"])
def test_a_given_password_obeys_the_rules(world: World, password: str) -> None:
    actor = world.ada.actor
    before = everything()
    facts = PersonFacts("Noor Haddad", "noor@example.com", Role.SUPER_ADMIN)
    with pytest.raises(InvalidInput) as refusal:
        transact(lambda: people.create_person(actor, facts, password, QUICK))
    assert [error.field for error in refusal.value.errors] == ["password"]
    assert everything() == before


def test_support_may_be_given_all_platforms_and_reads_those_to_come(world: World) -> None:
    person, _ = create(world.ada.actor, "Noor", "noor@example.com", "support", all_platforms=True)
    assert person.actor.platform_ids is None


def test_of_two_people_created_with_one_address_at_once_one_is_refused_at_the_field(
    own_database: Settings,
) -> None:
    apps = [create_app(own_database), create_app(own_database)]

    def make(app: Flask) -> list[str] | str:
        with app.app_context(), acting_as(db.session, COMMAND_LINE):
            try:
                create(COMMAND_LINE, "Noor", "noor@example.com", "super_admin")
            except InvalidInput as refusal:
                return [error.field for error in refusal.errors]
            return "created"

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(make, apps * 4))
    assert sorted(map(str, results)) == ["['email']"] * 7 + ["created"]
    for app in apps:
        with app.app_context():
            db.engine.dispose()


# ---- Changing


def test_a_change_is_written_down_in_words_and_ends_sessions_where_rights_change(
    world: World, piet: Person
) -> None:
    sessions.open_session(piet)
    db.session.commit()
    change(world, piet, name="Piet de Vries", email="P.deVries@example.com")
    assert sessions_of(piet) == 1
    change(world, piet, platform_ids=[world.northwind.id, world.blue_harbor.id])
    assert sessions_of(piet) == 0
    named, given = events("person.changed")
    assert named.summary == (
        "Ada Okafor changed Piet Jansen: name: Piet Jansen → Piet de Vries; "
        "e-mail: piet@example.com → p.devries@example.com."
    )
    assert given.summary == (
        "Ada Okafor changed Piet de Vries: platforms: Northwind Voice → Blue Harbor Telecom, Northwind Voice."
    )
    assert given.details["sessions_ended"] == 1


@pytest.mark.parametrize(
    "values",
    [
        {"role": "super_admin", "platform_ids": []},
        {"role": "support"},
        {"role": "support", "platform_ids": [], "all_platforms": True},
    ],
)
def test_a_new_role_ends_every_session(
    world: World, piet: Person, values: dict[str, bool | list[Any] | str] | dict[str, list[Any] | str]
) -> None:
    handles = [sessions.open_session(piet) for _ in range(3)]
    db.session.commit()
    change(world, piet, **values)
    assert [sessions.authenticate_session(handle, LONGEST) for handle in handles] == [None] * 3


def test_saving_without_a_change_writes_nothing(world: World, piet: Person) -> None:
    sessions.open_session(piet)
    db.session.commit()
    world.ada  # noqa: B018 - made before the rows are counted
    before = everything()
    change(world, piet)
    assert everything() == before


@pytest.mark.parametrize("action", ["change_person", "disable_person", "enable_person", "reset_password"])
def test_who_is_not_there_is_not_found(world: World, action: str) -> None:
    actor = world.ada.actor
    extra = [PersonFacts("X", "x@example.com", Role.SUPER_ADMIN)] if action == "change_person" else []
    before = everything()
    with pytest.raises(NotFound):
        transact(lambda: getattr(people, action)(actor, 999999, *extra))
    assert everything() == before


def test_a_disabled_person_is_signed_out_and_cannot_sign_in_until_enabled(world: World, piet: Person) -> None:
    handle = sessions.open_session(piet)
    db.session.commit()
    actor = world.ada.actor
    transact(lambda: people.disable_person(actor, piet.id))
    assert sessions.authenticate_session(handle, LONGEST) is None
    assert sessions_of(piet) == 0
    assert try_to_sign_in(piet.email, PASSWORD).message == sign_in.WRONG
    transact(lambda: people.enable_person(actor, piet.id))
    assert sessions.authenticate_session(handle, LONGEST) is None
    assert try_to_sign_in(piet.email, PASSWORD).handle
    assert [event.summary for event in events("person.changed")] == [
        "Ada Okafor disabled Piet Jansen.",
        "Ada Okafor enabled Piet Jansen.",
    ]


def test_disabling_twice_and_enabling_the_enabled_is_refused(world: World, piet: Person) -> None:
    actor = world.ada.actor
    with pytest.raises(WrongState, match="is not disabled"):
        transact(lambda: people.enable_person(actor, piet.id))
    transact(lambda: people.disable_person(actor, piet.id))
    before = everything()
    with pytest.raises(WrongState, match=r"has been disabled since .* UTC already"):
        transact(lambda: people.disable_person(actor, piet.id))
    assert everything() == before


def test_nobody_disables_themselves_nor_resets_their_own_password(world: World) -> None:
    actor = world.ada.actor
    world.a_person("Noor Haddad", Role.SUPER_ADMIN)
    before = everything()
    for action in (people.disable_person, people.reset_password):
        with pytest.raises(WrongState):
            transact(lambda action=action: action(actor, actor.id))
    assert everything() == before


def test_the_last_active_super_admin_is_neither_disabled_nor_demoted(world: World) -> None:
    ada = world.ada
    noor = world.a_person("Noor Haddad", Role.SUPER_ADMIN)
    transact(lambda: people.disable_person(ada.actor, noor.id))
    before = everything()
    with pytest.raises(WrongState, match="Ada Okafor is the last active super-admin"):
        transact(lambda: people.disable_person(COMMAND_LINE, ada.id))
    with pytest.raises(WrongState, match="Ada Okafor is the last active super-admin"):
        change(world, ada, role=Role.SUPPORT, all_platforms=True)
    assert everything() == before
    transact(lambda: people.enable_person(COMMAND_LINE, noor.id))
    change(world, ada, role=Role.SUPPORT, all_platforms=True)


def test_of_super_admins_who_disable_each_other_at_once_one_stays(own_database: Settings) -> None:
    apps = [create_app(own_database), create_app(own_database)]
    with apps[0].app_context(), acting_as(db.session, COMMAND_LINE):
        made = [create(COMMAND_LINE, f"Admin {n}", f"a{n}@example.com", "super_admin")[0] for n in range(6)]
        actors = [person.actor for person in made]

    def disable(pair: Any) -> Any:
        app, actor, other = pair
        with app.app_context(), acting_as(db.session, actor):
            try:
                transact(lambda: people.disable_person(actor, other.id))
            except WrongState:
                return 0
            return 1

    rounds = [(apps[n % 2], actors[n], actors[(n + step) % 6]) for n in range(6) for step in range(1, 6)]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(disable, rounds)) == 5
    for app in apps:
        with app.app_context():
            active = select(Person).where(Person.disabled_at.is_(None))
            assert len(db.session.scalars(active).all()) == 1
            db.session.remove()
            db.engine.dispose()


def test_a_reset_password_works_once_read_and_ends_every_session(world: World, piet: Person) -> None:
    handle = sessions.open_session(piet)
    db.session.commit()
    actor = world.ada.actor
    _, password = transact(lambda: people.reset_password(actor, piet.id, hasher=QUICK))
    assert sessions.authenticate_session(handle, LONGEST) is None
    assert try_to_sign_in(piet.email, PASSWORD).handle is None
    assert try_to_sign_in(piet.email, password).handle
    (event,) = events("person.password_changed")
    assert event.summary == "Ada Okafor gave Piet Jansen a new password."
    assert password not in repr(event.details)


# ---- Signing in


def test_signing_in_opens_a_session_whose_handle_is_stored_nowhere(world: World, piet: Person) -> None:
    outcome = try_to_sign_in("  PIET@example.com ", PASSWORD)
    assert sessions.authenticate_session(outcome.handle, LONGEST).actor.id == piet.id  # type: ignore[arg-type]
    assert len(outcome.handle) >= 43  # type: ignore[arg-type]
    assert outcome.handle not in repr(everything())
    (event,) = events("person.signed_in")
    assert (event.actor_id, event.actor_name) == (piet.id, "Piet Jansen")
    assert event.details["address"] == "192.0.2.1"


def test_a_failed_sign_in_is_kept_with_the_address_shortened_and_never_the_password(
    world: World, piet: Person
) -> None:
    for email in ("piet@example.com", "nobody@example.com", "my secret in the wrong field"):
        assert try_to_sign_in(email, "not the password at all").message == sign_in.WRONG
    known, unknown, slip = events("person.sign_in_failed")
    assert known.summary == "Failed sign-in as pi…@example.com from 192.0.2.1."
    assert unknown.summary == "Failed sign-in as no…@example.com from 192.0.2.1."
    assert slip.summary == "Failed sign-in as my… from 192.0.2.1."
    assert (known.actor_id, known.details["person_id"], unknown.details["person_id"]) == (None, piet.id, None)
    assert "not the password" not in repr(everything()["audit_event"])
    assert len(everything()["failed_sign_in"]) == 3


class CountingHasher(Hasher):
    """Remembers what was compared."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.compared: list[str] = []

    def verify(self, stored: str | None, password: str) -> bool:
        self.compared.append(password)
        return super().verify(stored, password)


def test_known_unknown_and_disabled_people_cost_one_comparison_and_get_one_answer(
    world: World, piet: Person
) -> None:
    disabled = world.a_person("Tom Old", Role.SUPER_ADMIN, password_hash=QUICK.hash(PASSWORD))
    world.ada  # noqa: B018
    transact(lambda: people.disable_person(COMMAND_LINE, disabled.id))
    hasher, answers = CountingHasher(), []
    for email in ("piet@example.com", "nobody@example.com"):
        answers.append(try_to_sign_in(email, "wrong " * 5, hasher=hasher))
    answers.append(try_to_sign_in(disabled.email, PASSWORD, hasher=hasher))
    assert set(answers) == {sign_in.SignInResult(message=sign_in.WRONG)}
    assert hasher.compared == ["wrong " * 5, "wrong " * 5, PASSWORD]


def test_an_outdated_hash_is_made_anew_on_signing_in(world: World, piet: Person) -> None:
    stronger = Hasher(time_cost=2, memory_cost=16, parallelism=1)
    assert try_to_sign_in(piet.email, PASSWORD, hasher=stronger).handle
    db.session.expire_all()
    assert "m=16,t=2" in piet.password_hash
    assert try_to_sign_in(piet.email, PASSWORD, hasher=stronger).handle


def test_whoever_is_disabled_while_the_password_is_compared_is_not_let_in(world: World, piet: Person) -> None:
    attempt = transact(lambda: sign_in.weigh_attempt(sign_in.count_attempt(piet.email, "192.0.2.1")))
    assert sign_in.is_right(attempt, PASSWORD, QUICK)
    actor = world.ada.actor
    transact(lambda: people.disable_person(actor, piet.id))
    outcome = transact(lambda: sign_in.conclude_attempt(attempt, True, PASSWORD, hasher=QUICK))
    assert outcome == sign_in.SignInResult(message=sign_in.WRONG)
    assert sessions_of(piet) == 0


# ---- Limits


def fail(email: str, address: str, times: int) -> None:
    for _ in range(times):
        try_to_sign_in(email, "wrong " * 5, address)


def count_as_failed(email: str, address: str, times: int, ago: timedelta = timedelta(0)) -> None:
    db.session.add_all(FailedSignIn(email=email, address=address, at=utcnow() - ago) for _ in range(times))
    db.session.commit()


def test_after_ten_failures_even_the_right_password_waits_but_not_from_elsewhere(
    world: World, piet: Person
) -> None:
    fail(piet.email, "192.0.2.66", sign_in.PAIR_LIMIT)
    held = try_to_sign_in(piet.email, PASSWORD, "192.0.2.66")
    assert held == sign_in.SignInResult(message=sign_in.LIMITED, limited=True)
    assert try_to_sign_in(piet.email, PASSWORD, "192.0.2.1").handle
    *before, last = events("person.sign_in_failed")
    assert last.summary.endswith("Further tries are held back for 15 minutes.")
    assert not any("Further tries" in event.summary for event in before)


def test_tries_that_are_held_back_do_not_lengthen_the_wait(world: World, piet: Person) -> None:
    minutes = timedelta(minutes=1)
    count_as_failed(piet.email, "192.0.2.66", sign_in.PAIR_LIMIT, ago=14 * minutes)
    for _ in range(30):
        assert try_to_sign_in(piet.email, PASSWORD, "192.0.2.66").limited
    for failed in db.session.scalars(select(FailedSignIn)):
        failed.at -= 2 * minutes
    db.session.commit()
    assert try_to_sign_in(piet.email, PASSWORD, "192.0.2.66").handle


def test_signing_in_forgets_the_failures_before_it(world: World, piet: Person) -> None:
    for _ in range(3):
        fail(piet.email, "192.0.2.1", sign_in.PAIR_LIMIT - 1)
        assert try_to_sign_in(piet.email, PASSWORD).handle


def test_unknown_people_are_held_back_like_known_ones(world: World) -> None:
    fail("nobody@example.com", "192.0.2.66", sign_in.PAIR_LIMIT)
    assert try_to_sign_in("nobody@example.com", "x", "192.0.2.66").limited


def test_an_address_that_tries_everybody_is_held_back(world: World, piet: Person) -> None:
    for n in range(sign_in.ADDRESS_LIMIT):
        count_as_failed(f"somebody{n}@example.com", "192.0.2.66", 1)
    assert try_to_sign_in(piet.email, PASSWORD, "192.0.2.66").limited
    assert try_to_sign_in(piet.email, PASSWORD, "192.0.2.67").handle


def test_many_addresses_against_one_person_hold_back_only_addresses_they_never_used(
    world: World, piet: Person
) -> None:
    with clock.at(utcnow() - timedelta(days=91)):
        assert try_to_sign_in(piet.email, PASSWORD, "192.0.2.9").handle
    assert try_to_sign_in(piet.email, PASSWORD, "192.0.2.1").handle
    for n in range(sign_in.EMAIL_LIMIT):
        count_as_failed(piet.email, f"198.51.100.{n}", 1)
    assert try_to_sign_in(piet.email, PASSWORD, "203.0.113.9").limited
    # Used once, too long ago.
    assert try_to_sign_in(piet.email, PASSWORD, "192.0.2.9").limited
    assert try_to_sign_in(piet.email, PASSWORD, "192.0.2.1").handle


def test_all_addresses_of_one_ipv6_network_count_as_one(world: World, piet: Person) -> None:
    for n in range(sign_in.PAIR_LIMIT):
        fail(piet.email, f"2001:db8:1:2::{n:x}", 1)
    assert try_to_sign_in(piet.email, PASSWORD, "2001:db8:1:2:ffff::1").limited
    assert try_to_sign_in(piet.email, PASSWORD, "2001:db8:1:3::1").handle
    # One of the former internet, in the new spelling.
    assert sign_in.network_of("::ffff:192.0.2.1") == sign_in.network_of("192.0.2.1")


@pytest.mark.parametrize("address", [None, "", "unknown", "::ffff:192.0.2.1", "x" * 500])
def test_any_address_can_be_counted(world: World, piet: Person, address: str | None) -> None:
    assert try_to_sign_in(piet.email, "wrong " * 5, address).message == sign_in.WRONG


@pytest.mark.parametrize("email", ["", "\x00", "x" * 5000, "a\x00b@example.com", "😀@例え.jp", "\ud800"])
def test_anything_can_be_typed_as_an_address(world: World, email: str) -> None:
    assert try_to_sign_in(email, "wrong\x00 " * 5).message == sign_in.WRONG


def test_workers_count_together_and_let_exactly_the_limit_through(own_database: Settings) -> None:
    apps = [create_app(own_database), create_app(own_database)]
    with apps[0].app_context(), acting_as(db.session, COMMAND_LINE):
        create(COMMAND_LINE, "Ada Okafor", "ada@example.com", "super_admin")
    hasher = CountingHasher()

    def guess(app: Flask) -> bool:
        with app.app_context():
            return try_to_sign_in("ada@example.com", "wrong " * 5, hasher=hasher).limited

    with ThreadPoolExecutor(8) as pool:
        limited = list(pool.map(guess, apps * 20))
    assert len(hasher.compared) == limited.count(False) <= sign_in.PAIR_LIMIT
    # Tries at the same instant may hold each other back; never let through more, hardly fewer.
    assert limited.count(False) >= sign_in.PAIR_LIMIT - 8
    for app in apps:
        with app.app_context():
            db.engine.dispose()


# ---- Sessions


def test_a_session_ends_twelve_hours_after_it_began(world: World, piet: Person) -> None:
    handle = sessions.open_session(piet)
    db.session.commit()
    assert sessions.authenticate_session(handle, LONGEST)
    row = db.session.scalars(select(SignIn)).one()
    row.created_at -= LONGEST
    db.session.commit()
    assert sessions.authenticate_session(handle, LONGEST) is None


def test_a_disabled_person_has_no_session_even_where_one_was_left_open(world: World, piet: Person) -> None:
    handle = sessions.open_session(piet)
    piet.disabled_at = utcnow()
    db.session.commit()
    assert sessions.authenticate_session(handle, LONGEST) is None


def test_closing_one_session_leaves_the_others(world: World, piet: Person) -> None:
    first, second = sessions.open_session(piet), sessions.open_session(piet)
    assert sessions.close_session(first)
    assert not sessions.close_session(first)
    assert sessions.authenticate_session(first, LONGEST) is None
    assert sessions.authenticate_session(second, LONGEST)


def test_sessions_ended_by_age_are_swept_when_their_person_signs_in_again(world: World, piet: Person) -> None:
    sessions.open_session(piet)
    db.session.scalars(select(SignIn)).one().created_at -= timedelta(days=31)
    db.session.commit()
    sessions.open_session(piet)
    assert sessions_of(piet) == 1


def test_signing_out_twice_is_one_event(world: World, piet: Person) -> None:
    handle = sessions.open_session(piet)
    for _ in range(2):
        with unit_of_work():
            sessions.sign_out(piet.actor, handle)
    assert [event.summary for event in events("person.signed_out")] == ["Piet Jansen signed out."]


def test_changing_ones_password_ends_every_session_and_opens_one(world: World, piet: Person) -> None:
    old = sessions.open_session(piet)
    attempt = transact(lambda: sign_in.weigh_attempt(sign_in.count_attempt(piet.email, "192.0.2.1")))
    new = transact(lambda: people.change_own_password(attempt, "seven quiet rivers north", hasher=QUICK))
    assert sessions.authenticate_session(old, LONGEST) is None
    assert sessions.authenticate_session(new, LONGEST).actor.id == piet.id
    assert try_to_sign_in(piet.email, "seven quiet rivers north").handle
    (event,) = events("person.password_changed")
    assert event.summary == "Piet Jansen changed their password."


def test_a_password_proven_before_it_was_reset_changes_nothing(world: World, piet: Person) -> None:
    attempt = transact(lambda: sign_in.weigh_attempt(sign_in.count_attempt(piet.email, "192.0.2.1")))
    actor = world.ada.actor
    transact(lambda: people.reset_password(actor, piet.id, hasher=QUICK))
    before = everything()
    with pytest.raises(InvalidInput, match="changed meanwhile"):
        transact(lambda: people.change_own_password(attempt, "seven quiet rivers north", hasher=QUICK))
    assert everything() == before
