"""Hostile input, in every field of every form and every parameter of every page.

Driven by the pages themselves: each page is fetched, its forms are read as a browser reads them, and every
field is filled with every payload. Whatever is answered, it is never a fault, it gives nothing away, and
what was typed is text on it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from flask.sessions import SecureCookieSessionInterface
from openpyxl import load_workbook
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.domain.text_validation import tidied
from hwadmin.models import Account, AuditEvent, Employee, HardwareOrder, Location
from tests.builders import Browser
from tests.guards.access_policy import POLICY, ROUTES, Route
from tests.reading_pages import tree_of
from tests.running import FULL, Option, number_of, one_of, part_of
from tests.seeded_site import Stage, fill

# Elements and attributes no page of ours has: found in one, they were injected.
MARK = "hwx"

PAYLOADS: Mapping[str, str] = {
    "an element": f"<{MARK}><script>alert('{MARK}')</script>",
    "an attribute": f'"><{MARK} on{MARK}=1><img src={MARK} onerror=alert(1)>',
    "an attribute in single quotes": f"' on{MARK}='1' autofocus='",
    "an attribute without quotes": f"x on{MARK}=alert(1) ",
    "the end of an element": f"</textarea></title></script></option></select><{MARK}>",
    "a comment": f"--><{MARK}>]]><{MARK}>",
    "a template": "{{7*7}}{% raw %}${7*7}#{7*7}",
    "an address": f"javascript:alert('{MARK}')",
    "a formula": '=HYPERLINK("http://evil.example","x")',
    "a plus formula": "+1+cmd|' /C calc'!A0",
    "a minus formula": "-2+3",
    "an at formula": "@SUM(1,1)",
    "a full-width formula": "＝1＋1",
    "a formula behind a tab": "\t=1+1",
    "a NUL": "a\0b",
    "only a NUL": "\0",
    "control characters": "a\x01\x08\x1b\x7fb",
    "header injection": f"a\r\nSet-Cookie: {MARK}=1\r\n\r\n<{MARK}>",
    "a direction override": "\u202egnp.exe\u2066",
    "full-width digits": "１２３",
    "other digits": "١٢٣",
    "superscript digits": "²³",
    "zero-width": "\u200b\u200d\ufeff",
    "emoji": "👩‍👩‍👧‍👦 \U0001f3f4\U000e0067\U000e007f",
    "combining": "Z̸̢̛" * 20,
    "a lone surrogate": "a\ud800b",
    "an injection": "' OR '1'='1'; DROP TABLE account; --",
    "wildcards": "%_\\%' ESCAPE '!",
    "a full-text query": '" OR "a" NEAR/2 b* ^c -- \'',
    "a huge number": "1" + "0" * 22,
    "the largest keys": str(2**63),
    "a negative number": "-1",
    "a fraction": "1.5e3",
    "not a number": "NaN",
    "a long word": "w" * 5000,
    "a day long past": "0001-01-01",
    "the last day": "9999-12-31",
    "no day": "2026-02-30",
    "a path": "../../../../etc/passwd",
    "another site": "//evil.example/",
}
# What a database may take in its own way. What a page makes of a payload is the same on both.
OF_A_DATABASE = (
    *("a NUL", "only a NUL", "a lone surrogate", "a huge number", "the largest keys", "a negative number"),
    *("superscript digits", "not a number", "an injection", "wildcards", "a full-text query", "a long word"),
    *("a day long past", "no day"),
)
# In each field by itself, where everything else is right: these reach furthest.
TYPED = (
    "an attribute",
    "a NUL",
    "header injection",
    "a lone surrogate",
    "a huge number",
    "full-width digits",
)
CHOSEN = ("an attribute", "a NUL", "the largest keys")
# Of a form that repeats its fields for each unit, the first few.
MOST_FIELDS = 8
MEGABYTE = "x" * 1_000_000
# Words are looked for faster one by one than by a pattern of them all.
GIVES_AWAY = (
    *("Traceback", "sqlalchemy", "sqlite3", "psycopg", "site-packages", "UndefinedError", "TemplateSyntax"),
    *("DataError", "OperationalError", "IntegrityError"),
)
STATEMENT = re.compile(r"\bSELECT\s.*\sFROM\b|\bINSERT INTO\b")


# ---- Asking, and reading what is answered


class Visitor:
    """A browser of one persona, on a stage whose every change is undone at the end."""

    def __init__(self, stage: Stage, persona: str) -> None:
        self.client = Browser(stage.app, stage.app.response_class)
        self.client.set_cookie("hwadmin_session", stage.cookies[persona])

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, fields: Sequence[tuple[str, str]]) -> Any:
        # A browser cannot send a lone surrogate, but its bytes can be sent.
        body = urlencode(fields, encoding="utf-8", errors="surrogatepass")
        return self.client.post(path, data=body, content_type="application/x-www-form-urlencoded")


@dataclass
class Form:
    """A form of a page as a browser sees it."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    # Fields somebody can fill in; a hostile somebody also those that are hidden or chosen from a list.
    names: list[str] = field(default_factory=list)
    # Those somebody types into, instead of choosing.
    typed: set[str] = field(default_factory=set)


def forms_of(page: str, address: str) -> list[Form]:
    """The forms of a page, with the fields that belong to them from elsewhere on it."""
    document = tree_of(page)
    forms: list[Form] = []
    by_id: dict[str, Form] = {}

    def read(element: Any, inside: Form | None) -> None:
        tag = element.tag
        if tag == "form":
            inside = Form(element.get("action") or address, element.get("method", "get").upper())
            forms.append(by_id.setdefault(element.get("id") or f"#{len(forms)}", inside))
        owner = by_id.get(element.get("form", ""), inside)
        name = element.get("name")
        if owner is not None and name and tag in ("input", "select", "textarea", "button"):
            kind = element.get("type", "submit" if tag == "button" else "text").lower()
            value = element.get("value", "")
            if tag == "textarea":
                value = "".join(element.itertext()).removeprefix("\n")
            if tag == "select":
                options = list(element.iter("option"))
                chosen = [one for one in options if "selected" in one.attrib] or options[:1]
                value = chosen[0].get("value", "") if chosen else ""
            unchecked = kind in ("checkbox", "radio") and "checked" not in element.attrib
            if kind != "submit" and not unchecked and "disabled" not in element.attrib:
                owner.fields.append((name, value))
            if name != "csrf_token" and name not in owner.names:
                owner.names.append(name)
            types = tag == "textarea" or (tag == "input" and kind in ("text", "email", "search"))
            if types and "readonly" not in element.attrib:
                owner.typed.add(name)
        # What is in a template is no part of the form until a script makes it so.
        for child in element if tag != "template" else ():
            read(child, inside)

    for form in document.iter("form"):
        if form.get("id"):
            by_id[form.get("id")] = Form(form.get("action") or address, form.get("method", "get").upper())
    read(document, None)
    return [form for form in forms if form.names]


def faults(response: Any, what: str) -> Iterator[str]:
    """Everything an answer to hostile input must not be."""
    if response.status_code >= 500:
        yield f"{what}: {response.status_code}"
    text = response.get_data(as_text=True)
    yield from (f"{what}: gives away {word!r}" for word in given_away(text))
    if any(MARK in name or value.startswith(MARK) for name, value in response.headers):
        yield f"{what}: a header was injected"
    if 300 <= response.status_code < 400:
        target = urlsplit(response.location)
        # The router, where it tidies up an address, names this very site.
        if (
            target.netloc not in ("", "localhost")
            or not target.path.startswith("/")
            or "\\" in response.location
        ):
            yield f"{what}: leads to {response.location}"
        return
    if response.status_code == 422 and response.content_type.startswith("text/html"):
        yield from (f"{what}: {fault}" for fault in unnamed_problems(text))
    # Reading a page is slow; one in which nothing of a payload is has nothing of it injected.
    if response.content_type.startswith("text/html") and re.search(rf"{MARK}|alert\(|evil", text):
        for injected in injections(text):
            yield f"{what}: {injected}"


def given_away(text: str) -> list[str]:
    """What an answer says of how it was made."""
    words = [word for word in GIVES_AWAY if word in text]
    if "SELECT" in text or "INSERT" in text:
        words += STATEMENT.findall(text)
    return words


@pytest.mark.parametrize("text", [*GIVES_AWAY, "SELECT id FROM person", "INSERT INTO person"])
def test_what_an_answer_gives_away_would_be_found(text: str) -> None:
    assert given_away(f"<p>No: {text}</p>")
    assert not given_away("<p>SELECTED FROM</p><p>Choose one from the list.</p>")


def unnamed_problems(text: str) -> Iterator[str]:
    """What a page that refuses a form lacks: its title, the list of problems, what the list leads to."""
    if "Error 422" in text:
        return  # What no form of ours sends is refused by a page of its own.
    if "<title>Error: " not in text:
        yield "the title does not begin with Error:"
    listed = re.search(r'<div class="notice notice-danger[^>]* role="alert".*?</div>', text, re.DOTALL)
    if listed is None:
        yield "no list of what is wrong"
        return
    for field_id in re.findall(r'<a href="#([^"]*)"', listed[0]):
        if f' id="{field_id}"' not in text:
            yield f"no field {field_id}, to which the list of problems leads"


def injections(page: str) -> Iterator[str]:
    """What a page has that none of ours has."""
    for element in tree_of(page).iter():
        tag = element.tag
        if tag == MARK or (tag == "img" and MARK in element.get("src", "")):
            yield f"an injected <{tag}>"
        if tag == "script" and "alert" in "".join(element.itertext()):
            yield "an injected script"
        for name, value in element.attrib.items():
            if str(name).startswith("on"):
                yield f"an injected {name} on <{tag}>"
            if name in ("href", "src", "action", "formaction") and value.strip().startswith("javascript:"):
                yield f"<{tag}> leads to a script"
            if name == "href" and value.startswith(("//", "http")):
                yield f"<{tag}> leads to {value[:40]}"


@pytest.mark.parametrize(
    "page",
    [
        f"<p><{MARK}>",
        "<p onclick=1>",
        "<a href=' javascript:x'>",
        "<script>alert(1)</script>",
        f"<img src={MARK}>",
        "<a href=//evil.example>",
    ],
)
def test_an_injection_would_be_found(page: str) -> None:
    assert list(injections(page))


# ---- Every form

OFFERING_BOTH = ("order.show", "orders.index_view")
SHOWING = [
    route
    for route in ROUTES
    if route.method == "GET" and route.answer == 200 and not route.endpoint.endswith("static")
]
# Whoever of the two may, and on the page of an order both: it offers each something else.
PAGES = [
    (route, persona)
    for route in SHOWING
    for persona in ("piet", "ada")
    if persona in route.may
    and (persona == "piet" or "piet" not in route.may or route.endpoint in OFFERING_BOTH)
]


def valid_fields(stage: Stage, form: Form) -> list[tuple[str, str]]:
    """The form as it would be sent: as the page has it, and what an action needs beside that."""
    adapter = stage.app.url_map.bind("localhost")
    endpoint, _ = adapter.match(urlsplit(form.action).path, method=form.method)
    route = POLICY.get((endpoint, form.method))
    right = fill(route.body, stage.things["northwind"]) if route else {}
    kept = [(name, value) for name, value in form.fields if name not in right]
    return [*kept, *right.items()]


def send(visitor: Visitor, form: Form, fields: Sequence[tuple[str, str]]) -> Any:
    if form.method == "POST":
        return visitor.post(form.action, fields)
    query = urlencode(fields, encoding="utf-8", errors="surrogatepass")
    return visitor.get(f"{form.action.partition('?')[0]}?{query}")


def tried(
    stage: Stage, persona: str, form: Form, fields: Sequence[tuple[str, str]], what: str
) -> Iterator[str]:
    """Send a form, look at the answer and at the page it leads to, and undo it."""
    with stage.undone():
        visitor = Visitor(stage, persona)
        response = send(visitor, form, fields)
        yield from faults(response, what)
        if response.status_code in (302, 303):
            yield from faults(visitor.get(response.location), f"{what}, and then {response.location}")
        elif response.status_code == 422 and response.content_type.startswith("text/html"):
            yield from lost(response.text, form, fields, what)


def lost(page: str, form: Form, fields: Sequence[tuple[str, str]], what: str) -> Iterator[str]:
    """What was typed into a refused form and is not there any more."""
    sent = dict(fields)
    shown: dict[str, list[str]] = {}
    typed: set[str] = set()
    for again in forms_of(page, form.action):
        typed |= again.typed
        for name, value in again.fields:
            shown.setdefault(name, []).append(squeezed(value))
    for name, value in fields:
        # Who sends a field as it was seen has typed nothing into it.
        if name not in typed or sent.get(f"seen-{name}") == value:
            continue
        if storable(value) and squeezed(value) not in shown.get(name, ()):
            yield f"{what}: what was typed into {name} is lost"


def storable(value: str) -> bool:
    """Whether a page can carry it at all: HTML has no NUL, no surrogates and few control characters."""
    return not re.search(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", value)


def squeezed(value: str) -> str:
    return " ".join(value.split())


def payloads(stage: Stage) -> Iterable[str]:
    """The payloads to try on a stage: all of them on one of the databases."""
    return PAYLOADS if stage.connection.dialect.name == "postgresql" else OF_A_DATABASE


def some(options: Iterable[Option], of: str, parts: int = 16) -> Sequence[Option]:
    """A part of the options, another one for each page, form or field: together they try them all."""
    return list(options)[number_of(re.sub("[0-9]+", "0", of)) % parts :: parts]


def form_problems(stage: Stage, persona: str, form: Form, *, whole: bool) -> Iterator[str]:
    right = valid_fields(stage, form)
    every = dict.fromkeys([*form.names, *(name for name, _ in right)])
    for label in payloads(stage) if whole else some(payloads(stage), form.action, 24):
        fields = [(name, PAYLOADS[label]) for name in every if name != "csrf_token"]
        yield from tried(stage, persona, form, fields, f"{form.action} all: {label}")
    for name in form.names[:MOST_FIELDS]:
        options = TYPED if name in form.typed else CHOSEN
        for label in options if whole else some(options, form.action + name):
            fields = [*((one, value) for one, value in right if one != name), (name, PAYLOADS[label])]
            yield from tried(stage, persona, form, fields, f"{form.action} {name}: {label}")
    shapes = odd_shapes(form, right)
    for what in shapes if whole else some(shapes, form.action, 2 * len(shapes)):
        yield from tried(stage, persona, form, shapes[what], f"{form.action} {what}")


def odd_shapes(form: Form, right: Sequence[tuple[str, str]]) -> dict[str, Sequence[tuple[str, str]]]:
    """A form's fields with a megabyte in one of them, sent twice, as lists, or not at all."""
    shapes: dict[str, Sequence[tuple[str, str]]] = {
        "twice": [*right, *right],
        "lists": [(f"{name}[]", "x") for name in form.names],
        "empty": [],
    }
    if form.typed and form.method == "POST":
        pasted = min(form.typed)
        others = [(name, value) for name, value in right if name != pasted]
        shapes[f"{pasted}: a megabyte"] = [*others, (pasted, MEGABYTE)]
    return shapes


def test_together_the_pages_try_everything(stage: Stage) -> None:
    things = stage.things["northwind"]
    shown, sent = (
        [stage.address(route, things) for route in ROUTES if route.method == method]
        for method in ("GET", "POST")
    )
    for options in (PAYLOADS, OF_A_DATABASE):
        assert {label for path in shown for label in some(options, path, 24)} == set(options)
        assert {label for path in sent for label in some(options, path, 24)} == set(options)
    assert {number for path in sent for number in some(range(4), path, 8)} == {0, 1, 2, 3}
    assert {number for path in shown for number in some(range(4), path, 4)} == {0, 1, 2, 3}
    assert {page for path in shown for page in some(NO_PAGES, path)} == set(NO_PAGES)
    for way in (TYPED, CHOSEN):
        assert {label for path in sent for label in some(way, f"{path}name")} == set(way)
    assert {label for path in shown for label in some(LABELS, f"{path}page")} == set(LABELS)
    assert {place for label in STORED for place in part_of(range(11), label, 2)} == set(range(11))


# Every payload in every field, or a part of them.
AS_A_WHOLE = pytest.mark.parametrize(
    "whole", [pytest.param(True, marks=pytest.mark.full, id="whole"), pytest.param(False, id="some")]
)


@AS_A_WHOLE
@pytest.mark.parametrize(("route", "persona"), PAGES, ids=lambda value: str(value))
def test_no_field_of_a_page_breaks_anything(stage: Stage, route: Route, persona: str, whole: bool) -> None:
    path = stage.address(route, stage.things["northwind"])
    page = Visitor(stage, persona).get(path)
    assert page.status_code == 200
    problems: list[str] = []
    alike: set[tuple[str, ...]] = set()
    for form in forms_of(page.text, path):
        # Of the forms of a list's rows the first.
        sort = (re.sub("[0-9]+", "0", form.action), form.method, *form.names)
        if is_own(form, route.endpoint) and sort not in alike:
            problems += form_problems(stage, persona, form, whole=whole)
        alike.add(sort)
    assert problems == []


# The forms of the frame are on every page; each is tried on one.
_ON_EVERY_PAGE = {"/sign-out": "auth.account", "/search/": "search.index_view"}


def is_own(form: Form, endpoint: str) -> bool:
    """Whether a form is this page's own."""
    return _ON_EVERY_PAGE.get(form.action, endpoint) == endpoint


# ---- Every parameter

PARAMETERS = (
    *("search", "q", "query", "platform", "account", "since", "until", "before", "after", "units", "kind"),
    *("person", "order", "device", "from", "to", "request", "near", "flt_platform_is", "flt_kind_is"),
    *("flt_account_is", "flt0_0", "flt_role_is", "flt_make_is", "export_type", "name", "action", "back"),
    *("unknown", "ended", "out", "status[]"),
)


LABELS = ("an attribute", "a huge number", "the largest keys", "the last day", "a long word")
NO_PAGES = ("-1", "0", "999999999", "1" + "0" * 22, "１", "x", "1.5", "\0")


def told_on_the_next_page(stage: Stage, visitor: Visitor) -> bool:
    """Whether the visitor's session holds a message that is shown with the next page."""
    cookie = visitor.client.get_cookie("hwadmin_session")
    serializer = SecureCookieSessionInterface().get_signing_serializer(stage.app)
    assert cookie is not None
    assert serializer is not None
    return bool(serializer.loads(cookie.value).get("_flashes"))


def parameter_problems(stage: Stage, persona: str, path: str, *, whole: bool) -> Iterator[str]:
    visitor = Visitor(stage, persona)
    endpoint, _ = stage.app.url_map.bind("localhost").match(path.partition("?")[0])
    forms = [
        form
        for form in forms_of(visitor.get(path).text, path)
        if form.method == "GET" and is_own(form, endpoint)
    ]
    own = sorted({name for form in forms for name in form.names} | {"status", "units", "page", "sort"})
    separator = "&" if "?" in path else "?"

    def ask(fields: Sequence[tuple[str, str]], what: str) -> Iterator[str]:
        query = urlencode(fields, encoding="utf-8", errors="surrogatepass")
        visitor = Visitor(stage, persona)
        response = visitor.get(f"{path}{separator}{query}")
        yield from faults(response, f"{path} {what}")
        if told_on_the_next_page(stage, visitor):
            yield from faults(visitor.get("/my-account"), f"{path} {what}, and then the account page")

    # A page that asks for nothing reads no more than where it goes on from.
    options = payloads(stage) if forms else CHOSEN
    for label in options if whole else some(options, path, 24 if forms else 8):
        yield from ask([(name, PAYLOADS[label]) for name in PARAMETERS], f"all: {label}")
    for name in own:
        for label in LABELS if whole else some(LABELS, path + name):
            yield from ask([(name, PAYLOADS[label])], f"{name}: {label}")
    for page in NO_PAGES if whole else some(NO_PAGES, path):
        yield from ask([("page", page)], f"page={page}")
        yield from ask([(name, page) for name in ("page", "sort", "desc", "page_size")], f"all={page}")
    shapes: dict[str, Sequence[tuple[str, str]]] = {
        "repeated": [("page", "1"), ("page", "-1"), ("q", "a"), ("q", "b")],
        "empty": [(name, "") for name in (*PARAMETERS, *own)],
        "many": [(f"p{number}", "x") for number in range(200)],
        "days the wrong way round": [("since", "9999-12-31"), ("until", "0001-01-01")],
    }
    for what in shapes if whole else some(shapes, path, 4):
        yield from ask(shapes[what], what)


@AS_A_WHOLE
@pytest.mark.parametrize("route", SHOWING, ids=str)
def test_no_parameter_of_a_page_breaks_anything(stage: Stage, route: Route, whole: bool) -> None:
    persona = "piet" if "piet" in route.may else "ada"
    path = stage.address(route, stage.things["northwind"])
    assert list(parameter_problems(stage, persona, path, whole=whole)) == []


@pytest.mark.parametrize("persona", ["ada", "anonymous"])
def test_no_address_breaks_anything(stage: Stage, persona: str) -> None:
    visitor = Visitor(stage, "ada") if persona == "ada" else None
    client = visitor.client if visitor else Browser(stage.app, stage.app.response_class)
    problems: list[str] = []
    for label, payload in PAYLOADS.items():
        quoted = quote(payload, safe="", errors="surrogatepass")
        for path in (
            "/{}",
            "/orders/{}",
            "/orders/{}/fulfill",
            "/accounts/{}/",
            "/api/v1/orders/{}",
        ):
            answer = client.get(path.format(quoted))
            problems += faults(answer, f"{path} {label}")
            answer.close()
    assert problems == []


# ---- Links that lead out

OUT = (
    *("//evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example", "http:/evil.example"),
    *("http:evil.example", "https://evil.example", "HTTPS://evil.example", "///evil.example", "////evil"),
    *("/\t/evil.example", "\t//evil.example", "/\r/evil.example", "/\n/evil.example", " //evil.example"),
    *(
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "@evil.example",
        "/a\\..\\evil",
        "%2F%2Fevil",
    ),
    *("\x00//evil.example", "/\x00/evil.example", "?//evil", "#//evil", "\u2028//evil.example"),
)


# No page takes an address to go on to, whatever it is called.
ASKED = [
    f"{path}{'' if '?' in path else '?'}{name}="
    for path in ("/orders/", "/accounts/", "/people/", "/people/edit/?id=1&", "/catalog/new/")
    for name in ("url", "next")
]


def test_together_all_links_are_tried_and_at_every_address() -> None:
    assert {asked for target in OUT for asked in part_of(ASKED, target, 5)} == set(ASKED)
    assert all(part_of(ASKED, target, 5) for target in OUT)


@pytest.mark.parametrize("target", OUT)
def test_no_link_leads_out_of_this_site(stage: Stage, target: str) -> None:
    visitor = Visitor(stage, "ada")
    quoted = quote(target, safe="")
    problems: list[str] = []
    for asked in part_of(ASKED, target, 5):
        answer = visitor.get(f"{asked}{quoted}")
        problems += faults(answer, f"{asked}{target!r}")
        assert answer.status_code == 400
    # The sign-in page is the one that follows such a link; to somebody signed in already it does so at once.
    problems += faults(visitor.get(f"/sign-in?next={quoted}"), f"sign-in {target!r}")
    for form in forms_of(visitor.get("/orders/").text, "/orders/"):
        if form.action.endswith("approve-several"):
            problems += faults(visitor.post(form.action, [("back", target)]), f"back={target!r}")
    stranger = Browser(stage.app, stage.app.response_class)
    typed = {"email": "nobody@example.com", "password": "x"}
    problems += faults(stranger.post(f"/sign-in?next={quoted}", data=typed), f"signing in {target!r}")
    referrer = "http://localhost" + quote(target, safe="/\\:?#@ ")
    response = stranger.post("/sign-out", headers={"Referer": referrer})
    problems += faults(response, f"referrer {target!r}")
    assert problems == []


# ---- What was stored

STORED = (
    *("an element", "an attribute", "an attribute in single quotes", "the end of an element", "a template"),
    *("an address", "an injection", "wildcards", "emoji", "full-width digits"),
    *("a formula", "a plus formula", "a minus formula", "an at formula", "a full-width formula"),
)


def with_everything_named(stage: Stage, payload: str) -> tuple[str, str]:
    """An account, its site and people, and an order, all named by the payload; the addresses of both."""
    visitor = Visitor(stage, "piet")
    typed = {
        "platform": stage.things["northwind"]["platform"],
        "submission_key": "a-hostile-submission",
        "name": payload,
        "locations-0-name": payload[:120],
        "locations-0-address": payload,
        "employees-0-name": payload,
        "employees-0-employee_number": payload[:60],
        "lines-0-sku": stage.things["northwind"]["sku"],
        "lines-0-quantity": "1",
        "lines-0-units-1-employee": "0",
        "ship_to": "0",
        "attention": payload,
        "notes": payload,
    }
    response = visitor.post("/accounts/new-with-hardware", list(typed.items()))
    assert response.status_code == 302, response.text[:3000]
    with stage.app.app_context(), acting_as(db.session, COMMAND_LINE):
        account = db.session.scalars(select(Account).order_by(Account.id.desc())).first()
        order = db.session.scalars(select(HardwareOrder).order_by(HardwareOrder.id.desc())).first()
        assert account
        assert order
        wanted = tidied(payload)
        assert (account.name, order.notes, order.attention) == (wanted, wanted, wanted)
        for model in (Employee, Location):
            row = db.session.scalars(select(model).where(model.account_id == account.id)).one()
            assert row.name == wanted  # type: ignore[attr-defined]
        addresses = f"/accounts/{account.id}/", f"/orders/{order.reference}"
        db.session.remove()
    return addresses


@pytest.mark.parametrize("label", STORED)
def test_what_was_stored_is_text_on_every_page_and_in_every_export(stage: Stage, label: str) -> None:
    payload = PAYLOADS[label]
    account, order = with_everything_named(stage, payload)
    ada = Visitor(stage, "ada")
    assert ada.post(f"{order}/approve", []).status_code == 302
    assert ada.post(f"{order}/reopen", [("reason", payload)]).status_code == 302
    marked = ada.post(
        f"{order}/mark-ordered", [("distributor", payload[:120]), ("distributor_reference", payload[:120])]
    )
    assert marked.status_code == 302
    assert ada.post(f"{order}/reopen", [("reason", payload)]).status_code == 302
    assert ada.post(f"{order}/reject", [("reason", payload)]).status_code == 302
    problems: list[str] = []
    main = (order, f"{order}/history", account)
    others = (
        *("/orders/?status=all", "/accounts/", "/audit/", "/devices/", "/devices/ordered/"),
        *(f"{account}{part}" for part in ("employees/", "locations/", "orders/", "edit/")),
        f"/ordering/{account.strip('/').split('/')[-1]}/new",
        f"/devices/register/{account.strip('/').split('/')[-1]}/",
    )
    shown = 0
    readers = {persona: Visitor(stage, persona) for persona in ("ada", "piet")}
    # By default half of the other pages and one reader of each; where another payload was stored, the others.
    for path in (*main, *part_of(others, label, 2)):
        for persona in one_of(readers, f"{path} {label}"):
            page = readers[persona].get(path)
            problems += faults(page, f"{path} with {label}")
            if page.status_code == 200:
                words = squeezed(" ".join(tree_of(page.text).itertext()))
                values = [value for form in forms_of(page.text, path) for _, value in form.fields]
                shown += squeezed(payload) in words or payload.strip() in values
    assert problems == []
    # Not left out, and not changed: it is there to read.
    assert shown >= (8 if FULL else 4)
    exports = ("/orders/export-orders", "/accounts/export-rows/", "/devices/export-rows/", "/audit/export")
    for place, path in enumerate(exports):
        for kind in one_of(("csv", "xlsx"), label) if place % 2 else one_of(("xlsx", "csv"), label):
            exported = ada.post(path, [("format", kind), ("status", "all")])
            assert exported.status_code == 200
            assert formulas_of(exported.data, kind) == []


def formulas_of(content: bytes, kind: str) -> list[str]:
    """What a program for spreadsheets would reckon with in an exported list."""
    if kind == "xlsx":
        cells = [cell for sheet in load_workbook(io.BytesIO(content)) for row in sheet for cell in row]
        return [str(cell.value) for cell in cells if cell.data_type == "f"]
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    begun = [cell for row in rows for cell in row if re.match(r"\s*[=+\-@＝＋－＠\t\r]", cell)]
    return [cell for cell in begun if not re.fullmatch(r"-?\d+(\.\d+)?", cell)]


@pytest.mark.parametrize("label", PAYLOADS)
def test_a_name_comes_back_as_typed_or_is_refused_with_a_sentence(stage: Stage, label: str) -> None:
    payload = PAYLOADS[label]
    account = stage.things["northwind"]["account"]
    visitor = Visitor(stage, "piet")
    for path, name in (
        (f"/accounts/{account}/edit/", "name"),
        (f"/accounts/{account}/employees/{stage.things['northwind']['employee']}/edit/", "name"),
        (f"/accounts/{account}/locations/{stage.things['northwind']['location']}/", "name"),
    ):
        response = visitor.post(path, [(name, payload)])
        if response.status_code == 302:
            values = [
                value
                for form in forms_of(visitor.get(path).text, path)
                for one, value in form.fields
                if one == name
            ]
            # What is no UTF-8 is taken for what it is spelled like.
            sent = payload.replace("\ud800", "%ED%A0%80")
            assert values == [tidied(sent)]
        else:
            assert response.status_code == 422
            words = " ".join(tree_of(response.text).itertext())
            assert re.search(r"Remove the invisible|characters at most|on one line|Enter|Give|name", words)


def test_a_refused_name_leaves_no_trace(stage: Stage) -> None:
    visitor = Visitor(stage, "piet")
    account = stage.things["northwind"]["account"]
    before = stage.checksum()
    for label in ("a NUL", "control characters", "header injection", "a direction override", "a long word"):
        assert visitor.post(f"/accounts/{account}/edit/", [("name", PAYLOADS[label])]).status_code == 422
    assert stage.checksum() == before


# ---- The one page everybody reaches


@pytest.mark.parametrize("label", PAYLOADS)
def test_signing_in_with_anything_is_refused_with_a_sentence(stage: Stage, label: str) -> None:
    client = Browser(stage.app, stage.app.response_class)
    for email, password in ((PAYLOADS[label], "x"), ("ada@example.com", PAYLOADS[label])):
        body = urlencode({"email": email, "password": password}, encoding="utf-8", errors="surrogatepass")
        headers = {"User-Agent": f"<{MARK}>\t{label}"}
        response = client.post(
            "/sign-in", data=body, content_type="application/x-www-form-urlencoded", headers=headers
        )
        assert response.status_code in (422, 429)
        assert list(faults(response, label)) == []


def test_a_browser_that_calls_itself_anything_is_shown_as_text(stage: Stage) -> None:
    with stage.app.app_context(), acting_as(db.session, COMMAND_LINE):
        before = db.session.query(AuditEvent).count()
        db.session.remove()
    visitor = Visitor(stage, "ada")
    headers = {"User-Agent": PAYLOADS["an attribute"] * 50}
    page = visitor.client.get("/my-account", headers=headers)
    assert list(faults(page, "a browser's name")) == []
    with stage.app.app_context(), acting_as(db.session, COMMAND_LINE):
        assert db.session.query(AuditEvent).count() == before
        db.session.remove()
