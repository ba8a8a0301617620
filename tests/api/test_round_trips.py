"""What was sent comes back: every field of every body, by the schemas, is shown again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from hwadmin.api import calls
from hwadmin.api.calls import Call
from hwadmin.schemas.request_models import RequestModel
from tests.guards.access_policy import API, PLATFORM, POLICY, Route
from tests.seeded_site import Stage, fill

CALLS = {one.name: one for one in calls.CALLS}
ROUTES = [route for route in API if CALLS[route.endpoint.removeprefix("api.")].body is not None]
Answer = dict[str, Any]

# Fields that are not tried here, and why.
UNTRIED: Mapping[str, str] = {
    "merge_employee.other_employee_id": "The other record is used no more.",
    "decide_on_orders.action": "It is the decision; the orders show what became of them.",
    "decide_on_orders.placement": "The orders show it; mark_ordered, which is tried, takes the same.",
    "retire_devices.on": "The devices show it; retire, which is tried, takes the same.",
    "change_platform.currency": "Only while nothing is priced in it; create_platform is tried.",
    "change_item.max_handsets": "Only of a base; create_item is tried.",
    **dict.fromkeys(
        ("register_device.second_imei", "change_device.second_imei", "replace.second_imei"),
        "Only of a mobile: test_devices.py.",
    ),
    **dict.fromkeys(
        ("add_phone_line.device_id", "change_phone_line.device_id"), "Only a mobile: test_phone_lines.py."
    ),
    "create_account.employees": "Like add_employee, which is tried.",
    "create_account.locations": "Like add_location, which is tried.",
    "anonymize.reason": "It may name whom it is about, so it is redacted where it is kept.",
}

# Values where the schema alone does not say what is possible; words in braces name things of the stage.
_SHARES = [{"code": "4711", "percent": 100.0}]
_SUPPORTER = {"name": "Zoë", "email": "zoe@example.com", "role": "support", "all_platforms": True}
_LINE = {"sku": "{sku}", "quantity": 3}
VALUES: Mapping[str, Any] = {
    "platform_id": "{#platform}",
    "platform_ids": ["{#platform}"],
    "employee_id": "{#another_employee}",
    "location_id": "{#location}",
    "ship_to_location_id": "{#location}",
    "manager_id": "{#another_employee}",
    "base_device_id": None,
    "account_id": "{#other_account}",
    "unit_ids": ["{#approved_unit}"],
    "devices": ["{#device}"],
    "orders": [{"reference": "{submitted}"}],
    "numbers": [{"distributor_id": "{#distributor}", "number": "V-9"}],
    "skus": ["{sku}"],
    "prices": [{"size": "256 GB", "term_months": 24, "unit_price": "9.00", "monthly_price": "3.50"}],
    "accounting_codes": _SHARES,
    "settings": {"requests_menu": True, "requires_employee_number": True, "allows_upgrade_override": True},
    "deadlines": {"placement": {"days": 2, "owner_id": None}},
    "email": "zoe@example.com",
    "notify": ["zoe@example.com"],
    "currency": "SEK",
    "phone_number": "+31612349999",
    "identifier": "{new_mac}",
    "url": "https://example.com/elsewhere",
    "event_types": ["order.approved"],
    "distributor": "Voxport",
    "serial": "F2LX99",
    "kind": "deskphone",
    "role": "support",
    "colors": ["black", "green"],
    "expected_days": 9,
    "on": "2026-03-01",
    "ordered_on": "2026-03-01",
}
# The same for one call, and what has to be stated with it.
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "create_order.account_id": {"account_id": "{#account}"},
    "create_order.accounting_codes": {"accounting_codes": ["4711"]},
    "change_order.accounting_codes": {"accounting_codes": ["4711"]},
    "create_order.lines": {"lines": [_LINE]},
    "put_lines.lines": {"lines": [_LINE]},
    "put_units.units": {"units": [{"unit_id": "{#unit}", "location_id": "{#location}"}]},
    "fulfill.units": {"units": [{"unit_id": "{#approved_unit}", "identifier": "{new_mac}"}]},
    "create_item.max_handsets": {"max_handsets": 7, "kind": "dect_base"},
    "create_item.sku": {"sku": "NEW-8"},
    "change_item.sku": {"sku": "NEW-8"},
    "register_device.sku": {"sku": "{sku}"},
    "create_person.platform_ids": {"role": "platform_admin", "platform_ids": ["{#platform}"]},
    "create_person.all_platforms": {"role": "support", "all_platforms": True},
    "create_person.role": _SUPPORTER,
    "change_person.role": _SUPPORTER,
    "change_person.name": _SUPPORTER,
    "change_person.email": _SUPPORTER,
    "decide_on_orders.reason": {"action": "reject", "reason": "Ordered twice."},
}


# Whose reason is not why this was done, but a part of the order.
_OWN_REASON = ("api.create_order", "api.change_order")


def _of(answer: Answer, name: str, key: str = "id") -> Any:
    return (answer.get(name) or {}).get(key)


def _plain(identifier: Any) -> str:
    return re.sub(r"[^0-9a-z]", "", str(identifier).lower())


# Where a field is shown by another name.
SHOWN: Mapping[str, Callable[[Answer], Any]] = {
    "platform_id": lambda answer: answer.get("platform_id") or _of(answer, "platform"),
    "platform_ids": lambda answer: [one["id"] for one in answer["platforms"]],
    "account_id": lambda answer: _of(answer, "account"),
    "employee_id": lambda answer: _of(answer, "employee"),
    "location_id": lambda answer: _of(answer, "location"),
    "manager_id": lambda answer: _of(answer, "manager"),
    "ship_to_location_id": lambda answer: _of(answer, "ship_to"),
    "active": lambda answer: answer["deactivated_at"] is None,
    "archived": lambda answer: answer.get("archived", answer.get("archived_at") is not None),
    "disabled": lambda answer: answer["disabled_at"] is not None,
    "enabled": lambda answer: answer["disabled_at"] is None,
    "prices": lambda answer: answer["options"],
    "on": lambda answer: _of(answer, "retired", "on"),
    "distributor": lambda answer: _of(answer, "placement", "distributor"),
    "distributor_reference": lambda answer: _of(answer, "placement", "distributor_reference"),
    "ordered_on": lambda answer: _of(answer, "placement", "ordered_on"),
    "orders": lambda answer: answer["results"],
    "devices": lambda answer: [one["device_id"] for one in answer["results"]],
    "unit_ids": lambda answer: [unit["id"] for unit in answer["units"] if unit["state"] == "closed"],
}


def fields_of(call: Call) -> Iterator[str]:
    assert call.body is not None
    yield from (name for name in call.body.model_fields if f"{call.name}.{name}" not in UNTRIED)


def value_of(model: type[RequestModel], name: str) -> Any:
    """A value the schema allows for a field, and nothing has yet."""
    if name in VALUES:
        return VALUES[name]
    schema = model.model_json_schema()["properties"][name]
    options = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    [option] = options
    if option["type"] == "boolean":
        return name not in ("enabled", "active")
    if option["type"] == "integer":
        return option.get("minimum", 0) + 3
    if option.get("format") == "date":
        return "2027-03-04"
    for text in (f"Zoë’s {name}"[: option.get("maxLength", 99)], "12.50", "zoe-1"):
        if re.search(option.get("pattern", ""), text):
            return text
    raise AssertionError(f"Say in VALUES what {name} can be.")


def differences(sent: Any, shown: Any, at: str) -> Iterator[str]:
    """Where what is shown is not what was sent; more may be shown."""
    if isinstance(sent, dict) and isinstance(shown, dict):
        for name, value in sent.items():
            found = shown.get(name, shown.get("id") if name == "unit_id" else None)
            if name not in shown and name in SHOWN:
                found = SHOWN[name](shown)
            yield from differences(value, found, f"{at}.{name}")
    elif isinstance(sent, list) and isinstance(shown, list):
        for number, value in enumerate(sent):
            candidates = [list(differences(value, one, f"{at}.{number}")) for one in shown]
            yield from min(candidates, key=len, default=[f"{at}.{number}: {value!r} is not shown"])
    elif sent != shown and not (at.endswith("identifier") and _plain(sent) == _plain(shown)):
        yield f"{at}: {sent!r} was sent, {shown!r} is shown"


def shown_of(stage: Stage, route: Route, field: str, request: str, answer: Answer) -> Any:
    """What the API shows of a field after the call; why something was done, in the audit trail."""
    if field == "reason" and route.endpoint not in _OWN_REASON:
        audit = POLICY["api.list_audit_events", "GET"]
        found = stage.send(audit, "ada", stage.address(audit, stage.things["northwind"]), headers={})
        return next(
            (one["reason"] for one in found.json["items"] if one["request_id"] == request and one["reason"]),
            None,
        )
    inner = next((answer[name] for name in ("device", "order") if name in answer), answer)
    for one in (answer, inner):
        if field in one:
            return one[field]
    if field in SHOWN:
        return SHOWN[field](inner)
    return None


def tried(stage: Stage, route: Route, field: str) -> list[str]:
    """Send a field with the rest of the route's body; what does not come back."""
    call, things = CALLS[route.endpoint.removeprefix("api.")], stage.things["northwind"]
    assert call.body is not None
    base = route.body if isinstance(route.body, Mapping) else {}
    stated = FIELDS.get(f"{call.name}.{field}") or {field: value_of(call.body, field)}
    body = fill({**base, **stated}, things)
    persona = "piet" if route.may & PLATFORM else "ada"
    with stage.undone():
        answer = stage.send(route, persona, stage.address(route, things), body, headers={})
        if answer.status_code != route.answer:
            return [f"{call.name}.{field}: {answer.status_code} {answer.text[:300]}"]
        shown = shown_of(stage, route, field, answer.headers["X-Request-Id"], answer.json)
    return list(differences(body[field], shown, f"{call.name}.{field}"))


@pytest.mark.slow
def test_every_field_that_is_sent_comes_back(stage: Stage) -> None:
    problems = []
    for route in ROUTES:
        for field in fields_of(CALLS[route.endpoint.removeprefix("api.")]):
            problems += tried(stage, route, field)
    assert problems == []


def test_what_is_not_tried_is_there() -> None:
    fields = {
        f"{call.name}.{name}"
        for call in CALLS.values()
        if call.body is not None
        for name in call.body.model_fields
    }
    assert set(UNTRIED) | set(FIELDS) <= fields
    assert {f"api.{call.name}" for call in CALLS.values() if call.body is not None} == {
        route.endpoint for route in ROUTES
    }


def test_what_does_not_come_back_is_found() -> None:
    assert list(differences({"lines": [{"sku": "A"}]}, {"lines": [{"sku": "B"}]}, "x"))
    assert list(differences("A", None, "x"))
    assert not list(differences({"unit_id": 5}, {"id": 5, "more": 1}, "x"))
