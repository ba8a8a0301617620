"""What a client makes up: names, addresses, methods, fields nobody offers; and a start without a key."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import flask
import pytest
from flask import Flask
from pydantic import BaseModel, ValidationError

from hwadmin.api.calls import CALLS
from hwadmin.api.document.request_examples import REQUEST_EXAMPLES
from hwadmin.config import ConfigurationError, Settings
from hwadmin.factory import create_app

HOST = "hardware.example.com"
OURS = {"Host": HOST, "X-Forwarded-Host": HOST, "X-Forwarded-Proto": "https"}


Deployed = Callable[[int], Flask]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The product under a name, behind so many proxies."""

    @cache
    def behind(proxies: int) -> Flask:
        settings = Settings(
            database_url="sqlite://",
            secret_key="k" * 40,
            instance=tmp_path_factory.mktemp("instance"),
            base_url=f"https://{HOST}",
            https=True,
            proxies=proxies,
        )
        return create_app(settings)

    return behind


@pytest.mark.parametrize("proxies", [0, 1])
def test_only_our_names_are_answered(deployed: Deployed, proxies: int) -> None:
    client = deployed(proxies).test_client()
    forged = (
        "evil.example",
        f"{HOST}.evil.example",
        f"{HOST}@evil.example",
        f"{HOST}, evil.example",
        f"x.{HOST}",
    )
    for name in forged:
        # The name counts which the nearest server looks at: the proxy's word, where there is one.
        headers = OURS | {"X-Forwarded-Host" if proxies else "Host": name}
        answer = client.get("/livez", headers=headers)
        assert (answer.status_code, "does not answer to that name" in answer.text) == (400, True), name
        assert "evil" not in answer.text
    for name in (HOST, f"{HOST}:8443"):
        assert (
            client.get("/livez", headers=OURS | {"Host": name, "X-Forwarded-Host": name}).status_code == 200
        )


@pytest.mark.parametrize(
    ("proxies", "told", "taken"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "192.0.2.1, 198.51.100.1, 203.0.113.9", "198.51.100.1"),
    ],
)
def test_an_address_is_believed_of_our_own_proxies_only(
    deployed: Deployed, proxies: int, told: str, taken: str
) -> None:
    app, addresses = deployed(proxies), []

    def note(*_sender: object, **_more: object) -> None:
        addresses.append(flask.request.remote_addr)

    headers = {"X-Forwarded-For": told, "Host": HOST}
    for name in ("X-Forwarded-Host", "X-Forwarded-Proto"):
        headers[name] = ", ".join([OURS[name]] * max(proxies, 1))
    with flask.request_started.connected_to(note, app):
        assert app.test_client().get("/livez", headers=headers).status_code == 200
    assert addresses == [taken]


def test_no_request_is_sent_back_to_whoever_asks(deployed: Deployed) -> None:
    client = deployed(1).test_client()
    for path in ("/livez", "/sign-in", "/api/v1/orders"):
        answer = client.open(path, method="TRACE", headers={**OURS, "Cookie": "a=secret"})
        assert (answer.status_code, "secret" in answer.text) == (405, False)


@pytest.mark.parametrize("key", ["", "k" * 31])
def test_without_a_key_nothing_starts_in_production(tmp_path: Path, key: str) -> None:
    environ = {"HWADMIN_PRODUCTION": "1", "HWADMIN_INSTANCE": str(tmp_path)}
    with pytest.raises(ConfigurationError, match="Set HWADMIN_SECRET_KEY to 32 or more random characters"):
        Settings.from_env(environ | {"HWADMIN_SECRET_KEY": key})
    assert Settings.from_env(environ | {"HWADMIN_SECRET_KEY": "k" * 32}).production


# ---- Fields nobody offers

BODIES = {call.name: call.body for call in CALLS if call.body is not None}
# What a row has, and its owner may not say.
FOREIGN = ("owner_platform_id", "is_super_admin", "version_id", "__class__")


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects_in(part)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_field_nobody_offers_is_refused_wherever_it_stands(body: type[BaseModel]) -> None:
    example = REQUEST_EXAMPLES.get(body, {})
    for number, _ in enumerate(objects_in(example)):
        for name in FOREIGN:
            sent = copy.deepcopy(example)
            list(objects_in(sent))[number][name] = 1
            with pytest.raises(ValidationError) as refusal:
                body.model_validate(sent)
            assert {error["type"] for error in refusal.value.errors() if error["loc"][-1] == name} == {
                "extra_forbidden"
            }
