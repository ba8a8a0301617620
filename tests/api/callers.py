"""Programs that call the API, each with a token of its own."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from flask import Flask

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import ApiToken, Person, Platform
from hwadmin.operations.people import tokens
from tests.builders import Answer, Browser, World

BASE = "/api/v1"
_services = itertools.count(1)


class Caller:
    """Calls the API with a token."""

    def __init__(self, app: Flask, secret: str | None) -> None:
        self.client = Browser(app, app.response_class, use_cookies=False)
        self.secret = secret

    def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> Answer:
        headers = dict(more.pop("headers", None) or {})
        if self.secret is not None:
            headers.setdefault("Authorization", f"Bearer {self.secret}")
        if json is not None:
            more["json"] = json
        return self.client.open(BASE + path, method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Answer:
        return self("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> Answer:
        return self("POST", path, json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> Answer:
        return self("PUT", path, json, **more)


class Callers:
    """One caller per persona: ``api.piet.get("/orders")``; ``api.service`` is a service of Northwind."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world

    def of(self, person: Person) -> Caller:
        return self._with(*tokens.create_token(COMMAND_LINE, person.id, name="Test", acts_without_proof=True))

    def of_service(self, platform: Platform) -> Caller:
        name = f"Service {next(_services)}"
        return self._with(
            *tokens.create_service_token(
                COMMAND_LINE, platform.id, name, name="Test", acts_without_proof=True
            )
        )

    def _with(self, token: ApiToken, secret: str) -> Caller:
        # The hour of use is noted once an hour, which would be a trace and a statement of whichever request
        # is the first of an hour; here it has been noted.
        token.last_used_at = utcnow() + timedelta(hours=2)
        db.session.commit()
        return Caller(self.app, secret)

    def __getattr__(self, name: str) -> Caller:
        if name == "anonymous":
            caller = Caller(self.app, None)
        elif name == "service":
            caller = self.of_service(self.world.northwind)
        else:
            caller = self.of(getattr(self.world, name))
        setattr(self, name, caller)
        return caller


def problem(response: Answer, status: int) -> dict[str, Any]:
    """The problem document an answer must be."""
    assert response.status_code == status, (response.status_code, response.text)
    assert response.content_type == "application/problem+json", response.content_type
    body: dict[str, Any] = response.get_json(force=True)
    assert {"type", "title", "status", "detail"} <= set(body)
    assert body["status"] == status
    assert body["type"].startswith("/api/docs#problem-")
    return body


def fields(response: Answer) -> list[str]:
    """The fields a refusal names."""
    return [error["field"] for error in problem(response, 422)["errors"]]
