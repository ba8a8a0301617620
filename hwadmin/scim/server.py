"""Serving SCIM: one request, one unit of work; the protocol is the library's, the rows are ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, g, request
from pydantic import ValidationError
from scim2_models import (
    Context,
    InvalidSyntaxException,
    NotFoundException,
    PatchOp,
    Resource,
    SCIMException,
)
from scim2_server.bulk import BulkPlan
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation
from scim2_server.service import ModelT, ScimService, scim_exception_of

from hwadmin.db.unit_of_work import transact
from hwadmin.scim import dialects, errors, untrusted
from hwadmin.scim.recording_storage import RecordingStorage
from hwadmin.scim.schema import PROVIDER
from hwadmin.scim.storage import EmployeeStorage
from hwadmin.web import access
from hwadmin.web.http.json_bodies import received_json

_TIDIED = {
    Context.RESOURCE_CREATION_REQUEST: dialects.resource,
    Context.RESOURCE_REPLACEMENT_REQUEST: dialects.resource,
    Context.RESOURCE_PATCH_REQUEST: dialects.patch,
    Context.BULK_REQUEST: dialects.bulk,
}


class DirectoryService(ScimService):
    """The protocol, for requests as identity providers send them."""

    def read_ahead(self, scim_request: ScimRequest) -> None:
        """Read the body before a transaction is begun; what is wrong is raised in its turn."""
        target = self.match(scim_request)
        read = {
            Operation.create: self.read_creation,
            Operation.replace: self.read_replacement,
            Operation.patch: self.read_patch,
        }.get(target.operation)
        sent = scim_request.body, scim_request.header("Content-Type")
        with self.provider:
            try:
                if read is not None and target.endpoint is not None:
                    g.scim_read_ahead = read(self.resource_type_at(target.endpoint), *sent)
                elif target.operation is Operation.bulk:
                    g.scim_read_ahead = self.read_bulk(*sent)
            except SCIMException as refusal:
                g.scim_read_ahead = refusal

    def read_creation(self, *sent: Any) -> Resource[Any]:
        return _taken_from_ahead() or super().read_creation(*sent)

    def read_replacement(self, *sent: Any) -> Resource[Any]:
        return _taken_from_ahead() or super().read_replacement(*sent)

    def read_patch(self, *sent: Any) -> PatchOp[Any]:
        return _taken_from_ahead() or super().read_patch(*sent)

    def read_bulk(self, *sent: Any) -> BulkPlan:
        return _taken_from_ahead() or super().read_bulk(*sent)

    def decode_body(self, body: bytes, content_type: str | None) -> Any:
        try:
            return untrusted.checked_body(super().decode_body(body, content_type))
        except RecursionError:
            raise InvalidSyntaxException(detail="The JSON is nested too deeply.") from None

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


def _taken_from_ahead() -> Any:
    """What was read ahead, once: a repeated unit of work reads anew, for the library changes what it gets."""
    outcome = g.pop("scim_read_ahead", None)
    if isinstance(outcome, SCIMException):
        raise outcome
    return outcome


_SERVICE = DirectoryService(PROVIDER)


def serve(account: str, base_path: str) -> Response:
    """Respond to the present request to the directory of an account, whose addresses begin with this path."""
    # The token was checked to be one of this account.
    actor, account_id = access.current_actor(), int(account)
    return respond(_SERVICE, base_path, lambda: EmployeeStorage(actor, account_id))


def respond(
    service: DirectoryService, base_path: str, open_storage: Callable[[], RecordingStorage]
) -> Response:
    """Respond to the present request by a service and a storage of its own, in one unit of work."""
    scim_request = ScimRequest(
        method="GET" if request.method == "HEAD" else request.method,
        base_url=f"{request.root_url.rstrip('/')}{base_path}",
        path=request.path.removeprefix(f"{base_path}"),
        query=request.args.to_dict(),
        headers=dict(request.headers),
        body=received_json(untrusted.MOST_PARTS),
    )
    try:
        if not untrusted.can_be_stored(scim_request.path):
            raise NotFoundException(detail="There is nothing at this address.")
        scim_request = replace(scim_request, query=untrusted.checked_query(scim_request.query))
        service.read_ahead(scim_request)
    except SCIMException as refusal:
        return _answer(service.error_response(refusal))
    writes = scim_request.method != "GET" and not scim_request.path.endswith("/.search")

    def work() -> ScimResponse:
        storage = open_storage()
        if writes:
            # Before anything is read, so that nothing changes between reading and writing.
            storage.begin()
        response = ScimHandler(service, storage).handle(scim_request)
        storage.close()
        return response

    try:
        scim_response = transact(work) if writes else work()
    except SCIMException as refusal:
        scim_response = service.error_response(refusal)
    return _answer(scim_response)


def _answer(scim_response: ScimResponse) -> Response:
    body = b"" if scim_response.body is None else json.dumps(scim_response.body).encode()
    return Response(
        body, status=scim_response.status, headers=scim_response.headers, content_type=errors.MEDIA_TYPE
    )
