"""Values no database can hold, numbers and times beyond any bound: a refusal of ours, and never a fault.

SQLite takes much of what PostgreSQL refuses in the middle of a statement, so each case runs on both.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwadmin.db.extensions import db
from hwadmin.schemas.request_models import NewAccountRequest
from hwadmin.scim import untrusted
from hwadmin.scim.schema import CORE, ENTERPRISE
from hwadmin.scim.untrusted import (
    MOST_ATTRIBUTES,
    MOST_FILTER_TERMS,
    MOST_OPERATIONS,
    MOST_PARTS,
    MOST_VALUES,
)
from tests.api.callers import Callers
from tests.builders import Answer, Clients, World
from tests.running import examples
from tests.scim.pushers import BULK, PATCH, Pusher

pytestmark = pytest.mark.both_databases

# In JSON as they are sent: NUL, half a character, and what is beyond any column.
TEXTS = (
    *("\0", "a\0b", "\ud800", "\udfff x", "\ud83d", "\x01\x1b[31m", "\u202e", "\ufffe", "x" * 70_000),
    *("9" * 400, "-" + "9" * 400, "1e999", "NaN", "9223372036854775808", "-1", "0x7f", "１２"),
    *("0000-00-00T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+23:59"),
    *("10000-01-01T00:00:00Z", "9999-12-31T23:59:60-23:59", "2026-02-30T00:00:00Z", "%", "\\", "'", '"'),
)
ATTRIBUTES = ("userName", "externalId", "displayName", "title", "nickName", "active", "meta.created", "id")
OPERATORS = ("eq", "co", "gt", "ne")
NUMBERS = ("1e400", "-1e400", "1" + "0" * 400, "-0", "1.5", "9223372036854775808", "true", "null", "{}", "[]")
hostile = st.one_of(
    st.sampled_from(TEXTS),
    st.text(st.characters(codec=None, categories=("Cc", "Cs", "Cf", "Co", "L", "N", "P")), max_size=40),
)


def assert_refused_or_taken(answer: Answer, what: object) -> None:
    assert answer.status_code < 500, (what, answer.status_code, answer.text[:400])


@pytest.fixture
def okta(app: Flask, world: World) -> Pusher:
    return Pusher(app, world.an_account(name="Riverside Clinic"))


# ---- Directories

_NUMBERS = itertools.count(1)


@given(
    value=hostile, attribute=st.sampled_from(ATTRIBUTES), operator=st.sampled_from(("eq", "co", "gt", "ne"))
)
@settings(
    deadline=None, max_examples=examples(120), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_filter_of_a_directory_is_a_fault(okta: Pusher, value: str, attribute: str, operator: str) -> None:
    search = f"{attribute} {operator} {json.dumps(value)}"
    assert_refused_or_taken(okta.get(f"/Users?filter={quote(search.encode('utf-8', 'replace'))}"), search)
    schema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
    assert_refused_or_taken(
        okta("POST", "/Users/.search", {"schemas": [schema], "filter": search, "count": 1}), search
    )


@given(value=hostile)
@settings(
    deadline=None, max_examples=examples(24), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_attribute_of_a_directory_is_a_fault(okta: Pusher, value: str) -> None:
    everywhere: dict[str, Any] = {
        "schemas": [CORE, ENTERPRISE],
        "userName": value,
        "externalId": value,
        "displayName": value,
        "title": value,
        "name": {"formatted": value, "familyName": value},
        "emails": [{"value": value, "type": value, "primary": True}],
        "phoneNumbers": [{"value": value}],
        ENTERPRISE: {"employeeNumber": value, "costCenter": value, "manager": {"value": value}},
    }
    assert_refused_or_taken(okta("POST", "/Users", everywhere), value)
    # The same value may come again, and the directory stays.
    known = okta.create(f"dana{next(_NUMBERS)}@example.com")["id"]
    for name, one in everywhere.items():
        if name != "schemas":
            alone = {"schemas": [CORE, ENTERPRISE], "userName": "dana@example.com"} | {name: one}
            assert_refused_or_taken(okta("PUT", f"/Users/{known}", alone), (name, value))
            patch = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": name, "value": one}]}
            assert_refused_or_taken(okta("PATCH", f"/Users/{known}", patch), (name, value))
    operation = {"op": value, "path": value, "value": value}
    patch = {"schemas": [PATCH], "Operations": [operation]}
    assert_refused_or_taken(okta("PATCH", f"/Users/{known}", patch), value)
    bulk = {"method": "POST", "path": "/Users", "bulkId": value, "data": everywhere}
    assert_refused_or_taken(okta("POST", "/Bulk", {"schemas": [BULK], "Operations": [bulk]}), value)


@pytest.mark.parametrize("number", NUMBERS)
def test_no_number_is_a_fault(okta: Pusher, number: str) -> None:
    for name in ("userName", "active", "externalId", "title", "emails", "name"):
        body = f'{{"schemas": ["{CORE}"], "userName": "dana@example.com", "{name}": {number}}}'
        answer = okta.client.post(
            f"{okta.base}/Users",
            data=body,
            headers={"Authorization": f"Bearer {okta.secret}", "Content-Type": "application/scim+json"},
        )
        assert_refused_or_taken(answer, (name, number))
    for parameter in ("count", "startIndex"):
        for value in (number, "9" * 30, "-" + "9" * 30, "%00", "1e3"):
            assert_refused_or_taken(okta.get(f"/Users?{parameter}={value}"), (parameter, value))


@pytest.mark.parametrize("key", ["%00", "%ed%a0%80", "9" * 400, "..%2f", "%ff", "a%00b"])
def test_no_key_of_a_directory_is_a_fault(okta: Pusher, key: str) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert_refused_or_taken(okta(method, f"/Users/{key}", {"schemas": [PATCH], "Operations": []}), key)


@pytest.mark.parametrize(
    "many",
    [
        " or ".join(['userName eq "dana"'] * 5000),
        " and ".join(['userName ne "dana"'] * 3000),
        "(" * 3000 + 'userName eq "dana"' + ")" * 3000,
        "not (" * 1500 + 'userName eq "dana"' + ")" * 1500,
        " or ".join(['emails[type eq "work" and value co "dana"]'] * 1500),
        'userName eq "' + "x" * 900_000 + '"',
    ],
)
def test_a_filter_of_thousands_of_terms_is_refused_at_once(okta: Pusher, many: str) -> None:
    schema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
    answer = okta("POST", "/Users/.search", {"schemas": [schema], "filter": many})
    assert answer.status_code == 400
    assert answer.get_json(force=True)["scimType"] == "invalidFilter"
    assert "The filter has" in answer.get_json(force=True)["detail"]
    assert okta.get(f"/Users?filter={quote(many)}").status_code == 400


def test_more_than_a_directory_sends_is_refused_at_once(okta: Pusher) -> None:
    """Each kept a worker busy until it was killed: each operation looks at all values anew."""
    known = okta.create("dana@example.com")["id"]
    user = {"schemas": [CORE], "userName": "many@example.com"}
    addition = {"op": "add", "path": "emails", "value": [{"value": "d@example.com"}]}
    selection = {"op": "replace", "path": 'emails[type eq "work"].value', "value": "d@example.com"}
    long_path = {"op": "remove", "path": f"emails[{' or '.join(['type eq 1'] * MOST_FILTER_TERMS)}]"}
    attributes = {f'emails[type eq "{number}"].value': "x" for number in range(MOST_VALUES + 1)}
    search = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}
    too_many = f"Send {MOST_VALUES} values of one person at most"
    for method, path, body, sentence in (
        ("PATCH", f"/Users/{known}", changes(*[addition] * (MOST_OPERATIONS + 1)), "Send 500 operations"),
        ("PATCH", f"/Users/{known}", changes(*[addition] * (MOST_VALUES + 1)), too_many),
        ("PATCH", f"/Users/{known}", changes(*[selection] * (MOST_VALUES + 1)), too_many),
        ("PATCH", f"/Users/{known}", changes(long_path), "terms; 200 are read at most"),
        (
            "PATCH",
            f"/Users/{known}",
            changes({"op": "add", "value": attributes}),
            "An object has 100 attributes",
        ),
        ("POST", "/Users", user | {"emails": [1] * 100_000}, too_many),
        ("POST", "/Users", user | dict.fromkeys(map(str, range(MOST_ATTRIBUTES))), "An object has 100"),
        ("POST", "/Users/.search", search | {"attributes": ["userName"] * 50_000}, too_many),
        ("POST", "/Users/.search", search | {"sortBy": "a." * 500_000}, "8,000 are read at most"),
    ):
        answer = okta(method, path, body)
        refused = answer.get_json(force=True)
        assert (answer.status_code, refused["scimType"][:7]) == (400, "invalid"), (sentence, refused)
        assert sentence in refused["detail"]
    nested = okta("POST", "/Users", user | {"emails": [{}] * MOST_PARTS})
    assert (nested.status_code, "20,000 objects" in nested.text) == (413, True)
    title = {"op": "replace", "path": "title", "value": "Nurse"}
    assert okta("PATCH", f"/Users/{known}", changes(*[title] * MOST_OPERATIONS)).status_code in (200, 204)


def changes(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


def test_no_transaction_waits_while_a_body_is_read(
    okta: Pusher, app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SCIM's is read ahead; the API's and SCIM's long ones after what authentication has read was let go."""
    open_while_reading: list[bool] = []

    def noting(read: Callable[..., Any]) -> Callable[..., Any]:
        def read_and_note(*arguments: Any, **more: Any) -> Any:
            open_while_reading.append(db.session().in_transaction())
            return read(*arguments, **more)

        return read_and_note

    long = "x" * 20_000
    with monkeypatch.context() as patches:
        patches.setattr(untrusted, "checked_body", noting(untrusted.checked_body))
        okta("POST", "/Users", {"schemas": [CORE], "userName": "dana@example.com", "title": long})
        patches.setattr(
            NewAccountRequest, "model_validate_json", noting(NewAccountRequest.model_validate_json)
        )
        Callers(app, world).piet.post("/accounts", {"name": long})
    assert open_while_reading == [False, False]


def test_a_filter_of_many_terms_is_read(okta: Pusher) -> None:
    known = okta.create("dana@example.com")["id"]
    names = [f'userName eq "nobody{number}@example.com"' for number in range(120)]
    search = " or ".join([*names, 'userName eq "dana@example.com"'])
    schema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
    answer = okta("POST", "/Users/.search", {"schemas": [schema], "filter": search})
    assert [one["id"] for one in answer.get_json(force=True)["Resources"]] == [known]


# ---- Programs


@given(value=hostile)
@settings(
    deadline=None, max_examples=examples(24), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_value_is_a_fault_of_the_api(app: Flask, world: World, value: str) -> None:
    piet = Callers(app, world).piet
    account, order = world.an_account(), world.an_order()
    typed = quote(value.encode("utf-8", "replace"))
    for path in ("/accounts?q=", "/orders?q=", "/catalog?q=", "/devices?identifier=", "/orders?cursor="):
        assert_refused_or_taken(piet.get(path + typed), (path, value))
    for path in ("/accounts/", "/orders/", "/devices/"):
        assert_refused_or_taken(
            piet.get(path + quote(value.encode("utf-8", "replace"), safe="")), (path, value)
        )
    assert_refused_or_taken(piet.post("/accounts", {"name": value, "platform_id": 1}), value)
    lines = {"account_id": account.id, "lines": [{"sku": value, "quantity": 1}], "reference": value}
    assert_refused_or_taken(piet.post("/orders", lines), value)
    assert_refused_or_taken(piet.post(f"/orders/{order.reference}/cancel", {"reason": value}), value)


# ---- Pages


@given(value=hostile)
@settings(
    deadline=None, max_examples=examples(24), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_searched_text_is_a_fault_of_a_page(clients: Clients, value: str) -> None:
    typed = quote(value.encode("utf-8", "replace"))
    for path in (
        *("/search/?q=", "/search/suggestions?query=", "/orders/?status=all&q=", "/devices/?search="),
        *("/accounts/?search=", "/catalog/?search=", "/platforms/?search=", "/people/?search="),
        *("/audit/?actor=", "/audit/?since=", "/audit/?order=", "/outgoing/?recipient=", "/orders/?since="),
    ):
        assert_refused_or_taken(clients.ada.get(path + typed), (path, value))
