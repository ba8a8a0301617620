"""Identity providers that push to an account, each with a token of its own."""

from __future__ import annotations

from typing import Any

from flask import Flask

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import Account
from hwadmin.operations.directory import tokens
from hwadmin.scim.schema import CORE, ENTERPRISE
from tests.builders import Answer, Browser

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def a_token(account: Account, name: str = "Okta") -> str:
    """The secret of a new token of the account."""
    return transact(lambda: tokens.create_directory_token(COMMAND_LINE, account.id, name=name))[1]


class Pusher:
    """Pushes to one account."""

    def __init__(self, app: Flask, account: Account, secret: str | None = None) -> None:
        self.client = Browser(app, app.response_class, use_cookies=False)
        self.base = f"/scim/v2/{account.id}"
        self.secret = secret or a_token(account)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/scim+json"}
        more = {} if body is None else {"json": body}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(self.base + path, method=method, headers={**sent, **named}, **more)

    def get(self, path: str, **headers: str) -> Answer:
        return self("GET", path, **headers)

    def create(self, user_name: str = "dana@example.com", **attributes: Any) -> dict[str, Any]:
        """A user that is taken in."""
        answer = self("POST", "/Users", user(user_name, **attributes))
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.get_json(force=True)
        return body

    def patch(self, key: str, *operations: dict[str, Any], status: int = 204, **headers: str) -> Answer:
        """A PATCH that is answered as it should be."""
        body = {"schemas": [PATCH], "Operations": list(operations)}
        answer = self("PATCH", f"/Users/{key}", body, **headers)
        assert answer.status_code == status, answer.text
        return answer

    def read(self, key: str) -> dict[str, Any]:
        """A user as they are now."""
        answer = self.get(f"/Users/{key}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json(force=True)
        return body


def user(user_name: str, **attributes: Any) -> dict[str, Any]:
    """A user as it is sent; ``company`` is the enterprise extension."""
    company = attributes.pop("company", None)
    body: dict[str, Any] = {"schemas": [CORE], "userName": user_name, **attributes}
    if company is not None:
        body["schemas"] = [CORE, ENTERPRISE]
        body[ENTERPRISE] = company
    return body


def refusal(answer: Answer, status: int) -> dict[str, Any]:
    """The error every refusal must be, in SCIM's own form."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.content_type == "application/scim+json"
    body: dict[str, Any] = answer.get_json(force=True)
    assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert body["status"] == str(status)
    assert body["detail"]
    return body
