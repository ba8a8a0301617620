"""The signed link with which a manager answers a request for approval; see domain/people/signed_links.py."""

from __future__ import annotations

from hwadmin.domain.people import signed_links
from hwadmin.domain.people.signed_links import row_id_of as request_id_of
from hwadmin.models import ApprovalRequest

__all__ = ["is_signed", "link_token", "request_id_of", "signed_token"]

_PURPOSE = "manager approval"


def signed_token(secret_key: str, request_id: int, seed: str) -> str:
    """The token at the end of the link of a request."""
    return signed_links.signed_token(secret_key, _PURPOSE, request_id, seed)


def link_token(secret_key: str, request: ApprovalRequest) -> str:
    """The token at the end of the link of this request."""
    return signed_token(secret_key, request.id, request.seed)


def is_signed(secret_key: str, request: ApprovalRequest, token: str) -> bool:
    """Whether exactly this token was made for the request."""
    return signed_links.is_token_of(secret_key, _PURPOSE, request.id, request.seed, token)
