"""The access matrix: every route, by everybody, on their own, on another platform's, on what is not there.

What the answers must be is in access_policy.py. Everything happens on one connection to a database of its
own; each request runs within a savepoint that is rolled back, so that each finds the same world.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from difflib import ndiff
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import true

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import act_as
from hwadmin.domain.permissions import Permission
from hwadmin.web import access
from tests.guards.access_policy import (
    API,
    API_SEARCHES,
    GIVEN,
    NO_TOKEN,
    NOBODY,
    POLICY,
    ROUTES,
    SCIM,
    SEARCHES,
    SIGNED_OUT,
    SMUGGLED,
    STAFF,
    Route,
    Smuggled,
)
from tests.guards.answer_checks import CHECKS, Check, Visit
from tests.running import FULL, one_of, part_of
from tests.seeded_site import ABSENT, ANY_CALL, ANY_PAGE, NOTHING, Answer, Stage, fill

# What no key looks like. None of it is a number of ours, so all of it is simply not there.
MALFORMED = ("abc", "0", "-1", "1.5", "1" + "0" * 22, "%00", "1%00", "١٢٣", "１", "9" * 4000, "%FF", "{key}")
OTHER_METHODS = ("PUT", "PATCH", "DELETE", "PROPFIND")


# Nobody looks at what they ask for: they ask for one thing, and who is not signed in for all.
TURNED_AWAY = NO_TOKEN - {"anonymous"}
# Where their role may not, Piet and Sam, who have the same, ask for everything.
LIKE_ANOTHER = frozenset({"bea", "tess", "uma"})
# Who is like others that ask on every route: on half of them one asks, another one on another route.
ALIKE = (frozenset({"bea", "tess", "uma"}), frozenset({"dora", "nico"}), frozenset({"expired", "cookie"}))
# Who has no business at a directory's door, whatever they bear.
STRANGERS = frozenset({"ada", "piet", "program", "cookie", "okta", "staff_okta"})

# ---- The matrix


def own(persona: str) -> str:
    """The platform whose things count as the persona's own."""
    return "blue_harbor" if persona in ("bea", "entra") else "northwind"


def foreign(persona: str) -> str:
    """A platform that is not theirs."""
    return "northwind" if persona in ("bea", "entra") else "blue_harbor"


def expected(route: Route, persona: str, tenant: str | None) -> int:
    """The status a persona is answered for a thing of the tenant; None is what does not exist."""
    if route.by_directory:
        return route.answer if persona in route.may and route.given(persona, tenant) else 401
    if route.by_staff_directory:
        if persona not in route.may:
            return 401
        return 404 if tenant is None and "key" in route.at else route.answer
    if route.by_token and persona in NO_TOKEN:
        return 401
    if persona in SIGNED_OUT:
        if route.signed_out is not None:
            return 404 if tenant is None else route.signed_out
        return 302 if route.method == "GET" else 401
    if persona not in route.may:
        return 403
    if not route.names_something:
        return route.answer
    return route.answer if route.given(persona, tenant) else 404


def leaks(stage: Stage, persona: str, answer: Answer, asked: str) -> list[str]:
    """What an answer gives away of platforms that are not the persona's."""
    given = GIVEN.get(persona, NOBODY)
    whole = answer.body + repr(sorted(answer.headers.items()))
    return [
        f"shows “{marker}” of {tenant}"
        for tenant, markers in stage.markers.items()
        if tenant not in given
        for marker in markers
        if marker in whole and marker not in asked
    ]


def walkers(route: Route) -> list[str]:
    """Who asks on a route: everybody in full; by default at most one of those alike, half of strangers."""
    if route.by_directory or route.by_staff_directory:
        groups: tuple[frozenset[str], ...] = (STRANGERS - route.may,)
        asking = set(part_of(sorted(*groups), str(route), 2))
    else:
        groups = ALIKE
        asking = {name for group in ALIKE for name in part_of(sorted(group), str(route), 2 * len(group))}
    return [name for name in route.personas if name in asking or not any(name in group for group in groups)]


def visits_of(stage: Stage, route: Route, persona: str) -> Iterator[Visit]:
    """A persona asks for their own, for another platform's, and for what does not exist."""
    tenants: list[str | None] = [own(persona)]
    turned_away = persona in TURNED_AWAY or (persona in LIKE_ANOTHER and persona not in route.may)
    if route.names_something and (FULL or route.signed_out is not None or not turned_away):
        tenants += [foreign(persona), None]
        # Where another platform's are theirs as well, they ask for the one or the other.
        if persona in route.may and not route.shared and route.given(persona, foreign(persona)):
            tenants = [*one_of(tenants[:2], f"{route} {persona}"), None]
    elif persona == "bea" and route.body:
        tenants = ["blue_harbor"]
    yield from (visit_of(stage, route, persona, tenant) for tenant in tenants)


def visit_of(stage: Stage, route: Route, persona: str, tenant: str | None) -> Visit:
    """A persona asks for a thing of the tenant; None is what does not exist."""
    things = stage.things[tenant] if tenant else NOTHING
    path = stage.address(route, things)
    data = fill(route.body, things) if route.body else None
    return Visit(route, persona, tenant, path, data, stage.ask(route, persona, path, data))


def problems_of(stage: Stage, visits: list[Visit]) -> Iterator[str]:
    """Everything the policy has against what a persona is answered on a route."""
    for visit in visits:
        route, persona, response = visit.route, visit.persona, visit.answer
        want = expected(route, persona, visit.tenant)
        if response.status != want:
            yield f"{visit}: {response.status} instead of {want}"
        done = want == route.answer and persona in route.may and route.writes
        if response.changed != done:
            yield f"{visit}: {'a table is different' if response.changed else 'nothing was done'}"
        if want == 302 and persona in SIGNED_OUT and not response.headers["Location"].startswith("/sign-in?"):
            yield f"{visit}: leads to {response.headers['Location']}"
        # Where they typed it themselves it is no news to them.
        # What anybody may read, signed in or not, is the same text for all and gives nobody away.
        typed = visit.path + repr(visit.data)
        leaks_found = leaks(stage, persona, response, typed) if route.signed_out is None else []
        yield from (f"{visit}: {leak}" for leak in leaks_found)
    yield from difference_from_absent(stage, {visit.tenant: visit for visit in visits})


def difference_from_absent(stage: Stage, visits: dict[str | None, Visit]) -> Iterator[str]:
    """Whether another platform's thing is told apart from what does not exist."""
    if None not in visits:
        return
    route, persona = visits[None].route, visits[None].persona
    theirs = foreign(persona)
    unknown = persona not in route.may or not route.given(persona, theirs)
    if unknown and not route.shared:
        words = {
            things.get(thing, ABSENT)
            for thing in (*route.at.values(), *route.query.values())
            for things in (stage.things[theirs], NOTHING)
        }
        there, absent = (plain(stage, route, visits[tenant].answer, words) for tenant in (theirs, None))
        if there != absent:
            yield f"{route} as {persona}: what is another platform's differs from what is not there"
            yield from (line for line in ndiff(lines_of(there), lines_of(absent)) if line[0] in "+-")


def plain(stage: Stage, route: Route, answer: Answer, words: set[str]) -> tuple[Any, ...]:
    """An answer without what differs from request to request, and without the words it was asked with."""
    headers = {name: without(value, words) for name, value in answer.headers.items()}
    # Every answer has an id of its own.
    for name in ("Content-Length", "X-Request-Id", "RateLimit-Remaining", "RateLimit-Reset"):
        headers.pop(name, None)
    return answer.status, without(answer.body, words), headers


def lines_of(answer: tuple[Any, ...]) -> list[str]:
    """A plain answer, line by line."""
    status, body, headers = answer
    return [str(status), *body.splitlines(), *(f"{name}: {value}" for name, value in sorted(headers.items()))]


def without_secrets(text: str) -> str:
    # Between two requests a second may pass.
    text = re.sub(r"\bnow\b|\b(?:an?|\d+) (?:moment|second|minute|hour)s?(?: ago)?", "some time", text)
    text = re.sub(r"nonce-[\w-]+|nonce=\"[\w-]+\"", "nonce", text)
    return re.sub(r'(name="(?:csrf_token|submission_key)" value=)"[^"]*"', r"\1…", text)


def malformed_problems(stage: Stage, route: Route, persona: str) -> Iterator[str]:
    """Everything wrong with what is answered to addresses that cannot name anything."""
    things = stage.things[own(persona)]
    data = fill(route.body, things) if route.body else None
    for part in (*route.at, *route.query):
        for bad in part_of(MALFORMED, f"{route} {part}", len(MALFORMED)):
            path = stage.address(route, things, **{part: bad})
            response = stage.ask(route, persona, path, data)
            wants = {expected(route, persona, None)}
            if not stage.reaches(path, route):
                wants = {404, 405}
            elif part in route.query and ("%00" in bad or len(bad) > 2000):
                wants = {400}
            elif part in route.query and route.by_token and wants == {404}:
                wants = {422}  # A parameter that is no number is bad input.
            if response.status not in wants:
                yield f"{route} as {persona} on {path[:80]}: {response.status} instead of {sorted(wants)}"
            if response.changed:
                yield f"{route} as {persona} on {path[:80]}: a table is different"


def all_problems(
    stage: Stage, route: Route, personas: tuple[str, ...] = (), checks: tuple[Check, ...] = ()
) -> list[str]:
    """Everything wrong with what these people, or everybody, are answered on a route."""
    problems: list[str] = []
    for persona in personas or walkers(route):
        visits = list(visits_of(stage, route, persona))
        problems += problems_of(stage, visits)
        problems += [
            f"{visit}: {problem}" for visit in visits for check in checks for problem in check(visit)
        ]
    return problems


@pytest.mark.parametrize("route", POLICY.values(), ids=str)
def test_everybody_gets_the_answer_the_policy_says_and_a_sound_one(stage: Stage, route: Route) -> None:
    assert all_problems(stage, route, checks=CHECKS) == []


@pytest.mark.parametrize(
    "route",
    [route for route in (*ROUTES, *API, *SCIM, *STAFF) if route.names_something and not route.signed_out],
    ids=str,
)
def test_an_address_that_cannot_be_one_is_simply_not_there(stage: Stage, route: Route) -> None:
    for persona in ("anonymous", "piet" if "piet" in route.may else "ada"):
        assert list(malformed_problems(stage, route, persona)) == []


@pytest.mark.parametrize("route", [route for route in POLICY.values() if route.method == "GET"], ids=str)
def test_other_methods_do_nothing(stage: Stage, route: Route) -> None:
    path = stage.address(route, stage.things["northwind"])
    taken = methods_at(stage.app, path)
    problems = []
    for persona in ("ada", "anonymous"):
        others = [method for method in OTHER_METHODS if method not in taken]
        for method in part_of(others, f"{route} {persona}", 4):
            response = stage.ask(route, persona, path, method=method)
            if response.status != 405 or response.changed:
                problems.append(
                    f"{method} {path} as {persona}: {response.status}, changed: {response.changed}"
                )
        if persona not in one_of(("ada", "anonymous"), f"HEAD {route}"):
            continue
        head, options = (stage.ask(route, persona, path, method=method) for method in ("HEAD", "OPTIONS"))
        # What the walk above is answered to GET.
        if (head.status, head.body, head.changed) != (expected(route, persona, "northwind"), "", False):
            problems.append(f"HEAD {path} as {persona}: {head.status}, {len(head.body)} characters")
        if options.changed or options.status not in (200, 302, 401, 403):
            problems.append(f"OPTIONS {path} as {persona}: {options.status}, changed: {options.changed}")
    assert problems == []


def test_together_the_routes_are_asked_by_everybody_and_in_every_way() -> None:
    for door in (ROUTES, API, SCIM, STAFF):
        everybody = {name for route in door for name in route.personas}
        assert {name for route in door for name in walkers(route)} == everybody
    parts = [f"{route} {part}" for route in (*ROUTES, *API) for part in (*route.at, *route.query)]
    assert {bad for part in parts for bad in part_of(MALFORMED, part, len(MALFORMED))} == set(MALFORMED)
    for persona in ("ada", "anonymous"):
        names = [f"{route} {persona}" for route in POLICY.values() if route.method == "GET"]
        assert {one for name in names for one in part_of(OTHER_METHODS, name, 4)} == set(OTHER_METHODS)
    routes = [route for route in POLICY.values() if route.method == "GET"]
    assert {one for route in routes for one in one_of(("ada", "anonymous"), f"HEAD {route}")} == {
        "ada",
        "anonymous",
    }


def methods_at(app: Flask, path: str) -> set[str]:
    """The methods an address takes."""
    return set(app.url_map.bind("localhost").allowed_methods(path.partition("?")[0]))


def test_every_route_is_in_the_policy_and_every_row_of_the_policy_is_a_route(stage: Stage) -> None:
    assert uncovered(stage.app) == [], (
        "Each route has a row in tests/guards/access_policy.py, which says who may call it; nothing else has."
    )


def uncovered(app: Flask) -> list[str]:
    """Routes without a row, and rows without a route."""
    routes = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    return sorted(f"{method} {endpoint}" for endpoint, method in routes ^ set(POLICY))


# ---- Parts of one's own that belong to another


@pytest.mark.parametrize("route", [route for route in ROUTES if "part" in route.at], ids=str)
def test_a_part_is_found_under_its_own_account_only(stage: Stage, route: Route) -> None:
    mine, theirs = stage.things["northwind"], stage.things["blue_harbor"]
    owner, thing = route.at["key"], route.at["part"]
    sibling = {"account": "other_account", "webhook": "disabled_webhook"}[owner]
    for persona, key, part in (
        ("piet", mine[owner], theirs[thing]),
        ("piet", theirs[owner], mine[thing]),
        ("piet", mine[sibling], mine[thing]),
        ("ada", mine[owner], theirs[thing]),
    ):
        if persona not in route.may:
            continue
        path = stage.address(route, mine, key=key, part=part)
        response = stage.ask(route, persona, path, fill(route.body, mine) or None)
        assert (response.status, response.changed) == (404 if persona in route.may else 403, False), (
            persona,
            path,
        )


def test_a_device_that_was_moved_away_says_neither_side_of_the_other(stage: Stage) -> None:
    for persona, path, status in (
        ("bea", f"/devices/{stage.moved}/", 200),
        ("piet", f"/devices/{stage.moved}/", 404),
        ("piet", f"/orders/{stage.moved_from}", 200),
        ("piet", f"/orders/{stage.moved_from}/history", 200),
        ("bea", f"/orders/{stage.moved_from}", 404),
        ("bea", f"/accounts/{stage.things['blue_harbor']['account']}/", 200),
        ("bea", "/devices/", 200),
        ("bea", "/audit/", 200),
        ("piet", "/audit/", 200),
    ):
        response = stage.ask(ANY_PAGE, persona, path)
        assert response.status == status, (persona, path)
        assert leaks(stage, persona, response, path) == []
        if persona == "bea" and stage.moved_from not in path:
            assert stage.moved_from not in response.body


# ---- Bodies


def smuggling_problems(stage: Stage, case: Smuggled) -> Iterator[str]:
    route, mine = POLICY[case.endpoint, case.method], stage.things["northwind"]
    path = stage.address(route, mine)
    theirs, answers = stage.things["blue_harbor"], []
    for things in (theirs, NOTHING | {"new_mac": theirs["new_mac"]}):
        mixed = {**things, **{f"own:{name}": value for name, value in mine.items()}}
        data = fill(route.body, mine) | fill(case.fields, mixed)
        if "lines-0-sku" in data:
            data |= {"lines-0-quantity": "1"}
        if "add_sku" in data:
            data |= {"add_quantity": "1"}
        response = stage.ask(route, case.who, path, data)
        answers.append((response, data))
        if response.status != case.answer:
            yield f"{case}: {response.status} instead of {case.answer}"
        if response.changed:
            yield f"{case}: a table is different"
        for leak in leaks(stage, case.who, response, repr(data)):
            yield f"{case}: {leak}"
    words = {
        str(things.get(name, ABSENT))
        for name in re.findall(r"{#?(\w+)}", repr(case.fields))
        for things in (theirs, NOTHING)
    }
    there, absent = (without(response.body, words) for response, _ in answers)
    if there != absent:
        yield f"{case}: what is another platform's differs from what is not there"


def without(body: str, words: set[str]) -> str:
    """The text without these words, wherever they stand alone."""
    body = without_secrets(body).replace("%3D", "=").replace("%3A", ":")
    for word in sorted(words, key=len, reverse=True):
        body = re.sub(rf"(?<![\w]){re.escape(word)}(?![\w])", "…", body)
    return body


@pytest.mark.parametrize("case", SMUGGLED, ids=str)
def test_nothing_of_another_platform_gets_in_by_a_body(stage: Stage, case: Smuggled) -> None:
    assert list(smuggling_problems(stage, case)) == []


def test_an_identifier_in_use_elsewhere_is_refused_without_saying_where(stage: Stage) -> None:
    mine, theirs = stage.things["northwind"], stage.things["blue_harbor"]
    route = POLICY["devices.register", "POST"]
    data = fill(route.body, mine) | {"identifier": theirs["mac"]}
    response = stage.ask(route, "piet", stage.address(route, mine), data)
    assert (response.status, response.changed) == (409, False)
    assert "is already in use." in response.body
    assert [leak for leak in leaks(stage, "piet", response, theirs["mac"]) if "”" in leak] == []


def test_a_submission_of_another_platform_cannot_be_sent_again_to_see_it(stage: Stage) -> None:
    mine, theirs = stage.things["northwind"], stage.things["blue_harbor"]
    route = POLICY["account_form.create_account", "POST"]
    path = stage.address(route, mine)
    with stage.undone():
        first = stage._send(route, "bea", "POST", path, fill(route.body, theirs) | {"name": "Birch Bar"})
        assert first.status_code == 302
        again = stage._send(route, "piet", "POST", path, fill(route.body, mine))
        assert again.status_code in (302, 409, 422)
        if again.status_code == 302:
            assert again.location != first.location
        assert "Birch" not in again.text


def test_a_token_of_somebody_else_is_neither_made_nor_listed(stage: Stage) -> None:
    ada, piet = (stage.token_prefixes[name] for name in ("ada", "piet"))
    listed = stage.ask(POLICY["tokens.index_view", "GET"], "piet", "/tokens/").body
    assert piet in listed
    assert not [name for name, prefix in stage.token_prefixes.items() if name != "piet" and prefix in listed]
    assert ada in stage.ask(POLICY["tokens.index_view", "GET"], "ada", "/tokens/").body
    # Somebody who may make only their own cannot say whose it shall be.
    made = stage.ask(
        POLICY["tokens.create", "POST"], "piet", "/tokens/new", {"name": "x", "days": "30", "person_id": "1"}
    )
    assert made.status == 200
    assert "Piet Jansen" in made.body
    assert "Ada Okafor" not in made.body


# ---- Looking for things


@pytest.mark.parametrize("address", [*SEARCHES, *API_SEARCHES])
def test_a_search_finds_as_little_of_another_platform_as_of_nothing(stage: Stage, address: str) -> None:
    assert list(search_problems(stage, address)) == []


def search_problems(stage: Stage, address: str, personas: tuple[str, ...] = ()) -> Iterator[str]:
    route = ANY_CALL if address.startswith("/api/") else ANY_PAGE
    for persona in personas or ("piet", *one_of(("sam", "tess", "bea"), address)):
        bodies = []
        for things in (stage.things[foreign(persona)], NOTHING):
            path = fill(address, things)
            response = stage.ask(route, persona, path)
            if response.status not in (200, 403) or response.changed:
                yield f"{path} as {persona}: {response.status}"
            for leak in leaks(stage, persona, response, path):
                yield f"{path} as {persona}: {leak}"
            bodies.append(response.body)
        named = re.findall(r"{(\w+)}", address)
        words = {things.get(name, ABSENT) for name in named for things in (*stage.things.values(), NOTHING)}
        words |= {word.replace(" ", "+") for word in words} | {word.replace(" ", "%20") for word in words}
        if without(bodies[0], words) != without(bodies[1], words):
            yield f"{address} as {persona}: what is another platform's differs from what is not there"


# ---- The matrix turns red when a guard is switched off


@contextmanager
def also_before_requests(app: Flask, switch_off: Callable[[], None]) -> Iterator[None]:
    """A broken variant of the application: something more is done right after the gate."""
    hooks = app.before_request_funcs.setdefault(None, [])
    hooks.append(switch_off)
    try:
        yield
    finally:
        hooks.remove(switch_off)


def first_wall_off() -> None:
    """The session reads for everybody; views and queries still know who asks."""
    if "actor" in g:
        act_as(db.session, replace(g.actor, platform_ids=None))


def second_wall_off() -> None:
    """Views and queries take everybody for somebody with all platforms; the session still filters."""
    if "actor" in g:
        g.actor = replace(g.actor, platform_ids=None)


@pytest.mark.parametrize(
    "endpoint",
    ["people.index_view", "platforms.create_view", "fulfillment.fulfill_form", "catalog.delete_form"],
)
def test_a_permission_too_wide_at_the_gate_is_found(stage: Stage, endpoint: str) -> None:
    route, before = POLICY[endpoint, "GET"], access.policy(stage.app)[endpoint]
    access.declare(stage.app, endpoint, Permission.OWN_ACCOUNT)
    try:
        found = all_problems(stage, route)
    finally:
        access.declare(stage.app, endpoint, before)
    assert any("instead of 403" in problem for problem in found)


def test_a_page_open_to_the_public_is_found(stage: Stage) -> None:
    before = access.policy(stage.app)["orders.index_view"]
    access.declare(stage.app, "orders.index_view", access.PUBLIC)
    try:
        found = all_problems(stage, POLICY["orders.index_view", "GET"], ("anonymous",))
    except LookupError:
        found = ["it does not even work"]
    finally:
        access.declare(stage.app, "orders.index_view", before)
    assert found


def test_a_route_nobody_wrote_down_is_found(own_app: Flask) -> None:
    own_app.add_url_rule("/forgotten", "forgotten", lambda: "")
    assert "GET forgotten" in uncovered(own_app)


SCOPED = [
    route
    for route in (*ROUTES, *API)
    if route.at and not route.shared and "piet" in route.may and not route.of
]


def problems_beyond(stage: Stage, route: Route) -> Iterator[str]:
    """Everything wrong with what Piet is answered of another platform and of what does not exist."""
    return problems_of(stage, [visit_of(stage, route, "piet", tenant) for tenant in (foreign("piet"), None)])


WALLS = (first_wall_off, second_wall_off)


@pytest.mark.parametrize("switch_off", WALLS)
@pytest.mark.slow
def test_either_wall_alone_keeps_platforms_apart(stage: Stage, switch_off: Callable[[], None]) -> None:
    """Each route, body and search without one of them, in turn; in full without either."""

    def chosen(*asked: Any) -> list[Any]:
        return [one for one in asked if switch_off in one_of(WALLS, str(one))]

    with also_before_requests(stage.app, switch_off):
        found = [problem for route in chosen(*SCOPED) for problem in problems_beyond(stage, route)]
        for case in chosen(*SMUGGLED):
            found += smuggling_problems(stage, case) if case.who == "piet" else ()
        for address in chosen(*SEARCHES, *API_SEARCHES):
            found += search_problems(stage, address, ("piet",))
    assert found == []


@pytest.mark.parametrize("route", SCOPED, ids=str)
def test_without_both_walls_every_page_of_another_platform_opens(stage: Stage, route: Route) -> None:
    with also_before_requests(stage.app, first_wall_off), also_before_requests(stage.app, second_wall_off):
        assert list(problems_of(stage, [visit_of(stage, route, "piet", foreign("piet"))]))


def test_a_list_without_its_condition_and_its_session_filter_is_found(stage: Stage) -> None:
    view = next(
        view for admin in stage.app.extensions["admin"] for view in admin._views if view.endpoint == "catalog"
    )
    route = POLICY["catalog.index_view", "GET"]
    with also_before_requests(stage.app, first_wall_off):
        view.condition = true
        try:
            found = all_problems(stage, route, ("piet", "sam"))
        finally:
            del view.condition
    assert any("Birch" in problem for problem in found)
    assert all_problems(stage, route, ("piet", "sam")) == []
