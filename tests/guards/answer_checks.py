"""What must be true of an answer whatever was asked for: its headers, its markup, and what it keeps quiet.

Each check takes one answer of the walk in test_access_matrix.py and gives back what is wrong with it. That
each finds what it is for is tested in test_headers.py and test_internal_notes.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from werkzeug.datastructures import Headers
from werkzeug.http import parse_options_header

from tests.guards.access_policy import PROGRAM, SIGNED_OUT, Route
from tests.reading_pages import tree_of
from tests.seeded_site import INTERNAL, Answer

STATIC = ("static", "admin.static")
# Piet is given one platform, Tess two; the program comes with a token, and so do they at the API's door.
OF_A_PLATFORM = frozenset({"piet", "tess"}) | PROGRAM


@dataclass(frozen=True)
class Visit:
    """One request of the walk: who asked for a thing of whose platform, and what was answered."""

    route: Route
    persona: str
    # Whose things were named; None is what does not exist.
    tenant: str | None
    path: str
    data: object
    answer: Answer

    def __str__(self) -> str:
        return f"{self.route} as {self.persona} on {self.tenant or 'nothing'} ({self.path})"


def header_problems(route: Route, headers: Mapping[str, str] | Headers) -> Iterator[str]:
    """What is wrong with the headers of an answer."""
    parts = [part.split() for part in headers.get("Content-Security-Policy", "").split(";")]
    policy = {part[0]: " ".join(part[1:]) for part in parts if part}
    directives = {
        "default-src": r"'none'",
        "script-src": r"'self' 'nonce-[\w-]{16,}'",
        "style-src": r"'self'",
        "form-action": r"'self'",
        "base-uri": r"'none'",
        "frame-ancestors": r"'none'",
    }
    for name, value in directives.items():
        if not re.fullmatch(value, policy.get(name, "")):
            yield f"{name} is {policy.get(name)}"
    if "unsafe" in headers.get("Content-Security-Policy", ""):
        yield "something unsafe is allowed"
    for name, value in {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
    }.items():
        if headers.get(name) != value:
            yield f"{name} is {headers.get(name)}"
    caching = headers.get("Cache-Control", "")
    if route.endpoint in STATIC:
        if "no-store" in caching:
            yield "a static file is not kept"
    elif "no-store" not in caching:
        yield f"Cache-Control is {caching}"
    if "Server" in headers or "X-Powered-By" in headers:
        yield "it says what it is made of"


def check_headers(visit: Visit) -> Iterator[str]:
    """Every answer carries the security headers; a static file that is not there is an ordinary refusal."""
    if visit.route.endpoint not in STATIC or visit.answer.status == 200:
        yield from header_problems(visit.route, visit.answer.headers)


def check_origins(visit: Visit) -> Iterator[str]:
    """No page of another site may read an answer: every GET of the walk comes from one."""
    for name in visit.answer.headers:
        if name.lower().startswith("access-control-"):
            yield f"{name} is {visit.answer.headers[name]}"


def content_problems(content_type: str, body: str) -> Iterator[str]:
    """Where an answer does not say what it is, or in which encoding it is to be read."""
    kind, options = parse_options_header(content_type)
    if not kind:
        yield "it does not say what it is"
    is_text = kind.startswith("text/") or kind.endswith(("/xml", "+xml"))
    if is_text and options.get("charset", "").lower() != "utf-8":
        yield f"Content-Type is {content_type}, without its encoding"
    if (kind == "text/html") != bool(re.match(r"\s*<!doctype html", body, re.IGNORECASE)):
        yield f"Content-Type is {content_type}, of {body[:40]!r}"
    if kind.endswith(("/json", "+json")):
        try:
            json.loads(body)
        except ValueError:
            yield f"Content-Type is {content_type}, of {body[:40]!r}"


def check_content(visit: Visit) -> Iterator[str]:
    """Every answer that has a body says what it is: pages, the API's, files, SCIM's, static ones."""
    if visit.answer.body:
        yield from content_problems(visit.answer.headers.get("Content-Type", ""), visit.answer.body)


def markup_problems(html: str, policy: str) -> Iterator[str]:
    """What a page needs that its Content-Security-Policy forbids, or that leads out of this site."""
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    if nonce is None:
        yield "there is no nonce"
        return
    for element in tree_of(html).iter():
        tag = element.tag
        if any(str(name).startswith("on") or name == "style" for name in element.attrib):
            yield f"<{tag}> has a handler or a style of its own"
        if tag in ("style", "base", "iframe", "object", "embed"):
            yield f"there is a <{tag}>"
        inline = tag == "script" and "src" not in element.attrib
        if inline and element.get("nonce") != nonce[1] and element.get("type") != "application/json":
            yield "an inline script bears no nonce"
        for name in ("src", "href", "action", "formaction"):
            if re.match(r"\s*(javascript|data|https?|//)", element.get(name, "")):
                yield f"<{tag}> leads to {element.get(name)}"


def check_markup(visit: Visit) -> Iterator[str]:
    """No page needs what the policy forbids; Ada's show everything there is."""
    shown = visit.persona == "ada" and visit.tenant is not None and visit.answer.status == 200
    if shown and visit.route.method == "GET" and "ada" in visit.route.may:
        headers = visit.answer.headers
        if headers["Content-Type"].startswith("text/html"):
            yield from markup_problems(visit.answer.body, headers["Content-Security-Policy"])


def tells_note(answer: Answer) -> bool:
    """Whether the word that stands in internal notes only is anywhere in an answer."""
    return INTERNAL in answer.body + repr(answer.headers)


def check_notes(visit: Visit) -> Iterator[str]:
    """No platform is told what an internal note says."""
    if visit.persona in OF_A_PLATFORM - SIGNED_OUT and tells_note(visit.answer):
        yield "tells what an internal note says"


Check = Callable[[Visit], Iterator[str]]
CHECKS: tuple[Check, ...] = (check_headers, check_origins, check_content, check_markup, check_notes)
