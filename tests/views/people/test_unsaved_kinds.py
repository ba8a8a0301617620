"""Whatever form is sent when a session has ended, or a token is missing: what was typed is there again."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from hwadmin.db.extensions import db
from tests.builders import World
from tests.views.people.test_unsaved_input import (
    HTML,
    REASON,
    refused,
    sam,  # noqa: F401
    sign_in,
    value_of,
)

LONG = "Zeile eins\nZeile zwei – “Größe” \u202bעברית\u202c €\n" * 60
LIST = "Model;MAC;User\nT54W;805EC07A0A03;Niamh Corrigan\n" * 40
FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "a reason": ("/orders/HW-1/reject", {"reason": REASON, "version": "3"}),
    "a reason in many lines": ("/orders/HW-1/cancel", {"reason": LONG}),
    "a note": ("/orders/HW-1/notes", {"text": LONG}),
    "a pasted list of devices": ("/orders/HW-1/fulfill/list", {"text": LIST}),
    "answers about a list": (
        "/orders/HW-1/fulfill/list",
        {"text": LIST, "column-0": "model", "question-0a1b2c": "yes"},
    ),
    "a list of people": (
        "/directory/7/import",
        {"text": "Name;Email\nZoë O’Brien;z@example.com", "option": "1"},
    ),
    "choices about people": (
        "/directory/7/import/apply",
        {"text": "Name\nZoë", "row-0": "new", "digest": "ab"},
    ),
    "a carrier's list": (
        "/phone-lines/7/import",
        {"text": "Number;Carrier\n+353 85;Three", "answer-1-order": "day_first"},
    ),
    "a catalog": ("/catalog/platform/1/import", {"text": "SKU;Price\nS-1;1.234,56"}),
    "identifiers": ("/orders/HW-1/fulfill", {"unit-7": "805ec01d654a; S/N: 3146", "unit-8": "02C3CC8E37"}),
    "placing an order": (
        "/orders/HW-1/placement",
        {"distributor_reference": "SO-55012 <b>", "expected_on": "2027-04-03"},
    ),
    "an employee": (
        "/accounts/7/employees/new/",
        {"name": "Łukasz Żółty", "email": "l@example.com", "title": "\"'&<>"},
    ),
    "a location": ("/accounts/7/locations/new/", {"name": "Cork", "address": "1 Quay\nCork"}),
    "several of one name": (
        "/orders/HW-1/lines",
        {"quantity": "3", "color": "Nimbus\u00a0Grey", "x": " spaces  within "},
    ),
    "numbers and dates": (
        "/phone-lines/7/new/",
        {"phone_number": "+353 85 555 0301", "contract_balance": "1.234,56"},
    ),
    "an address with a query": ("/orders/HW-1/reject?from=/orders/%3Fq%3Da%26b", {"reason": REASON}),
    "a webhook": ("/webhooks/new", {"url": "https://example.com/hook?a=1&b=2", "name": "ERP"}),
}


def again(page: str, name: str) -> str:
    """What stands in a field of the page: of several lines, or of one."""
    area = re.search(rf'<textarea[^>]* name="{re.escape(name)}"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    return html.unescape(area[1]) if area else value_of(page, name)


@pytest.mark.parametrize("kind", FORMS)
def test_after_signing_in_again_the_form_is_filled(sam: Any, kind: str) -> None:  # noqa: F811
    path, fields = FORMS[kind]
    page = refused(sam, path, **fields).text
    filled = sign_in(sam, page, unsaved_input=value_of(page, "unsaved_input")).text
    assert f'action="{html.escape(path)}"' in filled
    for name, value in fields.items():
        assert again(filled, name) == value


@pytest.mark.parametrize(
    "kind", ["a reason in many lines", "a pasted list of devices", "an employee", "several of one name"]
)
def test_without_a_token_the_form_is_filled(sam: Any, kind: str) -> None:  # noqa: F811
    path, fields = FORMS[kind]
    page = sam.post(path, data=fields, headers=HTML)
    assert page.status_code == 400
    for name, value in fields.items():
        assert again(page.text, name) == value


TAKEN = {
    "a reason, when somebody decided meanwhile": ("/orders/{}/reject", {"version": "1", "reason": REASON}),
    "a reason of several lines": ("/orders/{}/reject", {"version": "1", "reason": LONG}),
    "a reason to cancel": ("/orders/{}/cancel", {"version": "1", "reason": REASON}),
    "a placement": (
        "/orders/{}/mark-ordered",
        {
            "version": "1",
            "distributor": "Großhandel",
            "distributor_reference": "SO-55012",
            "expected_on": "2027-04-03",
        },
    ),
    "a list of devices": ("/orders/{}/fulfill/list", {"text": LIST}),
    "identifiers": ("/orders/{}/fulfill", {"unit-1": "805ec01d654a; S/N: 3146", "do": "all"}),
    "a field of a thing that is gone": ("/accounts/999999/employees/new/", {"name": "Łukasz Żółty"}),
    "a note about a thing that is gone": ("/orders/HW-999999/notes", {"text": LONG}),
    "a list for an account that is gone": ("/directory/999999/import", {"text": LIST}),
}


@pytest.mark.parametrize("kind", TAKEN)
def test_what_is_refused_for_good_still_shows_what_was_typed(
    sam: Any,  # noqa: F811
    world: World,
    kind: str,
) -> None:
    path, fields = TAKEN[kind]
    order = world.an_order("rejected")
    db.session.commit()
    path = path.format(order.reference)
    token = value_of(sam.get("/my-account").text, "csrf_token")
    page = sam.post(path, data={"csrf_token": token, **fields}, headers=HTML)
    assert page.status_code in (403, 404, 409, 422), page.text
    for name, value in fields.items():
        assert again(page.text, name) == value, name


def test_a_button_that_cannot_be_pressed_is_not_offered_again(sam: Any, world: World) -> None:  # noqa: F811
    order = world.an_order("rejected")
    db.session.commit()
    token = value_of(sam.get("/my-account").text, "csrf_token")
    page = sam.post(
        f"/orders/{order.reference}/approve", data={"csrf_token": token, "version": "1"}, headers=HTML
    )
    assert page.status_code == 409
    assert "Send it again" not in page.text
