"""The OpenAPI document and the docs page say what the API does."""

from __future__ import annotations

import re

import html5lib
import jsonschema_rs
import pytest
from flask import Flask
from pydantic import BaseModel

from hwadmin.api import calls, openapi
from hwadmin.api.examples import EXAMPLES
from hwadmin.views import gate
from tests.api.callers import BASE, Callers
from tests.builders import Browser, World


@pytest.fixture
def public(app: Flask, world: World) -> Browser:
    return Browser(app, app.response_class, use_cookies=False)


def test_the_document_is_public_and_openapi_3_1(public: Browser) -> None:
    answer = public.get("/api/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json["openapi"] == "3.1.0"
    assert answer.json["servers"] == [{"url": BASE}]


def test_every_call_is_documented_and_nothing_else(app: Flask, public: Browser) -> None:
    paths = public.get("/api/openapi.json").json["paths"]
    documented = {
        (method.upper(), re.sub(r"{(\w+)}", r"<\1>", BASE + path))
        for path, one in paths.items()
        for method in one
    }
    served = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(BASE)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert documented == served


def test_every_call_declares_its_permission(app: Flask) -> None:
    for one in calls.CALLS:
        assert gate.policy(app)[f"api.{one.name}"] is one.permission


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    document = openapi.document(calls.CALLS)
    text = str(document)
    for reference in set(re.findall(r"'\$ref': '#/([^']+)'", text)):
        target = document
        for step in reference.split("/"):
            target = target[step]
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema | {"$schema": "https://json-schema.org/draft/2020-12/schema"})


@pytest.mark.parametrize("model", EXAMPLES, ids=lambda model: model.__name__)
def test_every_example_is_one(model: type[BaseModel]) -> None:
    import json

    model.model_validate_json(json.dumps(EXAMPLES[model]))
    document = openapi.document(calls.CALLS)
    schema = {"$ref": f"#/components/schemas/{model.__name__}", "components": document["components"]}
    jsonschema_rs.validator_for(schema).validate(EXAMPLES[model])


def test_every_body_is_closed() -> None:
    schemas = openapi.document(calls.CALLS)["components"]["schemas"]
    for one in calls.CALLS:
        if one.body is not None:
            assert schemas[one.body.__name__]["additionalProperties"] is False


def test_real_answers_fit_their_schemas(api: Callers, world: World) -> None:
    order = world.an_order("fulfilled")
    document = openapi.document(calls.CALLS)
    for name, path in (
        ("OrderPage", "/orders"),
        ("Order", f"/orders/{order.reference}"),
        ("EventPage", f"/orders/{order.reference}/events"),
        ("AccountPage", "/accounts"),
        ("CatalogPage", "/catalog"),
        ("DevicePage", "/devices"),
        ("Problem", "/orders/HW-999999"),
    ):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        jsonschema_rs.validator_for(schema).validate(api.piet.get(path).get_json(force=True))


def test_the_docs_page_tells_every_call_without_a_script_of_others(public: Browser) -> None:
    answer = public.get("/api/docs")
    assert answer.status_code == 200
    page = html5lib.HTMLParser(strict=True).parse(answer.text)
    assert page is not None
    for one in calls.CALLS:
        assert f'id="{one.name}"' in answer.text
    assert not re.search(r'(src|href)="(https?:)?//', answer.text)
    assert "style=" not in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_every_kind_of_problem_is_explained_where_its_type_leads(public: Browser) -> None:
    from hwadmin.api.problems import KINDS

    text = public.get("/api/docs").text
    for kind in KINDS.values():
        assert kind.type.startswith("/api/docs#")
        assert f'id="{kind.type.partition("#")[2]}"' in text
