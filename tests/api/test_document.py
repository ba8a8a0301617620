"""The OpenAPI document and the docs page say what the API does."""

from __future__ import annotations

import functools
import re
import shlex

import jsonschema_rs
import pytest
from flask import Flask
from pydantic import BaseModel

from hwadmin.api import calls
from hwadmin.api.document import openapi
from hwadmin.api.document.examples import examples_of
from hwadmin.api.document.path_parameters import path_parameters
from hwadmin.api.document.request_examples import LIST_EXAMPLES
from hwadmin.domain.text_validation import Problems
from hwadmin.schemas.strict import public_name
from hwadmin.web import access
from tests.api.callers import BASE, Callers
from tests.builders import Browser, World
from tests.reading_pages import faults_of

the_document = functools.cache(lambda: openapi.document(calls.CALLS))

ALL_EXAMPLES = examples_of(calls.CALLS)


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
        (method, re.sub(r"<\w+:", "<", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(BASE)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert documented == served


def test_every_call_declares_its_permission(app: Flask) -> None:
    for one in calls.CALLS:
        assert access.policy(app)[f"api.{one.name}"] is one.permission


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    document = the_document()
    text = str(document)
    for reference in set(re.findall(r"'\$ref': '#/([^']+)'", text)):
        target = document
        for step in reference.split("/"):
            target = target[step]
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema | {"$schema": "https://json-schema.org/draft/2020-12/schema"})


@pytest.mark.parametrize("model", ALL_EXAMPLES, ids=lambda model: model.__name__)
def test_every_example_is_one(model: type[BaseModel]) -> None:
    import json

    model.model_validate_json(json.dumps(ALL_EXAMPLES[model]))
    document = the_document()
    schema = {"$ref": f"#/components/schemas/{public_name(model)}", "components": document["components"]}
    jsonschema_rs.validator_for(schema).validate(ALL_EXAMPLES[model])


def test_every_body_is_closed() -> None:
    schemas = the_document()["components"]["schemas"]
    for one in calls.CALLS:
        if one.body is not None:
            assert schemas[public_name(one.body)]["additionalProperties"] is False


def test_real_answers_fit_their_schemas(api: Callers, world: World) -> None:
    order = world.an_order("fulfilled")
    document = the_document()
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


def test_the_docs_tell_every_call_without_a_script_of_others(public: Browser) -> None:
    document = the_document()
    index = public.get("/api/docs")
    chapters = {tag["name"]: public.get(f"/api/docs/{tag['name'].lower()}") for tag in document["tags"]}
    for answer in (index, *chapters.values()):
        assert answer.status_code == 200
        assert faults_of(answer.text) == []
        assert not re.search(r'(src|href)="(https?:)?//', answer.text)
        assert "style=" not in answer.text
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert len(answer.data) < 180_000
    for one in calls.CALLS:
        assert f'id="{one.name}"' in index.text
        assert f'id="{one.name}"' in chapters[one.tag].text
    assert public.get("/api/docs/nowhere").status_code == 404


def test_every_call_of_the_docs_has_a_command_and_examples_and_its_refusals(public: Browser) -> None:
    from hwadmin.api.document.docs import chapters

    for chapter in chapters(the_document(), "https://hw.example"):
        for call in chapter.operations:
            assert "{" not in call.curl.partition(" -d ")[0]
            words = shlex.split(call.curl)
            assert words[0] == "curl"
            assert any(word.startswith("https://hw.example/api/v1/") for word in words)
            assert "Authorization: Bearer $TOKEN" in words
            assert call.body is None or call.body.example
            assert {refusal.status for refusal in call.refusals} >= {"401", "422", "429"}
        assert [one.name for one in chapter.objects if not one.shape.example] == []
        page = public.get(f"/api/docs/{chapter.slug}").text
        assert page.count('data-copied="the command"') == len(chapter.operations)
        assert page.count('id="object-') == len(chapter.objects)


def test_every_call_has_an_example_and_lists_its_errors() -> None:
    """Of each body but a file, and of each answer but the same as CSV or a file."""
    document = the_document()
    schemas, without = document["components"]["schemas"], []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            bodies = [
                operation.get("requestBody", {}),
                *(answers[status] for status in answers if status < "3"),
            ]
            for kind, content in [pair for body in bodies for pair in body.get("content", {}).items()]:
                schema = content.get("schema", {})
                schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
                if kind in {"application/json", "text/plain"} and not (
                    content.get("example") or schema.get("examples")
                ):
                    without.append(f"{method} {path} {kind}")
            if not {"400", "401", "422", "429", "default"} <= answers.keys():
                without.append(f"{method} {path} {sorted(answers)}")
    assert without == []


@pytest.mark.parametrize("name", LIST_EXAMPLES)
def test_the_example_of_a_list_is_read_by_its_call(api: Callers, world: World, name: str) -> None:
    [call] = [one for one in calls.CALLS if one.name == name]
    account = world.an_account()
    world.an_employee(account, name="Dana Reed")
    order = world.an_order("approved", [("deskphone", 1)], account=account)
    path = call.path.replace("<account_id>", str(account.id)).replace("<reference>", order.reference)
    caller = api.ada if name in {"import_catalog_list", "fulfill_by_list"} else api.piet
    of_platform = f"&platform={account.platform_id}" if call.path.startswith("/catalog") else ""
    answer = caller.post(f"{path}?dry_run=true{of_platform}", data=LIST_EXAMPLES[name])
    assert (answer.status_code, answer.json["written"]) == (200, False), answer.text
    if "counts" in answer.json:
        assert (answer.json["counts"]["added"], answer.json["counts"]["refused"]) == (1, 0), answer.text
    else:
        assert [unit["outcome"] for unit in answer.json["units"]] == ["created"], answer.text


def test_calls_are_looked_for_without_a_script_too(public: Browser) -> None:
    page = public.get("/api/docs?q=Close+SHORT").text
    assert 'id="close_units_short"' in page
    assert 'id="create_order"' not in page
    nothing = public.get("/api/docs?q=<b>nothing").text
    assert "No call has these words." in nothing
    assert "<b>nothing" not in nothing


def test_every_kind_of_problem_is_explained_where_its_type_leads(public: Browser) -> None:
    from hwadmin.api.problems import KINDS

    text = public.get("/api/docs").text
    for kind in KINDS.values():
        assert kind.type.startswith("/api/docs#")
        assert f'id="{kind.type.partition("#")[2]}"' in text


def test_the_pattern_of_a_key_is_what_the_product_takes() -> None:
    pattern = re.compile(path_parameters()["external_id"]["schema"]["pattern"])
    signs = [chr(code) for code in range(0x10000) if code < 0x3100 or code % 256 == 0 or code > 0xD700]
    for key in [key for sign in signs for key in (sign, f"a{sign}b")]:
        problems = Problems()
        problems.external_key("external_id", key, required="Give the key.")
        assert bool(pattern.search(key)) == (not problems.errors), repr(key)
