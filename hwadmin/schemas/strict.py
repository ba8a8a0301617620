"""What all models of requests and responses share: they are strict, and the document names them plainly."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


def public_name(model: type[BaseModel]) -> str:
    """The name of a model in the OpenAPI document: ``Account`` for ``AccountResponse``."""
    return without_suffix(model.__name__)


def without_suffix(name: str) -> str:
    """A class's name without what tells it from the row or the operation's input of the same name."""
    return name.removesuffix("Response").removesuffix("Request")


STRICT = ConfigDict(
    strict=True, extra="forbid", frozen=True, model_title_generator=public_name, defer_build=True
)
