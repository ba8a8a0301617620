"""Fields that several forms share, and what they make of the text in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, Field, FileField, Form, HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.form import BaseForm

from hwadmin.domain.row_ids import is_valid_id


class Needed:
    """Marks a field that must be filled in: the browser asks for it, the operation says why in words."""

    field_flags = {"required": True}

    def __call__(self, form: BaseForm, field: Field) -> None:
        """Everything is checked in one place, so that all problems are told at once."""


def whole(text: str) -> int:
    """A number as typed; 0 where it is none, or far too large."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


def key_of(text: str) -> int | None:
    """A row's key as sent; None where it cannot be one."""
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        return None
    return int(text) if is_valid_id(int(text)) else None


def key(value: Any) -> int | None:
    """What was chosen in a list of rows; None for its empty line."""
    text = str(value) if value is not None else ""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise ValueError("Not a key.")
    return int(text)


def options(pairs: Iterable[tuple[Any, str]]) -> list[Any]:
    """Choices of a list: value and label of each."""
    return [SelectChoice(value, label) for value, label in pairs]


def chosen_row(label: str, description: str = "") -> SelectField:
    """A list of rows to choose one of, or none; the view fills in the choices."""
    return SelectField(  # type: ignore[call-arg]  # The stubs do not know the two messages yet.
        label,
        description=description,
        choices=[],
        coerce=key,
        invalid_value_message="Choose one from the list.",
        invalid_choice_message="This is no choice any more. Choose another one.",
    )


class ImportedListForm(Form):
    """An imported list: the text or the file, and the digest of what was previewed."""

    text = TextAreaField("Paste rows of a spreadsheet")
    file = FileField("or choose a file")
    # A choice that some lists offer.
    option = BooleanField()
    digest = HiddenField()
