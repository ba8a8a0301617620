"""Serving SCIM: one request, one unit of work; the protocol is the library's, the rows are ours."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request
from pydantic import ValidationError
from scim2_models import Context, SCIMException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ModelT, ScimService, scim_exception_of

from hwadmin.scim import dialects, refusals
from hwadmin.scim.addresses import BASE_PATH
from hwadmin.scim.schema import PROVIDER
from hwadmin.scim.storage import EmployeeStorage
from hwadmin.uow import transact
from hwadmin.views import gate

_TIDIED = {
    Context.RESOURCE_CREATION_REQUEST: dialects.resource,
    Context.RESOURCE_REPLACEMENT_REQUEST: dialects.resource,
    Context.RESOURCE_PATCH_REQUEST: dialects.patch,
    Context.BULK_REQUEST: dialects.bulk,
}


class DirectoryService(ScimService):
    """The protocol, for requests as identity providers send them."""

    def read_body(
        self, model: type[ModelT], body: bytes, content_type: str | None, scim_ctx: Context
    ) -> ModelT:
        payload = self.decode_body(body, content_type)
        tidy = _TIDIED.get(scim_ctx)
        try:
            return model.model_validate(tidy(payload) if tidy else payload, scim_ctx=scim_ctx)
        except ValidationError as error:
            raise scim_exception_of(error) from error

    def bulk_failure(self, outcome: dict[str, Any], exception: Exception) -> dict[str, Any]:
        # A fault is not an operation's own failure: the database may have given up the whole transaction.
        if not isinstance(exception, SCIMException):
            raise exception
        return super().bulk_failure(outcome, exception)


_SERVICE = DirectoryService(PROVIDER)


def serve(account: str) -> Response:
    """Answer the present request to the directory of an account."""
    asked = ScimRequest(
        method="GET" if request.method == "HEAD" else request.method,
        base_url=f"{request.root_url.rstrip('/')}{BASE_PATH}/{account}",
        path=request.path.removeprefix(f"{BASE_PATH}/{account}"),
        query=request.args.to_dict(),
        headers=dict(request.headers),
        body=request.get_data(),
    )
    # The gate has let in a token of this very account.
    actor, account_id = gate.current_actor(), int(account)
    writes = asked.method != "GET" and not asked.path.endswith("/.search")

    def deed() -> ScimResponse:
        storage = EmployeeStorage(actor, account_id)
        if writes:
            # From before anything is read, so that what is changed is what was seen.
            storage.begin()
        response = ScimHandler(_SERVICE, storage).handle(asked)
        storage.close()
        return response

    try:
        answer = transact(deed) if writes else deed()
    except SCIMException as refusal:
        answer = _SERVICE.error_response(refusal)
    body = b"" if answer.body is None else json.dumps(answer.body).encode()
    return Response(body, status=answer.status, headers=answer.headers, content_type=refusals.MEDIA_TYPE)
