"""How lists are imported."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Json, WithJsonSchema

from hwadmin.schemas.request_models.base import ONE_LINE, Digits, Flag, OneLine, Query
from hwadmin.schemas.request_models.decisions import FulfillQuery

# A JSON object of texts, as a text of one line.
Choices = Annotated[
    Json[
        Annotated[
            dict[Annotated[str, Field(max_length=60)], Annotated[str, Field(max_length=60)]],
            Field(max_length=2_000),
        ]
    ],
    WithJsonSchema({"type": "string", "contentMediaType": "application/json", "pattern": ONE_LINE}),
]


class ListQuery(Query):
    """What a program says about a list that the list leaves open."""

    answers: Choices | None = Field(
        None,
        description="By the name of a question, the value of one of its options. May be a field of the form.",
        examples=['{"answer-2-order": "day_first"}'],
    )
    columns: Choices | None = Field(
        None,
        description="What columns mean, by number from 0 through all tables. May be a field of the form.",
        examples=['{"0": "mac", "3": "nothing"}'],
    )

    @property
    def column_meanings(self) -> dict[int, str]:
        """What the columns mean that are stated by a number."""
        return numbered(self.columns)

    @property
    def row_answers(self) -> dict[int, str]:
        """The answers to questions about rows, by the row's index."""
        return numbered(self.answers)


def numbered(choices: dict[str, str] | None) -> dict[int, str]:
    """The choices whose names are numbers."""
    return {
        int(name): value
        for name, value in (choices or {}).items()
        if name.isascii() and name.isdigit() and len(name) <= 9
    }


class FulfillListQuery(FulfillQuery, ListQuery):
    """How to fulfill by a list."""


class ImportQuery(ListQuery):
    """How to import a list."""

    dry_run: Flag = Field(False, description="Check only; nothing is written.")
    expected: OneLine | None = Field(
        None,
        max_length=64,
        description="The digest of a dry run; where the list would do something else by now, 409.",
    )


class EmployeeImportQuery(ImportQuery):
    """How to import a list of people."""

    missing_left: Flag = Field(
        False, description="People of earlier imports who are not in the list have left."
    )


class PlatformImportQuery(ImportQuery):
    """How to import a list of a platform."""

    platform: Digits | None = Field(
        None, description="Needed where the token is given several platforms, or all."
    )
