"""Showing the problems that an operation found in a form."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask_wtf import FlaskForm
from wtforms.form import BaseForm
from wtforms.widgets import HiddenInput

from hwadmin.errors import InvalidInput


def put_errors(
    form: FlaskForm, refusal: InvalidInput, names: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Show each problem at its field; what belongs to no field goes above the form.

    Args:
        form: where they are shown.
        refusal: the problems.
        names: the form's names of fields that the operation calls otherwise.
    """
    for error in refusal.errors:
        name = names.get(error.field, error.field)
        if name in form:
            form[name].errors = [*form[name].errors, error.message]
        else:
            form.form_errors.append(error.message)


def problems_of(form: Any) -> list[tuple[str | None, str, str]]:
    """The problems of a form in the order of its fields: the id of the field, its label, and the sentence.

    What belongs to no field that is shown has neither id nor label. What is no form has no problems.
    """
    if not isinstance(form, BaseForm):
        return []
    problems: list[tuple[str | None, str, str]] = [(None, "", message) for message in form.form_errors]
    for field in form:
        shown = not isinstance(field.widget, HiddenInput)
        for message in field.errors:
            problems.append((field.id, field.label.text, message) if shown else (None, "", message))
    return problems
