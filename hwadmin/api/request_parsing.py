"""Reading a request: its parameters, its body, and the headers that say how it is meant."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

import pydantic
from flask import g
from flask import request as http_request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from hwadmin.domain.permissions import Actor
from hwadmin.errors import FieldError, InvalidInput
from hwadmin.operations.people import idempotency
from hwadmin.operations.people.idempotency import RequestKey
from hwadmin.schemas.request_models import Query, RequestModel
from hwadmin.web.http.bearer_auth import bearer_token
from hwadmin.web.http.json_bodies import received_json

_MAX_KEY_LENGTH = 255
# Objects and lists of a body, so that reading one takes a second at most; the largest order has fewer.
MAX_PARTS = 150_000
# Beyond it nobody reads them, and naming each takes seconds.
_MAX_PROBLEMS = 5_000


@dataclass(frozen=True, slots=True)
class Conditions:
    """The If-Match header: the versions of a row that the caller accepts; None accepts any."""

    versions: tuple[int, ...] | None = None

    def expected(self, present: Callable[[], int | None]) -> int | None:
        """The version an operation has to compare with.

        Args:
            present: reads the present version; called only where the caller names several.
        """
        if self.versions is None:
            return None
        if len(self.versions) > 1 and (now := present()) in self.versions:
            return now
        return self.versions[0] if self.versions else 0  # Nothing ever has version 0.


def read_query(model: type[Query] | None, *, form: bool = False) -> Query | None:
    """The parameters of the address; with a form that brings a list, its other fields as well."""
    parameters = http_request.args.to_dict(flat=False)
    if form:
        for name, values in http_request.form.lists():
            parameters.setdefault(name, []).extend(values)
    repeated = [name for name, values in parameters.items() if len(values) > 1]
    if repeated:
        raise InvalidInput(FieldError(name, "Give this parameter once.") for name in repeated)
    try:
        return (model or Query).model_validate({name: values[0] for name, values in parameters.items()})
    except pydantic.ValidationError as error:
        raise _as_invalid_input(error) from None


def read_body(model: type[RequestModel] | None, required: bool) -> RequestModel | None:
    """The JSON body.

    Raises:
        HTTPException, InvalidInput: it cannot be read, or has problems.
    """
    if model is None:
        return None
    data = received_json(MAX_PARTS)
    if not data and not required:
        return model()
    if not data and not http_request.mimetype:
        data = b"{}"  # What is missing is named.
    elif http_request.mimetype != "application/json":
        raise UnsupportedMediaType("Send JSON with the header Content-Type: application/json.")
    try:
        return model.model_validate_json(data)
    except pydantic.ValidationError as error:
        if error.error_count() > _MAX_PROBLEMS:
            raise InvalidInput.at(
                "body", f"There are {error.error_count():,} problems; the OpenAPI document says what to send."
            ) from None
        malformed = next((details for details in error.errors() if details["type"] == "json_invalid"), None)
        if malformed is not None:
            raise BadRequest(f"This is not JSON: {malformed['ctx']['error']}.") from None
        raise _as_invalid_input(error) from None


def read_list() -> bytes:
    """The file or text that was sent: as the body itself, or as the field "file" of a form.

    Raises:
        InvalidInput: nothing was sent.
    """
    if http_request.mimetype == "multipart/form-data":
        file = http_request.files.get("file")
        data = file.stream.read() if file is not None else b""
    else:
        data = http_request.get_data()
    if not data.strip():
        raise InvalidInput.at("list", "Send a list: a CSV or XLSX file, or its text.")
    return data


# Our messages for some of pydantic's errors.
_MESSAGES = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field.",
    "string_pattern_mismatch": "Remove the invisible control character from this text.",
}


def _as_invalid_input(error: pydantic.ValidationError) -> InvalidInput:
    return InvalidInput(
        FieldError(
            ".".join(map(str, details["loc"])),
            _MESSAGES.get(details["type"]) or details["msg"].removeprefix("Value error, ") + ".",
        )
        for details in error.errors(include_url=False, include_input=False)
    )


def read_idempotency_key() -> RequestKey | None:
    """The Idempotency-Key header, if there is one, as the token's owner means it."""
    key = http_request.headers.get(idempotency.FIELD)
    if key is None:
        return None
    if not 1 <= len(key) <= _MAX_KEY_LENGTH or not all(" " <= character <= "~" for character in key):
        raise InvalidInput.at(idempotency.FIELD, f"Use 1 to {_MAX_KEY_LENGTH} printable ASCII characters.")
    return RequestKey(g.token_owner, key, bearer_token())


# An entity tag of RFC 9110; the number without quotes is accepted too.
_TAG = r'(?:(?:W/)?"[\x21\x23-\x7e]*"|[0-9]{1,9})'
_TAGS = re.compile(rf"{_TAG}(?:\s*,\s*{_TAG})*")
_VERSION = re.compile(r'"([0-9]{1,9})"|([0-9]{1,9})')


def read_conditions() -> Conditions:
    """The If-Match header. A weak tag matches nothing, as RFC 9110 demands."""
    header = http_request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return Conditions()
    tags = [tag.strip() for tag in header.split(",")]
    if not _TAGS.fullmatch(header.strip()):
        raise BadRequest('This is not an ETag. Send the one you got with what you saw: If-Match: "3".')
    numbers = (match for tag in tags if (match := _VERSION.fullmatch(tag)))
    return Conditions(tuple(int(match[1] or match[2]) for match in numbers))


def fingerprint(actor: Actor, query: Query | None, body: RequestModel | bytes | None) -> str:
    """Equal for equal requests, whatever the order of their parameters and JSON members."""
    if isinstance(body, bytes):
        stated = hashlib.sha256(body).hexdigest()
    else:
        stated = body.model_dump_json() if body else ""
    return idempotency.fingerprint(
        (
            http_request.method,
            http_request.path,
            query.model_dump_json() if query else "",
            stated,
            # With other rights by now, the actor must not get the earlier response.
            actor.role.value,
            "*" if actor.platform_ids is None else ",".join(map(str, sorted(actor.platform_ids))),
        )
    )
