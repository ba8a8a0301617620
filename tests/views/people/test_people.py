"""The pages and commands that keep people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import event, select

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.people.passwords import Hasher
from hwadmin.domain.permissions import COMMAND_LINE, Permission, Role
from hwadmin.models import AuditEvent, Person
from hwadmin.web import access
from tests.builders import Answer, Clients, World

QUICK = Hasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def quick_passwords(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hashes that cost nothing."""
    app = request.getfixturevalue("own_app" if "own_app" in request.fixturenames else "app")
    app.config["PASSWORD_HASHER"] = QUICK
    yield
    del app.config["PASSWORD_HASHER"]


def form(
    world: World, **values: Any
) -> dict[str, list[Any] | str] | dict[str, list[int] | str] | dict[str, list[str] | str]:
    return {
        "name": "Noor Haddad",
        "email": "noor@example.com",
        "role": "platform_admin",
        "platform_ids": [world.northwind.id],
    } | values


def shown_password(page: Answer) -> str:
    return re.search(r"<code>([a-z0-9-]{24,})</code>", page.text)[1]


def facts(person: Person) -> tuple[str, ...]:
    db.session.expire_all()
    return (  # type: ignore[return-value]
        person.name,
        person.email,
        person.role,
        person.disabled_at,
        person.password_hash,
        person.all_platforms,
    )


def names(page: Answer) -> list[str]:
    return re.findall(r'<a href="/people/edit/[^"]*">([^<]+)</a>', page.text)


# ---- Who may


PAGES = ["/people/", "/people/new/", "/people/edit/?id={}"]
ACTIONS = [
    "/people/new/",
    "/people/edit/?id={}",
    "/people/{}/disable",
    "/people/{}/enable",
    "/people/{}/password",
]


@pytest.mark.parametrize("who", ["piet", "sam"])
def test_only_super_admins_see_or_change_people(world: World, clients: Clients, who: str) -> None:
    bea, visitor = world.bea, getattr(clients, who)
    before = facts(bea)
    for path in PAGES:
        assert visitor.get(path.format(bea.id)).status_code == 403
    for path in ACTIONS:
        assert visitor.post(path.format(bea.id), data=form(world)).status_code == 403
    assert facts(bea) == before
    assert "/people/" not in visitor.get("/my-account").text


def test_nobody_signed_in_sees_or_changes_people(world: World, clients: Clients) -> None:
    bea = world.bea
    before = facts(bea)
    for path in PAGES:
        assert clients.anonymous.get(path.format(bea.id)).location.startswith("/sign-in?next=/people")
    for path in ACTIONS:
        assert clients.anonymous.post(path.format(bea.id), data=form(world)).status_code == 401
    assert facts(bea) == before


@pytest.mark.parametrize(
    "path", ["/people/details/?id={}", "/people/export/csv/", "/people/ajax/lookup/?name=platforms&query=x"]
)
def test_what_flask_admin_brings_along_stays_closed(world: World, clients: Clients, path: str) -> None:
    assert clients.ada.get(path.format(world.bea.id)).status_code in (403, 404)


@pytest.mark.parametrize("path", ["/people/delete/", "/people/action/", "/people/ajax/update/"])
def test_what_flask_admin_would_write_stays_closed(world: World, clients: Clients, path: Any) -> None:
    bea = world.bea
    data = {"id": bea.id, "rowid": bea.id, "action": "delete", "list_form_pk": bea.id, "name": "X"}
    assert clients.ada.post(path, data=data).status_code in (403, 404)
    assert facts(bea)[0] == "Bea Lund"


def test_the_gate_itself_asks_for_the_right_to_keep_people(app: Flask) -> None:
    asked = {
        endpoint: what for endpoint, what in access.policy(app).items() if endpoint.startswith("people.")
    }
    assert asked.pop("people.index_view") is Permission.PEOPLE_READ
    assert set(asked) == {
        f"people.{name}"
        for name in (
            "create_view",
            "edit_view",
            "disable",
            "enable",
            "reset_password",
            "reset_second_factor",
        )
    }
    assert set(asked.values()) == {Permission.PEOPLE_WRITE}


# ---- The list


@pytest.fixture
def everybody(world: World) -> None:
    """One person of each kind."""
    world.ada, world.piet, world.bea, world.sam  # noqa: B018
    world.a_person("Uma Voss", Role.SUPPORT, all_platforms=True)


def test_the_list_shows_everybody_with_role_platforms_and_status_but_no_hash(
    world: World, clients: Clients, everybody: None
) -> None:
    clients.ada.post(f"/people/{world.sam.id}/disable")
    world.sam.password_hash = "a-hash-that-must-not-be-seen"
    db.session.commit()
    page = clients.ada.get("/people/")
    assert names(page) == ["Ada Okafor", "Bea Lund", "Piet Jansen", "Sam Reyes", "Uma Voss"]
    for words in ("Super-admin", "Platform admin", "Support", "Northwind Voice", "All platforms", "Disabled"):
        assert words in page.text
    assert "hash" not in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=jansen", ["Piet Jansen"]),
        ("search=bea%20example.com", ["Bea Lund"]),
        ("search=nobody", []),
        ("flt0_role_is=support", ["Sam Reyes", "Uma Voss"]),
        ("flt2_status_is=disabled", ["Sam Reyes"]),
        ("flt2_status_is=active&flt0_role_is=support", ["Uma Voss"]),
        ("flt0_role_is=owner", ["Ada Okafor", "Bea Lund", "Piet Jansen", "Sam Reyes", "Uma Voss"]),
        ("sort=0&desc=1", ["Uma Voss", "Sam Reyes", "Piet Jansen", "Bea Lund", "Ada Okafor"]),
    ],
)
def test_the_list_is_searched_filtered_and_sorted(
    world: World, clients: Clients, everybody: None, query: str, found: list[str]
) -> None:
    clients.ada.post(f"/people/{world.sam.id}/disable")
    assert names(clients.ada.get(f"/people/?{query}")) == found


def test_the_filter_by_platform_finds_all_who_are_given_it_and_knows_new_platforms(
    world: World, clients: Clients, everybody: None
) -> None:
    page = clients.ada.get(f"/people/?flt1_platform_is={world.blue_harbor.id}")
    assert names(page) == ["Ada Okafor", "Bea Lund", "Uma Voss"]
    assert "Platform is Blue Harbor Telecom" in " ".join(page.text.split())
    world.a_platform("Cascade Fiber")
    assert "Cascade Fiber" in clients.ada.get("/people/").text


def test_the_list_takes_as_many_statements_for_fifty_as_for_one(
    app: Flask, world: World, clients: Clients, everybody: None
) -> None:
    statements = []

    def note(_connection: Any, _cursor: Any, statement: Any, *_: Any) -> None:
        if "SAVEPOINT" not in statement:
            statements.append(statement)

    def count() -> Any:
        statements.clear()
        assert clients.ada.get("/people/").status_code == 200
        return len(statements)

    assert clients.ada.get("/people/").status_code == 200
    with app.app_context():
        connection = db.engine
    event.listen(connection, "before_cursor_execute", note)
    try:
        few = count()
        for n in range(50):
            world.a_person(f"Person {n}", Role.PLATFORM_ADMIN, world.northwind, world.blue_harbor)
        assert count() == few <= 7
    finally:
        event.remove(connection, "before_cursor_execute", note)


# ---- Creating and changing


def test_a_created_persons_password_is_shown_once_and_works(world: World, clients: Clients) -> None:
    page = clients.ada.post("/people/new/", data=form(world))
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    password = shown_password(page)
    person = db.session.scalars(select(Person).filter_by(email="noor@example.com")).one()
    assert QUICK.verify(person.password_hash, password)
    for path in ("/people/", f"/people/edit/?id={person.id}", "/my-account"):
        assert password not in clients.ada.get(path).text
    with clients.ada.session_transaction() as session:
        assert password not in repr(dict(session))
    answer = clients.anonymous.post("/sign-in", data={"email": "noor@example.com", "password": password})
    assert answer.status_code == 303
    assert "Northwind Voice" in clients.anonymous.get("/my-account").text


def test_problems_are_shown_at_their_fields_and_nothing_typed_is_lost(world: World, clients: Clients) -> None:
    world.piet  # noqa: B018
    data = form(world, name="Noor <Haddad>", email=world.piet.email.upper(), role="support", platform_ids=[])
    for path in ("/people/new/", f"/people/edit/?id={world.bea.id}"):
        page = clients.ada.post(path, data=data)
        assert page.status_code == 422
        assert "Somebody with this e-mail address is there already." in page.text
        assert "Support needs at least one platform, or all of them." in page.text
        assert 'value="Noor &lt;Haddad&gt;"' in page.text
        assert re.search(r'<input checked[^>]*value="support"', page.text)
        assert not re.search(r'name="platform_ids" value="\d+" checked', page.text)
    assert not db.session.scalars(select(AuditEvent)).all()


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"email": ""},
        {"role": ""},
        {"role": "owner"},
        {"platform_ids": ["x"]},
        {"platform_ids": ["99999999999999999999999999"]},
        {"name": "a\x00b"},
        {"email": "a\x00@example.com"},
        {"all_platforms": "y"},
    ],
)
def test_nonsense_is_refused_at_the_form(
    world: World, clients: Clients, values: dict[str, list[str]] | dict[str, str]
) -> None:
    data = form(world, **values)
    for path in ("/people/new/", f"/people/edit/?id={world.bea.id}"):
        assert clients.ada.post(path, data=data).status_code == 422
    assert facts(world.bea)[0] == "Bea Lund"


def test_a_field_nobody_offers_changes_nothing(world: World, clients: Clients) -> None:
    bea = world.bea
    before = facts(bea)
    data = form(world, name=bea.name, email=bea.email, platform_ids=[world.blue_harbor.id])
    data |= {"password_hash": "x", "id": "1", "disabled_at": "2026-01-01", "created_at": "2020-01-01"}
    assert clients.ada.post(f"/people/edit/?id={bea.id}", data=data).status_code == 303
    assert facts(bea) == before


def test_the_form_shows_what_is_stored_and_saves_what_is_changed(world: World, clients: Clients) -> None:
    bea = world.bea
    page = clients.ada.get(f"/people/edit/?id={bea.id}").text
    assert re.search(rf'name="platform_ids" value="{world.blue_harbor.id}" checked', page)
    assert re.search(r'<input checked[^>]*value="platform_admin"', page)
    data = form(world, platform_ids=[world.northwind.id, world.blue_harbor.id])
    assert clients.ada.post(f"/people/edit/?id={bea.id}", data=data).location == "/people/"
    assert "Noor Haddad is saved." in clients.ada.get("/people/").text
    db.session.expire_all()
    assert [platform.name for platform in bea.platforms] == ["Blue Harbor Telecom", "Northwind Voice"]


def test_the_last_super_admin_stays_one_and_the_page_says_why(world: World, clients: Clients) -> None:
    ada = world.ada
    data = form(world, name="Ada the Second", email=ada.email)
    page = clients.ada.post(f"/people/edit/?id={ada.id}", data=data)
    assert page.status_code == 409
    assert "Ada Okafor is the last active super-admin and cannot be given another role." in page.text
    assert 'value="Ada the Second"' in page.text
    assert facts(ada)[2] is Role.SUPER_ADMIN


@pytest.mark.parametrize("key", ["", "x", "0", "-1", "999999", "9" * 40, "1 OR 1=1"])
def test_who_is_not_there_is_not_found(clients: Clients, key: str) -> None:
    assert clients.ada.get("/people/edit/", query_string={"id": key}).status_code == 404
    assert clients.ada.post(f"/people/{key}/disable").status_code == 404


# ---- Disabling and passwords


def test_a_person_is_disabled_and_enabled(world: World, clients: Clients) -> None:
    bea = world.bea
    edit = f"/people/edit/?id={bea.id}"
    assert clients.ada.post(f"/people/{bea.id}/disable").location == edit
    page = clients.ada.get(edit).text
    assert "Bea Lund is disabled and signed out everywhere." in page
    assert "Enable" in page
    assert clients.ada.post(f"/people/{bea.id}/disable").status_code == 409
    assert clients.ada.post(f"/people/{bea.id}/enable").location == edit
    assert clients.ada.post(f"/people/{bea.id}/enable").status_code == 409
    assert facts(bea)[3] is None


def test_nobody_disables_themselves(world: World, clients: Clients) -> None:
    world.a_person("Noor Haddad", Role.SUPER_ADMIN)
    assert "Disable" not in clients.ada.get(f"/people/edit/?id={world.ada.id}").text
    page = clients.ada.post(f"/people/{world.ada.id}/disable")
    assert page.status_code == 409
    assert "You cannot disable yourself." in page.text
    assert clients.ada.post(f"/people/{world.ada.id}/password").status_code == 409


def test_a_reset_password_is_shown_once_and_works(world: World, clients: Clients) -> None:
    page = clients.ada.post(f"/people/{world.bea.id}/password")
    password = shown_password(page)
    assert QUICK.verify(facts(world.bea)[4], password)
    assert password not in clients.ada.get("/people/").text


@pytest.mark.parametrize("action", ["disable", "enable", "password"])
def test_actions_are_posts_with_a_token(app: Flask, world: World, clients: Clients, action: str) -> None:
    before = facts(world.bea)
    path = f"/people/{world.bea.id}/{action}"
    assert clients.ada.get(path).status_code == 405
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert clients.ada.post(path).status_code == 400
        assert clients.ada.post("/people/new/", data=form(world)).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert facts(world.bea) == before


# ---- The command line


PASSWORD = "tall walnut under bridge"


def run(app: Flask, *arguments: Any, **kwargs: Any) -> Result:
    return app.test_cli_runner().invoke(args=["person", *arguments], **kwargs)


def create(app: Flask, email: str = "Noor@example.com", password: str = PASSWORD) -> Result:
    arguments = ["create-super-admin", email, "--name", "Noor Haddad", "--password-stdin"]
    return run(app, *arguments, input=password + "\n")


def test_the_command_line_creates_the_first_super_admin(own_app: Flask) -> None:
    result = create(own_app)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "Noor Haddad (noor@example.com) is created and may sign in.\n"
    visitor = own_app.test_client()
    answer = visitor.post("/sign-in", data={"email": "noor@example.com", "password": PASSWORD})
    assert answer.status_code == 303
    assert visitor.get("/people/").status_code == 200
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        event = db.session.scalars(select(AuditEvent).filter_by(kind="person.created")).one()
        assert (event.actor_name, event.actor_id) == ("Command line", None)
        assert event.request_id


def test_the_command_line_asks_twice_for_a_password_and_shows_none(own_app: Flask) -> None:
    arguments = ["create-super-admin", "noor@example.com", "--name", "Noor Haddad"]
    result = run(own_app, *arguments, input=f"{PASSWORD}\nother\n{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output


def test_the_command_line_refuses_with_one_sentence_and_exit_code_1(own_app: Flask) -> None:
    assert create(own_app).exit_code == 0
    for result, sentence in (
        (create(own_app), "Somebody with this e-mail address is there already."),
        (create(own_app, "other@example.com", "short"), "Use 15 characters or more."),
        (create(own_app, "nonsense"), "This is not an e-mail address."),
        (create(own_app, "nonsense@x"), "This is not an e-mail address."),
        (run(own_app, "disable", "noor@example.com"), "the last active super-admin"),
        (run(own_app, "disable", "nobody@example.com"), "There is nobody with the e-mail address"),
        (run(own_app, "reset-password", "nobody@example.com"), "There is nobody with the e-mail address"),
    ):
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
        assert result.stderr.count("\n") == 1
        assert sentence in result.stderr
        assert result.stdout == ""


def test_the_command_line_lists_resets_and_disables(own_app: Flask) -> None:
    create(own_app)
    create(own_app, "second@example.com")
    result = run(own_app, "reset-password", "SECOND@example.com")
    assert result.exit_code == 0
    password = result.stdout.strip()
    visitor = own_app.test_client()
    data = {"email": "second@example.com", "password": password}
    assert visitor.post("/sign-in", data=data).status_code == 303
    assert run(own_app, "disable", "second@example.com").exit_code == 0
    assert visitor.get("/my-account").status_code == 302
    lines = run(own_app, "list").stdout.splitlines()
    assert lines[0] == "noor@example.com\tNoor Haddad\tSuper-admin\tall\tactive"
    assert lines[1].startswith("second@example.com\tNoor Haddad\tSuper-admin\tall\tdisabled 20")
    given = run(own_app, "reset-password", "second@example.com", "--password-stdin", input=PASSWORD + "\n")
    assert (given.exit_code, given.stdout) == (0, "")
