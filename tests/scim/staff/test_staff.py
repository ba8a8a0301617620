"""What an identity provider's pushes make of the company's people, and what they can never do."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE, Role
from hwadmin.errors import NotAllowed
from hwadmin.models import Person, StaffEntry, StaffToken
from hwadmin.operations.people import people, tokens
from hwadmin.operations.people.access_rules import rules_of
from hwadmin.operations.people.external_sign_in import Rights, Visitor, conclude_visit
from hwadmin.operations.people.person_checks import PersonFacts
from hwadmin.operations.people.sign_in import Attempt, SignInResult
from hwadmin.operations.people.staff.access import directory_access, open_staff_push, reapply_access
from hwadmin.operations.people.staff.tokens import revoke_staff_token
from tests.api.conftest import Traces
from tests.builders import Clients
from tests.scim.pushers import refusal
from tests.scim.staff.conftest import BREAK_GLASS, ENTRA, OKTA, StaffPusher, events, person
from tests.work import function_calls

NOOR = "noor@example.com"


def state(email: str) -> tuple[Role, bool] | None:
    """Somebody's role, and whether they may sign in."""
    somebody = person(email)
    return None if somebody is None else (somebody.role, somebody.disabled_at is None)


def visit(email: str | None = NOOR, subject: str = "noor-1", **claims: Any) -> SignInResult:
    """Signing in by Okta."""
    visitor = Visitor(subject, "Noor Haddad", email, claims)
    attempt = Attempt(0, email or "", "192.0.2.7", provider="okta")
    return transact(lambda: conclude_visit(OKTA, visitor, Rights("okta", False), attempt, "Firefox"))


# ---- Users and groups


def test_a_user_in_a_group_with_a_rule_may_sign_in_and_is_what_the_rule_says(okta: StaffPusher) -> None:
    key = okta.user(NOOR, displayName="Noor Haddad")
    assert state(NOOR) is None
    okta.group("desk", key)
    noor = person(NOOR)
    assert noor is not None
    assert (noor.name, noor.role, noor.managed_by) == ("Noor Haddad", Role.SUPPORT, "okta")
    assert [row.name for row in noor.platforms] == [okta.world.northwind.name]
    assert events("person.created") == [
        f"Okta (staff directory) created Noor Haddad, {NOOR}: Support, platforms: "
        f"{okta.world.northwind.name}."
    ]
    assert events("staff_directory.changed") == [
        "Staff directory: Noor Haddad added",
        "Staff directory: group desk added with 1 members",
    ]


def test_okta_and_entra_move_people_between_groups_each_in_their_own_way(okta: StaffPusher) -> None:
    key = okta.user(NOOR)
    desk, deciders = okta.group("desk"), okta.group("anything", externalId="deciders")
    okta.patch(f"/Groups/{desk}", {"op": "Add", "path": "members", "value": [{"value": key}]})
    assert state(NOOR) == (Role.SUPPORT, True)
    okta.patch(f"/Groups/{deciders}", {"op": "add", "value": {"members": [{"value": key}]}})
    assert state(NOOR) == (Role.SUPER_ADMIN, True)
    okta.patch(f"/Groups/{deciders}", {"op": "Remove", "path": "members", "value": [{"value": key}]})
    assert state(NOOR) == (Role.SUPPORT, True)
    okta.patch(f"/Groups/{desk}", {"op": "remove", "path": f'members[value eq "{key}"]'})
    assert state(NOOR) == (Role.SUPPORT, False)
    assert "Staff directory: noor@example.com left desk" in events()


def test_a_renamed_group_gives_what_its_new_name_gives(okta: StaffPusher) -> None:
    group = okta.group("desk", okta.user(NOOR))
    okta.patch(f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "deciders"})
    assert state(NOOR) == (Role.SUPER_ADMIN, True)
    assert okta("DELETE", f"/Groups/{group}").status_code == 204
    assert state(NOOR) == (Role.SUPER_ADMIN, False)


def test_roles_count_as_the_claim_of_this_name(okta: StaffPusher) -> None:
    okta.rule("Hardware.Decide", claim="roles")
    okta.user(NOOR, roles=[{"value": "Hardware.Decide", "primary": True}])
    assert state(NOOR) == (Role.SUPER_ADMIN, True)


def test_whoever_is_inactive_is_out_at_the_next_request_with_every_token(
    app: Flask, okta: StaffPusher, clients: Clients
) -> None:
    email = okta.world.piet.email
    key = okta.user(email)
    okta.rule("admins", Role.PLATFORM_ADMIN, platform_ids=[okta.world.northwind.id])
    okta.group("admins", key)
    _, secret = transact(lambda: tokens.create_token(COMMAND_LINE, okta.world.piet.id, name="Sync"))
    bearer = {"Authorization": f"Bearer {secret}"}
    piet = clients.piet
    assert piet.get("/my-account").status_code == 200
    assert okta.client.get("/api/v1/accounts", headers=bearer).status_code == 200
    okta.patch(f"/Users/{key}", {"op": "Replace", "path": "active", "value": "False"})
    assert state(email) == (Role.PLATFORM_ADMIN, False)
    assert piet.get("/my-account").status_code == 302
    assert okta.client.get("/api/v1/accounts", headers=bearer).status_code == 401
    okta.patch(f"/Users/{key}", {"op": "Replace", "value": {"active": True}})
    assert state(email) == (Role.PLATFORM_ADMIN, True)
    assert piet.get("/my-account").status_code == 302
    assert okta("DELETE", f"/Users/{key}").status_code == 204
    assert state(email) == (Role.PLATFORM_ADMIN, False)


def test_a_push_that_says_nothing_new_changes_nothing(okta: StaffPusher) -> None:
    key = okta.user(NOOR, displayName="Noor")
    group = okta.group("desk", key)
    before = Traces()
    body = {"userName": NOOR, "displayName": "Noor"}
    assert okta("PUT", f"/Users/{key}", body).status_code == 200
    okta.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": key}]})
    assert before.none()


def test_look_ups_find_by_name_and_id_and_only_ones_own(app: Flask, okta: StaffPusher) -> None:
    entra = StaffPusher(app, okta.world, "entra")
    theirs = entra.user("noor@example.org")
    key, group = okta.user(NOOR, externalId="00u1"), okta.group("desk", externalId="g1")
    for query in (f'userName eq "{NOOR.upper()}"', 'externalId eq "00u1"', 'userName sw "noor"'):
        found = okta.get(f"/Users?filter={query}")
        assert [row["id"] for row in found["Resources"]] == [key], query
    for query in ('displayName eq "DESK"', 'externalId eq "g1"'):
        found = okta.get(f"/Groups?filter={query}&excludedAttributes=members")
        assert [row["id"] for row in found["Resources"]] == [group], query
    assert okta.get('/Users?filter=userName eq "noor@example.org"')["totalResults"] == 0
    refusal(okta("GET", f"/Users/{theirs}"), 404)
    refusal(okta("DELETE", f"/Users/{theirs}"), 404)
    # Neither can somebody else's be put into a group.
    okta.group("deciders", theirs, status=400)


# ---- What no push can do


def refused(okta: StaffPusher, method: str, path: str, body: Any, status: int) -> str:
    """A push that is refused and leaves nothing behind; the reason."""
    before = Traces()
    answer = okta(method, path, body)
    assert before.none()
    return str(refusal(answer, status)["detail"])


def test_the_break_glass_account_is_no_providers(okta: StaffPusher) -> None:
    detail = "The break-glass account is changed by no identity provider."
    assert refused(okta, "POST", "/Users", {"userName": BREAK_GLASS}, 409) == detail
    key = okta.user(NOOR)
    okta.group("deciders", key)
    # Named in the settings only after it was pushed.
    noor = person(NOOR)
    assert noor is not None
    noor.email = BREAK_GLASS
    db.session.commit()
    off = {"Operations": [{"op": "Replace", "path": "active", "value": False}]}
    assert refused(okta, "PATCH", f"/Users/{key}", off, 409) == detail
    assert refused(okta, "DELETE", f"/Users/{key}", None, 409) == detail
    assert state(BREAK_GLASS) == (Role.SUPER_ADMIN, True)


def test_the_last_super_admin_is_neither_disabled_nor_given_less(okta: StaffPusher) -> None:
    email = okta.world.ada.email
    key = okta.user(email)
    desk, deciders = okta.group("desk"), okta.group("deciders", key)
    for row in db.session.scalars(select(Person).where(Person.role == Role.SUPER_ADMIN)):
        row.disabled_at = None if row.email == email else utcnow()
    db.session.commit()
    off = {"Operations": [{"op": "Replace", "path": "active", "value": False}]}
    assert "last active super-admin" in refused(okta, "PATCH", f"/Users/{key}", off, 409)
    assert "last active super-admin" in refused(okta, "DELETE", f"/Users/{key}", None, 409)
    assert "last active super-admin" in refused(okta, "DELETE", f"/Groups/{deciders}", None, 409)
    okta.patch(f"/Groups/{desk}", {"op": "add", "path": "members", "value": [{"value": key}]})
    less = {"Operations": [{"op": "remove", "path": "members"}]}
    assert "last active super-admin" in refused(okta, "PATCH", f"/Groups/{deciders}", less, 409)
    assert state(email) == (Role.SUPER_ADMIN, True)


@pytest.mark.parametrize("email", ["piet@elsewhere.example", "@example.com", "example.com", ""])
def test_an_address_outside_of_the_providers_domains_makes_nobody(okta: StaffPusher, email: str) -> None:
    okta.world.piet.email = "piet@elsewhere.example"
    db.session.commit()
    okta.group("deciders", okta.user("anybody", emails=[{"value": email}]))
    assert state("piet@elsewhere.example") == (Role.PLATFORM_ADMIN, True)
    assert db.session.scalars(select(StaffEntry.person_id)).all() == [None]
    # Nor does it count when the real one signs in.
    assert visit("piet@elsewhere.example", "piet-1").handle is None


def test_an_address_outside_of_the_domains_does_not_replace_one_within(okta: StaffPusher) -> None:
    key = okta.user("noor", displayName="Noor", emails=[{"value": NOOR}])
    okta.group("deciders", key)
    body = {"userName": "noor", "displayName": "Noor H", "emails": [{"value": "bea@elsewhere.example"}]}
    assert okta("PUT", f"/Users/{key}", body).status_code == 200
    noor = person(NOOR)
    assert noor is not None
    assert noor.name == "Noor H"


def test_whom_another_provider_or_another_user_has_is_not_taken_over(app: Flask, okta: StaffPusher) -> None:
    first = okta.user("noor", emails=[{"value": NOOR}])
    group = okta.group("desk", first)
    second = okta.user("noor.two", emails=[{"value": NOOR}])
    more = {"Operations": [{"op": "add", "path": "members", "value": [{"value": second}]}]}
    assert refused(okta, "PATCH", f"/Groups/{group}", more, 409) == f"{NOOR} is the address of another user."
    okta.world.bea.managed_by = "entra"
    okta.world.bea.email = "bea@example.com"
    db.session.commit()
    bea = okta.user("bea@example.com")
    more = {"Operations": [{"op": "add", "path": "members", "value": [{"value": bea}]}]}
    detail = "bea@example.com signs in by another identity provider here."
    assert refused(okta, "PATCH", f"/Groups/{group}", more, 409) == detail
    # And no address of somebody else can be had by changing one's own.
    taken = {"userName": "noor", "emails": [{"value": okta.world.ada.email}]}
    assert "is there already" in refused(okta, "PUT", f"/Users/{first}", taken, 400)


def test_whom_a_super_admin_disabled_stays_so(okta: StaffPusher) -> None:
    key = okta.user(NOOR)
    group = okta.group("desk", key)
    noor = person(NOOR)
    assert noor is not None
    transact(lambda: people.disable_person(COMMAND_LINE, noor.id))
    okta.patch(f"/Users/{key}", {"op": "Replace", "path": "active", "value": True})
    okta.patch(f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "deciders"})
    assert state(NOOR) == (Role.SUPPORT, False)
    assert okta.get(f"/Users/{key}")["active"] is False


def test_bad_input_is_refused_with_its_reason(okta: StaffPusher) -> None:
    key = okta.user(NOOR)
    assert "already" in refused(okta, "POST", "/Users", {"userName": NOOR.upper()}, 409)
    assert "255" in refused(okta, "POST", "/Users", {"userName": "a", "externalId": "x" * 256}, 400)
    assert "one line" in refused(okta, "POST", "/Groups", {"displayName": "a\nb"}, 400)
    members = [{"value": key}, {"value": "nobody"}]
    refused(okta, "POST", "/Groups", {"displayName": "desk", "members": members}, 400)
    refused(okta, "POST", "/Bulk", {"Operations": []}, 501)


# ---- Signing in


def test_what_was_pushed_counts_at_a_sign_in_and_not_what_the_sign_in_says(okta: StaffPusher) -> None:
    key = okta.user(NOOR)
    group = okta.group("desk", key)
    assert visit(groups=["deciders"]).handle is not None
    assert state(NOOR) == (Role.SUPPORT, True)
    okta.patch(f"/Groups/{group}", {"op": "remove", "path": "members"})
    result = visit(groups=["deciders"])
    assert result.message == "Okta gives you no access here. Ask a super-admin."
    assert state(NOOR) == (Role.SUPPORT, False)


def test_a_rule_made_after_the_push_counts_at_the_sign_in(okta: StaffPusher) -> None:
    okta.group("late", okta.user(NOOR))
    assert visit().handle is None
    okta.rule("late")
    assert visit().handle is not None
    noor = person(NOOR)
    assert noor is not None
    assert db.session.scalars(select(StaffEntry.person_id)).all() == [noor.id]


def test_a_changed_rule_is_applied_to_everybody_pushed(okta: StaffPusher) -> None:
    okta.group("late", okta.user(NOOR))
    okta.rule("late", Role.SUPPORT, all_platforms=True)
    transact(lambda: reapply_access(COMMAND_LINE, OKTA, BREAK_GLASS))
    assert state(NOOR) == (Role.SUPPORT, True)


def test_who_is_inactive_is_given_nothing_whatever_their_groups(okta: StaffPusher) -> None:
    key = okta.user(NOOR, active=False)
    okta.group("deciders", key)
    entry = db.session.scalars(select(StaffEntry)).one()
    assert directory_access(entry, rules_of("okta")) is None
    assert state(NOOR) is None
    assert visit(groups=["deciders"]).handle is None


# ---- Tokens


def test_only_a_live_staff_token_of_a_provider_in_the_settings_is_let_in(
    app: Flask, okta: StaffPusher, clients: Clients
) -> None:
    revoked = StaffPusher(app, okta.world)
    token = db.session.scalars(select(StaffToken).order_by(StaffToken.id.desc())).first()
    assert token is not None
    transact(lambda: revoke_staff_token(COMMAND_LINE, token.id))
    _, of_the_api = transact(lambda: tokens.create_token(COMMAND_LINE, okta.world.ada.id, name="API"))
    answers = set()
    for secret in (revoked.secret, of_the_api, "hwp_nonsense", "\u00e9" * 20):
        revoked.secret = secret
        answer = revoked("POST", "/Users", {"userName": NOOR})
        refusal(answer, 401)
        answers.add(answer.text)
    assert len(answers) == 1
    refusal(clients.ada.get("/scim/staff/v2/Users"), 401)
    # Whose last token is revoked after a request was let in, and before it writes.
    with pytest.raises(NotAllowed, match="pushes nobody any more"):
        open_staff_push(COMMAND_LINE, ENTRA, BREAK_GLASS)
    settings = app.config["HWADMIN"]
    app.config["HWADMIN"] = type(settings)(
        **{name: getattr(settings, name) for name in settings.__slots__} | {"providers": (ENTRA,)}
    )
    refusal(okta("GET", "/Users"), 401)


def test_a_staff_token_opens_nothing_else(okta: StaffPusher) -> None:
    account = okta.world.an_account()
    for path in ("/api/v1/accounts", f"/scim/v2/{account.id}/Users", "/people/"):
        answer = okta.client.get(path, headers={"Authorization": f"Bearer {okta.secret}"})
        assert answer.status_code in (401, 302), path


def test_the_hour_of_use_is_noted(okta: StaffPusher) -> None:
    okta.get("/Users")
    db.session.expire_all()
    assert db.session.scalars(select(StaffToken.last_used_at)).one() is not None


def test_people_made_by_hand_are_not_touched(okta: StaffPusher) -> None:
    facts = PersonFacts("Kim", "kim@example.com", Role.SUPER_ADMIN)
    transact(lambda: people.create_person(COMMAND_LINE, facts, "violet-anchor-marble-7"))
    okta.group("desk", okta.user(NOOR))
    transact(lambda: reapply_access(COMMAND_LINE, OKTA, BREAK_GLASS))
    assert state("kim@example.com") == (Role.SUPER_ADMIN, True)


def test_changing_members_one_by_one_looks_at_all_of_them_once(okta: StaffPusher) -> None:
    """As providers send them: an operation for each."""
    first, *others = (okta.user(f"desk{number}@example.com") for number in range(40))
    groups = [okta.group(name, first) for name in ("one by one", "together")]

    def works(op: str) -> list[int]:
        values = [{"value": one} for one in others]
        apart = [{"op": op, "path": "members", "value": [value]} for value in values]
        together = [{"op": op, "path": "members", "value": values}]
        return [
            function_calls(lambda key=key, changes=changes: okta.patch(f"/Groups/{key}", *changes))
            for key, changes in zip(groups, (apart, together), strict=True)
        ]

    def members() -> list[set[str]]:
        return [{one["value"] for one in okta.get(f"/Groups/{key}").get("members", [])} for key in groups]

    works("remove")  # What is made with the first request is no work of the others.
    apart, together = works("Add")
    assert apart < 1.5 * together
    assert members() == [{first, *others}] * 2
    apart, together = works("remove")
    assert apart < 1.5 * together
    assert members() == [{first}] * 2
