"""The refusals. Nothing here knows HTTP; views and the API translate.

Three kinds of refusal are never mixed: you may not, not now, and bad input.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class DomainError(Exception):
    """A refusal with one plain sentence for the person who asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(DomainError):
    """The actor may not do this at all."""


class ProofNeeded(NotAllowed):
    """The actor may do this only after proving again who they are; a token, only if it was made for it."""


class NotFound(DomainError):
    """No such thing, as far as this actor can tell."""


class WrongState(DomainError):
    """The action does not fit the current state; the sentence names state, who and when."""


class ChangedMeanwhile(DomainError):
    """The actor decided on an older version than the stored one."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One problem, at the field it belongs to (a dotted path such as ``lines.0.quantity``)."""

    field: str
    message: str


class InvalidInput(DomainError):
    """Bad input: every problem found, each at its field."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__(" ".join(dict.fromkeys(error.message for error in self.errors)))

    def __reduce__(self) -> tuple[type[InvalidInput], tuple[tuple[FieldError, ...]]]:
        """How it travels between processes."""
        return type(self), (self.errors,)

    @classmethod
    def at(cls, field: str, message: str) -> InvalidInput:
        """One problem at one field."""
        return cls([FieldError(field, message)])
